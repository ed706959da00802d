"""What the codes of a scan say together: more within one another, or against one another."""

from __future__ import annotations

import pytest

from tests.kit.tracking_reading import events, example, read


@pytest.mark.parametrize(
    ("status", "detail", "meaning"),
    [
        ("failure", "lost", "lost"),
        ("in_transit", "weather_delay", "delayed"),
        ("in_transit", "held", "on_hold"),
        ("in_transit", "arrived_at_facility", "in_transit"),
        ("delivered", "delayed", "delivered"),
    ],
)
def test_a_detail_of_easypost_tells_more_within_its_status(status: str, detail: str, meaning: str) -> None:
    said = {"status": status, "status_detail": detail}
    tracker = {"tracking_code": "E1", "tracking_details": [said | {"datetime": "2026-02-03T10:00:00Z"}]}
    (event,) = events("easypost_tracker", tracker | said)
    assert event.status.value == meaning
    assert not read("easypost_tracker", tracker | {"status": status, "status_detail": "unknown"}).warnings


def test_a_status_that_no_detail_repeats_is_told() -> None:
    payload = example("easypost_tracker", "delivered-out-of-order.json")
    payload["result"]["status"] = "return_to_sender"
    told = [one for one in read("easypost_tracker", payload).warnings if one.code == "status_differs"]
    assert ["'return_to_sender'" in one.detail for one in told] == [True]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("INTIAL.PREADVICE", "created"),
        ("INTIAL.NORMAL", "picked_up"),
        ("INDELIVERY.NORMAL", "out_for_delivery"),
        ("NORMAL", "unknown"),
    ],
)
def test_a_code_of_gls_means_what_its_detail_says_else_its_group(code: str, meaning: str) -> None:
    event = {"code": code, "eventDateTime": "2026-02-03T10:00:00+0100"}
    (found,) = events("gls_tracking", {"parcels": [{"requested": "5", "events": [event]}]})
    assert found.status.value == meaning


def test_a_derived_code_stands_in_for_an_unknown_type() -> None:
    found = events("fedex_tracking", example("fedex_tracking", "two-shipments.json"))
    assert [(one.status_raw, one.status.value) for one in found][1] == ("AO", "in_transit")


@pytest.mark.parametrize(
    ("derived", "meaning", "detail", "is_conflict"),
    [
        ("IT", "out_for_delivery", "67", False),
        ("DL", "out_for_delivery", "67/DL", True),
        ("??", "out_for_delivery", "67", False),
    ],
)
def test_a_derived_code_that_alone_says_delivered_is_a_conflict(
    derived: str, meaning: str, detail: str, is_conflict: bool
) -> None:
    scan = {"date": "2026-02-03T10:00:00-05:00", "eventType": "OD", "exceptionCode": "67"}
    result = {"trackingNumberInfo": {"trackingNumber": "F1"}, "scanEvents": [scan]}
    scan["derivedStatusCode"] = derived
    (found,) = events("fedex_tracking", {"trackResults": [result]})
    assert (found.status.value, found.detail_raw, found.is_status_conflict) == (meaning, detail, is_conflict)


@pytest.mark.parametrize(
    ("tag", "subtag", "meaning", "is_conflict"),
    [
        ("Exception", "Exception_011", "returned", False),
        ("Delivered", "Exception_011", "delivered", True),
        ("Delivered", "", "delivered", False),
    ],
)
def test_a_subtag_under_another_tag_is_a_conflict(
    tag: str, subtag: str, meaning: str, is_conflict: bool
) -> None:
    checkpoint = {"checkpoint_time": "2026-02-03T10:00:00Z", "tag": tag, "subtag": subtag}
    answer = {"tracking_number": "A1", "slug": "haul", "checkpoints": [checkpoint]}
    (found,) = events("aftership_tracking", answer)
    assert (found.status.value, found.is_status_conflict) == (meaning, is_conflict)


def test_dhls_words_against_its_code_are_a_conflict() -> None:
    found = events("dhl_tracking", example("dhl_tracking", "conflict.json"))
    assert [(one.status_raw, one.detail_raw, one.is_status_conflict) for one in found] == [
        ("transit", "", False),
        ("pre-transit", "DELIVERED", True),
    ]
    assert found[1].location is not None
    assert found[1].location.city == "VOORBEELD"
