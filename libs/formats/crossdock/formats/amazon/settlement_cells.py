"""Cells of Amazon's settlement reports: their columns, amounts and dates in the spellings of all countries.

Invariant: amounts of one file have one decimal mark; a date whose day and month could be exchanged is not
read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import BusinessTime
from crossdock.canonical.models.profile_sections import AmountStyle
from crossdock.canonical.money import parse_amount
from crossdock.formats.report_file import Columns
from crossdock.formats.times import business_day, business_time

_SAME: Final = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount"),
    *("currency", "transaction-type", "order-id", "merchant-order-id", "adjustment-id", "shipment-id"),
    *("marketplace-name", "fulfillment-id", "posted-date", "posted-date-time", "order-item-code"),
    *("merchant-order-item-id", "merchant-adjustment-item-id", "sku", "quantity-purchased"),
    *("promotion-id", "transaction-id", "invoice-id", "amount-type", "amount-description", "amount"),
    *("shipment-fee-type", "shipment-fee-amount", "order-fee-type", "order-fee-amount"),
    *("price-type", "price-amount", "item-related-fee-type", "item-related-fee-amount"),
    *("misc-fee-amount", "other-fee-amount", "other-fee-reason-description", "promotion-type"),
    *("promotion-amount", "direct-payment-type", "direct-payment-amount", "other-amount"),
)
COLUMNS: Final = Columns(
    {name.replace("-", "_"): (name,) for name in _SAME}, ("settlement_id", "transaction_type")
)
"""Our name of a column is the report's with underscores."""
OF_THE_SETTLEMENT: Final = frozenset(
    {"settlement_start_date", "settlement_end_date", "deposit_date", "total_amount", "currency"}
)
"""Columns that say the settlement, on its first row only or on each."""


class AmountColumn(NamedTuple):
    """A column of amounts, and where its two words stand."""

    column: str
    amount_type: str
    description: str
    """Column of the description; empty where the transaction type is all there is."""


LONG: Final = AmountColumn("amount", "", "amount_description")
"""V2 has one amount per row and its type in `amount-type`."""
WIDE: Final = (
    AmountColumn("price_amount", "ItemPrice", "price_type"),
    AmountColumn("item_related_fee_amount", "ItemFees", "item_related_fee_type"),
    AmountColumn("shipment_fee_amount", "ShipmentFees", "shipment_fee_type"),
    AmountColumn("order_fee_amount", "OrderFees", "order_fee_type"),
    AmountColumn("misc_fee_amount", "MiscFees", ""),
    AmountColumn("other_fee_amount", "OtherFees", "other_fee_reason_description"),
    AmountColumn("promotion_amount", "Promotion", "promotion_type"),
    AmountColumn("direct_payment_amount", "DirectPayment", "direct_payment_type"),
    AmountColumn("other_amount", "other-transaction", ""),
)
"""V1 has several amounts per row; their types are named as V2 names them."""
_ZONES: Final = {"UTC": "Z", "GMT": "Z", "PST": "-08:00", "PDT": "-07:00", "JST": "+09:00"}
"""Zones that stand behind a time, as offsets."""


def amount_style(texts: Iterable[str], declared: AmountStyle) -> AmountStyle:
    """How the amounts of a file are written: as declared, unless another decimal mark reads more of them."""
    said = set(texts)
    styles: tuple[AmountStyle, ...] = (declared, "major_text", "major_comma")
    return min(styles, key=lambda style: sum(not _is_readable(text, style) for text in said))


def _is_readable(text: str, style: AmountStyle) -> bool:
    try:
        parse_amount(text, style=style)
    except Rejected:
        return False
    return True


def count_of(text: str) -> Decimal | None:
    """A quantity; None where the cell is empty or no plain number."""
    try:
        return parse_amount(text) if text else None
    except Rejected:
        return None


@lru_cache(maxsize=4096)
def moment_of(text: str, zone: str | None) -> BusinessTime | None:
    """A date or a date and time, UTC where it has no offset; None where it cannot be read.

    Reads 2026-05-04, 2026/05/04, 04.05.2026 and, where one number exceeds 12, 13/05/2026 or 05/13/2026;
    behind any of them `10:00:00 UTC` or an ISO 8601 time with its offset.
    """
    head, separator, clock = text.partition("T" if text[10:11] == "T" else " ")
    day = _day_of(head)
    if day is None:
        return None
    try:
        if not separator:
            return business_day(day, zone or "UTC")
        said, _, named = clock.strip().partition(" ")
        offset = _ZONES.get(named, named)
        return business_time(f"{day.isoformat()}T{said}{offset}", "", zone=zone, naive_zone="UTC")
    except (Rejected, OverflowError):
        return None


def _day_of(text: str) -> date | None:
    mark = next((one for one in ".-/" if one in text), "")
    parts = text.split(mark) if mark else []
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    first, second, third = (int(part) for part in parts)
    if len(parts[0]) == 4:
        return _date(first, second, third)
    if len(parts[2]) != 4:
        return None
    if mark == "." or first > 12:
        return _date(third, second, first)
    return _date(third, first, second) if second > 12 or first == second else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
