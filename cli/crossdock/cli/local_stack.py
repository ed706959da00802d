"""The embedded stack with this command line's knowledge of topics and schemas.

Invariant: a stack made here has every declared topic and schema before its first service starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crossdock.cli.topics_apply import apply_topics
from crossdock.embedded.jars import Progress
from crossdock.embedded.settings import EmbeddedSettings
from crossdock.embedded.stack import PARTITIONS, SERVICES, Say, Stack
from crossdock.streaming.backends.settings import KafkaSettings


def local_stack(  # noqa: PLR0913 - options by name, each with a default
    data_dir: Path | None = None,
    *,
    services: tuple[str, ...] = SERVICES,
    workers: Mapping[str, int] | None = None,
    environment: Mapping[str, str] | None = None,
    say: Say = lambda line: None,
    progress: Progress | None = None,
) -> Stack:
    """A stack that is not started yet; see `Stack` for the arguments.

    Args:
        data_dir: default: `CROSSDOCK_DATA_DIR`, else the user's cache.
    """
    settings = EmbeddedSettings()
    return Stack(
        data_dir or settings.data,
        _prepare,
        services=services,
        workers=workers,
        environment=environment,
        settings=settings,
        say=say,
        progress=progress,
    )


def _prepare(settings: KafkaSettings) -> None:
    apply_topics(settings, PARTITIONS)
