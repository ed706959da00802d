"""eBay orders: getOrder and the pages of getOrders of the Sell Fulfillment API.

Invariant: the order is keyed by `orderId` (never by its legacy id) and ordered by `lastModifiedDate`;
totals are kept as said and compared with our own sums of the lines.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    Cancellation,
    CancellationStatus,
    FulfilledBy,
    OrderPayment,
    PartnerProfile,
    PaymentStatus,
    RevisionKind,
    TaxMode,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.ebay.lines import ebay_lines, promotions_total
from crossdock.formats.ebay.money import EbayFields
from crossdock.formats.ebay.parties import (
    ebay_extensions,
    ebay_parties,
    ebay_payments,
    ebay_time,
    ship_by,
    start_instructions,
)
from crossdock.formats.ebay.totals import PricingSummary, goods_discount, line_total
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.json_resource import key_by, within
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.order_draft import OrderDraft
from crossdock.formats.order_mapping import OrderMapping, order_change, placed_time
from crossdock.formats.order_variances import variance
from crossdock.formats.profile_rules import order_tax_mode
from crossdock.formats.xml_document import is_xml

MAPPING_VERSION: Final = "ebay_order/1"
_PAYMENT_STATUS: Final = {
    "failed": PaymentStatus.PENDING,  # the buyer may try again
    "fully_refunded": PaymentStatus.REFUNDED,
    "paid": PaymentStatus.PAID,
    "partially_refunded": PaymentStatus.PARTIALLY_REFUNDED,
    "pending": PaymentStatus.PENDING,
}
"""Source: OrderPaymentStatusEnum of the Fulfillment API."""
_CANCEL_STATE: Final = {
    "NONE_REQUESTED": CancellationStatus.NONE,
    "IN_PROGRESS": CancellationStatus.REQUESTED,
    "CANCEL_REQUESTED": CancellationStatus.REQUESTED,
    "CANCEL_PENDING": CancellationStatus.REQUESTED,
    "CANCELED": CancellationStatus.CANCELLED,
    "CANCELLED": CancellationStatus.CANCELLED,
}
"""Source: CancelStateEnum of the Fulfillment API, and the spellings of older versions."""

_TRADING_API: Final = (
    "the payload is XML, as the Trading API answers; fetch the order as JSON by getOrder of the Fulfillment "
    "API: GET /sell/fulfillment/v1/order/{orderId}"
)


key = key_by(lambda document: f"order:{_order_id(document)}")
"""`order:<orderId>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a getOrders page or a file."""
    return split_json(record, key, wrappers=("orders", "data"), own_arrays=("lineItems",))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a payload. Raises Rejected."""

    def mapping(document: Document) -> Reading:
        return _Mapping(document, record, profile, _unwrapped(document)).reading()

    if is_xml(record.value):
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, _TRADING_API, "line 1 column 1")
    return read_document(record.value, mapping)


def _unwrapped(document: Document) -> tuple[Node, str]:
    orders = document.root.get("orders")
    if isinstance(orders, list) and len(orders) == 1 and isinstance(orders[0], dict):
        return orders[0], "$.orders[0]"
    return within(document, "order", "data")


def _order_id(document: Document) -> str:
    order, path = _unwrapped(document)
    return identity(order, "orderId", path)


class _Mapping(OrderMapping):
    """One order payload of one partner."""

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        identity(self.node, "orderId", self.path)
        fields = EbayFields(self.document, self.profile, self.node, self.path)
        draft = self._draft(fields)
        if not fields.is_complete:
            detail = "an amount lacks what it was converted from; the order is carried in one currency"
            place = f"{self.path}.pricingSummary.total"
            self.document.warn("presentment_incomplete", detail, place)
            fields.keep_one_currency()
            draft = self._draft(fields)
        modified = ebay_time(self.node, "lastModifiedDate", self.path, self.zone)
        return self.finished(draft, modified, RevisionKind.INSTANT_FINE)

    def _draft(self, fields: EbayFields) -> OrderDraft:
        order, path, zone = self.node, self.path, self.zone
        placed = placed_time(ebay_time(order, "creationDate", path, zone), path, "creationDate")
        lines = ebay_lines(fields, order, path, self.channel)
        summary = PricingSummary(fields, child(order, "pricingSummary"), f"{path}.pricingSummary", lines)
        summary.settle_collected_taxes()
        cancellation = self._cancellation()
        start = start_instructions(order)
        start_path = f"{path}.fulfillmentStartInstructions[0]"
        draft = OrderDraft(
            system="ebay",
            object_type="order",
            order_id=identity(order, "orderId", path),
            change=order_change(cancellation.status, is_new=self.is_new("creationDate", "lastModifiedDate")),
            occurred=ebay_time(order, "lastModifiedDate", path, zone) or placed,
            placed=placed,
            currency=fields.currency,
            presentment_currency=fields.presentment_currency,
            tax_mode=self._tax_mode(),
            lines=lines,
            adjustments=list(summary.adjustments()),
            taxes=summary.loose_taxes(),
            stated=summary.stated(),
            order_name=text(order, "salesRecordReference"),
            fulfilled_by=_fulfilled_by(start),
            payment=self._payment(fields),
            cancellation=cancellation,
            parties=ebay_parties(order, path, self.channel, self.document),
            ship_by=ship_by(order, path, zone),
            deliver_by=ebay_time(start, "maxEstimatedDeliveryDate", start_path, zone),
            shipping_method_raw=text(child(start, "shippingStep"), "shippingServiceCode"),
            location_hint=text(child(start, "pickupStep"), "merchantLocationKey"),
            notes=text(order, "buyerCheckoutNotes"),
            extensions=ebay_extensions(order),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )
        self._compare_line_figures(fields, draft)
        return draft

    def _tax_mode(self) -> TaxMode:
        """eBay does not say it; the tax of a listing that includes it is not in the payload at all."""
        return order_tax_mode(None, self.profile, self.path)[0]

    def _compare_line_figures(self, fields: EbayFields, draft: OrderDraft) -> None:
        """Each line's total and promotions beside what its cost, discounts, delivery and taxes make."""
        tolerance = self.profile.tolerances.order_total
        allowed = tolerance.for_lines(1)
        is_inclusive = draft.tax_mode is TaxMode.INCLUSIVE
        for node, line in zip(children(self.node, "lineItems"), draft.lines, strict=True):
            total, promoted = fields.pair(node, "total", line.path), promotions_total(fields, node, line)
            for code, name, stated, ours in (
                (VarianceCode.LINE_EXTENSION, "total", total, line_total(line, is_inclusive=is_inclusive)),
                (VarianceCode.DISCOUNT, "appliedPromotions", promoted, goods_discount(line)),
            ):
                if stated is not None and stated.shop != ours.shop:
                    figures, subject = (stated.shop, ours.shop), f"{line.line_id}.{name}"
                    draft.variances.append(variance(code, subject, figures, fields.currency, allowed))

    def _cancellation(self) -> Cancellation:
        node = child(self.node, "cancelStatus")
        path = f"{self.path}.cancelStatus"
        raw = text(node, "cancelState") or "NONE_REQUESTED"
        status = _CANCEL_STATE.get(raw)
        if status is None:
            detail = "the state is not one of CancelStateEnum"
            self.document.warn("cancel_state_unknown", detail, f"{path}.cancelState")
        reasons = [text(request, "cancelReason") for request in children(node, "cancelRequests")]
        return Cancellation(
            status=status or CancellationStatus.UNKNOWN,
            reason_raw=next((reason for reason in reasons if reason), None),
            at=ebay_time(node, "cancelledDate", path, self.zone),
        )

    def _payment(self, fields: EbayFields) -> OrderPayment:
        status = self.payment_state("orderPaymentStatus", _PAYMENT_STATUS)
        payments = ebay_payments(fields, self.node, self.path, self.zone)
        return OrderPayment(status=status, payments=payments)


def _fulfilled_by(start: Node) -> FulfilledBy | None:
    is_ebays = text(start, "fulfillmentInstructionsType") == "FULFILLED_BY_EBAY"
    return FulfilledBy.CHANNEL if is_ebays else None


FORMAT: Final = Format(
    name="ebay_order",
    title="eBay order (Sell Fulfillment API)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("orderId", "order_id", "`legacyOrderId` is kept as an extension"),
        Field("salesRecordReference", "order_name", "for people only"),
        Field("lastModifiedDate", "revision, occurred", "instant_fine"),
        Field("creationDate", "placed"),
        Field("value, currency", "amounts in shop currency", "the seller's account"),
        Field("convertedFromValue, convertedFromCurrency", "presentment amounts", "the listing's currency"),
        Field("lineItems[].lineItemId", "lines[].line_id"),
        Field(
            "lineItems[].sku, legacyVariationId, legacyItemId", "lines[].identifiers", "sku may be missing"
        ),
        Field("lineItems[].quantity", "lines[].ordered"),
        Field("lineItems[].lineItemCost", "lines[].extended", "cost of the whole quantity, before discounts"),
        Field("lineItems[].discountedLineItemCost, appliedPromotions", "lines[].adjustments (discount)"),
        Field("lineItems[].appliedPromotions", "–", "compared with cost less discountedLineItemCost"),
        Field("lineItems[].deliveryCost", "lines[].adjustments (shipping, fee)", "with its discountAmount"),
        Field("lineItems[].taxes", "lines[].tax_lines", "the seller's"),
        Field("lineItems[].ebayCollectAndRemitTaxes", "lines[].tax_lines", "withheld by the channel"),
        Field("lineItems[].total", "–", "compared with cost, discounts, delivery and tax of the line"),
        Field("lineItems[].lineItemFulfillmentStatus", "lines[].fulfilled_reported", "FULFILLED: all of it"),
        Field("lineItemFulfillmentInstructions.shipByDate", "ship_by", "the earliest of the lines"),
        Field("pricingSummary.priceSubtotal", "stated.subtotal", "before discounts"),
        Field("pricingSummary.deliveryCost, deliveryDiscount", "stated.shipping, adjustments"),
        Field("pricingSummary.priceDiscount, fee, adjustment", "adjustments", "where no line carries them"),
        Field("pricingSummary.tax, total", "stated.tax, stated.total"),
        Field("orderPaymentStatus", "payment.status", "table, then status_map.payment of the profile"),
        Field("paymentSummary.payments, refunds", "payment.payments", "those that were made"),
        Field("cancelStatus", "cancellation", "in progress is requested, not cancelled"),
        Field("buyer, shippingStep.shipTo", "parties (buyer, ship_to)"),
        Field("maxEstimatedDeliveryDate", "deliver_by"),
        Field("shippingServiceCode", "shipping_method_raw"),
        Field("pickupStep.merchantLocationKey", "location_hint"),
        Field("fulfillmentInstructionsType", "fulfilled_by", "FULFILLED_BY_EBAY: the channel"),
        Field("buyerCheckoutNotes", "notes"),
    ),
    quirks=(
        "lineItemCost is the cost of all units of the line.",
        "Converted amounts follow the day's rate: the same order polled later says other figures. A channel "
        "whose account and listings differ in currency declares `revision: instant_coarse`.",
        "Tax that eBay collects and remits is part of tax and total only where `taxes` repeats it, or where "
        "the order's tax adds up with it only.",
        "A payment may be in the account's currency, converted from the order's.",
        "XML of the Trading API is refused with the call that answers in JSON.",
        "Discounts of pricingSummary are negative, those of promotions positive.",
        "Promotions that do not make discountedLineItemCost are a variance; the difference is the discount.",
        "shippingCost of a line is after its discountAmount, deliveryCost of the order is before it.",
        "A phone is `{}` where there is none; a sku may be missing.",
        "A cancelled order may be fulfilled and refunded as well.",
        "A line in progress does not say how much of it has left.",
        "A payment may be what is due to the seller after fees, not what the buyer paid.",
    ),
    key_rule="the order's `orderId`",
    revision_rule="`lastModifiedDate` (milliseconds): later wins",
    looks_like=most(
        json_with("orderId", "lineItems", "lineItemCost", score=70),
        json_with("orderId", "lineItems", "pricingSummary", "orderPaymentStatus", score=92),
        text_with("urn:ebay:apis:eBLBaseComponents", opening="<", score=80),
    ),
)
