"""Each scheme takes what its channel signs and refuses everything else, as a refusal and never otherwise."""

from __future__ import annotations

import base64
import hmac
import unicodedata
from collections.abc import Callable, Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.canonical.models.profile_sections import WebhookScheme
from crossdock.ingest.problems import Refused
from crossdock.ingest.verifier import (
    SCHEMES,
    Delivery,
    Scheme,
    SecretUnusable,
    Trust,
    hex_after,
    is_ping,
    named,
    verify,
)
from tests.kit.intake import (
    NOTIFICATION_URL,
    NOW_S,
    STANDARD_SECRET,
    base64_hmac,
    hmac_sha256,
    shopify,
    standard,
    stripe,
)

BODY = '{"id":1,"name":"Größe 2"}'.encode()
Pairs = Sequence[tuple[str, str]]

SIGNED: dict[str, tuple[str, Callable[[bytes], Pairs]]] = {
    "shopify": ("shop-secret-2", shopify),
    "woocommerce": ("woo", lambda body: [("X-WC-Webhook-Signature", base64_hmac("woo", body))]),
    "stripe": ("psp-secret", stripe),
    "square": (
        "pos",
        lambda body: [
            ("x-square-hmacsha256-signature", base64_hmac("pos", NOTIFICATION_URL.encode() + body))
        ],
    ),
    "standard_webhooks": (STANDARD_SECRET, standard),
}


def delivery(headers: Pairs, body: bytes = BODY) -> Delivery:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return Delivery(raw, body, NOTIFICATION_URL)


def code_of(scheme: Scheme, what: Delivery, *secrets: str, now: float = NOW_S, tolerance_s: int = 300) -> str:
    try:
        verify(scheme, what, Trust(secrets, tolerance_s), now)
    except Refused as refused:
        return refused.code
    return "authentic"


def test_every_scheme_of_the_profile_has_a_row_and_a_signed_example() -> None:
    assert set(get_args(WebhookScheme)) == set(SCHEMES) == set(SIGNED)


@pytest.mark.parametrize("name", SCHEMES)
def test_what_the_channel_signed_is_authentic(name: str) -> None:
    secret, sign = SIGNED[name]
    assert code_of(SCHEMES[name], delivery(sign(BODY)), secret) == "authentic"


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize(
    "body", [BODY + b" ", BODY[:-1], BODY.replace(b"1", b"2"), b"", BODY.decode().encode("latin-1")]
)
def test_tampered_body_is_refused(name: str, body: bytes) -> None:
    secret, sign = SIGNED[name]
    assert code_of(SCHEMES[name], delivery(sign(BODY), body), secret) == "signature_invalid"


@pytest.mark.parametrize("name", SCHEMES)
def test_every_live_secret_is_tried_whatever_its_place(name: str) -> None:
    secret, sign = SIGNED[name]
    other = "whsec_" + base64.b64encode(b"another key").decode() if name == "standard_webhooks" else "other"
    signed = delivery(sign(BODY))
    assert code_of(SCHEMES[name], signed, other, secret) == "authentic"
    assert code_of(SCHEMES[name], signed, secret, other) == "authentic"
    assert code_of(SCHEMES[name], signed, other) == "signature_invalid"


@pytest.mark.parametrize("name", SCHEMES)
def test_missing_signature_header_is_told_apart(name: str) -> None:
    secret, sign = SIGNED[name]
    wanted = SCHEMES[name].signature.lower()
    without = [(header, value) for header, value in sign(BODY) if header.lower() != wanted]
    assert code_of(SCHEMES[name], delivery(without), secret) == "signature_missing"
    assert code_of(SCHEMES[name], delivery([*without, (wanted, "")]), secret) == "signature_missing"


@pytest.mark.parametrize("name", SCHEMES)
def test_signature_header_that_stands_twice_is_refused(name: str) -> None:
    secret, sign = SIGNED[name]
    headers = list(sign(BODY))
    assert code_of(SCHEMES[name], delivery([*headers, headers[-1]]), secret) == "signature_invalid"


