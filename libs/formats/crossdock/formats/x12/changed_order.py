"""An 860: the whole order where it replaces or cancels one, else a document that states changes only.

Invariant: only a purpose that means the whole order makes an order; whatever else an 860 says is never
taken for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from crossdock.canonical.reading import Reading
from crossdock.formats.edi.text import count_of
from crossdock.formats.x12.confirmation import ConfirmationReader
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Document, Segment
from crossdock.formats.x12.order_reading import order_of

_WHOLE: Final = frozenset({"01", "05"})
"""BCH01: cancel, replace."""
_CANCEL: Final = "01"
_DELETED: Final = "DI"


class _View(Segment):
    """A segment of an 860 under the element numbers of an 850; its place stays that of the 860."""

    __slots__ = ()
    _PLACES: ClassVar[dict[int, int]] = {}
    _OFFSET: ClassVar[int] = 0

    def _place(self, number: int) -> int:
        return self._PLACES.get(number, number + self._OFFSET)

    def get(self, number: int) -> str:
        """Element by its number in the 850."""
        return super().get(self._place(number))

    def path(self, number: int = 0, part: int = 0) -> str:
        """Place in the 860."""
        said = Segment(self.row, self.row[0].strip().upper(), self.number, self.place)
        return said.path(self._place(number) if number else 0, part)


class ChangedHead(_View):
    """A BCH as the BEG of the order that it replaces: BCH05 numbers the change, BCH06 is the order's date."""

    __slots__ = ()
    _PLACES: ClassVar[dict[int, int]] = {5: 6, 6: 5}


class ChangedLine(_View):
    """A POC as the PO1 that it makes: POC02 is the kind of change, POC04 what is still to be received."""

    __slots__ = ()
    _PLACES: ClassVar[dict[int, int]] = {1: 1, 2: 3}
    _OFFSET: ClassVar[int] = 2


def read_change(context: SetContext) -> Reading:
    """One order where the 860 replaces or cancels it, else one document. Raises Rejected."""
    head = context.segment("BCH")
    segments = context.document.segments
    if head.code(1) not in _WHOLE or not any(segment.tag == "POC" for segment in segments):
        return ConfirmationReader(context).read()
    return order_of(_whole_order(context, head), context.profile, context.record)


def _whole_order(context: SetContext, head: Segment) -> Document:
    """The 860 as the 850 that it makes: a deleted line is not in a replaced order."""
    document = context.document
    deleted = [
        segment for segment in document.segments if segment.tag == "POC" and segment.code(2) == _DELETED
    ]
    if head.code(1) == _CANCEL:
        deleted = []
    elif deleted:
        detail = f"{len(deleted)} lines are deleted by POC02; they are not in the order"
        context.warn("line_deleted", detail, deleted[0], 2)
    gone = {segment.number for segment in deleted}
    stated = document.stated_count
    return replace(
        document,
        segments=[_as_order(one, len(gone)) for one in document.segments if one.number not in gone],
        stated_count=None if stated is None else stated - len(gone),
    )


def _as_order(segment: Segment, deleted: int) -> Segment:
    if segment.tag == "BCH":
        return ChangedHead(segment.row, "BEG", segment.number, segment.place)
    if segment.tag == "POC":
        return ChangedLine(segment.row, "PO1", segment.number, segment.place)
    if segment.tag == "CTT" and deleted:  # it counts the deleted lines as well
        count = count_of(segment.get(1))
        return replace(segment, row=["CTT", segment.get(1) if count is None else str(count - deleted)])
    return segment
