"""Lines of an 850: PO1 with everything that hangs on it.

Invariant: every PO1 becomes exactly one line; quantity, unit and price are read or the order is refused
at their place; every other segment of the loop is mapped or kept as an extension.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Extension,
    PartnerProfile,
    PriceBasis,
    VarianceCode,
)
from crossdock.canonical.units import X12_UNITS, resolve_unit
from crossdock.formats.edi.line_ids import LineIds
from crossdock.formats.edi.ordered import Ordered
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, OrderDraft, TaxDraft, both
from crossdock.formats.order_variances import variance
from crossdock.formats.x12.document import Document, Segment
from crossdock.formats.x12.items import ItemIds, lin_pairs_at
from crossdock.formats.x12.prices import LinePrice, price_of, priced_by
from crossdock.formats.x12.values import Numbers, moment

_SIX_PLACES: Final = Decimal("0.000001")
_NONE: Final = Decimal(0)
_SDQ_LAST: Final = 23
"""SDQ23 is a location code, no store."""


@dataclass(slots=True)
class LineScan:
    """One PO1 loop as it is read."""

    po1: Segment
    line_id: str
    ids: ItemIds
    ctps: list[Segment] = field(default_factory=list)
    stated_amount: Decimal | None = None
    """AMT*1 of the loop: the line's amount as said."""
    splits: Decimal | None = None
    """Sum of the SDQ quantities."""
    scheduled: Decimal | None = None
    """Sum of the SCH quantities."""
    other_unit: str = ""
    """Unit that SDQ or SCH state."""
    adjustments: list[AdjustmentDraft] = field(default_factory=list)
    taxes: list[TaxDraft] = field(default_factory=list)
    requested_ship: BusinessTime | None = None
    sublines: int = 0
    """How many SLN came so far; while it is above 0, segments belong to the subline."""
    extensions: list[Extension] = field(default_factory=list)

    def keep(self, name: str, value: str) -> None:
        """Keeps something unmapped of this line, or of its current subline."""
        subline = f".SLN[{self.sublines}]" if self.sublines and not name.startswith("SLN") else ""
        self.extensions.append(Extension(name=f"lines[{self.line_id}]{subline}.{name}", value=value))


