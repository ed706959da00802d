"""Customers as channels, CRM and ERP report them (canonical-model §3.3).

Invariant: personal data stands in tagged fields only; a merged customer says into which one.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.field_types import PII, OwnState, Text
from crossdock.canonical.models.identity import Address, Identifier, Party


class CustomerKind(OwnState):
    """Whether a customer is a person or an organisation."""

    UNKNOWN = "unknown"
    PERSON = "person"
    ORGANIZATION = "organization"


class Customer(Entity):
    """A customer as one system knows it; key `tenant/system/customer_id`."""

    FULL_NAME: ClassVar[str] = "crossdock.party.Customer"
    customer_id: Text
    """Identity in the reporting system."""
    identifiers: tuple[Identifier, ...] = ()
    """Numbers in channels, CRM and ERP."""
    kind: CustomerKind
    """Person or organisation."""
    party: Annotated[Party, PII]
    """Name, e-mail, phone and main address."""
    addresses: Annotated[tuple[Address, ...], PII] = ()
    """Further addresses."""
    price_list: str | None = None
    """Price list that applies, as said."""
    tax_status: str | None = None
    """Tax class or exemption, as said."""
    credit_hold: bool | None = None
    """No deliveries on credit; None where the source does not say it."""
    merged_into: str | None = None
    """Key of the customer that took this one over."""
