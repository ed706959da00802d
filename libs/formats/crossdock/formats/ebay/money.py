"""eBay's amounts: an object with `value` and `currency`, and with what it was converted from.

Invariant: an amount in another pair of currencies than its order's refuses the order; where the order
was converted and one amount does not say from what, the order is carried in one currency alone (warning
`presentment_incomplete`): no figure is made up.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import DualMoney, PartnerProfile
from crossdock.canonical.money import currency_exponent
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import Fields, child, children, text
from crossdock.formats.order_draft import Pair, both
from crossdock.formats.order_models import dual_money
from crossdock.formats.profile_rules import known_currency, order_currency

_STATED: Final = ("value", "currency")
_CONVERTED: Final = ("convertedFromValue", "convertedFromCurrency")
Side = tuple[str, str]
"""Names of the fields of one side of an amount: its figure, its currency."""


class EbayFields(Fields):
    """Readers of one eBay order's fields; knows the order's currencies.

    `value` is in the currency of the seller's account, `convertedFrom…` in that of the listing, which the
    buyer saw. A profile whose currency is the listing's makes that one the shop currency.
    """

    __slots__ = ("_path", "_presented", "_shop", "currency", "is_complete", "presentment_currency")

    def __init__(self, document: Document, profile: PartnerProfile, order: Node, path: str) -> None:
        super().__init__(document, profile)
        self._path = path
        self._shop: Side = _STATED
        self._presented: Side = _CONVERTED
        stated, converted = _currency(order, _STATED), _currency(order, _CONVERTED)
        expected = profile.money.currency if profile.money else None
        if converted is not None and converted.upper() == expected and stated is not None:
            self._shop, self._presented = _CONVERTED, _STATED
            stated, converted = converted, stated
        place = f"{path}.pricingSummary.total.{self._shop[1]}"
        self.currency = order_currency(stated, profile, place)
        self.exponent = currency_exponent(self.currency)
        self.presentment_currency = None if converted is None else known_currency(converted, place)
        self.is_complete = True

    def keep_one_currency(self) -> None:
        """From now on carry the shop side alone."""
        self.presentment_currency = None
        self.is_complete = True

    def pair(self, node: Node, name: str, path: str) -> Pair | None:
        """Amount of a field in both currencies; None where it is absent.

        Raises Rejected AMOUNT_UNPARSABLE, CURRENCY_MIXED.
        """
        money = node.get(name)
        if money is None or money == {}:
            return None
        place = f"{path}.{name}"
        if not isinstance(money, dict):
            detail = "an amount is an object with `value` and `currency`"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, place)
        shop = self._side(money, self._shop, self.currency, place)
        if shop is None:
            return self._unconverted(money, place)
        if self.presentment_currency is None:
            return Pair(shop, shop)
        presented = self._side(money, self._presented, self.presentment_currency, place)
        return self._one_sided(shop) if presented is None else Pair(shop, presented)

    def _unconverted(self, money: Node, path: str) -> Pair | None:
        """What was not converted stands in `value`, in the listing's currency."""
        if self._shop is _STATED:
            return None
        shop = self._side(money, _STATED, self.currency, path)
        return None if shop is None else self._one_sided(shop)

    def _one_sided(self, shop: Decimal) -> Pair:
        self.is_complete = self.is_complete and not shop
        return Pair(shop, shop)

    def _side(self, money: Node, side: Side, currency: str, path: str) -> Decimal | None:
        stated = text(money, side[1])
        if stated is not None and stated.upper() != currency:
            detail = f"the amount is in {shown(stated)}, the order in {currency}"
            raise Rejected(RejectionCode.CURRENCY_MIXED, detail, f"{path}.{side[1]}")
        return self.amount(money, side[0], path)

    def payment(self, node: Node, name: str, path: str) -> DualMoney | None:
        """Amount of a payment, in the order's currency where it was converted from that; None, with a
        warning, where it is in a currency of its own."""
        money = child(node, name)
        if text(money, _STATED[1]) != self.currency and text(money, _CONVERTED[1]) == self.currency:
            paid = self._side(money, _CONVERTED, self.currency, f"{path}.{name}")
            if paid is not None and self.presentment_currency is None:
                return dual_money(both(paid), self.currency, self.currency)
        try:
            amount = self.pair(node, name, path)
        except Rejected as refusal:
            if refusal.code is not RejectionCode.CURRENCY_MIXED:
                raise
            detail = "the payment is in another currency than the order"
            self.document.warn("payment_currency", detail, refusal.path)
            return None
        if amount is None:
            return None
        return dual_money(amount, self.currency, self.presentment_currency or self.currency)


def _currency(order: Node, side: Side) -> str | None:
    """Currency that the order's total states, else its first amount that states one."""
    summary = child(order, "pricingSummary")
    amounts = [child(summary, name) for name in ("total", "priceSubtotal")]
    amounts += [child(line, "lineItemCost") for line in children(order, "lineItems")]
    return next((found for amount in amounts if (found := text(amount, side[1]))), None)
