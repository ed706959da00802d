"""Lines that an order has lost on its way, whatever the EDI standard.

Invariant: one count that lies refuses nothing; two that miss the same do, unless a total speaks against it.
"""

from __future__ import annotations

from typing import NamedTuple

from crossdock.canonical.models import Order, VarianceCode
from crossdock.formats.order_draft import StatedDraft


class Segments(NamedTuple):
    """How many segments an order has, and states."""

    read: int
    stated: int | None
    longest_line: int
    """No lost line can have had more segments."""
    names: tuple[str, str]
    """Places of the count of segments and of that of lines."""


def lost_lines(order: Order, stated: StatedDraft, segments: Segments) -> str:
    """What an order has lost by both of its counts, for the refusal; empty where they do not tell."""
    lines = stated.line_count
    if lines is None or lines != int(lines) or segments.stated is None or _is_whole(order, stated):
        return ""
    missing_lines, missing = int(lines) - order.line_count, segments.stated - segments.read
    if not 1 <= missing_lines <= missing <= missing_lines * segments.longest_line:
        return ""
    of_segments, of_lines = segments.names
    return (
        f"{of_segments} states {segments.stated} segments and {of_lines} {lines} lines, "
        f"but there are {segments.read} and {order.line_count}: segments are missing"
    )


def _is_whole(order: Order, stated: StatedDraft) -> bool:
    """Whether a stated total agrees with all that was read."""
    found = {variance.code for variance in order.variances}
    has_total = stated.total is not None and VarianceCode.ORDER_TOTAL not in found
    return has_total or (stated.quantity_total is not None and VarianceCode.QUANTITY_TOTAL not in found)
