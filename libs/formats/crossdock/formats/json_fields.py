"""Fields of a JSON payload, read by meaning: text, identity, amount, count, list of objects.

Invariant: what is absent is None and what cannot be read is refused with its path; no amount, count or
identity is ever made up, and none passes through a float.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.models.profile_sections import AmountStyle
from crossdock.canonical.money import fits, parse_amount
from crossdock.formats.decimals import spelled
from crossdock.formats.json_document import REPLACEMENT, Boundless, Document, Inexact, Node

_NO_TEXT: Final = frozenset({"", "n/a", "none", "null", "undefined"})
"""Words that sources write where they have nothing; compared in lower case."""
_NO_TEXT_CHARACTERS_MAX: Final = max(map(len, _NO_TEXT))
_FAILED: Final = 400
"""Lowest status of an answer that says what went wrong (RFC 9457)."""
_FAILURES: Final = ("errors", "error", "errorCode", "fault", "Error", "Fault")
"""Members in which interfaces answer that a call has failed."""
_MESSAGE_MEMBERS_MAX: Final = 3
"""A message with so few members beside it (its parameters, its type, a trace) is no object."""
_TRUE: Final = (True, 1, "true", "1", "yes")
_FALSE: Final = (False, 0, "false", "0", "no")
_PER_CENT: Final = Decimal(100)
IDENTITY_CHARACTERS_MAX: Final = 255
"""Longest identity: it stands in keys, in allocations and in every reference to its object."""
_COUNT_BOUND: Final = 10**14
_SIX_PLACES: Final = Decimal("0.000001")
PLAIN_CHARACTERS_MAX: Final = 24
"""Longest text of an amount that is remembered beyond its document."""


def text(node: Node, name: str) -> str | None:
    """Text of a field without blanks around it; None where absent, empty, "N/A" or not a scalar."""
    value = node.get(name)
    if value is None:
        return None
    if type(value) is not str:
        if isinstance(value, bool | dict | list):
            return None
        value = str(value)
    stripped = value.strip()
    return None if len(stripped) <= _NO_TEXT_CHARACTERS_MAX and stripped.lower() in _NO_TEXT else stripped


def flag(node: Node, name: str) -> bool | None:
    """A yes or no as bool, 0/1 or text; None where absent or anything else."""
    value = node.get(name)
    if isinstance(value, str):
        value = value.strip().lower()
    if isinstance(value, dict | list) or value is None:
        return None
    return True if value in _TRUE else False if value in _FALSE else None


def child(node: Node, name: str) -> Node:
    """A field that is an object; an empty one where it is absent or something else."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def children(node: Node, name: str) -> list[Node]:
    """The objects of a field that is a list; junk in it is left out, a lone object counts as one."""
    value = node.get(name)
    if isinstance(value, list):
        return [item for item in value if isinstance(item, dict)]
    return [value] if isinstance(value, dict) and value else []


def exact(value: object) -> object:
    """The value, unless the fast parse made it a float. Raises Inexact."""
    if type(value) is float:
        raise Inexact
    return value


def identity(node: Node, name: str, path: str) -> str:
    """Identity as text; 64-bit numbers lose nothing. Raises Rejected ID_MISSING, FIELD_INVALID."""
    found = optional_identity(node, name, path)
    if found is None:
        raise Rejected(RejectionCode.ID_MISSING, _why_no_identity(node), f"{path}.{name}")
    return found


def _why_no_identity(node: Node) -> str:
    status = node.get("status", node.get("code"))
    is_problem = "title" in node and isinstance(status, int) and status >= _FAILED
    is_message = node.get("id") is None and text(node, "message") is not None
    is_message = is_message and (status is not None or len(node) <= _MESSAGE_MEMBERS_MAX)
    if is_problem or is_message or any(node.get(name) for name in _FAILURES):
        return "the payload is an error answer, not an object; repeat the call and send what it answers"
    return "the object's identity is missing"


def optional_identity(node: Node, name: str, path: str) -> str | None:
    """Identity as text, None where absent, empty or a word for nothing. Raises Rejected FIELD_INVALID."""
    value = node.get(name)
    if type(value) is int:
        return str(value)
    value = exact(value)
    if value is None:
        return None
    found = _identity_text(value)
    if found is None or len(found) > IDENTITY_CHARACTERS_MAX:
        detail = f"an identity is an integer or plain text of at most {IDENTITY_CHARACTERS_MAX} characters"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.{name}")
    return None if found.lower() in _NO_TEXT else found


def _identity_text(value: object) -> str | None:
    if isinstance(value, Decimal):  # 1e999999999 is an integer too, of a gigabyte
        is_integer = value.adjusted() < IDENTITY_CHARACTERS_MAX and value == value.to_integral_value()
        return str(int(value)) if is_integer else None
    if not isinstance(value, str) or isinstance(value, Boundless):
        return None
    return value.strip() if REPLACEMENT not in value and value.isprintable() else None


