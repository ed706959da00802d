"""214: codes, times and places of a carrier."""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import TrackingEvent
from tests.kit.x12_reading import profile
from tests.kit.x12_sets import ANY_SET, kept, read_text, warned

B10 = "B10*PRO-1*SHP-1*ABCD\n"


def events(text: str) -> list[TrackingEvent]:
    return [one for one in read_text("214", text).entities if isinstance(one, TrackingEvent)]


def event(text: str) -> TrackingEvent:
    (found,) = events(text)
    return found


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("XB", "created"),
        ("AF", "picked_up"),
        ("P1", "in_transit"),
        ("X6", "in_transit"),
        ("X1", "out_for_delivery"),
        ("AV", "ready_for_pickup"),
        ("D1", "delivered"),
        ("AH", "delivery_failed"),
        ("A7", "delivery_failed"),
        ("SD", "delayed"),
        ("A9", "on_hold"),
        ("A3", "returning"),
        ("CA", "cancelled"),
        ("NT", "unknown"),
    ],
)
def test_the_code_says_where_the_goods_are(code: str, status: str) -> None:
    found = event(B10 + f"AT7*{code}*NS***20260105*1500*ES")
    assert (found.status, found.status_raw, found.detail_raw) == (status, code, "NS")


def test_an_unlisted_code_is_kept_and_told() -> None:
    found = read_text("214", B10 + "AT7*Q9*NS***20260105*1500*ES")
    assert warned(found) == {"status_unknown"}


def test_the_profile_explains_codes_of_its_own() -> None:
    own = profile(
        status_map={"fulfillment": {"Q9": "lost"}},
        exchange=ANY_SET.exchange and ANY_SET.exchange.model_dump(),
    )
    (found,) = read_text("214", B10 + "AT7*Q9*NS***20260105*1500*ES", own).entities
    assert isinstance(found, TrackingEvent)
    assert found.status == "lost"


@pytest.mark.parametrize(
    ("zone", "instant", "source"),
    [
        ("LT", "2026-01-05T21:00:00+00:00", "profile"),
        ("", "2026-01-05T21:00:00+00:00", "profile"),
        ("ET", "2026-01-05T20:00:00+00:00", "stated"),
        ("UT", "2026-01-05T15:00:00+00:00", "stated"),
        ("01", "2026-01-05T14:00:00+00:00", "stated"),
    ],
)
def test_a_time_is_read_in_the_zone_that_it_states(zone: str, instant: str, source: str) -> None:
    found = event(B10 + f"AT7*AF*NS***20260105*1500*{zone}")
    assert (found.occurred.instant.isoformat(), found.zone_source) == (instant, source)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (B10, "PRO-1"),
        ("B10**SHP-1\n", "SHP-1"),
        (B10 + "L11*1Z9*2I\n", "1Z9"),
        (B10 + "L11*C-1*CN\nL11*PO-1*PO\n", "C-1"),
    ],
)
def test_the_tracking_number_is_the_best_that_is_stated(text: str, number: str) -> None:
    assert event(text + "AT7*AF*NS***20260105*1500*ES").key == f"acme/dist/{number}"


def test_an_estimate_is_no_milestone() -> None:
    found = event(B10 + "AT7*AG*NS***20260108*1200*UT")
    assert found.status == "unknown"
    assert found.estimated_delivery is not None
    assert found.estimated_delivery.date.day == 8
    assert found.occurred.date.day == 5


def test_an_appointment_states_no_milestone() -> None:
    found = event(B10 + "AT7***AB*NA*20260108*1200*ES")
    assert (found.status, found.status_raw, found.detail_raw) == ("unknown", "AB", "NA")


def test_a_position_in_degrees_is_kept() -> None:
    found = event(B10 + "AT7*X3*NS***20260105*1500*ES\nMS1****0914726*0431836*W*N")
    assert (found.location, kept(found)["MS1"]) == (None, "***0914726*0431836*W*N")


