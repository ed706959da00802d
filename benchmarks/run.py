"""`make bench`: the runtime against a hand-written loop and a bare copy, on one broker in one run.

Rounds are interleaved, every engine runs alone on one core, and figures are medians with their ratios.
Results go to `benchmarks/results/`, with the command and the date.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.engines import bench_serde, worker_of
from benchmarks.payloads import PROFILE, shopify_order
from benchmarks.webhooks import webhook_latency
from crossdock.canonical.keys import key_prefix, murmur2_partition
from crossdock.canonical.models import PartnerProfileVersion
from crossdock.canonical.profiles import document_of, profile_of
from crossdock.canonical.record import Record
from crossdock.canonical.topics import AUDIT_ENTRY, ORDER, PARTNER_PROFILE, RAW_CHANNEL, RECEIPT
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.normalize.topology import topology
from crossdock.streaming import rows
from crossdock.streaming.backend import Place
from crossdock.streaming.backends.kafka_reader import KafkaReader
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.runtime import Worker

PARTITIONS = 4
BROKEN_OF_100 = 7
WARM_UP = 2_000
"""Records that come before those whose latency counts."""
BROKER_FLAGS = ("-Xmx1g", "-XX:+UseSerialGC")


class Installation:
    """Topics of one benchmark on a running broker.

    Args:
        broken_percent: share of orders without an id, each of which opens a hold.
    """

    def __init__(self, bootstrap_servers: str, linger_ms: int = 5) -> None:
        self.settings = KafkaSettings(
            bootstrap_servers=bootstrap_servers, namespace=f"bench{uuid.uuid4().hex[:6]}"
        )
        self._admin = AdminClient({**self.settings.client(), "log_level": 0})
        self._producer = Producer({**self.settings.client(), "linger.ms": linger_ms, "log_level": 0})
        shared = [topic.name for topic in (*topology.inputs, *topology.outputs)]
        self.create([*shared, RECEIPT.name, AUDIT_ENTRY.name, PARTNER_PROFILE.name])
        self._publish_profile()

    def create(self, topics: list[str]) -> None:
        """Create topics that are new."""
        wanted = [NewTopic(self.settings.topic(name), PARTITIONS, 1) for name in dict.fromkeys(topics)]
        for future in self._admin.create_topics(wanted).values():
            future.result(20)

    def group(self) -> str:
        """A fresh consumer group with its own topics."""
        group = f"normalize-{uuid.uuid4().hex[:6]}"
        dead_letters = [f"{topic.name}.{group}.dlq" for topic in topology.inputs]
        self.create([f"{group}.{kind}.v1" for kind in ("changelog", "replay", "whatif")] + dead_letters)
        return group

    def produce(self, number: int, value: bytes) -> None:
        """One raw order."""
        key = f"acme/shopify-eu/order:{5_000_000_000_000 + number}".encode()
        partition = murmur2_partition(key_prefix(key, 3), PARTITIONS)
        self.append(RAW_CHANNEL.name, partition, key, value)

    def append(self, topic: str, partition: int, key: bytes, value: bytes) -> None:
        """One record of any topic."""
        name = self.settings.topic(topic)
        while True:
            try:
                self._producer.produce(name, value, key, partition)
            except BufferError:
                self._producer.poll(0.05)
            else:
                return

    def flush(self) -> None:
        """Wait for all acknowledgements."""
        assert self._producer.flush(60) == 0, "the broker did not acknowledge"

    def _publish_profile(self) -> None:
        profile = profile_of(PROFILE)
        document = document_of(profile)
        version = PartnerProfileVersion.model_validate(
            {
                "tenant": profile.tenant,
                "partner": profile.partner,
                "version": 1,
                "effective_from": datetime(2000, 1, 1, tzinfo=UTC),
                "document": document,
                "sha256": "0" * 64,
                "applied_by": "bench",
                "reason": "bench",
            }
        )
        key = f"{profile.tenant}/{profile.partner}/1".encode()
        value = bench_serde().serialize(version)
        self._producer.produce(self.settings.topic(PARTNER_PROFILE.name), value, key, 0)
        self.flush()


def run_engine(name: str, installation: Installation, records: int, core: int) -> dict[str, Any]:
    """One engine in its own process; its figures."""
    group = installation.group() if name == "runtime" else ""
    process = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.engines", name,
            "--bootstrap", installation.settings.bootstrap_servers,
            "--namespace", installation.settings.namespace,
            "--records", str(records), "--group", group, "--core", str(core),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=600,
    )  # fmt: skip
    figures: dict[str, Any] = json.loads(process.stdout)
    return figures


def throughput(bootstrap_servers: str, records: int, rounds: int) -> dict[str, dict[str, float]]:
    """Medians of each engine over interleaved rounds."""
    clean, broken = Installation(bootstrap_servers), Installation(bootstrap_servers)
    for number in range(records):
        value = shopify_order(number)
        clean.produce(number, value)
        if number % 100 == BROKEN_OF_100:
            value = value.replace(b'"currency": "EUR"', b'"currency": "E9"')
        broken.produce(number, value)
    clean.flush()
    broken.flush()
    samples: dict[str, list[dict[str, float]]] = defaultdict(list)
    for number in range(rounds):
        for label, engine, where in (
            ("copy", "copy", clean),
            ("hand", "hand", clean),
            ("runtime", "runtime", clean),
            ("runtime, 1 % held", "runtime", broken),
        ):
            samples[label].append(run_engine(engine, where, records, core=1))
            speed = samples[label][-1]["records_per_s"]
            print(f"round {number + 1}/{rounds} {label}: {speed:.0f} records/s", flush=True)
    return {
        label: {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        for label, rows in samples.items()
    }


def latency(bootstrap_servers: str, records: int, rate: float) -> dict[str, float]:
    """Raw record produced → canonical record read under read_committed, milliseconds.

    What comes before the measured records warms up worker and broker at the same rate.
    """
    installation = Installation(bootstrap_servers, linger_ms=0)
    group = installation.group()
    command = [
        sys.executable, "-m", "benchmarks.engines", "runtime",
        "--bootstrap", bootstrap_servers, "--namespace", installation.settings.namespace,
        "--records", str(records + WARM_UP + 1), "--group", group, "--core", "1",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        reader = KafkaReader(installation.settings)
        for partition in range(PARTITIONS):
            reader.add(Place(ORDER.name, partition), 0)
        installation.produce(0, shopify_order(0))
        installation.flush()
        seen: list[tuple[int, float]] = []
        while not reader.read(0.1):
            assert process.poll() is None, "the worker ended"
        started = time.perf_counter()
        sent: dict[bytes, tuple[int, float]] = {}
        number = 1
        while len(seen) < records + WARM_UP:
            while number <= records + WARM_UP and time.perf_counter() >= started + number / rate:
                sent[f"acme/shopify-eu/{5_000_000_000_000 + number}".encode()] = number, time.perf_counter()
                installation.produce(number, shopify_order(number))
                installation._producer.poll(0)
                number += 1
            keys, now = _keys(reader.read(0.001)), time.perf_counter()
            seen += [(sent[key][0], now - sent[key][1]) for key in keys if key in sent]
        process.wait(30)
    ordered = sorted(seconds for number, seconds in seen if number > WARM_UP)
    return {
        "rate_per_s": rate,
        "records": float(records),
        "p50_ms": ordered[len(ordered) // 2] * 1e3,
        "p99_ms": ordered[int(len(ordered) * 0.99)] * 1e3,
    }


def restore(bootstrap_servers: str, rows_total: int) -> dict[str, float]:
    """Changelog rows restored per second by one worker."""
    installation = Installation(bootstrap_servers)
    group = installation.group()
    worker = worker_of(installation.settings, group)
    _until(worker, lambda: worker.is_ready and bool(worker.assignment.slots))
    worker.close()
    mark = bench_serde().write_row(rows.Mark("instant_coarse", "2026-11-20T08:00:00.000000Z", 1, b"x" * 32))
    for number in range(rows_total):
        key = rows.mark_key(RAW_CHANNEL.name, f"acme/shopify-eu/order:{number}".encode())
        installation.append(f"{group}.changelog.v1", number % PARTITIONS, key, mark)
    installation.flush()
    worker = worker_of(installation.settings, group)
    _until(worker, lambda: worker.assignment.rows_restored > 0)
    started, already = time.perf_counter(), worker.assignment.rows_restored
    _until(worker, lambda: worker.is_ready)
    seconds, restored = time.perf_counter() - started, worker.assignment.rows_restored - already
    worker.close()
    return {"rows": float(restored), "rows_per_s": restored / seconds}


def _until(worker: Worker, is_true: Callable[[], bool]) -> None:
    while not is_true():
        worker.turn()


def _keys(records: list[Record]) -> list[bytes]:
    return [record.key for record in records if record.key is not None]


def render(figures: dict[str, Any]) -> str:
    """The figures as Markdown."""
    rows = figures["throughput"]
    hand = rows["hand"]
    lines = [
        f"# Benchmark of {figures['date']}",
        "",
        f"Command: `{figures['command']}`. {figures['machine']}. Ratios are against the hand-written loop.",
        "",
        "| engine | records/s | ratio | CPU µs per record | ratio | RSS MB |",
        "|---|---|---|---|---|---|",
    ]
    for label, row in rows.items():
        speed, cpu = row["records_per_s"], row["cpu_us"]
        lines.append(
            f"| {label} | {speed:,.0f} | {speed / hand['records_per_s']:.2f} | {cpu:.0f} "
            f"| {cpu / hand['cpu_us']:.2f} | {row['rss_mb']:.0f} |"
        )
    late = figures["latency"]
    lines += [
        "",
        f"Raw record → canonical record under read_committed at {late['rate_per_s']:.0f}/s: "
        f"p50 {late['p50_ms']:.1f} ms, p99 {late['p99_ms']:.1f} ms.",
    ]
    hook, log = figures["webhook"], figures["restore"]
    lines += [
        "",
        f"Signed webhook at {hook['rate_per_s']:.0f}/s, whole installation: answered p50 "
        f"{hook['answer_p50_ms']:.1f} ms, p99 {hook['answer_p99_ms']:.1f} ms; accepted → canonical p50 "
        f"{hook['p50_ms']:.1f} ms, p99 {hook['p99_ms']:.1f} ms.",
        "",
        f"Restore: {log['rows_per_s']:,.0f} changelog rows/s ({log['rows']:,.0f} rows). Idle worker: "
        f"{hook['idle_rss_mb']:.0f} MB.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run all benchmarks and write the results."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results"))
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedKafka(Path(folder), jvm_flags=BROKER_FLAGS) as kafka,
    ):
        figures = {
            "date": datetime.now(UTC).date().isoformat(),
            "command": f"make bench (--records {args.records} --rounds {args.rounds})",
            "machine": "2 cores shared with the broker, Python " + sys.version.split()[0],
            "throughput": throughput(kafka.bootstrap_servers, args.records, args.rounds),
            "latency": latency(kafka.bootstrap_servers, 4_000, 200.0),
            "restore": restore(kafka.bootstrap_servers, 1_000_000),
        }
    figures["webhook"] = webhook_latency(4_000, 200.0)
    args.results.mkdir(parents=True, exist_ok=True)
    (args.results / "bench.json").write_text(json.dumps(figures, indent=2) + "\n")
    (args.results / "bench.md").write_text(render(figures))
    print(render(figures))


if __name__ == "__main__":
    main()
