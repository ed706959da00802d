"""Entities other than orders from mapped content: key, head and model.

Invariant: identity comes from mapped fields alone; what a required field lacks is refused by its name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    Customer,
    Entity,
    PartnerProfile,
    PriceProposal,
    Product,
    SettlementLine,
    Shipment,
    StockSnapshot,
    TrackingEvent,
    Variance,
    VarianceCode,
    ZoneSource,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.canonical_json_input import problems_of
from crossdock.formats.declarative.completion import Completion
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.order_variances import variance
from crossdock.formats.refusals import refuse_all
from crossdock.formats.times import has_offset

SYSTEM: Final = "declarative"
MAPPING_VERSION: Final = "declarative/1"
Content = dict[str, Any]
"""Mapped fields, JSON-like."""
_EVENT_NAMED_BY: Final = ("tracking_number", "occurred", "status_raw", "detail_raw", "location")


@dataclass(frozen=True, slots=True)
class Target:
    """One entity that a mapping may fill.

    Args:
        identity: mapped field that names the object.
        needed: further mapped fields that the key is made of.
        segments: key segments behind the tenant, of partner, account and content.
        given: fields that the partner's name, the profile or the other fields give.
    """

    model: type[Entity]
    identity: str
    segments: Callable[[str, str, Content], tuple[str, ...]]
    given: Callable[[str, str, Content], Content] = lambda partner, account, content: {}
    needed: tuple[str, ...] = ()


def _of_tracking(partner: str, _: str, content: Content) -> Content:
    """Carrier, who said the zone, and the id of an event that has none: number, time, code and place."""
    named = [content.get(name) for name in _EVENT_NAMED_BY]
    digest = hashlib.sha256(json.dumps(named, sort_keys=True, default=str).encode()).hexdigest()
    zone_source = ZoneSource.STATED if has_offset(str(content.get("occurred"))) else ZoneSource.PROFILE
    return {"carrier": partner, "zone_source": zone_source, "event_id": digest[:32]}


TARGETS: Final[dict[str, Target]] = {
    "customer": Target(Customer, "customer_id", lambda p, a, c: (p, c["customer_id"])),
    "price_proposal": Target(
        PriceProposal, "sku", lambda p, a, c: (c["price_list"], c["sku"]), needed=("price_list",)
    ),
    "product": Target(Product, "sku", lambda p, a, c: (c["sku"],)),
    "settlement_line": Target(
        SettlementLine,
        "line_id",
        lambda p, a, c: (a, c.get("settlement_id") or "-", c["line_id"]),
        lambda p, a, _: {"account": a, "settlement_id": "", "is_provisional": False},
    ),
    "shipment": Target(
        Shipment,
        "shipment_id",
        lambda p, a, c: (p, c["order_id"], c["shipment_id"]),
        lambda p, a, _: {"origin": "unknown", "purpose": "original"},
        needed=("order_id",),
    ),
    "stock_snapshot": Target(
        StockSnapshot,
        "sku",
        lambda p, a, c: (c["sku"], p, c.get("location") or "-", c["sku"]),
        lambda p, a, _: {"erp": p, "location": "", "scope": "row", "basis": "report"},
    ),
    "tracking_event": Target(
        TrackingEvent,
        "event_id",
        lambda p, a, c: (p, c["tracking_number"]),
        _of_tracking,
        needed=("tracking_number",),
    ),
}


def entity_reading(
    entity: str, content: Content, completion: Completion, record: Record, profile: PartnerProfile
) -> Reading:
    """The reading of one mapped document. Raises Rejected with every problem."""
    target = TARGETS[entity]
    partner = split_key(record.key or b"")[1]
    account = profile.settlement.account if profile.settlement else partner
    content = {**target.given(partner, account, content), **content}
    _require(target, content)
    occurred = content.pop("occurred", None) or next(
        (content[name] for name in ("as_of", "posted", "shipped", "valid_from") if content.get(name)), None
    )
    if occurred is None:
        detail = "map `occurred`: when the partner's document was made or changed"
        raise Rejected(RejectionCode.TIME_INVALID, detail, "$.occurred")
    completion.complete(target.model, content)
    moment = completion.moment(occurred, "$.occurred")
    head = Head(
        segments=target.segments(partner, account, content),
        system=SYSTEM,
        object_type=entity,
        object_id=str(content[target.identity]),
        occurred=moment,
        mapping_version=MAPPING_VERSION,
    )
    try:
        one = target.model.model_validate(head.fields(record) | content)
    except ValidationError as error:
        raise refuse_all(RejectionCode.FIELD_INVALID, problems_of(error)) from None
    if isinstance(one, SettlementLine):
        one = one.model_copy(update={"variances": tuple(_net_differs(one, profile))})
    return reading_of_entities([one], record, warnings=completion.document.warnings)


def _net_differs(line: SettlementLine, profile: PartnerProfile) -> Iterator[Variance]:
    """Gross less fee beside net, where all three are mapped: compared, never assumed."""
    if line.gross is None or line.fee is None:
        return
    figures = (line.net.amount, line.gross.amount - line.fee.amount)
    if figures[0] != figures[1]:
        tolerance = profile.tolerances.settlement.amount
        yield variance(VarianceCode.NET_AMOUNT, "net", figures, line.net.currency, tolerance)


def _require(target: Target, content: Content) -> None:
    """Fields that the key is made of, before anything is made of them."""
    names = (target.identity, *target.needed)
    missing = [name for name in names if not content.get(name)]
    if missing:
        problems = [
            (f"$.{name}", "the mapping gives this field no value, and it is required") for name in missing
        ]
        raise refuse_all(RejectionCode.ID_MISSING, problems)
