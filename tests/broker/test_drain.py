"""A long drain under load and kill -9: in order, once, beside the other keys (R18, R21, §11.5)."""

from __future__ import annotations

import pytest

from tests.broker.conftest import Opened
from tests.kit.drains import DrainPlan, drain
from tests.kit.workers import Workers

pytestmark = pytest.mark.broker


def test_followers_are_applied_in_order_and_once_under_kills_and_live_load(
    opened: Opened, workers: Workers
) -> None:
    drain(opened, workers, DrainPlan(followers=1_000, bad=500, kills=2, drain_records=50))
