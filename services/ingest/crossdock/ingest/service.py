"""The ingest process: makes the parts, runs them side by side, and drains them on SIGTERM.

Invariant: on SIGTERM nothing new is taken, what was taken is answered after Kafka's acknowledgement, and
only then the producer closes.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog

from crossdock.canonical.topics import PARTNER_PROFILE
from crossdock.formats.registry import FORMATS
from crossdock.ingest import journal, kafka
from crossdock.ingest import settings as configuration
from crossdock.ingest.api import Api
from crossdock.ingest.app import Lifecycle, Watch, application
from crossdock.ingest.drop_folder import DropFolder, DropFolderOptions
from crossdock.ingest.file_records import FileRecords
from crossdock.ingest.idempotency import IdempotencyMarks
from crossdock.ingest.intake import BodyLimits, Intake
from crossdock.ingest.limits import InFlight, Rate, TenantRates
from crossdock.ingest.metrics import Metrics
from crossdock.ingest.producer import KafkaProducer
from crossdock.ingest.profiles import ProfileReader
from crossdock.ingest.raw_record import Recorder
from crossdock.ingest.server import Server, server
from crossdock.ingest.settings import ConfigurationInvalid, IngestSettings, Secrets
from crossdock.ingest.tokens import Tokens, TokensInvalid
from crossdock.ingest.tracing import Tracing
from crossdock.ingest.webhooks import Webhooks
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.serde import Serde

EXIT_CONFIGURATION: Final = 2
EXIT_ENVIRONMENT: Final = 4
_HOUSEKEEPING_S: Final = 10.0
_BACKLOG: Final = 2_048

_log = structlog.get_logger()


def main() -> int:
    """Run until SIGTERM or SIGINT; the process's exit code."""
    try:
        settings = configuration.load()
    except ConfigurationInvalid as error:
        return _stopped(EXIT_CONFIGURATION, error.problems)
    try:
        listener = listen(settings.ingest_host, settings.ingest_port)
    except OSError as error:
        where = f"{settings.ingest_host}:{settings.ingest_port}"
        return _stopped(EXIT_ENVIRONMENT, [f"cannot listen on {where}: {error.strerror}"])
    journal.configure(settings.log_level)
    asyncio.run(Service(settings).run(listener))
    return 0


class Service:
    """All parts of one ingest process."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._stop = asyncio.Event()
        self._lifecycle = Lifecycle()
        self._metrics = Metrics()
        self._recorder = Recorder(FORMATS, journal.key_fault)
        self._tokens = Tokens(settings.ingest_tokens_file)
        self._watch = Watch(
            journal.RefusalJournal(), Tracing(settings.otlp_endpoint, settings.ingest_trace_ratio)
        )
        timeout_s = settings.ingest_delivery_timeout_ms / 1000
        self._producer = KafkaProducer(partial(kafka.producer, settings), settings.topic, timeout_s)
        self._profiles = ProfileReader(
            partial(kafka.reader, settings, PARTNER_PROFILE.name),
            Serde(RegistryClient(settings.registry_url)),
        )

    async def run(self, listener: socket.socket) -> None:
        """Serve until told to stop; raises what a part of the process died of."""
        web = self._server()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._drain)
        serving = asyncio.create_task(web.serve(sockets=[listener]))
        files = asyncio.create_task(self._watch_files())
        rest = [
            asyncio.create_task(part)
            for part in (self._producer.supervise(), self._profiles.run(), self._keep_house())
        ]
        self._announce(*listener.getsockname()[:2])
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([stopped, serving, files, *rest], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._drain()
            web.should_exit = True
            await self._finish([serving, files], [stopped, *rest])

    def _announce(self, host: str, port: int) -> None:
        if self._settings.ingest_port_file is not None:
            self._settings.ingest_port_file.write_text(str(port), encoding="ascii")
        _log.info("listening", host=host, port=port)

    def _drain(self) -> None:
        self._lifecycle.is_draining = True
        self._stop.set()

    async def _finish(
        self, answering: list[asyncio.Task[None]], rest: list[asyncio.Task[bool | None]]
    ) -> None:
        """Let requests and files end, then close what they needed."""
        _log.info("draining")
        await asyncio.wait(answering, timeout=self._settings.ingest_drain_timeout_s + 1)
        ended = [task for task in (*answering, *rest) if task.done()]
        for task in (*answering, *rest):
            task.cancel()
        await asyncio.gather(*answering, *rest, return_exceptions=True)
        await self._producer.stop()
        self._watch.journal.write()
        await asyncio.to_thread(self._watch.tracing.close)
        _log.info("stopped")
        for task in ended:
            task.result()

    def _server(self) -> Server:
        settings = self._settings
        intake = self._intake()
        marks = IdempotencyMarks(
            settings.ingest_idempotency_marks_max, settings.ingest_idempotency_window_s, time.monotonic
        )
        self._tokens.refresh()
        webhooks = Webhooks(intake, Secrets(settings.ingest_secrets_directory))
        api = Api(intake, self._tokens, marks)
        return server(application(intake, webhooks, api, self._watch, self._lifecycle), settings)

    def _intake(self) -> Intake:
        settings = self._settings
        rate = Rate(per_second=settings.ingest_rate_per_second, burst=settings.ingest_rate_burst)
        return Intake(
            profiles=self._profiles,
            producer=self._producer,
            recorder=self._recorder,
            rates=TenantRates(rate, settings.ingest_rates, time.monotonic),
            in_flight=InFlight(
                settings.ingest_in_flight_requests_max,
                settings.ingest_in_flight_bytes_max,
                lambda: self._producer.abandoned_bytes,
            ),
            body=BodyLimits(settings.ingest_record_bytes_max, settings.ingest_body_timeout_s),
            metrics=self._metrics,
        )

    async def _watch_files(self) -> None:
        settings = self._settings
        if settings.ingest_drop_root is None:
            await self._stop.wait()
            return
        size = settings.ingest_record_bytes_max
        options = DropFolderOptions(
            root=settings.ingest_drop_root,
            poll_s=settings.ingest_drop_poll_ms / 1000,
            rest_s=settings.ingest_drop_rest_ms / 1000,
            bytes_max=size,
        )
        records = FileRecords(self._profiles, self._recorder, size, lambda: datetime.now(UTC))
        folder = DropFolder(options, records, self._producer, self._count_file, time.monotonic)
        await self._profiles.wait_caught_up()
        await folder.run(self._stop)

    def _count_file(self, outcome: str) -> None:
        self._metrics.count("crossdock_ingest_files_total", outcome)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(_HOUSEKEEPING_S)
            self._watch.journal.write()
            try:
                if self._tokens.refresh():
                    _log.info("tokens_read")
            except TokensInvalid as error:
                _log.error("tokens_invalid", fault=str(error))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; it names TCP, because asyncio switches Nagle's delay off only where it is named."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _stopped(code: int, problems: list[str]) -> int:
    sys.stderr.write("\n".join(["crossdock ingest cannot start:", *problems]) + "\n")
    return code
