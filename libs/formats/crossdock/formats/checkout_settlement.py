"""Checkout.com: settlement breakdown, financial actions and payouts, as reports or from the API.

Invariant: a payout's rows are one settlement; the payouts report gives the payout and nothing else, so no
report overwrites what another said.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import (
    Entity,
    PartnerProfile,
    Payout,
    PayoutStatus,
    Settlement,
    SettlementLine,
    Variance,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.checkout.actions import is_json, json_key, read_actions, split_actions
from crossdock.formats.checkout.rows import (
    ACTIONS,
    BREAKDOWN,
    COMPONENTS,
    PAYOUTS,
    checkout_line,
    checkout_time,
    compare_processed,
    keep_exact,
    state_source,
)
from crossdock.formats.declaration import Field, Format
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.report_file import ReportFile, Row
from crossdock.formats.settlement_lines import (
    LineDraft,
    PayoutDraft,
    SettlementAccount,
    SettlementDraft,
    by_settlement,
    total,
)
from crossdock.formats.settlement_table import (
    SettlementTable,
    cell_amount,
    exact_amount,
    needed_amount,
    signed_amount,
)

_MAPPING_VERSION: Final = "checkout_settlement/1"
_SIX_PLACES: Final = Decimal("0.000001")
"""What a variance can say."""
_DEDUCTIONS: Final = ("processing_fee", "scheme_fee", "interchange", "tax", "reserve")


def _line(account: SettlementAccount, row: Row, booking: str, processed: str) -> LineDraft:
    net = needed_amount(signed_amount(account, row, "net"), row, "net")
    draft = checkout_line(account, row.get, row.path, booking, net)
    draft.digest = row.digest(tuple(row.header.places))
    keep_exact(account, draft, row.get("net"))
    state_source(draft, row.get, row.path, signed_amount(account, row, processed))
    return draft


def _action_line(account: SettlementAccount, row: Row) -> LineDraft:
    draft = _line(account, row, "action_id", "processing_amount")
    processed = signed_amount(account, row, "processing_amount")
    compare_processed(account, draft, row.get, row.path("net"), processed)
    return draft


def _breakdown_line(account: SettlementAccount, row: Row) -> LineDraft:
    draft = _line(account, row, "payment_id", "processing_gross")
    draft.gross = signed_amount(account, row, "gross")
    deduction = signed_amount(account, row, "deduction")
    draft.fee = None if deduction is None else -deduction
    net, gross, said = (exact_amount(account, row, name) for name in ("net", "gross", "deduction"))
    if gross is not None and said is not None:
        draft.variances += _missing(account, row, "", (net, gross + said), draft.currency)
    parts = [one for name in _DEDUCTIONS if (one := exact_amount(account, row, name)) is not None]
    if said is not None and any(parts):
        draft.variances += _missing(account, row, "deduction", (said, total(parts)), draft.currency)
    return draft


def _missing(
    account: SettlementAccount, row: Row, column: str, figures: tuple[Decimal | None, Decimal], unit: str
) -> list[Variance]:
    """Figures have up to eight decimals: they are compared as said, to the sixth, not as lines have them."""
    stated, computed = figures
    told = None if stated is None else stated.quantize(_SIX_PLACES)
    compared = (told, computed.quantize(_SIX_PLACES))
    return account.differs(VarianceCode.NET_AMOUNT, row.path(column), compared, unit)


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
        status=PayoutStatus.SCHEDULED,
        created=checkout_time(account, row.get("created"), row.get("timezone"), row.path("created")),
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
        Field(
            "Processed On UTC, else Processed On and Timezone", "posted", "else the profile's zone, else UTC"
        ),
        Field("FX Rate Applied", "fx_rate_raw"),
        Field(
            "Processing Currency and amount",
            "source_currency_amount",
            "where in another currency; else compared",
        ),
        Field("Payout Amount, Merchant Payout Fees", "Payout.amount, Payout.fee", "parts are added up"),
        Field("Reporting Start Date, Reporting End Date", "Payout.extensions"),
        Field("Action ID, Payment Method, Response Code, Entity ID", "extensions"),
    ),
    quirks=(
        "Three kinds of report are told by their columns; a Merchant Payout row is the payout's fee.",
        "Amounts have up to eight decimals: a line rounds them half-even, with a warning, and keeps what was "
        "said; they are compared as said.",
        "Times are local to the zone that settlements are made in, where no column says UTC or a zone.",
        "A payout of the payouts report is scheduled: the report has those that are still to come.",
        "Chargeback (ARBW), (CBRV) and (RPDW) give the money back, (ARBL) is a fee.",
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
