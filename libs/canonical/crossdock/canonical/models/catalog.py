"""Products as every worker holds them (canonical-model §3.4).

Invariant: identities, units and components only; no texts or images, so that a product stays under
1 KB and the whole catalogue fits in each worker.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.common import Quantity
from crossdock.canonical.models.field_types import Canonical, Long, OwnState, Text
from crossdock.canonical.models.identity import Identifier


class ProductStatus(OwnState):
    """Life of a product; a deleted one stays as tombstone status so that history resolves (F4)."""

    UNKNOWN = "unknown"
    ACTIVE = "active"
    DISCONTINUED = "discontinued"
    DELETED = "deleted"


class ProductKind(OwnState):
    """What a product is; a template never matches a line."""

    UNKNOWN = "unknown"
    STOCKED = "stocked"
    NON_STOCKED = "non_stocked"
    SERVICE = "service"
    BUNDLE = "bundle"
    TEMPLATE = "template"


class ProductUnit(Canonical):
    """Another unit the product is sold in, as an exact fraction of the stock unit."""

    FULL_NAME: ClassVar[str] = "crossdock.catalog.ProductUnit"
    unit: Text
    """UN/ECE Recommendation 20 code."""
    numerator: Annotated[Long, Field(ge=1)]
    """Stock units = quantity × numerator / denominator."""
    denominator: Annotated[Long, Field(ge=1)]
    """Stock units = quantity × numerator / denominator."""


class Component(Canonical):
    """One component of a bundle."""

    FULL_NAME: ClassVar[str] = "crossdock.catalog.Component"
    sku: Text
    """Component's SKU."""
    quantity: Quantity
    """How much of it one bundle holds."""


class Customs(Canonical):
    """What customs needs to know."""

    FULL_NAME: ClassVar[str] = "crossdock.catalog.Customs"
    hs_code: str | None = None
    """Harmonised System code."""
    origin: str | None = None
    """Country of origin, ISO 3166-1 alpha-2."""


class Product(Entity):
    """A product of a tenant; key `tenant/sku`; a reference table."""

    FULL_NAME: ClassVar[str] = "crossdock.catalog.Product"
    sku: Text
    """Our SKU."""
    status: ProductStatus
    """Whether it can be sold."""
    identifiers: tuple[Identifier, ...]
    """GTINs, ERP item, partners' numbers shared by many partners."""
    kind: ProductKind
    """What it is."""
    stock_unit: Text
    """Unit that stock is counted in, UN/ECE Recommendation 20."""
    units: tuple[ProductUnit, ...] = ()
    """Other units with exact factors."""
    components: tuple[Component, ...] = ()
    """Components of a bundle."""
    is_lot_tracked: bool = False
    """Stock is counted per lot."""
    is_serial_tracked: bool = False
    """Stock is counted per serial number."""
    tax_category: str | None = None
    """Tax class of the ERP."""
    customs: Customs | None = None
    """Customs facts."""
    weight: Quantity | None = None
    """Gross weight of one stock unit."""
    substitutes: tuple[str, ...] = ()
    """SKUs that may replace it."""
