"""Topics and schemas on a real broker and registry: made once, drift seen, nothing lost unasked."""

from __future__ import annotations

import json
import uuid

import pytest
from click.testing import CliRunner, Result

from crossdock.canonical.topics import declarations
from crossdock.cli.main import cli
from crossdock.cli.settings import Connection
from crossdock.cli.topics_apply import Installation
from crossdock.cli.topics_plan import Aspect, Group, Repair
from crossdock.embedded.kafka import EmbeddedKafka

pytestmark = pytest.mark.broker


@pytest.fixture
def overrides(kafka: EmbeddedKafka, registry: str) -> dict[str, str]:
    return {
        "bootstrap_servers": kafka.bootstrap_servers,
        "registry_url": registry,
        "namespace": f"t{uuid.uuid4().hex[:8]}",
    }


def test_topics_are_applied_once_and_drift_is_seen_and_repaired(overrides: dict[str, str]) -> None:
    groups = [Group("normalize", ("raw.channel.v1",))]

    def installation(partitions: int | None = None) -> Installation:
        return Installation(Connection(overrides), partitions, groups=groups)

    assert installation(4).apply().left == ()
    assert installation().differences() == []
    assert installation().apply().repaired == ()
    topics = installation()._topics
    topics.set("normalize.replay.v1", {"retention.ms": "1000"})
    topics.set("raw.channel.v1", {"retention.ms": "-1"})
    assert {(one.topic, one.repair) for one in installation().differences()} == {
        ("normalize.replay.v1", Repair.UNASKED),
        ("raw.channel.v1", Repair.ON_REQUEST),
    }
    applied = installation().apply()
    assert [one.topic for one in applied.repaired] == ["normalize.replay.v1"]
    assert [one.topic for one in applied.left] == ["raw.channel.v1"]
    assert installation().apply(accepts_loss=True).left == ()
    assert installation().differences() == []
    assert {one.aspect for one in installation(6).differences()} == {Aspect.PARTITIONS}


def _crossdock(overrides: dict[str, str], *arguments: str) -> Result:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in overrides.items()]
    return CliRunner().invoke(cli, [*options, "topics", *arguments])


def test_command_checks_applies_and_lists(overrides: dict[str, str]) -> None:
    before = _crossdock(overrides, "check", "--json")
    assert before.exit_code == 1
    missing = {row["topic"] for row in json.loads(before.output) if row["aspect"] == "missing"}
    assert set(declarations()) < missing
    applied = _crossdock(overrides, "apply", "--partitions", "2")
    assert (applied.exit_code, applied.output.strip().endswith("0 left.")) == (0, True)
    after = _crossdock(overrides, "check", "--json")
    assert (after.exit_code, json.loads(after.output)) == (0, [])
    rows = {row["name"]: row for row in json.loads(_crossdock(overrides, "list", "--json").output)}
    assert set(rows) == missing
    assert {row["partitions"] for row in rows.values()} == {2}
    assert all(row["exists"] for row in rows.values())
    assert "raw.channel.v1.normalize.dlq" in _crossdock(overrides, "list").output


def test_command_says_what_it_did_not_repair(overrides: dict[str, str]) -> None:
    _crossdock(overrides, "apply", "--partitions", "2")
    refused = _crossdock(overrides, "apply", "--partitions", "3")
    assert refused.exit_code == 1
    assert "would move keys" in refused.output
    assert _crossdock(overrides, "check").exit_code == 0
