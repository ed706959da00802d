"""Shopify's amounts: a plain figure in shop currency and a `*_set` with shop and presentment money.

Invariant: the currency of every set equals the order's; a set in another currency refuses the order.
Where an order states a presentment currency and one amount lacks its set, the order is carried in shop
currency alone: no presentment figure is made up (warning `presentment_incomplete`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import DualMoney, PartnerProfile
from crossdock.canonical.models.profile_sections import AmountStyle
from crossdock.canonical.money import currency_exponent
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import PLAIN_CHARACTERS_MAX, Fields, plain_amount, text
from crossdock.formats.json_resource import Placed
from crossdock.formats.order_draft import Pair
from crossdock.formats.order_models import dual_money
from crossdock.formats.profile_rules import known_currency, order_currency

_SET_OF: Final = {name: f"{name}_set" for name in ("price", "amount", "total_discount")}


class ShopifyFields(Fields):
    """Readers of one Shopify order's fields; knows the order's two currencies."""

    __slots__ = ("currency", "is_presentment_complete", "presentment_currency")

    def __init__(self, document: Document, profile: PartnerProfile, order: Node, path: str) -> None:
        super().__init__(document, profile)
        self.currency = _currency(order, profile, path)
        self.exponent = currency_exponent(self.currency)
        self.presentment_currency = _presented(order, path)
        self.is_presentment_complete = True
        self._refuse_unlike_minor_units(profile, path)

    def _refuse_unlike_minor_units(self, profile: PartnerProfile, path: str) -> None:
        """Minor units count in one exponent: two currencies with different ones cannot both be meant."""
        is_minor = profile.money is not None and profile.money.amounts == "minor_integer"
        presented = self.presentment_currency or self.currency
        if is_minor and currency_exponent(presented) != self.exponent:
            detail = (
                f"minor units of {self.currency} and {presented} differ; the profile's money.amounts is wrong"
            )
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.presentment_currency")

    def keep_shop_currency_only(self) -> None:
        """From now on carry the shop side alone."""
        self.presentment_currency = None
        self.is_presentment_complete = True

    def pair(self, node: Node, name: str, path: str, places: int = 4) -> Pair | None:
        """Amount of `name` and `name_set` in both currencies; None where neither says one.

        Prices per piece keep more `places` than amounts, so that their products are exact.
        """
        both = node.get(_SET_OF.get(name) or f"{name}_set")
        if not isinstance(both, dict):
            stated = node.get(name)
            if isinstance(stated, dict):  # a set under the plain name, as fees and duties have it
                return self.of_moneys(stated, f"{path}.{name}", places=places)
            plain = self.amount(node, name, path, places)
            return None if plain is None else self._shop_only(plain)
        plain_texts = self._of_texts(node.get(name), both)
        if plain_texts is not None:
            return plain_texts
        return self.of_moneys(both, f"{path}.{name}_set", self.amount(node, name, path, places), places)

    def _of_texts(self, plain: object, both: Node) -> Pair | None:
        """What nearly every amount is: plain texts in the order's currencies; None for all others."""
        shop, presented = both.get("shop_money"), both.get("presentment_money")
        if type(shop) is not dict or type(presented) is not dict:
            return None
        if shop.get("currency_code") != self.currency:
            return None
        if presented.get("currency_code") != self.presentment_currency:
            return None
        one, other = shop.get("amount"), presented.get("amount")
        if type(one) is not str or type(other) is not str or not (plain is None or plain == one):
            return None
        if len(one) > PLAIN_CHARACTERS_MAX or len(other) > PLAIN_CHARACTERS_MAX:
            return None
        return _plain_pair(one, other, self._style, self.exponent)

    def of_set(self, node: Node, name: str, path: str) -> Pair | None:
        """Amount of a `*_set` that stands without a plain figure beside it."""
        both = node.get(name)
        if not isinstance(both, dict):
            return None
        return self._of_texts(None, both) or self.of_moneys(both, f"{path}.{name}")

    def of_moneys(self, both: Node, path: str, plain: Decimal | None = None, places: int = 4) -> Pair | None:
        """Amount of an object with `shop_money` and `presentment_money`; `plain` is in shop currency."""
        shop = self._money(both, "shop", path, places)
        if shop is None:
            return None if plain is None else self._shop_only(plain)
        if plain is not None and plain != shop:
            detail = "the plain amount and its set differ; the plain amount is used"
            self.document.warn("figures_differ", detail, path)
            shop = plain
        if self.presentment_currency is None:
            return Pair(shop, shop)
        presented = self._money(both, "presentment", path, places)
        if self.presentment_currency == self.currency:
            return Pair(shop, shop)
        return self._shop_only(shop) if presented is None else Pair(shop, presented)

    def paid(self, node: Node, path: str) -> DualMoney | None:
        """Amount of a transaction. Its plain figure is in the currency that was paid, which the shop's figure
        need not be known for: then both sides carry the paid currency (F18)."""
        both = self.of_set(node, "amount_set", path)
        if both is not None:
            return dual_money(both, self.currency, self.presentment_currency or self.currency)
        plain = self.amount(node, "amount", path)
        if plain is None:
            return None
        stated = text(node, "currency")
        currency = self.currency if stated is None else known_currency(stated, f"{path}.currency")
        return dual_money(Pair(plain, plain), currency, currency)

    def _shop_only(self, amount: Decimal) -> Pair:
        if amount and self.presentment_currency not in (None, self.currency):
            self.is_presentment_complete = False
        return Pair(amount, amount)

    def _money(self, both: Node, side: str, path: str, places: int) -> Decimal | None:
        money = both.get(f"{side}_money")
        if not isinstance(money, dict):
            return None
        currency = self.currency if side == "shop" else self.presentment_currency
        stated = money.get("currency_code")
        if stated != currency and (stated := text(money, "currency_code")) and stated.upper() != currency:
            raise Rejected(
                RejectionCode.CURRENCY_MIXED,
                f"{side}_money is stated in {shown(stated)}, the order in {currency}",
                f"{path}.{side}_money.currency_code",
            )
        return self.amount(money, "amount", f"{path}.{side}_money", places)


