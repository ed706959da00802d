"""All EDIFACT formats, for the registry.

Invariant: each message that is read has one format of its own, and `edifact` takes any of them.
"""

from __future__ import annotations

from typing import Final

from crossdock.formats import (
    edifact_any,
    edifact_aperak,
    edifact_contrl,
    edifact_desadv,
    edifact_iftsta,
    edifact_invoic,
    edifact_invrpt,
    edifact_ordchg,
    edifact_orders,
    edifact_ordrsp,
)
from crossdock.formats.declaration import Format

EDIFACT_FORMATS: Final[tuple[Format, ...]] = (
    edifact_any.FORMAT,
    edifact_aperak.FORMAT,
    edifact_contrl.FORMAT,
    edifact_desadv.FORMAT,
    edifact_iftsta.FORMAT,
    edifact_invoic.FORMAT,
    edifact_invrpt.FORMAT,
    edifact_ordchg.FORMAT,
    edifact_orders.FORMAT,
    edifact_ordrsp.FORMAT,
)
"""In order of their name."""
