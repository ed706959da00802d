"""Webhooks when Kafka, the sender or the tenant is at a limit: refused in time, nothing held."""

from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette

from crossdock.ingest.intake import BodyLimits
from crossdock.ingest.limits import Rate
from crossdock.ingest.testing import Bench
from tests.kit.asgi import Answer, Call, post
from tests.kit.intake import (
    order,
    shopify,
)

SHOP = "/v1/webhooks/acme/shop"


async def stall() -> None:
    """A client that sends nothing more and does not go away."""
    await asyncio.Event().wait()


def test_kafka_that_does_not_acknowledge_is_a_503_with_a_time_to_come_back(bench: Bench) -> None:
    bench.producer.failures = 1
    app, body = bench.app(), order()
    answer = post(app, SHOP, body, shopify(body))
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "broker_unavailable", "2")
    assert post(app, SHOP, body, shopify(body)).status == 200


def test_nothing_is_read_while_kafka_is_known_to_be_away(bench: Bench) -> None:
    bench.producer.is_available = False

    async def never() -> None:
        raise AssertionError("the body was asked for")

    call = Call(SHOP, (never,), shopify(order()))
    assert asyncio.run(call.to(bench.app())).code == "broker_unavailable"


def test_answer_waits_for_the_acknowledgement(bench: Bench) -> None:
    async def scenario() -> Answer:
        bench.producer.gate = asyncio.Event()
        body = order()
        request = asyncio.create_task(Call(SHOP, (body,), shopify(body)).to(bench.app()))
        while not bench.producer.waiting:
            await asyncio.wait([request], timeout=0)
        assert not request.done()
        bench.producer.gate.set()
        return await request

    assert asyncio.run(scenario()).status == 200


def test_body_that_outgrows_the_cap_is_refused_before_it_is_whole(bench: Bench) -> None:
    bench.body = BodyLimits(2_000, 10.0)

    async def never() -> None:
        raise AssertionError("read on after the cap")

    call = Call(SHOP, (b"x" * 1_500, b"x" * 1_500, never))
    assert asyncio.run(call.to(bench.app())).code == "body_too_large"


def test_cap_counts_key_and_headers_too(bench: Bench) -> None:
    body = order()
    assert post(bench.app(), SHOP, body, shopify(body)).status == 200
    size = bench.producer.records[0].size
    bench.body = BodyLimits(size, 10.0)
    assert post(bench.app(), SHOP, body, shopify(body)).status == 200
    bench.body = BodyLimits(size - 1, 10.0)
    assert post(bench.app(), SHOP, body, shopify(body)).code == "body_too_large"


def test_record_that_the_broker_calls_too_large_is_a_413(bench: Bench) -> None:
    bench.producer.bytes_max = 10
    body = order()
    assert post(bench.app(), SHOP, body, shopify(body)).status == 413


def test_slow_body_is_given_up(bench: Bench) -> None:
    bench.body = BodyLimits(100_000, 0.01)
    assert asyncio.run(Call(SHOP, (b"{", stall)).to(bench.app())).code == "request_timeout"


def test_client_that_goes_away_mid_body_leaves_nothing_and_frees_its_bytes(bench: Bench) -> None:
    bench.bytes_max = 1_000_000
    app = bench.app()
    for _ in range(3):
        asyncio.run(Call(SHOP, (b"x" * 600_000, None), shopify(b"")).to(app))
    assert bench.producer.records == []
    assert b"crossdock_ingest_disconnected_total 3.0" in bench.metrics.exposition()[0]


def flood(app: Starlette, bench: Bench, count: int) -> list[Answer]:
    """Answers to `count` requests at once, Kafka being slow until the last has come."""

    async def scenario() -> list[Answer]:
        bench.producer.gate = asyncio.Event()
        body = order()
        calls = [Call(SHOP, (body,), shopify(body)) for _ in range(count)]
        tasks = [asyncio.create_task(call.to(app)) for call in calls]
        while bench.producer.waiting + sum(task.done() for task in tasks) < count:
            await asyncio.wait(tasks, timeout=0)
        bench.producer.gate.set()
        return await asyncio.gather(*tasks)

    return asyncio.run(scenario())


