"""The service's log: JSON lines without personal data, and refusals summed up instead of one line each.

Invariant: a flood of bad requests writes at most a bounded number of lines per interval, and what is
logged of a request is its code, endpoint and, where a profile is in force, its tenant and channel.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections import Counter
from typing import Final

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from crossdock.ingest.raw_record import Arrival

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_REPEAT_S: Final = 10.0
_NOISY: Final = ("aiokafka", "uvicorn", "asyncio")


def configure(level: str) -> None:
    """Send structlog's and the libraries' messages to standard error as JSON lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _bare_exception,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = _Forward()
    for name in _NOISY:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.WARNING)


def _bare_exception(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The stack without messages and variables: both may hold what a sender wrote."""
    if event.pop("exc_info", None):
        kind, error, trace = sys.exc_info()
        frames = traceback.extract_tb(trace) if error else []
        event["exception"] = kind.__name__ if kind else ""
        event["stack"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


class _Forward(logging.Handler):
    """Hands a library's message on, without its arguments: they may hold parts of a request.

    The same message again within ten seconds is only counted: clients complain many times a second
    while a broker is away.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        kind = (record.name, str(record.msg))
        told_at, silent = self._told.get(kind, (-_REPEAT_S, 0))
        if record.created - told_at < _REPEAT_S:
            self._told[kind] = (told_at, silent + 1)
            return
        self._told[kind] = (record.created, 0)
        fault = type(record.exc_info[1]).__name__ if record.exc_info and record.exc_info[1] else None
        structlog.get_logger().log(
            record.levelno, "library", logger=kind[0], message=kind[1], error=fault, repeated=silent
        )


def key_fault(arrival: Arrival, fault: Exception) -> None:
    """Say that a format's key() failed; its author wants to know, the sender does not."""
    structlog.get_logger().error(
        "key_failed", error=type(fault).__name__, tenant=arrival.tenant, channel=arrival.channel
    )


class RefusalJournal:
    """Counts refusals and writes the sums when told to."""

    def __init__(self, kinds_max: int = 1_000) -> None:
        self._kinds_max = kinds_max
        self._counts: Counter[tuple[str, str, str, str]] = Counter()

    def note(self, endpoint: str, code: str, tenant: str, channel: str) -> None:
        """Count one refusal; tenant and channel are empty unless a profile is in force."""
        kind = (endpoint, code, tenant, channel)
        if kind not in self._counts and len(self._counts) >= self._kinds_max:
            kind = (endpoint, code, "", "")
        self._counts[kind] += 1

    def write(self) -> None:
        """One line per kind of refusal since the last call."""
        counts, self._counts = self._counts, Counter()
        log = structlog.get_logger()
        for (endpoint, code, tenant, channel), count in sorted(counts.items()):
            log.warning("refused", endpoint=endpoint, code=code, tenant=tenant, channel=channel, count=count)
