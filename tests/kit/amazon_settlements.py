"""Generated Amazon settlement reports (V1 and V2), each with the facts it must yield."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import strategies as st

V2_COLUMNS = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date"),
    *("total-amount", "currency", "transaction-type", "order-id", "merchant-order-id"),
    *("adjustment-id", "shipment-id", "marketplace-name", "amount-type", "amount-description"),
    *("amount", "fulfillment-id", "posted-date", "posted-date-time", "order-item-code"),
    *("merchant-order-item-id", "merchant-adjustment-item-id", "sku", "quantity-purchased"),
    *("promotion-id",),
)
V1_COLUMNS = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date"),
    *("total-amount", "currency", "transaction-type", "order-id", "merchant-order-id"),
    *("adjustment-id", "shipment-id", "marketplace-name", "shipment-fee-type"),
    *("shipment-fee-amount", "order-fee-type", "order-fee-amount", "fulfillment-id", "posted-date"),
    *("order-item-code", "merchant-order-item-id", "merchant-adjustment-item-id", "sku"),
    *("quantity-purchased", "price-type", "price-amount", "item-related-fee-type"),
    *("item-related-fee-amount", "misc-fee-amount", "other-fee-amount"),
    *("other-fee-reason-description", "promotion-id", "promotion-type", "promotion-amount"),
    *("direct-payment-type", "direct-payment-amount", "other-amount"),
)
Cells = dict[str, str]


class Kind(NamedTuple):
    """Words of an amount with what they mean, for a positive and for a negative amount."""

    transaction: str
    amount_type: str
    description: str
    if_positive: str
    if_negative: str


KINDS = (
    Kind("Order", "ItemPrice", "Principal", "sale", "sale"),
    Kind("Order", "ItemPrice", "Tax", "sale", "sale"),
    Kind("Order", "Promotion", "Shipping", "sale", "sale"),
    Kind("Order", "ItemFees", "Commission", "fee_refund", "fee"),
    Kind("Order", "ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "tax_withheld", "tax_withheld"),
    Kind("Refund", "ItemPrice", "Principal", "refund", "refund"),
    Kind("Refund", "ItemFees", "RefundCommission", "fee_refund", "fee"),
    Kind("Chargeback Refund", "ItemPrice", "Principal", "chargeback", "chargeback"),
    Kind("ServiceFee", "Cost of Advertising", "TransactionTotalAmount", "fee_refund", "fee"),
    Kind("other-transaction", "other-transaction", "Subscription Fee", "subscription", "subscription"),
    Kind("other-transaction", "FBA Inventory Reimbursement", "WAREHOUSE_DAMAGE", "adjustment", "adjustment"),
    Kind("other-transaction", "other-transaction", "Never Seen Before", "unknown", "unknown"),
)
_V1_AMOUNTS = {
    "ItemPrice": ("price-type", "price-amount"),
    "ItemFees": ("item-related-fee-type", "item-related-fee-amount"),
    "Promotion": ("promotion-type", "promotion-amount"),
}


@dataclass(slots=True)
class Amount:
    """One amount in cents with the words it stands under."""

    kind: Kind
    cents: int
    order_id: str
    sku: str
    quantity: int

    @property
    def meaning(self) -> str:
        """Transaction type that must be read."""
        return self.kind.if_positive if self.cents > 0 else self.kind.if_negative


@dataclass(slots=True)
class SettlementFacts:
    """A report and everything that must be read from it."""

    settlement_id: str
    amounts: list[Amount]
    total_error: int
    has_comma: bool
    columns: list[str]
    is_wide: bool
    line_end: str
    mark: bytes

    @property
    def control(self) -> int:
        """Sum of all amounts in cents."""
        return sum(one.cents for one in self.amounts)

    @property
    def total(self) -> int:
        """Total that the report states, in cents."""
        return self.control + self.total_error

    def spelled(self, cents: int) -> str:
        """An amount as the report's country writes it."""
        text = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
        return text.replace(".", ",") if self.has_comma else text

    def _rows(self) -> list[Cells]:
        dates = ("01.05.2026 10:00:00 UTC", "15.05.2026 10:00:00 UTC") if self.has_comma else ()
        start, end = dates or ("2026-05-01 10:00:00 UTC", "2026-05-15T10:00:00+00:00")
        head = {
            "settlement-start-date": start,
            "settlement-end-date": end,
            "deposit-date": "17.05.2026 10:00:00 UTC" if self.has_comma else "2026-05-17",
            "total-amount": self.spelled(self.total),
            "currency": "EUR",
        }
        rows = [head, *(self._row(one) for one in self.amounts)]
        return [{"settlement-id": self.settlement_id} | row for row in rows]

    def _row(self, one: Amount) -> Cells:
        kind = one.kind
        cells = {
            "transaction-type": kind.transaction,
            "order-id": one.order_id,
            "sku": one.sku,
            "quantity-purchased": str(one.quantity) if one.quantity else "",
            "posted-date": "02.05.2026" if self.has_comma else "2026-05-02",
        }
        if not self.is_wide:
            cells |= {"amount-type": kind.amount_type, "amount-description": kind.description}
            cells["amount"] = self.spelled(one.cents)
            return cells
        words, column = _V1_AMOUNTS[kind.amount_type]
        return cells | {words: kind.description, column: self.spelled(one.cents)}

    def payload(self) -> bytes:
        """The file."""
        lines = ["\t".join(self.columns)]
        lines += ["\t".join(row.get(name, "") for name in self.columns) for row in self._rows()]
        return self.mark + self.line_end.join([*lines, ""]).encode()


