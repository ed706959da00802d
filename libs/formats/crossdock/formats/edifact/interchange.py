"""A file of interchanges: its key, one record per message, one exchange event per interchange.

Invariant: each UNH..UNT and each stretch of text that may be a lost document becomes exactly one part, so
messages in equal parts out; a part holds the message's own bytes and is readable alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import (
    AcknowledgementStatus,
    DeliveryStatus,
    ExchangeDirection,
    ExchangeDocument,
    ExchangeEvent,
    ExchangeFinding,
    PartnerProfile,
    Revision,
    RevisionKind,
    ValidationStatus,
)
from crossdock.canonical.reading import Part, Reading, Warning
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.edi.envelope import Message
from crossdock.formats.edi.text import BLANKS, Text, label
from crossdock.formats.edifact.envelope import Interchange
from crossdock.formats.edifact.payload import Payload, read_payload
from crossdock.formats.edifact.segment import Row, component, parse, tag_of
from crossdock.formats.edifact.tokenizer import decode
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

_CHANGES_ORDERS: Final = "ORDCHG"
"""Its part stands under the key of the order that it changes, behind that order."""
_CONTROLS_MAX: Final = 3
_NAME_CHARACTERS_MAX: Final = 300
"""Longest name of a part as it is said; a longer one stands in its key as a hash."""
_FINDINGS_MAX: Final = 200
"""More findings than this are counted, not listed: the event must stay small."""


def interchange_key(record: Record) -> str:
    """Identity of a file: sender, receiver and control references; a hash where it cannot be read."""
    try:
        interchanges = read_payload(decode(record.value)).interchanges
    except Rejected:
        return f"edifact:sha256-{hashlib.sha256(record.value or b'').hexdigest()}"
    first = interchanges[0]
    controls = [interchange.control_number for interchange in interchanges]
    if len(controls) > _CONTROLS_MAX:
        controls = [controls[0], controls[-1], f"{len(controls)}"]
    name = "edifact:" + "~".join([first.sender, first.receiver, *controls])
    return name if len(name) <= _NAME_CHARACTERS_MAX else f"edifact:sha256-{_digest(name)}"


def split_payload(record: Record, profile: PartnerProfile) -> Reading:
    """Parts and exchange events of a file.

    Raises:
        Rejected: `envelope_broken`, `encoding_invalid` where no interchange can be told, or one that
            says it holds messages holds none.
    """
    text = decode(record.value)
    payload = read_payload(text)
    parts = _Parts(text, split_key(record.key or b"")[:2])
    events: list[ExchangeEvent] = []
    for interchange in payload.interchanges:
        _check_parties(interchange, profile)
        documents = [parts.of_message(interchange, opened) for opened in interchange.messages]
        events.append(_event(interchange, documents, record, (text, _acknowledgement(profile, record))))
    for stray in payload.strays:
        parts.of_stray(stray)
    if not parts.made:
        _refuse_empty(payload)
    exchange = profile.exchange
    accepts_repeats = exchange is not None and exchange.duplicate_control_number == "accept"
    return _reading(payload, record, parts.made, events, accepts_repeats)


def _reading(
    payload: Payload, record: Record, parts: list[Part], events: list[ExchangeEvent], accepts_repeats: bool
) -> Reading:
    """A file has no older and newer: a used control reference with other content is a conflict, unless the
    profile lets captures follow each other."""
    content = "\n".join([_normal(interchange) for interchange in payload.interchanges] + payload.strays)
    digest = hashlib.sha256(content.encode()).digest()
    value = f"{record.time:%Y%m%dT%H%M%S.%f}" if accepts_repeats else ""
    revision = Revision(
        kind=RevisionKind.NONE, value=value, captured_at=record.time, content_sha256=digest.hex()
    )
    warnings = [*payload.warnings, *[finding for one in payload.interchanges for finding in one.findings]]
    reading = Reading((), revision, digest, not accepts_repeats, tuple(parts), tuple(warnings))
    return with_events(reading, events)


def with_events(reading: Reading, events: Iterable[ExchangeEvent]) -> Reading:
    """The reading with exchange events as its entities."""
    return replace(reading, entities=tuple(events))  # type: ignore[arg-type]  # has no revision


def _normal(interchange: Interchange) -> str:
    """Content of an interchange without the blanks between its segments."""
    terminator = interchange.header.service.terminator
    return terminator.join([segment.strip(BLANKS) for segment in interchange.text.split(terminator)])


def _refuse_empty(payload: Payload) -> None:
    """An interchange without messages is legal only where it says so."""
    for interchange in payload.interchanges:
        if interchange.tail is None or component(interchange.tail, 1).strip("0"):
            path = f"interchange {label(interchange.control_number)}"
            detail = "the interchange holds no message (UNH..UNT), though it is not stated as empty"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, path)


def _check_parties(interchange: Interchange, profile: PartnerProfile) -> None:
    exchange = profile.exchange
    if exchange is None:
        return
    if not _is_same_party(interchange.sender, exchange.receiver):
        detail = "UNB02 is not the partner's identity in the profile's exchange.receiver"
        interchange.find("sender_unexpected", detail, "UNB02")
    if not _is_same_party(interchange.receiver, exchange.sender):
        detail = "UNB03 is not our identity in the profile's exchange.sender"
        interchange.find("receiver_unexpected", detail, "UNB03")


def _is_same_party(said: str, declared: str) -> bool:
    """`qualifier:id` of both; a profile writes a qualifier of one digit with a zero, and ZZ for none."""
    qualifier, _, identity = said.partition(":")
    expected, _, known = declared.partition(":")
    return identity == known and (qualifier.zfill(2) == expected or (not qualifier and expected == "ZZ"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


class _Parts:
    """The parts of one file: bounded, for each repeats its UNA, UNB and UNG."""

    def __init__(self, text: Text, names: tuple[str, ...]) -> None:
        self.made: list[Part] = []
        self._text = text
        self._names = names

    def of_message(self, interchange: Interchange, opened: Message[Row]) -> ExchangeDocument:
        """The part of a message; returns its row for the exchange event. Raises Rejected OUTPUT_TOO_LARGE."""
        number = business_number(opened, interchange)
        name = _document_id(opened, number) if number else _control_id(interchange, opened)
        part = self._add(name, _envelope(interchange, opened))
        return ExchangeDocument(
            document_type=opened.kind or "-",
            control_number=opened.control_number,
            group_control_number=opened.group.control_number if opened.group else "",
            document_id=number,
            key=part.key,
            validation=_validity(opened.problems, is_valid=opened.is_complete),
        )

    def of_stray(self, stray: str) -> None:
        """The part of text that may be a lost document."""
        digest = hashlib.sha256(self._text.encode(stray)).hexdigest()
        self._add(f"edifact:stray-{digest[:16]}", stray)

    def _add(self, name: str, text: str) -> Part:
        if len(name) > _NAME_CHARACTERS_MAX:
            name = f"edifact:sha256-{_digest(name)}"
        part = Part(join_key(*self._names, name), self._text.encode(text))
        self.made.append(part)
        if len(self.made) > PARTS_MAX:
            raise too_many_parts("interchange")
        return part


def _document_id(opened: Message[Row], number: str) -> str:
    kind = "ORDERS" if opened.kind == _CHANGES_ORDERS else opened.kind
    return f"{kind}:{number}"


def _control_id(interchange: Interchange, opened: Message[Row]) -> str:
    """Document id of a message without a business number; unique within the interchange."""
    group = opened.group.control_number if opened.group else ""
    controls = (interchange.control_number, group, opened.control_number, str(opened.position))
    return f"{opened.kind or 'edifact'}:control-" + "-".join(controls)


def _envelope(interchange: Interchange, opened: Message[Row]) -> str:
    """A small interchange with this one message: the very UNA, UNB and UNG, own trailers."""
    group, service = opened.group, interchange.header.service
    last = opened.segments[-1]
    blanks = last[: len(last) - len(last.lstrip(BLANKS))]
    segments = list(opened.segments)
    if group is not None:
        segments.insert(0, group.segment)
        segments.append(blanks + service.element.join(["UNE", "1", service.escape(group.control_number)]))
    reference = service.escape(interchange.control_number)
    segments.append(blanks + service.element.join(["UNZ", "1", reference]))
    return interchange.head + service.terminator.join(segments) + service.terminator


def business_number(opened: Message[Row], interchange: Interchange) -> str:
    """Number of the document: BGM, of an order change the order's (RFF ON); empty where there is none."""
    if opened.head is None:
        return ""
    wants_order = opened.kind == _CHANGES_ORDERS
    number = ""
    for raw in opened.segments:
        tag = tag_of(raw)
        if tag == "LIN":
            break
        if tag not in ("BGM", "RFF"):
            continue
        row = parse(raw, interchange.header.service)
        if tag == "BGM":
            number = number or component(row, 2)
        elif component(row, 1).upper() == "ON" and (wants_order or not number):
            return component(row, 1, 2) or number
        if number and not wants_order:
            break
    return number


