"""One booking of a PayPal report as a settlement line.

Invariant: amounts are unsigned hundredths, of every currency alike, and DR or CR beside them says which
way the money went; the net amount is gross less fee, for PayPal states none.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import RejectionCode, shown
from crossdock.canonical.models import BusinessTime, ReferenceKind, TransactionType
from crossdock.canonical.money import parse_amount
from crossdock.formats.paypal.codes import booking_id, code_table
from crossdock.formats.paypal.report import PayPalReport
from crossdock.formats.report_file import Columns, Row
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount
from crossdock.formats.settlement_table import needed_amount
from crossdock.formats.times import at_instant

PAYPAL_COLUMNS: Final = Columns(
    {
        "transaction_id": ("Transaction ID",),
        "invoice_id": ("Invoice ID",),
        "reference_id": ("PayPal Reference ID",),
        "reference_type": ("PayPal Reference ID Type",),
        "code": ("Transaction Event Code",),
        "initiated": ("Transaction Initiation Date",),
        "completed": ("Transaction Completion Date",),
        "side": ("Transaction Debit or Credit",),
        "gross": ("Gross Transaction Amount",),
        "currency": ("Gross Transaction Currency",),
        "fee_side": ("Fee Debit or Credit",),
        "fee": ("Fee Amount",),
        "fee_currency": ("Fee Currency",),
        "status": ("Transactional Status",),
        "custom_field": ("Custom Field",),
        "payment_tracking_id": ("Payment Tracking ID",),
        "store_id": ("Store ID",),
        "bank_reference_id": ("Bank Reference ID",),
    },
    ("transaction_id", "code", "side", "gross", "currency"),
    {
        "line_id": "transaction_id",
        "transaction_type": "code",
        "order_reference": "invoice_id",
        "posted": "completed",
    },
)
_KEPT: Final = (
    *("custom_field", "payment_tracking_id", "store_id", "bank_reference_id"),
    *("reference_id", "reference_type"),
)
_DEBIT: Final = frozenset({"dr", "debit", "d"})
_CREDIT: Final = frozenset({"cr", "credit", "c"})
CENTS: Final = 2
"""Decimals that PayPal's reports imply, also for the yen."""


def paypal_line(account: SettlementAccount, row: Row, settlement_id: str) -> LineDraft:
    """The line of an SB row. Raises Rejected with line and column."""
    row.check()
    code, reference = row.get("code"), row.get("transaction_id")
    currency = account.currency(row.get("currency"), row.path("currency"))
    gross = needed_amount(_signed(row, "gross", "side"), row, "gross")
    fee = _fee(account, row, currency)
    kinds = code_table(code, is_debit=gross < 0)
    return LineDraft(
        path=row.path(),
        natural_id=booking_id(reference, code),
        digest=row.digest(tuple(PAYPAL_COLUMNS.names)),
        settlement_id=settlement_id,
        transaction_type=account.type_of(code, kinds, row.path("code")),
        type_raw=code,
        currency=currency,
        gross=gross,
        fee=fee,
        net=account.fitted(gross - (fee or Decimal(0)), row.path("gross")),
        order_reference=row.get("invoice_id") or reference,
        reference_kind=ReferenceKind.ORDER if row.get("invoice_id") else ReferenceKind.PSP_REFERENCE,
        posted=paypal_time(account, row.get("completed"), row.path("completed"))
        or paypal_time(account, row.get("initiated"), row.path("initiated")),
        is_provisional=not settlement_id,
        payout_id=reference if kinds.get(code.lower()) is TransactionType.PAYOUT else "",
        extensions={name: row.get(name) for name in _KEPT} | {"psp_reference": reference},
    )


def _fee(account: SettlementAccount, row: Row, currency: str) -> Decimal | None:
    """Fee as a cost: a debit is positive, a credit (given back with a refund) negative."""
    signed = _signed(row, "fee", "fee_side")
    if signed is None:
        return None
    stated = row.get("fee_currency")
    if stated and signed and stated.upper() != currency:
        detail = f"the fee is in {shown(stated)}, the amount in {currency}; they cannot be netted"
        raise row.refuse(RejectionCode.CURRENCY_MIXED, detail, "fee_currency")
    return account.fitted(-signed, row.path("fee"))


def _signed(row: Row, column: str, side_column: str) -> Decimal | None:
    """An amount by its side, + is money to us; None where it is empty. Raises Rejected."""
    text = row.get(column)
    if not text:
        return None
    amount = parse_amount(text, row.path(column), style="minor_integer", exponent=CENTS)
    side = row.get(side_column).lower()
    if side in _CREDIT or not amount:
        return amount
    if side not in _DEBIT:
        detail = f"DR or CR is needed beside an amount, found {shown(row.get(side_column))}"
        raise row.refuse(RejectionCode.FIELD_INVALID, detail, side_column)
    return -amount


def tell_cut(account: SettlementAccount, report: PayPalReport) -> None:
    """Warns where nothing stands below the last booking."""
    if not report.is_ended:
        detail = "no SF, SC, RF, RC or FF row follows the bookings: the file may be cut short"
        account.warn_once("file_cut", detail, f"line {len(report.file.lines)}")


def paypal_time(account: SettlementAccount, raw: str, path: str) -> BusinessTime | None:
    """The moment of `2026/01/06 00:00:30 -0800`, dated in the profile's zone or by its own offset; None
    where it is missing or cannot be read, with a warning."""
    if not raw:
        return None
    try:
        moment = datetime.fromisoformat(_iso(raw))
        if moment.tzinfo is not None:
            return at_instant(moment, account.zone)
    except (ValueError, OverflowError):
        pass
    account.warn_once("time_invalid", "a date and time with an offset is needed; the line has none", path)
    return None


def _iso(raw: str) -> str:
    """`2026/01/06 00:00:30 -0800` as `2026-01-06T00:00:30-08:00`."""
    words = raw.replace("/", "-").split()
    return "T".join(words[:2]) + "".join(words[2:])
