"""Identifiers, parties and addresses (canonical-model §2).

Invariant: absent is None, never empty text; an identifier says its scheme. `identifiers.identifier`
builds them and tests GTIN check digits.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from crossdock.canonical.models.field_types import PII, Canonical, OwnState, Text


class IdentifierScheme(OwnState):
    """Who gave an identifier and what it names."""

    UNKNOWN = "unknown"
    GTIN = "gtin"
    SKU = "sku"
    ERP_ITEM = "erp_item"
    CHANNEL_VARIANT = "channel_variant"
    ASIN = "asin"
    BUYER_PART = "buyer_part"
    VENDOR_PART = "vendor_part"
    MANUFACTURER_PART = "manufacturer_part"
    GLN = "gln"
    DUNS = "duns"
    VAT = "vat"
    SSCC = "sscc"
    TRACKING = "tracking"
    PSP_REFERENCE = "psp_reference"
    ERP_DOCUMENT = "erp_document"
    PURCHASE_ORDER = "purchase_order"


class Identifier(Canonical):
    """One identifier of a thing or a party."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Identifier"
    scheme: IdentifierScheme
    """What kind of identifier it is."""
    value: Text
    """The identifier as text; GTINs have 14 digits."""
    issuer: str = ""
    """Who issued it, required for schemes that are unique only within a partner; else empty."""


class PartyRole(OwnState):
    """The part a party plays in a document."""

    UNKNOWN = "unknown"
    BUYER = "buyer"
    BILL_TO = "bill_to"
    SHIP_TO = "ship_to"
    SOLD_TO = "sold_to"
    SELLER = "seller"
    SHIP_FROM = "ship_from"
    PAYEE = "payee"


class Address(Canonical):
    """A postal address as said; nothing is geocoded or repaired."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Address"
    lines: Annotated[tuple[str, ...], PII] = ()
    """Street lines in order, empty ones left out."""
    city: str | None = None
    """City or locality."""
    region: str | None = None
    """State, province or county as said."""
    postal_code: Annotated[str | None, PII] = None
    """Postal code as said."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166-1 alpha-2 code."""
    is_residential: bool | None = None
    """Whether the carrier treats it as a home, where the source says so."""
    point_id: str | None = None
    """Locker, parcel shop or store that receives the goods."""


class Party(Canonical):
    """A person or organisation in a role; empty text, `{}` and "N/A" are None."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Party"
    role: PartyRole
    """Part the party plays."""
    identifiers: tuple[Identifier, ...] = ()
    """GLN, DUNS, partner's own numbers."""
    name: Annotated[str | None, PII] = None
    """Name of the person or organisation."""
    email: Annotated[str | None, PII] = None
    """E-mail address as said."""
    phone: Annotated[str | None, PII] = None
    """Telephone number as said."""
    tax_ids: tuple[str, ...] = ()
    """Tax registration numbers."""
    address: Address | None = None
    """Postal address."""
