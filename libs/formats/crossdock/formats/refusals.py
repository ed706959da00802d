"""Refusals that name every problem of a document at once.

Invariant: the first problem gives code and path, the text names all; no value of the document is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.canonical.errors import Rejected, RejectionCode

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


def refuse_all(code: RejectionCode, problems: Sequence[tuple[str, str]]) -> Rejected:
    """The refusal for these problems, at least one."""
    if len(problems) == 1:
        path, text = problems[0]
        return Rejected(code, text, path)
    return RejectedForAll(code, problems)
