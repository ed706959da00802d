"""Delimited report files: CSV or TSV with a header row somewhere near the top.

Invariant: a cell is found by the name of its column, never by its position; every row keeps the number of
the line that it starts on; a row that cannot be read is told apart, its neighbours stay as they are.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import Revision, RevisionKind
from crossdock.canonical.reading import Part, Reading, Warning
from crossdock.canonical.record import Record

Cells = list[str]
ROW_APART: Final = "crossdock_row"
"""Header of a part that holds one row of a file: the line it stands on. Such a part says nothing of the
file as a whole."""
ROWS_MAX: Final = 100_000
"""Most rows of one file; its record is above the size limit of every topic long before."""
_PACKED: Final = (b"\x1f\x8b", b"PK\x03\x04")
"""First bytes of gzip and zip: reports are often downloaded as one."""
_DELIMITERS: Final = ("\t", ",", ";", "|")
_PREAMBLE_LINES_MAX: Final = 60
_NAME_FILLERS: Final = str.maketrans("", "", " _-\u00a0\t.\"'")
_NAME_SHOWN_MAX: Final = 40
_TRAILERS_MAX: Final = 5
_END_MARKS: Final = (
    *("total", "sub", "sum", "end", "eof", "<end", "count", "record", "rows", "trailer", "footer", "grand"),
    *("-", "=", "#", "*", "summe", "gesamt"),
)
_NO_ROWS: Final = {"{": "JSON", "[": "JSON", "<": "markup"}
"""What a first character says of a file that has no header."""
_OPEN_QUOTES_MAX: Final = 100
"""Most rows with an open quote; each costs a look at all that it might hold."""
_ROWS_APART_MAX: Final = 100
"""Most unreadable rows of one file that become a part each; those beyond share one."""
_OPEN_QUOTE: Final = "a quote is opened and not closed within the row"
_EXCESS: Final = "the row has {} cells below a header of {}; quote cells that hold the delimiter"


def decoded(data: bytes, warnings: list[Warning]) -> str:
    """Text of a file, line ends as `\\n`: UTF-8, UTF-16 by its mark or its zero bytes, else Windows-1252 or
    Shift JIS.

    Raises Rejected ENCODING_INVALID where it is none of these.
    """
    try:
        text = _decoded(data, warnings)
    except UnicodeDecodeError as error:
        tried = "Windows-1252" if error.encoding == "charmap" else error.encoding
        detail = f"byte {error.start} is neither UTF-8 nor {tried}; send the file in UTF-8"
        raise Rejected(RejectionCode.ENCODING_INVALID, detail, f"byte {error.start}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes, warnings: list[Warning]) -> str:
    if data.startswith(_PACKED):
        detail = "the file is compressed; unpack it and send what it holds"
        raise Rejected(RejectionCode.ENCODING_INVALID, detail, "byte 0")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    start = data[:64]
    if start[1::2].count(0) * 4 > len(start):
        return data.decode("utf-16-le")
    if start[::2].count(0) * 4 > len(start):
        return data.decode("utf-16-be")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text, name = _legacy(data)
        warnings.append(Warning("encoding_guessed", f"the file is not UTF-8; read as {name}", "line 1"))
        return text


def _legacy(data: bytes) -> tuple[str, str]:
    """The text in Windows-1252, or in Shift JIS where it has bytes that the former leaves undefined."""
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError as error:
        try:
            return data.decode("cp932"), "Shift JIS"
        except UnicodeDecodeError:
            raise error from None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a format reads.

    Args:
        names: our name of a column to the names that reports give it; blanks, dashes, underscores and
            case do not count.
        needed: columns without which a row is no header.
        fields: canonical fields to our names of the columns they come from; a profile may use either.
    """

    names: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)

    def renamed(self, names: Mapping[str, str]) -> Columns:
        """With the names that a partner's profile (`settlement.columns`) gives columns, before our own."""
        if not names:
            return self
        merged = dict(self.names)
        for named, theirs in names.items():
            ours = self.fields.get(named, named)
            merged[ours] = (theirs, *merged.get(ours, ()))
        return Columns(merged, self.needed, self.fields)


def plain_name(name: str) -> str:
    """A column's name without what does not count."""
    return name.translate(_NAME_FILLERS).casefold()


