"""Each failure that is listed has its tests, and each test that names a failure is listed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from docs import generate
from tests.tidy.tree import ROOT

LISTED: dict[str, dict[str, object]] = yaml.safe_load(generate.FAILURES.read_text(encoding="utf-8"))
SCOPE = (1, 2, 4, 5, 8, 9, 26, 27, 28, 29, 31, 32, 33, 36, 37, 38)
"""What intake and normalize must have; others come with their services."""


def test_every_failure_in_scope_is_listed() -> None:
    assert [number for number in SCOPE if f"F{number}" not in LISTED] == []


def test_failures_that_tests_name_are_those_that_are_listed() -> None:
    assert sorted(generate.failure_tests()) == sorted(LISTED)


@pytest.mark.parametrize("number", LISTED)
def test_claim_is_a_sentence_and_its_further_tests_exist(number: str) -> None:
    assert set(LISTED[number]) <= {"claim", "also"}
    assert str(LISTED[number]["claim"]).rstrip(")").endswith(".")
    for test in yaml_list(LISTED[number].get("also")):
        path, name = test.split("::")
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def yaml_list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def test_test_shows_a_failure_by_its_name_or_its_docstring(tmp_path: Path) -> None:
    text = 'def test_f7_x(): pass\ndef test_y():\n    """F8: z."""\ndef test_z():\n    """Says F9: no."""\n'
    (tmp_path / "test_a.py").write_text(text)
    assert generate.failure_tests(tmp_path) == {
        "F7": ["tests/test_a.py::test_f7_x"],
        "F8": ["tests/test_a.py::test_y"],
    }
