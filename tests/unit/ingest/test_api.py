"""The ingest API: tokens and their scope, idempotency keys, stated types and formats."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from crossdock.ingest.testing import Bench, MemoryProfiles
from crossdock.ingest.tokens import ApiToken, Tokens, TokensInvalid, mint
from tests.kit.asgi import Answer, Call, post
from tests.kit.intake import NOW, PROFILES, SECRETS, order, read, write_tokens

PATH = "/v1/ingest/acme/portal/order"


class Portal:
    """The application with two tokens: one of the portal, one of the whole tenant."""

    def __init__(self, folder: Path) -> None:
        self.channel_token = mint("portal", "acme", "portal")
        self.tenant_token = mint("all of acme", "acme")
        self.other_token = mint("other", "other")
        path = write_tokens(folder, self.channel_token, self.tenant_token, self.other_token)
        self.now = 0.0
        self.bench = Bench(
            MemoryProfiles.of(PROFILES),
            tokens=read(path),
            secrets=SECRETS,
            clock=lambda: NOW,
            monotonic=lambda: self.now,
        )
        self.app = self.bench.app()

    def send(self, body: bytes, key: str | None = None, path: str = PATH, **more: str) -> Answer:
        """POST with the channel's token."""
        return post(self.app, path, body, self.headers(key, **more))

    def headers(self, key: str | None = None, **more: str) -> list[tuple[str, str]]:
        headers = [("Authorization", f"Bearer {self.channel_token[0]}"), ("Content-Type", "application/json")]
        headers += [("Idempotency-Key", key)] if key is not None else []
        return headers + [(name.replace("_", "-"), value) for name, value in more.items()]


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return Portal(tmp_path)


def test_document_becomes_a_record_with_its_key_and_type(portal: Portal) -> None:
    body = order(7)
    answer = portal.send(body, "k-1", Crossdock_Event="order.placed")
    record = portal.bench.producer.records[0]
    assert (answer.status, answer.json["id"], answer.json["offset"]) == (200, "k-1", 0)
    assert (record.key, record.value) == (b"acme/portal/order:7", body)
    assert record.header("ce_id") == "k-1"
    assert record.header("crossdock_event") == "order.placed"
    assert record.header("content-type") == "application/json"


def test_without_idempotency_key_the_content_names_the_delivery(portal: Portal) -> None:
    body = order(7)
    assert portal.send(body).json["id"] == hashlib.sha256(body).hexdigest()


def test_body_without_readable_id_is_keyed_by_type_and_content(portal: Portal) -> None:
    body = b"\xff\x00 no json"
    portal.send(body, path="/v1/ingest/acme/portal/price-list")
    digest = hashlib.sha256(body).hexdigest()
    assert portal.bench.producer.records[0].key == f"acme/portal/price-list:sha256-{digest}".encode()


def test_same_key_and_document_is_answered_with_the_first_coordinates(portal: Portal) -> None:
    first = portal.send(order(7), "k-1")
    portal.send(order(8), "k-2")
    again = portal.send(order(7), "k-1")
    assert (again.status, again.json) == (200, first.json)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(portal.bench.producer.records) == 2


def test_same_key_for_another_document_or_type_is_a_conflict(portal: Portal) -> None:
    portal.send(order(7), "k-1")
    conflict = portal.send(order(8), "k-1")
    assert (conflict.status, conflict.code, conflict.json["field"]) == (
        409,
        "idempotency_conflict",
        "Idempotency-Key",
    )
    assert portal.send(order(7), "k-1", path="/v1/ingest/acme/portal/refund").status == 409
    assert len(portal.bench.producer.records) == 1


def test_key_belongs_to_its_channel(portal: Portal) -> None:
    portal.send(order(7), "k-1")
    headers = [("Authorization", f"Bearer {portal.tenant_token[0]}"), ("Idempotency-Key", "k-1")]
    assert post(portal.app, "/v1/ingest/acme/shop/order", order(8), headers).status == 200


