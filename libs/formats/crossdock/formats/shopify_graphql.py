"""Orders as Shopify's GraphQL Admin API answers them, in the names of its REST resource.

Invariant: values are moved and renamed, never computed: what a query did not ask for is absent, a list of
lines that continues on another page is refused.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text

_GID: Final = "gid://shopify/"
_MONEY: Final = frozenset({"amount", "currencyCode"})
_SIDES: Final = frozenset({"shopMoney", "presentmentMoney"})
_NAMES: Final = {
    "allocatedAmount": "amount",
    "allocatedAmountSet": "amount_set",
    "countryCodeV2": "country_code",
    "discountAmount": "amount",
    "displayFinancialStatus": "financial_status",
    "displayFulfillmentStatus": "fulfillment_status",
    "fulfillmentLineItems": "line_items",
    "isGiftCard": "gift_card",
    "originalPrice": "price",
    "originalPriceSet": "price_set",
    "originalUnitPrice": "price",
    "originalUnitPriceSet": "price_set",
    "presentmentCurrencyCode": "presentment_currency",
    "unfulfilledQuantity": "fulfillable_quantity",
}
"""Names that differ in more than their case."""
_WORDS: Final = frozenset(
    (
        "cancel_reason",
        "financial_status",
        "fulfillment_status",
        "kind",
        "restock_type",
        "status",
        "target_type",
    )
)
"""Fields with words in capitals, which REST writes in small letters."""


def is_graphql(node: Node) -> bool:
    """Whether an order, or a row of a bulk export, is spelled as GraphQL answers are."""
    return "line_items" not in node and ("lineItems" in node or _kind(node)[1])


def rest_order(node: Node, path: str) -> Node:
    """The order in the names of the REST resource.

    Raises Rejected FIELD_INVALID where it is something else, LINES_MISSING where its lines are incomplete.
    """
    _refuse_others(node, path)
    order = _renamed(node)
    order["currency"] = order.pop("currency_code", None) or _currency(node)
    order["admin_graphql_api_id"] = node.get("id")
    for line in children(order, "line_items"):
        _complete_line(line, path)
    for refund in children(order, "refunds"):
        for refunded in children(refund, "refund_line_items"):
            refunded["line_item_id"] = child(refunded, "line_item").get("id")
    for fulfillment in children(order, "fulfillments"):
        for shipped in children(fulfillment, "line_items"):
            shipped["id"] = child(shipped, "line_item").get("id")
    if "shipping_lines" not in order:
        order["shipping_lines"] = children(order, "shipping_line")
    _index_discounts(order)
    return order


def _refuse_others(node: Node, path: str) -> None:
    """Refuse what is no order, and an order of which the answer holds a part."""
    kind, is_global = _kind(node)
    if "__parentId" in node:
        detail = "the row of a bulk export is a part of another row; query orders with their lines instead"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.__parentId")
    if is_global and kind not in ("Order", "DraftOrder"):
        raise Rejected(RejectionCode.FIELD_INVALID, f"an Order is needed, found {shown(kind)}", f"{path}.id")
    if child(child(node, "lineItems"), "pageInfo").get("hasNextPage") is True:
        detail = "the answer holds a part of the order's lines; query them all, or fetch the order by REST"
        raise Rejected(RejectionCode.LINES_MISSING, detail, f"{path}.lineItems.pageInfo.hasNextPage")


def _kind(node: Node) -> tuple[str, bool]:
    """Type of the object by its global id, and whether it has one."""
    named = text(node, "id") or ""
    return named.removeprefix(_GID).partition("/")[0], named.startswith(_GID)


def _complete_line(line: Node, path: str) -> None:
    variant = child(line, "variant")
    line["variant_id"] = variant.get("id")
    if text(line, "sku") is None:
        line["sku"] = variant.get("sku")
    if "price" not in line and "price_set" not in line:
        detail = "a line has no originalUnitPriceSet; add it to the query, or fetch the order by REST"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.lineItems")


def _index_discounts(order: Node) -> None:
    for line in [*children(order, "line_items"), *children(order, "shipping_lines")]:
        for allocation in children(line, "discount_allocations"):
            application = child(allocation, "discount_application")
            allocation["discount_application_index"] = application.get("index")


def _renamed(node: Node) -> Node:
    """An object with REST's names; a money bag or a money stands under its name and `_set`."""
    found: Node = {}
    for name, value in node.items():
        plain = _NAMES.get(name) or _snake(name)
        if name == "id" and isinstance(value, str):
            found[plain] = _local_id(value)
        elif isinstance(value, str) and plain in _WORDS:
            found[plain] = value.lower()
        elif (
            isinstance(value, dict) and name not in _SIDES and _MONEY.issuperset(value) and "amount" in value
        ):
            found[f"{plain}_set"] = {"shop_money": _renamed(value)}
        elif isinstance(value, dict) and not _SIDES.isdisjoint(value) and not plain.endswith("_set"):
            found[f"{plain}_set"] = _renamed(value)
        else:
            found[plain] = _value(value)
    return found


def _value(value: object) -> object:
    if isinstance(value, list):
        return [_value(one) for one in value]
    if not isinstance(value, dict):
        return value
    for name, member in (("edges", "node"), ("nodes", "")):
        listed = value.get(name)
        if isinstance(listed, list):
            return [_value(child(one, member) if member else one) for one in listed if isinstance(one, dict)]
    return _renamed(value)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _local_id(value: str) -> str:
    """The last part of a global id, without its query."""
    return value.rpartition("/")[2].partition("?")[0] if value.startswith(_GID) else value


def _currency(node: object) -> object:
    """The currency of the first shop money that names one."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            stated = child(one, "shopMoney").get("currencyCode")
            if stated is not None:
                return stated
            stack += reversed(one.values())
        elif isinstance(one, list):
            stack += reversed(one)
    return None
