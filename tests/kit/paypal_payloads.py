"""Synthetic PayPal reports: bookings by hand, and generated sections with the facts they must yield."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

COLUMNS = (
    *("Transaction ID", "Invoice ID", "PayPal Reference ID", "PayPal Reference ID Type"),
    *("Transaction Event Code", "Transaction Initiation Date", "Transaction Completion Date"),
    *("Transaction  Debit or Credit", "Gross Transaction Amount", "Gross Transaction Currency"),
    *("Fee Debit or Credit", "Fee Amount", "Fee Currency", "Custom Field", "Bank Reference ID"),
)
DETAIL_COLUMNS = (*COLUMNS, "Transactional Status", "Transaction Note", "First Name")
_SHORT = {
    "id": "Transaction ID",
    "invoice": "Invoice ID",
    "code": "Transaction Event Code",
    "side": "Transaction  Debit or Credit",
    "gross": "Gross Transaction Amount",
    "currency": "Gross Transaction Currency",
    "fee_side": "Fee Debit or Credit",
    "fee": "Fee Amount",
    "fee_currency": "Fee Currency",
    "completed": "Transaction Completion Date",
    "initiated": "Transaction Initiation Date",
    "status": "Transactional Status",
    "note": "Transaction Note",
    "bank": "Bank Reference ID",
}
Booking = dict[str, str]


def booking(**changes: str) -> Booking:
    """A payment of 119.00 EUR with a fee of 3.85."""
    cells = {
        "Transaction ID": "TRN1",
        "Invoice ID": "ORDER-1",
        "Transaction Event Code": "T0006",
        "Transaction Initiation Date": "2026/05/04 01:00:30 -0700",
        "Transaction Completion Date": "2026/05/04 01:00:31 -0700",
        "Transaction  Debit or Credit": "CR",
        "Gross Transaction Amount": "11900",
        "Gross Transaction Currency": "EUR",
        "Fee Debit or Credit": "DR",
        "Fee Amount": "385",
        "Fee Currency": "EUR",
        "Transactional Status": "S",
    }
    return cells | {_SHORT[name]: value for name, value in changes.items()}


def footer(currency: str, sums: Sequence[int], begin: int, end: int, tag: str = "SF") -> list[str]:
    """An SF or RF row: gross credits and debits, fee credits and debits, balances."""
    balances = [part for amount in (begin, end) for part in ("DR" if amount < 0 else "CR", str(abs(amount)))]
    return [tag, currency, *map(str, sums), *balances]


@dataclass
class Report:
    """Rows of a file, written with or without quotes."""

    rows: list[list[str]] = field(default_factory=list)
    columns: Sequence[str] = COLUMNS

    def open(self, account: str = "ACCOUNT") -> Report:
        """A section's title and its column row."""
        self.rows.append(["SH", "2026/05/04 00:00:00 -0700", "2026/05/04 23:59:59 -0700", account])
        return self.head()

    def head(self) -> Report:
        """A column row."""
        self.rows.append(["CH", *self.columns])
        return self

    def add(self, *bookings: Booking) -> Report:
        """Bookings of the open section."""
        self.rows += [["SB", *(one.get(name, "") for name in self.columns)] for one in bookings]
        return self

    def close(self, *rows: list[str]) -> Report:
        """Footers and counts."""
        self.rows += rows
        return self

    def text(self, *, is_quoted: bool = False, delimiter: str = ",") -> str:
        """The file."""
        text = io.StringIO()
        writer = csv.writer(
            text,
            delimiter=delimiter,
            quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL,
            lineterminator="\r\n",
        )
        writer.writerows(self.rows)
        return text.getvalue()


@dataclass
class Day:
    """A generated section: (gross, fee) in hundredths and kind by line id, per currency what is wrong."""

    report: Report
    lines: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    odd: dict[str, int] = field(default_factory=dict)
    """Currency → by how much its stated gross credits miss the sum."""


_CODES = {
    "T0006": ("sale", 1),
    "T1107": ("refund", -1),
    "T0400": ("payout", -1),
    "T1201": ("chargeback", -1),
    "T0100": ("fee", -1),
    "T1110": ("reserve", -1),
}


@st.composite
def days(draw: Any) -> Day:
    """A section of up to three currencies, footers right or wrong, columns in any order."""
    columns = draw(st.permutations(COLUMNS))
    day = Day(Report(columns=columns).open())
    for number in range(draw(st.integers(1, 6))):
        code = draw(st.sampled_from(sorted(_CODES)))
        kind, sign = _CODES[code]
        currency = draw(st.sampled_from(["EUR", "JPY", "GBP"]))
        gross, fee = sign * draw(st.integers(1, 10**8)), draw(st.integers(-500, 500))
        name = f"TRN{number}:{code}" if kind == "reserve" else f"TRN{number}"
        day.lines[name], day.kinds[name] = (currency, gross, fee), kind
        day.report.add(
            booking(
                id=f"TRN{number}",
                code=code,
                currency=currency,
                side="CR" if gross > 0 else "DR",
                gross=str(abs(gross)),
                fee_side="" if not fee else "DR" if fee > 0 else "CR",
                fee=str(abs(fee)),
                fee_currency=currency,
            )
        )
    for currency in sorted({one for one, _, _ in day.lines.values()}):
        _close(draw, day, currency)
    day.report.close(["SC", str(len(day.lines))])
    return day


def _close(draw: Any, day: Day, currency: str) -> None:
    own = [(gross, fee) for one, gross, fee in day.lines.values() if one == currency]
    odd = draw(st.sampled_from([0, 0, 100, -3]))
    sums = (
        sum(gross for gross, _ in own if gross > 0) + odd,
        -sum(gross for gross, _ in own if gross < 0),
        -sum(fee for _, fee in own if fee < 0),
        sum(fee for _, fee in own if fee > 0),
    )
    begin = draw(st.integers(-1000, 10**6))
    day.report.close(footer(currency, sums, begin, begin + sum(gross - fee for gross, fee in own)))
    if odd:
        day.odd[currency] = odd
