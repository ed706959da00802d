"""Amazon orders of the Orders API 2026-01-01, with the shipments of their packages.

Invariant: proceeds are parts that add up; what they miss of a stated total is a variance, never repaired.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Order, PartnerProfile, Shipment
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.amazon.order_2026 import Mapping2026, order_id_of, order_place
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with, most

MAPPING_VERSION: Final = "amazon_order/1"


key = key_by(lambda document: f"order:{order_id_of(*order_place(document.root))}")
"""`order:<orderId>` of a payload, None where it has none that can be read."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a page of searchOrders, of an array or of JSON lines."""
    return split_json(record, key, wrappers=("orders", "payload.orders"), own_arrays=("orderItems",))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a payload and a shipment per package. Raises Rejected."""
    return read_document(
        record.value, lambda document: Mapping2026(document, record, profile).reading(MAPPING_VERSION)
    )


FORMAT: Final = Format(
    name="amazon_order",
    title="Amazon order (Orders API 2026-01-01)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    entities=(Order, Shipment),
    field_table=(
        Field("orderId", "order_id"),
        Field("orderAliases[SELLER_ORDER_ID]", "order_name", "for people only"),
        Field("createdTime", "placed"),
        Field("lastUpdatedTime", "revision, occurred", "instant_fine"),
        Field("proceeds.grandTotal", "stated.total, currency"),
        Field("proceeds.breakdowns ITEM, SHIPPING, DISCOUNT, TAX", "stated", "compared with our own sums"),
        Field("proceeds.breakdowns DELIVERY_TIP", "adjustments (gratuity)"),
        Field(
            "proceeds.breakdowns that no item states", "adjustments, tax_lines", "allocated, with a warning"
        ),
        Field("fulfillment.fulfillmentStatus", "payment.status, cancellation"),
        Field("fulfillment.fulfilledBy", "fulfilled_by", "AMAZON is the channel, MERCHANT the seller"),
        Field("fulfillment.shipByWindow", "requested_ship, ship_by"),
        Field("fulfillment.deliverByWindow", "requested_delivery, deliver_by"),
        Field("fulfillment.fulfillmentServiceLevel", "shipping_method_raw"),
        Field("payment.paymentExecutions", "payment.payments"),
        Field("associatedOrders[REPLACEMENT_ORIGINAL_ID]", "replaces"),
        Field("buyer, tax.taxRegistrations", "parties (buyer), buyer_reference"),
        Field("recipient.deliveryAddress", "parties (ship_to)"),
        Field("orderItems[].orderItemId", "lines[].line_id"),
        Field("orderItems[].quantityOrdered", "lines[].ordered"),
        Field("orderItems[].product.sellerSku, asin", "lines[].identifiers"),
        Field(
            "orderItems[].product.price.unitPrice", "lines[].unit_price", "the amount where ITEM is missing"
        ),
        Field("orderItems[].proceeds.breakdowns ITEM", "lines[].extended"),
        Field("orderItems[].proceeds.breakdowns TAX", "lines[].tax_lines", "by subtype, also of charges"),
        Field("orderItems[].proceeds.breakdowns SHIPPING, GIFT_WRAP, COD_FEE, OTHER", "lines[].adjustments"),
        Field("orderItems[].proceeds.breakdowns DISCOUNT", "lines[].adjustments", "taken off, by subtype"),
        Field("orderItems[].tax.taxCollections", "tax_lines[].is_withheld_by_channel"),
        Field("orderItems[].proceeds.proceedsTotal", "–", "compared with the sum of its parts"),
        Field("orderItems[].fulfillment.quantityFulfilled", "lines[].fulfilled_reported"),
        Field("orderItems[].cancellation", "cancellation, lines[].cancelled", "a request cancels nothing"),
        Field("packages[]", "Shipment", "one each: carrier, tracking number, items by id, status"),
    ),
    quirks=(
        "A request to cancel is not a cancellation; an executed one takes what is not shipped.",
        "The goods of an item that is cancelled in part may be those that are left.",
        "An item may be said to be cancelled and shipped: shipped, with a warning.",
        "Zero parts of proceeds are left out; a part may stand on the order only.",
        "Without the PROCEEDS dataset, unit price × quantity is the amount.",
        "Statuses are upper-case words, CANCELLED with two L.",
        "Each package is a shipment; one without reference and tracking number is left out with a warning.",
        "JPY amounts may have decimals: kept as said, with a warning.",
    ),
    key_rule="`orderId`; a shipment's third part is `packageReferenceId`, else the tracking number",
    revision_rule="`lastUpdatedTime`: later wins; equal with other content is a conflict",
    looks_like=most(
        json_with("orderId", "orderItems", "fulfillment", "salesChannel", score=95),
        json_with("orderItems", "quantityOrdered", score=80),
    ),
)
