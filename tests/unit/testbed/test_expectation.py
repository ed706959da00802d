"""What must come out follows from the stated rules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.testbed.expectation import CHANNEL_TOPIC, Expectation, Fact
from crossdock.testbed.faults import BAD_AMOUNT, OWN_UNIT, TWO_TRUTHS, Fault


def fact(version: int, fault: Fault | None = None, key: str = "1", total: str = "10.00") -> Fact:
    return Fact("shopify-eu", CHANNEL_TOPIC, key, version, fault, Decimal(total), "EUR")


def outcomes(expectation: Expectation) -> dict[str, int]:
    return {outcome: count for (_, _, outcome), count in expectation.account.intake.items()}


@pytest.mark.parametrize(
    ("facts", "expected", "value"),
    [
        ([fact(1), fact(1)], {"accepted": 1, "duplicate": 1}, "10.00"),
        ([fact(1), fact(2), fact(1)], {"accepted": 2, "superseded": 1}, "20.00"),
        ([fact(1), fact(1, key="2")], {"accepted": 2}, "20.00"),
        ([fact(1, BAD_AMOUNT), fact(2), fact(2)], {"rejected": 1, "held": 2}, "0"),
        ([fact(1, BAD_AMOUNT), fact(1, key="2")], {"rejected": 1, "accepted": 1}, "10.00"),
        ([fact(1), fact(1, TWO_TRUTHS), fact(2)], {"accepted": 2, "conflict": 1}, "20.00"),
    ],
    ids=["again", "too late", "two orders", "held", "another key", "conflict"],
)
def test_each_record_has_one_outcome(facts: list[Fact], expected: dict[str, int], value: str) -> None:
    expectation = Expectation(facts)
    assert outcomes(expectation) == expected
    assert expectation.account.value["EUR"] == Decimal(value)


def test_a_repair_lets_the_whole_key_go_on_in_order() -> None:
    expectation = Expectation([fact(1, OWN_UNIT), fact(2), fact(1), fact(1, BAD_AMOUNT, "2")])
    assert expectation.repair(OWN_UNIT) == (1, 2)
    assert expectation.account.orders["shopify-eu"] == 2
    assert expectation.account.open_entries == 1


def test_a_discard_gives_up_one_record_and_lets_its_followers_go() -> None:
    expectation = Expectation([fact(1, BAD_AMOUNT), fact(2)])
    assert expectation.discard(BAD_AMOUNT) == 1
    assert expectation.account.orders["shopify-eu"] == 1
    assert expectation.account.open_entries == 0


def test_figures_that_are_zero_are_not_named() -> None:
    account = Expectation([fact(1)]).account
    account.intake["shopify-eu", CHANNEL_TOPIC, "held"] += 0
    assert account.figures() == {
        "shopify-eu: orders out": 1,
        f"shopify-eu: {CHANNEL_TOPIC} accepted": 1,
        "sum of orders in EUR": Decimal("10.00"),
    }
