"""Stripe's report files: balance change from activity, payout reconciliation, payouts, balance history.

Invariant: rows that name one payout are one settlement; a payout row takes money out of the balance
whichever sign the report gives it, unless the rows beside it say that our bank is debited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Entity,
    Payout,
    PayoutStatus,
    ReferenceKind,
    Settlement,
    SettlementLine,
    TransactionType,
    VarianceCode,
)
from crossdock.formats.declaration import Field, Format
from crossdock.formats.likeness import most, text_with
from crossdock.formats.profile_rules import known_currency
from crossdock.formats.report_file import Columns, ReportFile, Row
from crossdock.formats.settlement_lines import (
    LineDraft,
    PayoutDraft,
    SettlementAccount,
    SettlementDraft,
    by_settlement,
    plain_word,
    total,
)
from crossdock.formats.settlement_table import (
    SettlementTable,
    cell_amount,
    fee_that_adds_up,
    needed_amount,
    signed_amount,
)
from crossdock.formats.stripe.words import WORDS, payout_status
from crossdock.formats.times import at_instant

_COLUMNS: Final = Columns(
    {
        "id": ("balance_transaction_id", "id", "Balance Transaction ID"),
        "created_utc": ("created_utc", "Created (UTC)"),
        "created": ("created", "Created"),
        "available_on": ("available_on_utc", "available_on", "Available On (UTC)"),
        "currency": ("currency",),
        "gross": ("gross", "amount"),
        "fee": ("fee", "fees"),
        "net": ("net",),
        "category": ("reporting_category", "type"),
        "source_id": ("source_id", "source"),
        "charge_id": ("charge_id",),
        "payment_intent_id": ("payment_intent_id",),
        "order": ("payment_metadata[order_id]", "payment_metadata[order_number]", "order_id (metadata)"),
        "payout": ("automatic_payout_id", "payout_id", "Transfer"),
        "effective_utc": ("automatic_payout_effective_at_utc", "effective_at_utc", "Transfer Date (UTC)"),
        "effective": ("automatic_payout_effective_at", "effective_at"),
        "arrival": ("payout_expected_arrival_date",),
        "payout_status": ("payout_status",),
        "trace_id": ("trace_id",),
        "description": ("description",),
        "facing_amount": ("customer_facing_amount",),
        "facing_currency": ("customer_facing_currency",),
        "invoice_id": ("invoice_id",),
        "connected_account": ("connected_account_id", "connected_account"),
    },
    ("net", "category"),
    {
        "line_id": "id",
        "transaction_type": "category",
        "settlement_id": "payout",
        "payout_id": "payout",
        "order_reference": "order",
        "posted": "created",
    },
)
_KEPT: Final = (
    *("source_id", "charge_id", "payment_intent_id", "invoice_id", "available_on", "connected_account"),
)
_OF_PAYOUT: Final = ("payout_status", "trace_id")
_MADE: Final = frozenset({"payout", "transfer"})
"""Words of a payout itself; others of its type say that it failed, was cancelled or came back."""
_BOOKED: Final = ("id", "created", "created_utc", "source_id", "payout")
"""A report of bookings has one of these columns."""
_OWN_WORDS: Final = frozenset(
    {
        TransactionType.FEE,
        TransactionType.FEE_REFUND,
        TransactionType.ADJUSTMENT,
        TransactionType.RESERVE,
        TransactionType.CHARGEBACK,
        TransactionType.CHARGEBACK_REVERSAL,
        TransactionType.PAYOUT,
    }
)
"""What Stripe describes itself; a charge's description is the shop's and may name its customer."""


def _line(account: SettlementAccount, row: Row) -> LineDraft:
    word = row.get("category")
    if not word:
        raise row.refuse(RejectionCode.FIELD_INVALID, "the row has no category", "category")
    if not any(row.has(name) for name in _BOOKED):
        detail = "a summary has no bookings; send the itemized report"
        raise row.refuse(RejectionCode.FIELD_INVALID, detail, "id")
    currency = account.currency(row.get("currency"), row.path("currency"))
    kind = _kind(account, row, word)
    payout = row.get("payout") or (row.get("source_id") if kind is TransactionType.PAYOUT else "")
    reference = row.get("charge_id") or row.get("payment_intent_id") or row.get("source_id")
    if kind is TransactionType.PAYOUT:
        reference = ""
    gross = signed_amount(account, row, "gross")
    net = needed_amount(signed_amount(account, row, "net"), row, "net")
    draft = LineDraft(
        path=row.path(),
        natural_id=row.get("id"),
        digest=row.digest(tuple(_COLUMNS.names)),
        settlement_id=payout,
        transaction_type=kind,
        type_raw=word,
        currency=currency,
        gross=gross,
        fee=fee_that_adds_up(account, row, cell_amount(account, row, "fee"), (gross, net)),
        net=net,
        description_raw=row.get("description") if kind in _OWN_WORDS else "",
        order_reference=row.get("order") or reference,
        reference_kind=ReferenceKind.ORDER if row.get("order") else ReferenceKind.PSP_REFERENCE,
        posted=_time(account, row, "created"),
        payout_id=payout,
        is_provisional=not payout,
        is_returned=plain_word(word) not in _MADE
        and bool(row.get("source_id"))
        and row.get("source_id") != payout,
        extensions={name: row.get(name) for name in (*_KEPT, *(_OF_PAYOUT if payout else ()))},
    )
    _state_facing(account, row, draft)
    return draft


def _kind(account: SettlementAccount, row: Row, word: str) -> TransactionType:
    """Meaning of the category. Until 2017 Stripe called a payout a transfer: it is one that names itself as
    the transfer that it goes out with."""
    payout = row.get("payout")
    if plain_word(word) == "transfer" and payout and payout == row.get("source_id"):
        return account.named(word) or TransactionType.PAYOUT
    return account.type_of(word, WORDS, row.path("category"))


def _state_facing(account: SettlementAccount, row: Row, draft: LineDraft) -> None:
    """What the customer saw, where that was another currency."""
    stated = row.get("facing_currency")
    if not stated or stated.upper() == draft.currency:
        return
    amount = cell_amount(account, row, "facing_amount")
    if amount is not None:
        draft.source_amount = (amount, known_currency(stated, row.path("facing_currency")))


def _time(account: SettlementAccount, row: Row, column: str) -> BusinessTime | None:
    """A `_utc` column, else the report's own, whose zone is the profile's or, as Stripe has it without a
    request for another, UTC. None where it is missing or cannot be read, with a warning."""
    for name, zone in ((f"{column}_utc", "UTC"), (column, account.zone or "UTC")):
        raw = row.get(name)
        if raw:
            try:
                moment = datetime.fromisoformat(raw.replace("/", "-"))
                aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
                return at_instant(aware, account.zone or "UTC")
            except (ValueError, OverflowError):
                detail = "a date is not as ISO 8601; the line has none"
                account.warn_once("time_invalid", detail, row.path(name))
    return None


def _totals(account: SettlementAccount, drafts: Sequence[LineDraft], report: ReportFile) -> list[Entity]:
    rows = {row.path(): row for row in report.rows}
    found: list[Entity] = []
    groups = by_settlement(drafts)
    lists_payouts_alone = all(line.is_payout for line in drafts)
    for settlement_id, currency, lines in groups:
        _turn_payouts(account, lines)
        paid = sorted((line for line in lines if line.is_payout), key=lambda line: line.digest)
        times = (_time(account, rows[line.path], "effective") for line in lines)
        day = max((one for one in times if one is not None), key=lambda one: one.instant, default=None)
        settlement = SettlementDraft(
            settlement_id=settlement_id,
            currency=currency,
            lines=lines,
            deposit_date=day,
            is_final=bool(paid),
        )
        if not lists_payouts_alone and any(rows[line.path].get("payout") for line in lines):
            found.append(account.settlement(settlement))
        if paid:
            found.append(_payout(account, settlement_id, paid, rows[paid[0].path], day))
    for line in drafts:  # after the payout rows have their direction
        _compare(account, line)
    return found


def _turn_payouts(account: SettlementAccount, lines: Sequence[LineDraft]) -> None:
    """A positive payout row states what was paid: it leaves the balance."""
    others = total(line.net for line in lines if not line.is_payout)
    for line in lines:
        is_debit = others < 0 and line.net == -others
        if line.is_payout and plain_word(line.type_raw) in _MADE and line.net > 0 and not is_debit:
            line.net = -line.net
            line.gross = -line.gross if line.gross is not None else None
            detail = "a payout row is positive: it states what was paid and is read as money that leaves"
            account.warn_once("payout_positive", detail, line.path)


def _compare(account: SettlementAccount, line: LineDraft) -> None:
    if line.gross is not None:
        figures = (line.net, line.gross - (line.fee or Decimal(0)))
        line.variances += account.differs(VarianceCode.NET_AMOUNT, line.path, figures, line.currency)


def _payout(
    account: SettlementAccount,
    settlement_id: str,
    paid: Sequence[LineDraft],
    row: Row,
    day: BusinessTime | None,
) -> Payout:
    raw = row.get("payout_status")
    made = [line for line in paid if plain_word(line.type_raw) in _MADE]
    returned = [line for line in paid if line not in made]
    status = payout_status(account, raw, row.path("payout_status")) if raw else PayoutStatus.PAID
    if returned and not raw:
        raw, status = returned[0].type_raw, PayoutStatus.FAILED
    amount = total(map(_arrived, made)) if made else total(line.net for line in returned)
    fee = total(line.fee or Decimal(0) for line in made)
    return account.payout(
        PayoutDraft(
            payout_id=paid[0].payout_id,
            settlement_id=settlement_id,
            amount=amount,
            currency=paid[0].currency,
            fee=fee or None,
            status=status,
            status_raw=raw,
            created=paid[0].posted,
            arrival_date=_time(account, row, "arrival") or day,
            bank_reference=row.get("trace_id"),
        )
    )


def _arrived(line: LineDraft) -> Decimal:
    """What a payout brings to the bank: a fee of its own leaves the balance beside it."""
    if line.gross is not None and line.net == line.gross - (line.fee or Decimal(0)):
        return -line.gross
    return -line.net


def _name(report: ReportFile) -> str | None:
    payouts = {row.get("payout") for row in report.rows}
    return f"settlement:{payouts.pop()}" if len(payouts) == 1 and "" not in payouts else None


_TABLE: Final = SettlementTable("stripe", "stripe_report/1", _COLUMNS, _line, _totals, _name)

FORMAT: Final = Format(
    name="stripe_report",
    title="Stripe balance and payout reports",
    content_types=("text/csv",),
    key=_TABLE.key,
    read=_TABLE.read,
    split=_TABLE.split,
    entities=(Settlement, SettlementLine, Payout),
    key_rule="settlement: automatic_payout_id, else the payout's own id; line: balance_transaction_id, "
    "under `-` where no payout is named",
    revision_rule="none: a booking does not change",
    intake="payment",
    needs=(),
    field_table=(
        Field("balance_transaction_id", "line_id", "else a hash of the row"),
        Field("automatic_payout_id, payout_id", "settlement_id, payout_id", "empty: the line is provisional"),
        Field("reporting_category, type", "transaction_type, transaction_type_raw", "vocabulary, then table"),
        Field("gross, fee, net", "gross, fee, net", "major units; net is compared with gross − fee"),
        Field("currency", "currency", "in capitals or not"),
        Field("payment_metadata[order_id]", "order_reference (order)", "settlement.columns names another"),
        Field("charge_id, payment_intent_id, source_id", "order_reference (psp_reference), extensions"),
        Field("created_utc, else created", "posted"),
        Field("automatic_payout_effective_at", "Settlement.deposit_date, Payout.arrival_date"),
        Field("payout rows", "Settlement.deposit, Payout", "compared with the sum of the other rows"),
        Field("customer_facing_amount, _currency", "source_currency_amount", "where in another currency"),
        Field("payout_status, trace_id", "Payout.status, Payout.bank_reference"),
    ),
    quirks=(
        "Columns are chosen when the report is asked for: any order, any subset.",
        "Amounts have decimals of major units, unlike the API's; currencies are in either case.",
        "A payout row may state what was paid as a positive amount; its net may differ from its gross.",
        "Rows without a payout id are not paid out yet, or by a payout that the report does not name: of a "
        "payout that no row goes out with there is no settlement to add up.",
        "An instant payout may cost a fee: it leaves the balance beside what arrives at the bank.",
        "A report of payouts alone has no bookings to add up: there is no settlement in it.",
        "A payout that failed stands beside itself, or adds to the payout that its money left with later.",
        "Times are in the zone the report was asked for, UTC without one.",
        "Customers' names and addresses are not read, nor the shop's description of a charge.",
        "Until 2017 a payout was called a transfer: one whose source is its own Transfer.",
        "A fee with the sign of one given back is a cost where the net amount says so.",
        "A summary by category is refused: its sums are no bookings.",
    ),
    looks_like=most(
        text_with("reporting_category", "gross", "net", score=80),
        text_with("balance_transaction_id", "reporting_category", score=90),
        text_with("Created (UTC)", "Available On (UTC)", "Net", score=70),
    ),
)
