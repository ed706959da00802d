"""CONTRL and APERAK as they are read, and the CONTRL that we write."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import ExchangeEvent
from crossdock.formats.edifact.acknowledgement import contrl_of
from tests.kit.edi_reading import Outcome
from tests.kit.edifact_payloads import references
from tests.kit.edifact_reading import outcome_of, read, rows_of
from tests.kit.edifact_writer import Interchange, Message, Rows, payload

MADE = datetime(2026, 1, 5, 9, 30)  # noqa: DTZ001 - as it is written
ORDER: Rows = rows_of("BGM+220+PO-1+9\nDTM+137:20260105:102\nLIN+1\nQTY+21:1")


def contrl(text: str) -> Outcome:
    return read(rows_of(text), "CONTRL")


@pytest.mark.parametrize(
    ("action", "status", "validation"),
    [
        ("4", "rejected", "invalid"),
        ("7", "accepted", "valid"),
        ("8", "due", "unknown"),
        ("1", "accepted", "valid"),
        ("6", "rejected", "invalid"),
    ],
)
def test_the_action_is_the_status(action: str, status: str, validation: str) -> None:
    event = contrl(f"UCI+815+US:14+THEM:14+{action}").one(ExchangeEvent)
    assert (event.acknowledgement, event.validation, event.direction) == (status, validation, "outbound")
    assert (event.key, event.control_number) == ("acme/grocer/outbound/815", "815")
    assert (event.sender, event.receiver) == ("14:US", "14:THEM")


def test_one_refused_message_makes_it_partial() -> None:
    event = contrl("UCI+815+US:14+THEM:14+7\nUCM+2+INVOIC:D:96A:UN+4+13\nUCS+12+15\nUCD+21+3").one(
        ExchangeEvent
    )
    assert event.acknowledgement == "partially_accepted"
    (document,) = event.documents
    assert (document.document_type, document.control_number, document.validation) == (
        "INVOIC",
        "2",
        "invalid",
    )
    assert [(one.code, one.path) for one in event.findings] == [
        ("syntax_error_13", "message 2/UCM"),
        ("syntax_error_15", "message 2/UCS"),
        ("syntax_error_21", "message 2/UCD"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [("UCX+1", "id_missing"), ("UCI++A+B+7", "id_missing"), ("UCI+1+A+B+99", "field_invalid")],
)
def test_an_answer_to_nothing_is_refused(text: str, code: str) -> None:
    assert contrl(text).refusal.code == code


@pytest.mark.parametrize(
    ("bgm", "errors", "status"),
    [
        ("BGM+312+A-1+9", "", "accepted"),
        ("BGM+313+A-1+9", "ERC+12", "rejected"),
        ("BGM+27+A-1+29", "ERC+1", "accepted"),
        ("BGM+27+A-1+27", "", "rejected"),
        ("BGM+27+A-1+34", "ERC+1", "accepted_with_errors"),
        ("BGM+27+A-1+9+RE", "", "rejected"),
        ("BGM+27+A-1+9", "", "accepted"),
        ("BGM+27+A-1+9", "ERC+1", "unknown"),
    ],
)
def test_an_application_answer(bgm: str, errors: str, status: str) -> None:
    outcome = read(rows_of(f"{bgm}\nRFF+ACW:IV-7\n{errors}"), "APERAK")
    event = outcome.one(ExchangeEvent)
    assert (event.acknowledgement, event.documents[0].document_id) == (status, "IV-7")
    assert ("acknowledgement_unclear" in outcome.warnings) is (status == "unknown")
    assert len(event.findings) == bool(errors)


def test_an_application_answer_about_nothing_is_refused() -> None:
    assert read(rows_of("BGM+312+A-1+9"), "APERAK").refusal.code == "id_missing"


def answer_to(interchange: Interchange) -> tuple[ExchangeEvent, ExchangeEvent]:
    """The inbound event of an interchange, and what our answer to it reads as."""
    event = outcome_of(payload(interchange)).events[0]
    return event, outcome_of(contrl_of(event, control="CTL-1", made=MADE)).one(ExchangeEvent)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.booleans(), min_size=1, max_size=5),
    references,
    st.text("AB1+:'? -", min_size=1, max_size=14).map(lambda text: f"x{text.strip()}"),
)
def test_what_we_answer_reads_back_equal(validity: list[bool], control: str, sender: str) -> None:
    messages = [
        Message(ORDER, reference=f"M{at}", has_trailer=is_valid) for at, is_valid in enumerate(validity)
    ]
    event, answer = answer_to(Interchange(tuple(messages), control=control, sender=sender))
    assert (answer.control_number, answer.sender, answer.receiver) == (control, event.sender, event.receiver)
    expected = {True: "accepted", False: "partially_accepted"}[all(validity)]
    assert answer.acknowledgement == (expected if any(validity) else "rejected")
    refused = [one.control_number for one in event.documents if one.validation == "invalid"]
    assert [one.control_number for one in answer.documents] == (refused if any(validity) else [])


def test_a_repeated_interchange_is_rejected_as_a_duplicate() -> None:
    one = Interchange((Message(ORDER),))
    second = outcome_of(payload(one) + payload(one)).events[1]
    answer = outcome_of(contrl_of(second, control="CTL-1", made=MADE)).one(ExchangeEvent)
    assert (answer.acknowledgement, answer.findings[0].code) == ("rejected", "syntax_error_26")


def test_our_answer_is_an_honest_interchange() -> None:
    event = outcome_of(payload(Interchange((Message(ORDER),)))).events[0]
    (own,) = outcome_of(contrl_of(event, control="CTL-1", made=MADE)).events
    assert (own.control_number, own.prepared) == ("CTL-1", "260105 0930")
    assert {one.code for one in own.findings} == {"sender_unexpected", "receiver_unexpected"}


def test_an_empty_interchange_is_acknowledged() -> None:
    _, answer = answer_to(replace(Interchange(()), count=0))
    assert answer.acknowledgement == "accepted"


def test_a_file_of_answers_is_owed_no_answer() -> None:
    answer = Message(rows_of("UCI+1+A:14+B:14+7"), message_type="CONTRL", reference="M1")
    alone, mixed = [
        outcome_of(payload(Interchange(messages))).events[0]
        for messages in ((answer,), (answer, Message(ORDER, reference="M2")))
    ]
    assert (alone.acknowledgement, mixed.acknowledgement) == ("not_requested", "due")