JUNK = [
    "a",
    "====",
    "not base64 at all!",
    "AAAA",
    "=" * 44,
    base64.b64encode(b"\0" * 31).decode(),
    base64.b64encode(b"\0" * 33).decode(),
    base64.urlsafe_b64encode(b"\xff" * 32).decode(),
    "ÿ" * 44,
    "\x7f" * 44,
    "0" * 64,
    "t=,v1=",
    "t=1",
    "v1=" + "0" * 64,
    f"t={NOW_S},v1=" + "g" * 64,
    f"t={NOW_S},v1=" + "0" * 63,
    f"t={NOW_S},t={NOW_S},v1=" + "0" * 64,
    f"t=-1,v1={'0' * 64}",
    f"t={'9' * 400},v1={'0' * 64}",
    f"t=٣,v1={'0' * 64}".encode().decode("latin-1"),
    f"t={NOW_S}," + ",".join(["v1=" + "0" * 64] * 17),
    "v1,",
    "v1",
    "v1, " + "A" * 43 + "=",
    "v2," + base64.b64encode(b"\0" * 32).decode(),
    " ".join(["v1," + base64.b64encode(b"\0" * 32).decode()] * 17),
    ",,,,",
    " ",
    "A" * 30_000,
]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("name", SCHEMES)
def test_junk_in_the_signature_header_is_a_refusal(name: str, junk: str) -> None:
    secret, sign = SIGNED[name]
    wanted = SCHEMES[name].signature.lower()
    headers = [(header, junk if header.lower() == wanted else value) for header, value in sign(BODY)]
    assert code_of(SCHEMES[name], delivery(headers), secret) in ("signature_invalid", "signature_missing")


@given(
    st.sampled_from(sorted(SCHEMES)), st.binary(max_size=80), st.binary(max_size=40), st.binary(max_size=12)
)
def test_no_header_bytes_make_the_verifier_fail_otherwise(
    name: str, signature: bytes, identifier: bytes, time: bytes
) -> None:
    scheme = SCHEMES[name]
    raw = [
        (scheme.signature.lower().encode(), signature),
        (b"webhook-id", identifier),
        (b"webhook-timestamp", time),
    ]
    with pytest.raises(Refused):
        verify(scheme, Delivery(raw, BODY, NOTIFICATION_URL), Trust([SIGNED[name][0]]), NOW_S)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (0, "authentic"),
        (300, "authentic"),
        (301, "timestamp_out_of_tolerance"),
        (-300, "authentic"),
        (-301, "timestamp_out_of_tolerance"),
        (86_400, "timestamp_out_of_tolerance"),
    ],
)
@pytest.mark.parametrize("name", ["stripe", "standard_webhooks"])
def test_signed_time_must_be_near_in_both_directions(name: str, offset: int, expected: str) -> None:
    secret, sign = SIGNED[name]
    assert code_of(SCHEMES[name], delivery(sign(BODY)), secret, now=NOW_S + offset) == expected


def test_tolerance_is_the_profiles() -> None:
    signed = delivery(stripe(BODY))
    now = NOW_S + 200
    assert code_of(SCHEMES["stripe"], signed, "psp-secret", now=now, tolerance_s=199) != "authentic"
    assert code_of(SCHEMES["stripe"], signed, "psp-secret", now=now, tolerance_s=200) == "authentic"


def test_forged_signature_is_not_told_whether_its_time_was_right() -> None:
    forged = delivery(stripe(BODY, secret="guess"))
    assert code_of(SCHEMES["stripe"], forged, "psp-secret", now=NOW_S + 9_999) == "signature_invalid"


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_standard_webhooks_need_all_that_is_signed(header: str) -> None:
    headers = [(name, value) for name, value in standard(BODY) if name != header]
    assert code_of(SCHEMES["standard_webhooks"], delivery(headers), STANDARD_SECRET) == "signature_missing"


def test_square_signature_of_another_url_is_refused() -> None:
    headers = [
        ("x-square-hmacsha256-signature", base64_hmac("pos", b"https://hooks.example.com/other" + BODY))
    ]
    assert code_of(SCHEMES["square"], delivery(headers), "pos") == "signature_invalid"


