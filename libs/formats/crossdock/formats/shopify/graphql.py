"""What Shopify's GraphQL Admin API answers, in the names of its REST resources.

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
    "associatedOrder": "source_order",
    "associatedPayout": "payout",
    "countryCodeV2": "country_code",
    "discountAmount": "amount",
    "displayFinancialStatus": "financial_status",
    "displayFulfillmentStatus": "fulfillment_status",
    "displayStatus": "shipment_status",
    "fulfillmentLineItems": "line_items",
    "isGiftCard": "gift_card",
    "issuedAt": "date",
    "item": "inventory_item",
    "originalPrice": "price",
    "originalPriceSet": "price_set",
    "originalUnitPrice": "price",
    "originalUnitPriceSet": "price_set",
    "presentmentCurrencyCode": "presentment_currency",
    "transactionDate": "processed_at",
    "unfulfilledQuantity": "fulfillable_quantity",
}
"""Names that differ in more than their case."""
_WORDS: Final = frozenset(
    (
        *("cancel_reason", "financial_status", "fulfillment_status", "inventory_policy", "kind"),
        *("restock_type", "shipment_status", "source_type", "status", "target_type"),
    )
)
"""Fields with words in capitals, which REST writes in small letters."""
_LINKS: Final = (
    *("fulfillment", "inventory_item", "line_item", "location", "order", "payout", "product"),
    *("source_order", "variant"),
)
"""Objects whose id REST writes beside their holder's own fields."""


def is_graphql(node: Node) -> bool:
    """Whether an object, or a row of a bulk export, is spelled as GraphQL answers are."""
    return "line_items" not in node and (
        "lineItems" in node
        or "legacyResourceId" in node
        or (kind_of(node) is not None and not any(map(_is_snake, node)))
    )


def graphql_pages(*names: str) -> frozenset[str]:
    """Where a page of a query holds its objects, as `json_documents` names it."""
    return frozenset(
        f"{outer}{name}.{inner}" for outer in ("", "data.") for name in names for inner in ("edges", "nodes")
    )


def rest_resource(node: Node, path: str) -> Node:
    """An object in the names of its REST resource.

    Raises Rejected CURRENCY_MIXED where the amounts of a payout or balance transaction differ in currency.
    """
    found = _renamed(node)
    found["admin_graphql_api_id"] = node.get("id")
    if "id" not in found:
        found["id"] = found.get("legacy_resource_id")
    if "net_set" in found:
        _payment(found, path)
    tracked = children(node, "trackingInfo")
    if tracked:
        found["tracking_company"] = tracked[0].get("company")
        found["tracking_numbers"] = [one.get("number") for one in tracked]
        found["tracking_urls"] = [one.get("url") for one in tracked]
    item = (text(node, "id") or "").partition("?inventory_item_id=")[2]
    if item:
        found.setdefault("inventory_item_id", item)
    return found


def _payment(node: Node, path: str) -> None:
    """Put the amounts of a payout or balance transaction where REST has them, as text beside a currency."""
    said = {name: child(child(node, f"{name}_set"), "shop_money") for name in ("amount", "fee", "net")}
    node |= {name: money.get("amount") for name, money in said.items()}
    summary = child(node, "summary")
    figures = {name: child(child(summary, name), "shop_money") for name in summary}
    if figures:
        node["summary"] = {
            f"{name.removesuffix('_set').removesuffix('_amount')}_amount": money.get("amount")
            for name, money in figures.items()
        }
    currencies = {text(money, "currency_code") for money in (*said.values(), *figures.values())} - {None}
    if len(currencies) > 1:
        raise Rejected(RejectionCode.CURRENCY_MIXED, "the amounts differ in currency", path)
    node.setdefault("currency", next(iter(currencies), None))
    if isinstance(node.get("payout"), dict):
        node["payout_status"] = child(node, "payout").get("status")


def rest_order(node: Node, path: str) -> Node:
    """The order in the names of the REST resource.

    Raises Rejected FIELD_INVALID where it is something else, LINES_MISSING where its lines are incomplete.
    """
    _refuse_others(node, path)
    order = rest_resource(node, path)
    order["currency"] = order.pop("currency_code", None) or _currency(node)
    for line in children(order, "line_items"):
        _complete_line(line, path)
    if "shipping_lines" not in order:
        order["shipping_lines"] = children(order, "shipping_line")
    _customer(child(order, "customer"))
    return order


