"""Rows of master data tables as products and customers.

Invariant: a deleted product stays as a state, so that history still resolves; personal data stand in the
tagged fields of a customer only.
"""

from __future__ import annotations

from crossdock.canonical.errors import Rejected
from crossdock.canonical.identifiers import identifier
from crossdock.canonical.keys import join_key
from crossdock.canonical.models import (
    Address,
    Customer,
    CustomerKind,
    Entity,
    Identifier,
    IdentifierScheme,
    Party,
    PartyRole,
    Product,
    ProductKind,
    ProductStatus,
    Quantity,
)
from crossdock.canonical.units import resolve_unit
from crossdock.formats.cdc.facts import Facts


def catalogue_product(facts: Facts) -> Entity:
    """The product of a row. Raises Rejected."""
    sku, _ = facts.item("sku", IdentifierScheme.SKU)
    unit, _ = facts.unit()
    status = ProductStatus(facts.text("status") or ProductStatus.ACTIVE)
    return Product.model_validate(
        facts.head((sku,))
        | {
            "sku": sku,
            "status": ProductStatus.DELETED if facts.is_deleted else status,
            "identifiers": _identifiers(facts),
            "kind": ProductKind(facts.text("kind") or ProductKind.UNKNOWN),
            "stock_unit": unit,
            "tax_category": facts.text("tax_category"),
            "weight": _weight(facts),
        }
    )


def _identifiers(facts: Facts) -> tuple[Identifier, ...]:
    said = (
        identifier(IdentifierScheme.GTIN, facts.text("gtin") or ""),
        identifier(IdentifierScheme.ERP_ITEM, facts.text("erp_item") or "", facts.erp),
    )
    return tuple(one for one in said if one is not None)


def _weight(facts: Facts) -> Quantity | None:
    weight, raw = facts.number("weight"), facts.text("weight_unit")
    if weight is None or raw is None:
        return None
    try:
        unit, factor = resolve_unit(raw, facts.profile, path=facts.row.change.path)
    except Rejected as refusal:  # a weight only informs
        facts.row.warn(refusal.code, refusal.detail, refusal.path)
        return None
    return facts.quantity(weight, unit, factor)


def customer(facts: Facts) -> Entity:
    """The customer of a row. Raises Rejected."""
    customer_id = facts.text("customer_id") or facts.row_id
    merged_into = facts.text("merged_into")
    numbers = (identifier(IdentifierScheme.ERP_DOCUMENT, facts.text("code") or "", facts.erp),)
    return Customer.model_validate(
        facts.head((facts.erp, customer_id))
        | {
            "customer_id": customer_id,
            "identifiers": tuple(one for one in numbers if one is not None),
            "kind": _kind(facts.flag("is_organization")),
            "party": _party(facts),
            "price_list": facts.text("price_list"),
            "tax_status": facts.text("tax_status"),
            "credit_hold": facts.flag("credit_hold"),
            "merged_into": merged_into and join_key(facts.tenant, facts.erp, merged_into),
        }
    )


def _kind(is_organization: bool | None) -> CustomerKind:
    if is_organization is None:
        return CustomerKind.UNKNOWN
    return CustomerKind.ORGANIZATION if is_organization else CustomerKind.PERSON


def _party(facts: Facts) -> Party:
    tax_id = facts.text("tax_id")
    return Party(
        role=PartyRole.BUYER,
        name=facts.text("name"),
        email=facts.text("email"),
        phone=facts.text("phone"),
        tax_ids=() if tax_id is None else (tax_id,),
        address=_address(facts),
    )


def _address(facts: Facts) -> Address | None:
    lines = tuple(line for name in ("street", "street2") if (line := facts.text(name)) is not None)
    country = facts.text("country")
    is_code = country is not None and len(country) == 2 and country.isascii() and country.isupper()
    address = Address(
        lines=lines,
        city=facts.text("city"),
        region=facts.text("region"),
        postal_code=facts.text("postal_code"),
        country=country if is_code else None,
    )
    return None if address == Address() else address
