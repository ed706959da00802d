"""Money, times and names as Amazon's selling-partner interfaces write them, in either letter case.

Invariant: an order's amounts are of one currency, each checked where it stands; a money object without an
amount says nothing and is None.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, PartnerProfile
from crossdock.canonical.money import currency_exponent, fits
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import Fields, text
from crossdock.formats.profile_rules import order_currency
from crossdock.formats.times import business_time

_AMOUNTS: Final = ("Amount", "amount", "CurrencyAmount", "currencyAmount")
_CURRENCIES: Final = ("CurrencyCode", "currencyCode")
_MARKETPLACE_CURRENCIES: Final = {
    **dict.fromkeys(("A1PA6795UKMFR9", "A13V1IB3VIYZZH", "APJ6JRA9NG5V4", "A1RKKUPIHCS9HS"), "EUR"),
    **dict.fromkeys(("A1805IZSGTT6HS", "AMEN7PMS3EDWL", "A28R8C7NBKEWEA"), "EUR"),
    "ATVPDKIKX0DER": "USD",
    "A2EUQ1WTGCTBG2": "CAD",
    "A1AM78C64UM0Y8": "MXN",
    "A2Q3Y263D00KWC": "BRL",
    "A1F83G8C2ARO7P": "GBP",
    "A2NODRKZP88ZB9": "SEK",
    "A1C3SOZRARQ6R3": "PLN",
    "A33AVAJ2PDY3EV": "TRY",
    "ARBP9OOSHTCHU": "EGP",
    "A17E79C6D8DWNP": "SAR",
    "A2VIGQ35RCS4UG": "AED",
    "AE08WJ6YKNBMC": "ZAR",
    "A21TJRUUN4KGV": "INR",
    "A19VAU5U5O7RUS": "SGD",
    "A39IBJ37TRP1C6": "AUD",
    "A1VC38T7YXB528": "JPY",
}
"""Currency that a marketplace sells in. Source: the marketplace ids of Amazon's developer documentation."""
_PRICE_PLACES: Final = 12
"""Decimals of a price per piece: all that come, so that price × quantity is rounded once."""


def either(node: Node, name: str) -> str:
    """The spelling under which the node has a field: PascalCase as given, or camelCase; where it has none,
    the one in which its other fields are written."""
    lower = name[:1].lower() + name[1:]
    if name in node or lower in node:
        return name if name in node else lower
    return name if next(iter(node), lower)[:1].isupper() else lower


def unwrapped(node: Node, path: str) -> tuple[Node, str]:
    """What stands within `payload`, however deep; refuses the answer of a failed call.

    Raises Rejected FIELD_INVALID.
    """
    while True:
        errors = node.get("errors")
        inner = node.get("payload", node.get("Payload"))
        if isinstance(inner, dict):
            path = f"{path}.{'payload' if 'payload' in node else 'Payload'}"
            node = inner
        elif isinstance(errors, list) and errors:
            detail = "the interface answered with an error, not with data; repeat the call"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.errors")
        else:
            return node, path


def money_parts(node: Node, name: str) -> tuple[object, str | None]:
    """Amount as sent and currency of a money object; (None, None) where the field says neither."""
    value = node.get(name)
    if not isinstance(value, dict):
        return value, None
    amount = next((value[key] for key in _AMOUNTS if value.get(key) is not None), None)
    return amount, next((found for key in _CURRENCIES if (found := text(value, key))), None)


class AmazonFields(Fields):
    """Readers for one document; `currency` is set once it is known and every amount must agree with it."""

    __slots__ = ("currency",)

    def __init__(self, document: Document, profile: PartnerProfile) -> None:
        super().__init__(document, profile)
        self.currency = ""

    def money(self, node: Node, name: str, path: str) -> Decimal | None:
        """Amount in major units, None where nothing is said.

        Raises Rejected AMOUNT_UNPARSABLE, CURRENCY_MIXED.
        """
        if node.get(name) is None:
            return None
        holder, key, place = self._amount_place(node, name, path)
        return self._checked(self.amount(holder, key, place), f"{place}.{key}")

    def unit_price(self, node: Node, name: str, path: str) -> Decimal | None:
        """As `money`, for a price per piece, which may have more decimals than its currency."""
        if node.get(name) is None:
            return None
        return self.amount(*self._amount_place(node, name, path), _PRICE_PLACES)

    def _amount_place(self, node: Node, name: str, path: str) -> tuple[Node, str, str]:
        """Node, name and path of the amount of a money object, whose currency must agree.

        Raises Rejected CURRENCY_MIXED.
        """
        value, place = node.get(name), f"{path}.{name}"
        if not isinstance(value, dict):
            return node, name, path
        currency = money_parts(node, name)[1]
        if currency is not None and currency.upper() != self.currency:
            detail = f"an amount is in another currency than the order's {self.currency}"
            raise Rejected(RejectionCode.CURRENCY_MIXED, detail, place)
        found = next((key for key in _AMOUNTS if value.get(key) is not None), _AMOUNTS[0])
        return value, found, place

    def _checked(self, amount: Decimal | None, path: str) -> Decimal | None:
        if amount is not None and not fits(amount, currency_exponent(self.currency)):
            detail = f"the amount has more decimals than {self.currency} has; kept as said"
            self.document.warn("amount_places", detail, path)
        return amount

    def settle_currency(
        self, stated: Iterable[str | None], marketplace: str | None, profile: PartnerProfile, path: str
    ) -> None:
        """The first stated currency, else the profile's, else that of the marketplace.

        Raises Rejected CURRENCY_MISSING, CURRENCY_UNKNOWN, CURRENCY_MIXED.
        """
        said = next((one for one in stated if one is not None), None)
        declared = profile.money.currency if profile.money else None
        if said is None and declared is None and marketplace in _MARKETPLACE_CURRENCIES:
            said = _MARKETPLACE_CURRENCIES[marketplace]
            detail = f"no amount is stated; the marketplace sells in {said}"
            self.document.warn("currency_of_marketplace", detail, path)
        self.currency = order_currency(said, profile, path)
        self.exponent = currency_exponent(self.currency)

    def time(self, node: Node, name: str, path: str, zone: str | None) -> BusinessTime | None:
        """A moment that must be readable where it is stated. Raises Rejected TIME_INVALID."""
        raw = text(node, name)
        return None if raw is None else business_time(raw, f"{path}.{name}", zone=zone, naive_zone="UTC")

    def loose_time(self, node: Node, name: str, path: str, zone: str | None) -> BusinessTime | None:
        """A moment that only informs: an unreadable one is None, with a warning."""
        try:
            return self.time(node, name, path, zone)
        except Rejected as refusal:
            self.document.warn(refusal.code, refusal.detail, refusal.path)
            return None
