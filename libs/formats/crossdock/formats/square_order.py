"""Square orders: the Order object of RetrieveOrder, BatchRetrieveOrders and SearchOrders.

Invariant: the order is keyed by `id` and ordered by its `version`; an event only names the order that
changed and is refused with the call that fetches it.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    Cancellation,
    CancellationStatus,
    Change,
    Extension,
    PartnerProfile,
    RevisionKind,
    TaxMode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.json_resource import extensions, key_by, texts, within
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import OrderDraft, RevisionMark
from crossdock.formats.order_mapping import OrderMapping, order_change, placed_time
from crossdock.formats.profile_rules import order_currency, revision_at
from crossdock.formats.square.charges import (
    settle_fulfillments,
    settle_returns,
    square_charges,
    square_stated,
)
from crossdock.formats.square.figures import line_variances, order_variances
from crossdock.formats.square.lines import Definitions, require_lines, square_lines
from crossdock.formats.square.parties import square_parties, square_promise
from crossdock.formats.square.payments import square_payment
from crossdock.formats.square.shapes import SquareFields

MAPPING_VERSION: Final = "square_order/1"
_KEPT: Final = ("state", "reference_id", "closed_at")
_VERSION_DIGITS: Final = 20


key = key_by(lambda document: f"order:{_order_id(document)}")
"""`order:<id>` of an order or of the event about it, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of a BatchRetrieve or Search answer, or of a file."""
    return split_json(record, key, wrappers=("orders",), own_arrays=("line_items",))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a payload. Raises Rejected, for a thin event too."""
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


def _order_id(document: Document) -> str:
    notice = _notice(document)
    if notice:
        return identity(notice, "order_id", "$.data.object")
    order, path = within(document, "order")
    return identity(order, "id", path)


def _notice(document: Document) -> Node:
    """What an event says of an order: its id, version and state."""
    held = child(child(document.root, "data"), "object")
    return next((child(held, name) for name in held if name.startswith("order_")), {})


class _Mapping(OrderMapping):
    """One order payload of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, within(document, "order"))
        self._fields = SquareFields(document, profile)

    def reading(self) -> Reading:
        """The order, refused or with its warnings."""
        order_id = _order_id(self.document)
        if _notice(self.document):
            detail = "a Square event only names the order that changed; fetch GET /v2/orders/{order_id}"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, "$.data.object")
        if text(self.node, "state") == "DRAFT":
            detail = "a draft is a cart, not an order"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{self.path}.state")
        require_lines(self.node, self.path)
        self._fields.use_currency(self._currency())
        draft = self._draft(order_id)
        self._compare_figures(draft)
        order = finish_order(draft, self.profile, self.record, self._mark())
        return reading_of(order, warnings=tuple(dict.fromkeys(self.document.warnings)))

    def _currency(self) -> str:
        """Currency of the total, else of the first line; every other amount is compared with it."""
        moneys = [child(self.node, "total_money")]
        for line in children(self.node, "line_items"):
            moneys += [child(line, name) for name in ("base_price_money", "gross_sales_money", "total_money")]
        stated = next((code for money in moneys if (code := text(money, "currency"))), None)
        return order_currency(stated, self.profile, f"{self.path}.total_money.currency")

    def _mark(self) -> RevisionMark:
        """By version; by time where the profile wants it so or no version is stated."""
        version = self._fields.count(self.node, "version", self.path)
        declared = self.profile.channel.revision if self.profile.channel else None
        if version is not None and version >= 0 and declared in (None, RevisionKind.COUNTER):
            return RevisionMark(RevisionKind.COUNTER, str(int(version)).zfill(_VERSION_DIGITS))
        updated = self._fields.time(self.node, "updated_at", self.path)
        return revision_at(updated, self.profile, RevisionKind.INSTANT_FINE)

    def _draft(self, order_id: str) -> OrderDraft:
        order, path, fields = self.node, self.path, self._fields
        lines = square_lines(fields, (order, path), self.channel, self.profile)
        settle_fulfillments(fields, order, path, lines)
        settle_returns(fields, order, path, lines)
        promise = square_promise(fields, order, path)
        cancellation = self._cancellation()
        placed = placed_time(fields.time(order, "created_at", path), path, "created_at")
        mode = self._tax_mode()
        return OrderDraft(
            system="square",
            object_type="order",
            order_id=order_id,
            change=self._change(cancellation),
            occurred=fields.time(order, "updated_at", path) or placed,
            placed=placed,
            currency=fields.currency,
            tax_mode=mode,
            lines=lines,
            adjustments=list(square_charges(fields, order, path)),
            stated=square_stated(fields, order, path),
            order_name=text(order, "ticket_name") or text(order, "reference_id"),
            payment=square_payment(fields, order, path),
            cancellation=cancellation,
            parties=square_parties(self.document, order, promise, self.channel),
            requested_delivery=promise.pickup,
            ship_by=promise.ship_by,
            deliver_by=promise.deliver_by,
            shipping_method_raw=promise.method,
            location_hint=text(order, "location_id"),
            extensions=_extensions(order),
            via=self.via,
            mapping_version=MAPPING_VERSION,
        )

    def _compare_figures(self, draft: OrderDraft) -> None:
        tolerance = self.profile.tolerances.order_total
        allowed = tolerance.for_lines(1)
        is_inclusive = draft.tax_mode is TaxMode.INCLUSIVE
        for node, line in zip(children(self.node, "line_items"), draft.lines, strict=True):
            draft.variances += line_variances(self._fields, node, line, allowed, is_inclusive=is_inclusive)
        draft.variances += order_variances(self._fields, self.node, self.path, allowed)

    def _tax_mode(self) -> TaxMode:
        """As the order's taxes are defined; none where it states a tax of zero and defines none."""
        mode = self.stated_tax_mode(Definitions(self.node).is_tax_included(), f"{self.path}.taxes")
        is_free = self._fields.money(self.node, "total_tax_money", self.path) == 0
        return TaxMode.NONE if mode is TaxMode.UNKNOWN and is_free else mode

    def _cancellation(self) -> Cancellation:
        if text(self.node, "state") != "CANCELED":
            return Cancellation(status=CancellationStatus.NONE)
        at = self._fields.time(self.node, "closed_at", self.path)
        return Cancellation(status=CancellationStatus.CANCELLED, at=at)

    def _change(self, cancellation: Cancellation) -> Change:
        is_new = text(self.node, "version") == "1" or self.is_new("created_at", "updated_at")
        return order_change(cancellation.status, is_new=is_new)