def test_failed_delivery_leaves_no_mark(portal: Portal) -> None:
    portal.bench.producer.failures = 1
    assert portal.send(order(7), "k-1").code == "broker_unavailable"
    again = portal.send(order(7), "k-1")
    assert again.status == 200
    assert "idempotent-replayed" not in again.headers
    assert portal.send(order(7), "k-1").headers["idempotent-replayed"] == "true"
    assert len(portal.bench.producer.records) == 1


def together(portal: Portal, bodies: Sequence[bytes]) -> list[Answer]:
    """Answers to requests with one key that are all under way before Kafka answers the first."""

    async def scenario() -> list[Answer]:
        producer = portal.bench.producer
        producer.gate = asyncio.Event()
        calls = [Call(PATH, (body,), portal.headers("k-1")) for body in bodies]
        tasks = [asyncio.create_task(call.to(portal.app)) for call in calls]
        while not producer.waiting:
            await asyncio.wait(tasks, timeout=0)
        for _ in range(20):
            await asyncio.wait(tasks, timeout=0)
        producer.gate.set()
        return await asyncio.gather(*tasks)

    return asyncio.run(scenario())


def test_repetition_that_overtakes_the_acknowledgement_waits_for_it(portal: Portal) -> None:
    answers = together(portal, [order(7)] * 5)
    assert [answer.status for answer in answers] == [200] * 5
    assert {answer.json["offset"] for answer in answers} == {0}
    assert len(portal.bench.producer.records) == 1


def test_conflict_is_seen_while_the_first_is_under_way(portal: Portal) -> None:
    assert [answer.status for answer in together(portal, [order(7), order(8)])] == [200, 409]


def test_failure_is_shared_by_all_who_waited_for_it(portal: Portal) -> None:
    portal.bench.producer.failures = 1
    assert {answer.code for answer in together(portal, [order(7)] * 3)} == {"broker_unavailable"}
    assert portal.send(order(7), "k-1").status == 200


def test_marks_are_forgotten_after_the_window_and_above_the_number(portal: Portal) -> None:
    portal.bench.window_s, portal.bench.marks_max = 60, 2
    portal.app = portal.bench.app()
    portal.send(order(1), "k-1")
    portal.now = 60
    assert "idempotent-replayed" not in portal.send(order(1), "k-1").headers
    portal.send(order(2), "k-2")
    portal.send(order(3), "k-3")
    assert "idempotent-replayed" not in portal.send(order(1), "k-1").headers


@pytest.mark.parametrize("key", ["", '""', " ", "ü", "x" * 256, "a\tb"])
def test_unusable_idempotency_key_is_refused(portal: Portal, key: str) -> None:
    assert portal.send(order(7), key).code == "idempotency_key_invalid"


def test_quoted_key_is_the_same_key(portal: Portal) -> None:
    portal.send(order(7), "k-1")
    assert portal.send(order(7), '"k-1"').headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (None, 401, "token_missing"),
        ("", 401, "token_missing"),
        ("Basic YTpi", 401, "token_missing"),
        ("Bearer", 401, "token_missing"),
        ("Bearer ", 401, "token_invalid"),
        ("Bearer wrong", 401, "token_invalid"),
        ("Bearer ÿÿÿ", 401, "token_invalid"),
        ("Bearer " + "x" * 20_000, 401, "token_invalid"),
    ],
)
def test_no_one_enters_without_a_known_token(
    portal: Portal, header: str | None, status: int, code: str
) -> None:
    headers = [] if header is None else [("Authorization", header)]
    answer = post(portal.app, PATH, order(7), headers)
    assert (answer.status, answer.code, answer.headers["www-authenticate"]) == (status, code, "Bearer")
    assert portal.bench.producer.records == []


@pytest.mark.parametrize(
    ("token", "path", "status"),
    [
        ("channel_token", "/v1/ingest/acme/portal/order", 200),
        ("channel_token", "/v1/ingest/acme/shop/order", 403),
        ("channel_token", "/v1/ingest/other/portal/order", 403),
        ("tenant_token", "/v1/ingest/acme/shop/order", 200),
        ("tenant_token", "/v1/ingest/acme/nobody/order", 404),
        ("other_token", "/v1/ingest/acme/portal/order", 403),
    ],
)
def test_token_opens_its_scope_only(portal: Portal, token: str, path: str, status: int) -> None:
    secret: str = getattr(portal, token)[0]
    assert post(portal.app, path, order(7), [("authorization", f"bearer {secret}")]).status == status


