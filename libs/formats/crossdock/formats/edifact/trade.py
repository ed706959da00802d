"""A trade message in its groups: header, lines, summary, and what hangs on ALC, TAX, PRI, LOC, RFF and PAT.

Invariant: each segment goes to exactly one group, or is kept as an extension or (where it is personal) as
a note; nothing is interpreted here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from crossdock.canonical.models import Extension
from crossdock.formats.edi.line_ids import LineIds
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.groups import Adjusting, Amounts, LineScan, Taxing
from crossdock.formats.edifact.items import ItemIds
from crossdock.formats.edifact.parties import Issuers, PartyReader
from crossdock.formats.edifact.segment import Segment
from crossdock.formats.edifact.tokenizer import SEGMENT_TAGS

_ENVELOPE: Final = frozenset({"UNH", "UNT", "UNS"})
_OF_PARTY: Final = frozenset({"RFF", "CTA", "COM", "FII", "LOC", "DOC"})
"""Segments that a NAD group may hold and that leave it open."""
_SPLITTING: Final = frozenset({"LOC", "SCC"})
"""Segments whose quantities split that of the line."""
_LINE_AMOUNTS: Final = frozenset({"203", "66", "38"})
"""Data element 5025 codes that are the line's, behind whatever they stand."""
_ENDING: Final = codes.WHOLE_AMOUNTS | {codes.LINES_TOTAL, codes.TAX_TOTALS[0]}
"""Data element 5025 codes that end the lines of a message without UNS."""
_WITH_ACTIONS: Final = frozenset({"ORDRSP", "ORDCHG"})
"""Message types whose lines carry what is done with them (1229)."""
_OF_MESSAGE: Final = frozenset({"137", "2", "10", "11", "17", "38", "61", "63", "64", "132"})
"""Data element 2005 codes that speak of the whole message, wherever they stand in its header."""
_NAME_LENGTH: Final = 40