def _extensions(order: Node) -> tuple[Extension, ...]:
    found = [*texts(order, _KEPT)]
    found.append(("source.name", text(child(order, "source"), "name")))
    for index, returned in enumerate(children(order, "returns")):
        name = f"returns[{index}].source_order_id"
        found.append((name, text(returned, "source_order_id")))
    return extensions(*found)


FORMAT: Final = Format(
    name="square_order",
    title="Square order (Orders API)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "order_id"),
        Field("version", "revision", "counter; updated_at where it is missing"),
        Field("updated_at", "occurred"),
        Field("created_at", "placed"),
        Field("ticket_name, reference_id", "order_name"),
        Field("total_money.currency", "currency", "every amount must agree"),
        Field("state", "cancellation, payment.status, lines[].fulfilled_reported", "a draft is refused"),
        Field("location_id", "location_hint"),
        Field("line_items[].uid", "lines[].line_id"),
        Field("line_items[].catalog_object_id", "lines[].identifiers", "an order names no SKU"),
        Field("line_items[].quantity, quantity_unit", "lines[].ordered", "text, may have decimals"),
        Field(
            "line_items[].gross_sales_money",
            "lines[].extended",
            "with modifiers and the tax inside the price, before discounts",
        ),
        Field("line_items[].base_price_money", "lines[].unit_price"),
        Field("line_items[].applied_discounts", "lines[].adjustments", "named by `discounts`"),
        Field("line_items[].applied_taxes", "lines[].tax_lines", "named, rated and typed by `taxes`"),
        Field(
            "line_items[].total_money, total_discount_money, total_tax_money",
            "–",
            "compared with the line's amount, discounts and taxes",
        ),
        Field("taxes[].type", "tax_mode", "ADDITIVE or INCLUSIVE; both: the profile's; no tax: none"),
        Field("service_charges", "adjustments (surcharge, gratuity)"),
        Field("total_tip_money", "adjustments (gratuity)"),
        Field("rounding_adjustment", "adjustments (rounding)"),
        Field("total_money, total_tax_money, total_discount_money", "stated"),
        Field("net_amounts, total_service_charge_money", "–", "compared where nothing came back"),
        Field("taxes[].applied_money, discounts[].applied_money", "–", "compared with the lines"),
        Field("tenders, refunds", "payment"),
        Field("fulfillments", "lines[].fulfilled_reported, parties (ship_to), promises"),
        Field("returns[].return_line_items", "lines[].returned_reported", "of this order's own lines"),
        Field("customer_id", "parties (buyer)"),
    ),
    quirks=(
        "Amounts are integers of the smallest unit, by the currency's exponent.",
        "A quantity is text and may be a weight.",
        "Answers before 2020 define taxes and discounts in the line that they apply to.",
        "Taxes may be inside the price or beside it, in one order.",
        "gross_sales_money leaves out the tax inside the price in some countries (US, CA, JP): where price × "
        "quantity with the modifiers proves it, the tax is put back.",
        "order.created and order.updated name the order only: fetch it.",
        "A counter sale has no fulfillment and no party: it was taken along when it completed.",
        "An order of returns has no lines of its own: its money is a refund.",
        "Times have up to nine digits behind the second.",
        "A tender that is authorized is no money yet.",
    ),
    key_rule="the order's `id`",
    revision_rule="`version`: greater wins",
    looks_like=most(
        json_with("line_items", "total_money", "location_id", score=88, without=("financial_status",)),
        json_with("line_items", "base_price_money", score=90),
        json_with("line_items", "gross_sales_money", score=88),
        json_with("returns", "return_line_items", "source_order_id", score=85),
        json_with("event_id", "merchant_id", "order_created", score=85),
        json_with("event_id", "merchant_id", "order_updated", score=85),
        json_with("event_id", "merchant_id", "order_fulfillment_updated", score=85),
    ),
)
