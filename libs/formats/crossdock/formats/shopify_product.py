"""Shopify products: webhooks products/create, update and delete, the REST resource and pages of it.

Invariant: each variant is one Product, for a variant is what can be bought; the product above them names
no SKU and is reported only when it is deleted, as a template.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.identifiers import gtin14
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    Extension,
    Identifier,
    IdentifierScheme,
    PartnerProfile,
    PriceProposal,
    Product,
    ProductKind,
    ProductStatus,
    Quantity,
    RevisionKind,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import NO_REVISION, Head, reading_of_entities
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import json_documents, split_documents
from crossdock.formats.json_fields import Fields, children, text
from crossdock.formats.json_resource import Placed, enveloped, extensions, key_by, texts
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.order_models import quantity
from crossdock.formats.product_draft import ArticleDraft, product_of, proposals_of, resolved_sku
from crossdock.formats.profile_rules import revision_at, sortable_instant
from crossdock.formats.shopify.bulk import joined_rows
from crossdock.formats.shopify.graphql import graphql_pages
from crossdock.formats.shopify.resource import Resource, resource_id, resource_of
from crossdock.formats.shopify_inventory_level import inventory_item
from crossdock.formats.times import at_instant, business_time

MAPPING_VERSION: Final = "shopify_product/1"
_LISTS: Final = graphql_pages("products", "productVariants") | enveloped("products", "variants")
_IDENTITIES: Final = ("id", "admin_graphql_api_id")
"""A product, which holds its variants, has one of these; a page of variants has none."""
_KEPT: Final = ("inventory_policy", "fulfillment_service")
_STATUS: Final = {
    "active": ProductStatus.ACTIVE,
    "unlisted": ProductStatus.ACTIVE,
    "draft": ProductStatus.DISCONTINUED,
    "archived": ProductStatus.DISCONTINUED,
}
"""Source: `status` of Shopify's Product; a draft cannot be bought."""
_WEIGHT_UNITS: Final = {
    "kg": "KGM",
    "kilograms": "KGM",
    "g": "GRM",
    "grams": "GRM",
    "lb": "LBR",
    "pounds": "LBR",
    "oz": "ONZ",
    "ounces": "ONZ",
}


def _name_of(document: Document) -> str:
    root = document.root
    is_variant = isinstance(root.get("variant"), dict) or ("product_id" in root and "variants" not in root)
    return "variant" if is_variant else "product"


def _key(document: Document) -> str:
    name = _name_of(document)
    return f"{name}:{resource_id(resource_of(document, name))}"


