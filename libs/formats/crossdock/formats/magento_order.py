"""Magento and Adobe Commerce orders: REST V1 /orders, its lists, and the older exports of Magento 1.

Invariant: the order is keyed by `entity_id` and ordered by `updated_at`, which is UTC without an offset. The
shop's currency is the base currency, the buyer's the order currency.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Extension,
    PartnerProfile,
    RevisionKind,
    TaxMode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, identity, rate_percent, text
from crossdock.formats.json_resource import Placed, key_by, unwrapped_to
from crossdock.formats.likeness import json_with, most
from crossdock.formats.magento.amounts import MagentoAmounts
from crossdock.formats.magento.people import magento_parties, magento_payment
from crossdock.formats.magento.totals import MagentoTotals
from crossdock.formats.order_draft import LineDraft, OrderDraft
from crossdock.formats.order_mapping import (
    OrderMapping,
    cancellation_of_lines,
    mapped_cancellation,
    order_change,
    placed_time,
)
from crossdock.formats.times import business_time

MAPPING_VERSION: Final = "magento_order/1"
_ENVELOPES: Final = ("entity", "order", "data", "value", "result")
_IDENTITIES: Final = ("entity_id", "order_id", "increment_id")
_KEPT: Final = ("state", "status", "store_id", "store_name", "coupon_code", "remote_order_id", "ext_order_id")
_ONE: Final = Decimal(1)


def _unwrapped(document: Document) -> Placed:
    return unwrapped_to(document, "items", _ENVELOPES)


def _order_id(document: Document) -> str:
    order, path = _unwrapped(document)
    name = next((one for one in _IDENTITIES if order.get(one) not in (None, "")), _IDENTITIES[0])
    return identity(order, name, path)


key = key_by(lambda document: f"order:{_order_id(document)}")
"""`order:<entity_id>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a list: `{"items": […], "total_count": n}`, an array, JSON lines."""
    own = ("grand_total", "base_grand_total", "increment_id", "entity_id")
    return split_json(record, key, wrappers=("items", "orders"), own_arrays=own)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a payload. Raises Rejected.

    Parsed exactly at once: amounts are JSON numbers with decimals.
    """
    document = exact_document(record.value or b"")
    return _Mapping(document, record, profile, _unwrapped(document)).reading()


class _Mapping(OrderMapping):
    """One order payload of one partner."""

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        order_id = _order_id(self.document)
        amounts = MagentoAmounts(self.document, self.profile, self.node, self.path, self.channel)
        draft = self._draft(order_id, amounts)
        if amounts.lacking:
            amounts.keep_one_currency(self.profile)
            draft = self._draft(order_id, amounts)
        return self.finished(draft, self.time("updated_at"), RevisionKind.INSTANT_COARSE)

    def _draft(self, order_id: str, amounts: MagentoAmounts) -> OrderDraft:
        order, path = self.node, self.path
        placed = placed_time(self.time("created_at"), path, "created_at")
        rows = amounts.rows()
        lines = amounts.order_lines(rows)
        adjustments = amounts.adjustments(lines)
        taxes = amounts.loose_taxes(lines, adjustments)
        cancellation = self._cancellation(lines)
        has_tax = bool(taxes) or any(line.taxes for line in lines)
        draft = OrderDraft(
            system="magento",
            object_type="order",
            order_id=order_id,
            change=order_change(
                cancellation.status, is_new=text(order, "created_at") == text(order, "updated_at")
            ),
            occurred=self.time("updated_at") or placed,
            placed=placed,
            currency=amounts.currency,
            presentment_currency=amounts.presentment_currency,
            tax_mode=self._tax_mode(has_tax),
            lines=lines,
            adjustments=adjustments,
            taxes=taxes,
            stated=amounts.stated(rows),
            order_name=text(order, "increment_id"),
            payment=magento_payment(amounts, order, path, self.profile),
            cancellation=cancellation,
            parties=magento_parties(self.document, order, path, self.channel),
            shipping_method_raw=text(order, "shipping_method") or text(order, "shipping_description"),
            buyer_reference=text(child(order, "payment"), "po_number"),
            notes=text(order, "customer_note"),
            extensions=_extensions(order),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )
        self._state_the_rate(draft)
        if amounts.is_of_buyer:
            draft.variances += MagentoTotals(amounts, order, path, rows).variances()
        return draft

    def _state_the_rate(self, draft: OrderDraft) -> None:
        """Buyer's per shop's currency, as the order says it."""
        rate = rate_percent(self.node.get("base_to_order_rate"), _ONE)
        if draft.presentment_currency is not None and rate:
            draft.exchange_rate = rate.normalize() + 0
            draft.exchange_rate_source = "base_to_order_rate"

    def time(self, name: str) -> BusinessTime | None:
        raw = text(self.node, name)
        if raw is None or raw.startswith("0000"):
            return None
        return business_time(raw, f"{self.path}.{name}", zone=self.zone, naive_zone="UTC")

    def _tax_mode(self, has_tax: bool) -> TaxMode:
        declared = self.profile.money.tax_mode if self.profile.money else "stated"
        if declared == "none" and not has_tax:
            return TaxMode.NONE
        if declared == "inclusive":
            detail = "row totals of Magento exclude tax, the profile's money.tax_mode is inclusive"
            self.document.warn("tax_mode_differs", detail, f"{self.path}.tax_amount")
        return TaxMode.EXCLUSIVE

    def _cancellation(self, lines: list[LineDraft]) -> Cancellation:
        order = self.node
        for name in ("status", "state"):
            mapped = mapped_cancellation(text(order, name), self.profile)
            if mapped is not None:
                return Cancellation(status=mapped)
        if "canceled" in (text(order, "state"), text(order, "status")):
            return Cancellation(status=CancellationStatus.CANCELLED)
        return Cancellation(status=cancellation_of_lines(lines))


def _extensions(order: Node) -> tuple[Extension, ...]:
    kept = ((name, text(order, name)) for name in _KEPT)
    return tuple(Extension(name=name, value=" ".join(value.split())) for name, value in kept if value)


FORMAT: Final = Format(
    name="magento_order",
    title="Magento and Adobe Commerce order",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("entity_id, order_id", "order_id", "`increment_id` where both are missing"),
        Field("increment_id", "order_name", "for people only"),
        Field("updated_at", "revision, occurred", "UTC without offset, one second: instant_coarse"),
        Field("created_at", "placed", "UTC without offset"),
        Field("base_currency_code", "currency", "where the base amounts are stated"),
        Field("order_currency_code", "presentment_currency", "the only currency where the two are equal"),
        Field("base_to_order_rate", "exchange_rate"),
        Field("state, status", "payment.status, cancellation", "table, then status_map.order of the profile"),
        Field("items[].item_id", "lines[].line_id"),
        Field("items[].parent_item_id, parent_item", "lines[].parent_line_id", "children of a bundle"),
        Field("items[].sku, product_id", "lines[].identifiers", "of a configurable product: the variant's"),
        Field("items[].qty_ordered, qty_canceled, qty_shipped, qty_returned", "lines[] quantities"),
        Field("items[].row_total", "lines[].extended", "without tax, before discount"),
        Field("items[].price", "lines[].unit_price", "compared with row_total"),
        Field("items[].discount_amount", "lines[].adjustments (discount)", "stated positive"),
        Field(
            "discount_tax_compensation_amount, hidden_tax_amount",
            "adjustments (surcharge)",
            "tax in a discount",
        ),
        Field("items[].tax_amount, tax_percent", "lines[].tax_lines"),
        Field("shipping_amount, shipping_tax_amount, shipping_discount_amount", "adjustments (shipping)"),
        Field("gw_price, gw_items_price, gw_card_price", "adjustments (gift_wrap)", "each with its tax"),
        Field("gift_cards_amount, customer_balance_amount", "adjustments (gift_card)", "paid with credit"),
        Field("subtotal, discount_amount, tax_amount, grand_total", "stated", "discount stated negative"),
        Field("row_total_incl_tax, subtotal_incl_tax, shipping_incl_tax, total_due", "–", "compared"),
        Field("total_qty_ordered", "–", "counts parents: compared where no bundle has children"),
        Field("payment, total_paid, total_refunded", "payment", "total_paid where no amount_paid is stated"),
        Field("payment.po_number, customer_note", "buyer_reference, notes"),
        Field("billing_address, extension_attributes.shipping_assignments", "parties"),
    ),
    quirks=(
        "A configurable product is two rows under one SKU, price and quantity on the parent: one line.",
        "A bundle with dynamic prices repeats its children's figures on the parent: they count once.",
        "A child may hold its parent nested in `parent_item`, and the parent stand nowhere else.",
        "Base figures in the order's own currency that are not those of the order are variances.",
        "Invoices and credit memos look like orders: their rows name an `order_item_id`, and are refused.",
        "total_item_count counts rows, children too: it is compared with nothing.",
        "Discounts of rows are positive, the order's is negative.",
        "Amounts are numbers in REST and texts of four decimals in older exports; streets a list or a text.",
        "Closed is refunded, complete is shipped and paid; a shop's own status belongs to a state.",
    ),
    key_rule="the order's `entity_id`",
    revision_rule="`updated_at` (one second): later wins, a tie is broken by the capture",
    looks_like=most(
        json_with("increment_id", "base_grand_total", score=90),
        json_with("increment_id", "qty_ordered", score=80),
    ),
)
