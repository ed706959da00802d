"""What a topic says of a key at present, to compare what a retry would write with it.

Invariant: the look back is bounded; a key that was published before that counts as new.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.ops import DryRunEmit
from crossdock.canonical.topics import HANDLES, Topic
from crossdock.cli.differences import Difference, differences
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kafka.writer import addressed
from crossdock.streaming.serde import Serde

LOOK_BACK = 20_000
"""How many records of a partition are searched for the latest of a key."""

_TOPICS: dict[str, Topic[object]] = {handle.name: handle for handle in HANDLES}


def published(log: KafkaLog, serde: Serde, emits: Iterable[DryRunEmit]) -> dict[tuple[str, str], object]:
    """Latest published document by topic and key, for keys that have one within the look back."""
    wanted: dict[str, set[bytes]] = defaultdict(set)
    for emit in emits:
        if emit.topic in _TOPICS and issubclass(_TOPICS[emit.topic].record, Canonical):
            wanted[emit.topic].add(emit.key.encode())
    found: dict[tuple[str, str], object] = {}
    for topic, keys in wanted.items():
        found |= _latest(log, serde, _TOPICS[topic], keys)
    return found


def _latest(
    log: KafkaLog, serde: Serde, topic: Topic[object], keys: set[bytes]
) -> dict[tuple[str, str], object]:
    partitions = sorted({addressed(log, topic, key) for key in keys})
    bounds = log.bounds(topic.name, partitions)
    starts = {one: max(first, end - LOOK_BACK) for one, (first, end) in bounds.items()}
    records = log.read(topic.name, starts)
    values = {record.key: record.value for record in records if record.key is not None and record.key in keys}
    return {
        (topic.name, key.decode()): _document(serde, topic, value)
        for key, value in values.items()
        if value is not None
    }


def _document(serde: Serde, topic: Topic[object], value: bytes) -> object:
    kind = topic.record
    assert issubclass(kind, Canonical), "raw topics are not compared"
    return json.loads(serde.deserialize(kind, value).model_dump_json())


def compared(emit: DryRunEmit, known: dict[tuple[str, str], object]) -> tuple[bool, list[Difference]]:
    """Whether the key is new in its topic, and what the emit would change field by field."""
    before = known.get((emit.topic, emit.key))
    return before is None, differences(before or {}, json.loads(emit.value_json))
