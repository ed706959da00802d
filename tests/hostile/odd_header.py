"""Produces one record whose header has a name that is no UTF-8: `python -m tests.hostile.odd_header`.

A process of its own, for only the pure Python form of the client takes such a name.
"""

from __future__ import annotations

import asyncio
import os
import sys

os.environ["AIOKAFKA_NO_EXTENSIONS"] = "1"  # read when the client is imported

from aiokafka import AIOKafkaProducer


class OddName(str):
    """A name that is written as two bytes that no text begins with."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


async def produce(bootstrap_servers: str, topic: str, partition: int, key: str, value: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers)
    await producer.start()
    try:
        headers = [(OddName("odd"), b"1")]
        content = (value.encode(), key.encode())
        await producer.send_and_wait(topic, *content, partition=partition, headers=headers)
    finally:
        await producer.stop()


if __name__ == "__main__":
    _, servers, name, number, *rest = sys.argv
    asyncio.run(produce(servers, name, int(number), *rest))
