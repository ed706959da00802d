"""Envelopes as they come: service characters, character sets, lost pieces, lies about counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order
from crossdock.formats.registry import FORMATS
from tests.kit.edi_reading import part_record
from tests.kit.edifact_reading import PROFILE, document_record, outcome_of, profile
from tests.kit.edifact_writer import Interchange, Message, Rows, Style, payload

ROWS: Rows = [
    ["BGM", "220", "PO-1", "9"],
    ["DTM", ["137", "20260105", "102"]],
    ["NAD", "BY", ["B7", "", "92"], "", "Käufer Test"],
    ["LIN", "1", "", ["A+1:x'?", "SA"]],
    ["QTY", ["21", "2"]],
    ["PRI", ["AAA", "2.50"]],
]
ONE = Interchange((Message(ROWS),))
TWO = Interchange((Message(ROWS), Message([["BGM", "220", "PO-2", "9"], *ROWS[1:]], reference="2")))


def sku(order: Order) -> str:
    return order.lines[0].identifiers[0].value


# ---- service characters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "style",
    [
        Style(),
        Style(has_una=False),
        Style(component="=", element="*", release="^", terminator="~"),
        Style(component="\x1f", element="\x1d", terminator="\x1c"),
        Style(terminator="\n", line_end=""),
        Style(version="4", repetition="*"),
        Style(element="|", terminator="ß"),
    ],
)
def test_service_characters_come_from_una(style: Style) -> None:
    order = outcome_of(payload(ONE.styled(style))).order
    assert (order.order_id, sku(order)) == ("PO-1", "A+1:x'?")


def test_an_una_of_line_ends_terminates_segments_by_lines() -> None:
    value = payload(ONE.styled(Style(terminator="\n", line_end=""))).replace(b"\n", b"\r\n")
    assert outcome_of(value).order.order_id == "PO-1"


def test_without_una_unb_itself_tells_unusual_characters() -> None:
    style = Style(component="=", element="*", terminator="~", has_una=False)
    outcome = outcome_of(payload(ONE.styled(style)))
    assert outcome.order.order_id == "PO-1"
    assert "service_characters_inferred" in outcome.warnings


def test_a_blank_release_character_releases_nothing() -> None:
    rows: Rows = [*ROWS[:3], ["LIN", "1", "", ["why?", "SA"]], *ROWS[4:]]
    value = payload(Interchange((Message(rows),), style=Style(release="")))
    assert sku(outcome_of(value).order) == "why?"


def test_a_released_terminator_ends_nothing() -> None:
    rows: Rows = [*ROWS[:2], ["FTX", "PUR", "", "", "it's 5 o'clock?"], *ROWS[3:]]
    order = outcome_of(payload(Interchange((Message(rows),)))).order
    assert order.notes == "it's 5 o'clock?"


def test_the_first_repetition_counts_from_syntax_4_on() -> None:
    style = Style(version="4", repetition="*")
    text = payload(ONE.styled(style)).replace(b"QTY+21:2'", b"QTY+21:2*59:12'")
    outcome = outcome_of(text)
    assert outcome.order.quantity_total == 2
    assert "repetition_ignored" in outcome.warnings
    older = payload(ONE).replace(b"NAD+BY+B7", b"NAD+BY+B*7")
    assert outcome_of(older).order.parties[0].identifiers[0].value == "B*7"


@pytest.mark.parametrize("una", [b"UNA++.? '", b"UNAa+.? '", b"UNA: .? '", b"UNA:+.? A"])
def test_an_una_that_cannot_structure_anything_is_refused(una: bytes) -> None:
    value = payload(ONE.styled(Style(has_una=False))).replace(b"UNB+", una + b"UNB+")
    with pytest.raises(Rejected) as refused:
        outcome_of(value.replace(b"UNB+", b"UNB%"))
    assert refused.value.code == "envelope_broken"


# ---- character sets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("syntax", "encoding", "warning"),
    [
        ("UNOC", "iso8859-1", None),
        ("UNOD", "iso8859-2", None),
        ("UNOL", "iso8859-15", None),
        ("UNOY", "utf-8", None),
        ("UNOC", "utf-8", "encoding_differs"),
        ("UNOA", "utf-8", "encoding_differs"),
        ("UNOA", "iso8859-1", "encoding_latin1"),
        ("UNOB", "iso8859-1", "encoding_latin1"),
        ("UNOY", "iso8859-1", "encoding_latin1"),
    ],
)
def test_the_character_set_is_that_of_unb_or_what_the_bytes_are(
    syntax: str, encoding: str, warning: str | None
) -> None:
    outcome = outcome_of(payload(ONE.styled(Style(syntax=syntax, encoding=encoding))))
    assert outcome.order.parties[0].name == "Käufer Test"
    assert {one for one in outcome.warnings if one.startswith("encoding")} == (
        {warning} if warning else set()
    )


@pytest.mark.parametrize(
    ("syntax", "encoding", "text"),
    [
        ("UNOC", "cp1252", "„Käufer“ – 5 €"),
        ("UNOB", "cp1252", "„Käufer“ – 5 €"),
        ("UNOY", "cp1252", "„Käufer“ – 5 €"),
        ("UNOK", "cp1254", "“Şişli” – 5 €"),
    ],
)
def test_a_character_set_of_windows_is_told_by_what_only_it_has(
    syntax: str, encoding: str, text: str
) -> None:
    rows: Rows = [*ROWS[:2], ["FTX", "PUR", "", "", text], *ROWS[3:]]
    plain = Message([*ROWS[:2], ["FTX", "PUR", "", "", "Käufer"], *ROWS[3:]], reference="2")
    style = Style(syntax=syntax, encoding=encoding)
    outcome = outcome_of(payload(Interchange((Message(rows), plain), style=style)))
    assert [order.notes for order in outcome.orders] == [text, "Käufer"]
    assert "encoding_differs" in outcome.warnings


def test_bytes_of_no_set_are_kept() -> None:
    value = payload(ONE.styled(Style(syntax="UNOC", encoding="iso8859-1"))).replace(b"Test", b"T\x81st")
    assert outcome_of(value).order.parties[0].name == "Käufer T\x81st"


def test_cyrillic_under_unoe() -> None:
    rows: Rows = [*ROWS[:2], ["FTX", "PUR", "", "", "Привет"], *ROWS[3:]]
    style = Style(syntax="UNOE", encoding="iso8859-5")
    assert outcome_of(payload(Interchange((Message(rows),), style=style))).order.notes == "Привет"


def test_utf_16_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        outcome_of(ONE.text().encode("utf-16"))
    assert refused.value.code == "encoding_invalid"


def test_a_replacement_character_is_told() -> None:
    value = payload(ONE.styled(Style(syntax="UNOY", encoding="utf-8"))).replace(
        "ä".encode(), "\ufffd".encode()
    )
    assert "replacement_character" in outcome_of(value).warnings


# ---- lost and added pieces -------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b"\r\n  ", b"From: someone\n\n"])
def test_what_stands_before_the_interchange_is_no_part_of_it(prefix: bytes) -> None:
    outcome = outcome_of(prefix + payload(ONE.styled(Style(syntax="UNOY", encoding="utf-8"))))
    assert outcome.order.order_id == "PO-1"


@pytest.mark.parametrize("width", [12, 40, 80])
def test_lines_of_one_width_are_joined(width: int) -> None:
    text = ONE.styled(Style(line_end="")).text()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    outcome = outcome_of("\r\n".join(lines).encode("latin-1"))
    assert sku(outcome.order) == "A+1:x'?"
    assert "lines_wrapped" in outcome.warnings


def test_a_lost_terminator_is_found_at_a_line_end() -> None:
    outcome = outcome_of(payload(TWO).replace(b"QTY+21:2'\n", b"QTY+21:2\n"))
    assert [order.quantity_total for order in outcome.orders] == [2, 2]
    assert "terminator_missing" in outcome.warnings


def test_the_last_terminator_may_be_missing_before_another_interchange() -> None:
    cut = payload(ONE).rstrip()[:-1]
    outcome = outcome_of(cut + b"\n" + payload(replace(ONE, control="4712")))
    assert [event.control_number for event in outcome.events] == ["4711", "4712"]


def test_text_behind_unz_on_its_line_end_is_outside() -> None:
    outcome = outcome_of(payload(ONE).rstrip()[:-1] + b"\nregards\n")
    assert outcome.order.order_id == "PO-1"
    assert "data_outside_interchange" in outcome.warnings


def test_without_unz_the_next_interchange_ends_it() -> None:
    first = replace(ONE, has_trailer=False)
    outcome = outcome_of(payload(first) + payload(replace(ONE, control="4712")))
    assert len(outcome.orders) == 2
    assert "interchange_trailer_missing" in outcome.warnings


def test_a_message_without_unt_is_refused_and_its_neighbour_read() -> None:
    messages = (replace(TWO.messages[0], has_trailer=False), TWO.messages[1])
    outcome = outcome_of(payload(replace(TWO, messages=messages)))
    assert [order.order_id for order in outcome.orders] == ["PO-2"]
    assert outcome.refusal.code == "envelope_broken"


def test_segments_outside_any_message_are_refused_as_a_part() -> None:
    outcome = outcome_of(payload(TWO).replace(b"UNH+1+", b"NH+1+"))
    assert [order.order_id for order in outcome.orders] == ["PO-2"]
    assert outcome.refusal.code == "envelope_broken"


def test_text_that_looks_like_a_message_outside_is_refused_as_a_part() -> None:
    outcome = outcome_of(payload(ONE) + b"UNH+9+ORDERS:D:96A:UN'BGM+220+X+9'UNT+3+9'")
    assert outcome.orders
    assert outcome.refusal.code == "envelope_broken"


@pytest.mark.parametrize("value", [b"", b"  ", b"hello", b"ISA*00*", b"UNT+3+1'"])
def test_what_is_no_interchange_is_refused(value: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        outcome_of(value)
    assert refused.value.code == "envelope_broken"


def test_an_interchange_without_messages_is_refused_unless_it_says_so() -> None:
    with pytest.raises(Rejected, match="holds no message"):
        outcome_of(payload(replace(ONE, messages=(), count=1)))
    assert outcome_of(payload(replace(ONE, messages=()))).split.parts == ()


def test_two_messages_that_ran_together_are_refused() -> None:
    rows: Rows = [*ROWS, *[list(row) for row in TWO.messages[1].rows]]
    outcome = outcome_of(payload(Interchange((Message(rows),))))
    assert outcome.refusal.code == "envelope_broken"
    assert "second BGM" in outcome.refusal.detail


# ---- counts and references -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interchange", "finding"),
    [
        (replace(ONE, messages=(replace(ONE.messages[0], count=3),)), "segment_count"),
        (
            replace(ONE, messages=(replace(ONE.messages[0], trailer_reference="9"),)),
            "message_control_mismatch",
        ),
        (replace(TWO, count=1), "message_count"),
        (replace(TWO, group="G", group_count=1), "message_count"),
        (replace(ONE, group="G", count=2), "group_count"),
        (replace(ONE, trailer_control="9"), "interchange_control_mismatch"),
        (replace(ONE, has_trailer=False), "interchange_trailer_missing"),
        (replace(TWO, messages=(ONE.messages[0], ONE.messages[0])), "message_control_repeated"),
        (replace(ONE, sender="1"), "sender_unexpected"),
        (replace(ONE, receiver="1"), "receiver_unexpected"),
    ],
)
def test_lies_of_the_envelope_are_findings(interchange: Interchange, finding: str) -> None:
    outcome = outcome_of(payload(interchange))
    assert outcome.orders
    assert finding in {one.code for one in outcome.events[0].findings}


def test_leading_zeros_of_references_do_not_count() -> None:
    outcome = outcome_of(payload(replace(ONE, control="007", trailer_control="7")))
    assert outcome.events[0].findings == ()


def test_honest_envelopes_have_no_finding() -> None:
    (event,) = outcome_of(payload(replace(TWO, group="G"))).events
    assert (event.findings, event.validation, event.standard) == ((), "valid", "edifact")
    assert event.group_control_numbers == ("G",)
    assert [one.document_id for one in event.documents] == ["PO-1", "PO-2"]
    assert (event.sender, event.control_number) == ("14:9900000000011", "4711")


def test_equal_references_are_told_and_equal_content_is_a_duplicate() -> None:
    same = outcome_of(payload(ONE) + payload(ONE))
    assert [event.validation for event in same.events] == ["valid", "duplicate"]
    other = outcome_of(payload(ONE) + payload(replace(TWO, control=ONE.control)))
    assert "interchange_control_repeated" in {one.code for one in other.events[1].findings}
    assert other.events[1].validation == "valid_with_warnings"


def test_a_part_is_readable_alone_and_keeps_its_envelope() -> None:
    style = Style(component="=", element="*", release="^", terminator="~", decimal=",")
    outcome = outcome_of(payload(replace(TWO, group="G", style=style)))
    assert outcome.keys == ["acme/grocer/ORDERS:PO-1", "acme/grocer/ORDERS:PO-2"]
    again = FORMATS["edifact"].read(part_record(outcome.keys[0], outcome.split.parts[0].value), PROFILE)
    assert again == outcome.readings[0]
    assert b"UNG*ORDERS" in outcome.split.parts[0].value


def test_the_key_names_sender_receiver_and_reference() -> None:
    key = FORMATS["edifact"].key
    assert key(document_record(payload(ONE))) == "edifact:14:9900000000011~14:9900000000028~4711"
    assert (key(document_record(b"junk")) or "").startswith("edifact:sha256-")


# ---- what is read ----------------------------------------------------------------------------------------


def test_an_unknown_message_is_refused_by_its_name() -> None:
    outcome = outcome_of(payload(Interchange((Message(ROWS, "PRICAT"),))))
    assert (outcome.refusal.code, "'PRICAT'" in outcome.refusal.detail) == ("format_unknown", True)
    assert outcome.refusal.path.endswith("UNH/UNH02.1")


def test_a_message_that_the_profile_does_not_list_is_refused() -> None:
    assert PROFILE.exchange is not None
    exchange = PROFILE.exchange.model_dump() | {"documents_in": ["INVOIC"]}
    assert outcome_of(payload(ONE), profile(exchange=exchange)).refusal.code == "format_unknown"


def test_a_message_that_needs_more_of_the_profile_is_refused() -> None:
    carrier = profile(kind="carrier", zone="Europe/Berlin", channel=None, money=None, exchange=None)
    assert outcome_of(payload(ONE), carrier).refusal.code == "partner_unknown"


@pytest.mark.parametrize(
    ("release", "is_known"), [("93A", True), ("96A", True), ("03B", True), ("10A", False)]
)
def test_other_directories_are_read_with_a_warning(release: str, is_known: bool) -> None:
    interchange = Interchange((Message(ROWS, directory=("D", release, "UN")),))
    outcome = outcome_of(payload(interchange))
    assert outcome.order.order_id == "PO-1"
    assert ("directory_version" not in outcome.warnings) is is_known


def test_a_test_interchange_is_told() -> None:
    assert "test_indicator" in outcome_of(payload(replace(ONE, is_test=True))).warnings
