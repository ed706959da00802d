"""Checkout.com: settlement breakdown, financial actions and payouts, as reports or from the API.

Invariant: a payout's rows are one settlement; the payouts report gives the payout and nothing else, so no
report overwrites what another said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import (
    Entity,
    PartnerProfile,
    Payout,
    PayoutStatus,
    ReferenceKind,
    Settlement,
    SettlementLine,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.checkout_actions import is_json, json_key, read_actions, split_actions
from crossdock.formats.checkout_rows import ACTIONS, BREAKDOWN, COMPONENTS, PAYOUTS, checkout_time, kind_of
from crossdock.formats.declaration import Field, Format
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.profile_rules import known_currency
from crossdock.formats.report_file import ReportFile, Row
from crossdock.formats.settlement_lines import (
    LineDraft,
    PayoutDraft,
    SettlementAccount,
    SettlementDraft,
    by_settlement,
    total,
)
from crossdock.formats.settlement_table import SettlementTable, cell_amount, needed_amount, signed_amount

_MAPPING_VERSION: Final = "checkout_settlement/1"
_DEDUCTIONS: Final = ("processing_fee", "scheme_fee", "interchange", "tax", "reserve")


def _draft(account: SettlementAccount, row: Row, words: Sequence[str], natural_id: str) -> LineDraft:
    currency = account.currency(row.get("currency"), row.path("currency"))
    return LineDraft(
        path=row.path(),
        natural_id=natural_id,
        digest=row.digest(tuple(row.header.places)),
        settlement_id=row.get("payout"),
        transaction_type=kind_of(account, words, row.path("type")),
        type_raw=row.get("type"),
        currency=currency,
        net=needed_amount(signed_amount(account, row, "net"), row, "net"),
        order_reference=row.get("reference") or row.get("payment_id"),
        reference_kind=ReferenceKind.ORDER if row.get("reference") else ReferenceKind.PSP_REFERENCE,
        posted=checkout_time(account, row.get("processed"), row.path("processed")),
        payout_id=row.get("payout"),
        is_provisional=not row.get("payout"),
        fx_rate_raw=row.get("fx_rate"),
        extensions={
            "psp_reference": row.get("payment_id"),
            "payment_method": row.get("payment_method"),
            "entity": row.get("entity"),
        },
    )


def _breakdown_line(account: SettlementAccount, row: Row) -> LineDraft:
    payment, word = row.get("payment_id"), row.get("type")
    draft = _draft(account, row, (word,), f"{payment}:{word.replace(' ', '')}" if payment else "")
    draft.gross = signed_amount(account, row, "gross")
    deduction = signed_amount(account, row, "deduction")
    draft.fee = None if deduction is None else -deduction
    if draft.gross is not None and deduction is not None:
        figures = (draft.net, draft.gross + deduction)
        draft.variances += account.differs(VarianceCode.NET_AMOUNT, row.path(), figures, draft.currency)
    parts = [one for name in _DEDUCTIONS if (one := signed_amount(account, row, name)) is not None]
    if deduction is not None and any(parts):
        figures = (deduction, total(parts))
        draft.variances += account.differs(
            VarianceCode.NET_AMOUNT, row.path("deduction"), figures, draft.currency
        )
    _state_source(account, row, draft, "processing_gross")
    return draft


def _state_source(account: SettlementAccount, row: Row, draft: LineDraft, column: str) -> None:
    stated = row.get("processing_currency")
    amount = signed_amount(account, row, column)
    if amount and stated and stated.upper() != draft.currency:
        draft.source_amount = (amount, known_currency(stated, row.path("processing_currency")))


def _action_line(account: SettlementAccount, row: Row) -> LineDraft:
    word, action = row.get("type"), row.get("action_id")
    words = (word, row.get("action"))
    draft = _draft(account, row, words, f"{action}:{word.replace(' ', '')}" if action else "")
    draft.amount_type_raw = row.get("action")
    draft.description_raw = row.get("fee_detail")
    draft.extensions["action_id"] = action
    if account.is_rounded(row.get("net")):
        draft.extensions["holding_currency_amount"] = row.get("net")
    _state_source(account, row, draft, "processing_amount")
    return draft


def _totals(account: SettlementAccount, drafts: Sequence[LineDraft], _: ReportFile) -> list[Entity]:
    return [
        account.settlement(SettlementDraft(settlement_id, currency, lines, is_final=True))
        for settlement_id, currency, lines in by_settlement(drafts)
    ]


def _no_line(account: SettlementAccount, row: Row) -> None:
    """A row of the payouts report is a payout; what cannot be read of it is refused here."""
    _payout(account, row)


def _payouts(account: SettlementAccount, _: Sequence[LineDraft], report: ReportFile) -> list[Entity]:
    return [account.payout(_payout(account, row)) for row in report.rows]


def _payout(account: SettlementAccount, row: Row) -> PayoutDraft:
    currency = account.currency(row.get("currency"), row.path("currency"))
    amount = needed_amount(cell_amount(account, row, "amount"), row, "amount")
    payout_id = row.get("payout")
    parts = [one for name in COMPONENTS if (one := cell_amount(account, row, name)) is not None]
    figures = (amount, total(parts) if parts else None)
    fee = cell_amount(account, row, "Merchant Payout Fees")
    return PayoutDraft(
        payout_id=payout_id,
        settlement_id=payout_id,
        amount=amount,
        currency=currency,
        fee=None if fee is None else -fee,
        status=PayoutStatus.PAID,
        created=checkout_time(account, row.get("created"), row.path("created")),
        bank_reference=payout_id,
        variances=account.differs(VarianceCode.DEPOSIT_TOTAL, row.path("amount"), figures, currency),
        extensions={name: row.get(name) for name in ("period_from", "period_to", "currency_account")},
    )


def _name(report: ReportFile) -> str | None:
    payouts = {row.get("payout") for row in report.rows}
    return f"settlement:{payouts.pop()}" if len(payouts) == 1 and "" not in payouts else None


def _payouts_name(report: ReportFile) -> str | None:
    name = _name(report)
    return None if name is None else f"payout:{name.partition(':')[2]}"


_BREAKDOWN: Final = SettlementTable("checkout", _MAPPING_VERSION, BREAKDOWN, _breakdown_line, _totals, _name)
_ACTIONS: Final = SettlementTable(
    "checkout", _MAPPING_VERSION, ACTIONS, _action_line, _totals, lambda _: None
)
_PAYOUTS: Final = SettlementTable(
    "checkout", _MAPPING_VERSION, PAYOUTS, _no_line, _payouts, _payouts_name, has_sums=False
)


def _table(record: Record) -> SettlementTable:
    """The kind of report that a file is, by its columns; a breakdown where it is none of the others."""
    for table in (_PAYOUTS, _ACTIONS):
        try:
            table.report(record)
        except Rejected:
            continue
        return table
    return _BREAKDOWN


def key(record: Record) -> str | None:
    """`settlement:<payout>` of a report on one payout, `action:<id>` of one object of the API."""
    return json_key(record) if is_json(record) else _table(record).key(record)


def split(record: Record, profile: PartnerProfile) -> Reading:
    """The report and its unreadable rows apart, or each action of an API page. Raises Rejected."""
    return split_actions(record) if is_json(record) else _table(record).split(record, profile)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """All that the report or the action says. Raises Rejected."""
    if is_json(record):
        return read_actions(record, profile, _MAPPING_VERSION)
    return _table(record).read(record, profile)


FORMAT: Final = Format(
    name="checkout_settlement",
    title="Checkout.com settlement breakdown, financial actions, payouts",
    content_types=("text/csv", "application/json"),
    key=key,
    read=read,
    split=split,
    entities=(Settlement, SettlementLine, Payout),
    key_rule="settlement and payout: Payout ID; line: Payment ID and Type, or Action ID and Breakdown Type",
    revision_rule="none: the report of a payout does not change",
    intake="payment",
    needs=(),
    field_table=(
        Field("Payout ID", "settlement_id, payout_id", "empty: the line is provisional"),
        Field("Type; Breakdown Type, Action Type", "transaction_type", "vocabulary, then a table; «… Fee»"),
        Field("Gross In Holding Currency", "gross"),
        Field("− Deduction In Holding Currency", "fee", "+ is a cost; compared with its parts"),
        Field("Net In Holding Currency", "net", "compared with gross and deduction"),
        Field("Holding Currency Amount, holding_currency_amount", "net", "financial actions; signed as said"),
        Field("Reference, else Payment ID", "order_reference, reference_kind"),
        Field("Processed On", "posted", "UTC"),
        Field("FX Rate Applied", "fx_rate_raw"),
        Field("Processing Currency and amount", "source_currency_amount", "where in another currency"),
        Field("Payout Amount, Merchant Payout Fees", "Payout.amount, Payout.fee", "parts are added up"),
        Field("Reporting Start Date, Reporting End Date", "Payout.extensions"),
    ),
    quirks=(
        "Three kinds of report are told by their columns; a Merchant Payout row is the payout's fee.",
        "Amounts of financial actions have more than four decimals: rounded half-even, with a warning.",
        "Rows without a payment (network tokens, account updater) are fees.",
        "A void has no gross and costs all the same.",
        "The columns of the payouts report may miss the payout: a deposit_total variance.",
    ),
    looks_like=most(
        text_with("Net In Holding Currency", "Holding Currency", score=90),
        text_with("Breakdown Type", "Holding Currency Amount", score=90),
        text_with("Payout Amount", "Holding Currency", "Merchant Payout Fees", score=90),
        json_with("breakdown_type", "holding_currency_amount", score=90),
    ),
)
