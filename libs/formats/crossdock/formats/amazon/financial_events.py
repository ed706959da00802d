"""Financial events of Amazon's Finances API v0 and of the legacy XML: every charge, fee and promotion.

Invariant: each amount is one line; amounts that only explain another one of their event are not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import BusinessTime, ReferenceKind, TransactionType
from crossdock.formats.amazon.bookings import Booking
from crossdock.formats.amazon.event_answers import Event, members_of
from crossdock.formats.amazon.fields import AmazonFields, either, money_parts
from crossdock.formats.amazon.settlement_words import Words, meaning, parts_of
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import text
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount

_DEPTH_MAX: Final = 6


class _Component(NamedTuple):
    """A list of typed amounts within an event."""

    amount_type: str
    word: str
    amount: str


_CHARGES: Final = _Component("ItemPrice", "ChargeType", "ChargeAmount")
_COMPONENTS: Final = {
    **dict.fromkeys(("ItemChargeList", "ItemChargeAdjustmentList"), _CHARGES),
    **dict.fromkeys(("OrderChargeList", "OrderChargeAdjustmentList"), _CHARGES),
    **dict.fromkeys(("RentalChargeList", "ChargeRefundTransactions", "Charge"), _CHARGES),
    **dict.fromkeys(("ItemFeeList", "ItemFeeAdjustmentList"), _Component("ItemFees", "FeeType", "FeeAmount")),
    **dict.fromkeys(
        ("ShipmentFeeList", "ShipmentFeeAdjustmentList"), _Component("ShipmentFees", "FeeType", "FeeAmount")
    ),
    **dict.fromkeys(
        ("OrderFeeList", "OrderFeeAdjustmentList"), _Component("OrderFees", "FeeType", "FeeAmount")
    ),
    **dict.fromkeys(("FeeList", "RentalFeeList"), _Component("ServiceFee", "FeeType", "FeeAmount")),
    "DirectPaymentList": _Component("DirectPayment", "DirectPaymentType", "DirectPaymentAmount"),
    **dict.fromkeys(
        ("PromotionList", "PromotionAdjustmentList"),
        _Component("Promotion", "PromotionType", "PromotionAmount"),
    ),
    "TaxesWithheld": _Component("ItemWithheldTax", "ChargeType", "ChargeAmount"),
}
_TOTALS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "Adjustment": (("AdjustmentType", "AdjustmentAmount"),),
    "ProductAdsPayment": (("TransactionType", "TransactionValue"),),
    "SellerDealPayment": (("EventType", "TotalAmount"),),
    "CouponPayment": (("CouponId", "TotalAmount"),),
    "SellerReviewEnrollmentPayment": (("EnrollmentId", "TotalAmount"),),
    "DebtRecovery": (("DebtRecoveryType", "RecoveryAmount"),),
    "LoanServicing": (("SourceBusinessEventType", "LoanAmount"),),
    "SAFETReimbursement": (("ReasonCode", "ReimbursedAmount"),),
    "FBALiquidation": (("", "LiquidationProceedsAmount"), ("", "LiquidationFeeAmount")),
    "Retrocharge": (("RetrochargeEventType", "BaseTax"), ("RetrochargeEventType", "ShippingTax")),
    "TaxWithholding": (("", "WithheldAmount"),),
    "NetworkComminglingTransaction": (
        ("TransactionType", "TaxExclusiveAmount"),
        ("TransactionType", "TaxAmount"),
    ),
    "AffordabilityExpense": (("TransactionType", "TotalExpense"),),
    "AffordabilityExpenseReversal": (("TransactionType", "TotalExpense"),),
    "RentalTransaction": (("RentalEventType", "RentalReimbursement"),),
    "FailedAdhocDisbursement": (("PaymentDisbursementType", "TransferAmount"),),
    "TDSReimbursement": (("", "ReimbursedAmount"),),
    "EBTRefundReimbursementOnly": (("", "Amount"),),
}
"""Events whose amounts stand in the event itself: (its word, its amount)."""
_DATES: Final = ("PostedDate", "postedDate", "TransactionPostedDate", "TransactionCreationDate")
_ORDERS: Final = ("AmazonOrderId", "OrderId", "SellerOrderId", "TDSOrderId")
_ANY_TOTAL: Final = (("TransactionType", "TransactionAmount"),)
_EXPLAINING: Final = frozenset({"SAFETReimbursementItemList"})
"""Lists whose charges only explain the amount of their event."""
_POINTS: Final = ("CostOfPointsGranted", "CostOfPointsReturned")
"""Amounts of an item that stand beside its lists."""
_LIQUIDATION_FEE: Final = "LiquidationFeeAmount"
_REMOVALS: Final = {
    **dict.fromkeys(("Revenue", "RevenueAdjustment", "TaxAmount", "TaxAmountAdjustment"), "ItemPrice"),
    "FeeAmount": "ItemFees",
    **dict.fromkeys(("TaxWithheld", "TaxWithheldAdjustment"), "ItemWithheldTax"),
}
"""Amounts that an item of a removal has by name, and their type."""
_REMOVAL: Final = "RemovalShipment"
_ITEMS_OF_ADJUSTMENT: Final = "AdjustmentItemList"


@dataclass(frozen=True, slots=True)
class _Place:
    """What the surroundings of an amount say of it."""

    kind: str
    path: str
    order_id: str = ""
    posted: BusinessTime | None = None
    sku: str = ""
    item_reference: str = ""
    pieces: Decimal | None = None
    transaction_id: str = ""


class FinancialEvents:
    """Reads the events of one answer for one account."""

    def __init__(self, account: SettlementAccount, fields: AmazonFields) -> None:
        self._account = account
        self._fields = fields
        section = account.profile.settlement
        words = section.vocabulary if section else {}
        self._vocabulary = {word: TransactionType(kind) for word, kind in words.items()}

    def bookings(self, events: Iterable[Event]) -> tuple[list[Booking], list[tuple[Event, Rejected]]]:
        """All lines of an answer, and each event that cannot be read with its refusal."""
        found: list[Booking] = []
        refused: list[tuple[Event, Rejected]] = []
        for event in events:
            try:
                found += self._told_of(event.node, _Place(event.kind, event.path))
            except Rejected as refusal:
                refused.append((event, refusal))
        return found, refused

    def _told_of(self, event: Node, place: _Place) -> list[Booking]:
        """The lines of an event; one without any is told, never passed over."""
        found = self._of_event(event, place)
        if not found:
            detail = f"a {place.kind} event states no amount that the format reads"
            self._account.warn_once("event_without_amount", detail, place.path)
        return found

    def _of_event(self, event: Node, place: _Place) -> list[Booking]:
        dated = next((name for name in _DATES if name in event), _DATES[0])
        posted = self._fields.time(event, dated, place.path, self._account.zone)
        order_id = next((said for name in _ORDERS if (said := text(event, name)) is not None), "")
        place = replace(
            self._within(event, place, place.path),
            posted=posted,
            order_id=order_id,
            transaction_id=text(event, "TransactionId") or "",
        )
        found = list(self._components(event, place, 0))
        for word, amount in _TOTALS.get(place.kind, _ANY_TOTAL):
            said = text(event, either(event, word)) or "" if word else ""
            name = either(event, amount)
            kind = "FBALiquidationFee" if amount == _LIQUIDATION_FEE else ""
            found += self._amount(event, name, place, Words(place.kind, kind, said))
        return found or list(self._adjusted(event, place))

    def _adjusted(self, event: Node, place: _Place) -> Iterator[Booking]:
        """The items of an adjustment whose own amount is missing, which else only explain it."""
        words = Words(place.kind, "", text(event, "AdjustmentType") or "")
        for index, item in members_of(event.get(_ITEMS_OF_ADJUSTMENT)):
            within = self._within(item, place, f"{place.path}.{_ITEMS_OF_ADJUSTMENT}[{index}]")
            yield from self._amount(item, "TotalAmount", within, words)

    def _within(self, node: Node, place: _Place, path: str) -> _Place:
        pieces = self._fields.count(node, either(node, "QuantityShipped"), path)
        return replace(
            place,
            path=path,
            sku=text(node, either(node, "SellerSKU")) or text(node, "SKU") or place.sku,
            item_reference=text(node, "OrderItemId")
            or text(node, "OrderAdjustmentItemId")
            or place.item_reference,
            pieces=pieces if pieces is not None else place.pieces,
        )

    def _components(self, node: Node, place: _Place, depth: int) -> Iterator[Booking]:
        for name in _POINTS:
            yield from self._amount(node, name, place, Words(place.kind, "CostOfPoints", name))
        for name, amount_type in _REMOVALS.items() if place.kind.startswith(_REMOVAL) else ():
            yield from self._amount(node, name, place, Words(place.kind, amount_type, name))
        for name, value in node.items():
            component = _COMPONENTS.get(name)
            if name in _EXPLAINING or not (component or name.endswith("List") or isinstance(value, list)):
                continue
            for index, inner in members_of(value):
                path = f"{place.path}.{name}[{index}]"
                if component is not None:
                    words = Words(place.kind, component.amount_type, text(inner, component.word) or "")
                    yield from self._amount(inner, component.amount, replace(place, path=path), words)
                elif depth < _DEPTH_MAX:
                    yield from self._components(inner, self._within(inner, place, path), depth + 1)

    def _amount(self, node: Node, name: str, place: _Place, words: Words) -> Iterator[Booking]:
        """The line of one amount; none where it is not stated."""
        stated, currency = money_parts(node, name)
        if stated is None:
            return
        path = f"{place.path}.{name}"
        self._fields.currency = self._account.currency(currency or "", path)
        amount = self._fields.money(node, name, place.path)
        if amount is None:
            return
        kind = meaning(words, amount, self._vocabulary)
        if kind is TransactionType.UNKNOWN:
            detail = (
                f"words of {place.kind} events are not in the format's tables nor in settlement.vocabulary"
            )
            self._account.warn_once("vocabulary_unknown", detail, path)
        gross, fee = parts_of(kind, amount)
        draft = LineDraft(
            path=path,
            natural_id=place.transaction_id,
            digest=_digest(place, words, name, amount),
            settlement_id="",
            transaction_type=kind,
            type_raw=words.transaction,
            currency=self._fields.currency,
            net=self._account.fitted(amount, path),
            gross=gross,
            fee=fee,
            amount_type_raw=words.amount_type,
            description_raw=words.description,
            order_reference=place.order_id,
            reference_kind=ReferenceKind.ORDER if place.order_id else ReferenceKind.NONE,
            posted=place.posted,
            is_provisional=True,
        )
        yield Booking(draft, place.item_reference, place.sku, place.pieces)


def _digest(place: _Place, words: Words, name: str, amount: Decimal) -> str:
    when = place.posted.instant.isoformat() if place.posted else ""
    facts = (*words, name, str(amount.normalize()), when, place.order_id, place.item_reference, place.sku)
    return hashlib.sha256("\x1f".join(facts).encode(errors="replace")).hexdigest()[:24]
