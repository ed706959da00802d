"""What people paste: messages without an interchange, lines without terminators, typographic apostrophes."""

from __future__ import annotations

import pytest

from crossdock.canonical.models import AcknowledgementStatus
from crossdock.formats.registry import FORMATS
from tests.kit.edifact_reading import document_record, outcome_of

HEAD = "BGM+220+PO-{0}+9'\nDTM+137:20260105:102'\nNAD+BY+++Käufer'\n"
ORDER = "UNH+{0}+ORDERS:D:96A:UN'\n" + HEAD + "LIN+1++A-{0}:SA'\nQTY+21:2'\nPRI+AAA:3'\nUNT+8+{0}'\n"
BARE = ORDER.format(1)
TWO = BARE + ORDER.format(2)


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (BARE.encode(), ["PO-1"]),
        (BARE.encode("latin-1"), ["PO-1"]),
        (BARE.strip().removesuffix("'").encode(), ["PO-1"]),
        (BARE.replace("'", "").encode(), ["PO-1"]),
        (TWO.encode(), ["PO-1", "PO-2"]),
        (f"UNA:+.? '\r\n{TWO}".encode(), ["PO-1", "PO-2"]),
        (("UNA:+.? ~" + TWO.replace("'", "~")).encode(), ["PO-1", "PO-2"]),
        (f"UNG+ORDERS+A+B+260105:0800+1+UN+D:96A'{TWO}UNE+2+1'".encode(), ["PO-1", "PO-2"]),
    ],
)
def test_messages_without_an_interchange_are_read(value: bytes, numbers: list[str]) -> None:
    outcome = outcome_of(value)
    assert [order.order_id for order in outcome.orders] == numbers
    assert not outcome.refusals
    told = {warning.code for warning in outcome.split.warnings}
    assert "interchange_missing" in told
    assert not told & {"interchange_trailer_missing", "message_count", "group_count"}


def test_an_interchange_that_was_missing_cannot_be_answered() -> None:
    (event,) = outcome_of(BARE.encode()).events
    assert (event.sender, event.acknowledgement) == (":", AcknowledgementStatus.NOT_REQUESTED)


def test_other_content_without_an_interchange_is_another_file() -> None:
    key = FORMATS["edifact"].key
    assert key(document_record(BARE.encode())) != key(document_record(TWO.encode()))
    assert key(document_record(BARE.encode())) == key(document_record(b"\xef\xbb\xbf " + BARE.encode()))


@pytest.mark.parametrize(
    "value", [BARE, f"UNA:+.? '{BARE}", f"'UNA:+.? '\nUNB+UNOC:3+A+B+260105:0800+1'{BARE}"]
)
def test_they_are_recognised(value: str) -> None:
    recognise = FORMATS["edifact_orders"].looks_like
    assert recognise is not None
    assert recognise(value.encode()) == 80
    assert recognise(value.replace("UNH", "UNX").encode()) < 80


@pytest.mark.parametrize("is_all", [True, False])
def test_an_unb_without_terminator_ends_with_its_line(*, is_all: bool) -> None:
    value = f"UNB+UNOC:3+A+B+260105:0800+7\n{BARE}UNZ+1+7'\n"
    outcome = outcome_of((value.replace("'", "") if is_all else value).encode("latin-1"))
    assert outcome.order.order_id == "PO-1"
    assert "terminator_missing" in {warning.code for warning in outcome.split.warnings}


def test_an_una_that_lost_its_blank_is_understood() -> None:
    value = f"UNA:+.?'\r\nUNB+UNOC:3+A+B+260105:0800+7'\r\n{BARE}UNZ+1+7'\r\n"
    order = outcome_of(value.encode("latin-1")).order
    assert (order.order_id, order.parties[0].name) == ("PO-1", "Käufer")


@pytest.mark.parametrize(
    ("quote", "encoding"),
    [("\u2019", "utf-8"), ("\u2018", "utf-8"), ("\u2019", "cp1252"), ("\u00b4", "latin-1")],
)
def test_typographic_apostrophes_end_segments(quote: str, encoding: str) -> None:
    value = f"UNB+UNOC:3+A+B+260105:0800+7'{BARE}UNZ+1+7'"
    for place in ("QTY+21:2", "+9", "UNZ+1+7"):
        value = value.replace(f"{place}'", f"{place}{quote}")
    outcome = outcome_of(value.encode(encoding))
    assert outcome.order.lines[0].ordered.value == 2
    assert "terminator_typographic" in {warning.code for warning in outcome.split.warnings}


def test_a_typographic_apostrophe_in_data_stays() -> None:
    outcome = outcome_of(f"UNB+UNOY:3+A+B+260105:0800+7'{BARE.replace('Käufer', 'L’Oréal')}UNZ+1+7'".encode())
    assert outcome.order.parties[0].name == "L’Oréal"
    assert "terminator_typographic" not in {warning.code for warning in outcome.split.warnings}
