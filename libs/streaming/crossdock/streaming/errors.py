"""Everything that can go wrong while records are processed, and whose fault it is.

Rejected            the record's fault: dead letter, hold on its key (crossdock.canonical.errors)
Waiting             the record refers to something that has not come yet
StreamingError      ours and the world's
├── Retryable       the world's fault (broker, registry, peer): back off, stay unready, alert;
│   │               never a dead letter
│   ├── Aborted     the open transaction must be aborted; the batch is run again
│   │   └── OutputRefused   the broker refused one of the outputs of the batch
│   └── InDoubt     the commit may have landed: new producer, state and offsets are read again
├── Fenced          another worker owns this ordinal now; this one must end
├── SlotStopped     the slot cannot go on without an operator (alarm)
└── ConfigurationError  found at start, all problems in one message
"""

from __future__ import annotations

from crossdock.canonical.errors import Rejected, RejectionCode, Waiting

__all__ = [
    "Aborted",
    "ConfigurationError",
    "Fenced",
    "InDoubt",
    "OutputRefused",
    "Rejected",
    "RejectionCode",
    "Retryable",
    "SlotStopped",
    "StreamingError",
    "Waiting",
]


class StreamingError(Exception):
    """Base of all errors that are not the record's fault."""


class Retryable(StreamingError):
    """The world is in trouble; the same call may succeed later."""


class Aborted(Retryable):
    """The transaction is lost but the producer is good: abort, drop the overlay, seek back."""


class OutputRefused(Aborted):
    """The broker refused an output for what it is (size, for example), not for its own state."""


class InDoubt(Retryable):
    """A commit, abort or offset call timed out or the producer is fatally broken (R6, R7)."""


class Fenced(StreamingError):
    """Another process runs under this ordinal."""


class SlotStopped(StreamingError):
    """One slot stands still and says why.

    Args:
        code: stable reason, for example `position_mismatch` or `rejections_in_row`.
        detail: a sentence for the operator.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class ConfigurationError(StreamingError):
    """The installation cannot run as configured; lists every problem found."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["the configuration cannot work:", *(f"  - {text}" for text in problems)]))
        self.problems = problems
