from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.keys import join_key, key_prefix, murmur2, murmur2_partition, split_key

SEGMENTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1, max_size=5)


@settings(max_examples=200, deadline=None)
@given(SEGMENTS)
def test_segments_come_back_as_they_were(segments: list[str]) -> None:
    key = join_key(*segments)
    assert split_key(key) == tuple(segments) == split_key(key.encode())
    assert key.isascii()


@settings(max_examples=200, deadline=None)
@given(SEGMENTS, st.integers(1, 5))
def test_a_prefix_is_the_key_of_the_first_segments(segments: list[str], count: int) -> None:
    key = join_key(*segments).encode()
    if count <= len(segments):
        assert key_prefix(key, count) == join_key(*segments[:count]).encode()
    else:
        with pytest.raises(ValueError, match="segments"):
            key_prefix(key, count)


@pytest.mark.parametrize(
    ("data", "unsigned"),
    [
        # Test vectors of Kafka's own client (UtilsTest.testMurmur2), as unsigned numbers.
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_kafka_s(data: bytes, unsigned: int) -> None:
    assert murmur2(data) == unsigned & 0xFFFFFFFF


def test_a_partition_is_never_negative() -> None:
    assert {murmur2_partition(str(n).encode(), 12) for n in range(500)} == set(range(12))
