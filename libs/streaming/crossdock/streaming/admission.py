"""Whether a version of an object is new (canonical-model §2, "Ordering per source"; R16).

Invariant: whatever the order of arrival, the version that ends up accepted last is the highest one.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from crossdock.streaming.rows import Mark
from crossdock.streaming.topology import Marking


class Intake(StrEnum):
    """Outcome of one input record; exactly one each (runtime §2)."""

    ACCEPTED = "accepted"
    """Its step ran; outputs and state were committed with its offset."""
    REROUTED = "rerouted"
    """Written again, unchanged, to the partition that its key chooses."""
    DUPLICATE = "duplicate"
    """The same content is already accepted."""
    CONFLICT = "conflict"
    """The same revision with other content; opens an order-free entry."""
    SUPERSEDED = "superseded"
    """Older than what is already accepted."""
    REJECTED = "rejected"
    """Refused; opens a hold on its key."""
    HELD = "held"
    """Joins the open hold of its key."""
    WAITING = "waiting"
    """Waits for a reference row until a deadline."""
    ANSWERED = "answered"
    """A request on the replay lane; its answer is an audit entry."""


class Verdict(NamedTuple):
    """Judgement of admission: the outcome, whether the mark moves on, whether a tie was broken."""

    outcome: Intake
    advances: bool
    is_tie_broken: bool = False


_NEWER = Verdict(Intake.ACCEPTED, True)
_TIE_WON = Verdict(Intake.ACCEPTED, True, True)
_TIE_LOST = Verdict(Intake.SUPERSEDED, False, True)
_OLDER = Verdict(Intake.SUPERSEDED, False)
_CONFLICT = Verdict(Intake.CONFLICT, False)
_DUPLICATE = Verdict(Intake.DUPLICATE, False)
_ECHO = Verdict(Intake.DUPLICATE, True)


def microseconds(instant: datetime) -> int:
    """Microseconds since the epoch of an aware instant, exactly."""
    whole = int(instant.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + instant.microsecond


def mark_of(marking: Marking) -> Mark:
    """The row that remembers an accepted version."""
    revision = marking.revision
    return Mark(revision.kind, revision.value, microseconds(revision.captured_at), marking.digest)


def judge(known: Mark | None, new: Mark, is_original: bool) -> Verdict:
    """Compare a version with the last accepted one.

    A newer revision with equal content is a duplicate that moves the mark on: our own write-back
    comes home that way (F6), and a version between the two must still lose.
    """
    if known is None:
        return _NEWER
    if known.kind != new.kind:
        return _by_capture(known, new)
    if known.digest == new.digest:
        return _ECHO if new.value > known.value else _DUPLICATE
    if new.value < known.value:
        return _OLDER
    if new.kind == "none" and is_original:
        return _CONFLICT
    if new.value > known.value:
        return _NEWER
    return _tie(known, new)


def _tie(known: Mark, new: Mark) -> Verdict:
    if new.kind == "position":
        return _DUPLICATE
    if new.kind == "instant_coarse":
        return _TIE_WON if new.captured_us > known.captured_us else _TIE_LOST
    return _CONFLICT


def _by_capture(known: Mark, new: Mark) -> Verdict:
    # The profile's revision rule changed: values of two kinds do not compare, capture times do.
    if known.digest == new.digest:
        return _ECHO
    return _NEWER if new.captured_us >= known.captured_us else _OLDER
