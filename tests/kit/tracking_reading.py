"""Tracking answers read in tests: events, readings and refusals of a payload by one profile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import PartnerProfile, TrackingEvent
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.canonical.schemas import schema_root
from crossdock.formats.registry import FORMATS
from tests.kit.carrier_payloads import PROFILE

NO_ZONE = parse_profile(
    "{tenant: acme, partner: haul, kind: channel, format: any, channel: {commitment: sold}, "
    "money: {amounts: major_text, tax_mode: none}}"
)


def read(form: str, payload: object, partner: PartnerProfile = PROFILE, key: str = "x:1") -> Reading:
    """What a format makes of a payload; what is neither bytes nor text is written as JSON."""
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    record = Record("raw.carrier.v1", 0, 1, f"acme/haul/{key}".encode(), data, (), 1_767_600_000_000)
    return FORMATS[form].read(record, partner)


def events(form: str, payload: object, partner: PartnerProfile = PROFILE) -> list[TrackingEvent]:
    """Its tracking events, by time."""
    found = read(form, payload, partner).entities
    assert all(isinstance(one, TrackingEvent) for one in found)
    return [one for one in found if isinstance(one, TrackingEvent)]


def refused(form: str, payload: object, partner: PartnerProfile = PROFILE) -> tuple[str, str]:
    """Code and place of its refusal."""
    with pytest.raises(Rejected) as refusal:
        read(form, payload, partner)
    return refusal.value.code.value, refusal.value.path


def example(form: str, name: str) -> Any:
    """An example of the repository, parsed."""
    return json.loads((schema_root() / "examples" / "raw" / form / name).read_text(encoding="utf-8"))
