"""Orders in the answers of Amazon's legacy marketplace web service (XML), wherever they stand.

ListOrders and GetOrder answer orders without items, ListOrderItems the items of one order; files hold them
merged, or one answer after the other below one root.

Invariant: items go to the order whose id stands beside them; nothing else is joined.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.amazon.v0_documents import OrderV0, PlacedItem, paged
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import text
from crossdock.formats.xml_document import xml_document, xml_of

_Place = tuple[Node, str]
_DECLARATION: Final = b"<?xml"
_HOW_TO_MERGE: Final = (
    "put the OrderItems that ListOrderItems answers into its Order element, or send both answers below "
    "one root"
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the answers of a payload hold."""

    orders: list[OrderV0]
    """Every order with its items, in document order; an order without items has none."""
    orphans: list[Node]
    """Answers of items whose order is not among them."""


def answers_of(document: Document) -> Answers:
    """The orders of a payload and the items that belong to none of them.

    Raises Rejected FIELD_INVALID where the service answered with an error, ID_MISSING without any order.
    """
    nodes = list(_objects(document.root, "$"))
    orders = [(node, path) for node, path in nodes if _is_order(node)]
    if not orders:
        raise _no_order(nodes)
    beside: dict[str, tuple[PlacedItem, ...]] = {}
    answers: list[tuple[str, Node]] = []
    for node, path in nodes:
        if "OrderItems" in node and not _is_order(node):  # several pages of one order's items add up
            order_id = text(node, "AmazonOrderId") or ""
            beside[order_id] = beside.get(order_id, ()) + _items(node, path)
            answers.append((order_id, node))
    found = []
    for node, path in orders:
        items = _items(node, path) or beside.get(text(node, "AmazonOrderId") or "", ())
        if not items and len(orders) == 1:
            items = beside.get("", ())
        found.append(OrderV0(node, path, items))
    known = {text(node, "AmazonOrderId") for node, _ in orders} | ({""} if len(orders) == 1 else set())
    return Answers(found, [node for order_id, node in answers if order_id not in known])


def only_order(document: Document) -> OrderV0:
    """The one order of a payload, with its items.

    Raises Rejected ENVELOPE_BROKEN for several orders, LINES_MISSING for one without items.
    """
    orders = answers_of(document).orders
    if len(orders) > 1:
        detail = f"an answer with {len(orders)} orders is a document: send it to the document's endpoint"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "$")
    order = orders[0]
    if not order.items:
        detail = f"the order has no items, and an order without lines is none; {_HOW_TO_MERGE}"
        raise Rejected(RejectionCode.LINES_MISSING, detail, f"{order.path}.OrderItems")
    return order


def _objects(value: object, path: str) -> Iterator[_Place]:
    """Every element that holds others, outer ones first; the depth is bounded by the XML reader."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from _objects(one, f"{path}[{index}]")
    elif isinstance(value, dict):
        yield value, path
        for name, one in value.items():
            yield from _objects(one, f"{path}.{name}")


def _is_order(node: Node) -> bool:
    return "OrderStatus" in node and "AmazonOrderId" in node


def _items(node: Node, path: str) -> tuple[PlacedItem, ...]:
    held = node.get("OrderItems")
    if not isinstance(held, dict):
        return ()
    place, items = f"{path}.OrderItems.OrderItem", held.get("OrderItem")
    if isinstance(items, dict):
        return paged((PlacedItem(items, place),), node, path)
    found = items if isinstance(items, list) else ()
    placed = [
        PlacedItem(one, f"{place}[{index}]") for index, one in enumerate(found) if isinstance(one, dict)
    ]
    return paged(tuple(placed), node, path)


def _no_order(nodes: list[_Place]) -> Rejected:
    for node, path in nodes:
        if "ErrorResponse" in node:
            detail = "the service answered with an error, not with orders; repeat the call"
            return Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.ErrorResponse")
    if any("OrderItems" in node for node, _ in nodes):
        detail = "the items' order is missing: merge them with the answer of GetOrder or ListOrders"
        return Rejected(RejectionCode.FIELD_INVALID, detail, "$")
    detail = "no element holds an AmazonOrderId and an OrderStatus"
    return Rejected(RejectionCode.ID_MISSING, detail, "$")


def answers_document(data: bytes) -> Document:
    """The document of a payload; several that follow each other, each with its own declaration, are read
    as if they stood below one root. Raises Rejected ENVELOPE_BROKEN."""
    first, *later = data.split(_DECLARATION)
    if len(later) < 2:
        return xml_document(data)
    bare = (document.partition(b"?>")[2] for document in later)
    return xml_document(b"<answers>%b%b</answers>" % (first.removeprefix(BOM_UTF8), b"".join(bare)))


def items_xml(answer: Node) -> bytes:
    """An answer of ListOrderItems as a document of its own."""
    return xml_of("ListOrderItemsResult", answer)


def order_xml(order: OrderV0) -> bytes:
    """An order and its items as a document of their own."""
    items: list[object] = [item.node for item in order.items]
    whole = order.order | ({"OrderItems": {"OrderItem": items}} if items else {})
    if order.is_open:
        whole["NextToken"] = "…"
    return xml_of("Order", whole)
