"""CONTRL and APERAK: what a partner says about what we sent; and the CONTRL that we answer with.

Invariant: an acknowledgement speaks of one interchange or document of ours and changes nothing but that
exchange's status; what `contrl_of` writes, `read_contrl` reads back equal.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import (
    AcknowledgementStatus,
    ExchangeDirection,
    ExchangeDocument,
    ExchangeEvent,
    ExchangeFinding,
    PartnerProfile,
    Revision,
    RevisionKind,
    ValidationStatus,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.edi.exchange import exchange_fields, with_events
from crossdock.formats.edi.text import label
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.groups import reference_of
from crossdock.formats.edifact.segment import Segment
from crossdock.formats.edifact.service import ServiceCharacters
from crossdock.formats.edifact.values import revision_value

_REJECTED: Final = "4"
_ACKNOWLEDGED: Final = "7"
_RECEIVED: Final = "8"
"""Data element 0083: this level and all below rejected; this level acknowledged; interchange received."""
_OLD_ACTIONS: Final = {
    "1": _ACKNOWLEDGED,
    "2": _ACKNOWLEDGED,
    "3": _ACKNOWLEDGED,
    "5": _ACKNOWLEDGED,
    "6": _REJECTED,
}
"""Codes of older directories."""
_RESPONSES: Final[dict[str, AcknowledgementStatus]] = {
    "AP": AcknowledgementStatus.ACCEPTED,
    "AA": AcknowledgementStatus.ACCEPTED,
    "CA": AcknowledgementStatus.ACCEPTED_WITH_ERRORS,
    "RE": AcknowledgementStatus.REJECTED,
}
"""Data element 4343 of an APERAK: response type."""
_FUNCTIONS: Final[dict[str, AcknowledgementStatus]] = {
    **dict.fromkeys(("29", "44"), AcknowledgementStatus.ACCEPTED),
    **dict.fromkeys(("28", "30", "34", "45"), AcknowledgementStatus.ACCEPTED_WITH_ERRORS),
    **dict.fromkeys(("27", "48"), AcknowledgementStatus.REJECTED),
}
"""Data element 1225 of an APERAK."""
_NAMES: Final[dict[str, AcknowledgementStatus]] = {
    "312": AcknowledgementStatus.ACCEPTED,
    "313": AcknowledgementStatus.REJECTED,
}
"""Data element 1001 of an APERAK: acknowledgement message, application error message."""
_ABOUT: Final = ("ACW", "ACE", "AGO", "ON", "IV", "DM", "AAN", "DQ")
"""Data element 1153: what the APERAK is about."""


def read_contrl(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The exchange event of a CONTRL: of the interchange that its UCI names. Raises Rejected."""
    uci = document.first("UCI")
    if uci is None or not uci.get(1):
        segment = uci or document.segments[0]
        raise segment.refuse(RejectionCode.ID_MISSING, "no UCI names the interchange that is answered", 1)
    action = _action(uci, 4)
    if action not in (_REJECTED, _ACKNOWLEDGED, _RECEIVED):
        detail = "UCI04 is none of the actions 4 (rejected), 7 (acknowledged) and 8 (received)"
        raise uci.refuse(RejectionCode.FIELD_INVALID, detail, 4)
    documents = [_document_of(ucm) for ucm in document.segments if ucm.tag == "UCM"]
    groups = [ucf for ucf in document.segments if ucf.tag == "UCF"]
    is_partial = any(one.validation is ValidationStatus.INVALID for one in documents)
    is_partial = is_partial or any(_action(ucf, 4) == _REJECTED for ucf in groups)
    status, validity = _statuses(action, is_partial=is_partial)
    content: dict[str, object] = {
        "control_number": uci.get(1),
        "sender": f"{uci.get(2, 2)}:{uci.get(2)}",
        "receiver": f"{uci.get(3, 2)}:{uci.get(3)}",
        "group_control_numbers": tuple(ucf.get(1) for ucf in groups if ucf.get(1)),
        "validation": validity,
        "acknowledgement": status,
        "documents": tuple(documents),
        "findings": tuple(_findings(document, action)),
    }
    return _reading(document, record, uci.get(1), content)


