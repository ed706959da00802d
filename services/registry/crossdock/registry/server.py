"""Runs the registry: log and HTTP server, until a signal or until the log fails.

Invariant: a process whose log can no longer be read ends with exit code 1, for it would answer from the past.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Iterator
from typing import Final

import structlog
import uvicorn
from pydantic import ValidationError

from crossdock.registry.app import application
from crossdock.registry.catalog import Catalog
from crossdock.registry.kafka_log import KafkaLog
from crossdock.registry.service import Registry
from crossdock.registry.settings import RegistrySettings
from crossdock.streaming.errors import ConfigurationError

EXIT_CONFIGURATION: Final = 2
_DRAIN_SECONDS = 5

logger = structlog.get_logger()


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling, which ends the process before the log is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def drain(self) -> None:
        self.should_exit = True


async def serve(settings: RegistrySettings) -> int:
    """Serve until SIGTERM or SIGINT; the process's exit code."""
    catalog = Catalog()
    log = KafkaLog(settings, settings.topic(settings.registry_topic), catalog)
    registry = Registry(
        catalog, log, default=settings.registry_compatibility, refuse_hazards=settings.registry_refuse_hazards
    )
    config = uvicorn.Config(
        application(registry, log),
        host=settings.registry_host,
        port=settings.registry_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.drain)
    await log.start()
    try:
        return await _until_one_ends(server, log)
    finally:
        await log.stop()


async def _until_one_ends(server: _Server, log: KafkaLog) -> int:
    serving = asyncio.create_task(server.serve())
    reading = asyncio.create_task(log.wait())
    done, _ = await asyncio.wait({serving, reading}, return_when=asyncio.FIRST_COMPLETED)
    server.drain()
    await serving
    if reading in done:
        logger.error("registry_ends", reason=str(reading.exception()))
        return 1
    reading.cancel()
    return 0


def main() -> int:
    """Run until SIGTERM or SIGINT; the process's exit code (2: the settings cannot work)."""
    try:
        settings = RegistrySettings()
    except ValidationError as error:
        problems = [f"{_variable(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        sys.stderr.write(f"{ConfigurationError(problems)}\n")
        return EXIT_CONFIGURATION
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    # aiokafka repeats every failed attempt; readiness says it once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ]
    )
    return asyncio.run(serve(settings))


def _variable(location: tuple[int | str, ...]) -> str:
    return f"CROSSDOCK_{str(location[0]).upper()}" if location else "configuration"
