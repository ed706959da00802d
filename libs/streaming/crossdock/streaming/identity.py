"""Identity of what is emitted: ids, headers and fingerprints derived from source coordinates (R15).

Invariant: running the same input again gives the same `ce_id` for each output, and no two outputs of
one input share one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crossdock.canonical import record as headers
from crossdock.canonical.keys import murmur2_partition
from crossdock.canonical.record import Headers, Record

_NAMESPACE = bytes.fromhex("6f1d2c5a4b5e5d0c9a53c0ffee5ca1ed")
_HEX = re.compile(r"0x[0-9a-fA-F]+|\d+")
_SPEC = (headers.CE_SPECVERSION, b"1.0")
_KEPT = (headers.TRACEPARENT, headers.TRACESTATE)
_HEADER_BYTES_MAX = 512
"""A longer header is not passed on: each of the outputs, thousands perhaps, would repeat it."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What ids and accounts are derived from; constant while a worker lives.

    Args:
        cluster_id, topic_ids: as the broker names them; a topic made again has a new id.
        partitions: partition count per logical topic.
        partition_of: murmur2 partition of a key prefix.
    """

    cluster_id: str
    topic_ids: Mapping[str, str]
    partitions: Mapping[str, int]
    service: str
    code_version: str
    partition_of: Callable[[bytes, int], int] = murmur2_partition


def event_id(name: bytes) -> bytes:
    """uuid5 of a name under Crossdock's namespace, as text bytes."""
    digest = bytearray(hashlib.sha1(_NAMESPACE + name, usedforsecurity=False).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x50
    digest[8] = (digest[8] & 0x3F) | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}".encode()


def entry_id(installation: Installation, group: str, record: Record) -> str:
    """Id of the entry of a record: 32 hex digits, the same wherever and whenever it is opened."""
    source = f"{installation.cluster_id}/{installation.topic_ids.get(record.topic, '')}"
    place = f"{source}/{record.partition}/{record.offset}/{group}"
    return hashlib.sha256(place.encode()).hexdigest()[:32]


def fingerprint(code: str, stage: str, path: str, detail: str) -> str:
    """Hash of a cause without its values: equal causes of different records get equal text."""
    shape = "|".join([code, stage, _HEX.sub("#", path), _HEX.sub("#", detail)])
    return hashlib.sha256(shape.encode()).hexdigest()[:16]


class Stamper:
    """Headers of the records derived from one source record."""

    __slots__ = ("_common", "_id_base")

    def __init__(self, installation: Installation, group: str, record: Record) -> None:
        said = {n: v for n, v in record.headers if v is not None and len(v) <= _HEADER_BYTES_MAX}
        coordinates = record.coordinates.encode()
        self._id_base = (
            f"{installation.cluster_id}/{installation.topic_ids.get(record.topic, '')}/"
            f"{record.partition}/{record.offset}/{group}/"
        ).encode()
        correlation = said.get(headers.CE_CORRELATION_ID) or said.get(headers.CE_ID) or coordinates
        common = [
            (headers.CE_SOURCE, b"/" + group.encode()),
            _SPEC,
            (headers.CE_TIME, record.time.isoformat(timespec="microseconds").encode()),
            (headers.CE_CORRELATION_ID, correlation),
            (headers.CE_CAUSATION_ID, coordinates),
        ]
        tenant, _, rest = (record.key or b"").partition(b"/")
        common.append((headers.CE_TENANT, said.get(headers.CE_TENANT) or tenant))
        common.append((headers.CE_CHANNEL, said.get(headers.CE_CHANNEL) or rest.partition(b"/")[0]))
        common += [(name, value) for name in _KEPT if (value := said.get(name)) is not None]
        self._common = tuple(common)

    def stamp(self, name: str, ce_type: bytes, extra: Headers = ()) -> Headers:
        """Headers of one output; `name` tells it apart from the other outputs of its source."""
        return (
            (headers.CE_ID, event_id(self._id_base + name.encode())),
            (headers.CE_TYPE, ce_type),
            *self._common,
            *extra,
        )
