"""X12 820 payment order and remittance advice, alone or among other sets.

Invariant: the deposit is BPR02 as said, + is money to us; our own sum of the lines stands beside it.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Payout, Settlement, SettlementLine
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "820",
    "payment order and remittance advice",
    (
        Settlement,
        SettlementLine,
        Payout,
    ),
    key_rule="settlement.account of the profile (else partner), TRN02, the line's position",
    revision_rule="a second remittance of one TRN02 with other content is a conflict",
    field_table=(
        Field("TRN02, else REF CK EF TN", "settlement_id, payout_id, bank_reference"),
        Field("BPR02, BPR03", "deposit, amount", "D (debit) is negative"),
        Field("BPR16", "deposit_date, arrival_date, posted"),
        Field("BPR01, BPR04", "status_raw", "P N I and NON move no money: no payout"),
        Field(
            "RMR01",
            "transaction_type, reference_kind",
            "vocabulary of the profile, else IV sale, CM refund; unlisted ones unknown",
        ),
        Field("RMR02", "order_reference"),
        Field("RMR04", "net", "else RMR05 less RMR06, with a warning"),
        Field("RMR05, RMR06", "gross, fee", "the discount is a cost"),
        Field("ADX01, ADX02", "a line of type adjustment", "outside of an RMR; under one as the quirk says"),
        Field("ENT04, else ENT01", "extensions", "payee or store of the lines that follow"),
        Field("Σ net", "control_total, variance deposit_total"),
        Field("RMR05 − RMR06 ± ADX", "variance net_amount", "beside RMR04"),
        Field("every other segment", "extensions"),
    ),
    quirks=(
        "An ADX under an RMR comes on top of RMR04, except where deposit or gross say that RMR04 holds it.",
        "What follows an ADX outside of an RMR belongs to it.",
        "ADX under an RMR whose RMR04 holds without them say what it is made of: kept, no line.",
        "A negative RMR04 takes money back: a refund.",
        "A credit with a plus is taken off, with a warning, where BPR02 holds only so.",
        "RMR06 may be written with a minus: a discount all the same, with a warning, where RMR04 holds so.",
        "A prenotification or non-payment order has lines and no payout.",
    ),
)