def _action(segment: Segment, at: int) -> str:
    code = segment.get(at)
    return _OLD_ACTIONS.get(code, code)


def _statuses(action: str, *, is_partial: bool) -> tuple[AcknowledgementStatus, ValidationStatus]:
    if action == _REJECTED:
        return AcknowledgementStatus.REJECTED, ValidationStatus.INVALID
    if action == _RECEIVED:  # the answer on its content is still to come
        return AcknowledgementStatus.DUE, ValidationStatus.UNKNOWN
    if is_partial:
        return AcknowledgementStatus.PARTIALLY_ACCEPTED, ValidationStatus.VALID_WITH_WARNINGS
    return AcknowledgementStatus.ACCEPTED, ValidationStatus.VALID


def _document_of(ucm: Segment) -> ExchangeDocument:
    validity = {_REJECTED: ValidationStatus.INVALID, _ACKNOWLEDGED: ValidationStatus.VALID}
    return ExchangeDocument(
        document_type=ucm.get(2) or "-",
        control_number=ucm.get(1),
        validation=validity.get(_action(ucm, 3), ValidationStatus.UNKNOWN),
    )


def _findings(document: Document, action: str) -> list[ExchangeFinding]:
    """Errors that UCI, UCF, UCM, UCS and UCD report (0085), each with the message it is of."""
    found: list[ExchangeFinding] = []
    if action == _RECEIVED:
        detail = "the partner has received the interchange; its answer on the content is still due"
        found.append(ExchangeFinding(code="interchange_received", detail=detail, path="UCI"))
    message = ""
    for segment in document.segments:
        if segment.tag == "UCM":
            message = label(segment.get(1))
        at = {"UCI": 5, "UCF": 5, "UCM": 4, "UCS": 2, "UCD": 1}.get(segment.tag)
        if at is not None and segment.get(at):
            place = f"message {message}/" if message and segment.tag in ("UCM", "UCS", "UCD") else ""
            code = label(segment.get(at))
            detail = f"the partner reports syntax error {code} in {segment.tag}"
            found.append(
                ExchangeFinding(code=f"syntax_error_{code}", detail=detail, path=place + segment.tag)
            )
    return found


