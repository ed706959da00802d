"""INVRPT: stock as a warehouse or seller reports it, one snapshot per item and place.

Invariant: a figure keeps its 6063 code beside its meaning; a code that no table knows means `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from crossdock.canonical.errors import RejectionCode, shown
from crossdock.canonical.models import (
    BusinessTime,
    PartnerProfile,
    Quantity,
    QuantityMeaning,
    SnapshotBasis,
    SnapshotScope,
    StockFigure,
    StockSnapshot,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.decimals import spelled
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.groups import LineScan
from crossdock.formats.edifact.items import unit_of
from crossdock.formats.edifact.parties import Issuers
from crossdock.formats.edifact.report import Report, function_of, number_of
from crossdock.formats.edifact.segment import Segment
from crossdock.formats.edifact.trade import Trade
from crossdock.formats.edifact.values import Numbers

_AS_OF: Final = ("366", "7", "324", "194", "137", "90")
"""Data element 2005: when the stock was so."""
NO_PLACE: Final = "-"
"""Location in keys of a report that knows one place only."""
_WAREHOUSES: Final = ("WH", "ST", "GM", "SU")
"""Data element 3035 of the header: whose stock it is, where no LOC says it."""


@dataclass(slots=True)
class _Place:
    """Figures of one line at one place."""

    location: str
    figures: list[Segment] = field(default_factory=list)
    dates: dict[str, Segment] = field(default_factory=dict)


class _Stock(Trade):
    """The groups of an INVRPT: those of any trade message, and each line's places."""

    def __init__(self, document: Document, issuers: Issuers) -> None:
        super().__init__(document, issuers)
        self.places: dict[str, list[_Place]] = {}
        self.location = ""

    def _take(self, segment: Segment) -> None:
        line = self.line
        if segment.tag == "LOC":
            self._at(segment.get(2) or segment.get(2, 4))
        elif segment.tag == "QTY" and line is not None and not line.sublines:
            self._place(line).figures.append(segment)
        elif segment.tag == "DTM" and line is not None and self.places.get(line.line_id):
            self._place(line).dates.setdefault(segment.code(1), segment)
        else:
            super()._take(segment)

    def _at(self, location: str) -> None:
        if self.line is None:
            self.location = location
        else:
            self.places.setdefault(self.line.line_id, []).append(_Place(location))

    def _place(self, line: LineScan) -> _Place:
        places = self.places.setdefault(line.line_id, [])
        if not places:
            places.append(_Place(self.location or self._warehouse()))
        return places[-1]

    def _warehouse(self) -> str:
        parties = [draft for draft in self.parties.drafts if draft.line_id is None]
        by_code = {draft.code: draft.segment.get(2) for draft in reversed(parties)}
        return next((by_code[code] for code in _WAREHOUSES if by_code.get(code)), "")


def _placed(places: list[_Place]) -> list[_Place]:
    """The places of a line; where its last LOC has no figures, each LOC stands behind those of its place."""
    if len(places) < 2 or places[-1].figures:
        return places
    for place, behind in pairwise(places):
        place.location = behind.location
    return places[:-1]


def read_invrpt(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The stock snapshots of an inventory report. Raises Rejected with the place."""
    report = Report(document, record, profile)
    tenant, partner = report.names
    stock = _Stock(document, Issuers(buyer=partner, seller=tenant))
    stock.scan()
    number, (_, change, _) = number_of(stock), function_of(stock)
    if not stock.lines:
        detail = "the report has no LIN; an empty report does not say that all stock is 0"
        raise document.segments[-1].refuse(RejectionCode.LINES_MISSING, detail)
    as_of = report.moment(stock.dates, *_AS_OF)
    occurred = report.occurred(as_of)
    report.count(stock, Numbers(document, profile), len(stock.lines), None)
    reader = _Reader(stock, report)
    snapshots = [
        StockSnapshot.model_validate(
            report.head(key, number, occurred, change, extensions=tuple(line.extensions) if at == 0 else ())
            | content
        )
        for line in stock.lines
        for at, (key, content) in enumerate(reader.snapshots(line, as_of or occurred))
    ]
    return report.reading(snapshots, is_original=False)


class _Reader:
    """Makes snapshots of the lines of one scanned INVRPT."""

    def __init__(self, stock: _Stock, report: Report) -> None:
        self._stock = stock
        self._report = report
        self._numbers = Numbers(report.document, report.profile)
        self._rows: set[tuple[str, str, str]] = set()

    def snapshots(
        self, scan: LineScan, as_of: BusinessTime
    ) -> Iterator[tuple[tuple[str, ...], dict[str, object]]]:
        """Key segments and content of each place of a line. Raises Rejected where it states no quantity."""
        places = [place for place in _placed(self._stock.places.get(scan.line_id, [])) if place.figures]
        if not places:
            detail = "the line states no quantity"
            raise scan.lin.refuse(RejectionCode.FIELD_INVALID, detail)
        sku = self._report.sku(scan.ids) or self._named(scan)
        partner, lot = self._report.names[1], scan.ids.lot
        for place in places:
            row = self._row(sku, place.location, lot or sku)
            yield (
                (sku, partner, place.location or NO_PLACE, row),
                {
                    "sku": sku,
                    "erp": partner,
                    "identifiers": tuple(scan.ids.found),
                    "location": place.location,
                    "lot": lot,
                    "quantities": tuple(self._figure(qty) for qty in place.figures),
                    "as_of": self._report.moment(place.dates | scan.dates, *_AS_OF) or as_of,
                    "scope": SnapshotScope.ROW,
                    "basis": SnapshotBasis.REPORT,
                },
            )

    def _named(self, scan: LineScan) -> str:
        """The reporter's own number of an item that is none of our SKUs. Raises Rejected ID_MISSING."""
        named = next(iter(scan.ids.found), None)
        if named is None:
            raise scan.lin.refuse(RejectionCode.ID_MISSING, "the line names no item in LIN03 or PIA", 3)
        return named.value

    def _row(self, sku: str, location: str, row: str) -> str:
        """The row's part of the key; a second one for the same item and place is numbered."""
        number, unique = 1, row
        while (sku, location, unique) in self._rows:
            number += 1
            unique = f"{row}#{number}"
        self._rows.add((sku, location, unique))
        return unique

    def _figure(self, qty: Segment) -> StockFigure:
        code = qty.code(1)
        meaning = codes.STOCK_MEANINGS.get(code, QuantityMeaning.UNKNOWN)
        if meaning is QuantityMeaning.UNKNOWN:
            detail = f"quantity code {shown(code)} has no meaning in our table; kept as said"
            self._report.document.warn("quantity_meaning_unknown", detail, qty.path(1, 1))
        unit, _, _ = unit_of(qty, self._report.profile)
        value = spelled(self._numbers.number(qty, 1, 2), 0)
        return StockFigure(meaning=meaning, meaning_raw=code, quantity=Quantity(value=value, unit=unit))
