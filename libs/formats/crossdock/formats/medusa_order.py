"""Medusa orders: version 1 (whole minor units) and version 2 (decimals of major units, each with a raw one).

Invariant: which version a payload is decides how money is written, whatever the profile says; a raw figure,
which is exact, is taken before the number beside it. An event that names the order alone is refused.
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
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.likeness import json_with, most
from crossdock.formats.medusa_amounts import MedusaAmounts
from crossdock.formats.medusa_people import medusa_parties, medusa_payment
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import OrderDraft
from crossdock.formats.profile_rules import order_tax_mode, revision_at
from crossdock.formats.times import business_time

MAPPING_VERSION: Final = "medusa_order/1"
_ENVELOPES: Final = ("data", "order", "payload")
_KEPT: Final = ("status", "fulfillment_status", "region_id", "sales_channel_id", "cart_id", "draft_order_id")


def _unwrapped(document: Document) -> tuple[Node, str]:
    node, path = document.root, "$"
    for name in (*_ENVELOPES, "order"):
        inner = node.get(name)
        if isinstance(inner, dict) and "items" not in node:
            node, path = inner, f"{path}.{name}"
    return node, path


def key(record: Record) -> str | None:
    """`order:<id>` of a payload, None where it has no readable id."""
    try:
        order, path = _unwrapped(exact_document(record.value or b""))
        return f"order:{identity(order, 'id', path)}"
    except Rejected:
        return None


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a list: `{"orders": […], "count": n}`, an array, JSON lines."""
    return split_json(record, key, wrappers=("orders", "data.orders", "data"), own_arrays=("items",))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of an answer or a full event. Raises Rejected.

    Parsed exactly at once: version 2 states amounts as JSON numbers with decimals.
    """
    return _Mapping(exact_document(record.value or b""), record, profile).reading()


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
        order_id = identity(self._order, "id", self._path)
        if "items" not in self._order and self._time("created_at") is None:
            detail = "the event names the order alone; fetch the order and capture the answer"
            raise Rejected(RejectionCode.LINES_MISSING, detail, f"{self._path}.items")
        amounts = MedusaAmounts(self._document, self._profile, self._order, self._path, self._channel)
        draft = self._draft(order_id, amounts)
        mark = revision_at(self._time("updated_at"), self._profile, RevisionKind.INSTANT_FINE)
        order = finish_order(draft, self._profile, self._record, mark)
        return reading_of(order, warnings=tuple(dict.fromkeys(self._document.warnings)))

    def _draft(self, order_id: str, amounts: MedusaAmounts) -> OrderDraft:
        order, placed = self._order, self._placed()
        lines = amounts.order_lines()
        adjustments = amounts.adjustments(lines)
        cancellation = self._cancellation()
        return OrderDraft(
            system="medusa",
            object_type="order",
            order_id=order_id,
            change=self._change(cancellation),
            occurred=self._time("updated_at") or placed,
            placed=placed,
            currency=amounts.currency,
            tax_mode=self._tax_mode(amounts),
            lines=lines,
            adjustments=adjustments,
            taxes=amounts.loose_taxes(lines, adjustments),
            stated=amounts.stated(),
            order_name=text(order, "display_id"),
            payment=medusa_payment(amounts, order, self._path, self._profile, self._zone),
            cancellation=cancellation,
            parties=medusa_parties(self._document, order, self._path, self._channel),
            shipping_method_raw=amounts.shipping_method,
            extensions=_extensions(order, amounts.version),
            via=Via.WEBHOOK if self._record.header(EVENT) else Via.UNKNOWN,
            mapping_version=MAPPING_VERSION,
        )

    def _tax_mode(self, amounts: MedusaAmounts) -> TaxMode:
        """What the figures say; a profile that says otherwise is told so."""
        mode, oddity = order_tax_mode(amounts.is_inclusive, self._profile, f"{self._path}.items")
        if oddity is not None:
            self._document.warnings.append(oddity)
        return mode

    def _time(self, name: str) -> BusinessTime | None:
        raw = text(self._order, name)
        return None if raw is None else business_time(raw, f"{self._path}.{name}", zone=self._zone)

    def _placed(self) -> BusinessTime:
        placed = self._time("created_at")
        if placed is not None:
            return placed
        path = f"{self._path}.created_at"
        later = self._time("updated_at") or self._time_of_items()
        if later is None:
            raise Rejected(RejectionCode.TIME_INVALID, "the order states no time at all", path)
        detail = "created_at is missing; updated_at, or that of its items, stands in for it"
        self._document.warn("placed_missing", detail, path)
        return later

    def _time_of_items(self) -> BusinessTime | None:
        """When the first item was made: a selection of fields may leave out the order's own time."""
        found = []
        for index, node in enumerate(children(self._order, "items")):
            raw, path = text(node, "created_at"), f"{self._path}.items[{index}].created_at"
            if raw is not None:
                found.append(business_time(raw, path, zone=self._zone))
        return min(found, key=lambda one: one.instant, default=None)

    def _cancellation(self) -> Cancellation:
        status, at = text(self._order, "status") or "", self._time("canceled_at")
        meaning = self._profile.status_map.order.get(status)
        if meaning is not None and meaning.cancellation is not None:
            return Cancellation(status=meaning.cancellation, at=at)
        is_cancelled = status == "canceled" or at is not None
        return Cancellation(
            status=CancellationStatus.CANCELLED if is_cancelled else CancellationStatus.NONE, at=at
        )

    def _change(self, cancellation: Cancellation) -> Change:
        if cancellation.status is CancellationStatus.CANCELLED:
            return Change.CANCELLED
        root = self._document.root
        event = self._record.header(EVENT) or text(root, "event") or text(root, "name") or ""
        if event.startswith("order."):
            return Change.CREATED if event == "order.placed" else Change.UPDATED
        is_new = text(self._order, "created_at") == text(self._order, "updated_at")
        return Change.CREATED if is_new else Change.UPDATED


