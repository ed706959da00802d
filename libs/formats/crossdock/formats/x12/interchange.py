"""A file of interchanges: its key, one record per transaction set, one exchange event per interchange.

Invariant: each ST..SE and each stretch of text that may be a lost document becomes exactly one part, so
sets in equal parts out; a part holds the set's own bytes and is readable alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
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
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts
from crossdock.formats.x12.answers import interchange_answer
from crossdock.formats.x12.delimiters import Header
from crossdock.formats.x12.envelope import Interchange
from crossdock.formats.x12.payload import Payload, read_payload
from crossdock.formats.x12.tokenizer import Row, decode, element
from crossdock.formats.x12.values import day_of, time_of

_KEYED_SETS: Final[dict[str, tuple[str, int, int]]] = {
    "810": ("BIG", 2, 0),
    "820": ("TRN", 2, 0),
    "850": ("BEG", 3, 4),
    "855": ("BAK", 3, 8),
    "856": ("BSN", 2, 0),
    "860": ("BCH", 3, 4),
    "865": ("BCA", 3, 9),
    "940": ("W05", 2, 0),
    "945": ("W06", 2, 4),
}
"""Transaction set → segment and elements of its business number and of what follows it behind a point: a
release, or (answers) the seller's own number, for one order may have several."""
_WHOLE_CHANGES: Final = frozenset({"01", "05"})
"""BCH01 of an 860 that states the whole order: it is a later state of the object that its 850 began."""
_ANSWERS: Final = frozenset({"997", "999"})
_CONTROLS_MAX: Final = 3
_NAME_CHARACTERS_MAX: Final = 300
"""Longest name of a part as it is said; a longer one stands in its key as a hash."""
_FINDINGS_MAX: Final = 200
"""More findings than this are counted, not listed: the event must stay small."""


def interchange_key(record: Record) -> str:
    """Identity of a file: sender, receiver and control numbers; a hash where it cannot be read."""
    try:
        interchanges = read_payload(decode(record.value)).interchanges
    except Rejected:
        return f"x12:sha256-{hashlib.sha256(record.value or b'').hexdigest()}"
    first = interchanges[0]
    controls = [interchange.control_number for interchange in interchanges]
    if len(controls) > _CONTROLS_MAX:
        controls = [controls[0], controls[-1], f"{len(controls)}"]
    return "x12:" + "~".join([first.sender, first.receiver, *controls])


def revision_value(header: Header, gs: Row, control: str) -> str | None:
    """Sortable text: date and time of group or interchange, its control number, the set's; None undated."""
    for day, clock in ((element(gs, 4), element(gs, 5)), (header.element(9), header.element(10))):
        try:
            stamp = f"{day_of(day):%Y%m%d}T{time_of(clock or '0000'):%H%M%S}"
        except ValueError:
            continue
        return "-".join([stamp, header.element(13).zfill(9), control.zfill(9)])
    return None


def capture_value(captured: datetime, header: Header, control: str) -> str:
    """The same from the capture time, for envelopes without a readable date."""
    return "-".join([f"{captured:%Y%m%dT%H%M%S}", header.element(13).zfill(9), control.zfill(9)])


def split_payload(record: Record, profile: PartnerProfile) -> Reading:
    """Parts and exchange events of a file.

    Raises:
        Rejected: `envelope_broken`, `encoding_invalid` where no interchange can be told, or one that
            says it holds documents holds none.
    """
    text = decode(record.value)
    payload = read_payload(text)
    tenant, partner = split_key(record.key or b"")[:2]
    parts = _Parts(text, (tenant, partner))
    events: list[ExchangeEvent] = []
    for interchange in payload.interchanges:
        _check_sender(interchange, profile)
        documents = [parts.of_set(interchange, opened) for opened in interchange.messages]
        events.append(
            _event(interchange, documents, record, (text, _acknowledgement(interchange, profile, record)))
        )
        names = (tenant, partner)
        events += [interchange_answer(ta1, interchange.header, record, names) for ta1 in interchange.answers]
    for stray in payload.strays:
        parts.of_stray(stray)
    if not parts.made:
        _refuse_empty(payload)
    return _reading(payload, record, parts.made, tuple(events), _accepts_repeats(profile))


def _accepts_repeats(profile: PartnerProfile) -> bool:
    return profile.exchange is not None and profile.exchange.duplicate_control_number == "accept"


def _reading(
    payload: Payload,
    record: Record,
    parts: list[Part],
    events: tuple[ExchangeEvent, ...],
    accepts_repeats: bool,
) -> Reading:
    """A file has no older and newer: a used control number with other content is a conflict, whatever
    its date (superseded would drop its documents unseen), unless the profile lets captures follow."""
    content = "\n".join([_normal(interchange) for interchange in payload.interchanges] + payload.strays)
    digest = hashlib.sha256(content.encode()).digest()
    value = f"{record.time:%Y%m%dT%H%M%S.%f}" if accepts_repeats else ""
    revision = Revision(
        kind=RevisionKind.NONE, value=value, captured_at=record.time, content_sha256=digest.hex()
    )
    warnings = [*payload.warnings, *[finding for i in payload.interchanges for finding in i.findings]]
    reading = Reading((), revision, digest, not accepts_repeats, tuple(parts), tuple(warnings))
    return replace(reading, entities=events)  # type: ignore[arg-type]  # has no revision


