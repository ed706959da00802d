"""997, 999 and TA1: written for what was read, and read as what a partner says of ours."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import ExchangeDocument, ExchangeEvent
from crossdock.formats.x12.acknowledgement import Answer, acknowledgement_of, interchange_acknowledgement
from tests.kit.x12_orders import FileFacts, files
from tests.kit.x12_reading import outcome_of
from tests.kit.x12_sets import ANY_SET, read_text, warned
from tests.kit.x12_writer import Group, Interchange, Set, payload, rows

AT = datetime(2026, 1, 6, 10, 30)  # noqa: DTZ001 - ISA and GS have no zone
GOOD = rows("BEG*00*SA*PO-1**20260105\nPO1*1*2*EA*5.00**VN*SKU-1")


def events(value: bytes) -> list[ExchangeEvent]:
    outcome = outcome_of(value, ANY_SET)
    assert outcome.refusals == []
    carried: list[object] = [one for reading in outcome.readings for one in reading.entities]
    return [
        one
        for one in [*outcome.events, *carried]
        if isinstance(one, ExchangeEvent) and one.direction == "outbound"
    ]


def event(text: str) -> ExchangeEvent:
    carried: tuple[object, ...] = read_text("997", text).entities
    (found,) = carried
    assert isinstance(found, ExchangeEvent)
    return found


def answered(value: bytes, answer: Answer | None = None) -> list[ExchangeEvent]:
    return [one for text in acknowledgement_of(value, answer or Answer(77, AT)) for one in events(text)]


# ---- written, then read --------------------------------------------------------------------------------


def test_what_is_written_for_a_file_reads_back_as_the_same_answer() -> None:
    value = payload(
        Interchange(
            (Group((Set(GOOD), Set(GOOD, "0002")), control="5"), Group((Set(GOOD, "9"),), control="6"))
        )
    )
    first, second = answered(value)
    assert (first.key, first.acknowledgement) == ("acme/dist/outbound/group-5", "accepted")
    assert [(d.document_type, d.control_number, d.validation.value) for d in first.documents] == [
        ("850", "0001", "valid"),
        ("850", "0002", "valid"),
    ]
    assert [d.control_number for d in second.documents] == ["9"]
    assert (first.sender, first.receiver) == ("01:PARTNER", "ZZ:ACME")
    assert first.findings == ()


def test_the_answer_swaps_the_parties_and_has_its_own_control_numbers() -> None:
    (text,) = acknowledgement_of(payload(Interchange((Group((Set(GOOD),)),))), Answer(77, AT, usage="T"))
    isa, gs = text.decode().split("~")[:2]
    assert len(isa) == 105
    assert isa.split("*")[5:9] == ["ZZ", "ACME           ", "01", "PARTNER        "]
    assert (isa.split("*")[13], isa.split("*")[15]) == ("000000077", "T")
    assert gs == "GS*FA*RECEIVER*SENDER*20260106*1030*77*X*004010"


def test_a_torn_set_is_refused_and_its_neighbour_accepted() -> None:
    value = payload(Interchange((Group((Set(GOOD, "0001", has_trailer=False), Set(GOOD, "0002"))),)))
    (one,) = answered(value)
    assert one.acknowledgement == "partially_accepted"
    assert [d.validation.value for d in one.documents] == ["invalid", "valid"]


def test_a_lying_count_is_accepted_with_errors() -> None:
    (one,) = answered(payload(Interchange((Group((Set(GOOD, count=99),), count=3),))))
    assert (one.acknowledgement, one.documents[0].validation) == (
        "accepted_with_errors",
        "valid_with_warnings",
    )
    assert {finding.code for finding in one.findings} == {"set_error", "group_error", "sets_not_received"}


def test_a_refusal_names_segment_and_element() -> None:
    bad = [list(row) for row in GOOD]
    bad[1][2] = "two"
    value = payload(Interchange((Group((Set(bad),)),)))
    (refusal,) = outcome_of(value, ANY_SET).refusals
    (one,) = answered(value, Answer(77, AT, refused={"group 1/set 0001": refusal}))
    assert one.acknowledgement == "rejected"
    assert [f.path for f in one.findings if f.code == "element_error"] == [
        "group 1/set 0001/segment 3 PO1/element 2"
    ]


def test_an_acknowledgement_is_not_acknowledged() -> None:
    assert (
        acknowledgement_of(
            payload(Interchange((Group((Set(rows("AK1*PO*1\nAK9*A*1*1*1"), set_type="997"),)),))),
            Answer(1, AT),
        )
        == []
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(files())
def test_every_set_of_a_file_is_answered_once(facts: FileFacts) -> None:
    value = payload(*facts.interchanges)
    documents: list[ExchangeDocument] = [d for one in answered(value) for d in one.documents]
    sets = [one for interchange in facts.interchanges for group in interchange.groups for one in group.sets]
    assert [(d.document_type, d.control_number) for d in documents] == [(s.set_type, s.control) for s in sets]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "accepted"),
        ({"count": 4}, "accepted_with_errors"),
        ({"trailer_control": "000000009"}, "accepted_with_errors"),
    ],
)
def test_an_interchange_acknowledgement_reads_back(changes: dict[str, object], status: str) -> None:
    value = payload(Interchange((Group((Set(GOOD),)),), **changes))  # type: ignore[arg-type]
    (text,) = interchange_acknowledgement(value, Answer(77, AT))
    (one,) = events(text)
    assert (one.key, one.acknowledgement, one.control_number) == (
        "acme/dist/outbound/000000055",
        status,
        "000000055",
    )


def test_a_cut_interchange_is_refused_as_a_whole() -> None:
    value = payload(Interchange((Group((Set(GOOD),)),))).split(b"IEA")[0]
    (text,) = interchange_acknowledgement(value, Answer(77, AT))
    (one,) = events(text)
    assert (one.acknowledgement, [f.code for f in one.findings]) == ("rejected", ["interchange_error"])


# ---- as partners write them ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status", "validity"),
    [
        ("A", "accepted", "valid"),
        ("E", "accepted_with_errors", "valid_with_warnings"),
        ("P", "partially_accepted", "valid_with_warnings"),
        ("R", "rejected", "invalid"),
        ("X", "rejected", "invalid"),
        ("Q", "unknown", "unknown"),
    ],
)
def test_the_status_of_the_group(code: str, status: str, validity: str) -> None:
    found = event(f"AK1*IN*5\nAK9*{code}*1*1*1")
    assert (found.acknowledgement, found.validation) == (status, validity)


def test_a_group_without_its_result_is_unknown() -> None:
    found = read_text("997", "AK1*IN*5\nAK2*810*0001\nAK5*A")
    assert warned(found) == {"group_answer_missing"}


def test_a_999_says_the_same_in_other_segments() -> None:
    text = "AK1*HC*5\nAK2*837*0002\nIK3*CLM*22**8\nCTX*CLM01:1\nIK4*2*782*1\nIK5*R*5\nAK9*R*1*1*0"
    carried: tuple[object, ...] = read_text("999", text).entities
    (found,) = carried
    assert isinstance(found, ExchangeEvent)
    assert found.acknowledgement == "rejected"
    assert [(f.code, f.path) for f in found.findings] == [
        ("segment_error", "group 5/set 0002/segment 22 CLM"),
        ("element_error", "group 5/set 0002/segment 22 CLM/element 2"),
        ("set_error", "group 5/set 0002"),
    ]


def test_counts_that_contradict_are_found() -> None:
    codes = [f.code for f in event("AK1*IN*5\nAK2*810*1\nAK5*A\nAK9*P*3*2*0").findings]
    assert codes == ["sets_not_received", "answer_counts"]


def test_an_answer_to_nothing_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        read_text("997", "AK9*A*1*1*1")
    assert refused.value.code == RejectionCode.ID_MISSING


def test_a_bad_value_copied_into_the_answer_is_not_repeated() -> None:
    found = event("AK1*IN*5\nAK2*810*1\nAK3*N1*2**8\nAK4*2*93*6*Jane Secret\nAK5*R*5\nAK9*R*1*1*0")
    assert "Jane" not in found.model_dump_json()


def test_a_file_of_answers_is_owed_no_answer() -> None:
    answer = Set(rows("AK1*PO*1\nAK9*A*1*1*1"), set_type="997")
    alone, mixed = [
        outcome_of(payload(Interchange((Group(sets),))), ANY_SET).events[0]
        for sets in ((answer,), (answer, Set(GOOD)))
    ]
    assert (alone.acknowledgement, mixed.acknowledgement) == ("not_requested", "due")
