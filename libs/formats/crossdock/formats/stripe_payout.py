"""Stripe payouts: the API's object, its events and list pages.

Invariant: a payout is its own settlement in Stripe; its status is what the object says, not what the
event is called.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile, Payout, RevisionKind, VarianceCode, Via
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, identity, text
from crossdock.formats.json_resource import enveloped, via
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.profile_rules import sortable_instant
from crossdock.formats.settlement_lines import PayoutDraft, SettlementAccount
from crossdock.formats.stripe.words import (
    envelope_of,
    epoch_time,
    first_is,
    key_of,
    minor_amount,
    objects_of,
    payout_status,
    reference_of,
)
from crossdock.formats.times import business_day

MAPPING_VERSION: Final = "stripe_payout/1"
_NAME: Final = "payout"
_KEPT: Final = (
    *("automatic", "method", "type", "source_type", "statement_descriptor", "reconciliation_status"),
    *("failure_message",),
)
_REFERENCES: Final = ("balance_transaction", "failure_balance_transaction", "original_payout", "reversed_by")


key = key_of(_NAME)
"""`payout:<id>` of one object or event, None for a page."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The payouts of a list page, an array or JSON lines."""
    return split_json(record, key, kind=_NAME, wrappers=enveloped("data", "payouts"), own_arrays=())


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The payouts of an object, event or page. Raises Rejected."""
    return read_document(record.value, lambda document: _reading(document, record, profile))


def _reading(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    account = SettlementAccount(record, profile, "stripe", MAPPING_VERSION)
    root, place = envelope_of(document)
    is_event = text(root, "object") == "event" or (isinstance(root.get("data"), dict) and "type" in root)
    account.via = Via.WEBHOOK if is_event else via(record)
    told = epoch_time(account, root, "created", place) if is_event else None
    if told is not None:
        account.mark = RevisionMark(RevisionKind.INSTANT_COARSE, sortable_instant(told.instant))
    payouts = [account.payout(_payout(account, node, path)) for node, path in objects_of(document, _NAME)]
    if not payouts:
        account.warn_once("report_empty", "the page has no payout", "$")
    warnings = [*document.warnings, *account.warnings]
    return reading_of_entities(payouts, record, account.mark, warnings=warnings)


def _payout(account: SettlementAccount, node: Node, path: str) -> PayoutDraft:
    payout_id = identity(node, "id", path)
    currency = account.currency(text(node, "currency") or "", f"{path}.currency")
    amount = minor_amount(account, node, "amount", currency, path)
    if amount is None:
        detail = "the payout states no amount; absent is not zero"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.amount")
    figures = (amount, _booked(account, node, currency, path))
    raw = text(node, "status") or ""
    arrival = epoch_time(account, node, "arrival_date", path)
    return PayoutDraft(
        payout_id=payout_id,
        settlement_id=payout_id,
        amount=amount,
        currency=currency,
        status=payout_status(account, raw, f"{path}.status"),
        status_raw=raw,
        fee=minor_amount(account, node, "application_fee_amount", currency, path),
        created=epoch_time(account, node, "created", path),
        arrival_date=arrival and business_day(arrival.instant.date(), arrival.zone or "UTC"),
        bank_reference=text(child(node, "trace_id"), "value") or "",
        variances=account.differs(VarianceCode.DEPOSIT_TOTAL, "amount", figures, currency),
        failure_raw=text(node, "failure_code") or text(node, "failure_message") or "",
        extensions={name: text(node, name) or "" for name in _KEPT}
        | {name: reference_of(node, name) for name in _REFERENCES},
    )


def _booked(account: SettlementAccount, node: Node, currency: str, path: str) -> Decimal | None:
    """What the payout's transaction takes from the balance; None where it is not there in full, or in another
    currency."""
    booking = child(node, "balance_transaction")
    if (text(booking, "currency") or "").upper() != currency:
        return None
    amount = minor_amount(account, booking, "amount", currency, f"{path}.balance_transaction")
    return None if amount is None else -amount


FORMAT: Final = Format(
    name="stripe_payout",
    title="Stripe payout",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    entities=(Payout,),
    key_rule="the payout's `id`, which is its settlement's too",
    revision_rule="an event's `created` (one second): later wins; an object alone has none",
    intake="payment",
    needs=(),
    field_table=(
        Field("id", "payout_id, settlement_id"),
        Field("amount, currency", "amount", "minor units of Stripe; negative where our bank is debited"),
        Field("status", "status, status_raw", "pending is scheduled, canceled cancelled"),
        Field("balance_transaction.amount", "variance deposit_total", "where it is there in full"),
        Field("arrival_date", "arrival_date", "the day whose midnight in UTC it is"),
        Field("created", "created"),
        Field("trace_id.value", "bank_reference"),
        Field("failure_code, else failure_message", "failure_raw"),
        Field("application_fee_amount", "fee"),
        Field("balance_transaction, original_payout, reversed_by, method, …", "extensions"),
        Field("event: created", "revision"),
    ),
    quirks=(
        "A payout that was paid may still fail later: payout.failed comes after payout.paid.",
        "A payout that reverses another has a negative amount.",
        "Objects come alone, in an event's data.object, in a list page, or in the envelope of an event bus "
        "or workflow tool; linked objects may be in full.",
        "An object that says it is something else, e.g. a charge, is refused.",
        "An unknown status is kept raw.",
    ),
    looks_like=most(
        first_is(_NAME, score=95),
        json_with("arrival_date", "statement_descriptor", "amount", score=70, without=("fee_details",)),
        json_with("arrival_date", "failure_balance_transaction", score=90),
        json_with("arrival_date", "payout", "amount", score=80, without=("fee_details",)),
    ),
)
