"""Reading YAML and JSON documents that people write: profiles and topic declarations.

Invariant: no value changes on the way: decimals are exact, `NO` and `004010` stay text, a key that
stands twice is refused, and no document makes the reader build objects or expand aliases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import Any, Final

import yaml

DOCUMENT_CHARACTERS_MAX: Final = 1_000_000
"""Longest document that is read."""


class DocumentInvalid(ValueError):
    """The text is no readable YAML or JSON document."""


class ExactLoader(yaml.SafeLoader):
    """YAML with the scalars of the 1.2 core schema: `NO` and `004010` stay text, 0.5 is exact."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As SafeLoader, but a key may stand once."""
        seen = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise DocumentInvalid(f"line {line}: a key is plain text, never a list or a mapping")
            if key.value in seen:
                raise DocumentInvalid(f"line {line}: a key stands twice in one mapping")
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """As SafeLoader, without aliases (a few bytes expand to gigabytes) and tags (they build objects)."""
        if self.check_event(yaml.AliasEvent):
            raise DocumentInvalid("YAML aliases (*name) are not allowed, write the value out")
        peek: Callable[[], yaml.Event] = self.peek_event  # without types in yaml
        event = peek()
        if getattr(event, "tag", None) is not None:
            place = f"line {event.start_mark.line + 1}: " if event.start_mark else ""
            raise DocumentInvalid(f"{place}YAML tags (!name) are not allowed, write the plain value")
        return super().compose_node(parent, index)


def _decimal(loader: ExactLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(node.value)


ExactLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", "true|false", "tf"),
    ("tag:yaml.org,2002:null", "null|~|", ["n", "~", ""]),
    ("tag:yaml.org,2002:int", "-?(0|[1-9][0-9]*)", "-0123456789"),
    ("tag:yaml.org,2002:float", r"-?(0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
):
    ExactLoader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), list(_first))
ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def load_document(text: str) -> object:
    """Value of a YAML or JSON document. Raises DocumentInvalid, naming the line where it can."""
    if len(text) > DOCUMENT_CHARACTERS_MAX:
        raise DocumentInvalid(f"the document is longer than {DOCUMENT_CHARACTERS_MAX} characters")
    try:
        return _json(text) if text.lstrip().startswith("{") else _yaml(text)
    except json.JSONDecodeError:
        return _yaml(text)  # a YAML flow mapping starts like JSON


def _yaml(text: str) -> object:
    try:
        return yaml.load(text, ExactLoader)
    except DocumentInvalid:
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "not readable"
        raise DocumentInvalid(f"{place}no valid YAML: {problem}") from None
    except (RecursionError, ValueError):
        raise DocumentInvalid("the document is nested too deep or holds a broken scalar") from None


def _json(text: str) -> object:
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_repeated_key
        )
    except RecursionError:
        raise DocumentInvalid("the document is nested too deep") from None
    except (DocumentInvalid, json.JSONDecodeError):
        raise
    except (ValueError, ArithmeticError):
        raise DocumentInvalid("a number has more digits than can be read") from None


def _no_constant(name: str) -> object:
    raise DocumentInvalid(f"{name} is no value")


def _no_repeated_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise DocumentInvalid("a key stands twice in one object")
    return result
