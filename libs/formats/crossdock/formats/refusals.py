"""Refusals of a whole document: every problem at once, or what does not fit the canonical model.

Invariant: the first problem gives code and path, the text names all; no value of the document is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TypeVar

from pydantic import ValidationError

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.record import Record

T = TypeVar("T")

_SHOWN_MAX = 20


class RejectedForAll(Rejected):
    """A refusal with several problems.

    Args:
        problems: (path, what is wrong and how to fix it), in document order.
    """

    def __init__(self, code: RejectionCode, problems: Sequence[tuple[str, str]]) -> None:
        shown = "; ".join(f"{path}: {text}" for path, text in problems[:_SHOWN_MAX])
        rest = len(problems) - _SHOWN_MAX
        super().__init__(code, shown + (f"; and {rest} more" if rest > 0 else ""), problems[0][0])
        self.problems = tuple(problems)


def misfit(error: ValidationError, place: str = "") -> Rejected:
    """The refusal for a figure or text that does not fit the canonical model; the path names its field,
    behind the place in the payload where that is known."""
    first = error.errors(include_input=False, include_url=False)[0]
    field = f"{error.title}.{'.'.join(str(step) for step in first['loc'])}"
    detail = f"the field does not fit the canonical model: {first['msg'].removeprefix('Value error, ')}"
    return Rejected(RejectionCode.FIELD_INVALID, detail, f"{place}/{field}" if place else field)


def fitting(read: Callable[[Record, PartnerProfile], T]) -> Callable[[Record, PartnerProfile], T]:
    """The reader with what does not fit the canonical model, or any decimal, as a refusal."""

    @wraps(read)
    def refusing(record: Record, profile: PartnerProfile) -> T:
        try:
            return read(record, profile)
        except ValidationError as error:
            raise misfit(error) from error
        except ArithmeticError as error:
            detail = "a product or sum of the payload's figures exceeds what an amount can hold"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail) from error

    return refusing


def refuse_all(code: RejectionCode, problems: Sequence[tuple[str, str]]) -> Rejected:
    """The refusal for these problems, at least one."""
    if len(problems) == 1:
        path, text = problems[0]
        return Rejected(code, text, path)
    return RejectedForAll(code, problems)
