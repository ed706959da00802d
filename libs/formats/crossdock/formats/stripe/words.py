"""Stripe's vocabulary and minor units, and the envelopes its objects come in.

Invariant: a balance transaction's `type` decides, an adjustment's `reporting_category` says what it
adjusts; amounts are integers in the units that Stripe uses, which are not those of ISO 4217 everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.currencies import CURRENCY_EXPONENTS
from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import BusinessTime, PayoutStatus, TransactionType
from crossdock.canonical.money import parse_amount
from crossdock.canonical.record import Record
from crossdock.formats import times
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, exact, identity, text
from crossdock.formats.json_resource import ENVELOPES, Placed, key_by, members, unwrapped_to
from crossdock.formats.settlement_lines import SettlementAccount, word_table

WORDS: Final = word_table(
    {
        TransactionType.SALE: "charge payment charge_failure",
        TransactionType.REFUND: "refund payment_refund refund_failure payment_failure_refund "
        "payment_reversal partial_capture_reversal",
        TransactionType.CHARGEBACK: "dispute",
        TransactionType.CHARGEBACK_REVERSAL: "dispute_reversal",
        TransactionType.FEE: "stripe_fee stripe_fx_fee fee network_cost tax tax_fee stripe_fee_tax "
        "application_fee "
        "platform_earning",
        TransactionType.FEE_REFUND: "application_fee_refund platform_earning_refund",
        TransactionType.ADJUSTMENT: "adjustment other_adjustment",
        TransactionType.PAYOUT: "payout payout_cancel payout_failure payout_reversal",
        TransactionType.RESERVE: "reserve_transaction reserved_funds connect_reserved_funds "
        "risk_reserved_funds reserve_hold reserve_release payout_minimum_balance_hold "
        "payout_minimum_balance_release payment_network_reserve_hold payment_network_reserve_release",
        TransactionType.TRANSFER: "transfer transfer_cancel transfer_failure transfer_refund "
        "transfer_reversal connect_collection_transfer topup topup_reversal inbound_transfer "
        "inbound_transfer_reversal stripe_balance_payment_debit stripe_balance_payment_debit_reversal "
        "payment_unreconciled unreconciled_customer_funds",
        TransactionType.OTHER: "advance advance_funding anticipation_repayment climate_order_purchase "
        "climate_order_refund contribution financing_paydown financing_paydown_reversal financing_payout "
        "financing_payout_reversal issuing_authorization_hold issuing_authorization_release "
        "issuing_dispute issuing_dispute_fraud_liability_debit issuing_dispute_provisional_credit "
        "issuing_dispute_provisional_credit_reversal issuing_disbursement issuing_transaction "
        "obligation_inbound obligation_outbound obligation_reversal_inbound "
        "obligation_reversal_outbound obligation_payout obligation_payout_failure validation "
        "fee_credit_funding tax_fund",
    }
)
"""Meaning of `type` and of `reporting_category`."""

_PAYOUT_STATUS: Final = {
    "pending": PayoutStatus.SCHEDULED,
    "in_transit": PayoutStatus.IN_TRANSIT,
    "paid": PayoutStatus.PAID,
    "failed": PayoutStatus.FAILED,
    "canceled": PayoutStatus.CANCELLED,
    "cancelled": PayoutStatus.CANCELLED,
}
_KIND: Final = re.compile(rb'"object"\s*:\s*"(payout|balance_transaction)"')
_UNITS: Final = {"ISK": 2, "UGX": 2, "MGA": 0}
"""Decimals of Stripe's minor unit where they are not those of ISO 4217."""


def payout_status(account: SettlementAccount, raw: str, path: str) -> PayoutStatus:
    """Meaning of a payout's status, with a warning where it is in no table."""
    status = _PAYOUT_STATUS.get(raw.lower(), PayoutStatus.UNKNOWN)
    if status is PayoutStatus.UNKNOWN:
        account.warn_once("payout_status_unknown", "the status is not in the format's table", path)
    return status


def exponent_of(currency: str) -> int:
    """Decimals of an amount of the API."""
    return _UNITS.get(currency, CURRENCY_EXPONENTS[currency])


def minor_amount(
    account: SettlementAccount, node: Node, name: str, currency: str, path: str
) -> Decimal | None:
    """Amount in major units; None where it is absent. Raises Rejected AMOUNT_UNPARSABLE."""
    value = exact(node.get(name))
    if value is None:
        return None
    place = f"{path}.{name}"
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        detail = "an integer in minor units is needed"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, place)
    amount = parse_amount(value, place, style="minor_integer", exponent=exponent_of(currency))
    return account.fitted(amount, place)


def epoch_time(account: SettlementAccount, node: Node, name: str, path: str) -> BusinessTime | None:
    """The moment of seconds since 1970, dated in the profile's zone, else UTC; None where it is absent.

    Raises Rejected TIME_INVALID.
    """
    value = node.get(name)
    if value is None:
        return None
    return times.epoch_time(value, f"{path}.{name}", zone=account.zone, per_second=1)


def envelope_of(document: Document) -> Placed:
    """The object, event or list page, without what event buses and workflow tools put around it."""
    return unwrapped_to(document, "object", ENVELOPES)


def objects_of(document: Document, name: str) -> list[Placed]:
    """The objects of an API answer: one alone, in an event, wrapped, or a list page.

    Raises Rejected FIELD_INVALID where one says that it is something else.
    """
    found = list(_objects(*envelope_of(document), name))
    for node, path in found:
        kind = text(node, "object")
        if kind is not None and kind != name:
            detail = f"a {name} is needed, found an object that says it is {shown(kind)}"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.object")
    return found


def _objects(root: Node, path: str, name: str) -> Iterator[Placed]:
    held = root.get("data")
    if isinstance(held, list):
        yield from members(root, "data", path)
    elif isinstance(held, dict):
        inner = held.get("object")
        yield (
            Placed(inner, f"{path}.data.object") if isinstance(inner, dict) else Placed(held, f"{path}.data")
        )
    else:
        wrapped = root.get(name)
        is_wrapped = isinstance(wrapped, dict) and "amount" not in root
        yield Placed(child(root, name), f"{path}.{name}") if is_wrapped else Placed(root, path)


def key_of(name: str) -> Callable[[Record], str | None]:
    """The key function of an object: `<name>:<id>` of one, None for a page."""

    def said(document: Document) -> str | None:
        objects = objects_of(document, name)
        return f"{name}:{identity(objects[0].node, 'id', objects[0].path)}" if len(objects) == 1 else None

    return key_by(said)


def first_is(name: str, *, score: int) -> Callable[[bytes], int]:
    """Recognises what names this kind of object first: others may stand in it in full."""
    own = name.encode()

    def looks_like(data: bytes) -> int:
        found = _KIND.search(data)
        return score if found is not None and found[1] == own else 0

    return looks_like


def reference_of(node: Node, name: str) -> str:
    """Id of another object, which may be there in full; empty where there is none."""
    value = node.get(name)
    if isinstance(value, dict):
        value = value.get("id")
    return value.strip() if isinstance(value, str) else ""
