"""Notifications of Amazon's selling-partner interfaces, from a queue or an event bus.

Invariant: a notification that carries facts becomes them; one that only names an object, or tells of an
order without its amounts, is refused with the call that fetches the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import (
    BusinessTime,
    Entity,
    PartnerProfile,
    SettlementLine,
    Shipment,
    StockSnapshot,
    TrackingEvent,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.amazon.fields import AmazonFields, either
from crossdock.formats.amazon.notification_parcels import ParcelNotices, tracking_number
from crossdock.formats.amazon.notification_stock import StockNotices
from crossdock.formats.amazon.transactions import read_transaction
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, identity, text
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.settlement_lines import SettlementAccount

MAPPING_VERSION: Final = "amazon_notification/1"
_FETCH_ORDER: Final = (
    "it carries no amounts, so it is no order; fetch the order with its items (searchOrders as amazon_order, "
    "or getOrder and getOrderItems as amazon_order_v0)"
)
_THIN: Final = {
    "ORDER_CHANGE": _FETCH_ORDER,
    "ORDER_STATUS_CHANGE": _FETCH_ORDER,
    "MFN_ORDER_STATUS_CHANGE": _FETCH_ORDER,
    "REPORT_PROCESSING_FINISHED": "it only names a report; fetch its document (getReportDocument)",
    "FEED_PROCESSING_FINISHED": "it only names a feed; fetch its result (getFeed)",
    "DATA_KIOSK_QUERY_PROCESSING_FINISHED": "it only names a document; fetch it (getDocument)",
}
"""Notifications that name an object, and what to call for it."""


_SHIPMENTS: Final = frozenset({"FULFILLMENT_ORDER_STATUS", "FBA_OUTBOUND_SHIPMENT_STATUS"})
_MILESTONES: Final = ("SHIPMENT_TRACKING_MILESTONE_CHANGED", "SHIPMENT_TRACKING_MILESTONE")
_WAREHOUSES: Final = ("FBA_INVENTORY_AVAILABILITY_CHANGES", "FBA_INVENTORY_AVAILABILITY_CHANGE")


_BARE: Final = "Notification"
"""What the name of a payload ends in."""
_BARE_NAMES: Final = tuple(
    f"{first}{rest}{_BARE}"
    for letters, rest in (("Ff", "ulfillmentOrderStatus"), ("Oo", "rderChange"), ("Tt", "ransactionUpdate"))
    for first in letters
)
"""Payloads that are recognised without their envelope."""


@dataclass(slots=True)
class _Notice:
    """One notification without its envelope."""

    kind: str
    node: Node
    path: str
    root: Node
    root_path: str

    @property
    def notification_id(self) -> str | None:
        """Identity of the notification itself."""
        metadata = child(self.root, either(self.root, "NotificationMetadata"))
        return text(metadata, either(metadata, "NotificationId"))


def _notice(document: Document) -> _Notice:
    root, path = document.root, "$"
    if isinstance(root.get("detail"), dict):  # an event bus wraps it
        root, path = child(root, "detail"), "$.detail"
    kind = text(root, either(root, "NotificationType"))
    if kind is None and (bare := _without_envelope(root, path)) is not None:
        return bare
    if kind is None:
        detail = "the notification does not say its type"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.{either(root, 'NotificationType')}")
    name = either(root, "Payload")
    node, place = child(root, name), f"{path}.{name}"
    if len(node) == 1:
        inner, content = next(iter(node.items()))
        if isinstance(content, dict):
            node, place = content, f"{place}.{inner}"
    return _Notice(kind, node, place, root, path)


def _without_envelope(root: Node, path: str) -> _Notice | None:
    """A payload alone, whose only member is named after its type: `OrderChangeNotification`."""
    name, node = next(iter(root.items())) if len(root) == 1 else ("", None)
    if not isinstance(node, dict) or not name.endswith(_BARE):
        return None
    word = name.removesuffix(_BARE)
    kinds = {kind.replace("_", ""): kind for kind in (*_READERS, *_THIN)}
    return _Notice(kinds.get(word.upper(), word), node, f"{path}.{name}", root, path)


key = key_by(lambda document: _key(_notice(document)))
"""`shipment:<id>`, `tracking:<number>` or `stock:<SKU>`, else `notification:<id>`; never an order's, so
that a refused notice holds no order. None where it has none of them."""


def _key(notice: _Notice) -> str | None:
    node, path = notice.node, notice.path
    if notice.kind in _SHIPMENTS:
        block = child(node, either(node, "FulfillmentShipment")) or node
        return f"shipment:{identity(block, either(block, 'AmazonShipmentId'), path)}"
    if notice.kind in _MILESTONES:
        detail = child(node, either(node, "TrackingDetail")) or node
        return f"tracking:{tracking_number(detail, path)}"
    if notice.kind in _WAREHOUSES:
        return f"stock:{identity(node, either(node, 'SKU'), path)}"
    return f"notification:{notice.notification_id}" if notice.notification_id else None


def split(record: Record, _: PartnerProfile) -> Reading:
    """The notifications of an array, of JSON lines or of a queue's messages."""
    return split_json(record, key, kind="notification", wrappers=("notifications",), own_arrays=())


