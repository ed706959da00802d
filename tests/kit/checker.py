"""Adds up a topology's work from the log alone: receipts against inputs, outputs and dead letters.

Invariant: it shares no code with the runtime; a violation names the invariant of runtime §10 that it breaks.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crossdock.canonical import codec
from crossdock.canonical.models.ops import InputReceipt, Receipt, ReceiptKind
from crossdock.canonical.record import CE_CAUSATION_ID, CE_ID, CE_SOURCE, Record

RECEIPTS = "ops.receipt.v1"
OUTCOMES = (
    *("accepted", "rerouted", "duplicate", "conflict", "superseded"),
    *("rejected", "held", "waiting", "answered"),
)
_OPENING = ("conflict", "rejected", "held", "waiting")
_BLOCK_BYTES_MAX = 8 * 1024
_LISTED_MAX = 5


class Log(Protocol):
    """Where the records are read; a Cluster of `crossdock.streaming.testing` is one."""

    def records(self, topic: str) -> list[Record]:
        """Committed records of a topic; those of one partition in order of their offsets."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What is known about a topology before anything is read.

    Args:
        inputs: topics of its handlers, without the lane.
        ordered: inputs whose handler is ordered and never waits: I4 holds for what they emit.
        emits: how many records each accepted input makes; None where that depends on the record.
        lags: the run was stopped before everything was read: an unread rest of an input is no loss.
        exempt: source coordinates that I4 leaves out (settled out of order on purpose).
    """

    group: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    ordered: frozenset[str] = frozenset()
    emits: int | None = None
    lags: bool = False
    exempt: frozenset[str] = frozenset()

    @property
    def lane(self) -> str:
        """The replay lane."""
        return f"{self.group}.replay.v1"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant (`I1` … `I10`), where, and what was found."""

    invariant: str
    place: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.place}: {self.detail}"


@dataclass(slots=True)
class Evidence:
    """Everything that was read, indexed once."""

    flow: Flow
    inputs: dict[tuple[str, int], list[Record]] = field(default_factory=dict)
    outputs: dict[str, list[Record]] = field(default_factory=dict)
    dead_letters: dict[str, list[Record]] = field(default_factory=dict)
    receipts: dict[int, list[Receipt]] = field(default_factory=dict)

    def source(self, topic: str, partition: int, offset: int) -> Record | None:
        """One input record; None where there is none."""
        log = self.inputs.get((topic, partition), [])
        place = bisect_left(log, offset, key=lambda record: record.offset)
        return log[place] if place < len(log) and log[place].offset == offset else None

    def between(self, topic: str, partition: int, before: int, after: int) -> int:
        """How many records stand at offsets `before` ≤ offset < `after`."""
        log = self.inputs.get((topic, partition), [])
        return bisect_left(log, after, key=_offset) - bisect_left(log, before, key=_offset)


def gather(log: Log, flow: Flow) -> Evidence:
    """Read everything that the checks need."""
    evidence = Evidence(flow)
    for topic in (*flow.inputs, flow.lane):
        by_partition: dict[tuple[str, int], list[Record]] = defaultdict(list)
        for record in log.records(topic):
            by_partition[topic, record.partition].append(record)
        evidence.inputs.update(by_partition)
    evidence.outputs = {topic: [r for r in log.records(topic) if _is_ours(r, flow)] for topic in flow.outputs}
    evidence.dead_letters = {topic: log.records(f"{topic}.{flow.group}.dlq") for topic in flow.inputs}
    for record in log.records(RECEIPTS):
        receipt = codec.decode(Receipt, codec.unframe(record.value or b"")[1])
        if receipt.group == flow.group:
            evidence.receipts.setdefault(receipt.slot, []).append(receipt)
    return evidence


def violations(log: Log, flow: Flow) -> list[Violation]:
    """Every broken invariant among I1, I2, I4, I6, I7, I8, I9, I10."""
    evidence = gather(log, flow)
    checks: tuple[Callable[[Evidence], Iterator[Violation]], ...] = (
        *(one_outcome_each, sums_agree, receipts_chain, dead_letters_are_the_source),
        *(outputs_have_a_source, outputs_are_complete, nothing_twice, offsets_grow_per_key),
    )
    return [violation for check in checks for violation in check(evidence)]


def assert_sound(log: Log, flow: Flow) -> None:
    """Raise AssertionError with the first violations where there is any."""
    found = violations(log, flow)
    shown = "\n  ".join(map(str, found[:20]))
    assert not found, f"{len(found)} violations of {flow.group}:\n  {shown}"


def final_state(log: Log, topic: str, read: Callable[[Record], object]) -> dict[bytes, object]:
    """What the last record of each key of an output says: the state as the world sees it (I5)."""
    return {record.key or b"": read(record) for record in log.records(topic)}