def read_aperak(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The exchange event of an APERAK: of the document that its RFF names. Raises Rejected."""
    references = [segment for segment in document.segments if segment.tag == "RFF"]
    about = reference_of(references, *_ABOUT) or next((rff for rff in references if rff.get(1, 2)), None)
    bgm = document.first("BGM")
    if about is None:
        segment = bgm or document.segments[0]
        raise segment.refuse(RejectionCode.ID_MISSING, "no RFF names the document that is answered")
    errors = [segment for segment in document.segments if segment.tag == "ERC" and segment.get(1)]
    status = _answer(bgm, errors, document)
    number = about.get(1, 2)
    is_rejected = status is AcknowledgementStatus.REJECTED
    validity = ValidationStatus.INVALID if is_rejected else ValidationStatus.UNKNOWN
    content: dict[str, object] = {
        "control_number": number,
        "sender": f"{document.header.element(3, 2)}:{document.header.element(3)}",
        "receiver": f"{document.header.element(2, 2)}:{document.header.element(2)}",
        "validation": ValidationStatus.UNKNOWN,
        "acknowledgement": status,
        "documents": (
            ExchangeDocument(document_type="-", control_number="", document_id=number, validation=validity),
        ),
        "findings": tuple(
            ExchangeFinding(
                code=f"application_error_{label(erc.get(1))}",
                detail=f"the partner reports application error {label(erc.get(1))} (ERC)",
                path=f"segment {erc.number} ERC",
            )
            for erc in errors
        ),
    }
    return _reading(document, record, number, content)


def _answer(bgm: Segment | None, errors: list[Segment], document: Document) -> AcknowledgementStatus:
    """By response type, function or name of the document; errors alone are not said to be a refusal."""
    if bgm is not None:
        said = (_RESPONSES.get(bgm.code(4)), _FUNCTIONS.get(bgm.code(3)), _NAMES.get(bgm.code(1)))
        stated = next((status for status in said if status is not None), None)
        if stated is not None:
            return stated
    if not errors:
        return AcknowledgementStatus.ACCEPTED
    detail = "the message reports error codes and does not say whether the document is accepted"
    document.warn("acknowledgement_unclear", detail, errors[0].path())
    return AcknowledgementStatus.UNKNOWN


def _reading(document: Document, record: Record, control: str, content: dict[str, object]) -> Reading:
    """The reading of one acknowledgement; digest and size are those of the acknowledging message."""
    names, header = split_key(record.key or b"")[:2], document.header
    event = ExchangeEvent.model_validate(
        exchange_fields(ExchangeDirection.OUTBOUND, record, record.value or b"", names)
        | {
            "key": join_key(*names, "outbound", control),
            "standard": "edifact",
            "syntax_version": f"{header.element(1)}:{header.element(1, 2)}".rstrip(":"),
            "prepared": f"{header.element(4)} {header.element(4, 2)}".strip(),
        }
        | content
    )
    digest = hashlib.sha256(event.model_dump_json(include=set(content)).encode()).digest()
    revision = Revision(
        kind=RevisionKind.NONE,
        value=revision_value(document, record.time),
        captured_at=record.time,
        content_sha256=digest.hex(),
    )
    reading = Reading((), revision, digest, False, (), tuple(dict.fromkeys(document.warnings)))
    return with_events(reading, (event,))


def contrl_of(event: ExchangeEvent, *, control: str, made: datetime) -> bytes:
    """The CONTRL interchange that answers an interchange we received.

    Args:
        event: the inbound exchange, as `split` reported it.
        control: our interchange control reference, up to 14 characters.
        made: when it is made, in the zone that partners expect.

    An interchange that is invalid as a whole (no document is valid) is rejected (4); else it is
    acknowledged (7) and each invalid document is rejected in a UCM.
    """
    service = ServiceCharacters()
    invalid = [one for one in event.documents if one.validation is ValidationStatus.INVALID]
    is_duplicate = event.validation is ValidationStatus.DUPLICATE
    is_refused = is_duplicate or (bool(invalid) and len(invalid) == len(event.documents))
    sender, receiver = _identity(event.sender, service), _identity(event.receiver, service)
    action = _REJECTED if is_refused else _ACKNOWLEDGED
    rows = [f"UCI+{service.escape(event.control_number)}+{sender}+{receiver}+{action}"]
    if is_duplicate:
        rows[0] += f"+{_DUPLICATE_DETECTED}"
    if not is_refused:
        rows += [_response(one, service) for one in invalid]
    message = ["UNH+1+CONTRL:D:3:UN", *rows, f"UNT+{len(rows) + 2}+1"]
    own = service.escape(control)
    head = f"UNB+UNOC:3+{receiver}+{sender}+{made:%y%m%d}:{made:%H%M}+{own}"
    text = "'\n".join(["UNA:+.? ", head, *message, f"UNZ+1+{own}"]) + "'\n"
    return text.encode("iso8859-1", errors="replace")


_DUPLICATE_DETECTED: Final = "26"
_SYNTAX_UNSPECIFIED: Final = "18"
"""Data element 0085: duplicate detected, unspecified error."""


def _response(document: ExchangeDocument, service: ServiceCharacters) -> str:
    reference, kind = service.escape(document.control_number), service.escape(document.document_type)
    return f"UCM+{reference}+{kind}:D:96A:UN+{_REJECTED}+{_SYNTAX_UNSPECIFIED}"


def _identity(party: str, service: ServiceCharacters) -> str:
    """`qualifier:id` of an event as a composite `id:qualifier`."""
    qualifier, _, identity = party.partition(":")
    return ":".join([service.escape(text) for text in (identity, qualifier) if text])
