"""Format strings of `crossdock tail -f`, with kcat's tokens.

    %s value, decoded   %S its length    %k key          %K its length   %h headers
    %t topic            %p partition     %o offset       %T timestamp in milliseconds
    %j the whole record as JSON          %% a percent sign

Invariant: a format is read whole before the first record is shown; bytes from outside are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import click

from crossdock.canonical.record import Record
from crossdock.cli.output import as_json, printable, printable_bytes
from crossdock.cli.record_view import RecordView

_TOKEN = re.compile(r"%(.)|\\(x[0-9a-fA-F]{2}|.)|([^%\\]+)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "0": "\0"}
Part = Callable[[Record], str]


def read_format(text: str, view: RecordView) -> Part:
    """The function that a format string describes. Raises BadParameter for an unknown token."""
    known = _tokens(view)
    parts: list[Part] = []
    end = 0
    for match in _TOKEN.finditer(text):
        token, escape, literal = match.groups()
        if token is not None and token not in known:
            raise click.BadParameter(
                f"%{token} is unknown: use {' '.join('%' + one for one in known)}", param_hint="-f"
            )
        parts.append(known[token] if token is not None else _constant(literal or _unescaped(escape)))
        end = match.end()
    if end != len(text):
        raise click.BadParameter("a lone % or \\ stands at the end", param_hint="-f")
    return lambda record: "".join(part(record) for part in parts)


def _constant(text: str) -> Part:
    return lambda _: text


def _unescaped(escape: str) -> str:
    return chr(int(escape[1:], 16)) if escape[0] == "x" and len(escape) == 3 else _ESCAPES.get(escape, escape)


def _tokens(view: RecordView) -> dict[str, Part]:
    return {
        "s": view.text,
        "S": lambda record: str(-1 if record.value is None else len(record.value)),
        "k": lambda record: printable_bytes(record.key or b""),
        "K": lambda record: str(-1 if record.key is None else len(record.key)),
        "h": _headers,
        "t": lambda record: record.topic,
        "p": lambda record: str(record.partition),
        "o": lambda record: str(record.offset),
        "T": lambda record: str(record.timestamp_ms),
        "j": lambda record: as_json(view.document(record)).decode(),
        "%": _constant("%"),
    }


def _headers(record: Record) -> str:
    return ",".join(
        f"{printable(name)}={'NULL' if value is None else printable_bytes(value)}"
        for name, value in record.headers
    )
