"""Record keys: text paths, tenant first, each segment percent-encoded.

Invariant: `split_key(join_key(*segments)) == segments` for any text segments, and equal segments
give equal bytes, so the key alone decides partition, state and hold scope.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

_SAFE = ":~-._"


def join_key(*segments: str) -> str:
    """Path of the segments, each percent-encoded (`/` and `%` cannot occur inside one)."""
    return "/".join([quote(segment, safe=_SAFE) for segment in segments])


def split_key(key: str | bytes) -> tuple[str, ...]:
    """Decoded segments of a key. Raises UnicodeDecodeError where it is not UTF-8."""
    text = key.decode() if isinstance(key, bytes) else key
    return tuple([unquote(segment, errors="strict") for segment in text.split("/")])


def key_prefix(key: bytes, segments: int) -> bytes:
    """The first `segments` segments of a key, still encoded. Raises ValueError if there are fewer."""
    end = -1
    for _ in range(segments):
        if end == len(key):
            raise ValueError(f"a key of at least {segments} segments is needed")
        end = key.find(b"/", end + 1)
        if end < 0:
            end = len(key)
    return key[:end]


def murmur2_partition(key: bytes, partitions: int) -> int:
    """Partition of a key as Kafka's Java client computes it (murmur2, sign bit cleared)."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """32-bit murmur2 with Kafka's seed, unsigned. Source: Kafka `Utils.murmur2`."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    length = len(data)
    h = 0x9747B28C ^ length
    whole = length & ~3
    for i in range(0, whole, 4):
        k = (int.from_bytes(data[i : i + 4], "little") * m) & mask
        k = ((k ^ (k >> 24)) * m) & mask
        h = ((h * m) & mask) ^ k
    if whole < length:
        h = ((h ^ int.from_bytes(data[whole:], "little")) * m) & mask
    h = ((h ^ (h >> 13)) * m) & mask
    return h ^ (h >> 15)
