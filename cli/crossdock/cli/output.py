"""What commands print: tables and cards for people, JSON for programs.

Invariant: text that came from outside cannot move a terminal's cursor: whatever is not printable is escaped;
with `--json` standard output holds JSON and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import Any

import click
import orjson

json_option = click.option("--json", "is_json", is_flag=True, help="Print JSON instead of text.")

_WIDTH_MAX = 60
_ACTING = re.compile(rb"\x7f|\xc2[\x80-\x9f]")
"""Control characters that JSON lets stand as they are; some terminals act on them."""


def printable(text: str, kept: str = "") -> str:
    """The text with everything escaped that a terminal would act on; characters in `kept` stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in text)


def printable_bytes(data: bytes, kept: str = "") -> str:
    """Bytes as text: UTF-8 where it is, `\\xNN` where it is not, control characters escaped."""
    return printable(data.decode("utf-8", errors="backslashreplace"), kept)


def as_json(document: object, *, indent: bool = False) -> bytes:
    """JSON on one line or indented; decimals and other exact values are text."""
    layout = orjson.OPT_INDENT_2 if indent else 0
    text = orjson.dumps(document, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | layout)
    return _ACTING.sub(lambda one: b"\\u%04x" % ord(one[0].decode()), text)


def _plain(value: Any) -> object:  # orjson hands over whatever it does not know
    if isinstance(value, bytes):
        return printable_bytes(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return str(value)


def print_json(document: object) -> None:
    """Print one JSON document on one line."""
    click.echo(as_json(document))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table with a heading; text is cut at 60 characters, numbers stand to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    is_number = [bool(cells) and all(_is_number(row[n]) for row in cells) for n in range(len(columns))]
    widths = [max([len(name), *(len(row[n]) for row in cells)]) for n, name in enumerate(columns)]
    click.secho(_line([name.upper() for name in columns], widths, is_number), bold=True)
    for row in cells:
        click.echo(_line(row, widths, is_number))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return instant(value)
    text = printable(str(value))
    return text if len(text) <= _WIDTH_MAX else text[: _WIDTH_MAX - 1] + "…"


def _is_number(text: str) -> bool:
    return text == "-" or text.lstrip("-+").replace(".", "", 1).isdigit()


def _line(cells: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> str:
    padded = [
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, is_number, strict=True)
    ]
    return "  ".join(padded).rstrip()


def print_rows(columns: Sequence[str], rows: Sequence[Mapping[str, object]], *, is_json: bool) -> None:
    """Print rows as one JSON list, or as a table of the named columns."""
    if is_json:
        print_json(rows)
    elif rows:
        print_table(columns, [[row.get(name) for name in columns] for row in rows])
    else:
        click.echo("None.")


def instant(moment: datetime) -> str:
    """A moment in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def age(seconds: float) -> str:
    """How long ago, in the largest unit that fits: `42 s`, `7 min`, `3 h`, `12 d`."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
