"""One message as numbered segments that know their place, whatever the EDI standard.

Invariant: what is refused is told with the place of its segment, counted from the head of its message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning
from crossdock.formats.edi.envelope import H, R


@dataclass(frozen=True, slots=True)
class Segment(Generic[R]):
    """A segment with its place."""

    row: R
    tag: str
    number: int
    """Counts from 1 (the message's head) within its message."""
    place: str
    """Place of the message."""

    def path(self, number: int = 0, part: int = 0) -> str:
        """Place of the segment, of one of its elements or components."""
        name = f"{self.place}/segment {self.number} {self.tag[:3]}"
        if not number:
            return name
        return f"{name}/{self.tag[:3]}{number:02d}" + (f".{part}" if part else "")

    def refuse(self, code: RejectionCode, detail: str, number: int = 0, part: int = 0) -> Rejected:
        """A refusal at this place."""
        return Rejected(code, detail, self.path(number, part))


@dataclass(slots=True)
class Document(Generic[H, R]):
    """A message, its envelope, and what was odd about them."""

    header: H
    group: R
    """Head of its group (GS, UNG); empty where it stands in none."""
    warnings: list[Warning]
    stated_count: int | None
    """How many segments its trailer states, where that is a number."""

    def warn(self, code: str, detail: str, path: str) -> None:
        """Adds something odd that does not stop the reading."""
        self.warnings.append(Warning(code, detail, path))