def state_violations(actual: Mapping[bytes, object], expected: Mapping[bytes, object]) -> list[Violation]:
    """Keys whose final state differs from the fold of the inputs (I5)."""
    return [
        Violation("I5", key.decode(errors="replace"), f"is {actual.get(key)}, expected {expected.get(key)}")
        for key in sorted({*actual, *expected})
        if actual.get(key) != expected.get(key)
    ]


# ---- receipts --------------------------------------------------------------------------------------------


def one_outcome_each(evidence: Evidence) -> Iterator[Violation]:
    """I1: each receipt counts exactly the records between its offsets, one outcome each, to the end."""
    flow = evidence.flow
    reached: dict[tuple[str, int], int] = {}
    for slot, receipt, one in _inputs(evidence):
        place = f"{one.topic}/{slot}[{one.before},{one.after})"
        total = sum(getattr(one, outcome) for outcome in OUTCOMES)
        if total != one.visible:
            yield Violation("I1", place, f"{total} outcomes of {one.visible} records")
        stood = evidence.between(one.topic, slot, one.before, one.after)
        if receipt.kind is ReceiptKind.REGULAR and stood != one.visible:
            yield Violation("I1", place, f"{stood} records stand there, {one.visible} were counted")
        reached[one.topic, slot] = one.after
    for (topic, slot), log in evidence.inputs.items():
        rest = [record for record in log if record.offset >= reached.get((topic, slot), 0)]
        if rest and not flow.lags:
            yield Violation("I1", f"{topic}/{slot}", f"{len(rest)} records have no outcome, {_listed(rest)}")


def sums_agree(evidence: Evidence) -> Iterator[Violation]:
    """I2: opened − closed = open, transaction by transaction; each refusal has its dead letter."""
    refusals: Counter[str] = Counter()
    for slot, receipts in evidence.receipts.items():
        is_open = 0
        for receipt in receipts:
            place = f"slot {slot} receipt {receipt.sequence}"
            opening = sum(getattr(one, outcome) for one in receipt.inputs for outcome in _OPENING)
            if opening != receipt.opened:
                yield Violation(
                    "I2", place, f"{opening} outcomes open an entry, {receipt.opened} were opened"
                )
            is_open += receipt.opened - _closed(receipt)
            if is_open != receipt.open_entries:
                yield Violation(
                    "I2", place, f"opened − closed = {is_open}, but open = {receipt.open_entries}"
                )
            refusals["refused"] += receipt.rejected_again
            refusals["refused"] += sum(one.rejected + one.conflict for one in receipt.inputs)
            refusals["emitted"] += receipt.emitted
    letters = sum(map(len, evidence.dead_letters.values()))
    if letters != refusals["refused"]:
        yield Violation("I2", evidence.flow.group, f"{refusals['refused']} refusals, {letters} dead letters")
    written = sum(map(len, evidence.outputs.values()))
    if written != refusals["emitted"]:
        yield Violation(
            "I7", evidence.flow.group, f"{refusals['emitted']} records emitted, {written} stand there"
        )


def receipts_chain(evidence: Evidence) -> Iterator[Violation]:
    """I10: numbered without a gap, each starts where the one before it ended."""
    for slot, receipts in evidence.receipts.items():
        ends: dict[str, int] = {}
        for number, receipt in enumerate(receipts):
            place = f"slot {slot} receipt {number}"
            if receipt.sequence != number:
                yield Violation("I10", place, f"its number is {receipt.sequence}")
            if number == 0 and receipt.kind is not ReceiptKind.GAP:
                yield Violation("I10", place, "the chain does not begin with a gap receipt")
            for one in receipt.inputs:
                if receipt.kind is not ReceiptKind.GAP and ends.get(one.topic) != one.before:
                    detail = (
                        f"{one.topic} starts at {one.before}, the one before ended at {ends.get(one.topic)}"
                    )
                    yield Violation("I10", place, detail)
                ends[one.topic] = one.after


def _inputs(evidence: Evidence) -> Iterator[tuple[int, Receipt, InputReceipt]]:
    for slot, receipts in evidence.receipts.items():
        for receipt in receipts:
            for one in receipt.inputs:
                yield slot, receipt, one


def _closed(receipt: Receipt) -> int:
    return receipt.closed_accepted + receipt.closed_superseded + receipt.closed_discarded


# ---- dead letters ----------------------------------------------------------------------------------------


def dead_letters_are_the_source(evidence: Evidence) -> Iterator[Violation]:
    """I6: key, value, timestamp and leading headers are those of the source, byte for byte."""
    for topic, letters in evidence.dead_letters.items():
        for letter in letters:
            place = f"{topic}.{evidence.flow.group}.dlq/{letter.partition}/{letter.offset}"
            for problem in _letter_problems(evidence, letter):
                yield Violation("I6", place, problem)


