"""Square refunds: the events refund.created and refund.updated, PaymentRefund and lists of it.

Invariant: a refund states one amount and no lines, so it stands as one adjustment without a kind; money
that is only asked for, or was refused, is no successful transaction.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    AdjustmentKind,
    Change,
    Extension,
    PartnerProfile,
    Refund,
    RefundStatus,
    RefundTransaction,
    RevisionKind,
    TaxMode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.json_resource import extensions, key_by, texts, via
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_draft import AdjustmentDraft, both
from crossdock.formats.order_models import dual_money
from crossdock.formats.profile_rules import order_currency, revision_at
from crossdock.formats.refund_draft import RefundDraft, finish_refund
from crossdock.formats.square.shapes import SquareFields, event_object, money_currency

MAPPING_VERSION: Final = "square_refund/1"
_STATUS: Final = {
    "PENDING": RefundStatus.REQUESTED,
    "APPROVED": RefundStatus.APPROVED,
    "COMPLETED": RefundStatus.ISSUED,
    "REJECTED": RefundStatus.FAILED,
    "FAILED": RefundStatus.FAILED,
}
"""Source: `status` of PaymentRefund, and of the refunds of older orders."""
_KEPT: Final = ("payment_id", "location_id", "destination_type", "version", "unlinked")


def _key(document: Document) -> str:
    node, path = event_object(document, "refund")
    return f"refund:{identity(node, 'id', path)}"


key = key_by(_key)
"""`refund:<id>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The refunds of a list."""
    return split_json(record, key, kind="refund", wrappers=("refunds",), own_arrays=("amount_money",))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The refund of an event or an object. Raises Rejected."""
    return read_document(record.value, lambda document: _reading(document, record, profile))


def _reading(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    node, path = event_object(document, "refund")
    fields = SquareFields(document, profile)
    refund_id = identity(node, "id", path)
    stated = money_currency(child(node, "amount_money"))
    fields.use_currency(order_currency(stated, profile, f"{path}.amount_money.currency"))
    head = _head(fields, (node, path), record, profile)
    draft = _draft(fields, (node, path), head, refund_id)
    refund = finish_refund(draft, document, profile, record)
    return reading_of_entities((refund,), record, head.mark, warnings=document.warnings)


def _head(fields: SquareFields, placed: tuple[Node, str], record: Record, profile: PartnerProfile) -> Head:
    node, path = placed
    created = fields.time(node, "created_at", path)
    updated = fields.time(node, "updated_at", path) or created
    if updated is None:
        detail = "neither updated_at nor created_at is stated"
        raise Rejected(RejectionCode.TIME_INVALID, detail, f"{path}.created_at")
    refund_id = identity(node, "id", path)
    order_id = text(node, "order_id") or "-"
    if order_id == "-":
        fields.document.warn("order_missing", "the refund names no order", f"{path}.order_id")
    return Head(
        segments=(split_key(record.key or b"")[1], order_id, refund_id),
        system="square",
        object_type="refund",
        object_id=refund_id,
        occurred=updated,
        mapping_version=MAPPING_VERSION,
        change=Change.CREATED if created == updated else Change.UPDATED,
        mark=revision_at(updated, profile, RevisionKind.INSTANT_FINE),
        via=via(record),
        extensions=_extensions(fields, node, path),
    )


def _draft(fields: SquareFields, placed: tuple[Node, str], head: Head, refund_id: str) -> RefundDraft:
    node, path = placed
    amount = fields.money(node, "amount_money", path)
    if amount is None:
        detail = "the refund states no amount_money"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.amount_money")
    raw = text(node, "status") or ""
    status = _STATUS.get(raw)
    if status is None:
        detail = "the status is not Square's; it is kept as said"
        fields.document.warn("status_unknown", detail, f"{path}.status")
    money = dual_money(both(amount), fields.currency, fields.currency)
    transaction = RefundTransaction(
        transaction_id=refund_id,
        psp_reference=refund_id,
        method_raw=text(node, "destination_type") or "",
        status_raw=raw,
        is_successful=status is RefundStatus.ISSUED,
        amount=money,
        at=head.occurred,
    )
    reason = text(node, "reason")
    return RefundDraft(
        head=head,
        refund_id=refund_id,
        order_id=head.segments[1],
        status=status or RefundStatus.UNKNOWN,
        status_raw=raw,
        currency=fields.currency,
        tax_mode=TaxMode.NONE,
        adjustments=[AdjustmentDraft(AdjustmentKind.UNKNOWN, True, both(amount), reason or "")],
        transactions=(transaction,),
        stated_total=money,
        reason_raw=reason,
    )


def _extensions(fields: SquareFields, node: Node, path: str) -> tuple[Extension, ...]:
    """Unmapped fields worth keeping; fees that Square gives back with a refund are negative."""
    found = [*texts(node, _KEPT)]
    for index, fee in enumerate(children(node, "processing_fee")):
        place = f"processing_fee[{index}].amount_money"
        amount = fields.money(fee, "amount_money", f"{path}.processing_fee[{index}]")
        found.append((place, None if amount is None else f"{amount} {fields.currency}"))
    return extensions(*found)


FORMAT: Final = Format(
    name="square_refund",
    title="Square refund (Refunds API)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    entities=(Refund,),
    field_table=(
        Field("id", "refund_id, transactions[].transaction_id, psp_reference"),
        Field("order_id", "order_id", "`-` where none is named"),
        Field("updated_at", "occurred, revision", "milliseconds: instant_fine"),
        Field("created_at", "change"),
        Field("status", "status, transactions[].is_successful", "COMPLETED is issued"),
        Field("amount_money", "stated.total, adjustments, transactions[].amount", "minor units"),
        Field("reason", "reason_raw"),
        Field("destination_type", "transactions[].method_raw"),
        Field("payment_id, location_id, version, processing_fee", "extensions"),
    ),
    quirks=(
        "A refund names no lines and no goods: the whole amount is one adjustment without a kind.",
        "Fees that are given back are negative.",
        "The order named may be the return's own order, not the sale's.",
        "An event states a version, the API does not: both are ordered by updated_at.",
    ),
    key_rule="`order_id` and the refund's `id`",
    revision_rule="`updated_at` (milliseconds): later wins",
    needs=(),
    looks_like=most(
        json_with("amount_money", "payment_id", "refund", score=85, without=("line_items", "payout_id")),
        json_with("amount_money", "payment_id", "order_id", score=70, without=("line_items", "payout_id")),
    ),
)
