"""An 810 from its segments: header, lines, charges, taxes, total.

Invariant: every IT1 becomes one line of exactly one invoice; the stated total stands beside our own sum
and neither is repaired.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import (
    BusinessTime,
    Change,
    ComputedTotals,
    DualMoney,
    Extension,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Quantity,
    StatedTotals,
    TaxLine,
    UnitPrice,
    Variance,
    VarianceCode,
)
from crossdock.canonical.models.common import Adjustment, AdjustmentScope
from crossdock.canonical.reading import Reading
from crossdock.formats.decimals import spelled
from crossdock.formats.edi.percentages import Place, Share, explained
from crossdock.formats.order_draft import AdjustmentDraft, TaxDraft
from crossdock.formats.order_limits import LINES_MAX, too_many_lines
from crossdock.formats.order_models import ModelBuilder
from crossdock.formats.x12.charges import charge_of, share_of, tax_of
from crossdock.formats.x12.context import SetContext, check_copies
from crossdock.formats.x12.currency import document_currency
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.invoice_lines import LineDraft, Sums, price_line, read_line, sums_of
from crossdock.formats.x12.party_loops import PartyLoops
from crossdock.formats.x12.repeated_charges import (
    REPEATED,
    detailed_taxes,
    is_total_of,
    own_charges,
    without_goods,
)
from crossdock.formats.x12.values import required_moment

_KINDS: Final[dict[str, InvoiceKind]] = {
    **dict.fromkeys(("CN", "CR", "CM", "CE"), InvoiceKind.CREDIT_NOTE),
    **dict.fromkeys(("CO", "RA"), InvoiceKind.CORRECTION),
}
"""BIG07 → kind; every other code bills something."""
_BUYERS: Final = ("BT", "BY", "SO", "ST")
_SELLERS: Final = ("RI", "RE", "SE", "SU", "VN", "SF")
_ORDER_REFERENCES: Final = frozenset({"PO"})
_CORRECTED: Final = frozenset({"OI", "IV"})
_NONE: Final = Decimal(0)


class InvoiceReader:
    """Reads one 810; use once."""

    def __init__(self, context: SetContext) -> None:
        self.context = context
        self.currency = document_currency(context.document, context.profile)
        context.numbers.in_currency(self.currency)
        self.parties = PartyLoops(context, (*_BUYERS, *_SELLERS))
        self.line_parties = PartyLoops(context, ())
        self.lines: list[LineDraft] = []
        self._taken: set[str] = set()
        self.is_summary = False
        self.adjustments: list[AdjustmentDraft] = []
        self.taxes: list[TaxDraft] = []
        self.tax_charges: list[TaxDraft] = []
        self.counted_taxes: list[TaxDraft] = []
        """Taxes of the whole that are no total of the lines' taxes."""
        self.shares: list[tuple[LineDraft | None, Share, Segment]] = []
        """What states a percentage alone, with its line or None."""
        self.total: Decimal | None = None
        self.terms: str | None = None
        self.due: BusinessTime | None = None
        self.corrects: str | None = None
        self.shipment: str | None = None
        self.ctt: Segment | None = None

    @property
    def line(self) -> LineDraft | None:
        """The IT1 loop that is open; None in header and summary."""
        return self.lines[-1] if self.lines and not self.is_summary else None

    def read(self) -> Reading:
        """One invoice per order it bills. Raises Rejected."""
        context = self.context
        big = context.segment("BIG")
        number = context.required(big, 2, "BIG02, the invoice number,")
        day = required_moment(big, 1, context.zone, "BIG01, the invoice's date,")
        change, is_original = context.purpose(big, 8)
        for at in (3, 5, 6, 7, 8, 9, 10):
            context.extend(f"BIG.{at:02d}", big.get(at))
        for segment in context.document.segments:
            self._take(segment)
        for line in self.lines:
            price_line(context, line)
        self._settle_repeated(big)
        self._settle_percentages()
        kind = self._kind(big)
        is_first = is_original or not big.get(8)  # most senders leave the purpose out
        return context.reading(self._invoices(number, day, kind, change), is_original=is_first)

    def _take(self, segment: Segment) -> None:
        owner, into = self._owner()
        parties = self.parties if self.line is None else self.line_parties
        if segment.tag == "BIG" or parties.take(segment, owner, into):
            return
        handler = _HANDLERS.get(segment.tag)
        if handler is not None:
            handler(self, segment)
        else:
            self.context.keep(segment, owner, into)

    def _owner(self) -> tuple[str, list[Extension]]:
        """Name of the line that is open, and where what is kept of it goes; else the invoice's."""
        line = self.line
        return ("", self.context.extensions) if line is None else (f"lines[{line.line_id}].", line.extensions)

    def on_it1(self, it1: Segment) -> None:
        """A line."""
        self.is_summary = False
        if len(self.lines) >= LINES_MAX:
            raise too_many_lines(len(self.lines) + 1, it1.path())
        self.lines.append(read_line(self.context, it1, len(self.lines) + 1, self._taken))
        self._taken.add(self.lines[-1].line_id)

    def on_ctp(self, ctp: Segment) -> None:
        """A price that IT104 may leave out, or how much is priced."""
        if self.line is not None:
            self.line.ctps.append(ctp)
        self.context.keep(ctp, *self._owner())

    def on_ref(self, ref: Segment) -> None:
        """References; those to order, shipment and corrected invoice have a place of their own."""
        line, kind, value = self.line, ref.code(1), ref.get(2)
        if kind in _ORDER_REFERENCES and line is not None and value:
            line.order_id = value
        elif kind in _CORRECTED and line is None and value:
            self.corrects = self.corrects or value
        elif kind == "SI" and value:
            if line is not None:
                line.shipment_id = value
            else:
                self.shipment = value
        self.context.keep(ref, *self._owner())

    def on_itd(self, itd: Segment) -> None:
        """Terms of payment."""
        words = [text for text in (itd.get(12), itd.joined()) if text]
        self.terms = self.terms or (words[0] if words else None)
        self.due = self.due or self.context.time(itd, 6)
        self.context.keep(itd)

    def on_tds(self, tds: Segment) -> None:
        """The total, with two implied decimals."""
        self.is_summary = True
        if tds.get(1):
            amount, has_point = self.context.numbers.implied_cents(tds, 1)
            if has_point:
                detail = "TDS01 has two implied decimals, but holds a decimal point; read as written"
                self.context.warn("implied_decimals_written", detail, tds, 1)
            self.total = amount
        if len(tds.row) > 2:
            self.context.keep(tds)

    def on_sac(self, sac: Segment) -> None:
        """An allowance or charge of the invoice or of the line it stands under."""
        line = self.line
        self.context.keep(sac, *self._owner())
        share = share_of(sac, self.context.numbers)
        if share is not None:
            self.shares.append((line, share, sac))
        else:
            self._charge(line, sac)

    def _charge(self, line: LineDraft | None, sac: Segment) -> None:
        found = charge_of(sac, self.context.document, self.context.numbers)
        if isinstance(found, TaxDraft):
            (line.tax_charges if line else self.tax_charges).append(found)
        elif found is not None:
            (line.adjustments if line else self.adjustments).append(found)

    def on_txi(self, txi: Segment) -> None:
        """A tax of the invoice or of the line it stands under."""
        line = self.line
        self.context.keep(txi, *self._owner())
        found = tax_of(txi, self.context.document, self.context.numbers)
        if found is not None:
            (line.taxes if line else self.taxes).append(found)

    def on_ctt(self, ctt: Segment) -> None:
        """Counts of the sender."""
        self.is_summary = True
        self.ctt = ctt

    def _settle_repeated(self, big: Segment) -> None:
        """What is stated twice counts once, unless the total counts it twice; it is kept as said among the
        extensions."""
        context = self.context
        is_repeated = False
        for line in self.lines:
            line.taxes, is_same = detailed_taxes(line.taxes, line.tax_charges)
            line.adjustments, is_amount = without_goods(line.adjustments, line.extended)
            is_repeated = is_repeated or is_same or is_amount
        self.taxes, is_same = detailed_taxes(self.taxes, self.tax_charges)
        is_repeated = is_repeated or is_same
        is_whole = self.total == sums_of(self.lines, self.adjustments, self.taxes).total
        taxes = [] if is_whole else [tax for line in self.lines for tax in line.taxes]
        self.counted_taxes = [] if is_total_of(self.taxes, taxes) else self.taxes
        charges = [] if is_whole else [charge for line in self.lines for charge in line.adjustments]
        self.adjustments, codes = own_charges(self.adjustments, charges)
        if is_repeated or codes or len(self.counted_taxes) < len(self.taxes):
            context.warn("charge_repeated", REPEATED, big)

    def _settle_percentages(self) -> None:
        """Allowances and charges that state a percentage alone count where the stated total tells so."""
        shares: defaultdict[str, list[Share]] = defaultdict(list)
        for owner, share, _ in self.shares:
            shares["" if owner is None else owner.line_id].append(share)
        lines = [Place(one.extended, shares[one.line_id]) for one in self.lines]
        whole = Place(sum((line.net for line in self.lines), _NONE), shares[""])
        own = sums_of(self.lines, self.adjustments, self.counted_taxes).total
        difference = _NONE if self.total is None else self.total - own
        found = explained(lines, whole, difference, self.currency)
        if not found:
            for owner, _, sac in self.shares:
                self._charge(owner, sac)
            return
        for line, adjustments in zip(self.lines, found[:-1], strict=True):
            line.adjustments += adjustments
        self.adjustments += found[-1]

    def _kind(self, big: Segment) -> InvoiceKind:
        kind = _KINDS.get(big.code(7), InvoiceKind.INVOICE)
        if kind is InvoiceKind.INVOICE and self.total is not None and self.total < 0:
            detail = "the total is negative and BIG07 names no credit; it is read as a credit note"
            self.context.warn("credit_by_sign", detail, big, 7)
            return InvoiceKind.CREDIT_NOTE
        return kind

    # ---- entities --------------------------------------------------------------------------------------

    def _invoices(self, number: str, day: BusinessTime, kind: InvoiceKind, change: Change) -> list[Invoice]:
        context, big = self.context, self.context.segment("BIG")
        whole = big.get(4) and big.get(5) and f"{big.get(4)}.{big.get(5)}"
        default = whole or big.get(4) or "-"
        by_order: dict[str, list[LineDraft]] = {}
        for line in self.lines:
            by_order.setdefault(line.order_id or default, []).append(line)
        if len(by_order) > 1:
            detail = f"the invoice bills {len(by_order)} orders: each gets its lines and the whole total"
            context.warn("invoice_spans_orders", detail, big, 4)
        parties = {"buyer": self.parties.party(*_BUYERS), "seller": self.parties.party(*_SELLERS)}
        self.parties.keep_rest()
        sums = sums_of(self.lines, self.adjustments, self.counted_taxes)
        variances = self._variances(sums)
        parts = (context.extensions, self.adjustments, self.taxes, variances)
        check_copies(len(by_order), sum(len(part) for part in parts), big)
        shared = parties | self._shared(number, day, kind, sums)
        return [
            Invoice.model_validate(
                context.head(
                    (context.partner, order_id, context.partner, number),
                    number,
                    day,
                    change=change,
                    variances=variances,
                    extensions=[*context.extensions, *[kept for line in lines for kept in line.extensions]],
                )
                | shared
                | {"order_id": order_id, "lines": tuple(self._line(line) for line in lines)}
            )
            for order_id, lines in (by_order or {default: []}).items()
        ]

    def _shared(self, number: str, day: BusinessTime, kind: InvoiceKind, sums: Sums) -> dict[str, object]:
        total = None if self.total is None else self._dual(self.total)
        return {
            "invoice_number": number,
            "kind": kind,
            "invoice_date": day,
            "due_date": self.due,
            "payment_terms": self.terms,
            "currency": self.currency,
            "adjustments": tuple(self._adjustment(one, AdjustmentScope.ORDER) for one in self.adjustments),
            "tax_summary": tuple(self._tax(tax) for tax in self.taxes),
            "stated": StatedTotals(total=total),
            "computed": ComputedTotals(
                subtotal=self._dual(sums.subtotal),
                shipping=self._dual(sums.shipping),
                discount=self._dual(sums.discount),
                tax=self._dual(sums.tax),
                total=self._dual(sums.total),
            ),
            "amount_due": None if self.total is None else self.context.money(self.total, self.currency),
            "corrects": self.corrects if kind is not InvoiceKind.INVOICE else None,
        }

    def _line(self, line: LineDraft) -> InvoiceLine:
        price = None
        if line.price is not None:
            per = Quantity(value=spelled(line.per, 0), unit=line.per_unit or line.quantity.unit)
            price = UnitPrice(amount=line.price, currency=self.currency, per=per)
        return InvoiceLine(
            invoice_line_id=line.line_id,
            order_line_id=line.order_line_id,
            sku=self.context.sku(line.identifiers),
            identifiers=line.identifiers,
            quantity=line.quantity,
            unit_price=price,
            net=self.context.money(line.net, self.currency),
            tax_lines=tuple(self._tax(tax) for tax in line.taxes),
            adjustments=tuple(self._adjustment(one, AdjustmentScope.LINE) for one in line.adjustments),
            shipment_id=line.shipment_id or self.shipment,
        )

    def _dual(self, amount: Decimal) -> DualMoney:
        return DualMoney.single(self.context.money(amount, self.currency).amount, self.currency)

    def _adjustment(self, draft: AdjustmentDraft, scope: AdjustmentScope) -> Adjustment:
        made = ModelBuilder(self.currency, self.currency).adjustment(draft, (), scope)
        return made if isinstance(made, Adjustment) else Adjustment.model_validate(made)

    def _tax(self, tax: TaxDraft) -> TaxLine:
        return TaxLine(
            amount=self._dual(tax.amount.shop),
            rate_percent=tax.rate_percent,
            jurisdiction=tax.jurisdiction,
            is_included=bool(tax.is_included),
        )

    def _variances(self, sums: Sums) -> list[Variance]:
        context = self.context
        found: list[Variance] = []
        for line in self.lines:
            found += line.variances(context, self.currency)
        if self.total is not None:
            figures = (self.total, sums.total)
            found += context.money_variance(
                VarianceCode.INVOICE_TOTAL, "TDS01", figures, self.currency, len(self.lines) or 1
            )
        if self.ctt is not None:
            found += context.summary(self.ctt, [(line.it1, 2) for line in self.lines])
        return found


def read_invoice(context: SetContext) -> Reading:
    """The invoices of an 810. Raises Rejected with the place."""
    return InvoiceReader(context).read()


_HANDLERS: Final[dict[str, Callable[[InvoiceReader, Segment], None]]] = {
    "IT1": InvoiceReader.on_it1,
    "CTP": InvoiceReader.on_ctp,
    "REF": InvoiceReader.on_ref,
    "N9": InvoiceReader.on_ref,
    "ITD": InvoiceReader.on_itd,
    "TDS": InvoiceReader.on_tds,
    "SAC": InvoiceReader.on_sac,
    "TXI": InvoiceReader.on_txi,
    "CTT": InvoiceReader.on_ctt,
}
