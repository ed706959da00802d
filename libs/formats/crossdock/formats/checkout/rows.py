"""Checkout.com's vocabulary, the columns of its three kinds of report, and the line of a booking.

Invariant: a word that ends in «fee» or names one is a fee; what is no known word is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from crossdock.canonical.models import BusinessTime, ReferenceKind, TransactionType, VarianceCode
from crossdock.formats.profile_rules import known_currency
from crossdock.formats.report_file import Columns
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount, plain_word, word_table
from crossdock.formats.times import at_instant
from crossdock.formats.zone_names import zone_of

_WORDS: Final = word_table(
    {
        TransactionType.SALE: "charge capture partial_capture payment",
        TransactionType.REFUND: "refund refund_reversal refund_returned credit partial_refund",
        TransactionType.CHARGEBACK: "chargeback first_chargeback second_chargeback arbitration "
        "arbitration_lost dispute pre_arbitration chargeback_(adjm) chargeback_(arws)",
        TransactionType.CHARGEBACK_REVERSAL: "chargeback_reversal chargeback_reversed representment "
        "arbitration_won second_presentment chargeback_(cbrv) chargeback_(rpdw) chargeback_(arbw)",
        TransactionType.FEE: "void authorization incremental_authorization merchant_payout "
        "network_token_provisioning network_token_update "
        "account_updater interchange tax card_verification authentication risk_engine "
        "intelligent_acceptance acquiring_premium markup chargeback_(arbl)",
        TransactionType.RESERVE: "rolling_reserve reserve collateral rr rr_release "
        "operational_funding_reservation operational_funding_release rolling_reserve_release "
        "rolling_reserve_deduction rolling_reserve_deducted rolling_reserve_released "
        "security_deposit_reservation security_deposit_release",
        TransactionType.TRANSFER: "transfer transfer_in transfer_out top_up internal_transfer "
        "cover_negative_position card_payout pay_to_card payout_to_card",
        TransactionType.ADJUSTMENT: "adjustment invoice_settlement manual_adjustment "
        "tiered_pricing_adjustment transaction_amount_discrepancy clearing_failed",
        TransactionType.PAYOUT: "payout settlement payout_return payout_returned bank_payout",
    }
)
"""Meaning of the types of actions and of the parts of their breakdown."""
_FEE_ENDINGS: Final = ("fee", "fees", "premium", "tax")
_KEPT: Final = ("action_id", "payment_method", "response_code", "entity")

_FIELDS: Final = {
    "transaction_type": "type",
    "settlement_id": "payout",
    "payout_id": "payout",
    "order_reference": "reference",
    "posted": "processed",
}
BREAKDOWN: Final = Columns(
    {
        "type": ("Type",),
        "payment_id": ("Payment ID",),
        "reference": ("Reference",),
        "processed": ("Processed On",),
        "processed_utc": ("Processed On UTC",),
        "timezone": ("Timezone",),
        "available": ("Available On",),
        "currency": ("Holding Currency",),
        "payout": ("Payout ID", "Settlement ID"),
        "gross": ("Gross In Holding Currency",),
        "deduction": ("Deduction In Holding Currency",),
        "net": ("Net In Holding Currency",),
        "processing_fee": ("Processing Fee In Holding Currency",),
        "scheme_fee": ("Scheme Fee In Holding Currency",),
        "interchange": ("Interchange In Holding Currency",),
        "tax": ("Tax In Holding Currency",),
        "reserve": ("Reserve In Holding Currency",),
        "processing_currency": ("Processing Currency",),
        "processing_gross": ("Gross In Processing Currency",),
        "fx_rate": ("FX Rate Applied",),
        "payment_method": ("Payment Method",),
        "entity": ("Client Entity ID", "Entity ID"),
    },
    ("type", "net"),
    _FIELDS,
)
"""Settlement breakdown, balance breakdown: a row per action with its deductions."""

ACTIONS: Final = Columns(
    {
        "type": ("Breakdown Type",),
        "action": ("Action Type",),
        "action_id": ("Action ID",),
        "payment_id": ("Payment ID",),
        "reference": ("Reference",),
        "processed": ("Processed On",),
        "processed_utc": ("Processed On UTC",),
        "timezone": ("Timezone",),
        "requested": ("Requested On",),
        "currency": ("Holding Currency",),
        "net": ("Holding Currency Amount",),
        "payout": ("Payout ID", "Settlement ID"),
        "processing_currency": ("Processing Currency",),
        "processing_amount": ("Processing Currency Amount",),
        "fx_rate": ("FX Rate Applied",),
        "fee_detail": ("Fee Detail",),
        "payment_method": ("Payment Method",),
        "response_code": ("Response Code",),
        "entity": ("Client Entity ID", "Entity ID"),
    },
    ("type", "net"),
    _FIELDS,
)
"""Financial actions: a row per action and part of it."""

COMPONENTS: Final = (
    *("Merchant Payout Fees", "Payments", "Refunds", "Chargebacks", "Pay To Cards"),
    *("Card Payment Interchange Fees", "Card Payment Scheme Fees", "Acquiring Premiums"),
    *("Card Payment Gateway Fees", "Card Payment Blended Fees", "Refunded Interchange Fees"),
    *("Refund Scheme Fees", "Refund Gateway Fees", "Chargeback Fees", "Retrieval Fees"),
    *("Representment Fees", "Pay To Card Interchange Fees", "Pay To Card Scheme Fees", "Pay To Card Fees"),
    *("Alternative Payment Method Fees", "Adjustments", "Tax", "Account Updater Fees", "Transfers In"),
    *("Transfers Out", "Authentication Fees", "Authentication Scheme Fees", "Risk Engine Fees"),
    *("Intelligent Acceptance Fees", "Network Token Fees"),
)
"""Columns of the payouts report that add up to the payout."""

PAYOUTS: Final = Columns(
    {
        "payout": ("Payout ID",),
        "created": ("Payout Date",),
        "timezone": ("Timezone",),
        "period_from": ("Reporting Start Date",),
        "period_to": ("Reporting End Date",),
        "currency": ("Holding Currency",),
        "amount": ("Payout Amount",),
        "currency_account": ("Currency Account ID",),
        "entity": ("Client Entity ID", "Entity ID"),
    }
    | {name: (name,) for name in COMPONENTS},
    ("payout", "amount"),
    _FIELDS,
)


def _kind_of(account: SettlementAccount, words: Sequence[str], path: str) -> TransactionType:
    """What the words of a row mean, the most exact one first."""
    said = [word for word in words if word]
    for word in said:
        if plain_word(word).endswith(_FEE_ENDINGS):
            table = {plain_word(word): TransactionType.FEE} | _WORDS
            return account.type_of(word, table, path)
        if plain_word(word) in _WORDS:
            break
    known = next((word for word in said if plain_word(word) in _WORDS), said[0] if said else "")
    return account.type_of(known, _WORDS, path)


def checkout_time(account: SettlementAccount, raw: str, zone: str, path: str) -> BusinessTime | None:
    """The moment of `2026-07-01T10:00:00.000`; None where it is missing or cannot be read, with a warning.

    Args:
        zone: what the report says of the zone of a local time; where it says nothing, that of the profile
            holds, which is the one that settlements are made in, else UTC.
    """
    if not raw:
        return None
    try:
        moment = datetime.fromisoformat(raw.replace("/", "-"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_zone(account, zone))
        return at_instant(moment, account.zone or "UTC")
    except (ValueError, OverflowError):
        detail = "a date is not as ISO 8601, or its zone is not known; there is none"
        account.warn_once("time_invalid", detail, path)
        return None


def _zone(account: SettlementAccount, name: str) -> tzinfo:
    """Raises ValueError where a name is no zone."""
    found = zone_of(name) if name else ZoneInfo(account.zone or "UTC")
    if found is None:
        raise ValueError(name)
    return found


def checkout_line(
    account: SettlementAccount,
    said: Callable[[str], str],
    path: Callable[[str], str],
    booking: str,
    net: Decimal,
) -> LineDraft:
    """The line of a booking, by report or API alike.

    Args:
        said: text of one of our columns, empty where there is none.
        path: its place.
        booking: the column that identifies it, together with its type.
    """
    word, action, reference = said("type"), said("action"), said("reference")
    payment, payout, booked = said("payment_id"), said("payout"), said(booking)
    return LineDraft(
        path=path(""),
        natural_id=f"{booked}:{word.replace(' ', '')}" if booked else "",
        digest="",
        settlement_id=payout,
        transaction_type=_kind_of(account, (word, action), path("type")),
        type_raw=word,
        currency=account.currency(said("currency"), path("currency")),
        net=net,
        amount_type_raw=action,
        description_raw=said("fee_detail"),
        order_reference=reference or payment,
        reference_kind=ReferenceKind.ORDER if reference else ReferenceKind.PSP_REFERENCE,
        posted=checkout_time(account, said("processed_utc"), "UTC", path("processed_utc"))
        or checkout_time(account, said("processed"), said("timezone"), path("processed")),
        payout_id=payout,
        is_provisional=not payout,
        fx_rate_raw=said("fx_rate"),
        extensions={name: said(name) for name in _KEPT} | {"psp_reference": payment},
    )


def keep_exact(account: SettlementAccount, line: LineDraft, said: str) -> None:
    """The amount as said, where it has more decimals than a line can carry."""
    if account.is_rounded(said):
        line.extensions["holding_currency_amount"] = said


def compare_processed(
    account: SettlementAccount, line: LineDraft, said: Callable[[str], str], path: str, amount: Decimal | None
) -> None:
    """The amount of an action beside the one it was processed with, where both are in one currency: there is
    no other figure to compare it with."""
    if said("processing_currency").upper() == line.currency:
        figures = (line.net, amount)
        line.variances += account.differs(VarianceCode.NET_AMOUNT, path, figures, line.currency)


def state_source(
    line: LineDraft, said: Callable[[str], str], path: Callable[[str], str], amount: Decimal | None
) -> None:
    """The amount in the currency that it was processed in, where that is another."""
    stated = said("processing_currency")
    if amount and stated and stated.upper() != line.currency:
        line.source_amount = (amount, known_currency(stated, path("processing_currency")))
