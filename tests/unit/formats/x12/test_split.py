"""Parts are the sets' own bytes, keyed by business number, and the file has an identity."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import RevisionKind
from crossdock.canonical.reading import Reading
from crossdock.formats import x12_850
from crossdock.streaming.admission import judge, mark_of
from crossdock.streaming.topology import Marking
from tests.kit.edi_reading import part_record
from tests.kit.x12_reading import PROFILE, document_record, outcome_of, profile
from tests.kit.x12_writer import Group, Interchange, Set, Style, one_set, payload, rows

ROWS = rows(
    """
    BEG*00*SA*PO 1/7*3*20260105
    N1*ST*Test Buyer
    PO1*1*10*EA*12.50**VN*SKU-1
    """
)
ONE = Interchange((Group((Set(ROWS),)),))


@pytest.mark.parametrize(
    "style",
    [
        Style(),
        Style(line_end=""),
        Style(line_end="\r\n"),
        Style("\x1d", "\x1f", "\x1c", line_end=""),
        Style("*", "§", "¶"),
        Style(segment="\n", line_end=""),
        Style(segment="\r\n", line_end=""),
        Style(component=""),
        Style(is_padded=False, line_end=""),
        Style(prefix=b"\xef\xbb\xbf\r\n  "),
    ],
)
def test_a_part_holds_the_very_bytes_of_its_set_and_is_split_into_itself(style: Style) -> None:
    value = payload(ONE.styled(style))
    (part,) = x12_850.split(document_record(value), PROFILE).parts
    segments = [style.element.join(row) for row in Set(ROWS).segments()]
    body = (style.segment + style.line_end).join(segments).encode()
    assert body in part.value
    assert part.value.startswith(ONE.styled(style).header().encode())
    (again,) = x12_850.split(document_record(part.value), PROFILE).parts
    assert again == part


def test_a_part_is_keyed_by_purchase_order_and_release() -> None:
    assert outcome_of(payload(ONE)).keys == ["acme/dist/850:PO%201%2F7.3"]


def test_parts_without_a_readable_number_are_keyed_by_their_controls() -> None:
    broken = Interchange((Group((Set([["BEG", "00"]]), Set([["BEG", "00"]]), Set([["PO1"]], "0002"))),))
    outcome = outcome_of(payload(broken))
    assert outcome.keys == [
        "acme/dist/850:control-000000055-1-0001-1",
        "acme/dist/850:control-000000055-1-0001-2",
        "acme/dist/850:control-000000055-1-0002-3",
    ]
    assert [refusal.code for refusal in outcome.refusals] == [RejectionCode.ID_MISSING] * 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (payload(ONE), "x12:01:PARTNER~ZZ:ACME~000000055"),
        (payload(ONE.styled(Style(is_padded=False))), "x12:01:PARTNER~ZZ:ACME~000000055"),
        (payload(ONE, replace(ONE, control="56")), "x12:01:PARTNER~ZZ:ACME~000000055~56"),
        (payload(*[replace(ONE, control=str(n)) for n in range(9)]), "x12:01:PARTNER~ZZ:ACME~0~8~9"),
    ],
)
def test_a_file_is_known_by_sender_receiver_and_control_numbers(value: bytes, expected: str) -> None:
    assert x12_850.key(document_record(value)) == expected


def test_an_unreadable_file_is_known_by_its_hash() -> None:
    key = x12_850.key(document_record(b"junk"))
    assert key is not None
    assert key.startswith("x12:sha256-")
    assert key != x12_850.key(document_record(b"junk2"))


def test_the_digest_of_a_file_leaves_out_blanks_between_segments() -> None:
    def digest(value: bytes) -> bytes:
        return x12_850.split(document_record(value), PROFILE).digest

    same = payload(ONE.styled(Style(line_end="\r\n")))
    other = payload(Interchange((Group((Set([*ROWS, ["CTT", "1"]]),)),)))
    assert digest(payload(ONE)) == digest(same)
    assert digest(payload(ONE)) != digest(other)


@pytest.mark.parametrize(
    ("policy", "day", "text", "expected"),
    [
        ("reject_if_other_content", "260105", "A", "duplicate"),
        ("reject_if_other_content", "260105", "B", "conflict"),
        ("reject_if_other_content", "260106", "B", "conflict"),
        ("reject_if_other_content", "260104", "B", "conflict"),
        ("accept", "260105", "A", "duplicate"),
        ("accept", "260104", "B", "accepted"),
    ],
)
def test_a_used_control_number_with_other_content_is_never_dropped_unseen(
    policy: str, day: str, text: str, expected: str
) -> None:
    exchange = PROFILE.exchange
    assert exchange is not None
    partner = profile(exchange=exchange.model_copy(update={"duplicate_control_number": policy}))

    def split(day: str, text: str, later_ms: int) -> Reading:
        one = Interchange((Group((Set([*ROWS, ["MSG", text]]),)),), date=day)
        record = document_record(payload(one))
        return x12_850.split(replace(record, timestamp_ms=record.timestamp_ms + later_ms), partner)

    first, second = split("260105", "A", 0), split(day, text, 1000)
    known, new = [mark_of(Marking(one.revision, one.digest, one.is_original)) for one in (first, second)]
    assert judge(known, new, second.is_original).outcome == expected


def test_revisions_sort_by_interchange_time_then_control_number_then_set() -> None:
    def value(control: str, day: str, set_control: str) -> str:
        one = Interchange((Group((Set(ROWS, set_control),), date=day),), control)
        return outcome_of(payload(one)).readings[0].revision.value

    ordered = [
        ("9", "20260105", "1"),
        ("10", "20260105", "1"),
        ("10", "20260105", "0002"),
        ("1", "20260106", "1"),
    ]
    values = [value(*arguments) for arguments in ordered]
    assert values == sorted(values)
    assert len(set(values)) == 4


@pytest.mark.parametrize(
    ("group_date", "date", "expected"),
    [
        ("20260107", "260105", "20260107T093600-"),
        ("junk", "260105", "20260105T093600-"),
        ("junk", "000000", "20260105T080000-"),
    ],
)
def test_the_revision_takes_the_group_time_else_the_interchange_time_else_the_capture(
    group_date: str, date: str, expected: str
) -> None:
    outcome = outcome_of(payload(Interchange((Group((Set(ROWS),), date=group_date),), date=date)))
    (reading,) = outcome.readings
    assert reading.revision.value.startswith(expected)
    assert reading.revision.kind is RevisionKind.NONE
    assert ("envelope_undated" in outcome.warnings) is (date == "000000")


def test_retransmission_in_another_interchange_has_the_same_digest() -> None:
    again = Interchange((Group((Set(ROWS, "0777"),), date="20260109"),), "000000099", Style("|", "<", "'"))
    first, second = outcome_of(payload(ONE)), outcome_of(payload(again))
    assert first.readings[0].digest == second.readings[0].digest
    assert first.readings[0].revision.value < second.readings[0].revision.value


def test_another_text_is_another_document() -> None:
    other = one_set([*ROWS, ["MSG", "leave at the dock"]])
    assert outcome_of(payload(ONE)).readings[0].digest != outcome_of(other).readings[0].digest


def test_reading_a_file_of_two_sets_at_once_is_refused() -> None:
    two = Interchange((Group((Set(ROWS), Set(ROWS, "0002"))),))
    with pytest.raises(Rejected, match="holds 2; split it first"):
        x12_850.read(part_record("acme/dist/x", payload(two)), PROFILE)
