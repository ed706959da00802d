"""Parts of GraphQL answers that stand elsewhere than in REST: stock, weights, statuses, sums, people, orders
cut down to their refunds or fulfillments."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.canonical.models import Order, Product, Refund, Shipment, StockSnapshot, TrackingEvent
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import PROFILE, reading_of, record, refusal_of
from tests.kit.shopify_documents import money_set, order, shopify
from tests.kit.shopify_graphql import graphql_order

TIMES = {"createdAt": "2026-02-01T08:00:00Z", "updatedAt": "2026-02-01T08:00:00Z"}
ITEM = {"id": "gid://shopify/InventoryItem/51", "sku": "SKU-1", "tracked": True}
NAMES = ("available", "committed", "reserved", "damaged", "quality_control", "safety_stock", "incoming")
LEVEL: dict[str, Any] = {
    "id": "gid://shopify/InventoryLevel/9?inventory_item_id=51",
    "location": {"id": "gid://shopify/Location/6"},
    "item": ITEM,
    "quantities": [{"name": name, "quantity": 1} for name in NAMES] + [{"name": "on_hand", "quantity": 6}],
} | TIMES
FULFILLMENT: dict[str, Any] = {
    "id": "gid://shopify/Fulfillment/71",
    "status": "SUCCESS",
    "order": {"id": "gid://shopify/Order/42"},
    "fulfillmentLineItems": {"nodes": []},
} | TIMES


def bag(name: str, amount: str) -> dict[str, Any]:
    """A money bag in USD under a name."""
    return {name: {"shopMoney": {"amount": amount, "currencyCode": "USD"}}}


REFUND: dict[str, Any] = {
    "id": "gid://shopify/Refund/81",
    "order": {"id": "gid://shopify/Order/42"},
    "refundLineItems": {"nodes": [{"quantity": 1, **bag("subtotalSet", "10.0")}]},
    "transactions": {"nodes": [{"kind": "REFUND", "status": "SUCCESS", **bag("amountSet", "10.0")}]},
} | TIMES


def entity(form: str, name: str, node: dict[str, Any]) -> Any:
    """What an answer becomes."""
    return reading_of(form, {"data": {name: node}}).entities[0]


def level(**changes: Any) -> StockSnapshot:
    """The snapshot of a level."""
    found = entity("shopify_inventory_level", "inventoryLevel", LEVEL | changes)
    assert isinstance(found, StockSnapshot)
    return found


def test_all_figures_of_a_level_are_kept_and_its_item_names_the_sku() -> None:
    found = level()
    meanings = [(str(one.meaning), one.meaning_raw) for one in found.quantities]
    assert meanings == [
        ("available", "available"),
        ("reserved", "committed"),
        ("reserved", "reserved"),
        ("damaged", "damaged"),
        ("quality_hold", "quality_control"),
        ("unknown", "safety_stock"),
        ("incoming", "incoming"),
        ("on_hand", "on_hand"),
    ]
    assert (found.sku, found.variances) == ("SKU-1", ())


def test_what_is_on_hand_is_compared_with_its_parts() -> None:
    said = LEVEL["quantities"][:-1]
    (found,) = level(quantities=[*said, {"name": "on_hand", "quantity": 8}]).variances
    assert (found.code, found.subject, int(found.difference)) == ("quantity_total", "on_hand", 2)
    assert level(quantities=[*said[1:], {"name": "on_hand", "quantity": 8}]).variances == ()


def test_a_level_whose_item_is_not_asked_for_names_it_in_its_own_id() -> None:
    assert level(item=None).key == "acme/51/shop/6/51"


def test_a_figure_of_another_name_is_kept_with_a_warning() -> None:
    document = {"data": {"inventoryLevel": LEVEL | {"quantities": [{"name": "on_loan", "quantity": 3}]}}}
    found = reading_of("shopify_inventory_level", document)
    assert [one.code for one in found.warnings] == ["quantity_meaning_unknown"]


@pytest.mark.parametrize(("tracked", "kind"), [(True, "stocked"), (False, "non_stocked")])
def test_a_variants_item_says_whether_it_is_counted_and_what_it_weighs(tracked: bool, kind: str) -> None:
    weight = {"measurement": {"weight": {"value": 0.25, "unit": "KILOGRAMS"}}}
    variant = {"id": "gid://shopify/ProductVariant/41", "inventoryItem": ITEM | weight | {"tracked": tracked}}
    node = {"id": "gid://shopify/Product/4", "variants": {"nodes": [variant]}} | TIMES
    found = entity("shopify_product", "product", node)
    assert isinstance(found, Product)
    assert (found.sku, found.kind) == ("SKU-1", kind)
    assert found.weight is not None
    assert (str(found.weight.value), found.weight.unit) == ("0.25", "KGM")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("FULFILLED", "unknown"),
        ("MARKED_AS_FULFILLED", "unknown"),
        ("SUBMITTED", "unknown"),
        ("NOT_DELIVERED", "delivery_failed"),
        ("LABEL_VOIDED", "cancelled"),
        ("CANCELED", "cancelled"),
        ("CARRIER_PICKED_UP", "picked_up"),
    ],
)
def test_the_words_of_display_status_are_known(word: str, status: str) -> None:
    document = {"data": {"fulfillment": FULFILLMENT | {"displayStatus": word}}}
    found = reading_of("shopify_fulfillment", document)
    (shipment,) = found.entities
    assert isinstance(shipment, Shipment)
    assert (shipment.packages[0].status, found.warnings) == (status, ())


def test_the_answer_of_a_mutation_is_an_envelope() -> None:
    event: dict[str, Any] = {
        "id": "gid://shopify/FulfillmentEvent/5",
        "status": "DELIVERED",
        "happenedAt": TIMES["createdAt"],
    }
    event |= {"fulfillment": {"id": "gid://shopify/Fulfillment/71"}}
    document = {"data": {"fulfillmentEventCreate": {"fulfillmentEvent": event, "userErrors": []}}}
    (found,) = reading_of("shopify_fulfillment_event", document).entities
    assert isinstance(found, TrackingEvent)
    assert (found.tracking_number, found.status) == ("fulfillment:71", "delivered")


def test_the_sum_of_a_refund_stands_in_for_its_transactions_else_is_compared() -> None:
    def read(**changes: Any) -> Refund:
        found = entity("shopify_refund", "refund", REFUND | bag("totalRefundedSet", "11.0") | changes)
        assert isinstance(found, Refund)
        return found

    found = read()
    assert found.stated.total is not None
    assert int(found.stated.total.amount) == 10
    assert [(one.subject, int(one.difference)) for one in found.variances] == [("total_refunded_set", 1)]
    assert read(**bag("totalRefundedSet", "10.0")).variances == ()
    alone = {name: value for name, value in REFUND.items() if name != "transactions"}
    summed = entity("shopify_refund", "refund", alone | bag("totalRefundedSet", "11.0"))
    assert [(one.subject, int(one.difference)) for one in summed.variances] == [("stated.total", 1)]
    pending = {"nodes": [{"kind": "REFUND", "status": "PENDING", **bag("amountSet", "11.0")}]}
    assert read(transactions=pending).stated.total is None


def test_a_buyer_is_named_as_newer_versions_name_one() -> None:
    node = graphql_order(order(), is_edged=False)
    node["customer"] = {
        "displayName": "Eva Muster",
        "defaultEmailAddress": {"emailAddress": "eva@example.com"},
        "defaultPhoneNumber": {"phoneNumber": "+49 30 1"},
    }
    (found,) = reading_of("shopify_order", {"data": {"order": node}}).entities
    assert isinstance(found, Order)
    (buyer,) = [party for party in found.parties if party.role == "buyer"]
    assert (buyer.name, buyer.email, buyer.phone) == ("Eva Muster", "eva@example.com", "+49 30 1")


@pytest.mark.parametrize(
    ("form", "name", "node"),
    [("shopify_refund", "refunds", REFUND), ("shopify_fulfillment", "fulfillments", FULFILLMENT)],
)
def test_an_order_cut_down_to_its_parts_is_a_list_of_them(form: str, name: str, node: dict[str, Any]) -> None:
    split = FORMATS[form].split
    assert split is not None
    for document in (
        {"data": {"order": {"id": "gid://shopify/Order/42", name: [node, node]}}},
        {"order": {"id": 42, name: [node, node]}},
        {"id": 42, name: [node, node]},
    ):
        assert len(split(record(document), PROFILE).parts) == 2
    code, path = refusal_of(form, {"order": order(**{name: [node]})})
    assert code == "field_invalid"
    assert path.startswith("$.order.")


def test_a_set_under_the_plain_name_is_a_set() -> None:
    document = order(total_price=money_set("20.00"))
    assert shopify(document).variances == ()


BARE = {name: value for name, value in LEVEL.items() if name not in ("item", "location")}


@pytest.mark.parametrize(
    "answer",
    [
        {"inventoryItem": ITEM | {"inventoryLevels": {"edges": [{"node": BARE}, {"node": BARE}]}}},
        {"inventoryItems": {"nodes": [ITEM | {"inventoryLevels": {"nodes": [BARE, BARE]}}]}},
        {
            "productVariants": {
                "edges": [
                    {
                        "node": {
                            "id": "gid://shopify/ProductVariant/41",
                            "sku": "SKU-1",
                            "inventoryItem": {"inventoryLevels": {"nodes": [BARE, BARE]}},
                        }
                    }
                ]
            }
        },
        {
            "location": {
                "id": "gid://shopify/Location/6",
                "inventoryLevels": {"nodes": [BARE | {"item": ITEM}, BARE | {"item": ITEM}]},
            }
        },
        {"inventoryLevels": {"nodes": [LEVEL, LEVEL]}},
    ],
)
def test_levels_are_read_wherever_an_answer_holds_them(answer: dict[str, Any]) -> None:
    form = "shopify_inventory_level"
    split = FORMATS[form].split
    assert split is not None
    parts = split(record({"data": answer}), PROFILE).parts
    assert len(parts) == 2
    (found,) = reading_of(form, parts[0].value).entities
    assert isinstance(found, StockSnapshot)
    assert (found.sku, found.source.object_id.partition(":")[0]) == ("SKU-1", "51")
    assert found.location == ("6" if any(name in answer for name in ("location", "inventoryLevels")) else "")
