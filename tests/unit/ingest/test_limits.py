"""Rates and caps: what is taken is given back once, and nothing exceeds its cap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.ingest.limits import InFlight, Rate, TenantRates
from crossdock.ingest.problems import Refused


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(rates: TenantRates, tenant: str, tries: int) -> int:
    passed = 0
    for _ in range(tries):
        try:
            rates.take(tenant)
        except Refused:
            continue
        passed += 1
    return passed


def test_burst_passes_and_then_the_rate() -> None:
    clock = Clock()
    rates = TenantRates(Rate(per_second=2, burst=5), {}, clock)
    assert taken(rates, "acme", 10) == 5
    clock.now = 1.0
    assert taken(rates, "acme", 10) == 2
    clock.now = 1_000.0
    assert taken(rates, "acme", 10) == 5


def test_tenants_do_not_share_and_may_have_their_own_rate() -> None:
    rates = TenantRates(Rate(per_second=1, burst=1), {"big": Rate(per_second=1, burst=7)}, Clock())
    assert (taken(rates, "a", 9), taken(rates, "b", 9), taken(rates, "big", 9)) == (1, 1, 7)


def test_asking_takes_nothing() -> None:
    rates = TenantRates(Rate(per_second=1, burst=1), {}, Clock())
    for _ in range(5):
        rates.check("acme")
    assert taken(rates, "acme", 2) == 1


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 20)), max_size=30))
def test_no_more_passes_than_burst_and_rate_allow(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    rates = TenantRates(Rate(per_second=3, burst=4), {}, clock)
    passed = 0
    for seconds, tries in steps:
        clock.now += seconds
        passed += taken(rates, "acme", tries)
    assert passed <= 4 + 3 * clock.now + 1e-6


def test_reservation_gives_back_what_it_took_however_it_ends() -> None:
    in_flight = InFlight(2, 100, lambda: 0)
    with in_flight.enter() as first:
        first.reserve(60)
        first.reserve(10)
        assert (in_flight.requests, in_flight.bytes) == (1, 60)
        second = in_flight.enter()
        with pytest.raises(Refused), second:
            second.reserve(41)
        with in_flight.enter() as third:
            third.reserve(40)
            assert (in_flight.requests, in_flight.bytes) == (2, 100)
        assert (in_flight.requests, in_flight.bytes) == (1, 60)
    assert (in_flight.requests, in_flight.bytes) == (0, 0)


def test_requests_are_capped() -> None:
    in_flight = InFlight(1, 100, lambda: 0)
    with in_flight.enter(), pytest.raises(Refused, match="overloaded"):
        in_flight.enter()
    with in_flight.enter():
        assert in_flight.requests == 1