@dataclass(frozen=True, slots=True)
class Header:
    """A header row: where each of our columns stands."""

    line: int
    cells: Cells
    places: dict[str, int]
    first_line: int = 0
    """Where what belongs to it begins, e.g. the title of its section; 0: with the header itself."""

    @staticmethod
    def of(line: int, cells: Cells, columns: Columns) -> Header | None:
        """The header that a row is; None where a needed column is not in it."""
        found: dict[str, int] = {}
        for place, name in enumerate(cells):
            found.setdefault(plain_name(name), place)
        places = {}
        for ours, theirs in columns.names.items():
            for name in theirs:
                if plain_name(name) in found:
                    places[ours] = found[plain_name(name)]
                    break
        return Header(line, cells, places) if all(one in places for one in columns.needed) else None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; `line` counts physical lines from 1."""

    line: int
    cells: Cells
    header: Header
    problem: str = ""
    """Why its cells cannot be told from each other; empty where they can."""
    lines_taken: int = 1
    """Physical lines that it stands on: more than one where a quoted cell holds line breaks."""

    def get(self, column: str) -> str:
        """Text of one of our columns without blanks around it; empty where cell or column is missing."""
        place = self.header.places.get(column)
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""

    def has(self, column: str) -> bool:
        """Whether the table has the column at all."""
        return column in self.header.places

    def path(self, column: str = "") -> str:
        """Place of the row or of a cell in it, by the report's own column name."""
        place = self.header.places.get(column)
        if place is None:
            return f"line {self.line} column {column}" if column else f"line {self.line}"
        return f"line {self.line} column {self.header.cells[place].strip()[:_NAME_SHOWN_MAX]}"

    def refuse(self, code: RejectionCode, detail: str, column: str = "") -> Rejected:
        """A refusal at this place."""
        return Rejected(code, detail, self.path(column))

    def check(self) -> None:
        """Raises Rejected ENVELOPE_BROKEN where the cells cannot be told from each other."""
        if self.problem:
            raise self.refuse(RejectionCode.ENVELOPE_BROKEN, self.problem)

    def digest(self, columns: Sequence[str]) -> str:
        """Hash of what stands in these columns, whatever their order in the file: 24 hex digits."""
        said = "\x1f".join(f"{name}\x1e{self.get(name)}" for name in sorted(columns) if self.get(name))
        return hashlib.sha256(said.encode(errors="replace")).hexdigest()[:24]


@dataclass(slots=True)
class ReportFile:
    """A file in its rows."""

    lines: list[str]
    delimiter: str
    header: Header
    rows: list[Row]
    outside: list[tuple[int, Cells]]
    """Rows above the header and behind the table: titles, totals, end marks."""
    warnings: list[Warning] = field(default_factory=list)


def table_rows(lines: Sequence[str], delimiter: str, start: int = 0) -> Iterator[tuple[int, Cells, int]]:
    """(line from 1, cells, physical lines it takes) of each row that is not blank, from index `start` on.

    Raises csv.Error where a cell is longer than the csv module reads.
    """
    reader = csv.reader((line + "\n" for line in lines[start:]), delimiter=delimiter)
    before = 0
    for cells in reader:
        first, before = before, reader.line_num
        if any(cell and not cell.isspace() for cell in cells):
            yield start + first + 1, cells, before - first


def read_report(data: bytes, columns: Columns) -> ReportFile:
    """The rows of a file below the header that holds the needed columns.

    Raises Rejected ENVELOPE_BROKEN where no row is such a header, ENCODING_INVALID.
    """
    warnings: list[Warning] = []
    lines = decoded(data, warnings).split("\n")
    header, delimiter = _header_of(lines, columns)
    report = ReportFile(lines, delimiter, header, [], [], warnings)
    above = lines[: header.line - 1]
    report.outside += [(at, text.split(delimiter)) for at, text in enumerate(above, 1) if text.strip()]
    _fill(report, columns)
    _part_trailers(report, columns)
    _tell_cut(report)
    return report


def _header_of(lines: Sequence[str], columns: Columns) -> tuple[Header, str]:
    best: tuple[Header, str] | None = None
    for delimiter in _DELIMITERS:
        header = _header_with(lines[:_PREAMBLE_LINES_MAX], columns, delimiter)
        if header is not None and (best is None or len(header.places) > len(best[0].places)):
            best = header, delimiter
    if best is None:
        refuse_other_than_rows(lines)
        needed = ", ".join(columns.names[one][0] for one in columns.needed)
        detail = f"no row of the first {_PREAMBLE_LINES_MAX} lines has the columns {needed}"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, f"{detail}; name them in settlement.columns", "line 1")
    return best


def refuse_other_than_rows(lines: Sequence[str]) -> None:
    """Raises Rejected ENVELOPE_BROKEN where JSON or markup stands in place of rows, e.g. a notice that a
    report is ready, an error answer or a page to sign in."""
    start = next((line.lstrip() for line in lines if line.strip()), "")
    found = _NO_ROWS.get(start[:1])
    if found is not None:
        detail = f"rows with a header are needed, found {found}; send the report's own file"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "line 1")


def _header_with(lines: Sequence[str], columns: Columns, delimiter: str) -> Header | None:
    for index, text in enumerate(lines):
        if delimiter in text:
            try:
                line, cells, _ = next(table_rows(lines, delimiter, index))
            except (csv.Error, StopIteration):
                continue
            header = Header.of(line, cells, columns)
            if header is not None:
                return header
    return None


