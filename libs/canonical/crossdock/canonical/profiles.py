"""Reading partner profiles, and the view of all applied versions.

Invariant: a profile is valid as a whole or refused with every problem listed by its field path; the
version that applies at an instant depends on the applied versions and the instant alone.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import accumulate

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from crossdock.canonical.documents import DocumentInvalid, load_document
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models.partner import PartnerKind, PartnerProfile, PartnerProfileVersion
from crossdock.canonical.models.profile import section_problems


class ProfileInvalid(ValueError):
    """A profile document cannot be used; `problems` holds (field path, what is wrong and how to fix it)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("\n".join(f"{path}: {text}" if path else text for path, text in problems))
        self.problems = problems


def parse_profile(text: str) -> PartnerProfile:
    """Profile of a YAML (1.2 core rules) or JSON document. Raises ProfileInvalid with all problems."""
    try:
        return profile_of(load_document(text))
    except DocumentInvalid as error:
        raise ProfileInvalid([("", str(error))]) from None


def profile_of(document: object) -> PartnerProfile:
    """Profile of an already parsed document. Raises ProfileInvalid with all problems."""
    if not isinstance(document, dict):
        raise ProfileInvalid([("", "a profile is a mapping that starts with tenant, partner and kind")])
    try:
        return PartnerProfile.model_validate(document)
    except ValidationError as error:
        # Values are left out on purpose: a profile with a secret in the wrong place must not print it.
        found = [item for item in error.errors(include_input=False) if item["loc"]]
        problems = [(_path(item["loc"]), _text(item)) for item in found if not _is_echo(item, found)]
    problems += [problem for problem in _section_problems(document) if problem not in problems]
    raise ProfileInvalid(problems)


def document_of(profile: PartnerProfile) -> str:
    """Canonical JSON text of what the profile states: sorted, defaults left out, decimals as text."""
    stated = profile.model_dump(mode="json", exclude_unset=True)
    return json.dumps(stated, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class _Partner:
    """Versions of one partner, and which of them applies from when."""

    versions: dict[int, PartnerProfileVersion] = field(default_factory=dict)
    times: list[datetime] = field(default_factory=list)
    highest: list[int] = field(default_factory=list)
    parsed: dict[int, PartnerProfile] = field(default_factory=dict)

    def rebuild(self) -> None:
        rows = sorted((version.effective_from, number) for number, version in self.versions.items())
        self.times = [time for time, _ in rows]
        self.highest = list(accumulate((number for _, number in rows), max))
        self.parsed = {}


class Profiles:
    """All applied profile versions of all partners, kept up to date by `apply`."""

    def __init__(self) -> None:
        self._partners: dict[tuple[str, str], _Partner] = {}

    def apply(self, key: str, version: PartnerProfileVersion | None) -> None:
        """Take in one row of the profile topic; None (a tombstone) removes that version.

        Raises ValueError where the key is not tenant/partner/version, or names another version than the row.
        """
        tenant, name, number = split_key(key)
        if version is not None and (version.tenant, version.partner, str(version.version)) != split_key(key):
            raise ValueError("the key names another version than the row")
        partner = self._partners.setdefault((tenant, name), _Partner())
        if version is None:
            partner.versions.pop(int(number), None)
        else:
            partner.versions[int(number)] = version
        partner.rebuild()

    def version_at(self, tenant: str, partner: str, time: datetime) -> PartnerProfileVersion | None:
        """The highest version whose `effective_from` is not after `time`."""
        rows = self._partners.get((tenant, partner))
        place = bisect_right(rows.times, time) if rows else 0
        return rows.versions[rows.highest[place - 1]] if rows and place else None

    def at(self, tenant: str, partner: str, time: datetime) -> PartnerProfile | None:
        """Profile of `version_at`. Raises ProfileInvalid where this code cannot read the stored one."""
        version = self.version_at(tenant, partner, time)
        if version is None:
            return None
        parsed = self._partners[tenant, partner].parsed
        profile = parsed.get(version.version)
        if profile is None:
            profile = parsed[version.version] = parse_profile(version.document)
        return profile

    def latest(self, tenant: str, partner: str) -> PartnerProfileVersion | None:
        """The highest version, whether it is effective yet or not."""
        rows = self._partners.get((tenant, partner))
        return rows.versions[max(rows.versions)] if rows and rows.versions else None

    def partners(self) -> list[tuple[str, str]]:
        """(tenant, partner) of everyone with a version, sorted."""
        return sorted(names for names, rows in self._partners.items() if rows.versions)


def profile_key(tenant: str, partner: str, version: int) -> str:
    """Key of a version in the profile topic."""
    return join_key(tenant, partner, str(version))


def profile_version(
    profile: PartnerProfile, number: int, effective_from: datetime, *, applied_by: str, reason: str
) -> PartnerProfileVersion:
    """Record of a profile's version `number`, which applies from `effective_from` (UTC)."""
    document = document_of(profile)
    return PartnerProfileVersion(
        tenant=profile.tenant,
        partner=profile.partner,
        version=number,
        effective_from=effective_from,
        document=document,
        sha256=sha256(document.encode()).hexdigest(),
        applied_by=applied_by,
        reason=reason,
    )


def _section_problems(document: dict[object, object]) -> list[tuple[str, str]]:
    """What the kind of partner asks for, found even where fields of other sections are wrong."""
    try:
        kind = PartnerKind(str(document.get("kind")))
    except ValueError:
        return []
    return section_problems(kind, {str(name) for name, value in document.items() if value is not None})


def _path(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _is_echo(item: ErrorDetails, found: list[ErrorDetails]) -> bool:
    """Whether a list counts as too short only because its own items were refused."""
    place = item["loc"]
    return item["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in found
    )


_WORDED = {
    "dict_type": "must be a mapping",
    "extra_forbidden": "unknown field; check its spelling and its section",
    "missing": "must be stated, it has no default",
    "string_type": "must be text",
    "too_short": "at least one is needed",
    "tuple_type": "must be a list",
}
"""In a profile's words what pydantic says in Python's, by its error type."""


def _text(item: ErrorDetails) -> str:
    plain = item["msg"].removeprefix("Value error, ")
    return _WORDED.get(item["type"]) or plain.replace("Input should", "must").replace("String should", "must")
