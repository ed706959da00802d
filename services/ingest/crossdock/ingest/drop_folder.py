"""The watched drop folder: every file that comes to rest in an inbox becomes one raw document.

Invariant: a file leaves work/ for archive/ only after Kafka acknowledged its record, so a process that is
killed anywhere loses nothing; what it left in work/ is produced again, with the same key, `ce_id`, time
and bytes, and the consumers' duplicate marks recognise it. One process at a time owns a root (a lock
that dies with the process); others stand by.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from crossdock.ingest import dropped_file
from crossdock.ingest.dropped_file import ClaimedFile, FileUnusable, PartnerFolder, Seen
from crossdock.ingest.file_records import FileRecords
from crossdock.ingest.producer import BrokerUnavailable, Coordinates, Producer, RecordTooLarge

_ENTRIES_MAX: Final = 2_000
_EMPTY_REST_S: Final = 30.0
"""An empty file may be one that its sender has only opened; it is judged after this rest."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DropFolderOptions:
    """Where and how to watch.

    Args:
        root: holds `<tenant>/<partner>/inbox`.
        poll_s: seconds between two looks.
        rest_s: a file is taken when its size and time have not changed for so long.
        bytes_max: larger files fail.
    """

    root: Path
    poll_s: float
    rest_s: float
    bytes_max: int


@dataclass(slots=True)
class Rests:
    """Which files have stopped changing; times are monotonic seconds."""

    rest_s: float
    _since: dict[Path, dict[str, tuple[Seen, float]]] = field(default_factory=dict)

    def at_rest(self, folder: Path, files: list[Seen], now: float) -> list[Seen]:
        """Those of the files that rested long enough; forgets files that are gone."""
        known = self._since.get(folder, {})
        since = self._since[folder] = {file.name: _resting(known.get(file.name), file, now) for file in files}
        return [file for file, start in since.values() if now - start >= self._needed_s(file)]

    def _needed_s(self, file: Seen) -> float:
        return self.rest_s if file.size else max(self.rest_s, _EMPTY_REST_S)


def _resting(before: tuple[Seen, float] | None, file: Seen, now: float) -> tuple[Seen, float]:
    return before if before is not None and before[0] == file else (file, now)


