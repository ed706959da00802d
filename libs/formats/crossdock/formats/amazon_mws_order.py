"""Amazon orders of the legacy marketplace web service: XML with the names of the Orders API v0.

Invariant: the same order reads the same, whether it comes as XML or as JSON of the v0 interface.
"""

from __future__ import annotations

import hashlib
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import PartnerProfile, Revision, RevisionKind
from crossdock.canonical.reading import Part, Reading
from crossdock.canonical.record import Record
from crossdock.formats.amazon.mws_documents import (
    answers_document,
    answers_of,
    items_xml,
    only_order,
    order_xml,
)
from crossdock.formats.amazon.v0_documents import OrderV0
from crossdock.formats.amazon.v0_order import V0Mapping, order_id_of
from crossdock.formats.amazon_order_v0 import FIELDS
from crossdock.formats.declaration import Format
from crossdock.formats.likeness import most, text_with
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

MAPPING_VERSION: Final = "amazon_mws_order/1"


def key(record: Record) -> str | None:
    """`order:<AmazonOrderId>` of a payload of one order, None for any other."""
    try:
        orders = answers_of(answers_document(record.value or b"")).orders
        return _name(orders[0]) if len(orders) == 1 else None
    except Rejected:
        return None


def _name(order: OrderV0) -> str:
    return f"order:{order_id_of(order.order, order.path)}"


def _unnamed(document: bytes) -> str:
    return f"order:sha256-{hashlib.sha256(document).hexdigest()}"


def split(record: Record, _: PartnerProfile) -> Reading:
    """The orders of an answer, each with its items; items without their order stand apart and are refused.
    Raises Rejected where it holds no order."""
    data = record.value or b""
    answers = answers_of(answers_document(data))
    orders = answers.orders
    if len(orders) + len(answers.orphans) > PARTS_MAX:
        raise too_many_parts("$")
    tenant, partner = split_key(record.key or b"")[:2]
    is_single = len(orders) == 1 and not answers.orphans
    documents = [data] if is_single else [order_xml(order) for order in orders]
    parts = []
    for order, document in zip(orders, documents, strict=True):
        try:
            name = _name(order)
        except Rejected:
            name = _unnamed(document)
        parts.append(Part(join_key(tenant, partner, name), document))
    for document in map(items_xml, answers.orphans):
        parts.append(Part(join_key(tenant, partner, _unnamed(document)), document))
    digest = hashlib.sha256(data).digest()
    revision = Revision(
        kind=RevisionKind.NONE, value="", captured_at=record.time, content_sha256=digest.hex()
    )
    return Reading((), revision, digest, parts=tuple(parts))


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The order of a payload. Raises Rejected."""
    if not record.value:
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, "the payload is empty", "line 1 column 1")
    document = answers_document(record.value)
    return V0Mapping(document, only_order(document), record, profile).reading(MAPPING_VERSION)


FORMAT: Final = Format(
    name="amazon_mws_order",
    title="Amazon order (legacy MWS XML)",
    content_types=("text/xml", "application/xml"),
    key=key,
    read=read,
    split=split,
    field_table=FIELDS,
    quirks=(
        "Namespaces and the name of the root do not matter; a document type is refused.",
        "Items of ListOrderItems go to the order with the same AmazonOrderId; those of another are refused.",
        "Answers may follow each other, each with an XML declaration of its own.",
        "One item is an element, several are repeated elements: both are lists.",
        "An order without its items is refused: it would be an order without lines.",
        "Buyer and gift wrap stand in the order and item themselves, not in a buyer block.",
    ),
    key_rule="`AmazonOrderId`",
    revision_rule="`LastUpdateDate`: later wins; equal with other content is a conflict",
    looks_like=most(
        text_with("AmazonOrderId>", "OrderStatus", score=95, opening="<"),
        text_with("AmazonOrderId>", "OrderItemId>", "QuantityOrdered>", score=90, opening="<"),
    ),
)