def _normal(interchange: Interchange) -> str:
    """Content of an interchange without the blanks between its segments."""
    terminator = interchange.header.delimiters.segment
    return terminator.join([segment.strip(BLANKS) for segment in interchange.text.split(terminator)])


def _refuse_empty(payload: Payload) -> None:
    """An interchange without sets is legal only where it says so (acknowledgements by TA1)."""
    for interchange in payload.interchanges:
        if interchange.tail is None or element(interchange.tail, 1).strip("0"):
            path = f"interchange {label(interchange.control_number)}"
            detail = "the interchange holds no transaction set (ST..SE), though it is not stated as empty"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, path)


def _check_sender(interchange: Interchange, profile: PartnerProfile) -> None:
    exchange = profile.exchange
    if exchange is None:
        return
    if interchange.sender != exchange.receiver:
        detail = "ISA05/ISA06 are not the partner's identity in the profile's exchange.receiver"
        interchange.find("sender_unexpected", detail, "ISA06")
    if interchange.receiver != exchange.sender:
        detail = "ISA07/ISA08 are not our identity in the profile's exchange.sender"
        interchange.find("receiver_unexpected", detail, "ISA08")


class _Parts:
    """The parts of one file: bounded, for each repeats its ISA and GS."""

    def __init__(self, text: Text, names: tuple[str, str]) -> None:
        self.made: list[Part] = []
        self._text = text
        self._names = names

    def of_set(self, interchange: Interchange, opened: Message[Row]) -> ExchangeDocument:
        """The part of a set; returns its row for the exchange event. Raises Rejected OUTPUT_TOO_LARGE."""
        number = _business_number(opened, interchange)
        part = self._add(number or _control_id(interchange, opened), _envelope(interchange, opened))
        return ExchangeDocument(
            document_type=opened.kind or "-",
            control_number=opened.control_number,
            group_control_number=opened.group.control_number if opened.group else "",
            document_id=(number or "").partition(":")[2],
            key=part.key,
            validation=_validity(opened.problems, is_valid=opened.is_complete),
        )

    def of_stray(self, stray: str) -> None:
        """The part of text that may be a lost document."""
        digest = hashlib.sha256(self._text.encode(stray)).hexdigest()
        self._add(f"x12:stray-{digest[:16]}", stray)

    def _add(self, name: str, text: str) -> Part:
        if len(name) > _NAME_CHARACTERS_MAX:
            name = f"x12:sha256-{hashlib.sha256(name.encode()).hexdigest()}"
        part = Part(join_key(*self._names, name), self._text.encode(text))
        self.made.append(part)
        if len(self.made) > PARTS_MAX:
            raise too_many_parts("interchange")
        return part


def _control_id(interchange: Interchange, opened: Message[Row]) -> str:
    """Document id of a set whose business number cannot be read; unique within the interchange."""
    group = opened.group.control_number if opened.group else ""
    controls = (interchange.control_number, group, opened.control_number, str(opened.position))
    return f"{opened.kind or 'x12'}:control-" + "-".join(controls)


def _envelope(interchange: Interchange, opened: Message[Row]) -> str:
    """A small interchange with this one set: the very ISA and GS, the set's segments, own trailers."""
    group, terminator = opened.group, interchange.header.delimiters.segment
    separator = interchange.header.delimiters.element
    last = opened.segments[-1]
    blanks = last[: len(last) - len(last.lstrip(BLANKS))]
    segments, groups = list(opened.segments), "0"
    if group is not None:
        segments.insert(0, group.segment)
        segments.append(blanks + separator.join(["GE", "1", group.control_number]))
        groups = "1"
    segments.append(blanks + separator.join(["IEA", groups, interchange.control_number]))
    return interchange.head + terminator.join(segments) + terminator


def _business_number(opened: Message[Row], interchange: Interchange) -> str | None:
    """`850:<PO number>[.<release>]` of a set; None where it has no such segment or it is empty."""
    if opened.head is None or opened.kind not in _KEYED_SETS:
        return None
    tag, number_at, release_at = _KEYED_SETS[opened.kind]
    separator = interchange.header.delimiters.element
    for segment in opened.segments:
        row = segment.strip(BLANKS).split(separator)
        if row[0].strip(BLANKS).upper() == tag:
            number, release = element(row, number_at), element(row, release_at) if release_at else ""
            joined = f"{number}.{release}" if release else number
            is_order = opened.kind == "860" and element(row, 1) in _WHOLE_CHANGES
            kind = "850" if is_order else opened.kind
            return f"{kind}:{joined}" if number else None
    return None


def _validity(findings: list[Warning], *, is_valid: bool) -> ValidationStatus:
    if not is_valid:
        return ValidationStatus.INVALID
    return ValidationStatus.VALID_WITH_WARNINGS if findings else ValidationStatus.VALID


def _acknowledgement(interchange: Interchange, profile: PartnerProfile, record: Record) -> dict[str, object]:
    """An answer is due within the profile's hours; answers themselves are not answered."""
    kinds = {opened.kind for opened in interchange.messages}
    if profile.exchange is None or kinds <= _ANSWERS:
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
        "standard": "x12",
        "syntax_version": header.element(12),
        "sender": interchange.sender,
        "receiver": interchange.receiver,
        "control_number": interchange.control_number,
        "group_control_numbers": tuple(group.control_number for group in interchange.groups),
        "prepared": f"{header.element(9)} {header.element(10)}".strip(),
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
