"""Dropped files: taken at rest, archived once acknowledged, with coordinates; failed with a reason."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from crossdock.formats.registry import FORMATS
from crossdock.ingest import dropped_file
from crossdock.ingest.drop_folder import DropFolder, DropFolderOptions, Rests
from crossdock.ingest.dropped_file import ClaimedFile, PartnerFolder, Seen
from crossdock.ingest.file_records import FileRecords
from crossdock.ingest.journal import key_fault
from crossdock.ingest.producer import Coordinates
from crossdock.ingest.raw_record import RawRecord, Recorder
from crossdock.ingest.testing import MemoryProducer, MemoryProfiles
from tests.kit.intake import NOW, PROFILES

CAP = 5_000
RECORDER = Recorder(FORMATS, key_fault)
PATIENCE_S = 10.0


@dataclass
class Folder:
    """A drop folder of one partner, with the watcher on fakes."""

    root: Path
    profiles: MemoryProfiles = field(default_factory=lambda: MemoryProfiles.of(PROFILES))
    producer: MemoryProducer = field(default_factory=MemoryProducer)
    outcomes: list[str] = field(default_factory=list)
    partner: str = "distributor"

    def __post_init__(self) -> None:
        self.inbox.mkdir(parents=True)

    @property
    def path(self) -> Path:
        return self.root / "acme" / self.partner

    @property
    def inbox(self) -> Path:
        return self.path / "inbox"

    def names(self, place: str) -> list[str]:
        """Original names of the documents in a folder; notes and stamps left out."""
        files = [path.name for path in (self.path / place).rglob("*") if path.is_file()]
        return sorted(name.partition("~")[2] for name in files if not name.endswith(".json"))

    def note(self, place: str) -> dict[str, object]:
        """The one note in a folder."""
        (path,) = (self.path / place).rglob("*.json")
        note: dict[str, object] = orjson.loads(path.read_bytes())
        return note

    def watcher(self) -> DropFolder:
        options = DropFolderOptions(self.root, poll_s=0.01, rest_s=0.0, bytes_max=CAP)
        records = FileRecords(self.profiles, RECORDER, CAP, lambda: NOW)
        return DropFolder(options, records, self.producer, self.outcomes.append, lambda: 100.0)

    def watch_until(self, condition: Callable[[], bool]) -> None:
        """Run the watcher until the condition holds, then stop it."""
        asyncio.run(self._watch(condition))

    async def _watch(self, condition: Callable[[], bool]) -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(self.watcher().run(stop))
        async with asyncio.timeout(PATIENCE_S):
            while not condition() and not task.done():
                await asyncio.wait([task], timeout=0.005)
        stop.set()
        await task


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "drop")


def test_file_becomes_a_document_with_its_bytes_and_is_archived_with_its_coordinates(folder: Folder) -> None:
    body = bytes(range(256))
    (folder.inbox / "order 1.x12").write_bytes(body)
    folder.watch_until(lambda: folder.names("archive") == ["order 1.x12"])
    (record,) = folder.producer.records
    assert (record.topic, record.value) == ("raw.document.v1", body)
    assert record.key.startswith(b"acme/distributor/")
    assert record.header("crossdock_event") == "order 1.x12"
    assert record.header("ce_channel") == "distributor"
    assert folder.note("archive") == {
        "file": "order 1.x12",
        "topic": "raw.document.v1",
        "partition": 0,
        "offset": 0,
    }
    assert (folder.names("inbox"), folder.names("work"), folder.outcomes) == ([], [], ["produced"])


def test_archive_is_by_day_and_keeps_two_files_of_one_name(folder: Folder) -> None:
    for body in (b"first", b"second"):
        (folder.inbox / "same.x12").write_bytes(body)
        archived = len(folder.producer.records) + 1
        folder.watch_until(lambda: len(folder.names("archive")) == archived)  # noqa: B023 - called at once
    days = [day.name for day in (folder.path / "archive").iterdir()]
    assert all(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) for day in days)
    assert folder.names("archive") == ["same.x12", "same.x12"]
    assert [record.value for record in folder.producer.records] == [b"first", b"second"]


@pytest.mark.parametrize("name", [".hidden", "a.tmp", "a.part", "a.x12.filepart", "A.TMP"])
def test_name_of_an_unfinished_file_is_left_alone_until_it_is_renamed(folder: Folder, name: str) -> None:
    (folder.inbox / name).write_bytes(b"half")
    (folder.inbox / "other.x12").write_bytes(b"whole")
    folder.watch_until(lambda: folder.names("archive") == ["other.x12"])
    assert (folder.inbox / name).exists()
    (folder.inbox / name).rename(folder.inbox / "a.x12")
    folder.watch_until(lambda: folder.names("archive") == ["a.x12", "other.x12"])


def test_growing_file_is_taken_only_after_it_rested() -> None:
    rests, folder = Rests(1.0), Path("acme/distributor")

    def ready(now: float, size: int, modified_ns: int = 1) -> bool:
        return bool(rests.at_rest(folder, [Seen("a", size, modified_ns)], now))

    assert not ready(0.0, 100)
    assert not ready(0.9, 100)
    assert not ready(1.0, 101), "it grew"
    assert not ready(1.9, 101)
    assert not ready(2.0, 101, modified_ns=2), "it was written to without growing"
    assert ready(3.0, 101, modified_ns=2)


def test_empty_file_gets_time_to_be_filled() -> None:
    rests, folder = Rests(1.0), Path("acme/distributor")
    assert rests.at_rest(folder, [Seen("a", 0, 1)], 0.0) == []
    assert rests.at_rest(folder, [Seen("a", 0, 1)], 29.0) == []
    assert len(rests.at_rest(folder, [Seen("a", 0, 1)], 30.0)) == 1


def test_rest_is_forgotten_with_the_file() -> None:
    rests, folder = Rests(1.0), Path("acme/distributor")
    rests.at_rest(folder, [Seen("a", 5, 1)], 0.0)
    rests.at_rest(folder, [], 0.5)
    assert rests.at_rest(folder, [Seen("a", 5, 1)], 1.0) == []


def test_files_of_one_partner_are_produced_in_the_order_of_their_time(folder: Folder) -> None:
    for place, name in enumerate(["c", "a", "b"]):
        path = folder.inbox / name
        path.write_bytes(name.encode())
        os.utime(path, (place, place))
    folder.watch_until(lambda: len(folder.names("archive")) == 3)
    assert [record.value for record in folder.producer.records] == [b"c", b"a", b"b"]


@pytest.mark.parametrize(
    ("body", "code"), [(b"x" * (CAP + 1), "body_too_large"), (b"x" * CAP, "body_too_large")]
)
def test_file_above_the_cap_fails_with_a_reason(folder: Folder, body: bytes, code: str) -> None:
    (folder.inbox / "big.x12").write_bytes(body)
    folder.watch_until(lambda: folder.names("failed") == ["big.x12"])
    note = folder.note("failed")
    assert (note["code"], note["file"], note["tenant"]) == (code, "big.x12", "acme")
    assert folder.producer.records == []
    assert folder.outcomes == ["failed"]


def test_file_that_the_broker_calls_too_large_fails(folder: Folder) -> None:
    folder.producer.bytes_max = 10
    (folder.inbox / "big.x12").write_bytes(b"x" * 100)
    folder.watch_until(lambda: folder.names("failed") == ["big.x12"])


def test_link_out_of_the_inbox_is_not_followed(folder: Folder) -> None:
    secret = folder.root / "secret"
    secret.write_bytes(b"not for partners")
    (folder.inbox / "link.x12").symlink_to(secret)
    folder.watch_until(lambda: folder.names("failed") == ["link.x12"] or bool(folder.producer.records))
    assert folder.producer.records == []
    assert folder.note("failed")["code"] == "not_a_regular_file"
    assert secret.read_bytes() == b"not for partners"


def test_pipe_in_the_inbox_does_not_block_the_watcher(folder: Folder) -> None:
    os.mkfifo(folder.inbox / "pipe")
    (folder.inbox / "order.x12").write_bytes(b"x")
    folder.watch_until(lambda: folder.names("archive") == ["order.x12"] and bool(folder.outcomes[1:]))
    assert folder.note("failed")["code"] == "not_a_regular_file"


def test_file_waits_in_the_inbox_until_its_partner_has_a_profile(folder: Folder) -> None:
    stranger = Folder(folder.root, folder.profiles, folder.producer, partner="stranger")
    (stranger.inbox / "a").write_bytes(b"1")
    (folder.inbox / "b").write_bytes(b"2")
    folder.watch_until(lambda: folder.names("archive") == ["b"])
    assert (stranger.inbox / "a").exists()
    profile = folder.profiles.profiles["acme", "distributor"]
    folder.profiles.profiles["acme", "stranger"] = profile
    folder.watch_until(lambda: stranger.names("archive") == ["a"])


def test_file_stays_in_work_while_kafka_does_not_acknowledge(folder: Folder) -> None:
    folder.producer.failures = 3
    (folder.inbox / "a").write_bytes(b"1")
    seen: list[list[str]] = []

    def is_archived() -> bool:
        seen.append(folder.names("work"))
        return folder.names("archive") == ["a"]

    folder.watch_until(is_archived)
    assert ["a"] in seen
    assert len(folder.producer.records) == 1


def test_stop_while_kafka_is_away_leaves_the_file_in_work(folder: Folder) -> None:
    folder.producer.failures = 1_000_000
    (folder.inbox / "a").write_bytes(b"1")
    folder.watch_until(lambda: folder.names("work") == ["a"])
    folder.producer.failures = 0
    folder.watch_until(lambda: folder.names("archive") == ["a"])


def test_file_left_in_work_by_a_killed_process_gives_the_very_same_record(folder: Folder) -> None:
    (folder.inbox / "a").write_bytes(b"1")
    partner = PartnerFolder(folder.path)
    dropped_file.claim(partner, "a", NOW)
    (left,) = dropped_file.claimed(partner)
    before = FileRecords(folder.profiles, RECORDER, CAP, lambda: NOW).record(left, b"1")
    folder.watch_until(lambda: folder.names("archive") == ["a"])
    assert folder.producer.records == [before]
    assert before.header("ce_time") == "2026-03-01T09:30:00.123456+00:00"


def test_crash_between_note_and_move_is_repaired_by_the_next_run(folder: Folder) -> None:
    (folder.inbox / "a").write_bytes(b"1")
    partner = PartnerFolder(folder.path)
    dropped_file.claim(partner, "a", NOW)
    (left,) = dropped_file.claimed(partner)
    day = folder.path / "archive" / f"{NOW:%Y-%m-%d}"
    day.mkdir(parents=True)
    (day / f"{left.path.name}.coordinates.json").write_text("{}")
    folder.watch_until(lambda: folder.names("archive") == ["a"])
    assert folder.note("archive")["offset"] == 0


def test_file_that_an_operator_puts_back_into_work_is_taken(folder: Folder) -> None:
    (folder.path / "work").mkdir()
    (folder.path / "work" / "by-hand.x12").write_bytes(b"1")
    folder.watch_until(lambda: bool(folder.outcomes))
    assert folder.producer.records[0].header("crossdock_event") == "by-hand.x12"


def test_name_that_is_not_utf8_or_very_long_is_taken(folder: Folder) -> None:
    (folder.inbox / os.fsdecode(b"\xff\xfe.x12")).write_bytes(b"1")
    (folder.inbox / ("n" * 251 + ".x12")).write_bytes(b"2")
    folder.watch_until(lambda: len(folder.outcomes) == 2)
    events = {record.value: record.header("crossdock_event") for record in folder.producer.records}
    assert events == {b"1": "��.x12", b"2": "n" * 196 + ".x12"}


def test_folders_in_the_inbox_and_hidden_partners_are_ignored(folder: Folder) -> None:
    (folder.inbox / "subfolder").mkdir()
    (folder.root / ".git" / "x" / "inbox").mkdir(parents=True)
    (folder.inbox / "a").write_bytes(b"1")
    folder.watch_until(lambda: folder.names("archive") == ["a"])
    assert (folder.inbox / "subfolder").is_dir()


def test_one_process_owns_the_root_and_the_next_takes_over(folder: Folder) -> None:
    async def scenario() -> None:
        stops = [asyncio.Event(), asyncio.Event()]
        first = asyncio.create_task(folder.watcher().run(stops[0]))
        (folder.inbox / "a").write_bytes(b"1")
        async with asyncio.timeout(PATIENCE_S):
            while not folder.outcomes:
                await asyncio.wait([first], timeout=0.005)
            folder.producer.gate = asyncio.Event()
            second = asyncio.create_task(folder.watcher().run(stops[1]))
            (folder.inbox / "b").write_bytes(b"2")
            while not folder.producer.waiting:
                await asyncio.wait([first, second], timeout=0.005)
            await asyncio.wait([first, second], timeout=0.1)
            assert folder.producer.waiting == 1, "both processes took the file"
            folder.producer.gate.set()
            stops[0].set()
            await first
            (folder.inbox / "c").write_bytes(b"3")
            while len(folder.outcomes) < 3:
                await asyncio.wait([second], timeout=0.005)
            stops[1].set()
            await second

    asyncio.run(scenario())
    assert [record.value for record in folder.producer.records] == [b"1", b"2", b"3"]


def test_full_disk_in_the_archive_does_not_produce_the_file_again(folder: Folder) -> None:
    blocker = folder.path / "archive"
    blocker.write_text("a file where the folder should be")
    (folder.inbox / "a").write_bytes(b"1")
    looks = 0

    def is_archived() -> bool:
        nonlocal looks
        looks += bool(folder.producer.records)
        if looks == 20:
            blocker.unlink()
        return looks > 20 and folder.names("archive") == ["a"]

    folder.watch_until(is_archived)
    assert len(folder.producer.records) == 1


def test_claim_time_is_read_back_from_the_name(tmp_path: Path) -> None:
    folder = PartnerFolder(tmp_path / "acme" / "distributor")
    (folder.path / "inbox").mkdir(parents=True)
    (folder.path / "inbox" / "x~y.x12").write_bytes(b"1")
    dropped_file.claim(folder, "x~y.x12", NOW)
    (file,) = dropped_file.claimed(folder)
    assert (file.captured_at, file.original_name) == (NOW, "x~y.x12")
    assert isinstance(file, ClaimedFile)


def test_unreadable_root_is_waited_out(folder: Folder) -> None:
    inbox = folder.inbox
    (inbox / "a").write_bytes(b"1")
    inbox.rename(folder.path / "away")
    looks = 0

    def is_archived() -> bool:
        nonlocal looks
        looks += 1
        if looks == 10:
            (folder.path / "away").rename(inbox)
        return folder.names("archive") == ["a"]

    folder.watch_until(is_archived)


def test_fault_of_ours_fails_the_file_and_not_the_watcher(folder: Folder) -> None:
    class Broken(MemoryProducer):
        async def deliver(self, record: RawRecord) -> Coordinates:
            if record.value == b"poison":
                raise ZeroDivisionError
            return await MemoryProducer.deliver(self, record)

    folder.producer = Broken()
    (folder.inbox / "a").write_bytes(b"poison")
    (folder.inbox / "b").write_bytes(b"good")
    folder.watch_until(lambda: folder.names("archive") == ["b"] and folder.names("failed") == ["a"])
    assert folder.note("failed")["code"] == "internal_error"
