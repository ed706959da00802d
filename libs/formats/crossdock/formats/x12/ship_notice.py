"""An 856 from its HL tree: one shipment per order that it names.

Invariant: every item level stands in exactly one package of exactly one shipment, with its quantity as
said; what the tree does not say (which package) is not guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    Package,
    PackageLine,
    Shipment,
    ShipmentOrigin,
    ShipmentPurpose,
    Variance,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.formats.x12.context import SetContext, check_copies
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.hierarchy import Level, levels_of
from crossdock.formats.x12.items import lin_pairs_at
from crossdock.formats.x12.packages import Carriage, package_lines, package_of
from crossdock.formats.x12.party_loops import PartyLoops

_PURPOSES: Final[dict[Change, ShipmentPurpose]] = {
    Change.CREATED: ShipmentPurpose.ORIGINAL,
    Change.UPDATED: ShipmentPurpose.REPLACE,
    Change.CANCELLED: ShipmentPurpose.CANCEL,
}
_SHIPPED: Final = frozenset({"011", "068", "370"})
"""Element 374: shipped, current schedule ship, actual departure."""
_ARRIVES: Final = frozenset({"017", "067", "002", "371"})
"""Element 374: estimated delivery, current schedule delivery, delivery requested, estimated arrival."""
_UNPACKED: Final = "-"
"""Package of what stands in no pack: the source names none."""
_NO_ORDER: Final = "-"
_OF_ONE_ORDER: Final = frozenset({"O", "T", "P", "I"})
"""HL03 of levels that belong to one order; what others say is every shipment's."""
_NONE: Final = Decimal(0)


@dataclass(slots=True)
class OrderShare:
    """What the notice ships of one order."""

    order_id: str
    levels: list[Level] = field(default_factory=list)
    """Order levels that name it."""
    items: list[Level] = field(default_factory=list)
    packs: list[Level] = field(default_factory=list)


