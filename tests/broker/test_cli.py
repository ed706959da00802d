"""The command line on a real broker: operators see what the log says, and what they do is done once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from crossdock.canonical.topics import BUSINESS_EXCEPTION, RAW_CHANNEL, RECEIPT
from crossdock.cli.errors import CheckFailed, ExitCode
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kafka.writer import Writer
from crossdock.cli.main import run
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.embedded.ports import free_port
from crossdock.streaming.slot import Output
from tests.kit.cli_installation import OPERATOR_KEY, PROFILE, Installation, installation, order
from tests.kit.waiting import wait_until

pytestmark = pytest.mark.broker

BROKEN = b"{broken"
UNITS = "units: {{Kiste: {{unit: EA, factor: {factor}}}}}\n"


@pytest.fixture(scope="module")
def made(
    kafka: EmbeddedKafka, registry: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with installation(kafka, registry, tmp_path_factory.mktemp("cli")) as running:
        yield running


def apply_units(made: Installation, directory: Path, factor: int) -> None:
    path = directory / "portal.yaml"
    path.write_text(PROFILE + UNITS.format(factor=factor))
    assert made.run("partners", "apply", str(path)).exit_code == 0


def dry_run(made: Installation, *arguments: str) -> list[dict[str, object]]:
    """Results of a dry run, whatever they are."""
    answer = json.loads(made.run("dead-letters", *arguments, "--json").stdout)
    return [{**result, "plan": answer["plan"]} for result in answer["results"]]


def held(made: Installation, key: str) -> list[dict[str, object]]:
    found = made.json("dead-letters", "list", "--key", f"acme/portal/order:{key}", "--all")
    assert isinstance(found, list)
    return found


def test_corrected_profile_fixes_a_group_by_exactly_its_plan(made: Installation, tmp_path: Path) -> None:
    made.produce(*[(f"1{n}", order(10 + n, unit="Kiste")) for n in range(3)])
    cause = made.json("dead-letters", "groups", "--key", "acme/portal/order:1*")[0]
    assert (cause["code"], cause["count"]) == ("unit_unmapped", 3)
    refused = made.run("dead-letters", "retry", "--fingerprint", cause["fingerprint"], "--json")
    assert refused.exit_code == ExitCode.REJECTED
    assert {one["result"] for one in json.loads(refused.stdout)["results"]} == {"same_failure"}
    apply_units(made, tmp_path, 12)
    retry = ("retry", "--fingerprint", cause["fingerprint"])
    wait_until(lambda: {one["result"] for one in dry_run(made, *retry)} == {"fixed"})
    plan = made.json("dead-letters", *retry)
    assert [one["result"] for one in plan["results"]] == ["fixed"] * 3
    emit = plan["results"][0]["emits"][0]
    assert (emit["topic"], emit["is_new"]) == ("sales.order.v1", True)
    assert len(held(made, "1*")) == 3, "a dry run changes nothing"
    done = made.run("dead-letters", "retry", "--execute", plan["plan"], "--reason", "unit mapped")
    assert (done.exit_code, "3 done" in done.output) == (0, True)
    assert held(made, "1*") == []
    again = made.run("dead-letters", "retry", "--execute", plan["plan"])
    assert (again.exit_code, "3 resolved before" in again.output) == (0, True)


def test_plan_is_refused_when_its_outputs_would_be_others(made: Installation, tmp_path: Path) -> None:
    apply_units(made, tmp_path, 12)
    made.produce(("20", order(20, unit="Palette")))
    path = tmp_path / "new.json"
    path.write_bytes(order(20, unit="Kiste"))
    identity = str(held(made, "20")[0]["id"])
    edit = ("edit", identity, "--file", str(path))
    wait_until(lambda: dry_run(made, *edit)[0]["result"] == "fixed")
    plan = dry_run(made, *edit)[0]
    apply_units(made, tmp_path, 6)
    wait_until(lambda: dry_run(made, *edit)[0]["plan_hash"] != plan["plan_hash"])
    changed = made.run("dead-letters", "retry", "--execute", str(plan["plan"]), "--json")
    assert changed.exit_code == ExitCode.CHECK_FAILED
    assert [one["answer"] for one in json.loads(changed.stdout)] == ["plan_changed"]
    assert len(held(made, "20")) == 1
    newer = str(dry_run(made, *edit)[0]["plan"])
    assert made.json("dead-letters", "retry", "--execute", newer)[0]["answer"] == "done"
    assert held(made, "20") == []


def test_retry_shows_what_would_change_in_a_published_order(made: Installation) -> None:
    made.produce(("30", order(30, revision=1, quantity=2)), ("30", order(30, revision=2, unit="Fass")))
    made.produce(("30", order(30, revision=3, quantity=5)))
    waiting = held(made, "30")
    assert [(one["kind"], one["standing"], one["behind"]) for one in waiting] == [
        ("rejected", "head", 1),
        ("held", "follower", 0),
    ]
    first = made.json("dead-letters", "discard", "--key", "acme/portal/order:30", "--reason", "wrong unit")
    assert [one["id"] for one in first["entries"]] == [waiting[0]["id"]]
    done = made.json(
        *("dead-letters", "discard", "--key", "acme/portal/order:30", "--reason", "wrong unit"),
        *("--execute", first["plan"]),
    )
    assert (done[0]["answer"], done[0]["reason"]) == ("done", "wrong unit")
    made.produce()
    latest = made.json("tail", "sales.order.v1", "-o", "beginning", "-e", "-k", "acme/portal/30", "-c", "1")
    assert latest["value"]["quantity_total"] == "2.000000"


def test_discard_of_another_selection_than_shown_is_refused(made: Installation) -> None:
    made.produce(("40", BROKEN))
    arguments = ("dead-letters", "discard", "--key", "acme/portal/order:4*", "--reason", "test data")
    plan = made.json(*arguments)["plan"]
    made.produce(("41", BROKEN))
    refused = made.run(*arguments, "--execute", plan)
    assert (refused.exit_code, "plan changed" in refused.output) == (ExitCode.CHECK_FAILED, True)
    assert len(held(made, "4*")) == 2
    assert {one["answer"] for one in made.json(*arguments, "--execute", made.json(*arguments)["plan"])} == {
        "done"
    }


def test_request_under_a_wrong_key_is_refused_and_nothing_happens(made: Installation) -> None:
    made.produce(("50", BROKEN))
    refused = made.run("dead-letters", "retry", "--key", "acme/portal/order:50", key="another-key")
    assert refused.exit_code == ExitCode.USAGE
    assert "signature does not match" in refused.output
    assert [one["tries"] for one in held(made, "50")] == [1]


def test_dead_letter_is_shown_with_its_bytes_and_its_evidence(made: Installation) -> None:
    made.produce(("60", BROKEN))
    identity = str(held(made, "60")[0]["id"])
    shown = made.json("dead-letters", "show", identity[:12])
    assert (shown["code"], shown["record"]["value"]) == ("envelope_broken", BROKEN.decode())
    assert shown["evidence"]["svc"] == "normalize"
    assert made.run("dead-letters", "show", identity, "--raw").stdout_bytes == BROKEN


def test_accounts_close_and_a_forged_receipt_is_found(made: Installation) -> None:
    made.produce(("70", order(70)), ("70", order(70)), ("71", BROKEN))
    sound = made.json("audit")
    assert sound["closes"] is True
    group = sound["groups"][0]
    raw = next(one for one in group["inputs"] if one["topic"] == RAW_CHANNEL.name)
    assert raw["received"] == sum(count for name, count in raw.items() if name not in ("topic", "received"))
    assert group["opened"] - sum(group["closed"].values()) == group["open"]
    log = KafkaLog(made.connection)
    receipt = next(iter(log.read(RECEIPT.name)))
    producer = Producer({**log.settings.client(), "log_level": 0})
    producer.produce(log.settings.topic(RECEIPT.name), receipt.value, receipt.key, receipt.partition)
    producer.flush(20)
    forged = made.run("audit")
    assert forged.exit_code == ExitCode.CHECK_FAILED
    assert f"normalize slot {receipt.partition}, receipt 0: there are two with this number" in forged.output


def test_profiles_are_applied_once_and_listed(made: Installation, tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(PROFILE.replace("portal", "other"))
    assert made.json("partners", "apply", "--dry-run", str(path))["partners"][0]["version"] == 1
    first = made.json("partners", "apply", str(path), "--reason", "new partner")["partners"][0]
    second = made.json("partners", "apply", str(path))["partners"][0]
    assert (first["changed"], second["changed"], second["version"]) == (True, False, 1)
    path.write_text(path.read_text().replace("EUR", "USD"))
    third = made.json("partners", "apply", str(path), "--effective-from", "2026-04-01")["partners"][0]
    assert third["differences"] == [{"path": "money.currency", "before": "EUR", "after": "USD"}]
    listed = {one["partner"]: one for one in made.json("partners", "list")}
    assert (listed["other"]["version"], listed["other"]["effective_from"]) == (2, "2026-04-01T00:00:00.000Z")
    shown = made.json("partners", "show", "acme/other", "--version", "1")
    assert (shown["document"]["money"]["currency"], len(shown["versions"])) == ("EUR", 2)


def test_of_two_who_write_at_once_the_first_to_start_is_refused(made: Installation) -> None:
    log = KafkaLog(made.connection)
    output = Output(BUSINESS_EXCEPTION.name, 0, b"acme/1", b"{}")
    with Writer(log, "test") as first, Writer(log, "test") as second:
        second.write([output])
        with pytest.raises(CheckFailed, match="someone else"):
            first.write([output])


def test_tail_stops_at_the_end_counts_and_filters(made: Installation) -> None:
    made.produce(("80", order(80)), ("81", order(81)))
    keys = made.run(
        "tail", RAW_CHANNEL.name, "-o", "beginning", "-e", "-k", "acme/portal/order:8*", "-f", r"%k\n"
    )
    assert sorted(keys.output.split()) == ["acme/portal/order:80", "acme/portal/order:81"]
    assert (
        made.run("tail", RAW_CHANNEL.name, "-o", "beginning", "-c", "1", "-f", "%t").output
        == RAW_CHANNEL.name
    )
    assert made.run("tail", RAW_CHANNEL.name, "-o", "end", "-e").output == ""
    unknown = made.run("tail", "raw.chanel.v1")
    assert (unknown.exit_code, "raw.channel.v1" in unknown.output) == (ExitCode.USAGE, True)


def committed(made: Installation, group: str) -> dict[int, int]:
    rows = made.json("groups", "describe", group)["partitions"]
    return {row["partition"]: row["offset"] for row in rows}


def test_reset_is_planned_then_done_and_only_for_a_stopped_group(made: Installation) -> None:
    made.produce(("90", order(90)), ("91", order(91)), ("92", order(92)), ("93", order(93)))
    settings = made.connection.settings
    topic = settings.topic(RAW_CHANNEL.name)
    options = {"group.id": settings.topic("outsider"), "enable.auto.commit": False, "log_level": 0}
    consumer = Consumer({**settings.client(), **options})
    consumer.commit(offsets=[TopicPartition(topic, 0, 2), TopicPartition(topic, 1, 2)], asynchronous=False)
    arguments = ("groups", "reset-offsets", "outsider", "--all-topics", "--shift-by", "-1")
    assert [one["new"] for one in made.json(*arguments)["moves"]] == [1, 1]
    assert committed(made, "outsider") == {0: 2, 1: 2}
    consumer.subscribe([topic])
    consumer.poll(10)
    busy = made.run(*arguments, "--execute")
    assert (busy.exit_code, "stop its 1 member(s) first" in busy.output) == (ExitCode.USAGE, True)
    consumer.close()
    assert made.json(*arguments, "--execute")["executed"] is True
    assert committed(made, "outsider") == {0: 1, 1: 1}


def test_reset_of_a_topology_is_refused_with_the_reason(made: Installation) -> None:
    before = committed(made, "normalize")
    refused = made.run("groups", "reset-offsets", "normalize", "--all-topics", "--to-earliest", "--execute")
    assert refused.exit_code == ExitCode.USAGE
    assert "position_mismatch" in refused.output
    assert committed(made, "normalize") == before
    listed = {one["group"]: one["kind"] for one in made.json("groups", "list")}
    assert listed["normalize"] == "topology"


def test_lag_counts_records_and_not_the_marks_of_transactions(made: Installation) -> None:
    made.produce(("94", order(94)))
    rows = made.json("groups", "describe", "normalize")["partitions"]
    lane = [one for one in rows if one["topic"] == "normalize.replay.v1"]
    assert any(one["end"] > one["offset"] for one in lane), "requests were sent in transactions"
    assert {one["lag"] for one in rows} == {0}


def test_running_slots_need_no_resume(made: Installation) -> None:
    assert made.json("groups", "resume", "normalize") == []


def test_unreachable_broker_is_an_environment_error_with_advice(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    assert run(["--bootstrap-servers", nowhere, "groups", "list"]) == ExitCode.ENVIRONMENT
    said = capsys.readouterr().err
    assert nowhere in said
    assert "crossdock up" in said


def test_operator_key_is_asked_for_before_anything_is_sent(made: Installation) -> None:
    made.produce(("95", BROKEN))
    refused = made.run("dead-letters", "retry", "--key", "acme/portal/order:95", key="")
    assert (refused.exit_code, "CROSSDOCK_OPERATOR_KEY" in refused.output) == (ExitCode.USAGE, True)
    assert OPERATOR_KEY not in refused.output
