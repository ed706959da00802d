"""Requests on a group's replay lane, and their answers (R21).

Invariant: requests go out together or not at all, each signed; an answer belongs to its request by id.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crossdock.canonical import record as names
from crossdock.canonical.models.ops import AuditEntry, DryRunResult, ReplayAction, ReplayAnswer, ReplayRequest
from crossdock.canonical.topics import AUDIT_ENTRY
from crossdock.cli.errors import EnvironmentTrouble
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kafka.writer import Writer
from crossdock.cli.kept import Kept
from crossdock.streaming.backend import Place
from crossdock.streaming.serde import Serde
from crossdock.streaming.signing import sign
from crossdock.streaming.slot import Output

Progress = Callable[[int], None]
"""Told how many answers came since the last call."""


@dataclass(frozen=True)
class Operator:
    """Who asks, why, when, in which job, with which key."""

    actor: str
    reason: str
    job: str
    now: datetime
    key: str


@dataclass
class Answers:
    """What came back, by request id."""

    audits: dict[str, AuditEntry] = field(default_factory=dict)
    results: dict[str, DryRunResult] = field(default_factory=dict)

    def is_complete(self, request: ReplayRequest) -> bool:
        """Whether everything that a request can expect has come."""
        audit = self.audits.get(request.request_id)
        if audit is None or audit.answer is not ReplayAnswer.PLANNED:
            return audit is not None
        return request.request_id in self.results


def new_job(kind: str) -> str:
    """A job name that no other has."""
    return f"{kind}-{uuid.uuid4().hex[:10]}"


def request_about(
    kept: Kept, action: ReplayAction, operator: Operator, value: bytes | None = None
) -> ReplayRequest:
    """A signed request about an entry in the state in which it was read."""
    return sign(
        ReplayRequest(
            request_id=uuid.uuid4().hex,
            job=operator.job,
            action=action,
            group=kept.group,
            slot=kept.slot,
            store=kept.store,
            key=kept.key,
            seq=kept.entry.seq,
            n=kept.entry.n,
            entry_id=kept.entry.entry_id,
            value=value,
            actor=operator.actor,
            reason=operator.reason,
            requested_at=operator.now,
        ),
        operator.key,
    )


def resume_request(group: str, slot: int, operator: Operator) -> ReplayRequest:
    """A signed request to let a stopped slot go on."""
    return sign(
        ReplayRequest(
            request_id=uuid.uuid4().hex,
            job=operator.job,
            action=ReplayAction.RESUME,
            group=group,
            slot=slot,
            actor=operator.actor,
            reason=operator.reason,
            requested_at=operator.now,
        ),
        operator.key,
    )


class ReplayLane:
    """Sends requests to one group and waits for the answers.

    Args:
        wait_seconds: how long without any answer before waiting is given up.
    """

    def __init__(self, log: KafkaLog, serde: Serde, group: str, wait_seconds: float = 30.0) -> None:
        self._log = log
        self._serde = serde
        self._group = group
        self._wait_seconds = wait_seconds
        self._lane = f"{group}.replay.v1"
        self._whatif = f"{group}.whatif.v1"

    def ask(self, requests: Sequence[ReplayRequest], progress: Progress) -> Answers:
        """Send requests, all or none, and collect their answers. Raises EnvironmentTrouble on silence."""
        answers = Answers()
        if requests:
            self._serde.register(ReplayRequest.FULL_NAME, f"{self._log.settings.topic(self._lane)}-value")
            starts = self._ends()
            with Writer(self._log, f"replay-{self._group}") as writer:
                writer.write(self._output(request) for request in requests)
            self._collect(requests, starts, answers, progress)
        return answers

    def _ends(self) -> dict[Place, int]:
        topics = (AUDIT_ENTRY.name, self._whatif)
        return {
            Place(topic, partition): end
            for topic in topics
            for partition, (_, end) in self._log.bounds(topic).items()
        }

    def _output(self, request: ReplayRequest) -> Output:
        headers = (
            (names.CE_ID, request.request_id.encode()),
            (names.CE_TYPE, request.FULL_NAME.encode()),
            (names.CE_SOURCE, b"/crossdock/dead-letters"),
            (names.CE_SPECVERSION, b"1.0"),
            (names.CE_TIME, request.requested_at.isoformat(timespec="microseconds").encode()),
        )
        return Output(self._lane, request.slot, request.key.encode(), self._serde.serialize(request), headers)

    def _collect(
        self,
        requests: Sequence[ReplayRequest],
        starts: dict[Place, int],
        answers: Answers,
        progress: Progress,
    ) -> None:
        open_requests = {request.request_id: request for request in requests}
        for request_id in self._heard(starts, answers):
            request = open_requests.get(request_id)
            if request is not None and answers.is_complete(request):
                del open_requests[request_id]
                progress(1)
                if not open_requests:
                    return

    def _heard(self, starts: dict[Place, int], answers: Answers) -> Iterator[str]:
        """Ids of the requests about which something came; ends in EnvironmentTrouble on silence."""
        deadline = time.monotonic() + self._wait_seconds
        for record in self._log.follow(starts):
            if record is None:
                if time.monotonic() > deadline:
                    raise self._silence()
                continue
            deadline = time.monotonic() + self._wait_seconds
            if record.topic == AUDIT_ENTRY.name:
                audit = self._serde.deserialize(AuditEntry, record.value)
                answers.audits[audit.request_id] = audit
                yield audit.request_id
            else:
                result = self._serde.deserialize(DryRunResult, record.value)
                answers.results[result.request_id] = result
                yield result.request_id

    def _silence(self) -> EnvironmentTrouble:
        return EnvironmentTrouble(
            f"no answer from {self._group} for {self._wait_seconds:g} s: is a worker of it running? "
            "The requests stand on its lane and are carried out when one starts; "
            "'crossdock dead-letters list' then shows what is left."
        )