@lru_cache(maxsize=8192)
def _plain_pair(shop: str, presented: str, style: AmountStyle, exponent: int) -> Pair | None:
    one = plain_amount(shop, style, exponent)
    other = one if presented == shop else plain_amount(presented, style, exponent)
    return None if one is None or other is None else Pair(one, other)


def _currency(order: Node, profile: PartnerProfile, path: str) -> str:
    return order_currency(_stated(order, "currency", "shop_money"), profile, f"{path}.currency")


def _presented(order: Node, path: str) -> str | None:
    stated = _stated(order, "presentment_currency", "presentment_money")
    return None if stated is None else known_currency(stated, f"{path}.presentment_currency")


def _stated(order: Node, name: str, side: str) -> str | None:
    stated = text(order, name)
    if stated is not None:
        return stated
    named = currency_of_sets(order, "", side)
    return None if named is None else named[0]


def currency_of_sets(node: Node, path: str, side: str) -> tuple[str, str] | None:
    """Currency and path of the first `shop_money` or `presentment_money` below an object that names one."""
    for found, place in _nodes(node, path):
        if place.endswith(side) and (stated := text(found, "currency_code") or text(found, "currency")):
            return stated, f"{place}.currency_code"
    return None


def _nodes(root: Node, path: str) -> Iterator[Placed]:
    """Every object below `root` with its path, in document order."""
    stack: list[tuple[object, str]] = [(root, path)]
    while stack:
        node, place = stack.pop()
        if isinstance(node, dict):
            yield Placed(node, place)
            stack += [(value, f"{place}.{name}") for name, value in reversed(node.items())]
        elif isinstance(node, list):
            stack += [(value, f"{place}[{index}]") for index, value in reversed(list(enumerate(node)))]
