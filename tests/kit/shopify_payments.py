"""Synthetic Shopify payouts and balance transactions, by hand and generated with their facts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.kit.shopify_documents import Document

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_PARTS = ("charges", "refunds", "adjustments", "reserved_funds", "retried_payouts")


def text(cents: int) -> str:
    """Cents as Shopify writes them."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def payout(**changes: Any) -> Document:
    """A paid payout of 90.00 USD: 100.00 charged, 8.00 refunded, fees of 2.00."""
    return {
        "id": 9007199254740993,
        "status": "paid",
        "date": "2026-02-03",
        "currency": "USD",
        "amount": "90.00",
        "summary": {
            "charges_gross_amount": "100.00",
            "charges_fee_amount": "2.50",
            "refunds_gross_amount": "-8.00",
            "refunds_fee_amount": "-0.50",
        },
    } | changes


def balance_transaction(**changes: Any) -> Document:
    """A charge of 100.00 with a fee of 2.50."""
    return {
        "id": 9007199254740994,
        "type": "charge",
        "test": False,
        "payout_id": 9007199254740993,
        "payout_status": "paid",
        "currency": "USD",
        "amount": "100.00",
        "fee": "2.50",
        "net": "97.50",
        "source_id": 81,
        "source_type": "charge",
        "source_order_id": 450,
        "source_order_transaction_id": 82,
        "processed_at": "2026-02-01T10:00:00-05:00",
    } | changes


@dataclass(slots=True)
class PayoutFacts:
    """A payout and what must be read from it, in cents."""

    payload: bytes
    payout_id: str
    amount: int
    computed: int | None
    status: str
    day: str


@st.composite
def payouts(draw: Any) -> PayoutFacts:
    """Strategy of payouts with their facts."""
    summary: Document = {}
    computed = 0
    for name in draw(st.lists(st.sampled_from(_PARTS), unique=True)):
        gross, fee = draw(st.integers(-90_000, 90_000)), draw(st.integers(-900, 900))
        summary |= {f"{name}_gross_amount": text(gross), f"{name}_fee_amount": text(fee)}
        computed += gross - fee
    amount = draw(st.one_of(st.just(computed), st.integers(-90_000, 90_000)))
    word = draw(st.sampled_from(("scheduled", "in_transit", "paid", "failed", "canceled")))
    payout_id, day = draw(st.integers(1, 2**63)), (_EPOCH + timedelta(days=draw(st.integers(0, 900)))).date()
    node = payout(id=payout_id, status=word, date=day.isoformat(), amount=text(amount), summary=summary)
    document = draw(st.sampled_from((node, {"payout": node})))
    return PayoutFacts(
        payload=json.dumps(document).encode(),
        payout_id=str(payout_id),
        amount=amount,
        computed=computed if summary else None,
        status="cancelled" if word == "canceled" else word,
        day=day.isoformat(),
    )


@dataclass(slots=True)
class TransactionFacts:
    """A balance transaction and what must be read from it, in cents."""

    payload: bytes
    line_id: str
    settlement: str
    figures: tuple[int, int, int]
    kind: str
    reference: str | None


@st.composite
def balance_transactions(draw: Any) -> TransactionFacts:
    """Strategy of balance transactions with their facts."""
    gross, fee = draw(st.integers(-90_000, 90_000)), draw(st.integers(-900, 900))
    net = draw(st.one_of(st.just(gross - fee), st.integers(-90_000, 90_000)))
    word, kind = draw(
        st.sampled_from(
            (
                ("charge", "sale"),
                ("refund", "refund"),
                ("payout", "payout"),
                ("reserve", "reserve"),
                ("debit", "adjustment"),
                ("dispute", "chargeback"),
                ("shipping_label", "shipping_label"),
            )
        )
    )
    if word == "dispute" and gross > 0:
        kind = "chargeback_reversal"
    line_id, payout_id = draw(st.integers(1, 2**63)), draw(st.one_of(st.none(), st.integers(1, 2**63)))
    order_id = draw(st.one_of(st.none(), st.integers(1, 2**63)))
    node = balance_transaction(id=line_id, payout_id=payout_id, type=word, source_order_id=order_id)
    node |= {"amount": text(gross), "fee": text(fee), "net": text(net)}
    document = draw(st.sampled_from((node, {"transaction": node})))
    return TransactionFacts(
        payload=json.dumps(document).encode(),
        line_id=str(line_id),
        settlement="" if payout_id is None else str(payout_id),
        figures=(gross, fee, net),
        kind=kind,
        reference=None if order_id is None else str(order_id),
    )
