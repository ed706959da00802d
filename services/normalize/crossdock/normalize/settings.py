"""Settings of normalize: those of every worker."""

from __future__ import annotations

from crossdock.streaming.settings import WorkerSettings


class Settings(WorkerSettings):
    """One normalize worker (`CROSSDOCK_*`)."""
