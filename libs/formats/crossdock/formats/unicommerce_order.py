"""Unicommerce (Uniware) sale orders: the answer of saleorder/get and the saleOrderDTO alone.

Invariant: one row is one unit. A row's `sellingPrice` is after its `discount` and includes tax; each row
stays a line, and nothing is added up by SKU.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Change,
    Extension,
    OrderPayment,
    PartnerProfile,
    PaymentStatus,
    RevisionKind,
    TaxMode,
    Via,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import Fields, child, children, flag, identity, text
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import LineDraft, OrderDraft, StatedDraft, both
from crossdock.formats.profile_rules import order_currency, order_tax_mode, revision_at
from crossdock.formats.times import business_time, epoch_time
from crossdock.formats.unicommerce_rows import UnicommerceRows, unicommerce_parties

MAPPING_VERSION: Final = "unicommerce_order/1"
_KEPT: Final = ("status", "channel", "source", "thirdPartyShipping", "cod", "priority")
_CANCELLED: Final = "CANCELLED"


def _unwrapped(document: Document) -> tuple[Node, str]:
    wrapped = document.root.get("saleOrderDTO")
    return (wrapped, "$.saleOrderDTO") if isinstance(wrapped, dict) else (document.root, "$")


def key(record: Record) -> str | None:
    """`order:<code>` of a payload, None where it has no readable code."""
    try:
        order, path = _unwrapped(exact_document(record.value or b""))
        return f"order:{identity(order, 'code', path)}"
    except Rejected:
        return None


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


class _Mapping:
    """One sale order of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        self._document = document
        self._record = record
        self._profile = profile
        self._order, self._path = _unwrapped(document)
        self._zone = profile.business_zone
        self._channel = split_key(record.key or b"")[1]
        self._fields = Fields(document, profile)

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        order_id = identity(self._order, "code", self._path)
        stated = text(self._order, "currencyCode")
        currency = order_currency(stated, self._profile, f"{self._path}.currencyCode")
        self._fields.exponent = currency_exponent(currency)
        draft = self._draft(order_id, currency)
        mark = revision_at(self._time("updated"), self._profile, RevisionKind.INSTANT_COARSE)
        order = finish_order(draft, self._profile, self._record, mark)
        return reading_of(order, warnings=tuple(dict.fromkeys(self._document.warnings)))

    def _draft(self, order_id: str, currency: str) -> OrderDraft:
        order = self._order
        rows = UnicommerceRows(self._fields, order, self._path, currency, self._profile)
        lines = rows.lines(self._channel)
        placed = self._placed()
        cancellation = self._cancellation(lines)
        return OrderDraft(
            system="unicommerce",
            object_type="sale_order",
            order_id=order_id,
            change=self._change(cancellation),
            occurred=self._time("updated") or placed,
            placed=placed,
            currency=currency,
            tax_mode=self._tax_mode(),
            lines=lines,
            stated=self._stated(),
            variances=rows.variances,
            order_name=text(order, "displayOrderCode"),
            payment=OrderPayment(status=self._payment()),
            cancellation=cancellation,
            parties=unicommerce_parties(self._document, order, self._path, rows.shipping_address_id),
            ship_by=self._time("fulfillmentTat"),
            shipping_method_raw=rows.first("shippingMethodCode"),
            location_hint=rows.first("facilityCode"),
            extensions=_extensions(order),
            via=Via.WEBHOOK if self._record.header(EVENT) else Via.UNKNOWN,
            mapping_version=MAPPING_VERSION,
        )

    def _time(self, name: str) -> BusinessTime | None:
        """Milliseconds since 1970 or, in some exports, ISO 8601 text."""
        raw, path = self._order.get(name), f"{self._path}.{name}"
        if raw is None or raw == "":
            return None
        if isinstance(raw, str) and not raw.strip().isdecimal():
            return business_time(raw, path, zone=self._zone)
        return epoch_time(raw, path, zone=self._zone)

    def _placed(self) -> BusinessTime:
        placed = self._time("displayOrderDateTime") or self._time("created")
        if placed is None:
            detail = "displayOrderDateTime (or created) is missing"
            raise Rejected(RejectionCode.TIME_INVALID, detail, f"{self._path}.displayOrderDateTime")
        return placed

    def _tax_mode(self) -> TaxMode:
        """The profile's; where that leaves it to the payload, the prices of Unicommerce include tax."""
        mode, _ = order_tax_mode(None, self._profile, self._path)
        return TaxMode.INCLUSIVE if mode is TaxMode.UNKNOWN else mode

    def _stated(self) -> StatedDraft:
        discount = self._fields.amount(self._order, "totalDiscount", self._path)
        shipping = self._fields.amount(self._order, "totalShippingCharges", self._path)
        return StatedDraft(
            discount=None if discount is None else both(discount),
            shipping=None if shipping is None else both(shipping),
        )

    def _cancellation(self, lines: list[LineDraft]) -> Cancellation:
        raw = (text(self._order, "status") or "").upper()
        meaning = self._profile.status_map.order.get(raw)
        if meaning is not None and meaning.cancellation is not None:
            return Cancellation(status=meaning.cancellation)
        reasons = (text(node, "cancellationReason") for node in children(self._order, "saleOrderItems"))
        reason = next((one for one in reasons if one), None)
        if raw == _CANCELLED:
            return Cancellation(status=CancellationStatus.CANCELLED, reason_raw=reason)
        is_partial = any(line.cancelled for line in lines)
        status = CancellationStatus.PARTIAL if is_partial else CancellationStatus.NONE
        return Cancellation(status=status, reason_raw=reason if is_partial else None)

    def _payment(self) -> PaymentStatus:
        """Cash on delivery is due until the courier has it; without it the channel has been paid."""
        raw = text(self._order, "status") or ""
        meaning = self._profile.status_map.order.get(raw)
        if meaning is not None and meaning.payment is not None:
            return meaning.payment
        if raw.upper() == _CANCELLED:
            return PaymentStatus.VOIDED
        is_on_delivery = flag(self._order, "cod")
        if is_on_delivery is None:
            return PaymentStatus.UNKNOWN
        return PaymentStatus.PENDING if is_on_delivery else PaymentStatus.PAID

    def _change(self, cancellation: Cancellation) -> Change:
        if cancellation.status is CancellationStatus.CANCELLED:
            return Change.CANCELLED
        is_new = self._order.get("created") == self._order.get("updated")
        return Change.CREATED if is_new else Change.UPDATED


def _extensions(order: Node) -> tuple[Extension, ...]:
    found = []
    for name in _KEPT:
        value = order.get(name)
        kept = str(value).lower() if isinstance(value, bool) else text(order, name)
        if kept is not None:
            found.append(Extension(name=name, value=kept))
    instrument = text(child(order, "additionalInfo"), "paymentMode") or text(order, "paymentInstrument")
    if instrument is not None:
        found.append(Extension(name="paymentInstrument", value=instrument))
    return tuple(found)


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
