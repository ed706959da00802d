"""What an endpoint answers where it took a document in.

Invariant: the answer names the record's place in the log, so sender and operator speak of the same record.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from crossdock.ingest.producer import Coordinates


@dataclass(frozen=True, slots=True)
class Accepted:
    """A 200.

    Args:
        id: the record's `ce_id`, empty for a ping.
        coordinates: the record's place; None for a ping, which leaves no record.
        is_repetition: the record was written by an earlier request with the same idempotency key.
    """

    id: str
    coordinates: Coordinates | None
    is_repetition: bool = False

    def document(self) -> bytes:
        """The answer's JSON body."""
        if self.coordinates is None:
            return b'{"status":"ignored"}'
        where = self.coordinates
        return orjson.dumps(
            {
                "status": "accepted",
                "id": self.id,
                "topic": where.topic,
                "partition": where.partition,
                "offset": where.offset,
            }
        )

    def headers(self) -> dict[str, str]:
        """Headers of the answer besides its content type."""
        return {"idempotent-replayed": "true"} if self.is_repetition else {}
