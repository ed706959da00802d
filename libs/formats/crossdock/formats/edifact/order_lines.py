"""Lines of an order: quantity, price with its basis, allowances, splits.

Invariant: every LIN becomes exactly one line (a sub-line excepted, which is kept); quantity, unit and price
are read or the order is refused at their place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final, Protocol

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import PartnerProfile, PriceBasis, Quantity, Variance, VarianceCode
from crossdock.canonical.money import extend
from crossdock.formats.edi.measures import converted
from crossdock.formats.edi.ordered import Ordered
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.groups import LineScan
from crossdock.formats.edifact.items import known_unit, unit_of
from crossdock.formats.edifact.money import Money
from crossdock.formats.edifact.segment import Segment
from crossdock.formats.edifact.trade import Trade
from crossdock.formats.edifact.values import moments_of
from crossdock.formats.order_arithmetic import extended_of
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, both
from crossdock.formats.order_variances import variance

_NONE: Final = Decimal(0)
_FOUR_PLACES: Final = Decimal("0.0001")
_SIX_PLACES: Final = Decimal("0.000001")
_EXACT: Final = Context(prec=200)
_ORDERED: Final = ("21", "1", "61", "113", "131", "12", "46", "47")
"""Data element 6063 of what is ordered, the most exact first: ordered, discrete, …; then what senders write
for it: despatched, delivered, invoiced."""
_UNUSUAL: Final = frozenset({"12", "46", "47"})

DELETED: Final = "2"
"""Data element 1229 of a line."""


class Figures(Protocol):
    """What lines write their variances to: an order's draft, an invoice."""

    currency: str
    variances: list[Variance]


@dataclass(slots=True)
class Price:
    """A price per so much of a unit; `unit` is empty where it is the ordered one."""

    amount: Decimal
    per: Decimal
    unit: str
    segment: Segment
    is_gross: bool


