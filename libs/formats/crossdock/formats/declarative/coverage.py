"""Which fields of a partner's documents a mapping reads, and which it leaves.

Invariant: told from the mapping and the documents alone, nothing is run; every leaf of a document is either
read or left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import BaseModel

from crossdock.canonical.models.mapping import MappingRule, MappingSection
from crossdock.formats.canonical_json_input import OrderDocument
from crossdock.formats.declarative.compiler import POSITION
from crossdock.formats.declarative.completion import shapes_of
from crossdock.formats.declarative.entities import TARGETS
from crossdock.formats.declarative.grouping import LINE, ROWS
from crossdock.formats.json_document import Node

_ROWS_PLACE: Final = f"{ROWS}."
_TEXT: Final = ".#text"
_INDEX: Final = re.compile(r"\[[^\[\]]*\]")
_CHOICE: Final = re.compile(r"\[([^\[\]=]+)=[^\[\]]*\]")


def fields_read(spec: MappingSection) -> frozenset[str]:
    """Source paths that any rule looks at, without places in lists."""
    kept_by = [] if spec.keep is None else [_column(_place(spec.keep.path, ""))]
    return frozenset({*_paths(spec.fields, ""), *spec.group_by, *kept_by} - {""})


def fields_of(spec: MappingSection, documents: Iterable[Node]) -> Counter[str]:
    """Source path of each leaf, and in how many documents it has a value."""
    found: Counter[str] = Counter()
    for document in documents:
        found.update(set(_leaves(document, "")))
    return found


def unknown_targets(spec: MappingSection) -> list[str]:
    """Canonical fields of the mapping that its entity does not have, as paths below `fields`."""
    model = OrderDocument if spec.entity == "order" else TARGETS[spec.entity].model
    return list(_unknown(spec.fields, model, ""))


def _unknown(fields: Mapping[str, MappingRule], model: type[BaseModel], base: str) -> Iterator[str]:
    for path, rule in fields.items():
        inner = _model_at(model, path.split("."))
        if inner is None:
            yield base + path
        elif rule.fields and isinstance(inner, type):
            yield from _unknown(rule.fields, inner, f"{base}{path}.fields.")


def _model_at(model: type[BaseModel], steps: list[str]) -> type[BaseModel] | str | None:
    """Model of the field at the end of the steps, its name where it is a scalar, None where there is none."""
    found: type[BaseModel] | str = model
    for step in steps:
        if not isinstance(found, type) or step not in found.model_fields:
            return None
        shape = shapes_of(found).get(step)
        found = step if shape is None else shape.model
    return found


def _paths(fields: Mapping[str, MappingRule], base: str) -> Iterator[str]:
    for rule in fields.values():
        paths = [path for path in (rule.path, *(rule.first_of or ()), *(rule.all_of or ())) if path]
        if rule.when is not None:
            paths.append(rule.when.path)
        for path in paths:
            yield from _chosen_by(path, base)
            if path != POSITION:
                yield _column(_place(path, base))
        if rule.each is not None:
            inner = _place(rule.each, base) + "."
            yield from (_column(inner + name) for name in rule.group_by)
            yield from _paths(rule.fields, inner)


def _chosen_by(path: str, base: str) -> Iterator[str]:
    """Members that choose an element on the way: `dates[TYPE=012].day` looks at TYPE of each date."""
    for match in _CHOICE.finditer(path):
        yield _column(f"{_place(path[: match.start()], base)}.{match[1]}")


def _place(path: str, base: str) -> str:
    return path.removeprefix("$").removeprefix(".") if path.startswith("$") else base + path


def _column(place: str) -> str:
    """One name for a leaf, whether it is read from a row or its document, alone or as a list of one."""
    return _INDEX.sub("", place).replace(_ROWS_PLACE, "").removesuffix(_TEXT)


def _leaves(node: object, place: str) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name != LINE:
                yield from _leaves(value, f"{place}.{name}" if place else name)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value, f"{place}[*]")
    elif node not in (None, ""):
        yield _column(place)
