"""An EDI distributor's files: X12 850 purchase orders in USD, several interchanges a file, several
orders each.

Invariant: counts count and control numbers match, unless a fault says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from crossdock.testbed.faults import CUT_FILE, NO_NUMBER, OWN_UNIT, Fault
from crossdock.testbed.sales import Line, Sale

CURRENCY: Final = "USD"
_BEHIND_UTC: Final = timedelta(hours=6)
"""The distributor's clock, Chicago in winter."""
_END: Final = "~\n"

ORIGINAL: Final = "00"
"""BEG01 of a new order."""
REPLACEMENT: Final = "05"
CANCELLATION: Final = "01"


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """One ST..SE.

    Args:
        sale: what is ordered.
        purpose: BEG01.
        fault: how it is broken, if it is.
    """

    sale: Sale
    purpose: str
    fault: Fault | None = None

    @property
    def number(self) -> str:
        """BEG03."""
        return number_of(self.sale)


@dataclass(frozen=True, slots=True)
class Interchange:
    """One ISA..IEA with one group; `prepared` in UTC."""

    control: int
    prepared: datetime
    orders: tuple[PurchaseOrder, ...]


def number_of(sale: Sale) -> str:
    """Number of the purchase order."""
    return f"BB{sale.number}"


def total(sale: Sale) -> Decimal:
    """What the distributor owes; the buyer pays the freight elsewhere."""
    return sale.goods - sale.discount


def file_of(interchanges: Iterable[Interchange]) -> bytes:
    """A file. One that ends in an order cut off ends in the middle of it."""
    text = "".join([_interchange(one) for one in interchanges])
    return text.encode("ascii")


def key_of(interchanges: Iterable[Interchange]) -> str:
    """Identity of a file: who, to whom, which interchanges."""
    return "~".join([f"{one.control:09d}" for one in interchanges])


def _interchange(one: Interchange) -> str:
    local = one.prepared - _BEHIND_UTC
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*01*{'BIGBOX':15}*ZZ*{'ACME':15}*{local:%y%m%d}*{local:%H%M}*U*00401"
        f"*{one.control:09d}*0*P*>",
        f"GS*PO*BIGBOX*ACME*{local:%Y%m%d}*{local:%H%M%S}*{one.control}*X*004010",
    ]
    for place, order in enumerate(one.orders, 1):
        rows = _set(order, f"{place:04d}")
        if order.fault is CUT_FILE:
            return _END.join([*segments, *rows[: len(rows) // 2]])
        segments += rows
    segments += [f"GE*{len(one.orders)}*{one.control}", f"IEA*1*{one.control:09d}"]
    return _END.join(segments) + _END


def _set(order: PurchaseOrder, control: str) -> list[str]:
    sale = order.sale
    number = "" if order.fault is NO_NUMBER else order.number
    placed = sale.placed - _BEHIND_UTC
    rows = [
        f"ST*850*{control}",
        f"BEG*{order.purpose}*SA*{number}**{placed:%Y%m%d}",
        f"REF*DP*{sale.buyer % 12 + 1:03d}",
        f"DTM*002*{placed + timedelta(days=7):%Y%m%d}",
        f"N1*ST*BIGBOX STORE {sale.buyer}*92*{sale.buyer:04d}",
        f"N3*{sale.buyer} EXAMPLE STREET",
        f"N4*EXAMPLETOWN*IL*{60_000 + sale.buyer}*US",
    ]
    if sale.discount:
        rows.append(f"SAC*A*C310***{int(sale.discount * 100)}")
    rows += [_line(order, place, line) for place, line in enumerate(sale.lines, 1)]
    rows += [
        f"CTT*{len(sale.lines)}*{sum(line.quantity for line in sale.lines)}",
        f"AMT*TT*{total(sale) + sale.misstated}",
    ]
    return [*rows, f"SE*{len(rows) + 1}*{control}"]


def _line(order: PurchaseOrder, place: int, line: Line) -> str:
    is_case = line.item % 3 == 0
    unit = "ZZ" if order.fault is OWN_UNIT else "CA" if is_case else "EA"
    return f"PO1*{place}*{line.quantity}*{unit}*{line.price}**VN*{line.sku}*BP*BB-{line.item}"
