"""What a model's field demands beyond its Avro type, as conditions for generated readers.

Invariant: every mark on a field is either known to be guaranteed by the Avro type, or becomes a check; an
unknown mark raises, so that no rule of a model is dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

from crossdock.canonical.models.field_types import AvroType, DecimalType, Member, PersonalData, UtcInstant

_GUARANTEED = (AvroType, DecimalType, Member, PersonalData, UtcInstant)
"""Marks that the reader of the Avro type itself obeys."""
_BOUNDS = {Ge: "<", Gt: "<=", Le: ">", Lt: ">="}
"""Comparison with the bound that makes a value wrong."""
_RANGES = {"int": 1 << 31, "long": 1 << 63}


@dataclass(frozen=True, slots=True)
class Kind:
    """A field's Python type without wrappers, and the marks that stood on it."""

    type: Any
    marks: tuple[Any, ...]
    field: str

    def mark(self, kind: type[Any]) -> Any:
        """The mark of a class, None where the field has none."""
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)


def kind_of(annotation: Any, marks: tuple[Any, ...], field: str) -> Kind:
    """Unwraps `Annotated` and `| None`; marks of all levels count for the inner type of `field`."""
    if get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        flat = [part for mark in own for part in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
        return kind_of(inner, (*marks, *flat), field)
    if get_origin(annotation) in (Union, UnionType):
        (inner,) = [part for part in get_args(annotation) if part is not NoneType]
        return kind_of(inner, marks, field)
    return Kind(annotation, marks, field)


def checks(kind: Kind, value: str, constant: Callable[[object], str]) -> list[tuple[str, str]]:
    """(condition that makes the value wrong, what is wrong) as Python text about the variable `value`.

    `constant` gives the name under which the text finds an object. Raises TypeError for an unknown mark.
    """
    found = []
    for mark in kind.marks:
        if not isinstance(mark, _GUARANTEED) and not _is_in_range(mark, kind):
            found.append(_check(mark, value, constant))
    return found


def _is_in_range(mark: object, kind: Kind) -> bool:
    """Whether a bound only repeats the range of the Avro type."""
    avro = kind.mark(AvroType)
    bound = _RANGES[avro.name] if avro else None
    return bound is not None and mark in (Ge(-bound), Lt(bound))


def _check(mark: Any, value: str, constant: Callable[[object], str]) -> tuple[str, str]:
    match mark:
        case MinLen(min_length=1):
            return f"not {value}", "at least one is needed"
        case MinLen():
            return f"len({value}) < {mark.min_length}", f"at least {mark.min_length} are needed"
        case MaxLen():
            return f"len({value}) > {mark.max_length}", f"at most {mark.max_length} are allowed"
        case Ge(bound) | Gt(bound) | Le(bound) | Lt(bound):
            wrong = _BOUNDS[type(mark)]
            return f"{value} {wrong} {constant(bound)}", f"a value {wrong} {bound} is not allowed"
    pattern = getattr(mark, "pattern", None)
    if pattern and pattern.startswith("^") and pattern.endswith("$"):
        matches = constant(re.compile(pattern[1:-1]).fullmatch)
        return f"not {matches}({value})", f"text like {pattern} is needed"
    raise TypeError(f"no check for {mark!r}; add one in crossdock.canonical.avro.constraints")
