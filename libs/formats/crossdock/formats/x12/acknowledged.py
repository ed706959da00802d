"""997 and 999: what a partner says about an exchange that we sent.

Invariant: the event stands under our own exchange (direction outbound), with the status, the documents and
the errors as the partner states them; it says nothing about business content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.keys import join_key
from crossdock.canonical.models import (
    AcknowledgementStatus,
    ExchangeDocument,
    ExchangeEvent,
    ExchangeFinding,
    Revision,
    RevisionKind,
    ValidationStatus,
)
from crossdock.canonical.reading import Reading
from crossdock.formats.edi.text import count_of, label
from crossdock.formats.x12.answers import STATUSES, VALIDITY, answer_fields
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Segment

_DOCUMENT_VALIDITY: Final[dict[str, ValidationStatus]] = {
    "A": ValidationStatus.VALID,
    "E": ValidationStatus.VALID_WITH_WARNINGS,
    **dict.fromkeys(("R", "M", "W", "X"), ValidationStatus.INVALID),
}
"""AK501."""
_SEGMENT_ERRORS: Final[dict[str, str]] = {
    "1": "segment unknown",
    "2": "segment unexpected",
    "3": "mandatory segment missing",
    "4": "loop occurs too often",
    "5": "segment occurs too often",
    "6": "segment not in the transaction set",
    "7": "segment out of order",
    "8": "segment has element errors",
}
"""Element 720."""
_ELEMENT_ERRORS: Final[dict[str, str]] = {
    "1": "mandatory element missing",
    "2": "conditional element missing",
    "3": "too many elements",
    "4": "element too short",
    "5": "element too long",
    "6": "invalid character",
    "7": "invalid code",
    "8": "invalid date",
    "9": "invalid time",
    "10": "exclusion condition violated",
}
"""Element 723."""
_FINDINGS_MAX: Final = 200
_SAME: Final[dict[str, str]] = {"IK3": "AK3", "IK4": "AK4", "IK5": "AK5"}
"""Segments of a 999 that say what those of a 997 say."""


@dataclass(slots=True)
class GroupAnswer:
    """AK1..AK9 as it is read."""

    ak1: Segment
    ak9: Segment | None = None
    sets: list[tuple[Segment, Segment | None]] = field(default_factory=list)
    """AK2 with its AK5."""
    findings: list[ExchangeFinding] = field(default_factory=list)
    place: str = ""
    """Segment that the last AK3 names, within its set."""


def read_acknowledgement(context: SetContext) -> Reading:
    """One exchange event per group that a 997 or 999 answers. Raises Rejected."""
    groups = _groups(context)
    events = [_event(context, group) for group in groups]
    content = "\n".join(segment.joined() for segment in context.document.segments[1:-1])
    digest = hashlib.sha256(content.encode()).digest()
    mark = context.mark()
    revision = Revision(
        kind=RevisionKind.NONE,
        value=mark.value,
        captured_at=context.record.time,
        content_sha256=digest.hex(),
    )
    entities: tuple[object, ...] = tuple(events)
    return Reading(entities, revision, digest, warnings=tuple(dict.fromkeys(context.document.warnings)))  # type: ignore[arg-type]  # has no revision


def _groups(context: SetContext) -> list[GroupAnswer]:
    groups: list[GroupAnswer] = []
    for segment in context.document.segments:
        tag = _SAME.get(segment.tag, segment.tag)
        if tag == "AK1":
            groups.append(GroupAnswer(segment))
        elif tag in ("AK2", "AK3", "AK4", "AK5", "AK9") and groups:
            _take(context, groups[-1], tag, segment)
        elif tag not in ("ST", "SE", "CTX"):
            context.keep(segment)
    if not groups:
        raise context.first.refuse(RejectionCode.ID_MISSING, "the set has no AK1 segment; it answers nothing")
    return groups


def _take(context: SetContext, group: GroupAnswer, tag: str, segment: Segment) -> None:
    if tag == "AK2":
        group.sets.append((segment, None))
        group.place = ""
    elif tag == "AK5" and group.sets:
        group.sets[-1] = (group.sets[-1][0], segment)
        _find(group, "set", [segment.get(at) for at in range(2, 7)])
    elif tag == "AK3":
        group.place = f"segment {label(segment.get(2))} {label(segment.get(1))}"
        _find(group, "segment", [segment.get(at) for at in range(4, 9)], _SEGMENT_ERRORS)
    elif tag == "AK4":
        position = context.component(segment.get(1)) or segment.get(1)
        _find(group, "element", [segment.get(3)], _ELEMENT_ERRORS, f"element {label(position)}")
    elif tag == "AK9":
        group.ak9 = segment
        _find(group, "group", [segment.get(at) for at in range(5, 10)])


def _find(
    group: GroupAnswer, what: str, codes: list[str], texts: dict[str, str] | None = None, place: str = ""
) -> None:
    """Adds one finding per error code."""
    path = f"group {label(group.ak1.get(2))}"
    if group.sets and what != "group":
        path += f"/set {label(group.sets[-1][0].get(2))}"
    if group.place and what in ("segment", "element"):
        path += f"/{group.place}" + (f"/{place}" if place else "")
    for code in codes:
        if code and len(group.findings) < _FINDINGS_MAX:
            detail = (texts or {}).get(code, f"{what} error {label(code)}")
            group.findings.append(
                ExchangeFinding(code=f"{what}_error", detail=f"{detail} ({label(code)})", path=path)
            )


def _event(context: SetContext, group: GroupAnswer) -> ExchangeEvent:
    number = context.required(group.ak1, 2, "AK102, the group control number,")
    status = _status(context, group)
    documents = tuple(_documents(group))
    value = context.record.value or b""
    header = context.document.header
    return ExchangeEvent.model_validate(
        answer_fields(header, context.record, value, (context.tenant, context.partner))
        | {
            "key": join_key(context.tenant, context.partner, "outbound", f"group-{number}"),
            "syntax_version": header.element(12),
            "control_number": "",
            "group_control_numbers": (number,),
            "validation": VALIDITY.get(status, ValidationStatus.UNKNOWN),
            "acknowledgement": status,
            "documents": documents,
            "findings": tuple(group.findings + _count_findings(group)),
        }
    )


def _status(context: SetContext, group: GroupAnswer) -> AcknowledgementStatus:
    """AK901; without an AK9 nothing is known of the group."""
    if group.ak9 is None:
        detail = "the answer to a group has no AK9; whether the group was accepted is unknown"
        context.warn("group_answer_missing", detail, group.ak1)
        return AcknowledgementStatus.UNKNOWN
    code = group.ak9.code(1)
    if code not in STATUSES:
        detail = "AK901 is no code of element 715; whether the group was accepted is unknown"
        context.warn("status_unknown", detail, group.ak9, 1)
    return STATUSES.get(code, AcknowledgementStatus.UNKNOWN)


def _documents(group: GroupAnswer) -> Iterator[ExchangeDocument]:
    for ak2, ak5 in group.sets:
        code = ak5.code(1) if ak5 is not None else ""
        yield ExchangeDocument(
            document_type=ak2.get(1) or "-",
            control_number=ak2.get(2),
            group_control_number=group.ak1.get(2),
            validation=_DOCUMENT_VALIDITY.get(code, ValidationStatus.UNKNOWN),
        )


def _count_findings(group: GroupAnswer) -> list[ExchangeFinding]:
    """Counts of AK9 that contradict each other, or the sets that the answer names."""
    ak9 = group.ak9
    if ak9 is None:
        return []
    stated, received, accepted = (count_of(ak9.get(at)) for at in (2, 3, 4))
    path = f"group {label(group.ak1.get(2))}/AK9"
    found = []
    if stated is not None and received is not None and stated != received:
        detail = f"the group states {stated} sets, the partner received {received}"
        found.append(ExchangeFinding(code="sets_not_received", detail=detail, path=path))
    refused = sum(ak5 is not None and ak5.code(1) not in ("A", "E") for _, ak5 in group.sets)
    named = Decimal(received or 0) - Decimal(accepted or 0)
    if received is not None and accepted is not None and group.sets and named != refused:
        detail = f"AK903 less AK904 is {named}, refused sets are {refused}"
        found.append(ExchangeFinding(code="answer_counts", detail=detail, path=path))
    return found