def _letter_problems(evidence: Evidence, letter: Record) -> Iterator[str]:
    block = {name: (value or b"").decode() for name, value in letter.headers if name.startswith("dlq.")}
    source = _source_of_letter(evidence, block)
    if source is None:
        yield "its source does not exist"
        return
    for name in ("key", "value", "timestamp_ms"):
        if getattr(source, name) != getattr(letter, name):
            yield f"its {name} is not that of the source"
    if letter.headers[: len(source.headers)] != source.headers:
        yield "its leading headers are not those of the source"
    if any(not name.startswith("dlq.") for name, _ in letter.headers[len(source.headers) :]):
        yield "foreign headers stand within the block"
    if block.get("dlq.sha256") != hashlib.sha256(source.value or b"").hexdigest():
        yield "its digest is not that of the source"
    size = sum(len(name) + len(text.encode()) for name, text in block.items())
    if size > _BLOCK_BYTES_MAX:
        yield f"its block has {size} bytes"


def _source_of_letter(evidence: Evidence, block: Mapping[str, str]) -> Record | None:
    try:
        return evidence.source(
            block["dlq.src.topic"], int(block["dlq.src.partition"]), int(block["dlq.src.offset"])
        )
    except (KeyError, ValueError):
        return None


# ---- outputs ---------------------------------------------------------------------------------------------


def outputs_have_a_source(evidence: Evidence) -> Iterator[Violation]:
    """I7: no output without an input whose offset is committed."""
    reached = {(one.topic, slot): one.after for slot, _, one in _inputs(evidence)}
    for record in _all_outputs(evidence):
        topic, partition, offset = source_of(record)
        if evidence.source(topic, partition, offset) is None:
            yield Violation(
                "I7", record.coordinates, f"its source {topic}/{partition}/{offset} does not exist"
            )
        elif offset >= reached.get((topic, partition), 0):
            yield Violation(
                "I7", record.coordinates, f"its source {topic}/{partition}/{offset} is not committed"
            )


def outputs_are_complete(evidence: Evidence) -> Iterator[Violation]:
    """I8: all outputs of an accepted input or none; as many inputs as were accepted have outputs."""
    emits = evidence.flow.emits
    if emits is None:
        return
    made = Counter(source_of(record) for record in _all_outputs(evidence))
    for place, number in made.items():
        if number != emits:
            yield Violation("I8", "/".join(map(str, place)), f"{number} outputs instead of {emits}")
    receipts = [receipt for chain in evidence.receipts.values() for receipt in chain]
    accepted = sum(one.accepted for receipt in receipts for one in receipt.inputs)
    accepted += sum(receipt.closed_accepted for receipt in receipts)
    if emits and accepted != len(made):
        yield Violation("I8", evidence.flow.group, f"{accepted} were accepted, {len(made)} have outputs")


def nothing_twice(evidence: Evidence) -> Iterator[Violation]:
    """I9: an input is applied at most once; applied twice, it would emit the same ids twice."""
    seen = Counter(record.header(CE_ID) for record in _all_outputs(evidence))
    for name, number in seen.items():
        if name is None or number > 1:
            places = [r.coordinates for r in _all_outputs(evidence) if r.header(CE_ID) == name]
            yield Violation("I9", str(name), f"emitted {number} times: {', '.join(places[:_LISTED_MAX])}")


def offsets_grow_per_key(evidence: Evidence) -> Iterator[Violation]:
    """I4: outputs of one key and source partition stand in the order of their sources."""
    last: dict[tuple[str, bytes | None, str, int], int] = {}
    for record in _all_outputs(evidence):
        topic, partition, offset = source_of(record)
        if topic not in evidence.flow.ordered or f"{topic}/{partition}/{offset}" in evidence.flow.exempt:
            continue
        lane = record.topic, record.key, topic, partition
        if offset < last.get(lane, -1):
            yield Violation("I4", record.coordinates, f"source offset {offset} after {last[lane]}")
        last[lane] = offset


def source_of(record: Record) -> tuple[str, int, int]:
    """Coordinates of the input that an output was made from."""
    topic, partition, offset = (record.header(CE_CAUSATION_ID) or "?/-1/-1").rsplit("/", 2)
    return topic, int(partition), int(offset)


def _all_outputs(evidence: Evidence) -> Iterator[Record]:
    for records in evidence.outputs.values():
        yield from records


def _is_ours(record: Record, flow: Flow) -> bool:
    return record.header(CE_SOURCE) == f"/{flow.group}"


def _offset(record: Record) -> int:
    return record.offset


def _listed(records: Iterable[Record]) -> str:
    return ", ".join(record.coordinates for record in list(records)[:_LISTED_MAX])
