"""Allowances, charges and taxes of an order or a line: SAC and TXI.

Invariant: an amount enters the sums only where the sender states it, be it as a percentage that the stated
total explains; what is settled elsewhere is kept with a warning and changes no figure.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import FundedBy
from crossdock.formats.edi.percentages import Share
from crossdock.formats.order_draft import NOTHING, AdjustmentDraft, Pair, TaxDraft, both
from crossdock.formats.x12 import codes
from crossdock.formats.x12.document import Document, Segment
from crossdock.formats.x12.values import Numbers

_ALLOWANCES: Final = frozenset({"A", "P"})
"""SAC01: allowance, promotion."""
_CHARGES: Final = frozenset({"C"})
_NONE: Final = Decimal(0)


def charge_of(sac: Segment, document: Document, numbers: Numbers) -> AdjustmentDraft | TaxDraft | None:
    """Adjustment or tax of a SAC; None where it states no amount that belongs to this order.

    Raises:
        Rejected: `amount_unparsable` where SAC05 or the rate is no number.
    """
    indicator = sac.code(1)
    amount = _amount(sac, document, numbers)
    reason = _not_counted(sac, indicator, amount)
    if amount is None or reason:
        detail = f"the allowance or charge is kept as an extension and changes no sum: {reason}"
        document.warn("charge_not_counted", detail, sac.path())
        return None
    is_charge = indicator in _CHARGES
    if amount < 0 and not is_charge:
        detail = "an allowance is stated with a minus; it is an allowance of that size"
        document.warn("allowance_sign", detail, sac.path(5))
        amount = abs(amount)
    if sac.code(2) in codes.TAX_CHARGES and is_charge:
        return TaxDraft(both(amount), is_included=False, jurisdiction=sac.get(15))
    return _adjustment(sac, both(amount if is_charge else -amount))


def share_of(sac: Segment, numbers: Numbers) -> Share | None:
    """The percentage (SAC07) of a SAC that states no other amount; None where there is none that can be
    read and counts.

    Raises:
        Rejected: `amount_unparsable` where SAC05 is no number.
    """
    has_rate = bool(sac.get(8) and sac.get(10))
    if not sac.get(7) or has_rate or (sac.get(5) and numbers.implied_cents(sac, 5)[0]):
        return None
    is_charge = sac.code(1) in _CHARGES
    if _not_counted(sac, sac.code(1), _NONE) or (is_charge and sac.code(2) in codes.TAX_CHARGES):
        return None
    try:
        part = numbers.number(sac, 7) / 100
    except Rejected:
        return None
    return Share(part if is_charge else -part, _adjustment(sac, NOTHING))


def _adjustment(sac: Segment, amount: Pair) -> AdjustmentDraft:
    code, is_charge = sac.code(2), sac.code(1) in _CHARGES
    return AdjustmentDraft(
        kind=codes.CHARGES.kind(code, is_charge=is_charge),
        is_charge=is_charge,
        amount=amount,
        reason_raw=" ".join([text for text in (code, sac.get(4), sac.get(15)) if text]),
        funded_by=FundedBy.SELLER,
    )


def _not_counted(sac: Segment, indicator: str, amount: Decimal | None) -> str:
    if indicator not in _ALLOWANCES | _CHARGES:
        return "SAC01 is neither A (allowance) nor C (charge)"
    if amount is None:
        return "it states no amount in SAC05 and no rate with a quantity"
    if sac.code(12) in codes.NOT_IN_TOTAL:
        return f"SAC12 says {codes.NOT_IN_TOTAL[sac.code(12)]}"
    return ""


def _amount(sac: Segment, document: Document, numbers: Numbers) -> Decimal | None:
    """SAC05, else rate × quantity (SAC08 × SAC10)."""
    if sac.get(5):
        amount, has_point = numbers.implied_cents(sac, 5)
        if has_point:
            detail = "SAC05 has two implied decimals, but holds a decimal point; read as written"
            document.warn("implied_decimals_written", detail, sac.path(5))
        return amount
    if sac.get(8) and sac.get(10):
        return numbers.number(sac, 8) * numbers.number(sac, 10)
    return None


def tax_of(txi: Segment, document: Document, numbers: Numbers) -> TaxDraft | None:
    """Tax of a TXI with an amount; None (kept with a warning) where it states only a rate."""
    if not txi.get(2) or txi.code(7) in ("O", "D"):
        detail = "the tax states no amount that is added; it is kept as an extension and changes no sum"
        document.warn("tax_not_counted", detail, txi.path(2))
        return None
    rate = numbers.number(txi, 3) if txi.get(3) else None
    return TaxDraft(
        both(numbers.amount(txi, 2)),
        rate_percent=rate,
        jurisdiction=txi.get(5),
        is_included=True if txi.code(7) == "I" else None,
    )
