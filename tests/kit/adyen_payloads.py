"""Synthetic Adyen reports: rows by hand, and generated batches with the facts they must yield."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.kit.settlement_reading import cents

HEADER = (
    *("Company Account", "Merchant Account", "Psp Reference", "Merchant Reference", "Payment Method"),
    *("Creation Date", "TimeZone", "Type", "Modification Reference", "Gross Currency", "Gross Debit (GC)"),
    *("Gross Credit (GC)", "Exchange Rate", "Net Currency", "Net Debit (NC)", "Net Credit (NC)"),
    *("Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)", "Payment Method Variant"),
    *("Modification Merchant Reference", "Batch Number", "Booking Date", "Booking Date TimeZone"),
)
Cells = Mapping[str, str]


def booking(**changes: str) -> dict[str, str]:
    """A settled payment of 10.00 EUR with fees of 0.50; names of columns with blanks as underscores."""
    cells = {
        "Company Account": "Group",
        "Merchant Account": "Shop",
        "Psp Reference": "PSP1",
        "Merchant Reference": "ORDER-1",
        "Creation Date": "2026-05-04 10:15:00",
        "TimeZone": "CEST",
        "Type": "Settled",
        "Modification Reference": "MOD1",
        "Gross Currency": "EUR",
        "Gross Credit (GC)": "10.00",
        "Exchange Rate": "1",
        "Net Currency": "EUR",
        "Net Credit (NC)": "9.50",
        "Commission (NC)": "0.50",
        "Batch Number": "41",
        "Booking Date": "2026-05-06 23:59:59",
        "Booking Date TimeZone": "CEST",
    }
    return cells | {_named(name): value for name, value in changes.items()}


_SHORT = {
    "net_debit": "Net Debit (NC)",
    "net_credit": "Net Credit (NC)",
    "gross_debit": "Gross Debit (GC)",
    "gross_credit": "Gross Credit (GC)",
    "commission": "Commission (NC)",
    "markup": "Markup (NC)",
    "scheme_fees": "Scheme Fees (NC)",
    "interchange": "Interchange (NC)",
}


def _named(name: str) -> str:
    plain = {column.replace(" ", "_").lower(): column for column in HEADER}
    return _SHORT.get(name) or plain[name]


def payout(amount: str, **changes: str) -> dict[str, str]:
    """A payout row of the batch."""
    none = dict.fromkeys(HEADER, "")
    title = {"Type": "MerchantPayout", "Modification Reference": "TX0001XT batch 41, Shop"}
    money = {"Net Currency": "EUR", "Net Debit (NC)": amount, "Batch Number": "41"}
    times = {"Booking Date": "2026-05-08 03:00:00", "Booking Date TimeZone": "CEST"}
    return none | title | money | times | {_named(name): value for name, value in changes.items()}


def report(rows: Sequence[Cells], header: Sequence[str] = HEADER, delimiter: str = ",") -> str:
    """The rows as a file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return text.getvalue()


@dataclass
class Batch:
    """A generated batch in cents: (gross, fee, net) and kind by line id, and what is paid out."""

    rows: list[dict[str, str]] = field(default_factory=list)
    lines: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    odd: dict[str, int] = field(default_factory=dict)
    """Line id → by how much its net misses gross less fees."""
    paid: int = 0
    missing: int = 0
    """By how much the payout misses the sum of the lines."""


_KINDS = {
    "Settled": ("sale", 1),
    "Refunded": ("refund", -1),
    "Chargeback": ("chargeback", -1),
    "ChargebackReversed": ("chargeback_reversal", 1),
}
_FEES = ("Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)")


@st.composite
def batches(draw: Any) -> Batch:
    """One batch of one currency, with odd nets and an odd payout at random."""
    batch = Batch()
    for number in range(draw(st.integers(1, 6))):
        _add(draw, batch, number)
    batch.missing = draw(st.sampled_from([0, 0, 0, 1, -250]))
    batch.paid = sum(net for _, _, net in batch.lines.values()) + batch.missing
    side = {"net_debit": cents(batch.paid)} if batch.paid >= 0 else {"net_credit": cents(-batch.paid)}
    batch.rows.append(payout("", **side))
    return batch


def _add(draw: Any, batch: Batch, number: int) -> None:
    word = draw(st.sampled_from(sorted(_KINDS)))
    kind, sign = _KINDS[word]
    fees = draw(st.lists(st.integers(0, 300), min_size=4, max_size=4))
    gross, odd = sign * draw(st.integers(1, 10**7)), sign * draw(st.sampled_from([0, 0, 0, 7, 900]))
    net = gross - sum(fees) + odd
    cells = booking(type=word, modification_reference=f"MOD{number}", psp_reference=f"PSP{number % 2}")
    for name, value, side in (("gross", gross, "(GC)"), ("net", net, "(NC)")):
        cells[f"{name.title()} Credit {side}"] = cents(value) if value > 0 else ""
        cells[f"{name.title()} Debit {side}"] = cents(-value) if value <= 0 else ""
    cells |= {column: cents(fee) for column, fee in zip(_FEES, fees, strict=True)}
    name = f"MOD{number}:{word}"
    batch.rows.append(cells)
    batch.lines[name] = (gross, sum(fees), net)
    batch.kinds[name] = kind
    if odd:
        batch.odd[name] = odd
