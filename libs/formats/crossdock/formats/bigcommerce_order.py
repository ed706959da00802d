"""BigCommerce orders: the V2 resource with its products embedded, merged in or inside its consignments.

Invariant: an order whose products are only linked to is refused with the call that fetches them; it is
never an order without lines.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    AdjustmentKind,
    BusinessTime,
    Cancellation,
    PartnerProfile,
    RevisionKind,
    TaxMode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.bigcommerce.bases import OtherBasis
from crossdock.formats.bigcommerce.charges import BigCommerceTotals
from crossdock.formats.bigcommerce.lines import (
    Basis,
    Placed,
    bigcommerce_line,
    is_tax_inclusive,
    product_nodes,
)
from crossdock.formats.bigcommerce.parties import bigcommerce_parties, ship_to_node
from crossdock.formats.bigcommerce.status import bigcommerce_payment, bigcommerce_status
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import Fields, flag, identity, rate_percent, text
from crossdock.formats.json_resource import extensions, key_by, texts_and_flags
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.order_draft import LineDraft, OrderDraft
from crossdock.formats.order_mapping import LineIds, OrderMapping, order_change, placed_time
from crossdock.formats.profile_rules import order_currency
from crossdock.formats.times import business_time, mail_time
from crossdock.formats.xml_document import is_xml

MAPPING_VERSION: Final = "bigcommerce_order/1"
_KEPT: Final = (
    *("status", "status_id", "custom_status", "payment_method", "currency_code", "channel_id"),
    *("order_source", "external_source", "external_id", "cart_id", "is_deleted", "tax_provider_id"),
    "payment_provider_id",
)
"""Unmapped fields that people look for. Staff notes are ours to write: left out (F6)."""

_PARTS: Final = ("products", "shipping_addresses", "consignments", "fees")
"""Sub-resources that an order links to unless they were asked for."""
_AS_SAID: Final = Decimal(1)
_CALL: Final = "fetch the order: GET /v2/orders/{id}?include=consignments.line_items,fees, as JSON"


key = key_by(lambda document: f"order:{_order_id(document)}")
"""`order:<id>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a list answer or a file."""
    return split_json(record, key, wrappers=("orders", "data"), own_arrays=("products", "status_id"))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a payload. Raises Rejected."""
    if is_xml(record.value):
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, f"the payload is XML; {_CALL}", "line 1 column 1")
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


def _unwrapped(document: Document) -> Placed:
    """The order, with the answers for its sub-resources where they stand beside it."""
    root = document.root
    for name in ("order", "data"):
        wrapped = root.get(name)
        if isinstance(wrapped, dict):
            beside = {part: root[part] for part in _PARTS if isinstance(root.get(part), list)}
            return wrapped | beside, f"$.{name}"
    return root, "$"


def _order_id(document: Document) -> str:
    order, path = _unwrapped(document)
    return identity(order, "id", path)


class _Mapping(OrderMapping):
    """One order payload of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, _unwrapped(document))
        self._fields = Fields(document, profile)

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        order_id = _order_id(self.document)
        self._refuse_parts_and_notices()
        currency = self._currency()
        self._fields.exponent = currency_exponent(currency)
        nodes = product_nodes(self.node, self.path)
        draft = self._draft(order_id, currency, nodes)
        return self.finished(draft, self.time("date_modified"), RevisionKind.INSTANT_COARSE)

    def _refuse_parts_and_notices(self) -> None:
        """A product, shipment or refund of an order says `order_id`, a webhook `scope`; neither is an order.

        Raises Rejected FIELD_INVALID.
        """
        if "scope" in self.document.root and "status_id" not in self.node:
            detail = f"a webhook only names the order that changed; {_CALL}"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, "$.scope")
        if "order_id" in self.node and "status_id" not in self.node:
            detail = f"the object belongs to an order and is none itself; {_CALL}"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{self.path}.order_id")

    def _currency(self) -> str:
        """The currency that was charged; `currency_code` is the one that was shown."""
        charged = text(self.node, "default_currency_code")
        name = "default_currency_code" if charged is not None else "currency_code"
        return order_currency(text(self.node, name), self.profile, f"{self.path}.{name}")

    def _draft(self, order_id: str, currency: str, nodes: list[Placed]) -> OrderDraft:
        order, path, fields = self.node, self.path, self._fields
        mode = self._tax_mode(nodes)
        basis: Basis = "inc_tax" if mode is TaxMode.INCLUSIVE else "ex_tax"
        lines = self._lines(nodes, basis)
        totals = BigCommerceTotals(fields, (order, path), basis, lines)
        adjustments = totals.adjustments()
        is_netted = any(adjustment.kind is AdjustmentKind.GIFT_CARD for adjustment in adjustments)
        status = bigcommerce_status(fields, order, path, self.profile)
        placed = placed_time(self.time("date_created"), path, "date_created")
        draft = OrderDraft(
            system="bigcommerce",
            object_type="order",
            order_id=order_id,
            change=order_change(status.cancellation, is_new=self.is_new("date_created", "date_modified")),
            occurred=self.time("date_modified") or placed,
            placed=placed,
            currency=currency,
            tax_mode=mode,
            lines=lines,
            adjustments=adjustments,
            stated=totals.stated(),
            payment=bigcommerce_payment(fields, (order, path), status.payment, currency, is_netted=is_netted),
            cancellation=Cancellation(status=status.cancellation),
            parties=bigcommerce_parties(self.document, order, path, self.channel),
            shipping_method_raw=text(ship_to_node(order, path)[0], "shipping_method"),
            notes=text(order, "customer_message"),
            extensions=extensions(*texts_and_flags(order, _KEPT)),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )
        self._state_the_rate(draft)
        draft.variances += OtherBasis(fields, basis, currency).variances((order, path), nodes)
        return draft

    def _lines(self, nodes: list[Placed], basis: Basis) -> list[LineDraft]:
        lines: list[LineDraft] = []
        ids = LineIds(self.document)
        for placed in nodes:
            line = bigcommerce_line(self._fields, placed, basis, self.channel)
            ids.settle(line)
            lines.append(line)
        return lines

    def _tax_mode(self, nodes: list[Placed]) -> TaxMode:
        """As the profile says; else as the order says or the catalogue's prices are entered. Both bases are
        stated, so what cannot be told is read without tax."""
        declared = self.profile.money.tax_mode if self.profile.money else "stated"
        if declared != "stated":
            return TaxMode(declared)
        is_included = flag(self.node, "is_tax_inclusive_pricing")
        if is_included is None:
            is_included = is_tax_inclusive(self._fields, nodes)
        return TaxMode.INCLUSIVE if is_included else TaxMode.EXCLUSIVE

    def _state_the_rate(self, draft: OrderDraft) -> None:
        """The rate to the currency that was shown; the amounts in it are not in the payload."""
        shown = text(self.node, "currency_code")
        rate = rate_percent(self.node.get("currency_exchange_rate"), _AS_SAID)
        if shown is not None and shown.upper() != draft.currency and rate:
            draft.exchange_rate = rate
            draft.exchange_rate_source = "currency_exchange_rate"

    def time(self, name: str) -> BusinessTime | None:
        """A time in RFC 2822, in newer answers in ISO 8601."""
        raw = text(self.node, name)
        if raw is None:
            return None
        path = f"{self.path}.{name}"
        if raw[:1].isdigit() and "-" in raw[:8]:
            return business_time(raw, path, zone=self.zone)
        return mail_time(raw, path, zone=self.zone)


FORMAT: Final = Format(
    name="bigcommerce_order",
    title="BigCommerce order (Orders V2)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "order_id"),
        Field("date_modified", "revision, occurred", "RFC 2822, one second: instant_coarse"),
        Field("date_created", "placed"),
        Field("default_currency_code", "currency", "what was charged; else currency_code"),
        Field("currency_code, currency_exchange_rate", "extensions, exchange_rate", "what was shown"),
        Field("status_id", "payment.status, cancellation", "table, then status_map.order of the profile"),
        Field("payment_status", "payment.status", "before the order's status"),
        Field("payment_provider_id, total_inc_tax", "payment.payments"),
        Field("gift_certificate_amount, store_credit_amount", "payment.payments", "or adjustments"),
        Field("refunded_amount", "payment.payments (refund)"),
        Field("products, consignments[] (incl. email.gift_certificates)", "lines", "a link is refused"),
        Field("products[].id", "lines[].line_id"),
        Field("products[].sku, upc, variant_id, product_id", "lines[].identifiers"),
        Field("products[].total_ex_tax, total_inc_tax", "lines[].extended", "before discounts"),
        Field("products[].price_ex_tax, price_inc_tax", "lines[].unit_price", "compared with the total"),
        Field("products[].total_tax", "lines[].tax_lines"),
        Field("products[].applied_discounts", "lines[].adjustments"),
        Field("products[].quantity_shipped", "lines[].fulfilled_reported"),
        Field("products[].quantity_refunded", "lines[].returned_reported, cancelled", "by what had left"),
        Field(
            "is_tax_inclusive_pricing, base_price", "tax_mode", "where the profile leaves it to the payload"
        ),
        Field("shipping_cost_*, handling_cost_*, wrapping_cost_*, fees", "adjustments"),
        Field(
            "discount_amount, coupon_discount", "stated.discount, adjustments", "unless the lines carry it"
        ),
        Field("subtotal_*, total_tax, total_inc_tax", "stated"),
        Field("total_ex_tax", "–", "compared with our total less tax, unless certificates stand beside it"),
        Field("…_ex_tax, …_inc_tax", "–", "the basis that is not used is compared with the one that is"),
        Field("items_total", "–", "compared with the quantities"),
        Field("billing_address, shipping_addresses, consignments", "parties (buyer, bill_to, ship_to)"),
        Field("customer_message", "notes"),
    ),
    quirks=(
        "`products` is a link unless they were asked for: refused with the call to make.",
        "Every amount is stated with and without tax; the profile, the order or the entered price chooses.",
        "Older answers state the tax of a line before the order's discount: the difference is a variance.",
        "XML, webhooks, and the parts of an order alone are refused with the call that fetches it.",
        "A transaction that is named while the payment is pending or void has paid nothing yet.",
        "currency_code is what the buyer saw; amounts are in default_currency_code.",
        "Dates are RFC 2822 with +0000.",
        "Amounts are text with four decimals.",
        "Gift certificates and store credit pay the order, unless the total is stated after them.",
        "Status 0 is a checkout that was not finished: read as pending, with a warning.",
        "A refunded unit that has not shipped is cancelled, not returned.",
    ),
    key_rule="the order's `id`",
    revision_rule="`date_modified` (one second): later wins, a tie is broken by the capture",
    looks_like=most(
        json_with("status_id", "subtotal_ex_tax", "total_inc_tax", score=92),
        json_with("status_id", "total_inc_tax", "billing_address", score=85),
        text_with("<status_id>", "<total_inc_tax>", "<coupon_discount>", opening="<", score=80),
    ),
)
