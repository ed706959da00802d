"""INVOIC: invoices, credit notes and corrections, one Invoice per order that the lines name.

Invariant: totals are carried as said beside our own sums of lines, allowances and taxes; a difference is a
variance; a credit note keeps its amounts as said, its kind tells the direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.models import (
    AdjustmentKind,
    AdjustmentScope,
    BusinessTime,
    Change,
    ComputedTotals,
    Extension,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    PartnerProfile,
    PartyRole,
    StatedTotals,
    UnitPrice,
    Variance,
    VarianceCode,
)
from crossdock.canonical.models import Money as Amount
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.decimals import product, spelled
from crossdock.formats.edi.percentages import settle_lines
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.groups import LineScan, reference_of
from crossdock.formats.edifact.invoice_taxes import InvoiceTaxes
from crossdock.formats.edifact.money import Money, total_of_charges
from crossdock.formats.edifact.order_lines import OrderLines, net_of
from crossdock.formats.edifact.parties import Issuers, of_role
from crossdock.formats.edifact.report import NO_ORDER, Report, function_of, kept_dates, number_of
from crossdock.formats.edifact.trade import Trade
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, both
from crossdock.formats.order_models import ModelBuilder, quantity

_KINDS: Final[dict[str, InvoiceKind]] = {
    **dict.fromkeys(("380", "82", "326", "386", "388", "389", "393", "395", "383"), InvoiceKind.INVOICE),
    **dict.fromkeys(("381", "83", "261", "262", "296", "308", "396"), InvoiceKind.CREDIT_NOTE),
    "384": InvoiceKind.CORRECTION,
}
"""Data element 1001."""
_INVOICED: Final = ("47", "12", "46", "61", "21", "1")
"""Data element 6063: invoiced, despatched, delivered, returned, ordered, discrete."""
_ISSUED: Final = ("3", "137")
_DUE: Final = ("13", "140", "265")
_USED_DATES: Final = ("3", "137")
_SHIPMENTS: Final = ("AAK", "DQ", "AAU", "SI")
"""Data element 1153: despatch advice, delivery note, despatch note, shipper's number."""
_DUE_AMOUNT: Final = "9"
_INVOICE_TOTALS: Final = ("77", "86", "39", "388")
"""Data element 5025: what is due; totals of the invoice, which are all the same."""
_CORRECTED: Final = ("IV", "OI")


