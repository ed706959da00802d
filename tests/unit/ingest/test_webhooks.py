"""Webhooks through the whole application: what becomes a record, and what is refused without one."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models.partner import PartnerProfile
from crossdock.canonical.profiles import ProfileInvalid
from crossdock.ingest.testing import Bench, MemoryProducer, MemoryProfiles
from tests.kit.asgi import post
from tests.kit.intake import (
    NOTIFICATION_URL,
    NOW,
    base64_hmac,
    order,
    shopify,
    standard,
    stripe,
)

SHOP = "/v1/webhooks/acme/shop"


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
