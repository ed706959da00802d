"""`crossdock describe` tells what a service is from the value that it runs."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from crossdock.cli.describe_command import services
from crossdock.cli.main import cli
from crossdock.normalize.topology import topology


def test_services_with_a_topology_are_found_and_others_are_not() -> None:
    found = services()
    assert found["normalize"] == [topology]
    assert not {"ingest", "registry", "streaming", "cli"} & set(found)


def test_description_is_the_topologys_own() -> None:
    assert CliRunner().invoke(cli, ["describe", "normalize"]).output == topology.describe() + "\n"


def test_json_names_every_topic_that_the_group_has() -> None:
    group = json.loads(CliRunner().invoke(cli, ["describe", "--json"]).output)["normalize"][0]
    assert [one["topic"] for one in group["handlers"]] == [topic.name for topic in topology.inputs]
    assert group["handlers"][0]["dead_letters"] == "raw.channel.v1.normalize.dlq"
    assert (group["changelog"], group["replay_lane"]) == ("normalize.changelog.v1", "normalize.replay.v1")


def test_mermaid_draws_an_edge_for_each_input_and_output() -> None:
    drawn = CliRunner().invoke(cli, ["describe", "normalize", "--mermaid"]).output.splitlines()
    edges = [line for line in drawn if " --> " in line]
    assert drawn[0] == "flowchart LR"
    assert len(edges) == len(topology.handlers) + sum(len(one.emits) for one in topology.handlers)


@pytest.mark.parametrize("name", ["ingest", "nothing"])
def test_service_without_a_topology_is_refused_with_those_that_have_one(name: str) -> None:
    refused = CliRunner().invoke(cli, ["describe", name])
    assert refused.exit_code == 2
    assert "normalize" in refused.output
