"""Places in the logs of databases, as text that sorts as the log runs.

Invariant: a place is made of the log's own figures; a clock stands in only where a tool states no place
at all, and then its format says so among its quirks.
"""

from __future__ import annotations

from typing import Final

from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import text

NUMBER_DIGITS: Final = 20
"""Digits of 2^64 − 1."""
_FILE_DIGITS: Final = 10
_SERIAL_DIGITS: Final = 9
_NO_LSN: Final = "00000000:00000000:0000"


def log_place(source: Node) -> str | None:
    """Sortable place of a source block or of unwrapped metadata fields; None where it names none.

    Postgres `lsn` (number or X/Y), SQL Server and Db2 `commit_lsn` and `change_lsn`, MySQL and MariaDB
    `file` and `pos`, Oracle `scn`.
    """
    for read in (_postgres, _sql_server, _mysql, _oracle):
        place = read(source)
        if place is not None:
            return place
    return None


def _postgres(source: Node) -> str | None:
    raw = text(source, "lsn")
    if raw is None:
        return None
    high, slash, low = raw.partition("/")
    if not slash:
        return padded(raw)
    try:
        return padded(str((int(high, 16) << 32) | int(low, 16)))
    except ValueError:
        return None


def _sql_server(source: Node) -> str | None:
    commit = text(source, "commit_lsn")
    if commit is None:
        return None
    return f"{commit.lower()}:{(text(source, 'change_lsn') or _NO_LSN).lower()}"


def _mysql(source: Node) -> str | None:
    position = padded(text(source, "pos") or "")
    return None if position is None else f"{file_number(text(source, 'file') or '')}:{position}"


def _oracle(source: Node) -> str | None:
    return padded(text(source, "scn") or "")


def file_number(name: str) -> str:
    """The counter of a binlog file's name: mysql-bin.000003 is 0000000003."""
    counter = name.rpartition(".")[2]
    return (counter if counter.isascii() and counter.isdigit() else "").zfill(_FILE_DIGITS)


def padded(number: str, digits: int = NUMBER_DIGITS) -> str | None:
    """A natural number with leading zeros; None where the text is none or has more digits."""
    is_number = number.isascii() and number.isdigit() and len(number) <= digits
    return number.zfill(digits) if is_number else None


def serial_of(source: Node) -> int | None:
    """Order among events of one place as the source numbers them; None where it does not."""
    for name in ("event_serial_no", "row", "ssn"):
        number = padded(text(source, name) or "", _SERIAL_DIGITS)
        if number is not None:
            return int(number)
    return None
