"""From bytes to text: the encoding that the interchange names, and lines that were broken at one width.

Invariant: what is decoded encodes back to the very same bytes; each repair is reported as a warning.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from crossdock.formats.edi.text import Text, content_of, decoded, unwrapped, warn_of_losses

_SYNTAX: Final = re.compile(rb"UNB[^A-Za-z0-9](UNO[A-Z])", re.IGNORECASE)
_HEADER_BYTES: Final = 4096
_WRAP_LENGTHS: Final = range(10, 256)

ENCODINGS: Final[dict[str, str]] = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
    "UNOW": "utf-8",
    "UNOX": "utf-8",
    "UNOY": "utf-8",
}
"""Data element 0001 (syntax identifier) → Python's name of its character set."""

_TAGS = (
    "UNA UNB UNE UNG UNH UNO UNP UNS UNT UNZ UGH UGT UCD UCF UCI UCM UCS USA USH UST ADR AGR AJT ALC ALI APP"
    " APR ARD ARR ASI ATT AUT BAS BGM BII BUS CAV CCD CCI CDI CDS CDV CED CIN CLA CLI CMP CNI CNT COD COM COT"
    " CPI CPS CPT CST CTA CUX DAM DFN DGS DII DIM DLI DLM DMS DOC DRD DSG DSI DTM EDT EFI ELM ELU ELV EMP EQA"
    " EQD EQN ERC ERI ERP EVE EVT FCA FII FNS FNT FOR FSQ FTX GDS GEI GID GIN GIR GOR GPO GRU HAN HDI HYN ICD"
    " ICI IDE IFD IHC IMD IND INP INV IRQ ISL LAN LIN LOC MEA MEM MKS MOA MOP MOV MSG MTD NAD NAT NUN PAC PAI"
    " PAS PAT PCC PCD PCI PDI PER PGI PIA PIT PNA POC PRC PRI PRV PSD PTY PYT QRS QTY QUA QVR RCS REL RFF RJL"
    " RNG ROD RSL RTE SAL SCC SCD SEG SEL SEQ SFI SGP SGU SPR SPS STA STC STG STS TAX TCC TDT TEM TIF TMD TMP"
    " TOD TPL TRU TSR VLI"
)
SEGMENT_TAGS: Final = frozenset(_TAGS.split())
"""Tags of the directories; only one of these may follow a lost terminator."""
_QUOTES: Final = "\u2018\u2019\u00b4\u0091\u0092"
"""What text programs make of an apostrophe; the last two are those of Windows-1252 read as Latin-1."""
_QUOTE: Final = re.compile(
    rf"[{_QUOTES}](?=[ \t\r\n]*(?:(?:{'|'.join(sorted(SEGMENT_TAGS))})\+|\Z))", re.IGNORECASE
)
"""One of them where a segment ends: before a tag, or at the end of the text."""


def decode(value: bytes | None) -> Text:
    """Payload as text, by the syntax identifier of its first UNB.

    Raises:
        Rejected: `envelope_broken` for no content, `encoding_invalid` for UTF-16.
    """
    content = content_of(value, "EDIFACT", "the character set that UNB names, or UTF-8 as UNOY")
    found = _SYNTAX.search(content, 0, _HEADER_BYTES)
    declared = ENCODINGS.get(found[1].decode().upper(), "utf-8") if found else "utf-8"
    payload = _with_terminators(warn_of_losses(decoded(content, declared)))
    if payload.text[:3].upper() == "UNA" and payload.text[8:9] in ("\r", "\n"):
        return payload  # line ends are its terminators
    return unwrapped(payload, _WRAP_LENGTHS)


def _with_terminators(payload: Text) -> Text:
    """Apostrophes that a text program has made typographic are terminators again where segments end."""
    text = payload.text
    if text.isascii() or (text[:3].upper() == "UNA" and text[8:9] != "'"):
        return payload
    mended, count = _QUOTE.subn("'", text)
    if not count:
        return payload
    detail = f"{count} segments end with a typographic apostrophe; read as segment terminators"
    return replace(payload, text=mended).warn("terminator_typographic", detail)
