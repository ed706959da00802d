"""One message as numbered segments that know their place.

Invariant: a document is complete (UNH..UNT in one interchange) or refused with the place of the damage;
what was odd but readable is among its warnings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crossdock.canonical.errors import RejectionCode, shown
from crossdock.canonical.reading import Warning
from crossdock.formats.edi import document as edi
from crossdock.formats.edi.envelope import Message
from crossdock.formats.edi.payload import the_one
from crossdock.formats.edi.text import count_of
from crossdock.formats.edifact.envelope import Interchange
from crossdock.formats.edifact.header import Header
from crossdock.formats.edifact.payload import OPENING, read_payload
from crossdock.formats.edifact.segment import Row, Segment, component, parse
from crossdock.formats.edifact.service import ServiceCharacters, split
from crossdock.formats.edifact.tokenizer import decode

_RELEASE: Final = re.compile(r"(?P<year>[0-9]{2})(?P<letter>[AB])")
_TEST: Final = "1"
"""UNB element 11 (0035): the interchange is a test."""


@dataclass(slots=True)
class Document(edi.Document[Header, Row]):
    """A message, its envelope, and what was odd about them."""

    segments: list[Segment]

    @property
    def message_type(self) -> str:
        """Message type (0065), e.g. ORDERS."""
        return self.segments[0].code(2)

    @property
    def reference(self) -> str:
        """Message reference (0062)."""
        return self.segments[0].get(1)

    @property
    def service(self) -> ServiceCharacters:
        """Service characters of its interchange."""
        return self.header.service

    @property
    def is_test(self) -> bool:
        """UNB says that this is a test."""
        return self.header.element(11) == _TEST

    def first(self, tag: str) -> Segment | None:
        """The first segment with this tag."""
        return next((segment for segment in self.segments if segment.tag == tag), None)


def read_document(value: bytes | None) -> Document:
    """The one message of a payload.

    Raises:
        Rejected: `envelope_broken` where it is not exactly one complete message, `encoding_invalid`.
    """
    payload = read_payload(decode(value))
    interchange, opened = the_one(payload, OPENING)
    document = _document(interchange, opened, interchange.place_of(opened), payload.warnings)
    _check_directory(document)
    _check_beginnings(document)
    return document


def _document(
    interchange: Interchange, opened: Message[Row], place: str, warnings: list[Warning]
) -> Document:
    segments: list[Segment] = []
    service, odd = interchange.header.service, []
    for raw in opened.segments:
        row = parse(raw, service)
        segments.append(Segment(row, row[0][0].upper(), len(segments) + 1, place))
        if service.repetition and len(split(raw, service.repetition, service.release)) > 1:
            detail = "an element is repeated; its first repetition is read, the others are not"
            odd.append(Warning("repetition_ignored", detail, segments[-1].path()))
    return Document(
        header=interchange.header,
        group=opened.group.head if opened.group else [],
        segments=segments,
        warnings=[*warnings, *interchange.findings, *odd],
        stated_count=count_of(component(opened.tail or [], 1)),
    )


def _check_directory(document: Document) -> None:
    """Directories D.93A to D.03B are known; others are read alike and told."""
    unh = document.segments[0]
    version, release = unh.code(2, 2), unh.code(2, 3)
    match = _RELEASE.fullmatch(release)
    year = int(match["year"]) if match else -1
    if version == "D" and match is not None and (year >= 93 or year <= 3):
        return
    if document.message_type == "CONTRL":  # has versions of its own: the syntax's
        return
    detail = f"directory {shown(version)} {shown(release)} is not one of D.93A to D.03B; read as those are"
    document.warn("directory_version", detail, unh.path(2, 3))


def _check_beginnings(document: Document) -> None:
    """A second BGM means that two messages have run together. Raises Rejected."""
    beginnings = [segment for segment in document.segments if segment.tag == "BGM"]
    if len(beginnings) > 1:
        detail = "a second BGM stands in the message; two messages may have run together"
        raise beginnings[1].refuse(RejectionCode.ENVELOPE_BROKEN, detail)
