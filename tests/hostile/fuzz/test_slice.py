"""A small slice of the fuzzing that `make fuzz` does at length."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hostile.bounds import WATCHDOG, ceiling
from tests.hostile.fuzz import file_targets, inputs, targets

pytestmark = WATCHDOG


def slice_of(examples: int) -> settings:
    """Without shrinking: a failure is shrunk where it is looked into, not in every run."""
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@slice_of(150)
@given(inputs.json_inputs())
def test_damaged_json_is_refused_or_read_whole(data: bytes) -> None:
    with ceiling(len(data)):
        targets.json_payload(data)


@slice_of(100)
@given(inputs.x12_inputs())
def test_a_damaged_interchange_loses_no_set_and_no_line(data: bytes) -> None:
    with ceiling(len(data)):
        targets.x12_payload(data)


@slice_of(100)
@given(inputs.edifact_inputs())
def test_a_damaged_edifact_file_loses_no_message_and_no_line(data: bytes) -> None:
    with ceiling(len(data)):
        targets.edifact_payload(data)


@slice_of(60)
@given(inputs.report_file_inputs())
def test_a_damaged_report_loses_no_line(data: bytes) -> None:
    with ceiling(len(data)):
        file_targets.report_file(data)


@slice_of(60)
@given(inputs.xml_inputs())
def test_damaged_xml_is_refused_or_read_whole(data: bytes) -> None:
    with ceiling(len(data)):
        file_targets.xml(data)


@slice_of(200)
@given(inputs.avro_inputs())
def test_damaged_avro_is_refused_or_a_valid_record(data: bytes) -> None:
    with ceiling(len(data)):
        targets.avro_body(data)


@slice_of(300)
@given(inputs.key_inputs())
def test_any_key_is_refused_or_names_one_object_in_one_way(data: bytes) -> None:
    targets.key(data)


@slice_of(60)
@given(st.one_of(inputs.profile_inputs(), st.binary(max_size=60)))
def test_a_damaged_profile_is_valid_or_tells_its_problems(data: bytes) -> None:
    with ceiling(len(data)):
        targets.profile(data)