def test_stripe_takes_any_of_several_v1_signatures() -> None:
    _, header = stripe(BODY)[0]
    rotated = header.replace(",v1=", ",v1=" + "0" * 64 + ",v1=")
    assert code_of(SCHEMES["stripe"], delivery([("Stripe-Signature", rotated)]), "psp-secret") == "authentic"


@pytest.mark.parametrize("secret", ["whsec_***", "whsec_a", "whsec_", "\udcff"])
def test_unusable_secret_is_our_fault_and_not_the_senders(secret: str) -> None:
    with pytest.raises(SecretUnusable) as caught:
        verify(SCHEMES["standard_webhooks"], delivery(standard(BODY)), Trust([secret]), NOW_S)
    assert secret not in str(caught.value)


@pytest.mark.parametrize("secret", ["", " "])
def test_empty_secret_opens_no_door_to_those_who_sign_with_nothing(secret: str) -> None:
    forged = base64.b64encode(hmac.digest(secret.encode(), BODY, "sha256")).decode()
    with pytest.raises(SecretUnusable):
        verify(SCHEMES["shopify"], delivery([("X-Shopify-Hmac-Sha256", forged)]), Trust([secret]), NOW_S)


def test_a_further_scheme_is_one_row() -> None:
    def normalized(text: str) -> bytes:
        return unicodedata.normalize("NFKD", text).encode()

    row = Scheme("carrier", "X-Hmac-Signature", hex_after("hmac-sha256-hex="), "$.id", "$.type", normalized)
    secret = "Schlüssel"
    digest = hmac_sha256(unicodedata.normalize("NFKD", secret).encode(), BODY).hex()
    good = delivery([("x-hmac-signature", f"hmac-sha256-hex={digest}")])
    assert code_of(row, good, secret) == "authentic"
    for junk in (digest, f"hmac-sha256-hex={digest[1:]}", "hmac-sha256-hex="):
        assert code_of(row, delivery([("x-hmac-signature", junk)]), secret) == "signature_invalid"


@pytest.mark.parametrize(
    ("scheme", "headers", "body", "identifier", "event"),
    [
        ("shopify", shopify(BODY), BODY, "d-1", "orders/create"),
        (
            "woocommerce",
            [("X-WC-Webhook-Delivery-ID", "w-1"), ("X-WC-Webhook-Topic", "order.updated")],
            BODY,
            "w-1",
            "order.updated",
        ),
        ("stripe", [], b'{"id":"evt_1","type":"payout.paid"}', "evt_1", "payout.paid"),
        (
            "square",
            [],
            b'{"event_id":"e-1","type":"inventory.count.updated"}',
            "e-1",
            "inventory.count.updated",
        ),
        ("standard_webhooks", standard(BODY), b'{"type":"order.created"}', "msg_1", "order.created"),
        ("stripe", [], b'{"id":1,"type":["x"]}', "", ""),
        ("stripe", [], b"[1]", "", ""),
        ("stripe", [], b"{", "", ""),
        ("stripe", [], b"[" * 100_000, "", ""),
        ("shopify", [], BODY, "", ""),
    ],
)
def test_delivery_and_event_are_named_where_the_channel_names_them(
    scheme: str, headers: Pairs, body: bytes, identifier: str, event: str
) -> None:
    row, what = SCHEMES[scheme], delivery(headers, body)
    assert (named(what, row.delivery_id), named(what, row.event)) == (identifier, event)


@pytest.mark.parametrize(
    ("scheme", "body", "expected"),
    [
        ("woocommerce", b"webhook_id=12", True),
        ("woocommerce", b"webhook_id=12&x=1", False),
        ("woocommerce", b"webhook_id=", False),
        ("woocommerce", b"webhook_id=12\n", False),
        ("shopify", b"webhook_id=12", False),
    ],
)
def test_only_woocommerces_own_test_body_is_a_ping(scheme: str, body: bytes, expected: bool) -> None:
    assert is_ping(SCHEMES[scheme], body) is expected
