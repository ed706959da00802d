"""Answers of carriers' older and newer APIs, and what single details of them say: one claim per quirk."""

from __future__ import annotations

import json

import pytest

from crossdock.canonical.models import TrackingEvent
from crossdock.canonical.record import Record
from crossdock.formats.carriers.moments import clock_of, moment
from crossdock.formats.registry import FORMATS
from tests.kit.carrier_payloads import PROFILE, ZONE
from tests.kit.tracking_reading import events, read, refused


def told(found: list[TrackingEvent]) -> list[tuple[str, str, str]]:
    return [(one.occurred.instant.isoformat()[:16], one.status_raw, one.status.value) for one in found]


def warned(form: str, payload: object) -> list[str]:
    return [one.code for one in read(form, payload).warnings]


# ---- times -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("235959", "23:59:59"),
        ("2359", "23:59:00"),
        ("90500", "09:05:00"),
        ("23:59:59", "23:59:59"),
        ("10:14:00-05:00", "10:14:00-05:00"),
        *((wrong, None) for wrong in ("240000", "24:00:00", "2460", "996161", "12", "", "noon")),
    ],
)
def test_a_clock_is_a_time_of_day_or_none(text: str, clock: str | None) -> None:
    assert clock_of(text) == clock


def test_a_clock_that_is_none_leaves_the_day_of_its_detail_alone() -> None:
    acts = [{"date": "20260303", "time": time, "status": {"code": "DP"}} for time in ("240000", "101500")]
    package = {"trackingNumber": "1Z", "activity": acts}
    answer = {"trackResponse": {"shipment": [{"package": [package]}]}}
    assert [one.occurred.precision.value for one in events("ups_tracking", answer)] == ["day", "instant"]
    assert warned("ups_tracking", answer) == ["clock_invalid"]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-05-07 23:59:00 GMT-04:00", "2026-05-08T03:59:00+00:00"),
        ("2026-05-07 23:59:00 GMT", "2026-05-07T23:59:00+00:00"),
        ("20260507:133457", "2026-05-07T17:34:57+00:00"),
    ],
)
def test_carriers_own_ways_to_write_a_moment(text: str, instant: str) -> None:
    assert moment(text, "$", ZONE).at.instant.isoformat() == instant


# ---- errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "answer", "path"),
    [
        ("gls_tracking", {"parcels": [{"requested": "1", "errorCode": "E_404_01"}]}, "$.parcels[0]"),
        ("laposte_tracking", {"returnCode": 404, "idShip": "EX1"}, "$"),
        ("purolator_tracking", {"searchResult": [{"trackingId": "1", "status": "NO"}]}, "$.searchResult[0]"),
        (
            "usps_tracking",
            b'<TrackResponse><TrackInfo ID="1"><Error><Number>2</Number></Error></TrackInfo></TrackResponse>',
            "$.TrackResponse.TrackInfo[0]",
        ),
        (
            "ups_tracking",
            {"trackResponse": {"shipment": [{"inquiryNumber": "1Z", "warnings": [{"code": "TW0001"}]}]}},
            "$.trackResponse.shipment[0]",
        ),
    ],
)
def test_an_error_alone_is_no_parcel(form: str, answer: object, path: str) -> None:
    assert refused(form, answer) == ("id_missing", path)


def test_an_error_beside_histories_is_told() -> None:
    good = {
        "inquiryNumber": "1Z1",
        "package": [{"activity": [{"date": "20260303", "status": {"type": "D"}}]}],
    }
    lost = {"warnings": [{"code": "TW0001"}]}
    answer = {"trackResponse": {"shipment": [good, lost, lost | {"inquiryNumber": "1Z2"}]}}
    assert [one.tracking_number for one in events("ups_tracking", answer)] == ["1Z1"]
    assert warned("ups_tracking", answer) == ["carrier_error", "carrier_error"]


# ---- generations -----------------------------------------------------------------------------------------


