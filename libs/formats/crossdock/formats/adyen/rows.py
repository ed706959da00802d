"""What Adyen's reports have in common: journal types, time zones, fees, identity of a booking.

Invariant: one booking has one identity in every report, so what two reports say of it meets in one line;
a zone's abbreviation that several countries use is never guessed.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    ReferenceKind,
    TimePrecision,
    TransactionType,
    VarianceCode,
)
from crossdock.formats.report_file import Row
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount, total, word_table
from crossdock.formats.settlement_table import cell_amount
from crossdock.formats.times import at_instant
from crossdock.formats.zone_names import zone_of

JOURNAL_TYPES: Final = word_table(
    {
        TransactionType.SALE: "Settled SettledInInstallments SettledInstallment SettledExternally "
        "SettledExternallyWithInfo SettledInstallmentExternallyWithInfo SentForSettle",
        TransactionType.REFUND: "Refunded RefundedExternally RefundedInInstallments RefundedInstallment "
        "RefundedExternallyWithInfo RefundedInstallmentExternallyWithInfo RefundedReversed "
        "SentForRefund RefundFailed RefundNotCleared SettledReversed CaptureFailed",
        TransactionType.CHARGEBACK: "Chargeback ChargebackExternally ChargebackExternallyWithInfo "
        "SecondChargeback",
        TransactionType.CHARGEBACK_REVERSAL: "ChargebackReversed ChargebackReversedExternally "
        "ChargebackReversedExternallyWithInfo SecondChargebackReversed",
        TransactionType.FEE: "Fee InvoiceDeduction MiscCosts PaymentCost SettleCost ChargebackFee "
        "AuthorisationSchemeFee AdvancementCommissionExternallyWithInfo",
        TransactionType.ADJUSTMENT: "ManualCorrected MatchedStatement AdjustmentExternallyWithInfo",
        TransactionType.RESERVE: "DepositCorrection ReserveAdjustment",
        TransactionType.TRANSFER: "Balancetransfer MerchantPayin MerchantPayinReversed InternalPayin "
        "InternalPayout InternalCompanyPayout XASTransfer PaidOut PaidOutReversed EpaPaid "
        "BankInstructionReturned",
        TransactionType.PAYOUT: "MerchantPayout AcquirerPayout",
        TransactionType.OTHER: "Advancement AdvancementCommissioned",
    }
)
"""Meaning of `Type` (settlement detail) and `Record Type` (accounting)."""

FEES: Final = ("commission", "markup", "scheme_fees", "interchange")
"""Our names of the fee columns that lower the net amount of a row."""
_KEPT: Final = (
    *("psp_reference", "modification_reference", "modification_merchant_reference", "merchant_account"),
    *("payment_method", "payment_method_variant", "merchant_order_reference", "dispute_reference"),
)
_DAY_CHARACTERS: Final = len("2026-01-31")


def booked_at(account: SettlementAccount, row: Row, time: str, zone: str) -> BusinessTime | None:
    """The moment of a local time and the zone beside it; None where it is missing or cannot be read, with
    a warning: a date decides no money."""
    raw, name = row.get(time), row.get(zone)
    if not raw:
        return None
    try:
        return _moment(account, raw, name, row.path(zone))
    except (ValueError, OverflowError):
        account.warn_once("time_invalid", "a date is not as ISO 8601; the line has none", row.path(time))
        return None


def _moment(account: SettlementAccount, raw: str, name: str, path: str) -> BusinessTime | None:
    moment = datetime.fromisoformat(raw.replace("/", "-"))
    if moment.tzinfo is not None:
        return at_instant(moment, account.zone)
    zone = zone_of(name) or (ZoneInfo(account.zone) if account.zone else None)
    if zone is None:
        detail = "the zone of a time is not known; set `zone` in the profile; the line has none"
        account.warn_once("zone_unknown", detail, path)
        return None
    region = account.zone or (zone.key if isinstance(zone, ZoneInfo) else None)
    return _precise(at_instant(moment.replace(tzinfo=zone), region), raw)


def _precise(moment: BusinessTime, raw: str) -> BusinessTime:
    is_day = len(raw) <= _DAY_CHARACTERS
    return moment.model_copy(update={"precision": TimePrecision.DAY}) if is_day else moment


def _fees_of(account: SettlementAccount, row: Row) -> Decimal | None:
    """Sum of the fee columns, + is a cost; where all are empty the column that states their sum. None where
    that is empty too."""
    found = [amount for name in FEES if (amount := cell_amount(account, row, name)) is not None]
    return total(found) if found else cell_amount(account, row, "all_fees")


def adyen_line(account: SettlementAccount, row: Row, net: Decimal, currency: str) -> LineDraft:
    """The line of a booking, whose gross amount and digest are the report's own matter.

    Args:
        net: major units, + is money to us.
        currency: our name of the column with the currency of `net`.

    Raises Rejected FIELD_INVALID where the row has no type, and what a currency may raise.
    """
    word = kind_word(row)
    reference = row.get("merchant_reference")
    return LineDraft(
        path=row.path(),
        natural_id=_booking_id(row),
        digest="",
        settlement_id=row.get("batch"),
        transaction_type=account.type_of(word, JOURNAL_TYPES, row.path("type")),
        type_raw=word,
        currency=account.currency(row.get(currency), row.path(currency)),
        net=net,
        fee=_fees_of(account, row),
        amount_type_raw=row.get("payment_method"),
        order_reference=reference or row.get("psp_reference"),
        reference_kind=ReferenceKind.ORDER if reference else ReferenceKind.PSP_REFERENCE,
        is_provisional=not row.get("batch"),
        fx_rate_raw=row.get("exchange_rate"),
        extensions={name: row.get(name) for name in _KEPT},
    )


def kind_word(row: Row) -> str:
    """The journal type as said. Raises Rejected FIELD_INVALID where there is none."""
    word = row.get("type")
    if not word:
        raise row.refuse(RejectionCode.FIELD_INVALID, "the row has no journal type", "type")
    return word


def compare_net(account: SettlementAccount, row: Row, draft: LineDraft, gross: Decimal) -> None:
    """The stated net amount against gross less fees. A report that has no column for fees says nothing of
    them, and an empty cell beside one that has is no fee.

    Args:
        gross: in the currency of the net amount.
    """
    if any(row.has(name) for name in (*FEES, "all_fees")):
        figures = (draft.net, gross - (draft.fee or Decimal(0)))
        draft.variances += account.differs(VarianceCode.NET_AMOUNT, row.path(), figures, draft.currency)


def _booking_id(row: Row) -> str:
    """`<modification or payment reference>:<journal type>`; empty where a booking has no reference."""
    kind = row.get("type").replace(" ", "")
    title = row.get("modification_reference").split()
    reference = title[0] if len(title) == 1 or _is_transfer(title) else ""
    if not reference or reference.lower() == kind.lower():  # the title of an invoice, the type again
        reference = row.get("psp_reference")
    return f"{reference}:{kind}" if reference else ""


def payout_id(row: Row) -> str:
    """The transfer's own number, first word of «TX1234XT batch 12, …»; empty where it has none."""
    title = row.get("modification_reference").split()
    return title[0] if _is_transfer(title) else ""


def _is_transfer(title: list[str]) -> bool:
    return bool(title) and title[0].startswith("TX") and any(digit.isdigit() for digit in title[0])
