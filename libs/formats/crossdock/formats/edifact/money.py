"""Currency, allowances, charges and taxes of a trade message.

Invariant: an amount enters the sums only where the sender states it, in the document's one currency, be it as
a percentage that a stated amount explains; any other percentage or rate is kept and changes no figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import AdjustmentKind, PartnerProfile, TaxCategory
from crossdock.formats.edi.percentages import Place, Share, explained
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.groups import Adjusting, Amounts, LineScan, Taxing
from crossdock.formats.edifact.segment import Segment
from crossdock.formats.edifact.trade import Trade
from crossdock.formats.edifact.values import Numbers
from crossdock.formats.order_draft import AdjustmentDraft, TaxDraft, both
from crossdock.formats.profile_rules import known_currency, order_currency

_REFERENCE: Final = "2"
"""Data element 6347: the currency that the document's amounts are in."""
_TARGET: Final = "3"
"""Data element 6347: a currency that amounts are also told in."""
_RATE_BOUND: Final = Decimal(1000)
_NONE: Final = Decimal(0)


class Money:
    """Reads the amounts of one message in its currency."""

    def __init__(self, trade: Trade, profile: PartnerProfile, *, is_needed: bool = True) -> None:
        self._document: Document = trade.document
        self._trade = trade
        self.numbers = Numbers(trade.document, profile)
        self._others: set[str] = set()
        self._not_explained: list[tuple[str, str, str]] = []
        """Warnings of percentages, until a total is found to explain them."""
        self._kept: set[int] = set()
        """Numbers of segments with an amount in another currency."""
        self.currency = self._currency(profile) if is_needed else self._currency_or_none(profile)
        """Empty where nobody states one and none is needed: then no amount is carried."""
        if self.currency:
            self.numbers.in_currency(self.currency)

    def _currency_or_none(self, profile: PartnerProfile) -> str:
        try:
            return self._currency(profile)
        except Rejected as refusal:
            if refusal.code is not RejectionCode.CURRENCY_MISSING:
                raise
            self._document.warn("currency_missing", "no amount is carried without a currency", refusal.path)
            return ""

    def _currency(self, profile: PartnerProfile) -> str:
        """The currency of CUX, else of the amounts, else of the profile; all that state one must agree.

        Raises Rejected `currency_missing`, `currency_unknown`, `currency_mixed`.
        """
        stated = [found for cux in self._trade.currencies for found in self._of_cux(cux)]
        if not stated:
            stated = [(moa, 1, 3) for moa in _all_moas(self._trade) if moa.get(1, 3)]
        place = self._document.segments[0].path()
        known: dict[str, Segment] = {}
        for segment, at, part in stated:
            place = segment.path(at, part)
            known.setdefault(known_currency(segment.code(at, part), place), segment)
        if len(known) > 1:
            detail = "the message states its amounts in more than one currency; send one per currency"
            raise list(known.values())[1].refuse(RejectionCode.CURRENCY_MIXED, detail, 1)
        return order_currency(next(iter(known), None), profile, place)

    def _of_cux(self, cux: Segment) -> Iterable[tuple[Segment, int, int]]:
        """Where a CUX states the reference currency; its other currencies are remembered."""
        stated = [at for at in (1, 2) if cux.get(at, 2)]
        reference = next((at for at in stated if cux.code(at) == _REFERENCE), None)
        if reference is None:
            reference = next((at for at in stated if cux.code(at) != _TARGET), None)
        self._others.update(cux.code(at, 2) for at in stated if at != reference)
        return [(cux, reference, 2)] if reference is not None else []

    def amount(self, moa: Segment | None) -> Decimal | None:
        """Amount of a MOA; None where there is none, or it is told in another currency of the CUX.

        Raises Rejected `currency_mixed`, `amount_unparsable`.
        """
        if moa is None or not moa.get(1, 2) or not self.currency:
            return None
        stated = moa.code(1, 3)
        if stated and stated != self.currency:
            if stated in self._others:
                detail = "an amount in another currency of the CUX is kept as an extension"
                self._document.warn("amount_in_other_currency", detail, moa.path(1, 3))
                if moa.number not in self._kept:
                    self._kept.add(moa.number)
                    self._trade.keep_whole(f"MOA.{moa.get(1)}", moa.rest())
                return None
            detail = "an amount is in another currency than the message; send one message per currency"
            raise moa.refuse(RejectionCode.CURRENCY_MIXED, detail, 1, 3)
        return self.numbers.amount(moa, 1, 2)

    def first(self, moas: Iterable[Segment], wanted: Iterable[str]) -> Decimal | None:
        """The first amount with one of these 5025 codes, in their order."""
        by_code: dict[str, list[Segment]] = {}
        for moa in moas:
            by_code.setdefault(moa.code(1), []).append(moa)
        found = (self.amount(moa) for code in wanted for moa in by_code.get(code, ()))
        return next((amount for amount in found if amount is not None), None)

    def due_and_paid(self, moas: Sequence[Segment], due: Decimal, total: Decimal | None) -> Decimal:
        """What is due with all that is paid already; partners have codes of their own (Z…) for some of it,
        which count where they then make the total."""
        paid = due + self._sum_of([moa for moa in moas if moa.code(1) == codes.PREPAID])
        whole = paid + self._sum_of([moa for moa in moas if moa.code(1).startswith("Z")])
        return whole if whole == total else paid

    def _sum_of(self, moas: Iterable[Segment]) -> Decimal:
        return sum((amount for amount in map(self.amount, moas) if amount is not None), Decimal(0))

    # ---- allowances and charges ----

    def adjustments(self, amounts: Amounts, *, may_be_told: bool = True) -> list[AdjustmentDraft]:
        """Allowances and charges with an amount, in order; a total may still tell what percentages are."""
        found = [self._adjustment(adjusting, may_be_told) for adjusting in amounts.adjustings]
        return [adjustment for adjustment in found if adjustment is not None]

    def _adjustment(self, adjusting: Adjusting, may_be_told: bool) -> AdjustmentDraft | None:
        """The adjustment of an ALC; None (kept with a warning) where it changes no sum."""
        alc = adjusting.segment
        amount = self.first(adjusting.amounts, codes.ADJUSTMENT_AMOUNTS)
        reason = _not_counted(alc, amount)
        if amount is None or reason:
            detail = f"the allowance or charge is kept as an extension and changes no sum: {reason}"
            warning = ("charge_not_counted", detail, alc.path())
            if may_be_told and self._share(adjusting) is not None:
                self._not_explained.append(warning)
            else:
                self._document.warn(*warning)
            return None
        if amount < 0 and alc.code(1) == "A" and not self._is_reversal():
            detail = "an allowance is stated with a minus; it is an allowance of that size"
            self._document.warn("allowance_sign", detail, alc.path())
            amount = abs(amount)
        return self._drafted(adjusting, amount)

    def _is_reversal(self) -> bool:
        """Whether the lines are all taken back: then so is an allowance with a minus."""
        nets = [self.first(line.amounts.moas, (codes.LINE_NET,)) for line in self._trade.lines]
        known = [net for net in nets if net is not None]
        return any(known) and all(net <= 0 for net in known)

    def _drafted(self, adjusting: Adjusting, amount: Decimal) -> AdjustmentDraft:
        """The adjustment of an ALC that is this much, the sign apart."""
        alc, is_charge = adjusting.segment, adjusting.segment.code(1) == "C"
        code = alc.code(5)
        texts = [text for text in (code, alc.get(2), alc.get(5, 4), alc.get(5, 5)) if text]
        return AdjustmentDraft(
            kind=codes.CHARGES.kind(code, is_charge=is_charge),
            is_charge=is_charge,
            amount=both(amount if is_charge else -amount),
            reason_raw=" ".join(texts),
            taxes=tuple(self.taxes(adjusting.taxings, is_warned=False)),
        )

    def percentages(self, amounts: Amounts, gross: Decimal, net: Decimal) -> list[AdjustmentDraft]:
        """Allowances and charges that state a percentage alone, where they lead from the gross amount to the
        net one. Empty where they do not."""
        shares = self.shares(amounts)
        if len(shares) < len(amounts.adjustings):
            return []
        found = explained([], Place(gross, shares), net - gross, self.currency)
        return found[-1] if found else []

    def shares(self, amounts: Amounts) -> list[Share]:
        """Allowances and charges that state a percentage alone."""
        found = [self._share(adjusting) for adjusting in amounts.adjustings]
        return [share for share in found if share is not None]

    def _share(self, adjusting: Adjusting) -> Share | None:
        """The percentage of an ALC that states nothing else; None where there is none that can be read."""
        alc = adjusting.segment
        if adjusting.amounts or len(adjusting.percentages) != 1 or _not_counted(alc, _NONE):
            return None
        try:
            part = self.numbers.number(adjusting.percentages[0], 1, 2) / 100
        except Rejected:
            return None
        return Share(part if alc.code(1) == "C" else -part, self._drafted(adjusting, _NONE))

    def open_shares(self, line: LineScan) -> list[Share]:
        """Those of a line whose own amount does not tell already what they are."""
        return [] if line.amounts.moa(codes.LINE_NET) is not None else self.shares(line.amounts)

    def whole_shares(self) -> list[Share]:
        """Those of the header, else of the summary."""
        return self.shares(self._trade.header if self._trade.header.adjustings else self._trade.summary)

    def tell_not_counted(self) -> None:
        """Warns of those that nothing explains."""
        for warning in self._not_explained:
            self._document.warn(*warning)

    # ---- taxes ----

    def taxes(self, taxings: Iterable[Taxing], *, is_warned: bool = True) -> list[TaxDraft]:
        """Taxes with an amount, in order."""
        found = [self.tax(taxing, is_warned=is_warned) for taxing in taxings]
        return [tax for tax in found if tax is not None]

    def tax(self, taxing: Taxing, *, is_warned: bool) -> TaxDraft | None:
        """The tax of a TAX; None (kept) where it states only a rate."""
        tax = taxing.segment
        amount = self.first(taxing.amounts, codes.TAX_AMOUNTS)
        if amount is None:
            if is_warned and taxing.amounts:
                detail = "the tax states no amount of tax; it is kept as an extension and changes no sum"
                self._document.warn("tax_not_counted", detail, tax.path())
            return None
        return TaxDraft(
            both(amount),
            rate_percent=self.rate(tax),
            base=self.first(taxing.amounts, codes.TAX_BASES),
            category=codes.TAX_CATEGORIES.get(tax.code(6), TaxCategory.UNKNOWN),
            jurisdiction=tax.code(2),
        )

    def is_said(self, taxing: Taxing) -> bool:
        """Whether a TAX states its amount, be it by a rate of 0."""
        return self.first(taxing.amounts, codes.TAX_AMOUNTS) is not None or self.rate(taxing.segment) == 0

    def whole_tax(self, amount: Decimal, taxings: Iterable[Taxing]) -> TaxDraft:
        """The tax that only its total states; its rate and category where all TAX say the same."""
        segments = [taxing.segment for taxing in taxings]
        rates = {self.rate(tax) for tax in segments}
        categories = {tax.code(6) for tax in segments}
        return TaxDraft(
            both(amount),
            rate_percent=rates.pop() if len(rates) == 1 else None,
            category=codes.TAX_CATEGORIES.get(
                categories.pop() if len(categories) == 1 else "", TaxCategory.UNKNOWN
            ),
        )

    def rate(self, tax: Segment) -> Decimal | None:
        """Rate in percent of a TAX (5278), where it states one."""
        if not tax.get(5, 4):
            return None
        rate = self.numbers.number(tax, 5, 4)
        if 0 <= rate < _RATE_BOUND:
            return rate
        self._document.warn("tax_rate_invalid", "a rate is no percentage; kept as said", tax.path(5, 4))
        return None


def total_of_charges(amount: Decimal) -> list[AdjustmentDraft]:
    """Charges less allowances that only their total states."""
    is_charge = amount > 0
    kind = AdjustmentKind.SURCHARGE if is_charge else AdjustmentKind.ALLOWANCE
    return [AdjustmentDraft(kind=kind, is_charge=is_charge, amount=both(amount), reason_raw="MOA 131")]


def _not_counted(alc: Segment, amount: Decimal | None) -> str:
    if alc.code(1) not in ("A", "C"):
        return "ALC01 is neither A (allowance) nor C (charge)"
    if amount is None:
        return "it states no amount (MOA 8, 23 or 204)"
    if alc.code(3) in codes.SETTLED_ELSEWHERE:
        return f"ALC03 says {codes.SETTLED_ELSEWHERE[alc.code(3)]}"
    return ""


def _all_moas(trade: Trade) -> Iterable[Segment]:
    for amounts in (trade.header, *[line.amounts for line in trade.lines], trade.summary):
        yield from amounts.moas
        for adjusting in amounts.adjustings:
            yield from adjusting.amounts
        for taxing in amounts.taxings:
            yield from taxing.amounts
