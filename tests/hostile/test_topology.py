"""The whole corpus at once through the real worker of normalize, on memory and on the real broker.

What a pass leaves in the log and in the hold store is compared with what the corpus says, record by record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pytest
from opentelemetry.trace import NoOpTracer
from prometheus_client import CollectorRegistry, generate_latest
from structlog.testing import capture_logs

from crossdock.canonical.keys import key_prefix, murmur2_partition
from crossdock.canonical.models.ops import AuditEntry, ReplayAction
from crossdock.canonical.record import CE_CAUSATION_ID, Record
from crossdock.canonical.topics import (
    AUDIT_ENTRY,
    ORDER,
    PARTNER_EXCHANGE,
    PARTNER_PROFILE,
    RAW_CHANNEL,
    RAW_DOCUMENT,
    RAW_TRANSACTION_SET,
)
from crossdock.normalize.topology import topology
from crossdock.streaming import rows
from crossdock.streaming.assignment import OwnedSlot, Phase
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.limits import Limits
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.telemetry import Telemetry
from crossdock.streaming.testing import Driver, Watcher
from tests.hostile.bounds import WATCHDOG, ceiling
from tests.hostile.cases import CAPTURED_MS, MARKERS, Case, Expected, cases
from tests.hostile.reading import versions
from tests.kit import checker
from tests.kit.kafka_cluster import KafkaCluster
from tests.kit.lab import Lab, MemoryLab
from tests.kit.scene import flow_of

pytestmark = WATCHDOG
PARTITIONS = 2
SEGMENTS = {
    topic.name: topic.partition_segments for topic in (RAW_CHANNEL, RAW_DOCUMENT, RAW_TRANSACTION_SET)
}
LIMITS = Limits(rejections_in_row_max=1_000_000, window_records=1_000_000, window_rejected_percent_max=100)
"""So wide that no slot stops: the corpus is what a deploy that breaks everything looks like."""
ID = "hostile-case"
"""Header that carries the case's name along."""


def routed(case: Case) -> Record:
    """The record where its key belongs, with the name of its case."""
    record = case.record
    try:
        prefix = key_prefix(record.key or b"", SEGMENTS[record.topic])
    except ValueError:
        prefix = b""
    partition = murmur2_partition(prefix, PARTITIONS) if prefix else 0
    headers = ((ID, case.name.encode()), *record.headers)
    # Retention counts from a record's own time: what was captured months ago might be gone before it is read.
    timestamp_ms = 0 if record.timestamp_ms == CAPTURED_MS else record.timestamp_ms
    return replace(record, partition=partition, headers=headers, timestamp_ms=timestamp_ms)


class Observed(Watcher):
    """What a worker reports, kept for the test and told to the telemetry of a process as well."""

    def __init__(self) -> None:
        super().__init__()
        self.metrics = CollectorRegistry()
        self._telemetry = Telemetry(topology.group, self.metrics, NoOpTracer())

    def committed(self, slots: Iterable[OwnedSlot], records: int, seconds: float) -> None:
        self._telemetry.committed(slots, records, seconds)

    def changed(self, slots: Mapping[int, OwnedSlot], is_ready: bool) -> None:
        self._telemetry.changed(slots, is_ready)

    def trouble(self, error: Exception) -> None:
        super().trouble(error)
        self._telemetry.trouble(error)


@dataclass
class Pass:
    """One run of the corpus, and what it left behind."""

    cluster: Lab
    driver: Driver
    sources: dict[str, tuple[str, Record]] = field(default_factory=dict)
    """Coordinates → (case, record) of every input."""
    observed: Observed = field(default_factory=Observed)
    logged: list[str] = field(default_factory=list)
    """Lines that the worker's process would have logged."""

    def run(self) -> None:
        self.driver.watcher = self.observed
        for key, version in versions():
            self.cluster.append(self.driver.record(PARTNER_PROFILE, key, version))
        for case in cases():
            self.cluster.append(routed(case))
        with capture_logs() as lines:
            self.driver.settle()
        self.logged = [str(line) for line in lines]
        self.sources = {record.coordinates: (name, record) for name, record in self._inputs()}

    def _inputs(self) -> Iterator[tuple[str, Record]]:
        """Every input with the name of its case; a part of a document has that of the document."""
        names: dict[str, str] = {}
        for topic in (RAW_CHANNEL, RAW_DOCUMENT, RAW_TRANSACTION_SET):
            for record in self.cluster.records(topic.name):
                cause = record.header(CE_CAUSATION_ID) if topic is RAW_TRANSACTION_SET else None
                name = names[record.coordinates] = names[cause] if cause else record.header(ID) or ""
                yield name, record

    @cached_property
    def letters(self) -> dict[str, Record]:
        """Dead letter of each refused input, by the coordinates of its source."""
        found: dict[str, Record] = {}
        for topic in topology.inputs:
            for letter in self.driver.dead_letters(topic):
                place = "/".join(
                    str(letter.header(f"dlq.src.{name}")) for name in ("topic", "partition", "offset")
                )
                assert place not in found, f"{place} was refused twice"
                found[place] = letter
        return found

    @cached_property
    def entries(self) -> dict[str, rows.Entry]:
        """Kept entry of each input that is not settled, by its coordinates."""
        return {entry.record.coordinates: entry for entry in self.driver.entries()}

    def outcomes(self) -> dict[str, list[tuple[str, str]]]:
        """Case → (outcome, code) of its record, or of its parts where it was split."""
        causes = {r.header(CE_CAUSATION_ID) for r in self.cluster.records(RAW_TRANSACTION_SET.name)}
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for place, (name, record) in self.sources.items():
            outcome = self._outcome(place)
            if record.topic != RAW_DOCUMENT.name or outcome[0] != "accepted":
                found[name].append(outcome)
            elif place not in causes:
                found[name] += []
        return found

    def _outcome(self, place: str) -> tuple[str, str]:
        entry = self.entries.get(place)
        if entry is None:
            return "accepted", ""
        assert (place in self.letters) == (entry.kind == "rejected")
        return entry.kind, entry.code


