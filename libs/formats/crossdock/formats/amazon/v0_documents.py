"""Where an order of the Orders API v0 and its items stand in a payload.

The interface answers them in two calls, so they come as an order alone, as items alone, one answer after the
other, or merged by whoever made the calls; the legacy XML has the same names.

Invariant: nothing of the payload is changed; an order is never read without its items, nor with those of
another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.amazon.fields import unwrapped
from crossdock.formats.json_document import Node, read_document
from crossdock.formats.json_fields import text

ORDER_NAMES: Final = ("order", "Order")
ITEM_NAMES: Final = ("OrderItems", "orderItems", "order_items", "Items", "items")
PAGE_NAMES: Final = ("Orders", "orders")
_HOW_TO_MERGE: Final = (
    "add the list that getOrderItems answers to the order as `OrderItems`, or send "
    '{"order": …, "orderItems": …}'
)
_ITEMS, _STATUS = b'"OrderItems"', b'"OrderStatus"'


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item with its place in the payload."""

    node: Node
    path: str
    more: str = ""
    """Place of the token for the next page of items, where the answer that held this one has such."""


@dataclass(frozen=True, slots=True)
class OrderV0:
    """An order of one payload with its items."""

    order: Node
    path: str
    items: tuple[PlacedItem, ...]

    @property
    def is_open(self) -> bool:
        """Whether every answer of items speaks of a next page, so that the last one is not there."""
        return bool(self.items) and all(item.more for item in self.items)


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
    order_id = text(order, "AmazonOrderId")
    places = [(order, path), unwrapped(root, "$"), (root, "$")]
    for node, place in places:
        for name in ITEM_NAMES:
            found = _listed(node.get(name), f"{place}.{name}", order_id)
            if found:
                return OrderV0(order, path, paged(found, node, place))
    detail = f"the order has no items, and an order without lines is none; {_HOW_TO_MERGE}"
    raise Rejected(RejectionCode.LINES_MISSING, detail, f"{path}.OrderItems")


def _listed(value: object, path: str, order_id: str | None) -> tuple[PlacedItem, ...]:
    """The items of a list, or of answers of getOrderItems in the place of one or of each item."""
    if isinstance(value, dict):
        return _answered(value, path, order_id)
    if not isinstance(value, list):
        return ()
    found: list[PlacedItem] = []
    for index, item in enumerate(value):
        place = f"{path}[{index}]"
        if not isinstance(item, dict):
            raise Rejected(RejectionCode.FIELD_INVALID, "an order item is not an object", place)
        is_answer = "payload" in item or any(isinstance(item.get(name), list) for name in ITEM_NAMES)
        found += _answered(item, place, order_id) if is_answer else (PlacedItem(item, place),)
    return tuple(found)


def _answered(answer: Node, path: str, order_id: str | None) -> tuple[PlacedItem, ...]:
    """The items of an answer of getOrderItems, of one XML element, or the item that a lone object is."""
    inner, path = unwrapped(answer, path)
    name = next((one for one in (*ITEM_NAMES, "OrderItem") if one in inner), None)
    if name is None:
        return (PlacedItem(inner, path),) if inner else ()
    named = text(inner, "AmazonOrderId")
    if named is not None and order_id is not None and named != order_id:
        detail = "the items are those of another order; put each answer of getOrderItems with its own order"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.AmazonOrderId")
    value, path = inner[name], f"{path}.{name}"
    found = (PlacedItem(value, path),) if isinstance(value, dict) else _listed(value, path, order_id)
    return paged(found, inner, path.rpartition(".")[0])


def paged(items: tuple[PlacedItem, ...], answer: Node, path: str) -> tuple[PlacedItem, ...]:
    """The items of an answer, with the place of its token for the next page; in a page of orders it is
    that for the next orders."""
    if text(answer, "NextToken") is None or any(name in answer for name in PAGE_NAMES):
        return items
    return tuple(replace(item, more=f"{path}.NextToken") for item in items)


def answers_joined(documents: Sequence[bytes]) -> list[bytes]:
    """The documents of a file in which answers of getOrderItems stand beside orders without items, each such
    order with its items; an answer whose order is not among them stays a document of its own."""
    answers: dict[str, dict[bytes, None]] = {}
    for document in documents:
        order_id = _order_id(document) if _ITEMS in document and _STATUS not in document else None
        if order_id is not None:
            answers.setdefault(order_id, {})[document] = None  # the same answer twice is one
    return list(_with_answers(documents, answers)) if answers else list(documents)


def _with_answers(documents: Sequence[bytes], answers: Mapping[str, Mapping[bytes, None]]) -> Iterator[bytes]:
    wanting = {document: _order_id(document) for document in documents if _ITEMS not in document}
    used = {answer for order_id in wanting.values() for answer in answers.get(order_id or "", ())}
    for document in documents:
        items = answers.get(wanting.get(document) or "")
        if items:
            yield b'{"order":%b,"orderItems":[%b]}' % (document, b",".join(items))
        elif document not in used:
            yield document


def _order_id(document: bytes) -> str | None:
    try:
        return read_document(document, lambda found: text(unwrapped(found.root, "$")[0], "AmazonOrderId"))
    except Rejected:
        return None
