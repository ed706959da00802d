"""What Walmart's payloads of all countries have in common: JSON or XML, lists in wrappers, money, times.

Invariant: one element means the same as a list of one, and a wrapped list the same as a plain one; a time
is an instant whether it comes as a number or as text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Final, TypeVar

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import BusinessTime, PartnerProfile, Quantity
from crossdock.canonical.units import resolve_unit
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import json_documents
from crossdock.formats.json_fields import Fields, child, children, text
from crossdock.formats.order_models import quantity
from crossdock.formats.times import business_time, epoch_time
from crossdock.formats.xml_document import is_xml, xml_document

T = TypeVar("T")
_UNITS: Final = {"EACH": "EA", "Each": "EA", "each": "EA"}
COUNTRIES: Final = {"USA": "US", "CAN": "CA", "MEX": "MX", "CHL": "CL"}
"""Walmart writes countries with three letters in some markets and with two in others."""


def read_walmart(value: bytes | None, mapping: Callable[[Document], T]) -> T:
    """What `mapping` makes of a JSON or XML payload. Raises Rejected."""
    data = value or b""
    return mapping(xml_document(data)) if is_xml(data) else read_document(data, mapping)


def walmart_documents(
    data: bytes, wrappers: Collection[str], own_arrays: Collection[str], element: str
) -> list[bytes]:
    """The documents of a payload; those of an XML list as JSON, for an element cut out of it may use a
    namespace that only its list declares.

    Args:
        element: name of the elements that an XML list holds.
    Raises Rejected as `xml_document` and `json_documents`.
    """
    if not is_xml(data):
        return json_documents(data, wrappers, own_arrays)
    root = next(iter(xml_document(data).root.values()), None)
    if not isinstance(root, dict) or any(name in root for name in own_arrays):
        return [data]
    holder = child(root, "elements") or root
    found = children(holder, element)
    return [json.dumps(node, ensure_ascii=False).encode() for node in found] or [data]


def elements(node: Node, name: str, inner: str) -> list[Node]:
    """Objects of `name`, whether it is a list or an object that holds them under `inner`."""
    value = node.get(name)
    if isinstance(value, dict) and inner in value:
        return children(value, inner)
    return children(node, name)


class WalmartFields(Fields):
    """Readers of one payload's fields; knows the currency."""

    __slots__ = ("currency", "profile", "zone")

    def __init__(self, document: Document, profile: PartnerProfile) -> None:
        super().__init__(document, profile)
        self.profile = profile
        self.zone = profile.business_zone
        self.currency = ""

    def money(self, node: Node, name: str, path: str) -> Decimal | None:
        """Amount of a money object, None where it is absent. Raises Rejected CURRENCY_MIXED."""
        money = child(node, name)
        stated = money_currency(money)
        place = f"{path}.{name}"
        if stated is not None and stated.upper() != self.currency:
            detail = f"the amount is in {shown(stated)}, the document in {self.currency}"
            raise Rejected(RejectionCode.CURRENCY_MIXED, detail, f"{place}.currency")
        return self.amount(money, "currencyAmount" if "currencyAmount" in money else "amount", place)

    def quantity_of(self, node: Node, name: str, path: str) -> Quantity | None:
        """A quantity with its unit, EA where only a number stands; None where it is absent.

        Raises Rejected AMOUNT_UNPARSABLE, UNIT_UNMAPPED.
        """
        value = node.get(name)
        if not isinstance(value, dict):
            plain = self.count(node, name, path)
            return None if plain is None else quantity(plain, "EA")
        place = f"{path}.{name}"
        amount = self.count(value, "measurementValue" if "measurementValue" in value else "amount", place)
        if amount is None:
            return None
        raw = text(value, "unitOfMeasurement") or text(value, "unitOfMeasure") or text(value, "unit") or "EA"
        unit, factor = resolve_unit(raw, self.profile, path=place, code_list=_UNITS)
        return quantity(amount * factor, unit)

    def time(self, node: Node, name: str, path: str) -> BusinessTime | None:
        """A time in milliseconds since 1970 or as ISO 8601; None where absent. Raises Rejected."""
        raw = text(node, name)
        if raw is None:
            return None
        place = f"{path}.{name}"
        if raw.lstrip("-").isdecimal():
            return epoch_time(raw, place, zone=self.zone)
        return business_time(raw, place, zone=self.zone)


def money_currency(money: Node) -> str | None:
    """Currency of a money object."""
    return text(money, "currency") or text(money, "currencyUnit")
