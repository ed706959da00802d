"""Unicommerce (Uniware) sale orders: the answer of saleorder/get and the saleOrderDTO alone.

Invariant: one row is one unit. A row's `sellingPrice` is after its `discount` and includes tax; each row
stays a line, and nothing is added up by SKU.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Extension,
    OrderPayment,
    PartnerProfile,
    PaymentStatus,
    RevisionKind,
    TaxMode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import Fields, child, children, flag, identity, text
from crossdock.formats.json_resource import extensions, key_by, texts_and_flags, within
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_draft import LineDraft, OrderDraft, StatedDraft, both
from crossdock.formats.order_mapping import (
    OrderMapping,
    cancellation_of_lines,
    mapped_cancellation,
    order_change,
    placed_time,
)
from crossdock.formats.profile_rules import order_currency, order_tax_mode
from crossdock.formats.times import business_time, epoch_time
from crossdock.formats.unicommerce.rows import UnicommerceRows, unicommerce_parties

MAPPING_VERSION: Final = "unicommerce_order/1"
_KEPT: Final = ("status", "channel", "source", "thirdPartyShipping", "cod", "priority")
_CANCELLED: Final = "CANCELLED"


def _order_id(document: Document) -> str:
    order, path = within(document, "saleOrderDTO")
    return identity(order, "code", path)


key = key_by(lambda document: f"order:{_order_id(document)}")
"""`order:<code>` of a payload, None where it has no readable code."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a file: an array, `{"saleOrders": […]}`, JSON lines."""
    return split_json(
        record, key, wrappers=("saleOrders", "saleOrderDTOs", "elements"), own_arrays=("saleOrderItems",)
    )


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of an answer. Raises Rejected.

    Parsed exactly at once: all amounts are JSON numbers with decimals.
    """
    return _Mapping(exact_document(record.value or b""), record, profile).reading()


class _Mapping(OrderMapping):
    """One sale order of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, within(document, "saleOrderDTO"))
        self._fields = Fields(document, profile)

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        order_id = _order_id(self.document)
        stated = text(self.node, "currencyCode")
        currency = order_currency(stated, self.profile, f"{self.path}.currencyCode")
        self._fields.exponent = currency_exponent(currency)
        draft = self._draft(order_id, currency)
        return self.finished(draft, self.time("updated"), RevisionKind.INSTANT_COARSE)

    def _draft(self, order_id: str, currency: str) -> OrderDraft:
        order = self.node
        rows = UnicommerceRows(self._fields, order, self.path, currency, self.profile)
        lines = rows.lines(self.channel)
        placed = self.time("displayOrderDateTime") or self.time("created")
        placed = placed_time(placed, self.path, "displayOrderDateTime", "created")
        cancellation = self._cancellation(lines)
        return OrderDraft(
            system="unicommerce",
            object_type="sale_order",
            order_id=order_id,
            change=order_change(cancellation.status, is_new=self.is_new("created", "updated")),
            occurred=self.time("updated") or placed,
            placed=placed,
            currency=currency,
            tax_mode=self._tax_mode(),
            lines=lines,
            stated=self._stated(),
            variances=rows.variances,
            order_name=text(order, "displayOrderCode"),
            payment=OrderPayment(status=self._payment()),
            cancellation=cancellation,
            parties=unicommerce_parties(self.document, order, self.path, rows.shipping_address_id),
            ship_by=self.time("fulfillmentTat"),
            shipping_method_raw=rows.first("shippingMethodCode"),
            location_hint=rows.first("facilityCode"),
            extensions=_extensions(order),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )

    def time(self, name: str) -> BusinessTime | None:
        """Milliseconds since 1970 or, in some exports, ISO 8601 text."""
        raw, path = self.node.get(name), f"{self.path}.{name}"
        if raw is None or raw == "":
            return None
        if isinstance(raw, str) and not raw.strip().isdecimal():
            return business_time(raw, path, zone=self.zone)
        return epoch_time(raw, path, zone=self.zone)

    def _tax_mode(self) -> TaxMode:
        """The profile's; where that leaves it to the payload, the prices of Unicommerce include tax."""
        mode, _ = order_tax_mode(None, self.profile, self.path)
        return TaxMode.INCLUSIVE if mode is TaxMode.UNKNOWN else mode

    def _stated(self) -> StatedDraft:
        discount = self._fields.amount(self.node, "totalDiscount", self.path)
        shipping = self._fields.amount(self.node, "totalShippingCharges", self.path)
        return StatedDraft(
            discount=None if discount is None else both(discount),
            shipping=None if shipping is None else both(shipping),
        )

    def _cancellation(self, lines: list[LineDraft]) -> Cancellation:
        raw = (text(self.node, "status") or "").upper()
        mapped = mapped_cancellation(raw, self.profile)
        if mapped is not None:
            return Cancellation(status=mapped)
        reasons = (text(node, "cancellationReason") for node in children(self.node, "saleOrderItems"))
        reason = next((one for one in reasons if one), None)
        if raw == _CANCELLED:
            return Cancellation(status=CancellationStatus.CANCELLED, reason_raw=reason)
        status = cancellation_of_lines(lines)
        return Cancellation(
            status=status, reason_raw=reason if status is CancellationStatus.PARTIAL else None
        )

    def _payment(self) -> PaymentStatus:
        """Cash on delivery is due until the courier has it; without it the channel has been paid."""
        raw = text(self.node, "status") or ""
        meaning = self.profile.status_map.order.get(raw)
        if meaning is not None and meaning.payment is not None:
            return meaning.payment
        if raw.upper() == _CANCELLED:
            return PaymentStatus.VOIDED
        is_on_delivery = flag(self.node, "cod")
        if is_on_delivery is None:
            return PaymentStatus.UNKNOWN
        return PaymentStatus.PENDING if is_on_delivery else PaymentStatus.PAID


