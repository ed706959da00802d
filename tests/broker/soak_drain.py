"""The long version of `test_drain.py`, for `make soak`."""

from __future__ import annotations

import pytest

from tests.broker.conftest import Opened
from tests.kit.drains import DrainPlan, drain
from tests.kit.workers import Workers

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.mark.timeout(900)
def test_ten_thousand_followers_are_applied_in_order_and_once(opened: Opened, workers: Workers) -> None:
    drain(opened, workers, DrainPlan(followers=10_000, bad=5_000, kills=12, drain_records=100))
