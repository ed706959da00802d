"""The HL tree of an 856: shipment, order, tare, pack, item.

Invariant: each HL has one place in one tree; a parent that is missing or cannot be is replaced by the
order of the document, and that is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import Extension
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Segment

_RANKS: Final[dict[str, int]] = {"S": 0, "O": 1, "T": 2, "P": 3, "I": 4}
"""HL03 from the outside in: BSN05 0001 and every guide that does not say otherwise."""
_ITEM_BEFORE_PACK: Final[dict[str, int]] = {"S": 0, "O": 1, "I": 2, "T": 3, "P": 4}
_ITEM_STRUCTURES: Final = frozenset({"0002"})
"""BSN05: shipment, order, item, pack."""
_INNERMOST: Final = 5
_DEPTH_MAX: Final = 20


@dataclass(slots=True)
class Level:
    """One HL with the segments under it."""

    hl: Segment
    code: str
    parent: Level | None = None
    depth: int = 1
    segments: list[Segment] = field(default_factory=list)
    children: list[Level] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    """What is kept of it."""

    def ancestors(self) -> Iterator[Level]:
        """Itself, then its parents up to the root."""
        level: Level | None = self
        while level is not None:
            yield level
            level = level.parent

    def above(self, *codes: str) -> Level | None:
        """The nearest of itself and its parents with one of these codes."""
        return next((level for level in self.ancestors() if level.code in codes), None)

    def below(self, code: str) -> Iterator[Level]:
        """All levels of a code beneath it, in document order."""
        for child in self.children:
            if child.code == code:
                yield child
            yield from child.below(code)


def levels_of(context: SetContext, structure: str) -> tuple[list[Segment], list[Level], list[Segment]]:
    """Header segments, levels in document order, and the segments behind the last level's (CTT on)."""
    header: list[Segment] = []
    summary: list[Segment] = []
    levels: list[Level] = []
    for segment in context.document.segments:
        if segment.tag == "HL":
            summary = []
            levels.append(Level(segment, segment.code(3)))
        elif segment.tag in ("CTT", "SE") or summary:
            summary.append(segment)
        else:
            (levels[-1].segments if levels else header).append(segment)
    _link(context, levels, _ITEM_BEFORE_PACK if structure in _ITEM_STRUCTURES else _RANKS)
    return header, levels, summary


def _link(context: SetContext, levels: list[Level], ranks: dict[str, int]) -> None:
    by_id: dict[str, Level] = {}
    last: dict[int, tuple[int, Level]] = {}
    for position, level in enumerate(levels):
        rank = ranks.get(level.code, _INNERMOST)
        outer = [found for other, found in last.items() if other < rank]
        nearest = max(outer, key=lambda found: found[0])[1] if outer else None
        level.parent = _parent(context, level, by_id, nearest)
        if level.parent is not None:
            level.parent.children.append(level)
            level.depth = level.parent.depth + 1
        if level.depth > _DEPTH_MAX:
            detail = f"levels are nested deeper than {_DEPTH_MAX}: shipment, order, tare, pack, item are five"
            raise level.hl.refuse(RejectionCode.FIELD_INVALID, detail, 2)
        own = level.hl.get(1)
        if own in by_id:
            detail = "two levels have one number in HL01; the later one is meant from here on"
            context.warn("level_number_repeated", detail, level.hl, 1)
        by_id[own] = level
        last[rank] = (position, level)


def _parent(
    context: SetContext, level: Level, by_id: dict[str, Level], nearest: Level | None
) -> Level | None:
    """The stated parent where it is a level before; else the nearest one before that is further out."""
    stated = level.hl.get(2)
    if stated and stated in by_id and stated != level.hl.get(1):
        return by_id[stated]
    is_root_without_parent = not stated and (level.code == "S" or not by_id)
    if not is_root_without_parent:
        what = "is no level before it" if stated else "is empty"
        detail = f"HL02, the parent, {what}; the level is placed by the order of the document"
        context.warn("level_parent_unknown", detail, level.hl, 2)
    return nearest
