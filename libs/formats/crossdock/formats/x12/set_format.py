"""What the declarations of all X12 formats share: key, split, read, and how a file is recognised.

Invariant: every X12 format reads every known set; a format's name says what a partner sends, its
recogniser prefers files that hold nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format, ProfileSection
from crossdock.formats.x12.interchange import SPLITTER
from crossdock.formats.x12.sets import ACKNOWLEDGEMENTS, SET_READERS, read_set

CONTENT_TYPES: Final = ("application/edi-x12", "text/plain")
_LOOKED_AT_BYTES: Final = 262_144
_OPENING: Final = re.compile(rb"(?<![A-Za-z0-9])ISA([^A-Za-z0-9 \r\n])", re.IGNORECASE)
_BEGINNING: Final = re.compile(
    rb"(?:ISA|GS([^A-Za-z0-9\s])[A-Z]{2}\1|ST([^A-Za-z0-9\s])[0-9]{3}\2)", re.IGNORECASE
)
"""How an X12 text begins, also one that lost its envelope: then its refusal says so."""
_ENVELOPE_FIELDS: Final = (
    Field("ISA, GS, GE, IEA", "exchange event", "one per interchange, with its findings"),
    Field("GS04/GS05, else ISA09/ISA10", "revision", "then control numbers; kind none"),
)


def key(record: Record) -> str | None:
    """Identity of the file: sender, receiver, control numbers."""
    return SPLITTER.key(record)


def split(record: Record, profile: PartnerProfile) -> Reading:
    """One part per transaction set, one exchange event per interchange. Raises Rejected."""
    return SPLITTER.split(record, profile)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """What one transaction set says, by the reader of its ST01. Raises Rejected with the place."""
    return read_set(record, profile)


@lru_cache(maxsize=64)
def _st_after(separator: bytes) -> re.Pattern[bytes]:
    """An ST segment: behind a terminator or line end, not an element `ST` of another segment."""
    mark = re.escape(separator)
    return re.compile(rb"(?<![A-Za-z0-9])(?<!" + mark + rb")ST" + mark + rb"([0-9]{3})(?=[^0-9])", re.I)


def sets_in(data: bytes) -> frozenset[str]:
    """ST01 of the sets at the beginning of a file; empty where it is no X12."""
    start = data[:_LOOKED_AT_BYTES]
    opening = _OPENING.search(start)
    if opening is None or start.lstrip()[:1] in (b"{", b"[", b"<"):
        return frozenset()
    found = _st_after(opening[1]).findall(start)
    return frozenset(number.decode() for number in found)


def only(*kinds: str) -> Callable[[bytes], int]:
    """Recognises a file whose sets are all of one kind (or of kinds that one format reads)."""

    def looks_like(data: bytes) -> int:
        found = sets_in(data)
        return 90 if found and found.issubset(kinds) else 0

    return looks_like


def mixed(data: bytes) -> int:
    """Recognises an X12 file of several kinds of set, or of a kind that has no format."""
    found = sets_in(data)
    if not found:
        return 20 if _BEGINNING.match(data.lstrip(b"\xef\xbb\xbf \t\r\n")) else 0
    is_single = found <= ACKNOWLEDGEMENTS or (len(found) == 1 and found <= SET_READERS.keys())
    return 0 if is_single else 70


def set_format(  # noqa: PLR0913 - the fields of a declaration
    kind: str,
    title: str,
    entities: Sequence[type[Any]],
    *,
    field_table: tuple[Field, ...],
    quirks: tuple[str, ...],
    key_rule: str,
    revision_rule: str,
    needs: tuple[ProfileSection, ...] = ("zone",),
) -> Format:
    """The declaration of the format of one transaction set."""
    return Format(
        name=f"x12_{kind}",
        title=f"X12 {kind} {title}",
        content_types=CONTENT_TYPES,
        key=key,
        read=read,
        split=split,
        field_table=(*field_table, *_ENVELOPE_FIELDS),
        quirks=quirks,
        entities=tuple(entities),
        key_rule=key_rule,
        revision_rule=revision_rule,
        intake="document",
        needs=needs,
        looks_like=only(*(ACKNOWLEDGEMENTS if kind in ACKNOWLEDGEMENTS else (kind,))),
    )
