"""Vendure orders: events of the order service, answers of the Admin and Shop API, their lists.

Invariant: money is whole hundredths, each figure without and with tax. The figures of one kind are used
throughout: with tax where the profile's prices include it or nothing else is stated, else without.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Change,
    Extension,
    PartnerProfile,
    RevisionKind,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node, place_name, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, flag, identity, text
from crossdock.formats.json_resource import extensions, key_by, texts, unwrapped_to
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_draft import LineDraft, OrderDraft
from crossdock.formats.order_mapping import (
    OrderMapping,
    cancellation_of_lines,
    mapped_cancellation,
    order_change,
    placed_or_later,
)
from crossdock.formats.vendure.amounts import VendureAmounts
from crossdock.formats.vendure.people import vendure_parties, vendure_payment
from crossdock.formats.vendure.totals import net_total_variance, total_variances

MAPPING_VERSION: Final = "vendure_order/1"
_ENVELOPES: Final = ("data", "payload", "event", "order", "orderByCode", "activeOrder")
_CARTS: Final = frozenset({"Created", "Draft", "AddingItems"})
_CANCELLED: Final = "Cancelled"
_KEPT: Final = ("state", "type", "subTotal", "shipping", "customerNote")


def _unwrapped(document: Document) -> tuple[Node, str]:
    node, path = unwrapped_to(document, "lines", _ENVELOPES)
    return (node, path) if "lines" in node else _answer(node, path)


def _answer(node: Node, path: str) -> tuple[Node, str]:
    """What the only mutation answers with, under its name: the order, or a part or an error in its place."""
    objects = {name: value for name, value in node.items() if isinstance(value, dict)}
    found = [name for name, value in objects.items() if "lines" in value]
    if not found and len(node) == 1:
        found = list(objects)
    return (child(node, found[0]), f"{path}{place_name(found[0])}") if len(found) == 1 else (node, path)


def _order_id(document: Document) -> str:
    """The `code`, which buyers and the channel use; the technical id where there is none."""
    order, path = _unwrapped(document)
    return identity(order, "code" if text(order, "code") else "id", path)


key = key_by(lambda document: f"order:{_order_id(document)}")
"""`order:<code>` of a payload, None where it has no readable code."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a list: an array, `{"data": {"orders": {"items": […]}}}`, JSON lines."""
    wrappers = ("orders", "items", "orders.items", "data.orders.items", "data.orders")
    return split_json(record, key, wrappers=wrappers, own_arrays=("lines",))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of an event or answer. Raises Rejected."""

    def mapping(document: Document) -> Reading:
        return _Mapping(document, record, profile, _unwrapped(document)).reading()

    return read_document(record.value, mapping)


class _Mapping(OrderMapping):
    """One order payload of one partner."""

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        if text(self.node, "state") in _CARTS:
            detail = "an order that is still being put together is a cart, not an order"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{self.path}.state")
        order_id = _order_id(self.document)
        if "lines" not in self.node:
            detail = "the answer is a part of an order; ask for its lines and amounts, too"
            raise Rejected(RejectionCode.LINES_MISSING, detail, f"{self.path}.lines")
        amounts = VendureAmounts(self.document, self.profile, self.node, self.path, self.channel)
        draft = self._draft(order_id, amounts)
        draft.variances += net_total_variance(amounts, self.node, self.path, self.profile)
        draft.variances += total_variances(amounts, self.node, self.path, self.profile)
        return self.finished(draft, self.time("updatedAt"), RevisionKind.INSTANT_COARSE)

    def _draft(self, order_id: str, amounts: VendureAmounts) -> OrderDraft:
        order, placed = self.node, self._placed()
        lines = amounts.order_lines()
        adjustments = amounts.adjustments(lines)
        cancellation = self._cancellation(lines)
        return OrderDraft(
            system="vendure",
            object_type="order",
            order_id=order_id,
            change=self._change(cancellation),
            occurred=self.time("updatedAt") or placed,
            placed=placed,
            currency=amounts.currency,
            tax_mode=self.stated_tax_mode(amounts.is_inclusive, f"{self.path}.lines"),
            lines=lines,
            adjustments=adjustments,
            taxes=amounts.loose_taxes(lines, adjustments),
            stated=amounts.stated(lines),
            order_name=text(order, "code"),
            payment=vendure_payment(amounts, order, self.path, self.profile, self.zone),
            cancellation=cancellation,
            parties=vendure_parties(self.document, order, self.path, self.channel),
            shipping_method_raw=amounts.shipping_method,
            extensions=_extensions(order),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )

    def _placed(self) -> BusinessTime:
        placed, names = self.time("orderPlacedAt") or self.time("createdAt"), ("orderPlacedAt", "updatedAt")
        return placed_or_later(placed, lambda: self.time("updatedAt"), self.document, self.path, names)

    def _cancellation(self, lines: list[LineDraft]) -> Cancellation:
        state = text(self.node, "state") or ""
        mapped = mapped_cancellation(state, self.profile)
        if mapped is not None:
            return Cancellation(status=mapped)
        if state == _CANCELLED:
            return Cancellation(status=CancellationStatus.CANCELLED)
        return Cancellation(status=cancellation_of_lines(lines))

    def _change(self, cancellation: Cancellation) -> Change:
        event = self.record.header(EVENT) or text(self.document.root, "type") or ""
        return order_change(cancellation.status, is_new="OrderPlaced" in event)


def _extensions(order: Node) -> tuple[Extension, ...]:
    codes = order.get("couponCodes")
    return extensions(
        *texts(order, _KEPT),
        ("couponCodes", ", ".join(map(str, codes)) if isinstance(codes, list) and codes else None),
        ("active", "true" if flag(order, "active") is True else None),
        *(("trackingCode", text(node, "trackingCode")) for node in children(order, "fulfillments")),
    )


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
        Field("lines[].lineTax, taxRate, taxLines", "lines[].tax_lines", "compared with the two prices"),
        Field("shippingLines[].price, discountedPrice", "adjustments (shipping), shipping_method_raw"),
        Field("surcharges[]", "adjustments (surcharge)", "may be negative"),
        Field("subTotal, shipping, discounts, taxSummary, totalWithTax", "stated"),
        Field("total", "–", "compared with subTotal and shipping, and with totalWithTax without its tax"),
        Field("subTotalWithTax, shippingWithTax", "–", "compared with their parts and totalWithTax"),
        Field("lines[].linePriceWithTax", "–", "compared with unitPriceWithTax × quantity"),
        Field("totalQuantity", "–", "compared with the lines"),
        Field("payments[]", "payment.payments", "authorized, settled, refunded"),
        Field("fulfillments[]", "lines[].fulfilled_reported", "states Shipped and Delivered"),
        Field("customer, billingAddress, shippingAddress", "parties"),
    ),
    quirks=(
        "Money is whole hundredths whatever the profile says; each figure stands without and with tax.",
        "Yen are multiplied by 100 as well; the decimals of a shop's own money strategy are not told.",
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