def test_requests_above_the_cap_are_turned_away_and_the_place_is_free_again(bench: Bench) -> None:
    bench.requests_max = 5
    app = bench.app()
    for _ in range(2):
        codes = [answer.code for answer in flood(app, bench, 8)]
        assert sorted(codes) == [""] * 5 + ["overloaded"] * 3


def test_bytes_above_the_cap_are_turned_away(bench: Bench) -> None:
    bench.bytes_max = 3 * len(order())
    codes = [answer.code for answer in flood(bench.app(), bench, 5)]
    assert sorted(codes) == [""] * 3 + ["overloaded"] * 2


def test_announcing_a_large_body_takes_no_place_from_others(bench: Bench) -> None:
    bench.bytes_max = 1_000_000
    app, body = bench.app(), order()

    async def scenario() -> Answer:
        announced = [*shopify(body), ("Content-Length", "900000")]
        silent = [asyncio.create_task(Call(SHOP, (stall,), announced).to(app)) for _ in range(10)]
        await asyncio.wait(silent, timeout=0)
        answer = await Call(SHOP, (body,), shopify(body)).to(app)
        for task in silent:
            task.cancel()
        await asyncio.wait(silent)
        return answer

    assert asyncio.run(scenario()).status == 200


@pytest.mark.parametrize("length", ["900001", "9" * 18, "9" * 5_000])
def test_announced_length_above_the_cap_is_refused_unread(bench: Bench, length: str) -> None:
    bench.body = BodyLimits(900_000, 10.0)
    call = Call(SHOP, (stall,), [("Content-Length", length)])
    assert asyncio.run(call.to(bench.app())).code == "body_too_large"


def test_bytes_that_kafka_still_owes_count_against_the_cap(bench: Bench) -> None:
    bench.bytes_max = 1_000_000
    bench.producer.abandoned_bytes = 1_000_000
    body = order()
    assert post(bench.app(), SHOP, body, shopify(body)).code == "overloaded"


def test_tenant_above_its_rate_is_told_when_to_come_back(bench: Bench) -> None:
    now = [100.0]
    bench.rate = Rate(per_second=0.5, burst=2)
    bench.monotonic = lambda: now[0]
    app, body = bench.app(), order()
    answers = [post(app, SHOP, body, shopify(body)) for _ in range(3)]
    assert [answer.code for answer in answers] == ["", "", "rate_limited"]
    assert answers[2].headers["retry-after"] == "2"
    now[0] += 2
    assert post(app, SHOP, body, shopify(body)).status == 200


def test_forged_requests_do_not_use_up_the_tenants_rate(bench: Bench) -> None:
    bench.rate = Rate(per_second=0.001, burst=1)
    app, body = bench.app(), order()
    for _ in range(5):
        assert post(app, SHOP, body, shopify(body, "guess")).code == "signature_invalid"
    assert post(app, SHOP, body, shopify(body)).status == 200


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (("Content-Encoding", "gzip"), "content_encoding_unsupported"),
        (("Content-Encoding", "identity, gzip"), "content_encoding_unsupported"),
        (("Content-Type", "application/jsön"), "header_invalid"),
        (("Content-Type", "x" * 256), "header_invalid"),
    ],
)
def test_what_cannot_be_kept_as_sent_is_refused(bench: Bench, header: tuple[str, str], code: str) -> None:
    body = order()
    assert post(bench.app(), SHOP, body, [header, *shopify(body)[1:]]).code == code


def test_empty_body_is_refused_although_it_is_signed(bench: Bench) -> None:
    assert post(bench.app(), SHOP, b"", shopify(b"")).code == "body_empty"
