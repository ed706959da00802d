"""Webhooks through the whole application: what becomes a record, and what is refused without one."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models.partner import PartnerProfile
from crossdock.canonical.profiles import ProfileInvalid
from crossdock.ingest.intake import BodyLimits
from crossdock.ingest.limits import Rate
from crossdock.ingest.testing import Bench, MemoryProducer, MemoryProfiles
from tests.kit.asgi import Answer, Call, post
from tests.kit.intake import (
    NOTIFICATION_URL,
    NOW,
    PROFILES,
    SECRETS,
    base64_hmac,
    order,
    shopify,
    standard,
    stripe,
)

SHOP = "/v1/webhooks/acme/shop"


@pytest.fixture
def bench() -> Bench:
    return Bench(MemoryProfiles.of(PROFILES), secrets=SECRETS, clock=lambda: NOW)


async def stall() -> None:
    """A client that sends nothing more and does not go away."""
    await asyncio.Event().wait()


def headers_of(producer: MemoryProducer, place: int = -1) -> dict[str, str]:
    return {name: (value or b"").decode() for name, value in producer.records[place].headers}


def test_signed_delivery_becomes_one_record_with_its_bytes_untouched(bench: Bench) -> None:
    body = '{ "id":450789469,\n "note":"Größe 2 – ﬁ" }'.encode()
    answer = post(bench.app(), SHOP, body, shopify(body))
    record = bench.producer.records[0]
    assert answer.status == 200
    assert answer.json == {
        "status": "accepted",
        "id": "d-1",
        "topic": "raw.channel.v1",
        "partition": 0,
        "offset": 0,
    }
    assert record.value == body
    assert (record.topic, record.key, record.partition_segments) == (
        "raw.channel.v1",
        b"acme/shop/order:450789469",
        3,
    )


def test_record_says_where_when_and_what(bench: Bench) -> None:
    body = order()
    post(bench.app(), SHOP, body, shopify(body))
    assert headers_of(bench.producer) == {
        "ce_id": "d-1",
        "ce_source": "/ingest/acme/shop",
        "ce_type": "crossdock.raw.Received",
        "ce_specversion": "1.0",
        "ce_time": "2026-03-01T09:30:00.123456+00:00",
        "ce_tenant": "acme",
        "ce_channel": "shop",
        "ce_correlationid": "d-1",
        "content-type": "application/json",
        "crossdock_event": "orders/create",
    }


@pytest.mark.parametrize("body", [b"{", b"not json", b"\xff\xfe", b'{"name":"no id"}', b"[1]", b"\0"])
def test_authentic_body_that_no_format_reads_is_kept_under_its_content(bench: Bench, body: bytes) -> None:
    assert post(bench.app(), SHOP, body, shopify(body)).status == 200
    digest = hashlib.sha256(body).hexdigest()
    assert bench.producer.records[0].key == f"acme/shop/webhook:sha256-{digest}".encode()
    assert bench.producer.records[0].value == body


def test_body_that_the_format_rejects_is_kept_without_a_word(bench: Bench) -> None:
    def rejecting(record: object) -> str | None:
        raise Rejected(RejectionCode.ID_MISSING, "there is no id")

    wire_format = dataclasses.replace(bench.formats["shopify_order"], key=rejecting)
    bench.formats = {"shopify_order": wire_format}
    body = order()
    with capture_logs() as lines:
        assert post(bench.app(), SHOP, body, shopify(body)).status == 200
    assert bench.producer.records[0].key.startswith(b"acme/shop/webhook:sha256-")
    assert lines == []


def test_fault_in_a_formats_key_does_not_cost_the_document(bench: Bench) -> None:
    def broken(record: object) -> str | None:
        raise ZeroDivisionError

    wire_format = dataclasses.replace(bench.formats["shopify_order"], key=broken)
    bench.formats = {"shopify_order": wire_format}
    body = order()
    with capture_logs() as lines:
        assert post(bench.app(), SHOP, body, shopify(body)).status == 200
    assert bench.producer.records[0].key.startswith(b"acme/shop/webhook:sha256-")
    assert [(line["event"], line["error"]) for line in lines] == [("key_failed", "ZeroDivisionError")]


@pytest.mark.parametrize("secret", ["shop-secret-1", "shop-secret-2"])
def test_both_secrets_of_a_rotation_are_live(bench: Bench, secret: str) -> None:
    body = order()
    assert post(bench.app(), SHOP, body, shopify(body, secret)).status == 200


def test_forged_delivery_leaves_nothing(bench: Bench) -> None:
    body = order()
    answer = post(bench.app(), SHOP, body, shopify(body, "guess"))
    assert (answer.status, answer.code) == (401, "signature_invalid")
    assert answer.json["field"] == "X-Shopify-Hmac-Sha256"
    assert answer.json["type"] == "urn:crossdock:problem:signature-invalid"
    assert bench.producer.records == []


def test_unsigned_delivery_is_refused(bench: Bench) -> None:
    assert post(bench.app(), SHOP, order()).code == "signature_missing"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/webhooks/acme/nobody", 404, "unknown_endpoint"),
        ("/v1/webhooks/other/shop", 404, "unknown_endpoint"),
        ("/v1/webhooks/acme/portal", 404, "unknown_endpoint"),
        ("/v1/webhooks/acme/distributor", 404, "unknown_endpoint"),
        ("/v1/webhooks/acme", 404, "unknown_endpoint"),
        ("/v1/webhooks/acme/shop/", 404, "unknown_endpoint"),
        ("/v1/webhooks/acme%2Fshop", 200, ""),
        ("/v1/webhooks/acme/shop%2Forders", 404, "unknown_endpoint"),
        ("/", 404, "unknown_endpoint"),
        ("/v1/webhooks/acme/unset", 503, "secret_unavailable"),
        ("/v1/webhooks/acme/broken-secret", 503, "secret_unavailable"),
    ],
)
def test_endpoint_exists_only_where_a_profile_opens_it(
    bench: Bench, path: str, status: int, code: str
) -> None:
    body = order()
    headers = [*shopify(body), *standard(body)]
    answer = post(bench.app(), path, body, headers)
    assert (answer.status, answer.code) == (status, code)


def test_partner_is_never_called_unknown_while_profiles_load(bench: Bench) -> None:
    bench.profiles.is_caught_up = False
    answer = post(bench.app(), "/v1/webhooks/acme/nobody", order())
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "profiles_loading", "1")


def test_profile_of_another_version_is_the_operators_matter(bench: Bench) -> None:
    class Newer(MemoryProfiles):
        def at(self, tenant: str, partner: str, time: datetime) -> PartnerProfile | None:
            raise ProfileInvalid([("channel.mood", "unknown field")])

    bench.profiles = Newer()
    answer = post(bench.app(), SHOP, order())
    assert (answer.status, answer.code) == (503, "profile_unreadable")
    assert "mood" not in answer.body.decode()


def test_stripe_delivery_is_named_by_its_body_and_timed_by_its_header(bench: Bench) -> None:
    body = b'{"id":"evt_1","type":"payout.paid"}'
    app = bench.app()
    assert post(app, "/v1/webhooks/acme/psp", body, stripe(body)).json["id"] == "evt_1"
    assert headers_of(bench.producer)["crossdock_event"] == "payout.paid"
    late = stripe(body, time=int((NOW - timedelta(seconds=301)).timestamp()))
    assert post(app, "/v1/webhooks/acme/psp", body, late).code == "timestamp_out_of_tolerance"


def test_square_signs_the_url_of_the_profile(bench: Bench) -> None:
    body = b'{"event_id":"e-1"}'
    signature = base64_hmac("pos-secret", NOTIFICATION_URL.encode() + body)
    answer = post(bench.app(), "/v1/webhooks/acme/pos", body, [("X-Square-HmacSha256-Signature", signature)])
    assert answer.json["id"] == "e-1"


def test_delivery_without_an_id_is_named_by_its_content(bench: Bench) -> None:
    body = order()
    signature = ("X-Shopify-Hmac-Sha256", base64_hmac("shop-secret-2", body))
    for unusable in ("", "x" * 300, "näme"):
        answer = post(bench.app(), SHOP, body, [signature, ("X-Shopify-Webhook-Id", unusable)])
        assert answer.json["id"] == hashlib.sha256(body).hexdigest()


def test_woocommerces_ping_is_answered_and_leaves_no_record(bench: Bench) -> None:
    answer = post(bench.app(), "/v1/webhooks/acme/woo", b"webhook_id=7")
    assert (answer.status, answer.json) == (200, {"status": "ignored"})
    assert bench.producer.records == []


def test_redelivery_makes_an_equal_record_again_for_consumers_to_recognise(bench: Bench) -> None:
    app, body = bench.app(), order()
    for _ in range(2):
        assert post(app, SHOP, body, shopify(body)).status == 200
    assert bench.producer.records[0] == bench.producer.records[1]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("00-" + "a" * 32 + "-" + "b" * 16 + "-01", True),
        ("00-" + "0" * 32 + "-" + "b" * 16 + "-01", False),
        ("ff-" + "a" * 32 + "-" + "b" * 16 + "-01", False),
        ("00-" + "A" * 32 + "-" + "b" * 16 + "-01", False),
        ("garbage", False),
    ],
)
def test_trace_context_travels_on_if_it_is_well_formed(bench: Bench, sent: str, kept: bool) -> None:
    body = order()
    post(bench.app(), SHOP, body, [*shopify(body), ("traceparent", sent), ("tracestate", "vendor=1")])
    found = headers_of(bench.producer)
    assert found.get("traceparent") == (sent if kept else None)
    assert found.get("tracestate") == ("vendor=1" if kept else None)


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
