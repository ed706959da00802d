"""What a WooCommerce resource is: one webhook address often takes those of every topic.

Invariant: a resource of another kind is refused by name, however much of it could be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.json_document import Node

_MARKS: Final = (
    ("billing_period", "subscription"),  # whose renewals are orders of their own
    ("refunded_by", "refund"),
    ("refunded_payment", "refund"),
    ("discount_type", "coupon"),
    ("is_paying_customer", "customer"),
    ("regular_price", "product"),
    ("order_key", "order"),
)
"""Field that no other kind has → kind."""
_LESS_SURE: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "order": (("total", "order"), ("amount", "refund")),
    "product": (("line_items", "order"),),
    "refund": (),
}
"""Kind that is wanted → what tells others from it where nothing above is said, as in old versions."""


def refuse_other_kinds(node: Node, wanted: str, path: str) -> None:
    """Refuse what is plainly another resource than `wanted`. Raises Rejected FIELD_INVALID."""
    for mark, kind in (*_MARKS, *_LESS_SURE[wanted]):
        if mark in node:
            if kind != wanted:
                detail = f"the resource is of the kind {kind}, not {wanted}: filter by topic"
                raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.{mark}")
            return
