"""Ids of the lines of one order.

Invariant: no two lines of an order have one id.
"""

from __future__ import annotations

from typing import Any

from crossdock.canonical.errors import RejectionCode
from crossdock.formats.edi.document import Document, Segment
from crossdock.formats.order_limits import LINE_ID_CHARACTERS_MAX, LINES_MAX, too_many_lines


class LineIds:
    """Numbers the lines of one order as they come."""

    def __init__(self, document: Document[Any, Any], element: str, what: str) -> None:
        self._document = document
        self._element = element
        """Name of the element with the line's number, its first, e.g. LIN01."""
        self._what = what
        """What a warning calls it."""
        self._position = 0
        self._taken: set[str] = set()

    def take(self, segment: Segment[Any], said: str) -> str:
        """Id of the next line: what its segment says, else its position.

        Raises:
            Rejected: `output_too_large` for too many lines, `field_invalid` for an id that is too long.
        """
        self._position += 1
        line_id = said or str(self._position)
        if self._position > LINES_MAX:
            raise too_many_lines(self._position, segment.path())
        if len(line_id) > LINE_ID_CHARACTERS_MAX:  # every extension of the line repeats it
            detail = (
                f"{self._element} has more than {LINE_ID_CHARACTERS_MAX} characters, it is a line's number"
            )
            raise segment.refuse(RejectionCode.FIELD_INVALID, detail, 1)
        if line_id in self._taken:
            where = f"one {self._what} in {self._element}"
            detail = f"two lines have {where}; the later one is numbered by its position"
            self._document.warn("line_id_repeated", detail, segment.path(1))
            line_id = f"{line_id}#{self._position}"
        self._taken.add(line_id)
        return line_id