class DropFolder:
    """The watcher.

    Args:
        options: where and how.
        records: makes records from files.
        producer: takes them.
        count: told the outcome of each file (`produced`, `failed`).
        clock: monotonic seconds.
    """

    def __init__(
        self,
        options: DropFolderOptions,
        records: FileRecords,
        producer: Producer,
        count: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._options = options
        self._records = records
        self._producer = producer
        self._count = count
        self._clock = clock
        self._rests = Rests(options.rest_s)
        self._waiting: set[Path] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until told to stop; a file under way is finished or stays in work/."""
        lock = await self._own_root(stop)
        if lock is None:
            return
        try:
            while not stop.is_set():
                await self._produce_all(await self._sweep(), stop)
                await _pause(stop, self._options.poll_s)
        finally:
            os.close(lock)

    async def _own_root(self, stop: asyncio.Event) -> int | None:
        """The lock's descriptor, once it is ours; None where the service stops before."""
        is_told = False
        while not stop.is_set():
            lock = await asyncio.to_thread(_lock, self._options.root)
            if lock is not None:
                return lock
            if not is_told:
                _log.info("drop_folder_standby")
                is_told = True
            await _pause(stop, self._options.poll_s)
        return None

    async def _sweep(self) -> dict[Path, list[ClaimedFile]]:
        try:
            return await asyncio.to_thread(self._claim_rested)
        except OSError as error:
            _log.error("drop_folder_unreadable", error=type(error).__name__, errno=error.errno)
            return {}

    def _claim_rested(self) -> dict[Path, list[ClaimedFile]]:
        """Everything in work/ of each open partner: what rested in the inbox, and what a crash left there."""
        claims = {}
        for folder in dropped_file.partner_folders(self._options.root):
            seen = dropped_file.look(folder, _ENTRIES_MAX)
            ready = self._rests.at_rest(folder.path, seen, self._clock())
            if not self._is_open(folder):
                continue
            now = datetime.now(UTC)
            for place, file in enumerate(ready):
                dropped_file.claim(folder, file.name, now + timedelta(microseconds=place))
            claims[folder.path] = dropped_file.claimed(folder)
        return claims

    def _is_open(self, folder: PartnerFolder) -> bool:
        """False, said once, while the folder's partner has no profile in force."""
        if self._records.knows(folder.tenant, folder.partner):
            self._waiting.discard(folder.path)
            return True
        if folder.path not in self._waiting:
            self._waiting.add(folder.path)
            _log.warning("drop_folder_waits_for_profile", tenant=folder.tenant, partner=folder.partner)
        return False

    async def _produce_all(self, claims: dict[Path, list[ClaimedFile]], stop: asyncio.Event) -> None:
        """Partners side by side, the files of one partner in the order of their claim."""
        await asyncio.gather(*[self._produce_in_order(files, stop) for files in claims.values()])

    async def _produce_in_order(self, files: list[ClaimedFile], stop: asyncio.Event) -> None:
        for file in files:
            is_done = False
            while not is_done and not stop.is_set():
                is_done = await self._produce(file)
                if not is_done:
                    await _pause(stop, self._options.poll_s)

    async def _produce(self, file: ClaimedFile) -> bool:
        """One attempt; False where Kafka or the disk is in trouble and the file stays in work/."""
        try:
            body = await asyncio.to_thread(dropped_file.read, file, self._options.bytes_max)
            coordinates = await self._producer.deliver(self._records.record(file, body))
        except BrokerUnavailable:
            return False
        except RecordTooLarge:
            return await self._fail(
                file, FileUnusable("body_too_large", "Kafka refuses records of this size.")
            )
        except FileUnusable as fault:
            return await self._fail(file, fault)
        except FileNotFoundError:
            return True  # an operator took it away
        except OSError as error:
            return _disk_trouble(file, error)
        except Exception:
            _log.exception("file_fault", tenant=file.folder.tenant, partner=file.folder.partner)
            return await self._fail(file, FileUnusable("internal_error", "A fault of ours; see the log."))
        return await self._archive(file, coordinates)

    async def _archive(self, file: ClaimedFile, coordinates: Coordinates) -> bool:
        """Archive until it works: producing again because the disk is full would only add duplicates."""
        note: dict[str, str | int] = {
            "file": file.original_name,
            "topic": coordinates.topic,
            "partition": coordinates.partition,
            "offset": coordinates.offset,
        }
        self._count("produced")
        while True:
            try:
                await asyncio.to_thread(dropped_file.archive, file, note)
            except FileNotFoundError:
                return True
            except OSError as error:
                _disk_trouble(file, error)
                await asyncio.sleep(self._options.poll_s)
            else:
                return True

    async def _fail(self, file: ClaimedFile, fault: FileUnusable) -> bool:
        reason: dict[str, str | int] = {
            "code": fault.code,
            "detail": fault.detail,
            "file": file.original_name,
            "tenant": file.folder.tenant,
            "partner": file.folder.partner,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        try:
            await asyncio.to_thread(dropped_file.fail, file, reason)
        except OSError as error:
            return _disk_trouble(file, error)
        self._count("failed")
        _log.warning("file_failed", code=fault.code, tenant=file.folder.tenant, partner=file.folder.partner)
        return True


def _disk_trouble(file: ClaimedFile, error: OSError) -> bool:
    """Say it; False, so that the caller tries again. A file's name may be personal and is not logged."""
    _log.error(
        "file_not_moved", tenant=file.folder.tenant, partner=file.folder.partner, error=type(error).__name__
    )
    return False


def _lock(root: Path) -> int | None:
    """Descriptor that holds the root's lock, None where another process has it."""
    root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root / ".ingest.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until the stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
