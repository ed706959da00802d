"""What normalize's own functions make of a case, without a broker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from crossdock.canonical.errors import Rejected, Waiting
from crossdock.canonical.models import PartnerProfileVersion
from crossdock.canonical.profiles import Profiles, profile_key, profile_version
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.normalize.domain import read_channel_record, read_transaction_set, split_document
from tests.hostile.cases import CAPTURED_MS, TOPICS, Case, partners

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_READERS: dict[str, Callable[[Record, Profiles], Reading]] = {
    TOPICS["channel"]: read_channel_record,
    TOPICS["document"]: split_document,
    TOPICS["set"]: read_transaction_set,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record; detail and path are those of a refusal."""

    outcome: str
    code: str = ""
    path: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of the parts of a document in order, or of the one record; codes of all warnings with their texts."""

    outcomes: tuple[Outcome, ...]
    warnings: frozenset[str]
    said: tuple[str, ...]


@cache
def versions() -> tuple[tuple[str, PartnerProfileVersion], ...]:
    """Key and row of each profile of the corpus."""
    rows = [
        profile_version(profile, 1, _EVER, applied_by="corpus", reason="corpus")
        for profile in partners().values()
    ]
    return tuple((profile_key(row.tenant, row.partner, row.version), row) for row in rows)


@cache
def profiles() -> Profiles:
    """The view of all of them."""
    view = Profiles()
    for key, row in versions():
        view.apply(key, row)
    return view


def outcome_of_case(case: Case) -> Outcomes:
    """Reads the record; a document is split and each part is read alone. Raises what nobody expects."""
    first, reading = _outcome(case.record)
    if reading is None or case.record.topic != TOPICS["document"]:
        return _told((first,), [reading])
    parts = [
        Record(TOPICS["set"], 0, 0, p.key.encode(), p.value, case.record.headers, CAPTURED_MS)
        for p in reading.parts
    ]
    results = [_outcome(part) for part in parts]
    return _told(tuple(outcome for outcome, _ in results), [reading, *[one for _, one in results]])


def _told(outcomes: tuple[Outcome, ...], readings: list[Reading | None]) -> Outcomes:
    warnings = [warning for reading in readings if reading is not None for warning in reading.warnings]
    said = [text for warning in warnings for text in (warning.detail, warning.path)]
    said += [text for outcome in outcomes for text in (outcome.detail, outcome.path)]
    return Outcomes(outcomes, frozenset(warning.code for warning in warnings), tuple(said))


def _outcome(record: Record) -> tuple[Outcome, Reading | None]:
    try:
        return Outcome("accepted"), _READERS[record.topic](record, profiles())
    except Rejected as refusal:
        return Outcome("rejected", str(refusal.code), refusal.path, refusal.detail), None
    except Waiting as waiting:
        return Outcome("waiting", detail=waiting.reference), None
