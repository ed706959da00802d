"""WooCommerce products and variations: REST resource and the webhooks product.created, updated, deleted.

Invariant: what can be bought is one Product; a variable product is a template that never matches a line,
its variations come as resources of their own.
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
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Document, Node, exact_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import Fields, children, flag, identity, text
from crossdock.formats.json_resource import JsonResource, Placed, extensions, holder_of, key_by, texts
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.order_models import quantity
from crossdock.formats.product_draft import ArticleDraft, product_of, proposals_of, resolved_sku
from crossdock.formats.profile_rules import revision_at, sortable_instant
from crossdock.formats.times import at_instant
from crossdock.formats.woocommerce.kinds import refuse_other_kinds
from crossdock.formats.woocommerce.legacy import HOLDERS, WRAPPERS, linked
from crossdock.formats.woocommerce.times import woo_time

MAPPING_VERSION: Final = "woocommerce_product/1"
_OWN_ARRAYS: Final = ("attributes", "images", "categories")
_KINDS: Final = {
    "variable": ProductKind.TEMPLATE,
    "variable-subscription": ProductKind.TEMPLATE,
    "grouped": ProductKind.TEMPLATE,
    "bundle": ProductKind.BUNDLE,
    "composite": ProductKind.BUNDLE,
    "external": ProductKind.NON_STOCKED,
}
"""Types that say it by themselves."""
_INHERITED: Final = ("status", "tax_class", "date_modified", "date_modified_gmt", "updated_at")
_STATUS: Final = {
    "publish": ProductStatus.ACTIVE,
    "private": ProductStatus.ACTIVE,
    "draft": ProductStatus.DISCONTINUED,
    "pending": ProductStatus.DISCONTINUED,
    "future": ProductStatus.DISCONTINUED,
    "auto-draft": ProductStatus.DISCONTINUED,
    "trash": ProductStatus.DELETED,
}
"""Source: `status` of the WooCommerce product; what is not published cannot be bought."""
_KEPT: Final = ("type", "status", "catalog_visibility", "backorders")
"""What changes with every sale is left out: a product is distributed to every worker."""
_LEGACY: Final = {"date_modified": "updated_at", "date_created": "created_at"}


def _placed(document: Document) -> Placed:
    return holder_of(document.root, "id", "product", *HOLDERS)


def _key(document: Document) -> str:
    product, path = _placed(document)
    return f"product:{identity(product, 'id', path)}"


key = key_by(_key)
"""`product:<id>`, None where the payload has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The products of a file that holds several: an array, `{"products": […]}`, JSON lines."""
    return split_json(record, key, kind="product", wrappers=WRAPPERS | {"products"}, own_arrays=_OWN_ARRAYS)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The product of a webhook or REST payload. Raises Rejected."""
    return _Mapping(exact_document(record.value or b""), record, profile).reading()


