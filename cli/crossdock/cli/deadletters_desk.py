"""The work behind `crossdock dead-letters`: read what is kept, ask the slots, collect their answers.

Invariant: whatever is asked goes to the lane of the entry's own group, in one transaction per group.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby

import click

from crossdock.canonical.models.ops import AuditEntry, ReplayAction, ReplayRequest
from crossdock.cli.describe_command import services
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kept import Kept, read_kept, read_slots
from crossdock.cli.kept_selection import Selection, chosen
from crossdock.cli.published import published
from crossdock.cli.record_view import RecordView
from crossdock.cli.replay_lane import Answers, Operator, ReplayLane, request_about, resume_request
from crossdock.cli.replay_plan import find_plans
from crossdock.cli.replay_view import Finding, findings
from crossdock.cli.settings import Connection
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.dead_letters import PREFIX
from crossdock.streaming.serde import Serde
from crossdock.streaming.topology import Topology

_EVIDENCE = ("err.class", "err.stack", "svc", "svc.version", "schema.w")
"""What a dead letter knows beyond its entry."""


@dataclass(frozen=True)
class Stopped:
    """A slot that stands still, and why."""

    slot: int
    code: str
    detail: str


class Desk:
    """One operator at one installation.

    Args:
        wait_seconds: how long without any answer before waiting is given up.
    """

    def __init__(self, connection: Connection, wait_seconds: float = 30.0) -> None:
        self._connection = connection
        self._wait_seconds = wait_seconds
        self.log = KafkaLog(connection)
        self._registry = RegistryClient(connection.settings.registry_url)
        self.serde = Serde(self._registry)

    @cached_property
    def topologies(self) -> list[Topology]:
        """Every topology of the installed services."""
        return [one for topologies in services().values() for one in topologies]

    @property
    def view(self) -> RecordView:
        """Decodes kept records."""
        return RecordView(self._registry)

    def kept(self, selection: Selection) -> list[Kept]:
        """The chosen entries of all groups, oldest first. Raises UsageError for an unknown group."""
        known = [one.group for one in self.topologies]
        if selection.group and selection.group not in known:
            raise click.UsageError(f"no topology runs as {selection.group}; there are: {', '.join(known)}.")
        wanted = [one for one in self.topologies if selection.group in ("", one.group)]
        return chosen(read_kept(self.log, self.serde, wanted), selection)

    def one(self, identity: str) -> Kept:
        """The entry with this id or these first digits. Raises UsageError where it is none or several."""
        found = self.kept(Selection(id=(identity,)))
        if len(found) != 1:
            said = "no dead letter has" if not found else f"{len(found)} dead letters have"
            raise click.UsageError(
                f"{said} an id that begins with '{identity}'; "
                "'crossdock dead-letters list --all' shows the ids."
            )
        return found[0]

    def operator(self, actor: str, reason: str, job: str) -> Operator:
        """Who asks, with the installation's key. Raises UsageError where there is none."""
        return Operator(actor, reason, job, datetime.now(UTC), self._connection.operator_key)

    # -- asking ------------------------------------------------------------------------------------------
    def dry_run(self, kept: Sequence[Kept], operator: Operator, value: bytes | None = None) -> list[Finding]:
        """What a retry of each entry, or an edit of the only one, would do now."""
        requests = [request_about(one, ReplayAction.DRY_RUN, operator, value) for one in kept]
        answers = self._ask(requests, "dry run")
        results = [answers.results[one.request_id] for one in requests if one.request_id in answers.results]
        known = published(self.log, self.serde, [emit for result in results for emit in result.emits])
        refused = [audit for audit in answers.audits.values() if audit.request_id not in answers.results]
        if refused:
            raise click.UsageError(f"{refused[0].answer.replace('_', ' ')}: {refused[0].detail}")
        return findings(results, known)

    def execute(self, plan_id: str, operator: Operator) -> dict[str, AuditEntry]:
        """Carry out a plan; answers by request id."""
        plans = find_plans(self.log, self.serde, self.topologies, plan_id)
        return self._ask([order for plan in plans for order in plan.orders(operator)], "retry").audits

    def discard(self, kept: Sequence[Kept], operator: Operator) -> dict[str, AuditEntry]:
        """Close entries without effect; answers by request id."""
        requests = [request_about(one, ReplayAction.DISCARD, operator) for one in kept]
        return self._ask(requests, "discard").audits

    def _ask(self, requests: Sequence[ReplayRequest], label: str) -> Answers:
        answers = Answers()
        with _progress(len(requests), label) as progress:
            for group, members in groupby(sorted(requests, key=_group_of), _group_of):
                lane = ReplayLane(self.log, self.serde, group, self._wait_seconds)
                found = lane.ask(list(members), progress)
                answers.audits |= {
                    one.request_id: found.audits[one.request_id] for one in requests if one.group == group
                }
                answers.results |= found.results
        return answers

    # -- stopped slots -----------------------------------------------------------------------------------
    def stopped(self, group: str) -> list[Stopped]:
        """Slots of a group that stopped by themselves. Raises UsageError for a group without changelog."""
        slots = read_slots(self.log, self.serde, group)
        return [
            Stopped(number, slot.position.stopped_code, slot.position.stopped_detail)
            for number, slot in slots.items()
            if slot.position is not None and slot.position.stopped_code
        ]

    def resume(self, group: str, stopped: Sequence[Stopped], operator: Operator) -> dict[int, str]:
        """Let stopped slots go on; answers by slot."""
        requests = [resume_request(group, one.slot, operator) for one in stopped]
        audits = self._ask(requests, "resume").audits
        return {one.slot: str(one.answer) for one in audits.values()}

    # -- evidence ----------------------------------------------------------------------------------------
    def evidence(self, kept: Kept) -> dict[str, str]:
        """What the newest dead letter of an entry adds: class, stack, code version."""
        topic = f"{kept.entry.topic}.{kept.group}.dlq"
        if not self.log.has(topic):
            return {}
        first, _ = self.log.bounds(topic, [kept.slot])[kept.slot]
        found: dict[str, str] = {}
        for record in self.log.read(topic, {kept.slot: first}):
            if record.header(f"{PREFIX}id") == kept.entry.entry_id:
                found = {name: record.header(PREFIX + name) or "" for name in _EVIDENCE}
        return {name: text for name, text in found.items() if text}


def _group_of(request: ReplayRequest) -> str:
    return request.group


@contextmanager
def _progress(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, at a terminal only."""
    with click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        yield bar.update


def discard_plan(kept: Iterable[Kept]) -> str:
    """Name of the plan to discard exactly these entries in exactly this state."""
    digest = hashlib.sha256()
    for one in sorted(kept, key=lambda one: one.entry.entry_id):
        digest.update(f"{one.entry.entry_id}/{one.entry.n};".encode())
    return f"discard-{digest.hexdigest()[:10]}"
