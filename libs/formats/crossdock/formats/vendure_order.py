"""Vendure orders: events of the order service, answers of the Admin and Shop API, their lists.

Invariant: money is whole minor units, each figure without and with tax. The figures of one kind are used
throughout: with tax where the profile's prices include it or nothing else is stated, else without.
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
    PartnerProfile,
    RevisionKind,
    TaxMode,
    Via,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node, place_name, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, flag, identity, text
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import LineDraft, OrderDraft
from crossdock.formats.profile_rules import order_tax_mode, revision_at
from crossdock.formats.times import business_time
from crossdock.formats.vendure_amounts import VendureAmounts
from crossdock.formats.vendure_people import vendure_parties, vendure_payment

MAPPING_VERSION: Final = "vendure_order/1"
_ENVELOPES: Final = ("data", "payload", "event", "order", "orderByCode", "activeOrder")
_CARTS: Final = frozenset({"Created", "Draft", "AddingItems"})
_CANCELLED: Final = "Cancelled"
_KEPT: Final = ("state", "type", "subTotal", "shipping", "customerNote")


def _unwrapped(document: Document) -> tuple[Node, str]:
    node, path = document.root, "$"
    for name in _ENVELOPES:
        inner = node.get(name)
        if isinstance(inner, dict) and "lines" not in node:
            node, path = inner, f"{path}.{name}"
    return (node, path) if "lines" in node else _answer(node, path)


def _answer(node: Node, path: str) -> tuple[Node, str]:
    """The order under the name of the mutation that answers with it, where there is only one."""
    found = [name for name, value in node.items() if isinstance(value, dict) and "lines" in value]
    return (child(node, found[0]), f"{path}{place_name(found[0])}") if len(found) == 1 else (node, path)


def _order_id(document: Document) -> str:
    """The `code`, which buyers and the channel use; the technical id where there is none."""
    order, path = _unwrapped(document)
    return identity(order, "code" if text(order, "code") else "id", path)


def key(record: Record) -> str | None:
    """`order:<code>` of a payload, None where it has no readable code."""
    try:
        return read_document(record.value, lambda document: f"order:{_order_id(document)}")
    except Rejected:
        return None


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a list: an array, `{"data": {"orders": {"items": […]}}}`, JSON lines."""
    wrappers = ("orders", "items", "orders.items", "data.orders.items", "data.orders")
    return split_json(record, key, wrappers=wrappers, own_arrays=("lines",))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of an event or answer. Raises Rejected."""
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


class _Mapping:
    """One order payload of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        self._document = document
        self._record = record
        self._profile = profile
        self._order, self._path = _unwrapped(document)
        self._zone = profile.business_zone
        self._channel = split_key(record.key or b"")[1]

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        if text(self._order, "state") in _CARTS:
            detail = "an order that is still being put together is a cart, not an order"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{self._path}.state")
        order_id = _order_id(self._document)
        amounts = VendureAmounts(self._document, self._profile, self._order, self._path, self._channel)
        draft = self._draft(order_id, amounts)
        mark = revision_at(self._time("updatedAt"), self._profile, RevisionKind.INSTANT_COARSE)
        order = finish_order(draft, self._profile, self._record, mark)
        return reading_of(order, warnings=tuple(dict.fromkeys(self._document.warnings)))

    def _draft(self, order_id: str, amounts: VendureAmounts) -> OrderDraft:
        order, placed = self._order, self._placed()
        lines = amounts.order_lines()
        adjustments = amounts.adjustments(lines)
        cancellation = self._cancellation(lines)
        return OrderDraft(
            system="vendure",
            object_type="order",
            order_id=order_id,
            change=self._change(cancellation),
            occurred=self._time("updatedAt") or placed,
            placed=placed,
            currency=amounts.currency,
            tax_mode=self._tax_mode(amounts),
            lines=lines,
            adjustments=adjustments,
            taxes=amounts.loose_taxes(lines, adjustments),
            stated=amounts.stated(lines),
            order_name=text(order, "code"),
            payment=vendure_payment(amounts, order, self._path, self._profile, self._zone),
            cancellation=cancellation,
            parties=vendure_parties(self._document, order, self._path, self._channel),
            shipping_method_raw=amounts.shipping_method,
            extensions=_extensions(order),
            via=Via.WEBHOOK if self._record.header(EVENT) else Via.UNKNOWN,
            mapping_version=MAPPING_VERSION,
        )

    def _tax_mode(self, amounts: VendureAmounts) -> TaxMode:
        """What the figures say; a profile that says otherwise is told so."""
        mode, oddity = order_tax_mode(amounts.is_inclusive, self._profile, f"{self._path}.lines")
        if oddity is not None:
            self._document.warnings.append(oddity)
        return mode

    def _time(self, name: str) -> BusinessTime | None:
        raw = text(self._order, name)
        return None if raw is None else business_time(raw, f"{self._path}.{name}", zone=self._zone)

    def _placed(self) -> BusinessTime:
        placed = self._time("orderPlacedAt") or self._time("createdAt")
        if placed is not None:
            return placed
        later = self._time("updatedAt")
        path = f"{self._path}.orderPlacedAt"
        if later is None:
            raise Rejected(RejectionCode.TIME_INVALID, "the order states no time at all", path)
        self._document.warn("placed_missing", "orderPlacedAt is missing; updatedAt stands in for it", path)
        return later

    def _cancellation(self, lines: list[LineDraft]) -> Cancellation:
        state = text(self._order, "state") or ""
        meaning = self._profile.status_map.order.get(state)
        if meaning is not None and meaning.cancellation is not None:
            return Cancellation(status=meaning.cancellation)
        if state == _CANCELLED:
            return Cancellation(status=CancellationStatus.CANCELLED)
        is_partial = any(line.cancelled for line in lines)
        return Cancellation(status=CancellationStatus.PARTIAL if is_partial else CancellationStatus.NONE)

    def _change(self, cancellation: Cancellation) -> Change:
        if cancellation.status is CancellationStatus.CANCELLED:
            return Change.CANCELLED
        event = self._record.header(EVENT) or text(self._document.root, "type") or ""
        return Change.CREATED if "OrderPlaced" in event else Change.UPDATED


