"""Invoices, settlements and payouts as said (canonical-model §3.11, §3.12).

Invariant: in settlements + is money to us; gross − fee = net is checked, never assumed; a row without
a known meaning is `other` or `unknown`, never guessed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.common import (
    Adjustment,
    BusinessTime,
    Money,
    Quantity,
    TaxLine,
    UnitPrice,
)
from crossdock.canonical.models.field_types import PII, Canonical, Currency, Int, OwnState, Text
from crossdock.canonical.models.identity import Identifier, Party
from crossdock.canonical.models.sales import ComputedTotals, StatedTotals


class InvoiceKind(OwnState):
    """What an invoice does."""

    UNKNOWN = "unknown"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    CORRECTION = "correction"


class InvoiceLine(Canonical):
    """One line of an invoice."""

    FULL_NAME: ClassVar[str] = "crossdock.finance.InvoiceLine"
    invoice_line_id: Text
    """Line number on the invoice."""
    order_line_id: str | None = None
    """Line of the order, where the source names it."""
    sku: str | None = None
    """Our SKU where the item resolved."""
    identifiers: tuple[Identifier, ...] = ()
    """Item as said."""
    quantity: Quantity
    """Quantity invoiced."""
    unit_price: UnitPrice | None = None
    """Price as said; informative."""
    net: Money
    """Line amount without tax."""
    tax_lines: tuple[TaxLine, ...] = ()
    """Taxes of the line."""
    adjustments: tuple[Adjustment, ...] = ()
    """Charges and allowances of the line."""
    shipment_id: str | None = None
    """Shipment it bills, where the source names it."""


class Invoice(Entity):
    """An invoice or credit note; key `tenant/channel/order_id/erp/invoice_number`."""

    FULL_NAME: ClassVar[str] = "crossdock.finance.Invoice"
    invoice_number: Text
    """Number on the invoice."""
    kind: InvoiceKind
    """What it does."""
    order_id: Text
    """Order in its channel; `-` where the source names none."""
    invoice_date: BusinessTime
    """Date on the invoice."""
    posting_date: BusinessTime | None = None
    """Date in the books."""
    period: str | None = None
    """Accounting period, as said."""
    due_date: BusinessTime | None = None
    """When it is due."""
    payment_terms: str | None = None
    """Terms as said."""
    currency: Currency
    """Currency of all amounts, ISO 4217."""
    buyer: Annotated[Party | None, PII] = None
    """Who owes."""
    seller: Annotated[Party | None, PII] = None
    """Who is owed."""
    lines: tuple[InvoiceLine, ...] = ()
    """Lines of this order."""
    adjustments: tuple[Adjustment, ...] = ()
    """Charges and allowances of the whole invoice."""
    tax_summary: tuple[TaxLine, ...] = ()
    """Taxes by rate, as said."""
    stated: StatedTotals
    """Totals as said; absent is None."""
    computed: ComputedTotals
    """Our own sums from lines and adjustments."""
    amount_due: Money | None = None
    """What is to be paid, as said."""
    corrects: str | None = None
    """Number of the invoice that this one corrects."""


class Settlement(Entity):
    """A report of what an account owes us; key `tenant/account/settlement_id`."""

    FULL_NAME: ClassVar[str] = "crossdock.finance.Settlement"
    settlement_id: Text
    """Identity of the report."""
    account: Text
    """Account in keys, from the profile's settlement.account."""
    period_from: BusinessTime | None = None
    """Begin of the period."""
    period_to: BusinessTime | None = None
    """End of the period."""
    currency: Currency
    """Currency of the deposit, ISO 4217."""
    deposit: Money | None = None
    """What is paid out, as said; + is money to us."""
    deposit_date: BusinessTime | None = None
    """When it is paid out."""
    line_count: Int
    """Lines that were read from this report."""
    control_total: Money | None = None
    """Sum of the lines' net amounts by our own arithmetic."""
    previous_reserve: Money | None = None
    """Reserve given back from before."""
    current_reserve: Money | None = None
    """Reserve kept for later."""
    is_final: bool
    """No more lines are expected, by the source's word."""
    completeness_horizon_days: Int
    """Days until it counts as complete; from the profile."""


