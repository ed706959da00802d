"""Which webhook schemes exist and how each one signs: one row per scheme, one function that checks.

Invariant: the raw body is verified before anything reads it; every comparison takes constant time and
all live secrets are always tried; whatever a sender puts into the headers ends in a Refused, never in
another exception.

Sources: the schemes' own documentation (Shopify, WooCommerce, Stripe, Square, Standard Webhooks).
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from crossdock.ingest.problems import ProblemCode, Refused

RawHeaders = Sequence[tuple[bytes, bytes]]
"""Header names in lower case, as ASGI gives them."""

_SIGNATURES_MAX: Final = 16
_HEX_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
_UNIX_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_BODY_MEMBER: Final = "$."


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook request as it came: raw headers, raw body, and the URL that the sender was given."""

    headers: RawHeaders
    body: bytes
    url: str = ""

    def header(self, name: str) -> str | None:
        """The header's text, None where absent. Raises Refused where it stands twice."""
        wanted = name.lower().encode("ascii")
        values = [value for key, value in self.headers if key == wanted]
        if len(values) > 1:
            raise _unreadable(name, "stands more than once")
        return values[0].decode("latin-1").strip() if values else None

    def required(self, name: str) -> str:
        """The header's text. Raises Refused (signature_missing) where absent or empty."""
        text = self.header(name)
        if not text:
            raise Refused(ProblemCode.SIGNATURE_MISSING, f"The header {name} is missing.", field=name)
        return text


@dataclass(frozen=True, slots=True)
class Claim:
    """What the headers claim: signatures of which one must match, and what else was signed."""

    signatures: tuple[bytes, ...]
    signed_at: int | None = None
    """Unix seconds; None where the scheme signs no time."""
    prefix: bytes = b""
    """Signed before the body."""


def base64_header(delivery: Delivery, name: str) -> Claim:
    """The whole header is one signature in base64."""
    return Claim((_base64_signature(delivery.required(name), name),))


def square_header(delivery: Delivery, name: str) -> Claim:
    """Square: base64, over the notification URL followed by the body."""
    return Claim((_base64_signature(delivery.required(name), name),), prefix=delivery.url.encode())


def stripe_header(delivery: Delivery, name: str) -> Claim:
    """Stripe: `t=<unix>,v1=<hex>[,v1=<hex>…]`, over `t.body`; other schemes in the list are ignored."""
    times: list[str] = []
    signatures: list[bytes] = []
    for item in delivery.required(name).split(","):
        label, _, value = item.strip().partition("=")
        if label == "t":
            times.append(value)
        elif label == "v1":
            signatures.append(_hex_signature(value, name))
    if len(times) != 1:
        raise _unreadable(name, "needs exactly one t=")
    signed_at = _unix_seconds(times[0], name)
    return Claim(_listed(signatures, name), signed_at, times[0].encode() + b".")


def standard_header(delivery: Delivery, name: str) -> Claim:
    """Standard Webhooks: `v1,<base64>` separated by blanks, over `id.timestamp.body`."""
    identifier = delivery.required("webhook-id")
    time = delivery.required("webhook-timestamp")
    versions = [item.partition(",") for item in delivery.required(name).split(" ")]
    signatures = [_base64_signature(value, name) for version, _, value in versions if version == "v1"]
    prefix = f"{identifier}.{time}.".encode("latin-1")
    return Claim(_listed(signatures, name), _unix_seconds(time, "webhook-timestamp"), prefix)


def hex_after(label: str) -> Callable[[Delivery, str], Claim]:
    """The header is `<label><hex>`, as some carriers send it."""

    def claim(delivery: Delivery, name: str) -> Claim:
        text = delivery.required(name)
        if not text.startswith(label):
            raise _unreadable(name, f"does not start with {label}")
        return Claim((_hex_signature(text[len(label) :], name),))

    return claim


def plain_secret(text: str) -> bytes:
    """The secret's text is the key."""
    return text.encode()


