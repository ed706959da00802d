"""Rows and people of a Unicommerce sale order.

Invariant: a row is one unit; what it says of price, discount, charges and taxes stays on its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    AdjustmentKind,
    Identifier,
    IdentifierScheme,
    PartnerProfile,
    Party,
    PartyRole,
    PriceBasis,
    Variance,
    VarianceCode,
)
from crossdock.formats.addresses import AddressNames, Contact, full_name, named
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import Fields, child, children, rate_percent, text
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, TaxDraft, both
from crossdock.formats.order_mapping import LineIds
from crossdock.formats.order_variances import variance

_ADDRESS: Final = AddressNames(("addressLine1", "addressLine2"), ("state",), "pincode", "country")
_ONE: Final = Decimal(1)
_NONE: Final = Decimal(0)
_CHARGES: Final = (
    ("shippingCharges", AdjustmentKind.SHIPPING),
    ("shippingMethodCharges", AdjustmentKind.SHIPPING),
    ("cashOnDeliveryCharges", AdjustmentKind.FEE),
    ("giftWrapCharges", AdjustmentKind.GIFT_WRAP),
)
_TAXES: Final = (
    ("IGST", "totalIntegratedGst", "integratedGstPercentage"),
    ("CGST", "totalCentralGst", "centralGstPercentage"),
    ("SGST", "totalStateGst", "stateGstPercentage"),
    ("UTGST", "totalUnionTerritoryGst", "unionTerritoryGstPercentage"),
    ("CESS", "totalCompensationCess", "compensationCessPercentage"),
)
_LEFT: Final = frozenset({"DISPATCHED", "SHIPPED", "DELIVERED"})


class UnicommerceRows:
    """Readers of one order's rows."""

    def __init__(
        self, fields: Fields, order: Node, path: str, currency: str, profile: PartnerProfile
    ) -> None:
        self._fields = fields
        self._order = order
        self._path = path
        self._currency = currency
        rule = profile.tolerances.order_total
        self._tolerance = rule.for_lines(1)
        self.variances: list[Variance] = []

    @property
    def shipping_address_id(self) -> str | None:
        """Address that the first row ships to."""
        return self.first("shippingAddressId")

    def first(self, name: str) -> str | None:
        """Text of the first row that has the field."""
        rows = children(self._order, "saleOrderItems")
        return next((found for row in rows if (found := text(row, name)) is not None), None)

    def lines(self, channel: str) -> list[LineDraft]:
        """One line per row. Raises Rejected where one has no price."""
        returned = {
            text(item, "saleOrderItemCode")
            for one in children(self._order, "returns")
            for item in children(one, "returnItems")
        }
        lines: list[LineDraft] = []
        ids = LineIds(self._fields.document)
        for index, node in enumerate(self._fields.lines(self._order, "saleOrderItems", self._path)):
            line = self._line(node, f"{self._path}.saleOrderItems[{index}]", channel)
            if text(node, "code") in returned and text(node, "code") is not None:
                line.returned = line.ordered
            ids.settle(line)
            self._compare(node, line)
            lines.append(line)
        return lines

    def _line(self, node: Node, path: str, channel: str) -> LineDraft:
        fields = self._fields
        selling = fields.amount(node, "sellingPrice", path)
        price = fields.amount(node, "totalPrice", path) if selling is None else selling
        if price is None:
            detail = "the row states neither sellingPrice nor totalPrice"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.sellingPrice")
        discount = fields.amount(node, "discount", path) or _NONE
        ordered = self._quantity(node, path)
        line = LineDraft(
            line_id=fields.loose_identity(node, "code", path)
            or fields.loose_identity(node, "id", path)
            or "",
            ordered=ordered,
            unit_price=both(price + discount) if ordered == _ONE else None,
            price_basis=PriceBasis.PER_UNIT_ROW,
            extended=both(price + discount),
            identifiers=_identifiers(node, channel),
            taxes=list(self._taxes(node, path)),
            adjustments=[
                *_discount(node, discount),
                *(self._charges(node, path) if selling is not None else ()),
            ],
            path=path,
        )
        status = (text(node, "statusCode") or "").upper()
        line.cancelled = ordered if status == "CANCELLED" else _NONE
        line.fulfilled = ordered if status in _LEFT else _NONE
        return line

    def _quantity(self, node: Node, path: str) -> Decimal:
        stated = self._fields.count(node, "quantity", path)
        if stated is None or stated == _ONE:
            return _ONE
        detail = "a row is one unit and states no quantity; its amounts are taken as those of the row"
        self._fields.document.warn("quantity_in_row", detail, f"{path}.quantity")
        return stated

    def _charges(self, node: Node, path: str) -> Iterator[AdjustmentDraft]:
        """Charges beside the selling price; a total price alone has them inside."""
        for name, kind in _CHARGES:
            amount = self._fields.amount(node, name, path)
            if amount:
                yield AdjustmentDraft(kind, amount > 0, both(amount), name)

    def _taxes(self, node: Node, path: str) -> Iterator[TaxDraft]:
        for title, name, rate in _TAXES:
            amount = self._fields.amount(node, name, path)
            if amount:
                yield TaxDraft(both(amount), rate_percent(node.get(rate), _ONE), jurisdiction=title)

    def _compare(self, node: Node, line: LineDraft) -> None:
        """`totalPrice` is what the buyer pays for the row: selling price and charges."""
        stated = self._fields.amount(node, "totalPrice", line.path)
        if stated is None or line.extended is None:
            return
        ours = line.extended.shop + sum((one.amount.shop for one in line.adjustments), _NONE)
        if stated != ours:
            subject = f"{line.line_id}.totalPrice"
            found = variance(
                VarianceCode.LINE_EXTENSION, subject, (stated, ours), self._currency, self._tolerance
            )
            self.variances.append(found)


