"""Records about partners: versions of their profiles, and the exchanges with EDI partners.

Invariant: a profile version is never overwritten; it carries its whole document and the digest of it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from crossdock.canonical.models.common import Digest
from crossdock.canonical.models.field_types import Canonical, Instant, Int, Long, OwnState, Text
from crossdock.canonical.models.profile import PartnerKind, PartnerProfile

__all__ = [
    "AcknowledgementStatus",
    "DeliveryStatus",
    "ExchangeDirection",
    "ExchangeDocument",
    "ExchangeEvent",
    "ExchangeFinding",
    "PartnerKind",
    "PartnerProfile",
    "PartnerProfileVersion",
    "ValidationStatus",
]
from pydantic import Field


class PartnerProfileVersion(Canonical):
    """One version of a partner profile; key `tenant/partner/version`."""

    FULL_NAME: ClassVar[str] = "crossdock.partner.PartnerProfileVersion"
    tenant: Text
    """Tenant that the partner belongs to."""
    partner: Text
    """Partner's name, unique within the tenant."""
    version: Annotated[Int, Field(ge=1)]
    """Counts up from 1 without gaps."""
    effective_from: Instant
    """From this instant the version applies, UTC."""
    document: Text
    """The profile as JSON text; `profiles.parse_profile` reads it."""
    sha256: Digest
    """Digest of `document` in UTF-8, 64 hex digits."""
    applied_by: str
    """Who applied it."""
    reason: str
    """Why, as said by who applied it."""


class ExchangeDirection(OwnState):
    """Which way an exchange went."""

    UNKNOWN = "unknown"
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class ValidationStatus(OwnState):
    """Whether the interchange obeyed its syntax and the partner's guide."""

    UNKNOWN = "unknown"
    VALID = "valid"
    VALID_WITH_WARNINGS = "valid_with_warnings"
    INVALID = "invalid"
    DUPLICATE = "duplicate"


class DeliveryStatus(OwnState):
    """Whether the bytes arrived: in our log for inbound, at the partner for outbound."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class AcknowledgementStatus(OwnState):
    """What the functional acknowledgement (997, CONTRL) says."""

    UNKNOWN = "unknown"
    NOT_REQUESTED = "not_requested"
    DUE = "due"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    PARTIALLY_ACCEPTED = "partially_accepted"
    REJECTED = "rejected"
    OVERDUE = "overdue"


class ExchangeFinding(Canonical):
    """Something the validation of an interchange found."""

    FULL_NAME: ClassVar[str] = "crossdock.partner.ExchangeFinding"
    code: Text
    """Stable code of the finding."""
    detail: str
    """What was found and what was expected; no personal data."""
    path: str = ""
    """Interchange/group/set/segment/element."""


class ExchangeDocument(Canonical):
    """One business document (ST..SE, UNH..UNT) of an exchange."""

    FULL_NAME: ClassVar[str] = "crossdock.partner.ExchangeDocument"
    document_type: Text
    """Transaction set or message type, e.g. 850, ORDERS."""
    control_number: str
    """ST02 or UNH reference as said."""
    group_control_number: str = ""
    """GS06 or UNG reference as said."""
    document_id: str = ""
    """Business number, e.g. the PO number; empty where it cannot be read."""
    key: str = ""
    """Key of the record that carries the document; empty where none was made."""
    validation: ValidationStatus
    """Syntax of this document."""


class ExchangeEvent(Canonical):
    """One EDI or file exchange; key `tenant/partner/direction/control number`."""

    FULL_NAME: ClassVar[str] = "crossdock.partner.ExchangeEvent"
    key: Text
    """Record key."""
    tenant: Text
    """Tenant of the exchange."""
    partner: Text
    """Partner on the other side."""
    direction: ExchangeDirection
    """Which way it went."""
    standard: str
    """x12, edifact or file."""
    syntax_version: str = ""
    """Version of the envelope, e.g. 00401."""
    sender: str
    """Sender as `qualifier:id`, as said."""
    receiver: str
    """Receiver as `qualifier:id`, as said."""
    control_number: str
    """Interchange control number as said."""
    group_control_numbers: tuple[str, ...] = ()
    """Control numbers of the functional groups, in order."""
    prepared: str = ""
    """Date and time of the envelope as said (no zone)."""
    sha256: Digest
    """Digest of the interchange's bytes."""
    size_bytes: Long
    """Length of the interchange in bytes."""
    file_name: str = ""
    """Name of the file it came in, where there was one."""
    validation: ValidationStatus
    """Validation status."""
    delivery: DeliveryStatus
    """Delivery status."""
    acknowledgement: AcknowledgementStatus
    """Functional acknowledgement status."""
    acknowledgement_due: Instant | None = None
    """When the acknowledgement is due, UTC."""
    documents: tuple[ExchangeDocument, ...] = ()
    """Documents in order."""
    findings: tuple[ExchangeFinding, ...] = ()
    """What the validation found."""
    occurred: Instant
    """When this status came about, UTC."""
    raw_topic: str = ""
    """Topic of the raw record; empty where there was no log."""
    raw_partition: Int = -1
    """Partition of the raw record; -1 where there was no log."""
    raw_offset: Long = -1
    """Offset of the raw record; -1 where there was no log."""