def test_a_track_reply_without_groups_is_read() -> None:
    event = "<Events><Timestamp>2010-06-01T10:00:00-05:00</Timestamp><EventType>OD</EventType></Events>"
    details = (
        f"<TrackDetails><TrackingNumber>1</TrackingNumber><StatusCode>DL</StatusCode>{event}</TrackDetails>"
    )
    reply = f'<v4:TrackReply xmlns:v4="http://fedex.com/ws/track/v4">{details}</v4:TrackReply>'.encode()
    assert told(events("fedex_tracking", reply)) == [("2010-06-01T15:00", "OD", "out_for_delivery")]
    assert warned("fedex_tracking", reply) == ["status_differs"]


def test_a_result_of_another_number_is_told() -> None:
    result = {"trackingNumberInfo": {"trackingNumber": "2"}, "scanEvents": [{"date": "2026-03-03T10:00:00Z"}]}
    answer = {"output": {"completeTrackResults": [{"trackingNumber": "1", "trackResults": [result]}]}}
    assert "number_differs" in warned("fedex_tracking", answer)


def test_ups_soap_and_its_json_say_the_same() -> None:
    activity = {
        "ActivityLocation": {"Address": {"City": "EXAMPLETON", "CountryCode": "US"}},
        "Status": {"Type": "I", "Code": "OT"},
        "Date": "20260303",
        "Time": "093223",
        "GMTDate": "2026-03-03",
        "GMTTime": "14:32:23",
    }
    number = {"Code": "01", "Value": "1Z"}
    shipment = {"InquiryNumber": number, "Package": {"Activity": activity}}
    from_json = events("ups_tracking", {"TrackResponse": {"Shipment": shipment}})
    from_xml = events("ups_tracking", _xml("Envelope", {"Body": {"TrackResponse": {"Shipment": shipment}}}))
    assert told(from_json) == told(from_xml) == [("2026-03-03T14:32", "OT", "out_for_delivery")]
    assert {one.tracking_number for one in from_json + from_xml} == {"1Z"}


def _xml(name: str, value: object) -> bytes:
    inner = (
        b"".join(_xml(one, inner) for one, inner in value.items())
        if isinstance(value, dict)
        else str(value).encode()
    )
    return b"<u:%b>%b</u:%b>" % (name.encode(), inner, name.encode())


def test_two_details_of_canada_post_keep_their_numbers() -> None:
    event = "<event-identifier>0174</event-identifier><event-date>2026-03-03</event-date>"
    many = "".join(
        f"<tracking-detail><pin>{pin}</pin><significant-events><occurrence>{event}</occurrence>"
        "</significant-events></tracking-detail>"
        for pin in (1, 2)
    )
    found = events("canadapost_tracking", f"<wrapper>{many}</wrapper>".encode())
    assert sorted(one.tracking_number for one in found) == ["1", "2"]


def test_a_state_that_is_no_province_is_not_in_canada() -> None:
    event = {"event-identifier": "100", "event-date": "2026-03-03", "event-province": "NY"}
    events_of = {"occurrence": [event, event | {"event-province": "QC"}]}
    found = events("canadapost_tracking", {"tracking-detail": {"pin": "1", "significant-events": events_of}})
    assert {(one.location.region, one.location.country) for one in found if one.location} == {
        *(("NY", None), ("QC", "CA")),
    }


def test_the_cloud_service_of_dpd_is_read() -> None:
    status = {"status": "SHIPMENT", "statusHasBeenReached": "true", "date": {"content": "03.03.2026, 13:20"}}
    data = {"shipmentInfo": {"parcelLabelNumber": "0530"} | status, "statusInfo": {"status": "Delivered"}}
    result = {"getParcelLifeCycleResult": {"Ack": "true", "ParcelLifeCycleData": data}}
    answer = _xml("Envelope", {"Body": {"getParcelLifeCycleResponse": result}})
    assert told(events("dpd_tracking", answer)) == [("2026-03-03T18:20", "SHIPMENT", "created")]
    assert warned("dpd_tracking", answer) == ["detail_without_time"]


