"""The envelope is checked, and one damaged set never takes its neighbours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import ValidationStatus
from tests.kit.edi_reading import Outcome
from tests.kit.x12_reading import outcome_of, profile
from tests.kit.x12_writer import Group, Interchange, Rows, Set, Style, payload, rows

ORDER = """
    BEG*00*SA*{}**20260105
    PO1*1*10*EA*12.50**VN*SKU-1
    CTT*1
"""


def order(number: str) -> Rows:
    return rows(ORDER.format(number))


ONE = Interchange((Group((Set(order("A")),)),))
TWO = Interchange((Group((Set(order("A")), Set(order("B"), "0002"))),))


def of(interchange: Interchange) -> Outcome:
    return outcome_of(payload(interchange))


def ids(outcome: Outcome) -> list[str]:
    return [order.order_id for order in outcome.orders]


def test_a_right_envelope_has_no_finding() -> None:
    outcome = of(TWO)
    assert (ids(outcome), outcome.warnings) == (["A", "B"], set())
    (event,) = outcome.events
    assert event.validation is ValidationStatus.VALID
    assert [(document.document_id, document.control_number) for document in event.documents] == [
        ("A", "0001"),
        ("B", "0002"),
    ]


@pytest.mark.parametrize(
    ("interchange", "warning", "detail"),
    [
        (
            replace(ONE, trailer_control="000000001"),
            "interchange_control_mismatch",
            "IEA02 000000001 is not ISA13",
        ),
        (replace(ONE, count=3), "group_count", "IEA01 states 3, the interchange has 1"),
        (Interchange((Group((Set(order("A")),), count=2),)), "set_count", "GE01 states 2, the group has 1"),
        (
            Interchange((Group((Set(order("A")),), trailer_control="9"),)),
            "group_control_mismatch",
            "GE02 9 is not",
        ),
        (
            Interchange((Group((Set(order("A"), count=44),)),)),
            "segment_count",
            "SE01 states 44, the set has 5",
        ),
        (Interchange((Group((Set(order("A"), count=3),)),)), "segment_count", "SE01 states 3, the set has 5"),
        (
            Interchange((Group((Set(order("A"), trailer_control="7"),)),)),
            "set_control_mismatch",
            "SE02 7 is not ST02",
        ),
    ],
)
def test_a_lying_envelope_is_reported_with_its_figures_and_the_order_read(
    interchange: Interchange, warning: str, detail: str
) -> None:
    outcome = of(interchange)
    assert ids(outcome) == ["A"]
    assert outcome.warnings == {warning}
    (event,) = outcome.events
    assert event.validation is ValidationStatus.VALID_WITH_WARNINGS
    assert detail in event.findings[0].detail
    assert event.findings[0].path.startswith("interchange 000000055")


def test_leading_zeros_of_control_numbers_do_not_matter() -> None:
    assert of(replace(ONE, trailer_control="55")).warnings == set()


def test_equal_control_numbers_of_sets_and_groups_are_reported_and_all_sets_read() -> None:
    sets = Interchange((Group((Set(order("A")), Set(order("B")))),))
    groups = Interchange((Group((Set(order("A")),)), Group((Set(order("B")),))))
    assert (ids(of(sets)), of(sets).warnings) == (["A", "B"], {"set_control_repeated"})
    assert (ids(of(groups)), of(groups).warnings) == (["A", "B"], {"group_control_repeated"})


def test_interchanges_of_one_file_keep_their_own_delimiters() -> None:
    other = Interchange(
        (Group((Set(order("B")),)),), "000000056", Style("|", "^", "\x15", line_end="", is_padded=False)
    )
    outcome = outcome_of(payload(ONE, other))
    assert ids(outcome) == ["A", "B"]
    assert [event.control_number for event in outcome.events] == ["000000055", "000000056"]


@pytest.mark.parametrize(
    ("number", "word", "status"),
    [("A", "the same", ValidationStatus.DUPLICATE), ("B", "other", ValidationStatus.VALID_WITH_WARNINGS)],
)
def test_a_control_number_twice_in_one_file_is_reported_with_whether_content_differs(
    number: str, word: str, status: ValidationStatus
) -> None:
    outcome = outcome_of(payload(ONE, Interchange((Group((Set(order(number)),)),))))
    assert ids(outcome) == ["A", number]
    (finding,) = [w for w in outcome.split.warnings if w.code == "interchange_control_repeated"]
    assert f"with {word} content" in finding.detail
    assert [event.validation for event in outcome.events] == [ValidationStatus.VALID, status]


def test_an_acknowledgement_is_due_where_the_profile_has_an_exchange() -> None:
    (event,) = of(ONE).events
    assert event.acknowledgement == "due"
    assert event.acknowledgement_due is not None
    assert event.acknowledgement_due.isoformat() == "2026-01-06T08:00:00+00:00"
    (event,) = outcome_of(payload(ONE), profile(kind="channel", exchange=None)).events
    assert (event.acknowledgement, event.acknowledgement_due) == ("not_requested", None)


def test_a_set_whose_trailer_is_lost_is_refused_and_its_neighbour_read() -> None:
    outcome = of(Interchange((Group((Set(order("A"), has_trailer=False), Set(order("B"), "0002"))),)))
    assert ids(outcome) == ["B"]
    (refusal,) = outcome.refusals
    assert refusal.code is RejectionCode.ENVELOPE_BROKEN
    assert refusal.path == "interchange 000000055/group 1/set 0001"
    assert outcome.keys == ["acme/dist/850:A", "acme/dist/850:B"]
    assert outcome.events[0].validation is ValidationStatus.INVALID


@pytest.mark.parametrize(("old", "new"), [("ST*850*0001", "T*850*0001"), ("ST*850*0001~\n", "")])
def test_segments_whose_st_is_damaged_or_lost_become_a_refused_part(old: str, new: str) -> None:
    outcome = outcome_of(payload(TWO).replace(old.encode(), new.encode()))
    assert ids(outcome) == ["B"]
    assert [refusal.code for refusal in outcome.refusals] == [RejectionCode.ENVELOPE_BROKEN]
    assert outcome.keys[0] == "acme/dist/x12:control-000000055-1--1"
    assert {"segments_outside_set", "set_count"} <= outcome.warnings


def test_comments_between_segments_are_reported_and_lose_no_segment() -> None:
    value = payload(ONE).replace(b"~\n", b"~ // a comment\n")
    outcome = outcome_of(value)
    assert (ids(outcome), outcome.refusals, outcome.order.line_count) == (["A"], [], 1)
    assert {"segments_outside_set", "segment_unknown", "terminator_missing"} <= outcome.warnings


def test_two_sets_that_ran_together_are_refused_not_merged() -> None:
    value = payload(TWO).replace(b"SE*5*0001~\nST*850*0002~\n", b"")
    outcome = outcome_of(value)
    assert ids(outcome) == []
    assert "two sets may have run together" in outcome.refusals[0].detail


def test_two_headers_in_one_set_are_refused_even_where_the_count_agrees() -> None:
    outcome = of(Interchange((Group((Set([*order("A"), *order("B")]),)),)))
    assert [(r.code, "BEG" in r.path) for r in outcome.refusals] == [(RejectionCode.ENVELOPE_BROKEN, True)]


@pytest.mark.parametrize("keep", ["IEA", "GE"])
def test_missing_trailers_of_group_and_interchange_are_reported_and_whole_sets_read(keep: str) -> None:
    value = payload(TWO)
    outcome = outcome_of(value[: value.index(f"{keep}*".encode())])
    assert ids(outcome) == ["A", "B"]
    assert "interchange_trailer_missing" in outcome.warnings
    assert outcome.events[0].validation is ValidationStatus.INVALID


def test_a_set_cut_off_by_the_end_of_the_file_is_refused() -> None:
    value = payload(TWO)
    outcome = outcome_of(value[: value.rindex(b"CTT")])
    assert ids(outcome) == ["A"]
    assert len(outcome.refusals) == 1


def test_the_next_isa_ends_an_interchange_that_has_no_iea() -> None:
    first = payload(ONE)
    second = payload(replace(ONE, control="000000056", groups=(Group((Set(order("B")),)),)))
    outcome = outcome_of(first[: first.index(b"IEA")] + second)
    assert ids(outcome) == ["A", "B"]
    assert [event.control_number for event in outcome.events] == ["000000055", "000000056"]


@pytest.mark.parametrize(
    "text", [b"Subject: FW\r\n\r\n", b"Content-Type: x; a=ST-1\r\n", b"-- \r\n", b"ISA, "]
)
def test_text_of_a_mail_around_the_interchange_is_reported_only(text: bytes) -> None:
    outcome = outcome_of(text + payload(ONE) + text)
    assert (ids(outcome), outcome.warnings) == (["A"], {"data_outside_interchange"})


def test_an_interchange_whose_isa_is_damaged_is_refused_and_its_neighbour_read() -> None:
    second = payload(replace(ONE, control="000000056", groups=(Group((Set(order("B")),)),)))
    outcome = outcome_of(payload(ONE)[1:] + second)
    assert ids(outcome) == ["B"]
    assert [refusal.code for refusal in outcome.refusals] == [RejectionCode.ENVELOPE_BROKEN]
    assert outcome.keys[-1].startswith("acme/dist/x12:stray-")


def test_a_lost_terminator_is_found_by_the_segment_behind_it() -> None:
    value = payload(ONE).replace(
        b"PO1*1*10*EA*12.50**VN*SKU-1~\n", b"PO1*1*10*EA*12.50**VN*SKU-1\nPO1*2*5*EA*1~\n"
    )
    outcome = outcome_of(value)
    assert outcome.order.line_count == 2
    assert {"terminator_missing", "segment_count"} <= outcome.warnings


def test_a_set_outside_any_group_is_reported_and_read() -> None:
    value = (
        payload(ONE)
        .replace(b"GS*PO*SENDER*RECEIVER*20260105*0936*1*X*004010~\n", b"")
        .replace(b"GE*1*1~\n", b"")
    )
    outcome = outcome_of(value)
    assert (ids(outcome), outcome.warnings) == (["A"], {"group_missing", "group_count"})


def test_other_transaction_sets_are_refused_by_name_and_orders_beside_them_read() -> None:
    invoice = Set(rows("BIG*20260105*INV1"), "0002", "810")
    outcome = of(Interchange((Group((Set(order("A")), invoice)),)))
    assert ids(outcome) == ["A"]
    assert [(r.code, r.path) for r in outcome.refusals] == [
        (RejectionCode.FORMAT_UNKNOWN, "interchange 000000055/group 1/set 0002/segment 1 ST/ST01")
    ]


def test_an_interchange_of_acknowledgements_only_is_no_loss() -> None:
    value = payload(Interchange(())).replace(b"IEA*0", b"TA1*000000001*260105*0936*A*000~\nIEA*0")
    outcome = outcome_of(value)
    assert (outcome.keys, outcome.warnings) == ([], set())
    inbound, answer = outcome.events
    assert (inbound.direction, answer.direction) == ("inbound", "outbound")
    assert (answer.key, answer.acknowledgement) == ("acme/dist/outbound/000000001", "accepted")


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (b"hello", "no ISA segment"),
        (b"UNA:+.? 'UNB+UNOC:3+A+B+260105:0936+1'", "this is EDIFACT"),
        (b"ST*850*0001~\nBEG*00*SA*A**20260105~\nSE*3*0001~", "no ISA segment"),
        (b"{}", "no ISA segment"),
        (payload(ONE)[:60], "16 are required"),
        (payload(Interchange((Group(()),))), "no transaction set"),
        (payload(Interchange((), count=1)), "no transaction set"),
    ],
)
def test_a_file_without_a_readable_document_is_refused(value: bytes, detail: str) -> None:
    with pytest.raises(Rejected, match=detail) as refusal:
        outcome_of(value)
    assert refusal.value.code is RejectionCode.ENVELOPE_BROKEN


def test_a_stranger_in_the_envelope_is_reported() -> None:
    stranger = replace(ONE, sender=("12", "5555551234"), receiver=("08", "9251230000"))
    assert of(stranger).warnings == {"sender_unexpected", "receiver_unexpected"}
    assert outcome_of(payload(stranger), profile(kind="channel", exchange=None)).warnings == set()


def test_findings_do_not_grow_with_the_square_of_the_sets() -> None:
    many = Interchange((Group(tuple(Set(order(str(n))) for n in range(1000))),))
    (event,) = of(many).events
    assert len(event.documents) == 1000
    assert event.findings[-1].detail == "799 more of these"
