"""The row of a change as a mapping reads it: by column, with the types of the event and its gaps.

Invariant: a value that the log did not repeat is taken from the row before or is a refusal, never null; a
column that the event lacks is None and is told apart from that.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.cdc.change import Change, Op
from crossdock.formats.cdc.column_types import ColumnType
from crossdock.formats.cdc.values import decimal_of, flag_of, moment_of, text_of
from crossdock.formats.json_document import Node, place_name
from crossdock.formats.json_fields import exact

PLACEHOLDER: Final = "__debezium_unavailable_value"
_PLACEHOLDERS: Final = frozenset({PLACEHOLDER, base64.b64encode(PLACEHOLDER.encode()).decode()})
_WHOLE_ROWS: Final = "log whole rows: REPLICA IDENTITY FULL in Postgres, binlog_row_image=FULL in MySQL"
NOT_REPEATED: Final = f"the log does not repeat the unchanged value of this column; {_WHOLE_ROWS}"
"""Why a column has no value, and what to do."""
_MYSQL: Final = frozenset({"mysql", "mariadb"})
_ABSENT: Final = object()
Warn = Callable[[str, str, str], None]
"""Notes an oddity: code, detail, path."""


def is_unavailable(value: object) -> bool:
    """Whether a value stands for one that the log did not repeat: as text, base64, map or list."""
    if isinstance(value, str):
        return value in _PLACEHOLDERS or (PLACEHOLDER in value and len(value) <= 2 * len(PLACEHOLDER) + 20)
    if isinstance(value, dict):
        return len(value) == 1 and next(iter(value)) in _PLACEHOLDERS
    return (
        isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and is_unavailable(value[0])
    )


class Row:
    """One row, after the change or, of a delete, before it.

    Args:
        key: columns of the primary key, as the mapping names them.
        warn: notes oddities that do not stop the reading.
    """

    def __init__(self, change: Change, key: tuple[str, ...], warn: Warn) -> None:
        self.change = change
        self.warn = warn
        self.key = _named(change, key)
        held = change.after if change.after is not None else change.before
        self._values: Node = {**self.key, **(held or {})}
        self.is_key_only = change.op is Op.DELETE and _has_nothing_but(held, self.key)

    def value(self, column: str) -> object:
        """Value of a column, None where null or not in the row. Raises Rejected FIELD_INVALID."""
        value = self._values.get(column)
        if not isinstance(value, str | dict | list) or not is_unavailable(value):
            return value
        previous = (self.change.before or {}).get(column)
        if previous is None or is_unavailable(previous) or self.change.after is None:
            raise Rejected(RejectionCode.FIELD_INVALID, NOT_REPEATED, self.path(column))
        return previous

    def unavailable(self) -> Iterator[str]:
        """Columns whose unchanged value neither the event nor its row before holds."""
        before = self.change.before or {}
        for column, value in self._values.items():
            former = before.get(column)
            if is_unavailable(value) and (former is None or is_unavailable(former)):
                yield column

    def path(self, column: str) -> str:
        """Place of a column in the payload."""
        return f"{self.change.path}{place_name(column)}"

    def kind(self, column: str) -> ColumnType | None:
        """Type of a column in the event's schema block."""
        return self.change.types.get(column)

    def text(self, column: str) -> str | None:
        """A column as text. Raises Rejected FIELD_INVALID, Inexact."""
        value = self.value(column)
        if value is None or (type(value) is str and value.isalnum() and column not in self.change.types):
            return value
        return str(value) if type(value) is int else self._text(column, value)

    def _text(self, column: str, value: object) -> str | None:
        return text_of(value, self.path(column), self.kind(column))

    def number(self, column: str, scale: int | None = None) -> Decimal | None:
        """A column as exact decimal. Raises Rejected AMOUNT_UNPARSABLE, Inexact."""
        value = self.value(column)
        if value is None or type(value) is int:
            return None if value is None else Decimal(value)
        return decimal_of(value, self.path(column), self.kind(column), scale=scale)

    def flag(self, column: str) -> bool | None:
        """A column as yes or no. Raises Rejected FIELD_INVALID."""
        return flag_of(self.value(column), self.path(column))

    def moment(self, column: str, zone: str | None) -> datetime | date | None:
        """A column as instant or day. Raises Rejected TIME_INVALID."""
        value = self.value(column)
        if value is None or value == "":
            return None
        path = self.path(column)
        found = moment_of(value, path, self.kind(column), zone=zone)
        is_zero = value == 0 and self.change.system in _MYSQL
        if is_zero or found is None:
            self.warn("date_missing", "MySQL's zero date is no date; read as none", path)
            return None
        return found

    def kept(self, column: str) -> str | None:
        """A column as it is, as text; None, with a warning, where the log does not repeat it."""
        try:
            value = self.value(column)
            is_text = isinstance(value, str) and self.kind(column) is None
            return str(value) if is_text else self._text(column, value)
        except Rejected as refusal:
            self.warn("value_unavailable", refusal.detail, refusal.path)
            return None

    def missing(self, field: str) -> Rejected:
        """The refusal of a row without a value that the entity needs."""
        if self.is_key_only:
            detail = f"the delete names only the row's key, and {field} is needed; {_WHOLE_ROWS}"
            return Rejected(RejectionCode.ID_MISSING, detail, self.change.path)
        detail = f"the row has no value for {field}; capture its column, or change the table mapping"
        return Rejected(RejectionCode.FIELD_INVALID, detail, self.change.path)

    def is_unchanged(self, columns: Iterable[str]) -> bool:
        """Whether the event itself shows that an update left all these columns as they were.

        Raises Inexact.
        """
        before, after = self.change.before, self.change.after
        if self.change.op is not Op.UPDATE or before is None or after is None:
            return False
        pairs = ((before.get(column, _ABSENT), after.get(column, _ABSENT)) for column in columns)
        return all(exact(former) == exact(new) for former, new in pairs)


def _named(change: Change, key: tuple[str, ...]) -> dict[str, str]:
    """The key by the mapping's column names: the row's own values, else those of the record's key.

    A lone value without a name belongs to the only column.
    """
    held = (change.after if change.after is not None else change.before) or {}
    found: dict[str, str] = {}
    for name in key:
        word = text_of(held.get(name), f"{change.path}{place_name(name)}", change.types.get(name))
        word = word or change.key.get(name) or (change.key.get("") if len(key) == 1 else None)
        if word is None:
            return {}
        found[name] = word
    return found


def _has_nothing_but(row: Node | None, key: Iterable[str]) -> bool:
    names = set(key)
    return all(value is None for name, value in (row or {}).items() if name not in names)
