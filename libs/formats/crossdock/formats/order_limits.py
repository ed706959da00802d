"""How large one payload may become: what multiplies within it is bounded before it is computed.

Invariant: time and memory grow with the payload, never with a product of its parts or with how often one
of its texts is referred to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, OrderDraft, TaxDraft

LINES_MAX: Final = 10_000
"""Most lines of one order; the record of so many is above the size limit of every topic anyway."""
ORDER_ID_CHARACTERS_MAX: Final = 255
"""An order's id stands in the keys of all that follows from it."""
LINE_ID_CHARACTERS_MAX: Final = 255
"""A line id stands in every allocation and extension of its line."""
PARTS_MAX: Final = 5_000
"""Most documents of one file: each becomes a record with some 600 bytes of headers, and an X12 one repeats
its ISA and GS."""
_SHARES_MAX: Final = 50_000
"""Most shares of order-level charges by lines: about 5 MB of output."""
_REASON_CHARACTERS_MAX: Final = 1_000
"""A reason or jurisdiction may be stated once and be referred to by every line."""


def too_many_lines(count: int, path: str) -> Rejected:
    """The refusal of an order with more than `LINES_MAX` lines."""
    detail = f"the order has {count} lines, at most {LINES_MAX} are read; send it in several orders"
    return Rejected(RejectionCode.OUTPUT_TOO_LARGE, detail, path)


def too_many_parts(path: str) -> Rejected:
    """The refusal of a file with more than `PARTS_MAX` documents."""
    detail = f"the file has more than {PARTS_MAX} documents; send it in several files"
    return Rejected(RejectionCode.OUTPUT_TOO_LARGE, detail, path)


def check_order(draft: OrderDraft) -> None:
    """Refuse what would multiply, and what no order can mean. Raises Rejected with the place."""
    lines = draft.lines
    if len(draft.order_id) > ORDER_ID_CHARACTERS_MAX:
        detail = f"the order's id has more than {ORDER_ID_CHARACTERS_MAX} characters"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, "order_id")
    if len(lines) > LINES_MAX:
        raise too_many_lines(len(lines), "lines")
    shares = (len(draft.adjustments) + len(draft.taxes)) * len(lines)
    if shares > _SHARES_MAX:
        detail = f"charges × lines is {shares}, at most {_SHARES_MAX}; state charges at their lines"
        raise Rejected(RejectionCode.OUTPUT_TOO_LARGE, detail, "adjustments")
    for line in lines:
        _check_line(line)
    _check_texts(_texts(draft.adjustments, draft.taxes), "adjustments")


def _check_line(line: LineDraft) -> None:
    if line.ordered < 0:
        detail = "the ordered quantity is negative; cancel or return goods in the fields for that"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, line.path)
    if len(line.line_id) > LINE_ID_CHARACTERS_MAX:
        detail = f"the line's id has more than {LINE_ID_CHARACTERS_MAX} characters"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, line.path)
    if line.adjustments or line.taxes:
        _check_texts(_texts(line.adjustments, line.taxes), line.path)


def _texts(adjustments: Iterable[AdjustmentDraft], taxes: Iterable[TaxDraft]) -> Iterator[str]:
    for adjustment in adjustments:
        yield adjustment.reason_raw
        for tax in adjustment.taxes:
            yield tax.jurisdiction
    for tax in taxes:
        yield tax.jurisdiction


def _check_texts(texts: Iterable[str], path: str) -> None:
    if any(len(text) > _REASON_CHARACTERS_MAX for text in texts):
        detail = f"a reason or jurisdiction has more than {_REASON_CHARACTERS_MAX} characters; shorten it"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, path)
