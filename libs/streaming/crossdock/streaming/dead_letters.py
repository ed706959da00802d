"""Dead letters: the evidence of a refusal, with the original record byte for byte (R17, R20).

Invariant: key, value, timestamp and the leading headers of a dead letter are those of the source
record; everything we add stands in one block of `dlq.*` headers behind them.
"""

from __future__ import annotations

import hashlib
import traceback
from datetime import UTC, datetime, timedelta
from typing import Final

from crossdock.canonical import record as names
from crossdock.canonical.record import Headers
from crossdock.streaming.errors import OutputRefused, Rejected, RejectionCode
from crossdock.streaming.identity import Installation
from crossdock.streaming.rows import Entry

PREFIX: Final = "dlq."
_BLOCK_BYTES: Final = 8 * 1024
_SHARE_BYTES: Final = 256
_SHARES: Final = {"err.stack": 3 * 1024, "err.msg": 1024}
"""Bytes of a field: what strangers put into their headers must not burst the block."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def strip(headers: Headers) -> Headers:
    """Headers as the source record had them: without the block that a dead letter adds."""
    return tuple(header for header in headers if not header[0].startswith(PREFIX))


def headers_of(installation: Installation, group: str, entry: Entry, cause: Cause) -> Headers:
    """Original headers first, then the block; the block stays within 8 KiB."""
    record = entry.record
    value = record.value or b""
    block = {
        "v": "1",
        "id": entry.entry_id,
        "n": str(entry.n),
        "src.topic": record.topic,
        "src.partition": str(record.partition),
        "src.offset": str(record.offset),
        "src.ts": str(record.timestamp_ms),
        "group": group,
        "svc": installation.service,
        "svc.version": installation.code_version,
        "stage": entry.stage,
        "err.code": entry.code,
        "err.class": cause.error_class,
        "err.msg": f"{entry.detail} (at {entry.path})" if entry.path else entry.detail,
        "err.stack": cause.stack,
        "err.fp": entry.fingerprint,
        "attempts": str(entry.n),
        "first_at": _instant(entry.first_us),
        "at": _instant(entry.last_us),
        "retryable": "true",
        "event_id": record.header(names.CE_ID) or "",
        "tenant": record.header(names.CE_TENANT) or "",
        "channel": record.header(names.CE_CHANNEL) or "",
        "sha256": hashlib.sha256(value).hexdigest(),
        "len": str(len(value)),
        "schema.w": str(int.from_bytes(value[1:5], "big")) if value[:1] == b"\0" and len(value) > 4 else "",
        "schema.r": cause.reader_schema,
        "replay.job": cause.job,
    }
    encoded = tuple((PREFIX + name, _clipped(name, text)) for name, text in block.items())
    size = sum(len(name) + len(text) for name, text in encoded)
    assert size <= _BLOCK_BYTES, f"the dead letter block has {size} bytes"
    return (*record.headers, *encoded)


def _clipped(name: str, text: str) -> bytes:
    """UTF-8 within the share of the block that a field has; the innermost end of a stack is kept."""
    share = _SHARES.get(name, _SHARE_BYTES)
    piece = text.encode(errors="replace")
    piece = piece[-share:] if name == "err.stack" else piece[:share]
    return piece.decode(errors="ignore").encode()


class Cause:
    """What went wrong beyond code and detail; kept only in the dead letter.

    Args:
        error_class: name of the exception's class.
        stack: where it was raised, only for our own faults; holds no values.
        job: operator job that tried it again.
        stage: where it happened (R20), where that is not the stage that the engine is in.
    """

    __slots__ = ("error_class", "job", "reader_schema", "stack", "stage")

    def __init__(
        self, error_class: str = "", stack: str = "", job: str = "", reader_schema: str = "", stage: str = ""
    ) -> None:
        self.stage = stage
        self.error_class = error_class
        self.stack = stack
        self.job = job
        self.reader_schema = reader_schema


def crashed() -> tuple[Rejected, Cause]:
    """The refusal of what ended the worker repeatedly (R22)."""
    detail = "processing this record ended the worker three times; look at the stack in the worker's log"
    return Rejected(RejectionCode.CRASHED, detail), Cause("Crash", stage="crash")


def output_refused(error: OutputRefused) -> tuple[Rejected, Cause]:
    """The refusal of what makes an output that the broker does not take (R9)."""
    return Rejected(RejectionCode.OUTPUT_TOO_LARGE, str(error)), Cause("OutputRefused", stage="encode")


def fault_of(error: Exception) -> tuple[Rejected, Cause]:
    """An unexpected exception as a refusal: a fault of ours, with its stack and without any value."""
    frames = [(f.filename.rpartition("crossdock/")[2], f) for f in traceback.extract_tb(error.__traceback__)]
    place = f"{frames[-1][0]}:{frames[-1][1].name}" if frames else "unknown"
    detail = f"{type(error).__name__} in {place}; a fault of Crossdock, the record is kept"
    stack = "".join(f"{path}:{frame.lineno} {frame.name}\n" for path, frame in frames)
    return Rejected(RejectionCode.INTERNAL_ERROR, detail), Cause(type(error).__name__, stack)


def _instant(microseconds: int) -> str:
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="microseconds")
