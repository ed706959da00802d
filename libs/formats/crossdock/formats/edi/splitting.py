"""A file of interchanges: its key, one record per message, one exchange event per interchange.

Invariant: each message and each stretch of text that may be a lost document becomes exactly one part, so
messages in equal parts out; a part holds the message's own bytes and is readable alone.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any, ClassVar, Final, Generic

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import (
    AcknowledgementStatus,
    ExchangeDirection,
    ExchangeDocument,
    ExchangeEvent,
    PartnerProfile,
    Revision,
    RevisionKind,
    ValidationStatus,
)
from crossdock.canonical.reading import Part, Reading, Warning
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.edi.envelope import Interchange, Message
from crossdock.formats.edi.exchange import exchange_fields, listed, with_events
from crossdock.formats.edi.payload import InterchangeT, Payload
from crossdock.formats.edi.text import BLANKS, Text, label
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

_CONTROLS_MAX: Final = 3
_NAME_CHARACTERS_MAX: Final = 300
"""Longest name of a file or part as it is said; a longer one stands in its key as a hash."""


class Splitter(ABC, Generic[InterchangeT]):
    """Takes the files of one standard apart."""

    standard: ClassVar[str]
    """Name of the standard, in keys and events."""
    sender: ClassVar[tuple[str, str]]
    receiver: ClassVar[tuple[str, str]]
    """What states the sender (receiver) as a sentence begins with it, and the element that is its place."""

    @abstractmethod
    def read(self, value: bytes | None) -> tuple[Text, Payload[InterchangeT]]:
        """A file as text and as interchanges. Raises Rejected."""

    @abstractmethod
    def identity(self, interchange: InterchangeT, opened: Message[Any]) -> tuple[str, str]:
        """Kind and business number that a message's part is named by; no number where it says none."""

    def is_party(self, said: str, declared: str) -> bool:
        """Whether a `qualifier:id` of the envelope is the one that the profile declares."""
        return said == declared

    def wants_answer(self, interchange: InterchangeT) -> bool:
        """Whether the interchange is to be acknowledged."""
        return True

    def answers(self, interchange: InterchangeT, record: Record) -> list[ExchangeEvent]:
        """Events of other exchanges that the envelope itself tells of."""
        return []

    def key(self, record: Record) -> str:
        """Identity of a file: sender, receiver and control numbers; a hash where it cannot be read."""
        try:
            interchanges = self.read(record.value)[1].interchanges
        except Rejected:
            return f"{self.standard}:sha256-{hashlib.sha256(record.value or b'').hexdigest()}"
        first = interchanges[0]
        controls = [interchange.control_number for interchange in interchanges]
        if len(controls) > _CONTROLS_MAX:
            controls = [controls[0], controls[-1], f"{len(controls)}"]
        return self.bounded(f"{self.standard}:" + "~".join([first.sender, first.receiver, *controls]))

    def bounded(self, name: str) -> str:
        """A name that may stand in a key."""
        if len(name) <= _NAME_CHARACTERS_MAX:
            return name
        return f"{self.standard}:sha256-{hashlib.sha256(name.encode(errors='replace')).hexdigest()}"

    def split(self, record: Record, profile: PartnerProfile) -> Reading:
        """Parts and exchange events of a file.

        Raises:
            Rejected: `envelope_broken`, `encoding_invalid` where no interchange can be told, or one that
                says it holds messages holds none; `output_too_large`.
        """
        text, payload = self.read(record.value)
        parts = _Parts(self, text, split_key(record.key or b"")[:2])
        events: list[ExchangeEvent] = []
        for interchange in payload.interchanges:
            self._check_parties(interchange, profile)
            documents = [parts.of_message(interchange, opened) for opened in interchange.messages]
            stated: dict[str, object] = {"standard": self.standard, "documents": tuple(documents)}
            stated |= self._acknowledgement(interchange, profile, record)
            events += [_event(interchange, record, text, stated), *self.answers(interchange, record)]
        for stray in payload.strays:
            parts.of_stray(stray)
        if not parts.made:
            _refuse_empty(payload)
        return with_events(_reading(payload, record, parts.made, profile), events)

    def _check_parties(self, interchange: InterchangeT, profile: PartnerProfile) -> None:
        exchange = profile.exchange
        if exchange is None:
            return
        if not self.is_party(interchange.sender, exchange.receiver):
            what, place = self.sender
            detail = f"{what} not the partner's identity in the profile's exchange.receiver"
            interchange.find("sender_unexpected", detail, place)
        if not self.is_party(interchange.receiver, exchange.sender):
            what, place = self.receiver
            detail = f"{what} not our identity in the profile's exchange.sender"
            interchange.find("receiver_unexpected", detail, place)

    def _acknowledgement(
        self, interchange: InterchangeT, profile: PartnerProfile, record: Record
    ) -> dict[str, object]:
        """An answer is due within the profile's hours."""
        if profile.exchange is None or not self.wants_answer(interchange):
            return {"acknowledgement": AcknowledgementStatus.NOT_REQUESTED}
        due = record.time + timedelta(hours=profile.exchange.functional_ack_hours)
        return {"acknowledgement": AcknowledgementStatus.DUE, "acknowledgement_due": due}


