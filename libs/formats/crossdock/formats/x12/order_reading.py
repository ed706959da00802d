"""The reading of an 850, or of an 860 that states the whole order: from a document to one order.

Invariant: the digest of an order leaves out its envelope, so the same order in a new one is a duplicate.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from crossdock.canonical.keys import split_key
from crossdock.canonical.models import Order, PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.order_arithmetic import finish_order
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Document
from crossdock.formats.x12.order import OrderReader

_UNDIGESTED: Final[dict[str, Any]] = {  # the shape of pydantic's `exclude`
    "source": True,
    "revision": True,
    "occurred": True,
    "variances": True,
    "lines": {"__all__": {"source"}},
}
"""What differs between two transmissions of one document: capture and envelope. Notes and extensions
count: a buyer who changes only a text or a store split has sent another document."""


def read_order(context: SetContext) -> Reading:
    """The order of one 850. Raises Rejected with the place."""
    return order_of(context.document, context.profile, context.record)


def order_of(document: Document, profile: PartnerProfile, record: Record) -> Reading:
    """The order of a document whose segments are those of an 850. Raises Rejected with the place."""
    tenant, partner = split_key(record.key or b"")[:2]
    reader = OrderReader(document, profile, (tenant, partner))
    draft, is_original = reader.draft()
    mark = SetContext(document, profile, record).mark()
    order = finish_order(draft, profile, record, mark)
    reader.check(order)
    return _reading(order, document, is_original=is_original)


def _reading(order: Order, document: Document, *, is_original: bool) -> Reading:
    content = order.model_dump_json(exclude=_UNDIGESTED, exclude_none=True)
    digest = hashlib.sha256(content.encode()).digest()
    revision = order.revision.model_copy(update={"content_sha256": digest.hex()})
    entity = order.model_copy(update={"revision": revision})
    return Reading((entity,), revision, digest, is_original, (), tuple(dict.fromkeys(document.warnings)))