key = key_by(_key)
"""`product:<id>` (a lone variant: `variant:<id>`), None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The products of a file that holds several: an array, `{"products": […]}` or variants, JSON lines,
    bulk exports."""
    rows = json_documents(record.value or b"", _LISTS, _IDENTITIES)
    return split_documents(record, joined_rows(rows), key, "product")


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The variants of a webhook or REST payload. Raises Rejected.

    Parsed exactly at once: a weight is a JSON number with decimals.
    """
    return _Mapping(exact_document(record.value or b""), record, profile).reading()


class _Mapping(Resource):
    """One product of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, _name_of(document))
        self._fields = Fields(document, profile)
        if profile.money is not None and profile.money.currency is not None:
            self._fields.exponent = currency_exponent(profile.money.currency)
        self._mark = revision_at(self.time("updated_at"), profile, RevisionKind.INSTANT_COARSE)
        self._taken: set[str] = set()

    def reading(self) -> Reading:
        """Products and price proposals, refused or with their warnings."""
        if self.event == "delete" or set(self.node) <= {"id", "admin_graphql_api_id"}:
            return self._deletion()
        status = self._status()
        drafts = [self._article(one, status) for one in self._variants()]
        products = [product_of(draft, self.record) for draft in drafts]
        proposals = proposals_of(drafts, self.document, self.profile, self.record)
        return reading_of_entities(
            (*products, *proposals), self.record, self._mark, warnings=self.document.warnings
        )

    def _deletion(self) -> Reading:
        """A deleted product names neither variants nor a time: it is gone since it was captured."""
        product_id = self.id
        captured = self.record.time
        draft = ArticleDraft(
            head=self._head(
                product_id, at_instant(captured, self.zone), Change.DELETED, _at(sortable_instant(captured))
            ),
            sku=f"product:{product_id}",
            identifiers=(self._product_identifier(product_id),),
            kind=ProductKind.TEMPLATE,
            status=ProductStatus.DELETED,
        )
        product = product_of(draft, self.record)
        return reading_of_entities((product,), self.record, draft.head.mark, warnings=self.document.warnings)

    def _head(
        self, object_id: str, occurred: BusinessTime, change: Change, mark: RevisionMark = NO_REVISION
    ) -> Head:
        return Head(
            segments=(),
            system="shopify",
            object_type="variant",
            object_id=object_id,
            occurred=occurred,
            mapping_version=MAPPING_VERSION,
            change=change,
            mark=mark,
            via=self.via,
        )

    def _variants(self) -> list[Placed]:
        if "variants" not in self.node and "product_id" in self.node:
            return [Placed(self.node, self.path)]
        found = [
            Placed(node, f"{self.path}.variants[{index}]")
            for index, node in enumerate(children(self.node, "variants"))
        ]
        if not found:
            _ = self.id  # an error answer is told as one
            detail = "the product has no variant: nothing of it can be bought"
            raise Rejected(RejectionCode.LINES_MISSING, detail, f"{self.path}.variants")
        return found

    def _article(self, variant: Placed, status: ProductStatus) -> ArticleDraft:
        node, path = variant
        variant_id = resource_id(variant)
        identifiers = self._identifiers(node, path, variant_id)
        sku = resolved_sku(self.document, self.profile, identifiers, (text(node, "sku"), variant_id), path)
        if sku in self._taken:
            self.document.warn("sku_repeated", "two variants have one SKU", f"{path}.sku")
        self._taken.add(sku)
        occurred = self._occurred(node, path)
        head = self._head(variant_id, occurred, self.change(), self._mark)
        head.extensions = _extensions(node)
        return ArticleDraft(
            head=head,
            sku=sku,
            identifiers=identifiers,
            kind=self._kind(node),
            status=status,
            weight=self._weight(node, path),
            tax_category=text(node, "tax_code"),
            price=self._fields.amount(node, "price", path),
            compare_at=self._fields.amount(node, "compare_at_price", path),
            path=path,
        )

    def _occurred(self, variant: Node, path: str) -> BusinessTime:
        """The product's time, else the variant's own; its capture where neither states one."""
        found = self.time("updated_at", "created_at")
        if found is not None:
            return found
        for name in ("updated_at", "created_at"):
            raw = text(variant, name)
            if raw is not None:
                return business_time(raw, f"{path}.{name}", zone=self.zone)
        detail = "neither the product nor its variant states a time: it counts from its capture"
        self.document.warn("time_missing", detail, f"{path}.updated_at")
        return at_instant(self.record.time, self.zone)

    def _identifiers(self, node: Node, path: str, variant_id: str) -> tuple[Identifier, ...]:
        found = []
        sku, gtin = text(node, "sku"), gtin14(text(node, "barcode") or "")
        if sku is not None:
            found.append(item_identifier(IdentifierScheme.SKU, sku))
        if gtin is not None:
            found.append(item_identifier(IdentifierScheme.GTIN, gtin))
        found.append(item_identifier(IdentifierScheme.CHANNEL_VARIANT, variant_id, self.channel))
        item = self._fields.loose_identity(node, "inventory_item_id", path)
        if item is not None:
            found.append(inventory_item(self.channel, item))
        product_id = self._fields.loose_identity(node, "product_id", path) or text(self.node, "id")
        if product_id is not None:
            found.append(self._product_identifier(product_id))
        return tuple(found)

    def _product_identifier(self, product_id: str) -> Identifier:
        return item_identifier(IdentifierScheme.UNKNOWN, product_id, f"{self.channel}/product")

    def _status(self) -> ProductStatus:
        raw = text(self.node, "status")
        if raw is None:  # a lone variant has none, nor has a product before API version 2020-10
            return ProductStatus.UNKNOWN if "product_id" in self.node else ProductStatus.ACTIVE
        status = _STATUS.get(raw.lower())
        if status is None:
            self.document.warn("status_unknown", "the status is not Shopify's", f"{self.path}.status")
        return status or ProductStatus.UNKNOWN

    def _kind(self, variant: Node) -> ProductKind:
        """`inventory_management` null says that stock is not counted; where it is absent nothing is said."""
        if text(self.node, "product_type") == "gift_card" or self.node.get("gift_card") is True:
            return ProductKind.NON_STOCKED
        if "inventory_management" not in variant:
            return ProductKind.UNKNOWN
        is_counted = text(variant, "inventory_management") is not None
        return ProductKind.STOCKED if is_counted else ProductKind.NON_STOCKED

    def _weight(self, node: Node, path: str) -> Quantity | None:
        unit = _WEIGHT_UNITS.get((text(node, "weight_unit") or "").lower())
        weight = self._fields.count(node, "weight", path) if unit is not None else None
        if weight is not None and unit is not None:
            return quantity(weight, unit)
        grams = self._fields.count(node, "grams", path)
        return None if grams is None else quantity(grams, "GRM")


