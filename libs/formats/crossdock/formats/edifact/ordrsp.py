"""ORDRSP, the seller's answer to an order, and ORDCHG where it states changes only: documents about an order.

Invariant: what the message says of a line stays its own code; only a message that means the whole order
makes an order, whatever else is never taken for it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key
from crossdock.canonical.models import (
    Change,
    DocumentKind,
    DocumentState,
    DocumentTotals,
    ErpDocument,
    ErpDocumentLine,
    PartnerProfile,
    Quantity,
    VarianceCode,
)
from crossdock.canonical.models import (
    Money as Amount,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.decimals import spelled
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.groups import LineScan, reference_of
from crossdock.formats.edifact.items import unit_of
from crossdock.formats.edifact.money import Money
from crossdock.formats.edifact.order import order_id_of
from crossdock.formats.edifact.order_lines import OrderLines
from crossdock.formats.edifact.parties import Issuers
from crossdock.formats.edifact.report import NO_ORDER, Report, function_of, kept_dates, number_of
from crossdock.formats.edifact.trade import Trade

_STATES: Final[dict[str, DocumentState]] = {
    "27": DocumentState.CANCELLED,
    "12": DocumentState.CANCELLED,
    "1": DocumentState.CANCELLED,
    **dict.fromkeys(("4", "6", "28", "29", "30", "34", "42", "44", "45"), DocumentState.CONFIRMED),
    "RE": DocumentState.CANCELLED,
    "AP": DocumentState.CONFIRMED,
    "CA": DocumentState.CONFIRMED,
}
"""Data elements 1225 and 4343 → how the order stands."""
_LINE_REFUSED: Final = frozenset({"2", "7", "10", "21"})
_LINE_ACCEPTED: Final = frozenset({"1", "3", "4", "5", "6", "9", "11"})
"""Data element 1229."""
_QUANTITIES: Final = ("113", "12", "21", "1", "145", "83")
"""Data element 6063: to be delivered, despatched, ordered, …"""
_PROMISED: Final = ("69", "67", "17", "2", "11", "76")
"""Data element 2005 of a line: when it is promised."""
_USED_DATES: Final = ("137", "4")
_WHOLE: Final = frozenset({"1", "3", "5", "17"})
"""Data element 1225 of an ORDCHG that means the whole order: cancel, replace."""


def read_ordrsp(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The seller's document of an order. Raises Rejected with the place."""
    report = Report(document, record, profile)
    tenant, partner = report.names
    trade = Trade(document, Issuers(buyer=tenant, seller=partner)).scan()
    number, order = number_of(trade), _order_id(trade)
    own = reference_of(trade.references, "VN", "AAJ")
    function, change, is_original = function_of(trade)
    response = trade.bgm.code(4) if trade.bgm is not None else ""
    content: dict[str, object] = {
        "erp_id": own.get(1, 2) if own is not None else number,
        "number": number,
        "state": _state(function, response, trade, report),
        "state_raw": " ".join([text for text in (function, response) if text]),
    }
    return report.reading((_document(report, trade, order, change, content),), is_original=is_original)


