"""UPS answers of other generations under the names of the Track API: Track XML, SOAP, its JSON, Track Alerts.

Invariant: each activity stays one, with the codes and the times that it states.
"""

from __future__ import annotations

from typing import Final

from crossdock.formats.carriers.answers import renamed
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text

_TIMES: Final = {
    "date": "Date",
    "time": "Time",
    "gmtDate": "GMTDate",
    "gmtTime": "GMTTime",
    "gmtOffset": "GMTOffset",
}
_ADDRESS: Final = {"city": "City", "stateProvince": "StateProvinceCode", "countryCode": "CountryCode"}
_ALERT: Final = {
    "date": "localActivityDate",
    "time": "localActivityTime",
    "gmtDate": "gmtActivityDate",
    "gmtTime": "gmtActivityTime",
    "status": "activityStatus",
}


def from_track_response(answer: Node) -> Node:
    """A `TrackResponse` as a `trackResponse`."""
    return {"shipment": [_shipment(one) for one in children(answer, "Shipment")]}


def from_alert(alert: Node) -> Node:
    """The package of a Track Alert, which is one activity."""
    activity = renamed(alert, _ALERT) | {"location": {"address": alert.get("activityLocation")}}
    planned = [{"type": "SDD", "date": alert.get("scheduledDeliveryDate")}]
    return {"activity": [activity], "deliveryDate": planned}


def _shipment(older: Node) -> Node:
    number = text(child(older, "InquiryNumber"), "Value") or text(older, "ShipmentIdentificationNumber")
    scheduled = {"type": "SDD", "date": older.get("ScheduledDeliveryDate")}
    packages = [
        _history(one, scheduled) | {"trackingNumber": one.get("TrackingNumber")}
        for one in children(older, "Package")
    ]
    return _history(older, scheduled) | {"inquiryNumber": number, "package": packages}


def _history(older: Node, scheduled: Node) -> Node:
    """What is told of a package, or of freight as a whole."""
    return {
        "activity": [_activity(one) for one in children(older, "Activity")],
        "deliveryDate": [{"type": "RDD", "date": older.get("RescheduledDeliveryDate")}, scheduled],
        "currentStatus": {"code": child(older, "CurrentStatus").get("Code")},
    }


def _activity(older: Node) -> Node:
    status, where = child(older, "Status"), child(older, "ActivityLocation")
    said = {
        "type": text(status, "Type") or text(child(status, "StatusType"), "Code"),
        "code": text(status, "Code") or text(child(status, "StatusCode"), "Code"),
    }
    address = renamed(child(where, "Address") or where, _ADDRESS)
    return renamed(older, _TIMES) | {"status": said, "location": {"address": address}}
