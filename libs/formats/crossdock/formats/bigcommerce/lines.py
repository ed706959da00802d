"""Lines of a BigCommerce order: its products, embedded, merged in, or inside its consignments.

Invariant: amounts are those of one basis, with or without tax, as the order's mode says; a line's figure
is never turned from one basis into the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.identifiers import identifier
from crossdock.canonical.models import AdjustmentKind, Identifier, IdentifierScheme, LineKind, PriceBasis
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import Fields, child, children, text
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, TaxDraft, both

Basis = Literal["ex_tax", "inc_tax"]
"""Ending of the fields whose amounts are used."""
Placed = tuple[Node, str]
"""An object with its path."""
_NONE: Final = Decimal(0)
_KINDS: Final = {
    "physical": LineKind.GOODS,
    "digital": LineKind.DIGITAL,
    "giftcertificate": LineKind.GIFT_CARD,
}
_CONSIGNMENTS: Final = ("shipping", "pickups", "downloads")
_FETCH: Final = (
    "the payload only links to the order's products; fetch the order with "
    "?include=consignments.line_items,fees, or put the answer of /v2/orders/{id}/products under `products`"
)


def consignments(order: Node, path: str) -> list[Placed]:
    """Consignments of all kinds that the order holds itself; what is only linked to is none."""
    found = []
    for index, group in enumerate(children(order, "consignments")):
        place = f"{path}.consignments[{index}]"
        for kind in _CONSIGNMENTS:
            found += _placed(group, kind, place)
        found += _placed(child(group, "email"), "gift_certificates", f"{place}.email")
    return found


def _placed(group: Node, kind: str, path: str) -> list[Placed]:
    return [(node, f"{path}.{kind}[{index}]") for index, node in enumerate(children(group, kind))]


def product_nodes(order: Node, path: str) -> list[Placed]:
    """Lines of the order. Raises Rejected LINES_MISSING, with the call that fetches them."""
    products = order.get("products")
    if isinstance(products, list):
        found = [(node, f"{path}.products[{index}]") for index, node in enumerate(products)]
    else:
        found = [
            (node, f"{place}.line_items[{index}]")
            for consignment, place in consignments(order, path)
            for index, node in enumerate(_listed(consignment, place))
        ]
    for node, place in found:
        if not isinstance(node, dict):
            raise Rejected(RejectionCode.FIELD_INVALID, "an order line is not an object", place)
    if not found:
        raise Rejected(RejectionCode.LINES_MISSING, _FETCH, f"{path}.products")
    return found


def _listed(consignment: Node, path: str) -> list[Node]:
    """Line items of a consignment. Raises Rejected LINES_MISSING where they are a link: without include."""
    held = consignment.get("line_items")
    if isinstance(held, dict):
        raise Rejected(RejectionCode.LINES_MISSING, _FETCH, f"{path}.line_items")
    return held if isinstance(held, list) else []


def is_tax_inclusive(fields: Fields, nodes: list[Placed]) -> bool | None:
    """Whether the catalogue's prices include tax: the price as entered tells; None where tax is nowhere."""
    for node, path in nodes:
        base, net, gross = (
            fields.informative_price(node, name, path)
            for name in ("base_price", "price_ex_tax", "price_inc_tax")
        )
        if net is not None and gross is not None and net != gross and base in (net, gross):
            return base == gross
    return None


def bigcommerce_line(fields: Fields, placed: Placed, basis: Basis, channel: str) -> LineDraft:
    """One line. Raises Rejected where it states no quantity or no amount."""
    node, path = placed
    ordered = fields.count(node, "quantity", path)
    if ordered is None:
        raise Rejected(RejectionCode.FIELD_INVALID, "the line states no quantity", f"{path}.quantity")
    total = fields.amount(node, f"total_{basis}", path)
    price = fields.informative_price(node, f"price_{basis}", path)
    if total is None and price is None:
        detail = f"the line states neither total_{basis} nor price_{basis}"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.total_{basis}")
    line = LineDraft(
        line_id=fields.loose_identity(node, "id", path) or "",
        ordered=ordered,
        unit_price=None if price is None else both(price),
        price_basis=PriceBasis.UNIT,
        extended=None if total is None else both(total),
        identifiers=_identifiers(fields, node, path, channel),
        kind=_KINDS.get(text(node, "type") or "physical", LineKind.UNKNOWN),
        parent_line_id=_linked(fields, node, "parent_order_product_id", path),
        adjustments=list(_discounts(fields, node, path)),
        path=path,
    )
    tax = fields.amount(node, "total_tax", path)
    if tax:
        line.taxes = [TaxDraft(both(tax))]
    _settle(fields, node, line)
    return line


def _linked(fields: Fields, node: Node, name: str, path: str) -> str | None:
    found = fields.loose_identity(node, name, path)
    return None if found == "0" else found


def _identifiers(fields: Fields, node: Node, path: str, channel: str) -> tuple[Identifier, ...]:
    variant = _linked(fields, node, "variant_id", path)
    product = variant or _linked(fields, node, "product_id", path) or ""
    issuer = channel if variant else f"{channel}/product"
    found = (
        identifier(IdentifierScheme.SKU, text(node, "sku") or ""),
        identifier(IdentifierScheme.GTIN, text(node, "upc") or ""),
        identifier(IdentifierScheme.CHANNEL_VARIANT, product, issuer),
    )
    return tuple(one for one in found if one is not None)


def _discounts(fields: Fields, node: Node, path: str) -> Iterator[AdjustmentDraft]:
    for index, discount in enumerate(children(node, "applied_discounts")):
        amount = fields.amount(discount, "amount", f"{path}.applied_discounts[{index}]")
        if amount:
            reason = text(discount, "code") or text(discount, "name") or text(discount, "id") or ""
            yield AdjustmentDraft(AdjustmentKind.DISCOUNT, False, both(-abs(amount)), reason)


def _settle(fields: Fields, node: Node, line: LineDraft) -> None:
    """What was shipped, and what will not be: a refunded unit that had left came back, one that had not
    is cancelled."""
    line.fulfilled = fields.count(node, "quantity_shipped", line.path) or _NONE
    refunded = fields.count(node, "quantity_refunded", line.path) or _NONE
    line.returned = min(refunded, line.fulfilled)
    line.cancelled = refunded - line.returned
