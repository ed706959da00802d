"""Settings of the registry; read from the environment once, at start.

Invariant: without any setting it serves on the loopback interface only.
"""

from __future__ import annotations

from pydantic import Field

from crossdock.canonical.evolution import Level
from crossdock.streaming.backends.settings import KafkaSettings


class RegistrySettings(KafkaSettings):
    """`CROSSDOCK_*` of the registry service."""

    registry_host: str = Field(default="127.0.0.1", min_length=1, description="Interface to listen on.")
    registry_port: int = Field(default=8081, ge=0, le=65535, description="TCP port to listen on; 0 for any.")
    registry_topic: str = Field(
        default="_schemas",
        pattern=r"^[A-Za-z0-9._-]+$",
        description="Compacted topic that holds the schemas, before the namespace is put in front.",
    )
    registry_compatibility: Level = Field(
        default=Level.BACKWARD,
        description="Compatibility level where none is set, by API, for all or a subject.",
    )
    registry_refuse_hazards: bool = Field(
        default=True,
        description="Refuse schemas with which a decoder can be crashed or made to loop (recursive types, "
        "arrays of items without bytes).",
    )
