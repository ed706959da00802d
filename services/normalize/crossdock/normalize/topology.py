"""normalize: every raw payload becomes canonical events, once, at the edge.

This is the specification of the service; the reading itself is in `domain.py` and in `libs/formats`.
"""

from __future__ import annotations

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.profiles import Profiles
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.canonical.topics import (
    ENTITIES,
    PARTNER_EXCHANGE,
    PARTNER_PROFILE,
    RAW_CARRIER,
    RAW_CHANNEL,
    RAW_DOCUMENT,
    RAW_PAYMENT,
    RAW_TRANSACTION_SET,
)
from crossdock.normalize import domain
from crossdock.streaming import Context, ReferenceTable, Store, Topology, translate

PROFILES = ReferenceTable(PARTNER_PROFILE, Profiles)

CHANNEL_OBJECTS: Store[None] = Store("channel-objects", segments=3)
INTERCHANGES: Store[None] = Store("interchanges", segments=3)
DOCUMENTS: Store[None] = Store("documents", segments=3)
TRACKINGS: Store[None] = Store("trackings", segments=3)
REPORTS: Store[None] = Store("reports", segments=3)

_REPORTED = tuple(ENTITIES.values())
"""Any format may report any entity: which it does, its declaration says."""


def read_object(record: Record, context: Context) -> Reading:
    """What one record of a channel, a carrier or a payment account says, as the partner's format reads it."""
    return domain.read_channel_record(record, context.reference(PROFILES))


def split_interchange(record: Record, context: Context) -> Reading:
    """One file of an EDI partner, in its transaction sets."""
    return domain.split_document(record, context.reference(PROFILES))


def read_transaction_set(record: Record, context: Context) -> Reading:
    """One transaction set, the business document in it."""
    return domain.read_transaction_set(record, context.reference(PROFILES))


topology = Topology(
    group="normalize",
    handlers=(
        translate(RAW_CHANNEL, CHANNEL_OBJECTS, read_object, emits=_REPORTED),
        translate(
            RAW_DOCUMENT,
            INTERCHANGES,
            split_interchange,
            emits=(RAW_TRANSACTION_SET, PARTNER_EXCHANGE),
            conflict_code=RejectionCode.DUPLICATE_INTERCHANGE_CONFLICT,
        ),
        translate(RAW_TRANSACTION_SET, DOCUMENTS, read_transaction_set, emits=_REPORTED),
        translate(RAW_CARRIER, TRACKINGS, read_object, emits=_REPORTED),
        translate(RAW_PAYMENT, REPORTS, read_object, emits=_REPORTED),
    ),
    references=(PROFILES,),
)
