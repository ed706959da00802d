"""The reading of an order that came by EDI.

Invariant: the digest of an order leaves out its envelope, so the same order in a new one is a duplicate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from crossdock.canonical.models import Order
from crossdock.canonical.reading import Reading, Warning

_UNDIGESTED: Final[dict[str, Any]] = {  # the shape of pydantic's `exclude`
    "source": True,
    "revision": True,
    "occurred": True,
    "variances": True,
    "lines": {"__all__": {"source"}},
}
"""What differs between two transmissions of one document: capture and envelope. Notes and extensions
count: a buyer who changes only a text or a split has sent another document."""


def reading_of_order(order: Order, warnings: Iterable[Warning], *, is_original: bool) -> Reading:
    """The reading of one order; each warning once."""
    content = order.model_dump_json(exclude=_UNDIGESTED, exclude_none=True)
    digest = hashlib.sha256(content.encode()).digest()
    revision = order.revision.model_copy(update={"content_sha256": digest.hex()})
    entity = order.model_copy(update={"revision": revision})
    return Reading((entity,), revision, digest, is_original, (), tuple(dict.fromkeys(warnings)))