class Trade:
    """Groups of one message; use once."""

    def __init__(self, document: Document, issuers: Issuers) -> None:
        self.document = document
        self.issuers = issuers
        self.parties = PartyReader(document, issuers)
        self.bgm: Segment | None = None
        self.header = Amounts()
        self.summary = Amounts()
        self.lines: list[LineScan] = []
        self.references: list[Segment] = []
        self.dates: dict[str, Segment] = {}
        self.currencies: list[Segment] = []
        self.terms: list[Segment] = []
        self.term_dates: dict[str, Segment] = {}
        self.transports: list[Segment] = []
        self.counts: dict[str, Segment] = {}
        self.notes: list[str] = []
        self.extensions: list[Extension] = []
        self.is_summary = False
        self._opener: Segment | None = None
        """The segment that what follows hangs on: ALC, TAX, LOC, SCC, RFF, PAT, PRI."""
        self._alc: Adjusting | None = None
        self._ids = LineIds(document, "LIN01", "number")
        self._last_line = 0
        self._loose_dates: dict[str, Segment] = {}
        """Dates of the header that stand behind a reference or transport: the message's where it has none."""

    def scan(self) -> Trade:
        """Takes all segments. Raises Rejected where there are too many lines or a line id is too long."""
        self._last_line = self._find_last_line()
        for segment in self.document.segments:
            if segment.tag not in _OF_PARTY:
                self.parties.open = None
            if self._opener is not None and self._opener.tag == "RFF" and segment.tag != "DTM":
                self._opener = None
            self._take(segment)
        for amounts in (self.header, self.summary):
            amounts.lift(codes.WHOLE_AMOUNTS)
        for code in _OF_MESSAGE.intersection(self._loose_dates).difference(self.dates):
            self.dates[code] = self._loose_dates[code]
        return self

    def _find_last_line(self) -> int:
        """Number of the last LIN of a message without summary section; 0 where it has one."""
        segments = self.document.segments
        if any(segment.tag == "UNS" and segment.code(1) == "S" for segment in segments):
            return 0
        return next((one.number for one in reversed(segments) if one.tag == "LIN"), 0)

    @property
    def line(self) -> LineScan | None:
        """The line whose group is open; None in header and summary."""
        return self.lines[-1] if self.lines and not self.is_summary else None

    @property
    def amounts(self) -> Amounts:
        """Amounts of the place where the scan stands."""
        if self.is_summary:
            return self.summary
        return self.lines[-1].amounts if self.lines else self.header

    def keep(self, name: str, value: str) -> None:
        """Keeps a value of the message, or of the open line."""
        if not value:
            return
        name = name[:_NAME_LENGTH].rstrip(".")
        if self.line is not None:
            self.line.keep(name, value)
        else:
            self.extensions.append(Extension(name=name, value=value))

    def keep_whole(self, name: str, value: str) -> None:
        """Keeps a value of the whole message, wherever the scan stands."""
        if value:
            self.extensions.append(Extension(name=name[:_NAME_LENGTH].rstrip("."), value=value))

    def note(self, text: str) -> None:
        """Keeps free or personal text; of a line with its id in front."""
        if text:
            self.notes.append(f"line {self.line.line_id}: {text}" if self.line is not None else text)

    def _take(self, segment: Segment) -> None:
        line = self.line
        if line is not None and line.sublines and segment.tag not in ("LIN", "UNS", "CNT", "UNT"):
            line.keep(segment.tag, segment.joined())
            return
        handler = _HANDLERS.get(segment.tag)
        if handler is not None:
            handler(self, segment)
        elif segment.tag not in _ENVELOPE:
            self._keep_segment(segment)

    def _keep_segment(self, segment: Segment) -> None:
        if segment.tag in ("TDT", "SCC", "PAT", "LOC"):
            self._opener = segment
        if segment.tag not in SEGMENT_TAGS:
            detail = "a segment tag that the directories do not have; kept as a note"
            self.document.warn("segment_unknown", detail, segment.path())
            self.note(" ".join(f"{segment.row[0][0]} {segment.joined()}".split()))
            return
        self.keep(segment.tag, segment.joined())

    def on_bgm(self, bgm: Segment) -> None:
        """Name, number and function of the document."""
        self.bgm = bgm
        self.keep("BGM.01", bgm.get(1))
        self.keep("BGM.01.04", bgm.get(1, 4))
        self.keep("BGM.04", bgm.get(4))

    def on_uns(self, uns: Segment) -> None:
        """`UNS+S` opens the summary."""
        self._opener = self._alc = None
        if uns.code(1) == "S":
            self.is_summary = True

    def on_lin(self, lin: Segment) -> None:
        """A line, or a sub-line of the open one (C829)."""
        self._opener = self._alc = None
        self.is_summary = False
        if lin.code(4) and self.lines:
            line = self.lines[-1]
            line.sublines += 1
            line.keep(f"LIN[{line.sublines}]", lin.joined())
            detail = "a sub-line is kept as an extension; it is not ordered by itself"
            self.document.warn("subline_kept", detail, lin.path())
            return
        self.open_line(lin)

    def open_line(self, lin: Segment) -> LineScan:
        """A new line; its id is LIN01, else its position."""
        line_id = self._ids.take(lin, lin.get(1))
        scan = LineScan(lin, line_id, ItemIds(self.issuers.buyer, self.issuers.seller))
        scan.ids.take_lin(lin)
        if lin.get(2) and self.document.message_type not in _WITH_ACTIONS:
            scan.keep("LIN.02", ":".join(lin.row[2]))
        self.lines.append(scan)
        return scan

    def on_pia(self, pia: Segment) -> None:
        """Further numbers of the item."""
        if self.line is None:
            self._keep_segment(pia)
        else:
            self.line.ids.take_pia(pia)

    def on_qty(self, qty: Segment) -> None:
        """A quantity: of the line, of a split of it, or of an allowance."""
        line = self.line
        if line is None or (self._opener is not None and self._opener.tag == "ALC"):
            self._keep_segment(qty)
        elif qty.code(1) == "11" or (self._opener is not None and self._opener.tag in _SPLITTING):
            where = self._opener.joined() if self._opener is not None else ""
            line.splits.append(qty)
            line.keep("QTY.split", f"{where} {qty.joined()}".strip())
        else:
            line.quantities.append(qty)

    def on_pri(self, pri: Segment) -> None:
        """A price."""
        self._opener, self._alc = pri, None
        if self.line is None:
            self._keep_segment(pri)
        else:
            self.line.prices.append(pri)

    def on_alc(self, alc: Segment) -> None:
        """An allowance or charge."""
        self._opener = alc
        self._alc = Adjusting(alc)
        self.amounts.adjustings.append(self._alc)
        self.keep("ALC", alc.joined())

    def on_tax(self, tax: Segment) -> None:
        """A tax: of the ALC before it, else of the place."""
        taxing = Taxing(tax)
        (self._alc.taxings if self._alc is not None else self.amounts.taxings).append(taxing)
        self._opener = tax
        self.keep("TAX", tax.joined())

    def on_moa(self, moa: Segment) -> None:
        """An amount: of the TAX, ALC or PAT before it, else of the place."""
        if self._ends_lines(moa):
            self.is_summary, self._opener, self._alc = True, None, None
        if self.line is not None and moa.code(1) in _LINE_AMOUNTS:
            self.line.amounts.moas.append(moa)
            return
        opener = self._opener.tag if self._opener is not None else ""
        if opener in ("TAX", "ALC", "PAT"):
            self.keep(f"{opener}.MOA.{moa.get(1)}", moa.rest())
        if opener == "TAX":
            holder = self._alc.taxings if self._alc is not None else self.amounts.taxings
            holder[-1].amounts.append(moa)
        elif opener == "ALC" and self._alc is not None:
            self._alc.amounts.append(moa)
        elif opener != "PAT":
            self.amounts.moas.append(moa)

    def _ends_lines(self, moa: Segment) -> bool:
        """Whether a total of the message ends the lines, for want of an UNS; no line states the like."""
        if not 0 < self._last_line < moa.number or moa.code(1) not in _ENDING or self.line is None:
            return False
        return all(line.amounts.moa(moa.code(1)) is None for line in self.lines)

    def on_rff(self, rff: Segment) -> None:
        """A reference: of the party before it, of the line, or of the message."""
        if self.parties.take(rff):
            return
        party = f"NAD.{self.parties.open.code}." if self.parties.open else ""
        value = rff.rest()
        self.keep(f"{party}RFF.{rff.get(1)}", value)
        if not party:
            (self.line.references if self.line is not None else self.references).append(rff)
            self._opener = rff

    def on_dtm(self, dtm: Segment) -> None:
        """A date: of the reference, term or split before it, else of the line or the message."""
        opener, code = self._opener, dtm.code(1)
        value = dtm.rest()
        if opener is not None and opener.tag in ("RFF", "LOC", "SCC", "TDT"):
            self.keep(f"{opener.tag}.{opener.get(1)}.DTM.{code}", value)
            if not self.lines:
                self._loose_dates.setdefault(code, dtm)
            return
        if opener is not None and opener.tag == "PAT":
            self.term_dates.setdefault(code, dtm)
            self.keep(f"PAT.DTM.{code}", value)
            return
        dates = self.line.dates if self.line is not None else self.dates
        if code in dates or self.is_summary:
            self.keep(f"DTM.{code}", value)
        else:
            dates[code] = dtm

    def on_nad(self, nad: Segment) -> None:
        """A party."""
        self._opener = self._alc = None
        self.parties.on_nad(nad, self.line.line_id if self.line is not None else None)

    def on_contact(self, segment: Segment) -> None:
        """A contact of the open party; without one it is a note."""
        if not self.parties.take(segment):
            self.note(" ".join(segment.joined().replace("+", " ").replace(":", " ").split()))

    def on_text(self, ftx: Segment) -> None:
        """Free text: notes; its codes are no text."""
        text = " ".join(ftx.texts(4))
        if text:
            self.note(text)
        else:
            self.keep("FTX", ftx.joined())

    def on_cux(self, cux: Segment) -> None:
        """Currencies."""
        self.currencies.append(cux)
        if cux.get(2) or cux.get(3):
            self.keep("CUX", cux.joined())

    def on_pcd(self, pcd: Segment) -> None:
        """A percentage: of the ALC before it, else kept only."""
        if self._opener is not None and self._opener.tag == "ALC" and self._alc is not None:
            self._alc.percentages.append(pcd)
        self.keep("PCD", pcd.joined())

    def on_pat(self, pat: Segment) -> None:
        """Payment terms."""
        self._opener, self._alc = pat, None
        self.terms.append(pat)
        self.keep("PAT", pat.joined())

    def on_tdt(self, tdt: Segment) -> None:
        """A transport."""
        self._opener, self._alc = tdt, None
        self.transports.append(tdt)
        self.keep("TDT", tdt.joined())

    def on_cnt(self, cnt: Segment) -> None:
        """A control total; it ends the lines."""
        self.is_summary = True
        self._opener = self._alc = None
        if self.counts.setdefault(cnt.code(1), cnt) is not cnt or cnt.code(1) not in ("1", "2"):
            self.keep(f"CNT.{cnt.get(1)}", cnt.get(1, 2))

    def all_extensions(self, lines: Iterable[LineScan] | None = None) -> tuple[Extension, ...]:
        """Those of the message, then those of its lines (or of some of them) in order."""
        chosen = self.lines if lines is None else lines
        return (*self.extensions, *[extension for line in chosen for extension in line.extensions])

    def all_notes(self) -> str | None:
        """Free and personal text, a line each; None where there is none."""
        return "\n".join([*self.notes, *self.parties.notes]) or None


_HANDLERS: Final[dict[str, Callable[[Trade, Segment], None]]] = {
    "BGM": Trade.on_bgm,
    "UNS": Trade.on_uns,
    "LIN": Trade.on_lin,
    "PIA": Trade.on_pia,
    "QTY": Trade.on_qty,
    "PRI": Trade.on_pri,
    "ALC": Trade.on_alc,
    "TAX": Trade.on_tax,
    "MOA": Trade.on_moa,
    "RFF": Trade.on_rff,
    "DTM": Trade.on_dtm,
    "NAD": Trade.on_nad,
    **dict.fromkeys(("CTA", "COM"), Trade.on_contact),
    "FTX": Trade.on_text,
    "CUX": Trade.on_cux,
    "PCD": Trade.on_pcd,
    "PAT": Trade.on_pat,
    "TDT": Trade.on_tdt,
    "CNT": Trade.on_cnt,
}
