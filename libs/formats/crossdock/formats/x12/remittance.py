"""An 820: what a customer pays, invoice by invoice.

Invariant: + is money to us. The deposit is BPR02 as said; our own sum of its lines stands beside it, and
whether an adjustment under an invoice is part of the amount paid is decided by figures, never by guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from typing import Final

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Entity,
    Extension,
    Payout,
    PayoutStatus,
    ReferenceKind,
    Settlement,
    SettlementLine,
    TransactionType,
    Variance,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.formats.order_limits import LINES_MAX, too_many_lines
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.currency import document_currency
from crossdock.formats.x12.document import Segment

_TYPES: Final[dict[str, TransactionType]] = {
    **dict.fromkeys(("IV", "IK", "OI", "SI", "IN", "BM", "PO"), TransactionType.SALE),
    **dict.fromkeys(("CM", "CL", "CR"), TransactionType.REFUND),
}
"""RMR01 → what is paid: invoices and orders; credit memos and claims."""
_CREDITS: Final = frozenset({"CM", "CL", "CR"})
"""RMR01 of what the payer takes off."""
_REFERENCES: Final[dict[str, ReferenceKind]] = {
    **dict.fromkeys(("IV", "IK", "OI", "IN", "CM"), ReferenceKind.INVOICE),
    **dict.fromkeys(("PO", "VN", "OQ"), ReferenceKind.ORDER),
    **dict.fromkeys(("BM", "SI"), ReferenceKind.SHIPMENT),
}
_NOT_A_PAYMENT: Final[dict[str, str]] = {"P": "prenotification"}
"""BPR01 codes that move no money themselves."""
_HORIZON_DAYS: Final = 30
"""Days until a remittance counts as complete, where the profile has no settlement section."""
_TRACES: Final = ("CK", "EF", "TN")
"""REF01 of a payment's number: check, electronic transfer, transaction."""
_PAID_ON: Final = frozenset({"009", "234"})
"""Element 374: process date, settlement date."""
_NONE: Final = Decimal(0)


@dataclass(slots=True)
class Item:
    """One RMR, or one ADX outside of any RMR, as it is read."""

    segment: Segment
    kind: str
    """RMR01, or the reason of an ADX."""
    reference: str
    paid: Decimal
    gross: Decimal | None = None
    discount: Decimal | None = None
    adjustments: list[tuple[Segment, Decimal]] = field(default_factory=list)
    """ADX under an RMR."""
    payee: str = ""
    """ENT or store it is paid for."""
    extensions: list[Extension] = field(default_factory=list)

    @property
    def adjusted(self) -> Decimal:
        """Sum of its ADX."""
        return sum((amount for _, amount in self.adjustments), _NONE)


