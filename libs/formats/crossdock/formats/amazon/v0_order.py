"""Orders of the Orders API v0 and of the legacy XML, which has the same names.

Invariant: the order is keyed by `AmazonOrderId` and ordered by `LastUpdateDate`; a pending order without
amounts is demand without money, never an order of zero value that is paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import (
    Cancellation,
    CancellationStatus,
    OrderPayment,
    PartnerProfile,
    Party,
    PartyRole,
    Payment,
    PaymentKind,
    PaymentStatus,
    RevisionKind,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.amazon.fields import AmazonFields, money_parts
from crossdock.formats.amazon.orders import (
    AmazonStatus,
    addressed,
    amazon_status,
    amazon_tax_mode,
    due_on_delivery,
    fulfilled_by,
)
from crossdock.formats.amazon.v0_documents import OrderV0
from crossdock.formats.amazon.v0_lines import MONEY_NAMES, V0Lines, cancel_reason
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, flag, identity, text
from crossdock.formats.json_resource import extensions, texts_and_flags
from crossdock.formats.order_draft import LineDraft, OrderDraft, StatedDraft, both
from crossdock.formats.order_mapping import OrderMapping, order_change, placed_or_later
from crossdock.formats.order_models import dual_money

_KEPT: Final = (
    *("OrderStatus", "MarketplaceId", "SalesChannel", "OrderChannel", "OrderType", "PaymentMethod"),
    *("FulfillmentChannel", "EasyShipShipmentStatus", "ElectronicInvoiceStatus", "IsPrime"),
    *("IsBusinessOrder", "IsPremiumOrder", "IsReplacementOrder", "IsIBA", "IsSoldByAB", "HasRegulatedItems"),
)
_TIMES: Final = ("PurchaseDate", "LastUpdateDate")
_WITHOUT_PRICES: Final = frozenset({PaymentStatus.PENDING, PaymentStatus.VOIDED})


def order_id_of(order: Node, path: str) -> str:
    """Identity of the order. Raises Rejected ID_MISSING, FIELD_INVALID."""
    return identity(order, "AmazonOrderId", path)


class V0Mapping(OrderMapping):
    """One order of one partner."""

    def __init__(self, document: Document, found: OrderV0, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, (found.order, found.path))
        self._items = found.items
        if found.is_open:
            detail = "a further page of the order's items is announced and not there; its lines are missing"
            document.warn("items_incomplete", detail, found.items[-1].more)
        self._fields = AmazonFields(document, profile)

    def reading(self, mapping_version: str) -> Reading:
        """The order, refused or with its warnings."""
        order, path, fields = self.node, self.path, self._fields
        order_id = order_id_of(order, path)
        raw = text(order, "OrderStatus")
        if raw is None:
            detail = "the items' order is missing: merge them with the answer of getOrder"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.OrderStatus")
        fields.settle_currency(self._currencies(), text(order, "MarketplaceId"), self.profile, path)
        status = amazon_status(self.document, raw, self.profile, f"{path}.OrderStatus")
        draft = self._draft(order_id, status, mapping_version)
        modified = fields.time(order, "LastUpdateDate", path, self.zone)
        return self.finished(draft, modified, RevisionKind.INSTANT_FINE)

    def _currencies(self) -> Iterator[str | None]:
        yield money_parts(self.node, "OrderTotal")[1]
        for item in self._items:
            for name in MONEY_NAMES:
                yield money_parts(item.node, name)[1]

    def _draft(self, order_id: str, status: AmazonStatus, mapping_version: str) -> OrderDraft:
        order, path, fields = self.node, self.path, self._fields
        lines = self._lines(status)
        stated = self._stated(status)
        total = stated.total.shop if stated.total else None
        cancellation = self._cancellation(status)
        placed, modified = (fields.time(order, name, path, self.zone) for name in _TIMES)
        placed = placed_or_later(placed, lambda: modified, self.document, path, _TIMES)
        return OrderDraft(
            system="amazon",
            object_type="order",
            order_id=order_id,
            change=order_change(cancellation.status, is_new=modified == placed),
            occurred=modified or placed,
            placed=placed,
            currency=fields.currency,
            tax_mode=amazon_tax_mode(self.document, lines, total, self.profile, f"{path}.OrderTotal"),
            lines=lines,
            stated=stated,
            order_name=text(order, "SellerOrderId"),
            fulfilled_by=fulfilled_by(text(order, "FulfillmentChannel")),
            payment=self._payment(status),
            cancellation=cancellation,
            replaces=self._replaces(),
            parties=tuple(self._parties()),
            requested_ship=fields.loose_time(order, "EarliestShipDate", path, self.zone),
            requested_delivery=fields.loose_time(order, "EarliestDeliveryDate", path, self.zone),
            ship_by=fields.loose_time(order, "LatestShipDate", path, self.zone),
            deliver_by=fields.loose_time(order, "LatestDeliveryDate", path, self.zone),
            shipping_method_raw=text(order, "ShipServiceLevel"),
            service_level=text(order, "ShipmentServiceLevelCategory"),
            location_hint=text(child(order, "FulfillmentInstruction"), "FulfillmentSupplySourceId")
            or text(order, "StoreChainStoreId"),
            buyer_reference=text(child(order, "BuyerInfo"), "PurchaseOrderNumber")
            or text(order, "PurchaseOrderNumber"),
            extensions=extensions(*texts_and_flags(order, _KEPT)),
            mapping_version=mapping_version,
        )

    def _lines(self, status: AmazonStatus) -> list[LineDraft]:
        lines = V0Lines(self._fields, is_price_due=status.payment not in _WITHOUT_PRICES)
        return [lines.line(item) for item in self._items]

    def _stated(self, status: AmazonStatus) -> StatedDraft:
        order, path, fields = self.node, self.path, self._fields
        total = fields.money(order, "OrderTotal", path)
        stated = StatedDraft(total=None if total is None else both(total))
        shipped = fields.count(order, "NumberOfItemsShipped", path)
        unshipped = fields.count(order, "NumberOfItemsUnshipped", path)
        if status.payment not in _WITHOUT_PRICES and shipped is not None and unshipped is not None:
            stated.quantity_total = shipped + unshipped
        return stated

    def _cancellation(self, status: AmazonStatus) -> Cancellation:
        asked = [reason for item in self._items if (reason := cancel_reason(item.node)) is not None]
        reason = next((one for one in asked if one), None)
        if status.cancellation is CancellationStatus.NONE and asked:
            return Cancellation(status=CancellationStatus.REQUESTED, reason_raw=reason)
        return Cancellation(status=status.cancellation, reason_raw=reason)

    def _payment(self, status: AmazonStatus) -> OrderPayment:
        method = text(self.node, "PaymentMethod")
        return OrderPayment(
            status=due_on_delivery(status.payment, method), payments=tuple(self._executions())
        )

    def _executions(self) -> Iterator[Payment]:
        """Parts of the payment, which Amazon states where one of them is paid to the carrier."""
        for node, path in _executions(self.node, self.path):
            amount = self._fields.money(node, "Payment", path)
            if amount is not None:
                currency = self._fields.currency
                yield Payment(
                    psp_account=text(node, "PaymentMethod") or "",
                    kind=PaymentKind.SALE,
                    amount=dual_money(both(amount), currency, currency),
                )

    def _replaces(self) -> str | None:
        replaced = text(self.node, "ReplacedOrderId")
        if replaced is None or flag(self.node, "IsReplacementOrder") is False:
            return None
        tenant, channel = split_key(self.record.key or b"")[:2]
        return join_key(tenant, channel, replaced)

    def _parties(self) -> Iterator[Party]:
        order, path = self.node, self.path
        buyer = _buyer(order)
        if buyer is not None:
            yield buyer
        for name, role in (
            ("ShippingAddress", PartyRole.SHIP_TO),
            ("DefaultShipFromLocationAddress", PartyRole.SHIP_FROM),
        ):
            party = addressed(self.document, child(order, name), role, f"{path}.{name}")
            if party is not None:
                yield party


def _executions(order: Node, path: str) -> Iterator[tuple[Node, str]]:
    detail = order.get("PaymentExecutionDetail")
    inner = "PaymentExecutionDetailItem"
    if isinstance(detail, dict) and inner in detail:
        for index, node in enumerate(children(detail, inner)):
            yield node, f"{path}.PaymentExecutionDetail.{inner}[{index}]"
        return
    for index, node in enumerate(children(order, "PaymentExecutionDetail")):
        yield node, f"{path}.PaymentExecutionDetail[{index}]"


def _buyer(order: Node) -> Party | None:
    info = child(order, "BuyerInfo") or order
    taxes = child(info, "BuyerTaxInfo")
    classes = taxes.get("TaxClassifications")
    inner = classes if isinstance(classes, dict) else taxes
    name = "TaxClassification" if isinstance(classes, dict) else "TaxClassifications"
    numbers = tuple(value for one in children(inner, name) if (value := text(one, "Value")) is not None)
    said = text(info, "BuyerName") or text(taxes, "CompanyLegalName")
    email = text(info, "BuyerEmail")
    if said is None and email is None and not numbers:
        return None
    return Party(role=PartyRole.BUYER, name=said, email=email, tax_ids=numbers)
