"""What the Kafka client itself cannot take ends no worker."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crossdock.canonical.record import Record
from crossdock.canonical.topics import ORDER, PARTNER_PROFILE, RAW_CHANNEL
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.normalize.topology import topology
from crossdock.streaming.backends.kafka_reader import HEADERS_UNREADABLE
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.testing import Driver
from tests.hostile.bounds import WATCHDOG
from tests.hostile.cases import cases
from tests.hostile.reading import versions
from tests.kit.kafka_cluster import KafkaCluster

pytestmark = [WATCHDOG, pytest.mark.broker]


def produce_with_an_odd_header(cluster: KafkaCluster, record: Record) -> None:
    assert record.key is not None
    assert record.value is not None
    place = (cluster.settings.topic(record.topic), str(record.partition))
    text = (record.key.decode(), record.value.decode())
    command = [
        sys.executable,
        "-m",
        "tests.hostile.odd_header",
        cluster.settings.bootstrap_servers,
        *place,
        *text,
    ]
    subprocess.run(command, check=True, timeout=60)


def test_a_header_whose_name_is_no_text_ends_no_worker_and_loses_no_record(kafka: EmbeddedKafka) -> None:
    cluster = KafkaCluster(kafka.bootstrap_servers, topology, 1)
    driver = Driver(topology, MemoryRegistry(), cluster, tuning=Tuning(idle_poll_s=0.02), raises_faults=False)
    for key, version in versions():
        cluster.append(driver.record(PARTNER_PROFILE, key, version))
    chosen = {case.name: case.record for case in cases()}
    for name in ("money/amounts/negative-zero", "money/amounts/words"):
        record = chosen[name]
        odd = driver.record(RAW_CHANNEL, (record.key or b"").decode(), record.value)
        produce_with_an_odd_header(cluster, odd)
    driver.settle()
    assert driver.outcomes() == {"accepted": 1, "rejected": 1}
    (letter,) = driver.dead_letters(RAW_CHANNEL)
    assert letter.value == chosen["money/amounts/words"].value
    assert letter.headers[0] == HEADERS_UNREADABLE
    assert len(cluster.records(ORDER.name)) == 1
    driver.restart()
    cluster.close()
