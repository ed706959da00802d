"""Mapped content, completed to what the canonical models take.

Invariant: only what the mapping or the profile states is filled in: an amount gets the document's stated
currency or the profile's, a time its zone; a quantity without a unit stays one and is refused, and so is one
whose unit nobody explains. A package unit that the profile explains stays as said.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, DualMoney, Money, PartnerProfile, Quantity, UnitPrice
from crossdock.canonical.units import resolve_unit
from crossdock.formats.json_document import Document, place_name
from crossdock.formats.times import business_day, business_time

Kind = Literal["moment", "money", "unit_price", "part"]
_DAY_CHARACTERS = 10
_MODELS: dict[type[BaseModel], Kind] = {
    BusinessTime: "moment",
    DualMoney: "money",
    Money: "money",
    UnitPrice: "unit_price",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field of a model takes."""

    kind: Kind
    model: type[BaseModel]
    is_list: bool


@cache
def shapes_of(model: type[BaseModel]) -> dict[str, Shape]:
    """The fields of a model that need more than their value."""
    found = {}
    for name, field in model.model_fields.items():
        classes = list(_classes(field.annotation))
        models = [one for one in classes if issubclass(one, BaseModel)]
        if models:
            chosen = next((one for one in models if one in _MODELS), models[0])
            found[name] = Shape(_MODELS.get(chosen, "part"), chosen, tuple in classes)
    return found


def _classes(annotation: object) -> typing.Iterator[type]:
    if isinstance(annotation, type) and not typing.get_args(annotation):
        yield annotation
    origin = typing.get_origin(annotation)
    if origin is tuple:
        yield tuple
    for inner in typing.get_args(annotation):
        yield from _classes(inner)


@dataclass(slots=True)
class Completion:
    """Completes the content of one document.

    Args:
        currency: what amounts without a currency are in; None where nobody states it.
        zone: zone of days and of times without an offset; None where nobody states it.
        profile: explains the partner's own units; None where they are resolved later, as those of orders.
    """

    document: Document
    currency: str | None
    zone: str | None
    profile: PartnerProfile | None = None

    def complete(self, model: type[BaseModel], content: dict[str, Any], path: str = "$") -> None:
        """Complete an object in place. Raises Rejected CURRENCY_MISSING, TIME_INVALID."""
        for name, shape in shapes_of(model).items():
            value = content.get(name)
            if value is None:
                continue
            place = path + place_name(name)
            if shape.is_list and isinstance(value, list):
                content[name] = [
                    self._one(shape, one, f"{place}[{number}]", content) for number, one in enumerate(value)
                ]
            else:
                content[name] = self._one(shape, value, place, content)

    def _one(self, shape: Shape, value: Any, place: str, around: dict[str, Any]) -> Any:
        if shape.kind == "moment":
            return self._moment(value, place) if isinstance(value, str) else value
        if shape.kind == "money":
            return self._money(value, place)
        if shape.kind == "unit_price":
            return self._unit_price(value, place, around)
        if isinstance(value, dict):
            self.complete(shape.model, value, place)
            if shape.model is Quantity and self.profile is not None and isinstance(value.get("unit"), str):
                unit, factor = resolve_unit(value["unit"], self.profile, path=f"{place}.unit")
                value["unit"] = unit if factor == 1 else value["unit"]
        elif shape.model is Quantity:
            detail = "a quantity needs its unit: map …value and …unit"
            raise Rejected(RejectionCode.UNIT_UNMAPPED, detail, place)
        return value

    def moment(self, value: Any, place: str) -> BusinessTime:
        """A business time of a text, or the one that it is already."""
        return value if isinstance(value, BusinessTime) else self._moment(str(value), place)

    def _moment(self, value: str, place: str) -> BusinessTime:
        if len(value) != _DAY_CHARACTERS:
            return business_time(value, place, zone=self.zone)
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise Rejected(RejectionCode.TIME_INVALID, "a date like 2026-05-04 is needed", place) from None
        if self.zone is None:
            detail = "a day needs a zone: set `channel.zone` or `zone` in the profile"
            raise Rejected(RejectionCode.TIME_INVALID, detail, place)
        return business_day(day, self.zone)

    def _money(self, value: Any, place: str) -> Any:
        if not isinstance(value, dict):
            value = {"amount": value}
        if "currency" not in value:
            if self.currency is None:
                detail = "no currency: map it, or set money.currency in the profile"
                raise Rejected(RejectionCode.CURRENCY_MISSING, detail, place)
            value["currency"] = self.currency
        return value

    def _unit_price(self, value: Any, place: str, around: dict[str, Any]) -> Any:
        priced = self._money(value, place)
        ordered = around.get("ordered")
        if "per" not in priced and isinstance(ordered, dict) and "unit" in ordered:
            priced["per"] = {"value": "1", "unit": ordered["unit"]}
        return priced
