"""Plans: what a dry run found, found again by its id, and turned into the requests that carry it out.

Invariant: a plan is what stands in the log: the dry-run requests on the lane and their results in the
what-if topic; executing it asks for exactly those outputs, or for nothing (`plan_changed`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import click

from crossdock.canonical.models.ops import DryRunOutcome, DryRunResult, ReplayAction, ReplayRequest
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.replay_lane import Operator
from crossdock.streaming.serde import Serde
from crossdock.streaming.signing import sign
from crossdock.streaming.topology import Topology

M = TypeVar("M", DryRunResult, ReplayRequest)
WORTH_DOING = {DryRunOutcome.FIXED, DryRunOutcome.SUPERSEDED}
"""Results after which a retry closes the entry."""


@dataclass(frozen=True)
class Plan:
    """One plan in one group: the dry-run requests and their results, by request id."""

    group: str
    requests: dict[str, ReplayRequest]
    results: dict[str, DryRunResult]

    def orders(self, operator: Operator) -> list[ReplayRequest]:
        """The signed requests that carry out what the plan found worth doing."""
        return [
            self._order(self.requests[request_id], result, operator)
            for request_id, result in self.results.items()
            if result.result in WORTH_DOING and request_id in self.requests
        ]

    def _order(self, request: ReplayRequest, result: DryRunResult, operator: Operator) -> ReplayRequest:
        order = request.model_copy(
            update={
                "request_id": uuid.uuid4().hex,
                "action": ReplayAction.RETRY if request.value is None else ReplayAction.EDIT,
                "plan_hash": result.plan_hash,
                "actor": operator.actor,
                "reason": operator.reason or request.reason,
                "requested_at": operator.now,
            }
        )
        return sign(order, operator.key)


def find_plans(log: KafkaLog, serde: Serde, topologies: Iterable[Topology], plan_id: str) -> list[Plan]:
    """The plan with this id, by group. Raises UsageError where no group knows it."""
    plans = []
    for topology in topologies:
        results = _of_job(DryRunResult, log, serde, topology.whatif, plan_id)
        if results:
            requests = _of_job(ReplayRequest, log, serde, topology.lane, plan_id)
            dry = {one.request_id: one for one in requests if one.action is ReplayAction.DRY_RUN}
            plans.append(Plan(topology.group, dry, {one.request_id: one for one in results}))
    if not plans:
        raise click.UsageError(f"there is no plan {plan_id}; plans are kept seven days.")
    return plans


def _of_job(kind: type[M], log: KafkaLog, serde: Serde, topic: str, job: str) -> list[M]:
    """Records of a topic that belong to a job; what cannot be read is someone else's."""
    found: list[M] = []
    if not log.has(topic):
        return found
    for record in log.read(topic):
        if record.value is not None and job.encode() in record.value:
            one = serde.deserialize(kind, record.value)
            if one.job == job:
                found.append(one)
    return found
