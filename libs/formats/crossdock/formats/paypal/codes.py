"""PayPal's transaction event codes (T-codes).

Invariant: a code means what its own entry says, else what its group (the first three characters) says; a
code of no known group is unknown. Source: PayPal's reporting reference, transaction event codes.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import TransactionType
from crossdock.formats.settlement_lines import word_table

_CODES: Final = word_table(
    {
        TransactionType.SALE: "T00 T30",
        TransactionType.OTHER: "T0001 T0014 T0015 T0016 T05 T06 T08 T09 T10 T13 T14 T16 T18 T50 T98 T99 "
        "T1102 T1103 T1112 T1114 T1115 T1117 T1118 T1203 T1204 T9702",
        TransactionType.SHIPPING_LABEL: "T0008 T9700",
        TransactionType.FEE: "T01",
        TransactionType.SUBSCRIPTION: "T0101",
        TransactionType.TRANSFER: "T02 T03 T0017 T07 T1104 T20 T22 T9701",
        TransactionType.PAYOUT: "T04 T17 T1101",
        TransactionType.REFUND: "T1100 T1106 T1107 T1113 T1116 T1119 T1120",
        TransactionType.FEE_REFUND: "T1108 T1109",
        TransactionType.RESERVE: "T1105 T1110 T1111 T15 T21",
        TransactionType.ADJUSTMENT: "T12 T1200 T19",
        TransactionType.CHARGEBACK: "T1201 T1207",
        TransactionType.CHARGEBACK_REVERSAL: "T1202 T1205 T1206 T1208",
        TransactionType.TAX_WITHHELD: "T23",
    }
)
_GROUP_CHARACTERS: Final = 3


def code_table(code: str, *, is_debit: bool) -> dict[str, TransactionType]:
    """The table in which one code is looked up: its own entry or its group's. A payment that we made (a
    debit in a group of payments) is no sale."""
    plain = code.lower()
    found = _CODES.get(plain) or _CODES.get(plain[:_GROUP_CHARACTERS])
    if found is TransactionType.SALE and is_debit:
        found = TransactionType.OTHER
    return {} if found is None else {plain: found}


def booking_id(reference: str, code: str) -> str:
    """PayPal's transaction id; a hold and its release share one, so theirs is followed by the code."""
    is_hold = code_table(code, is_debit=False).get(code.lower()) is TransactionType.RESERVE
    return f"{reference}:{code}" if reference and is_hold else reference