# ---- what statuses say -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status_code", "words", "meaning", "is_conflict"),
    [
        ("transit", "OUT FOR DELIVERY", "out_for_delivery", False),
        ("transit", "DELIVERED_AT_PARCELSHOP", "ready_for_pickup", False),
        ("failure", "RETURNED_TO_SHIPPER", "returning", False),
        ("unknown", "Delivered", "delivered", False),
        ("failure", "TRANSIT", "delivery_failed", True),
        ("delivered", "RETURNED", "delivered", True),
        ("pre-transit", "OUT FOR DELIVERY", "created", True),
        ("transit", "Something else", "in_transit", False),
    ],
)
def test_dhls_words_tell_more_within_the_class_of_the_code(
    status_code: str, words: str, meaning: str, is_conflict: bool
) -> None:
    event = {"timestamp": "2026-03-03T10:00:00Z", "statusCode": status_code, "status": words}
    (found,) = events("dhl_tracking", {"shipments": [{"id": "1", "events": [event], "status": event}]})
    assert (found.status.value, found.is_status_conflict) == (meaning, is_conflict)
    assert warned("dhl_tracking", {"shipments": [{"id": "1", "events": [event], "status": event}]}) == []


@pytest.mark.parametrize(
    ("locality", "city", "region"),
    [
        ("Example Street 2, EXAMPLETON", "EXAMPLETON", None),
        ("Exampleton,Hungary,EMEA - Pat Sample,1097", "Exampleton", None),
        ("Exampleton, IL, US", "Exampleton", "IL"),
        ("Germany", "Germany", None),
    ],
)
def test_a_locality_of_dhl_is_a_town_without_streets_and_persons(
    locality: str, city: str, region: str | None
) -> None:
    where = {"address": {"addressLocality": locality}}
    event = {"timestamp": "2026-03-03T10:00:00Z", "statusCode": "transit", "location": where}
    (found,) = events("dhl_tracking", {"shipments": [{"id": "1", "events": [event]}]})
    assert found.location is not None
    assert (found.location.city, found.location.region) == (city, region)


def test_shipments_of_one_customer_reference_are_told_apart() -> None:
    event = {"timestamp": "2026-03-03T10:00:00Z", "statusCode": "transit"}
    details = {"references": [{"number": "77", "type": "ecommerce-number"}]}
    shipments = [
        {"id": "1", "service": "ecommerce", "details": details, "events": [event]},
        {"id": "1", "service": "parcel-de", "events": [event | {"statusCode": "delivered"}]},
    ]
    found = events("dhl_tracking", {"shipments": shipments})
    assert sorted(one.extensions[0].value for one in found) == ["77", "parcel-de"]


@pytest.mark.parametrize(
    ("status", "substatus", "meaning", "is_conflict"),
    [
        ("DELIVERED", "information_received", "delivered", True),
        ("TRANSIT", "delivered", "in_transit", True),
        ("TRANSIT", "delivery_attempted", "delivery_failed", False),
        ("UNKNOWN", "package_lost", "lost", False),
        ("TRANSIT", "other", "in_transit", False),
    ],
)
def test_a_substatus_of_shippo_tells_more_within_its_status(
    status: str, substatus: str, meaning: str, is_conflict: bool
) -> None:
    entry = {"status": status, "substatus": {"code": substatus}, "status_date": "2026-03-03T10:00:00Z"}
    track = {"tracking_number": "1", "carrier": "usps", "tracking_history": [entry]}
    (found,) = events("shippo_tracking", track)
    assert (found.status.value, found.is_status_conflict) == (meaning, is_conflict)


def test_a_status_of_shippo_without_a_date_is_told() -> None:
    track = {"tracking_number": "1", "tracking_status": {"status": "DELIVERED"}}
    reading = read("shippo_tracking", {"event": "track_updated", "data": track})
    assert ([one.code for one in reading.warnings], reading.entities) == (["no_details"], ())
    assert "'DELIVERED'" in reading.warnings[0].detail


