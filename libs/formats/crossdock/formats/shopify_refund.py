"""Shopify refunds: webhook refunds/create, the REST refund resource and pages of them.

Invariant: what went out is the sum of the successful transactions; it stands beside our own sum of lines
and adjustments, and a difference is a variance, never a correction of either.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import Change, Extension, PartnerProfile, Refund, RevisionKind
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, flag, optional_identity, text
from crossdock.formats.json_resource import enveloped
from crossdock.formats.likeness import json_with, most
from crossdock.formats.profile_rules import order_currency, order_tax_mode, revision_at
from crossdock.formats.refund_draft import RefundDraft, finish_refund
from crossdock.formats.shopify.graphql import graphql_pages
from crossdock.formats.shopify.money import ShopifyFields, currency_of_sets
from crossdock.formats.shopify.refund_parts import (
    paid_total,
    refund_adjustments,
    refund_lines,
    refund_status,
    refund_transactions,
    stated_total,
)
from crossdock.formats.shopify.resource import Resource, key_under

MAPPING_VERSION: Final = "shopify_refund/1"
_LISTS: Final = graphql_pages("order.refunds") | enveloped("refunds", "order.refunds", "data.order.refunds")
"""A page, or an order cut down to its refunds: with its lines it is no list of refunds."""
_OWN_ARRAYS: Final = ("refund_line_items", "transactions", "order_adjustments", "line_items")

key = key_under("refund")


def split(record: Record, _: PartnerProfile) -> Reading:
    """The refunds of a file that holds several: an array, `{"refunds": […]}`, JSON lines."""
    return split_json(record, key, kind="refund", wrappers=_LISTS, own_arrays=_OWN_ARRAYS)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The refund of a webhook or REST payload. Raises Rejected.

    Parsed exactly at once: a line's subtotal is a JSON number with decimals.
    """
    return _Mapping(exact_document(record.value or b""), record, profile).reading()


class _Mapping(Resource):
    """One refund of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, "refund")

    def reading(self) -> Reading:
        """The refund, refused or with its warnings."""
        _ = self.id  # first of all: an error answer is told as one, not as a refund without currency
        if "line_items" in self.node:
            detail = "this is an order: its refunds are read with it by the format shopify_order"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{self.path}.line_items")
        fields = self._fields()
        draft = self._draft(fields)
        if not fields.is_presentment_complete:
            detail = "an amount lacks its presentment money; the refund is carried in shop currency alone"
            self.document.warn("presentment_incomplete", detail, self.path)
            fields.keep_shop_currency_only()
            draft = self._draft(fields)
        refund = finish_refund(draft, self.document, self.profile, self.record)
        return reading_of_entities((refund,), self.record, draft.head.mark, warnings=self.document.warnings)

    def _fields(self) -> ShopifyFields:
        stated, path = self._stated_currency()
        currency = order_currency(stated, self.profile, path)
        presented = currency_of_sets(self.node, self.path, "presentment_money")
        known: Node = {"currency": currency, "presentment_currency": presented[0] if presented else None}
        return ShopifyFields(self.document, self.profile, known, self.path)

    def _stated_currency(self) -> tuple[str | None, str]:
        """The shop's currency: that of the money sets; only where nothing names it, the one that was paid."""
        named = currency_of_sets(self.node, self.path, "shop_money")
        if named is not None:
            return named
        path = f"{self.path}.transactions[0].currency"
        declared = self.profile.money.currency if self.profile.money else None
        if declared is not None:
            return None, path
        paid = {text(node, "currency") for node in children(self.node, "transactions")} - {None}
        return (paid.pop() if len(paid) == 1 else None), path

    def _draft(self, fields: ShopifyFields) -> RefundDraft:
        node, path = self.node, self.path
        tax_mode, _ = order_tax_mode(None, self.profile, path)
        transactions = refund_transactions(fields, node, path, self.zone)
        status, status_raw = refund_status(transactions)
        head = self._head(fields)
        total, head.variances = stated_total(paid_total(transactions, fields, path), fields, node, path)
        return RefundDraft(
            head=head,
            refund_id=head.object_id,
            order_id=head.segments[1],
            status=status,
            status_raw=status_raw,
            currency=fields.currency,
            presentment_currency=fields.presentment_currency,
            tax_mode=tax_mode,
            return_id=fields.loose_identity(child(node, "return"), "id", f"{path}.return"),
            lines=list(refund_lines(fields, node, path, self.channel)),
            adjustments=refund_adjustments(fields, node, path),
            transactions=transactions,
            stated_total=total,
            reason_raw=text(node, "note"),
        )

    def _head(self, fields: ShopifyFields) -> Head:
        refund_id = self.id
        modified = self.time("updated_at", "created_at", "processed_at")
        return Head(
            segments=(self.channel, self._order_id(fields), refund_id),
            system="shopify",
            object_type="refund",
            object_id=refund_id,
            occurred=self.required_time("processed_at", "created_at"),
            mapping_version=MAPPING_VERSION,
            change=Change.CREATED,
            mark=revision_at(modified, self.profile, RevisionKind.INSTANT_COARSE),
            via=self.via,
            extensions=self._extensions(),
        )

    def _order_id(self, fields: ShopifyFields) -> str:
        """The refund's order, else that of its transactions; `-` where neither names one."""
        named = optional_identity(self.node, "order_id", self.path)
        if named is not None:
            return named
        for index, node in enumerate(children(self.node, "transactions")):
            found = fields.loose_identity(node, "order_id", f"{self.path}.transactions[{index}]")
            if found is not None:
                return found
        self.document.warn("order_missing", "the refund names no order", f"{self.path}.order_id")
        return "-"

    def _extensions(self) -> tuple[Extension, ...]:
        found = []
        is_restocked = flag(self.node, "restock")
        if is_restocked is not None:
            found.append(Extension(name="restock", value=str(is_restocked).lower()))
        for index, node in enumerate(children(self.node, "refund_line_items")):
            location = text(node, "location_id")
            if location is not None:
                name = f"refund_line_items[{index}].location_id"
                found.append(Extension(name=name, value=location))
        return tuple(found)