def read_ordchg(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The document of a change that does not state the whole order. Raises Rejected with the place."""
    report = Report(document, record, profile)
    tenant, partner = report.names
    trade = Trade(document, Issuers(buyer=partner, seller=tenant)).scan()
    order = order_id_of(trade)
    number = trade.bgm.get(2) if trade.bgm is not None else ""
    function, change, _ = function_of(trade)
    is_cancelled = change is Change.CANCELLED
    detail = "the order change states changes only, not the whole order; it is a document of its own"
    document.warn("order_change_partial", detail, document.segments[0].path())
    content: dict[str, object] = {
        "erp_id": ":".join(["ORDCHG", order, *([number] if number and number != order else [])]),
        "number": number or None,
        "state": DocumentState.CANCELLED if is_cancelled else DocumentState.DRAFT,
        "state_raw": function,
    }
    change = Change.CANCELLED if is_cancelled else Change.UPDATED
    return report.reading((_document(report, trade, order, change, content),), is_original=False)


def states_whole_order(document: Document) -> bool:
    """Whether an ORDCHG replaces or cancels its order as a whole."""
    bgm = document.first("BGM")
    return bgm is not None and bgm.code(3) in _WHOLE and document.first("LIN") is not None


def _document(
    report: Report, trade: Trade, order: str, change: Change, content: dict[str, object]
) -> ErpDocument:
    """The document with its lines, totals and head; `content` is what tells the two messages apart."""
    tenant, partner = report.names
    money = Money(trade, report.profile, is_needed=False)
    report.currency = money.currency
    issued = report.moment(trade.dates, *_USED_DATES)
    prices = OrderLines(trade, money, report.profile)
    lines = [_line(scan, report, prices) for scan in trade.lines]
    totals = _totals(trade, money)
    _compare(lines, totals, trade, report, money)
    extensions = (*trade.all_extensions(), *kept_dates(trade.dates, _USED_DATES))
    erp_id = str(content["erp_id"])
    head = report.head(
        (partner, order, partner, erp_id), erp_id, report.occurred(issued), change, extensions=extensions
    )
    return ErpDocument.model_validate(
        head
        | content
        | {
            "kind": DocumentKind.SALES_ORDER,
            "erp": partner,
            "lines": tuple(lines),
            "totals": totals,
            "document_date": issued,
            "origin_order_key": None if order == NO_ORDER else join_key(tenant, partner, order),
        }
    )


def _order_id(trade: Trade) -> str:
    """The order that is answered: RFF ON of the header, else the one that all lines name."""
    reference = reference_of(trade.references, "ON")
    if reference is not None:
        return reference.get(1, 2)
    named = {rff.get(1, 2) for line in trade.lines if (rff := line.reference("ON")) is not None}
    return named.pop() if len(named) == 1 else NO_ORDER


def _state(function: str, response: str, trade: Trade, report: Report) -> DocumentState:
    found = _STATES.get(response) or _STATES.get(function)
    actions = {line.lin.code(2) for line in trade.lines}
    if actions and actions <= _LINE_REFUSED:
        return DocumentState.CANCELLED
    if found is not None:
        return found
    if actions & _LINE_ACCEPTED:
        return DocumentState.CONFIRMED
    detail = "neither BGM03, BGM04 nor a line says whether the order is accepted"
    report.document.warn("response_unclear", detail, report.document.segments[0].path())
    return DocumentState.UNKNOWN


def _line(scan: LineScan, report: Report, prices: OrderLines) -> ErpDocumentLine:
    money = prices.money
    net = money.first(scan.amounts.moas, (codes.LINE_NET, codes.LINE_GROSS))
    taxes = money.taxes(scan.amounts.taxings)
    tax = sum((one.amount.shop for one in taxes), Decimal(0)) if taxes else None
    for pri in scan.prices:
        scan.keep("PRI", pri.joined())
    sku = report.sku(scan.ids)
    reference = scan.reference("ON", "LI")
    promised = report.moment(scan.dates, *_PROMISED)
    for code, dtm in scan.dates.items():
        scan.keep(f"DTM.{code}", dtm.rest())
    quantity = _quantity(scan, report, money)
    if net is None and scan.quantity(*_QUANTITIES) is not None and not scan.amounts.adjustings:
        net = _priced(scan, quantity, prices)
    return ErpDocumentLine(
        erp_line_ref=scan.line_id,
        line_id=(reference.get(1, 3) or None) if reference is not None else None,
        sku=sku,
        identifiers=tuple(scan.ids.found),
        quantity=quantity,
        net=_amount(net, money),
        tax=_amount(tax, money),
        status_raw=scan.lin.code(2),
        scheduled=promised,
    )


def _priced(scan: LineScan, quantity: Quantity, prices: OrderLines) -> Decimal | None:
    """Price × quantity; None without a price, or (with a warning) one that cannot be used, and of a change,
    whose quantity may be what is added."""
    if prices.trade.document.message_type == codes.ORDER_CHANGE:
        return None
    try:
        return prices.amount_of(scan, quantity)
    except Rejected as refusal:
        if refusal.code is RejectionCode.AMOUNT_UNPARSABLE:
            raise
        prices.trade.document.warn("price_not_used", refusal.detail, refusal.path)
        return None


def _quantity(scan: LineScan, report: Report, money: Money) -> Quantity:
    qty = scan.quantity(*_QUANTITIES)
    for other in scan.quantities:
        if other is not qty:
            scan.keep(f"QTY.{other.get(1)}", other.rest())
    if qty is None or not qty.get(1, 2):
        detail = "the line states no quantity, only what is decided on it; carried with a quantity of 0"
        report.document.warn("line_reference_only", detail, scan.lin.path())
        return Quantity(value=Decimal(0), unit=codes.EACH)
    unit, _, _ = unit_of(qty, report.profile)
    return Quantity(value=spelled(money.numbers.number(qty, 1, 2), 0), unit=unit)


def _amount(amount: Decimal | None, money: Money) -> Amount | None:
    return None if amount is None else Amount(amount=spelled(amount, 2), currency=money.currency)


def _totals(trade: Trade, money: Money) -> DocumentTotals:
    moas = trade.summary.moas + trade.header.moas
    for moa in moas:
        trade.keep_whole(f"MOA.{moa.get(1)}", moa.rest())

    def first(*wanted: str) -> Amount | None:
        return _amount(money.first(moas, wanted), money)

    return DocumentTotals(
        net=first(codes.LINES_TOTAL, codes.TAXABLE),
        tax=first(*codes.TAX_TOTALS),
        gross=first(*codes.TOTAL_AMOUNTS),
    )


def _compare(
    lines: list[ErpDocumentLine], totals: DocumentTotals, trade: Trade, report: Report, money: Money
) -> None:
    quantity = sum((line.quantity.value for line in lines), Decimal(0))
    report.count(trade, money.numbers, len(lines), quantity)
    nets = [(line.status_raw, line.net.amount) for line in lines if line.net is not None]
    if totals.net is None or len(nets) < len(lines) or trade.header.adjustings:
        return
    accepted = sum((net for status, net in nets if status not in _LINE_REFUSED), Decimal(0))
    if totals.net.amount not in (accepted, sum((net for _, net in nets), Decimal(0))):
        figures = (totals.net.amount, accepted)
        report.vary(VarianceCode.SUBTOTAL, "totals.net", figures, money.currency, len(lines))
