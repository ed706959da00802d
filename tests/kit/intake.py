"""Synthetic partners, bodies and signatures for tests of the intake.

Invariant: signatures are made by HMAC as RFC 2104 writes it, not by the code under test nor its library.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson

from crossdock.canonical.models.partner import PartnerProfile
from crossdock.canonical.profiles import parse_profile
from crossdock.ingest.tokens import ApiToken, Tokens, TokensFile

NOW = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
NOTIFICATION_URL = "https://hooks.example.com/v1/webhooks/acme/pos"

STANDARD_SECRET = "whsec_" + base64.b64encode(b"standard key of 24 bytes").decode()
SECRETS: Mapping[str, str] = {
    "SHOP_NEW": "shop-secret-2",
    "SHOP_OLD": "shop-secret-1",
    "WOO": "woo-secret",
    "PSP": "psp-secret",
    "POS": "pos-secret",
    "STANDARD": STANDARD_SECRET,
    "NOT_BASE64": "whsec_***",
}

_CHANNEL = """
tenant: acme
partner: {name}
kind: channel
format: {format}
channel: {{commitment: sold, fulfilled_by: seller, zone: Europe/Berlin, revision: instant_coarse}}
money: {{currency: EUR, amounts: major_text, tax_mode: inclusive}}
"""
_WEBHOOK = "connection: {{webhook: {{scheme: {scheme}, secrets: [{secrets}]{more}}}}}\n"
_DISTRIBUTOR = """
tenant: acme
partner: distributor
kind: edi_partner
format: x12_850
channel: {commitment: requested, fulfilled_by: seller, zone: Europe/Berlin, revision: none}
exchange: {transport: folder, sender: "ZZ:ACME", receiver: "01:PARTNER", versions: ["004010"]}
money: {currency: EUR, amounts: major_text, tax_mode: exclusive}
"""


def channel(
    name: str, scheme: str = "", secrets: str = "", *, wire_format: str = "shopify_order", more: str = ""
) -> PartnerProfile:
    """A channel's profile; without a scheme it opens no webhook."""
    text = _CHANNEL.format(name=name, format=wire_format)
    if scheme:
        text += _WEBHOOK.format(scheme=scheme, secrets=secrets, more=more)
    return parse_profile(text)


def distributor() -> PartnerProfile:
    """An EDI partner's profile."""
    return parse_profile(_DISTRIBUTOR)


PROFILES = (
    channel("shop", "shopify", "env:SHOP_NEW, env:SHOP_OLD"),
    channel("woo", "woocommerce", "env:WOO", wire_format="woocommerce_order"),
    channel("psp", "stripe", "env:PSP"),
    channel("pos", "square", "env:POS", more=f", notification_url: {NOTIFICATION_URL}"),
    channel("standard", "standard_webhooks", "env:STANDARD"),
    channel("unset", "shopify", "env:NOWHERE"),
    channel("broken-secret", "standard_webhooks", "env:NOT_BASE64"),
    channel("portal"),
    distributor(),
)


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC as RFC 2104 defines it."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()


def base64_hmac(secret: str, message: bytes) -> str:
    """Signature in base64."""
    return base64.b64encode(hmac_sha256(secret.encode(), message)).decode()


def shopify(body: bytes, secret: str = "shop-secret-2", delivery: str = "d-1") -> list[tuple[str, str]]:
    """Headers of a Shopify delivery."""
    return [
        ("Content-Type", "application/json"),
        ("X-Shopify-Topic", "orders/create"),
        ("X-Shopify-Webhook-Id", delivery),
        ("X-Shopify-Hmac-Sha256", base64_hmac(secret, body)),
    ]


def stripe(body: bytes, time: int = NOW_S, secret: str = "psp-secret") -> list[tuple[str, str]]:
    """Headers of a Stripe delivery."""
    signature = hmac_sha256(secret.encode(), f"{time}.".encode() + body).hex()
    return [("Stripe-Signature", f"t={time},v1={signature},v0=00")]


def standard(body: bytes, time: int = NOW_S, identifier: str = "msg_1") -> list[tuple[str, str]]:
    """Headers of a Standard Webhooks delivery."""
    key = b"standard key of 24 bytes"
    signature = base64.b64encode(hmac_sha256(key, f"{identifier}.{time}.".encode() + body)).decode()
    return [
        ("webhook-id", identifier),
        ("webhook-timestamp", str(time)),
        ("webhook-signature", f"v1a,aaaa v1,{signature}"),
    ]


def order(number: int = 450789469, note: str = "") -> bytes:
    """A small synthetic order; enough for its key."""
    return orjson.dumps({"id": number, "name": f"#{number}", "note": note})


def write_tokens(folder: Path, *tokens: tuple[str, ApiToken]) -> Path:
    """A tokens file with these entries."""
    path = folder / "tokens.json"
    path.write_text(TokensFile(tokens=tuple(entry for _, entry in tokens)).model_dump_json())
    return path


def read(path: Path) -> Tokens:
    """The tokens of a file."""
    tokens = Tokens(path)
    tokens.refresh()
    return tokens
