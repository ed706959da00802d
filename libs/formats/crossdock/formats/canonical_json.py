"""Our own Order JSON, for partners who map themselves.

Invariant: a document is checked completely and every problem is listed with its path; what Crossdock
works out itself (key, net amounts, sums, variances) is never taken over, only compared.
"""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import PartnerProfile, RevisionKind
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.canonical_json_draft import DraftOfDocument
from crossdock.formats.canonical_json_input import OrderDocument, problems_of
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import identity
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.order_limits import LINES_MAX, too_many_lines
from crossdock.formats.profile_rules import sortable_instant
from crossdock.formats.refusals import refuse_all
from crossdock.formats.times import business_time

_COUNTER_DIGITS: Final = 20


key = key_by(lambda document: f"order:{identity(document.root, 'order_id', '$')}")
"""`order:<order_id>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a file that holds several: an array, `{"orders": […]}`, JSON lines."""
    return split_json(record, key)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of one document. Raises Rejected, with every problem of the document."""
    return reading_of_document(exact_document(record.value or b""), record, profile)


def reading_of_document(
    document: Document, record: Record, profile: PartnerProfile, *, origin: tuple[str, str] | None = None
) -> Reading:
    """The order of a parsed or mapped document. Raises Rejected, with every problem of the document.

    Args:
        origin: system and mapping version of a document that was not sent as order JSON.
    """
    content = _checked(document)
    tenant, channel = split_key(record.key or b"")[:2]
    _refuse_other_owner(content, tenant, channel)
    draft = DraftOfDocument(content, profile, document).draft()
    if origin is not None:
        draft.system, draft.mapping_version = origin
    order = finish_order(draft, profile, record, _mark(content, profile))
    return reading_of(order, warnings=tuple(document.warnings))


def _checked(document: Document) -> OrderDocument:
    lines = document.root.get("lines")
    if isinstance(lines, list) and len(lines) > LINES_MAX:
        raise too_many_lines(len(lines), "$.lines")
    try:
        content = OrderDocument.model_validate(document.root)
    except ValidationError as error:
        raise refuse_all(RejectionCode.FIELD_INVALID, problems_of(error)) from None
    identity(document.root, "order_id", "$")  # no damaged or control characters
    return content


def _refuse_other_owner(content: OrderDocument, tenant: str, channel: str) -> None:
    own = {"$.tenant": (content.tenant, tenant)}
    own["$.key"] = (content.key, join_key(tenant, channel, content.order_id))
    problems = [
        (path, f"the record belongs to {expected!r}; leave the field out or send that")
        for path, (stated, expected) in own.items()
        if stated is not None and stated != expected
    ]
    if problems:
        raise refuse_all(RejectionCode.PARTNER_UNKNOWN, problems)


def _mark(content: OrderDocument, profile: PartnerProfile) -> RevisionMark:
    """Counters are zero-padded and instants written in UTC, so that the text sorts as the value."""
    stated = content.revision
    if stated is None:
        return RevisionMark(RevisionKind.NONE, "")
    declared = profile.channel.revision if profile.channel else None
    kind = stated.kind or declared or RevisionKind.COUNTER
    if kind in (RevisionKind.INSTANT_FINE, RevisionKind.INSTANT_COARSE):
        moment = business_time(stated.value, "$.revision.value", zone=profile.business_zone).instant
        return RevisionMark(kind, sortable_instant(moment))
    if kind is not RevisionKind.COUNTER:
        return RevisionMark(kind, "" if kind is RevisionKind.NONE else stated.value)
    if not (stated.value.isascii() and stated.value.isdigit() and len(stated.value) <= _COUNTER_DIGITS):
        detail = f"a counter is a whole number of up to {_COUNTER_DIGITS} digits"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, "$.revision.value")
    return RevisionMark(kind, stated.value.zfill(_COUNTER_DIGITS))


FORMAT: Final = Format(
    name="canonical_json",
    title="Crossdock order JSON",
    content_types=("application/json", "application/vnd.crossdock.order+json"),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("order_id", "order_id", "required; with tenant and channel of the endpoint it is the key"),
        Field("revision", "revision", "kind and value; a counter unless the profile or document says other"),
        Field("placed", "placed", "required; instant as ISO 8601 text, or the whole BusinessTime"),
        Field("currency", "currency", "required unless the profile declares it; both must agree"),
        Field("lines[].extended", "lines[].extended", "or unit_price, from which it is computed"),
        Field("lines[].ordered", "lines[].ordered", "required with its unit"),
        Field("lines[].net, computed, variances", "–", "worked out by Crossdock; compared, never taken over"),
        Field("stated", "stated", "as said; a difference to our own sums is a variance"),
        Field(
            "line_count, quantity_total",
            "line_count, quantity_total",
            "compared; variances where they differ",
        ),
    ),
    quirks=(
        "Amounts are decimals as text; JSON numbers are read exactly, never as floats.",
        "A Money {amount, currency} stands wherever both currencies are one.",
        "Unknown fields are refused: a misspelt optional field would be lost silently.",
        "All problems of a document are listed at once.",
    ),
    key_rule="`order_id`",
    revision_rule="`revision` as stated; none: the document's own purpose",
    looks_like=json_with("order_id", "lines", score=30, without=("line_items",)),
)
