"""846 and 852: stock of items at places, one snapshot per item and place.

Invariant: each stated quantity becomes one figure with its code, or (sold, received, planned) an extension;
no quantity is summed over places or items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Extension,
    Identifier,
    IdentifierScheme,
    Quantity,
    QuantityMeaning,
    SnapshotBasis,
    SnapshotScope,
    StockFigure,
    StockSnapshot,
    Variance,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.formats.decimals import spelled
from crossdock.formats.order_limits import LINES_MAX, too_many_lines
from crossdock.formats.order_variances import variance
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.items import lin_pairs_at
from crossdock.formats.x12.stock_codes import ACTIVITIES, NO_STOCK, REPORTED
from crossdock.formats.x12.values import required_moment

_PLACES: Final = frozenset({"WH", "SF", "ST", "SN", "LW", "DC", "Z7", "RL", "CS", "IC", "OB", "BY", "WC"})
"""N101: whose stock it is, a warehouse or store."""
_AS_OF: Final = frozenset(
    {"007", "036", "146", "177", "184", "206", "090", "097", "167", "233", "366", "405"}
)
"""Element 374: effective, inventory and report dates."""
_SDQ_LAST: Final = 23
_QUALIFIER_LENGTH: Final = 2
"""Length of every code of element 235."""
_NO_ROW: Final = "-"
_NONE: Final = Decimal(0)


@dataclass(slots=True)
class Figure:
    """One QTY or ZA, and the places that it is split over."""

    segment: Segment
    code: str
    place: str
    quantity: Quantity | None
    """As said; None where only its places state one."""
    splits: list[tuple[str, Quantity]] = field(default_factory=list)


@dataclass(slots=True)
class ItemScan:
    """One LIN loop as it is read."""

    lin: Segment
    identifiers: tuple[Identifier, ...]
    name: str
    """LIN01, else the position."""
    figures: list[Figure] = field(default_factory=list)
    activity: str = ""
    """Tag and code of the last quantity, where it is no stock: what follows belongs to it."""
    places: list[str] = field(default_factory=list)
    """Places that its N1 loops name, in order."""
    unit: str = ""
    lot: str | None = None
    as_of: BusinessTime | None = None
    extensions: list[Extension] = field(default_factory=list)


class StockReader:
    """Reads one 846 or 852; use once."""

    def __init__(self, context: SetContext) -> None:
        self.context = context
        self.is_activity = context.document.set_type == "852"
        self.meanings = ACTIVITIES if self.is_activity else REPORTED
        self.items: list[ItemScan] = []
        self.quantities: list[tuple[Segment, int]] = []
        """Every QTY or ZA of an item, whatever it counts."""
        self.place = ""
        """Place that the header names, or (852) the last N1 before the item."""
        self.as_of: BusinessTime | None = None
        self.ctt: Segment | None = None
        self._is_header = True

    def read(self) -> Reading:
        """Snapshots of all items. Raises Rejected."""
        as_of, reference, is_cancelled = self._head()
        for segment in self.context.document.segments:
            self._take(segment)
        if not self.items:
            detail = "the report names no item (LIN)"
            raise self.context.document.segments[-1].refuse(RejectionCode.LINES_MISSING, detail)
        if is_cancelled:
            detail = (
                "the report takes back an earlier one; stock as reported before cannot be restored from it"
            )
            raise self.context.first.refuse(RejectionCode.FIELD_INVALID, detail)
        self.items[0].extensions[:0] = self.context.extensions  # the header's, once for all items
        snapshots: list[StockSnapshot] = []
        taken: set[tuple[str, str, str]] = set()
        variances = self._counts()
        for item in self.items:
            snapshots += self._snapshots(item, as_of, reference, taken, variances)
            variances = []
        return self.context.reading(snapshots)

    def _head(self) -> tuple[BusinessTime, str, bool]:
        """When it was true, the report's number, and whether it takes an earlier one back."""
        context = self.context
        if self.is_activity:
            xq = context.segment("XQ")
            for at in range(1, len(xq.row)):
                context.extend(f"XQ.{at:02d}", xq.get(at))
            at = 3 if xq.get(3) else 2
            return required_moment(xq, at, context.zone, "XQ03, the end of the period,"), "", False
        bia = context.segment("BIA")
        for at in (1, 2, 6):
            context.extend(f"BIA.{at:02d}", bia.get(at))
        timed = context.time(bia, 4, 5)
        at_day = timed or required_moment(bia, 4, context.zone, "BIA04, the report's date,")
        return at_day, bia.get(3), bia.code(1) in ("01", "03")

    def _take(self, segment: Segment) -> None:
        tag = segment.tag
        item = self.items[-1] if self.items and self.ctt is None else None
        if tag == "LIN":
            self._open(segment)
        elif tag == "CTT":
            self.ctt = segment
        elif tag == "N1":
            self._on_place(segment, item)
        elif tag == ("ZA" if self.is_activity else "QTY") and item is not None:
            self._on_quantity(segment, item)
        elif tag == "SDQ" and item is not None:
            self._on_split(segment, item)
        elif tag == "DTM" and segment.get(1).zfill(3) in _AS_OF:
            self._on_date(segment, item)
        elif tag not in ("BIA", "XQ"):
            self._keep(segment, item)

    def _keep(self, segment: Segment, item: ItemScan | None) -> None:
        if item is None:
            self.context.keep(segment)
            return
        if segment.tag == "UIT":
            item.unit = item.unit or self.context.component(segment.code(1))
        if segment.tag == "REF" and segment.code(1) in ("LT", "BT"):
            item.lot = item.lot or segment.get(2) or None
        self.context.keep(segment, f"items[{item.name}].", item.extensions)

    def _open(self, lin: Segment) -> None:
        context = self.context
        if len(self.items) >= LINES_MAX:
            raise too_many_lines(len(self.items) + 1, lin.path())
        pairs_at = lin_pairs_at(lin)
        ids = context.items((lin, pairs_at))
        name = (pairs_at > 1 and lin.get(1)) or str(len(self.items) + 1)
        found = tuple(ids.found)
        coded = [(qualifier, value) for qualifier, value in ids.others if len(qualifier) == _QUALIFIER_LENGTH]
        if not found and coded:  # the only number stands under a qualifier of no list
            qualifier, value = coded[0]
            issuer = f"{context.partner}:{qualifier}"
            found = (Identifier(scheme=IdentifierScheme.UNKNOWN, value=value, issuer=issuer),)
        item = ItemScan(lin, found, name)
        for qualifier, value in ids.others:
            if qualifier in ("LT", "BT"):
                item.lot = item.lot or value
            else:
                context.extend(f"items[{name}].LIN.{qualifier}", value, item.extensions)
        if not item.identifiers:
            detail = "the item has no number in LIN03"
            raise lin.refuse(RejectionCode.ID_MISSING, detail, 3)
        self.items.append(item)

    def _on_place(self, n1: Segment, item: ItemScan | None) -> None:
        context = self.context
        if n1.code(1) not in _PLACES:
            context.keep(n1, f"items[{item.name}]." if item else "", item.extensions if item else None)
            return
        place = n1.get(4) or n1.get(2)
        if item is None:
            self.place = place
        elif self.is_activity and item.figures:
            self.place = place  # an 852 may name the next store behind the items of the one before
        else:
            item.places.append(place)

    def _on_quantity(self, segment: Segment, item: ItemScan) -> None:
        context, code = self.context, segment.code(1)
        self.quantities.append((segment, 2))
        item.activity = ""
        if code in NO_STOCK and code not in self.meanings:
            item.activity = f"{segment.tag}.{code}"
            said = "*".join([segment.get(at) for at in (2, 3)]).rstrip("*")
            context.extend(f"items[{item.name}].{item.activity}", said, item.extensions)
            return
        if code not in self.meanings:
            detail = "the quantity's code is in no table; its meaning is unknown"
            context.warn("quantity_meaning_unknown", detail, segment, 1)
        place = item.places[-1] if item.places else self.place
        quantity = None
        if segment.get(2):
            quantity = context.quantity(segment, 2, 3, item.unit or self._next_unit(segment))
        item.figures.append(Figure(segment, code, place, quantity))

    def _next_unit(self, segment: Segment) -> str:
        """Unit of the UIT right behind a QTY."""
        following = self.context.document.segments[segment.number : segment.number + 1]
        is_unit = bool(following) and following[0].tag == "UIT"
        return self.context.component(following[0].code(1)) if is_unit else ""

    def _on_split(self, sdq: Segment, item: ItemScan) -> None:
        """Quantities per place of the figure before it; of what was sold they are kept."""
        context = self.context
        if item.activity or not item.figures:
            owner = f"{item.activity}." if item.activity else ""
            context.keep(sdq, f"items[{item.name}].{owner}", item.extensions)
            return
        figure = item.figures[-1]
        unit = context.unit(sdq, 1, item.unit) if figure.quantity is None else figure.quantity.unit
        for at in range(3, min(len(sdq.row), _SDQ_LAST), 2):
            if sdq.get(at) and sdq.get(at + 1):
                value = context.numbers.number(sdq, at + 1)
                figure.splits.append((sdq.get(at), Quantity(value=spelled(value, 0), unit=unit)))

    def _on_date(self, dtm: Segment, item: ItemScan | None) -> None:
        at = self.context.date(dtm)
        if item is None:
            self.as_of = self.as_of or at
        else:
            item.as_of = item.as_of or at

    # ---- entities --------------------------------------------------------------------------------------

    def _counts(self) -> list[Variance]:
        if self.ctt is None:
            return []
        found = self.context.counted(self.ctt, 1, Decimal(len(self.items)), VarianceCode.LINE_COUNT)
        return found + self.context.hash_total(self.ctt, self.quantities)

    def _snapshots(
        self,
        item: ItemScan,
        as_of: BusinessTime,
        reference: str,
        taken: set[tuple[str, str, str]],
        variances: list[Variance],
    ) -> Iterator[StockSnapshot]:
        context = self.context
        sku = context.sku(item.identifiers) or item.identifiers[0].value
        by_place: dict[str, list[StockFigure]] = {}
        found = list(variances)
        for figure in item.figures:
            found += self._split_variance(figure)
            for place, quantity in self._at_places(item, figure):
                meaning = self.meanings.get(figure.code, QuantityMeaning.UNKNOWN)
                made = StockFigure(meaning=meaning, meaning_raw=figure.code, quantity=quantity)
                by_place.setdefault(place, []).append(made)
        if not by_place:
            context.warn("item_without_stock", "the item states no stock quantity", item.lin)
        for place, figures in by_place.items():
            yield self._snapshot(item, (sku, place, reference), figures, (as_of, taken, found))
            found = []

    def _at_places(self, item: ItemScan, figure: Figure) -> Iterator[tuple[str, Quantity]]:
        if figure.splits:
            yield from figure.splits
        elif figure.quantity is not None:
            only = item.places[0] if len(item.places) == 1 and not figure.place else ""
            yield figure.place or only, figure.quantity
        else:
            detail = "the quantity is empty; it is not taken for 0"
            self.context.warn("quantity_missing", detail, figure.segment, 2)

    def _split_variance(self, figure: Figure) -> list[Variance]:
        stated, parts = figure.quantity, sum((part.value for _, part in figure.splits), _NONE)
        if stated is None or not figure.splits or parts == stated.value:
            return []
        subject = f"{figure.segment.tag}.{figure.code}.SDQ"
        return [variance(VarianceCode.QUANTITY_TOTAL, subject, (stated.value, parts), stated.unit, _NONE)]

    def _snapshot(
        self,
        item: ItemScan,
        names: tuple[str, str, str],
        figures: list[StockFigure],
        rest: tuple[BusinessTime, set[tuple[str, str, str]], list[Variance]],
    ) -> StockSnapshot:
        context, (sku, place, reference), (document_time, taken, variances) = self.context, names, rest
        as_of = item.as_of or self.as_of or document_time
        row = item.lot or _NO_ROW
        if (sku, place, row) in taken:
            detail = "the item stands twice in the report for one place; the later one is a row of its own"
            context.warn("item_repeated", detail, item.lin)
            row = f"{row}~{item.name}"
        taken.add((sku, place, row))
        fields = context.head(
            (sku, context.partner, place or _NO_ROW, row),
            reference or context.document.control_number or _NO_ROW,
            as_of,
            variances=variances,
            extensions=item.extensions,
        )
        return StockSnapshot.model_validate(
            fields
            | {
                "sku": sku,
                "erp": context.partner,
                "identifiers": item.identifiers,
                "location": place,
                "lot": item.lot,
                "quantities": tuple(figures),
                "as_of": as_of,
                "scope": SnapshotScope.ROW,
                "basis": SnapshotBasis.REPORT,
            }
        )


def read_stock(context: SetContext) -> Reading:
    """The snapshots of an 846 or 852. Raises Rejected with the place."""
    return StockReader(context).read()
