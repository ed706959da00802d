"""Proceeds of the Orders API 2026-01-01: a total and the parts that add up to it.

Invariant: each part is read once, by its type; a discount is taken off whatever its sign; where the parts
do not add up to the stated total of their line, the difference is a variance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import AdjustmentKind
from crossdock.formats.amazon.fields import AmazonFields
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import children, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import AdjustmentDraft, TaxDraft, both

_NONE: Final = Decimal(0)
_KINDS: Final = {
    "SHIPPING": AdjustmentKind.SHIPPING,
    "GIFT_WRAP": AdjustmentKind.GIFT_WRAP,
    "COD_FEE": AdjustmentKind.FEE,
    "OTHER": AdjustmentKind.SURCHARGE,
    "DELIVERY_TIP": AdjustmentKind.GRATUITY,
}
"""Charges by `type`; the same words are the subtypes of taxes and discounts."""
GOODS, TAX, DISCOUNT = "ITEM", "TAX", "DISCOUNT"


@dataclass(slots=True)
class Proceeds:
    """The parts of one line's or one order's proceeds; `stated` are its subtotals by type, as said."""

    goods: Decimal | None = None
    adjustments: list[AdjustmentDraft] = field(default_factory=list)
    taxes: list[TaxDraft] = field(default_factory=list)
    stated: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    """One breakdown: its type or subtype, and its amount."""

    word: str
    amount: Decimal


def read_proceeds(fields: AmazonFields, node: Node, path: str) -> Proceeds:
    """The breakdowns of a `proceeds` object. Raises Rejected AMOUNT_UNPARSABLE, CURRENCY_MIXED."""
    found = Proceeds()
    taxes: list[_Part] = []
    for part, place in members(node, "breakdowns", path):
        word = text(part, "type") or ""
        amount = fields.money(part, "subtotal", place)
        if amount is None:
            continue
        found.stated[word] = found.stated.get(word, _NONE) + amount
        if word == GOODS:
            found.goods = (found.goods or _NONE) + amount
        elif word == TAX:
            taxes += _details(fields, part, place, amount)
        elif word == DISCOUNT:
            found.adjustments += map(_discount, _details(fields, part, place, amount))
        else:
            found.adjustments.append(_charge(fields, word, amount, place))
    _attach(found, taxes)
    return found


def _details(fields: AmazonFields, part: Node, path: str, amount: Decimal) -> list[_Part]:
    """A subtotal in its parts, where they add up to it; the subtotal as of goods where they do not.

    The tax of a discount is taken off: it is stated with its sign, without it, or beside the subtotal.
    """
    parts = list(_stated_details(fields, part, path))
    if not parts:
        return [_Part(GOODS, amount)]
    turned = [_Part(one.word, -abs(one.amount)) if one.word == DISCOUNT else one for one in parts]
    beside = [one for one in parts if one.word != DISCOUNT]
    for said, meant in ((parts, parts), (turned, turned), (beside, turned)):
        if sum((one.amount for one in said), _NONE) == amount:
            return meant
    detail = "the detailed breakdowns do not add up to their subtotal; the subtotal is used"
    fields.document.warn("details_differ", detail, f"{path}.detailedBreakdowns")
    return [_Part(GOODS, amount)]


def _stated_details(fields: AmazonFields, part: Node, path: str) -> Iterator[_Part]:
    for index, detail in enumerate(children(part, "detailedBreakdowns")):
        amount = fields.money(detail, "value", f"{path}.detailedBreakdowns[{index}]")
        if amount is not None:
            yield _Part(text(detail, "subtype") or "", amount)


def _charge(fields: AmazonFields, word: str, amount: Decimal, path: str) -> AdjustmentDraft:
    if word not in _KINDS:
        fields.document.warn("proceeds_unknown", "the type of the breakdown is not known", f"{path}.type")
    return AdjustmentDraft(
        _KINDS.get(word, AdjustmentKind.SURCHARGE), amount >= 0, both(amount), reason_raw=word
    )


def _discount(part: _Part) -> AdjustmentDraft:
    kind = _KINDS.get(part.word, AdjustmentKind.DISCOUNT)
    kind = AdjustmentKind.DISCOUNT if kind is AdjustmentKind.SURCHARGE else kind
    return AdjustmentDraft(kind, False, both(-abs(part.amount)), reason_raw=DISCOUNT)


def _attach(found: Proceeds, taxes: list[_Part]) -> None:
    """Taxes where they belong: on the charge or discount of their subtype, else on the goods."""
    for tax in taxes:
        draft = TaxDraft(both(tax.amount))
        taxed = next((one for one in found.adjustments if _is_taxed_by(one, tax.word)), None)
        if taxed is None:
            found.taxes.append(draft)
        else:
            taxed.taxes = (*taxed.taxes, draft)


def _is_taxed_by(adjustment: AdjustmentDraft, word: str) -> bool:
    if word == DISCOUNT:
        return adjustment.reason_raw == DISCOUNT
    return adjustment.reason_raw == word and word in _KINDS
