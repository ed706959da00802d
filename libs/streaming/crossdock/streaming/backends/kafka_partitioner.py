"""The partition function of the hot path: librdkafka's own murmur2 where it can be reached.

Invariant: it gives the partitions of `crossdock.canonical.keys.murmur2_partition`; checked when loaded.
"""

from __future__ import annotations

import ctypes
import glob
import os.path
from collections.abc import Callable

import confluent_kafka

from crossdock.canonical.keys import murmur2_partition


def _fast_murmur2() -> Callable[[bytes, int], int]:
    """librdkafka's own murmur2 through ctypes (0.7 µs); the Python one (2.6 µs) where it is not found."""
    folder = os.path.dirname(os.path.dirname(confluent_kafka.__file__))
    paths = glob.glob(os.path.join(folder, "confluent_kafka.libs", "librdkafka*.so*"))
    if not paths:
        return murmur2_partition
    pointer, function = ctypes.c_void_p, ctypes.CDLL(paths[0]).rd_kafka_msg_partitioner_murmur2
    function.argtypes = (pointer, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int32, pointer, pointer)
    function.restype = ctypes.c_int32

    def partition(key: bytes, partitions: int) -> int:
        return int(function(None, key, len(key), partitions, None, None))

    sample = b"acme/shopify-eu/1"
    return partition if partition(sample, 12) == murmur2_partition(sample, 12) else murmur2_partition


partition_of = _fast_murmur2()
