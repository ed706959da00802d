"""Exceptions to the tidy rules: each with its reason, none more generous than needed.

Invariant: the list only shrinks by itself; an entry that nothing needs is as red as a broken rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.tidy.rules import RULES, Offence
from tests.tidy.tree import Source

EXCEPTIONS = Path(__file__).with_name("exceptions.yaml")


@dataclass(frozen=True)
class Allowance:
    """Why a place may break a rule, and how far."""

    reason: str
    limit: int = 0


Allowances = Mapping[str, Mapping[str, Allowance]]


def load(path: Path = EXCEPTIONS) -> Allowances:
    """Exceptions by rule and place. Raises TypeError where an entry has other fields."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        name: {place: Allowance(**entry) for place, entry in places.items()}
        for name, places in document.items()
    }


def judge(name: str, files: Iterable[Source], allowances: Mapping[str, Allowance]) -> list[str]:
    """What is wrong under one rule: offences that are not allowed, and allowances that are not needed."""
    offences = [offence for source in files for offence in RULES[name](source)]
    wrong = [f"{one.place}: {one.message}" for one in offences if not _is_allowed(one, allowances)]
    for place, allowance in allowances.items():
        figures = [one.figure for one in offences if one.place == place]
        if not figures:
            wrong.append(f"{place}: the exception from {name} is not needed any more: remove it")
        elif max(figures) < allowance.limit:
            wrong.append(f"{place}: the exception from {name} can be lowered to {max(figures)}")
    return wrong


def _is_allowed(offence: Offence, allowances: Mapping[str, Allowance]) -> bool:
    allowance = allowances.get(offence.place)
    return allowance is not None and offence.figure <= allowance.limit
