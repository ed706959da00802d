"""Checkout.com's vocabulary, and the columns of its three kinds of report.

Invariant: a word that ends in «fee» or names one is a fee; what is no known word is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from crossdock.canonical.models import BusinessTime, TransactionType
from crossdock.formats.report_file import Columns
from crossdock.formats.settlement_lines import SettlementAccount, plain_word, word_table
from crossdock.formats.times import at_instant

_WORDS: Final = word_table(
    {
        TransactionType.SALE: "charge capture payment",
        TransactionType.REFUND: "refund refund_reversal refund_returned credit partial_refund",
        TransactionType.CHARGEBACK: "chargeback first_chargeback second_chargeback arbitration "
        "arbitration_lost dispute pre_arbitration",
        TransactionType.CHARGEBACK_REVERSAL: "chargeback_reversal chargeback_reversed representment "
        "arbitration_won second_presentment",
        TransactionType.FEE: "void authorization incremental_authorization merchant_payout "
        "network_token_provisioning network_token_update "
        "account_updater interchange tax card_verification authentication risk_engine "
        "intelligent_acceptance acquiring_premium markup",
        TransactionType.RESERVE: "rolling_reserve reserve collateral rr rr_release "
        "operational_funding_reservation operational_funding_release rolling_reserve_release "
        "rolling_reserve_deduction",
        TransactionType.TRANSFER: "transfer transfer_in transfer_out top_up internal_transfer "
        "cover_negative_position card_payout pay_to_card payout_to_card",
        TransactionType.ADJUSTMENT: "adjustment invoice_settlement manual_adjustment",
        TransactionType.PAYOUT: "payout settlement payout_return payout_returned bank_payout",
    }
)
_FEE_ENDINGS: Final = ("fee", "fees", "premium", "tax")

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
        "requested": ("Requested On",),
        "currency": ("Holding Currency",),
        "net": ("Holding Currency Amount",),
        "payout": ("Payout ID", "Settlement ID"),
        "processing_currency": ("Processing Currency",),
        "processing_amount": ("Processing Currency Amount",),
        "fx_rate": ("FX Rate Applied",),
        "fee_detail": ("Fee Detail",),
        "payment_method": ("Payment Method",),
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


def kind_of(account: SettlementAccount, words: Sequence[str], path: str) -> TransactionType:
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


def checkout_time(account: SettlementAccount, raw: str, path: str) -> BusinessTime | None:
    """The moment of `2026-07-01T10:00:00.000`, which is UTC; None where it is missing or cannot be read,
    with a warning."""
    if not raw:
        return None
    try:
        moment = datetime.fromisoformat(raw.replace("/", "-"))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return at_instant(aware, account.zone or "UTC")
    except (ValueError, OverflowError):
        account.warn_once("time_invalid", "a date is not as ISO 8601; there is none", path)
        return None