class OrderLines:
    """Makes line drafts of the LIN groups of one order."""

    def __init__(
        self, trade: Trade, money: Money, profile: PartnerProfile, wanted: tuple[str, ...] = _ORDERED
    ) -> None:
        self.trade = trade
        self.money = money
        self.profile = profile
        self.wanted = wanted
        """Data element 6063 of the quantity that counts, the most exact first."""
        self.is_reference_enough = False
        """The document cancels: its lines may name what they cancel without a quantity."""
        self.is_change = False
        """The document is an order change: a line that it deletes needs no quantity."""
        self.is_reversible = False
        """The document is an invoice: what it takes back has a quantity below zero."""

    def drafts(self, figures: Figures) -> list[LineDraft]:
        """All lines; their variances go to the order."""
        return [self._line(scan, figures) for scan in self.trade.lines]

    def amount_of(self, scan: LineScan, quantity: Quantity) -> Decimal | None:
        """What a quantity of the line costs at its net price, else its gross one; None without a price in the
        unit of the quantity."""
        price = self._price_of(scan, codes.NET_PRICES, is_gross=False)
        price = price or self._price_of(scan, codes.GROSS_PRICES, is_gross=True)
        if price is None or not self.money.currency:
            return None
        ordered = Ordered(quantity.value, quantity.unit, quantity.unit, Decimal(1))
        priced = self._priced(price, ordered)
        return None if priced is None else _priced_amount(price, priced)

    def _line(self, scan: LineScan, figures: Figures) -> LineDraft:
        ordered = self._ordered(scan)
        if self.is_reversible and ordered.value > 0 and self._is_taken_back(scan):
            detail = "the line's amount is below zero and its price is not: its quantity is taken back"
            self.trade.document.warn("quantity_taken_back", detail, scan.lin.path())
            ordered.value = -ordered.value
        for warning in scan.ids.warnings:
            self.trade.document.warn(*warning)
        for qualifier, value in scan.ids.others:
            scan.keep(f"PIA.{qualifier}", value)
        line = LineDraft(
            line_id=scan.line_id,
            ordered=ordered.value,
            unit=ordered.unit,
            identifiers=tuple(scan.ids.found),
            stock=ordered.in_stock(scan.line_id, figures.variances),
            path=scan.lin.path(),
            taxes=self.money.taxes(scan.amounts.taxings),
        )
        self._dates(scan, line)
        self._value(scan, line, ordered, figures)
        self._check_splits(scan, ordered, figures)
        return line

    def _is_taken_back(self, scan: LineScan) -> bool:
        amount = self.money.first(scan.amounts.moas, (codes.LINE_NET, codes.LINE_GROSS))
        return amount is not None and amount < 0 and not any("-" in pri.get(1, 2) for pri in scan.prices)

    def _is_reference(self, scan: LineScan) -> bool:
        return self.is_reference_enough or (self.is_change and scan.lin.code(2) == DELETED)

    # ---- quantity ----

    def _ordered(self, scan: LineScan) -> Ordered:
        qty = scan.quantity(*self.wanted)
        for other in scan.quantities:
            if other is not qty:
                scan.keep(f"QTY.{other.get(1)}", other.rest())
        if qty is None and scan.splits:
            return self._sum_of_splits(scan)
        if qty is None or not qty.get(1, 2):
            if self._is_reference(scan):
                return Ordered.unsaid(self.trade.document, scan.lin.path())
            detail = f"the line states no quantity (QTY {self.wanted[0]})"
            raise scan.lin.refuse(RejectionCode.FIELD_INVALID, detail)
        if self.wanted is _ORDERED and qty.code(1) in _UNUSUAL:
            detail = "the line's quantity is not said to be ordered (QTY 21); it is what the line states"
            self.trade.document.warn("quantity_code_unusual", detail, qty.path(1, 1))
        value = self._quantity(qty)
        unit, stock_unit, factor = unit_of(qty, self.profile)
        return Ordered(value, unit, stock_unit, factor)

    def _sum_of_splits(self, scan: LineScan) -> Ordered:
        detail = "there is no QTY 21; the sum of the line's splits is ordered"
        self.trade.document.warn("quantity_from_parts", detail, scan.lin.path())
        value = sum((self._quantity(split) for split in scan.splits), _NONE)
        unit, stock_unit, factor = unit_of(scan.splits[0], self.profile)
        return Ordered(value, unit, stock_unit, factor)

    def _quantity(self, qty: Segment) -> Decimal:
        value = self.money.numbers.number(qty, 1, 2)
        if value < 0 and not self.is_reversible:
            raise qty.refuse(RejectionCode.FIELD_INVALID, "an ordered quantity is not negative", 1, 2)
        if value != value.quantize(_SIX_PLACES, context=_EXACT):
            raise qty.refuse(RejectionCode.FIELD_INVALID, "a quantity has at most 6 decimals", 1, 2)
        return value

    def _check_splits(self, scan: LineScan, ordered: Ordered, figures: Figures) -> None:
        if not scan.splits or scan.quantity(*self.wanted) is None:
            return
        parts = sum((self._quantity(split) for split in scan.splits), _NONE)
        if parts != ordered.value:
            pair, subject = (parts, ordered.value), f"{scan.line_id}.QTY.split"
            figures.variances.append(
                variance(VarianceCode.QUANTITY_TOTAL, subject, pair, ordered.unit, _NONE)
            )

    def _dates(self, scan: LineScan, line: LineDraft) -> None:
        """A ship date of the line; all its dates are kept as well."""
        for code, dtm in scan.dates.items():
            scan.keep(f"DTM.{code}", dtm.rest())
        ship = scan.dates.get("10") or scan.dates.get("37")
        if ship is None:
            return
        try:
            line.requested_ship = moments_of(ship, self.profile.business_zone).start
        except (ValueError, OverflowError) as error:
            detail = f"the date is kept as said and not used: {error}"
            self.trade.document.warn("date_unreadable", detail, ship.path(1, 2))

    # ---- value ----

    def _price(
        self, scan: LineScan, ordered: Ordered, net: Decimal | None, adjustments: list[AdjustmentDraft]
    ) -> Price | None:
        """The price that the line is computed with; gross only where allowances follow it or it is alone.

        Where a net price gives the stated line amount and the gross one does not, that one counts.
        """
        plain = self._price_of(scan, codes.NET_PRICES, is_gross=False)
        gross = self._price_of(scan, codes.GROSS_PRICES, is_gross=True)
        has_adjustments = any(adjusting.amounts for adjusting in scan.amounts.adjustings)
        chosen = gross if gross is not None and (has_adjustments or plain is None) else plain
        if chosen is gross and gross is not None and plain is not None and net is not None:
            total = _total(adjustments)
            amounts = [self._amount(gross, ordered) + times * total for times in (1, ordered.value)]
            if net not in amounts and self._amount(plain, ordered) == net:
                chosen = plain
        for pri in scan.prices:
            if chosen is None or pri is not chosen.segment:
                scan.keep("PRI", pri.joined())
        return chosen

    def _price_of(self, scan: LineScan, wanted: tuple[str, ...], *, is_gross: bool) -> Price | None:
        """The first price with one of these 5125 codes. Raises Rejected for its basis."""
        usable = [pri for pri in scan.prices if pri.get(1, 2) and pri.code(1, 4) not in codes.RETAIL_PRICES]
        found = next((pri for code in wanted for pri in usable if pri.code(1) == code), None)
        if found is None:
            return None
        per = self.money.numbers.number(found, 1, 5) if found.get(1, 5) else Decimal(1)
        if per <= 0:
            raise found.refuse(RejectionCode.FIELD_INVALID, "a price basis (5284) is above 0", 1, 5)
        return Price(self.money.numbers.amount(found, 1, 2), per, found.code(1, 6), found, is_gross)

    def _amount(self, price: Price, ordered: Ordered) -> Decimal:
        """What the ordered quantity costs at a price, units apart."""
        return extend(price.amount, ordered.value, price.per)

    def _value(self, scan: LineScan, line: LineDraft, ordered: Ordered, figures: Figures) -> None:
        """Price, extended amount and allowances; the stated line amount is carried and compared."""
        net = self.money.first(scan.amounts.moas, (codes.LINE_NET,))
        gross = self.money.first(scan.amounts.moas, (codes.LINE_GROSS,))
        adjustments = self._stated_adjustments(scan, ordered, net)
        price = self._price(scan, ordered, net, adjustments)
        if price is not None:
            self._apply(price, line, ordered, is_amount_stated=net is not None or gross is not None)
        line.adjustments = self._adjustments(adjustments, scan, line, price, net)
        if line.adjustments:
            self._carry_gross(gross, net, line, figures)
        elif (stated := net if net is not None else gross) is not None:
            self._carry(stated, line, figures)
        if line.unit_price is None and line.extended is None:
            line.price_basis = PriceBasis.UNKNOWN
            if not self._is_reference(scan):
                detail = "the line states no price; its amount is carried as 0 with price basis unknown"
                self.trade.document.warn("price_missing", detail, scan.lin.path())

    def _stated_adjustments(
        self, scan: LineScan, ordered: Ordered, net: Decimal | None
    ) -> list[AdjustmentDraft]:
        """Allowances and charges that the line states, in amounts or in percentages that explain its amount;
        its other amounts are kept."""
        for moa in scan.amounts.moas:
            if moa.code(1) not in (codes.LINE_NET, codes.LINE_GROSS):
                scan.keep(f"MOA.{moa.get(1)}", moa.rest())
        if net is not None and scan.amounts.adjustings:
            gross = self._price_of(scan, codes.GROSS_PRICES + codes.NET_PRICES, is_gross=True)
            if gross is not None and self._priced(gross, ordered) == ordered.value:
                percentages = self.money.percentages(scan.amounts, self._amount(gross, ordered), net)
                if percentages:
                    return percentages
        return self.money.adjustments(scan.amounts, may_be_told=net is None)

    def _adjustments(
        self,
        adjustments: list[AdjustmentDraft],
        scan: LineScan,
        line: LineDraft,
        price: Price | None,
        net: Decimal | None,
    ) -> list[AdjustmentDraft]:
        """Those that change the line's amount: a net price includes them, unless the stated amount shows that
        it does not; that tells too whether they are of one unit each."""
        if not adjustments or price is None:
            return adjustments
        if net is not None and line.unit_price is not None and line.is_price_compared:
            gross = extend(line.unit_price.shop, line.ordered, line.price_per)
            if gross != net and gross + _total(adjustments) == net:
                return adjustments
            if gross != net and gross + line.ordered * _total(adjustments) == net:
                detail = "allowances and charges are of one unit each, by the line's amount"
                self.trade.document.warn("charge_per_unit", detail, scan.amounts.adjustings[0].segment.path())
                return [_times(line.ordered, one) for one in adjustments]
        if price.is_gross:
            return adjustments
        detail = "the price is net of the line's allowances and charges; they are kept and change no sum"
        self.trade.document.warn("charge_in_net_price", detail, scan.amounts.adjustings[0].segment.path())
        return []

    def _carry_gross(
        self, gross: Decimal | None, net: Decimal | None, line: LineDraft, figures: Figures
    ) -> None:
        """Amount before the line's allowances: as said, else what the net amount implies, which is compared
        with the price."""
        if gross is not None:
            self._carry(gross, line, figures)
        elif line.unit_price is None:
            line.price_basis = PriceBasis.EXTENDED
        if net is None or net == (computed := net_of(line)):
            return
        if line.unit_price is not None or gross is not None:
            self._vary(VarianceCode.NET_AMOUNT, (net, computed), line, figures)
        if gross is None:
            line.extended, line.is_price_compared = both(net - _total(line.adjustments)), False

    def _apply(self, price: Price, line: LineDraft, ordered: Ordered, *, is_amount_stated: bool) -> None:
        """Price and basis; per another unit, the amount follows from the converted quantity."""
        line.unit_price, line.price_per = both(price.amount), price.per
        line.price_basis = PriceBasis.UNIT if price.per == 1 else PriceBasis.PER_N
        priced = self._priced(price, ordered)
        if priced is None:
            self._refuse_or_warn(price, ordered, is_amount_stated=is_amount_stated)
            line.is_price_compared = False
            line.price_basis = PriceBasis.PER_N
            line.price_unit = known_unit(price.unit, self.profile) or price.unit
        elif priced != Fraction(ordered.value):
            line.is_price_compared, line.price_basis = False, PriceBasis.PER_N
            line.price_unit = known_unit(price.unit, self.profile) or ""
            line.extended = both(_priced_amount(price, priced))

    def _priced(self, price: Price, ordered: Ordered) -> Fraction | None:
        """Ordered quantity in the unit of the price; None where there is no such factor."""
        unit = known_unit(price.unit, self.profile) if price.unit else ordered.unit
        raw_unit = ordered.unit
        if unit is None:
            return Fraction(ordered.value) if price.unit == raw_unit else None
        if unit == raw_unit or {unit, raw_unit} <= codes.COUNT_UNITS:
            return Fraction(ordered.value)
        stock = Fraction(ordered.value) * Fraction(ordered.factor)
        if unit == ordered.stock_unit or {unit, ordered.stock_unit} <= codes.COUNT_UNITS:
            return stock
        return converted(stock, ordered.stock_unit, unit)

    def _refuse_or_warn(self, price: Price, ordered: Ordered, *, is_amount_stated: bool) -> None:
        detail = f"the price is per another unit than the ordered {ordered.unit}"
        if not is_amount_stated:
            detail += "; state the line's amount in MOA 203, or order in the unit of the price"
            raise price.segment.refuse(RejectionCode.FIELD_INVALID, detail, 1, 6)
        detail += "; the stated line amount is carried and the price is not compared with it"
        self.trade.document.warn("price_unit_differs", detail, price.segment.path(1, 6))

    def _carry(self, stated: Decimal, line: LineDraft, figures: Figures) -> None:
        """The sender's own line amount is carried; a converted one beside it is compared here."""
        if line.extended is not None and line.extended.shop != stated:
            self._vary(VarianceCode.LINE_EXTENSION, (stated, line.extended.shop), line, figures)
        if line.unit_price is None:
            line.price_basis = PriceBasis.EXTENDED
        line.extended = both(stated)

    def _vary(
        self, code: VarianceCode, pair: tuple[Decimal, Decimal], line: LineDraft, figures: Figures
    ) -> None:
        allowed = self.profile.tolerances.order_total.for_lines(1)
        figures.variances.append(variance(code, line.line_id, pair, figures.currency, allowed))


def _priced_amount(price: Price, quantity: Fraction) -> Decimal:
    """What a quantity in the unit of the price costs, half-even to 4 places."""
    exact = Fraction(price.amount) * quantity / Fraction(price.per)
    return Decimal(round(exact * 10_000)).scaleb(-4, _EXACT)


def net_of(line: LineDraft) -> Decimal:
    """Amount of a line after its own allowances and charges."""
    return extended_of(line).shop + _total(line.adjustments)


def _times(units: Decimal, adjustment: AdjustmentDraft) -> AdjustmentDraft:
    return replace(adjustment, amount=both(adjustment.amount.shop * units))


def _total(adjustments: list[AdjustmentDraft]) -> Decimal:
    return sum((adjustment.amount.shop for adjustment in adjustments), _NONE)
