"""Delimited report files: columns by name, line numbers kept, one bad row alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.record import Record
from crossdock.formats.report_file import ROW_APART, Columns, ReportFile, read_report, split_rows

COLUMNS = Columns({"id": ("Psp Reference", "Reference"), "net": ("Net Credit (NC)",)}, ("id", "net"))
PLAIN = "Psp Reference,Net Credit (NC),Text\nA,1,x\nB,2,y\n"


def facts(data: bytes | str) -> list[tuple[int, str, str]]:
    report = read_report(data if isinstance(data, bytes) else data.encode(), COLUMNS)
    return [(row.line, row.get("id"), row.get("net")) for row in report.rows]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ('{"error": {"message": "no such report"}}', "JSON"),
        ('\ufeff\n[{"id": "rpt_1"}]', "JSON"),
        ("<!DOCTYPE html>\n<html><body>Sign in</body></html>", "markup"),
        ("a,b\n1,2\n", "columns Psp Reference"),
        ("", "columns Psp Reference"),
    ],
)
def test_what_stands_in_place_of_rows_is_named(data: str, word: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_report(data.encode(), COLUMNS)
    assert (refused.value.code, refused.value.path) == ("envelope_broken", "line 1")
    assert word in refused.value.detail


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace("Psp Reference", "psp_reference").replace("Net Credit", "NET credit").encode(),
        PLAIN.replace("x", "\xe9").encode("cp1252"),
    ],
    ids=["plain", "bom", "crlf", "utf16", "utf16le", "utf16be", "tab", "semicolon", "names", "cp1252"],
)
def test_encoding_delimiter_and_spelling_of_names_do_not_change_facts(data: bytes) -> None:
    assert facts(data) == [(2, "A", "1"), (3, "B", "2")]


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    assert facts("Text,Net Credit (NC),Reference\nx,1,A\n") == [(2, "A", "1")]


def test_what_stands_above_and_below_the_table_is_no_row() -> None:
    report = read_report(
        b"Report for May\n\nPsp Reference,Net Credit (NC),Text\nA,1,x\nTotal,,1\nEND\n", COLUMNS
    )
    assert [row.line for row in report.rows] == [4]
    assert sorted(line for line, _ in report.outside) == [1, 5, 6]
    assert [(one.code, one.path) for one in report.warnings] == [
        ("row_outside_table", "line 6"),
        ("row_outside_table", "line 5"),
    ]


def test_a_row_cut_short_at_the_end_is_a_row() -> None:
    assert facts(PLAIN + "C\n")[-1] == (3, "B", "2")
    assert facts(PLAIN + "C,\n")[-1] == (4, "C", "")


@pytest.mark.parametrize(("end", "is_told"), [("C,3", True), ("C,3\n", False), ("C,3,z", False)])
def test_a_last_row_without_all_cells_and_line_end_is_told(end: str, is_told: bool) -> None:
    warnings = read_report((PLAIN + end).encode(), COLUMNS).warnings
    assert [(one.code, one.path) for one in warnings] == ([("file_cut", "line 4")] if is_told else [])


def test_a_second_header_maps_the_rows_below_it() -> None:
    text = "Psp Reference,Net Credit (NC)\nA,1\nNet Credit (NC),Psp Reference\n2,B\n"
    assert facts(text) == [(2, "A", "1"), (4, "B", "2")]


def test_a_quoted_cell_may_hold_line_breaks() -> None:
    assert facts('Psp Reference,Net Credit (NC),Text\nA,1,"x\ny"\nB,2,z\n') == [(2, "A", "1"), (4, "B", "2")]


def test_an_open_quote_does_not_swallow_the_rows_behind_it() -> None:
    report = read_report(b'Psp Reference,Net Credit (NC),Text\n"A,1,x\nB,2,y\nC,3,z\n', COLUMNS)
    assert [(row.line, bool(row.problem)) for row in report.rows] == [(2, True), (3, False), (4, False)]


def test_a_row_with_more_cells_than_columns_is_refused_by_its_line() -> None:
    row = read_report(PLAIN.encode() + b"C,1,000,z\n", COLUMNS).rows[2]
    with pytest.raises(Rejected) as refused:
        row.check()
    assert (refused.value.code, refused.value.path) == ("envelope_broken", "line 4")


def test_a_refusal_names_line_and_column_as_the_report_calls_it() -> None:
    assert read_report(PLAIN.encode(), COLUMNS).rows[0].path("net") == "line 2 column Net Credit (NC)"


def test_a_file_without_such_a_header_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        read_report(b"a,b,c\n1,2,3\n", COLUMNS)
    assert refused.value.code == "envelope_broken"
    assert "Psp Reference" in refused.value.detail


def test_a_profile_may_rename_a_column() -> None:
    columns = COLUMNS.renamed({"net": "Betrag"})
    row = read_report(b"Psp Reference;Betrag\nA;1\n", columns).rows[0]
    assert row.get("net") == "1"


def test_unreadable_rows_become_parts_of_their_own_and_keep_their_lines() -> None:
    data = b'Psp Reference,Net Credit (NC),Text\nA,1,"x\ny"\nB,2,y\nC,3,z\n'
    report = read_report(data, COLUMNS)
    record = Record("raw.document.v1", 0, 0, b"acme/psp/file", data)
    whole, alone = split_rows(record, report, [report.rows[1]], "settlement:1").parts
    assert facts(whole.value) == [(2, "A", "1"), (5, "C", "3")]
    assert whole.key == "acme/psp/settlement:1"
    assert facts(alone.value) == [(4, "B", "2")]
    assert alone.headers == ((ROW_APART, "4"),)


def test_a_file_whose_rows_all_can_be_read_stays_as_it_came() -> None:
    record = Record("raw.document.v1", 0, 0, b"acme/psp/file", PLAIN.encode())
    (whole,) = split_rows(record, read_report(PLAIN.encode(), COLUMNS), [], None).parts
    assert whole.value == PLAIN.encode()


def test_a_compressed_file_is_to_be_unpacked() -> None:
    for packed in (b"\x1f\x8b\x08\x00", b"PK\x03\x04"):
        with pytest.raises(Rejected, match=r"unpack it.*byte 0"):
            read_report(packed, COLUMNS)


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6), st.permutations([0, 1, 2]))
def test_any_cells_come_back_whatever_the_order_of_columns(
    rows: list[tuple[str, str]], order: list[int]
) -> None:
    def line(*cells: str) -> str:
        quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
        return ",".join(quoted[place] for place in order) + "\n"

    text = line("Psp Reference", "Net Credit (NC)", "Text") + "".join(line(a, b, "-") for a, b in rows)
    report: ReportFile = read_report((text + line("Z", "1", "-")).encode(), COLUMNS)
    read = [(row.get("id"), row.get("net")) for row in report.rows]
    assert read == [(a.strip(), b.strip()) for a, b in rows] + [("Z", "1")]
