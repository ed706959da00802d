"""Adyen's settlement detail report: what each batch pays out, booking by booking.

Invariant: a batch of one currency is one settlement; its payout rows say the deposit, all others add up
to it or the difference is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from crossdock.canonical.currencies import CURRENCY_EXPONENTS
from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import (
    Entity,
    Payout,
    PayoutStatus,
    Settlement,
    SettlementLine,
    VarianceCode,
)
from crossdock.canonical.money import parse_amount
from crossdock.formats.adyen.rows import adyen_line, booked_at, compare_net, payout_id
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
    total,
)
from crossdock.formats.settlement_table import SettlementTable, cell_amount, credit_less_debit, needed_amount

_COLUMNS: Final = Columns(
    {
        "company_account": ("Company Account",),
        "merchant_account": ("Merchant Account",),
        "psp_reference": ("Psp Reference",),
        "merchant_reference": ("Merchant Reference",),
        "payment_method": ("Payment Method",),
        "created": ("Creation Date",),
        "created_zone": ("TimeZone",),
        "booked": ("Booking Date",),
        "booked_zone": ("Booking Date TimeZone",),
        "type": ("Type", "Journal Type"),
        "modification_reference": ("Modification Reference", "Modification Psp Reference"),
        "modification_merchant_reference": ("Modification Merchant Reference",),
        "gross_currency": ("Gross Currency",),
        "gross_debit": ("Gross Debit (GC)", "Gross Debit"),
        "gross_credit": ("Gross Credit (GC)", "Gross Credit"),
        "exchange_rate": ("Exchange Rate",),
        "net_currency": ("Net Currency",),
        "net_debit": ("Net Debit (NC)", "Net Debit"),
        "net_credit": ("Net Credit (NC)", "Net Credit"),
        "commission": ("Commission (NC)", "Commission", "Bank/Card Commission (NC)"),
        "markup": ("Markup (NC)", "Markup"),
        "scheme_fees": ("Scheme Fees (NC)", "Scheme Fees"),
        "interchange": ("Interchange (NC)", "Interchange"),
        "all_fees": ("Payment Fees (NC)",),
        "payment_method_variant": ("Payment Method Variant",),
        "batch": ("Batch Number", "Payable Batch"),
        "merchant_order_reference": ("Merchant Order Reference",),
        "dispute_reference": ("Dispute Reference",),
    },
    ("type", "net_debit", "net_credit"),
    {
        "transaction_type": "type",
        "settlement_id": "batch",
        "order_reference": "merchant_reference",
        "posted": "booked",
        "currency": "net_currency",
    },
)
_IDENTIFYING: Final = tuple(
    name
    for name in _COLUMNS.names
    if name not in ("payment_method_variant", "merchant_order_reference", "all_fees")
)


def _line(account: SettlementAccount, row: Row) -> LineDraft:
    net = needed_amount(credit_less_debit(account, row, "net_credit", "net_debit"), row, "net_credit")
    draft = adyen_line(account, row, account.fitted(net, row.path("net_credit")), "net_currency")
    draft.digest = row.digest(_IDENTIFYING)
    zone = "booked_zone" if row.get("booked_zone") else "created_zone"
    draft.posted = booked_at(account, row, "booked", zone) or booked_at(
        account, row, "created", "created_zone"
    )
    if draft.is_payout:
        draft.payout_id = payout_id(row) or row.get("batch")
        draft.description_raw = row.get("modification_reference")
    stated = cell_amount(account, row, "all_fees")
    if stated:
        figures = (stated, draft.fee)
        draft.variances += account.differs(
            VarianceCode.NET_AMOUNT, row.path("all_fees"), figures, draft.currency
        )
    _state_gross(account, row, draft)
    return draft


def _state_gross(account: SettlementAccount, row: Row, draft: LineDraft) -> None:
    gross = credit_less_debit(account, row, "gross_credit", "gross_debit")
    if gross is None:
        return
    stated = row.get("gross_currency")
    draft.gross = account.fitted(gross, row.path("gross_credit"))
    draft.gross_currency = known_currency(stated, row.path("gross_currency")) if stated else draft.currency
    converted = draft.gross if draft.gross_currency == draft.currency else _converted(row, draft)
    if converted is not None and _is_turned(draft, converted):
        detail = "gross amounts stand on the side that net amounts do not; read as money that goes their way"
        account.warn_once("gross_side_turned", detail, row.path("gross_debit"))
        draft.gross, converted = -draft.gross, -converted
    if draft.gross_currency != draft.currency:
        draft.source_amount = (draft.gross, draft.gross_currency)
    if converted is not None:
        compare_net(account, row, draft, converted)


def _is_turned(draft: LineDraft, gross: Decimal) -> bool:
    """Whether the gross amount stands on the wrong side: turned it makes up the net amount but for less than
    a tenth of itself."""
    missing = draft.net + gross + (draft.fee or Decimal(0))
    return gross * draft.net < 0 and abs(missing) * 10 < abs(gross)


def _converted(row: Row, draft: LineDraft) -> Decimal | None:
    """Gross in the currency of the net amount, as its minor unit can say it; None without a rate."""
    try:
        rate = parse_amount(row.get("exchange_rate"))
    except Rejected:
        return None
    exact = (draft.gross or Decimal(0)) * rate
    return exact.quantize(Decimal(1).scaleb(-CURRENCY_EXPONENTS[draft.currency]), ROUND_HALF_UP)


def _totals(account: SettlementAccount, drafts: Sequence[LineDraft], report: ReportFile) -> list[Entity]:
    _name_accounts(drafts)
    found: list[Entity] = []
    for settlement_id, currency, lines in by_settlement(drafts):
        paid = sorted((line for line in lines if line.is_payout), key=lambda line: line.digest)
        dated = [line.posted for line in paid if line.posted is not None]
        settlement = SettlementDraft(
            settlement_id=settlement_id,
            currency=currency,
            lines=lines,
            deposit_date=max(dated, key=lambda one: one.instant) if dated else None,
            is_final=bool(paid),
        )
        found.append(account.settlement(settlement))
        found += _payouts(account, settlement_id, paid)
    return found


def _name_accounts(drafts: Sequence[LineDraft]) -> None:
    """Merchant accounts count their batches each for itself: in a company's report the account follows."""
    named = [draft for draft in drafts if draft.settlement_id and draft.extensions["merchant_account"]]
    if len({draft.extensions["merchant_account"] for draft in named}) > 1:
        for draft in named:
            draft.settlement_id += f"-{draft.extensions['merchant_account']}"


