"""Rows of Amazon's settlement reports and the settlements that they belong to.

Invariant: every amount of a row is one line, none is left out or read twice; what the file says of a
settlement is said once, on whichever of its rows it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import BusinessTime, ReferenceKind, TransactionType
from crossdock.canonical.models.profile_sections import AmountStyle
from crossdock.canonical.money import parse_amount
from crossdock.canonical.reading import Warning
from crossdock.formats.amazon.bookings import Booking
from crossdock.formats.amazon.settlement_cells import (
    COLUMNS,
    LONG,
    OF_THE_SETTLEMENT,
    WIDE,
    AmountColumn,
    amount_style,
    count_of,
    moment_of,
)
from crossdock.formats.amazon.settlement_words import Words, meaning, parts_of
from crossdock.formats.report_file import ReportFile, Row
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount

_IDENTIFYING: Final = tuple(name for name in COLUMNS.names if name not in OF_THE_SETTLEMENT)
_KEPT: Final = (
    *("merchant_order_id", "adjustment_id", "shipment_id", "marketplace_name", "fulfillment_id"),
    *("merchant_order_item_id", "merchant_adjustment_item_id", "promotion_id"),
    *("transaction_id", "invoice_id"),
)
_ALL_AMOUNTS: Final = (LONG, *WIDE)
_UNKNOWN_MAX: Final = 50
"""Most unknown words that are told of one file."""


@dataclass(slots=True)
class SettlementHead:
    """What a file says of one settlement."""

    settlement_id: str
    path: str
    line: int
    """Line of the first row that names it."""
    said: dict[str, str] = field(default_factory=dict)
    """Column to the first text that stands in it."""


class SettlementRows:
    """Reads the rows of one file for one account."""

    def __init__(self, account: SettlementAccount, report: ReportFile) -> None:
        self._account = account
        self._rows = report.rows
        section = account.profile.settlement
        declared: AmountStyle = account.profile.money.amounts if account.profile.money else "major_text"
        self._sign = -1 if section and section.sign_convention == "positive_is_to_channel" else 1
        self._is_currency_declared = bool(section and section.currency_rule == "profile")
        words = section.vocabulary if section else {}
        self._vocabulary = {word: TransactionType(kind) for word, kind in words.items()}
        self._style = amount_style(_texts(report.rows), declared)
        if self._style != declared:
            detail = f"the amounts are written as {self._style}, the profile declares {declared}"
            account.warn_once("decimal_mark", detail, report.rows[0].path())
        self._unknown: set[Words] = set()
        self.nameless: frozenset[str] = frozenset()
        """Settlements without a currency, beside others that have one; known once the rows are read."""
        self.heads = self._heads()

    def _heads(self) -> dict[str, SettlementHead]:
        found: dict[str, SettlementHead] = {}
        for row in self._rows:
            settlement_id = row.get("settlement_id")
            if row.problem or not settlement_id:
                continue
            head = found.get(settlement_id)
            if head is None:
                head = found[settlement_id] = SettlementHead(settlement_id, row.path(), row.line)
            for column in OF_THE_SETTLEMENT:
                text = row.get(column)
                if text and head.said.setdefault(column, text) != text and column != "currency":
                    detail = "the settlement's rows disagree in this column; the first is used"
                    self._account.warn_once("settlement_disagrees", detail, row.path(column))
        return found

    def bookings(self, *, is_apart: bool) -> tuple[list[Booking], list[tuple[Row, Rejected]]]:
        """All lines of the file, and the rows that cannot be read.

        A file that nowhere states its currency is refused as a whole, a settlement of several without one
        row by row; rows that stand apart from theirs are not asked for it before they are read.
        """
        self._find_nameless(is_apart=is_apart)
        found: list[Booking] = []
        refused: list[tuple[Row, Rejected]] = []
        for row in self._rows:
            try:
                row.check()
                found += self._of_row(row)
            except Rejected as refusal:
                refused.append((row, refusal))
        return found, refused

    def _find_nameless(self, *, is_apart: bool) -> None:
        """Settlements that have no currency beside others that have one: a mistyped id looks like this.

        Raises Rejected where no settlement of the file has one.
        """
        refused: dict[str, Rejected] = {}
        for settlement_id in self.heads:
            try:
                self.currency(settlement_id)
            except Rejected as refusal:
                refused[settlement_id] = refusal
        if len(refused) < len(self.heads):
            self.nameless = frozenset(refused)
        elif refused and not is_apart:
            raise next(iter(refused.values()))

    def _of_row(self, row: Row) -> list[Booking]:
        if row.get("settlement_id") in self.nameless:
            detail = (
                "no row of this settlement-id states a currency that can be read, those of others in the "
                "file do; correct the id, or state total-amount and currency of this settlement"
            )
            raise row.refuse(RejectionCode.CURRENCY_MISSING, detail, "settlement_id")
        stated = [one for one in _ALL_AMOUNTS if row.get(one.column)]
        if not stated:
            self._tell_without_amount(row)
            return []
        settlement_id = self._settlement_of(row)
        return [self._booking(row, one, settlement_id) for one in stated]

    def _settlement_of(self, row: Row) -> str:
        settlement_id = row.get("settlement_id")
        if settlement_id:
            return settlement_id
        if len(self.heads) == 1:
            detail = "the row names no settlement; it is counted to the only one of the file"
            self._account.warn_once("settlement_missing", detail, row.path("settlement_id"))
            return next(iter(self.heads))
        raise row.refuse(RejectionCode.ID_MISSING, "the row names no settlement", "settlement_id")

    def currency(self, settlement_id: str, row: Row | None = None) -> str:
        """Currency of a settlement, or of a row that must agree with it. Raises Rejected."""
        head = self.heads.get(settlement_id)
        said = head.said.get("currency", "") if head and not self._is_currency_declared else ""
        path = row.path("currency") if row else f"{head.path} column currency" if head else ""
        own = row.get("currency") if row and not self._is_currency_declared else ""
        if own and own != said:
            detail = f"the row is in {shown(own)}, its settlement in {shown(said)}"
            raise Rejected(RejectionCode.CURRENCY_MIXED, detail, path)
        return self._account.currency(said, path)

    def moment(self, head: SettlementHead, column: str) -> BusinessTime | None:
        """A date of a settlement; None where it is not said or, with a warning, cannot be read."""
        text = head.said.get(column, "")
        return self._moment(text, f"{head.path} column {column.replace('_', '-')}") if text else None

    def _moment(self, text: str, path: str) -> BusinessTime | None:
        found = moment_of(text, self._account.zone)
        if found is None:
            detail = "the date cannot be read, or its day and month could be exchanged"
            self._account.warn_once("time_invalid", detail, path)
        return found

    def amount(self, text: str, path: str) -> Decimal:
        """An amount in major units, + is money to us. Raises Rejected AMOUNT_UNPARSABLE."""
        parsed = parse_amount(text, path, style=self._style)
        return self._account.fitted(parsed * self._sign, path)

    def _booking(self, row: Row, place: AmountColumn, settlement_id: str) -> Booking:
        words = _words(row, place)
        amount = self.amount(row.get(place.column), row.path(place.column))
        kind = meaning(words, amount, self._vocabulary)
        if kind is TransactionType.UNKNOWN:
            self._tell_unknown(words, row)
        reference, reference_kind = _reference(row)
        gross, fee = parts_of(kind, amount)
        draft = LineDraft(
            path=row.path(),
            natural_id="",
            digest=_digest(row, place),
            settlement_id=settlement_id,
            transaction_type=kind,
            type_raw=words.transaction,
            currency=self.currency(settlement_id, row),
            net=amount,
            gross=gross,
            fee=fee,
            amount_type_raw=words.amount_type,
            description_raw=words.description,
            order_reference=reference,
            reference_kind=reference_kind,
            posted=self._posted(row),
            payout_id=settlement_id,
            extensions={name: row.get(name) for name in _KEPT},
        )
        return Booking(draft, row.get("order_item_code"), row.get("sku"), self._pieces(row))

    def _pieces(self, row: Row) -> Decimal | None:
        text = row.get("quantity_purchased")
        found = count_of(text)
        if text and found is None:
            detail = "the quantity cannot be read; the line has none"
            self._account.warn_once("quantity_invalid", detail, row.path("quantity_purchased"))
        return found

    def _tell_without_amount(self, row: Row) -> None:
        """Only the row of the settlement itself has no amount, in V1 also those of pieces alone."""
        if row.get("transaction_type") and row.has(LONG.column):
            detail = "the row states no amount, so it is no line; it may have been cut off"
            self._account.warn_once("row_without_amount", detail, row.path())

    def _tell_unknown(self, words: Words, row: Row) -> None:
        if words in self._unknown or len(self._unknown) >= _UNKNOWN_MAX:
            return
        self._unknown.add(words)
        detail = "the row's words are not in the format's tables nor in settlement.vocabulary of the profile"
        self._account.warnings.append(Warning("vocabulary_unknown", detail, row.path()))

    def _posted(self, row: Row) -> BusinessTime | None:
        for column in ("posted_date_time", "posted_date"):
            text = row.get(column)
            found = self._moment(text, row.path(column)) if text else None
            if found is not None:
                return found
        return None


def _texts(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        for one in _ALL_AMOUNTS:
            if text := row.get(one.column):
                yield text
        if text := row.get("total_amount"):
            yield text


def _words(row: Row, place: AmountColumn) -> Words:
    kind = place.amount_type or row.get("amount_type")
    return Words(row.get("transaction_type"), kind, row.get(place.description) if place.description else "")


def _digest(row: Row, place: AmountColumn) -> str:
    digest = row.digest(_IDENTIFYING)
    return digest if place is LONG else f"{digest}:{place.column}"


def _reference(row: Row) -> tuple[str, ReferenceKind]:
    """What the row refers to: the column is called order-id, yet it may hold a shipment's id (F24)."""
    order, shipment = row.get("order_id"), row.get("shipment_id")
    if order and order != shipment:
        return order, ReferenceKind.ORDER if is_order_id(order) else ReferenceKind.UNKNOWN
    return (shipment, ReferenceKind.SHIPMENT) if shipment else ("", ReferenceKind.NONE)


def is_order_id(text: str) -> bool:
    """Whether a text has the form of Amazon's order ids: 3-7-7 characters, or S01-… of other channels."""
    parts = text.split("-")
    sizes = [len(part) for part in parts]
    return sizes == [3, 7, 7] and all(part.isdigit() for part in parts[1:]) and parts[0].isalnum()
