"""Item rows of a Magento order: parents, children, and where their price stands.

Invariant: no amount and no quantity is counted twice. A configurable product is one line, its parent row,
which has price and quantity; a bundle is its parent and its children, and each figure of the parent counts
only where the children have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import children, text

_ONE_LINE: Final = frozenset({"configurable"})
"""Parents whose single child is the variant that was bought, under the same SKU."""


@dataclass(slots=True)
class Row:
    """One item row that becomes a line.

    Args:
        children: rows of its bundle; empty for all others.
        variant: the child of a configurable product.
        parent: the row of the bundle that it belongs to.
    """

    node: Node
    path: str
    children: list[Node] = field(default_factory=list)
    variant: Node | None = None
    parent: Node | None = None

    @property
    def parent_id(self) -> str | None:
        """Line id of the bundle that the row belongs to."""
        return None if self.parent is None else text(self.parent, "item_id")

    def states(self, name: str) -> bool:
        """Whether the row's figure counts: a bundle's only where its children have none."""
        return not any(_is_some(child, name) for child in self.children)


def magento_rows(nodes: list[Node], path: str) -> list[Row]:
    """Rows in the order of the payload; a parent that stands only inside of its child takes its place."""
    rows: dict[str, Row] = {}
    found = [Row(node, place) for node, place in _with_parents(nodes, path)]
    for row in found:
        rows.setdefault(text(row.node, "item_id") or "", row)
    return [row for row in found if not _is_absorbed(row, rows)]


def _with_parents(nodes: list[Node], path: str) -> Iterator[tuple[Node, str]]:
    listed = {text(node, "item_id") for node in nodes}
    for index, node in enumerate(nodes):
        place = f"{path}[{index}]"
        parent = node.get("parent_item")
        if isinstance(parent, dict) and text(parent, "item_id") not in listed:
            listed.add(text(parent, "item_id"))
            yield parent, f"{place}.parent_item"
        yield node, place


def _is_absorbed(row: Row, rows: dict[str, Row]) -> bool:
    """Ties a child to its parent; True where it is no line of its own."""
    number = text(row.node, "parent_item_id")
    nested = row.node.get("parent_item")
    if number is None and isinstance(nested, dict):
        number = text(nested, "item_id")
    parent = rows.get(number) if number else None
    if parent is None or parent is row:
        return False
    if text(parent.node, "product_type") in _ONE_LINE:
        if parent.variant is not None:  # a second one is nobody's variant: a row that stands twice
            return False
        parent.variant = row.node
        return True
    parent.children.append(row.node)
    row.parent = parent.node
    return False


def _is_some(node: Node, name: str) -> bool:
    value = node.get(name)
    if value is None or isinstance(value, dict | list | bool):
        return False
    return bool(str(value).strip(" 0.-+"))


def item_nodes(order: Node) -> str:
    """Name of the field that holds the item rows: `items`, in older exports `order_items`."""
    return "items" if "items" in order or not children(order, "order_items") else "order_items"
