"""Framing of PayPal's report files: rows that say by a two-letter tag what they are.

Invariant: a row belongs to the section that is open where it stands, and to the header row above it; a
quote that is not closed ends where the next tag begins.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning
from crossdock.formats.report_file import (
    ROWS_MAX,
    Cells,
    Columns,
    Header,
    ReportFile,
    Row,
    decoded,
    refuse_other_than_rows,
)

_TAG: Final = re.compile(r'\s*"?(RH|FH|SH|CH|SB|SF|SC|RF|RC|FF)"?\s*(?=[,;|\t]|$)')
_FOOTERS: Final = frozenset({"SF", "SC", "RF", "RC", "FF"})
_DELIMITER: Final = re.compile(r'^\s*"?CH"?\s*([,;|\t])', re.MULTILINE)


@dataclass(slots=True)
class Section:
    """Bookings of one account in one period.

    Args:
        title: cells of the SH row: period from and to, account.
        footers: cells of the SF rows, one per currency.
        count: SC, how many bookings the section states; None where it does not.
    """

    title: Cells = field(default_factory=list)
    line: int = 0
    rows: list[Row] = field(default_factory=list)
    footers: list[Cells] = field(default_factory=list)
    count: int | None = None

    def said(self, place: int) -> str:
        """A cell of the title; empty where it has none."""
        return self.title[place].strip() if place < len(self.title) else ""

    @property
    def account(self) -> str:
        """PayPal's id of the account, else the partner's; never an e-mail address that stands there."""
        found = self.said(3) or self.said(4)
        return "" if "@" in found else found


@dataclass(slots=True)
class PayPalReport:
    """A file in its sections."""

    file: ReportFile
    sections: list[Section]
    footers: list[Cells]
    """RF rows: sums of the whole report, one per currency."""
    number: int
    """FH: which file of the report this is; 1 where it does not say."""
    count: int | None
    """FF: how many bookings the file states."""
    whole: int | None = None
    """RC: how many bookings the report states, which may stand in several files."""
    is_ended: bool = False
    """Whether a footer of any kind follows the last booking."""

    @property
    def is_whole(self) -> bool:
        """Whether the report has no other file, as far as this one tells: its footers stand in the last."""
        return self.number == 1

    def counts(self) -> Iterator[tuple[int, str, int, int]]:
        """(place of the section, what states it, stated, found) of each count: SC beside the rows of its
        section; FF and RC, of the first, where they say neither how many rows there are nor what the
        sections say, so that one row too few is told once."""
        for place, section in enumerate(self.sections):
            if section.count is not None:
                yield place, "section.SC", section.count, len(section.rows)
        rows = len(self.file.rows)
        told = sum(len(one.rows) if one.count is None else one.count for one in self.sections)
        for name, stated in (("file.FF", self.count), ("report.RC", self.whole if self.is_whole else None)):
            if stated not in (None, told):
                yield 0, name, stated, rows


def count_of(cells: Cells, place: int = 1) -> int | None:
    """A count; None where the cell is no plain number."""
    text = cells[place].strip() if place < len(cells) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _added(before: int | None, count: int | None) -> int | None:
    """Counts of files that were put together add up."""
    return count if before is None else before + (count or 0)


def read_paypal(data: bytes, columns: Columns) -> PayPalReport:
    """The sections of a file. Raises Rejected ENVELOPE_BROKEN where it has no CH row with the columns."""
    warnings: list[Warning] = []
    text = decoded(data, warnings)
    found = _DELIMITER.search(text)
    if found is None:
        refuse_other_than_rows(text.split("\n", 1))
        detail = "no CH row names the columns of a PayPal report"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "line 1")
    return _Reader(text.split("\n"), found[1], columns, warnings).report()


class _Reader:
    def __init__(self, lines: list[str], delimiter: str, columns: Columns, warnings: list[Warning]) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._columns = columns
        self._warnings = warnings
        self._header: Header | None = None
        self._first: Header | None = None
        self._sections: list[Section] = []
        self._footers: list[Cells] = []
        self._number = 1
        self._count: int | None = None
        self._whole: int | None = None
        self._is_ended = False

    def report(self) -> PayPalReport:
        starts = [place for place, line in enumerate(self._lines) if _TAG.match(line)]
        if len(starts) > ROWS_MAX:
            detail = f"the file has more than {ROWS_MAX} rows; send it in several files"
            raise Rejected(RejectionCode.OUTPUT_TOO_LARGE, detail, "line 1")
        for start, end in zip(starts, [*starts[1:], len(self._lines)], strict=True):
            self._take(start, self._end(start, end))
        if self._first is None:
            needed = ", ".join(self._columns.names[one][0] for one in self._columns.needed)
            detail = f"no CH row has the columns {needed}"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "line 1")
        rows = [row for section in self._sections for row in section.rows]
        file = ReportFile(self._lines, self._delimiter, self._first, rows, [], self._warnings)
        return PayPalReport(
            *(file, self._sections, self._footers, self._number, self._count, self._whole, self._is_ended)
        )

    def _end(self, start: int, end: int) -> int:
        """Where a row ends: blank lines behind it are none of its own."""
        while end > start + 1 and not self._lines[end - 1].strip():
            end -= 1
        return end

    def _take(self, start: int, end: int) -> None:
        text = self._lines[start:end]
        is_open = sum(line.count('"') for line in text) % 2 == 1
        try:
            cells = next(csv.reader(line + "\n" for line in text))
            if self._delimiter != ",":
                cells = next(csv.reader((line + "\n" for line in text), delimiter=self._delimiter))
        except (csv.Error, StopIteration):
            cells, is_open = text[0].split(self._delimiter), True
        tag = cells[0].strip().strip('"')
        problem = "a quote is opened and not closed within the row" if is_open else ""
        self._is_ended = tag in _FOOTERS
        if tag == "SB":
            self._body(Row(start + 1, cells, self._below(start + 1), problem, end - start))
        elif tag == "CH":
            self._columns_row(start + 1, cells)
        else:
            self._frame(tag, start + 1, cells)

    def _below(self, line: int) -> Header:
        if self._header is None:
            detail = "a booking stands above the CH row that names its columns"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"line {line}")
        return self._header

    def _body(self, row: Row) -> None:
        if not self._sections:
            self._sections.append(Section())
        self._sections[-1].rows.append(row)

    def _columns_row(self, line: int, cells: Cells) -> None:
        header = Header.of(line, cells, self._columns)
        if header is None:
            missing = [self._columns.names[one][0] for one in self._columns.needed]
            detail = f"the CH row lacks one of the columns {', '.join(missing)}"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"line {line}")
        title = self._sections[-1].line if self._sections else 0
        self._header = Header(line, cells, header.places, title)
        self._first = self._first or self._header

    def _frame(self, tag: str, line: int, cells: Cells) -> None:
        if tag == "SH":
            self._sections.append(Section(cells, line))
        elif tag in ("SF", "SC"):
            self._close(tag, cells)
        elif tag == "RF":
            self._footers.append(cells)
        elif tag == "FF":
            self._count = _added(self._count, count_of(cells))
        elif tag == "RC":
            self._whole = _added(self._whole, count_of(cells))
        elif tag == "FH":
            self._number = count_of(cells) or 1

    def _close(self, tag: str, cells: Cells) -> None:
        if not self._sections:
            self._sections.append(Section())
        if tag == "SF":
            self._sections[-1].footers.append(cells)
        else:
            self._sections[-1].count = count_of(cells)
