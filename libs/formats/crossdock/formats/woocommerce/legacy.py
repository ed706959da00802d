"""Orders of WooCommerce's legacy API (`/wc-api/v1` to `v3`) under the names of today's API.

Invariant: only names change: every figure and text is the payload's own, and a refusal names the place in
the payload, not the place it was moved to.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.json_resource import holder_of

_ORDER: Final = {
    "number": "order_number",
    "date_created_gmt": "created_at",
    "date_modified_gmt": "updated_at",
    "shipping_total": "total_shipping",
    "discount_total": "total_discount",
    "customer_note": "note",
    "billing": "billing_address",
    "shipping": "shipping_address",
}
"""Today's name → the legacy one."""
_NESTED: Final = {
    "tax_lines": {"label": "title", "rate_code": "code"},
    "fee_lines": {"name": "title"},
    "coupon_lines": {"discount": "amount"},
}
HOLDERS: Final = ("data", "body")
"""Under which clients and workflow tools keep an answer's or a webhook's body."""
WRAPPERS: Final = frozenset({"data", "items", "create", "update"})
"""Names of the lists in answers of clients, of workflow tools, and of the batch endpoints."""
_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


_LINKS: Final = ("up", "self", "collection")


def linked(node: Node, marker: str) -> str | None:
    """The number that stands after `marker`, such as `/orders/`, in what a resource links to."""
    for link in (one for name in _LINKS for one in children(child(node, "_links"), name)):
        found = (text(link, "href") or "").partition(marker)[2].partition("/")[0].partition("?")[0]
        if found.isdigit():
            return found
    return None


class SaidOrder(NamedTuple):
    """An order under today's names; `names` leads back to the payload's, `path` to the order in it."""

    order: Node
    path: str
    names: Mapping[str, str]

    def place(self, path: str) -> str:
        """A path under today's names as the path in the payload."""
        if not path.startswith("$."):
            return path
        steps = path[2:]
        end = min((at for at in (steps.find("."), steps.find("[")) if at >= 0), default=len(steps))
        name = steps[:end]
        return f"{self.path}.{self.names.get(name, name)}{steps[end:]}"


def as_modern(root: Node) -> SaidOrder:
    """The order of a payload, without its wrapper and under today's names."""
    order, path = holder_of(root, "id", "order", *HOLDERS)
    is_modern = "date_created" in order or "date_created_gmt" in order
    is_legacy = "created_at" in order and "total" in order and not is_modern  # Shopify has created_at, too
    if not is_legacy:
        return SaidOrder(order, path, _NO_NAMES)
    modern = dict(order)
    for name, legacy in _ORDER.items():
        if legacy in order:
            modern.setdefault(name, order[legacy])
    method = child(order, "payment_details").get("method_id")
    if method is not None:
        modern.setdefault("payment_method", method)
    for name, renamed in _NESTED.items():
        if name in order:
            modern[name] = [_with_names(node, renamed) for node in children(order, name)]
    _place_shipping_tax(modern)
    return SaidOrder(modern, path, _ORDER)


def _with_names(node: Node, renamed: Mapping[str, str]) -> Node:
    return {name: node[legacy] for name, legacy in renamed.items() if legacy in node} | node


def _place_shipping_tax(order: Node) -> None:
    """The legacy API states the tax on shipping beside its lines; the first line carries it."""
    lines = children(order, "shipping_lines")
    if lines and not any("total_tax" in line for line in lines) and "shipping_tax" in order:
        order["shipping_lines"] = [{**lines[0], "total_tax": order["shipping_tax"]}, *lines[1:]]