class ShipNoticeReader:
    """Reads one 856; use once."""

    def __init__(self, context: SetContext) -> None:
        self.context = context
        self.bsn = context.segment("BSN")
        self.header, self.levels, self.summary = levels_of(context, self.bsn.get(5))
        self.day: BusinessTime | None = None
        self.shipped: BusinessTime | None = None
        self.arrives: BusinessTime | None = None
        self.shares: dict[str, OrderShare] = {}
        self.parties: dict[int, PartyLoops] = {}
        """By the position of the level's HL."""
        self.carriage: dict[int, Carriage] = {}
        self.whole = Carriage()
        """What the header says, before any level."""

    def read(self) -> Reading:
        """One shipment per order. Raises Rejected."""
        context, bsn = self.context, self.bsn
        shipment_id = context.required(bsn, 2, "BSN02, the shipment's number,")
        change, is_original = context.purpose(bsn, 1)
        if not self.levels and change is not Change.CANCELLED:
            raise bsn.refuse(RejectionCode.LINES_MISSING, "the notice has no HL level; it ships nothing")
        for at in (5, 6, 7):
            context.extend(f"BSN.{at:02d}", bsn.get(at))
        self.day = context.time(bsn, 3, 4)
        if self.day is None:
            context.extend("BSN.03", bsn.get(3))
        for segment in self.header:
            if segment.tag not in ("ST", "BSN"):
                self._place(segment, None, "")
        for position, level in enumerate(self.levels):
            self._scan(level, position)
        shares = self._shares()
        check_copies(len(shares), len(context.extensions), bsn)
        shipments = [self._shipment(shipment_id, change, share) for share in shares]
        return context.reading(shipments, is_original=is_original)

    # ---- levels ----------------------------------------------------------------------------------------

    def _scan(self, level: Level, position: int) -> None:
        """Takes what stands under one HL, but for the item's own segments."""
        owner = f"HL[{level.hl.get(1) or position + 1}]."
        self.carriage[id(level)] = Carriage()
        for segment in level.segments:
            self._place(segment, level, owner)
        holds_goods = any(segment.tag == "SN1" for segment in level.segments)
        if level.code in ("P", "T"):
            self._share(level).packs.append(level)
        if level.code == "I" or holds_goods:  # small senders write the goods into order or pack
            self._share(level).items.append(level)
        if level.code == "O":
            self._share(level).levels.append(level)

    def _place(self, segment: Segment, level: Level | None, owner: str) -> None:
        context = self.context
        into = level.extensions if level is not None and level.code in _OF_ONE_ORDER else context.extensions
        loops = self.parties.setdefault(id(level), PartyLoops(context, ("SF", "ST", "BY"), kept=("BY",)))
        if loops.take(segment, owner, into) or segment.tag in ("LIN", "SN1"):
            return
        if segment.tag == "PRF":
            context.extend(f"{owner}PRF.04", segment.get(4), into)
            return
        if segment.tag == "DTM" and (level is None or level.code in ("S", "O")):
            self._date(segment)
        carriage = self.carriage[id(level)] if level is not None else self.whole
        if not carriage.take(context, segment):
            context.keep(segment, owner, into)

    def _date(self, dtm: Segment) -> None:
        qualifier = dtm.get(1).zfill(3)
        if qualifier in _SHIPPED:
            self.shipped = self.shipped or self.context.date(dtm)
        elif qualifier in _ARRIVES:
            self.arrives = self.arrives or self.context.date(dtm)

    def _share(self, level: Level) -> OrderShare:
        order_id = self._order_id(level)
        return self.shares.setdefault(order_id, OrderShare(order_id))

    def _order_id(self, level: Level) -> str:
        """The purchase order of the nearest level that names one; of the packs of an order, its own."""
        for one in [*level.ancestors(), *level.below("O"), *level.below("I")]:
            for segment in one.segments:
                if segment.tag == "PRF" and segment.get(1):
                    return f"{segment.get(1)}.{segment.get(2)}" if segment.get(2) else segment.get(1)
                if segment.tag == "REF" and segment.code(1) == "PO" and segment.get(2):
                    return segment.get(2)
        lins = [segment for segment in level.segments if segment.tag == "LIN"]
        pairs = [pair for lin in lins for pair in lin.pairs(lin_pairs_at(lin))]
        return next((value for _, qualifier, value in pairs if qualifier == "PO" and value), _NO_ORDER)

    def _shares(self) -> list[OrderShare]:
        """What is shipped per order; without any order there is one shipment that names none."""
        shares = [
            share
            for share in self.shares.values()
            if share.items or share.levels or len(self.shares) == 1 or share.order_id != _NO_ORDER
        ]
        if not shares:
            shares = [OrderShare(_NO_ORDER)]
        if any(share.order_id == _NO_ORDER for share in shares):
            detail = "the notice names no purchase order in PRF01; the shipment stands under `-`"
            self.context.warn("order_missing", detail, self.bsn)
        if not any(share.items for share in shares) and self.levels:
            detail = "the notice names no item; what was shipped is not known"
            self.context.warn("shipment_without_items", detail, self.bsn)
        return shares

    # ---- entities --------------------------------------------------------------------------------------

    def _shipment(self, shipment_id: str, change: Change, share: OrderShare) -> Shipment:
        context, bsn = self.context, self.bsn
        packages = tuple(self._packages(share))  # first: it adds to what is kept
        levels = {id(one): one for one in (*share.levels, *share.packs, *share.items)}
        fields = context.head(
            (context.partner, share.order_id, shipment_id),
            shipment_id,
            context.occurred(self.day),
            change=change,
            variances=self._variances(),
            extensions=[*context.extensions, *[kept for one in levels.values() for kept in one.extensions]],
        )
        sources = [*share.levels, *[one for one in self.levels if one.code == "S"], None]
        return Shipment.model_validate(
            fields
            | {
                "shipment_id": shipment_id,
                "order_id": share.order_id,
                "origin": ShipmentOrigin.CHANNEL,
                "status_raw": bsn.code(6) or bsn.code(1),
                "purpose": _PURPOSES[change],
                "cancels": change is Change.CANCELLED,
                "ship_from": self._party(sources, "SF"),
                "ship_to": self._party(sources, "ST", "BY"),
                "shipped": self.shipped,
                "estimated_delivery": self.arrives,
                "location": self._location(sources),
                "packages": packages,
            }
        )

    def _party(self, sources: Sequence[Level | None], *codes: str) -> object:
        loops = [self.parties[id(one)] for one in sources if id(one) in self.parties]
        found = [one.party(code) for code in codes for one in loops]
        return next((party for party in found if party is not None), None)

    def _location(self, sources: Sequence[Level | None]) -> str | None:
        loops = [self.parties[id(one)] for one in sources if id(one) in self.parties]
        return next((found for one in loops if (found := one.number("SF"))), None)

    def _packages(self, share: OrderShare) -> list[Package]:
        """A package per pack level (or tare that holds items itself), and one for what is in none."""
        inside: dict[int, list[PackageLine]] = {}
        loose: list[Level] = []
        for item in share.items:
            packs = self._packs_of(item)
            if len(packs) == 1:
                inside.setdefault(id(packs[0]), []).extend(package_lines(self.context, item))
            else:
                loose.append(item)
        made = []
        taken: set[str] = set()
        for level in share.packs:
            if id(level) in inside or level.code == "P":
                lines = inside.get(id(level), [])
                made.append(package_of(self.context, level, self._carriage(level), lines, taken))
        if loose or not made:
            within = [*loose, *share.levels, *self.levels][:1]
            carriage = self._carriage(within[0]) if within else self.whole
            lines = [line for item in loose for line in package_lines(self.context, item)]
            made.append(carriage.package(_UNPACKED, lines))
        return made

    def _packs_of(self, item: Level) -> list[Level]:
        """Packs that hold the item: the nearest above it, else those beneath it."""
        above = item.above("P") or item.above("T")
        if above is not None:
            return [above]
        beneath = list(item.below("P"))
        if len(beneath) > 1:
            detail = "several packs hold the item and none says how many; the item stands in no package"
            self.context.warn("package_contents_unknown", detail, item.hl)
        return beneath

    def _carriage(self, level: Level) -> Carriage:
        """Carrier and tracking of a level, with what its parents say where it says nothing."""
        merged = Carriage()
        for one in level.ancestors():
            merged.fill(self.carriage[id(one)], is_own=one is level)
        merged.fill(self.whole, is_own=False)
        return merged

    def _variances(self) -> list[Variance]:
        """CTT01 counts levels (or, with some senders, items or SN1); CTT02 sums what was shipped."""
        ctt = next((segment for segment in self.summary if segment.tag == "CTT"), None)
        if ctt is None:
            return []
        items = [level for share in self.shares.values() for level in share.items]
        shipped = [(segment, 2) for item in items for segment in item.segments if segment.tag == "SN1"]
        count = [
            self.context.counted(ctt, 1, Decimal(len(counted)), VarianceCode.LINE_COUNT)
            for counted in (self.levels, items, shipped)
        ]
        return (count[0] if all(count) else []) + self.context.hash_total(ctt, shipped)


def read_ship_notice(context: SetContext) -> Reading:
    """The shipments of an 856. Raises Rejected with the place."""
    return ShipNoticeReader(context).read()
