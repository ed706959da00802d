"""Lines of a Square order: gross sales, applied discounts and taxes, units of weight and length.

Invariant: a discount or tax counts with the amount that was applied to the line, never with its rate; a
tax is inside the price only where its own definition says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    AdjustmentKind,
    IdentifierScheme,
    LineKind,
    PartnerProfile,
    PriceBasis,
)
from crossdock.canonical.units import resolve_unit
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, rate_percent, text
from crossdock.formats.json_resource import Placed, members
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, TaxDraft, both
from crossdock.formats.order_mapping import LineIds
from crossdock.formats.square.shapes import SquareFields

_AS_SAID: Final = Decimal(1)
_KINDS: Final = {
    "ITEM": LineKind.GOODS,
    "CUSTOM_AMOUNT": LineKind.FEE,
    "GIFT_CARD": LineKind.GIFT_CARD,
}
_UNITS: Final = {
    "UNIT": "EA",
    "IMPERIAL_WEIGHT_OUNCE": "ONZ",
    "IMPERIAL_POUND": "LBR",
    "IMPERIAL_STONE": "STI",
    "METRIC_MILLIGRAM": "MGM",
    "METRIC_GRAM": "GRM",
    "METRIC_KILOGRAM": "KGM",
    "IMPERIAL_INCH": "INH",
    "IMPERIAL_FOOT": "FOT",
    "IMPERIAL_YARD": "YRD",
    "IMPERIAL_MILE": "SMI",
    "METRIC_MILLIMETER": "MMT",
    "METRIC_CENTIMETER": "CMT",
    "METRIC_METER": "MTR",
    "METRIC_KILOMETER": "KMT",
    "IMPERIAL_SQUARE_FOOT": "FTK",
    "IMPERIAL_SQUARE_YARD": "YDK",
    "METRIC_SQUARE_CENTIMETER": "CMK",
    "METRIC_SQUARE_METER": "MTK",
    "GENERIC_FLUID_OUNCE": "OZA",
    "GENERIC_PINT": "PTL",
    "GENERIC_QUART": "QTL",
    "GENERIC_GALLON": "GLL",
    "METRIC_MILLILITER": "MLT",
    "METRIC_LITER": "LTR",
    "IMPERIAL_CUBIC_FOOT": "FTQ",
    "GENERIC_SECOND": "SEC",
    "GENERIC_MINUTE": "MIN",
    "GENERIC_HOUR": "HUR",
    "GENERIC_DAY": "DAY",
}
"""Source: MeasurementUnit of the Catalog API → UN/ECE Recommendation 20."""
_UNIT_FIELDS: Final = ("generic_unit", "weight_unit", "length_unit", "area_unit", "volume_unit", "time_unit")


class Definitions:
    """The order's taxes and discounts by uid; lines and charges apply them."""

    def __init__(self, order: Node) -> None:
        taxes = children(order, "taxes")
        self._taxes = {text(node, "uid"): node for node in taxes}
        held = taxes or [tax for line in children(order, "line_items") for tax in children(line, "taxes")]
        self._kinds = {text(node, "type") for node in held} - {None}
        self._discounts = {text(node, "uid"): node for node in children(order, "discounts")}

    def discount(self, applied: Node) -> Node:
        """What an applied discount refers to."""
        return self._discounts.get(text(applied, "discount_uid"), applied)

    def taxes(self, fields: SquareFields, node: Node, path: str) -> list[TaxDraft]:
        """Taxes applied to a line or a charge; its total where the applied ones are not listed."""
        found = []
        for applied, place in _applied(node, "taxes", path):
            amount = fields.money(applied, "applied_money", place)
            if amount is not None:
                found.append(self._tax(amount, self._taxes.get(text(applied, "tax_uid"), applied)))
        total = fields.money(node, "total_tax_money", path)
        if not found and total:
            only = next(iter(self._taxes.values())) if len(self._taxes) == 1 else {}
            found.append(self._tax(total, only))
        return found

    @staticmethod
    def _tax(amount: Decimal, definition: Node) -> TaxDraft:
        kind = text(definition, "type")
        return TaxDraft(
            both(amount),
            rate_percent(definition.get("percentage"), _AS_SAID),
            jurisdiction=text(definition, "name") or "",
            is_included=None if kind is None else kind == "INCLUSIVE",
        )

    def is_tax_included(self) -> bool | None:
        """Whether prices include tax; None where there is none or both kinds stand side by side."""
        return self._kinds == {"INCLUSIVE"} if len(self._kinds) == 1 else None


def _applied(node: Node, name: str, path: str) -> Iterator[Placed]:
    """Taxes or discounts as applied; answers before 2020 define them in the line itself."""
    applied = f"applied_{name}"
    return members(node, applied if children(node, applied) else name, path)


def require_lines(order: Node, path: str) -> None:
    """Raises Rejected LINES_MISSING where the order sells nothing, before anything else is asked of it."""
    if order.get("line_items"):
        return
    detail = "the order has no line_items"
    if order.get("returns"):
        detail = "the order holds returns only; the money is read from its refund by square_refund"
    raise Rejected(RejectionCode.LINES_MISSING, detail, f"{path}.line_items")


