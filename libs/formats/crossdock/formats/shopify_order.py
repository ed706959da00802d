"""Shopify orders: webhooks orders/create, updated, paid, cancelled, and the REST order resource.

Invariant: the order is keyed by `id` (never by its name) and ordered by `updated_at`; what Shopify says
of totals, discounts and taxes is kept as said and compared with our own sums.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Change,
    OrderPayment,
    PartnerProfile,
    PaymentStatus,
    RevisionKind,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, read_document
from crossdock.formats.json_documents import LISTS, json_documents, split_documents
from crossdock.formats.json_fields import children, flag, text
from crossdock.formats.json_resource import Placed, enveloped, key_by
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_draft import LineDraft, OrderDraft
from crossdock.formats.order_mapping import OrderMapping, cancellation_of_lines, order_change, placed_or_later
from crossdock.formats.shopify.bulk import joined_rows
from crossdock.formats.shopify.charges import shopify_charges, shopify_stated
from crossdock.formats.shopify.graphql import graphql_pages, is_graphql, rest_order
from crossdock.formats.shopify.lines import shopify_lines
from crossdock.formats.shopify.money import ShopifyFields
from crossdock.formats.shopify.parties import shopify_extensions, shopify_parties, shopify_payments
from crossdock.formats.shopify.resource import event_of, resource_id, unwrapped

MAPPING_VERSION: Final = "shopify_order/1"
_DRAFT_GID: Final = "gid://shopify/DraftOrder/"
_NO_SALE: Final = frozenset(
    ("draft_order", "draft_orders", "invoice_sent_at", "checkout", "checkouts", "abandoned_checkout_url")
)
"""Fields that drafts and checkouts have, or that hold them; orders have none of them."""
_TRACKING: Final = frozenset(("shipment_status", "tracking_company", "tracking_number", "tracking_numbers"))
_UNSOLD: Final = "a draft order, checkout or cart is no sale yet; the order that it becomes is wanted"
_LISTS: Final = LISTS | graphql_pages("orders") | enveloped("orders")
_FINANCIAL_STATUS: Final = {
    "pending": PaymentStatus.PENDING,
    "authorized": PaymentStatus.AUTHORIZED,
    "partially_paid": PaymentStatus.PARTIALLY_PAID,
    "paid": PaymentStatus.PAID,
    "partially_refunded": PaymentStatus.PARTIALLY_REFUNDED,
    "refunded": PaymentStatus.REFUNDED,
    "voided": PaymentStatus.VOIDED,
    "expired": PaymentStatus.VOIDED,
}
"""Source: `financial_status` of Shopify's Order resource."""


