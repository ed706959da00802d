"""What a format module has read of a refund, and the Refund it becomes.

Invariant: `computed.total` = lines + adjustments + taxes that are not inside them, positive where money
goes to the buyer; what the source says went out is never changed, a difference is a variance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import (
    AdjustmentKind,
    AdjustmentScope,
    Disposition,
    DualMoney,
    Identifier,
    PartnerProfile,
    Refund,
    RefundStatus,
    RefundTransaction,
    TaxMode,
    Variance,
    VarianceCode,
)
from crossdock.canonical.record import Record
from crossdock.formats.entity_reading import Head
from crossdock.formats.items import resolve_item
from crossdock.formats.json_document import Document
from crossdock.formats.order_draft import NOTHING, AdjustmentDraft, Pair, TaxDraft, less
from crossdock.formats.order_models import ModelBuilder, quantity
from crossdock.formats.order_variances import Sums, variance

_REDUCTIONS: Final = frozenset({AdjustmentKind.DISCOUNT, AdjustmentKind.ALLOWANCE})


@dataclass(slots=True)
class RefundLineDraft:
    """Money back for one order line; `amount` is without taxes beside it, positive to the buyer."""

    line_id: str | None
    amount: Pair
    quantity: Decimal | None = None
    unit: str = "EA"
    identifiers: tuple[Identifier, ...] = ()
    taxes: list[TaxDraft] = field(default_factory=list)
    disposition: Disposition = Disposition.UNKNOWN
    restock_type_raw: str | None = None


@dataclass(slots=True)
class RefundDraft:
    """A refund as said, ready for `finish_refund`.

    `stated_total` is what the source says went out, in the currencies it says it in; it is compared with
    our own sum of each currency that both know.
    """

    head: Head
    refund_id: str
    order_id: str
    status: RefundStatus
    currency: str
    tax_mode: TaxMode
    status_raw: str = ""
    presentment_currency: str | None = None
    return_id: str | None = None
    lines: list[RefundLineDraft] = field(default_factory=list)
    adjustments: list[AdjustmentDraft] = field(default_factory=list)
    transactions: tuple[RefundTransaction, ...] = ()
    stated_total: DualMoney | None = None
    reason_raw: str | None = None

    def all_taxes(self) -> Iterator[TaxDraft]:
        """Taxes of lines and adjustments."""
        for line in self.lines:
            yield from line.taxes
        for adjustment in self.adjustments:
            yield from adjustment.taxes


def finish_refund(draft: RefundDraft, document: Document, profile: PartnerProfile, record: Record) -> Refund:
    """The Refund of a draft, with our own sums and the variance against what went out."""
    _settle_tax_inclusion(draft, document)
    sums = _sums(draft)
    build = ModelBuilder(draft.currency, draft.presentment_currency or draft.currency)
    allowed = profile.tolerances.order_total
    tolerance = allowed.for_lines(max(len(draft.lines), 1))
    if draft.stated_total is not None:
        draft.head.variances += _compared(draft.stated_total, build.dual(sums.total), tolerance)
    content: dict[str, object] = draft.head.fields(record) | {
        "refund_id": draft.refund_id,
        "order_id": draft.order_id,
        "return_id": draft.return_id,
        "status": draft.status,
        "status_raw": draft.status_raw,
        "currency": draft.currency,
        "presentment_currency": draft.presentment_currency,
        "lines": [_line(line, build, profile) for line in draft.lines],
        "adjustments": [build.adjustment(one, (), AdjustmentScope.ORDER) for one in draft.adjustments],
        "transactions": draft.transactions,
        "stated": {"total": draft.stated_total},
        "computed": build.computed(sums),
        "reason_raw": draft.reason_raw,
    }
    return Refund.model_validate(content)


def _settle_tax_inclusion(draft: RefundDraft, document: Document) -> None:
    """A refund does not say whether its amounts include tax: the profile does; else what went out shows it,
    where it is the amounts as they stand; else they are read as net."""
    open_taxes = [tax for tax in draft.all_taxes() if tax.is_included is None]
    is_unknown = draft.tax_mode is TaxMode.UNKNOWN and any(any(tax.amount) for tax in open_taxes)
    is_inside = draft.tax_mode is TaxMode.INCLUSIVE or (is_unknown and _went_out_gross(draft, open_taxes))
    for tax in open_taxes:
        tax.is_included = is_inside
    if is_unknown:
        read = "what went out shows that they do" if is_inside else "taxes are added to them"
        detail = (
            f"neither the refund nor the profile's money.tax_mode says whether amounts include tax; {read}"
        )
        document.warn("tax_mode_unknown", detail, "$")


def _went_out_gross(draft: RefundDraft, open_taxes: Iterable[TaxDraft]) -> bool:
    """Whether the money that went out is the sum of the amounts without their open taxes."""
    paid = draft.stated_total
    gross = less(_sums(draft).total, _total(tax.amount for tax in open_taxes))
    if paid is None:
        return False
    ours = {draft.presentment_currency or draft.currency: gross.presentment, draft.currency: gross.shop}
    said = {paid.presentment_currency: paid.presentment_amount, paid.currency: paid.amount}
    shared = ours.keys() & said.keys()
    return bool(shared) and all(ours[currency] == said[currency] for currency in shared)


def _line(line: RefundLineDraft, build: ModelBuilder, profile: PartnerProfile) -> dict[str, object]:
    sku, _ = resolve_item(line.identifiers, profile.items.match, profile.items.aliases)
    return {
        "line_id": line.line_id,
        "sku": sku,
        "identifiers": line.identifiers,
        "quantity": None if line.quantity is None else quantity(line.quantity, line.unit),
        "amount": build.dual(line.amount),
        "tax_lines": [build.tax(tax) for tax in line.taxes],
        "disposition": line.disposition,
        "restock_type_raw": line.restock_type_raw,
    }


def _sums(draft: RefundDraft) -> Sums:
    subtotal = _total(line.amount for line in draft.lines)
    shipping = _total(a.amount for a in draft.adjustments if a.kind is AdjustmentKind.SHIPPING)
    discount = _total(a.amount for a in draft.adjustments if a.kind in _REDUCTIONS)
    taxes = list(draft.all_taxes())
    total = _total(
        [
            subtotal,
            *(adjustment.amount for adjustment in draft.adjustments),
            *(tax.amount for tax in taxes if not tax.is_included),
        ]
    )
    return Sums(subtotal, NOTHING, shipping, discount, _total(tax.amount for tax in taxes), total)


def _total(amounts: Iterable[Pair]) -> Pair:
    shop = presentment = Decimal(0)
    for amount in amounts:
        shop += amount.shop
        presentment += amount.presentment
    return Pair(shop, presentment)


def _compared(stated: DualMoney, ours: DualMoney, tolerance: Decimal) -> Iterator[Variance]:
    """Variances of what went out, one per currency in which both sides are known."""
    computed = {ours.presentment_currency: ours.presentment_amount, ours.currency: ours.amount}
    said = {stated.presentment_currency: stated.presentment_amount, stated.currency: stated.amount}
    for currency in sorted(said, key=lambda one: one != ours.currency):
        figures = (said[currency], computed.get(currency, said[currency]))
        if figures[0] != figures[1]:
            subject = "stated.total" if currency == ours.currency else "stated.total.presentment"
            yield variance(VarianceCode.REFUND_TOTAL, subject, figures, currency, tolerance)
