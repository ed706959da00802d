"""USPS events: what their time says, in the three ways that answers state it."""

from __future__ import annotations

import pytest

from crossdock.canonical.models import TrackingEvent
from tests.kit.shop_reading import profile, reading_of

PROFILE = profile(
    kind="carrier", format="usps_tracking", zone="America/Chicago", channel=None, money=None, items=None
)


@pytest.mark.parametrize(
    ("stated", "instant"),
    [
        ({"eventTimestamp": "2026-05-03T10:24:00", "GMTOffset": "-04:00"}, "2026-05-03T14:24:00+00:00"),
        (
            {
                "eventTimestamp": "2026-05-03T10:24:00Z",  # local all the same
                "GMTTimestamp": "2026-05-03T14:24:00Z",
                "GMTOffset": "-04:00",
            },
            "2026-05-03T14:24:00+00:00",
        ),
        (
            {"eventTimestamp": "2026-05-03T10:24:00-04:00", "GMTOffset": "-04:00"},
            "2026-05-03T14:24:00+00:00",
        ),
        ({"eventTimestamp": "2026-05-03T10:24:00"}, "2026-05-03T15:24:00+00:00"),
    ],
)
def test_an_event_has_one_instant_however_it_is_stated(stated: dict[str, str], instant: str) -> None:
    answer = {"trackingNumber": "9400100000000000000000", "trackingEvents": [{"eventCode": "01"} | stated]}
    (event,) = reading_of("usps_tracking", answer, partner=PROFILE).entities
    assert isinstance(event, TrackingEvent)
    assert event.occurred.instant.isoformat() == instant


@pytest.mark.parametrize(
    ("stated", "country", "name"),
    [(None, "US", None), ("CA", "CA", None), ("CANADA", None, "CANADA"), ("", "US", None)],
)
def test_a_country_that_is_no_code_is_not_taken_for_home(
    stated: str | None, country: str | None, name: str | None
) -> None:
    event = {"eventTimestamp": "2026-05-03T10:24:00", "eventCode": "10", "eventState": "ON"}
    answer = {
        "trackingNumber": "9400100000000000000000",
        "trackingEvents": [event | {"eventCountry": stated}],
    }
    (found,) = reading_of("usps_tracking", answer, partner=PROFILE).entities
    assert isinstance(found, TrackingEvent)
    assert found.location is not None
    assert (found.location.country, found.location.name) == (country, name)
