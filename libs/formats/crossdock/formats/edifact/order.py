"""ORDERS and ORDCHG: header, parties, dates, lines, totals.

Invariant: each segment is mapped, kept as an extension or (where it is personal) as a note; what decides
identity, money, quantity or the order's date is read or refused at its place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Change,
    Order,
    OrderPayment,
    PartnerProfile,
    PaymentStatus,
    VarianceCode,
    Via,
)
from crossdock.formats.edi.losses import Segments, lost_lines
from crossdock.formats.edi.percentages import settle
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.groups import reference_of
from crossdock.formats.edifact.money import Money
from crossdock.formats.edifact.order_lines import DELETED, OrderLines, net_of
from crossdock.formats.edifact.parties import Issuers
from crossdock.formats.edifact.segment import Segment
from crossdock.formats.edifact.trade import Trade
from crossdock.formats.edifact.values import Period, moments_of, prepared, time_refused
from crossdock.formats.order_draft import (
    AdjustmentDraft,
    OrderDraft,
    StatedDraft,
    StatedFigure,
    TaxDraft,
    both,
)
from crossdock.formats.order_variances import variance
from crossdock.formats.profile_rules import order_tax_mode

MAPPING_VERSION: Final = "edifact_orders/1"
Moment = Literal["requested_ship", "requested_delivery", "ship_by", "deliver_by", "cancel_after"]
_MOMENTS: Final[tuple[tuple[str, Moment], ...]] = (
    ("2", "requested_delivery"),
    ("69", "requested_delivery"),
    ("64", "requested_delivery"),
    ("76", "requested_delivery"),
    ("10", "requested_ship"),
    ("37", "requested_ship"),
    ("38", "ship_by"),
    ("63", "deliver_by"),
    ("61", "cancel_after"),
)
"""Data element 2005 → promise clock of the order; of several for one clock the first here counts."""
_ORDER_DATES: Final = ("4", "137")
"""Data element 2005: order date, document date."""


def order_id_of(trade: Trade) -> str:
    """Number of the order: BGM, of an order change its RFF ON. Raises Rejected ID_MISSING."""
    reference = reference_of(trade.references, "ON")
    number = trade.bgm.get(2) if trade.bgm is not None else ""
    if reference is not None and (not number or trade.document.message_type == codes.ORDER_CHANGE):
        number = reference.get(1, 2)
    if number:
        return number
    segment = trade.bgm or trade.document.segments[0]
    detail = "BGM02, the number of the order, is empty and no RFF ON states it"
    raise segment.refuse(RejectionCode.ID_MISSING, detail, 2)


def purpose_of(trade: Trade) -> tuple[Change, bool]:
    """Change that BGM03 states, and whether it says «original». Raises Rejected FIELD_INVALID."""
    bgm = trade.bgm
    function = bgm.code(3) if bgm is not None else ""
    if function in codes.FUNCTIONS:
        return codes.FUNCTIONS[function]
    assert bgm is not None
    detail = (
        f"BGM03 {shown(function)} is no function of a complete order; "
        "send 9 (original), 5 (replace), 4 (change) or 1 (cancellation)"
    )
    raise bgm.refuse(RejectionCode.FIELD_INVALID, detail, 3)


class OrderReader:
    """Reads one ORDERS or ORDCHG; use once."""

    def __init__(self, document: Document, profile: PartnerProfile, names: tuple[str, str]) -> None:
        tenant, partner = names
        self.document = document
        self.profile = profile
        self.zone = profile.business_zone
        self.trade = Trade(document, Issuers(buyer=partner, seller=tenant)).scan()
        self.money = Money(self.trade, profile)
        self.lines = OrderLines(self.trade, self.money, profile)
        self.stated = StatedDraft()

    def draft(self) -> tuple[OrderDraft, bool]:
        """The order as said, and whether it claims to be the original.

        Raises:
            Rejected: where identity, purpose, date, money or quantity cannot be read.
        """
        order_id = order_id_of(self.trade)
        change, is_original = purpose_of(self.trade)
        if not self.trade.lines:
            detail = "the order has no LIN; a cancellation needs its lines as well"
            raise self.document.segments[-1].refuse(RejectionCode.LINES_MISSING, detail)
        draft = self._head(order_id, change)
        self.lines.is_reference_enough, self.lines.is_change = change is Change.CANCELLED, self._is_change
        draft.lines = self.lines.drafts(draft)
        if self._is_change:
            self._mark_deleted(draft)
        draft.adjustments = self.money.adjustments(self.trade.header) + self._summary_adjustments()
        draft.taxes = self._taxes(draft)
        self._totals(draft)
        self._moments(draft)
        draft.parties = self.trade.parties.parties()
        draft.notes = self.trade.all_notes()
        self._tell_test()
        draft.extensions = self.trade.all_extensions()
        return draft, is_original

    @property
    def _is_change(self) -> bool:
        return self.document.message_type == codes.ORDER_CHANGE

    def _head(self, order_id: str, change: Change) -> OrderDraft:
        placed = self._placed()
        trade = self.trade
        buyer_reference = reference_of(trade.references, "CR", "UC")
        return OrderDraft(
            system="edifact",
            object_type=self.document.message_type,
            order_id=order_id,
            change=change,
            occurred=prepared(self.document, self.zone) or placed,
            placed=placed,
            currency=self.money.currency,
            tax_mode=order_tax_mode(None, self.profile, self.document.segments[0].path())[0],
            lines=[],
            stated=self.stated,
            order_name=trade.bgm.get(2) or None if trade.bgm is not None else None,
            payment=OrderPayment(status=PaymentStatus.NOT_APPLICABLE),
            cancellation=_cancellation(change, trade.bgm),
            shipping_method_raw=carrier_of(trade.transports),
            buyer_reference=buyer_reference.get(1, 2) if buyer_reference is not None else None,
            via=Via.FILE,
            mapping_version=MAPPING_VERSION,
        )

    # ---- dates ----

    def _placed(self) -> BusinessTime:
        """The order's date: DTM 4, else 137, else (with a warning) that of the interchange."""
        failure: Rejected | None = None
        for code in _ORDER_DATES:
            dtm = self.trade.dates.get(code)
            if dtm is None or not dtm.get(1, 2):
                continue
            try:
                return moments_of(dtm, self.zone).start
            except (ValueError, OverflowError) as error:
                failure = failure or time_refused(dtm, "the order's date", error)
        if failure is not None:
            raise failure
        made = prepared(self.document, self.zone)
        unh = self.document.segments[0]
        if made is None:
            detail = "neither DTM 137 nor UNB04 states a date with a declared zone"
            raise unh.refuse(RejectionCode.TIME_INVALID, detail)
        detail = "the order has no DTM 137; the date of its interchange is taken"
        self.document.warn("order_date_from_envelope", detail, unh.path())
        return made

    def _moments(self, draft: OrderDraft) -> None:
        """Promise clocks; a delivery period has a latest delivery; all other dates are kept."""
        used = set(_ORDER_DATES)
        for code, name in _MOMENTS:
            dtm = self.trade.dates.get(code)
            period = None if dtm is None else self._period(dtm)
            if period is None or getattr(draft, name) is not None:
                continue
            setattr(draft, name, period.start)
            used.add(code)
            if period.end is not None and name == "requested_delivery" and "63" not in self.trade.dates:
                draft.deliver_by = period.end
        for code, dtm in self.trade.dates.items():
            if code not in used:
                self.trade.keep_whole(f"DTM.{code}", dtm.rest())

    def _period(self, dtm: Segment) -> Period | None:
        try:
            return moments_of(dtm, self.zone)
        except (ValueError, OverflowError) as error:
            detail = f"the date is kept as said and not used: {error}"
            self.document.warn("date_unreadable", detail, dtm.path(1, 2))
            return None

    # ---- money ----

    def _summary_adjustments(self) -> list[AdjustmentDraft]:
        """Allowances of the summary count where none stands in header or lines: else they repeat those."""
        places = [self.trade.header, *[line.amounts for line in self.trade.lines]]
        if any(adjusting.amounts for amounts in places for adjusting in amounts.adjustings):
            return []
        return self.money.adjustments(self.trade.summary)

    def _taxes(self, draft: OrderDraft) -> list[TaxDraft]:
        """Order-level taxes: of the header; those of the summary only where nothing else states one."""
        taxes = self.money.taxes(self.trade.header.taxings)
        if taxes or any(line.taxes for line in draft.lines):
            return taxes
        taxes = self.money.taxes(self.trade.summary.taxings)
        total = self.money.first(self.trade.summary.moas, codes.TAX_TOTALS)
        return taxes or ([TaxDraft(both(total))] if total else [])

    def _totals(self, draft: OrderDraft) -> None:
        """Totals as said: MOA of the summary, else of the header; CNT counts."""
        trade = self.trade
        moas = trade.summary.moas + trade.header.moas
        amounts = [(moa.code(1), amount) for moa in moas if (amount := self.money.amount(moa)) is not None]
        self._total(amounts)
        self._settle_percentages(draft)
        used = {*codes.TOTAL_AMOUNTS, codes.LINES_TOTAL, *codes.TAX_TOTALS[:1]}
        tax = next((amount for code in codes.TAX_TOTALS for found, amount in amounts if found == code), None)
        self.stated.tax = both(tax) if tax is not None else None
        lines_total = next((amount for code, amount in amounts if code == codes.LINES_TOTAL), None)
        if lines_total is not None:
            self._lines_total(lines_total, draft)
        for moa in moas:
            if moa.code(1) not in used:
                trade.keep_whole(f"MOA.{moa.get(1)}", moa.rest())
        self._counts()

    def _settle_percentages(self, draft: OrderDraft) -> None:
        """Allowances and charges that state a percentage alone count where the stated total tells so."""
        by_line = [self.money.open_shares(scan) for scan in self.trade.lines]
        if not settle(draft, by_line, self.money.whole_shares()):
            self.money.tell_not_counted()

    def _total(self, amounts: list[tuple[str, Decimal]]) -> None:
        """The most exact total is the order's; others that are stated are compared with it too."""
        for code in codes.TOTAL_AMOUNTS:
            for found, amount in amounts:
                if found != code:
                    continue
                if self.stated.total is None:
                    self.stated.total = both(amount)
                elif both(amount) != self.stated.total:
                    subject = f"stated.total.MOA{code}"
                    figure = StatedFigure(VarianceCode.ORDER_TOTAL, subject, both(amount), "total")
                    self.stated.others.append(figure)

    def _lines_total(self, amount: Decimal, draft: OrderDraft) -> None:
        """MOA 79 sums the lines after their own allowances; where they have some, it is compared here."""
        if not any(line.adjustments for line in draft.lines):
            self.stated.subtotal = both(amount)
            return
        self.trade.keep_whole("MOA.79", str(amount))
        computed = sum((net_of(line) for line in draft.lines), Decimal(0))
        if computed != amount:
            allowed = self.profile.tolerances.order_total.for_lines(len(draft.lines))
            figures = (amount, computed)
            draft.variances.append(
                variance(VarianceCode.SUBTOTAL, "MOA.79", figures, draft.currency, allowed)
            )

    def _counts(self) -> None:
        """CNT 2 counts lines (sub-lines too, for some senders), CNT 1 sums quantities."""
        for code, name in (("2", "line_count"), ("1", "quantity_total")):
            cnt = self.trade.counts.get(code)
            if cnt is None or not cnt.get(1, 2):
                continue
            try:
                figure: Decimal | None = self.money.numbers.number(cnt, 1, 2)
            except Rejected as refusal:
                self.document.warn("control_total_unreadable", refusal.detail, refusal.path)
                continue
            lines = len(self.trade.lines)
            if code == "2" and figure == lines + sum(line.sublines for line in self.trade.lines):
                figure = Decimal(lines)
            setattr(self.stated, name, figure)

    def check(self, order: Order) -> None:
        """Refuses an order whose UNT01 and CNT 2 miss the same, unless a total speaks against it.

        Raises:
            Rejected: `control_total_mismatch`.
        """
        document, names = self.document, ("UNT01", "CNT 2")
        read = len(document.segments)
        detail = lost_lines(order, self.stated, Segments(read, document.stated_count, read, names))
        if detail:
            raise document.segments[-1].refuse(RejectionCode.CONTROL_TOTAL_MISMATCH, detail, 1)

    # ---- marks ----

    def _mark_deleted(self, draft: OrderDraft) -> None:
        """A change that states the whole order keeps each line's action; deleted lines are cancelled."""
        for scan, line in zip(self.trade.lines, draft.lines, strict=True):
            scan.keep("LIN.02", scan.lin.code(2) or "-")
            if scan.lin.code(2) == DELETED:
                line.cancelled = line.ordered

    def _tell_test(self) -> None:
        if self.document.is_test:
            detail = "UNB says test; the order is read as any other, keep test partners in their own profile"
            self.document.warn("test_indicator", detail, f"{self.document.segments[0].place}/UNB11")
            self.trade.keep_whole("UNB.11", "1")


def _cancellation(change: Change, bgm: Segment | None) -> Cancellation:
    if change is Change.CANCELLED and bgm is not None:
        return Cancellation(status=CancellationStatus.CANCELLED, reason_raw=f"BGM03 {bgm.code(3)}")
    return Cancellation(status=CancellationStatus.NONE)


def carrier_of(transports: list[Segment]) -> str | None:
    """Carrier of the first TDT: name, else code, else kind of transport, else mode."""
    for tdt in transports:
        for at, part in ((5, 4), (5, 1), (4, 2), (4, 1), (3, 2), (3, 1)):
            if tdt.get(at, part):
                return tdt.get(at, part)
    return None
