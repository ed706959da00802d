"""Orders of the Orders API 2026-01-01: one object with items, proceeds, fulfilment and packages.

Invariant: the order is keyed by `orderId` and ordered by `lastUpdatedTime`; a request to cancel is never a
cancellation, and an executed one takes only what was not shipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Extension,
    Order,
    OrderPayment,
    PartnerProfile,
    Party,
    PartyRole,
    Payment,
    PaymentKind,
    PaymentStatus,
    RevisionKind,
    TaxMode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.amazon.fields import AmazonFields, money_parts, unwrapped
from crossdock.formats.amazon.items_2026 import Items, cancel_request
from crossdock.formats.amazon.order_proceeds import OrderProceeds, order_proceeds
from crossdock.formats.amazon.orders import (
    AmazonStatus,
    addressed,
    amazon_status,
    due_on_delivery,
    fulfilled_by,
    is_tax_inside,
)
from crossdock.formats.amazon.packages import PackageContext, shipments
from crossdock.formats.amazon.readings import together
from crossdock.formats.amazon.v0_lines import item_identifiers
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.json_resource import JsonResource, extensions, texts_and_flags
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import LineDraft, OrderDraft, RevisionMark, both
from crossdock.formats.order_mapping import order_change, placed_or_later
from crossdock.formats.order_models import dual_money
from crossdock.formats.profile_rules import order_tax_mode, revision_at

_REPLACED: Final = "REPLACEMENT_ORIGINAL_ID"
_TIMES: Final = ("createdTime", "lastUpdatedTime")
_WITHOUT_PRICES: Final = frozenset({PaymentStatus.PENDING, PaymentStatus.VOIDED})


def order_place(root: Node) -> tuple[Node, str]:
    """The order of a payload. Raises Rejected FIELD_INVALID, ENVELOPE_BROKEN."""
    node, path = unwrapped(root, "$")
    orders = node.get("orders")
    if isinstance(orders, list) and "orderId" not in node:
        if len(orders) == 1 and isinstance(orders[0], dict):
            return orders[0], f"{path}.orders[0]"
        detail = f"a page of {len(orders)} orders is a document: send it to the document's endpoint"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"{path}.orders")
    inner = node.get("order")
    return (inner, f"{path}.order") if isinstance(inner, dict) else (node, path)


def order_id_of(order: Node, path: str) -> str:
    """Identity of the order. Raises Rejected ID_MISSING, FIELD_INVALID."""
    return identity(order, "orderId", path)


class Mapping2026(JsonResource):
    """One order of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, order_place(document.root))
        self._fields = AmazonFields(document, profile)
        self._fulfillment = child(self.node, "fulfillment")

    def reading(self, mapping_version: str) -> Reading:
        """The order and a shipment per package, refused or with their warnings."""
        order, path, fields = self.node, self.path, self._fields
        order_id = order_id_of(order, path)
        marketplace = text(child(order, "salesChannel"), "marketplaceId")
        fields.settle_currency(self._currencies(), marketplace, self.profile, path)
        raw = text(self._fulfillment, "fulfillmentStatus")
        place = f"{path}.fulfillment.fulfillmentStatus"
        status = amazon_status(self.document, raw, self.profile, place)
        modified = fields.time(order, "lastUpdatedTime", path, self.zone)
        mark = revision_at(modified, self.profile, RevisionKind.INSTANT_FINE)
        draft = self._draft(order_id, status, modified, mapping_version)
        finished = finish_order(draft, self.profile, self.record, mark)
        parcels = self._parcels(finished, mark, mapping_version)
        return together(reading_of(finished, warnings=tuple(dict.fromkeys(self.document.warnings))), parcels)

    def _parcels(self, order: Order, mark: RevisionMark, mapping_version: str) -> Reading:
        items = {}
        for node in children(self.node, "orderItems"):
            product = child(node, "product")
            items[text(node, "orderItemId") or ""] = item_identifiers(
                text(product, "sellerSku"), text(product, "asin")
            )
        context = PackageContext(self._fields, order, items, self.profile, self.record, mark, mapping_version)
        found = tuple(shipments(context, self.node, self.path))
        return reading_of_entities(found, self.record, mark)

    def _currencies(self) -> Iterator[str | None]:
        yield money_parts(child(self.node, "proceeds"), "grandTotal")[1]
        for item in children(self.node, "orderItems"):
            yield money_parts(child(item, "proceeds"), "proceedsTotal")[1]
            yield money_parts(child(child(item, "product"), "price"), "unitPrice")[1]
            for part in children(child(item, "proceeds"), "breakdowns"):
                yield money_parts(part, "subtotal")[1]

    def _draft(
        self, order_id: str, status: AmazonStatus, modified: BusinessTime | None, mapping_version: str
    ) -> OrderDraft:
        order = self.node
        items = Items(self._fields, is_price_due=status.payment not in _WITHOUT_PRICES)
        lines = self._lines(items)
        proceeds = order_proceeds(self._fields, order, self.path, items.types)
        tax_mode = self._tax_mode(lines, proceeds)
        cancellation = self._cancellation(status, lines)
        placed = self._fields.time(order, "createdTime", self.path, self.zone)
        placed = placed_or_later(placed, lambda: modified, self.document, self.path, _TIMES)
        draft = OrderDraft(
            system="amazon",
            object_type="order",
            order_id=order_id,
            change=order_change(cancellation.status, is_new=modified == placed),
            occurred=modified or placed,
            placed=placed,
            currency=self._fields.currency,
            tax_mode=tax_mode,
            lines=lines,
            adjustments=proceeds.adjustments,
            taxes=proceeds.taxes,
            stated=proceeds.stated,
            order_name=self._alias(),
            fulfilled_by=fulfilled_by(text(self._fulfillment, "fulfilledBy")),
            payment=self._payment(status),
            cancellation=cancellation,
            replaces=self._replaces(),
            parties=tuple(self._parties()),
            shipping_method_raw=text(self._fulfillment, "fulfillmentServiceLevel"),
            buyer_reference=text(child(order, "buyer"), "buyerPurchaseOrderNumber"),
            extensions=tuple(self._extensions()),
            variances=items.variances(tax_mode, self._fields.currency, self.profile),
            mapping_version=mapping_version,
        )
        self._promise(draft)
        return draft

    def _lines(self, items: Items) -> list[LineDraft]:
        path = f"{self.path}.orderItems"
        value = self.node.get("orderItems")
        if not isinstance(value, list) or not value:
            detail = "the order has no items, and an order without lines is none; search with its items"
            raise Rejected(RejectionCode.LINES_MISSING, detail, path)
        lines = []
        for index, node in enumerate(value):
            if not isinstance(node, dict):
                detail = "an order item is not an object"
                raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}[{index}]")
            lines.append(items.line(node, f"{path}[{index}]"))
        return lines

    def _tax_mode(self, lines: list[LineDraft], proceeds: OrderProceeds) -> TaxMode:
        """The profile's; else what the totals prove; else exclusive, for parts of proceeds add up."""
        declared = self.profile.money.tax_mode if self.profile.money else "stated"
        is_inside = bool(is_tax_inside(lines, proceeds.total_of_lines)) if declared == "stated" else None
        return order_tax_mode(is_inside, self.profile, f"{self.path}.proceeds")[0]

    def _promise(self, draft: OrderDraft) -> None:
        """Windows in which the seller ships and the buyer receives."""
        zone, path = self.zone, f"{self.path}.fulfillment"
        ship, deliver = child(self._fulfillment, "shipByWindow"), child(self._fulfillment, "deliverByWindow")
        read = self._fields.loose_time
        draft.requested_ship = read(ship, "earliestDateTime", f"{path}.shipByWindow", zone)
        draft.ship_by = read(ship, "latestDateTime", f"{path}.shipByWindow", zone)
        draft.requested_delivery = read(deliver, "earliestDateTime", f"{path}.deliverByWindow", zone)
        draft.deliver_by = read(deliver, "latestDateTime", f"{path}.deliverByWindow", zone)

    def _cancellation(self, status: AmazonStatus, lines: list[LineDraft]) -> Cancellation:
        nodes = children(self.node, "orderItems")
        asked = [reason for node in nodes if (reason := cancel_request(node)) is not None]
        reason = next((one for one in asked if one), None)
        said = status.cancellation
        if said is CancellationStatus.NONE and any(line.cancelled for line in lines):
            said = CancellationStatus.PARTIAL
        elif said is CancellationStatus.NONE and asked:
            said = CancellationStatus.REQUESTED
        return Cancellation(status=said, reason_raw=reason)

    def _payment(self, status: AmazonStatus) -> OrderPayment:
        executions = children(child(self.node, "payment"), "paymentExecutions")
        methods = {text(node, "paymentMethod") for node in executions}
        method = methods.pop() if len(methods) == 1 else None
        return OrderPayment(
            status=due_on_delivery(status.payment, method), payments=tuple(self._payments(executions))
        )

    def _payments(self, executions: list[Node]) -> Iterator[Payment]:
        currency = self._fields.currency
        for index, node in enumerate(executions):
            path = f"{self.path}.payment.paymentExecutions[{index}]"
            amount = self._fields.money(node, "paymentAmount", path)
            if amount is not None:
                yield Payment(
                    psp_account=text(node, "paymentMethod") or "",
                    psp_reference=text(node, "authorizationCode") or "",
                    kind=PaymentKind.SALE,
                    amount=dual_money(both(amount), currency, currency),
                )

    def _alias(self) -> str | None:
        for alias in children(self.node, "orderAliases"):
            if text(alias, "aliasType") == "SELLER_ORDER_ID":
                return text(alias, "aliasId")
        return None

    def _replaces(self) -> str | None:
        for other in children(self.node, "associatedOrders"):
            replaced = text(other, "orderId")
            if text(other, "associationType") == _REPLACED and replaced is not None:
                return join_key(*split_key(self.record.key or b"")[:2], replaced)
        return None

    def _parties(self) -> Iterator[Party]:
        buyer = child(self.node, "buyer")
        name = text(buyer, "buyerName") or text(buyer, "buyerCompanyName")
        email = text(buyer, "buyerEmail")
        numbers = tuple(
            value
            for one in children(child(self.node, "tax"), "taxRegistrations")
            if text(one, "entityType") == "BUYER"
            and (value := text(one, "taxRegistrationNumber")) is not None
        )
        if name or email or numbers:
            yield Party(role=PartyRole.BUYER, name=name, email=email, tax_ids=numbers)
        path = f"{self.path}.recipient.deliveryAddress"
        address = child(child(self.node, "recipient"), "deliveryAddress")
        ship_to = addressed(self.document, address, PartyRole.SHIP_TO, path)
        if ship_to is not None:
            yield ship_to

    def _extensions(self) -> Iterator[Extension]:
        channel = ("channelName", "marketplaceId", "marketplaceName")
        yield from extensions(*texts_and_flags(child(self.node, "salesChannel"), channel, "salesChannel."))
        yield from extensions(
            *texts_and_flags(self._fulfillment, ("fulfillmentStatus", "fulfilledBy"), "fulfillment.")
        )
        programs = self.node.get("programs")
        if isinstance(programs, list) and programs:
            said = ", ".join(one for one in programs if isinstance(one, str))
            yield Extension(name="programs", value=said)
