"""Medusa orders: version 1 (whole minor units) and version 2 (decimals of major units, each with a raw one).

Invariant: which version a payload is decides how money is written, whatever the profile says; a raw figure,
which is exact, is taken before the number beside it. An event that names the order alone is refused.
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
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, flag, identity, text
from crossdock.formats.json_resource import Placed, extensions, key_by, texts, unwrapped_to
from crossdock.formats.likeness import json_with, most
from crossdock.formats.medusa.amounts import MedusaAmounts
from crossdock.formats.medusa.people import medusa_parties, medusa_payment
from crossdock.formats.medusa.totals import subtotal_variance, total_variances
from crossdock.formats.order_draft import OrderDraft
from crossdock.formats.order_mapping import OrderMapping, mapped_cancellation, order_change, placed_or_later
from crossdock.formats.times import business_time

MAPPING_VERSION: Final = "medusa_order/1"
_ENVELOPES: Final = ("data", "order", "payload", "order")
_KEPT: Final = ("status", "fulfillment_status", "region_id", "sales_channel_id", "cart_id", "draft_order_id")


def _unwrapped(document: Document) -> Placed:
    return unwrapped_to(document, "items", _ENVELOPES)


def _order_id(document: Document) -> str:
    order, path = _unwrapped(document)
    return identity(order, "id", path)


key = key_by(lambda document: f"order:{_order_id(document)}")
"""`order:<id>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a list: `{"orders": […], "count": n}`, an array, JSON lines."""
    return split_json(record, key, wrappers=("orders", "data.orders", "data"), own_arrays=("items",))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of an answer or a full event. Raises Rejected.

    Parsed exactly at once: version 2 states amounts as JSON numbers with decimals.
    """
    document = exact_document(record.value or b"")
    return _Mapping(document, record, profile, _unwrapped(document)).reading()


class _Mapping(OrderMapping):
    """One order payload of one partner."""

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        order_id = _order_id(self.document)
        if "items" not in self.node and self.time("created_at") is None:
            detail = "the event names the order alone; fetch the order and capture the answer"
            raise Rejected(RejectionCode.LINES_MISSING, detail, f"{self.path}.items")
        if text(self.node, "status") == "draft" or flag(self.node, "is_draft_order") is True:
            raise Rejected(RejectionCode.FIELD_INVALID, "a draft is not ordered yet", f"{self.path}.status")
        amounts = MedusaAmounts(self.document, self.profile, self.node, self.path, self.channel)
        draft = self._draft(order_id, amounts)
        draft.variances += subtotal_variance(amounts, self.node, self.path, draft, self.profile)
        draft.variances += total_variances(amounts, self.node, self.path, self.profile)
        draft.variances += amounts.contradictions.values()
        return self.finished(draft, self.time("updated_at"), RevisionKind.INSTANT_FINE)

    def _draft(self, order_id: str, amounts: MedusaAmounts) -> OrderDraft:
        order, placed = self.node, self._placed()
        lines = amounts.order_lines()
        adjustments = amounts.adjustments(lines)
        cancellation = self._cancellation()
        return OrderDraft(
            system="medusa",
            object_type="order",
            order_id=order_id,
            change=self._change(cancellation),
            occurred=self.time("updated_at") or placed,
            placed=placed,
            currency=amounts.currency,
            tax_mode=self.stated_tax_mode(amounts.is_inclusive, f"{self.path}.items"),
            lines=lines,
            adjustments=adjustments,
            taxes=amounts.loose_taxes(lines, adjustments),
            stated=amounts.stated(),
            order_name=text(order, "display_id"),
            payment=medusa_payment(amounts, order, self.path, self.profile, self.zone),
            cancellation=cancellation,
            parties=medusa_parties(self.document, order, self.path, self.channel),
            shipping_method_raw=amounts.shipping_method,
            extensions=_extensions(order, amounts.version),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )

    def _placed(self) -> BusinessTime:
        placed, names = self.time("created_at"), ("created_at", "updated_at, or that of its items,")
        return placed_or_later(
            placed, lambda: self.time("updated_at") or self._time_of_items(), self.document, self.path, names
        )

    def _time_of_items(self) -> BusinessTime | None:
        """When the first item was made: a selection of fields may leave out the order's own time."""
        found = []
        for index, node in enumerate(children(self.node, "items")):
            raw, path = text(node, "created_at"), f"{self.path}.items[{index}].created_at"
            if raw is not None:
                found.append(business_time(raw, path, zone=self.zone))
        return min(found, key=lambda one: one.instant, default=None)

    def _cancellation(self) -> Cancellation:
        status, at = text(self.node, "status") or "", self.time("canceled_at")
        mapped = mapped_cancellation(status, self.profile)
        if mapped is not None:
            return Cancellation(status=mapped, at=at)
        is_cancelled = status == "canceled" or at is not None
        return Cancellation(
            status=CancellationStatus.CANCELLED if is_cancelled else CancellationStatus.NONE, at=at
        )

    def _change(self, cancellation: Cancellation) -> Change:
        root = self.document.root
        event = self.record.header(EVENT) or text(root, "event") or text(root, "name") or ""
        if event.startswith("order."):
            return order_change(cancellation.status, is_new=event == "order.placed")
        is_new = text(self.node, "created_at") == text(self.node, "updated_at")
        return order_change(cancellation.status, is_new=is_new)


def _extensions(order: Node, version: int) -> tuple[Extension, ...]:
    region = text(child(order, "region"), "name")
    return extensions(("medusa_version", str(version)), *texts(order, _KEPT), ("region", region))


FORMAT: Final = Format(
    name="medusa_order",
    title="Medusa order (versions 1 and 2)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("order, data, orders", "–", "envelopes of API and events"),
        Field("id", "order_id"),
        Field("display_id", "order_name", "for people only"),
        Field("updated_at", "revision, occurred", "milliseconds: instant_fine"),
        Field("created_at", "placed", "updated_at or the items' created_at where it is missing"),
        Field("currency_code, region.currency_code", "currency", "lower case"),
        Field("raw_*, region, tax_rate", "–", "tell the version, and with it how money is written"),
        Field("status, canceled_at", "cancellation", "then status_map.order of the profile"),
        Field("payment_status", "payment.status", "then status_map.payment of the profile"),
        Field("payments, payment_collections[].payments", "payment.payments"),
        Field("items[].id", "lines[].line_id"),
        Field("items[].variant_sku, variant.sku, variant_id", "lines[].identifiers"),
        Field("items[].is_giftcard, requires_shipping", "lines[].kind"),
        Field("items[].unit_price", "lines[].unit_price, extended", "× quantity"),
        Field("items[].subtotal", "lines[].extended", "where the price has no tax, and in version 1"),
        Field("items[].is_tax_inclusive, includes_tax", "tax_mode"),
        Field("items[].adjustments, discount_total", "lines[].adjustments (discount)"),
        Field("items[].tax_total, tax_lines", "lines[].tax_lines"),
        Field("items[].detail, fulfilled_quantity, returned_quantity", "lines[] quantities"),
        Field("shipping_methods[].price, amount", "adjustments (shipping), shipping_method_raw"),
        Field("gift_card_total, credit_line_total", "adjustments (gift_card)"),
        Field("item_subtotal, subtotal, shipping_total, discount_total, tax_total, total", "stated"),
        Field("item_total, item_tax_total, shipping_tax_total", "–", "compared with parts and other totals"),
        Field("items[].total, shipping_methods[].total", "–", "compared with subtotal, discount and tax"),
        Field("billing_address, shipping_address, email, customer", "parties"),
    ),
    quirks=(
        "Version 1 writes whole minor units, version 2 decimals of major units: the payload tells which.",
        "Version 2 repeats each amount as `raw_*` with an exact text and a precision; another is a variance.",
        "Version 1 makes its totals without tax even where prices include it: then it is read without.",
        "order.placed carries the id alone: refused, the order must be fetched.",
        "Version 2 keeps drafts among its orders: refused until they are placed.",
        "The subtotal of version 2 includes shipping; its item_subtotal does not.",
    ),
    key_rule="the order's `id`",
    revision_rule="`updated_at` (milliseconds): later wins",
    looks_like=most(
        json_with("display_id", "region_id", "shipping_methods", score=85),
        json_with("raw_unit_price", "items", score=80),
        json_with("display_id", "items", "currency_code", "variant_id", score=70),
        json_with("display_id", "items", "fulfillment_status", "payment_status", score=70),
        json_with("item_subtotal", "items", "currency_code", score=75),
        json_with("order.placed", "data", score=30),
    ),
)