def _at(value: str) -> RevisionMark:
    return RevisionMark(RevisionKind.INSTANT_COARSE, value)


def _extensions(variant: Node) -> tuple[Extension, ...]:
    barcode = text(variant, "barcode")
    is_gtin = barcode is not None and gtin14(barcode) is not None
    return extensions(*texts(variant, _KEPT), ("barcode", None if is_gtin else barcode))


FORMAT: Final = Format(
    name="shopify_product",
    title="Shopify product",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("variants[].id", "identifiers (channel_variant)", "the SKU's stand-in where there is none"),
        Field("variants[].sku", "sku, identifiers", "items.aliases of the profile first"),
        Field("variants[].barcode", "identifiers (gtin)", "kept as an extension where no check digit holds"),
        Field("variants[].inventory_item_id", "identifiers", "issuer `<channel>/inventory_item`"),
        Field("id, variants[].product_id", "identifiers", "issuer `<channel>/product`"),
        Field("status", "status", "draft and archived cannot be bought; without one it is active"),
        Field("variants[].inventory_management", "kind", "null: non_stocked"),
        Field("gift_card", "kind", "non_stocked"),
        Field("variants[].weight, weight_unit, grams", "weight"),
        Field("variants[].tax_code", "tax_category"),
        Field("updated_at", "revision, occurred", "one-second instants: instant_coarse"),
        Field("variants[].price, compare_at_price", "PriceProposal", "where the profile has prices.list"),
        Field("the event, or nothing but an id", "status deleted", "kind template under `product:<id>`"),
    ),
    quirks=(
        "A variant without SKU is known by its variant id, with a warning.",
        "Two variants may have one SKU: both are reported, with a warning.",
        "A barcode is any text: only one with the right check digit is a GTIN.",
        "A delete webhook holds an id alone: no time, no variants.",
        "Old resources state no status.",
        "Test webhooks and pages of chosen fields state no times: the variant's own, else the capture.",
        "The GraphQL Admin API answers in other names, with global ids and lists: read as the REST one.",
        "A bulk export of GraphQL has a row for each product and each variant: joined by `__parentId`.",
        "A product states no currency: a price proposal takes the profile's.",
    ),
    entities=(Product, PriceProposal),
    key_rule="the variant's SKU, else its `id`; proposals: the profile's prices.list and the SKU",
    revision_rule="`updated_at` of the product (one second): later wins; a deletion counts from its capture",
    needs=(),
    looks_like=most(
        json_with("variants", "options", score=60, without=("line_items", "date_created")),
        json_with("variants", "inventory_item_id", score=80, without=("line_items",)),
        json_with("variants", "inventory_policy", score=80, without=("line_items",)),
        json_with("variant", "inventory_item_id", "price", score=80, without=("line_items",)),
        json_with("variants", "inventoryItem", score=80, without=("lineItems",)),
        json_with("__parentId", "sku", "price", score=80, without=("originalUnitPriceSet",)),
        json_with("productVariants", "inventoryItem", score=80, without=("lineItems",)),
    ),
)
