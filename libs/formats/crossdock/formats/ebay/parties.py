"""People, payments, promises and leftovers of an eBay order.

Invariant: an empty address or phone (`{}`) is None; personal data stands only in Party fields and notes;
a refund of money says nothing about goods.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import (
    BusinessTime,
    Extension,
    Identifier,
    Party,
    PartyRole,
    Payment,
    PaymentKind,
)
from crossdock.formats.addresses import AddressNames, Contact, named
from crossdock.formats.ebay.money import EbayFields
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.json_resource import members
from crossdock.formats.times import business_time

_KEPT: Final = ("orderFulfillmentStatus", "legacyOrderId", "sellerId", "ebayCollectAndRemitTax")
_KEPT_AMOUNTS: Final = ("totalFeeBasisAmount", "totalMarketplaceFee")
_ADDRESS: Final = AddressNames(
    ("addressLine1", "addressLine2", "county"), ("stateOrProvince",), "postalCode", "countryCode"
)


def start_instructions(order: Node) -> Node:
    """How the order is to be fulfilled; eBay gives one instruction, in a list."""
    return next(iter(children(order, "fulfillmentStartInstructions")), {})


def ebay_parties(order: Node, path: str, channel: str, document: Document) -> tuple[Party, ...]:
    """Buyer and ship-to."""
    place = f"{path}.fulfillmentStartInstructions[0].shippingStep.shipTo"
    ship_to = child(child(start_instructions(order), "shippingStep"), "shipTo")
    found = (
        _buyer(child(order, "buyer"), f"{path}.buyer", channel, document),
        _contact(PartyRole.SHIP_TO, ship_to, (), place, document),
    )
    return tuple(party for party in found if party is not None)


def _buyer(node: Node, path: str, channel: str, document: Document) -> Party | None:
    registered = child(node, "buyerRegistrationAddress")
    if not child(registered, "contactAddress"):
        registered = registered | {"contactAddress": child(node, "taxAddress")}
    username = named(text(node, "username"), f"{channel}/username")
    party = _contact(PartyRole.BUYER, registered, username, f"{path}.buyerRegistrationAddress", document)
    tax_id = text(child(node, "taxIdentifier"), "taxpayerId")
    return party if party is None or tax_id is None else party.model_copy(update={"tax_ids": (tax_id,)})


def _contact(
    role: PartyRole, node: Node, identifiers: tuple[Identifier, ...], path: str, document: Document
) -> Party | None:
    contact = Contact(
        name=text(node, "fullName"),
        company=text(node, "companyName"),
        phone=text(child(node, "primaryPhone"), "phoneNumber"),
        email=text(node, "email"),
        identifiers=identifiers,
    )
    place = f"{path}.contactAddress"
    address = _ADDRESS.read(document, child(node, "contactAddress"), place, contact.above)
    return contact.party(role, address)


def ebay_payments(fields: EbayFields, order: Node, path: str, zone: str | None) -> tuple[Payment, ...]:
    """Payments that were made and refunds that went out, those of the lines where the order lists none."""
    summary = child(order, "paymentSummary")
    place = f"{path}.paymentSummary"
    found = list(_made(fields, summary, place, zone))
    refunds = children(summary, "refunds")
    if refunds:
        found += _refunds(fields, refunds, f"{place}.refunds", zone)
        return tuple(found)
    for index, line in enumerate(children(order, "lineItems")):
        found += _refunds(fields, children(line, "refunds"), f"{path}.lineItems[{index}].refunds", zone)
    return tuple(found)


def _made(fields: EbayFields, summary: Node, path: str, zone: str | None) -> Iterator[Payment]:
    for node, place in members(summary, "payments", path):
        if text(node, "paymentStatus") not in (None, "PAID"):
            continue
        amount = fields.payment(node, "amount", place)
        if amount is not None:
            yield Payment(
                psp_account=text(node, "paymentMethod") or "",
                psp_reference=text(node, "paymentReferenceId") or "",
                kind=PaymentKind.SALE,
                amount=amount,
                at=ebay_time(node, "paymentDate", place, zone),
            )


def _refunds(fields: EbayFields, nodes: list[Node], path: str, zone: str | None) -> Iterator[Payment]:
    for index, node in enumerate(nodes):
        place = f"{path}[{index}]"
        if text(node, "refundStatus") not in (None, "REFUNDED"):
            continue
        amount = fields.payment(node, "amount", place)
        if amount is not None:
            yield Payment(
                psp_reference=text(node, "refundReferenceId") or text(node, "refundId") or "",
                kind=PaymentKind.REFUND,
                amount=amount,
                at=ebay_time(node, "refundDate", place, zone),
            )


def ebay_time(node: Node, name: str, path: str, zone: str | None) -> BusinessTime | None:
    """A time of eBay: ISO 8601 in UTC with milliseconds; None where absent."""
    raw = text(node, name)
    return None if raw is None else business_time(raw, f"{path}.{name}", zone=zone)


def ship_by(order: Node, path: str, zone: str | None) -> BusinessTime | None:
    """The earliest `shipByDate` of the lines."""
    times = [
        time
        for index, line in enumerate(children(order, "lineItems"))
        if (
            time := ebay_time(
                child(line, "lineItemFulfillmentInstructions"),
                "shipByDate",
                f"{path}.lineItems[{index}].lineItemFulfillmentInstructions",
                zone,
            )
        )
    ]
    return min(times, key=lambda time: time.instant, default=None)


def ebay_extensions(order: Node) -> tuple[Extension, ...]:
    """Unmapped fields worth keeping, as text."""
    found = [(name, _said(order.get(name))) for name in _KEPT]
    for name in _KEPT_AMOUNTS:
        money = child(order, name)
        value, currency = text(money, "value"), text(money, "currency")
        found.append((name, f"{value} {currency}" if value and currency else None))
    instructions = start_instructions(order)
    found.append(("minEstimatedDeliveryDate", text(instructions, "minEstimatedDeliveryDate")))
    return tuple(Extension(name=name, value=value) for name, value in found if value)


def _said(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else None
