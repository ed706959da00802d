"""Synthetic Stripe objects and report rows, by hand and generated with the facts they must yield."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.kit.settlement_reading import cents

CREATED = 1_777_888_800
"""2026-05-04T10:00:00Z."""
COLUMNS = (
    *("automatic_payout_id", "automatic_payout_effective_at", "balance_transaction_id", "created_utc"),
    *("currency", "gross", "fee", "net", "reporting_category", "source_id", "charge_id"),
    *("payment_intent_id", "description", "customer_facing_amount", "customer_facing_currency"),
)


def transaction(**changes: Any) -> dict[str, Any]:
    """A charge of 119.00 EUR with a fee of 2.02."""
    return {
        "id": "txn_1",
        "object": "balance_transaction",
        "amount": 11900,
        "available_on": CREATED + 86400,
        "created": CREATED,
        "currency": "eur",
        "exchange_rate": None,
        "fee": 202,
        "fee_details": [{"amount": 202, "currency": "eur", "type": "stripe_fee"}],
        "net": 11698,
        "reporting_category": "charge",
        "source": "ch_1",
        "status": "available",
        "type": "charge",
    } | changes


def payout(**changes: Any) -> dict[str, Any]:
    """A payout of 116.98 EUR that has arrived."""
    return {
        "id": "po_1",
        "object": "payout",
        "amount": 11698,
        "arrival_date": 1_777_939_200,
        "created": CREATED,
        "currency": "eur",
        "failure_balance_transaction": None,
        "failure_code": None,
        "statement_descriptor": None,
        "status": "paid",
        "balance_transaction": "txn_9",
    } | changes


def event(payload: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """An event about an object."""
    head = {"id": "evt_1", "object": "event", "created": CREATED + 5, "type": "payout.paid"}
    return head | {"data": {"object": dict(payload)}} | changes


def row(**changes: str) -> dict[str, str]:
    """A report's row of the same charge."""
    return {
        "automatic_payout_id": "po_1",
        "automatic_payout_effective_at": "2026-05-06 00:00:00",
        "balance_transaction_id": "txn_1",
        "created_utc": "2026-05-04 10:00:00",
        "currency": "eur",
        "gross": "119.00",
        "fee": "2.02",
        "net": "116.98",
        "reporting_category": "charge",
        "source_id": "ch_1",
        "charge_id": "ch_1",
    } | changes


def report(rows: Sequence[Mapping[str, str]], columns: Sequence[str] = COLUMNS) -> str:
    """The rows as a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([one.get(name, "") for name in columns] for one in rows)
    return text.getvalue()


@dataclass
class Payouts:
    """Generated rows of one payout in cents: (gross, fee, net) by line id, and how its row is written."""

    rows: list[dict[str, str]] = field(default_factory=list)
    lines: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    is_positive: bool = False
    missing: int = 0


_CATEGORIES = {
    "charge": ("sale", 1),
    "refund": ("refund", -1),
    "dispute": ("chargeback", -1),
    "dispute_reversal": ("chargeback_reversal", 1),
    "fee": ("fee", -1),
    "other_adjustment": ("adjustment", 1),
}


@st.composite
def payouts(draw: Any) -> Payouts:
    """Rows of one payout that is paid to us, its own row negative or stated as what was paid."""
    found = Payouts()
    for number in range(draw(st.integers(1, 5))):
        category = draw(st.sampled_from(sorted(_CATEGORIES)))
        kind, sign = _CATEGORIES[category]
        gross, fee = sign * draw(st.integers(1, 10**6)), draw(st.integers(0, 500))
        if number == 0:  # a payout to us needs something to pay out
            category, kind, gross = "charge", "sale", 10**7
        name = f"txn_{number}"
        found.lines[name], found.kinds[name] = (gross, fee, gross - fee), kind
        money = {"gross": cents(gross), "fee": cents(fee), "net": cents(gross - fee)}
        currency = draw(st.sampled_from(["eur", "EUR"]))
        known = {"balance_transaction_id": name, "reporting_category": category, "currency": currency}
        found.rows.append(row(**money, **known))
    found.is_positive = draw(st.booleans())
    found.missing = draw(st.sampled_from([0, 0, 1]))
    paid = sum(net for _, _, net in found.lines.values()) + found.missing
    amount = cents(paid if found.is_positive else -paid)
    money = {"gross": amount, "fee": "0.00", "net": amount}
    known = {"balance_transaction_id": "txn_po", "reporting_category": "payout", "source_id": "po_1"}
    found.rows.append(row(**money, **known, charge_id=""))
    return found
