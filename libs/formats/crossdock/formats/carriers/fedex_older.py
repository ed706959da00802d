"""FedEx answers of the web service (SOAP `TrackReply`, all versions) under the names of Track API v1.

Invariant: each event stays one, with the code and the time that it states.
"""

from __future__ import annotations

from typing import Final

from crossdock.formats.carriers.answers import renamed
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text

_EVENT: Final = {"date": "Timestamp", "eventType": "EventType", "exceptionCode": "StatusExceptionCode"}
_ADDRESS: Final = {
    "city": "City",
    "stateOrProvinceCode": "StateOrProvinceCode",
    "countryCode": "CountryCode",
}
_NUMBER: Final = {
    "trackingNumber": "TrackingNumber",
    "trackingNumberUniqueId": "TrackingNumberUniqueIdentifier",
}
_PLANNED: Final = {"type": "Type", "dateTime": "DateOrTimestamp"}
_FAILURES: Final = ("ERROR", "FAILURE")
"""Severities of a notification that stands where a history should."""


def from_track_reply(reply: Node) -> Node:
    """A `TrackReply` as an `output`; until version 6 its details are not grouped by number."""
    groups = children(reply, "CompletedTrackDetails") or [reply]
    results = [_result(one) for group in groups for one in children(group, "TrackDetails")]
    return {"completeTrackResults": [{"trackResults": [result]} for result in results]}


def _result(older: Node) -> Node:
    planned: Node = {"Type": "ESTIMATED_DELIVERY", "DateOrTimestamp": older.get("EstimatedDeliveryTimestamp")}
    current = text(child(older, "StatusDetail"), "Code") or text(older, "StatusCode")
    return {
        "trackingNumberInfo": renamed(older, _NUMBER),
        "latestStatusDetail": {"code": current},
        "dateAndTimes": [renamed(one, _PLANNED) for one in (planned, *children(older, "DatesOrTimes"))],
        "scanEvents": [_event(one) for one in children(older, "Events")],
        "error": _error(older),
    }


def _event(older: Node) -> Node:
    return renamed(older, _EVENT) | {"scanLocation": renamed(child(older, "Address"), _ADDRESS)}


def _error(older: Node) -> Node:
    failed = (one for one in children(older, "Notification") if text(one, "Severity") in _FAILURES)
    return next(({"code": text(one, "Code")} for one in failed), {})
