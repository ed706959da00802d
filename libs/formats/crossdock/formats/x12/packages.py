"""Packages of a shipment: what carries them, and what they hold.

Invariant: a number is used as tracking number or SSCC only where its qualifier says so; an SSCC whose check
digit is wrong stands on the label all the same: it is carried and reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import Package, PackageLine, Quantity
from crossdock.formats.edi.sscc import is_sscc, sscc_of
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.hierarchy import Level
from crossdock.formats.x12.items import lin_pairs_at

_TRACKING_REFERENCES: Final = frozenset({"CN", "2I", "CR", "TN"})
"""Element 128: carrier's reference, tracking number."""
_TRACKING_MARKS: Final = frozenset({"CP", "CA"})
"""Element 88: carrier-assigned package number, shipper-assigned case number that carriers scan."""
_SSCC_MARKS: Final = frozenset({"GM", "AA", "AAH"})
_WEIGHTS: Final = frozenset({"G", "GR", "N", "A3"})
_LOTS: Final = frozenset({"LT", "BT", "B8", "LO"})
_SERIALS: Final = frozenset({"SN", "SE"})


@dataclass(slots=True)
class Carriage:
    """Carrier, service, tracking number, SSCC and weight of one level."""

    carrier: str | None = None
    service: str | None = None
    tracking: str | None = None
    sscc: str | None = None
    mark: str | None = None
    """First MAN number, whatever it is."""
    weight: Quantity | None = None

    def take(self, context: SetContext, segment: Segment) -> bool:
        """Takes what it has a field for; False where the segment is also to be kept as said."""
        if segment.tag == "TD5":
            self.carrier = self.carrier or segment.get(3) or segment.get(5) or None
            self.service = self.service or segment.get(12) or segment.get(5) or None
        elif segment.tag == "CAD":
            self.carrier = self.carrier or segment.get(4) or segment.get(5) or None
            self.service = self.service or segment.get(5) or None
            if segment.code(7) in _TRACKING_REFERENCES:
                self.tracking = self.tracking or segment.get(8) or None
        elif segment.tag == "MAN":
            self._mark(context, segment)
            return True
        elif segment.tag in ("REF", "N9") and segment.code(1) in _TRACKING_REFERENCES:
            self.tracking = self.tracking or segment.get(2) or None
        elif segment.tag == "TD1" and segment.code(6) in _WEIGHTS and self.weight is None:
            self.weight = context.measure(segment, 7, 8)
        return False

    def _mark(self, context: SetContext, man: Segment) -> None:
        for qualifier_at in (1, 4):
            qualifier, value = man.code(qualifier_at), man.get(qualifier_at + 1)
            if not value:
                continue
            self.mark = self.mark or value
            sscc = sscc_of(value) if qualifier in _SSCC_MARKS else None
            if sscc is not None and (qualifier == "GM" or is_sscc(sscc)):
                self.sscc = self.sscc or sscc
            if qualifier == "GM" and (sscc is None or not is_sscc(sscc)):
                detail = "the number under GM is no SSCC: 18 digits with the right check digit; used as said"
                context.warn("sscc_invalid", detail, man, qualifier_at + 1)
            elif qualifier in _TRACKING_MARKS:
                self.tracking = self.tracking or value

    def fill(self, outer: Carriage, *, is_own: bool) -> None:
        """Takes over what is not said yet; marks and weight are a level's own and are not inherited."""
        self.carrier = self.carrier or outer.carrier
        self.service = self.service or outer.service
        self.tracking = self.tracking or outer.tracking
        if is_own:
            self.sscc, self.mark, self.weight = outer.sscc, outer.mark, outer.weight

    def package(self, package_id: str, lines: Sequence[PackageLine]) -> Package:
        """A package with these lines."""
        return Package(
            package_id=package_id,
            carrier=self.carrier,
            service_level=self.service,
            tracking_number=self.tracking,
            sscc=self.sscc,
            weight=self.weight,
            lines=tuple(lines),
        )


def package_of(
    context: SetContext, level: Level, carriage: Carriage, lines: Sequence[PackageLine], taken: set[str]
) -> Package:
    """The package of one pack or tare level; its id is its SSCC, mark, tracking number or HL number."""
    name = carriage.sscc or carriage.mark or carriage.tracking or f"HL-{level.hl.get(1) or level.hl.number}"
    if name in taken:
        detail = "two packages have one number; the later one is named by its level as well"
        context.warn("package_number_repeated", detail, level.hl)
        name = f"{name}#{level.hl.get(1) or level.hl.number}"
    taken.add(name)
    return carriage.package(name, lines)


@dataclass(slots=True)
class _Item:
    """One SN1 with the LIN, lot and serial numbers around it."""

    sn1: Segment | None = None
    lins: list[Segment] = field(default_factory=list)
    lot: str | None = None
    serials: list[str] = field(default_factory=list)


def package_lines(context: SetContext, level: Level) -> list[PackageLine]:
    """The lines of a level, one per SN1; an item without one is told. Raises Rejected."""
    items = [_Item()]
    for segment in level.segments:
        _take(items, segment)
    stated = [(item, item.sn1) for item in items if item.sn1 is not None]
    if len(stated) < len(items):
        detail = "an item states no quantity (no SN1); it is in no package"
        context.warn("item_without_quantity", detail, level.hl)
    return [_line(context, level, item, sn1) for item, sn1 in stated]


def _take(items: list[_Item], segment: Segment) -> None:
    """A second SN1, or a LIN behind an SN1 that has one, begins the next item."""
    item = items[-1]
    is_next = item.sn1 is not None and (segment.tag == "SN1" or (segment.tag == "LIN" and bool(item.lins)))
    if is_next:
        item = _Item()
        items.append(item)
    if segment.tag == "SN1":
        item.sn1 = segment
    elif segment.tag == "LIN":
        item.lins.append(segment)
    elif segment.tag == "REF" and segment.code(1) in _LOTS:
        item.lot = item.lot or segment.get(2) or None
    elif segment.tag == "REF" and segment.code(1) in _SERIALS and segment.get(2):
        item.serials.append(segment.get(2))


def _line(context: SetContext, level: Level, item: _Item, sn1: Segment) -> PackageLine:
    if not sn1.get(2):
        raise sn1.refuse(RejectionCode.FIELD_INVALID, "the item states no quantity in SN102", 2)
    ids = context.items(*[(lin, lin_pairs_at(lin)) for lin in item.lins])
    owner = f"HL[{level.hl.get(1) or level.hl.number}]."
    for qualifier, value in ids.others:
        if qualifier in _LOTS:
            item.lot = item.lot or value
        elif qualifier in _SERIALS:
            item.serials.append(value)
        else:
            context.extend(f"{owner}LIN.{qualifier}", value, level.extensions)
    rest = "*".join([sn1.get(at) for at in range(4, len(sn1.row))]).rstrip("*")
    context.extend(f"{owner}SN1", rest, level.extensions)
    stated = [lin.get(1) for lin in item.lins if lin.get(1) and lin_pairs_at(lin) > 1] or [sn1.get(1)]
    return PackageLine(
        line_id=stated[0] or None,
        sku=context.sku(tuple(ids.found)),
        identifiers=tuple(ids.found),
        quantity=context.quantity(sn1, 2, 3),
        lot=item.lot,
        serials=tuple(item.serials),
    )
