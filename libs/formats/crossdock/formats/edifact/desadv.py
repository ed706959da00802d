"""DESADV: what a supplier or warehouse has sent, one shipment per order that it names.

Invariant: each despatched quantity stands in exactly one package of exactly one shipment; a package gets its
lines from its CPS group, a line that names its own SSCC excepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    Change,
    Package,
    PackageLine,
    PartnerProfile,
    PartyRole,
    Quantity,
    Shipment,
    ShipmentOrigin,
    ShipmentPurpose,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.decimals import spelled
from crossdock.formats.edi.sscc import is_sscc, sscc_of
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.groups import LineScan, reference_of
from crossdock.formats.edifact.items import known_unit, unit_of
from crossdock.formats.edifact.order import carrier_of
from crossdock.formats.edifact.parties import Issuers, of_role
from crossdock.formats.edifact.report import NO_ORDER, Report, function_of, kept_dates, number_of
from crossdock.formats.edifact.segment import Segment
from crossdock.formats.edifact.trade import Trade
from crossdock.formats.edifact.values import Numbers

_PURPOSES: Final = {
    Change.CREATED: ShipmentPurpose.ORIGINAL,
    Change.UPDATED: ShipmentPurpose.REPLACE,
    Change.CANCELLED: ShipmentPurpose.CANCEL,
}
_DESPATCHED: Final = ("12", "46", "47", "1")
"""Data element 6063: despatched, delivered, invoiced, discrete."""
_SHIPPED: Final = ("11", "137")
_EXPECTED: Final = ("17", "132", "358", "191", "2", "69", "64")
"""Data element 2005: despatch; estimated delivery, estimated arrival, …"""
_USED_DATES: Final = ("11", "17", "132", "358")
_TRACKING: Final = ("CN", "CRN", "AAS", "BM", "CU")
"""Data element 1153: carrier's reference, transport document, bill of lading, consignor's."""
_PACKAGES: Final = ("BJ", "AW", "ML")
"""Data element 7405: SSCC, serial shipping container code, number of the label."""
_GROSS_WEIGHT: Final = frozenset({"AAB", "G", "AAD", "AAW"})


@dataclass(slots=True)
class _Node:
    """A CPS group: one level of packing."""

    number: str
    parent: str
    ssccs: list[str] = field(default_factory=list)
    weight: Segment | None = None
    lines: list[LineScan] = field(default_factory=list)


class _Despatch(Trade):
    """The groups of a DESADV: those of any trade message, and its packing."""

    def __init__(self, document: Document, issuers: Issuers) -> None:
        super().__init__(document, issuers)
        self.nodes: list[_Node] = []
        self.line_ssccs: dict[str, list[str]] = {}
        self.serials: dict[str, list[str]] = {}
        self.lots: dict[str, str] = {}

    def _take(self, segment: Segment) -> None:
        if segment.tag == "CPS":
            self.is_summary = True  # what follows is of the package until its first line
            self.nodes.append(_Node(segment.get(1) or str(len(self.nodes) + 1), segment.get(2)))
        elif segment.tag == "GIN":
            self._identity(segment)
        elif segment.tag == "MEA" and self.nodes and self.line is None and self._is_gross(segment):
            self.nodes[-1].weight = self.nodes[-1].weight or segment
        else:
            super()._take(segment)

    def open_line(self, lin: Segment) -> LineScan:
        """A line, in the CPS group that is open; where there is none, of one package."""
        scan = super().open_line(lin)
        if not self.nodes:
            self.nodes.append(_Node("1", ""))
        self.nodes[-1].lines.append(scan)
        return scan

    def _is_gross(self, mea: Segment) -> bool:
        return mea.code(2) in _GROSS_WEIGHT and bool(mea.get(3, 2))

    def _identity(self, gin: Segment) -> None:
        """SSCCs of the package or line, serial and batch numbers of the line; others are kept."""
        kind, line = gin.code(1), self.line
        numbers = [gin.get(at, part) for at in range(2, len(gin.row)) for part in (1, 2) if gin.get(at, part)]
        if any(gin.get(at, 2) for at in range(2, len(gin.row))):
            detail = "GIN states a range of numbers; its first and last number are carried"
            self.document.warn("number_range", detail, gin.path())
        if kind in _PACKAGES and line is not None:
            self.line_ssccs.setdefault(line.line_id, []).extend(numbers)
        elif kind in _PACKAGES and self.nodes:
            self.nodes[-1].ssccs.extend(numbers)
        elif kind in ("SN", "BN", "EE") and line is not None:
            self.serials.setdefault(line.line_id, []).extend(numbers)
        elif kind in ("BX", "NB") and line is not None and numbers:
            self.lots.setdefault(line.line_id, numbers[0])
        else:
            self.keep(f"GIN.{gin.get(1)}", gin.joined())


def read_desadv(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The shipments of a despatch advice. Raises Rejected with the place."""
    report = Report(document, record, profile)
    tenant, partner = report.names
    despatch = _Despatch(document, Issuers(buyer=tenant, seller=partner))
    despatch.scan()
    reader = _Reader(despatch, report, Numbers(document, profile))
    number, (function, change, is_original) = number_of(despatch), function_of(despatch)
    shared = reader.shared(function, change)
    orders = reader.orders()
    quantities = {line.line_id: reader.quantity(line) for line in despatch.lines}
    total = sum((quantity.value for quantity in quantities.values()), Decimal(0))
    report.count(despatch, reader.numbers, len(despatch.lines), total)
    dates = kept_dates(despatch.dates, _USED_DATES)
    report.check_size(len(orders), len(despatch.extensions) + len(dates) + 1)
    occurred = report.occurred(report.moment(despatch.dates, *_SHIPPED))
    packages = reader.packages(quantities)
    shipments = [
        Shipment.model_validate(
            report.head((partner, order, number), number, occurred, change, extensions=(*kept, *dates))
            | shared
            | {"shipment_id": number, "order_id": order, "packages": tuple(packages[order])}
        )
        for order, lines in orders.items()
        for kept in (despatch.all_extensions(lines),)
    ]
    return report.reading(shipments, is_original=is_original)


