"""X12 850 purchase orders, as files of interchanges and as single transaction sets.

Invariant: `split` turns each transaction set into one record and `read` turns such a record into one
order or one refusal; the order's key is its PO number with the release number, whatever its purpose.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from pydantic import ValidationError

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import Order, PartnerProfile, RevisionKind
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.order_arithmetic import finish_order
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.x12.document import Document, read_document
from crossdock.formats.x12.interchange import capture_value, interchange_key, revision_value, split_payload
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


def key(record: Record) -> str | None:
    """Identity of the file: sender, receiver, control numbers."""
    return interchange_key(record)


def split(record: Record, profile: PartnerProfile) -> Reading:
    """One part per transaction set, one exchange event per interchange. Raises Rejected."""
    return split_payload(record, profile)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of one transaction set. Raises Rejected with the place."""
    document = read_document(record.value)
    if document.set_type != "850":
        detail = (
            f"transaction set {document.set_type[:6]!r} is not read by x12_850; route it to its own format"
        )
        raise document.segments[0].refuse(RejectionCode.FORMAT_UNKNOWN, detail, 1)
    try:
        draft, is_original = OrderReader(document, profile, _names(record)).draft()
    except ValidationError as error:
        raise _misfit(error, document) from error
    order = finish_order(draft, profile, record, _mark(document, record))
    return _reading(order, document, is_original=is_original)


def _names(record: Record) -> tuple[str, str]:
    tenant, partner = split_key(record.key or b"")[:2]
    return tenant, partner


def _mark(document: Document, record: Record) -> RevisionMark:
    value = revision_value(document.header, document.gs, document.control_number)
    if value is None:
        detail = (
            "neither GS04/GS05 nor ISA09/ISA10 are a date and time; the capture time orders this document"
        )
        document.warn("envelope_undated", detail, document.segments[0].path())
        value = capture_value(record.time, document.header, document.control_number)
    return RevisionMark(RevisionKind.NONE, value)


def _misfit(error: ValidationError, document: Document) -> Rejected:
    first = error.errors(include_input=False, include_url=False)[0]
    path = f"{document.segments[0].place}/{error.title}.{'.'.join(str(step) for step in first['loc'])}"
    return Rejected(RejectionCode.FIELD_INVALID, first["msg"], path)


def _reading(order: Order, document: Document, *, is_original: bool) -> Reading:
    digest = hashlib.sha256(order.model_dump_json(exclude=_UNDIGESTED).encode()).digest()
    revision = order.revision.model_copy(update={"content_sha256": digest.hex()})
    entity = order.model_copy(update={"revision": revision})
    return Reading((entity,), revision, digest, is_original, (), tuple(dict.fromkeys(document.warnings)))
