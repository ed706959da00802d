"""What the demo found out, as data: shown by the screen, printed by `--json`.

Invariant: a report says for each thing that was claimed whether it holds; nothing that failed is left out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from crossdock.cli.demo.prompt import Json

Figure = int | Decimal
Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be true."""

    claim: str
    holds: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure that was worked out beforehand, and what was found in the log."""

    name: str
    expected: Figure
    found: Figure

    @property
    def agrees(self) -> bool:
        """Whether they are equal."""
        return self.expected == self.found


@dataclass(frozen=True, slots=True)
class Cause:
    """Dead letters with one cause; the fix is the product's own sentence about it."""

    code: str
    stage: str
    count: int
    behind: int
    channel: str
    example: str
    fix: str


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of the group that was repaired, and of the one dead letter that was given up.

    Args:
        differences: what the corrected profile changed, by field.
        plan: the first result of the dry run, as the command printed it.
    """

    differences: Json
    tried: int
    fixed: int
    plan: Json
    done: int
    released: int
    discarded: str
    reason: str


@dataclass(slots=True)
class Speed:
    """How fast it went; milliseconds, and seconds per part."""

    load_before: float = 0.0
    """Runnable processes per processor before anything was started; above 1 the machine is busy."""
    orders_per_second: float = 0.0
    webhook_ms: tuple[float, float] = (0, 0)
    """p50 and p99 of the answers to webhooks."""
    order_ms: tuple[float, float] = (0, 0)
    """p50 and p99 from the capture of a payload to its canonical order."""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the time of a part."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - started


@dataclass(slots=True)
class Report:
    """The whole demo."""

    orders: int
    seed: int
    deliveries: int = 0
    broken: int = 0
    ways: int = 0
    speed: Speed = field(default_factory=Speed)
    intake: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    causes: list[Cause] = field(default_factory=list)
    repair: Repair | None = None
    audit: Json = None
    compared: list[Compared] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    data_directory: str = ""

    @property
    def failures(self) -> list[Check]:
        """Claims that do not hold."""
        return [check for check in self.checks if not check.holds]

    def document(self) -> dict[str, object]:
        """The report as JSON."""
        rows = [
            {"channel": channel, "topic": topic, "outcome": outcome, "records": count}
            for (channel, topic, outcome), count in sorted(self.intake.items())
        ]
        return {
            "holds": not self.failures,
            "orders": self.orders,
            "seed": self.seed,
            "deliveries": self.deliveries,
            "broken": {"orders": self.broken, "ways": self.ways},
            "intake": rows,
            "refused": dict(self.refused),
            "dead_letters": [asdict(cause) for cause in self.causes],
            "repair": asdict(self.repair) if self.repair else None,
            "audit": self.audit,
            "figures": [{**asdict(one), "agrees": one.agrees} for one in self.compared],
            "checks": [asdict(check) for check in self.checks],
            "speed": asdict(self.speed),
            "data_directory": self.data_directory or None,
        }


def compared(expected: Figures, found: Figures) -> list[Compared]:
    """Both sides of every figure that either of them has."""
    names = dict.fromkeys([*expected, *found])
    return [Compared(name, expected.get(name, 0), found.get(name, 0)) for name in names]