class _Mapping(JsonResource):
    """One product of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, _placed(document))
        self._fields = Fields(document, profile)
        if profile.money is not None and profile.money.currency is not None:
            self._fields.exponent = currency_exponent(profile.money.currency)
        self._is_deletion = (record.header(EVENT) or "").endswith("deleted") or set(self.node) <= {"id"}

    def reading(self) -> Reading:
        """Products and price proposals, refused or with their warnings."""
        node, path = self.node, self.path
        refuse_other_kinds(node, "product", path)
        drafts = [self._article(node, path)]
        drafts += [
            self._article(_inheriting(variation, node), f"{path}.variations[{index}]")
            for index, variation in enumerate(children(node, "variations"))
        ]
        entities = [product_of(draft, self.record) for draft in drafts]
        gone = ProductStatus.DELETED
        buyable = [one for one in drafts if one.kind is not ProductKind.TEMPLATE and one.status is not gone]
        proposals = proposals_of(buyable, self.document, self.profile, self.record)
        mark = drafts[0].head.mark
        return reading_of_entities(
            (*entities, *proposals), self.record, mark, warnings=tuple(self.document.warnings)
        )

    def _article(self, node: Node, path: str) -> ArticleDraft:
        product_id = identity(node, "id", path)
        identifiers = self._identifiers(node, path, product_id)
        said, kind = text(node, "sku"), self._kind(node)
        if kind is ProductKind.TEMPLATE or (said is None and self._is_deletion):
            sku, kind = f"product:{product_id}", ProductKind.TEMPLATE
        else:
            sku = resolved_sku(self.document, self.profile, identifiers, (said, product_id), path)
        price, regular = (self._fields.amount(node, name, path) for name in ("price", "regular_price"))
        return ArticleDraft(
            head=self._head(node, path, product_id),
            sku=sku,
            identifiers=identifiers,
            kind=kind,
            status=ProductStatus.DELETED if self._is_deletion else self._status(node, path),
            weight=self._weight(node, path),
            tax_category=text(node, "tax_class"),
            price=regular if price is None else price,
            compare_at=None if price is None or price == regular else regular,
            path=path,
        )

    def _head(self, node: Node, path: str, product_id: str) -> Head:
        modified, created = self._time(node, path, "date_modified"), self._time(node, path, "date_created")
        occurred = modified or created
        mark = revision_at(modified, self.profile, RevisionKind.INSTANT_COARSE)
        if self._is_deletion:  # it names no time: it is gone since it was captured
            occurred = at_instant(self.record.time, self.zone)
            mark = RevisionMark(RevisionKind.INSTANT_COARSE, sortable_instant(self.record.time))
        if occurred is None:
            detail = "date_modified_gmt (or date_modified, date_created) is missing"
            raise Rejected(RejectionCode.TIME_INVALID, detail, f"{path}.date_modified_gmt")
        return Head(
            segments=(),
            system="woocommerce",
            object_type="product",
            object_id=product_id,
            occurred=occurred,
            mapping_version=MAPPING_VERSION,
            change=self._change(is_new=created is not None and created == modified),
            mark=mark,
            via=self.via,
            extensions=_extensions(node),
        )

    def _change(self, *, is_new: bool) -> Change:
        if self._is_deletion:
            return Change.DELETED
        event = self.record.header(EVENT)
        if event is not None:
            return Change.CREATED if event.endswith("created") else Change.UPDATED
        return Change.CREATED if is_new else Change.UPDATED

    def _time(self, node: Node, path: str, name: str) -> BusinessTime | None:
        zone = self.zone
        found = woo_time(node, name, path, zone)
        if found is None and (legacy := node.get(_LEGACY[name])):
            return woo_time({f"{name}_gmt": legacy}, name, path, zone)
        return found

    def _identifiers(self, node: Node, path: str, product_id: str) -> tuple[Identifier, ...]:
        found = []
        sku, gtin = text(node, "sku"), gtin14(text(node, "global_unique_id") or "")
        if sku is not None:
            found.append(item_identifier(IdentifierScheme.SKU, sku))
        if gtin is not None:
            found.append(item_identifier(IdentifierScheme.GTIN, gtin))
        found.append(item_identifier(IdentifierScheme.CHANNEL_VARIANT, product_id, self.channel))
        parent = self._fields.loose_identity(node, "parent_id", path)
        if parent is None:  # lists of variations name their product in a link only
            parent = linked(node, "/products/")
        if parent not in (None, "0", product_id):
            found.append(item_identifier(IdentifierScheme.UNKNOWN, parent, f"{self.channel}/product"))
        return tuple(found)

    def _status(self, node: Node, path: str) -> ProductStatus:
        raw = text(node, "status")
        if raw is None:
            return ProductStatus.UNKNOWN
        status = _STATUS.get(raw.lower())
        if status is None:
            self.document.warn("status_unknown", "the status is not WooCommerce's", f"{path}.status")
        return status or ProductStatus.UNKNOWN

    def _kind(self, node: Node) -> ProductKind:
        """A variable or grouped product is bought through others; virtual ones have no stock to move."""
        named = _KINDS.get(text(node, "type") or "")
        if named is not None:
            return named
        if flag(node, "virtual") is True or flag(node, "downloadable") is True:
            return ProductKind.NON_STOCKED
        managed = node.get("manage_stock", node.get("managing_stock"))
        if managed is None:
            return ProductKind.UNKNOWN
        return ProductKind.STOCKED if managed not in (False, "false", "no") else ProductKind.NON_STOCKED

    def _weight(self, node: Node, path: str) -> Quantity | None:
        """The weight; a product does not say its unit, which is the shop's: `units` of the profile name it
        under `weight`."""
        weight = self._fields.count(node, "weight", path)
        if weight is None:
            return None
        rule = self.profile.units.get("weight")
        if rule is None:
            detail = "a weight without unit: name the shop's as `weight` in `units` of the profile"
            self.document.warn("weight_without_unit", detail, f"{path}.weight")
            return None
        return quantity(weight * rule.factor, rule.unit)


def _inheriting(variation: Node, product: Node) -> Node:
    """A variation that stands inside its product, as old API versions list it, with what it leaves to it.

    A SKU is unique in a shop: one that equals the product's is the product's, shown for want of its own.
    """
    inherited = {name: product[name] for name in _INHERITED if name in product}
    told: Node = {"parent_id": product.get("id"), "type": "variation"}
    if text(variation, "sku") == text(product, "sku"):
        told["sku"] = None
    return inherited | variation | told


def _extensions(product: Node) -> tuple[Extension, ...]:
    code = text(product, "global_unique_id")
    is_gtin = code is not None and gtin14(code) is not None
    return extensions(
        *texts(product, _KEPT),
        ("global_unique_id", None if is_gtin else code),
        ("weight", text(product, "weight")),
    )


FORMAT: Final = Format(
    name="woocommerce_product",
    title="WooCommerce product",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "identifiers (channel_variant)", "the SKU's stand-in where there is none"),
        Field(
            "sku",
            "sku, identifiers",
            "items.aliases of the profile first; a template's is an identifier alone",
        ),
        Field("global_unique_id", "identifiers (gtin)", "kept as an extension where no check digit holds"),
        Field("parent_id, _links.up", "identifiers", "issuer `<channel>/product`"),
        Field("type", "kind", "variable and grouped are templates, external is non_stocked"),
        Field("virtual, downloadable, manage_stock", "kind"),
        Field("status", "status", "publish and private can be bought, trash is deleted"),
        Field(
            "weight", "weight, extensions", "the unit is the shop's: `units: {weight: KGM}` of the profile"
        ),
        Field("tax_class", "tax_category"),
        Field("date_modified_gmt", "revision, occurred", "UTC without offset: instant_coarse"),
        Field("price, regular_price", "PriceProposal", "where the profile has prices.list"),
        Field("variations[]", "Product each", "where they are objects (old API versions)"),
        Field("type, status, catalog_visibility, backorders", "extensions"),
        Field("stock_quantity, stock_status", "–", "stock comes from the ERP"),
        Field("the event, or nothing but an id", "status deleted"),
    ),
    quirks=(
        "An empty sku, regular_price or weight is none.",
        "Old API versions list variations as objects inside their product, newer ones as ids.",
        "A variable product is a template: its variations come alone, with the parent's id.",
        "A variation without a SKU shows its product's: known inside the product, not where it comes alone.",
        "A weight has no unit: without one in the profile it is kept as text, with a warning.",
        "A delete webhook holds an id alone: no time, no SKU.",
        "A variation may say `parent` for manage_stock: its parent counts the stock.",
    ),
    entities=(Product, PriceProposal),
    key_rule="the SKU, else the `id`; templates `product:<id>`",
    revision_rule="`date_modified_gmt` (one second): later wins; a deletion counts from its capture",
    needs=(),
    looks_like=most(
        json_with("regular_price", "manage_stock", score=80),
        json_with("regular_price", "managing_stock", score=80),
        json_with("regular_price", "stock_status", score=75),
    ),
)