def test_a_parcels_own_status_of_gls_is_an_event_where_no_event_has_its_time() -> None:
    event = {"code": "INTIAL.NORMAL", "eventDateTime": "2026-03-02T10:00:00+0100"}
    parcel = {"requested": "1", "status": "INTRANSIT", "statusDateTime": "2026-03-03T10:00:00+0100"}
    found = events("gls_tracking", {"parcels": [parcel | {"events": [event]}]})
    assert [one.status_raw for one in found] == ["INTIAL.NORMAL", "INTRANSIT"]
    repeated = parcel | {"events": [event | {"eventDateTime": "2026-03-03T10:00:00+0100"}]}
    for stated in ("2026-03-03T10:00:00+0100", "2026-03-03T10:00:00"):
        answer = {"parcels": [repeated | {"statusDateTime": stated}]}
        assert len(events("gls_tracking", answer)) == 1


def test_the_answer_of_gls_website_has_one_code() -> None:
    where = {"city": "Beispielstadt", "countryCode": "DE", "countryName": "Germany"}
    history = [
        {"date": "2026-03-03", "time": time, "address": where, "evtDscr": "SAMPLE"}
        for time in ("12:42:58", "08:00:00")
    ]
    unit = {"tuNo": "71100000042", "history": history, "progressBar": {"statusInfo": "DELIVERED"}}
    found = events("gls_tracking", {"tuStatus": [unit]})
    assert told(found) == [("2026-03-03T13:00", "", "unknown"), ("2026-03-03T17:42", "", "delivered")]
    assert {one.tracking_number for one in found} == {"71100000042"}
    assert refused("gls_tracking", {"lastError": "E998", "exceptionText": "SAMPLE"})[0] == "id_missing"


def test_the_estimate_of_aftership_may_be_a_text() -> None:
    checkpoint = {"checkpoint_time": "2026-03-03T10:00:00Z", "tag": "InfoReceived"}
    tracking = {"tracking_number": "1", "slug": "x", "tag": "Delivered", "subtag": "Delivered_001"}
    stated = {"courier_estimated_delivery_date": "2026-03-05", "checkpoints": [checkpoint]}
    (found,) = events("aftership_tracking", tracking | stated)
    assert found.estimated_delivery is not None
    assert found.estimated_delivery.date.isoformat() == "2026-03-05"
    assert warned("aftership_tracking", tracking | stated) == ["status_differs"]


def test_details_that_differ_in_prose_alone_are_one_event_and_told() -> None:
    same = {"eventTimestamp": "2026-03-03T17:57:00", "GMTOffset": "-08:00", "eventCode": "10"}
    answer = {"trackingNumber": "1", "trackingEvents": [same | {"eventType": one} for one in ("In", "Out")]}
    assert len(events("usps_tracking", answer)) == 1
    assert warned("usps_tracking", answer) == ["details_alike"]
    answer["trackingEvents"] = [same, same]
    assert warned("usps_tracking", answer) == []


def test_a_history_in_prose_alone_is_told() -> None:
    prose = "<TrackSummary>Your item was delivered.</TrackSummary><TrackDetail>Arrival</TrackDetail>"
    info = f'<TrackInfo ID="1">{prose}<TrackDetail>Acceptance</TrackDetail></TrackInfo>'
    answer = f"<TrackResponse>{info}</TrackResponse>".encode()
    assert warned("usps_tracking", answer) == ["detail_unreadable", "detail_unreadable", "no_details"]


def test_a_list_of_easyposts_events_is_split() -> None:
    detail = {"status": "delivered", "datetime": "2026-03-03T10:00:00Z"}
    event = {
        "object": "Event",
        "result": {"tracking_code": "EZ1", "carrier": "X", "tracking_details": [detail]},
    }
    split = FORMATS["easypost_tracker"].split
    assert split is not None
    data = json.dumps({"events": [event, event], "has_more": False}).encode()
    parts = split(Record("raw.document.v1", 0, 0, b"acme/haul/file", data), PROFILE).parts
    assert [part.key for part in parts] == ["acme/haul/tracking:EZ1"] * 2
