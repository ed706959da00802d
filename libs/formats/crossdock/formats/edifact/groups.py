"""What one place of a trade message holds: a line with its quantities and prices, allowances, taxes, amounts.

Invariant: a segment stands in one of these groups as said; nothing is interpreted here.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from crossdock.canonical.models import Extension
from crossdock.formats.edifact.items import ItemIds
from crossdock.formats.edifact.segment import Segment


@dataclass(slots=True)
class Taxing:
    """A TAX with its amounts."""

    segment: Segment
    amounts: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class Adjusting:
    """An ALC with its amounts and taxes."""

    segment: Segment
    amounts: list[Segment] = field(default_factory=list)
    percentages: list[Segment] = field(default_factory=list)
    taxings: list[Taxing] = field(default_factory=list)


@dataclass(slots=True)
class Amounts:
    """Amounts, allowances and taxes of one place: header, a line or summary."""

    moas: list[Segment] = field(default_factory=list)
    adjustings: list[Adjusting] = field(default_factory=list)
    taxings: list[Taxing] = field(default_factory=list)

    def moa(self, *wanted: str) -> Segment | None:
        """The first MOA with one of these 5025 codes, in their order."""
        return next((moa for code in wanted for moa in self.moas if moa.code(1) == code), None)

    def lift(self, wanted: Container[str]) -> None:
        """Takes amounts with these 5025 codes out of its allowances and taxes, behind which they stand by
        chance: those that exactly one of them states and that it does not state itself."""
        groups = [one.amounts for one in self.adjustings] + [one.amounts for one in self.taxings]
        found = [moa for amounts in groups for moa in amounts if moa.code(1) in wanted]
        for moa in found:
            code = moa.code(1)
            if self.moa(code) is None and sum(other.code(1) == code for other in found) == 1:
                self.moas.append(moa)


@dataclass(slots=True)
class LineScan:
    """One LIN group."""

    lin: Segment
    line_id: str
    ids: ItemIds
    amounts: Amounts = field(default_factory=Amounts)
    quantities: list[Segment] = field(default_factory=list)
    prices: list[Segment] = field(default_factory=list)
    splits: list[Segment] = field(default_factory=list)
    """Quantities behind a LOC or SCC, and all with qualifier 11."""
    references: list[Segment] = field(default_factory=list)
    dates: dict[str, Segment] = field(default_factory=dict)
    sublines: int = 0
    """How many sub-lines came so far; while it is above 0, segments belong to the sub-line."""
    extensions: list[Extension] = field(default_factory=list)

    def keep(self, name: str, value: str) -> None:
        """Keeps something unmapped of this line, or of its current sub-line."""
        subline = f".LIN[{self.sublines}]" if self.sublines and not name.startswith("LIN[") else ""
        self.extensions.append(Extension(name=f"lines[{self.line_id}]{subline}.{name}", value=value))

    def quantity(self, *wanted: str) -> Segment | None:
        """The first QTY with one of these 6063 codes, in their order."""
        return next((qty for code in wanted for qty in self.quantities if qty.code(1) == code), None)

    def reference(self, *wanted: str) -> Segment | None:
        """The first RFF with one of these 1153 codes, in their order."""
        return reference_of(self.references, *wanted)


def reference_of(references: list[Segment], *wanted: str) -> Segment | None:
    """The first RFF with a number and one of these 1153 codes, in their order."""
    return next((r for code in wanted for r in references if r.code(1) == code and r.get(1, 2)), None)
