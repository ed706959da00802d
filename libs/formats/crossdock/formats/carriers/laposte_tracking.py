"""La Poste Suivi v2: `shipment.event[]`, alone or one of a list.

Invariant: the code of an event decides its status, never its label; the timeline repeats events and adds
none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime
from crossdock.formats.carriers.answers import Answer, Parcel, Scan, code
from crossdock.formats.carriers.tracking import CarrierApi
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document
from crossdock.formats.json_fields import identity, text
from crossdock.formats.json_resource import within
from crossdock.formats.likeness import json_with

_FOUND: Final = "200"


def _parcels(document: Document) -> Iterator[Parcel]:
    node, path = within(document, "shipment")
    answer = text(node, "returnCode") if node is document.root else None
    yield Parcel(identity(node, "idShip", path), node, path, error=None if answer == _FOUND else answer)


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for node, _, at in answer.details(parcel.node, "event", parcel.path, "date"):
        event_code = code(node, "code")
        yield Scan(code=event_code, at=at, status=answer.statuses.of(event_code))


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    return answer.estimate(text(parcel.node, "estimDate"), f"{parcel.path}.estimDate")


_API: Final = CarrierApi("laposte", "laposte_tracking/1", _parcels, _scans, _estimate)


FORMAT: Final = _API.format(
    "La Poste Suivi v2",
    (
        Field("shipment.idShip", "tracking_number"),
        Field("the partner", "carrier"),
        Field("shipment.event[].date", "occurred", "with offset"),
        Field("shipment.event[].code", "status, status_raw", "table laposte"),
        Field("returnCode", "–", "without a shipment the error of its number"),
        Field("shipment.event[].label", "–", "prose: not carried"),
        Field("shipment.estimDate", "estimated_delivery", "on the newest event"),
        Field("number, time and code", "event_id", "a digest: events have no id"),
    ),
    (
        "An answer for several numbers is a list; an error of one number is an object in it.",
        "The timeline says what events say, without codes: it adds none.",
    ),
    key_rule="the partner and the shipment's `idShip`",
    looks_like=json_with("idShip", "event", score=90),
)
