"""The ways in which orders arrive broken.

Invariant: each way has one stable rejection code, and whoever reads the broken order can see what was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

Json = dict[str, Any]  # a payload on its way out: whatever the channel puts into it


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break an order.

    Args:
        name: what happened, for people.
        channel: where it happens.
        code: rejection code that it must get.
        hides_identity: nobody can tell which order it is, so it stands under a key of its own.
        is_conflict: the payload is readable, but contradicts one that is accepted.
    """

    name: str
    channel: str
    code: str
    hides_identity: bool = False
    is_conflict: bool = False


CUT_OFF: Final = Fault("JSON cut off in transit", "shopify-eu", "envelope_broken", hides_identity=True)
NO_ID: Final = Fault("order without an id", "shopify-eu", "id_missing", hides_identity=True)
BAD_AMOUNT: Final = Fault("letter O in a price", "shopify-eu", "amount_unparsable")
OTHER_CURRENCY: Final = Fault("one line priced in USD", "shopify-eu", "currency_mixed")
NO_CURRENCY: Final = Fault("order without a currency", "woo-us", "currency_missing")
LATIN_1: Final = Fault("Latin-1 bytes in JSON", "woo-us", "encoding_invalid", hides_identity=True)
NO_LINES: Final = Fault("order without a line", "woo-us", "lines_missing")
BAD_DATE: Final = Fault("order of month 13", "woo-us", "time_invalid")
OWN_UNIT: Final = Fault("a unit (ZZ) that the profile does not know", "edi-bigbox", "unit_unmapped")
CUT_FILE: Final = Fault("file cut off inside its last order", "edi-bigbox", "envelope_broken")
NO_NUMBER: Final = Fault("order without a number", "edi-bigbox", "id_missing", hides_identity=True)
NO_X12: Final = Fault("a spreadsheet in the EDI folder", "edi-bigbox", "envelope_broken", hides_identity=True)
REUSED_CONTROL: Final = Fault(
    "control number used twice", "edi-bigbox", "duplicate_interchange_conflict", is_conflict=True
)
NO_KEY: Final = Fault("record without a key", "pos-partner", "key_missing", hides_identity=True)
NO_DATE: Final = Fault("required field left out", "pos-partner", "field_invalid")
TWO_TRUTHS: Final = Fault(
    "one revision with two contents", "pos-partner", "content_conflict", is_conflict=True
)

FAULTS: Final = (
    *(OWN_UNIT, CUT_OFF, NO_ID, BAD_AMOUNT, OTHER_CURRENCY, NO_CURRENCY, LATIN_1, NO_LINES, BAD_DATE),
    *(CUT_FILE, NO_NUMBER, NO_X12, REUSED_CONTROL, NO_KEY, NO_DATE, TWO_TRUTHS),
)
"""All of them."""


def broken(document: Json, fault: Fault | None) -> bytes:
    """The JSON payload with a fault in it, or sound."""
    change = _CHANGES.get(fault) if fault is not None else None
    if change is not None:
        change(document)
    body = orjson.dumps(document)
    if fault is CUT_OFF:
        return body[: len(body) * 2 // 3]
    return body.decode().encode("latin-1") if fault is LATIN_1 else body


def _misspell_price(order: Json) -> None:
    order["line_items"][0]["price"] = "12,5O"
    del order["line_items"][0]["price_set"]


def _price_in_dollars(order: Json) -> None:
    order["line_items"][-1]["price_set"]["shop_money"]["currency_code"] = "USD"


def _add_umlauts(order: Json) -> None:
    order["customer_note"] = "Bitte zur Tür bringen"


def _name_month_13(order: Json) -> None:
    order["date_created_gmt"] = order["date_created"] = "2026-13-02T08:00:00"


_CHANGES: Final[dict[Fault, Callable[[Json], None]]] = {
    NO_ID: lambda order: order.__delitem__("id"),
    BAD_AMOUNT: _misspell_price,
    OTHER_CURRENCY: _price_in_dollars,
    NO_CURRENCY: lambda order: order.__delitem__("currency"),
    LATIN_1: _add_umlauts,
    NO_LINES: lambda order: order.__setitem__("line_items", []),
    BAD_DATE: _name_month_13,
    NO_DATE: lambda order: order.__delitem__("placed"),
}