@st.composite
def settlements(draw: Any) -> SettlementFacts:
    """Strategy of reports with their facts."""
    is_wide = draw(st.booleans())
    kinds = [kind for kind in KINDS if not is_wide or kind.amount_type in _V1_AMOUNTS]
    amounts = []
    for _ in range(draw(st.integers(1, 8))):
        is_order = draw(st.booleans())
        amounts.append(
            Amount(
                kind=draw(st.sampled_from(kinds)),
                cents=draw(st.integers(-90_000, 90_000).filter(bool)),
                order_id="302-1234567-7654321" if is_order else "",
                sku="SKU-1" if is_order else "",
                quantity=draw(st.integers(0, 3)),
            )
        )
    columns = list(V1_COLUMNS if is_wide else V2_COLUMNS)
    if draw(st.booleans()):
        columns = [*draw(st.permutations(columns)), "column-of-tomorrow"]
    return SettlementFacts(
        settlement_id=str(draw(st.integers(10**10, 10**11))),
        amounts=amounts,
        total_error=draw(st.sampled_from((0, 0, 1, -250))),
        has_comma=draw(st.booleans()),
        columns=columns,
        is_wide=is_wide,
        line_end=draw(st.sampled_from(("\n", "\r\n"))),
        mark=draw(st.sampled_from((b"", b"\xef\xbb\xbf"))),
    )


def v2(*rows: Cells, columns: tuple[str, ...] = V2_COLUMNS) -> bytes:
    """A report of these rows, written by hand; each says only what is not empty."""
    lines = [columns, *(tuple(row.get(name, "") for name in columns) for row in rows)]
    return "\n".join("\t".join(line) for line in lines).encode()


def head(settlement_id: str = "11000000001", total: str = "10.00", **cells: str) -> Cells:
    """The first row of a settlement."""
    said = {
        "settlement-id": settlement_id,
        "settlement-start-date": "2026-05-01 10:00:00 UTC",
        "settlement-end-date": "2026-05-15 10:00:00 UTC",
        "deposit-date": "2026-05-17 10:00:00 UTC",
        "total-amount": total,
        "currency": "EUR",
    }
    return said | _named(cells)


def row(amount: str = "10.00", settlement_id: str = "11000000001", **cells: str) -> Cells:
    """One amount: the principal of an order's item."""
    said = {
        "settlement-id": settlement_id,
        "transaction-type": "Order",
        "order-id": "302-1234567-7654321",
        "amount-type": "ItemPrice",
        "amount-description": "Principal",
        "amount": amount,
        "posted-date-time": "2026-05-02 23:30:00 UTC",
    }
    return said | _named(cells)


def _named(cells: Cells) -> Cells:
    return {name.replace("_", "-"): text for name, text in cells.items()}
