"""Generated Walmart return orders, each with the facts it must yield, in minor units of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.kit.minor_units import Currency

USD = Currency("USD", 2)
STATUS = {"INITIATED": "requested", "DELIVERED": "received", "COMPLETED": "closed"}


@dataclass(slots=True)
class GroupFacts:
    """What must be read for one purchase order; amounts in minor units."""

    quantities: list[int] = field(default_factory=list)
    goods: int = 0
    tax: int = 0
    shipping: int = 0

    @property
    def total(self) -> int:
        """Money of the group, taxes beside it."""
        return self.goods + self.tax + self.shipping


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """A payload and its groups by purchase order."""

    payload: bytes
    status: str
    groups: dict[str, GroupFacts]
    error: int


def _money(minor: int) -> dict[str, object]:
    return {"currencyAmount": json.loads(USD.text(minor)), "currencyUnit": "USD"}


@st.composite
def walmart_returns(draw: Any) -> ReturnFacts:
    """Strategy of payloads with their facts."""
    groups: dict[str, GroupFacts] = {}
    status = draw(st.sampled_from(sorted(STATUS)))
    lines = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        order = draw(st.sampled_from(("PO1", "PO2")))
        lines.append(_line(draw, number, order, groups.setdefault(order, GroupFacts())) | {"status": status})
    error = draw(st.sampled_from((0, 0, 1, -500))) if len(groups) == 1 else 0
    total = sum(group.total for group in groups.values()) + error
    document = {
        "returnOrderId": "R1",
        "customerOrderId": "C1",
        "returnOrderDate": "2026-01-31T23:30:00.000Z",
        "totalRefundAmount": _money(total),
        "returnOrderLines": lines,
    }
    return ReturnFacts(json.dumps(document).encode(), STATUS[status], groups, error)


def _line(draw: Any, number: int, order: str, group: GroupFacts) -> dict[str, Any]:
    quantity, price, tax = (draw(st.integers(1, top)) for top in (4, 90_000, 900))
    beyond = draw(st.sampled_from((0, 0, 1)))
    shipping = draw(st.sampled_from((0, 250)))
    charges = [
        {
            "chargeCategory": "PRODUCT",
            "chargeName": "ItemPrice",
            "chargePerUnit": _money(price),
            "excessCharge": _money(beyond),
            "tax": [{"taxName": "Tax1", "taxPerUnit": _money(tax), "excessTax": _money(0)}],
        }
    ]
    if shipping:
        charges.append({"chargeCategory": "SHIPPING", "chargePerUnit": _money(shipping)})
    group.quantities.append(quantity)
    group.goods += price * quantity + beyond
    group.tax += tax * quantity
    group.shipping += shipping * quantity
    return {
        "returnOrderLineNumber": number,
        "purchaseOrderId": order,
        "purchaseOrderLineNumber": number,
        "item": {"sku": f"SKU-{number}"},
        "charges": charges,
        "quantity": {"unitOfMeasure": "EACH", "measurementValue": quantity},
        "currentRefundStatus": "REFUND_COMPLETED",
        "statusTime": "2026-02-01T08:00:00.000Z",
    }
