"""WooCommerce refunds: the REST resource of all API versions, alone or in pages.

Invariant: WooCommerce writes what a refund does to the order, so its line, shipping and fee totals are
negative and are turned; `amount` is what went back and is compared with them. Where the lines as a whole
say the contrary, they state what went back, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    AdjustmentKind,
    Change,
    DualMoney,
    Extension,
    PartnerProfile,
    Refund,
    RefundStatus,
    RevisionKind,
    TaxMode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import Fields, children, flag, identity, text
from crossdock.formats.json_resource import JsonResource, Placed, holder_of, key_by, members
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_draft import AdjustmentDraft, TaxDraft, both, negated
from crossdock.formats.profile_rules import order_currency, revision_at
from crossdock.formats.refund_draft import RefundDraft, RefundLineDraft, finish_refund
from crossdock.formats.woocommerce.amounts import WooAmounts
from crossdock.formats.woocommerce.kinds import refuse_other_kinds
from crossdock.formats.woocommerce.legacy import HOLDERS, WRAPPERS, linked
from crossdock.formats.woocommerce.times import woo_time

MAPPING_VERSION: Final = "woocommerce_refund/1"
_OWN_ARRAYS: Final = ("line_items", "meta_data")
_REFUNDED_ITEM: Final = "_refunded_item_id"


def _placed(document: Document) -> Placed:
    return holder_of(document.root, "id", "order_refund", "refund", *HOLDERS)


def _key(document: Document) -> str:
    refund, path = _placed(document)
    return f"refund:{identity(refund, 'id', path)}"


key = key_by(_key)
"""`refund:<id>`, None where the payload has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The refunds of a file that holds several: an array, `{"order_refunds": […]}`, JSON lines."""
    return split_json(
        record, key, kind="refund", wrappers=WRAPPERS | {"order_refunds", "refunds"}, own_arrays=_OWN_ARRAYS
    )


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The refund of a REST payload. Raises Rejected.

    Parsed exactly at once: the unit price of each line is a JSON number.
    """
    return _Mapping(exact_document(record.value or b""), record, profile).reading()


