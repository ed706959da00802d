"""Workers as processes that can be killed and stopped, forked from one that has imported everything.

Invariant: the parent ends with its standard input, and its workers with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from confluent_kafka import Producer

from crossdock.streaming.backend import Committed, Place
from crossdock.streaming.backends import kafka_transactions
from crossdock.streaming.backends.kafka import KafkaBackend
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.limits import Limits
from crossdock.streaming.runtime import Worker
from crossdock.streaming.serde import Serde
from crossdock.streaming.signing import authorizer
from crossdock.streaming.slot import Output
from crossdock.streaming.surroundings import Surroundings, Tuning
from crossdock.streaming.testing import OPERATOR_KEY, Watcher
from tests.kit import tally
from tests.kit.static_registry import StaticRegistry
from tests.kit.waiting import wait_until

ROOT = Path(__file__).parents[2]
PATIENT = Limits(rejections_in_row_max=100_000, window_rejected_percent_max=100)


@dataclass(frozen=True)
class Member:
    """One worker of a group.

    Args:
        topology: name of a topology in `tests.kit.tally`.
        hold_file: once this file exists, the worker removes it and stops itself (SIGSTOP) in the next
            transaction that writes records, at `hold_before`: `transaction` (a long step: it notices that
            it was away before it goes on), `send_offsets` or `commit`.
        linger_ms: how long its producer keeps records back; they are then still in the stopped process.
        holds_ticks: only a transaction without live records counts for that (a drain, a tick).
    """

    bootstrap_servers: str
    namespace: str
    topology: str
    ordinal: int = 0
    session_ms: int = 1_200
    transaction_ms: int = 4_000
    record_seconds_max: int = 30
    drain_records: int = 100
    linger_ms: int = 5
    hold_file: str = ""
    hold_before: str = ""
    holds_ticks: bool = False


class Workers:
    """The parent of worker processes; a context manager."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=ROOT,
        )

    def start(self, member: Member) -> int:
        """Start a worker; its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(member)).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self, pid: int) -> None:
        """End a worker in good order."""
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not is_running(pid))

    def kill(self, pid: int) -> None:
        """Kill a worker without warning."""
        with contextlib.suppress(ProcessLookupError):  # a fenced worker ends by itself
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_running(pid))

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._log.close()


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    return _state(pid) not in ("", "Z")


def is_stopped(pid: int) -> bool:
    """Whether a process was stopped by a signal."""
    return _state(pid) == "T"


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


# ---- the worker's side -------------------------------------------------------------------------------------


class HoldingBackend(KafkaBackend):
    """A backend that stops its own process in the middle of a transaction."""

    def __init__(self, settings: KafkaSettings, member: Member) -> None:
        super().__init__(
            settings,
            tally.__dict__[member.topology].group,
            member.ordinal,
            session_timeout_ms=member.session_ms,
            transaction_ms=member.transaction_ms,
        )
        self._held = member
        self._is_due = False
        bounded = self._transactions.bounded
        self._run, bounded.run = bounded.run, self._run_or_hold  # type: ignore[method-assign]  # a hook

    def transact(
        self, outputs: Iterable[Output], positions: Mapping[Place, Committed], *, is_leaving: bool = False
    ) -> None:
        """One transaction, maybe interrupted."""
        written = list(outputs)
        is_tick = all(place.topic.endswith(".replay.v1") for place in positions)
        self._is_due = (
            any(one.topic == tally.TOTAL.name for one in written) and is_tick >= self._held.holds_ticks
        )
        if self._is_due and self._held.hold_before == "transaction" and Path(self._held.hold_file).exists():
            Path(self._held.hold_file).unlink()
            os.kill(os.getpid(), signal.SIGSTOP)
            threading.Event().wait(2 * self._held.session_ms / 1000)
        super().transact(written, positions, is_leaving=is_leaving)

    def _run_or_hold(self, function: Callable[[], object], seconds: float) -> None:
        name = getattr(getattr(function, "func", None), "__name__", "")
        if self._is_due and self._held.hold_before and name.startswith(self._held.hold_before):
            hold = Path(self._held.hold_file)
            if hold.exists():
                if self._transactions.producer is not None and self._held.linger_ms == 5:
                    self._transactions.producer.flush(5)
                hold.unlink()
                os.kill(os.getpid(), signal.SIGSTOP)
        self._run(function, seconds)


def _work(member: Member) -> None:
    stopping = threading.Event()
    lingering = {"linger.ms": member.linger_ms}
    kafka_transactions.__dict__["Producer"] = lambda settings: Producer({**settings, **lingering})
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    settings = KafkaSettings(bootstrap_servers=member.bootstrap_servers, namespace=member.namespace)
    tuning = Tuning(
        record_seconds_max=member.record_seconds_max, drain_records=member.drain_records, limits=PATIENT
    )
    around = Surroundings(
        now_us=lambda: time.time_ns() // 1_000,
        monotonic_s=time.monotonic,
        observer=Telling(),
        authorize=authorizer(OPERATOR_KEY),
        tuning=tuning,
        code_version="test",
    )
    backend = HoldingBackend(settings, member)
    worker = Worker(tally.__dict__[member.topology], backend, Serde(StaticRegistry()), around)
    worker.run(stopping.is_set, stopping.wait)


class Telling(Watcher):
    """Writes trouble to standard error."""

    def trouble(self, error: Exception) -> None:
        """One line."""
        sys.stderr.write(f"{os.getpid()} {type(error).__name__}: {error}\n")
        sys.stderr.flush()


def _main() -> None:
    children: list[int] = []
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _child(json.loads(line))
        children.append(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in filter(is_running, children):
        os.kill(pid, signal.SIGKILL)


def _child(fields: dict[str, Any]) -> None:  # fields of Member
    os.close(0)
    code = 1
    try:
        _work(Member(**fields))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _main()
