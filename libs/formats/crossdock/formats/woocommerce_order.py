"""WooCommerce orders: REST resource and the webhooks order.created and order.updated, of all API versions.

Invariant: amounts of lines, shipping and fees exclude tax whatever `prices_include_tax` says (that flag
is about the catalogue), so the order is exclusive and its taxes stand beside; times are read from the
`*_gmt` fields, which are UTC without an offset.
"""

from __future__ import annotations

from dataclasses import replace
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
    TaxMode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import Fields, child, flag, identity, text
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import OrderDraft
from crossdock.formats.order_mapping import OrderMapping, order_change, placed_time
from crossdock.formats.profile_rules import order_currency, revision_at
from crossdock.formats.woocommerce.amounts import WooAmounts
from crossdock.formats.woocommerce.legacy import WRAPPERS, SaidOrder, as_modern
from crossdock.formats.woocommerce.parties import woo_parties
from crossdock.formats.woocommerce.status import check_is_order, woo_payment, woo_status
from crossdock.formats.woocommerce.times import woo_time

MAPPING_VERSION: Final = "woocommerce_order/1"
_KEPT: Final = ("status", "created_via", "order_key", "parent_id", "payment_method", "prices_include_tax")
"""Unmapped fields that people look for. Meta data is ours and plugins' to write: left out (F6)."""


