"""What Square's payloads have in common: events around objects, money in minor units, times in UTC.

Invariant: an amount is an integer of the currency's smallest unit, whatever the profile says of amounts;
money of another currency than its document's refuses it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import BusinessTime, PartnerProfile
from crossdock.canonical.money import currency_exponent
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import Fields, child, exact, text
from crossdock.formats.json_resource import ENVELOPES, unwrapped_to
from crossdock.formats.times import business_time

_DIGITS_MAX: Final = 18


def event_object(document: Document, name: str) -> tuple[Node, str]:
    """The object called `name` of an event or a wrapper, with its path, out of what event buses and tools
    put around it; what is left where there is none of that name."""
    root, path = unwrapped_to(document, name, ENVELOPES)
    held = child(child(root, "data"), "object")
    if isinstance(held.get(name), dict):
        return child(held, name), f"{path}.data.object.{name}"
    if isinstance(root.get(name), dict):
        return child(root, name), f"{path}.{name}"
    return root, path


class SquareFields(Fields):
    """Readers of one payload's fields; knows the currency, empty until it is set."""

    __slots__ = ("currency", "zone")

    def __init__(self, document: Document, profile: PartnerProfile) -> None:
        super().__init__(document, profile)
        self.zone = profile.business_zone
        self.currency = ""

    def use_currency(self, code: str) -> None:
        """Every further amount is in this currency."""
        self.currency = code
        self.exponent = currency_exponent(code)

    def money(self, node: Node, name: str, path: str) -> Decimal | None:
        """Amount of a Money object in major units; None where it is absent.

        Raises Rejected AMOUNT_UNPARSABLE, CURRENCY_MIXED.
        """
        held = node.get(name)
        if not isinstance(held, dict) or held.get("amount") is None:
            return None
        stated, other = money_currency(held), text(held, "currency_code")
        if other is not None and other != stated:
            detail = (
                f"the amount is in {shown(stated or '')} by `currency`, in {shown(other)} by `currency_code`"
            )
            raise Rejected(RejectionCode.CURRENCY_MIXED, detail, f"{path}.{name}.currency_code")
        if stated is not None and stated.upper() != self.currency:
            detail = f"the amount is in {shown(stated)}, the document in {self.currency}"
            raise Rejected(RejectionCode.CURRENCY_MIXED, detail, f"{path}.{name}.currency")
        return minor_amount(held["amount"], self.exponent, f"{path}.{name}.amount")

    def time(self, node: Node, name: str, path: str) -> BusinessTime | None:
        """A time in RFC 3339, to the nanosecond in some objects; None where absent. Raises Rejected."""
        raw = text(node, name)
        return None if raw is None else business_time(raw, f"{path}.{name}", zone=self.zone)


def money_currency(money: Node) -> str | None:
    """Currency of a Money object; payout entries of the documentation call it `currency_code`."""
    return text(money, "currency") or text(money, "currency_code")


def minor_amount(raw: object, exponent: int, path: str) -> Decimal:
    """Major units of an integer in minor units, as number or text. Raises Rejected AMOUNT_UNPARSABLE."""
    value = exact(raw)
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.removeprefix("-").isdecimal() or len(text) > _DIGITS_MAX:
        detail = "an integer in the currency's smallest unit is needed"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, path)
    return Decimal(int(text)).scaleb(-exponent)
