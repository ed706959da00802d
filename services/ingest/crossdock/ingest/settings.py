"""Everything that configures the ingest process, and the only place that reads its environment.

Invariant: all problems of the configuration are found at start and listed together; no value of a
problem is repeated.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from crossdock.ingest.limits import Rate
from crossdock.ingest.tokens import TokensInvalid, read_tokens
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.backends.settings import KafkaSettings

RECORD_BYTES_MAX = 900 * 1024
"""Upper bound of key + value + headers of a raw record: leaves room for a dead letter's own headers (R20)."""

Timeout = Annotated[float, Field(gt=0, le=600)]


class IngestSettings(KafkaSettings):
    """Settings of the ingest service; each is an environment variable `CROSSDOCK_<NAME>`."""

    ingest_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on; a proxy with TLS stands before it.",
    )
    ingest_port: int = Field(
        default=8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one."
    )
    ingest_port_file: Path | None = Field(
        default=None, description="File to write the port to once it is listened on."
    )
    ingest_tokens_file: Path | None = Field(
        default=None,
        description="JSON file with the hashed bearer tokens of the ingest API; absent: API closed.",
    )
    ingest_secrets_directory: Path | None = Field(
        default=None, description="Folder in which `file:NAME` references of partner profiles are found."
    )
    ingest_drop_root: Path | None = Field(
        default=None,
        description="Root of the drop folders <tenant>/<partner>/inbox; absent: no files are read.",
    )
    ingest_drop_poll_ms: int = Field(
        default=500, ge=20, le=60_000, description="Milliseconds between two looks into the drop folders."
    )
    ingest_drop_rest_ms: int = Field(
        default=1_000,
        ge=0,
        le=600_000,
        description="Milliseconds without change after which a file is taken.",
    )
    ingest_record_bytes_max: int = Field(
        default=RECORD_BYTES_MAX,
        ge=1_024,
        le=RECORD_BYTES_MAX,
        description="Bytes of key, value and headers of one raw record; larger ones are refused.",
    )
    ingest_body_timeout_s: Timeout = Field(
        default=10.0, description="Seconds for the whole body of a request."
    )
    ingest_header_timeout_s: Timeout = Field(default=10.0, description="Seconds for the head of a request.")
    ingest_delivery_timeout_ms: int = Field(
        default=4_500,
        ge=100,
        le=60_000,
        description="Milliseconds to wait for Kafka's acknowledgement before answering 503.",
    )
    ingest_in_flight_bytes_max: int = Field(
        default=64 * 1024 * 1024, ge=1_048_576, description="Body bytes held at once; above it 503."
    )
    ingest_in_flight_requests_max: int = Field(
        default=1_000, ge=1, le=100_000, description="Requests worked on at once; above it 503."
    )
    ingest_connections_max: int = Field(
        default=2_000, ge=1, le=100_000, description="Open connections; requests on further ones get 503."
    )
    ingest_rate_per_second: float = Field(
        default=500.0,
        gt=0,
        le=100_000,
        description="Requests per second of a tenant that is not in INGEST_RATES.",
    )
    ingest_rate_burst: int = Field(
        default=2_000, ge=1, le=1_000_000, description="Requests of such a tenant that may come at once."
    )
    ingest_rates: dict[str, Rate] = Field(
        default={}, description='Rates by tenant, JSON: {"acme": {"per_second": 50, "burst": 100}}.'
    )
    ingest_idempotency_marks_max: int = Field(
        default=20_000, ge=1, le=1_000_000, description="Idempotency keys that one process remembers."
    )
    ingest_idempotency_window_s: float = Field(
        default=86_400.0, gt=0, le=604_800, description="Seconds for which a key is remembered."
    )
    ingest_compression: Literal["none", "gzip"] = Field(
        default="none",
        description="Compression by this producer; the broker's topic setting may compress too.",
    )
    ingest_linger_ms: int = Field(
        default=0,
        ge=0,
        le=1_000,
        description="Milliseconds to wait for a fuller batch; adds to every answer.",
    )
    ingest_drain_timeout_s: Timeout = Field(
        default=20.0, description="Seconds for requests under way after SIGTERM."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level that is logged."
    )
    otlp_endpoint: str = Field(
        default="", description="OTLP/HTTP endpoint for traces; empty: no spans are made."
    )
    ingest_trace_ratio: float = Field(
        default=1.0, ge=0, le=1, description="Share of requests traced that come without a sampled parent."
    )

    @field_validator("registry_url")
    @classmethod
    def _registry_is_a_url(cls, url: str) -> str:
        RegistryClient(url)  # raises ValueError with the reason; opens no connection
        return url

    @field_validator("ingest_tokens_file")
    @classmethod
    def _tokens_are_readable(cls, path: Path | None) -> Path | None:
        if path is not None:
            try:
                read_tokens(path)
            except TokensInvalid as error:
                raise ValueError(str(error)) from None
        return path

    @field_validator("ingest_secrets_directory")
    @classmethod
    def _directory_exists(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_dir():
            raise ValueError("must be an existing folder")
        return path

    @field_validator("ingest_drop_root")
    @classmethod
    def _root_is_usable(cls, path: Path | None) -> Path | None:
        if path is not None and path.exists() and not (path.is_dir() and os.access(path, os.W_OK)):
            raise ValueError("must be a folder that ingest may write to, or not exist yet")
        return path

    @model_validator(mode="after")
    def _body_fits_into_flight(self) -> IngestSettings:
        if self.ingest_in_flight_bytes_max < self.ingest_record_bytes_max:
            raise ValueError("INGEST_IN_FLIGHT_BYTES_MAX must hold at least one INGEST_RECORD_BYTES_MAX")
        return self


class ConfigurationInvalid(Exception):
    """The environment does not configure the process; `problems` has one line per problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load() -> IngestSettings:
    """The settings from the environment. Raises ConfigurationInvalid with all problems."""
    try:
        return IngestSettings()
    except ValidationError as error:
        problems = [
            f"{_variable(fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise ConfigurationInvalid(problems) from None


def _variable(location: tuple[int | str, ...]) -> str:
    if not location:
        return "configuration"
    name = str(location[0])
    path = "".join(f".{step}" for step in location[1:])
    return (name if name.isupper() else f"CROSSDOCK_{name.upper()}") + path


class Secrets:
    """Finds what the secret references of partner profiles point to.

    Args:
        environment: variables for `env:NAME`; by default those of the process.
        directory: folder for `file:NAME`; None where files are not used.
    """

    def __init__(self, directory: Path | None, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self._directory = directory

    def find(self, reference: str) -> str | None:
        """The secret of `env:NAME` or `file:NAME`; None where it cannot be found or is empty."""
        kind, _, name = reference.partition(":")
        if kind == "env":
            return self._environment.get(name) or None
        if kind != "file" or self._directory is None or Path(name).name != name:
            return None
        try:
            return (self._directory / name).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            return None
