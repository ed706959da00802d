"""BigCommerce webhooks: thin notices, of which only an absolute stock figure is a fact by itself.

Invariant: a notice of anything else is refused with the call that fetches the object; a relative change
is no snapshot.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    IdentifierScheme,
    PartnerProfile,
    QuantityMeaning,
    RevisionKind,
    StockSnapshot,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Document, read_document
from crossdock.formats.json_fields import Fields, child, identity, optional_identity, text
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with
from crossdock.formats.order_models import quantity
from crossdock.formats.profile_rules import revision_at
from crossdock.formats.stock_snapshot import SnapshotDraft, snapshot_of, stock_sku
from crossdock.formats.times import epoch_time

MAPPING_VERSION: Final = "bigcommerce_webhook/1"
_STOCK: Final = ("store/sku/inventory/", "store/product/inventory/")
_FETCH: Final = {
    "order": "GET /v2/orders/{id}?include=consignments.line_items,fees and send it as bigcommerce_order",
    "shipment": "GET /v2/orders/{order_id}/shipments",
    "product": "GET /v3/catalog/products/{id}",
    "sku": "GET /v3/catalog/variants",
    "customer": "GET /v3/customers?id:in={id}",
}
"""What to call for the object that a notice names, by the second part of its scope."""


def _key(document: Document) -> str:
    data = child(document.root, "data")
    stock = child(data, "inventory")
    if stock:
        product, variant = _item(document)
        return f"inventory:{product}:{variant}"
    kind = text(data, "type") or "object"
    return f"{kind}:{identity(data, 'id', '$.data')}"


key = key_by(_key)
"""`inventory:<product>:<variant>` or `<type>:<id>` of a notice, None where it names no object."""


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The snapshot of a stock notice. Raises Rejected for every other."""
    return read_document(record.value, lambda document: _reading(document, record, profile))


def _item(document: Document) -> tuple[str, str]:
    """Product and variant of a stock notice; the variant is empty for a product without variants."""
    stock, place = child(child(document.root, "data"), "inventory"), "$.data.inventory"
    product = optional_identity(stock, "product_id", place)
    if product is None:
        product = identity(child(document.root, "data"), "id", "$.data")
    return product, optional_identity(stock, "variant_id", place) or ""


def _reading(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    scope = text(document.root, "scope") or ""
    stock, place = child(child(document.root, "data"), "inventory"), "$.data.inventory"
    if not scope.startswith(_STOCK) or not stock:
        raise _thin(scope)
    method = text(stock, "method")
    if method != "absolute":
        detail = (
            f"the stock change is {shown(method or '')}, an absolute figure is needed; "
            "fetch the variant's inventory_level"
        )
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{place}.method")
    value = Fields(document, profile).count(stock, "value", place)
    if value is None:
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, "the notice states no value", f"{place}.value")
    product, variant = _item(document)
    item = variant or product
    as_of = epoch_time(
        document.root.get("created_at"), "$.created_at", zone=profile.business_zone, per_second=1
    )
    mark = revision_at(as_of, profile, RevisionKind.INSTANT_COARSE)
    channel = split_key(record.key or b"")[1]
    issuer = channel if variant else f"{channel}/product"
    names = (f"channel_variant:{variant}",) if variant else (f"product:{product}",)
    draft = SnapshotDraft(
        system="bigcommerce",
        object_type="inventory",
        mapping_version=MAPPING_VERSION,
        sku=stock_sku(profile, document, item, names, place),
        location="",
        row=f"{product}:{variant}",
        figures=((QuantityMeaning.AVAILABLE, "value", quantity(value, "EA")),),
        as_of=as_of,
        identifiers=(item_identifier(IdentifierScheme.CHANNEL_VARIANT, item, issuer),),
        mark=mark,
    )
    return reading_of_entities((snapshot_of(draft, record),), record, mark, warnings=document.warnings)


def _thin(scope: str) -> Rejected:
    kind = scope.split("/")[1] if scope.count("/") else ""
    call = _FETCH.get(kind, "the object that it names")
    detail = f"a BigCommerce webhook only names the object that changed; fetch {call}"
    return Rejected(RejectionCode.FIELD_INVALID, detail, "$.scope")


FORMAT: Final = Format(
    name="bigcommerce_webhook",
    title="BigCommerce webhook (stock figures; notices of anything else are refused)",
    content_types=("application/json",),
    key=key,
    read=read,
    entities=(StockSnapshot,),
    field_table=(
        Field("scope", "–", "store/sku/inventory/… and store/product/inventory/… state a figure"),
        Field("data.inventory.product_id, variant_id", "sku, identifiers, key", "items.aliases name the SKU"),
        Field("data.inventory.method", "–", "absolute only"),
        Field("data.inventory.value", "quantities[].quantity", "meaning available"),
        Field("created_at", "as_of, occurred, revision", "seconds since 1970"),
        Field("data.id", "key", "of the object that a notice names"),
    ),
    quirks=(
        "Order, shipment, product and customer notices hold an id only: fetch the object.",
        "A relative stock change is refused: it is no count.",
        "A product without variants states no variant_id.",
        "created_at is in seconds.",
    ),
    key_rule="the item's SKU (else its variant or product id), the channel, product and variant",
    revision_rule="`created_at` (one second): later wins, a tie is broken by the capture",
    needs=(),
    looks_like=json_with("scope", "producer", "hash", "store_id", score=90),
)
