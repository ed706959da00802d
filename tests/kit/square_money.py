"""Generated Square refunds and payout entries, each with the facts it must yield, in minor units."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.kit.minor_units import Currency

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_CURRENCIES = (Currency("USD", 2), Currency("JPY", 0), Currency("KWD", 3))
REFUND_STATUS = {
    "PENDING": "requested",
    "COMPLETED": "issued",
    "REJECTED": "failed",
    "FAILED": "failed",
    "NEW": "unknown",
}
ENTRY_TYPES = {
    "CHARGE": "sale",
    "REFUND": "refund",
    "FEE": "fee",
    "RESERVE_HOLD": "reserve",
    "DEPOSIT_FEE_REVERSED": "fee_refund",
    "NEW_TYPE": "unknown",
}


@dataclass(frozen=True, slots=True)
class MoneyFacts:
    """A payload and what must be read from it; amounts in minor units."""

    payload: bytes
    identity: str
    currency: Currency
    meaning: str
    at: datetime
    amount: int
    fee: int = 0
    net_error: int = 0
    reference: str | None = None


def _money(amount: int, currency: Currency, name: str = "currency") -> dict[str, object]:
    return {"amount": amount, name: currency.code}


@st.composite
def square_refunds(draw: Any) -> MoneyFacts:
    """A refund alone, wrapped, or in an event."""
    currency = draw(st.sampled_from(_CURRENCIES))
    status = draw(st.sampled_from(sorted(REFUND_STATUS)))
    amount = draw(st.integers(1, 10**9))
    at = _EPOCH + timedelta(milliseconds=draw(st.integers(0, 10**11)))
    order = draw(st.none() | st.just("ORDER1"))
    text = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    refund: dict[str, Any] = {
        "id": "R1",
        "order_id": order,
        "payment_id": "PAY1",
        "status": status,
        "amount_money": _money(amount, currency),
        "created_at": text,
        "updated_at": text,
        "extra": {"x": 1.5},
    }
    event = {
        "merchant_id": "M",
        "type": "refund.updated",
        "event_id": "e",
        "data": {"type": "refund", "id": "R1", "object": {"refund": refund}},
    }
    payload = draw(st.sampled_from((refund, {"refund": refund}, event)))
    return MoneyFacts(
        json.dumps(payload).encode(),
        "R1",
        currency,
        REFUND_STATUS[status],
        at,
        amount,
        reference=order,
    )


@st.composite
def square_entries(draw: Any) -> MoneyFacts:
    """One payout entry; its net may be wrong by a known amount."""
    currency = draw(st.sampled_from(_CURRENCIES))
    kind = draw(st.sampled_from(sorted(ENTRY_TYPES)))
    gross, fee = draw(st.integers(-(10**8), 10**8)), draw(st.integers(-(10**5), 10**5))
    error = draw(st.sampled_from((0, 0, 0, 1, -7)))
    at = _EPOCH + timedelta(seconds=draw(st.integers(0, 10**8)))
    name = draw(st.sampled_from(("currency", "currency_code")))
    reference = draw(st.none() | st.just("PAY1"))
    entry: dict[str, Any] = {
        "id": "poe_1",
        "payout_id": "po_1",
        "type": kind,
        "effective_at": at.isoformat().replace("+00:00", "Z"),
        "gross_amount_money": _money(gross, currency, name),
        "fee_amount_money": _money(fee, currency, name),
        "net_amount_money": _money(gross - fee + error, currency, name),
    }
    if reference is not None:
        entry[f"type_{kind.lower()}_details"] = {"payment_id": reference}
    return MoneyFacts(
        json.dumps(entry).encode(), "poe_1", currency, ENTRY_TYPES[kind], at, gross, fee, error, reference
    )
