"""Amazon notifications: one claim per type and quirk."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import SettlementLine, Shipment, StockSnapshot, TrackingEvent
from crossdock.formats.registry import FORMATS
from tests.kit.amazon_notifications import (
    Document,
    fulfillment_status,
    lowered,
    milestone,
    milestones,
    notification,
    transaction_update,
    warehouse_stock,
)
from tests.kit.shop_reading import PROFILE, profile, reading_of, record, refusal_of

FORM = "amazon_notification"
BARE = profile(channel=None, money=None, kind="carrier", zone="Europe/Berlin")


def entities(document: object, **options: Any) -> tuple[Any, ...]:
    return reading_of(FORM, document, **options).entities


def key(document: object) -> str | None:
    return FORMATS[FORM].key(record(document))


def warnings(document: object) -> list[str]:
    return [one.code for one in reading_of(FORM, document).warnings]


# ---- shipments and parcels -------------------------------------------------------------------------------


@pytest.mark.parametrize("is_lower", [False, True])
def test_a_fulfilment_status_is_a_shipment_of_its_packages(is_lower: bool) -> None:
    document = lowered(fulfillment_status()) if is_lower else fulfillment_status()
    (found,) = entities(document, partner=BARE)
    assert isinstance(found, Shipment)
    assert found.key == "acme/shop/MCF-1/SHIP-1"
    assert [(one.package_id, one.tracking_number, one.status) for one in found.packages] == [
        ("1", "TRACK-1", "in_transit"),
        ("2", "TRACK-1", "in_transit"),
    ]
    assert (found.revision.kind, found.revision.value) == ("instant_fine", "2026-05-04T19:00:00.000000Z")
    assert found.estimated_delivery is not None
    assert key(document) == "shipment:SHIP-1"


@pytest.mark.parametrize("is_lower", [False, True])
@pytest.mark.parametrize("whole", [fulfillment_status(), transaction_update()])
def test_a_payload_without_its_envelope_is_named_after_its_type(whole: Document, is_lower: bool) -> None:
    payload = lowered(whole["Payload"]) if is_lower else whole["Payload"]
    assert entities(payload) == entities(whole)
    looks_like = FORMATS[FORM].looks_like
    assert looks_like is not None
    assert looks_like(json.dumps(payload).encode()) == 90


def test_a_payload_without_its_envelope_needs_a_time_of_its_own_and_a_known_name() -> None:
    payload = fulfillment_status()["Payload"]
    content = dict(payload["FulfillmentOrderStatusNotification"], StatusUpdatedDateTime=None)
    assert refusal_of(FORM, {"FulfillmentOrderStatusNotification": content}) == (
        "time_invalid",
        "$.EventTime",
    )
    order = {"OrderChangeNotification": {"AmazonOrderId": "900-1"}}
    assert refusal_of(FORM, order) == ("field_invalid", "$.OrderChangeNotification")
    others: tuple[Document, ...] = (
        {"PricingNotification": {"Price": 1}},
        {"FeeNotification": []},
        {"A": {}, "B": {}},
    )
    for other in others:
        assert refusal_of(FORM, other) == ("field_invalid", "$.NotificationType")


def test_a_single_package_may_stand_in_info() -> None:
    document = fulfillment_status(FulfillmentShipmentPackages=[], info={"TrackingNumber": "T-9"})
    assert [one.tracking_number for one in entities(document)[0].packages] == ["T-9"]


def test_an_outbound_status_has_one_package_without_a_number() -> None:
    content = {"AmazonOrderId": "900-1", "AmazonShipmentId": "SHIP-2", "ShipmentStatus": "Cancelled"}
    document = notification(
        "FBA_OUTBOUND_SHIPMENT_STATUS", {"FBAOutboundShipmentStatusNotification": content}
    )
    (found,) = entities(document)
    assert (found.key, found.cancels, found.change) == ("acme/shop/900-1/SHIP-2", True, "cancelled")
    assert [(one.package_id, one.tracking_number) for one in found.packages] == [("SHIP-2", None)]


def test_an_unknown_status_stays_raw() -> None:
    document = fulfillment_status(FulfillmentShipmentStatus="PROCESSED")
    (found,) = entities(document)
    assert (found.status_raw, found.packages[0].status) == ("PROCESSED", "unknown")
    assert warnings(document) == ["status_unknown"]
    mapped = profile(status_map={"fulfillment": {"PROCESSED": "created"}})
    assert entities(document, partner=mapped)[0].packages[0].status == "created"


def test_milestones_are_events_and_the_latest_is_not_doubled() -> None:
    place = {"location": {"address": {"city": "Town", "region": "Texas", "countryCode": "US"}}}
    document = milestones(
        milestone("DELIVERED", "2026-05-05T10:00:00Z", **place),
        milestone("CARRIER_ASSIGNED", "2026-05-04T10:00:00Z"),
        trackingEstimates=[
            {"type": "ESTIMATED_DELIVERY_DATE", "estimatedInterval": {"endTime": "2026-05-06T00:00:00Z"}}
        ],
    )
    first, second = entities(document, partner=BARE)
    assert isinstance(first, TrackingEvent)
    assert (first.status, first.key, first.estimated_delivery) == ("created", "acme/shop/TRACK-1", None)
    assert (second.status, second.location.region) == ("delivered", "Texas")
    assert second.estimated_delivery.instant.isoformat() == "2026-05-06T00:00:00+00:00"
    assert key(document) == "tracking:TRACK-1"


def test_a_delivery_stamped_before_other_scans_stays_so() -> None:
    document = milestones(
        milestone("DELIVERED", "2026-05-03T10:00:00Z"), milestone("OUT_FOR_DELIVERY", "2026-05-04T10:00:00Z")
    )
    assert [one.status for one in entities(document)] == ["delivered", "out_for_delivery"]


# ---- money -----------------------------------------------------------------------------------------------


def test_a_transaction_is_a_provisional_line() -> None:
    (line,) = entities(transaction_update())
    assert isinstance(line, SettlementLine)
    assert (str(line.net.amount), line.transaction_type, line.is_provisional) == ("10.05", "sale", True)
    assert (line.order_reference, line.reference_kind) == ("900-0000001-0000001", "order")
    assert line.key == f"acme/shop/-/{line.line_id}"
    (again,) = entities(lowered(transaction_update()))
    assert again.line_id == line.line_id
    (other,) = entities(transaction_update(PostedDate="2026-05-04T03:35:14Z"))
    assert other.line_id != line.line_id


# ---- stock -----------------------------------------------------------------------------------------------


def test_warehouse_stock_keeps_every_figure_with_its_word() -> None:
    (found,) = entities(warehouse_stock())
    assert isinstance(found, StockSnapshot)
    assert found.key == "acme/SKU-1/shop/ATVPDKIKX0DER/X000EXAMPL"  # OLD-1 is an alias of the profile
    figures = {one.meaning_raw: (one.meaning, int(one.quantity.value)) for one in found.quantities}
    assert figures == {
        "Fulfillable": ("available", 50),
        "Unfulfillable": ("damaged", 1),
        "InboundQuantityBreakdown.Working": ("incoming", 0),
        "InboundQuantityBreakdown.Shipped": ("in_transit", 5),
        "InboundQuantityBreakdown.Receiving": ("incoming", 10),
        "ReservedQuantityBreakdown.PendingCustomerOrder": ("reserved", 3),
    }
    assert key(warehouse_stock()) == "stock:OLD-1"


def test_item_stock_is_a_row_each_with_its_own_time() -> None:
    rows = [
        {
            "marketplaceId": "M",
            "endTime": f"2026-05-04T{hour}:00:00Z",
            "asin": asin,
            "highlyAvailableInventory": said,
        }
        for hour, asin, said in ((16, "B1", 5), (17, "B2", 0))
    ]
    document = notification("ITEM_INVENTORY_EVENT_CHANGE", {"itemInventoryEventChanges": rows}, is_lower=True)
    known = profile(items={"match": ["sku"], "aliases": {"asin:B1": "SKU-1"}})
    first, second = entities(document, partner=known)
    assert (first.sku, second.sku, int(second.quantities[0].quantity.value)) == ("SKU-1", "B2", 0)
    assert second.as_of.instant.isoformat() == "2026-05-04T17:00:00+00:00"
    assert warnings(document) == ["item_unknown", "item_unknown"]


# ---- refusals --------------------------------------------------------------------------------------------


def test_a_notice_of_an_order_is_no_order() -> None:
    summary = {"OrderStatus": "Unshipped", "OrderItems": [{"Quantity": 1, "IsBuyerRequestedCancel": True}]}
    content = {"AmazonOrderId": "900-1", "Summary": summary}
    document = notification("ORDER_CHANGE", {"OrderChangeNotification": content})
    assert refusal_of(FORM, document) == ("field_invalid", "$.Payload.OrderChangeNotification")
    assert key(document) == "notification:00000000-0000-0000-0000-000000000001"
    with pytest.raises(Rejected, match="fetch the order with its items"):
        reading_of(FORM, document)


def tracking(detail: Document) -> Document:
    return notification("SHIPMENT_TRACKING_MILESTONE", {"TrackingDetail": detail, "Other": 1})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"Payload": {}}, ("field_invalid", "$.NotificationType")),
        (notification("ANY_OFFER_CHANGED", {}), ("field_invalid", "$.NotificationType")),
        (notification("REPORT_PROCESSING_FINISHED", {}), ("field_invalid", "$.Payload")),
        (fulfillment_status(AmazonShipmentId=""),
         ("id_missing",
          "$.Payload.FulfillmentOrderStatusNotification.FulfillmentShipment.AmazonShipmentId")),
        (notification("FULFILLMENT_ORDER_STATUS", {"SellerFulfillmentOrderId": "MCF-1", "X": 1}),
         ("field_invalid", "$.Payload.FulfillmentShipment")),
        (transaction_update(TotalAmount=None),
         ("currency_missing", "$.Payload.TransactionUpdateNotification.TotalAmount")),
        (transaction_update(TotalAmount={"CurrencyCode": "USD"}),
         ("amount_unparsable", "$.Payload.TransactionUpdateNotification.TotalAmount")),
        (tracking({"LatestMilestone": {}}), ("id_missing", "$.Payload.TrackingDetail.Identifier")),
        (tracking({"Identifier": {"TrackingNumber": "T"}}),
         ("field_invalid", "$.Payload.TrackingDetail.LatestMilestone")),
        (tracking({"Identifier": {"TrackingNumber": "T"}, "LatestMilestone": {"Status": {"Code": "X"}}}),
         ("time_invalid", "$.Payload.TrackingDetail.LatestMilestone.OccurredAt")),
        (notification("ITEM_INVENTORY_EVENT_CHANGE", {"ItemInventoryEventChanges": []}),
         ("field_invalid", "$.Payload")),
        (warehouse_stock(Fulfillable="many"),
         ("amount_unparsable",
          "$.Payload.FulfillmentInventoryByMarketplace[0].FulfillmentInventory.Fulfillable")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_path(document: object, expected: tuple[str, str]) -> None:
    assert refusal_of(FORM, document) == expected


def test_an_event_bus_wraps_it_and_a_queue_lists_it() -> None:
    wrapped = {"detail-type": "TRANSACTION_UPDATE", "detail": transaction_update()}
    assert entities(wrapped) == entities(transaction_update())
    split = FORMATS[FORM].split
    assert split is not None
    parts = split(record([fulfillment_status(), {"Payload": 1}]), PROFILE).parts
    assert parts[0].key == "acme/shop/shipment:SHIP-1"
    assert parts[1].key.startswith("acme/shop/notification:sha256-")


@pytest.mark.parametrize(("listed", "body"), [("Records", "body"), ("Messages", "Body"), (None, "Message")])
def test_the_messages_of_a_queue_hold_it_as_text(listed: str | None, body: str) -> None:
    messages = [{body: json.dumps(fulfillment_status())}, {body: "{"}, {body: None}, "junk"]
    split = FORMATS[FORM].split
    assert split is not None
    parts = split(record(messages[0] if listed is None else {listed: messages}), PROFILE).parts
    assert parts[0].key == "acme/shop/shipment:SHIP-1"
    assert entities(parts[0].value) == entities(fulfillment_status())
    assert len(parts) == (1 if listed is None else 3)  # what holds none is a part of its own
