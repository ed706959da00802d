"""Orders of a made-up partner in every notation that a mapping reads, with the facts that they state."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import strategies as st

COLUMNS = {
    "number": (1, 8),
    "day": (9, 16),
    "pos": (17, 20),
    "item": (21, 32),
    "quantity": (33, 42),
    "amount": (43, 56),
}


@dataclass(frozen=True)
class Line:
    """One line as the partner says it."""

    pos: int
    item: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Order:
    """One order as the partner says it."""

    number: str
    day: date
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        """Σ of the lines."""
        return sum((line.amount for line in self.lines), Decimal(0))


def orders() -> st.SearchStrategy[list[Order]]:
    """One to three orders with different numbers."""
    amounts = st.decimals("0.01", "99999.99", places=2)
    lines = st.builds(
        Line,
        pos=st.integers(1, 9999),
        item=st.text("ABCÄß09- '\"&<", min_size=1, max_size=10).map(lambda text: f"I{text.strip()}"),
        quantity=st.decimals("0.001", "9999", places=3),
        amount=amounts,
    )
    order = st.builds(
        Order,
        number=st.integers(1, 99_999_999).map(str),
        day=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
        lines=st.lists(lines, min_size=1, max_size=4, unique_by=lambda line: line.pos).map(tuple),
    )
    return st.lists(order, min_size=1, max_size=3, unique_by=lambda one: one.number)


def comma(value: Decimal) -> str:
    """As a German ERP prints it: 1.234,50."""
    return f"{value:,}".translate(str.maketrans(",.", ".,"))


def as_csv(found: list[Order], *, is_shuffled: bool) -> bytes:
    """One row per line; rows of an order need not stand together."""
    rows = [(one, line) for one in found for line in one.lines]
    if is_shuffled:
        rows = rows[::2] + rows[1::2]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["amount", "number", "day", "unused", "pos", "item", "quantity"])
    for one, line in rows:
        cells = [comma(line.amount), one.number, f"{one.day:%d.%m.%Y}", "x", line.pos, line.item]
        writer.writerow([*cells, comma(line.quantity)])
    return out.getvalue().encode()


def as_fixed(found: list[Order]) -> bytes:
    """Columns by position; amounts with two implied decimals, quantities with three."""
    text = ""
    for one in found:
        for line in one.lines:
            cells = f"{one.number:<8}{one.day:%Y%m%d}{line.pos:>4}{line.item:<12}"
            text += f"{cells}{int(line.quantity * 1000):0>10}{int(line.amount * 100):0>14}\r\n"
    return text.encode("latin-1")


def as_json(found: list[Order]) -> bytes:
    """A list answer; numbers as JSON numbers."""
    listed: list[dict[str, Any]] = [
        {
            "head": {"number": int(one.number), "day": one.day.isoformat()},
            "lines": [
                {"pos": line.pos, "item": {"no": line.item}, "q": str(line.quantity), "amount": "AMOUNT"}
                for line in one.lines
            ],
        }
        for one in found
    ]
    text = json.dumps({"page": 1, "result": listed})
    for one in found:
        for line in one.lines:
            text = text.replace('"AMOUNT"', str(line.amount), 1)
    return text.encode()


def as_xml(found: list[Order]) -> bytes:
    """Attributes and elements; one order may be alone in its list."""
    text = ""
    for one in found:
        lines = "".join(
            f'<line pos="{line.pos}"><item>{escape(line.item)}</item><q>{line.quantity}</q>'
            f"<amount currency='EUR'>{line.amount}</amount></line>"
            for line in one.lines
        )
        text += f'<order number="{one.number}"><day>{one.day.isoformat()}</day>{lines}</order>'
    return f"<?xml version='1.0'?><orders>{text}</orders>".encode()
