"""The kill soak, small: `make soak` runs the full one."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.embedded.kafka import EmbeddedKafka
from tests.kit.soak import Plan, soak


@pytest.mark.broker
@pytest.mark.slow
def test_nothing_is_lost_doubled_or_reordered_when_workers_and_broker_are_killed(
    kafka: EmbeddedKafka, registry: str, tmp_path: Path
) -> None:
    plan = Plan(records=4_000, worker_kills=5, broker_kills=1, partitions=4)
    report = soak(kafka, registry, plan, tmp_path)
    assert report.violations == []
    assert report.worker_kills == 5
    assert report.broker_kills == 1
    assert report.joined == 1
