"""An 850 from its segments: header, parties, lines, charges, totals.

Invariant: each segment is mapped, kept as an extension or (where it is personal) as a note; what decides
identity, money, quantity or the order's date is read or refused at its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Change,
    Order,
    OrderPayment,
    PartnerProfile,
    PaymentStatus,
    Via,
)
from crossdock.formats.order_draft import OrderDraft
from crossdock.formats.profile_rules import order_tax_mode
from crossdock.formats.x12 import codes
from crossdock.formats.x12.document import Document, Segment
from crossdock.formats.x12.kept import Kept
from crossdock.formats.x12.order_lines import LineReader
from crossdock.formats.x12.order_money import MoneyReader
from crossdock.formats.x12.order_parties import PartyReader
from crossdock.formats.x12.tokenizer import element
from crossdock.formats.x12.values import moment, required_moment

MAPPING_VERSION: Final = "x12_850/1"
Moment = Literal["requested_ship", "requested_delivery", "ship_by", "deliver_by", "cancel_after"]

_MOMENTS: Final[dict[str, Moment]] = {
    "010": "requested_ship",
    "002": "requested_delivery",
    "074": "requested_delivery",
    "038": "ship_by",
    "063": "deliver_by",
    "106": "deliver_by",
    "001": "cancel_after",
    "061": "cancel_after",
}
"""Element 374 → promise clock of the order; other dates are kept as extensions."""
_ORDER_DATES: Final = frozenset({"004", "097"})
"""Element 374: purchase order date, transaction creation; stand in for an empty BEG05."""
_IN_PARTY_LOOP: Final = frozenset({"N1", "N2", "N3", "N4", "NX2", "PER", "REF", "G61", "SI", "FOB", "PKG"})
"""Segments that an N1 loop may hold and that leave it open."""

_CHANGES: Final[dict[str, tuple[Change, bool]]] = {
    "00": (Change.CREATED, True),
    "06": (Change.CREATED, True),
    "07": (Change.CREATED, True),
    "15": (Change.CREATED, False),
    "18": (Change.CREATED, False),
    "04": (Change.UPDATED, False),
    "05": (Change.UPDATED, False),
    "01": (Change.CANCELLED, False),
    "03": (Change.CANCELLED, False),
    "17": (Change.CANCELLED, False),
}
"""BEG01 → change, and whether the document claims to be the first of its order."""


def order_id_of(beg: Segment) -> str:
    """PO number, and the release number behind it where there is one. Raises Rejected ID_MISSING."""
    number_, release = beg.get(3), beg.get(4)
    if not number_:
        raise beg.refuse(RejectionCode.ID_MISSING, "BEG03, the purchase order number, is empty", 3)
    return f"{number_}.{release}" if release else number_


def purpose_of(beg: Segment) -> tuple[Change, bool]:
    """Change that BEG01 states, and whether it says «original». Raises Rejected FIELD_INVALID."""
    purpose = beg.code(1)
    if purpose in _CHANGES:
        return _CHANGES[purpose]
    meaning = codes.PURPOSES_NOT_ORDERS.get(purpose)
    if meaning is not None:
        detail = f"BEG01 {purpose} ({meaning}) is no complete order; send 00, 05 or 01"
    else:
        detail = "BEG01 is no purpose that orders have; send 00 (original), 05 (replace) or 01 (cancel)"
    raise beg.refuse(RejectionCode.FIELD_INVALID, detail, 1)


class OrderReader:
    """Reads one 850; use once."""

    def __init__(self, document: Document, profile: PartnerProfile, names: tuple[str, str]) -> None:
        self.document = document
        self.profile = profile
        self.zone = profile.business_zone
        self.lines = LineReader(document, profile, names)
        self.kept = Kept(document, self.lines)
        self.parties = PartyReader(self.kept, names)
        self.money = MoneyReader(document, self.kept, self.lines.numbers)
        self.beg: Segment | None = None
        self.moments: dict[Moment, BusinessTime] = {}
        self.order_date: BusinessTime | None = None
        self.shipping_method: str | None = None
        self.service_level: str | None = None
        self.buyer_reference: str | None = None

    def draft(self) -> tuple[OrderDraft, bool]:
        """The order as said, and whether it claims to be the original.

        Raises:
            Rejected: where identity, purpose, date, money or quantity cannot be read.
        """
        currency = self.money.currency(self.profile)
        self.lines.numbers.in_currency(currency)
        for segment in self.document.segments:
            self._take(segment)
        if self.beg is None:
            raise self.document.segments[0].refuse(RejectionCode.ID_MISSING, "the set has no BEG segment")
        change, is_original = purpose_of(self.beg)
        self.money.settle_hash_total()
        return self._draft(self.beg, change, currency), is_original

    def check(self, order: Order) -> None:
        """Refuses a finished order whose own counts agree that something was lost. Raises Rejected."""
        self.money.check_loss(order)

    def _take(self, segment: Segment) -> None:
        if segment.tag not in _IN_PARTY_LOOP:
            self.parties.open = None
        handler = _HANDLERS.get(segment.tag)
        if handler is not None:
            handler(self, segment)
        elif self.kept.line is None or not self.lines.take(segment):
            self.kept.segment(segment)

    def on_beg(self, beg: Segment) -> None:
        """Identity, purpose and date."""
        if self.beg is not None:
            detail = "a second BEG stands in the set; two orders may have run together"
            raise beg.refuse(RejectionCode.ENVELOPE_BROKEN, detail)
        self.beg = beg
        if self.document.header.element(15).upper() == "T":
            detail = (
                "ISA15 says test; the order is read as any other, keep test partners in their own profile"
            )
            self.document.warn("test_indicator", detail, f"{self.document.segments[0].place}/ISA15")
            self.kept.extend("ISA.15", "T")
        if beg.code(2) == "BE":
            detail = "BEG02 says estimated quantities without commitment; the order is read as any other"
            self.document.warn("estimated_quantities", detail, beg.path(2))
        for at in range(2, len(beg.row)):
            if at not in (3, 4, 5) and beg.get(at):
                name = beg.path(at).rpartition("/")[2]
                self.kept.extend(f"{name[:3]}.{name[3:]}", beg.get(at))

    def on_ref(self, ref: Segment) -> None:
        """References; the customer's own order number is the buyer's reference."""
        if ref.code(1) == "CO" and self.kept.line is None and self.buyer_reference is None:
            self.buyer_reference = ref.get(2) or None
        where = f"N1.{self.parties.open.qualifier}." if self.parties.open else ""
        value = " ".join([text for at in range(2, len(ref.row)) if (text := ref.get(at))])
        self.kept.extend(f"{where}REF.{ref.get(1)}", value)

    def on_dtm(self, dtm: Segment) -> None:
        """Dates: promise clocks of the order, the ship date of a line; all others are kept."""
        qualifier = dtm.get(1).zfill(3)
        is_known = qualifier in _MOMENTS or qualifier in _ORDER_DATES
        at = self._moment(dtm) if is_known else None
        if at is None or self.kept.line is not None:
            self.kept.extend(f"DTM.{qualifier}", "*".join(dtm.joined().split("*")[1:]))
        if at is not None:
            self._place(qualifier, at)

    def _place(self, qualifier: str, at: BusinessTime) -> None:
        line = self.kept.line
        if qualifier in _ORDER_DATES:
            self.order_date = self.order_date or at
        elif line is None:
            self.moments.setdefault(_MOMENTS[qualifier], at)
        elif qualifier == "010" and not line.sublines:
            line.requested_ship = line.requested_ship or at

    def _moment(self, dtm: Segment) -> BusinessTime | None:
        """The moment of a DTM; None (with a warning) where it cannot be read."""
        day = dtm.get(6) if dtm.code(5) == "D8" and not dtm.get(2) else dtm.get(2)
        if not day.strip("0"):
            if dtm.get(6):
                detail = "a period, or a date in another form than CCYYMMDD, is kept as said and not used"
                self.document.warn("date_unreadable", detail, dtm.path(6))
            return None
        try:
            return moment(day, dtm.get(3), dtm.code(4), self.zone)
        except (ValueError, OverflowError) as error:
            detail = f"the date is kept as said and not used: {error}"
            self.document.warn("date_unreadable", detail, dtm.path(2))
            return None

    def on_td5(self, td5: Segment) -> None:
        """Carrier and service; the first one of the header counts."""
        if self.shipping_method is None and self.kept.line is None:
            code = ":".join([text for text in (td5.get(2), td5.get(3)) if text])
            self.shipping_method = td5.get(5) or code or td5.get(4) or None
            self.service_level = td5.get(12) or None
        self.kept.extend("TD5", td5.joined())

    def on_note(self, segment: Segment) -> None:
        """Free text."""
        self.kept.note(" ".join([text for at in range(1, len(segment.row)) if (text := segment.get(at))]))

    def on_po1(self, po1: Segment) -> None:
        """A line."""
        self.kept.is_summary = False
        self.lines.open(po1)

    def _draft(self, beg: Segment, change: Change, currency: str) -> OrderDraft:
        order_id, placed = order_id_of(beg), self._placed(beg)
        if not self.lines.scans:
            detail = "the order has no PO1 line; a cancellation needs its lines as well"
            raise self.document.segments[-1].refuse(RejectionCode.LINES_MISSING, detail)
        draft = OrderDraft(
            system="x12",
            object_type="850",
            order_id=order_id,
            change=change,
            occurred=self._occurred() or placed,
            placed=placed,
            currency=currency,
            tax_mode=order_tax_mode(None, self.profile, self.document.segments[0].path())[0],
            lines=[],
            stated=self.money.stated,
            adjustments=self.money.adjustments,
            taxes=self.money.taxes,
            order_name=beg.get(3),
            payment=OrderPayment(status=PaymentStatus.NOT_APPLICABLE),
            cancellation=_cancellation(change, beg),
            shipping_method_raw=self.shipping_method,
            service_level=self.service_level,
            buyer_reference=self.buyer_reference,
            via=Via.FILE,
            mapping_version=MAPPING_VERSION,
        )
        for name, at in self.moments.items():
            setattr(draft, name, at)
        self.lines.is_reference_enough = change is Change.CANCELLED
        draft.lines = self.lines.drafts(draft)
        self.money.settle(draft)
        draft.parties = self.parties.parties()
        draft.notes = "\n".join(self.kept.notes) or None
        draft.extensions = self.kept.all_extensions()
        return draft

    def _placed(self, beg: Segment) -> BusinessTime:
        if not beg.get(5) and self.order_date is not None:
            return self.order_date
        return required_moment(beg, 5, self.zone, "BEG05, the order's date,")

    def _occurred(self) -> BusinessTime | None:
        """When the interchange was made: GS04/GS05, else ISA09/ISA10, in the profile's zone."""
        gs, header = self.document.group, self.document.header
        for day, clock in ((element(gs, 4), element(gs, 5)), (header.element(9), header.element(10))):
            try:
                return moment(day, clock, "", self.zone)
            except (ValueError, OverflowError):
                continue
        return None


