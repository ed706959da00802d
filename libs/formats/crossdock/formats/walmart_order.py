"""Walmart orders of the US, Canadian and Mexican marketplaces, as JSON and as XML.

Invariant: the order is keyed by `purchaseOrderId` (the seller's part of a `customerOrderId`); what was
shipped and cancelled follows from the statuses of its lines and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Change,
    FulfilledBy,
    Order,
    PartnerProfile,
    RevisionKind,
    Shipment,
    TaxMode,
    Variance,
    VarianceCode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities, with_more
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_documents import split_documents
from crossdock.formats.json_fields import child, identity, text
from crossdock.formats.json_resource import Placed, extensions, key_by, texts, within
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import OrderDraft, Pair, StatedDraft, both
from crossdock.formats.order_mapping import LineIds, OrderMapping, placed_time
from crossdock.formats.order_variances import variance
from crossdock.formats.profile_rules import order_currency, revision_at
from crossdock.formats.walmart.lines import WalmartLine, walmart_line, walmart_line_nodes
from crossdock.formats.walmart.parties import walmart_parties
from crossdock.formats.walmart.payments import walmart_payment
from crossdock.formats.walmart.shapes import (
    WalmartFields,
    elements,
    money_currency,
    read_walmart,
    walmart_documents,
)
from crossdock.formats.walmart.shipments import walmart_shipments

MAPPING_VERSION: Final = "walmart_order/1"
_WRAPPERS: Final = ("order", "orders", "elements.order", "list.elements.order")
_OWN_ARRAYS: Final = ("orderLines", "purchaseOrderId")
_FULFILLED_BY: Final = {
    "SellerFulfilled": FulfilledBy.SELLER,
    "3PLFulfilled": FulfilledBy.SELLER,  # a warehouse that the seller hired
    "WFSFulfilled": FulfilledBy.CHANNEL,
}
"""Source: `shipNode.type` of the Orders API."""
_KEPT: Final = ("sellerOrderId", "orderType", "originalCustomerOrderID", "mart", "paymentMethod", "cfdi")


key = key_by(lambda document: f"order:{_order_id(document)}", read_walmart)
"""`order:<purchaseOrderId>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a list, as JSON or as XML."""
    documents = walmart_documents(record.value or b"", _WRAPPERS, _OWN_ARRAYS, "order")
    return split_documents(record, documents, key, "order")


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a payload, and the shipments that it reports. Raises Rejected."""
    return read_walmart(record.value, lambda document: _Mapping(document, record, profile).reading())


def _unwrapped(document: Document) -> Placed:
    """The order itself, in its wrapper, or as the payload of a notification."""
    return within(document, "order", "payload")


def _order_id(document: Document) -> str:
    order, path = _unwrapped(document)
    return identity(order, "purchaseOrderId", path)


class _Mapping(OrderMapping):
    """One order payload of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, _unwrapped(document))
        self._fields = WalmartFields(document, profile)

    def reading(self) -> Reading:
        """The order, refused or with its warnings, and its shipments."""
        _order_id(self.document)
        fields = self._fields
        nodes = walmart_line_nodes(fields, self.node, self.path)
        fields.currency = self._currency(nodes)
        fields.exponent = currency_exponent(fields.currency)
        lines = self._lines(nodes)
        draft = self._draft(lines, nodes)
        times = [line.changed for line in lines if line.changed is not None]
        changed = max(times, key=lambda time: time.instant, default=None)
        draft.occurred = changed or draft.placed
        mark = revision_at(changed, self.profile, RevisionKind.INSTANT_COARSE)
        order = finish_order(draft, self.profile, self.record, mark)
        shipments = walmart_shipments(fields, (self.node, self.path), order, lines, self.record)
        warnings = tuple(dict.fromkeys(self.document.warnings))
        return with_more(
            reading_of(order, warnings=warnings), reading_of_entities(shipments, self.record, mark)
        )

    def _currency(self, nodes: list[tuple[Node, str]]) -> str:
        """Currency of the first amount that states one; every other is compared with it."""
        stated = [
            money_currency(child(charge, "chargeAmount"))
            for node, _ in nodes
            for charge in elements(node, "charges", "charge")
        ]
        stated += [money_currency(child(child(node, "item"), "unitPrice")) for node, _ in nodes]
        place = f"{nodes[0][1]}.charges"
        return order_currency(next((one for one in stated if one), None), self.profile, place)

    def _lines(self, nodes: list[tuple[Node, str]]) -> list[WalmartLine]:
        lines: list[WalmartLine] = []
        ids = LineIds(self.document)
        for node, path in nodes:
            line = walmart_line(self._fields, node, path)
            draft = line.draft
            ids.settle(draft)
            lines.append(line)
        return lines

    def _draft(self, lines: list[WalmartLine], nodes: list[tuple[Node, str]]) -> OrderDraft:
        order, path, fields = self.node, self.path, self._fields
        placed = placed_time(fields.time(order, "orderDate", path), path, "orderDate")
        shipping, node = child(order, "shippingInfo"), child(order, "shipNode")
        cancellation = _cancellation(lines)
        methods = (text(shipping, "methodCode"), *(text(line, "shippingMethod") for line, _ in nodes))
        return OrderDraft(
            system="walmart",
            object_type="order",
            order_id=identity(order, "purchaseOrderId", path),
            change=_change(cancellation, lines),
            occurred=placed,
            placed=placed,
            currency=fields.currency,
            tax_mode=self._tax_mode(nodes),
            lines=[line.draft for line in lines],
            stated=self._stated(),
            order_name=text(order, "customerOrderId"),
            fulfilled_by=_FULFILLED_BY.get(text(node, "type") or ""),
            payment=walmart_payment(fields, nodes, _charged(lines)),
            cancellation=cancellation,
            parties=walmart_parties(self.document, order, path),
            ship_by=fields.time(shipping, "estimatedShipDate", f"{path}.shippingInfo"),
            deliver_by=fields.time(shipping, "estimatedDeliveryDate", f"{path}.shippingInfo"),
            shipping_method_raw=next((method for method in methods if method), None),
            location_hint=text(node, "name") or text(node, "id"),
            extensions=extensions(*texts(order, _KEPT)),
            variances=list(_miscounts(lines)),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )

    def _tax_mode(self, nodes: list[tuple[Node, str]]) -> TaxMode:
        """Mexico may state the price with and without tax, so that it includes it; no other market says."""
        is_included = None
        for node, path in nodes:
            item, place = child(node, "item"), f"{path}.item"
            prices = [self._fields.money(item, name, place) for name in ("unitPrice", "unitPriceWithoutTax")]
            if None not in prices and prices[0] != prices[1]:
                is_included = True
        return self.stated_tax_mode(is_included, self.path)

    def _stated(self) -> StatedDraft:
        """Totals as said: the US states one in `orderSummary`, Mexico one in `orderTotal`, with counts."""
        order, path, fields = self.node, self.path, self._fields
        total = fields.money(child(order, "orderSummary"), "totalAmount", f"{path}.orderSummary")
        if total is None:
            total = fields.money(order, "orderTotal", path)
        return StatedDraft(
            total=None if total is None else both(total),
            line_count=fields.count(order, "totalLines", path),
            quantity_total=fields.count(order, "totalQuantity", path),
        )


def _miscounts(lines: list[WalmartLine]) -> Iterator[Variance]:
    """Lines whose statuses are of another quantity than was ordered."""
    for draft, counted in ((line.draft, line.counted) for line in lines):
        if counted is not None and counted != draft.ordered:
            figures = (draft.ordered, counted)
            yield variance(VarianceCode.QUANTITY_TOTAL, draft.line_id, figures, draft.unit, Decimal(0))


def _charged(lines: list[WalmartLine]) -> Decimal:
    """What was charged for the lines, taxes included."""
    parts: list[Pair] = []
    for line in (one.draft for one in lines):
        goods = line.extended
        if goods is None and line.unit_price is not None:
            goods = both(line.unit_price.shop * line.ordered)
        parts += [goods] if goods is not None else []
        parts += [adjustment.amount for adjustment in line.adjustments]
        parts += [tax.amount for tax in line.taxes]
        parts += [tax.amount for adjustment in line.adjustments for tax in adjustment.taxes]
    return sum((part.shop for part in parts), Decimal(0))


def _cancellation(lines: list[WalmartLine]) -> Cancellation:
    """Of the whole order where every unit of it is cancelled; a buyer's intent is a request."""
    drafts = [line.draft for line in lines]
    status = CancellationStatus.NONE
    if all(draft.cancelled >= draft.ordered > 0 for draft in drafts):
        status = CancellationStatus.CANCELLED
    elif any(draft.cancelled for draft in drafts):
        status = CancellationStatus.PARTIAL
    elif any(line.is_cancel_requested for line in lines):
        status = CancellationStatus.REQUESTED
    at: BusinessTime | None = None
    if status is CancellationStatus.CANCELLED:
        at = max(
            (line.changed for line in lines if line.changed), key=lambda time: time.instant, default=None
        )
    reason = next((line.cancel_reason for line in lines if line.cancel_reason), None)
    return Cancellation(status=status, reason_raw=reason, at=at)


def _change(cancellation: Cancellation, lines: list[WalmartLine]) -> Change:
    if cancellation.status is CancellationStatus.CANCELLED:
        return Change.CANCELLED
    words = {text(status, "status") for line in lines for status in line.statuses}
    return Change.CREATED if words <= {"Created"} else Change.UPDATED


FORMAT: Final = Format(
    name="walmart_order",
    title="Walmart order (Marketplace API v3: US, CA, MX)",
    content_types=("application/json", "application/xml"),
    key=key,
    read=read,
    split=split,
    entities=(Order, Shipment),
    field_table=(
        Field("purchaseOrderId", "order_id", "one customerOrderId may become several purchase orders"),
        Field("customerOrderId", "order_name"),
        Field("orderLine[].statusDate", "revision, occurred", "the latest; the order has no time of its own"),
        Field("orderDate", "placed", "milliseconds since 1970 (US) or ISO 8601 with offset (CA, MX)"),
        Field("chargeAmount.currency", "currency", "every amount must agree"),
        Field("orderLine[].lineNumber, primeLineNumber", "lines[].line_id"),
        Field("item.sku, item.upc", "lines[].identifiers", "either may be missing"),
        Field("orderLineQuantity.amount", "lines[].ordered", "text; EACH is EA"),
        Field("charges PRODUCT", "lines[].extended", "of the whole line"),
        Field("item.unitPrice", "lines[].unit_price", "MX; compared with the charge, or in its place"),
        Field("charges SHIPPING, DISCOUNT, others", "lines[].adjustments", "discounts come negative"),
        Field("charge.tax", "tax_lines of the line or of the charge", "an object, a list or null"),
        Field(
            "orderLineStatuses",
            "lines[].fulfilled_reported, cancelled; cancellation",
            "by statusQuantity, whose sum is compared",
        ),
        Field("trackingInfo, shipments[]", "Shipment", "one per tracking number, after the order"),
        Field("refund.refundCharges", "payment.payments (refund), payment.status", "stated negative"),
        Field("intentToCancel", "cancellation", "a request"),
        Field("orderSummary.totalAmount, orderTotal", "stated.total"),
        Field("totalLines, totalQuantity", "–", "compared with the lines"),
        Field("shipNode.type", "fulfilled_by", "WFSFulfilled: the channel"),
        Field("shipNode.name, id", "location_hint"),
        Field("shippingInfo", "parties (ship_to), ship_by, deliver_by, shipping_method_raw"),
        Field("billingInfo, customerEmailId, rfc", "parties (bill_to, buyer)"),
    ),
    quirks=(
        "chargeAmount is that of the whole line: tax and shipping stand beside it for the whole line, the "
        "returns API has a `chargePerUnit` of its own, and most lines hold one unit. A line of several "
        "units without a unit price is warned of.",
        "Amounts are JSON numbers in the US, text elsewhere; quantities are text.",
        "Times are numbers in the US, ISO 8601 with the market's offset elsewhere.",
        "A list of one may be that one object; Mexico leaves the inner wrappers out.",
        "A subscription's discount is a charge of type PRODUCT, named SubscriptionDiscount.",
        "Mexico's PRODUCT charge states taxes only: the price is item.unitPrice.",
        "XML uses any namespace prefix; an order of an XML list is cut out as JSON.",
        "An order does not say that it is paid: Walmart collects the money.",
        "A planned package without a tracking number is no shipment.",
    ),
    key_rule="the order's `purchaseOrderId`",
    revision_rule="the latest `statusDate` of its lines: later wins, a tie is broken by the capture",
    looks_like=most(
        json_with("purchaseOrderId", "orderLines", score=80),
        json_with("purchaseOrderId", "customerOrderId", "orderLines", score=95),
        text_with("purchaseOrderId>", "orderLine>", score=90, opening="<"),
    ),
)
