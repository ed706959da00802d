"""JSON lines of Shopify's bulk operations: a row with `__parentId` is a member of a list of an earlier row.

Invariant: every row keeps its own bytes; one whose parent is not in the file, or that does not say what it
is, stays by itself and is refused as a part.
"""

from __future__ import annotations

import json
from typing import Final

from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import text
from crossdock.formats.shopify.graphql import kind_of

_PARENT: Final = "__parentId"
_LISTS: Final = {"ProductVariant": "variants", "OrderTransaction": "transactions"}
"""Lists that are not named after what they hold."""


def joined_rows(rows: list[bytes]) -> list[bytes]:
    """The objects of an export with what belongs to them, in order; other documents as they came."""
    if not any(_PARENT.encode() in row for row in rows):
        return rows
    nodes = [_node(row) for row in rows]
    place_of: dict[str, int] = {}
    members: dict[int, dict[str, list[int]]] = {}
    placed = set()
    for index, node in enumerate(nodes):
        parent, name = place_of.get(text(node, _PARENT) or ""), _list_name(node)
        if parent is not None and name is not None:
            members.setdefault(parent, {}).setdefault(name, []).append(index)
            placed.add(index)
        place_of[text(node, "id") or str(index)] = index
    whole = list(rows)
    for index in sorted(members, reverse=True):  # a row stands after its parent: its own members come first
        lists = (
            b'"%s": [%s]' % (name.encode(), b", ".join(whole[one] for one in indexes))
            for name, indexes in members[index].items()
        )
        whole[index] = b"%s, %s}" % (rows[index].rstrip()[:-1], b", ".join(lists))
    return [document for index, document in enumerate(whole) if index not in placed]


def _node(row: bytes) -> Node:
    try:
        node = json.loads(row)
    except (ValueError, RecursionError):
        return {}
    return node if isinstance(node, dict) else {}


def _list_name(node: Node) -> str | None:
    """Name of the list that a row is a member of; a row without an id and a type that counts is a line."""
    kind = kind_of(node) or text(node, "__typename")
    if kind:
        return _LISTS.get(kind) or f"{kind[0].lower()}{kind[1:]}s"
    return "lineItems" if "quantity" in node else None
