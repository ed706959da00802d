"""What all order formats of Amazon share: status, fulfilment, tax mode, people.

Invariant: an unknown status changes no axis and is warned of; who fulfils is the payload's word; whether
prices include tax is the profile's word, or proven to the last unit by the stated total.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.models import (
    Address,
    CancellationStatus,
    FulfilledBy,
    PartnerProfile,
    Party,
    PartyRole,
    PaymentStatus,
    TaxMode,
)
from crossdock.formats.addresses import Contact, country_code
from crossdock.formats.amazon.fields import either
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import text
from crossdock.formats.order_draft import LineDraft
from crossdock.formats.profile_rules import order_tax_mode


class AmazonStatus(NamedTuple):
    """What an order status says of the money and of a cancellation."""

    payment: PaymentStatus
    cancellation: CancellationStatus


_NONE: Final = CancellationStatus.NONE
_STATUS: Final = {
    "pending": AmazonStatus(PaymentStatus.PENDING, _NONE),
    "pendingavailability": AmazonStatus(PaymentStatus.PENDING, _NONE),
    "upcoming": AmazonStatus(PaymentStatus.PENDING, _NONE),
    "unshipped": AmazonStatus(PaymentStatus.AUTHORIZED, _NONE),
    "partiallyshipped": AmazonStatus(PaymentStatus.AUTHORIZED, _NONE),
    "shipped": AmazonStatus(PaymentStatus.PAID, _NONE),  # the buyer is charged when the goods leave
    "invoiceunconfirmed": AmazonStatus(PaymentStatus.PAID, _NONE),
    "unfulfillable": AmazonStatus(PaymentStatus.UNKNOWN, _NONE),  # orders of other channels only
    "canceled": AmazonStatus(PaymentStatus.VOIDED, CancellationStatus.CANCELLED),
    "cancelled": AmazonStatus(PaymentStatus.VOIDED, CancellationStatus.CANCELLED),
}
"""Source: `OrderStatus` of Orders v0, `fulfillmentStatus` of Orders 2026-01-01."""
_FULFILLED_BY: Final = {
    "afn": FulfilledBy.CHANNEL,
    "amazon": FulfilledBy.CHANNEL,
    "mfn": FulfilledBy.SELLER,
    "merchant": FulfilledBy.SELLER,
    "sellerfulfilled": FulfilledBy.SELLER,
}
_RESIDENTIAL: Final = {"residential": True, "commercial": False}
_STREET: Final = ("AddressLine1", "AddressLine2", "AddressLine3")
_CASH_ON_DELIVERY: Final = frozenset({"COD", "CashOnDelivery"})
_CHARGED: Final = frozenset({PaymentStatus.AUTHORIZED, PaymentStatus.PAID})


def amazon_status(document: Document, raw: str | None, profile: PartnerProfile, path: str) -> AmazonStatus:
    """Both axes of an order status: the profile's meaning first, then the table."""
    word = raw or ""
    known = _STATUS.get(word.replace("_", "").lower())
    meaning = profile.status_map.order.get(word)
    if known is None and meaning is None:
        detail = "the status is not Amazon's nor in status_map.order of the profile"
        document.warn("status_unknown", detail, path)
    status = known or AmazonStatus(PaymentStatus.UNKNOWN, _NONE)
    if meaning is None:
        return status
    return AmazonStatus(meaning.payment or status.payment, meaning.cancellation or status.cancellation)


def due_on_delivery(status: PaymentStatus, method: str | None) -> PaymentStatus:
    """The payment status of an order that is paid to the carrier: nothing is charged before."""
    return PaymentStatus.PENDING if method in _CASH_ON_DELIVERY and status in _CHARGED else status


def fulfilled_by(raw: str | None) -> FulfilledBy | None:
    """Who ships; None where the payload does not say it in a known word."""
    return _FULFILLED_BY.get((raw or "").replace("_", "").lower())


def amazon_tax_mode(
    document: Document, lines: Iterable[LineDraft], total: Decimal | None, profile: PartnerProfile, path: str
) -> TaxMode:
    """Whether prices include tax: Amazon does not say it and it differs by marketplace.

    A profile that leaves it to the payload (`stated`) is answered only where the stated total equals the
    sum with tax, or without it, exactly.
    """
    declared = profile.money.tax_mode if profile.money else "stated"
    is_inside = is_tax_inside(lines, total) if declared == "stated" else None
    mode, _ = order_tax_mode(is_inside, profile, path)
    if is_inside is not None:
        detail = f"neither payload nor profile states the tax mode; the stated total proves it {mode}"
        document.warn("tax_mode_proven", detail, path)
    return mode


def is_tax_inside(lines: Iterable[LineDraft], total: Decimal | None) -> bool | None:
    """Whether the total equals the lines without their taxes, or with them; None where neither or both."""
    goods = taxes = Decimal(0)
    for line in lines:
        goods += line.extended.shop if line.extended else Decimal(0)
        goods += sum((one.amount.shop for one in line.adjustments), Decimal(0))
        taxes += tax_of(line)
    if total is None or not taxes or total not in (goods, goods + taxes):
        return None
    return total == goods


def tax_of(line: LineDraft) -> Decimal:
    """All taxes of a line: on the goods and on what is charged beside them."""
    own = sum((one.amount.shop for one in line.taxes), Decimal(0))
    return own + sum((tax.amount.shop for one in line.adjustments for tax in one.taxes), Decimal(0))


def addressed(document: Document, node: Node, role: PartyRole, path: str) -> Party | None:
    """The party of an address block of either letter case; None where it says nothing."""

    def said(name: str) -> str | None:
        return text(node, either(node, name))

    name, company = said("Name"), said("CompanyName")
    street = [line for line in map(said, _STREET) if line is not None]
    address = Address(
        lines=tuple([company, *street] if company and name else street),
        city=said("City"),
        region=said("StateOrRegion") or said("County") or said("DistrictOrCounty"),
        postal_code=said("PostalCode"),
        country=country_code(document, node, either(node, "CountryCode"), path),
        is_residential=_RESIDENTIAL.get((said("AddressType") or "").lower()),
    )
    return Contact(name, company, said("Phone")).party(role, address)
