"""The crash journal: what ends the worker, told by the offset-commit metadata (R22).

Live records and kept entries have a journal each, and a journal notes one try per input: whatever succeeds
beside a record that kills, it does not wipe out what is known about that record.

Invariant: the journal lives on the broker, so the next owner of a slot knows what killed the last one,
wherever it runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

TRIES_MAX: Final = 3
"""The third time that one record is about to be tried, it is quarantined instead."""
CAUTIOUS_FROM: Final = 2
_TEXT = re.compile(r"^open=(\d+)((?:;try=[^;@]+@\d+\*\d+)*)$")
_TRY = re.compile(r";try=([^;@]+)@(\d+)\*(\d+)")
Try = tuple[int, int]
"""(offset, times): the record of an input that is tried alone, and how often it was."""


@dataclass(frozen=True, slots=True)
class Journal:
    """How often the slot was opened since its last success, and which records were tried and did not end.

    Args:
        opened: assignments since the last committed batch.
        tries: input topic → the record of it that is tried.
    """

    opened: int = 0
    tries: Mapping[str, Try] = field(default_factory=dict)

    @property
    def is_cautious(self) -> bool:
        """Whether records must be tried one at a time."""
        return self.opened >= CAUTIOUS_FROM or bool(self.tries)

    def is_exhausted(self, topic: str, offset: int) -> bool:
        """Whether a record ended the worker too often to be tried again."""
        return self._times(topic, offset) >= TRIES_MAX

    def reopened(self) -> Journal:
        """The journal after one more assignment."""
        return Journal(self.opened + 1, self.tries)

    def trying(self, topic: str, offset: int) -> Journal:
        """The journal while one record is tried alone."""
        return Journal(self.opened, {**self.tries, topic: (offset, self._times(topic, offset) + 1)})

    def succeeded(self, next_offsets: Mapping[str, int]) -> Journal:
        """The journal after a commit: tries of records that the inputs have passed are over."""
        open_tries = {t: tried for t, tried in self.tries.items() if tried[0] >= next_offsets.get(t, 0)}
        return Journal(0, open_tries)

    def text(self) -> str:
        """As offset-commit metadata."""
        tries = "".join(f";try={topic}@{offset}*{times}" for topic, (offset, times) in self.tries.items())
        return f"open={self.opened}{tries}"

    @staticmethod
    def parse(metadata: str) -> Journal:
        """The journal in a committed position; foreign text counts as none."""
        match = _TEXT.match(metadata)
        if match is None:
            return Journal()
        tries = {t: (int(offset), int(times)) for t, offset, times in _TRY.findall(match[2])}
        return Journal(int(match[1]), tries)

    def _times(self, topic: str, offset: int) -> int:
        known, times = self.tries.get(topic, (-1, 0))
        return times if known == offset else 0


@dataclass(frozen=True, slots=True)
class Journals:
    """Both journals of a slot."""

    live: Journal = field(default_factory=Journal)
    kept: Journal = field(default_factory=Journal)

    @property
    def are_closed(self) -> bool:
        """Whether nothing is open in either."""
        return self == Journals()

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
