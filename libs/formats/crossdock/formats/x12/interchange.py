"""A file of X12 interchanges: how its sets are named, who may send it, what else its envelope tells.

Invariant: as for every standard (`edi.splitting`); an interchange that only answers ours is not answered.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final

from crossdock.canonical.keys import split_key
from crossdock.canonical.models import ExchangeEvent
from crossdock.canonical.record import Record
from crossdock.formats.edi.envelope import Message
from crossdock.formats.edi.splitting import Splitter
from crossdock.formats.edi.text import BLANKS, Text
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


class _Splitter(Splitter[Interchange]):
    standard: ClassVar[str] = "x12"
    sender: ClassVar[tuple[str, str]] = ("ISA05/ISA06 are", "ISA06")
    receiver: ClassVar[tuple[str, str]] = ("ISA07/ISA08 are", "ISA08")

    def read(self, value: bytes | None) -> tuple[Text, Payload]:
        text = decode(value)
        return text, read_payload(text)

    def wants_answer(self, interchange: Interchange) -> bool:
        return not {opened.kind for opened in interchange.messages} <= _ANSWERS

    def answers(self, interchange: Interchange, record: Record) -> list[ExchangeEvent]:
        names = split_key(record.key or b"")[:2]
        return [interchange_answer(ta1, interchange.header, record, names) for ta1 in interchange.answers]

    def identity(self, interchange: Interchange, opened: Message[Row]) -> tuple[str, str]:
        """`850` and `<PO number>[.<release>]`."""
        if opened.head is None or opened.kind not in _KEYED_SETS:
            return opened.kind, ""
        tag, number_at, release_at = _KEYED_SETS[opened.kind]
        separator = interchange.header.delimiters.element
        for segment in opened.segments:
            row = segment.strip(BLANKS).split(separator)
            if row[0].strip(BLANKS).upper() == tag:
                number, release = element(row, number_at), element(row, release_at) if release_at else ""
                is_order = opened.kind == "860" and element(row, 1) in _WHOLE_CHANGES
                kind = "850" if is_order else opened.kind
                return kind, f"{number}.{release}" if number and release else number
        return opened.kind, ""


SPLITTER: Final = _Splitter()


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