def test_each_status_has_its_place_and_references() -> None:
    text = (
        B10
        + "L11*PO-1*PO\nLX*1\nAT7*AF*NS***20260105*1500*ES\nMS1*CHICAGO*IL*USA\n"
        + "LX*2\nAT7*D1*NS***20260104*0900*ES\nL11*SIG*8X"
    )
    first, second = events(text)
    assert first.location is not None
    assert (first.location.city, first.location.region, first.location.country) == ("CHICAGO", "IL", "US")
    assert second.location is None
    assert (kept(first)["L11.PO"], kept(second)["L11.8X"]) == ("PO-1", "SIG")
    assert (first.status, second.status) == ("picked_up", "delivered")
    assert first.event_id != second.event_id


def test_the_same_event_sent_again_has_the_same_id() -> None:
    text = B10 + "AT7*AF*NS***20260105*1500*ES"
    assert event(text).event_id == event(text + "\nMS2*ABCD*77").event_id


@pytest.mark.parametrize("clock", ["2561*ES", "1500*QQ"])
def test_a_clock_that_cannot_be_read_leaves_its_day(clock: str) -> None:
    found = read_text("214", f"{B10}AT7*AF*NS***20260105*{clock}")
    (event,) = found.entities
    assert isinstance(event, TrackingEvent)
    assert (event.occurred.precision, event.occurred.date.day, event.zone_source) == ("day", 5, "profile")
    assert warned(found) == {"clock_invalid"}


@pytest.mark.parametrize("date", ["", "20260230"])
def test_a_status_without_a_readable_date_costs_itself_alone(date: str) -> None:
    found = read_text("214", f"{B10}AT7*AF*NS***20260105*1500*ES\nAT7*D1*NS***{date}*1500*ES")
    assert [one.status_raw for one in found.entities if isinstance(one, TrackingEvent)] == ["AF"]
    assert "status_without_date" in warned(found)


def test_the_same_status_twice_is_one_event() -> None:
    text = "AT7*AF*NS***20260105*1500*ES"
    assert len(events(f"{B10}LX*1\n{text}\nLX*2\n{text}")) == 1
    assert len(events(f"{B10}LX*1\n{text}\nL11*7*BM\nLX*2\n{text}")) == 2


def test_each_loop_names_its_own_parcel() -> None:
    first = "LX*1\nAT7*AF*NS***20260105*1500*ES\nAT7*X6*NS***20260106*1500*ES\nL11*T1*CN\n"
    others = "LX*2\nAT7*D1*NS***20260107*1500*ES\nL11*T2*2I\nLX*3\nAT7*SD*NS***20260107*1500*ES"
    found = events(B10 + first + others)
    assert [one.tracking_number for one in found] == ["T1", "T1", "T2", "PRO-1"]
    assert [one.tracking_number for one in events(B10 + first)] == ["T1", "T1"]
    found = events(f"{B10}L11*T0*2I\n{first}{others}")
    assert [one.tracking_number for one in found] == ["T1", "T1", "T2", "T0"]


def test_a_status_without_any_code_is_told() -> None:
    assert warned(read_text("214", f"{B10}AT7*****20260105*1500*ES")) == {"status_unknown"}


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("AT7*AF*NS***20260105*1500*ES", "id_missing", "segment 1 ST"),
        ("B10***ABCD\nAT7*AF*NS***20260105*1500*ES", "id_missing", "B10/B1001"),
        (B10, "lines_missing", "segment 3 SE"),
        (B10 + "AT7*AF*NS", "time_invalid", "AT7/AT705"),
        (B10 + "AT7*AF*NS***20260230*1500*ES\nAT7*D1*NS***20260231", "time_invalid", "AT7/AT705"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text: str, code: str, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_text("214", text)
    assert (refused.value.code, refused.value.path.endswith(path)) == (code, True), refused.value.path
