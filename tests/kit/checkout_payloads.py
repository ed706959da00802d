"""Synthetic Checkout.com reports and actions, by hand and generated with the facts they must yield."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.kit.settlement_reading import cents

BREAKDOWN = (
    *("Client Entity ID", "Type", "Payment ID", "Reference", "Processed On", "Holding Currency"),
    *("Payout ID", "Gross In Holding Currency", "Deduction In Holding Currency"),
    *("Net In Holding Currency", "Processing Fee In Holding Currency", "Scheme Fee In Holding Currency"),
    *("Processing Currency", "Gross In Processing Currency", "FX Rate Applied"),
)
ACTIONS = (
    *("Entity ID", "Payment ID", "Action ID", "Action Type", "Breakdown Type", "Processing Currency"),
    *("Processing Currency Amount", "FX Rate Applied", "Holding Currency", "Holding Currency Amount"),
    *("Reference", "Processed On", "Payout ID"),
)
PAYOUTS = (
    *("Holding Currency", "Payout ID", "Payout Date", "Payout Amount", "Merchant Payout Fees", "Payments"),
    *("Refunds", "Card Payment Scheme Fees"),
)
_SHORT = {
    "type": "Type",
    "payment": "Payment ID",
    "reference": "Reference",
    "currency": "Holding Currency",
    "payout": "Payout ID",
    "gross": "Gross In Holding Currency",
    "deduction": "Deduction In Holding Currency",
    "net": "Net In Holding Currency",
    "processing_fee": "Processing Fee In Holding Currency",
    "scheme_fee": "Scheme Fee In Holding Currency",
}


def charge(**changes: str) -> dict[str, str]:
    """A charge of 50.00 EUR with deductions of 1.50."""
    cells = {
        "Type": "Charge",
        "Payment ID": "pay_1",
        "Reference": "ORDER-1",
        "Processed On": "2026-05-04T10:00:00.000",
        "Holding Currency": "EUR",
        "Payout ID": "A1",
        "Gross In Holding Currency": "50",
        "Deduction In Holding Currency": "-1.5",
        "Net In Holding Currency": "48.5",
        "Processing Fee In Holding Currency": "-0.9",
        "Scheme Fee In Holding Currency": "-0.6",
    }
    return cells | {_SHORT[name]: value for name, value in changes.items()}


def report(rows: Sequence[Mapping[str, str]], columns: Sequence[str] = BREAKDOWN) -> str:
    """The rows as a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([one.get(name, "") for name in columns] for one in rows)
    return text.getvalue()


def action(*parts: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A capture with these parts of its breakdown."""
    head = {
        "payment_id": "pay_1",
        "action_id": "act_1",
        "action_type": "Capture",
        "reference": "ORDER-1",
        "processed_on": "2026-05-04T10:00:00.357Z",
    }
    return head | {"breakdown": list(parts)} | changes


def part(word: str, amount: Any, currency: str = "EUR") -> dict[str, Any]:
    """One part of an action."""
    return {"breakdown_type": word, "holding_currency": currency, "holding_currency_amount": amount}


@dataclass
class Breakdown:
    """Generated rows of one payout in cents: (gross, fee, net) and kind by line id."""

    rows: list[dict[str, str]] = field(default_factory=list)
    lines: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    odd: dict[str, int] = field(default_factory=dict)


_TYPES = {
    "Charge": ("sale", 1),
    "Refund": ("refund", -1),
    "Chargeback": ("chargeback", -1),
    "Network Token Update": ("fee", 0),
    "Void": ("fee", 0),
}


@st.composite
def breakdowns(draw: Any) -> Breakdown:
    """A settlement breakdown, nets odd at random."""
    found = Breakdown()
    for number in range(draw(st.integers(1, 6))):
        word = draw(st.sampled_from(sorted(_TYPES)))
        kind, sign = _TYPES[word]
        gross = sign * draw(st.integers(1, 10**6))
        parts, odd = (draw(st.integers(0, 300)), draw(st.integers(0, 300))), draw(st.sampled_from([0, 0, 5]))
        net = gross - sum(parts) + odd
        name = f"pay_{number}:{word.replace(' ', '')}"
        found.lines[name], found.kinds[name] = (gross, sum(parts), net), kind
        if odd:
            found.odd[name] = odd
        found.rows.append(
            charge(
                type=word,
                payment=f"pay_{number}",
                gross=cents(gross),
                net=cents(net),
                deduction=cents(-sum(parts)),
                processing_fee=cents(-parts[0]),
                scheme_fee=cents(-parts[1]),
            )
        )
    return found
