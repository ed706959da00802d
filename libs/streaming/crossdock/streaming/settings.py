"""Settings that every worker process has; a service adds its own in a subclass.

Invariant: read once, in `__main__`; every problem is reported at once.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.limits import Limits


class WorkerSettings(KafkaSettings):
    """One worker process (`CROSSDOCK_*`)."""

    model_config = SettingsConfigDict(
        env_prefix="CROSSDOCK_", frozen=True, extra="ignore", env_nested_delimiter="__"
    )

    ordinal: int = Field(default=0, ge=0, lt=10_000, description="Number of this worker within its group.")
    session_timeout_ms: int = Field(
        default=10_000,
        ge=1_000,
        le=300_000,
        description="Silence after which the worker's slots move on, ms.",
    )
    health_host: str = Field(default="127.0.0.1", description="Address of /livez, /readyz and /metrics.")
    health_port: int = Field(default=0, ge=0, le=65535, description="Port of the same; 0 takes a free one.")
    health_port_file: Path | None = Field(default=None, description="File to write the health port to.")
    operator_key: SecretStr = Field(
        default=SecretStr(""), description="Key that signs operator requests; without it none is carried out."
    )
    log_level: str = Field(
        default="info", pattern="^(debug|info|warning|error)$", description="Least level logged."
    )
    otlp_endpoint: str = Field(default="", description="OTLP/HTTP endpoint for traces; empty for none.")
    record_seconds_max: int = Field(
        default=60,
        ge=1,
        le=3600,
        description="A batch that lasts longer ends the worker with a stack dump, s.",
    )
    limits: Limits = Field(default=Limits(), description="When a slot stops by itself (CROSSDOCK_LIMITS__…).")
