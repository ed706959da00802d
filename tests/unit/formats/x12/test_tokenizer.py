"""From bytes to segments: nothing is lost, each repair is reported."""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.x12.delimiters import Delimiters
from crossdock.formats.x12.tokenizer import cut_lost_terminators, decode, element, rows

PLAIN = Delimiters("*", ">", "~")
WRAPPABLE = "ISA*00*" + "A" * 90 + "~" + "PO1*1*10*EA*12.50~" * 12


def test_blanks_and_empty_segments_between_segments_are_no_segments() -> None:
    text = "ST*850*1~\r\n  BEG*00~~\n\n~ SE*2*1~\n\x00\x1a"
    assert list(rows(text.split("~"), "*")) == [["ST", "850", "1"], ["BEG", "00"], ["SE", "2", "1"]]


def test_control_characters_that_python_calls_blank_stay_delimiters() -> None:
    text = "REF\x1dIA\x1d\x1f\x1d\x1cN3\x1da\x1c"
    assert list(rows(text.split("\x1c"), "\x1d")) == [
        ["REF", "IA", "\x1f", ""],
        ["N3", "a"],
    ]


def test_elements_are_trimmed_where_they_are_read_and_empty_where_absent() -> None:
    row = ["N3", " 126 Any St ", ""]
    assert [element(row, at) for at in (1, 2, 3)] == ["126 Any St", "", ""]


def test_a_known_tag_after_a_line_end_shows_a_lost_terminator() -> None:
    raw = ["DTM*038*20260309\nPO1*20*5*EA", "\nMSG*two lines\nof text*A", "\nN3*a\n UP*1"]
    cut, lost = cut_lost_terminators(PLAIN.segment.join(raw), PLAIN)
    assert lost == 1
    assert [segment.strip() for segment in cut] == [
        "DTM*038*20260309",
        "PO1*20*5*EA",
        "MSG*two lines\nof text*A",
        "N3*a\n UP*1",
    ]


def test_line_ends_that_terminate_are_never_lost_terminators() -> None:
    raw = ["A\rPO1*1"]
    assert cut_lost_terminators("\n".join(raw), Delimiters("*", ">", "\n")) == (raw, 0)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("width", [40, 80, 128])
def test_lines_of_one_length_are_joined(line_end: str, width: int) -> None:
    lines = [WRAPPABLE[at : at + width] for at in range(0, len(WRAPPABLE), width)]
    text = decode(line_end.join(lines).encode())
    assert text.text == WRAPPABLE
    assert [warning.code for warning in text.warnings] == ["lines_wrapped"]


def test_lines_of_different_lengths_are_not_joined() -> None:
    assert decode(b"ISA*1~\nGS*1~\nST*1~\n").text == "ISA*1~\nGS*1~\nST*1~\n"


def test_what_is_not_utf_8_is_latin_1_with_a_warning_and_keeps_its_bytes() -> None:
    text = decode("N1*ST*Test Buyer M\xfcnchen~".encode("latin-1"))
    assert "München" in text.text
    assert [warning.code for warning in text.warnings] == ["encoding_latin1"]
    assert text.encode("M\xfcnchen") == b"M\xfcnchen"


def test_what_windows_writes_is_no_control_character() -> None:
    text = decode("N1*ST*“Almacén” – 5 €~".encode("cp1252"))
    assert "“Almacén” – 5 €" in text.text
    assert [warning.code for warning in text.warnings] == ["encoding_differs"]
    assert text.encode("€") == b"\x80"


def test_a_bom_is_no_data_in_either_encoding() -> None:
    assert decode(b"\xef\xbb\xbfISA").text == "ISA"
    assert decode(b"\xef\xbb\xbfISA\xfc").text == "ISA\xfc"


def test_characters_that_the_sender_lost_are_reported() -> None:
    assert [warning.code for warning in decode("N1*ST*M�nchen~".encode()).warnings] == [
        "replacement_character"
    ]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, RejectionCode.ENVELOPE_BROKEN),
        (b"", RejectionCode.ENVELOPE_BROKEN),
        (b" \r\n ", RejectionCode.ENVELOPE_BROKEN),
        ("ISA*00".encode("utf-16"), RejectionCode.ENCODING_INVALID),
        ("ISA*00".encode("utf-16-le"), RejectionCode.ENCODING_INVALID),
        ("ISA*00".encode("utf-16-be"), RejectionCode.ENCODING_INVALID),
    ],
)
def test_no_content_and_utf_16_are_refused(value: bytes | None, code: RejectionCode) -> None:
    with pytest.raises(Rejected) as refusal:
        decode(value)
    assert refusal.value.code is code
