"""PayPal's settlement report (STL): every booking of an account in a day, by section and currency.

Invariant: a section and a currency are one settlement; what its footer states of sums, counts and
balances is compared with the bookings, never put in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.likeness import most, text_with
from crossdock.formats.paypal.footers import by_currency, differences, footer_of, idle, report_differences
from crossdock.formats.paypal.lines import PAYPAL_COLUMNS, paypal_line, paypal_time, tell_cut
from crossdock.formats.paypal.report import PayPalReport, Section, read_paypal
from crossdock.formats.refusals import refuse_all
from crossdock.formats.report_file import Columns, Row, is_row_apart, split_rows
from crossdock.formats.settlement_lines import (
    LineDraft,
    PayoutDraft,
    SettlementAccount,
    SettlementDraft,
)

MAPPING_VERSION: Final = "paypal_settlement/1"
_DATE_CHARACTERS: Final = 10


def columns_of(profile: PartnerProfile) -> Columns:
    """The columns by the names of the profile."""
    return PAYPAL_COLUMNS.renamed(profile.settlement.columns if profile.settlement else {})


def section_id(section: Section) -> str:
    """`<day>-<account>` of a section; empty where its title says neither."""
    day = section.said(1)[:_DATE_CHARACTERS].replace("/", "").replace("-", "")
    return "-".join(word for word in (day, section.account) if word)


def key(record: Record) -> str | None:
    """`settlement:<day>-<account>` of a file with one section."""
    try:
        return _name(read_paypal(record.value or b"", PAYPAL_COLUMNS))
    except Rejected:
        return None


def _name(report: PayPalReport) -> str | None:
    names = {section_id(section) for section in report.sections}
    return f"settlement:{names.pop()}" if len(names) == 1 and "" not in names else None


def split(record: Record, profile: PartnerProfile) -> Reading:
    """The file, and each booking that cannot be read as a part of its own. Raises Rejected."""
    report = read_paypal(record.value or b"", columns_of(profile))
    account = SettlementAccount(record, profile, "paypal", MAPPING_VERSION)
    _, refused = _drafts(account, report)
    return split_rows(record, report.file, [row for row, _ in refused], _name(report))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """All settlements of a file. Raises Rejected, for every booking that cannot be read at once."""
    report = read_paypal(record.value or b"", columns_of(profile))
    account = SettlementAccount(record, profile, "paypal", MAPPING_VERSION)
    by_section, refused = _drafts(account, report)
    if refused:
        first = refused[0][1]
        raise refuse_all(first.code, [(one.path, one.detail) for _, one in refused]) from first
    entities: list[Entity] = []
    drafts = [draft for lines in by_section for draft in lines]
    if not is_row_apart(record):
        entities += _settlements(account, report, by_section)
        entities += [_payout(account, draft) for draft in drafts if draft.is_payout]
    if not drafts:
        account.warn_once("report_empty", "the report has no booking", "line 1")
    if not is_row_apart(record):
        tell_cut(account, report)
    entities += account.lines(drafts)
    warnings = [*report.file.warnings, *account.warnings]
    return reading_of_entities(entities, record, warnings=warnings)


def _drafts(
    account: SettlementAccount, report: PayPalReport
) -> tuple[list[list[LineDraft]], list[tuple[Row, Rejected]]]:
    by_section: list[list[LineDraft]] = []
    refused: list[tuple[Row, Rejected]] = []
    for section in report.sections:
        lines: list[LineDraft] = []
        name = section_id(section)
        for row in section.rows:
            try:
                draft = paypal_line(account, row, name)
            except Rejected as refusal:
                refused.append((row, refusal))
            else:
                draft.settlement_id = _settlement_id(name, draft.currency)
                lines.append(draft)
        by_section.append(lines)
    return by_section, refused


def _settlement_id(section: str, currency: str) -> str:
    return f"{section}-{currency}" if section else ""


def _settlements(
    account: SettlementAccount, report: PayPalReport, by_section: Sequence[Sequence[LineDraft]]
) -> Iterator[Settlement]:
    by_report = report_differences(account, report, by_section)
    for place, (section, lines) in enumerate(zip(report.sections, by_section, strict=True)):
        footers = by_currency(section.footers)
        currencies = sorted({draft.currency for draft in lines} | {*footers} - idle(footers))
        counts = _counts(account, report, place)
        for currency in currencies:
            if not section_id(section):
                continue
            own = [line for line in lines if line.currency == currency]
            rows, scope = footers.get(currency), "section"
            if rows is None and report.is_whole and len(report.sections) == 1:
                rows, scope = by_currency(report.footers).get(currency), "report"
            footer = footer_of(account, rows or (), own, scope)
            yield account.settlement(
                SettlementDraft(
                    settlement_id=_settlement_id(section_id(section), currency),
                    currency=currency,
                    lines=own,
                    period_from=paypal_time(account, section.said(1), f"line {section.line}"),
                    period_to=paypal_time(account, section.said(2), f"line {section.line}"),
                    is_final=True,
                    keeps_balance=True,
                    variances=[*counts, *differences(account, footer), *by_report.pop(currency, ())],
                    extensions=footer.balances,
                )
            )
            counts = []


def _counts(account: SettlementAccount, report: PayPalReport, place: int) -> list[Variance]:
    """Counts that do not hold, of a section and, with the first one, of the file and the report."""
    return [
        one
        for at, name, stated, found in report.counts()
        if at == place
        for one in account.differs(VarianceCode.LINE_COUNT, name, (Decimal(stated), Decimal(found)), "")
    ]


def _payout(account: SettlementAccount, draft: LineDraft) -> Payout:
    draft.payout_id = draft.payout_id or draft.digest
    return account.payout(
        PayoutDraft(
            payout_id=draft.payout_id,
            settlement_id=draft.settlement_id or draft.payout_id,
            amount=-draft.net,
            currency=draft.currency,
            status=PayoutStatus.PAID,
            status_raw=draft.type_raw,
            created=draft.posted,
            bank_reference=draft.extensions["bank_reference_id"],
        )
    )


FORMAT: Final = Format(
    name="paypal_settlement",
    title="PayPal settlement report (STL)",
    content_types=("text/csv", "text/tab-separated-values"),
    key=key,
    read=read,
    split=split,
    entities=(Settlement, SettlementLine, Payout),
    key_rule="settlement: day and account of the section title and the currency; line: Transaction ID, "
    "with the event code behind it for holds and releases, and a hash where it stands twice all the same",
    revision_rule="none: the report of a day does not change",
    intake="payment",
    needs=(),
    field_table=(
        Field("SH: period, account", "settlement_id, period_from, period_to", "per currency"),
        Field("Gross Transaction Amount, Transaction Debit or Credit", "gross", "hundredths; DR is negative"),
        Field("Fee Amount, Fee Debit or Credit", "fee", "hundredths; DR is a cost, CR negative"),
        Field("gross − fee", "net", "PayPal states none"),
        Field("Gross Transaction Currency", "currency"),
        Field("Transaction Event Code", "transaction_type, transaction_type_raw", "vocabulary, then T-codes"),
        Field("Invoice ID, else Transaction ID", "order_reference, reference_kind"),
        Field("Transaction Completion Date, else Initiation Date", "posted"),
        Field("PayPal Reference ID, Custom Field, …", "extensions"),
        Field("SF, else RF", "variances control_total", "four sums and the ending balance"),
        Field("RF beside SF", "variances control_total", "what neither bookings nor sections say"),
        Field("SC, FF, RC", "variances line_count", "FF, RC: what neither rows nor sections say"),
        Field("T04, T17, T1101", "Payout", "a withdrawal is a negative line and a payout"),
    ),
    quirks=(
        "All amounts have two implied decimals, the yen's too.",
        "One file has several sections, one section several currencies.",
        "A fee is given back (CR) with a refund: gross −1.34, fee −0.47, net −0.87.",
        "One Transaction ID stands on two rows, e.g. a hold (T1110) and its release (T1111).",
        "RH, FH, SH, SC and FF may be missing; cells may be quoted or not; CH may lack newer columns.",
        "A currency without a footer is one whose balance is not kept (it was converted).",
        "A payment that we made (T00 with DR) is no sale.",
        "SF states the fees given back before those taken; where the other order holds it is the other.",
    ),
    looks_like=most(
        text_with("Transaction Event Code", "Gross Transaction Amount", score=60),
        text_with("Transaction Event Code", "Gross Transaction Amount", "SF", score=70),
    ),
)
