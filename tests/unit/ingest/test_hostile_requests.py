"""Hostile and broken requests on a real socket: a stable refusal or a closed connection, never a 500.

After all of them the server still takes an honest delivery, and holds nothing of the others.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from crossdock.ingest import service
from crossdock.ingest.intake import BodyLimits
from crossdock.ingest.settings import IngestSettings
from crossdock.ingest.testing import Bench, MemoryProfiles
from tests.kit.intake import NOW, PROFILES, SECRETS, order, shopify
from tests.kit.intake_server import IntakeServer, RawAnswer, read_answer, running

SHOP = "/v1/webhooks/acme/shop"
API = "/v1/ingest/acme/portal/order"
BODY = order()
CAP = 100_000
HEAD_TIMEOUT_S = 0.3
BODY_TIMEOUT_S = 0.3


@pytest.fixture(scope="module")
def intake() -> Iterator[IntakeServer]:
    bench = Bench(
        MemoryProfiles.of(PROFILES),
        secrets=SECRETS,
        clock=lambda: NOW,
        body=BodyLimits(CAP, BODY_TIMEOUT_S),
        bytes_max=1_000_000,
    )
    settings = IngestSettings(ingest_header_timeout_s=HEAD_TIMEOUT_S, ingest_connections_max=50)
    with running(bench, settings) as server:
        yield server


def head(path: str = SHOP, *lines: str, method: str = "POST", version: str = "HTTP/1.1") -> bytes:
    return "\r\n".join([f"{method} {path} {version}", "Host: x", *lines, "", ""]).encode("latin-1")


def signed(body: bytes = BODY, *lines: str) -> list[str]:
    return [*[f"{name}: {value}" for name, value in shopify(body)], *lines]


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


CLOSED = 0
LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = "Transfer-Encoding: chunked"


@dataclass(frozen=True)
class Case:
    """What is sent, and what must come back: a status and problem code, or a closed connection."""

    sent: bytes
    status: int
    code: str = ""
    is_half_closed: bool = False


CASES = {
    # honest, in unusual shapes
    "whole body": Case(head(SHOP, *signed(), LENGTH) + BODY, 200),
    "chunks of one byte": Case(
        head(SHOP, *signed(), CHUNKED) + chunked(*[BODY[i : i + 1] for i in range(len(BODY))]), 200
    ),
    "chunk extensions and trailers": Case(
        head(SHOP, *signed(), CHUNKED) + b"%x;a=b\r\n%b\r\n0\r\nX-Trailer: 1\r\n\r\n" % (len(BODY), BODY), 200
    ),
    "header names in capitals": Case(
        head(SHOP, *[line.upper() if "Hmac" not in line else line for line in signed()], LENGTH) + BODY, 200
    ),
    "blanks around the signature": Case(
        head(SHOP, *[line.replace(": ", ":   ") + "  " for line in signed()], LENGTH) + BODY, 200
    ),
    "absolute request target": Case(head(f"http://x{SHOP}", LENGTH) + BODY, 404, "unknown_endpoint"),
    "query string": Case(head(SHOP + "?a=b", *signed(), LENGTH) + BODY, 200),
    "a hundred further headers": Case(
        head(SHOP, *signed(), LENGTH, *[f"X-{n}: {n}" for n in range(100)]) + BODY, 200
    ),
    # lengths and framing
    "no length and no chunks": Case(head(SHOP, *signed()), 400, "body_empty"),
    "length zero": Case(head(SHOP, *signed(), "Content-Length: 0"), 400, "body_empty"),
    "empty chunks only": Case(head(SHOP, *signed(), CHUNKED) + chunked(), 400, "body_empty"),
    "length too long, then silence": Case(
        head(SHOP, *signed(), "Content-Length: 9999") + BODY, 408, "request_timeout"
    ),
    "length too long, then the end": Case(
        head(SHOP, *signed(), "Content-Length: 9999") + BODY, CLOSED, is_half_closed=True
    ),
    "half a head, then the end": Case(head(SHOP)[:-2], CLOSED, is_half_closed=True),
    "length too short": Case(
        head(SHOP, *signed(), "Content-Length: 5", "Connection: close") + BODY, 401, "signature_invalid"
    ),
    "negative length": Case(head(SHOP, *signed(), "Content-Length: -1") + BODY, 400, "request_malformed"),
    "length that is no number": Case(
        head(SHOP, *signed(), "Content-Length: ten") + BODY, 400, "request_malformed"
    ),
    "length with a plus": Case(head(SHOP, *signed(), "Content-Length: +5"), 400, "request_malformed"),
    "two different lengths": Case(
        head(SHOP, *signed(), LENGTH, "Content-Length: 5") + BODY, 400, "request_malformed"
    ),
    "length beyond 64 bits": Case(
        head(SHOP, *signed(), "Content-Length: " + "9" * 19) + BODY, 413, "body_too_large"
    ),
    "length of 400 digits": Case(
        head(SHOP, *signed(), "Content-Length: " + "9" * 400), 400, "request_malformed"
    ),
    "unknown transfer encoding": Case(
        head(SHOP, *signed(), "Transfer-Encoding: gzip, chunked") + chunked(BODY), 400, "request_malformed"
    ),
    "chunk size that is no number": Case(
        head(SHOP, *signed(), CHUNKED) + b"zz\r\nabc\r\n", 400, "request_malformed"
    ),
    "negative chunk size": Case(head(SHOP, *signed(), CHUNKED) + b"-1\r\nabc\r\n", 400, "request_malformed"),
    "chunk size of 100 digits": Case(
        head(SHOP, *signed(), CHUNKED) + b"f" * 100 + b"\r\n", 400, "request_malformed"
    ),
    "chunk without its end": Case(
        head(SHOP, *signed(), CHUNKED) + b"3\r\nabcd\r\n0\r\n\r\n", 400, "request_malformed"
    ),
    "chunks that never end": Case(head(SHOP, *signed(), CHUNKED) + b"3\r\nabc\r\n", 408, "request_timeout"),
    # sizes
    "body of ten megabytes, length stated": Case(
        head(SHOP, *signed(), "Content-Length: 10485760", "Connection: close") + b"x" * 10_485_760,
        413,
        "body_too_large",
    ),
    "body of ten megabytes in chunks": Case(
        head(SHOP, *signed(), CHUNKED, "Connection: close") + chunked(*[b"x" * 65_536] * 160),
        413,
        "body_too_large",
    ),
    "body one byte above the cap": Case(
        head(SHOP, *signed(), f"Content-Length: {CAP + 1}", "Connection: close") + b"x" * (CAP + 1),
        413,
        "body_too_large",
    ),
    "large body announced, asked first": Case(
        head(SHOP, *signed(), "Content-Length: 10485760", "Expect: 100-continue"), 413, "body_too_large"
    ),
    "head of a megabyte": Case(head(SHOP, "X-Long: " + "x" * 1_000_000, LENGTH), 400, "request_malformed"),
    "target of a megabyte": Case(head("/" + "x" * 1_000_000), 400, "request_malformed"),
    "two hundred thousand headers": Case(head(SHOP, *["A: b"] * 200_000, LENGTH), 400, "request_malformed"),
    # signatures
    "no signature": Case(head(SHOP, LENGTH) + BODY, 401, "signature_missing"),
    "signature is not base64": Case(
        head(SHOP, "X-Shopify-Hmac-Sha256: ***", LENGTH) + BODY, 401, "signature_invalid"
    ),
    "signature in Latin-1": Case(
        head(SHOP, "X-Shopify-Hmac-Sha256: äöü", LENGTH) + BODY, 401, "signature_invalid"
    ),
    "two signatures": Case(head(SHOP, *signed(), signed()[-1], LENGTH) + BODY, 401, "signature_invalid"),
    "signature of another body": Case(head(SHOP, *signed(b"other"), LENGTH) + BODY, 401, "signature_invalid"),
    "signature of thirty kilobytes": Case(
        head(SHOP, "X-Shopify-Hmac-Sha256: " + "A" * 30_000, LENGTH) + BODY, 401, "signature_invalid"
    ),
    "body changed after signing": Case(
        head(SHOP, *signed(), LENGTH) + BODY.replace(b"4", b"5"), 401, "signature_invalid"
    ),
    # headers and encodings
    "content type in Latin-1": Case(
        head(SHOP, "Content-Type: é", *signed()[1:], LENGTH) + BODY, 400, "header_invalid"
    ),
    "compressed body": Case(
        head(SHOP, *signed(), "Content-Encoding: gzip", LENGTH) + BODY, 415, "content_encoding_unsupported"
    ),
    "NUL in a header": Case(head(SHOP, "X-A: a\0b", LENGTH) + BODY, 400, "request_malformed"),
    "bare line feed in a header": Case(
        head(SHOP, "X-A: a\n X-B: b", LENGTH) + BODY, 401, "signature_missing"
    ),
    "blank before the colon": Case(head(SHOP, "X-A : b", LENGTH) + BODY, 400, "request_malformed"),
    "header without a colon": Case(head(SHOP, "X-A", LENGTH) + BODY, 400, "request_malformed"),
    "token in Latin-1": Case(head(API, "Authorization: Bearer äöü", LENGTH) + BODY, 401, "token_invalid"),
    "no token": Case(head(API, LENGTH) + BODY, 401, "token_missing"),
    # paths and methods
    "path outside": Case(head("/../../etc/passwd", LENGTH) + BODY, 404, "unknown_endpoint"),
    "path with a NUL": Case(head("/v1/webhooks/acme/%00", LENGTH) + BODY, 404, "unknown_endpoint"),
    "path of broken UTF-8": Case(head("/v1/webhooks/%ff%fe/shop", LENGTH) + BODY, 404, "unknown_endpoint"),
    "path with raw bytes": Case(head("/v1/webhooks/äcme/shop", LENGTH) + BODY, 400, "request_malformed"),
    "unknown partner": Case(head("/v1/webhooks/acme/nobody", LENGTH) + BODY, 404, "unknown_endpoint"),
    "GET where only POST is": Case(head(SHOP, method="GET"), 405, "method_not_allowed"),
    "DELETE": Case(head(SHOP, method="DELETE"), 405, "method_not_allowed"),
    "made-up method": Case(head(SHOP, LENGTH, method="BREW") + BODY, 405, "method_not_allowed"),
    "upgrade to a WebSocket": Case(
        head(SHOP, "Connection: Upgrade", "Upgrade: websocket", LENGTH) + BODY, 401, "signature_missing"
    ),
    # not HTTP/1.1
    "TLS hello": Case(bytes.fromhex("1603010200010001fc0303") + b"\x8a" * 200, 400, "request_malformed"),
    "HTTP/2 preface": Case(b"PRI * HTTP/2.0\r\n\r\n", 404, "unknown_endpoint"),
    "HTTP/0.9": Case(b"GET /\r\n\r\n", 400, "request_malformed"),
    "random bytes": Case(bytes(range(256)) * 4 + b"\r\n\r\n", 400, "request_malformed"),
    "HTTP/1.1 without a host": Case(
        b"POST " + SHOP.encode() + b" HTTP/1.1\r\n\r\n", 400, "request_malformed"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_request_is_answered_with_its_stable_code(intake: IntakeServer, name: str) -> None:
    case = CASES[name]
    answer = intake.talk([case.sent], is_half_closed=case.is_half_closed)
    assert (answer.statuses[:1], answer.code) == ([case.status] if case.status else [], case.code)


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 40


def test_head_that_drips_is_cut_off(intake: IntakeServer) -> None:
    with intake.connect() as connection:
        connection.sendall(b"POST ")
        assert connection.recv(100) == b""


def test_second_head_that_drips_is_cut_off_too(intake: IntakeServer) -> None:
    with intake.connect() as connection:
        connection.sendall(head(SHOP, *signed(), LENGTH) + BODY)
        assert RawAnswer(read_answer(connection)).statuses == [200]
        connection.sendall(b"POST /v1")
        assert connection.recv(100) == b""


def test_connection_that_says_nothing_is_cut_off(intake: IntakeServer) -> None:
    with intake.connect() as connection:
        assert connection.recv(100) == b""


def push(connection: socket.socket) -> None:
    """Send without end."""
    while True:
        connection.sendall(b"x" * 65_536)


def test_body_that_goes_on_after_its_refusal_is_cut_off(intake: IntakeServer) -> None:
    with intake.connect() as connection:
        connection.sendall(head("/v1/webhooks/acme/nobody", "Content-Length: 1000000000"))
        assert RawAnswer(read_answer(connection)).statuses == [404]
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            push(connection)


def test_connection_stays_open_for_the_next_request(intake: IntakeServer) -> None:
    with intake.connect() as connection:
        for status in (200, 401, 404, 200):
            path = "/v1/webhooks/acme/nobody" if status == 404 else SHOP
            lines = signed(b"forged" if status == 401 else BODY)
            connection.sendall(head(path, *lines, LENGTH) + BODY)
            assert RawAnswer(read_answer(connection)).statuses == [status]


def test_small_answers_are_not_held_back_for_a_fuller_packet() -> None:
    """Nagle's delay costs 40 ms an answer; asyncio switches it off only for sockets that name TCP."""

    async def scenario() -> int:
        delays: asyncio.Queue[int] = asyncio.Queue()

        def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peer = writer.get_extra_info("socket")
            delays.put_nowait(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = service.listen("127.0.0.1", 0)
        async with await asyncio.start_server(accepted, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            writer.close()
            return await delays.get()

    assert asyncio.run(scenario()) != 0


def test_pipelined_requests_are_answered_in_order(intake: IntakeServer) -> None:
    good, forged = head(SHOP, *signed(), LENGTH) + BODY, head(SHOP, *signed(b"x"), LENGTH) + BODY
    last = head(SHOP, *signed(), LENGTH, "Connection: close") + BODY
    with intake.connect() as connection:
        connection.sendall(good + forged + last)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    assert RawAnswer(received).statuses == [200, 401, 200]


def test_connections_above_the_cap_are_turned_away_with_a_problem(intake: IntakeServer) -> None:
    crowd: list[socket.socket] = []
    try:
        while len(crowd) < 60:
            crowd.append(intake.connect())
        answers = [RawAnswer(read_answer(connection)) for connection in crowd[-5:]]
        assert {answer.code for answer in answers} == {"overloaded"}
    finally:
        for connection in crowd:
            connection.close()


def test_after_all_this_honest_deliveries_pass_and_nothing_is_held(intake: IntakeServer) -> None:
    before = len(intake.bench.producer.records)
    answer = intake.talk([head(SHOP, *signed(), LENGTH) + BODY])
    assert answer.statuses == [200]
    assert len(intake.bench.producer.records) == before + 1
    assert {record.value for record in intake.bench.producer.records} == {BODY}
    metrics = intake.talk([head("/metrics", method="GET")]).received.decode()
    assert "crossdock_ingest_in_flight_bytes 0.0" in metrics
    assert "crossdock_ingest_in_flight_requests 0.0" in metrics
    assert 'code="internal_error"' not in metrics