class TransactionType(OwnState):
    """What a settlement line is."""

    UNKNOWN = "unknown"
    SALE = "sale"
    REFUND = "refund"
    FEE = "fee"
    FEE_REFUND = "fee_refund"
    ADJUSTMENT = "adjustment"
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSAL = "chargeback_reversal"
    RESERVE = "reserve"
    TRANSFER = "transfer"
    PAYOUT = "payout"
    TAX_WITHHELD = "tax_withheld"
    SUBSCRIPTION = "subscription"
    SHIPPING_LABEL = "shipping_label"
    OTHER = "other"


class ReferenceKind(OwnState):
    """What a settlement line refers to."""

    UNKNOWN = "unknown"
    ORDER = "order"
    SHIPMENT = "shipment"
    PSP_REFERENCE = "psp_reference"
    INVOICE = "invoice"
    NONE = "none"


class SettlementLine(Entity):
    """One row of a settlement; key `tenant/account/settlement_id/line_id`, settlement `-` without one."""

    FULL_NAME: ClassVar[str] = "crossdock.finance.SettlementLine"
    line_id: Text
    """Source's id; else a digest of all columns and the occurrence number."""
    account: Text
    """Account in keys."""
    settlement_id: str
    """Settlement it belongs to; empty where it has none yet."""
    transaction_type: TransactionType
    """What it is, by profile vocabulary and the format's table."""
    transaction_type_raw: str
    """The source's word."""
    amount_type_raw: str = ""
    """The source's second word, e.g. ItemFees."""
    amount_description_raw: str = ""
    """The source's third word, e.g. Commission."""
    gross: Money | None = None
    """Before fees, as said; + is money to us."""
    fee: Money | None = None
    """Fee as a cost: + lowers what we get, as said or from its own columns."""
    net: Money
    """What it adds to the deposit; + is money to us."""
    order_reference: str | None = None
    """Order, shipment or processor reference, as said."""
    reference_kind: ReferenceKind
    """What `order_reference` is."""
    item_reference: str | None = None
    """Line of the order, as said."""
    sku: str | None = None
    """SKU as said."""
    quantity: Quantity | None = None
    """Quantity as said."""
    posted: BusinessTime | None = None
    """When it was booked."""
    payout_id: str | None = None
    """Payout that carries it."""
    is_provisional: bool
    """It has no settlement or payout yet."""
    fx_rate_raw: str | None = None
    """Exchange rate, as said."""
    source_currency_amount: Money | None = None
    """The amount before conversion, where the source says it."""


class PayoutStatus(OwnState):
    """How far a payout is."""

    UNKNOWN = "unknown"
    SCHEDULED = "scheduled"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Payout(Entity):
    """Money on its way to our bank; key `tenant/account/settlement_id/payout_id`."""

    FULL_NAME: ClassVar[str] = "crossdock.finance.Payout"
    payout_id: Text
    """Identity in the account; also the settlement's where the source has none."""
    account: Text
    """Account in keys."""
    settlement_id: Text
    """Settlement it pays."""
    amount: Money
    """+ is money to us: what arrives at the bank; negative where it is taken from us."""
    fee: Money | None = None
    """Fee of the payout itself, as said."""
    status: PayoutStatus
    """How far it is."""
    status_raw: str = ""
    """Status as said."""
    created: BusinessTime | None = None
    """When it was made."""
    arrival_date: BusinessTime | None = None
    """When it arrives or arrived."""
    bank_reference: str | None = None
    """Reference on the bank statement."""
    failure_raw: str | None = None
    """Why it failed, as said."""