def _payouts(account: SettlementAccount, settlement_id: str, paid: Sequence[LineDraft]) -> list[Payout]:
    by_id: dict[str, list[LineDraft]] = {}
    for line in paid:
        by_id.setdefault(line.payout_id or settlement_id, []).append(line)
    return [
        account.payout(
            PayoutDraft(
                payout_id=name,
                settlement_id=settlement_id,
                amount=-total(line.net for line in lines),
                currency=lines[0].currency,
                status=PayoutStatus.PAID,
                status_raw=lines[0].type_raw,
                created=lines[0].posted,
                bank_reference=name if name.startswith("TX") else "",
            )
        )
        for name, lines in sorted(by_id.items())
    ]


def _name(report: ReportFile) -> str | None:
    batches = {row.get("batch") for row in report.rows}
    return f"settlement:{batches.pop()}" if len(batches) == 1 and "" not in batches else None


_TABLE: Final = SettlementTable(
    "adyen", "adyen_settlement/1", _COLUMNS, _line, _totals, _name, currency_column="net_currency"
)

FORMAT: Final = Format(
    name="adyen_settlement",
    title="Adyen settlement detail report",
    content_types=("text/csv",),
    key=_TABLE.key,
    read=_TABLE.read,
    split=_TABLE.split,
    entities=(Settlement, SettlementLine, Payout),
    key_rule="settlement: Batch Number, with Merchant Account and Net Currency where the number alone "
    "names several; line: Modification Reference (else Psp Reference) and Type, else a hash of the row",
    revision_rule="none: the report of a closed batch does not change",
    intake="payment",
    needs=(),
    field_table=(
        Field("Batch Number", "settlement_id"),
        Field("Type", "transaction_type, transaction_type_raw", "settlement.vocabulary first, then a table"),
        Field("Net Credit (NC) − Net Debit (NC), Net Currency", "net", "one of them must be filled"),
        Field("Gross Credit (GC) − Gross Debit (GC), Gross Currency", "gross", "in the currency paid in"),
        Field("Commission, Markup, Scheme Fees, Interchange (NC)", "fee", "their sum; + is a cost"),
        Field("Payment Fees (NC)", "fee, variance", "their sum as stated: compared, or taken without them"),
        Field("gross × Exchange Rate − fees", "variance net_amount", "against the stated net"),
        Field("Exchange Rate", "fx_rate_raw"),
        Field("Gross amount in another currency", "source_currency_amount"),
        Field("Merchant Reference, else Psp Reference", "order_reference, reference_kind"),
        Field("Booking Date, else Creation Date", "posted", "with the zone beside it, else the profile's"),
        Field("Psp Reference, Modification Reference, …", "extensions"),
        Field("− Σ MerchantPayout", "Settlement.deposit, Payout.amount"),
        Field("Σ net without payouts", "Settlement.control_total", "compared with the deposit"),
        Field("Modification Reference of MerchantPayout", "payout_id, bank_reference", "its first word"),
    ),
    quirks=(
        "Columns move from report to report: they are found by name.",
        "A batch may hold several currencies, and a company's report several merchant accounts.",
        "A payout row has no gross amount and a text in Modification Reference.",
        "One reference stands on several rows, e.g. Settled, Chargeback and ChargebackReversed.",
        "Zones are abbreviations: PDT is read; CST and IST are ambiguous and take the profile's zone.",
        "Gross less fees may miss the net; a batch may miss its deposit or have no payout row at all.",
        "Some reports write the gross amount of what was settled as a debit: where the row adds up better "
        "with it turned, it goes the way of the net amount, with a warning.",
        "A report without columns of fees is not checked for them.",
        "The aggregate report calls the type Journal Type and has two lines of its own above the header.",
    ),
    looks_like=most(
        text_with("Net Debit (NC)", "Net Credit (NC)", score=70),
        text_with("Company Account", "Gross Debit (GC)", "Batch Number", score=90),
    ),
)