key = key_by(lambda document: f"order:{_order_id(as_modern(document.root))}")
"""`order:<id>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a file that holds several: an array, `{"orders": […]}`, a batch, JSON lines."""
    return split_json(record, key, wrappers=WRAPPERS | {"orders"})


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a webhook or REST payload. Raises Rejected.

    Parsed exactly at once: the unit price of each line is a JSON number with decimals.
    """
    document = exact_document(record.value or b"")
    said = as_modern(document.root)
    try:
        reading = _Mapping(document, said, record, profile).reading()
    except Rejected as refusal:
        raise Rejected(refusal.code, refusal.detail, said.place(refusal.path)) from refusal
    if said.path == "$" and not said.names:
        return reading
    warnings = [replace(one, path=said.place(one.path)) for one in reading.warnings]
    return replace(reading, warnings=tuple(warnings))


def _order_id(said: SaidOrder) -> str:
    if "billing_period" in said.order and "next_payment_date" in said.order:
        detail = "a subscription is no sale of its own; its parent and renewal orders are wanted"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, "$.billing_period")
    return identity(said.order, "id", "$")


class _Mapping(OrderMapping):
    """One order payload of one partner; paths name the fields of API v3."""

    def __init__(self, document: Document, said: SaidOrder, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, (said.order, "$"))
        self._said = said

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        order_id = _order_id(self._said)
        check_is_order(self.node)
        fields = Fields(self.document, self.profile)
        currency = order_currency(text(self.node, "currency"), self.profile, "$.currency")
        fields.exponent = currency_exponent(currency)
        amounts = WooAmounts(fields, self.node, currency, self.channel)
        draft = self._draft(order_id, currency, amounts)
        mark = revision_at(self.time("date_modified"), self.profile, RevisionKind.INSTANT_COARSE)
        order = finish_order(draft, self.profile, self.record, mark)
        return reading_of(order, warnings=tuple(self.document.warnings))

    def _draft(self, order_id: str, currency: str, amounts: WooAmounts) -> OrderDraft:
        order = self.node
        placed = placed_time(self.time("date_created"), self.path, "date_created_gmt", "date_created")
        paid = self.time("date_paid")
        is_paid = paid is not None or flag(child(order, "payment_details"), "paid") is True
        status = woo_status(self.document, order, self.profile, is_paid=is_paid)
        lines = amounts.lines()
        adjustments = amounts.adjustments()
        amounts.compare_taxes(lines, adjustments)
        amounts.compare_discount_tax()
        return OrderDraft(
            system="woocommerce",
            object_type="order",
            order_id=order_id,
            change=self._change(status.cancellation),
            occurred=self.time("date_modified") or placed,
            placed=placed,
            currency=currency,
            tax_mode=self._tax_mode(amounts.has_tax),
            lines=lines,
            adjustments=adjustments,
            taxes=amounts.loose_taxes(lines, adjustments),
            stated=amounts.stated(),
            variances=amounts.variances,
            order_name=text(order, "number"),
            payment=woo_payment(amounts, order, status.payment, paid),
            cancellation=Cancellation(status=status.cancellation),
            parties=woo_parties(self.document, order, self.channel),
            shipping_method_raw=amounts.shipping_method,
            notes=text(order, "customer_note"),
            extensions=_extensions(order),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )

    def time(self, name: str) -> BusinessTime | None:
        return woo_time(self.node, name, "$", self.zone)

    def _change(self, cancellation: CancellationStatus) -> Change:
        event = self.record.header(EVENT)
        if event is not None:
            return order_change(cancellation, is_new=event.endswith("created"))
        is_new = text(self.node, "date_created_gmt") == text(self.node, "date_modified_gmt")
        return order_change(cancellation, is_new=is_new)

    def _tax_mode(self, has_tax: bool) -> TaxMode:
        declared = self.profile.money.tax_mode if self.profile.money else "stated"
        if declared == "none" and not has_tax:
            return TaxMode.NONE
        if declared == "inclusive" and flag(self.node, "prices_include_tax") is not True:
            detail = "amounts of WooCommerce orders exclude tax, the profile's money.tax_mode is inclusive"
            self.document.warn("tax_mode_differs", detail, "$.prices_include_tax")
        return TaxMode.EXCLUSIVE


def _extensions(order: Node) -> tuple[Extension, ...]:
    found = []
    for name in _KEPT:
        value = order.get(name)
        if isinstance(value, bool):
            found.append(Extension(name=name, value=str(value).lower()))
        elif (kept := text(order, name)) not in (None, "0"):
            found.append(Extension(name=name, value=kept or ""))
    return tuple(found)


FORMAT: Final = Format(
    name="woocommerce_order",
    title="WooCommerce order",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "order_id"),
        Field("number", "order_name", "for people only"),
        Field("date_modified_gmt", "revision, occurred", "UTC without offset, one-second: instant_coarse"),
        Field("date_created_gmt", "placed", "the shop's offset is its difference to date_created"),
        Field("currency", "currency", "must agree with the profile's where that states one"),
        Field("prices_include_tax", "extensions", "about the catalogue: amounts of orders exclude tax"),
        Field("status", "payment.status, cancellation", "table, then status_map.order of the profile"),
        Field("date_paid_gmt, transaction_id, payment_method", "payment.payments (sale)"),
        Field("refunds[].total", "payment.payments (refund)", "stated negative"),
        Field("line_items[].subtotal", "lines[].extended", "before discount, without tax"),
        Field("line_items[].total", "lines[].net, adjustments", "difference to subtotal is the discount"),
        Field(
            "line_items[].price", "lines[].unit_price", "unrounded number after discount; compared with total"
        ),
        Field("line_items[].sku, global_unique_id, variation_id", "lines[].identifiers", "sku '' is unknown"),
        Field("line_items[].bundled_by, composite_parent", "lines[].parent_line_id", "common plug-ins"),
        Field("line_items[].taxes, total_tax", "lines[].tax_lines", "named and rated by tax_lines"),
        Field("shipping_lines", "adjustments (shipping), shipping_method_raw"),
        Field("fee_lines", "adjustments (fee)", "may be negative"),
        Field("coupon_lines", "lines[].adjustments[].reason_raw", "amounts only compared"),
        Field("shipping_total, discount_total, total_tax, total", "stated"),
        Field("cart_tax, shipping_tax", "–", "compared where they do not make up total_tax"),
        Field("tax_lines[].tax_total, shipping_tax_total", "–", "compared as cart_tax"),
        Field("discount_tax, line_items[].subtotal_tax", "–", "compared with each other and the coupons"),
        Field("billing, shipping", "parties (buyer, bill_to, ship_to)"),
        Field("customer_note", "notes"),
        Field("created_at, updated_at, order_number, total_shipping …", "as their names of v3", "legacy API"),
        Field("subtotal, total_line_items_quantity", "stated.subtotal, –", "legacy API; compared"),
        Field("order_discount", "adjustments (discount)", "legacy API before v3: taken off after tax"),
    ),
    quirks=(
        "An empty sku, meta data of any shape and amounts as numbers are normal.",
        "Times without `_gmt` are the shop's local time without an offset.",
        "Line totals exclude tax even where prices_include_tax is true.",
        "Cash on delivery is `processing` before it is paid.",
        "Taxes of a line have six decimals and round to its total_tax: a larger difference is a variance.",
        "Subscriptions, refunds and other resources that one address takes with orders are refused by name.",
        "An answer of the batch endpoint holds its orders in `create` and `update`, errors among them.",
        "The legacy API (`/wc-api`) wraps the order, names fields otherwise and states shipping tax apart.",
        "Version 1 of `/wp-json` has no `*_gmt` times: the profile's zone is needed.",
    ),
    key_rule="the order's `id`",
    revision_rule="`date_modified_gmt` (one second): later wins, a tie is broken by the capture",
    looks_like=most(
        json_with("line_items", "date_created_gmt", score=60),
        json_with("line_items", "date_created_gmt", "shipping_lines", "billing", score=80),
        json_with("line_items", "date_created", "prices_include_tax", score=82),
        json_with("line_items", "order_number", "total_line_items_quantity", score=85),
    ),
)
