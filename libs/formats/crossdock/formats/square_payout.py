"""Square payouts and their entries: the events payout.sent, .paid and .failed, Payout, PayoutEntry, lists.

Invariant: an entry is a settlement line of its payout, in the payout's sign: gross less fee is compared
with net, never assumed; a type without a known meaning is unknown.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    PartnerProfile,
    Payout,
    PayoutStatus,
    ReferenceKind,
    RevisionKind,
    SettlementLine,
    TransactionType,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.json_resource import enveloped, key_by, stated_day, via
from crossdock.formats.likeness import json_with, most
from crossdock.formats.profile_rules import revision_at
from crossdock.formats.settlement_lines import LineDraft, PayoutDraft, SettlementAccount, word_table
from crossdock.formats.square.shapes import SquareFields, event_object, money_currency

MAPPING_VERSION: Final = "square_payout/1"
_STATUS: Final = {
    "SENT": PayoutStatus.IN_TRANSIT,
    "PENDING": PayoutStatus.SCHEDULED,
    "PAID": PayoutStatus.PAID,
    "FAILED": PayoutStatus.FAILED,
}
"""Source: PayoutStatus of the Payouts API."""
_TYPES: Final = word_table(
    {
        TransactionType.SALE: "charge incented_payment third_party_payment cash_payment",
        TransactionType.REFUND: "refund app_fee_refund",
        TransactionType.CHARGEBACK: "dispute open_dispute",
        TransactionType.FEE: (
            "fee deposit_fee tax_on_fee third_party_fee gift_card_load_fee "
            "gift_card_pool_transfer_fee percentage_processing_fee paid_service_fee processing_fee "
            "local_offers_fee undo_processing_fee_refund undo_gift_card_load_fee_refund"
        ),
        TransactionType.FEE_REFUND: (
            "deposit_fee_reversed third_party_fee_refund gift_card_load_fee_refund "
            "subscription_fee_refund subscription_fee_paid_refund undo_subscription_fee_refund "
            "paid_service_fee_refund processing_fee_refund"
        ),
        TransactionType.RESERVE: "reserve_hold reserve_release hold_adjustment release_adjustment",
        TransactionType.ADJUSTMENT: "adjustment other_adjustment initial_balance_change",
        TransactionType.TRANSFER: (
            "automatic_savings automatic_savings_reversed money_transfer money_transfer_reversal "
            "square_capital_payment "
            "square_capital_reversed_payment square_payroll_transfer square_payroll_transfer_reversed "
            "automatic_bitcoin_conversions automatic_bitcoin_conversions_reversed "
            "balance_folders_transfer balance_folders_transfer_reversed gift_card_pool_transfer "
            "gift_card_pool_transfer_reversed local_offers_cashback return_of_invalid_deposit"
        ),
        TransactionType.SUBSCRIPTION: "subscription_fee",
        TransactionType.PAYOUT: "payout returned_payout",
        TransactionType.OTHER: (
            "other app_fee_revenue free_processing credit_card_repayment credit_card_repayment_reversed "
            "escheatment redemption_code percentage_processing_enrollment percentage_processing_deactivation "
            "percentage_processing_repayment percentage_processing_repayment_reversed unknown_type"
        ),
    }
)
"""Source: ActivityType of the Payouts API; settlement.vocabulary of the profile wins."""
_LISTS: Final = enveloped("payouts", "payout_entries", "payout", "payout_entry")
"""Names under which answers hold payouts and entries; a payout may stand beside its entries."""
_REFERENCES: Final = ("refund_id", "payment_id")
_KEPT: Final = ("dispute_id", "payment_id", "location_id")


def _key(document: Document) -> str:
    node, path = _unwrapped(document)
    kind = "payout_entry" if _is_entry(node) else "payout"
    return f"{kind}:{identity(node, 'id', path)}"


key = key_by(_key)
"""`payout:<id>` or `payout_entry:<id>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The payouts or entries of a list, each alone."""
    return split_json(
        record,
        key,
        kind="payout",
        wrappers=_LISTS,
        own_arrays=("amount_money",),
    )


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The payout, or the settlement line of an entry. Raises Rejected."""
    return read_document(record.value, lambda document: _reading(document, record, profile))


def _unwrapped(document: Document) -> tuple[Node, str]:
    node, path = event_object(document, "payout")
    entry = child(node, "payout_entry")
    return (entry, f"{path}.payout_entry") if entry else (node, path)


def _is_entry(node: Node) -> bool:
    return "payout_id" in node or "net_amount_money" in node


def _reading(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    node, path = _unwrapped(document)
    account = SettlementAccount(record, profile, "square", MAPPING_VERSION)
    account.via = via(record)
    fields = SquareFields(document, profile)
    if _is_entry(node):
        line = _entry(fields, (node, path), account)
        warnings = (*account.warnings, *document.warnings)
        return reading_of_entities(account.lines((line,)), record, warnings=warnings)
    updated = fields.time(node, "updated_at", path)
    account.mark = revision_at(updated, profile, RevisionKind.INSTANT_FINE)
    payout = account.payout(_payout(fields, (node, path), account))
    warnings = (*account.warnings, *document.warnings)
    return reading_of_entities((payout,), record, account.mark, warnings=warnings)


def _use_currency(
    fields: SquareFields, placed: tuple[Node, str], name: str, account: SettlementAccount
) -> str:
    node, path = placed
    currency = account.currency(money_currency(child(node, name)) or "", f"{path}.{name}.currency")
    fields.use_currency(currency)
    return currency


def _payout(fields: SquareFields, placed: tuple[Node, str], account: SettlementAccount) -> PayoutDraft:
    node, path = placed
    payout_id = identity(node, "id", path)
    currency = _use_currency(fields, placed, "amount_money", account)
    amount = fields.money(node, "amount_money", path)
    if amount is None:
        detail = "the payout states no amount_money"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.amount_money")
    fees = [
        fields.money(fee, "amount_money", f"{path}.payout_fee[{index}]") or Decimal(0)
        for index, fee in enumerate(children(node, "payout_fee"))
    ]
    raw = text(node, "status") or ""
    if raw not in _STATUS:
        fields.document.warn("status_unknown", "the status is not Square's", f"{path}.status")
    arrival = text(node, "arrival_date")
    day = stated_day(fields.document, arrival, f"{path}.arrival_date", fields.zone)
    destination = child(node, "destination")
    return PayoutDraft(
        payout_id=payout_id,
        settlement_id=payout_id,
        amount=amount,
        currency=currency,
        status=_STATUS.get(raw, PayoutStatus.UNKNOWN),
        status_raw=raw,
        fee=sum(fees, Decimal(0)) if fees else None,
        created=fields.time(node, "created_at", path),
        arrival_date=day,
        bank_reference=text(node, "end_to_end_id") or "",
        extensions={
            "arrival_date": "" if day is not None else arrival or "",
            "destination.type": text(destination, "type") or "",
            "location_id": text(node, "location_id") or "",
            "type": text(node, "type") or "",
        },
    )


def _entry(fields: SquareFields, placed: tuple[Node, str], account: SettlementAccount) -> LineDraft:
    node, path = placed
    entry_id, payout_id = identity(node, "id", path), text(node, "payout_id") or ""
    stated = "net_amount_money" if "net_amount_money" in node else "gross_amount_money"
    currency = _use_currency(fields, placed, stated, account)
    gross, fee, net = (fields.money(node, f"{name}_amount_money", path) for name in ("gross", "fee", "net"))
    computed = None if gross is None else gross - (fee or Decimal(0))
    if net is None and computed is None:
        detail = "the entry states neither net_amount_money nor gross_amount_money"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.net_amount_money")
    raw = text(node, "type") or ""
    details = child(node, f"type_{raw.lower()}_details")
    reference = next((found for name in _REFERENCES if (found := text(details, name))), "")
    found = account.type_of(raw, _TYPES, f"{path}.type")
    if found is TransactionType.CHARGEBACK and (gross or net or 0) > 0:
        found = TransactionType.CHARGEBACK_REVERSAL
    return LineDraft(
        path=path,
        natural_id=entry_id,
        digest=hashlib.sha256(account.record.value or b"").hexdigest(),
        settlement_id=payout_id,
        transaction_type=found,
        type_raw=raw,
        currency=currency,
        net=net if net is not None else computed or Decimal(0),
        gross=gross,
        fee=fee,
        order_reference=reference,
        reference_kind=ReferenceKind.PSP_REFERENCE,
        posted=fields.time(node, "effective_at", path),
        payout_id=payout_id,
        is_provisional=not payout_id,
        variances=account.differs(VarianceCode.NET_AMOUNT, "net", (net, computed), currency),
        extensions={name: text(details, name) or "" for name in _KEPT},
    )


FORMAT: Final = Format(
    name="square_payout",
    title="Square payout and payout entries (Payouts API)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    entities=(Payout, SettlementLine),
    field_table=(
        Field("payout.id", "payout_id, settlement_id"),
        Field("payout.amount_money", "amount", "minor units; + arrives at our bank"),
        Field("payout.payout_fee", "fee", "sum of the fees of the payout itself"),
        Field("payout.status", "status", "SENT is in transit"),
        Field("payout.created_at, arrival_date", "created, arrival_date", "a day needs the profile's zone"),
        Field("payout.updated_at", "revision", "instant_fine"),
        Field("payout.end_to_end_id", "bank_reference"),
        Field("entry.id", "line_id"),
        Field("entry.payout_id", "settlement_id, payout_id"),
        Field("entry.type", "transaction_type", "settlement.vocabulary of the profile, then the table"),
        Field("entry.gross_amount_money, fee_amount_money, net_amount_money", "gross, fee, net"),
        Field("entry.type_…_details.refund_id, payment_id", "order_reference", "kind psp_reference"),
        Field("entry.effective_at", "posted, occurred"),
    ),
    quirks=(
        "gross − fee may not be net: kept as said, the difference is a variance.",
        "A fee is positive where it costs, negative where it is given back with a refund.",
        "A dispute that brings money back is its reversal.",
        "The references stand in an object that is named after the entry's type.",
        "An arrival date is a day without a zone.",
        "A payout may stand beside the list of its entries: both are read.",
        "Documents write a money's currency as `currency` or `currency_code`.",
    ),
    key_rule="the account (settlement.account of the profile), the payout's id, and the entry's",
    revision_rule="`updated_at` of a payout: later wins; none for an entry",
    intake="payment",
    needs=(),
    looks_like=most(
        json_with("payout_id", "net_amount_money", score=92),
        json_with("amount_money", "arrival_date", "destination", score=88),
        json_with("event_id", "merchant_id", "payout", score=80, without=("line_items", "refund")),
    ),
)
