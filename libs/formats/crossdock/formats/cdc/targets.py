"""Which canonical fields a table mapping may fill, and how each is read.

Invariant: a mapping can name no field that is not listed here, and leaves out none that an entity needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crossdock.canonical.models import (
    DocumentKind,
    DocumentState,
    InvoiceKind,
    MovementState,
    OwnState,
    ProductKind,
    ProductStatus,
    QuantityMeaning,
    TaxMode,
)
from crossdock.formats.cdc.mapping_grammar import AdapterMapping, EntityMapping, Value


class Kind(StrEnum):
    """How a field is read."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Target:
    """One field: how it is read, whether a mapping must name it, and which words it knows."""

    kind: Kind = Kind.TEXT
    is_required: bool = False
    words: type[OwnState] | None = None


_TEXT: Final = Target()
_NEEDED: Final = Target(is_required=True)
_NUMBER: Final = Target(Kind.NUMBER)
_NEEDED_NUMBER: Final = Target(Kind.NUMBER, is_required=True)
_TIME: Final = Target(Kind.TIME)
_FLAG: Final = Target(Kind.FLAG)
_ORDER: Final = {"shop": _TEXT, "order_id": _TEXT}
"""The ERP's web shop (mapped to a channel by the profile's `shops`) and the channel's order id."""
_TOTALS: Final = {"currency": _TEXT, "net": _NUMBER, "tax": _NUMBER, "gross": _NUMBER}

TARGETS: Final[Mapping[str, Mapping[str, Target]]] = {
    "stock_movement": {
        "item": _NEEDED,
        "quantity": _NEEDED_NUMBER,
        "stock_quantity": _NUMBER,
        "unit": _NEEDED,
        "from_location": _NEEDED,
        "to_location": _NEEDED,
        "state": _NEEDED,
        "origin_ref": _TEXT,
        "lot": _TEXT,
        "effective_date": _TIME,
        **_ORDER,
    },
    "stock_snapshot": {"item": _NEEDED, "location": _NEEDED, "lot": _TEXT, "unit": _NEEDED},
    "product": {
        "sku": _NEEDED,
        "unit": _NEEDED,
        "status": Target(words=ProductStatus),
        "kind": Target(words=ProductKind),
        "gtin": _TEXT,
        "erp_item": _TEXT,
        "tax_category": _TEXT,
        "weight": _NUMBER,
        "weight_unit": _TEXT,
    },
    "erp_document": {
        "kind": Target(is_required=True, words=DocumentKind),
        "erp_id": _TEXT,
        "number": _TEXT,
        "state": _TEXT,
        "document_date": _TIME,
        "line_ref": _TEXT,
        "item": _TEXT,
        "quantity": _NUMBER,
        "unit": _TEXT,
        "line_net": _NUMBER,
        "line_tax": _NUMBER,
        **_TOTALS,
        **_ORDER,
    },
    "customer": {
        "customer_id": _TEXT,
        "code": _TEXT,
        "name": _TEXT,
        "email": _TEXT,
        "phone": _TEXT,
        "tax_id": _TEXT,
        "street": _TEXT,
        "street2": _TEXT,
        "city": _TEXT,
        "region": _TEXT,
        "postal_code": _TEXT,
        "country": _TEXT,
        "is_organization": _FLAG,
        "price_list": _TEXT,
        "tax_status": _TEXT,
        "credit_hold": _FLAG,
        "merged_into": _TEXT,
    },
    "price_proposal": {
        "sku": _NEEDED,
        "price_list": _NEEDED,
        "price": _NEEDED_NUMBER,
        "unit": _NEEDED,
        "per": _NUMBER,
        "currency": _TEXT,
        "tax_mode": Target(words=TaxMode),
        "minimum_quantity": _NUMBER,
        "valid_from": _TIME,
        "valid_to": _TIME,
        "reason": _TEXT,
    },
    "invoice": {
        "number": _NEEDED,
        "invoice_date": Target(Kind.TIME, is_required=True),
        "kind": Target(words=InvoiceKind),
        "posting_date": _TIME,
        "due_date": _TIME,
        "period": _TEXT,
        "payment_terms": _TEXT,
        "amount_due": _NUMBER,
        "corrects": _TEXT,
        **_TOTALS,
        **_ORDER,
    },
}
STATES: Final[Mapping[str, type[OwnState]]] = {
    "stock_movement": MovementState,
    "erp_document": DocumentState,
}
"""Entities with a state of their own; `states` maps the ERP's words to these."""

Problem = tuple[tuple[str | int, ...], str]
"""Place in the mapping and what is wrong there."""


def mapping_problems(mapping: AdapterMapping) -> Iterator[Problem]:
    """What no single clause can see: unknown and missing fields, words that no enumeration has."""
    names: set[str] = set()
    for number, table in enumerate(mapping.tables):
        for name in table.table:
            if name in names:
                yield ("tables", number, "table"), f"the table {name} is mapped twice"
            names.add(name)
        for place, entity in enumerate(table.entities):
            for path, text in _entity_problems(entity):
                yield ("tables", number, "entities", place, *path), text


def _entity_problems(entity: EntityMapping) -> Iterator[Problem]:
    targets = TARGETS[entity.entity]
    for name, value in entity.fields.items():
        if name not in targets:
            yield ("fields", name), f"no field of {entity.entity}; known are {', '.join(targets)}"
        elif value.join and targets[name].kind is not Kind.TEXT:
            yield ("fields", name), "only texts can be joined"
        elif targets[name].words is not None:
            for word in _words(value):
                yield from _word_problem(("fields", name), word, targets[name].words)
    for name, target in targets.items():
        if target.is_required and name not in entity.fields:
            yield ("fields",), f"{entity.entity} needs the field {name}"
    yield from _state_problems(entity)
    yield from _quantity_problems(entity)


def _state_problems(entity: EntityMapping) -> Iterator[Problem]:
    states = STATES.get(entity.entity)
    if states is None and entity.states:
        yield ("states",), f"{entity.entity} has no state"
    if states is not None and "state" in entity.fields and not entity.states:
        yield ("states",), f"the states of the ERP are mapped to {', '.join(states)}"
    if states is not None:
        for raw, word in entity.states.items():
            yield from _word_problem(("states", raw), word, states)
    if entity.inert is not None and entity.entity != "stock_movement":
        yield ("inert",), "only a stock_movement has an effect"


def _quantity_problems(entity: EntityMapping) -> Iterator[Problem]:
    is_snapshot = entity.entity == "stock_snapshot"
    if is_snapshot != bool(entity.quantities):
        yield ("quantities",), "a stock_snapshot has quantities by their meaning, and nothing else has"
    for meaning in entity.quantities:
        yield from _word_problem(("quantities", meaning), meaning, QuantityMeaning)


def _words(value: Value) -> Iterator[str]:
    yield from (value.lookup or {}).values()
    yield from (word for word in (value.const, value.otherwise) if word is not None)
    for case in value.cases:
        yield from _words(case)


def _word_problem(path: tuple[str | int, ...], word: str, words: type[OwnState] | None) -> Iterator[Problem]:
    if words is not None and word not in words.__members__.values():
        yield path, f"{word} is none of {', '.join(words)}"
