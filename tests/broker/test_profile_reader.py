"""The reader of partner profiles behind a connection on which answers get lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.ingest import kafka as clients
from crossdock.ingest.profiles import ProfileReader
from crossdock.ingest.settings import IngestSettings
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.serde import Serde
from tests.kit.ingest_process import Installation
from tests.kit.intake import PROFILES
from tests.kit.proxy import Proxy, proxy
from tests.kit.waiting import wait_until

pytestmark = pytest.mark.broker

API_KEYS = {"fetch": 1, "list_offsets": 2, "metadata": 3, "api_versions": 18}


@pytest.mark.parametrize("request_kind", API_KEYS)
def test_reader_whose_requests_are_never_answered_is_replaced(
    kafka: EmbeddedKafka, registry: str, tmp_path: Path, request_kind: str
) -> None:
    installation = Installation(kafka.bootstrap_servers, registry, tmp_path)
    with proxy(kafka.bootstrap_servers) as between:
        between.api_key, between.swallow = API_KEYS[request_kind], "answers"
        settings = IngestSettings(
            bootstrap_servers=between.bootstrap_servers, namespace=installation.namespace
        )
        made: list[AIOKafkaConsumer] = []

        def connect() -> AIOKafkaConsumer:
            made.append(clients.reader(settings, "partner.profile.v1"))
            return made[-1]

        reader = ProfileReader(connect, Serde(RegistryClient(registry)), patience_s=1.5)
        asyncio.run(_caught_up_once_answers_pass(reader, between))
        assert len(made) >= 2
        assert reader.count == len(PROFILES)


async def _caught_up_once_answers_pass(reader: ProfileReader, between: Proxy) -> None:
    running = asyncio.create_task(reader.run())
    try:
        await asyncio.to_thread(wait_until, lambda: between.seen)
        assert not reader.is_caught_up
        between.swallow = ""
        await asyncio.wait_for(reader.wait_caught_up(), 20)
    finally:
        running.cancel()
        await asyncio.wait([running])