def _cancellation(change: Change, beg: Segment) -> Cancellation:
    if change is Change.CANCELLED:
        return Cancellation(status=CancellationStatus.CANCELLED, reason_raw=f"{beg.row[0]}01 {beg.code(1)}")
    return Cancellation(status=CancellationStatus.NONE)


_HANDLERS: Final[dict[str, Callable[[OrderReader, Segment], None]]] = {
    "BEG": OrderReader.on_beg,
    "REF": OrderReader.on_ref,
    "DTM": OrderReader.on_dtm,
    "TD5": OrderReader.on_td5,
    "PO1": OrderReader.on_po1,
    **dict.fromkeys(("MSG", "NTE", "MTX"), OrderReader.on_note),
    "N1": lambda reader, segment: reader.parties.on_n1(segment),
    **dict.fromkeys(("N2", "N3", "N4"), lambda reader, segment: reader.parties.on_address(segment)),
    "PER": lambda reader, segment: reader.parties.on_per(segment),
    "CUR": lambda reader, segment: reader.money.on_cur(segment),
    "SAC": lambda reader, segment: reader.money.on_sac(segment),
    "TXI": lambda reader, segment: reader.money.on_txi(segment),
    "AMT": lambda reader, segment: reader.money.on_amt(segment),
    "CTT": lambda reader, segment: reader.money.on_ctt(segment),
}