key = key_by(lambda document: f"order:{_order_id(_order_of(document))}")
"""`order:<id>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a file that holds several: an array, `{"orders": […]}`, JSON lines, GraphQL pages and
    bulk exports."""
    return split_documents(record, joined_rows(json_documents(record.value or b"", _LISTS)), key, "order")


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a webhook or REST payload. Raises Rejected."""
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


def _order_of(document: Document) -> Placed:
    """The order without its envelopes, in the names of the REST resource."""
    node, path = unwrapped(document, "order")
    return Placed(rest_order(node, path) if is_graphql(node) else node, path)


def _order_id(place: Placed) -> str:
    global_id = text(place.node, "admin_graphql_api_id") or text(place.node, "id") or ""
    if global_id.startswith(_DRAFT_GID) or not _NO_SALE.isdisjoint(place.node):
        raise Rejected(RejectionCode.FIELD_INVALID, _UNSOLD, place.path)
    if "total_price" not in place.node:
        _refuse_others(place)
    return resource_id(place)


def _refuse_others(place: Placed) -> None:
    """Refuse a cart, and a fulfillment or refund by itself: each has an id, lines and prices as well."""
    node, path = place
    if any("line_price" in line for line in children(node, "line_items")):
        raise Rejected(RejectionCode.FIELD_INVALID, _UNSOLD, path)
    if "order_id" in node and not _TRACKING.isdisjoint(node):
        detail = "this is a fulfillment: the format shopify_fulfillment reads it"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.order_id")
    if "refund_line_items" in node:
        detail = "this is a refund: the format shopify_refund reads it"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.refund_line_items")


class _Mapping(OrderMapping):
    """One order payload of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, _order_of(document))
        self._order_id = _order_id(Placed(self.node, self.path))

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        fields = ShopifyFields(self.document, self.profile, self.node, self.path)
        draft = self._draft(fields)
        if not fields.is_presentment_complete:
            detail = "an amount lacks its presentment money; the order is carried in shop currency alone"
            self.document.warn("presentment_incomplete", detail, f"{self.path}.presentment_currency")
            fields.keep_shop_currency_only()
            draft = self._draft(fields)
        return self.finished(draft, self.time("updated_at"), RevisionKind.INSTANT_COARSE)

    def _draft(self, fields: ShopifyFields) -> OrderDraft:
        order, path = self.node, self.path
        lines = shopify_lines(fields, order, path, self.channel)
        charges = shopify_charges(fields, order, path, lines)
        tax_mode = self.stated_tax_mode(flag(order, "taxes_included"), f"{path}.taxes_included")
        cancellation = self._cancellation(lines)
        placed = self._placed()
        draft = OrderDraft(
            system="shopify",
            object_type="order",
            order_id=self._order_id,
            change=self._change(cancellation),
            occurred=self.time("updated_at") or placed,
            placed=placed,
            currency=fields.currency,
            presentment_currency=fields.presentment_currency,
            tax_mode=tax_mode,
            lines=lines,
            adjustments=charges.adjustments,
            taxes=charges.taxes,
            stated=shopify_stated(fields, order, path, lines),
            order_name=text(order, "name"),
            payment=self._payment(fields),
            cancellation=cancellation,
            parties=shopify_parties(order, path, self.channel, self.document),
            shipping_method_raw=charges.shipping_method,
            location_hint=fields.loose_identity(order, "location_id", path),
            buyer_reference=text(order, "po_number"),
            notes=text(order, "note"),
            extensions=shopify_extensions(order),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )
        _state_the_rate(draft)
        return draft

    def _placed(self) -> BusinessTime:
        placed, names = self.time("processed_at") or self.time("created_at"), ("created_at", "updated_at")
        return placed_or_later(placed, lambda: self.time("updated_at"), self.document, self.path, names)

    def _cancellation(self, lines: list[LineDraft]) -> Cancellation:
        at = self.time("cancelled_at")
        reason = text(self.node, "cancel_reason")
        if at is not None or event_of(self.record) == "cancelled":
            if at is None:
                detail = "the event says cancelled, cancelled_at is empty"
                self.document.warn("cancelled_at_missing", detail, f"{self.path}.cancelled_at")
            return Cancellation(status=CancellationStatus.CANCELLED, reason_raw=reason, at=at)
        return Cancellation(status=cancellation_of_lines(lines), reason_raw=reason)

    def _change(self, cancellation: Cancellation) -> Change:
        event = event_of(self.record)
        if event is not None:
            return order_change(cancellation.status, is_new=event == "create")
        return order_change(cancellation.status, is_new=self.is_new("created_at", "updated_at"))

    def _payment(self, fields: ShopifyFields) -> OrderPayment:
        status = self.payment_state("financial_status", _FINANCIAL_STATUS)
        payments = shopify_payments(fields, self.node, self.path, self.zone)
        return OrderPayment(status=status, payments=payments)


def _state_the_rate(draft: OrderDraft) -> None:
    """Presentment per shop currency by the stated total, where the two differ."""
    total = draft.stated.total
    if draft.presentment_currency in (None, draft.currency) or total is None or not total.shop:
        return
    draft.exchange_rate = round(total.presentment / total.shop, 9).normalize() + 0
    draft.exchange_rate_source = "total_price_set"


