"""855 and 865 as documents of a seller's ERP, and an 860 that states changes only.

Invariant: a document that does not state the whole order never becomes one: its lines stand in an ERP
document with their codes as said, and an 860 of this kind says so by `order_change_partial`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    DocumentKind,
    DocumentState,
    DocumentTotals,
    ErpDocument,
    ErpDocumentLine,
    Money,
    Quantity,
    Variance,
    VarianceCode,
)
from crossdock.canonical.money import extend
from crossdock.canonical.reading import Reading
from crossdock.canonical.units import X12_UNITS, resolve_unit
from crossdock.formats.edi.ordered import Ordered
from crossdock.formats.order_limits import LINES_MAX, too_many_lines
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.currency import document_currency
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.party_loops import PartyLoops
from crossdock.formats.x12.prices import price_of, priced_by


class Layout(NamedTuple):
    """Where a set states what all three of them state."""

    tag: str
    order_at: int
    release_at: int
    date_at: int
    """Date of the order."""
    own_date_at: int
    """Date of the document itself."""
    number_at: int
    """The seller's own order number."""
    sequence_at: int
    """Number of the change; 0 where there is none."""


LAYOUTS: Final[dict[str, Layout]] = {
    "855": Layout("BAK", 3, 5, 4, 9, 8, 0),
    "865": Layout("BCA", 3, 4, 6, 10, 9, 5),
    "860": Layout("BCH", 3, 4, 6, 11, 10, 5),
}
_STATES: Final[dict[str, DocumentState]] = {
    **dict.fromkeys(("AC", "AD", "AE", "AK", "AP", "AT"), DocumentState.CONFIRMED),
    **dict.fromkeys(("RD", "RF", "RJ", "RO"), DocumentState.CANCELLED),
}
"""Element 587 → state; what is accepted with a change is confirmed as changed."""
_SCHEDULED: Final = frozenset({"017", "067", "068"})
"""Element 374: estimated delivery, current schedule delivery and ship."""
_NONE: Final = Decimal(0)
_REFUSED: Final = frozenset({"ID", "IR", "R1", "R2", "R3", "R4"})
"""Element 668: the line is deleted or refused."""
_BACKORDERED: Final = "IB"
_CHARGES: Final = frozenset({"SAC", "TXI"})
"""Segments of what a total may hold beside its lines."""
_DELETED: Final = frozenset({"DI"})
"""Element 670: the line is deleted."""


@dataclass(slots=True)
class LineScan:
    """One PO1 or POC loop as it is read."""

    segment: Segment
    line_id: str
    ctps: list[Segment] = field(default_factory=list)
    schedules: list[Segment] = field(default_factory=list)
    """ACK segments, in order."""
    dates: list[BusinessTime] = field(default_factory=list)
    sublines: int = 0
    """How many SLN came so far; what follows one is said of the component, not of the line."""