def read_invoic(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The invoices of a message. Raises Rejected with the place."""
    return _Reader(Report(document, record, profile)).reading()


class Told(NamedTuple):
    """What one invoice of a message says beside its lines and the shared head."""

    number: str
    change: Change
    dates: tuple[Extension, ...]
    variances: list[Variance]


class _Reader:
    """Reads one INVOIC; use once."""

    def __init__(self, report: Report) -> None:
        tenant, partner = report.names
        self.report = report
        self.trade = Trade(report.document, Issuers(buyer=tenant, seller=partner)).scan()
        self.money = Money(self.trade, report.profile)
        report.currency = self.money.currency
        self.build = ModelBuilder(self.money.currency, self.money.currency)
        lines = OrderLines(self.trade, self.money, report.profile, _INVOICED)
        lines.is_reference_enough = lines.is_reversible = True
        self.lines = lines.drafts(report)
        self.taxes = InvoiceTaxes(self.trade, self.money, self.lines)
        self.adjustments = self._adjustments()
        self._settle_percentages()

    def reading(self) -> Reading:
        """One invoice per order."""
        number, (_, change, is_original) = number_of(self.trade), function_of(self.trade)
        issued = self._issued()
        shared = self._shared(number, issued)
        pairs: dict[str, list[tuple[LineScan, LineDraft]]] = {order: [] for order in self._orders()}
        for scan, line in zip(self.trade.lines, self.lines, strict=True):
            pairs[self._of(scan)].append((scan, line))
        repeated = len(self.trade.extensions) + len(self.adjustments) + len(self.trade.summary.taxings) + 1
        self.report.check_size(len(pairs), repeated)
        dates = kept_dates(self.trade.dates, _USED_DATES)
        whole, owned = self._by_order()
        invoices = [
            self._invoice(order, own, shared, Told(number, change, dates, [*whole, *owned.get(order, [])]))
            for order, own in pairs.items()
        ]
        return self.report.reading(invoices, is_original=is_original)

    def _invoice(
        self,
        order: str,
        pairs: Sequence[tuple[LineScan, LineDraft]],
        shared: dict[str, object],
        told: Told,
    ) -> Invoice:
        partner, issued = self.report.names[1], shared["invoice_date"]
        assert isinstance(issued, BusinessTime)
        head = self.report.head(
            (partner, order, partner, told.number),
            told.number,
            self.report.occurred(issued),
            told.change,
            extensions=(*self.trade.all_extensions([scan for scan, _ in pairs]), *told.dates),
            variances=told.variances,
        )
        lines = tuple(self._line(scan, line) for scan, line in pairs)
        return Invoice.model_validate(head | shared | {"order_id": order, "lines": lines})

    def _by_order(self) -> tuple[list[Variance], dict[str, list[Variance]]]:
        """Variances of the whole message, and those of the lines of each order."""
        owners = {scan.line_id: self._of(scan) for scan in self.trade.lines}
        whole: list[Variance] = []
        own: dict[str, list[Variance]] = {}
        for one in self.report.variances:
            order = owners.get(one.subject.partition(".QTY")[0])
            (whole if order is None else own.setdefault(order, [])).append(one)
        return whole, own

    # ---- orders ----

    def _of(self, line: LineScan) -> str:
        reference = line.reference("ON") or reference_of(self.trade.references, "ON")
        return reference.get(1, 2) if reference is not None else NO_ORDER

    def _orders(self) -> list[str]:
        named = list(dict.fromkeys(self._of(line) for line in self.trade.lines))
        if named:
            return named
        reference = reference_of(self.trade.references, "ON")
        return [reference.get(1, 2) if reference is not None else NO_ORDER]

    # ---- head ----

    def _issued(self) -> BusinessTime:
        return self.report.occurred_on(self.report.moment(self.trade.dates, *_ISSUED), "the invoice's date")

    def _shared(self, number: str, issued: BusinessTime) -> dict[str, object]:
        """What the invoices of all orders say alike: the head and the whole totals."""
        trade = self.trade
        parties = trade.parties.parties()
        corrected = reference_of(trade.references, *_CORRECTED)
        is_other = corrected is not None and corrected.get(1, 2) != number
        terms = [pat.joined() for pat in trade.terms]
        period = trade.dates.get("263")
        return {
            "invoice_number": number,
            "kind": self._kind(),
            "invoice_date": issued,
            "due_date": self.report.moment(trade.term_dates | trade.dates, *_DUE),
            "period": period.get(1, 2) or None if period is not None else None,
            "payment_terms": "; ".join(terms) or None,
            "currency": self.money.currency,
            "buyer": of_role(parties, PartyRole.BILL_TO, PartyRole.BUYER),
            "seller": of_role(parties, PartyRole.SELLER),
            "corrects": corrected.get(1, 2) if corrected is not None and is_other else None,
            "adjustments": tuple(
                self.build.adjustment(one, (), AdjustmentScope.ORDER) for one in self.adjustments
            ),
            **self._sums(),
        }

    def _kind(self) -> InvoiceKind:
        bgm = self.trade.bgm
        code = bgm.code(1) if bgm is not None else ""
        kind = _KINDS.get(code)
        if kind is None and bgm is not None:
            detail = "BGM01 is no kind of invoice in our table; kept as said"
            self.report.document.warn("invoice_kind_unknown", detail, bgm.path(1, 1))
        return kind or InvoiceKind.UNKNOWN

    # ---- money ----

    def _adjustments(self) -> list[AdjustmentDraft]:
        """Allowances of the header; of the summary where neither header nor lines have any.

        Where the lines' net prices may include their allowances, the stated total decides whether those of
        the summary repeat them; it decides too whether a mere total of allowances (MOA 131) counts.
        """
        header = self.money.adjustments(self.trade.header)
        if header or any(line.adjustments for line in self.lines):
            return header
        summary = self.money.adjustments(self.trade.summary)
        places = [self.trade.header, *[line.amounts for line in self.trade.lines]]
        is_said = any(adjusting.amounts for amounts in places for adjusting in amounts.adjustings)
        if is_said:
            return summary if self._closes(summary) and not self._closes([]) else []
        if summary or self._closes([]):
            return summary
        amount = self._moa(codes.CHARGES_TOTAL) or Decimal(0)
        totals = [total_of_charges(amount), total_of_charges(-abs(amount))]
        return next((one for one in totals if amount and self._closes(one)), [])

    def _settle_percentages(self) -> None:
        """Allowances and charges that state a percentage alone count where the stated total tells so."""
        money, stated, added = self.money, self._total(), None
        if stated is not None:
            whole = money.whole_shares()
            own = self._own_total([*self.adjustments, *[share.adjustment for share in whole]])
            by_line = [money.open_shares(scan) for scan in self.trade.lines]
            added = settle_lines(self.lines, by_line, whole, stated - own, money.currency)
        if added is None:
            money.tell_not_counted()
        self.adjustments = [*self.adjustments, *(added or ())]

    def _closes(self, adjustments: list[AdjustmentDraft]) -> bool:
        """Whether lines, these adjustments and their taxes make the stated total."""
        stated = self._total()
        return stated is not None and self._own_total(adjustments) == stated

    def _own_total(self, adjustments: list[AdjustmentDraft]) -> Decimal:
        """Lines, these adjustments and their taxes."""
        own = _sum(net_of(line) for line in self.lines) + _sum(one.amount.shop for one in adjustments)
        return own + self.taxes.of(adjustments)[1]

    def _sums(self) -> dict[str, object]:
        """Totals as said and our own, compared."""
        taxes, _ = self.taxes.of(self.adjustments)
        subtotal = _sum(net_of(line) for line in self.lines)
        shipping = _sum(one.amount.shop for one in self.adjustments if one.kind is AdjustmentKind.SHIPPING)
        discount = _sum(one.amount.shop for one in self.adjustments if _is_discount(one))
        stated = self._stated()
        net = subtotal + _sum(one.amount.shop for one in self.adjustments)
        tax = self.taxes.told(self.adjustments, net, stated)
        total = net + tax
        self._compare(stated, {"79": subtotal, "125": total - tax, "tax": tax, "total": total})
        computed = {
            "subtotal": subtotal,
            "shipping": shipping,
            "discount": discount,
            "tax": tax,
            "total": total,
        }
        due = self._moa(_DUE_AMOUNT)
        return {
            "tax_summary": tuple(self.build.tax(one) for one in taxes),
            "stated": StatedTotals.model_validate(
                {
                    name: self.build.dual(both(stated[name]))
                    for name in ("subtotal", "tax", "total")
                    if name in stated
                }
            ),
            "computed": ComputedTotals.model_validate(
                {name: self.build.dual(both(amount)) for name, amount in computed.items()}
            ),
            "amount_due": None
            if due is None
            else Amount(amount=spelled(due, 2), currency=self.money.currency),
        }

    def _moa(self, *wanted: str) -> Decimal | None:
        moas = self.trade.summary.moas or self.trade.header.moas
        return self.money.first(moas, wanted)

    def _stated(self) -> dict[str, Decimal]:
        """Figures of the summary by what they are; those without a field are kept as extensions."""
        figures = {
            "subtotal": self._moa(codes.LINES_TOTAL),
            "tax": self._moa(*codes.TAX_TOTALS),
            "total": self._total(),
            codes.TAXABLE: self._moa(codes.TAXABLE),
        }
        for moa in self.trade.summary.moas or self.trade.header.moas:
            self.trade.keep_whole(f"MOA.{moa.get(1)}", moa.rest())
        return {name: amount for name, amount in figures.items() if amount is not None}

    def _total(self) -> Decimal | None:
        """The most exact total; what is due (MOA 9) is none where something is paid already."""
        is_prepaid = self._moa(codes.PREPAID) is not None
        wanted = [code for code in codes.TOTAL_AMOUNTS if not (is_prepaid and code == _DUE_AMOUNT)]
        return self._moa(*wanted)

    def _compare(self, stated: dict[str, Decimal], ours: dict[str, Decimal]) -> None:
        report, currency = self.report, self.money.currency
        count = max(1, len(self.lines))
        for name, code, own in (
            ("subtotal", VarianceCode.SUBTOTAL, ours["79"]),
            (codes.TAXABLE, VarianceCode.NET_AMOUNT, ours["125"]),
            ("tax", VarianceCode.TAX_TOTAL, ours["tax"]),
            ("total", VarianceCode.INVOICE_TOTAL, ours["total"]),
        ):
            if name in stated and (self.lines or name != "subtotal"):
                subject = "MOA.125" if name == codes.TAXABLE else f"stated.{name}"
                report.vary(code, subject, (stated[name], own), currency, count)
        self._compare_others(stated.get("total"), ours["total"], count)
        self._compare_taxes(stated.get("tax"), ours["tax"], count)
        self._compare_lines()
        quantities = _sum(line.ordered for line in self.lines)
        report.count(self.trade, self.money.numbers, len(self.lines), quantities)

    def _compare_others(self, total: Decimal | None, own: Decimal, count: int) -> None:
        """Further totals that differ from the most exact one; what is due, with what is paid."""
        due, moas = self._moa(_DUE_AMOUNT), self.trade.summary.moas or self.trade.header.moas
        others = {f"stated.total.MOA{code}": self._moa(code) for code in _INVOICE_TOTALS}
        if due is not None and due != total:
            others["amount_due"] = self.money.due_and_paid(moas, due, total)
        for subject, amount in others.items():
            if amount is not None and amount != total:
                figures = (amount, own)
                self.report.vary(VarianceCode.INVOICE_TOTAL, subject, figures, self.money.currency, count)

    def _compare_taxes(self, stated: Decimal | None, told: Decimal, count: int) -> None:
        """The taxes of rates and of lines against the tax that the total holds."""
        for subject, tax in self.taxes.parts(self.adjustments, is_stated=stated == told).items():
            self.report.vary(VarianceCode.TAX_TOTAL, subject, (told, tax), self.money.currency, count)

    def _compare_lines(self) -> None:
        """Price × quantity against the stated line amount."""
        for line in self.lines:
            if line.unit_price is None or line.extended is None or not line.is_price_compared:
                continue
            exact = product(line.unit_price.shop, line.ordered, line.price_per)
            figures = (line.extended.shop, exact)
            self.report.vary(VarianceCode.LINE_EXTENSION, line.line_id, figures, self.money.currency)

    def _line(self, scan: LineScan, line: LineDraft) -> InvoiceLine:
        reference = scan.reference("ON", "LI")
        shipment = scan.reference(*_SHIPMENTS) or reference_of(self.trade.references, *_SHIPMENTS)
        content = {
            "invoice_line_id": line.line_id,
            "order_line_id": (reference.get(1, 3) or None) if reference is not None else None,
            "sku": self.report.sku(scan.ids),
            "identifiers": line.identifiers,
            "quantity": quantity(line.ordered, line.unit),
            "unit_price": self._unit_price(line),
            "net": Amount(amount=spelled(net_of(line), 2), currency=self.money.currency),
            "tax_lines": tuple(self.build.tax(tax) for tax in line.taxes),
            "adjustments": tuple(
                self.build.adjustment(one, (), AdjustmentScope.LINE) for one in line.adjustments
            ),
            "shipment_id": shipment.get(1, 2) if shipment is not None else None,
        }
        return InvoiceLine.model_validate(content)

    def _unit_price(self, line: LineDraft) -> UnitPrice | None:
        if line.unit_price is None:
            return None
        per = quantity(line.price_per, line.price_unit or line.unit)
        return UnitPrice(amount=spelled(line.unit_price.shop, 2), currency=self.money.currency, per=per)


def _is_discount(adjustment: AdjustmentDraft) -> bool:
    return not adjustment.is_charge and adjustment.kind is not AdjustmentKind.SHIPPING


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