class RemittanceReader:
    """Reads one 820; use once."""

    def __init__(self, context: SetContext) -> None:
        self.context = context
        self.currency = document_currency(context.document, context.profile)
        context.numbers.in_currency(self.currency)
        settlement = context.profile.settlement
        self.account = settlement.account if settlement else context.partner
        self.horizon = settlement.horizon_days if settlement else _HORIZON_DAYS
        self.vocabulary = settlement.vocabulary if settlement else {}
        self.items: list[Item] = []
        self.open: Item | None = None
        """The RMR loop that is open."""
        self.adjusting: Item | None = None
        """The ADX loop outside of any RMR that is open."""
        self.entity = ""
        self.pending: list[Extension] = []
        """What an ENT says before its first line."""
        self.paid_on: BusinessTime | None = None
        """Date of the payment in the header, where BPR16 has none."""

    def read(self) -> Reading:
        """Settlement, lines, payout. Raises Rejected."""
        context = self.context
        bpr = context.segment("BPR")
        sign = -1 if bpr.code(3) == "D" else 1
        if not bpr.get(2):
            raise bpr.refuse(RejectionCode.FIELD_INVALID, "BPR02, the amount paid, is empty", 2)
        deposit = sign * context.numbers.amount(bpr, 2)
        number = self._trace(bpr)
        for at in (1, 3, 4, 5, 10, 17):
            context.extend(f"BPR.{at:02d}", bpr.get(at))
        for segment in context.document.segments:
            self._take(segment)
        context.extensions += self.pending  # an ENT that no line follows
        return context.reading(self._entities(bpr, number, deposit), is_original=True)

    def _trace(self, bpr: Segment) -> str:
        """TRN02, else the number of check or transfer. Raises Rejected ID_MISSING."""
        context = self.context
        for trn in context.document.segments:
            if trn.tag == "TRN" and trn.get(2):
                for at in (3, 4):
                    context.extend(f"TRN.{at:02d}", trn.get(at))
                return trn.get(2)
        header = takewhile(lambda one: one.tag not in ("ENT", "RMR"), context.document.segments)
        stated = {one.code(1): one for one in header if one.tag == "REF" and one.get(2)}
        for kind in _TRACES:
            if kind in stated:
                detail = "TRN02, the trace number, is not stated; the payment stands under this number"
                context.warn("trace_from_reference", detail, stated[kind], 2)
                return stated[kind].get(2)
        detail = "TRN02, the trace number of the payment, is empty, and no REF names check or transfer"
        raise bpr.refuse(RejectionCode.ID_MISSING, detail)

    # ---- segments --------------------------------------------------------------------------------------

    def _take(self, segment: Segment) -> None:
        tag = segment.tag
        if tag == "RMR":
            self._on_rmr(segment)
        elif tag == "ADX":
            self._on_adx(segment)
        elif tag == "ENT":
            self.open = self.adjusting = None
            self.entity = segment.get(4) or segment.get(1)
        elif tag not in ("BPR", "TRN"):
            if tag == "DTM" and segment.get(1).zfill(3) in _PAID_ON and not self.items:
                self.paid_on = self.paid_on or self.context.date(segment)
            self.context.keep(segment, into=self._into())

    def _into(self) -> list[Extension] | None:
        """Where what is kept goes: to the open line, to the payee's next one, else to the payment."""
        open_line = self.open or self.adjusting
        if open_line is not None:
            return open_line.extensions
        return self.pending if self.entity else None

    def _on_rmr(self, rmr: Segment) -> None:
        numbers, context = self.context.numbers, self.context
        if len(self.items) >= LINES_MAX:
            raise too_many_lines(len(self.items) + 1, rmr.path())
        gross = numbers.amount(rmr, 5) if rmr.get(5) else None
        discount = numbers.amount(rmr, 6) if rmr.get(6) else None
        if rmr.get(4):
            paid = numbers.amount(rmr, 4)
        elif gross is not None:
            paid = gross - (discount or _NONE)
            context.warn("paid_from_gross", "RMR04 is empty; gross less discount is paid", rmr, 4)
        else:
            raise rmr.refuse(RejectionCode.FIELD_INVALID, "RMR04, the amount paid, is empty", 4)
        if discount is not None and gross is not None and discount < 0 and gross + discount == paid:
            context.warn("discount_sign", "a discount is written with a minus; it holds as one", rmr, 6)
            discount = -discount
        self.open = Item(rmr, rmr.code(1), rmr.get(2), paid, gross, discount, payee=self.entity)
        self._settle_pending(self.open)
        context.extend("RMR.03", rmr.get(3), self.open.extensions)
        context.extend("RMR.07", "*".join([rmr.get(7), rmr.get(8)]).strip("*"), self.open.extensions)
        self.items.append(self.open)

    def _on_adx(self, adx: Segment) -> None:
        amount = self.context.numbers.amount(adx, 1)
        said = adx.joined()
        if self.open is not None:
            self.open.adjustments.append((adx, amount))
            self.context.extend("ADX", said, self.open.extensions)
            return
        item = self.adjusting = Item(adx, adx.code(2), adx.get(4), amount, payee=self.entity)
        self._settle_pending(item)
        self.context.extend("ADX", said, item.extensions)
        self.items.append(item)

    def _settle_pending(self, item: Item) -> None:
        item.extensions, self.pending = self.pending, []

    # ---- entities --------------------------------------------------------------------------------------

    def _entities(self, bpr: Segment, number: str, deposit: Decimal) -> list[Entity]:
        context = self.context
        day = context.time(bpr, 16) or self.paid_on
        if day is None:
            context.extend("BPR.16", bpr.get(16))
        occurred = context.occurred(day)
        is_added = self._is_adjustment_added(abs(deposit))
        self._take_credits_off(abs(deposit), is_added)
        sign = self._sign(deposit, is_added)
        lines = self._lines(number, occurred, day, is_added, sign)
        computed = sum((line.net.amount for line in lines), _NONE)
        variances = self._net_variances(is_added)
        if lines:
            variances += context.money_variance(
                VarianceCode.DEPOSIT_TOTAL, "BPR02", (deposit, computed), self.currency, len(lines)
            )
        settlement = Settlement.model_validate(
            context.head((self.account, number), number, occurred, variances=variances)
            | {
                "settlement_id": number,
                "account": self.account,
                "currency": self.currency,
                "deposit": context.money(deposit, self.currency),
                "deposit_date": day,
                "line_count": len(lines),
                "control_total": context.money(computed, self.currency),
                "is_final": True,
                "completeness_horizon_days": self.horizon,
            }
        )
        return [settlement, *lines, *self._payout(bpr, number, deposit, (occurred, day))]

    def _sign(self, deposit: Decimal, is_added: bool) -> int:
        """A debit takes money from us: its lines count negative, unless their sum already is."""
        total = sum((item.paid + (item.adjusted if is_added else _NONE) for item in self.items), _NONE)
        return -1 if deposit < 0 < total else 1

    def _take_credits_off(self, deposit: Decimal, is_added: bool) -> None:
        """Gives credits that are written with a plus their minus, where the deposit holds only with it."""
        credits = [item for item in self.items if item.kind in _CREDITS and item.paid > 0]
        total = sum((item.paid + (item.adjusted if is_added else _NONE) for item in self.items), _NONE)
        taken = sum((item.paid for item in credits), _NONE)
        if not credits or abs(total) == deposit or abs(total - 2 * taken) != deposit:
            return
        detail = "a credit is written with a plus; the deposit holds where it is taken off"
        self.context.warn("credit_sign", detail, credits[0].segment, 4)
        for item in credits:
            item.paid = -item.paid
            item.gross = None if item.gross is None else -item.gross
            item.discount = None if item.discount is None else -item.discount

    def _is_adjustment_added(self, deposit: Decimal) -> bool:
        """Whether an ADX under an RMR comes on top of its RMR04.

        Both are written. It does not where gross less discount with the adjustments is just what RMR04
        says, or where the deposit is the sum without them; else it does.
        """
        within = [item for item in self.items if item.adjustments]
        paid = sum((item.paid for item in self.items), _NONE)
        adjusted = sum((item.adjusted for item in within), _NONE)
        if abs(paid + adjusted) == deposit or not adjusted:
            return True
        if abs(paid) == deposit:
            return False
        return not all(
            item.gross is not None and item.gross - (item.discount or _NONE) + item.adjusted == item.paid
            for item in within
        )

    def _lines(
        self, number: str, occurred: BusinessTime, posted: BusinessTime | None, is_added: bool, sign: int
    ) -> list[SettlementLine]:
        made: list[SettlementLine] = []
        for position, item in enumerate(self.items, 1):
            made.append(self._line(item, f"{position}", (number, occurred, posted), sign))
            if is_added:
                for place, (adx, amount) in enumerate(item.adjustments, 1):
                    part = Item(adx, adx.code(2), item.reference, amount, payee=item.payee)
                    made.append(self._line(part, f"{position}.{place}", (number, occurred, posted), sign))
        return made

    def _line(
        self,
        item: Item,
        line_id: str,
        shared: tuple[str, BusinessTime, BusinessTime | None],
        sign: int,
    ) -> SettlementLine:
        context, (number, occurred, posted) = self.context, shared
        is_adjustment = item.segment.tag == "ADX"
        fields = context.head((self.account, number, line_id), line_id, occurred, extensions=self._kept(item))
        reference = (
            ReferenceKind.INVOICE if is_adjustment else _REFERENCES.get(item.kind, ReferenceKind.UNKNOWN)
        )
        return SettlementLine.model_validate(
            fields
            | {
                "line_id": line_id,
                "account": self.account,
                "settlement_id": number,
                "transaction_type": self._type(item, is_adjustment),
                "transaction_type_raw": f"{item.segment.tag}*{item.kind}" if is_adjustment else item.kind,
                "gross": None if item.gross is None else context.money(sign * item.gross, self.currency),
                "fee": None if item.discount is None else context.money(sign * item.discount, self.currency),
                "net": context.money(sign * item.paid, self.currency),
                "order_reference": item.reference or None,
                "reference_kind": reference if item.reference else ReferenceKind.NONE,
                "posted": posted,
                "payout_id": number,
                "is_provisional": False,
            }
        )

    def _kept(self, item: Item) -> list[Extension]:
        payee = [Extension(name="ENT", value=item.payee)] if item.payee else []
        return [*payee, *item.extensions]

    def _type(self, item: Item, is_adjustment: bool) -> TransactionType:
        """By the profile's vocabulary, else by the table; an invoice that takes money back is a refund."""
        listed = self.vocabulary.get(item.kind)
        if listed is not None:
            return TransactionType(listed)
        if is_adjustment:
            return TransactionType.ADJUSTMENT
        found = _TYPES.get(item.kind)
        if found is None:
            detail = "RMR01 is in no table and not in the profile's settlement.vocabulary"
            self.context.warn("transaction_type_unknown", detail, item.segment, 1)
            return TransactionType.UNKNOWN
        return TransactionType.REFUND if item.paid < 0 and found is TransactionType.SALE else found

    def _net_variances(self, is_added: bool) -> list[Variance]:
        """Gross less discount (with the adjustments where RMR04 holds them) beside what RMR04 says.

        Adjustments of an amount that holds without them only say what it is made of.
        """
        found: list[Variance] = []
        for position, item in enumerate(self.items, 1):
            if item.gross is None:
                continue
            computed = item.gross - (item.discount or _NONE)
            if not is_added and computed != item.paid:
                computed += item.adjusted
            figures = (item.paid, computed)
            subject = f"lines[{position}].net"
            found += self.context.money_variance(VarianceCode.NET_AMOUNT, subject, figures, self.currency, 1)
        return found

    def _payout(
        self, bpr: Segment, number: str, deposit: Decimal, times: tuple[BusinessTime, BusinessTime | None]
    ) -> list[Payout]:
        """The payment; none where BPR01 or BPR04 says that no money moves with this document."""
        context, (occurred, day) = self.context, times
        reason = _NOT_A_PAYMENT.get(bpr.code(1)) or ("non-payment" if bpr.code(4) == "NON" else "")
        if reason:
            detail = f"the document moves no money ({reason}); there is no payout"
            context.warn("no_payment", detail, bpr, 1)
            return []
        fields = context.head((self.account, number, number), number, occurred, extensions=())
        return [
            Payout.model_validate(
                fields
                | {
                    "payout_id": number,
                    "account": self.account,
                    "settlement_id": number,
                    "amount": context.money(deposit, self.currency),
                    "status": PayoutStatus.SCHEDULED,
                    "status_raw": f"{bpr.code(1)} {bpr.code(4)}".strip(),
                    "arrival_date": day,
                    "bank_reference": number,
                }
            )
        ]


def read_remittance(context: SetContext) -> Reading:
    """Settlement, lines and payout of an 820. Raises Rejected with the place."""
    return RemittanceReader(context).read()
