"""The ingest process on a real broker: what it acknowledged is in the log, through kill -9 and outages."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crossdock.canonical.keys import key_prefix, murmur2_partition
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.ingest.tokens import mint
from tests.kit.asgi import Answer
from tests.kit.ingest_process import PARTITIONS, IngestProcess, Installation
from tests.kit.intake import channel, order, shopify, write_tokens
from tests.kit.waiting import wait_until

pytestmark = pytest.mark.broker

SHOP = "/v1/webhooks/acme/shop"
API = "/v1/ingest/acme/portal/order"


@pytest.fixture
def installation(kafka: EmbeddedKafka, registry: str, tmp_path: Path) -> Installation:
    return Installation(kafka.bootstrap_servers, registry, tmp_path)


@pytest.fixture
def start(installation: Installation) -> Iterator[Callable[..., IngestProcess]]:
    """Starts processes that end with the test."""
    started: list[IngestProcess] = []

    def run(**settings: str) -> IngestProcess:
        process = installation.process(**settings)
        started.append(process)
        process.start_ready()
        return process

    yield run
    for process in started:
        process.close()


Start = Callable[..., IngestProcess]


def deliver(process: IngestProcess, number: int) -> Answer:
    """Send order `number` as Shopify would."""
    body = order(number)
    return process.post(SHOP, body, shopify(body, delivery=f"d-{number}"))


BODIES = (
    b'{"id": 1, "note": "Gr\xc3\xb6\xc3\x9fe"}',
    b"\xef\xbb\xbf{}",
    bytes(range(256)),
    b"\0" * 10,
    b"\r\n\r\n",
    b" ",
    '{"id": 2, "note": "ﬁ é"}'.encode(),
    b'{"id":3,"n":' + b"9" * 400 + b"}",
    b"x" * 890_000,
)


def test_bytes_arrive_untouched_in_the_partition_of_their_key(
    start: Start, installation: Installation, tmp_path: Path
) -> None:
    token = mint("portal", "acme")
    process = start(tokens_file=str(write_tokens(tmp_path, token)))
    headers = [("Authorization", f"Bearer {token[0]}"), ("Content-Type", "application/x-whatever")]
    answers = [process.post(API, body, headers) for body in BODIES]
    assert [answer.status for answer in answers] == [200] * len(BODIES)
    records = {(r.topic, r.partition, r.offset): r for r in installation.log("raw.channel.v1")}
    assert len(records) == len(BODIES)
    for body, answer in zip(BODIES, answers, strict=True):
        where = answer.json
        record = records[where["topic"], where["partition"], where["offset"]]
        assert record.value == body
        assert record.header("content-type") == "application/x-whatever"
        assert record.header("ce_id") == hashlib.sha256(body).hexdigest()
        assert record.key is not None
        assert record.partition == murmur2_partition(key_prefix(record.key, 3), PARTITIONS)


def test_forged_deliveries_and_strangers_leave_nothing(start: Start, installation: Installation) -> None:
    process = start()
    body = order(1)
    assert process.post(SHOP, body, shopify(body, "guess")).code == "signature_invalid"
    assert process.post("/v1/webhooks/acme/nobody", body, shopify(body)).status == 404
    assert process.post(API, body).code == "token_missing"
    assert installation.log("raw.channel.v1") == []


def test_profile_written_later_opens_its_endpoint_and_an_aborted_one_does_not(
    start: Start, installation: Installation
) -> None:
    newcomer = channel("newcomer", "shopify", "env:SHOP_NEW")
    installation.begin([channel("ghost", "shopify", "env:SHOP_NEW")]).abort_transaction(20)
    process = start()
    body = order(1)
    path = "/v1/webhooks/acme/newcomer"
    assert process.post(path, body, shopify(body)).status == 404
    installation.apply([newcomer])
    wait_until(lambda: process.post(path, body, shopify(body)).status == 200)
    assert process.post("/v1/webhooks/acme/ghost", body, shopify(body)).status == 404
    installation.apply([channel("newcomer", "shopify", "env:SHOP_OLD")], number=2)
    wait_until(lambda: process.post(path, body, shopify(body)).code == "signature_invalid")


def test_profiles_above_an_open_transaction_are_waited_for(installation: Installation, start: Start) -> None:
    """R10: the end that is told to a reader of committed records lies below the open transaction."""
    writer = installation.begin([channel("late", "shopify", "env:SHOP_NEW")])
    process = installation.process()
    process.start()
    try:
        wait_until(lambda: process.get("/readyz").json["broker"])
        assert [process.get("/readyz").json["profiles"] for _ in range(300)] == [False] * 300
        writer.commit_transaction(20)
        process.wait_ready()
        body = order(1)
        assert process.post("/v1/webhooks/acme/late", body, shopify(body)).status == 200
    finally:
        process.close()


class Load:
    """Senders that repeat a delivery until it is answered 200, as channels do."""

    def __init__(self, process: IngestProcess, senders: int = 4) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self._end = threading.Event()
        self.acknowledged: list[int] = []
        self.repeated = 0
        self._threads = [threading.Thread(target=self._send) for _ in range(senders)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(60)

    def wait_for(self, more: int) -> None:
        """Until so many more were acknowledged."""
        target = len(self.acknowledged) + more
        self._process.until(lambda: len(self.acknowledged) >= target)

    def _send(self) -> None:
        while not self._end.is_set():
            number = next(self._numbers)
            while deliver(self._process, number).status != 200 and not self._end.is_set():
                self.repeated += 1
                self._end.wait(0.02)
            if not self._end.is_set():
                self.acknowledged.append(number)


def logged(installation: Installation) -> Counter[str]:
    """How often each delivery stands in the log."""
    return Counter(record.header("ce_id") or "" for record in installation.log("raw.channel.v1"))


def test_every_acknowledged_delivery_is_in_the_log_although_the_process_is_killed(
    start: Start, installation: Installation
) -> None:
    process = start()
    with Load(process) as load:
        for _ in range(4):
            load.wait_for(60)
            process.kill()
            process.start()
        load.wait_for(60)
    found = logged(installation)
    assert load.repeated > 0, "no delivery was hit by a kill"
    assert [number for number in load.acknowledged if not found[f"d-{number}"]] == []


def test_broker_that_is_away_is_a_503_and_deliveries_pass_when_it_is_back(
    start: Start, installation: Installation, kafka: EmbeddedKafka
) -> None:
    process = start(delivery_timeout_ms="2000")
    assert deliver(process, 1).status == 200
    kafka.kill()
    try:
        answers = [deliver(process, number) for number in (2, 3, 4)]
        assert {(answer.status, answer.code) for answer in answers} == {(503, "broker_unavailable")}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
        assert process.get("/readyz").json["broker"] is False
        assert process.get("/livez").status == 200
    finally:
        kafka.start()
    for number in (2, 3, 4, 5):
        wait_until(lambda: deliver(process, number).status == 200, seconds=60)  # noqa: B023 - called at once
    found = logged(installation)
    assert all(found[f"d-{number}"] >= 1 for number in range(1, 6))
    assert process.get("/readyz").status == 200


def test_broker_killed_under_load_loses_no_acknowledged_delivery(
    start: Start, installation: Installation, kafka: EmbeddedKafka
) -> None:
    process = start(delivery_timeout_ms="2000")
    with Load(process) as load:
        for _ in range(2):
            load.wait_for(40)
            kafka.kill()
            kafka.start()
        load.wait_for(40)
    found = logged(installation)
    assert [number for number in load.acknowledged if not found[f"d-{number}"]] == []


def test_process_that_starts_before_the_broker_becomes_ready_when_it_comes(
    installation: Installation, kafka: EmbeddedKafka
) -> None:
    process = installation.process()
    kafka.kill()
    try:
        process.start()
        assert deliver(process, 1).code == "profiles_loading"
        assert process.get("/readyz").status == 503
    finally:
        kafka.start()
    try:
        process.wait_ready()
        assert deliver(process, 1).status == 200
    finally:
        process.close()


def test_sigterm_answers_what_was_taken_in_and_then_ends(start: Start, installation: Installation) -> None:
    process = start()
    deliver(process, 0)
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda number: deliver(process, number), range(1, 400))
        first = [next(answers) for _ in range(50)]
        process.signal()
        codes = Counter(answer.status for answer in [*first, *answers])
    assert process.wait() == 0
    assert codes[200] >= 50
    assert set(codes) <= {200, 0}, "after SIGTERM connections are refused, never requests half answered"
    assert len(logged(installation)) == codes[200] + 1
    assert process.events()[-1] == "stopped"


def drop(inbox: Path, number: int) -> bytes:
    """Put a file into the inbox the careful way: written under another name, then renamed."""
    body = f"synthetic document {number}\n".encode() * 50
    unfinished = inbox / f"{number}.x12.part"
    unfinished.write_bytes(body)
    unfinished.rename(inbox / f"{number}.x12")
    return body


def test_dropped_files_survive_kill_9_and_each_is_archived_with_its_coordinates(
    start: Start, installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "drop" / "acme" / "distributor"
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    process = start(drop_root=str(tmp_path / "drop"))
    bodies = set()
    for round_ in range(4):
        bodies |= {drop(inbox, number) for number in range(round_ * 60, round_ * 60 + 60)}
        at_least = round_ * 40 + 10
        wait_until(lambda: len(archived(folder)) >= at_least, seconds=60)  # noqa: B023 - called at once
        process.kill()
        process.start()
    wait_until(lambda: len(archived(folder)) == 240, seconds=60)
    records = {(r.topic, r.partition, r.offset): r for r in installation.log("raw.document.v1")}
    assert {record.value for record in records.values()} == bodies
    keys = {record.value: record.key for record in records.values()}
    assert all(keys[record.value] == record.key for record in records.values())
    assert list(inbox.iterdir()) == list((folder / "work").iterdir()) == []
    for path in archived(folder):
        note = Answer(200, {}, path.with_name(path.name + ".coordinates.json").read_bytes()).json
        record = records[note["topic"], note["partition"], note["offset"]]
        assert record.value == path.read_bytes()
        assert record.header("crossdock_event") == note["file"]


def archived(folder: Path) -> list[Path]:
    """Archived documents, notes left out."""
    return list((folder / "archive").rglob("*.x12"))
