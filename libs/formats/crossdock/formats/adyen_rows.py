"""What Adyen's reports have in common: journal types, time zones, fees, identity of a booking.

Invariant: one booking has one identity in every report, so what two reports say of it meets in one line;
a zone's abbreviation that several countries use is never guessed.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from crossdock.canonical.models import BusinessTime, TimePrecision, TransactionType
from crossdock.formats.report_file import Row
from crossdock.formats.settlement_lines import SettlementAccount, total, word_table
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


def fees_of(account: SettlementAccount, row: Row) -> Decimal | None:
    """Sum of the fee columns, + is a cost; where all are empty the column that states their sum. None where
    that is empty too."""
    found = [amount for name in FEES if (amount := cell_amount(account, row, name)) is not None]
    return total(found) if found else cell_amount(account, row, "all_fees")


def booking_id(row: Row) -> str:
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
