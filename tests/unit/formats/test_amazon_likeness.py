"""What Amazon and those who relay its answers send is recognised in each of its forms."""

from __future__ import annotations

import pytest

from crossdock.formats.registry import FORMATS

ITEMS = "<m:AmazonOrderId>1</m:AmazonOrderId><m:OrderItemId>2</m:OrderItemId>"
SENT = {
    "amazon_settlement": (
        "settlement-id\ttransaction-type\tamount-description\n",
        "settlement id\ttransaction type\tamount description\n",
    ),
    "amazon_transfers": (
        '[{"transactionType": "Shipment", "transactionStatus": "DEFERRED", "totalAmount": {}}]',
        '{"payload": {"financialEvents": {}}}',
        "<R><FinancialEvents><ShipmentEventList/></FinancialEvents></R>",
        '{"FinancialEventGroupId": "1", "OriginalTotal": {}}',
        "<R><FinancialEventGroupList></FinancialEventGroupList></R>",
    ),
    "amazon_notification": (
        '{"NotificationType": "X", "EventTime": "", "Payload": {}}',
        '{"OrderChangeNotification": {"AmazonOrderId": "1", "Summary": {"PurchaseDate": "", "OrderItems":'
        " []}}}",
        r'{"Type": "Notification", "Message": "{\"NotificationType\": \"X\", \"Payload\": {}}"}',
    ),
    "amazon_mws_order": (
        "<Order><AmazonOrderId>1</AmazonOrderId><OrderStatus>Shipped</OrderStatus></Order>",
        f"<m:OrderItems>{ITEMS}<m:QuantityOrdered>1</m:QuantityOrdered></m:OrderItems>",
    ),
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in SENT for text in SENT[name]])
def test_a_payload_looks_most_like_its_own_format(name: str, text: str) -> None:
    data = text.encode()
    scores = {one: form.looks_like(data) for one, form in FORMATS.items() if form.looks_like is not None}
    own = scores.pop(name)
    assert own > max(scores.values())
