"""A small valid channel profile, and changes to it."""

from __future__ import annotations

from typing import Any, Final

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.profiles import profile_of

SMALL: Final[dict[str, Any]] = {
    "tenant": "acme",
    "partner": "shop",
    "kind": "channel",
    "format": "shopify_order",
    "channel": {"commitment": "sold"},
    "money": {"amounts": "major_text", "tax_mode": "inclusive"},
}


def profile(**sections: Any) -> PartnerProfile:  # any section of a profile document
    """The small profile with sections replaced or added; None removes one."""
    document = SMALL | sections
    return profile_of({name: value for name, value in document.items() if value is not None})
