"""The doctor finds a transaction that stays open, and what is written by commands can be read at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from confluent_kafka import Producer

from crossdock.canonical.profiles import document_of
from crossdock.canonical.topics import PARTNER_PROFILE
from crossdock.cli.main import cli
from crossdock.embedded.kafka import EmbeddedKafka
from tests.kit.ingest_process import Installation
from tests.kit.intake import PROFILES

pytestmark = pytest.mark.broker


@pytest.fixture
def installation(kafka: EmbeddedKafka, registry: str, tmp_path: Path) -> Installation:
    return Installation(kafka.bootstrap_servers, registry, tmp_path)


@pytest.fixture
def left_open(installation: Installation) -> Iterator[Producer]:
    """A transaction that wrote a profile and does not end before the test does."""
    producer = installation.begin(PROFILES[:1], 7)
    yield producer
    producer.abort_transaction(20)


def run(installation: Installation, *arguments: str) -> Result:
    """A command against this installation."""
    options = [
        *("--bootstrap-servers", installation.bootstrap_servers),
        *("--registry-url", installation.registry_url),
        *("--namespace", installation.namespace),
    ]
    return CliRunner().invoke(cli, [*options, *arguments])


def findings(installation: Installation) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(run(installation, "doctor", "--json").stdout)
    return [one for one in found if one["subject"] == "transactions"]


def test_doctor_names_place_and_way_out_of_a_transaction_that_stays_open(
    installation: Installation, left_open: Producer
) -> None:
    (well, open_one) = findings(installation)
    topic = installation.topic(PARTNER_PROFILE.name)
    assert (well["status"], open_one["status"]) == ("ok", "fail")
    assert f"{topic}/0: what stands from offset {len(PROFILES) + 1} on" in open_one["found"]
    assert f"abort --topic {topic} --partition 0 --start-offset {len(PROFILES) + 1}" in open_one["fix"]


def test_doctor_is_content_where_every_transaction_has_ended(installation: Installation) -> None:
    assert [one["status"] for one in findings(installation)] == ["ok"]


def test_a_command_says_when_what_it_wrote_cannot_be_read_yet(
    installation: Installation, left_open: Producer, tmp_path: Path
) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text(document_of(PROFILES[0].model_copy(update={"partner": "late"})), encoding="utf-8")
    applied = run(installation, "partners", "apply", str(profile), "--reason", "test")
    assert applied.exit_code == 0, applied.output
    assert f"{PARTNER_PROFILE.name}/0 is written, but its transaction stays open" in applied.stderr
