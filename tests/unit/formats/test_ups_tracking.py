"""UPS activities: what their times, letters and numbers say, in the generations of answers and in alerts."""

from __future__ import annotations

import pytest

from crossdock.formats.registry import FORMATS
from tests.kit.tracking_reading import events, example, read


def test_ups_times_take_the_offset_that_is_there() -> None:
    found = events("ups_tracking", example("ups_tracking", "local-times.json"))
    assert [(one.occurred.instant.isoformat(), one.zone_source.value) for one in found] == [
        ("2026-03-01T05:00:00+00:00", "profile"),
        ("2026-03-02T12:13:56+00:00", "profile"),
        ("2026-03-03T07:15:00+00:00", "stated"),
        ("2026-03-03T11:37:00+00:00", "stated"),
    ]
    assert found[0].occurred.precision == "day"


@pytest.mark.parametrize(
    ("status", "meaning", "is_conflict"),
    [
        ({"type": "D", "code": "FS", "statusCode": "011"}, "delivered", False),
        ({"type": "X", "code": "SR", "statusCode": "003"}, "in_transit", False),
        ({"type": "X", "code": "RZ", "statusCode": "014"}, "in_transit", False),
        ({"type": "X", "statusCode": "058"}, "on_hold", False),
        ({"type": "X", "code": "ZZ9"}, "on_hold", False),
        ({"type": "D", "code": "OT"}, "out_for_delivery", True),
        ({"type": "I", "code": "FS"}, "in_transit", True),
        ({"type": "X", "code": "KB"}, "on_hold", True),
        ({"statusCode": "011"}, "delivered", False),
        ({"type": "D"}, "delivered", False),
        ({"code": "ZZ9"}, "unknown", False),
    ],
)
def test_ups_letters_say_more_than_the_type(status: object, meaning: str, is_conflict: bool) -> None:
    package = {"trackingNumber": "1Z", "activity": [{"date": "20260303", "time": "120000", "status": status}]}
    (event,) = events("ups_tracking", {"trackResponse": {"shipment": [{"package": [package]}]}})
    assert (event.status.value, event.is_status_conflict) == (meaning, is_conflict)


@pytest.mark.parametrize("packages", ["", "<Package><TrackingNumber>1Z</TrackingNumber></Package>"])
def test_freight_of_ups_is_told_of_the_shipment_as_a_whole(packages: str) -> None:
    scan = (
        "<Activity><ActivityLocation><City>DALLAS</City></ActivityLocation><Date>20260112</Date></Activity>"
    )
    number = "<ShipmentIdentificationNumber>020000000</ShipmentIdentificationNumber>"
    answer = f"<TrackResponse><Shipment>{number}{packages}{scan}</Shipment></TrackResponse>".encode()
    (event,) = events("ups_tracking", answer)
    assert (event.key, event.status.value) == ("acme/haul/020000000", "unknown")
    looks_like = FORMATS["ups_tracking"].looks_like
    assert looks_like is not None
    assert looks_like(answer)


@pytest.mark.parametrize(
    ("current", "is_told"),
    [({"code": "011", "type": "D"}, True), ({"code": "021"}, False), ({"code": "072"}, False), ({}, False)],
)
def test_the_status_of_now_is_compared_with_the_activities(current: object, is_told: bool) -> None:
    scan = {"date": "20260303", "time": "120000", "status": {"type": "I", "code": "OT", "statusCode": "021"}}
    package = {"trackingNumber": "1Z", "currentStatus": current, "activity": [scan]}
    answer = {"trackResponse": {"shipment": [{"package": [package]}]}}
    warnings = [one.code for one in read("ups_tracking", answer).warnings]
    assert warnings == (["status_differs"] if is_told else [])


def test_a_ups_alert_is_one_activity() -> None:
    alert = {"trackingNumber": "1Z9", "localActivityDate": "20260303", "localActivityTime": "172949"}
    alert_status = {"type": "D", "code": "FS", "description": "DELIVERED"}
    gmt = {"gmtActivityDate": "20260303", "gmtActivityTime": "222949"}
    place_of = {"city": "EXAMPLETON", "stateProvince": "NY", "country": "US"}
    (event,) = events(
        "ups_tracking", alert | gmt | {"activityStatus": alert_status, "activityLocation": place_of}
    )
    assert (event.key, event.status, event.occurred.offset_minutes) == ("acme/haul/1Z9", "delivered", -300)
    assert event.location is not None
    assert event.location.region == "NY"
