"""From bytes to X12 segments and elements, with the delimiters of the envelope.

Invariant: every character between two delimiters comes out in exactly one element, unchanged; the
three repairs (another encoding, wrapped lines, a lost terminator) are each reported as a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from crossdock.formats.edi.text import BLANKS, Text, content_of, decoded, unwrapped, warn_of_losses
from crossdock.formats.x12.delimiters import Delimiters

Row = list[str]
"""One segment: its tag, then its elements; `row[3]` is element 03. Read it with `element`."""

_TAGS = (
    "ISA GS ST SE GE IEA TA1 AAA ADV AK1 AK9 AMT BAK BCH BEG BIG BSN CD3 CN1 CSH CTB CTP CTT CUR DIS DTM"
    " EFI FA1 FA2 FOB G53 G61 HL IN1 INC IT1 IT3 IT8 ITD LDT LE LIN LM LQ LS MAN MEA MSG MTX NTE N1 N2 N3 N4"
    " N9 NM1 NX2 PAM PCT PER PID PKG PO1 PO3 PO4 POC PPD PRF PWK QTY REF RRA SAC SCH SDQ SI SLN SN1 SPI"
    " SUP TAX TC2 TD1 TD3 TD4 TD5 TDS TXI UIT V1 YNQ"
    " ACK ADX AK2 AK3 AK4 AK5 AT7 AT8 B10 B2 BCA BCH BIA BPR CAD CTX ENT G62 G69 IK3 IK4 IK5 ISS L11 LX MS1"
    " MS2 MS3 PAL POC RMR TRN W01 W03 W04 W05 W06 W10 W12 W20 W27 W66 W76 XPO XQ ZA"
    " AT5 AT9 BAL CLD CRC ETD G66 G72 G94 G95 GF K1 L7 LHR LOC PD PDD Q7 R4 RDM SPO SR TCD TSD W09 W28"
)
SEGMENT_TAGS: Final = frozenset(_TAGS.split())
"""Tags of the sets that are read, and their neighbours; only one of these may follow a lost terminator."""

_WRAP_LENGTHS: Final = range(40, 256)


def decode(value: bytes | None) -> Text:
    """Payload as text: UTF-8, else Windows-1252 or Latin-1 with a warning.

    Raises:
        Rejected: `envelope_broken` for no content, `encoding_invalid` for UTF-16.
    """
    content = content_of(value, "X12", "UTF-8, ASCII or Latin-1")
    return unwrapped(warn_of_losses(decoded(content, "utf-8")), _WRAP_LENGTHS)


def rows(segments: Iterable[str], separator: str) -> Iterator[Row]:
    """Segments cut into tag and elements, one after the other; what is only blanks is left out."""
    for segment in segments:
        if content := segment.strip(BLANKS):
            yield content.split(separator)


def element(row: Row, number: int) -> str:
    """Element of a row by its number, without surrounding blanks; empty where it is absent."""
    return row[number].strip(BLANKS) if number < len(row) else ""


def cut_lost_terminators(body: str, delimiters: Delimiters) -> tuple[list[str], int]:
    """Raw segments of a text, cut also where a known tag follows a line end without a terminator.

    Returns them and how many terminators were missing. A line end that no known tag follows is data
    and stays.
    """
    segments = body.split(delimiters.segment)
    if delimiters.segment in "\r\n" or not _has_line_end_inside(body, delimiters.segment):
        return segments, 0
    broken = [segment for segment in segments if segment.find("\n", 2) > 0]  # a line end in front is none
    if not any("\n" in segment.strip(BLANKS) for segment in broken):
        return segments, 0
    cut: list[str] = []
    for segment in segments:
        cut.extend(_pieces(segment, delimiters.element))
    return cut, len(cut) - len(segments)


def _has_line_end_inside(body: str, terminator: str) -> bool:
    """Whether some line end may stand elsewhere than right behind a terminator; counting is all it takes."""
    behind = body.count(f"{terminator}\n") + body.count(f"{terminator}\r\n")
    return body.count("\n") > behind + body.startswith(("\n", "\r\n"))


def _pieces(segment: str, separator: str) -> list[str]:
    pieces: list[list[str]] = [[]]
    has_content = False
    for line in segment.split("\n"):
        tag, found, _ = line.strip(BLANKS).partition(separator)
        if found and has_content and tag.upper() in SEGMENT_TAGS:
            pieces.append([""])  # the line end stays in front of its segment
        pieces[-1].append(line)
        has_content = has_content or bool(line.strip(BLANKS))
    return ["\n".join(lines) for lines in pieces]