class LineReader:
    """Makes line drafts of the PO1 loops of one order."""

    def __init__(self, document: Document, profile: PartnerProfile, names: tuple[str, str]) -> None:
        self.document = document
        self.profile = profile
        self.numbers = Numbers(profile)
        self.names = names
        """Tenant and partner."""
        self.is_reference_enough = False
        """The document cancels: its lines may name what they cancel without a quantity."""
        self.scans: list[LineScan] = []
        self._ids = LineIds(document, "PO101", "id")

    def open(self, po1: Segment) -> LineScan:
        """A new line; its id is PO101, else its position. Raises Rejected FIELD_INVALID."""
        line_id = self._ids.take(po1, po1.get(1))
        scan = LineScan(po1, line_id, ItemIds(*self.names))
        scan.ids.take(po1, 6)
        self.scans.append(scan)
        return scan

    def take(self, segment: Segment) -> bool:
        """Takes a segment of the current line's loop; False where lines have no place for it."""
        handler = _HANDLERS.get(segment.tag)
        if handler is None or (self.scans[-1].sublines and segment.tag != "SLN"):
            return False
        handler(self, self.scans[-1], segment)
        return True

    def on_lin(self, scan: LineScan, lin: Segment) -> None:
        """Further identifiers of the item."""
        scan.ids.take(lin, lin_pairs_at(lin))

    def on_ctp(self, scan: LineScan, ctp: Segment) -> None:
        """A price, or how much is priced."""
        scan.ctps.append(ctp)
        scan.keep("CTP", ctp.joined())

    def on_sln(self, scan: LineScan, sln: Segment) -> None:
        """A component: kept, for the item's own bundle decides what leaves the stock."""
        scan.sublines += 1
        scan.keep(f"SLN[{scan.sublines}]", sln.joined())
        detail = "a subline item is kept as an extension; it is not ordered by itself"
        self.document.warn("subline_kept", detail, sln.path())

    def on_sdq(self, scan: LineScan, sdq: Segment) -> None:
        """Quantities per store; they must sum to the line."""
        scan.other_unit = scan.other_unit or sdq.code(1)
        for at in range(3, min(len(sdq.row), _SDQ_LAST), 2):
            if sdq.get(at) or sdq.get(at + 1):
                quantity = self.numbers.number(sdq, at + 1)
                scan.splits = (scan.splits or _NONE) + quantity
                scan.keep(f"SDQ.{sdq.get(2)}.{sdq.get(at)}", f"{quantity} {sdq.code(1)}".strip())

    def on_sch(self, scan: LineScan, sch: Segment) -> None:
        """A delivery schedule; its quantities must sum to the line."""
        if sch.get(1):
            scan.scheduled = (scan.scheduled or _NONE) + self.numbers.number(sch, 1)
            scan.other_unit = scan.other_unit or sch.code(2)
        if sch.code(5) == "010" and scan.requested_ship is None:
            scan.requested_ship = self._ship_date(sch)
        scan.keep("SCH", sch.joined())

    def _ship_date(self, sch: Segment) -> BusinessTime | None:
        try:
            return moment(sch.get(6), "", "", self.profile.business_zone)
        except (ValueError, OverflowError) as error:
            detail = f"the date is kept as said and not used: {error}"
            self.document.warn("date_unreadable", detail, sch.path(6))
            return None

    def drafts(self, draft: OrderDraft) -> list[LineDraft]:
        """All lines; their variances and extensions go to the order."""
        return [self._line(scan, draft) for scan in self.scans]

    def _line(self, scan: LineScan, draft: OrderDraft) -> LineDraft:
        ordered = self._ordered(scan)
        priced = priced_by(scan.ctps, self.document, self.profile, self.numbers)
        price = price_of(scan.po1, ordered, priced, self.numbers)
        for warning in (*scan.ids.warnings, *price.warnings):
            self.document.warn(*warning)
        for qualifier, value in scan.ids.others:
            scan.keep(f"PO1.{qualifier}", value)
        line = LineDraft(
            line_id=scan.line_id,
            ordered=ordered.value,
            unit=ordered.unit,
            identifiers=tuple(scan.ids.found),
            stock=ordered.in_stock(scan.line_id, draft.variances),
            adjustments=scan.adjustments,
            taxes=scan.taxes,
            requested_ship=scan.requested_ship,
            path=scan.po1.path(),
        )
        self._price(scan, line, price, draft)
        self._check_parts(scan, ordered, draft)
        return line

    def _ordered(self, scan: LineScan) -> Ordered:
        po1 = scan.po1
        raw = po1.code(3) or scan.other_unit
        stated = scan.splits if scan.splits is not None else scan.scheduled
        if self.is_reference_enough and not po1.get(2) and stated is None:
            return Ordered.unsaid(self.document, po1.path(2))
        if po1.get(2):
            value = self.numbers.number(po1, 2)
        elif stated is not None:
            value = stated
            detail = "PO102 is empty; the sum of the line's SDQ or SCH quantities is ordered"
            self.document.warn("quantity_from_parts", detail, po1.path(2))
        else:
            raise po1.refuse(RejectionCode.FIELD_INVALID, "the line states no quantity in PO102", 2)
        if value < 0 or value != value.quantize(_SIX_PLACES):
            raise po1.refuse(
                RejectionCode.FIELD_INVALID,
                "an ordered quantity is not negative and has at most 6 decimals",
                2,
            )
        unit, factor = self._unit(raw, po1.path(3))
        return Ordered(value, unit if factor == 1 else raw, unit, factor)

    def _unit(self, raw: str, path: str) -> tuple[str, Decimal]:
        if not raw and "" not in self.profile.units:
            detail = "PO103, the unit of the quantity, is empty; state it, or map '' in the profile's `units`"
            raise Rejected(RejectionCode.UNIT_UNMAPPED, detail, path)
        return resolve_unit(raw, self.profile, path=path, code_list=X12_UNITS)

    def _price(self, scan: LineScan, line: LineDraft, price: LinePrice, draft: OrderDraft) -> None:
        line.price_basis, line.price_per, line.price_unit = price.basis, price.per, price.per_unit
        if price.price is not None:
            line.unit_price = both(price.price)
        if price.extended is not None and price.exact is not None:
            line.extended, line.is_price_compared = both(price.extended), False
            if price.exact != price.extended:
                figures = (price.exact, price.extended)
                draft.variances.append(
                    variance(
                        VarianceCode.LINE_EXTENSION, line.line_id, figures, draft.currency, self._tolerance()
                    )
                )
        if scan.stated_amount is not None:
            self._stated_amount(scan.stated_amount, line, draft)
        if line.unit_price is None and line.extended is None and not self.is_reference_enough:
            detail = "the line states no price; its amount is carried as 0 with price basis unknown"
            self.document.warn("price_missing", detail, scan.po1.path(4))

    def _stated_amount(self, amount: Decimal, line: LineDraft, draft: OrderDraft) -> None:
        """The sender's own line amount is carried; a converted one beside it is compared here."""
        if not line.is_price_compared and line.extended is not None and line.extended.shop != amount:
            figures = (amount, line.extended.shop)
            draft.variances.append(
                variance(
                    VarianceCode.LINE_EXTENSION, line.line_id, figures, draft.currency, self._tolerance()
                )
            )
        if line.unit_price is None:
            line.price_basis = PriceBasis.EXTENDED
        line.extended = both(amount)

    def _tolerance(self) -> Decimal:
        return self.profile.tolerances.order_total.for_lines(1)

    def _check_parts(self, scan: LineScan, ordered: Ordered, draft: OrderDraft) -> None:
        for name, parts in (("SDQ", scan.splits), ("SCH", scan.scheduled)):
            if parts is not None and parts != ordered.value:
                subject = f"{scan.line_id}.{name}"
                draft.variances.append(
                    variance(
                        VarianceCode.QUANTITY_TOTAL, subject, (parts, ordered.value), ordered.unit, _NONE
                    )
                )


_HANDLERS: Final[dict[str, Callable[[LineReader, LineScan, Segment], None]]] = {
    "LIN": LineReader.on_lin,
    "CTP": LineReader.on_ctp,
    "SLN": LineReader.on_sln,
    "SDQ": LineReader.on_sdq,
    "SCH": LineReader.on_sch,
}
