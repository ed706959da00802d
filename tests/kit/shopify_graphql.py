"""Shopify orders spelled as the GraphQL Admin API answers them, from REST ones."""

from __future__ import annotations

from typing import Any

from tests.kit.shopify_documents import Document

_GID = "gid://shopify/"
_NAMES = {
    "currency": "currencyCode",
    "presentment_currency": "presentmentCurrencyCode",
    "financial_status": "displayFinancialStatus",
    "gift_card": "isGiftCard",
    "fulfillable_quantity": "unfulfilledQuantity",
}
_CONNECTIONS = {"line_items", "shipping_lines", "refund_line_items", "discount_applications"}
_WORDS = {"financial_status", "status", "kind", "restock_type", "cancel_reason"}
_NO_FIELDS = {"properties", "note_attributes", "unknown_field", "admin_graphql_api_id"}


def graphql_order(order: Document, *, is_edged: bool = True) -> Document:
    """The order with global ids, money bags and connections (with edges, or with nodes alone)."""
    found = _object(order, is_edged, "Order")
    found["id"] = f"{_GID}Order/{order['id']}"
    for fulfillment in order.get("fulfillments") or ():
        place = found["fulfillments"][order["fulfillments"].index(fulfillment)]
        shipped = place.pop("lineItems", None)
        if shipped is not None:
            lines = [
                {"quantity": one["quantity"], "lineItem": {"id": f"{_GID}LineItem/{one['id']}"}}
                for one in fulfillment["line_items"]
            ]
            place["fulfillmentLineItems"] = _connection(lines, is_edged)
    return found


def _object(node: Document, is_edged: bool, holder: str) -> Document:
    found: Document = {}
    for name, value in node.items():
        if name in _NO_FIELDS or (f"{name}_set" in node and name != "id"):
            continue
        found[_name(name, holder)] = _value(name, value, is_edged)
    if "variant_id" in node:
        found["variant"] = {"id": f"{_GID}ProductVariant/{found.pop('variantId')}"}
    if "line_item_id" in node:
        found["lineItem"] = {"id": f"{_GID}LineItem/{found.pop('lineItemId')}"}
    if "discount_application_index" in node:
        found["discountApplication"] = {"index": found.pop("discountApplicationIndex")}
    return found


def _name(name: str, holder: str) -> str:
    if holder == "line_items" and name in ("price", "price_set"):
        return "originalUnitPrice" + ("Set" if name == "price_set" else "")
    if holder == "shipping_lines" and name in ("price", "price_set"):
        return "originalPrice" + ("Set" if name == "price_set" else "")
    if holder == "discount_allocations" and name in ("amount", "amount_set"):
        return "allocatedAmount" + ("Set" if name == "amount_set" else "")
    if name in _NAMES:
        return _NAMES[name]
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _value(name: str, value: Any, is_edged: bool) -> Any:
    if name in _WORDS and isinstance(value, str):
        return value.upper()
    if isinstance(value, list):
        listed = [_object(one, is_edged, name) if isinstance(one, dict) else one for one in value]
        return _connection(listed, is_edged) if name in _CONNECTIONS else listed
    return _object(value, is_edged, name) if isinstance(value, dict) else value


def _connection(nodes: list[Any], is_edged: bool) -> Document:
    page = {"pageInfo": {"hasNextPage": False, "endCursor": None}}
    return page | ({"edges": [{"node": one} for one in nodes]} if is_edged else {"nodes": nodes})