FORMAT: Final = Format(
    name="shopify_order",
    title="Shopify order",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "order_id", "64-bit, carried as text; `admin_graphql_api_id` where it is missing"),
        Field("name", "order_name", "for people only"),
        Field("updated_at", "revision, occurred", "one-second instants: instant_coarse"),
        Field(
            "processed_at, created_at",
            "placed",
            "the date of the shop's own reports; imports are created later",
        ),
        Field(
            "currency, presentment_currency, *_set",
            "currency, presentment_currency, DualMoney",
            "currencies must agree; a plain figure that differs from its set wins, with a warning",
        ),
        Field("taxes_included", "tax_mode", "the profile's where it is missing"),
        Field("financial_status", "payment.status", "table, then status_map.payment of the profile"),
        Field("transactions, refunds[].transactions", "payment.payments", "successful, as paid"),
        Field("cancelled_at, cancel_reason, the event", "cancellation", "never derived from zero amounts"),
        Field("line_items[].id", "lines[].line_id"),
        Field("line_items[].sku, variant_id", "lines[].identifiers", "empty sku: unknown item, not an error"),
        Field("line_items[].price", "lines[].unit_price, extended", "per piece, before discount"),
        Field("line_items[].quantity", "lines[].ordered", "as first ordered"),
        Field("line_items[].discount_allocations", "lines[].adjustments", "else total_discount"),
        Field(
            "line_items[].tax_lines",
            "lines[].tax_lines",
            "rate 0.06 is 6 percent; channel_liable is withheld",
        ),
        Field("line_items[].duties", "lines[].adjustments", "fee «duty»; none where `duties_included`"),
        Field("refunds, current_quantity", "lines[].cancelled, returned_reported", "by restock_type"),
        Field("fulfillments", "lines[].fulfilled_reported", "status success only"),
        Field(
            "shipping_lines",
            "adjustments (shipping), shipping_method_raw",
            "discounts as allowances on shipping; `is_removed` ones are not charged",
        ),
        Field(
            "total_tip_received",
            "adjustments (gratuity)",
            "unless a tip stands as a line, in the subtotal or not",
        ),
        Field("original_total_duties_set, additional_fees", "adjustments (fee)"),
        Field("subtotal_price", "stated.subtotal", "after discounts; compared with goods less discounts"),
        Field("total_line_items_price", "–", "compared with computed.subtotal"),
        Field("total_shipping_price_set", "stated.shipping", "before shipping discounts"),
        Field("total_discounts", "stated.discount", "positive; goods and shipping"),
        Field("discount_codes", "–", "compared where they promise more than was taken off"),
        Field("total_tax, total_price", "stated.tax, stated.total"),
        Field(
            "tax_lines", "–", "the lines' taxes where these have none; compared where they are not total_tax"
        ),
        Field("customer, email, phone", "parties (buyer)"),
        Field("billing_address, shipping_address", "parties (bill_to, ship_to)", "`{}` is none"),
        Field("location_id", "location_hint"),
        Field("po_number, note", "buyer_reference, notes"),
    ),
    quirks=(
        "Amounts come as text or as numbers; properties come as list, object or junk.",
        "`-00:00` says that the local offset is unknown: the business date needs the profile's zone.",
        "A cancel webhook may carry a null cancelled_at; total_tax may be null.",
        "A failed fulfilment has shipped nothing.",
        "`total_discount` of a line repeats its allocations: never added to them.",
        "A shipping line that an order edit removed stays in the list: it is not charged, with a warning.",
        "A transaction without a set is in the currency that was paid, whatever the shop's (F18).",
        "The GraphQL Admin API spells an order in other names, with global ids and connections: it is read "
        "as the REST resource; a path in a refusal then uses REST's names below the order.",
        "A bulk export of GraphQL has a row for each order and each of its lines: joined by `__parentId`.",
        "An answer of GraphQL may hold a part of the lines, or no original prices: refused.",
        "Fulfilments that state no lines leave it to the lines' own status what has left.",
        "Tax, discount or shipping stated for the order only is allocated to the lines, and warned of.",
        "Totals of public samples disagree with their own lines: kept as said, each difference a variance.",
    ),
    key_rule="the order's `id`",
    revision_rule="`updated_at` (one second): later wins, a tie is broken by the capture",
    looks_like=most(
        json_with("line_items", "total_price", score=40, without=("date_created_gmt", "order_key")),
        json_with("line_items", "variant_id", "price", score=30, without=("date_created_gmt", "order_key")),
        json_with("line_items", "financial_status", score=80),
        json_with("line_items", "total_line_items_price", score=80),
        json_with("lineItems", "displayFinancialStatus", score=80),
        json_with("__parentId", "originalUnitPriceSet", score=80),
        json_with("__parentId", "displayFinancialStatus", score=80),
        json_with("lineItems", "originalUnitPriceSet", score=80),
        json_with("lineItems", "currentTotalPriceSet", score=80),
    ),
)
