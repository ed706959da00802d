"""Versions of partner profiles in the log: what is there, and what applying files would add.

Invariant: a version is never overwritten: applying adds the next number, and only where the content differs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from crossdock.canonical import record as names
from crossdock.canonical.models.partner import PartnerProfile, PartnerProfileVersion
from crossdock.canonical.profiles import profile_key, profile_version
from crossdock.canonical.topics import PARTNER_PROFILE
from crossdock.cli.differences import Difference, differences
from crossdock.cli.kafka.log import KafkaLog
from crossdock.streaming.serde import Serde
from crossdock.streaming.slot import Output


@dataclass(frozen=True)
class Application:
    """Terms under which profiles are applied.

    Args:
        effective_from: records captured from then on see the new version.
        now: when it is applied.
    """

    effective_from: datetime
    now: datetime
    actor: str
    reason: str


@dataclass(frozen=True)
class Change:
    """What applying one profile does: `version` is None where nothing changed."""

    tenant: str
    partner: str
    current: int
    version: PartnerProfileVersion | None
    differences: tuple[Difference, ...] = ()


def read_versions(log: KafkaLog, serde: Serde) -> list[PartnerProfileVersion]:
    """All versions of all partners, by tenant, partner and number."""
    rows: dict[bytes, PartnerProfileVersion] = {}
    for record in log.read(PARTNER_PROFILE.name):
        if record.value is None:
            rows.pop(record.key or b"", None)
        else:
            rows[record.key or b""] = serde.deserialize(PartnerProfileVersion, record.value)
    return sorted(rows.values(), key=attrgetter("tenant", "partner", "version"))


def plan(
    profiles: Iterable[PartnerProfile], versions: Iterable[PartnerProfileVersion], terms: Application
) -> list[Change]:
    """What applying the profiles would add to the versions."""
    latest = {(one.tenant, one.partner): one for one in versions}
    return [_change(profile, latest.get((profile.tenant, profile.partner)), terms) for profile in profiles]


def _change(profile: PartnerProfile, latest: PartnerProfileVersion | None, terms: Application) -> Change:
    number = latest.version if latest is not None else 0
    new = profile_version(
        profile, number + 1, terms.effective_from, applied_by=terms.actor, reason=terms.reason
    )
    if latest is not None and latest.sha256 == new.sha256:
        return Change(profile.tenant, profile.partner, number, None)
    before = json.loads(latest.document) if latest is not None else {}
    found = differences(before, json.loads(new.document))
    return Change(profile.tenant, profile.partner, number, new, tuple(found))


def output_of(version: PartnerProfileVersion, serde: Serde, partition: int, now: datetime) -> Output:
    """The record by which a version is written."""
    key = profile_key(version.tenant, version.partner, version.version)
    identity = hashlib.sha256(f"{key}/{version.sha256}".encode()).hexdigest()[:32]
    headers = (
        (names.CE_ID, identity.encode()),
        (names.CE_TYPE, version.FULL_NAME.encode()),
        (names.CE_SOURCE, b"/crossdock/partners"),
        (names.CE_SPECVERSION, b"1.0"),
        (names.CE_TIME, now.isoformat(timespec="microseconds").encode()),
        (names.CE_TENANT, version.tenant.encode()),
    )
    return Output(PARTNER_PROFILE.name, partition, key.encode(), serde.serialize(version), headers)
