"""What the declarations of all EDIFACT formats share: keys, splitting, likeness, quirks of the syntax.

Invariant: every EDIFACT format reads every known message; a format's name says what a partner sends, its
recogniser prefers files that hold nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format, ProfileSection
from crossdock.formats.edifact.interchange import SPLITTER
from crossdock.formats.edifact.messages import read_message

CONTENT_TYPES: Final = ("application/edifact", "text/plain")
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n'"
"""What may stand before an interchange; the terminator of what a file began with before it."""
_LOOKED_AT_BYTES: Final = 262_144
_MESSAGE: Final = re.compile(rb"UNH[^A-Za-z0-9\s][^\r\n]{0,20}?[^A-Za-z0-9\s]([A-Za-z]{6})[^A-Za-z0-9\s]")
_OF_ANY, _OF_ONE, _OF_SEVERAL = 50, 80, 70
"""Scores: some interchange, one of this message type alone, one of several types."""

SYNTAX_QUIRKS: Final = (
    "UNA states own service characters and decimal mark; without it the standard's hold, or those that UNB "
    "itself is written with.",
    "The release character makes data of any character behind it; a blank in its place means there is none.",
    "The fifth character of UNA separates repetitions from syntax 4 on; the first repetition counts, "
    "with a warning.",
    "UNOA to UNOL and UNOY name the character set; UTF-8 under another name is read as UTF-8, Latin-1 under "
    "UNOA as Latin-1, Windows-1252 under UNOA or UNOC as Windows-1252, each with a warning.",
    "Line ends and blanks may stand between segments, a BOM before the first; lines may be broken at one "
    "width.",
    "A lost terminator is found where a line end and a known tag follow each other; the last may be "
    "missing, or all.",
    "A typographic apostrophe where a segment ends is its terminator, with a warning.",
    "Messages without UNB and UNZ are read, with a warning; nobody is answered.",
    "UNT, UNE, UNZ and CNT lie about counts and references: reported. A message without UNT is refused.",
    "One file holds several interchanges and groups; one bad message stops no other.",
    "Directories other than D.93A to D.03B are read alike, with a warning.",
    "A number may have either decimal mark; thousands separators are read with a warning.",
    "The length of a date counts where it contradicts its format code.",
)
"""What real interchanges do, whatever they carry."""

ENVELOPE_FIELDS: Final = (
    Field(
        "UNG04, else UNB04", "occurred, revision", "in the profile's zone; then UNB05 and UNH01; kind none"
    ),
    Field("UNB, UNG, UNT, UNE, UNZ", "exchange event", "control references, counts, findings"),
)
"""Where the head of every entity comes from."""


def read_file(record: Record, profile: PartnerProfile) -> Reading:
    """One part per message, one exchange event per interchange. Raises Rejected."""
    return SPLITTER.split(record, profile)


def key(record: Record) -> str:
    """Identity of the file: sender, recipient, control references."""
    return SPLITTER.key(record)


def likeness(message_type: str | None) -> Callable[[bytes], int]:
    """Recognises interchanges: of one message type, or (None) of any."""

    def looks_like(data: bytes) -> int:
        start = data[:_LOOKED_AT_BYTES].lstrip(_BLANKS)
        begins = start[:3].upper()
        if begins not in (b"UNA", b"UNB") and not _MESSAGE.match(start):
            return 0
        types = {match[1].decode().upper() for match in _MESSAGE.finditer(start)}
        if message_type is None:
            return _OF_SEVERAL if len(types) > 1 else _OF_ANY
        return _OF_ONE if types == {message_type} else 0

    return looks_like


def message_format(  # noqa: PLR0913 - the fields of a declaration
    message_type: str,
    title: str,
    entities: tuple[type[Any], ...],
    fields: tuple[Field, ...],
    quirks: tuple[str, ...],
    *,
    key_rule: str,
    revision_rule: str,
    needs: tuple[ProfileSection, ...],
) -> Format:
    """The format of one message type."""
    return Format(
        name=f"edifact_{message_type.lower()}",
        title=title,
        content_types=CONTENT_TYPES,
        key=key,
        read=read_message,
        split=read_file,
        entities=entities,
        field_table=(*ENVELOPE_FIELDS, *fields),
        quirks=(*quirks, *SYNTAX_QUIRKS),
        key_rule=key_rule,
        revision_rule=revision_rule,
        intake="document",
        needs=needs,
        looks_like=likeness(message_type),
    )
