"""What every reported entity starts with (canonical-model §3), and the base of all records.

Invariant: the key starts with the tenant, and revision and source say which state this is and where
it came from.
"""

from __future__ import annotations

from crossdock.canonical.models.common import BusinessTime, Extension, Revision, SourceRef, Variance
from crossdock.canonical.models.field_types import (
    PII,
    Amount,
    Canonical,
    Currency,
    Instant,
    Int,
    Long,
    OwnState,
    Percent,
    Price,
    Rate,
    Text,
)

__all__ = [
    "PII",
    "Amount",
    "Canonical",
    "Change",
    "Currency",
    "Entity",
    "Instant",
    "Int",
    "Long",
    "OwnState",
    "Percent",
    "Price",
    "Rate",
    "Text",
]


class Change(OwnState):
    """What happened to the entity."""

    UNKNOWN = "unknown"
    CREATED = "created"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class Entity(Canonical):
    """A reported entity: what an outside system said, mapped and never corrected."""

    key: Text
    """Record key, percent-encoded path that starts with the tenant (`keys.join_key`)."""
    tenant: Text
    """Tenant that owns the entity."""
    change: Change
    """What happened to it."""
    revision: Revision
    """Which state of the object this is."""
    occurred: BusinessTime
    """When the change happened in the source."""
    source: SourceRef
    """Object in the outside system and raw record it came from."""
    variances: tuple[Variance, ...] = ()
    """Figures of the sender that disagree with our own sums."""
    extensions: tuple[Extension, ...] = ()
    """Unmapped fields worth keeping."""