def standard_secret(text: str) -> bytes:
    """Standard Webhooks: base64 after the prefix `whsec_`. Raises ValueError where it is not."""
    return base64.b64decode(text.removeprefix("whsec_"), validate=True)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one kind of channel signs its webhooks and names its deliveries.

    Args:
        name: as `connection.webhook.scheme` of the partner profile says it.
        signature: header that carries the signature.
        claim: reads the headers into what they claim.
        delivery_id, event: header with the delivery's id and the event's name, or `$.member` for a
            top-level member of the JSON body; empty where the channel has none.
        secret: from the configured text to the HMAC key.
        ping: body of an unsigned test request that is answered 200 and leaves no record.
    """

    name: str
    signature: str
    claim: Callable[[Delivery, str], Claim]
    delivery_id: str = ""
    event: str = ""
    secret: Callable[[str], bytes] = plain_secret
    ping: re.Pattern[bytes] | None = None


SCHEMES: Final[dict[str, Scheme]] = {
    scheme.name: scheme
    for scheme in (
        Scheme("shopify", "X-Shopify-Hmac-Sha256", base64_header, "X-Shopify-Webhook-Id", "X-Shopify-Topic"),
        Scheme(
            "woocommerce",
            "X-WC-Webhook-Signature",
            base64_header,
            "X-WC-Webhook-Delivery-ID",
            "X-WC-Webhook-Topic",
            ping=re.compile(rb"webhook_id=[0-9]{1,20}"),
        ),
        Scheme("stripe", "Stripe-Signature", stripe_header, "$.id", "$.type"),
        Scheme("square", "X-Square-HmacSha256-Signature", square_header, "$.event_id", "$.type"),
        Scheme(
            "standard_webhooks", "webhook-signature", standard_header, "webhook-id", "$.type", standard_secret
        ),
    )
}


class SecretUnusable(ValueError):
    """A configured secret is not what its scheme needs; ours to fix, not the sender's."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What the partner profile says about the channel's signatures.

    Args:
        secrets: live secrets; more than one during a rotation.
        tolerance_s: how far a signed time may be from now, either way.
    """

    secrets: Sequence[str]
    tolerance_s: int = 300


def verify(scheme: Scheme, delivery: Delivery, trust: Trust, now: float) -> None:
    """Return if one of the signatures is that of one of the live secrets.

    Args:
        scheme: row of SCHEMES.
        delivery: the request, body untouched.
        trust: secrets and tolerance.
        now: Unix seconds.

    Raises:
        Refused: signature_missing, signature_invalid or timestamp_out_of_tolerance.
        SecretUnusable: a secret has not the form that the scheme needs.
    """
    claim = scheme.claim(delivery, scheme.signature)
    signed = claim.prefix + delivery.body
    is_authentic = False
    for secret in trust.secrets:
        expected = hmac.digest(_key(scheme, secret), signed, "sha256")
        for signature in claim.signatures:
            is_authentic |= hmac.compare_digest(expected, signature)
    if not is_authentic:
        raise Refused(
            ProblemCode.SIGNATURE_INVALID,
            f"The {scheme.name} signature does not match the raw body under any live secret.",
            field=scheme.signature,
        )
    if claim.signed_at is not None and abs(now - claim.signed_at) > trust.tolerance_s:
        raise Refused(
            ProblemCode.TIMESTAMP_OUT_OF_TOLERANCE,
            f"The signed time is more than {trust.tolerance_s} s away from now.",
            field=scheme.signature,
        )


def is_ping(scheme: Scheme, body: bytes) -> bool:
    """True for the channel's unsigned test request."""
    return scheme.ping is not None and scheme.ping.fullmatch(body) is not None


def named(delivery: Delivery, place: str) -> str:
    """Text at a place of the row (header or `$.member`), empty where it is absent or no text."""
    if not place.startswith(_BODY_MEMBER):
        return delivery.header(place) or "" if place else ""
    try:
        document: object = orjson.loads(delivery.body)
    except orjson.JSONDecodeError:
        return ""
    member = document.get(place[len(_BODY_MEMBER) :]) if isinstance(document, dict) else None
    return member if isinstance(member, str) else ""


def _key(scheme: Scheme, secret: str) -> bytes:
    try:
        key = scheme.secret(secret)
    except ValueError as error:
        raise SecretUnusable(f"a secret of a {scheme.name} webhook has not the scheme's form") from error
    if not key.strip():  # anybody can sign with nothing
        raise SecretUnusable(f"a secret of a {scheme.name} webhook is empty")
    return key


def _base64_signature(text: str, name: str) -> bytes:
    try:
        signature = base64.b64decode(text, validate=True)
    except ValueError:
        raise _unreadable(name, "is not base64") from None
    if len(signature) != 32:
        raise _unreadable(name, "is not 32 bytes long")
    return signature


def _hex_signature(text: str, name: str) -> bytes:
    if _HEX_SHA256.fullmatch(text) is None:
        raise _unreadable(name, "is not 64 hexadecimal digits")
    return bytes.fromhex(text)


def _unix_seconds(text: str, name: str) -> int:
    if _UNIX_SECONDS.fullmatch(text) is None:
        raise _unreadable(name, "has no time in Unix seconds")
    return int(text)


def _listed(signatures: list[bytes], name: str) -> tuple[bytes, ...]:
    if not signatures:
        raise Refused(ProblemCode.SIGNATURE_MISSING, f"The header {name} has no v1 signature.", field=name)
    if len(signatures) > _SIGNATURES_MAX:
        raise _unreadable(name, f"has more than {_SIGNATURES_MAX} signatures")
    return tuple(signatures)


def _unreadable(name: str, fault: str) -> Refused:
    return Refused(ProblemCode.SIGNATURE_INVALID, f"The header {name} {fault}.", field=name)