def _extensions(order: Node) -> tuple[Extension, ...]:
    instrument = text(child(order, "additionalInfo"), "paymentMode") or text(order, "paymentInstrument")
    return extensions(*texts_and_flags(order, _KEPT), ("paymentInstrument", instrument))


FORMAT: Final = Format(
    name="unicommerce_order",
    title="Unicommerce sale order",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("saleOrderDTO", "–", "the order in an answer; an order alone is read as well"),
        Field("code", "order_id"),
        Field("displayOrderCode", "order_name", "for people only"),
        Field("displayOrderDateTime, created", "placed", "milliseconds since 1970"),
        Field("updated", "revision, occurred", "milliseconds that end in whole seconds: instant_coarse"),
        Field("currencyCode", "currency", "must agree with the profile's where that states one"),
        Field("status", "cancellation, payment.status", "then status_map.order of the profile"),
        Field("cod", "payment.status", "cash on delivery is pending, all else paid"),
        Field("saleOrderItems[].code", "lines[].line_id", "`id` where it is missing"),
        Field("saleOrderItems[]", "lines[].ordered", "one row is one unit: per_unit_row"),
        Field("saleOrderItems[].itemSku, sellerSkuCode, channelProductId", "lines[].identifiers"),
        Field("saleOrderItems[].sellingPrice + discount", "lines[].extended", "before discount, with tax"),
        Field("saleOrderItems[].discount", "lines[].adjustments (discount)"),
        Field(
            "shippingCharges, shippingMethodCharges, cashOnDeliveryCharges, giftWrapCharges",
            "lines[].adjustments",
            "shipping, fee, gift_wrap",
        ),
        Field("saleOrderItems[].totalPrice", "–", "compared with selling price and charges"),
        Field("totalIntegratedGst, totalStateGst, totalCentralGst, totalUnionTerritoryGst", "tax_lines"),
        Field("saleOrderItems[].statusCode", "lines[].cancelled, fulfilled_reported"),
        Field("returns[].returnItems[].saleOrderItemCode", "lines[].returned_reported"),
        Field("totalDiscount, totalShippingCharges", "stated"),
        Field("addresses, billingAddress, notificationEmail", "parties", "ship_to by shippingAddressId"),
        Field("fulfillmentTat", "ship_by"),
        Field("facilityCode, shippingMethodCode", "location_hint, shipping_method_raw", "of the first row"),
    ),
    quirks=(
        "One row per unit and no quantity: eleven units are eleven rows, their prices differ by a paisa.",
        "A row that states a quantity all the same keeps its amounts as those of the row, with a warning.",
        "Times are milliseconds since 1970; amounts are JSON numbers.",
        "An element of a search answer has no rows: it is thin and refused.",
    ),
    key_rule="the order's `code`",
    revision_rule="`updated` (whole seconds): later wins, a tie is broken by the capture",
    looks_like=most(
        json_with("saleOrderItems", score=85),
        json_with("saleOrderDTO", score=90),
        json_with("displayOrderCode", "fulfillmentTat", score=70),
    ),
)