def square_lines(
    fields: SquareFields, placed: tuple[Node, str], channel: str, profile: PartnerProfile
) -> list[LineDraft]:
    """Lines in the order of the payload. Raises Rejected where one has no quantity or no amount."""
    order, path = placed
    definitions = Definitions(order)
    lines: list[LineDraft] = []
    ids = LineIds(fields.document)
    for index, node in enumerate(fields.lines(order, "line_items", path)):
        line = _line(fields, node, f"{path}.line_items[{index}]", definitions)
        _identify(fields, node, line, channel)
        line.unit = line.price_unit = _unit(node, line.path, profile)
        ids.settle(line)
        lines.append(line)
    return lines


def _line(fields: SquareFields, node: Node, path: str, definitions: Definitions) -> LineDraft:
    ordered = fields.count(node, "quantity", path)
    if ordered is None:
        raise Rejected(RejectionCode.FIELD_INVALID, "the line states no quantity", f"{path}.quantity")
    price = fields.money(node, "base_price_money", path)
    taxes = definitions.taxes(fields, node, path)
    gross = _gross(fields, node, path, ordered)
    if gross is not None:
        whole = fields.money(node, "variation_total_price_money", path)
        if whole is None and price is not None:
            whole = price * ordered
        gross += _tax_that_gross_leaves_out(
            fields, node, path, (gross, gross if whole is None else whole), taxes
        )
    if gross is None and price is None:
        detail = "the line states neither gross_sales_money nor base_price_money"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.base_price_money")
    return LineDraft(
        line_id=text(node, "uid") or "",
        ordered=ordered,
        unit_price=None if price is None else both(price),
        price_basis=PriceBasis.UNIT,
        is_price_compared=not children(node, "modifiers"),
        extended=None if gross is None else both(gross),
        kind=_KINDS.get(text(node, "item_type") or "ITEM", LineKind.UNKNOWN),
        taxes=taxes,
        adjustments=list(_discounts(fields, node, path, definitions)),
        path=path,
    )


def _tax_that_gross_leaves_out(
    fields: SquareFields, node: Node, path: str, amounts: tuple[Decimal, Decimal], taxes: list[TaxDraft]
) -> Decimal:
    """Tax inside the price that `gross_sales_money` is stated without, as Square does in some countries (US,
    CA, JP); only where the price with its modifiers proves it."""
    inside = sum((tax.amount.shop for tax in taxes if tax.is_included), Decimal(0))
    if not inside:
        return Decimal(0)
    gross, price = amounts
    for index, modifier in enumerate(children(node, "modifiers")):
        price += fields.money(modifier, "total_price_money", f"{path}.modifiers[{index}]") or Decimal(0)
    return inside if gross + inside == price else Decimal(0)


def _gross(fields: SquareFields, node: Node, path: str, ordered: Decimal) -> Decimal | None:
    """What the line sells for before discounts, its modifiers with it; None leaves it to price × quantity.

    Answers before 2021 state the two parts of it alone.
    """
    gross = fields.money(node, "gross_sales_money", path)
    modifiers = children(node, "modifiers")
    if gross is not None or not modifiers:
        return fields.money(node, "variation_total_price_money", path) if gross is None else gross
    variation = fields.money(node, "variation_total_price_money", path)
    if variation is None:
        detail = "the line has modifiers, but neither gross_sales_money nor variation_total_price_money"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.gross_sales_money")
    for index, modifier in enumerate(modifiers):
        place = f"{path}.modifiers[{index}]"
        total = fields.money(modifier, "total_price_money", place)
        if total is None:
            total = (fields.money(modifier, "base_price_money", place) or Decimal(0)) * ordered
        variation += total
    return variation


def _discounts(
    fields: SquareFields, node: Node, path: str, definitions: Definitions
) -> Iterator[AdjustmentDraft]:
    applied = list(_applied(node, "discounts", path))
    for discount, place in applied:
        amount = fields.money(discount, "applied_money", place)
        if amount:
            reason = text(definitions.discount(discount), "name") or ""
            yield AdjustmentDraft(AdjustmentKind.DISCOUNT, False, both(-amount), reason)
    total = fields.money(node, "total_discount_money", path)
    if not applied and total:
        yield AdjustmentDraft(AdjustmentKind.DISCOUNT, False, both(-total))


def _identify(fields: SquareFields, node: Node, line: LineDraft, channel: str) -> None:
    """The catalog's variation; an order names no SKU unless an app adds it."""
    sku = text(node, "sku")
    variation = fields.loose_identity(node, "catalog_object_id", line.path)
    found = [] if sku is None else [item_identifier(IdentifierScheme.SKU, sku)]
    if variation is not None:
        found.append(item_identifier(IdentifierScheme.CHANNEL_VARIANT, variation, channel))
    line.identifiers = tuple(found)


def _unit(node: Node, path: str, profile: PartnerProfile) -> str:
    """Unit of the line's quantity: pieces where no measurement unit is stated."""
    measured = child(child(node, "quantity_unit"), "measurement_unit")
    place = f"{path}.quantity_unit.measurement_unit"
    custom = child(measured, "custom_unit")
    if custom:
        return resolve_unit(text(custom, "abbreviation") or "", profile, path=place)[0]
    raw = next((found for name in _UNIT_FIELDS if (found := text(measured, name))), "UNIT")
    return resolve_unit(raw, profile, path=place, code_list=_UNITS)[0]
