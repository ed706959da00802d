"""The service's log: JSON lines without personal data, and refusals summed up instead of one line each.

Invariant: a flood of bad requests writes at most a bounded number of lines per interval, and what is
logged of a request is its code, endpoint and, where a profile is in force, its tenant and channel.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from typing import Final

import orjson
import structlog

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_NOISY: Final = ("aiokafka", "uvicorn", "asyncio")


def configure(level: str) -> None:
    """Send structlog's and the libraries' messages to standard error as JSON lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
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


class _Forward(logging.Handler):
    """Hands a library's message on, without its arguments: they may hold parts of a request."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        fault = type(record.exc_info[1]).__name__ if record.exc_info and record.exc_info[1] else None
        log.log(record.levelno, "library", logger=record.name, message=str(record.msg), error=fault)


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
