"""The stage of the demo: a whole installation in a directory of its own, with partners and secrets.

Invariant: it takes nothing from the user's own installation and gives nothing to it; when it is left, nothing
of it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from crossdock.cli import topics_apply
from crossdock.cli.demo.log_account import LogAccount, account_of
from crossdock.cli.demo.prompt import Prompt
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.settings import Connection
from crossdock.cli.topics_apply import Applied
from crossdock.embedded.jars import Progress
from crossdock.embedded.settings import EmbeddedSettings
from crossdock.embedded.stack import PARTITIONS, Stack
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.serde import Serde

ACTOR: Final = "demo"
"""Who applies, retries and discards, as the audit trail has it."""

_QUICK_FILES: Final = {"CROSSDOCK_INGEST_DROP_POLL_MS": "100", "CROSSDOCK_INGEST_DROP_REST_MS": "200"}
"""Files are written by a rename, so they need not rest for a second."""
_HERE: Final = Path(__file__).resolve()


def profile_directory() -> Path:
    """The partners' profiles: package data of an installed wheel, else the repository's examples.

    Raises FileNotFoundError where neither is there: a broken installation.
    """
    cli = _HERE.parents[1]
    places = [
        cli / "demo" / "partners",
        *(parent / "examples" / "partners" / "acme" for parent in _HERE.parents),
    ]
    for place in places:
        if (place / "shopify-eu.yaml").is_file():
            return place
    raise FileNotFoundError("no examples/partners/acme beside crossdock: the installation is incomplete")


class Preparation:
    """Makes topics, schemas and partners when broker and registry answer; keeps what was made."""

    def __init__(self, apply_partners: Callable[[KafkaSettings], None]) -> None:
        self.applied: Applied | None = None
        self._apply_partners = apply_partners

    def __call__(self, settings: KafkaSettings) -> None:
        """Prepare one installation."""
        self.applied = topics_apply.Installation(connection_to(settings, ""), PARTITIONS).apply()
        self._apply_partners(settings)


class Installation:
    """A running stack, as the demo's commands reach it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        key = stack.environment["CROSSDOCK_OPERATOR_KEY"]
        self.connection = connection_to(stack.connection, key)

    @cached_property
    def _log(self) -> KafkaLog:
        return KafkaLog(self.connection)

    def registry(self) -> RegistryClient:
        """A client of its registry."""
        return RegistryClient(self.stack.connection.registry_url)

    @property
    def quiet_prompt(self) -> Prompt:
        """Runs commands without showing them."""
        return Prompt(self.connection, lambda line: None)

    def counted(self) -> LogAccount:
        """The account of what is in the log by now."""
        return account_of(self._log.read, Serde(self.registry()), PARTITIONS)


def new_stack(
    directory: Path,
    prepare: Preparation,
    secrets: Mapping[str, str],
    say: Callable[[str], None],
    progress: Progress,
) -> Stack:
    """A stack that is not started yet."""
    return Stack(
        directory / "data",
        prepare,
        environment={**_QUICK_FILES, **secrets},
        ports={},
        settings=EmbeddedSettings(),
        say=say,
        progress=progress,
    )


def connection_to(settings: KafkaSettings, operator_key: str) -> Connection:
    """How commands reach an installation, whatever other one the environment is meant for."""
    return Connection(
        {
            "bootstrap_servers": settings.bootstrap_servers,
            "registry_url": settings.registry_url,
            "namespace": settings.namespace,
            "kafka_security_protocol": settings.kafka_security_protocol,
            "kafka_sasl_mechanism": settings.kafka_sasl_mechanism,
            "operator_key": operator_key,
        }
    )


def apply_partners(settings: KafkaSettings) -> None:
    """Run `crossdock partners apply` over the examples."""
    prompt = Prompt(connection_to(settings, ""), lambda line: None)
    prompt.run("partners", "apply", str(profile_directory()), quietly=("--actor", ACTOR))
