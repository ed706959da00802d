"""Reads storefront payloads in tests the way normalize does: one record, one profile, one order."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order, PartnerProfile
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.registry import FORMATS

CAPTURED_MS = 1_767_600_000_000
"""2026-01-05T08:00:00Z."""
PROFILE_TEXT = """
tenant: acme
partner: shop
kind: channel
format: shopify_order
channel: {commitment: sold, zone: Europe/Berlin}
money: {amounts: major_text, tax_mode: stated}
items: {match: [sku, gtin, channel_variant], aliases: {OLD-1: SKU-1, "channel_variant:77": SKU-7}}
"""
PROFILE = parse_profile(PROFILE_TEXT)


def profile(**changes: object) -> PartnerProfile:
    """The profile of the tests with other top-level sections; None removes one."""
    document = PROFILE.model_dump(exclude_unset=True) | changes
    return PartnerProfile.model_validate({name: one for name, one in document.items() if one is not None})


def record(payload: object, *, event: str | None = None, key: bytes = b"acme/shop/order:1") -> Record:
    """A raw record with these bytes, or with this document as JSON."""
    value = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = () if event is None else ((EVENT, event.encode()),)
    return Record("raw.channel.v1", 0, 7, key, value, headers, CAPTURED_MS)


def reading_of(
    form: str, payload: object, *, event: str | None = None, partner: PartnerProfile = PROFILE
) -> Reading:
    """The reading of one payload. Raises Rejected."""
    return FORMATS[form].read(record(payload, event=event), partner)


def order_of(
    form: str, payload: object, *, event: str | None = None, partner: PartnerProfile = PROFILE
) -> Order:
    """The order of one payload. Raises Rejected."""
    (order,) = reading_of(form, payload, event=event, partner=partner).entities
    assert isinstance(order, Order)
    return order


def refusal_of(form: str, payload: object, *, partner: PartnerProfile = PROFILE) -> tuple[str, str]:
    """Code and path of the refusal of a payload; fails where it is accepted."""
    with pytest.raises(Rejected) as refused:
        reading_of(form, payload, partner=partner)
    return refused.value.code.value, refused.value.path


def differences(order: Order) -> dict[tuple[str, str], str]:
    """(code, subject) → difference of each variance, as text."""
    return {(one.code.value, one.subject): str(one.difference) for one in order.variances}


def totals(order: Order) -> tuple[str, ...]:
    """Our own subtotal, shipping, discount, tax and total, as text."""
    sums = order.computed
    return tuple(
        str(one.amount) for one in (sums.subtotal, sums.shipping, sums.discount, sums.tax, sums.total)
    )


def without(document: Mapping[str, object], *names: str) -> dict[str, object]:
    """The document without these fields."""
    return {name: value for name, value in document.items() if name not in names}