def plain_amount(text: str, style: AmountStyle, exponent: int) -> Decimal | None:
    """Amount of a text with at most 4 decimals; None where there is more to say about it."""
    try:
        amount = parse_amount(text, style=style, exponent=exponent)
    except Rejected:
        return None
    return amount if fits(amount, 4) else None


_remembered_amount = lru_cache(maxsize=8192)(plain_amount)
"""An order says each figure several times, and its prices come with every order."""


class Fields:
    """Readers that may refuse, for one document of one partner."""

    __slots__ = ("_style", "document", "exponent")

    def __init__(self, document: Document, profile: PartnerProfile) -> None:
        self.document = document
        self.exponent = 2
        """Decimals of the currency, for amounts in minor units."""
        self._style: AmountStyle = profile.money.amounts if profile.money else "major_text"

    def amount(self, node: Node, name: str, path: str, places: int = 4) -> Decimal | None:
        """Amount in major units; None where absent, null or empty. Digits beyond `places` decimals are
        rounded half-even, with a warning. Raises Rejected AMOUNT_UNPARSABLE."""
        value = node.get(name)
        if value is None:
            return None
        if type(value) is str and len(value) <= PLAIN_CHARACTERS_MAX:
            plain = _remembered_amount(value, self._style, self.exponent)
            if plain is not None:
                return plain
        amount = self.price(node, name, path)
        if amount is None or fits(amount, 4):
            return amount
        return self.rounded(amount, places, f"{path}.{name}")

    def rounded(self, amount: Decimal, places: int, path: str) -> Decimal:
        """The amount with at most so many decimals, half-even, with a warning where that changes it."""
        if fits(amount, places):
            return amount
        detail = f"more than {places} decimals; rounded half-even"
        self.document.warn("amount_rounded", detail, path)
        return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)

    def price(self, node: Node, name: str, path: str) -> Decimal | None:
        """As `amount`, with every digit that was sent: for prices per piece."""
        value = node.get(name)
        if value is None or (isinstance(value, str) and value.strip().lower() in _NO_TEXT):
            return None
        return parse_amount(
            self._number(value, f"{path}.{name}"), f"{path}.{name}", style=self._style, exponent=self.exponent
        )

    def informative_price(self, node: Node, name: str, path: str) -> Decimal | None:
        """As `price`, for figures that are only compared: an unreadable one is None, with a warning."""
        try:
            return self.price(node, name, path)
        except Rejected as refusal:
            self.document.warn(refusal.code, refusal.detail, refusal.path)
            return None

    def loose_identity(self, node: Node, name: str, path: str) -> str | None:
        """Identity of something that has other names too: an unreadable one is None, with a warning."""
        try:
            return optional_identity(node, name, path)
        except Rejected as refusal:
            self.document.warn(refusal.code, refusal.detail, refusal.path)
            return None

    def count(self, node: Node, name: str, path: str) -> Decimal | None:
        """Count or measure; None where absent, null or empty. Raises Rejected AMOUNT_UNPARSABLE."""
        value = node.get(name)
        if type(value) is int and -_COUNT_BOUND < value < _COUNT_BOUND:
            return Decimal(value)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        return parse_amount(self._number(value, f"{path}.{name}"), f"{path}.{name}")

    def _number(self, value: object, path: str) -> str | int | Decimal:
        value = exact(value)
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            return value
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, "a decimal number as text or number is needed", path)

    def lines(self, node: Node, name: str, path: str) -> list[Node]:
        """The order's lines: at least one, each an object. Raises Rejected LINES_MISSING, FIELD_INVALID."""
        value = node.get(name)
        if not value:
            raise Rejected(RejectionCode.LINES_MISSING, "the order has no line", f"{path}.{name}")
        if not isinstance(value, list):
            raise Rejected(RejectionCode.FIELD_INVALID, "the lines are not a list", f"{path}.{name}")
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                detail = "an order line is not an object"
                raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.{name}[{index}]")
        return value


def rate_percent(value: object, scale: Decimal = _PER_CENT) -> Decimal | None:
    """A tax rate in percent: 0.06 with the scale 100 is 6; None where it is no plain number.

    A rate is no money: a float's shortest decimal text is the text that was sent, up to 15 digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | float):
        return None
    return _percent(value, scale)


@lru_cache(maxsize=256, typed=True)
def _percent(value: object, scale: Decimal) -> Decimal | None:
    try:
        percent = Decimal(str(value).strip()) * scale
        return spelled(percent.quantize(_SIX_PLACES), 0) if abs(percent) < 1000 else None
    except ArithmeticError:
        return None