def _customer(node: Node) -> None:
    """Put what newer API versions say of a customer where REST has it."""
    for name, said in (
        ("name", node.get("display_name")),
        ("email", child(node, "default_email_address").get("email_address")),
        ("phone", child(node, "default_phone_number").get("phone_number")),
    ):
        if said is not None:
            node.setdefault(name, said)


def _refuse_others(node: Node, path: str) -> None:
    """Refuse what is no order, and an order of which the answer holds a part."""
    kind = kind_of(node)
    if "__parentId" in node:
        detail = "the row of a bulk export is a part of a row that is not in the file; send the export whole"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.__parentId")
    if kind not in (None, "Order", "DraftOrder"):
        raise Rejected(RejectionCode.FIELD_INVALID, f"an Order is needed, found {shown(kind)}", f"{path}.id")
    if child(child(node, "lineItems"), "pageInfo").get("hasNextPage") is True:
        detail = "the answer holds a part of the order's lines; query them all, or fetch the order by REST"
        raise Rejected(RejectionCode.LINES_MISSING, detail, f"{path}.lineItems.pageInfo.hasNextPage")


def kind_of(node: Node) -> str | None:
    """Type of an object by its global id; None where it has none."""
    named = text(node, "id") or ""
    return named.removeprefix(_GID).partition("/")[0] if named.startswith(_GID) else None


def local_id(named: str) -> str:
    """The number in a global id; empty where it is none."""
    return named.rpartition("/")[2].partition("?")[0] if named.startswith(_GID) else ""


def _complete_line(line: Node, path: str) -> None:
    if text(line, "sku") is None:
        line["sku"] = child(line, "variant").get("sku")
    if "price" not in line and "price_set" not in line:
        detail = "a line has no originalUnitPriceSet; add it to the query, or fetch the order by REST"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.lineItems")


def _renamed(node: Node) -> Node:
    """An object with REST's names; a money bag or a money stands under its name and `_set`."""
    found: Node = {}
    for name, value in node.items():
        plain = _NAMES.get(name) or _snake(name)
        if isinstance(value, str):
            found[plain] = _word(plain, value)
        elif (
            isinstance(value, dict) and name not in _SIDES and "amount" in value and _MONEY.issuperset(value)
        ):
            found[f"{plain}_set"] = {"shop_money": _renamed(value)}
        elif isinstance(value, dict) and not _SIDES.isdisjoint(value):
            found[f"{plain.removesuffix('_set')}_set"] = _renamed(value)
        else:
            found[plain] = _value(value)
    _link(found)
    return found


def _word(name: str, value: str) -> str:
    if name == "id" and value.startswith(_GID):
        return local_id(value)
    return value.lower() if name in _WORDS else value


def _link(node: Node) -> None:
    """Put beside an object's own fields what REST has there of the objects that it refers to."""
    for name in _LINKS:
        linked = node.get(name)
        if isinstance(linked, dict) and "id" in linked:
            node[f"{name}_id"] = linked["id"]
    _stock(node, child(node, "inventory_item"))
    if isinstance(node.get("discount_application"), dict):
        node["discount_application_index"] = child(node, "discount_application").get("index")
    lines = children(node, "line_items")
    if any("line_item" in line for line in lines):  # of a fulfillment: REST has the order's line there
        node["line_items"] = [line | child(line, "line_item") | _counted(line) for line in lines]


def _stock(node: Node, item: Node) -> None:
    """Put beside a variant's or level's own fields what REST has there of its inventory item."""
    if "sku" in item:
        node.setdefault("sku", item["sku"])
    if "tracked" in item:
        node.setdefault("inventory_management", "shopify" if item["tracked"] else None)
    weight = child(child(item, "measurement"), "weight")
    if weight:
        node |= {"weight": weight.get("value"), "weight_unit": weight.get("unit")}


def _counted(line: Node) -> Node:
    return {"quantity": line["quantity"]} if "quantity" in line else {}


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


def camel_case(name: str) -> str:
    """`inventory_level` as GraphQL writes it: `inventoryLevel`."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _is_snake(name: str) -> bool:
    return "_" in name.strip("_")


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


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