FORMAT: Final = Format(
    name="shopify_refund",
    title="Shopify refund",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "refund_id", "64-bit, carried as text"),
        Field("order_id", "order_id", "else that of the transactions; `-` where none is named"),
        Field("processed_at, created_at", "occurred, revision", "one-second instants: instant_coarse"),
        Field("return.id", "return_id"),
        Field("note", "reason_raw"),
        Field("*_set", "currency, presentment_currency, DualMoney", "else the profile's currency"),
        Field("refund_line_items[].line_item_id", "lines[].line_id"),
        Field("refund_line_items[].line_item", "lines[].identifiers, sku", "sku and variant_id"),
        Field("refund_line_items[].quantity", "lines[].quantity"),
        Field("refund_line_items[].subtotal", "lines[].amount", "number or text; after discounts"),
        Field(
            "refund_line_items[].total_tax", "lines[].tax_lines", "named by the only tax of the order line"
        ),
        Field("refund_line_items[].restock_type, restock", "lines[].disposition", "cancel: goods never left"),
        Field("refund_line_items[].location_id", "extensions"),
        Field("order_adjustments", "adjustments", "Shopify's sign is turned: negative is money to the buyer"),
        Field("refund_shipping_lines", "adjustments (shipping)", "unless an adjustment says the same"),
        Field("duties, additional_fees", "adjustments (fee)", "else their totals"),
        Field("transactions", "transactions", "a void moves no money"),
        Field("transactions[].amount", "stated.total", "sum of successful ones of kind refund"),
        Field("totalRefundedSet (GraphQL)", "stated.total", "without transactions; else compared with them"),
        Field("transactions[].status", "status"),
    ),
    quirks=(
        "A line's subtotal is a JSON number, a transaction's amount is text.",
        "Old payloads have no subtotal: price × quantity of the order line stands in, with a warning.",
        "A refund may have no lines, shipping only, or more or less money than its lines say.",
        "An unpaid order is refunded with a discrepancy of its whole value and without money.",
        "A transaction's plain amount is in the currency that was paid, not in the shop's (F18).",
        "Refunded shipping stands in order_adjustments, in refund_shipping_lines or in both.",
        "Nothing says whether amounts include tax: the profile's money.tax_mode does, else the money that "
        "went out, with a warning; the tax of an order adjustment always stands beside its amount.",
        "An order cut down to its refunds is a page of them; one with its lines is refused.",
        "`duties` is a list, or an object that holds the list.",
        "The GraphQL Admin API answers in other names, with global ids and lists: read as the REST one.",
    ),
    entities=(Refund,),
    key_rule="`order_id` and the refund's `id`",
    revision_rule="`created_at` (one second): the later capture wins, for transactions settle late",
    needs=(),
    looks_like=most(
        json_with(
            "refund_line_items", score=85, without=("financial_status", "fulfillment_status", "line_items")
        ),
        json_with("order_adjustments", "transactions", score=60, without=("financial_status",)),
        json_with("refundLineItems", score=85, without=("lineItems", "displayFinancialStatus")),
        json_with(
            "refund_line_items", "order_adjustments", score=88, without=("financial_status", "line_items")
        ),
    ),
)
