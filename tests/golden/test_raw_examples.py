"""What normalize makes of each example payload, as `crossdock try` prints it.

A format whose examples need another profile than the shop's has it beside them as `profile.yaml`.

`UPDATE_GOLDEN=1` writes the expectations anew; read the diff before you commit it.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.schemas import schema_root
from crossdock.cli.output import as_json
from crossdock.cli.trial import Trial
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import PROFILE

PROFILE_FILE = "profile.yaml"
RECORDED_ELSEWHERE = {"x12_850"}
"""test_x12_850 has a recording per file, parts included."""
EXAMPLES = sorted(
    path
    for path in (schema_root() / "examples" / "raw").glob("*/*.*")
    if path.parent.name not in RECORDED_ELSEWHERE and path.name != PROFILE_FILE
)
EXPECTED = Path(__file__).parent / "raw"
CAPTURED = datetime(2026, 5, 6, 12, tzinfo=UTC)


def place(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def result(path: Path) -> str:
    form = path.parent.name
    own = path.parent / PROFILE_FILE
    profile = parse_profile(own.read_text(encoding="utf-8")) if own.exists() else PROFILE
    trial = Trial(profile, form, event=None, captured_at=CAPTURED)
    document = json.loads(as_json(trial.run(path.read_bytes()).document()))
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


@pytest.mark.parametrize("path", EXAMPLES, ids=place)
def test_an_example_becomes_what_is_written_down(path: Path) -> None:
    expected = EXPECTED / path.parent.name / f"{path.stem}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.parent.mkdir(parents=True, exist_ok=True)
        expected.write_text(result(path), encoding="utf-8")
    assert result(path) == expected.read_text(encoding="utf-8")


def test_every_format_has_an_example_and_every_expectation_its_example() -> None:
    with_examples = {path.parent.name for path in EXAMPLES}
    assert with_examples == set(FORMATS) - RECORDED_ELSEWHERE
    written = {f"{path.parent.name}/{path.stem}" for path in EXPECTED.glob("*/*.json")}
    assert written == {place(path) for path in EXAMPLES}
