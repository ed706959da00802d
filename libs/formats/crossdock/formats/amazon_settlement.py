"""Amazon settlement reports, flat file V1 and V2 and XML: settlement, lines and payout.

Invariant: each amount is one line and the lines' sum is compared with the deposit; what the deposit misses
of it is a variance of exactly that size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import (
    Entity,
    PartnerProfile,
    Payout,
    PayoutStatus,
    Settlement,
    SettlementLine,
)
from crossdock.canonical.reading import Part, Reading
from crossdock.canonical.record import Record
from crossdock.formats.amazon.bookings import Booking
from crossdock.formats.amazon.settlement_cells import COLUMNS
from crossdock.formats.amazon.settlement_rows import SettlementHead, SettlementRows
from crossdock.formats.amazon.settlement_xml import without_amounts, xml_report
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.likeness import most, text_with
from crossdock.formats.refusals import refuse_all
from crossdock.formats.report_file import (
    ROW_APART,
    ReportFile,
    Row,
    is_row_apart,
    read_report,
    rows_apart,
    split_rows,
)
from crossdock.formats.settlement_lines import (
    PayoutDraft,
    SettlementAccount,
    SettlementDraft,
    money,
    plain_word,
    total,
)
from crossdock.formats.xml_document import is_xml

MAPPING_VERSION: Final = "amazon_settlement/1"
_PREVIOUS, _CURRENT = "previousreserveamountbalance", "currentreserveamount"


def _report(record: Record, profile: PartnerProfile | None) -> ReportFile:
    data = record.value or b""
    if is_xml(data):
        return xml_report(data)
    renamed = profile.settlement.columns if profile and profile.settlement else {}
    return read_report(data, COLUMNS.renamed(renamed))


def _name(report: ReportFile) -> str | None:
    ids = {found for row in report.rows if not row.problem and (found := row.get("settlement_id"))}
    return f"settlement:{ids.pop()}" if len(ids) == 1 else None


def key(record: Record) -> str | None:
    """`settlement:<id>` of a file of one settlement, None for any other."""
    try:
        return _name(_report(record, None))
    except Rejected:
        return None


def split(record: Record, profile: PartnerProfile) -> Reading:
    """The file, and each row of it, or amount of the XML, that cannot be read as a part of its own. Raises
    Rejected."""
    report = _report(record, profile)
    account = SettlementAccount(record, profile, "amazon", MAPPING_VERSION)
    rows = SettlementRows(account, report)
    refused = [row for row, _ in rows.bookings(is_apart=is_row_apart(record))[1]]
    if is_xml(record.value):
        return _split_xml(record, report, refused)
    reading = split_rows(record, report, refused, _name(report))
    apart = tuple(_with_heads(part, report, rows) for part in reading.parts)
    return replace(reading, parts=apart)


def _split_xml(record: Record, report: ReportFile, refused: Sequence[Row]) -> Reading:
    """As the rows of a flat file, with amounts in their place."""
    whole = split_rows(record, report, [], _name(report))
    if not refused:
        return whole
    data, key_of_whole = record.value or b"", whole.parts[0].key
    tenant, partner = split_key(record.key or b"")[:2]
    parts = [Part(key_of_whole, without_amounts(data, {row.path() for row in refused}))]
    for group in rows_apart(refused):
        own = {row.path() for row in group}
        value = without_amounts(data, {row.path() for row in report.rows if row.get("amount")} - own)
        name = f"row:sha256-{hashlib.sha256(value).hexdigest()}"
        parts.append(Part(join_key(tenant, partner, name), value, ((ROW_APART, group[0].path()),)))
    return replace(whole, parts=tuple(parts))


def _with_heads(part: Part, report: ReportFile, rows: SettlementRows) -> Part:
    """A row that stands apart keeps the first row of each settlement above it: its currency is said there."""
    if not any(name == ROW_APART for name, _ in part.headers):
        return part
    lines = part.value.decode().split("\n")
    for head in rows.heads.values():
        if head.line < len(lines) and head.settlement_id not in rows.nameless:
            lines[head.line - 1] = report.lines[head.line - 1]
    return replace(part, value="\n".join(lines).encode())


def read(record: Record, profile: PartnerProfile) -> Reading:
    """All that the file says. Raises Rejected, for every row that cannot be read at once."""
    account = SettlementAccount(record, profile, "amazon", MAPPING_VERSION)
    report = _report(record, profile)
    rows = SettlementRows(account, report)
    is_apart = is_row_apart(record)
    bookings, refused = rows.bookings(is_apart=is_apart)
    if refused:
        problems = [(refusal.path, refusal.detail) for _, refusal in refused]
        raise refuse_all(refused[0][1].code, problems) from refused[0][1]
    if not bookings:
        account.warn_once("report_empty", "the report has no row that moves money", "line 1")
    grouped: dict[str, list[Booking]] = {settlement_id: [] for settlement_id in rows.heads}
    for booking in bookings:
        grouped[booking.draft.settlement_id].append(booking)
    entities: list[Entity] = []
    for settlement_id, of_it in grouped.items():
        settled = _Settled(account, rows, rows.heads[settlement_id], of_it)
        entities += settled.entities(is_apart=is_apart)
    return reading_of_entities(entities, record, warnings=[*report.warnings, *account.warnings])


class _Settled:
    """One settlement of a file with its bookings."""

    def __init__(
        self,
        account: SettlementAccount,
        rows: SettlementRows,
        head: SettlementHead,
        bookings: Sequence[Booking],
    ) -> None:
        self._account = account
        self._rows = rows
        self._bookings = bookings
        self._head = head
        self._currency = rows.currency(head.settlement_id)
        said = head.said.get("total_amount", "")
        self._deposit = rows.amount(said, f"{head.path} column total-amount") if said else None

    def entities(self, *, is_apart: bool) -> list[Entity]:
        """Settlement, lines in the order of the file, payout; lines alone where a row stands apart."""
        lines = self._account.lines([one.draft for one in self._bookings])
        found: list[Entity] = [one.completed(line) for line, one in zip(lines, self._bookings, strict=True)]
        return found if is_apart else [self._settlement(), *found, *self._payouts()]

    def _settlement(self) -> Settlement:
        head, moment = self._head, self._rows.moment
        draft = SettlementDraft(
            settlement_id=head.settlement_id,
            currency=self._currency,
            lines=[one.draft for one in self._bookings],
            deposit=self._deposit,
            deposit_date=moment(head, "deposit_date"),
            period_from=moment(head, "settlement_start_date"),
            period_to=moment(head, "settlement_end_date"),
            is_final=self._deposit is not None,
        )
        reserves = {
            "previous_reserve": money(self._reserve(_PREVIOUS), self._currency),
            "current_reserve": money(self._reserve(_CURRENT), self._currency),
        }
        return self._account.settlement(draft).model_copy(update=reserves)

    def _reserve(self, word: str) -> Decimal | None:
        """What a reserve adds to the deposit; None where the report says nothing of it."""
        found = [
            one.draft.net
            for one in self._bookings
            if word in (plain_word(one.draft.description_raw), plain_word(one.draft.type_raw))
        ]
        return total(found) if found else None

    def _payouts(self) -> list[Payout]:
        """The deposit as a payout; a negative one is taken from us, none where nothing moves."""
        if not self._deposit:
            return []
        head = self._head
        draft = PayoutDraft(
            payout_id=head.settlement_id,
            settlement_id=head.settlement_id,
            amount=self._deposit,
            currency=self._currency,
            status=PayoutStatus.SCHEDULED if self._deposit > 0 else PayoutStatus.UNKNOWN,
            created=self._rows.moment(head, "settlement_end_date"),
            arrival_date=self._rows.moment(head, "deposit_date"),
        )
        return [self._account.payout(draft)]


FORMAT: Final = Format(
    name="amazon_settlement",
    title="Amazon settlement report (flat file V1 and V2, XML)",
    content_types=("text/tab-separated-values", "text/plain", "text/csv", "text/xml", "application/xml"),
    key=key,
    read=read,
    split=split,
    entities=(Settlement, SettlementLine, Payout),
    field_table=(
        Field("settlement-id", "settlement_id, payout_id"),
        Field("settlement-start-date, settlement-end-date", "Settlement.period_from, period_to"),
        Field("deposit-date", "Settlement.deposit_date, Payout.arrival_date"),
        Field("total-amount", "Settlement.deposit, Payout.amount", "compared with the sum of the lines"),
        Field("currency", "all amounts", "on the first row of a settlement, or on each"),
        Field("amount (V2)", "SettlementLine.net", "one line per row"),
        Field("price-amount, item-related-fee-amount, … (V1)", "SettlementLine.net", "one line per amount"),
        Field("transaction-type", "transaction_type, transaction_type_raw"),
        Field("amount-type; the kind of the column in V1", "transaction_type, amount_type_raw"),
        Field("amount-description; price-type, … in V1", "transaction_type, amount_description_raw"),
        Field("order-id", "order_reference", "kind order where it has the form of one, else unknown"),
        Field("shipment-id", "order_reference", "kind shipment, where there is no order-id"),
        Field("order-item-code", "item_reference"),
        Field("sku, quantity-purchased", "sku, quantity"),
        Field("posted-date-time, posted-date", "posted", "UTC"),
        Field(
            "Order, Refund, OtherTransaction, … (XML)",
            "transaction_type, transaction_type_raw",
            "each Amount in them is a line, named as the flat file names it",
        ),
        Field("TransactionID, InvoiceId (XML)", "extensions", "transaction_id, invoice_id"),
        Field("Previous Reserve Amount Balance, Current Reserve Amount", "previous_reserve, current_reserve"),
    ),
    quirks=(
        "Columns are found by name, wherever they stand; settlement.columns of the profile renames them.",
        "The currency, the dates and the total stand on the first row of a settlement only.",
        "Decimal commas and dates as 04.05.2026, by country; a file has one decimal mark.",
        "UTF-8, with or without a byte order mark, Windows-1252, or Shift JIS.",
        "V1 has up to nine amounts in a row, each with a type column of its own, and rows of pieces alone.",
        "A V2 row without an amount is told.",
        "Rows that are equal in every column are two bookings.",
        "Unlisted words are unknown and kept; settlement.vocabulary of the profile is asked first.",
        "The order-id column may hold a shipment's id, or nothing.",
        "A file may hold several settlements; a deposit may be negative.",
        "A settlement without a currency beside others that have one stands apart, row by row: a mistyped id "
        "looks like this.",
        "A transfer row is the payout itself, no revenue.",
        "XML: an element whose amount cannot be read is cut out of the report, as a row of the flat file is.",
        "XML: what stands inside an element that has an amount only explains it: items of a reimbursement, "
        "net and tax of an invoice.",
    ),
    key_rule="account of the profile (else the partner), `settlement-id`; a line's id is the hash of its row",
    revision_rule="none: a report is final; the same report again is a duplicate",
    intake="payment",
    needs=(),
    looks_like=most(
        text_with("settlement-id", "transaction-type", "amount-description", score=95),
        text_with("settlement-id", "transaction-type", "price-amount", score=95),
        text_with("settlement-id", "transaction-type", score=60),
        text_with("settlement id", "transaction type", "amount description", score=90),
        text_with("SettlementReport>", "AmazonSettlementID>", score=95, opening="<"),
    ),
)