def _fill(report: ReportFile, columns: Columns) -> None:
    header, start = report.header, report.header.line
    mark = header.cells[header.places[columns.needed[0]]]
    for _ in range(_OPEN_QUOTES_MAX):
        for row in _rows_from(report, header, start):
            start = row.line - 1 + row.lines_taken
            if mark in row.cells and (again := Header.of(row.line, row.cells, columns)) is not None:
                header = again  # a file put together of several has a header for each
                break
            report.rows.append(row)
            if len(report.rows) > ROWS_MAX:
                detail = f"the file has more than {ROWS_MAX} rows; send it in several files"
                raise row.refuse(RejectionCode.OUTPUT_TOO_LARGE, detail)
            if row.problem == _OPEN_QUOTE:  # it swallowed its neighbours: they are read again
                break
        else:
            return
    detail = f"more than {_OPEN_QUOTES_MAX} quotes are opened and not closed, or headers repeated"
    raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"line {start}")


def _rows_from(report: ReportFile, header: Header, start: int) -> Iterator[Row]:
    """Rows from index `start` on, up to one with an open quote."""
    width = len(header.cells)
    after = start
    try:
        for line, cells, taken in table_rows(report.lines, report.delimiter, start):
            if taken > 1 and len(cells) != width:
                yield _opened(report, header, line)
                return
            after = line - 1 + taken
            excess = any(cell.strip() for cell in cells[width:])
            yield Row(line, cells, header, _EXCESS.format(len(cells), width) if excess else "", taken)
    except csv.Error:
        while not report.lines[after].strip():
            after += 1
        yield _opened(report, header, after + 1)


def _opened(report: ReportFile, header: Header, line: int) -> Row:
    return Row(line, report.lines[line - 1].split(report.delimiter), header, _OPEN_QUOTE)


def _part_trailers(report: ReportFile, columns: Columns) -> None:
    """Rows at the end that are no data: a lone text, or a total or end mark. A file that was cut ends like
    this too, so it is told."""
    for row in reversed(report.rows[-_TRAILERS_MAX:]):
        said = [cell.strip() for cell in row.cells if cell.strip()]
        is_mark = len(row.cells) == 1 or said[0].lower().startswith(_END_MARKS)
        if len(said) > 2 or not is_mark or all(row.get(one) for one in columns.needed):
            return
        report.outside.append((row.line, row.cells))
        report.rows.pop()
        detail = "a row below the table is taken for a total or end mark and not read"
        report.warnings.append(Warning("row_outside_table", detail, row.path()))


def _tell_cut(report: ReportFile) -> None:
    """A last row that lacks cells and the end of its line."""
    if not report.rows or report.rows[-1].line != len(report.lines):
        return
    last = report.rows[-1]
    if len(last.cells) < len(last.header.cells):
        detail = "the last row has fewer cells than the header and no end of line: the file may be cut short"
        report.warnings.append(Warning("file_cut", detail, last.path()))


def split_rows(record: Record, report: ReportFile, unreadable: Sequence[Row], name: str | None) -> Reading:
    """The file as one part, and each row that cannot be read as a part of its own.

    Args:
        name: third key segment of the file; its hash where it has none.
    """
    data = record.value or b""
    digest = hashlib.sha256(data).digest()
    whole = name or f"report:sha256-{digest.hex()}"
    tenant, partner = split_key(record.key or b"")[:2]
    parts = []
    if len(unreadable) < len(report.rows) or not unreadable:
        parts.append(Part(join_key(tenant, partner, whole), _without(report, unreadable) or data))
    for group in rows_apart(unreadable):
        value = _alone(report, group)
        title = f"row:sha256-{hashlib.sha256(value).hexdigest()}"
        parts.append(Part(join_key(tenant, partner, title), value, ((ROW_APART, str(group[0].line)),)))
    revision = Revision(
        kind=RevisionKind.NONE, value="", captured_at=record.time, content_sha256=digest.hex()
    )
    return Reading((), revision, digest, parts=tuple(parts))


def is_row_apart(record: Record) -> bool:
    """Whether the record is a row of a file whose other rows are read elsewhere."""
    return record.header(ROW_APART) is not None


def rows_apart(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """The rows of each document apart: one each, but the last where they are many."""
    single: list[Sequence[Row]] = [[row] for row in rows[:_ROWS_APART_MAX]]
    return [*single, rows[_ROWS_APART_MAX:]] if len(rows) > _ROWS_APART_MAX else single


def _places(rows: Sequence[Row]) -> set[int]:
    return {row.line - 1 + step for row in rows for step in range(row.lines_taken)}


def _without(report: ReportFile, rows: Sequence[Row]) -> bytes | None:
    """The file with these rows blanked, so that the others keep their line numbers; None for all of it."""
    if not rows:
        return None
    gone = _places(rows)
    return "\n".join("" if place in gone else line for place, line in enumerate(report.lines)).encode()


def _alone(report: ReportFile, rows: Sequence[Row]) -> bytes:
    """These rows below what stands above the table, each on its own line number."""
    kept = _places(rows) | set(range(report.header.line))
    for row in rows:
        kept |= set(range((row.header.first_line or row.header.line) - 1, row.header.line))
    last = max(kept) + 1
    return "\n".join(line if place in kept else "" for place, line in enumerate(report.lines[:last])).encode()
