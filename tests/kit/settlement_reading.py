"""Reads payment reports in tests the way normalize does: split, then each part, refusals kept apart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import PartnerProfile, Payout, Settlement, SettlementLine
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.refusals import RejectedForAll
from crossdock.formats.registry import FORMATS

CAPTURED_MS = 1_780_000_000_000
PROFILE_TEXT = """
tenant: acme
partner: psp
kind: payment_account
format: stripe_report
money: {amounts: major_text, tax_mode: none}
settlement: {account: psp-eu, horizon_days: 21}
"""
PROFILE = parse_profile(PROFILE_TEXT)


def profile(**changes: object) -> PartnerProfile:
    """The profile of the tests with other top-level sections; None removes one."""
    document = PROFILE.model_dump(exclude_unset=True) | changes
    return PartnerProfile.model_validate({name: one for name, one in document.items() if one is not None})


def settlement(**changes: object) -> dict[str, object]:
    """The settlement section of the tests' profile, changed."""
    return {"account": "psp-eu", "horizon_days": 21} | changes


def record(payload: object, *, headers: tuple[tuple[str, bytes], ...] = ()) -> Record:
    """A raw record with these bytes or this text, or with this document as JSON."""
    if isinstance(payload, str):
        value = payload.encode()
    else:
        value = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Record("raw.payment.v1", 0, 7, b"acme/psp/report:1", value, headers, CAPTURED_MS)


@dataclass
class Outcome:
    """What became of a file: entities by kind, refusals as (code, path), codes of the warnings."""

    settlements: list[Settlement] = field(default_factory=list)
    lines: list[SettlementLine] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """Keys of the parts."""

    def add(self, reading: Reading) -> None:
        """Sorts the entities of a reading by kind."""
        self.warned += [one.code for one in reading.warnings]
        for entity in reading.entities:
            if isinstance(entity, Settlement):
                self.settlements.append(entity)
            elif isinstance(entity, SettlementLine):
                self.lines.append(entity)
            else:
                assert isinstance(entity, Payout)
                self.payouts.append(entity)

    def line(self, name: str) -> SettlementLine:
        """The line whose id begins so."""
        (found,) = [line for line in self.lines if line.line_id.startswith(name)]
        return found

    def facts(self) -> set[str]:
        """All entities without where and when they were read, in any order."""
        entities = (*self.settlements, *self.lines, *self.payouts)
        return {one.model_dump_json(exclude={"source", "revision", "variances"}) for one in entities}


def outcome(form: str, payload: object, *, partner: PartnerProfile = PROFILE) -> Outcome:
    """Everything that a file gives. Raises Rejected where it is refused as a whole."""
    found = Outcome()
    split = FORMATS[form].split
    assert split is not None
    for part in split(record(payload), partner).parts:
        found.keys.append(part.key)
        headers = tuple((name, text.encode()) for name, text in part.headers)
        try:
            found.add(FORMATS[form].read(record(part.value, headers=headers), partner))
        except RejectedForAll as refusal:
            found.refused += [(refusal.code.value, path) for path, _ in refusal.problems]
        except Rejected as refusal:
            found.refused.append((refusal.code.value, refusal.path))
    return found


def figures(line: SettlementLine) -> tuple[str, str, str]:
    """Gross, fee and net of a line as text; «–» where there is none."""
    return tuple("–" if one is None else str(one.amount) for one in (line.gross, line.fee, line.net))  # type: ignore[return-value]  # three of three


def differences(entity: Any) -> dict[tuple[str, str], str]:
    """(code, subject) → difference of each variance, as text."""
    return {(one.code.value, one.subject): str(one.difference) for one in entity.variances}


def cents(amount: int) -> str:
    """Cents as major units with two decimals."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"
