"""Signatures of webhooks, as the shops make them.

Invariant: a secret is text of this morning, known to nobody else and of no use tomorrow.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from crossdock.testbed import shopify, woocommerce


def secrets_of(seed: int) -> dict[str, str]:
    """Variable → webhook secret, as the partner profiles name them."""
    names = (shopify.SECRET_NAME, woocommerce.SECRET_NAME)
    return {name: hashlib.sha256(f"{name}/{seed}".encode()).hexdigest() for name in names}


def signature(body: bytes, secret: str) -> str:
    """Base64 HMAC-SHA256 of a raw body; Shopify and WooCommerce both use it."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
