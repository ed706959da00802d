"""Reads stock payloads in tests: the figures of their snapshots."""

from __future__ import annotations

from decimal import Decimal

from crossdock.canonical.models import PartnerProfile, StockSnapshot
from tests.kit.shop_reading import PROFILE, reading_of

Figure = tuple[str, str, str, str, Decimal]


def snapshots_of(form: str, payload: object, partner: PartnerProfile = PROFILE) -> list[StockSnapshot]:
    """The snapshots of one payload. Raises Rejected."""
    found = reading_of(form, payload, partner=partner).entities
    assert all(isinstance(one, StockSnapshot) for one in found)
    return [one for one in found if isinstance(one, StockSnapshot)]


def figures_of(snapshots: list[StockSnapshot]) -> list[Figure]:
    """(sku, location, meaning, word, quantity) of each figure."""
    return [
        (one.sku, one.location, figure.meaning.value, figure.meaning_raw, figure.quantity.value)
        for one in snapshots
        for figure in one.quantities
    ]


def warnings_of(form: str, payload: object) -> list[str]:
    """Codes of the warnings of one payload."""
    return [one.code for one in reading_of(form, payload).warnings]