def _extensions(order: Node) -> tuple[Extension, ...]:
    found = [Extension(name=name, value=kept) for name in _KEPT if (kept := text(order, name)) is not None]
    codes = order.get("couponCodes")
    if isinstance(codes, list) and codes:
        found.append(Extension(name="couponCodes", value=", ".join(str(code) for code in codes)))
    if flag(order, "active") is True:
        found.append(Extension(name="active", value="true"))
    for node in children(order, "fulfillments"):
        tracking = text(node, "trackingCode")
        if tracking is not None:
            found.append(Extension(name="trackingCode", value=tracking))
    return tuple(found)


FORMAT: Final = Format(
    name="vendure_order",
    title="Vendure order",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("order, data.order, data.orderByCode, data.orders.items", "–", "envelopes of events and API"),
        Field("code", "order_id, order_name", "16 characters; `id` where it is missing"),
        Field("updatedAt", "revision, occurred", "one second on some databases: instant_coarse"),
        Field("orderPlacedAt, createdAt", "placed"),
        Field("currencyCode", "currency", "must agree with the profile's where that states one"),
        Field("state", "payment.status, cancellation", "table, then status_map.order of the profile"),
        Field("lines[].id", "lines[].line_id"),
        Field("lines[].productVariant.sku, id", "lines[].identifiers", "or `sku` of the line itself"),
        Field("lines[].orderPlacedQuantity, quantity", "lines[].ordered, cancelled"),
        Field("lines[].linePrice, linePriceWithTax", "lines[].extended", "else unit price × quantity"),
        Field("lines[].proratedLinePrice, discountedLinePrice, discounts", "lines[].adjustments (discount)"),
        Field("lines[].lineTax, taxRate, taxLines", "lines[].tax_lines"),
        Field("shippingLines[].price, discountedPrice", "adjustments (shipping), shipping_method_raw"),
        Field("surcharges[]", "adjustments (surcharge)", "may be negative"),
        Field("subTotal, shipping, discounts, taxSummary, totalWithTax", "stated"),
        Field("totalQuantity", "–", "compared with the lines"),
        Field("payments[]", "payment.payments", "authorized, settled, refunded"),
        Field("fulfillments[]", "lines[].fulfilled_reported", "states Shipped and Delivered"),
        Field("customer, billingAddress, shippingAddress", "parties"),
    ),
    quirks=(
        "Money is whole minor units whatever the profile says; each figure stands without and with tax.",
        "updatedAt may be earlier than orderPlacedAt, and has one second on some databases.",
        "A cancelled line keeps its orderPlacedQuantity and has quantity 0.",
        "subTotal is after discounts and includes surcharges.",
        "An order in AddingItems is a cart and refused.",
    ),
    key_rule="the order's `code`",
    revision_rule="`updatedAt`: later wins, a tie is broken by the capture",
    looks_like=most(
        json_with("orderPlacedAt", "lines", score=85),
        json_with("linePriceWithTax", score=85),
        json_with("productVariant", "unitPriceWithTax", score=80),
    ),
)
