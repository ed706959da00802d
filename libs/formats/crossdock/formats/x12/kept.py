"""What an order says that has no field of its own: extensions, and notes for what is personal.

Invariant: personal text goes to notes, which are tagged; a segment outside all known tags is reported.
"""

from __future__ import annotations

import re
from typing import Final

from crossdock.canonical.models import Extension
from crossdock.formats.x12.document import Document, Segment
from crossdock.formats.x12.order_lines import LineReader, LineScan
from crossdock.formats.x12.tokenizer import SEGMENT_TAGS

_PERSONAL: Final = frozenset({"N1", "N2", "N3", "N4", "NX2", "NM1", "G61", "IN1", "IN2", "PER"})
"""Segments that may name people."""
_TAG: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_ENVELOPE: Final = frozenset({"ST", "SE"})
_NAME_LENGTH: Final = 40


class Kept:
    """Extensions and notes of one order, and where the walk over its segments stands."""

    def __init__(self, document: Document, lines: LineReader) -> None:
        self.document = document
        self.lines = lines
        self.is_summary = False
        """A CTT has come and no PO1 after it."""
        self.notes: list[str] = []
        self.extensions: list[Extension] = []

    @property
    def line(self) -> LineScan | None:
        """The line whose loop is open; None in header and summary."""
        return self.lines.scans[-1] if self.lines.scans and not self.is_summary else None

    def extend(self, name: str, value: str) -> None:
        """Keeps a value of the order, or of the open line."""
        name = name[:_NAME_LENGTH]
        if self.line is not None:
            self.line.keep(name, value)
        else:
            self.extensions.append(Extension(name=name, value=value))

    def note(self, text: str) -> None:
        """Keeps free or personal text; of a line with its id in front."""
        if text:
            self.notes.append(f"line {self.line.line_id}: {text}" if self.line is not None else text)

    def segment(self, segment: Segment) -> None:
        """Keeps a segment that has no place of its own."""
        said = segment.joined()
        if segment.tag in _ENVELOPE:
            return
        if segment.tag not in SEGMENT_TAGS:
            detail = "a segment tag that an 850 does not have; kept as said"
            self.document.warn("segment_unknown", detail, segment.path())
        if _TAG.fullmatch(segment.tag) is None:
            self.note(" ".join(f"{segment.row[0]} {said}".split()))
        elif segment.tag in _PERSONAL:
            self.note(" ".join(said.replace("*", " ").split()))
        elif said:
            self.extend(segment.tag, said)

    def all_extensions(self) -> tuple[Extension, ...]:
        """Those of the order, then those of its lines in order."""
        return (*self.extensions, *[extension for scan in self.lines.scans for extension in scan.extensions])
