"""Amazon's settlement report as XML (GET_V2_SETTLEMENT_REPORT_DATA_XML) in the rows of its flat file V2.

Invariant: every amount of the report is one row, named as the flat file names it; an amount that holds others
(the items of a reimbursement, the net and the tax of an invoice) is read, what it holds only explains it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning
from crossdock.formats.amazon.settlement_cells import COLUMNS
from crossdock.formats.json_document import Node
from crossdock.formats.report_file import Header, ReportFile, Row
from crossdock.formats.xml_document import TEXT, xml_document, xml_of

_HEADER: Final = Header(
    1, [theirs[0] for theirs in COLUMNS.names.values()], {ours: at for at, ours in enumerate(COLUMNS.names)}
)
_OF_THE_SETTLEMENT: Final = {
    "AmazonSettlementID": "settlement_id",
    "TotalAmount": "total_amount",
    "StartDate": "settlement_start_date",
    "EndDate": "settlement_end_date",
    "DepositDate": "deposit_date",
}
_OF_THE_ROW: Final = {
    "AmazonOrderID": "order_id",
    "MerchantOrderID": "merchant_order_id",
    "AdjustmentID": "adjustment_id",
    "ShipmentID": "shipment_id",
    "MarketplaceName": "marketplace_name",
    "MerchantFulfillmentID": "fulfillment_id",
    "PostedDate": "posted_date_time",
    "AmazonOrderItemCode": "order_item_code",
    "OrderItemCode": "order_item_code",
    "MerchantOrderItemID": "merchant_order_item_id",
    "MerchantAdjustmentItemID": "merchant_adjustment_item_id",
    "SKU": "sku",
    "Quantity": "quantity_purchased",
    "MerchantPromotionID": "promotion_id",
    "TransactionID": "transaction_id",
    "InvoiceId": "invoice_id",
}
_AMOUNTS: Final = ("Amount", "TransactionAmount")
_TYPES: Final = ("Type", "TransactionType")
_TRANSACTIONS: Final = {"OtherTransaction": "other-transaction"}
_AMOUNT_TYPES: Final = {
    "OtherTransaction": "other-transaction",
    "AdvertisingTransactionDetails": "CostOfAdvertising",
    "ItemPriceAdjustments": "ItemPrice",
    "ItemFeeAdjustments": "ItemFees",
    "PromotionAdjustment": "Promotion",
}
"""Elements that the flat file calls differently; any other gives its own name to the amounts in it."""
_WITHOUT_NAME: Final = frozenset({"Fulfillment", "Item", "AdjustedItem", "Component", "Fee"})
"""Elements that only hold others: the amount's type is the name of the one around them."""
_ONLY_ITEM: Final = "OtherTransactionItem"


@dataclass(frozen=True, slots=True)
class _Element(Row):
    """A row that stands in an element."""

    place: str = ""

    def path(self, column: str = "") -> str:
        """Place of the element; its parts are not told apart."""
        return self.place


def xml_report(data: bytes) -> ReportFile:
    """The rows of all settlement reports in a payload.

    Raises Rejected ENVELOPE_BROKEN where there is none, FIELD_INVALID for the answer of a failed call.
    """
    root = xml_document(data).root
    if "ErrorResponse" in root:
        detail = "the service answered with an error, not with a report; repeat the call"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, "$.ErrorResponse")
    report = ReportFile([], "", _HEADER, [], [])
    for node, path in _reports(root, "$"):
        report.rows += _rows(node, path, report.warnings)
    if not report.rows:
        detail = "the XML holds no SettlementReport"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "$")
    return report


def without_amounts(data: bytes, places: Collection[str]) -> bytes:
    """The payload with the elements emptied whose amounts stand at these places; the others keep theirs."""
    holders = {place.rpartition(".")[0] for place in places}
    root = xml_document(data).root
    return b"".join(xml_of(name, _emptied(value, f"$.{name}", holders)) for name, value in root.items())


def _emptied(value: object, path: str, holders: Collection[str]) -> object:
    if path in holders:
        return ""
    if isinstance(value, list):
        return [_emptied(one, f"{path}[{index}]", holders) for index, one in enumerate(value)]
    if isinstance(value, dict):
        return {name: _emptied(inner, f"{path}.{name}", holders) for name, inner in value.items()}
    return value


def _elements(node: Node, path: str) -> Iterator[tuple[str, Node, str]]:
    """(name, element, path) of the elements in an element that hold others."""
    for name, value in node.items():
        several = isinstance(value, list)
        for index, one in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(one, dict):
                yield name, one, f"{path}.{name}[{index}]" if several else f"{path}.{name}"


def _reports(node: Node, path: str) -> Iterator[tuple[Node, str]]:
    for name, inner, place in _elements(node, path):
        if name == "SettlementReport":
            yield inner, place
        else:
            yield from _reports(inner, place)


def _rows(report: Node, path: str, warnings: list[Warning]) -> Iterator[Row]:
    held = report.get("SettlementData")
    data: Node = held if isinstance(held, dict) else {}
    head = _said(data, _OF_THE_SETTLEMENT) | {"currency": _currency(data.get("TotalAmount"))}
    yield _row(head, f"{path}.SettlementData")
    of_all = {"settlement_id": head.get("settlement_id", "")}
    for name, event, place in _elements(report, path):
        if name == "SettlementData":
            continue
        said = of_all | {
            "transaction_type": _TRANSACTIONS.get(name, name),
            "amount_type": _AMOUNT_TYPES.get(name, name),
        }
        found = list(_amounts(event, place, said))
        if not found:
            warnings.append(Warning("event_without_amount", "the element states no amount; not read", place))
        yield from found


def _amounts(node: Node, path: str, said: dict[str, str]) -> Iterator[Row]:
    """A row for the amount of an element; where it has none, those of the elements in it."""
    said = said | _said(node, _OF_THE_ROW)
    name = next((one for one in _AMOUNTS if _text(node.get(one))), None)
    if name is None:
        for inner_name, inner, place in _elements(node, path):
            kind = _AMOUNT_TYPES.get(inner_name, inner_name)
            named = {} if inner_name in _WITHOUT_NAME else {"amount_type": kind}
            yield from _amounts(inner, place, said | named)
        return
    item = node.get(_ONLY_ITEM)
    goods = _said(item, _OF_THE_ROW) if isinstance(item, dict) else {}
    words = [text for one in _TYPES if (text := _text(node.get(one)))]
    amount = {
        "amount": _text(node[name]),
        "currency": _currency(node[name]),
        "amount_description": words[0] if words else "",
    }
    yield _row(said | goods | amount, f"{path}.{name}")


def _said(node: Node, names: dict[str, str]) -> dict[str, str]:
    return {ours: text for theirs, ours in names.items() if (text := _text(node.get(theirs)))}


def _text(value: object) -> str:
    """Text of an element, with or without attributes; empty for any other."""
    inner = value.get(TEXT) if isinstance(value, dict) else value
    return inner if isinstance(inner, str) else ""


def _currency(amount: object) -> str:
    return _text(amount.get("@currency")) if isinstance(amount, dict) else ""


def _row(said: dict[str, str], place: str) -> Row:
    return _Element(1, [said.get(name, "") for name in COLUMNS.names], _HEADER, place=place)
