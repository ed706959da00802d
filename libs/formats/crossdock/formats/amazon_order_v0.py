"""Amazon orders of the Orders API v0, merged with their items.

Invariant: getOrder and getOrderItems are two calls; an order is read only with its items, in whichever way
they were put together.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.amazon.v0_documents import (
    ITEM_NAMES,
    PAGE_NAMES,
    answers_joined,
    order_place,
    order_with_items,
)
from crossdock.formats.amazon.v0_order import V0Mapping, order_id_of
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import read_document
from crossdock.formats.json_documents import json_documents, split_documents
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with, most

MAPPING_VERSION: Final = "amazon_order_v0/1"
_NOTICES: Final = ("NotificationType", "OrderChangeNotification")
"""Names in notifications of orders, with and without their envelope."""
_PAGES: Final = (*PAGE_NAMES, *(f"payload.{name}" for name in PAGE_NAMES))


key = key_by(lambda document: f"order:{order_id_of(*order_place(document.root))}")
"""`order:<AmazonOrderId>` of a payload, None where it has none that can be read."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a page of getOrders, of an array or of JSON lines, with the items that stand beside
    them."""
    documents = json_documents(record.value or b"", _PAGES, ITEM_NAMES)
    return split_documents(record, answers_joined(documents), key, "order")


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a payload. Raises Rejected."""
    return read_document(
        record.value,
        lambda document: V0Mapping(document, order_with_items(document.root), record, profile).reading(
            MAPPING_VERSION
        ),
    )


FIELDS: Final = (
    Field("AmazonOrderId", "order_id"),
    Field("SellerOrderId", "order_name", "for people only"),
    Field("LastUpdateDate", "revision, occurred", "instant_fine"),
    Field("PurchaseDate", "placed"),
    Field("OrderTotal", "stated.total, currency", "absent while pending"),
    Field("MarketplaceId", "currency", "only where neither an amount nor the profile states one"),
    Field(
        "OrderStatus",
        "payment.status, cancellation",
        "Unshipped is authorized, Shipped is paid; status_map.order of the profile wins",
    ),
    Field("PaymentMethod", "payment.status", "COD is pending until somebody says otherwise"),
    Field("PaymentExecutionDetail", "payment.payments"),
    Field("FulfillmentChannel", "fulfilled_by", "AFN is the channel, MFN the seller"),
    Field("IsReplacementOrder, ReplacedOrderId", "replaces"),
    Field("NumberOfItemsShipped + NumberOfItemsUnshipped", "–", "compared with quantity_total"),
    Field("EarliestShipDate, LatestShipDate", "requested_ship, ship_by"),
    Field("EarliestDeliveryDate, LatestDeliveryDate", "requested_delivery, deliver_by"),
    Field("ShipServiceLevel, ShipmentServiceLevelCategory", "shipping_method_raw, service_level"),
    Field("FulfillmentInstruction.FulfillmentSupplySourceId, StoreChainStoreId", "location_hint"),
    Field("BuyerInfo, BuyerEmail, BuyerName", "parties (buyer), buyer_reference"),
    Field("ShippingAddress, DefaultShipFromLocationAddress", "parties (ship_to, ship_from)"),
    Field("OrderItems[].OrderItemId", "lines[].line_id"),
    Field("OrderItems[].SellerSKU, ASIN", "lines[].identifiers"),
    Field("OrderItems[].QuantityOrdered, QuantityShipped", "lines[].ordered, fulfilled_reported"),
    Field("OrderItems[].ItemPrice", "lines[].extended", "of all units together, before discounts"),
    Field("OrderItems[].ItemTax", "lines[].tax_lines"),
    Field("OrderItems[].ShippingPrice, ShippingDiscount and their taxes", "lines[].adjustments (shipping)"),
    Field("OrderItems[].GiftWrapPrice, GiftWrapTax", "lines[].adjustments (gift_wrap)", "or in BuyerInfo"),
    Field(
        "OrderItems[].PromotionDiscount, PromotionDiscountTax, PromotionIds", "lines[].adjustments (discount)"
    ),
    Field("OrderItems[].CODFee, CODFeeDiscount", "lines[].adjustments (fee)"),
    Field(
        "OrderItems[].TaxCollection, DeemedResellerCategory", "tax_lines[].is_withheld_by_channel",
        "marketplace-facilitator tax is Amazon's to remit",
    ),
    Field("OrderItems[].BuyerRequestedCancel", "cancellation", "requested, never cancelled"),
)  # fmt: skip

FORMAT: Final = Format(
    name="amazon_order_v0",
    title="Amazon order (Orders API v0)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=FIELDS,
    quirks=(
        "An order without its items is refused: it would be an order without lines.",
        "Items stand in the order, beside it, or in the whole answer of getOrderItems; those of another "
        "order are refused.",
        "A file of both answers, as an array or as lines, is joined by `AmazonOrderId`.",
        "A page of items whose NextToken announces another that is not there is told: lines are missing.",
        "A pending order has no total and its items no price: demand without money, payment pending.",
        "ItemPrice is the price of all units together.",
        "Flags come as text or as booleans.",
        "A buyer's request to cancel does not cancel; a cancelled order is said so by its status.",
        "Discounts are stated as positive amounts and are taken off.",
        "JPY amounts may have decimals: kept as said, with a warning.",
        "Whether prices include tax is not stated: the profile says it, or the total proves it.",
        "Taxes that the marketplace collects are marked, never ours to remit.",
    ),
    key_rule="`AmazonOrderId`",
    revision_rule="`LastUpdateDate`: later wins; equal with other content is a conflict",
    looks_like=most(
        json_with("AmazonOrderId", "OrderItems", score=70, without=_NOTICES),
        json_with("AmazonOrderId", "PurchaseDate", score=90, without=_NOTICES),
    ),
)
