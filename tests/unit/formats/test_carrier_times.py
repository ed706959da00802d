"""What times of carriers say that cannot be read, are stated twice, or stand where no one looks first."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.formats.carriers.moments import offset_of
from tests.kit.tracking_reading import events, read, refused

ANSWERS: dict[str, Any] = {
    "aftership_tracking": lambda *times: {
        "tracking_number": "A1",
        "slug": "haul",
        "checkpoints": [{"checkpoint_time": time, "tag": "InTransit"} for time in times],
    },
    "dhl_express_tracking": lambda *times: {
        "shipmentTrackingNumber": "A1",
        "events": [
            {"date": day, "time": clock, "typeCode": "AR"}
            for day, _, clock in (time.partition("T") for time in times)
        ],
    },
    "dpd_tracking": lambda *times: {
        "parcelLifeCycleData": {
            "shipmentInfo": {"parcelLabelNumber": "A1"},
            "statusInfo": [{"date": time, "status": "HubScan"} for time in times],
        }
    },
    "fedex_tracking": lambda *times: {
        "trackingNumberInfo": {"trackingNumber": "A1"},
        "scanEvents": [{"date": time, "eventType": "AR"} for time in times],
    },
    "gls_tracking": lambda *times: {
        "requested": "A1",
        "events": [{"eventDateTime": time, "code": "INTRANSIT"} for time in times],
    },
}


def warned(form: str, payload: object) -> list[tuple[str, str]]:
    """Code and place of each warning."""
    return [(one.code, one.path) for one in read(form, payload).warnings]


@pytest.mark.parametrize("form", sorted(ANSWERS))
def test_a_time_that_cannot_be_read_costs_its_own_detail_alone(form: str) -> None:
    answer = ANSWERS[form]("2026-02-03T10:00:00", "2026-02-30T10:00:00", "2026-02-04T10:00:00")
    assert [one.occurred.date.day for one in events(form, answer)] == [3, 4]
    ((code, path),) = warned(form, answer)
    assert code == "time_invalid"
    assert "[1]." in path


@pytest.mark.parametrize("form", sorted(ANSWERS))
@pytest.mark.parametrize("clock", ["24:00:00", "10:61:00"])
def test_a_clock_that_cannot_be_read_leaves_the_day(form: str, clock: str) -> None:
    answer = ANSWERS[form](f"2026-02-03T{clock}")
    (event,) = events(form, answer)
    assert (event.occurred.date.day, event.occurred.precision) == (3, "day")
    assert [code for code, _ in warned(form, answer)] == ["clock_invalid"]


@pytest.mark.parametrize(
    ("clock", "instant", "codes"),
    [
        ("1:39 pm", "2026-03-28T17:39:00", []),
        ("12:05 AM", "2026-03-28T04:05:00", []),
        ("", "2026-03-28T04:00:00", []),
        ("13:99 pm", "2026-03-28T04:00:00", ["clock_invalid"]),
    ],
)
def test_the_clock_of_the_older_usps_stands_apart(clock: str, instant: str, codes: list[str]) -> None:
    told = "<EventDate>March 28, 2026</EventDate><EventCode>01</EventCode>"
    scan = f"<TrackSummary><EventTime>{clock}</EventTime>{told}</TrackSummary>"
    answer = f'<TrackResponse><TrackInfo ID="94">{scan}</TrackInfo></TrackResponse>'.encode()
    (event,) = events("usps_tracking", answer)
    assert event.occurred.instant.isoformat() == f"{instant}+00:00"
    assert [code for code, _ in warned("usps_tracking", answer)] == codes


@pytest.mark.parametrize("form", sorted(ANSWERS))
def test_an_answer_of_which_no_time_can_be_read_is_refused(form: str) -> None:
    code, path = refused(form, ANSWERS[form]("2026-02-30T10:00:00", "soon"))
    assert code == "time_invalid"
    assert "[0]." in path


def test_the_year_one_is_no_time() -> None:
    answer = ANSWERS["fedex_tracking"]("2026-02-03T10:00:00-05:00")
    answer["dateAndTimes"] = [{"type": "ESTIMATED_DELIVERY", "dateTime": "0001-01-01T00:00:00"}]
    (event,) = events("fedex_tracking", answer)
    assert event.estimated_delivery is None
    assert [code for code, _ in warned("fedex_tracking", answer)] == ["time_invalid"]


def test_a_status_of_gls_whose_time_cannot_be_read_is_told() -> None:
    answer = ANSWERS["gls_tracking"]("2026-02-03T10:00:00") | {
        "status": "DELIVERED",
        "statusDateTime": "03.02.",
    }
    assert len(events("gls_tracking", answer)) == 1
    assert warned("gls_tracking", answer) == [
        ("time_invalid", "$.statusDateTime"),
        ("status_differs", "$"),
    ]


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("+01:00", "+01:00"),
        ("-0500", "-05:00"),
        ("1:00", "+01:00"),
        ("+1", "+01:00"),
        *((wrong, None) for wrong in ("", "+", "EST", "+25:00", "+1:0:0:0")),
    ],
)
def test_an_offset_is_hours_and_minutes_or_none(text: str, offset: str | None) -> None:
    assert offset_of(text) == offset


def test_what_is_no_offset_leaves_the_profiles_zone() -> None:
    answer = ANSWERS["dhl_express_tracking"]("2026-02-03T10:00:00")
    answer["events"][0]["GMTOffset"] = "CEST"
    (event,) = events("dhl_express_tracking", answer)
    assert event.zone_source.value == "profile"
    assert warned("dhl_express_tracking", answer) == [("offset_invalid", "$.events[0]")]


@pytest.mark.parametrize(
    ("local", "universal", "instant", "day", "codes"),
    [
        ("2026-05-03T20:24:00", "2026-05-04T00:24:31Z", "2026-05-04T00:24:00", 3, []),
        ("2026-05-03T20:24:00", "2026-05-04T01:24:00Z", "2026-05-04T00:24:00", 3, ["offset_differs"]),
        ("2026-05-03T20:24:00Z", "2026-05-04T00:24:31Z", "2026-05-04T00:24:00", 3, []),
        ("2026-05-04T00:24:00Z", "2026-05-04T00:24:31Z", "2026-05-04T00:24:31", 3, []),
        ("2026-05-03T20:24:00Z", None, "2026-05-04T00:24:00", 3, ["offset_differs"]),
        ("2026-05-03T20:24:00-04:00", "2026-05-04T00:24:31Z", "2026-05-04T00:24:00", 3, []),
        (None, "2026-05-04T00:24:31Z", "2026-05-04T00:24:31", 4, []),
    ],
)
def test_local_time_and_gmt_of_usps_are_compared(
    local: str | None, universal: str | None, instant: str, day: int, codes: list[str]
) -> None:
    scan = {"eventTimestamp": local, "GMTTimestamp": universal, "GMTOffset": "-04:00", "eventCode": "01"}
    answer = {"trackingNumber": "94", "trackingEvents": [scan]}
    (event,) = events("usps_tracking", answer)
    assert (event.occurred.instant.isoformat(), event.occurred.date.day) == (f"{instant}+00:00", day)
    assert [code for code, _ in warned("usps_tracking", answer)] == codes


@pytest.mark.parametrize(("code", "codes"), [("01", []), ("OF", ["status_differs"])])
def test_a_delivery_that_no_event_of_usps_tells_is_told(code: str, codes: list[str]) -> None:
    scan = {"eventTimestamp": "2026-05-03T10:24:00", "eventCode": code}
    answer = {"trackingNumber": "94", "statusCategory": "Delivered", "trackingEvents": [scan]}
    assert [one for one, _ in warned("usps_tracking", answer)] == codes


def test_an_offset_of_ups_that_gmt_contradicts_is_told() -> None:
    scan = {"date": "20260303", "time": "150000", "gmtOffset": "+01:00", "status": {"code": "FS"}}
    scan |= {"gmtDate": "20260303", "gmtTime": "13:00:00"}
    answer = {"inquiryNumber": "1Z", "package": [{"trackingNumber": "1Z", "activity": [scan]}]}
    (event,) = events("ups_tracking", answer)
    assert event.occurred.instant.isoformat() == "2026-03-03T14:00:00+00:00"
    (warning,) = read("ups_tracking", answer).warnings
    assert (warning.code, warning.path) == ("offset_differs", "$.package[0].activity[0].gmtDate")
    assert "+60 minutes" in warning.detail


@pytest.mark.parametrize("is_told_of_pieces", [False, True])
def test_pieces_of_dhl_express_stand_in_for_a_shipment_without_events(is_told_of_pieces: bool) -> None:
    scan = {"date": "2026-02-03", "time": "10:00:00", "typeCode": "PU", "GMTOffset": "+01:00"}
    later = scan | {"date": "2026-02-04", "typeCode": "OK"}
    pieces = [{"number": 1, "events": [later, scan]}, {"number": 2, "events": [scan]}]
    answer = {"shipmentTrackingNumber": "1", "events": [scan] if is_told_of_pieces else [], "pieces": pieces}
    codes = [one.status_raw for one in events("dhl_express_tracking", answer)]
    assert codes == (["PU"] if is_told_of_pieces else ["PU", "OK"])
    assert not read("dhl_express_tracking", answer).warnings
