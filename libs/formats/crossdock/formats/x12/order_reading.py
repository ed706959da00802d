"""The reading of an 850, or of an 860 that states the whole order: from a document to one order.

Invariant: the digest of an order leaves out its envelope, so the same order in a new one is a duplicate.
"""

from __future__ import annotations

from crossdock.canonical.keys import split_key
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.edi.order_reading import reading_of_order
from crossdock.formats.order_arithmetic import finish_order
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Document
from crossdock.formats.x12.order import OrderReader


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
    return reading_of_order(order, document.warnings, is_original=is_original)
