"""Money and control figures of an 850: currency, charges, taxes, stated totals, counts.

Invariant: every CUR of the order agrees or it is refused; totals and counts are carried as said and
compared, never corrected; figures that agree on a loss refuse the order.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import Order, PartnerProfile, VarianceCode
from crossdock.formats.edi.losses import Segments, lost_lines
from crossdock.formats.edi.percentages import Share, settle
from crossdock.formats.edi.text import count_of
from crossdock.formats.order_arithmetic import total_of
from crossdock.formats.order_draft import (
    AdjustmentDraft,
    OrderDraft,
    StatedDraft,
    StatedFigure,
    TaxDraft,
    both,
)
from crossdock.formats.x12.charges import charge_of, share_of, tax_of
from crossdock.formats.x12.currency import document_currency
from crossdock.formats.x12.document import Document, Segment
from crossdock.formats.x12.kept import Kept
from crossdock.formats.x12.order_lines import LineScan
from crossdock.formats.x12.repeated_charges import REPEATED, is_total_of, own_charges
from crossdock.formats.x12.values import Numbers

_TOTALS: Final[dict[str, Literal["subtotal", "total"]]] = {"TT": "total", "1": "subtotal"}
"""Element 522 of an AMT outside lines: total transaction amount, line item total."""


class MoneyReader:
    """Collects currencies, charges, taxes and totals of one order."""

    def __init__(self, document: Document, kept: Kept, numbers: Numbers) -> None:
        self._document = document
        self._kept = kept
        self._numbers = numbers
        self._hash_total = ""
        self._is_hash_right = False
        self._has_summary = any(segment.tag == "CTT" for segment in document.segments)
        self._last_po1 = max([s.number for s in document.segments if s.tag == "PO1"], default=0)
        self.adjustments: list[AdjustmentDraft] = []
        self.taxes: list[TaxDraft] = []
        self.stated = StatedDraft()
        self._shares: list[tuple[LineScan | None, Share, Segment]] = []
        """What states a percentage alone, with its line or None."""

    def currency(self, profile: PartnerProfile) -> str:
        """Currency of the order from every CUR segment and the profile.

        Raises:
            Rejected: `currency_missing`, `currency_unknown`, `currency_mixed`.
        """
        return document_currency(self._document, profile)

    def on_cur(self, cur: Segment) -> None:
        """What a CUR says besides the currency."""
        if len(cur.row) > 3:
            self._kept.extend("CUR", cur.joined())

    def on_sac(self, sac: Segment) -> None:
        """An allowance or charge of the order or of the line it stands under."""
        line = self._kept.line
        self._kept.extend("SAC", sac.joined())
        if line is not None and line.sublines:
            detail = "an allowance or charge of a subline is kept as an extension and changes no sum"
            self._document.warn("charge_not_counted", detail, sac.path())
            return
        share = share_of(sac, self._numbers)
        if share is not None:
            self._shares.append((line, share, sac))
        else:
            self._charge(line, sac)

    def _charge(self, line: LineScan | None, sac: Segment) -> None:
        found = charge_of(sac, self._document, self._numbers)
        if isinstance(found, TaxDraft):
            (self.taxes if line is None else line.taxes).append(found)
        elif found is not None:
            (self.adjustments if line is None else line.adjustments).append(found)

    def settle(self, draft: OrderDraft) -> None:
        """Charges and taxes of the draft: what is stated twice counts once, percentages as the total tells.

        What is stated at lines and for the whole may also be two of a kind: then the total says so.
        """
        if draft.stated.total is None or draft.stated.total.shop != total_of(draft):
            self._settle_repeated(draft)
        self._settle_percentages(draft)

    def _settle_repeated(self, draft: OrderDraft) -> None:
        taxes = [tax for line in draft.lines for tax in line.taxes]
        charges = [charge for line in draft.lines for charge in line.adjustments]
        counted, codes = own_charges(draft.adjustments, charges)
        is_repeated = is_total_of(draft.taxes, taxes)
        if not codes and not is_repeated:
            return
        draft.adjustments[:] = counted
        draft.taxes[:] = [] if is_repeated else draft.taxes
        self._document.warn("charge_repeated", REPEATED, self._document.segments[0].path())

    def _settle_percentages(self, draft: OrderDraft) -> None:
        """Allowances and charges that state a percentage alone count where the stated total tells so."""
        if not self._shares:
            return
        of_line: defaultdict[str, list[Share]] = defaultdict(list)
        for line, share, _ in self._shares:
            of_line["" if line is None else line.line_id].append(share)
        if settle(draft, [of_line[scan.line_id] for scan in self._kept.lines.scans], of_line[""]):
            return
        for line, _, sac in self._shares:
            self._charge(line, sac)

    def on_txi(self, txi: Segment) -> None:
        """A tax of the order or of the line it stands under."""
        line = self._kept.line
        self._kept.extend("TXI", txi.joined())
        found = None if line is not None and line.sublines else tax_of(txi, self._document, self._numbers)
        if found is not None:
            (self.taxes if line is None else line.taxes).append(found)

    def on_amt(self, amt: Segment) -> None:
        """Totals as said; AMT*1 inside a line is the line's amount."""
        line, code = self._kept.line, amt.code(1)
        is_subline = line is not None and line.sublines > 0
        if not amt.get(2) or code not in _TOTALS or is_subline:
            self._kept.extend(f"AMT.{code}", amt.joined())
            return
        amount = self._numbers.amount(amt, 2)
        if line is not None and code == "1" and self._is_line_amount():
            line.stated_amount = amount
        else:
            self._total(_TOTALS[code], amount)

    def _is_line_amount(self) -> bool:
        """Without a CTT, an AMT behind the last of several lines is taken for the order's."""
        lines = self._kept.lines.scans
        return self._has_summary or len(lines) == 1 or lines[-1].po1.number != self._last_po1

    def _total(self, name: Literal["subtotal", "total"], amount: Decimal) -> None:
        if getattr(self.stated, name) is None:
            setattr(self.stated, name, both(amount))
            return
        code = VarianceCode.ORDER_TOTAL if name == "total" else VarianceCode.SUBTOTAL
        subject = f"stated.{name}#{len(self.stated.others) + 2}"
        self.stated.others.append(StatedFigure(code, subject, both(amount), name))

    def on_ctt(self, ctt: Segment) -> None:
        """Counts of the sender."""
        self._kept.is_summary = True
        self._hash_total = ctt.get(2)
        if ctt.get(1):
            self.stated.line_count = self._count(ctt, 1)
        if ctt.get(2):
            self.stated.quantity_total = self._count(ctt, 2)
        if ctt.get(3):
            self._kept.extend("CTT", ctt.joined())

    def _count(self, ctt: Segment, at: int) -> Decimal | None:
        try:
            return self._numbers.number(ctt, at)
        except Rejected as refusal:
            self._document.warn("control_total_unreadable", refusal.detail, refusal.path)
            return None

    def settle_hash_total(self) -> None:
        """Takes back a CTT02 that is the standard's hash total: it leaves decimal points out."""
        if count_of(self._hash_total) == self._hash_of_digits():
            self.stated.quantity_total = None
            self._is_hash_right = True

    def check_loss(self, order: Order) -> None:
        """Refuses an order whose SE01 and CTT01 miss the same, unless a total speaks against it.

        Raises:
            Rejected: `control_total_mismatch`.
        """
        document = self._document
        names, read = ("SE01", "CTT01"), len(document.segments)
        segments = Segments(read, document.stated_count, self._longest_line(), names)
        detail = "" if self._is_hash_right else lost_lines(order, self.stated, segments)
        if detail:
            raise document.segments[-1].refuse(RejectionCode.CONTROL_TOTAL_MISMATCH, detail, 1)

    def _longest_line(self) -> int:
        """Segments of the longest line loop."""
        starts = [segment.number for segment in self._document.segments if segment.tag in ("PO1", "CTT")]
        return max([after - before for before, after in pairwise(starts)], default=1)

    def _hash_of_digits(self) -> int:
        scans = self._kept.lines.scans
        return sum(count_of(scan.po1.get(2).replace(".", "")) or 0 for scan in scans)
