"""Every tracked file keeps every tidy rule, or is listed with its reason."""

from __future__ import annotations

import pytest

from tests.tidy.ratchet import judge, load
from tests.tidy.rules import RULES
from tests.tidy.tree import sources

ALLOWANCES = load()


@pytest.mark.parametrize("name", RULES)
def test_every_file_keeps_the_rule(name: str) -> None:
    wrong = judge(name, sources(), ALLOWANCES.get(name, {}))
    assert not wrong, "\n" + "\n".join(wrong)


def test_exceptions_name_existing_rules_and_give_reasons() -> None:
    assert set(ALLOWANCES) <= set(RULES)
    assert all(len(one.reason.split()) >= 3 for places in ALLOWANCES.values() for one in places.values())
