"""Makes the directory of a new one-node cluster.

Invariant: two directories never share a cluster id, so offsets and dead letter ids of one cannot be taken
for another's; the feature levels are those that Kafka's own format tool chose.
"""

from __future__ import annotations

import base64
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Final

from crossdock.embedded.errors import StartFailed
from crossdock.embedded.properties import Listeners, render, server_properties

_FEATURES: Final = "bootstrap.checkpoint"
_IDENTITY: Final = "meta.properties"
_ANY = Listeners(client=9092, controller=9093)


def is_formatted(logs: Path) -> bool:
    """Whether the directory belongs to a cluster already."""
    return (logs / _IDENTITY).exists()


def format_directory(logs: Path, template: Path, java_command: list[str]) -> str:
    """Make `logs` the directory of a new cluster and return the cluster's id.

    The format tool takes 0.7 s and chooses nothing but the feature levels, which are the same every time:
    it runs once, into `template`, and later clusters copy that file and get fresh ids.
    """
    if not (template / _FEATURES).exists():
        _run_format_tool(template, java_command)
    logs.mkdir(parents=True, exist_ok=True)
    (logs / _FEATURES).write_bytes((template / _FEATURES).read_bytes())
    cluster = _random_id()
    identity = {"cluster.id": cluster, "directory.id": _random_id(), "node.id": "1", "version": "1"}
    # Last, because its presence says that the directory is complete.
    (logs / _IDENTITY).write_text(render(identity))
    return cluster


def cluster_id(logs: Path) -> str:
    """Id of the cluster that a formatted directory belongs to."""
    lines = (logs / _IDENTITY).read_text().splitlines()
    return next(line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id="))


def _run_format_tool(template: Path, java_command: list[str]) -> None:
    template.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=template.parent) as scratch:
        logs = Path(scratch, "logs")
        properties = Path(scratch, "server.properties")
        properties.write_text(render(server_properties(_ANY, logs, {})))
        command = [
            *java_command,
            "kafka.tools.StorageTool",
            "format",
            "-t",
            _random_id(),
            "-c",
            str(properties),
        ]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if run.returncode != 0:
            raise StartFailed("Kafka's format tool", properties, (run.stdout + run.stderr)[-2000:])
        template.mkdir(exist_ok=True)
        (logs / _FEATURES).replace(template / _FEATURES)


def _random_id() -> str:
    """A Kafka uuid: 16 bytes in base64url, never starting with a dash (it would read as an option)."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text
