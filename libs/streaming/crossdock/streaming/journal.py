"""The crash journal: what ends the worker, told by the offset-commit metadata (R22).

Live records and kept entries have a journal each: while followers of a hold kill the worker, live records
succeed in between, and must not wipe out what is known about the entry.

Invariant: the journal lives on the broker, so the next owner of a slot knows what killed the last one,
wherever it runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

TRIES_MAX: Final = 3
"""The third time that one record is about to be tried, it is quarantined instead."""
CAUTIOUS_FROM: Final = 2
_TEXT = re.compile(r"^open=(\d+)(?:;try=([^@]+)@(\d+)\*(\d+))?$")


@dataclass(frozen=True, slots=True)
class Journal:
    """How often the slot was opened since its last success, and which record is being tried.

    Args:
        opened: assignments since the last committed batch.
        topic, offset, tries: the record that is tried alone, and how often it was.
    """

    opened: int = 0
    topic: str = ""
    offset: int = -1
    tries: int = 0

    @property
    def is_cautious(self) -> bool:
        """Whether records must be tried one at a time."""
        return self.opened >= CAUTIOUS_FROM

    @property
    def is_exhausted(self) -> bool:
        """Whether the record in hand ended the worker too often to be tried again."""
        return self.tries >= TRIES_MAX

    def reopened(self) -> Journal:
        """The journal after one more assignment."""
        return replace(self, opened=self.opened + 1)

    def trying(self, topic: str, offset: int) -> Journal:
        """The journal while one record is tried alone."""
        is_same = (topic, offset) == (self.topic, self.offset)
        return Journal(self.opened, topic, offset, self.tries + 1 if is_same else 1)

    def text(self) -> str:
        """As offset-commit metadata."""
        return f"open={self.opened}" + (f";try={self.topic}@{self.offset}*{self.tries}" if self.topic else "")

    @staticmethod
    def parse(metadata: str) -> Journal:
        """The journal in a committed position; foreign text counts as none."""
        match = _TEXT.match(metadata)
        if match is None:
            return Journal()
        topic, offset, tries = match[2] or "", int(match[3] or -1), int(match[4] or 0)
        return Journal(int(match[1]), topic, offset, tries)


@dataclass(frozen=True, slots=True)
class Journals:
    """Both journals of a slot."""

    live: Journal = field(default_factory=Journal)
    kept: Journal = field(default_factory=Journal)

    @property
    def are_closed(self) -> bool:
        """Whether nothing is open in either."""
        return not (self.live.opened or self.kept.opened)

    def reopened(self) -> Journals:
        """The journals after one more assignment."""
        return Journals(self.live.reopened(), self.kept.reopened())

    def text(self) -> str:
        """As offset-commit metadata."""
        return f"{self.live.text()}|{self.kept.text()}"

    @staticmethod
    def parse(metadata: str) -> Journals:
        """The journals in a committed position."""
        live, _, kept = metadata.partition("|")
        return Journals(Journal.parse(live), Journal.parse(kept))
