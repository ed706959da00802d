"""Delimiters come from the envelope, however odd it is written."""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.x12.delimiters import Delimiters, read_header
from tests.kit.x12_writer import Group, Interchange, Set, Style

SET = Set([["BEG", "00", "SA", "4500000001", "", "20260105"]])


def header_of(style: Style) -> Delimiters:
    return read_header(Interchange((Group((SET,)),), style=style).text(), 0).delimiters


@pytest.mark.parametrize(
    ("element", "component", "segment", "line_end"),
    [
        ("*", ">", "~", ""),
        ("*", ">", "~", "\n"),
        ("*", ":", "~", "\r\n"),
        ("|", "^", "~", "\n   "),
        ("^", "<", "'", ""),
        ("\x1d", "\x1f", "\x1c", ""),
        ("\x7f", ">", "\x15", ""),
        ("\t", ">", "~", "\n"),
        ("*", "§", "¶", "\n"),
        ("é", "ü", "ß", ""),
        ("*", ">", "!", ""),
        ("*", "\\", "~", ""),
        (".", "$", "?", ""),
    ],
)
@pytest.mark.parametrize("is_padded", [True, False])
def test_delimiters_are_read_from_the_isa(
    element: str, component: str, segment: str, line_end: str, is_padded: bool
) -> None:
    style = Style(element, component, segment, line_end=line_end, is_padded=is_padded)
    assert header_of(style) == Delimiters(element, component, segment)


@pytest.mark.parametrize(("line_end", "expected"), [("\n", "\n"), ("\r\n", "\n"), ("\r", "\r")])
@pytest.mark.parametrize("is_padded", [True, False])
def test_a_line_end_can_be_the_terminator(line_end: str, expected: str, is_padded: bool) -> None:
    style = Style(segment=line_end, line_end="", is_padded=is_padded)
    assert header_of(style) == Delimiters("*", ">", expected)


@pytest.mark.parametrize("is_padded", [True, False])
def test_a_missing_component_separator_does_not_make_the_line_end_the_terminator(is_padded: bool) -> None:
    assert header_of(Style(component="", is_padded=is_padded)) == Delimiters("*", "", "~")


@pytest.mark.parametrize(
    ("separator", "version", "expected"),
    [("^", "00501", "^"), ("^", "00402", "^"), ("^", "00401", ""), ("U", "00501", ""), ("U", "00401", "")],
)
def test_isa11_is_a_repetition_separator_from_00402_on(separator: str, version: str, expected: str) -> None:
    style = Style(repetition=separator, version=version)
    assert header_of(style) == Delimiters("*", ">", "~", expected)


@pytest.mark.parametrize("is_padded", [True, False])
def test_elements_of_the_isa_are_trimmed(is_padded: bool) -> None:
    header = read_header(Interchange((Group((SET,)),), style=Style(is_padded=is_padded)).text(), 0)
    assert [header.element(at) for at in (2, 5, 6, 12, 13, 16)] == [
        "",
        "01",
        "PARTNER",
        "00401",
        "000000055",
        ">",
    ]
    assert header.is_padded is is_padded


@pytest.mark.parametrize("is_padded", [True, False])
@pytest.mark.parametrize("segment", ["~", "\n"])
def test_an_isa16_that_repeats_the_element_separator_is_none(is_padded: bool, segment: str) -> None:
    style = Style("|", "|", segment, line_end="" if segment == "\n" else "\n", is_padded=is_padded)
    assert header_of(style) == Delimiters("|", "", segment)


def test_a_terminator_written_twice_behind_the_isa_is_one() -> None:
    text = Interchange((Group((SET,)),), style=Style(is_padded=False, line_end="")).text()
    assert read_header(text.replace(">~", ">~~"), 0).delimiters == Delimiters("*", ">", "~")


def test_a_sender_that_looks_like_a_segment_does_not_end_an_unpadded_isa() -> None:
    text = Interchange((Group((SET,)),), sender=("ZZ", "GS"), style=Style(is_padded=False)).text()
    assert read_header(text, 0).element(6) == "GS"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("ISA*00*", "ISA has 2 elements"),
        ("ISA*00**00**ZZ*A*ZZ*B*260105*0936*U*00401*000000055*0*T~GS*PO*", "behind ISA15"),
        ("ISA*00**00**ZZ*A*ZZ*B*260105*0936*U*00401*000000055*0*T*", "behind ISA15"),
        ("ISA*00**00**ZZ*A*ZZ*B*260105*0936*U*00401*000000055*0*T*>>GS*PO*", "must differ"),
        ("ISA*00**00**ZZ*A*ZZ*B*260105*0936*U*00401*000000055*0*T*>*GS*PO*", "must differ"),
        ("ISA*00**00**ZZ*A*ZZ*B*260105*0936*U*00401*000000055*0*T*GS*PO*", "terminator"),
        ("ISA*00**00**ZZ*A*ZZ*B*260105*0936*U*00401*000000055*0*T*> ~GS*PO*", "blank"),
    ],
)
def test_an_envelope_without_usable_delimiters_is_refused_at_the_isa(text: str, detail: str) -> None:
    with pytest.raises(Rejected, match=detail) as refusal:
        read_header(text, 0)
    assert refusal.value.code is RejectionCode.ENVELOPE_BROKEN
    assert refusal.value.path == "interchange/ISA"