def _discount(node: Node, discount: Decimal) -> Iterator[AdjustmentDraft]:
    if discount:
        reason = text(node, "voucherCode") or ""
        yield AdjustmentDraft(AdjustmentKind.DISCOUNT, discount < 0, both(-discount), reason)


def _identifiers(node: Node, channel: str) -> tuple[Identifier, ...]:
    sku = text(node, "itemSku") or text(node, "sellerSkuCode")
    listing = text(node, "channelProductId")
    found = [] if sku is None else [item_identifier(IdentifierScheme.SKU, sku)]
    if listing is not None:
        found.append(item_identifier(IdentifierScheme.CHANNEL_VARIANT, listing, channel))
    return tuple(found)


def unicommerce_parties(
    document: Document, order: Node, path: str, shipping_address_id: str | None
) -> tuple[Party, ...]:
    """Buyer, bill-to and ship-to; a role without content is left out."""
    addresses = children(order, "addresses")
    ship_to = next(
        (node for node in addresses if text(node, "id") == shipping_address_id),
        addresses[0] if addresses else {},
    )
    found = (
        _buyer(order),
        _addressed(document, PartyRole.BILL_TO, child(order, "billingAddress"), f"{path}.billingAddress"),
        _addressed(document, PartyRole.SHIP_TO, ship_to, f"{path}.addresses"),
    )
    return tuple(party for party in found if party is not None)


def _buyer(order: Node) -> Party | None:
    tax = text(order, "customerGSTIN")
    return Contact(
        phone=text(order, "notificationMobile"),
        email=text(order, "notificationEmail"),
        identifiers=named(text(order, "customerCode"), "unicommerce"),
        tax_ids=() if tax is None else (tax,),
    ).party(PartyRole.BUYER)


def _addressed(document: Document, role: PartyRole, node: Node, path: str) -> Party | None:
    contact = Contact(full_name(node), phone=text(node, "phone"), email=text(node, "email"))
    return contact.party(role, _ADDRESS.read(document, node, path))