def read(record: Record, profile: PartnerProfile) -> Reading:
    """What the notification reports. Raises Rejected."""
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


class _Mapping:
    """One notification of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        self._document = document
        self._record = record
        self._profile = profile
        self._notice = _notice(document)
        self._fields = AmazonFields(document, profile)
        self._account = SettlementAccount(record, profile, "amazon", MAPPING_VERSION)

    def reading(self) -> Reading:
        """The entities of the notification, refused or with their warnings."""
        reader = _READERS.get(self._notice.kind)
        if reader is None:
            raise self._refusal(self._notice.kind)
        entities = reader(self)
        if not entities:
            detail = "the notification holds no row"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, self._notice.path)
        revision = entities[0].revision
        mark = RevisionMark(revision.kind, revision.value)
        warnings = [*self._document.warnings, *self._account.warnings]
        return reading_of_entities(entities, self._record, mark, warnings=warnings)

    def _refusal(self, kind: str) -> Rejected:
        thin = _THIN.get(kind)
        if thin is not None:
            return Rejected(RejectionCode.FIELD_INVALID, f"{kind}: {thin}", self._notice.path)
        detail = f"a notification of type {shown(kind)} reports nothing that is kept; do not subscribe to it"
        place = f"{self._notice.root_path}.{either(self._notice.root, 'NotificationType')}"
        return Rejected(RejectionCode.FIELD_INVALID, detail, place)

    def _event_time(self) -> BusinessTime:
        """When it happened. Raises Rejected TIME_INVALID."""
        root, path = self._notice.root, self._notice.root_path
        name = either(root, "EventTime")
        found = self._fields.time(root, name, path, self._profile.business_zone)
        if found is None:
            detail = "the notification does not say when it happened"
            raise Rejected(RejectionCode.TIME_INVALID, detail, f"{path}.{name}")
        return found

    def _parcels(self) -> ParcelNotices:
        return ParcelNotices(self._fields, self._record, self._profile, MAPPING_VERSION)

    def _stock(self) -> StockNotices:
        return StockNotices(self._fields, self._record, self._profile, MAPPING_VERSION)

    def fulfillment(self) -> Sequence[Entity]:
        """FULFILLMENT_ORDER_STATUS."""
        return (self._parcels().of_fulfillment(self._notice.node, self._notice.path, self._event_time),)

    def outbound(self) -> Sequence[Entity]:
        """FBA_OUTBOUND_SHIPMENT_STATUS."""
        return (self._parcels().of_outbound(self._notice.node, self._notice.path, self._event_time()),)

    def milestones(self) -> Sequence[Entity]:
        """SHIPMENT_TRACKING_MILESTONE and …_CHANGED."""
        return self._parcels().of_milestones(self._notice.node, self._notice.path)

    def transaction(self) -> Sequence[Entity]:
        """TRANSACTION_UPDATE."""
        found = read_transaction(self._account, self._fields, self._notice.node, self._notice.path)
        return [found.completed(line) for line in self._account.lines([found.draft])]

    def warehouses(self) -> Sequence[Entity]:
        """FBA_INVENTORY_AVAILABILITY_CHANGES."""
        return tuple(self._stock().of_warehouses(self._notice.node, self._notice.path, self._event_time()))

    def items(self) -> Sequence[Entity]:
        """ITEM_INVENTORY_EVENT_CHANGE."""
        return tuple(self._stock().of_items(self._notice.node, self._notice.path))


_READERS: Final[dict[str, Callable[[_Mapping], Sequence[Entity]]]] = {
    "FULFILLMENT_ORDER_STATUS": _Mapping.fulfillment,
    "FBA_OUTBOUND_SHIPMENT_STATUS": _Mapping.outbound,
    "TRANSACTION_UPDATE": _Mapping.transaction,
    "ITEM_INVENTORY_EVENT_CHANGE": _Mapping.items,
    **dict.fromkeys(_MILESTONES, _Mapping.milestones),
    **dict.fromkeys(_WAREHOUSES, _Mapping.warehouses),
}
FORMAT: Final = Format(
    name="amazon_notification",
    title="Amazon notification (shipments, tracking, transactions, stock)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    entities=(Shipment, TrackingEvent, SettlementLine, StockSnapshot),
    field_table=(
        Field(
            "NotificationType", "which entity", "in either letter case, also within `detail` of an event bus"
        ),
        Field("EventTime", "occurred, revision, as_of", "unless the payload has a time of its own"),
        Field("FULFILLMENT_ORDER_STATUS AmazonShipmentId", "Shipment.shipment_id"),
        Field("… SellerFulfillmentOrderId, StatusUpdatedDateTime", "Shipment.order_id, occurred, revision"),
        Field("… FulfillmentShipmentStatus", "Shipment.status_raw, packages[].status"),
        Field("… FulfillmentShipmentPackages", "Shipment.packages", "or the single one in `info`"),
        Field("FBA_OUTBOUND_SHIPMENT_STATUS ShipmentStatus", "Shipment", "one package without a number"),
        Field("SHIPMENT_TRACKING_MILESTONE(_CHANGED) milestoneHistory", "TrackingEvent", "one per milestone"),
        Field("… identifier", "TrackingEvent.tracking_number"),
        Field("… status.code, subCode", "TrackingEvent.status_raw, detail_raw"),
        Field("… trackingEstimates", "TrackingEvent.estimated_delivery", "on the latest event"),
        Field("TRANSACTION_UPDATE TotalAmount", "SettlementLine.net", "provisional: no settlement yet"),
        Field("… RelatedIdentifiers", "SettlementLine.order_reference"),
        Field("FBA_INVENTORY_AVAILABILITY_CHANGES", "StockSnapshot", "one per marketplace, every figure"),
        Field(
            "ITEM_INVENTORY_EVENT_CHANGE", "StockSnapshot", "one per row; SKU by `asin:<number>` of aliases"
        ),
        Field("ORDER_CHANGE and other notices of orders", "–", "refused: no amounts; fetch the order"),
    ),
    quirks=(
        "Envelopes are written in PascalCase or camelCase, directly or within `detail`.",
        "A queue's messages hold the notification as text: each is cut out.",
        "A payload alone is named after its type; it is read where it has a time of its own.",
        "A notice of an order has no amounts: an order of zero value would be a lie, so it is refused.",
        "A buyer's request to cancel in such a notice cancels nothing.",
        "A refused notice has a key of its own and holds no order.",
        "The latest milestone also stands in the history: it is one event.",
        "One tracking number may stand on several packages.",
        "A transaction has no settlement yet: its line is provisional, its id a hash where it has none.",
    ),
    key_rule="by type: order and shipment, tracking number, account and transaction, SKU and marketplace",
    revision_rule="EventTime or the payload's own time: later wins; transactions and tracking have none",
    needs=(),
    looks_like=most(
        json_with("NotificationType", "Payload", "EventTime", score=95),
        json_with("notificationType", "payload", "eventTime", score=95),
        *(json_with(name, score=90) for name in _BARE_NAMES),
        text_with(r"\"NotificationType\"", r"\"Payload\"", score=90, opening="{"),
    ),
)
