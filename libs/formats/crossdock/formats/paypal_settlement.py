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
from crossdock.canonical.money import parse_amount
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.likeness import most, text_with
from crossdock.formats.paypal.lines import CENTS, PAYPAL_COLUMNS, paypal_line, paypal_time, tell_cut
from crossdock.formats.paypal.report import PayPalReport, Section, read_paypal
from crossdock.formats.profile_rules import known_currency
from crossdock.formats.refusals import refuse_all
from crossdock.formats.report_file import Cells, Columns, Row, is_row_apart, split_rows
from crossdock.formats.settlement_lines import (
    LineDraft,
    PayoutDraft,
    SettlementAccount,
    SettlementDraft,
    total,
)

MAPPING_VERSION: Final = "paypal_settlement/1"
_DATE_CHARACTERS: Final = 10
_SUMS: Final = ("gross_credits", "gross_debits", "fee_credits", "fee_debits")
"""What stands behind the currency in SF and RF rows, in this order."""
_BALANCES: Final = {"beginning_balance": 6, "ending_balance": 8}
"""Where CR or DR of a balance stands; the amount follows it."""


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
    footed: set[str] = set()
    for place, (section, lines) in enumerate(zip(report.sections, by_section, strict=True)):
        footers = _footers(section.footers)
        footed |= set(footers)
        currencies = sorted({draft.currency for draft in lines} | {*footers} - _idle(footers))
        counts = _counts(account, section, lines, report if place == 0 else None)
        for currency in currencies:
            if not section_id(section):
                continue
            draft = SettlementDraft(
                settlement_id=_settlement_id(section_id(section), currency),
                currency=currency,
                lines=[line for line in lines if line.currency == currency],
                period_from=paypal_time(account, section.said(1), f"line {section.line}"),
                period_to=paypal_time(account, section.said(2), f"line {section.line}"),
                is_final=True,
                keeps_balance=True,
                variances=counts,
            )
            counts = []
            footer, scope = footers.get(currency), "section"
            if footer is None and report.number == 1 and len(report.sections) == 1:
                footer, scope = _footers(report.footers).get(currency), "report"
            if footer is not None:
                _compare(account, draft, footer, scope)
            yield account.settlement(draft)


def _footers(rows: Sequence[Cells]) -> dict[str, Cells]:
    """SF or RF rows by currency; a code that is none is left out."""
    found = {}
    for cells in rows:
        try:
            found[known_currency(cells[1].strip(), "")] = cells
        except (Rejected, IndexError):
            continue
    return found


def _idle(footers: dict[str, Cells]) -> set[str]:
    """Currencies whose footer states no movement."""
    return {
        currency
        for currency, cells in footers.items()
        if not any(_cents(cells, place) for place in range(2, 2 + len(_SUMS)))
    }


def _cents(cells: Cells, place: int) -> Decimal | None:
    try:
        return parse_amount(cells[place].strip(), style="minor_integer", exponent=CENTS)
    except (Rejected, IndexError):
        return None


def _balance(cells: Cells, place: int) -> Decimal | None:
    amount = _cents(cells, place + 1)
    if amount is None:
        return None
    return -amount if cells[place].strip().upper() == "DR" else amount


def _counts(
    account: SettlementAccount, section: Section, lines: Sequence[LineDraft], report: PayPalReport | None
) -> list[Variance]:
    """Counts that the section or, with its first section, the file states."""
    stated, computed, subject = section.count, len(lines), "section.SC"
    if stated is None and report is not None:
        stated, computed, subject = report.count, len(report.file.rows), "file.FF"
    if stated is None:
        return []
    return account.differs(VarianceCode.LINE_COUNT, subject, (Decimal(stated), Decimal(computed)), "")


def _compare(account: SettlementAccount, draft: SettlementDraft, footer: Cells, scope: str) -> None:
    gross = [line.gross or Decimal(0) for line in draft.lines]
    fees = [line.fee or Decimal(0) for line in draft.lines]
    computed = (
        total(one for one in gross if one > 0),
        -total(one for one in gross if one < 0),
        -total(one for one in fees if one < 0),
        total(one for one in fees if one > 0),
    )
    stated = _stated_sums(account, footer, computed, scope)
    for name, figures in zip(_SUMS, zip(stated, computed, strict=True), strict=True):
        draft.variances += account.differs(
            VarianceCode.CONTROL_TOTAL, f"{scope}.{name}", figures, draft.currency
        )
    begin, end = (_balance(footer, place) for place in _BALANCES.values())
    if begin is not None and end is not None:
        draft.extensions = {"beginning_balance": str(begin), "ending_balance": str(end)}
        moved = total(line.net for line in draft.lines)
        draft.variances += account.differs(
            VarianceCode.CONTROL_TOTAL, f"{scope}.ending_balance", (end, begin + moved), draft.currency
        )


def _stated_sums(
    account: SettlementAccount, footer: Cells, computed: Sequence[Decimal], scope: str
) -> tuple[Decimal | None, ...]:
    """The four sums of a footer. Some write the fees' debits before their credits: it is the order in which
    more of the two hold."""
    gross_credits, gross_debits, first, second = (_cents(footer, place) for place in range(2, 2 + len(_SUMS)))
    credits, debits = computed[2:]
    if (first == credits) + (second == debits) >= (second == credits) + (first == debits):
        return gross_credits, gross_debits, first, second
    detail = f"the {scope}'s sum of fees taken stands before that of fees given back"
    account.warn_once("fee_sums_swapped", detail, " ".join(footer[:2]))
    return gross_credits, gross_debits, second, first


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
        Field("SC, else FF", "variance line_count"),
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