class _Parts:
    """The parts of one file: bounded, for each repeats the heads of its interchange and group."""

    def __init__(self, splitter: Splitter[Any], text: Text, names: tuple[str, ...]) -> None:
        self.made: list[Part] = []
        self._splitter = splitter
        self._text = text
        self._names = names

    def of_message(self, interchange: Interchange[Any, Any], opened: Message[Any]) -> ExchangeDocument:
        """The part of a message; returns its row for the exchange event. Raises Rejected OUTPUT_TOO_LARGE."""
        kind, number = self._splitter.identity(interchange, opened)
        group = opened.group.control_number if opened.group else ""
        if number:
            name = f"{kind}:{number}"
        else:  # unique within the interchange
            controls = (interchange.control_number, group, opened.control_number, str(opened.position))
            name = f"{opened.kind or self._splitter.standard}:control-" + "-".join(controls)
        return ExchangeDocument(
            document_type=opened.kind or "-",
            control_number=opened.control_number,
            group_control_number=group,
            document_id=number,
            key=self._add(name, _alone(interchange, opened)).key,
            validation=_validity(opened.problems, is_valid=opened.is_complete),
        )

    def of_stray(self, stray: str) -> None:
        """The part of text that may be a lost document."""
        digest = hashlib.sha256(self._text.encode(stray)).hexdigest()
        self._add(f"{self._splitter.standard}:stray-{digest[:16]}", stray)

    def _add(self, name: str, text: str) -> Part:
        part = Part(join_key(*self._names, self._splitter.bounded(name)), self._text.encode(text))
        self.made.append(part)
        if len(self.made) > PARTS_MAX:
            raise too_many_parts("interchange")
        return part


def _alone(interchange: Interchange[Any, Any], opened: Message[Any]) -> str:
    """A small interchange with this one message: the very heads of interchange and group, own trailers."""
    group, terms = opened.group, interchange.terms
    last = opened.segments[-1]
    blanks = last[: len(last) - len(last.lstrip(BLANKS))]
    segments = list(opened.segments)
    if group is not None:
        segments.insert(0, group.segment)
        segments.append(blanks + interchange.segment(terms.group_tail, "1", group.control_number))
    count = "1" if group is not None or terms.counts_messages else "0"
    segments.append(blanks + interchange.segment(terms.interchange_tail, count, interchange.control_number))
    return interchange.head + interchange.terminator.join(segments) + interchange.terminator


def _reading(
    payload: Payload[InterchangeT], record: Record, parts: list[Part], profile: PartnerProfile
) -> Reading:
    """A file has no older and newer: a used control number with other content is a conflict, whatever
    its date (superseded would drop its documents unseen), unless the profile lets captures follow."""
    accepts_repeats = profile.exchange is not None and profile.exchange.duplicate_control_number == "accept"
    content = "\n".join([_normal(interchange) for interchange in payload.interchanges] + payload.strays)
    digest = hashlib.sha256(content.encode()).digest()
    value = f"{record.time:%Y%m%dT%H%M%S.%f}" if accepts_repeats else ""
    revision = Revision(
        kind=RevisionKind.NONE, value=value, captured_at=record.time, content_sha256=digest.hex()
    )
    warnings = [*payload.warnings, *[finding for one in payload.interchanges for finding in one.findings]]
    return Reading((), revision, digest, not accepts_repeats, tuple(parts), tuple(warnings))


def _normal(interchange: Interchange[Any, Any]) -> str:
    """Content of an interchange without the blanks between its segments."""
    terminator = interchange.terminator
    return terminator.join([segment.strip(BLANKS) for segment in interchange.text.split(terminator)])


def _refuse_empty(payload: Payload[InterchangeT]) -> None:
    """An interchange without messages is legal only where it says so (X12: acknowledgements by TA1)."""
    for interchange in payload.interchanges:
        if interchange.stated_count.strip("0") or interchange.tail is None:
            terms = interchange.terms
            what = f"{terms.message_name} ({terms.message_head}..{terms.message_tail})"
            detail = f"the interchange holds no {what}, though it is not stated as empty"
            raise Rejected(
                RejectionCode.ENVELOPE_BROKEN, detail, f"interchange {label(interchange.control_number)}"
            )


def _validity(findings: list[Warning], *, is_valid: bool) -> ValidationStatus:
    if not is_valid:
        return ValidationStatus.INVALID
    return ValidationStatus.VALID_WITH_WARNINGS if findings else ValidationStatus.VALID


def _exchange_validity(interchange: Interchange[Any, Any]) -> ValidationStatus:
    if interchange.is_repetition:
        return ValidationStatus.DUPLICATE
    is_valid = all(opened.is_complete for opened in interchange.messages) and interchange.tail is not None
    return _validity(interchange.findings, is_valid=is_valid)


def _event(
    interchange: Interchange[Any, Any], record: Record, text: Text, stated: dict[str, object]
) -> ExchangeEvent:
    """The event of an interchange that we received, with what the splitter states of it."""
    names = split_key(record.key or b"")[:2]
    value = text.encode(interchange.text)
    content: dict[str, object] = {
        "key": join_key(*names, "inbound", interchange.control_number or "-"),
        "syntax_version": interchange.syntax_version,
        "sender": interchange.sender,
        "receiver": interchange.receiver,
        "control_number": interchange.control_number,
        "group_control_numbers": tuple(group.control_number for group in interchange.groups),
        "prepared": interchange.prepared,
        "file_name": record.header(EVENT) or "",
        "validation": _exchange_validity(interchange),
        "findings": listed(interchange.findings),
    }
    fields = exchange_fields(ExchangeDirection.INBOUND, record, value, names)
    return ExchangeEvent.model_validate(fields | content | stated)
