"""Failures of comparable systems, by number: deliveries and files on their way through ingest into normalize.

The application and the watcher are ingest's own; what they wrote goes on through the real topology.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crossdock.canonical.topics import RAW_CHANNEL, RAW_DOCUMENT
from crossdock.embedded.child import Child, Recipe
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.embedded.ports import free_port
from crossdock.embedded.settings import inherited_environment
from crossdock.formats.registry import FORMATS
from crossdock.ingest.drop_folder import DropFolder, DropFolderOptions
from crossdock.ingest.file_records import FileRecords
from crossdock.ingest.journal import key_fault
from crossdock.ingest.producer import Coordinates
from crossdock.ingest.raw_record import RawRecord, Recorder
from crossdock.ingest.testing import Bench, MemoryProducer, MemoryProfiles
from crossdock.ingest.tokens import mint
from tests.kit.asgi import Answer, Call
from tests.kit.cli_installation import Installation, installation
from tests.kit.cli_installation import order as numbered_order
from tests.kit.intake import read, write_tokens
from tests.kit.trade import MORNING, Trade, portal_order, purchase_orders, trade_on_memory
from tests.kit.waiting import wait_until

PATH = "/v1/ingest/acme/portal/order"
TWINS = 20
PATIENCE_S = 20.0
BYTES_MAX = 100_000
BODY = json.dumps(portal_order()).encode()


@pytest.fixture
def trade() -> Iterator[Trade]:
    with trade_on_memory() as opened:
        yield opened


# ---- deliveries -------------------------------------------------------------------------------------------


@dataclass
class Door:
    """The ingest application before a log in memory, with one partner's token."""

    trade: Trade
    folder: Path
    producer: MemoryProducer = field(default_factory=MemoryProducer)

    def __post_init__(self) -> None:
        self.token = mint("portal", "acme", "portal")
        profiles = MemoryProfiles.of([self.trade.profile("portal")])
        tokens = read(write_tokens(self.folder, self.token))
        self.app = Bench(profiles, self.producer, tokens, clock=lambda: MORNING).app()

    def send_together(self, body: bytes, number: int, key: str = "") -> list[Answer]:
        """So many requests, all under way before Kafka answers the first."""
        return asyncio.run(self._send_together(body, number, key))

    async def _send_together(self, body: bytes, number: int, key: str) -> list[Answer]:
        self.producer.gate = asyncio.Event()
        headers = [("Authorization", f"Bearer {self.token[0]}"), *([("Idempotency-Key", key)] if key else [])]
        tasks = [asyncio.create_task(Call(PATH, (body,), headers).to(self.app)) for _ in range(number)]
        while self.producer.waiting < (1 if key else number) and not all(task.done() for task in tasks):
            await asyncio.wait(tasks, timeout=0)
        self.producer.gate.set()
        return await asyncio.gather(*tasks)

    def pass_on(self) -> None:
        """Everything that was written goes through normalize."""
        self.trade.run(*[self.trade.stored(record, RAW_CHANNEL) for record in self.producer.records])


@pytest.fixture
def door(trade: Trade, tmp_path: Path) -> Door:
    return Door(trade, tmp_path)


def test_parallel_deliveries_are_all_answered_and_become_one_order(door: Door) -> None:
    """F2: twenty deliveries at once: each is acknowledged under the same id, one order comes of them."""
    answers = door.send_together(BODY, TWINS)
    assert [answer.status for answer in answers] == [200] * TWINS
    assert len({answer.json["id"] for answer in answers}) == 1
    door.pass_on()
    assert [one.order_id for one in door.trade.orders] == ["B-1"]
    assert door.trade.outcomes == {"accepted": 1, "duplicate": TWINS - 1}


def test_parallel_deliveries_with_one_key_are_answered_with_one_place(door: Door) -> None:
    """F2: under one idempotency key all twenty get the coordinates of the same record."""
    answers = door.send_together(BODY, TWINS, key="k-1")
    places = {(answer.status, answer.json["partition"], answer.json["offset"]) for answer in answers}
    assert (places, len(door.producer.records)) == ({(200, 0, 0)}, 1)


def test_delivery_that_did_not_arrive_is_not_remembered(door: Door) -> None:
    """F31: a failed delivery leaves no mark: the repetition is written, only the next is answered from it."""
    door.producer.failures = 1
    answers = [door.send_together(BODY, 1, key="k-1")[0] for _ in range(3)]
    assert [answer.status for answer in answers] == [503, 200, 200]
    assert ["idempotent-replayed" in answer.headers for answer in answers] == [False, False, True]
    door.pass_on()
    assert [one.order_id for one in door.trade.orders] == ["B-1"]


# ---- files ------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process dies here."""


class DyingProducer(MemoryProducer):
    """Its process dies when Kafka has the record and before anybody learns of it."""

    async def deliver(self, record: RawRecord) -> Coordinates:
        """Append, and die."""
        await super().deliver(record)
        raise Killed


