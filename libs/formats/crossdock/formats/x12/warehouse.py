"""940 and 945: what a warehouse is told to ship, and what it shipped.

Invariant: a 940 has no prices and no buyer's order behind it that we sell: it is a delivery document, never
an order; a 945 ships what W12 says was shipped, and a difference that does not add up is a variance.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.keys import join_key
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    DocumentKind,
    DocumentState,
    DocumentTotals,
    ErpDocument,
    ErpDocumentLine,
    Identifier,
    IdentifierScheme,
    Package,
    PackageLine,
    Quantity,
    Shipment,
    ShipmentOrigin,
    ShipmentPurpose,
    Variance,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.formats.order_variances import variance
from crossdock.formats.x12.codes import ITEM_SCHEMES
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.items import ItemIds, gtin_of
from crossdock.formats.x12.packages import Carriage
from crossdock.formats.x12.party_loops import PartyLoops

_ORDER_CHANGES: Final[dict[str, Change]] = {
    "N": Change.CREATED,
    "O": Change.CREATED,
    "R": Change.UPDATED,
    "C": Change.UPDATED,
    "F": Change.CANCELLED,
    "D": Change.CANCELLED,
    "K": Change.CANCELLED,
}
"""W0501: new, original, replace, change, cancel, delete."""
_SHIPPED_DATES: Final = frozenset({"11", "011"})
_NONE: Final = Decimal(0)


class Layout(NamedTuple):
    """Where a line of one of the two sets states what both state."""

    head: str
    line: str
    total: str
    quantity_at: int
    unit_at: int
    upc_at: int
    """UPC case code."""
    pairs_at: tuple[int, ...]
    """Qualifiers of the (qualifier, id) pairs."""
    lot_at: int
    order_at: int
    """Purchase order, in the head segment."""


_ORDER: Final = Layout("W05", "W01", "W76", 1, 2, 3, (4, 6), 11, 3)
_ADVICE: Final = Layout("W06", "W12", "W03", 3, 5, 6, (7, 17), 9, 6)


_ORDER_REST: Final = 8
"""W01 from here on: freight and rate classes, commodity, dates."""
_ADVICE_WEIGHT: Final = range(10, 17)
"""W12 weights with their qualifiers and units."""


@dataclass(slots=True)
class LoopScan:
    """One LX loop: a line of a 940, a pack of a 945."""

    number: str
    carriage: Carriage = field(default_factory=Carriage)
    lines: list[tuple[Segment, str]] = field(default_factory=list)
    """W01 or W12 with its line id."""


class WarehouseReader:
    """Reads one 940 or 945; use once."""

    def __init__(self, context: SetContext, layout: Layout) -> None:
        self.context = context
        self.layout = layout
        self.head = context.segment(layout.head)
        self.parties = PartyLoops(context, ("SF", "WH", "ST", "BY"))
        self.loops: list[LoopScan] = []
        self.whole = Carriage()
        """Carrier and tracking number of the whole document."""
        self.total: Segment | None = None
        self.shipped: BusinessTime | None = None
        self.dated: BusinessTime | None = None
        """First date of the header, whatever it is of."""
        self.reference = ""
        """Purchase order of a reference segment."""
        for segment in context.document.segments:
            self._take(segment)
        if not self.loops:
            detail = f"the document has no line ({layout.line})"
            raise context.document.segments[-1].refuse(RejectionCode.LINES_MISSING, detail)

    def _take(self, segment: Segment) -> None:
        tag = segment.tag
        loop = self.loops[-1] if self.loops and self.total is None else None
        owner = f"LX[{loop.number}]." if loop else ""
        if tag == self.layout.head or self.parties.take(segment, owner):
            return
        if tag == "LX":
            self.loops.append(LoopScan(segment.get(1) or str(len(self.loops) + 1)))
        elif tag == self.layout.line:
            self._open(segment)
        elif tag == self.layout.total:
            self.total = segment
            self.context.keep(segment)
        else:
            self._rest(segment, loop, owner)

    def _open(self, segment: Segment) -> None:
        if not self.loops:
            self.loops.append(LoopScan("1"))
        loop = self.loops[-1]
        line_id = f"{loop.number}.{len(loop.lines) + 1}" if loop.lines else loop.number
        loop.lines.append((segment, line_id))

    def _rest(self, segment: Segment, loop: LoopScan | None, owner: str) -> None:
        carriage = loop.carriage if loop else self.whole
        if segment.tag == "W27":
            carriage.carrier = carriage.carrier or segment.get(2) or None
            carriage.service = carriage.service or segment.get(3) or None
        if segment.tag == "G62" and segment.code(1) in _SHIPPED_DATES and loop is None:
            self.shipped = self.shipped or self.context.time(segment, 2)
        elif segment.tag == "G62" and loop is None:
            self.dated = self.dated or self.context.time(segment, 2)
        if segment.tag in ("N9", "REF") and segment.code(1) == "PO" and loop is None:
            self.reference = self.reference or segment.get(2)
        if not carriage.take(self.context, segment):
            self.context.keep(segment, owner)

    def ids(self, segment: Segment) -> ItemIds:
        """Identifiers of a line: its UPC case code and its pairs."""
        at = self.layout.upc_at
        pairs = [*self.layout.pairs_at]
        if segment.code(at) in ITEM_SCHEMES:  # a sender who leaves the UPC case code out with its place
            pairs, at = [at, at + 2], 0
        ids = self.context.items(
            *[
                (replace(segment, row=segment.row[: first + 2]), first)
                for first in pairs
                if segment.get(first)
            ]
        )
        upc = segment.get(at) if at else ""
        if upc and (gtin := gtin_of("UK", upc)) is not None:
            ids.found[Identifier(scheme=IdentifierScheme.GTIN, value=gtin)] = None
        elif upc:
            issuer = f"{self.context.partner}:UPC"
            ids.found[Identifier(scheme=IdentifierScheme.UNKNOWN, value=upc, issuer=issuer)] = None
        return ids

    def quantity(self, segment: Segment) -> Quantity:
        """Quantity of a line. Raises Rejected FIELD_INVALID where it is empty."""
        at = self.layout.quantity_at
        if not segment.get(at):
            raise segment.refuse(RejectionCode.FIELD_INVALID, "the line states no quantity", at)
        return self.context.quantity(segment, at, self.layout.unit_at)

    def order_id(self) -> str:
        """The purchase order, else N9*PO; `-` (with a warning) where the document names none."""
        at = self.layout.order_at
        found = self.head.get(at) or self.reference
        if not found:
            detail = "the document names no purchase order; it stands under `-`"
            self.context.warn("order_missing", detail, self.head, at)
        return found or "-"

    def lines(self) -> list[tuple[Segment, str]]:
        """All lines with their ids."""
        return [line for loop in self.loops for line in loop.lines]

    def variances(self) -> list[Variance]:
        """The stated total of units beside the lines, and differences of a 945 that do not add up."""
        computed = sum((self.quantity(segment).value for segment, _ in self.lines()), _NONE)
        found: list[Variance] = []
        if self.total is not None:
            found += self.context.counted(self.total, 1, computed, VarianceCode.QUANTITY_TOTAL)
        for segment, line_id in self.lines():
            if self.layout is _ADVICE and segment.get(2) and segment.get(4):
                found += self._difference(segment, line_id)
        return found

    def _difference(self, w12: Segment, line_id: str) -> list[Variance]:
        """W1204 is ordered less shipped; some senders write it without a sign."""
        ordered, shipped, stated = (self.context.numbers.number(w12, at) for at in (2, 3, 4))
        if abs(stated) == abs(ordered - shipped):
            return []
        figures = (stated, ordered - shipped)
        return [variance(VarianceCode.QUANTITY_TOTAL, f"{line_id}.W1204", figures, "", _NONE)]


def read_shipping_order(context: SetContext) -> Reading:
    """The delivery document of a 940. Raises Rejected with the place."""
    reader = WarehouseReader(context, _ORDER)
    w05 = reader.head
    number = context.required(w05, 2, "W0502, the depositor's order number,")
    order_id = reader.order_id()
    change = _ORDER_CHANGES.get(w05.code(1), Change.CREATED)
    for at in (1, 4, 5, 6):
        context.extend(f"W05.{at:02d}", w05.get(at))
    lines = [_ordered(reader, segment, line_id) for segment, line_id in reader.lines()]
    reader.parties.keep_rest()
    occurred = context.occurred(reader.dated)
    key = (context.partner, order_id, context.partner, number)
    variances = reader.variances()
    document = ErpDocument.model_validate(
        context.head(key, number, occurred, change=change, variances=variances)
        | {
            "kind": DocumentKind.DELIVERY,
            "erp": context.partner,
            "erp_id": number,
            "number": number,
            "state": DocumentState.CANCELLED if change is Change.CANCELLED else DocumentState.CONFIRMED,
            "state_raw": w05.code(1),
            "lines": tuple(lines),
            "totals": DocumentTotals(),
            "origin_order_key": None if order_id == "-" else join_key(context.tenant, *key[:2]),
        }
    )
    return context.reading([document], is_original=change is Change.CREATED)


def _ordered(reader: WarehouseReader, w01: Segment, line_id: str) -> ErpDocumentLine:
    ids = reader.ids(w01)
    for qualifier, value in ids.others:
        reader.context.extend(f"lines[{line_id}].W01.{qualifier}", value)
    reader.context.extend(f"lines[{line_id}].lot", w01.get(_ORDER.lot_at))
    rest = "*".join([w01.get(at) for at in range(_ORDER_REST, len(w01.row))]).rstrip("*")
    reader.context.extend(f"lines[{line_id}].W01.08", rest)
    return ErpDocumentLine(
        erp_line_ref=line_id,
        sku=reader.context.sku(tuple(ids.found)),
        identifiers=tuple(ids.found),
        quantity=reader.quantity(w01),
    )


def read_shipping_advice(context: SetContext) -> Reading:
    """The shipment of a 945. Raises Rejected with the place."""
    reader = WarehouseReader(context, _ADVICE)
    w06 = reader.head
    number = w06.get(4) or context.required(w06, 2, "W0602, the depositor's order number,")
    order_id = reader.order_id()
    for at in (1, 2, 5, 7, 8):
        context.extend(f"W06.{at:02d}", w06.get(at))
    packages = _packages(reader)
    day = context.time(w06, 3)
    if day is None:
        context.extend("W06.03", w06.get(3))
    parties = {
        "ship_from": reader.parties.party("SF", "WH"),
        "ship_to": reader.parties.party("ST", "BY"),
    }
    reader.parties.keep_rest()
    variances = reader.variances()
    fields = context.head(
        (context.partner, order_id, number), number, context.occurred(day), variances=variances
    )
    shipment = Shipment.model_validate(
        fields
        | parties
        | {
            "shipment_id": number,
            "order_id": order_id,
            "origin": ShipmentOrigin.WAREHOUSE,
            "status_raw": w06.code(1),
            "purpose": ShipmentPurpose.ORIGINAL,
            "shipped": reader.shipped or day,
            "location": reader.parties.number("SF", "WH"),
            "packages": packages,
        }
    )
    return context.reading([shipment], is_original=True)


def _packages(reader: WarehouseReader) -> tuple[Package, ...]:
    """One per LX; packs without a number of their own together make one without number."""
    made: list[Package] = []
    loose: list[PackageLine] = []
    taken: set[str] = set()
    for loop in reader.loops:
        lines = [_shipped(reader, segment, line_id) for segment, line_id in loop.lines]
        carriage = loop.carriage
        name = carriage.sscc or carriage.mark or carriage.tracking
        if name is None:
            loose += lines
            continue
        carriage.fill(reader.whole, is_own=False)
        made.append(carriage.package(f"{name}#{loop.number}" if name in taken else name, lines))
        taken.add(name)
    if loose or not made:
        made.append(reader.whole.package("-", loose))
    return tuple(made)


def _shipped(reader: WarehouseReader, w12: Segment, line_id: str) -> PackageLine:
    context, ids = reader.context, reader.ids(w12)
    for qualifier, value in ids.others:
        context.extend(f"lines[{line_id}].W12.{qualifier}", value)
    said = "*".join([w12.get(at) for at in (1, 2, 3, 4, 5)]).rstrip("*")
    context.extend(f"lines[{line_id}].W12", said)
    weight = "*".join([w12.get(at) for at in _ADVICE_WEIGHT]).rstrip("*")
    context.extend(f"lines[{line_id}].W12.10", weight)
    return PackageLine(
        line_id=line_id,
        sku=context.sku(tuple(ids.found)),
        identifiers=tuple(ids.found),
        quantity=reader.quantity(w12),
        lot=w12.get(_ADVICE.lot_at) or None,
    )
