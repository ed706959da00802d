"""Financial transactions of Amazon's Finances API 2024-06-19 and of TRANSACTION_UPDATE notifications.

Invariant: one transaction is one line of the amount that it states; its breakdowns are kept and compared,
never added to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import ReferenceKind, TransactionType, VarianceCode
from crossdock.formats.amazon.bookings import Booking
from crossdock.formats.amazon.fields import AmazonFields, either, money_parts
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount, plain_word, total, word_table

_TYPES: Final = word_table(
    {
        TransactionType.SALE: "Shipment ShipmentSettle OrderPayment",
        TransactionType.REFUND: "Refund RefundOrder GuaranteeClaim A-to-zGuaranteeClaim",
        TransactionType.CHARGEBACK: "Chargeback",
        TransactionType.FEE: (
            "ServiceFee ProductAdsPayment SellerDealPayment CouponPayment SellerReviewEnrollmentPayment "
            "ImagingServices AmazonFees FBAFees FBAInventoryFee CapacityReservationBilling "
            "ValueAddedServiceCharge"
        ),
        TransactionType.ADJUSTMENT: "Adjustment Retrocharge SAFETReimbursement FBAInventoryReimbursement",
        TransactionType.PAYOUT: "Transfer Disbursement",
        TransactionType.RESERVE: "Reserve ReserveDebit ReserveCredit",
        TransactionType.TRANSFER: "DebtRecovery LoanServicing FailedDisbursement",
        TransactionType.SUBSCRIPTION: "SubscriptionFee",
        TransactionType.TAX_WITHHELD: "TaxWithholding",
        TransactionType.SHIPPING_LABEL: "ShippingServices",
    }
)
"""Source: `transactionType` of the Finances API."""
_GROSS: Final = frozenset({"sales", "refundedsales"})
_FEES: Final = frozenset({"expenses", "refundedexpenses", "amazonfees"})
_REFERENCES: Final = (
    ("orderid", ReferenceKind.ORDER),
    ("shipmentid", ReferenceKind.SHIPMENT),
    ("invoiceid", ReferenceKind.INVOICE),
)
_DEPTH_MAX: Final = 8
"""Deepest breakdown that is kept by name."""


def read_transaction(account: SettlementAccount, fields: AmazonFields, node: Node, path: str) -> Booking:
    """One transaction of either letter case. Raises Rejected AMOUNT_UNPARSABLE, CURRENCY_…, TIME_INVALID."""
    word = text(node, either(node, "TransactionType"))
    if word is None:
        detail = "the transaction has no type"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.{either(node, 'TransactionType')}")
    name = either(node, "TotalAmount")
    currency = account.currency(money_parts(node, name)[1] or "", f"{path}.{name}")
    fields.currency = currency
    net = fields.money(node, name, path)
    if net is None:
        detail = "the transaction states no amount; absent is not zero"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.{name}")
    related = dict(_identifiers(node))
    settlement_id = related.get("settlementid") or related.get("financialeventgroupid", "")
    reference, kind = next(
        ((related[key], kind) for key, kind in _REFERENCES if key in related), ("", ReferenceKind.NONE)
    )
    posted = fields.time(node, either(node, "PostedDate"), path, account.zone)
    draft = LineDraft(
        path=path,
        natural_id=text(node, either(node, "TransactionId")) or "",
        digest=_digest(word, str(net.normalize()), currency, posted and posted.instant.isoformat(), related),
        settlement_id=settlement_id,
        transaction_type=account.type_of(word, _TYPES, f"{path}.{either(node, 'TransactionType')}"),
        type_raw=word,
        currency=currency,
        net=account.fitted(net, f"{path}.{name}"),
        description_raw=text(node, either(node, "Description")) or "",
        order_reference=reference,
        reference_kind=kind,
        posted=posted,
        payout_id=related.get("disbursementid") or related.get("transferid") or "",
        is_provisional=not settlement_id,
        extensions=_extensions(fields, node, path, related),
    )
    _state_parts(account, fields, draft, node)
    item = _only_item(node)
    pieces = fields.count(item, "quantityShipped", f"{path}.items[0].contexts")
    return Booking(draft, sku=text(item, "sku") or "", pieces=pieces)


def _state_parts(account: SettlementAccount, fields: AmazonFields, draft: LineDraft, node: Node) -> None:
    """Gross and fees by the outermost breakdowns, whose sum is compared with the total."""
    parts = list(_breakdowns(fields, node, draft.path))
    if not parts:
        return
    draft.gross = _sum_of(parts, _GROSS)
    fees = _sum_of(parts, _FEES)
    draft.fee = None if fees is None else -fees
    computed = total(amount for _, amount in parts)
    draft.variances = account.differs(VarianceCode.NET_AMOUNT, "net", (draft.net, computed), draft.currency)
    for subject, figures in _parts_of_parts(fields, node, draft.path, "breakdowns"):
        draft.variances += account.differs(VarianceCode.NET_AMOUNT, subject, figures, draft.currency)


def _identifiers(node: Node) -> Iterator[tuple[str, str]]:
    for one in children(node, either(node, "RelatedIdentifiers")):
        name = text(one, either(one, "RelatedIdentifierName"))
        value = text(one, either(one, "RelatedIdentifierValue"))
        if name is not None and value is not None:
            yield plain_word(name), value


def _listed(node: Node) -> list[Node]:
    """Breakdowns of a node, which may stand in an object of that name."""
    held = child(node, "breakdowns")
    return children(held, "breakdowns") if held else children(node, "breakdowns")


def _breakdowns(fields: AmazonFields, node: Node, path: str) -> Iterator[tuple[str, Decimal]]:
    """(type, amount) of the outermost breakdowns; one without an amount is the sum of those in it."""
    for index, part in enumerate(_listed(node)):
        place = f"{path}.breakdowns[{index}]"
        amount = fields.money(part, "breakdownAmount", place)
        inner = list(_breakdowns(fields, part, place)) if amount is None else []
        if amount is not None or inner:
            said = total(one for _, one in inner) if amount is None else amount
            yield text(part, "breakdownType") or "", said


def _parts_of_parts(
    fields: AmazonFields, node: Node, path: str, trail: str
) -> Iterator[tuple[str, tuple[Decimal | None, Decimal]]]:
    """(types from the outermost in, (amount, sum of its parts)) of every breakdown that has parts."""
    for index, part in enumerate(_listed(node)):
        place, word = f"{path}.breakdowns[{index}]", f"{trail}/{text(part, 'breakdownType') or ''}"
        inner = list(_breakdowns(fields, part, place))
        if inner:
            yield word, (fields.money(part, "breakdownAmount", place), total(one for _, one in inner))
            yield from _parts_of_parts(fields, part, place, word)


def _sum_of(parts: list[tuple[str, Decimal]], words: frozenset[str]) -> Decimal | None:
    found = [amount for word, amount in parts if plain_word(word) in words]
    return total(found) if found else None


def _digest(*facts: object) -> str:
    related = sorted(facts[-1].items()) if isinstance(facts[-1], dict) else []
    said = "\x1f".join(str(one) for one in (*facts[:-1], *related))
    return hashlib.sha256(said.encode(errors="replace")).hexdigest()[:24]


def _extensions(fields: AmazonFields, node: Node, path: str, related: dict[str, str]) -> dict[str, str]:
    place = child(node, "marketplaceDetails")
    owner = child(node, either(node, "SellingPartnerMetadata"))
    said = {
        "transactionStatus": text(node, either(node, "TransactionStatus")),
        "marketplaceId": text(place, "marketplaceId") or text(owner, either(owner, "MarketplaceId")),
        "marketplaceName": text(place, "marketplaceName"),
        "accountType": text(owner, either(owner, "AccountType")),
    }
    found = {name: value for name, value in said.items() if value is not None}
    found |= {f"relatedIdentifiers.{name}": value for name, value in related.items()}
    _keep_parts(fields, node, "breakdowns", path, found)
    for index, item in enumerate(children(node, "items")):
        _keep_parts(fields, item, f"items[{index}]", f"{path}.items[{index}]", found)
    return found


def _keep_parts(fields: AmazonFields, node: Node, name: str, path: str, found: dict[str, str]) -> None:
    """Every innermost breakdown by its types from the outermost in, as text."""
    stack = [(node, name, path)]
    while stack:
        holder, trail, place = stack.pop()
        for index, part in enumerate(_listed(holder)):
            inside = f"{place}.breakdowns[{index}]"
            word = f"{trail}/{text(part, 'breakdownType') or ''}"
            if _listed(part) and word.count("/") < _DEPTH_MAX:
                stack.append((part, word, inside))
                continue
            amount = fields.money(part, "breakdownAmount", inside)
            if amount is not None:
                found[word] = f"{found[word]}, {amount}" if word in found else str(amount)


def _only_item(node: Node) -> Node:
    """What a transaction of one item says of its product; nothing where there are several."""
    items = children(node, "items")
    if len(items) != 1:
        return {}
    contexts = children(items[0], "contexts")
    return next((one for one in contexts if text(one, "contextType") == "ProductContext"), {})