@pytest.fixture(scope="module", params=["memory", pytest.param("kafka", marks=pytest.mark.broker)])
def corpus_pass(request: pytest.FixtureRequest) -> Iterator[Pass]:
    cluster: Lab = MemoryLab(PARTITIONS)
    if request.param == "kafka":
        kafka = request.getfixturevalue("kafka")
        cluster = KafkaCluster(kafka.bootstrap_servers, topology, PARTITIONS)
    tuning = Tuning(idle_poll_s=0.02, limits=LIMITS)
    done = Pass(cluster, Driver(topology, MemoryRegistry(), cluster, tuning=tuning, raises_faults=False))
    with ceiling(sum(len(case.value) for case in cases())):
        done.run()
    yield done
    done.driver.restart()
    cluster.close()


def wanted(case: Case) -> list[tuple[str, str]]:
    expected: tuple[Expected, ...] = case.parts if case.refusal is None else (case.refusal,)
    return sorted((one.outcome, one.code) for one in expected)


def test_each_record_ends_as_the_corpus_says(corpus_pass: Pass) -> None:
    found = corpus_pass.outcomes()
    wrong = {
        case.name: (sorted(found[case.name]), wanted(case))
        for case in cases()
        if sorted(found[case.name]) != wanted(case)
    }
    assert wrong == {}


def test_nothing_is_a_fault_of_ours_and_no_slot_stops(corpus_pass: Pass) -> None:
    assert [str(trouble) for trouble in corpus_pass.driver.watcher.troubles] == []
    assert {owned.phase for owned in corpus_pass.driver.slots().values()} == {Phase.RUNNING}
    assert "internal_error" not in {entry.code for entry in corpus_pass.entries.values()}


def test_accepted_records_have_left_their_order_and_no_other(corpus_pass: Pass) -> None:
    places = {r.header(CE_CAUSATION_ID) for r in corpus_pass.cluster.records(ORDER.name)}
    accepted = {
        place
        for place, (_, record) in corpus_pass.sources.items()
        if place not in corpus_pass.entries and record.topic != RAW_DOCUMENT.name
    }
    assert places == accepted


def test_no_output_repeats_a_long_header_of_a_stranger(corpus_pass: Pass) -> None:
    outputs = [
        *corpus_pass.cluster.records(ORDER.name),
        *corpus_pass.cluster.records(RAW_TRANSACTION_SET.name),
    ]
    lengths = [len(value or b"") for r in outputs if r.header(CE_CAUSATION_ID) for _, value in r.headers]
    assert len(lengths) > 1_000
    assert max(lengths) <= 512


def test_dead_letter_and_hold_carry_the_original_bytes(corpus_pass: Pass) -> None:
    sources = {r.coordinates: r for topic in SEGMENTS for r in corpus_pass.cluster.records(topic)}
    for place, entry in corpus_pass.entries.items():
        source = sources[place]
        assert (entry.key, entry.value, entry.headers) == (source.key, source.value, source.headers)
    for place, letter in corpus_pass.letters.items():
        source = sources[place]
        assert (letter.key, letter.value) == (source.key, source.value)
        assert letter.headers[: len(source.headers)] == source.headers
        assert letter.timestamp_ms == source.timestamp_ms


def test_no_dead_letter_tells_personal_data(corpus_pass: Pass) -> None:
    assert len(corpus_pass.letters) > 300
    for place, letter in corpus_pass.letters.items():
        source = corpus_pass.sources[place][1]
        ours = letter.headers[-len([n for n, _ in letter.headers if n.startswith("dlq.")]) :]
        block = b" ".join(value or b"" for name, value in ours if (name, value) not in source.headers)
        assert told(block.decode()) == [], corpus_pass.sources[place][0]


def test_neither_logs_nor_metrics_tell_personal_data(corpus_pass: Pass) -> None:
    assert any("slots" in line for line in corpus_pass.logged)
    figures = generate_latest(corpus_pass.observed.metrics).decode()
    assert 'crossdock_records_total{group="normalize",outcome="rejected",topic="raw.channel.v1"}' in figures
    assert [line for line in [*corpus_pass.logged, *figures.splitlines()] if told(line)] == []


def told(text: str) -> list[str]:
    return [marker for marker in MARKERS if marker in text.casefold()]


def test_an_operators_retry_fails_again_and_tells_nothing_personal(corpus_pass: Pass) -> None:
    driver = corpus_pass.driver
    heads = [entry for entry in corpus_pass.entries.values() if entry.kind == "rejected"][::7]
    actions = (ReplayAction.DRY_RUN, ReplayAction.RETRY)
    driver.run(*[driver.request_record(entry, action=action) for entry in heads for action in actions])
    answers: list[AuditEntry] = driver.read(AUDIT_ENTRY)
    assert len(answers) == 2 * len(heads)
    assert {str(one.answer) for one in answers} == {"planned", "failed_again"}
    assert [one for one in answers if told(one.model_dump_json())] == []
    shown = corpus_pass.cluster.records(topology.whatif)
    assert len(shown) == len(heads)
    assert [record for record in shown if told((record.value or b"").decode("latin-1"))] == []


def test_the_accounts_of_the_whole_corpus_close(corpus_pass: Pass) -> None:
    checker.assert_sound(
        corpus_pass.cluster,
        flow_of(topology, emits=None, outputs=(ORDER.name, RAW_TRANSACTION_SET.name, PARTNER_EXCHANGE.name)),
    )
