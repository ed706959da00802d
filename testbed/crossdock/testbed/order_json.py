"""A partner's own program that writes Crossdock's order JSON and produces it straight into Kafka: GBP.

Invariant: the figures of a payload agree with each other unless the sale is misstated or the payload broken.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.testbed.faults import Fault, Json, broken
from crossdock.testbed.sales import Line, Sale, cents

CURRENCY: Final = "GBP"
_VAT: Final = Decimal("1.20")


def order_id(sale: Sale) -> str:
    """Identity of a till's receipt."""
    return f"T{sale.number % 7 + 1}-{sale.number}"


def total(sale: Sale) -> Decimal:
    """What the buyer pays; nothing is shipped."""
    return sale.goods - sale.discount


def body(sale: Sale, fault: Fault | None = None) -> bytes:
    """The document of this state of the order."""
    return broken(_order(sale), fault)


def _order(sale: Sale) -> Json:
    cancellation = {"status": "cancelled", "reason_raw": "void at the till"}
    return {
        "order_id": order_id(sale),
        "order_name": f"Till receipt {sale.number}",
        "revision": {"kind": "counter", "value": str(sale.version)},
        "placed": f"{sale.placed:%Y-%m-%dT%H:%M:%SZ}",
        "occurred": f"{sale.modified:%Y-%m-%dT%H:%M:%SZ}",
        "currency": CURRENCY,
        "tax_mode": "inclusive",
        "payment": {"status": "paid"},
        **({"cancellation": cancellation} if sale.is_cancelled else {}),
        "lines": [_line(sale, line) for line in sale.lines],
        "stated": {"total": _money(total(sale) + sale.misstated)},
        "line_count": str(len(sale.lines)),
        "quantity_total": str(sum(line.quantity for line in sale.lines)),
    }


def _line(sale: Sale, line: Line) -> Json:
    net = sale.net(line)
    reduction = {"kind": "discount", "is_charge": False, "amount": _money(net - line.extended)}
    return {
        "line_id": str(line.line_id),
        "sku": line.sku,
        "ordered": {"value": str(line.quantity), "unit": "EA"},
        "unit_price": {"amount": str(line.price), "currency": CURRENCY, "per": {"value": "1", "unit": "EA"}},
        "extended": _money(line.extended),
        "tax_lines": [{"amount": _money(cents(net - net / _VAT)), "rate_percent": "20", "category": "S"}],
        "adjustments": [reduction] if net != line.extended else [],
    }


def _money(amount: Decimal) -> Json:
    return {"amount": str(amount), "currency": CURRENCY}
