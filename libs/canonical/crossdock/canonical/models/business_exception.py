"""Business exceptions: what people must look at, with the money at risk (canonical-model §3.15).

Invariant: an exception names the entity and the record that caused it and holds no personal data; equal
causes have equal fingerprints.
"""

from __future__ import annotations

from typing import ClassVar

from crossdock.canonical.models.common import Digest, Money
from crossdock.canonical.models.field_types import Canonical, Instant, Int, Long, OwnState, Text


class Severity(OwnState):
    """How urgent an exception is."""

    UNKNOWN = "unknown"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class ExceptionState(OwnState):
    """Where an exception stands."""

    UNKNOWN = "unknown"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    AUTO_RESOLVED = "auto_resolved"


class BusinessException(Canonical):
    """Something of the business that needs a decision; key `tenant/exception`."""

    FULL_NAME: ClassVar[str] = "crossdock.ops.BusinessException"
    key: Text
    """Record key."""
    tenant: Text
    """Tenant it concerns."""
    exception_id: Text
    """Identity, derived from fingerprint and entity, so that a repeat updates it."""
    code: Text
    """What is wrong, e.g. total_variance."""
    severity: Severity
    """How urgent it is."""
    entity_key: str
    """Key of the entity it is about."""
    partner: str
    """Partner whose records cause it."""
    money_at_risk: Money | None = None
    """Amount that depends on the decision."""
    promise_deadline: Instant | None = None
    """When a promise breaks, UTC."""
    fingerprint: Digest
    """Digest of partner, rule, field and class of value: equal causes group together."""
    state: ExceptionState
    """Where it stands."""
    detail: str = ""
    """One sentence for a person, without personal data."""
    cause_topic: str
    """Topic of the record that caused it."""
    cause_partition: Int
    """Partition of the record that caused it."""
    cause_offset: Long
    """Offset of the record that caused it."""
    occurred: Instant
    """When this state came about, UTC."""
