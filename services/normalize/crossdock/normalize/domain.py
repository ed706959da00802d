"""How a raw record becomes canonical: which profile and format read it, and what must agree.

Invariant: the same record and the same profiles give the same reading; `crossdock try` and the topology
run these very functions. A missing profile is a wait, never a refusal.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, Waiting
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import Order, PartnerProfile
from crossdock.canonical.profiles import ProfileInvalid, Profiles
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import FORMAT, Record
from crossdock.canonical.topics import PARTNER_PROFILE
from crossdock.formats.registry import Format, format_named

PROFILE_WAIT: Final = timedelta(days=7)
"""How long a record waits for its partner's profile, from its capture on."""
_LAST_WAIT: Final = datetime.max.replace(tzinfo=UTC) - PROFILE_WAIT
"""Latest capture time whose wait has an end within the calendar; strangers state any."""


def read_channel_record(record: Record, profiles: Profiles) -> Reading:
    """The canonical entities of one object of a channel. Raises Rejected, Waiting."""
    profile, form = _reader_of(record, profiles)
    reading = form.read(record, profile)
    _refuse_foreign_key(record, reading)
    return reading


def split_document(record: Record, profiles: Profiles) -> Reading:
    """The parts of one document of a partner, each to be read as a record of its own.

    Raises Rejected (FORMAT_UNKNOWN where the format knows no documents), Waiting.
    """
    profile, form = _reader_of(record, profiles)
    if form.split is None:
        detail = f"format {form.name} reads single objects, not documents; send it to the channel's endpoint"
        raise Rejected(RejectionCode.FORMAT_UNKNOWN, detail, "format")
    reading = form.split(record, profile)
    if record.header(FORMAT) is None:
        return reading
    named = ((FORMAT, form.name),)  # what was cut by one format is read by that one
    return replace(reading, parts=tuple(replace(p, headers=p.headers + named) for p in reading.parts))


def read_transaction_set(record: Record, profiles: Profiles) -> Reading:
    """The canonical entities of one part of a document. Raises Rejected, Waiting."""
    profile, form = _reader_of(record, profiles)
    return form.read(record, profile)


def _reader_of(record: Record, profiles: Profiles) -> tuple[PartnerProfile, Format]:
    tenant, partner = _owner(record)
    try:
        profile = profiles.at(tenant, partner, record.time)
    except ProfileInvalid:  # stored by another release: as good as not there, until a later version is
        profile = None
    if profile is None:
        reference = f"{PARTNER_PROFILE.name}:{join_key(tenant, partner)}"
        raise Waiting(reference, min(record.time, _LAST_WAIT) + PROFILE_WAIT)
    form = format_named(record.header(FORMAT) or profile.format)
    missing = missing_sections(profile, form)
    if missing:
        detail = (
            f"format {form.name} cannot be read without {' and '.join(missing)} in the profile, which is of "
            f"kind {profile.kind}"
        )
        raise Rejected(RejectionCode.PARTNER_UNKNOWN, detail, missing[0])
    return profile, form


def missing_sections(profile: PartnerProfile, form: Format) -> list[str]:
    """Sections that the format needs and the profile lacks."""
    return [
        name
        for name in form.needs
        if (profile.business_zone if name == "zone" else getattr(profile, name)) is None
    ]


def _owner(record: Record) -> tuple[str, str]:
    """Tenant and partner: the first two segments of the key."""
    if record.key is None:
        raise Rejected(
            RejectionCode.KEY_MISSING, "the record has no key; it starts with tenant/channel", "key"
        )
    try:
        segments = split_key(record.key)
    except UnicodeDecodeError:
        raise Rejected(RejectionCode.KEY_INVALID, "the key is not UTF-8", "key") from None
    if len(segments) != 3 or not all(segments):
        detail = "the key is tenant/channel/object, each part percent-encoded and none empty"
        raise Rejected(RejectionCode.KEY_INVALID, detail, "key")
    if join_key(*segments).encode() != record.key:  # one object under two keys would be two objects
        detail = "percent-encode all but A-Z a-z 0-9 - . _ ~ : in the key, as UTF-8 with capital hex digits"
        raise Rejected(RejectionCode.KEY_INVALID, detail, "key")
    return segments[0], segments[1]


def _refuse_foreign_key(record: Record, reading: Reading) -> None:
    """An object under the key of another would be taken for an older state of that one, and lost."""
    named = split_key(record.key or b"")[2]
    is_identity = named.startswith("order:") and not named.startswith("order:sha256-")
    for entity in reading.entities:
        if isinstance(entity, Order) and is_identity and named != f"order:{entity.order_id}":
            detail = "the key names another order than the payload; key and id must agree"
            raise Rejected(RejectionCode.KEY_INVALID, detail, "key")
