"""Where an order of the Orders API v0 and its items stand in a payload.

The interface answers them in two calls, so they come as an order alone, as items alone, or merged by
whoever made the calls; the legacy XML has the same names.

Invariant: nothing of the payload is changed; an order is never read without its items.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.amazon.fields import unwrapped
from crossdock.formats.json_document import Node

ORDER_NAMES: Final = ("order", "Order")
ITEM_NAMES: Final = ("OrderItems", "orderItems", "order_items", "Items", "items")
PAGE_NAMES: Final = ("Orders", "orders")
_HOW_TO_MERGE: Final = (
    "add the list that getOrderItems answers to the order as `OrderItems`, or send "
    '{"order": …, "orderItems": …}'
)


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item with its place in the payload."""

    node: Node
    path: str


@dataclass(frozen=True, slots=True)
class OrderV0:
    """An order of one payload with its items."""

    order: Node
    path: str
    items: tuple[PlacedItem, ...]


def order_place(root: Node) -> tuple[Node, str]:
    """The order of a payload, with or without items.

    Raises Rejected FIELD_INVALID for an error answer, ENVELOPE_BROKEN for a page of several orders.
    """
    node, path = unwrapped(root, "$")
    page = next((name for name in PAGE_NAMES if isinstance(node.get(name), list)), None)
    if page is not None and "AmazonOrderId" not in node:
        return _only_order(node, page, path)
    for name in ORDER_NAMES:
        inner = node.get(name)
        if isinstance(inner, dict):
            return unwrapped(inner, f"{path}.{name}")
    return node, path


def _only_order(node: Node, page: str, path: str) -> tuple[Node, str]:
    orders = node[page]
    assert isinstance(orders, list), "looked at by the caller"
    if len(orders) == 1 and isinstance(orders[0], dict):
        return orders[0], f"{path}.{page}[0]"
    detail = (
        f"a page of {len(orders)} orders is a document: send it to the document's endpoint, or one by one"
    )
    raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"{path}.{page}")


def order_with_items(root: Node) -> OrderV0:
    """The order of a payload and its items. Raises Rejected LINES_MISSING, FIELD_INVALID, and others."""
    order, path = order_place(root)
    places = [(order, path), unwrapped(root, "$"), (root, "$")]
    for node, place in places:
        for name in ITEM_NAMES:
            found = _listed(node.get(name), f"{place}.{name}")
            if found:
                return OrderV0(order, path, found)
    detail = f"the order has no items, and an order without lines is none; {_HOW_TO_MERGE}"
    raise Rejected(RejectionCode.LINES_MISSING, detail, f"{path}.OrderItems")


def _listed(value: object, path: str) -> tuple[PlacedItem, ...]:
    """The items of a list, or of an answer of getOrderItems in the place of one."""
    if isinstance(value, dict):
        inner, path = unwrapped(value, path)
        name = next((one for one in (*ITEM_NAMES, "OrderItem") if one in inner), None)
        if name is None:
            return (PlacedItem(inner, path),) if inner else ()
        value, path = inner[name], f"{path}.{name}"
        if isinstance(value, dict):  # one XML element is no list
            return (PlacedItem(value, path),)
    if not isinstance(value, list):
        return ()
    return tuple(_item(item, f"{path}[{index}]") for index, item in enumerate(value))


def _item(item: object, path: str) -> PlacedItem:
    if not isinstance(item, dict):
        raise Rejected(RejectionCode.FIELD_INVALID, "an order item is not an object", path)
    return PlacedItem(item, path)