def test_expired_token_is_refused(portal: Portal, tmp_path: Path) -> None:
    secret, entry = mint("old", "acme")
    for moment, status in ((NOW, 401), (NOW + timedelta(seconds=1), 200)):
        entry = entry.model_copy(update={"expires_at": moment})
        portal.bench.tokens = read(write_tokens(tmp_path, (secret, entry)))
        answer = post(portal.bench.app(), PATH, order(7), [("Authorization", f"Bearer {secret}")])
        assert answer.status == status


def test_api_is_closed_without_a_tokens_file(portal: Portal) -> None:
    portal.bench.tokens = Tokens(None)
    portal.app = portal.bench.app()
    assert portal.send(order(7)).code == "token_invalid"


def test_tokens_rotate_without_a_restart_and_a_broken_file_keeps_the_last_good_one(tmp_path: Path) -> None:
    old, new = mint("old", "acme"), mint("new", "acme")
    path = write_tokens(tmp_path, old)
    tokens = read(path)
    assert not tokens.refresh()
    path.write_text('{"tokens": [{"name": "x"}]}')
    with pytest.raises(TokensInvalid, match=r"tokens\.0\.sha256"):
        tokens.refresh()
    assert tokens.authorize(f"Bearer {old[0]}", "acme", "portal", NOW).name == "old"
    write_tokens(tmp_path, old, new)
    assert tokens.refresh()
    assert tokens.authorize(f"Bearer {new[0]}", "acme", "portal", NOW).name == "new"


def test_tokens_file_holds_no_token_in_clear() -> None:
    secret, entry = mint("portal", "acme")
    assert secret not in entry.model_dump_json()
    assert entry == ApiToken(name="portal", sha256=hashlib.sha256(secret.encode()).hexdigest(), tenant="acme")


@pytest.mark.parametrize("kind", ["a b", "ö", "-x", "x" * 65, "a:b", "."])
def test_type_that_cannot_stand_in_a_key_is_no_endpoint(portal: Portal, kind: str) -> None:
    assert portal.send(order(7), path=f"/v1/ingest/acme/portal/{kind}").code == "unknown_endpoint"


def test_stated_format_decides_the_key_and_is_stored(portal: Portal) -> None:
    portal.send(order(7), Crossdock_Format="woocommerce_order")
    record = portal.bench.producer.records[0]
    assert record.header("crossdock_format") == "woocommerce_order"
    assert record.key == b"acme/portal/order:7"


def test_unknown_stated_format_is_refused(portal: Portal) -> None:
    answer = portal.send(order(7), Crossdock_Format="carrier_pigeon")
    assert (answer.code, answer.json["field"]) == ("format_unknown", "Crossdock-Format")
    assert "pigeon" not in answer.body.decode()


def test_document_that_must_be_split_goes_to_the_document_topic(portal: Portal) -> None:
    headers = [("Authorization", f"Bearer {portal.tenant_token[0]}"), ("Content-Type", "application/edi-x12")]
    answer = post(portal.app, "/v1/ingest/acme/distributor/850", b"ISA*00*", headers)
    record = portal.bench.producer.records[0]
    assert answer.json["topic"] == "raw.document.v1"
    assert record.key.startswith(b"acme/distributor/")
    assert record.partition_segments == 2


@pytest.mark.parametrize(
    ("wire_format", "topic"),
    [
        ("shopify_refund", "raw.channel.v1"),
        ("easypost_tracker", "raw.carrier.v1"),
        ("shopify_payout", "raw.payment.v1"),
        ("declarative", "raw.document.v1"),
    ],
)
def test_a_document_goes_to_the_topic_of_its_format(portal: Portal, wire_format: str, topic: str) -> None:
    answer = portal.send(b'{"id": 1}', Crossdock_Format=wire_format)
    assert answer.json["topic"] == topic
    assert portal.bench.producer.records[0].value == b'{"id": 1}'