def _extensions(order: Node, version: int) -> tuple[Extension, ...]:
    found = [Extension(name="medusa_version", value=str(version))]
    found += [Extension(name=name, value=kept) for name in _KEPT if (kept := text(order, name)) is not None]
    region = text(child(order, "region"), "name")
    if region is not None:
        found.append(Extension(name="region", value=region))
    return tuple(found)


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
        Field("items[].is_tax_inclusive, includes_tax", "tax_mode"),
        Field("items[].adjustments, discount_total", "lines[].adjustments (discount)"),
        Field("items[].tax_total, tax_lines", "lines[].tax_lines"),
        Field("items[].detail, fulfilled_quantity, returned_quantity", "lines[] quantities"),
        Field("shipping_methods[].price, amount", "adjustments (shipping), shipping_method_raw"),
        Field("gift_card_total, credit_line_total", "adjustments (gift_card)"),
        Field("item_subtotal, subtotal, shipping_total, discount_total, tax_total, total", "stated"),
        Field("billing_address, shipping_address, email, customer", "parties"),
    ),
    quirks=(
        "Version 1 writes whole minor units, version 2 decimals of major units: the payload tells which.",
        "Version 2 repeats each amount as `raw_*` with an exact text and a precision.",
        "order.placed carries the id alone: refused, the order must be fetched.",
        "The subtotal of version 2 includes shipping; its item_subtotal does not.",
    ),
    key_rule="the order's `id`",
    revision_rule="`updated_at` (milliseconds): later wins",
    looks_like=most(
        json_with("display_id", "region_id", "shipping_methods", score=85),
        json_with("raw_unit_price", "items", score=80),
        json_with("display_id", "items", "currency_code", "variant_id", score=70),
        json_with("order.placed", "data", score=30),
    ),
)
