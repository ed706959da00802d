"""Hostile files end, in time that grows with their size: refused, or read with everything told.

A quadratic step would take minutes at these sizes and hit the suite's timeout.
"""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats import x12_850
from tests.kit.x12_reading import document_record, outcome_of
from tests.kit.x12_writer import Group, Interchange, Set, Style, one_set, payload, rows

SIZE = 150_000
ISA = Interchange(()).header().encode() + b"~"
BEG = "BEG*00*SA*4500000001**20260105"


@pytest.mark.parametrize(
    "value",
    [
        b"ISA*" * (SIZE // 4),
        b"ISA" + b"*" * SIZE,
        ISA + b"\n" * SIZE,
        ISA + b"~" * SIZE,
        ISA + b"\nIEA" * (SIZE // 4),
        ISA + b"IEA*" * (SIZE // 4),
        ISA + b"XIEA*" * (SIZE // 5),
        ISA * (SIZE // len(ISA)),
        ISA + b"GS*PO*~" * (SIZE // 7),
        ISA + b"SE*1*1~" * (SIZE // 7),
        ISA + b"A" * SIZE,
        ISA + b"\nN3" * (SIZE // 3),
        b"\n".join([b"A" * 80] * (SIZE // 81)),
        b"\xff" * SIZE,
        ISA + b"GS*PO~ST*850*1~" + b"N1*\n" * (SIZE // 4) + b"~SE*3*1~",
        ISA + b"GS*PO~ST*850*1~MSG*" + b"\nMSG*" * (SIZE // 5) + b"~SE*3*1~",
    ],
    ids=range(16),
)
def test_a_large_file_of_junk_is_refused_or_each_set_is(value: bytes) -> None:
    x12_850.key(document_record(value))
    try:
        outcome = outcome_of(value)
    except Rejected as refusal:
        is_told = refusal.code in (RejectionCode.ENVELOPE_BROKEN, RejectionCode.OUTPUT_TOO_LARGE)
        assert is_told  # other cases do not raise
        return
    assert outcome.orders == []
    assert len(outcome.refusals) == len(outcome.split.parts) > 0


@pytest.mark.parametrize(
    "segment",
    [
        "PO1*{n}*1*EA*1**VN*SKU-{n}",
        "PO1*1*1*EA*1",
        "PO1*{n}*1*EA*1~N1*ST*Dock {n}*92*{n}",
        "N1*ST*Dock {n}",
        "DTM*002*2026010{n}",
        "AMT*TT*{n}",
        "PER*BD*x{n}*TE*{n}",
        "SAC*C*D240***1",
        "QQQ*{n}",
    ],
)
def test_many_segments_of_one_kind_are_read_in_one_go(segment: str) -> None:
    body = "~".join(segment.format(n=n) for n in range(1_500))
    value = payload(Interchange((Group((Set([["BODY"]]),)),), style=Style(line_end="")))
    outcome = outcome_of(value.replace(b"BODY", f"{BEG}~PO1*first*1*EA*1~{body}".encode()))
    assert len(outcome.orders) + len(outcome.refusals) == 1


def test_charges_times_lines_are_bounded() -> None:
    body = [BEG, *["SAC*C*D240***1"] * 300, *["PO1**1*EA*1"] * 300]
    (found,) = outcome_of(one_set(rows("\n".join(body)))).refusals
    assert found.code is RejectionCode.OUTPUT_TOO_LARGE


def test_a_line_id_stands_in_much_and_is_bounded() -> None:
    (found,) = outcome_of(one_set(rows(f"{BEG}\nPO1*{'1' * 256}*1*EA*1"))).refusals
    assert (found.code, found.path.endswith("PO1/PO101")) == (RejectionCode.FIELD_INVALID, True)


@pytest.mark.parametrize(
    ("sets", "control", "code"),
    [
        (5_001, "1", RejectionCode.OUTPUT_TOO_LARGE),
        (300, "9" * 60_000, RejectionCode.ENVELOPE_BROKEN),
    ],
    ids=["many sets", "a long group header"],
)
def test_a_file_whose_parts_would_multiply_is_refused(sets: int, control: str, code: RejectionCode) -> None:
    one = Set(rows(f"{BEG}\nPO1*1*1*EA*1"))
    with pytest.raises(Rejected) as refusal:
        outcome_of(payload(Interchange((Group((one,) * sets, control),))))
    assert refusal.value.code is code


@pytest.mark.parametrize(
    "digits", ["9" * 5000, "1" * 19, "¹", "١", "-1", "1.0", "0x1", "1e3", "", " ", "NaN", "Infinity", "1_000"]
)
def test_odd_numbers_in_control_fields_are_reported_never_raised(digits: str) -> None:
    value = one_set(rows(f"{BEG}\nPO1*1*1*EA*1\nCTT*{digits}*{digits}")).replace(
        b"SE*5", f"SE*{digits}".encode()
    )
    value = value.replace(b"GE*1", f"GE*{digits}".encode()).replace(b"IEA*1", f"IEA*{digits}".encode())
    outcome = outcome_of(value)
    assert outcome.order.line_count == 1
    assert {"segment_count", "set_count", "group_count"} <= outcome.warnings


@pytest.mark.parametrize(
    "digits",
    ["9" * 60, "1" * 19, "¹", "١", "0x1", "", "NaN", "Infinity", "1_000", "1e99", "--1", "1-1", "(", "1.1.1"],
)
@pytest.mark.parametrize("segment", ["PO1*1*{}*EA*1", "PO1*1*1*EA*{}", "SAC*C*D240***{}\nPO1*1*1*EA*1"])
def test_odd_numbers_in_figures_are_refused_or_told(segment: str, digits: str) -> None:
    outcome = outcome_of(one_set(rows(f"{BEG}\n{segment.format(digits)}")))
    assert outcome.refusals or outcome.warnings
