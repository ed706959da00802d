"""Hypothesis strategies of canonical models, derived from their fields.

Invariant: every instance drawn is one that the model's validation accepts, over the whole range of each
field's Avro type.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, TypeVar, get_args

from annotated_types import Ge, MaxLen, MinLen
from hypothesis import strategies as st

from crossdock.canonical.avro.constraints import Kind, kind_of
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.field_types import AvroType, DecimalType, Member, OwnState

M = TypeVar("M", bound=Canonical)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def instances(model: type[M]) -> st.SearchStrategy[M]:
    """Valid instances of a model."""
    fields = {
        name: values(info.annotation, tuple(info.metadata)) for name, info in model.model_fields.items()
    }
    return st.builds(model, **fields)


def values(annotation: Any, marks: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Values of a field's annotation, None included where it is allowed."""
    inner = _values(kind_of(annotation, marks, ""))
    return st.none() | inner if NoneType in get_args(annotation) else inner


def _values(kind: Kind) -> st.SearchStrategy[Any]:
    if get_args(kind.type):
        shortest = kind.mark(MinLen)
        item = values(get_args(kind.type)[0])
        return st.lists(item, min_size=shortest.min_length if shortest else 0, max_size=2).map(tuple)
    if issubclass(kind.type, Canonical):
        return instances(kind.type)
    if issubclass(kind.type, OwnState):
        return st.sampled_from(list(kind.type))
    return _plain(kind)


def _plain(kind: Kind) -> st.SearchStrategy[Any]:
    if kind.type is str:
        return _texts(kind)
    if kind.type is int:
        bound = 1 << (31 if kind.mark(AvroType).name == "int" else 63)
        lowest = max(int(str(mark.ge)) for mark in kind.marks if isinstance(mark, Ge))
        return st.integers(lowest, bound - 1)
    if kind.type is Decimal:
        mark = kind.mark(DecimalType)
        bound = 10**mark.precision - 1
        return st.integers(-bound, bound).map(lambda unscaled: Decimal(unscaled).scaleb(-mark.scale))
    plain: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        bytes: st.binary(max_size=8),
        datetime: st.datetimes(timezones=st.just(UTC)),
        date: st.dates(),
    }
    return plain[kind.type]


def _texts(kind: Kind) -> st.SearchStrategy[str]:
    member, shortest, longest = kind.mark(Member), kind.mark(MinLen), kind.mark(MaxLen)
    pattern = next((mark.pattern for mark in kind.marks if getattr(mark, "pattern", None)), None)
    if member is not None:
        return st.sampled_from(member.members)
    if pattern is not None:
        return st.from_regex(pattern, fullmatch=True)
    if longest is not None:
        return st.sampled_from(["0" * longest.max_length, "af" * (longest.max_length // 2)])
    return _TEXT.filter(lambda text: not shortest or len(text) >= shortest.min_length)