class ConfirmationReader:
    """Reads one 855, 860 or 865; use once."""

    def __init__(self, context: SetContext) -> None:
        self.context = context
        self.kind = context.document.set_type
        self.layout = LAYOUTS[self.kind]
        self.lines: list[LineScan] = []
        self._taken: set[str] = set()
        self.parties = PartyLoops(context, ())
        self.currency = self._currency()
        self.total: Decimal | None = None
        self.net: Decimal | None = None
        self.ctt: Segment | None = None
        self.scheduled: BusinessTime | None = None
        """Date that the header promises for all lines."""

    def read(self) -> Reading:
        """The one document. Raises Rejected."""
        context, layout = self.context, self.layout
        head = context.segment(layout.tag)
        order_id = context.required(head, layout.order_at, f"{layout.tag}03, the purchase order number,")
        if head.get(layout.release_at):
            order_id = f"{order_id}.{head.get(layout.release_at)}"
        change, _ = context.purpose(head, 1)
        for at in range(1, len(head.row)):
            if at not in (layout.order_at, layout.release_at):
                context.extend(f"{layout.tag}.{at:02d}", head.get(at))
        for segment in context.document.segments:
            self._take(segment)
        if self.kind == "860":
            detail = "the change order states changes only, not the whole order; it is a document of its own"
            context.warn("order_change_partial", detail, head, 1)
        document = self._document(head, order_id, change)
        return context.reading([document])  # sellers answer more than once, always as an original

    def _take(self, segment: Segment) -> None:
        line = self.lines[-1] if self.lines and self.ctt is None else None
        owner = f"lines[{line.line_id}]." if line else ""
        tag = segment.tag
        if tag == self.layout.tag or self.parties.take(segment, owner):
            return
        if tag in ("PO1", "POC"):
            self._open(segment)
        elif tag == "CTT":
            self.ctt = segment
        elif line is not None:
            self._take_of(line, segment, owner)
        elif tag == "AMT" and segment.code(1) in ("TT", "1") and segment.get(2):
            self._amount(segment)
        else:
            if tag == "DTM" and segment.get(1).zfill(3) in _SCHEDULED:
                self.scheduled = self.scheduled or self.context.date(segment)
            self.context.keep(segment)

    def _take_of(self, line: LineScan, segment: Segment, owner: str) -> None:
        """A segment of a line's loop."""
        if segment.tag == "SLN":
            line.sublines += 1
        elif line.sublines:
            owner = f"{owner}SLN[{line.sublines}]."
        elif segment.tag == "ACK":
            line.schedules.append(segment)
            return
        elif segment.tag == "CTP":
            line.ctps.append(segment)
        elif segment.tag == "DTM" and (at := self.context.date(segment)) is not None:
            line.dates.append(at)
        self.context.keep(segment, owner)

    def _open(self, segment: Segment) -> None:
        line_id = segment.get(1) or str(len(self.lines) + 1)
        if len(self.lines) >= LINES_MAX:
            raise too_many_lines(len(self.lines) + 1, segment.path())
        if line_id in self._taken:
            detail = "two lines have one id; the later one is numbered by its position"
            self.context.warn("line_id_repeated", detail, segment, 1)
            line_id = f"{line_id}#{len(self.lines) + 1}"
        self._taken.add(line_id)
        self.lines.append(LineScan(segment, line_id))

    def _amount(self, amt: Segment) -> None:
        amount = self.context.numbers.amount(amt, 2)
        if amt.code(1) == "TT":
            self.total = amount
        else:
            self.net = amount

    def _currency(self) -> str | None:
        """None where neither document nor profile states one: then no amount is carried."""
        context = self.context
        try:
            currency = document_currency(context.document, context.profile)
        except Rejected as refusal:
            if refusal.code is not RejectionCode.CURRENCY_MISSING:
                raise
            context.document.warn("currency_missing", "no amount is carried without a currency", refusal.path)
            return None
        context.numbers.in_currency(currency)
        return currency

    # ---- the document ----------------------------------------------------------------------------------

    def _document(self, head: Segment, order_id: str, change: Change) -> ErpDocument:
        context, layout = self.context, self.layout
        erp_id = self._own_id(head, order_id)
        day = context.time(head, layout.own_date_at) or context.time(head, layout.date_at)
        lines = [line for scan in self.lines for line in self._lines(scan)]
        state, raw = self._state(head, change)
        fields = context.head(
            (context.partner, order_id, context.partner, erp_id),
            erp_id,
            context.occurred(day),
            change=change,
            variances=[*self._variances(), *self._total_variances(lines)],
        )
        return ErpDocument.model_validate(
            fields
            | {
                "kind": DocumentKind.SALES_ORDER,
                "erp": context.partner,
                "erp_id": erp_id,
                "number": head.get(layout.number_at) or None,
                "state": state,
                "state_raw": raw,
                "lines": tuple(lines),
                "totals": DocumentTotals(net=self._money(self.net), gross=self._money(self.total)),
                "document_date": day,
                "origin_order_key": join_key(context.tenant, context.partner, order_id),
            }
        )

    def _own_id(self, head: Segment, order_id: str) -> str:
        """The seller's order number; where it has none, the set, the order and the number of the change."""
        number = head.get(self.layout.number_at)
        if number and self.kind != "860":
            return number
        sequence = head.get(self.layout.sequence_at) if self.layout.sequence_at else ""
        return ":".join([self.kind, order_id, *([sequence] if sequence else [])])

    def _state(self, head: Segment, change: Change) -> tuple[DocumentState, str]:
        code = head.code(2)
        if self.kind == "860":
            cancelled = change is Change.CANCELLED
            return (DocumentState.CANCELLED if cancelled else DocumentState.DRAFT), head.code(1)
        if change is Change.CANCELLED:
            return DocumentState.CANCELLED, code
        if code not in _STATES:
            detail = "the acknowledgement type is in no table; the document's state is unknown"
            self.context.warn("status_unknown", detail, head, 2)
        return _STATES.get(code, DocumentState.UNKNOWN), code

    def _variances(self) -> list[Variance]:
        if self.ctt is None:
            return []
        quantities = [(scan.segment, 3 if scan.segment.tag == "POC" else 2) for scan in self.lines]
        return self.context.summary(self.ctt, quantities)

    def _total_variances(self, lines: list[ErpDocumentLine]) -> list[Variance]:
        """Stated totals beside the lines; some senders sum what was ordered, others what they accept or what
        they do not backorder."""
        context, currency = self.context, self.currency
        has_charges = any(segment.tag in _CHARGES for segment in context.document.segments)
        nets = [(line.status_raw, line.net.amount) for line in lines if line.net is not None]
        if currency is None or has_charges or len(nets) < len(lines):
            return []
        accepted = sum((net for status, net in nets if status not in _REFUSED), _NONE)
        at_once = sum((net for status, net in nets if status not in _REFUSED | {_BACKORDERED}), _NONE)
        sums = {accepted, at_once, sum((net for _, net in nets), _NONE), self._ordered_total()}
        found: list[Variance] = []
        for stated, code, subject in (
            (self.net, VarianceCode.SUBTOTAL, "totals.net"),
            (self.total, VarianceCode.ORDER_TOTAL, "totals.gross"),
        ):
            if stated is not None and stated not in sums:
                found += context.money_variance(code, subject, (stated, accepted), currency, len(lines))
        return found

    def _ordered_total(self) -> Decimal | None:
        """What the lines cost as ordered; None where one does not say."""
        if not all(scan.segment.get(2) for scan in self.lines):
            return None
        nets = [self._net(scan, self.context.quantity(scan.segment, 2, 3)) for scan in self.lines]
        return None if None in nets else sum((net.amount for net in nets if net is not None), _NONE)

    def _money(self, amount: Decimal | None) -> Money | None:
        if amount is None or self.currency is None:
            return None
        return self.context.money(amount, self.currency)

    # ---- lines -----------------------------------------------------------------------------------------

    def _lines(self, scan: LineScan) -> list[ErpDocumentLine]:
        """One line per ACK: each accepts, changes or refuses a part of what was ordered."""
        context, segment = self.context, scan.segment
        is_change = segment.tag == "POC"
        ids = context.items((segment, 8 if is_change else 6))
        for qualifier, value in ids.others:
            context.extend(f"lines[{scan.line_id}].{segment.tag}.{qualifier}", value)
        quantity_at, unit_at = (3, 5) if is_change else (2, 3)
        self._keep_price(scan, is_change)
        if is_change:  # what is still to be received
            context.extend(f"lines[{scan.line_id}].POC.04", segment.get(4))
        status = segment.code(2) if is_change else ""
        shared: dict[str, object] = {
            "line_id": scan.line_id,
            "sku": context.sku(tuple(ids.found)),
            "identifiers": tuple(ids.found),
        }
        scheduled = scan.dates[0] if scan.dates else self.scheduled
        if not scan.schedules:
            quantity = self._quantity(segment, quantity_at, unit_at, status)
            return [self._line(scan.line_id, quantity, scan, status, scheduled, shared)]
        made = []
        for position, ack in enumerate(scan.schedules, 1):
            said = status if status else ""
            code = " ".join([text for text in (said, ack.code(1)) if text])
            quantity = self._scheduled_quantity(ack, segment, quantity_at, unit_at, code)
            reference = scan.line_id if position == 1 else f"{scan.line_id}#{position}"
            when = context.time(ack, 5) or scheduled
            self._keep_rest(ack, scan)
            made.append(self._line(reference, quantity, scan, code, when, shared))
        return made

    def _line(  # noqa: PLR0913, PLR0917 - the fields of a line
        self,
        reference: str,
        quantity: Quantity,
        scan: LineScan,
        code: str,
        scheduled: BusinessTime | None,
        shared: dict[str, object],
    ) -> ErpDocumentLine:
        return ErpDocumentLine.model_validate(
            {
                "erp_line_ref": reference,
                "quantity": quantity,
                "net": self._net(scan, quantity),
                "status_raw": code,
                "scheduled": scheduled,
            }
            | shared
        )

    def _scheduled_quantity(
        self, ack: Segment, segment: Segment, quantity_at: int, unit_at: int, code: str
    ) -> Quantity:
        if ack.get(2):
            fallback = self.context.component(segment.code(unit_at))
            return self.context.quantity(ack, 2, 3, fallback)
        return self._quantity(segment, quantity_at, unit_at, code)

    def _quantity(self, segment: Segment, at: int, unit_at: int, status: str) -> Quantity:
        if segment.get(at):
            return self.context.quantity(segment, at, unit_at)
        if status.split(" ", maxsplit=1)[0] in _DELETED or status in _REFUSED:
            detail = (
                "the line is deleted or refused and states no quantity; it is carried with a quantity of 0"
            )
            self.context.warn("line_reference_only", detail, segment, at)
            return Quantity(value=_NONE, unit="EA")
        detail = "the line states no quantity"
        raise segment.refuse(RejectionCode.FIELD_INVALID, detail, at)

    def _keep_price(self, scan: LineScan, is_change: bool) -> None:
        price_at = 6 if is_change else 4
        said = " ".join([scan.segment.get(at) for at in (price_at, price_at + 1) if scan.segment.get(at)])
        self.context.extend(f"lines[{scan.line_id}].price", said)

    def _keep_rest(self, ack: Segment, scan: LineScan) -> None:
        """The identifiers of an ACK and the codes behind them."""
        rest = "*".join([ack.get(at) for at in range(4, len(ack.row))]).rstrip("*")
        self.context.extend(f"lines[{scan.line_id}].ACK.{ack.code(1)}", rest)

    def _net(self, scan: LineScan, quantity: Quantity) -> Money | None:
        """Price × quantity; None without a price, or (with a warning) one that cannot be used."""
        segment = scan.segment
        context = self.context
        if segment.tag != "PO1" or self.currency is None:
            return None
        try:
            raw = context.component(segment.code(3)) or quantity.unit
            unit, factor = resolve_unit(raw, context.profile, path=segment.path(3), code_list=X12_UNITS)
            ordered = Ordered(quantity.value, quantity.unit, unit, factor)
            priced = priced_by(scan.ctps, context.document, context.profile, context.numbers)
            found = price_of(segment, ordered, priced, context.numbers)
        except Rejected as refusal:
            if refusal.code is RejectionCode.AMOUNT_UNPARSABLE:
                raise
            context.document.warn("price_not_used", refusal.detail, refusal.path)
            return None
        if found.price is None:
            return None
        amount = found.extended
        if amount is None:
            amount = extend(found.price, quantity.value, found.per)
        return self._money(amount)


def read_confirmation(context: SetContext) -> Reading:
    """The document of an 855 or 865. Raises Rejected with the place."""
    return ConfirmationReader(context).read()