@dataclass
class Inbox:
    """The drop folder of the distributor, watched by one process after another."""

    trade: Trade
    root: Path
    written: list[RawRecord] = field(default_factory=list)

    def drop(self, name: str, body: bytes) -> None:
        """Put a file in."""
        folder = self.root / "acme" / "dist" / "inbox"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)

    def names(self, place: str) -> list[str]:
        """Files of a folder by their original names."""
        files = (self.root / "acme" / "dist" / place).rglob("*.x12")
        return sorted(path.name.rpartition("~")[2] for path in files)

    def watch(self, producer: MemoryProducer) -> None:
        """One process: until everything is archived, or until it is killed."""
        try:
            asyncio.run(self._watch(producer))
        except Killed:
            pass
        finally:
            self.written += producer.records

    async def _watch(self, producer: MemoryProducer) -> None:
        options = DropFolderOptions(self.root, poll_s=0.01, rest_s=0.0, bytes_max=BYTES_MAX)
        profiles = MemoryProfiles.of([self.trade.profile("dist")])
        records = FileRecords(profiles, Recorder(FORMATS, key_fault), BYTES_MAX, lambda: MORNING)
        stop = asyncio.Event()
        watcher = DropFolder(options, records, producer, lambda _: None, lambda: 100.0)
        task = asyncio.create_task(watcher.run(stop))
        async with asyncio.timeout(PATIENCE_S):
            while not task.done() and (self.names("inbox") or self.names("work")):
                assert len(self.names("archive")) <= len(producer.records) + len(self.written)
                await asyncio.wait([task], timeout=0.005)
        stop.set()
        await task

    def pass_on(self) -> None:
        """Everything that was written goes through normalize."""
        self.trade.run(*[self.trade.stored(record, RAW_DOCUMENT) for record in self.written])


@pytest.fixture
def inbox(trade: Trade, tmp_path: Path) -> Inbox:
    return Inbox(trade, tmp_path / "drop")


def test_file_counts_as_done_only_when_kafka_has_it(inbox: Inbox) -> None:
    """F27: outages and a kill after the acknowledgement: no file is archived early, no order is doubled."""
    for number in range(1, 4):
        inbox.drop(f"{number}.x12", purchase_orders(f"P{number}", control=50 + number))
    inbox.watch(DyingProducer())
    assert (inbox.names("archive"), len(inbox.written)) == ([], 1)
    inbox.watch(MemoryProducer(failures=5))
    assert inbox.names("archive") == ["1.x12", "2.x12", "3.x12"]
    inbox.pass_on()
    assert sorted(one.order_id for one in inbox.trade.orders) == ["P1", "P2", "P3"]
    assert inbox.trade.outcomes == {"accepted": 6, "duplicate": 1}


def test_file_that_a_killed_process_had_started_is_finished_without_help(inbox: Inbox) -> None:
    """F32: what a dead process had claimed is taken up by the next one; nothing stays in work."""
    inbox.drop("1.x12", purchase_orders("P1"))
    inbox.watch(DyingProducer())
    assert inbox.names("work") == ["1.x12"]
    inbox.watch(MemoryProducer())
    assert (inbox.names("work"), inbox.names("archive")) == ([], ["1.x12"])
    first, again = inbox.written
    assert first == again
    inbox.pass_on()
    assert [one.order_id for one in inbox.trade.orders] == ["P1"]


# ---- on a real broker -------------------------------------------------------------------------------------


@pytest.fixture
def made(kafka: EmbeddedKafka, registry: str, tmp_path: Path) -> Iterator[Installation]:
    with installation(kafka, registry, tmp_path) as running:
        yield running


@pytest.fixture
def ingest(made: Installation, tmp_path: Path) -> Iterator[tuple[Child, str]]:
    """The ingest process of the installation, and a token for it."""
    token = mint("portal", "acme", "portal")
    port = free_port()
    environment = {
        **inherited_environment(),
        "CROSSDOCK_BOOTSTRAP_SERVERS": made.bootstrap_servers,
        "CROSSDOCK_REGISTRY_URL": made.registry_url,
        "CROSSDOCK_NAMESPACE": made.namespace,
        "CROSSDOCK_INGEST_PORT": str(port),
        "CROSSDOCK_INGEST_TOKENS_FILE": str(write_tokens(tmp_path, token)),
    }
    child = Child(Recipe("ingest", "crossdock.ingest", port, environment, tmp_path / "ingest.log"))
    child.start()
    try:
        wait_until(child.is_ready, child.require_running)
        yield child, token[0]
    finally:
        child.stop(10)


@pytest.mark.broker
def test_parallel_deliveries_over_http_become_one_order_on_kafka(
    made: Installation, ingest: tuple[Child, str]
) -> None:
    """F2: the same over sockets: every sender is answered with a place in the log, one order stands there."""
    child, token = ingest

    def send(_: int) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(child.url + PATH, numbered_order(7), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            told: dict[str, object] = json.loads(answer.read())
            return told

    with ThreadPoolExecutor(TWINS) as pool:
        answers = list(pool.map(send, range(TWINS)))
    assert len({answer["id"] for answer in answers}) == 1
    assert len({(answer["partition"], answer["offset"]) for answer in answers}) == TWINS
    made.produce()
    orders = made.run("tail", "sales.order.v1", "-o", "beginning", "-e", "-f", r"%k\n").output.split()
    assert orders == ["acme/portal/7"]
    assert made.json("audit")["closes"] is True
