"""The embedded stack with this command line's knowledge of topics and schemas.

Invariant: a stack made here has every declared topic and schema before its first service starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crossdock.cli.errors import CheckFailed
from crossdock.cli.settings import Connection
from crossdock.cli.topics_apply import Applied, apply_topics
from crossdock.cli.topics_plan import Repair
from crossdock.embedded.jars import Progress
from crossdock.embedded.settings import EmbeddedSettings
from crossdock.embedded.stack import PARTITIONS, PREFERRED_PORTS, SERVICES, Say, Stack
from crossdock.streaming.backends.settings import KafkaSettings


def local_stack(  # noqa: PLR0913 - options by name, each with a default
    data_dir: Path | None = None,
    *,
    elsewhere: KafkaSettings | None = None,
    services: tuple[str, ...] = SERVICES,
    workers: Mapping[str, int] | None = None,
    environment: Mapping[str, str] | None = None,
    ports: Mapping[str, int] = PREFERRED_PORTS,
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
        _prepare if elsewhere is None else _prepare_elsewhere,
        elsewhere=elsewhere,
        services=services,
        workers=workers,
        environment=environment,
        ports=ports,
        settings=settings,
        say=say,
        progress=progress,
    )


def _prepare(settings: KafkaSettings) -> None:
    _require_whole(apply_topics(settings, PARTITIONS))


def _prepare_elsewhere(settings: KafkaSettings) -> None:
    _require_whole(apply_topics(settings))


def _require_whole(applied: Applied) -> None:
    """Raises CheckFailed where a topic or schema is such that services could not work on it."""
    wrong = [one for one in applied.left if one.repair is Repair.IMPOSSIBLE]
    if wrong:
        lines = [f"{one.topic}: {one.aspect}: {one.advice}" for one in wrong]
        raise CheckFailed("topics are not as they must be:\n  " + "\n  ".join(lines))


def named_kafka(connection: Connection) -> KafkaSettings | None:
    """Settings of the Kafka that an option or the environment names; None where nobody names one."""
    named = {*connection.overrides, *KafkaSettings().model_fields_set}
    return connection.settings if "bootstrap_servers" in named else None
