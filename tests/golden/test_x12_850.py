"""Example files read to the events, refusals and warnings that are recorded (UPDATE_GOLDEN=1 rewrites)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from crossdock.canonical.reading import Reading
from crossdock.formats import x12_850
from tests.kit.x12_reading import document_record, outcome_of

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples" / "raw" / "x12_850"
GOLDEN = Path(__file__).parent / "x12_850"
CASES = sorted(path.stem for path in EXAMPLES.glob("*.edi"))


def warnings_of(reading: Reading) -> list[str]:
    return [f"{warning.code} at {warning.path}: {warning.detail}" for warning in reading.warnings]


def recorded(value: bytes) -> str:
    outcome = outcome_of(value)
    document = {
        "key": x12_850.key(document_record(value)),
        "parts": [part.key for part in outcome.split.parts],
        "exchanges": [event.model_dump(mode="json") for event in outcome.events],
        "orders": [order.model_dump(mode="json") for order in outcome.orders],
        "refusals": [{"code": r.code, "detail": r.detail, "path": r.path} for r in outcome.refusals],
        "warnings": [warnings_of(reading) for reading in (outcome.split, *outcome.readings)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_example_reads_as_recorded(case: str) -> None:
    found = recorded((EXAMPLES / f"{case}.edi").read_bytes())
    golden = GOLDEN / f"{case}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


def test_every_recording_has_its_example() -> None:
    assert [path.stem for path in sorted(GOLDEN.glob("*.json"))] == CASES
    assert len(CASES) >= 9
