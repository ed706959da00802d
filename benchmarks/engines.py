"""The engines that `run.py` compares, each started as its own process on one core.

copy     consume and produce the same bytes in transactions: the floor of the client
hand     the loop a good engineer writes by hand: consume, the same mapping and models, produce, commit
runtime  Crossdock's worker: the same, with admission, marks, holds, receipts, positions
Invariant: all engines read the same partitions in batches of the same bound, and write all headers that
a canonical record carries.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks.payloads import PROFILE
from crossdock.canonical import codec
from crossdock.canonical.keys import key_prefix
from crossdock.canonical.models import PartnerProfile, PartnerProfileVersion
from crossdock.canonical.record import Record
from crossdock.canonical.topics import ORDER, PARTNER_PROFILE, RAW_CHANNEL
from crossdock.formats import shopify_order
from crossdock.normalize.topology import topology
from crossdock.streaming.backends.kafka import KafkaBackend
from crossdock.streaming.backends.kafka_partitioner import partition_of
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.runtime import Surroundings, Worker
from crossdock.streaming.serde import Serde
from crossdock.streaming.testing import Watcher

BATCH_RECORDS = 500
TRANSACTION_MS = 15_000


class Meter:
    """Counts records and measures from the first batch to the last commit."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.done = 0
        self._started: tuple[float, float] | None = None

    def begin(self) -> None:
        """The first batch is in hand."""
        if self._started is None:
            self._started = time.perf_counter(), _cpu_s()

    def report(self) -> dict[str, float]:
        """Records per second, CPU microseconds per record, peak memory."""
        assert self._started is not None, "nothing was measured"
        wall_s, cpu_s = time.perf_counter() - self._started[0], _cpu_s() - self._started[1]
        return {
            "records": self.done,
            "records_per_s": self.done / wall_s,
            "cpu_us": cpu_s / self.done * 1e6,
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _consumer(settings: KafkaSettings, group: str) -> Consumer:
    return Consumer(
        {
            **settings.client(),
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "partition.assignment.strategy": "range",
            "fetch.queue.backoff.ms": 10,
            "queued.max.messages.kbytes": 16384,
            "log_level": 0,
        }
    )


def _producer(settings: KafkaSettings, group: str) -> Producer:
    producer = Producer(
        {
            **settings.client(),
            "transactional.id": group,
            "transaction.timeout.ms": TRANSACTION_MS,
            "linger.ms": 5,
            "compression.type": "lz4",
            "queue.buffering.max.messages": 200_000,
            "sticky.partitioning.linger.ms": 0,
            "log_level": 0,
        }
    )
    producer.init_transactions(30)
    return producer


def loop(settings: KafkaSettings, meter: Meter, handle: Callable[[Producer, Any], None]) -> None:
    """A transactional consume–produce loop without anything else."""
    group = f"bench-{uuid.uuid4().hex[:8]}"
    consumer, producer = _consumer(settings, group), _producer(settings, group)
    consumer.subscribe([settings.topic(RAW_CHANNEL.name)])
    while meter.done < meter.expected:
        first = consumer.poll(0.05)
        if first is None:
            continue
        meter.begin()
        messages: list[Any] = [first, *consumer.consume(BATCH_RECORDS - 1, 0.005)]
        producer.begin_transaction()
        offsets: dict[int, int] = {}
        for message in messages:
            handle(producer, message)
            offsets[message.partition()] = message.offset() + 1
        topic = settings.topic(RAW_CHANNEL.name)
        positions = [TopicPartition(topic, partition, offset) for partition, offset in offsets.items()]
        producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata(), 10)
        producer.commit_transaction(15)
        meter.done += len(messages)


def run_copy(settings: KafkaSettings, meter: Meter) -> None:
    """Bytes in, the same bytes out."""
    target = settings.topic(ORDER.name)

    def handle(producer: Producer, message: Any) -> None:
        producer.produce(
            target, message.value(), message.key(), message.partition(), headers=message.headers() or []
        )

    loop(settings, meter, handle)


def run_hand(settings: KafkaSettings, meter: Meter) -> None:
    """The same mapping, models, partitioning and headers, written by hand."""
    target, profile = settings.topic(ORDER.name), PartnerProfile.model_validate(PROFILE)
    partitions, prefix = 4, codec.frame(1, b"")

    def handle(producer: Producer, message: Any) -> None:
        record = Record(
            RAW_CHANNEL.name, message.partition(), message.offset(), message.key(), message.value(),
            tuple(message.headers() or ()), message.timestamp()[1],
        )  # fmt: skip
        order = shopify_order.read(record, profile).entities[0]
        key = order.key.encode()
        headers: list[tuple[str, str | bytes | None]] = [
            ("ce_id", str(uuid.uuid5(uuid.NAMESPACE_URL, record.coordinates)).encode()),
            ("ce_type", f"crossdock.sales.Order.{order.change}".encode()),
            ("ce_source", b"/normalize"),
            ("ce_specversion", b"1.0"),
            ("ce_time", record.time.isoformat(timespec="microseconds").encode()),
            ("ce_correlationid", record.coordinates.encode()),
            ("ce_causationid", record.coordinates.encode()),
            ("ce_tenant", b"acme"),
            ("ce_channel", b"shopify-eu"),
        ]
        value = prefix + codec.encode(order)
        partition = partition_of(key_prefix(key, 3), partitions)
        producer.produce(target, value, key, partition, headers=headers)

    loop(settings, meter, handle)


def run_runtime(settings: KafkaSettings, meter: Meter, group: str) -> None:
    """Crossdock's worker on the same input."""
    worker = worker_of(settings, group)
    while meter.done < meter.expected:
        worker.turn()
        slots = worker.assignment.slots.values()
        done = sum(owned.slot.position.inputs.get(RAW_CHANNEL.name, ("", 0))[1] for owned in slots)
        if done:
            meter.begin()
        meter.done = done
    worker.close()


def bench_serde() -> Serde:
    """A registry in memory whose first id is the profile's, in every process."""
    serde = Serde(MemoryRegistry())
    serde.register(PartnerProfileVersion.FULL_NAME, f"{PARTNER_PROFILE.name}-value")
    return serde


def worker_of(settings: KafkaSettings, group: str) -> Worker:
    """A normalize worker under a group of its own; schema ids as `bench_serde` gives them."""
    return Worker(
        replace(topology, group=group),
        KafkaBackend(settings, group, 0),
        bench_serde(),
        Surroundings(
            now_us=lambda: time.time_ns() // 1_000,
            monotonic_s=time.monotonic,
            observer=Watcher(),
            authorize=lambda request: "",
            partition_of=partition_of,
            code_version="bench",
        ),
    )


def main() -> None:
    """Run one engine and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("engine", choices=["copy", "hand", "runtime"])
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--group", default="")
    parser.add_argument("--core", type=int, default=-1)
    args = parser.parse_args()
    if args.core >= 0:
        os.sched_setaffinity(0, {args.core})
    settings = KafkaSettings(bootstrap_servers=args.bootstrap, namespace=args.namespace)
    meter = Meter(args.records)
    if args.engine == "runtime":
        run_runtime(settings, meter, args.group)
    else:
        {"copy": run_copy, "hand": run_hand}[args.engine](settings, meter)
    json.dump(meter.report(), sys.stdout)


if __name__ == "__main__":
    main()
