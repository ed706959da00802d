"""Prices that somebody proposes (canonical-model §3.5).

Invariant: a proposal is no price until pricing has decided; currency and unit stand on it.
"""

from __future__ import annotations

from typing import ClassVar

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.common import BusinessTime, Money, Quantity, UnitPrice
from crossdock.canonical.models.field_types import Text
from crossdock.canonical.models.sales import TaxMode


class PriceProposal(Entity):
    """A price that an outside system proposes; key `tenant/price_list/sku`."""

    FULL_NAME: ClassVar[str] = "crossdock.pricing.PriceProposal"
    sku: Text
    """Our SKU."""
    price_list: Text
    """Price list the price is for."""
    unit_price: UnitPrice
    """Proposed price with its basis."""
    tax_mode: TaxMode
    """Whether it includes tax."""
    minimum_quantity: Quantity | None = None
    """Smallest quantity it applies to; absent = any."""
    valid_from: BusinessTime | None = None
    """From then on; absent = at once."""
    valid_to: BusinessTime | None = None
    """Until then, exclusive; absent = open."""
    compare_at: Money | None = None
    """Price shown beside it as the former one."""
    cost_basis: Money | None = None
    """Cost the proposer calculated with."""
    proposer: str | None = None
    """Role or system that proposes, never a person's name."""
    reason: str | None = None
    """Why, as said."""