class _Reader:
    """Makes the parts of shipments of one scanned DESADV."""

    def __init__(self, despatch: _Despatch, report: Report, numbers: Numbers) -> None:
        self.despatch = despatch
        self.report = report
        self.numbers = numbers
        reference = reference_of(despatch.references, "ON")
        self._order = reference.get(1, 2) if reference is not None else NO_ORDER
        tracking = reference_of(despatch.references, *_TRACKING)
        self._tracking = tracking.get(1, 2) if tracking is not None else None
        self._carrier = carrier_of(despatch.transports)
        self._by_number = {node.number: node for node in despatch.nodes}
        self._outer_of: dict[str, str] = {}
        """Number of a level → SSCC of its nearest outer package, as far as it was asked for."""

    def shared(self, function: str, change: Change) -> dict[str, object]:
        """What all shipments of the message say alike."""
        report, dates = self.report, self.despatch.dates
        parties = self.despatch.parties.parties()
        return {
            "origin": ShipmentOrigin.CHANNEL,
            "status_raw": f"BGM03 {function}".strip() if function else "",
            "purpose": _PURPOSES[change],
            "cancels": change is Change.CANCELLED,
            "ship_from": of_role(parties, PartyRole.SHIP_FROM),
            "ship_to": of_role(parties, PartyRole.SHIP_TO),
            "shipped": report.moment(dates, *_SHIPPED[:1]),
            "estimated_delivery": report.moment(dates, *_EXPECTED),
        }

    def order_of(self, line: LineScan) -> str:
        """The order that a line is of: its own RFF ON, else the message's."""
        reference = line.reference("ON")
        return reference.get(1, 2) if reference is not None else self._order

    def orders(self) -> dict[str, list[LineScan]]:
        """Orders in the order of their first line, with their lines; the message's own where it has none."""
        found: dict[str, list[LineScan]] = {}
        for line in self.despatch.lines:
            found.setdefault(self.order_of(line), []).append(line)
        return found or {self._order: []}

    def quantity(self, scan: LineScan) -> Quantity:
        """What was despatched. Raises Rejected where the line does not say it."""
        qty = scan.quantity(*_DESPATCHED)
        if qty is None or not qty.get(1, 2):
            detail = "the line states no despatched quantity (QTY 12)"
            raise scan.lin.refuse(RejectionCode.FIELD_INVALID, detail)
        for other in (*scan.quantities, *scan.prices, *scan.amounts.moas, *scan.dates.values()):
            if other is not qty:
                scan.keep(f"{other.tag}.{other.get(1)}", other.rest())
        unit, _, _ = unit_of(qty, self.report.profile)
        return Quantity(value=spelled(self.numbers.number(qty, 1, 2), 0), unit=unit)

    def packages(self, quantities: dict[str, Quantity]) -> dict[str, list[Package]]:
        """Packages by order; those without any line go with the first one."""
        orders = self.orders()
        first = next(iter(orders))
        found: dict[str, list[Package]] = {order: [] for order in orders}
        for node in self.despatch.nodes:
            lines: dict[str, list[LineScan]] = {}
            for line in node.lines:
                lines.setdefault(self.order_of(line), []).append(line)
            for order, own in (lines or {first: []}).items():
                found[order] += self._of_node(node, own, quantities)
        for packages in found.values():
            if not packages:
                packages.append(
                    Package(package_id="1", carrier=self._carrier, tracking_number=self._tracking)
                )
        return found

    def _of_node(
        self, node: _Node, lines: list[LineScan], quantities: dict[str, Quantity]
    ) -> Iterator[Package]:
        own = [line for line in lines if line.line_id in self.despatch.line_ssccs]
        shared = [line for line in lines if line.line_id not in self.despatch.line_ssccs]
        ssccs = list(dict.fromkeys(node.ssccs))
        if shared and len(ssccs) > 1:
            detail = "several SSCC share the lines of one CPS; all lines are put into the first package"
            self.report.document.warn("package_content_shared", detail, shared[0].lin.path())
        if not ssccs and shared:
            ssccs = [self._outer(node)]
        for at, sscc in enumerate(ssccs if shared or not node.lines else []):
            yield self._package(node, sscc, shared if at == 0 else [], quantities, is_only=len(ssccs) == 1)
        for line in own:
            for at, sscc in enumerate(self.despatch.line_ssccs[line.line_id]):
                yield self._package(node, sscc, [line] if at == 0 else [], quantities, is_only=False)

    def _outer(self, node: _Node) -> str:
        """SSCC of the nearest outer package; empty where none has exactly one. Each level is asked once."""
        way: list[_Node] = []
        at: _Node | None = node
        found = ""
        while at is not None:
            if at.number in self._outer_of:
                found = self._outer_of[at.number]
                break
            self._outer_of[at.number] = ""  # ends a circle of levels
            way.append(at)
            parent = self._by_number.get(at.parent)
            if parent is not None and len(parent.ssccs) == 1:
                found = parent.ssccs[0]
                break
            at = parent
        self._outer_of.update((passed.number, found) for passed in way)
        return found

    def _package(
        self, node: _Node, sscc: str, lines: list[LineScan], quantities: dict[str, Quantity], *, is_only: bool
    ) -> Package:
        digits = sscc_of(sscc) if sscc else None
        if sscc and (digits is None or not is_sscc(digits)):
            detail = "the number of a package is no SSCC: 18 digits with the right check digit; used as said"
            self.report.document.warn("sscc_invalid", detail, self.report.document.segments[0].path())
        return Package(
            package_id=digits or sscc or node.number,
            carrier=self._carrier,
            tracking_number=self._tracking,
            sscc=digits,
            weight=self._weight(node) if is_only else None,
            lines=tuple(self._line(line, quantities[line.line_id]) for line in lines),
        )

    def _weight(self, node: _Node) -> Quantity | None:
        mea = node.weight
        if mea is None:
            return None
        unit = known_unit(mea.get(3), self.report.profile)
        try:
            value = self.numbers.number(mea, 3, 2)
        except Rejected:
            unit = None
        if unit is None:
            detail = "a weight is no number in a known unit; it is not carried"
            self.report.document.warn("weight_unreadable", detail, mea.path(3))
            return None
        return Quantity(value=spelled(value, 0), unit=unit)

    def _line(self, scan: LineScan, quantity: Quantity) -> PackageLine:
        sku = self.report.sku(scan.ids)
        reference = scan.reference("ON", "LI")
        return PackageLine(
            line_id=(reference.get(1, 3) or None) if reference is not None else None,
            sku=sku,
            identifiers=tuple(scan.ids.found),
            quantity=quantity,
            lot=self.despatch.lots.get(scan.line_id) or scan.ids.lot,
            serials=tuple(self.despatch.serials.get(scan.line_id, ())),
        )