class _Mapping(JsonResource):
    """One refund of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, _placed(document))
        self._fields = Fields(document, profile)
        stated = text(self.node, "currency")
        self._currency = order_currency(stated, profile, f"{self.path}.currency")
        self._fields.exponent = currency_exponent(self._currency)
        self._amounts = WooAmounts(self._fields, self.node, self._currency, self.channel)

    def reading(self) -> Reading:
        """The refund, refused or with its warnings."""
        refuse_other_kinds(self.node, "refund", self.path)
        if "billing" in self.node:
            detail = "this is an order: its refunds are read with it by the format woocommerce_order"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{self.path}.billing")
        head = self._head()
        is_paid_back = flag(self.node, "refunded_payment")
        draft = RefundDraft(
            head=head,
            refund_id=head.object_id,
            order_id=head.segments[1],
            status=RefundStatus.ISSUED if is_paid_back else RefundStatus.APPROVED,
            status_raw="" if is_paid_back is None else f"refunded_payment {str(is_paid_back).lower()}",
            currency=self._currency,
            tax_mode=TaxMode.EXCLUSIVE,
            lines=list(self._lines()),
            adjustments=[*self._charges("shipping_lines"), *self._charges("fee_lines")],
            stated_total=self._total(),
            reason_raw=text(self.node, "reason"),
        )
        draft.head.variances += self._amounts.variances
        self._turn(draft)
        refund = finish_refund(draft, self.document, self.profile, self.record)
        return reading_of_entities((refund,), self.record, head.mark, warnings=self.document.warnings)

    def _turn(self, draft: RefundDraft) -> None:
        """Some clients write what goes to the buyer: their lines sum to the amount, not to its negative."""
        taxes = list(draft.all_taxes())
        amounts = [line.amount for line in draft.lines] + [one.amount for one in draft.adjustments]
        total = sum(amount.shop for amount in amounts + [tax.amount for tax in taxes])
        if total >= 0 or draft.stated_total is None or not draft.stated_total.amount:
            return
        detail = "the lines are written as positive amounts; they are read as money to the buyer"
        self.document.warn("refund_positive", detail, f"{self.path}.line_items")
        for line in draft.lines:
            line.amount = negated(line.amount)
        for adjustment in draft.adjustments:
            adjustment.amount, adjustment.is_charge = negated(adjustment.amount), not adjustment.is_charge
        for tax in taxes:
            tax.amount = negated(tax.amount)

    def _head(self) -> Head:
        refund_id = identity(self.node, "id", self.path)
        zone = self.zone
        created = woo_time(self.node, "date_created", self.path, zone)
        if created is None:
            created = woo_time({"created_gmt": self.node.get("created_at")}, "created", self.path, zone)
        if created is None:
            detail = "date_created_gmt (or date_created, created_at) is missing"
            raise Rejected(RejectionCode.TIME_INVALID, detail, f"{self.path}.date_created_gmt")
        is_paid_back = flag(self.node, "refunded_payment")
        paid = () if is_paid_back is None else (("refunded_payment", str(is_paid_back).lower()),)
        return Head(
            segments=(self.channel, self._order_id(), refund_id),
            system="woocommerce",
            object_type="refund",
            object_id=refund_id,
            occurred=created,
            mapping_version=MAPPING_VERSION,
            change=Change.CREATED,
            mark=revision_at(created, self.profile, RevisionKind.INSTANT_COARSE),
            via=self.via,
            extensions=tuple(Extension(name=name, value=value) for name, value in paid),
        )

    def _order_id(self) -> str:
        """`parent_id`, else an `order_id` beside the refund, else what its links say; `-` where none does."""
        root = self.document.root
        for node, name in ((self.node, "parent_id"), (self.node, "order_id"), (root, "order_id")):
            found = self._fields.loose_identity(node, name, self.path)
            if found is not None and found != "0":
                return found
        found = linked(self.node, "/orders/")
        if found is not None:
            return found
        self.document.warn("order_missing", "the refund names no order", f"{self.path}.parent_id")
        return "-"

    def _total(self) -> DualMoney | None:
        amount = self._amounts.amount(self.node, "amount", self.path)
        return None if amount is None else self._amounts.money(abs(amount))

    def _lines(self) -> Iterator[RefundLineDraft]:
        for node, path in members(self.node, "line_items", self.path):
            total = self._line_total(node, path)
            count = self._fields.count(node, "quantity", path)
            yield RefundLineDraft(
                line_id=self._refunded_item(node, path),
                amount=both(-total),
                quantity=None if count is None else abs(count),
                identifiers=self._amounts.identifiers(node, path),
                taxes=self._taxes(node, path),
            )

    def _line_total(self, node: Node, path: str) -> Decimal:
        """What the line does to the order, negative where it gives money back."""
        for name in ("total", "subtotal"):
            amount = self._amounts.amount(node, name, path)
            if amount is not None:
                return amount
        refunded = self._amounts.amount(node, "refund_total", path)
        if refunded is None:
            detail = "the line states neither total nor subtotal nor refund_total"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.total")
        return -abs(refunded)

    def _refunded_item(self, node: Node, path: str) -> str | None:
        """Line of the order that a line of the refund gives back; the refund's own line id is no such."""
        named = self._fields.loose_identity(node, "refunded_item_id", path)
        if named is not None:
            return named
        metas = children(node, "meta_data")
        return next((text(meta, "value") for meta in metas if text(meta, "key") == _REFUNDED_ITEM), None)

    def _taxes(self, node: Node, path: str) -> list[TaxDraft]:
        taxes = self._amounts.taxes(node, path)
        for tax in taxes:
            tax.amount = negated(tax.amount)
        return [tax for tax in taxes if any(tax.amount)]

    def _charges(self, name: str) -> Iterator[AdjustmentDraft]:
        kind = AdjustmentKind.SHIPPING if name == "shipping_lines" else AdjustmentKind.FEE
        for node, path in members(self.node, name, self.path):
            total = self._amounts.amount(node, "total", path)
            if total is not None:
                title = text(node, "method_title") or text(node, "name") or ""
                taxes = tuple(self._taxes(node, path))
                yield AdjustmentDraft(kind, total <= 0, both(-total), title, taxes)


FORMAT: Final = Format(
    name="woocommerce_refund",
    title="WooCommerce refund",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "refund_id"),
        Field("parent_id, order_id, _links.up", "order_id", "`-` where none names the order"),
        Field("date_created_gmt, created_at", "occurred, revision", "UTC without offset: instant_coarse"),
        Field("amount", "stated.total", "compared with lines, shipping, fees and taxes"),
        Field("currency", "currency", "the profile's: most versions state none"),
        Field("reason", "reason_raw"),
        Field("refunded_payment", "status, status_raw", "false: somebody has to pay it back"),
        Field("line_items[].meta_data _refunded_item_id", "lines[].line_id"),
        Field("line_items[].quantity", "lines[].quantity", "stated negative"),
        Field("line_items[].total", "lines[].amount", "negative, without tax; else subtotal, refund_total"),
        Field("line_items[].taxes, total_tax", "lines[].tax_lines", "stated negative"),
        Field("line_items[].sku, variation_id, product_id", "lines[].identifiers"),
        Field("shipping_lines, fee_lines", "adjustments", "stated negative"),
    ),
    quirks=(
        "A refund of an amount alone has no lines: the difference is a variance.",
        "Quantities and totals of lines are negative; the legacy API leaves quantities positive.",
        "The order stands in a link only, or nowhere.",
        "No currency is stated: the profile's is needed.",
        "Lines that give back nothing stand with zeros.",
        "Some clients write the lines positive: they are read as they stand, with a warning.",
    ),
    entities=(Refund,),
    key_rule="the order's id and the refund's `id`",
    revision_rule="`date_created_gmt` (one second): the later capture wins",
    needs=(),
    looks_like=most(
        json_with("refunded_by", "refunded_payment", score=85),
        json_with("order_refund", score=80),
        json_with("order_refunds", score=80),
        json_with("_refunded_item_id", "amount", score=75, without=("billing",)),
        json_with(
            "date_created",
            "amount",
            "reason",
            "line_items",
            score=65,
            without=("billing", "prices_include_tax"),
        ),
    ),
)