def _validity(findings: list[Warning], *, is_valid: bool) -> ValidationStatus:
    if not is_valid:
        return ValidationStatus.INVALID
    return ValidationStatus.VALID_WITH_WARNINGS if findings else ValidationStatus.VALID


def _acknowledgement(profile: PartnerProfile, record: Record) -> dict[str, object]:
    if profile.exchange is None:
        return {"acknowledgement": AcknowledgementStatus.NOT_REQUESTED}
    due = record.time + timedelta(hours=profile.exchange.functional_ack_hours)
    return {"acknowledgement": AcknowledgementStatus.DUE, "acknowledgement_due": due}


def _exchange_validity(interchange: Interchange) -> ValidationStatus:
    if interchange.is_repetition:
        return ValidationStatus.DUPLICATE
    is_valid = all(opened.is_complete for opened in interchange.messages) and interchange.tail is not None
    return _validity(interchange.findings, is_valid=is_valid)


def _event(
    interchange: Interchange,
    documents: list[ExchangeDocument],
    record: Record,
    said: tuple[Text, dict[str, object]],
) -> ExchangeEvent:
    text, acknowledgement = said
    value = text.encode(interchange.text)
    tenant, partner = split_key(record.key or b"")[:2]
    header = interchange.header
    content: dict[str, object] = {
        "key": join_key(tenant, partner, "inbound", interchange.control_number or "-"),
        "tenant": tenant,
        "partner": partner,
        "direction": ExchangeDirection.INBOUND,
        "standard": "edifact",
        "syntax_version": f"{header.element(1)}:{header.element(1, 2)}".rstrip(":"),
        "sender": interchange.sender,
        "receiver": interchange.receiver,
        "control_number": interchange.control_number,
        "group_control_numbers": tuple(group.control_number for group in interchange.groups),
        "prepared": f"{header.element(4)} {header.element(4, 2)}".strip(),
        "sha256": hashlib.sha256(value).hexdigest(),
        "size_bytes": len(value),
        "file_name": record.header(EVENT) or "",
        "validation": _exchange_validity(interchange),
        "delivery": DeliveryStatus.DELIVERED,
        "documents": tuple(documents),
        "findings": _listed(interchange.findings),
        "occurred": record.time,
        "raw_topic": record.topic,
        "raw_partition": record.partition,
        "raw_offset": record.offset,
    }
    return ExchangeEvent.model_validate(content | acknowledgement)


def _listed(findings: list[Warning]) -> tuple[ExchangeFinding, ...]:
    listed = [
        ExchangeFinding(code=finding.code, detail=finding.detail, path=finding.path)
        for finding in findings[:_FINDINGS_MAX]
    ]
    rest = Counter(finding.code for finding in findings[_FINDINGS_MAX:])
    listed += [ExchangeFinding(code=code, detail=f"{count} more of these") for code, count in rest.items()]
    return tuple(listed)
