"""Business times: instants and dates, never a guessed zone."""

from __future__ import annotations

from datetime import date

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.formats.times import business_day, business_time, epoch_time, mail_time


@pytest.mark.parametrize(
    ("raw", "zone", "instant", "day", "offset"),
    [
        ("2026-01-31T23:30:00+01:00", None, "2026-01-31T22:30:00", "2026-01-31", 60),
        ("2026-01-31T23:30:00Z", "Asia/Tokyo", "2026-01-31T23:30:00", "2026-02-01", 540),
        ("2026-01-31T23:30:00.123456Z", None, "2026-01-31T23:30:00.123456", "2026-01-31", 0),
        ("2026-01-31T23:30:00-00:00", None, "2026-01-31T23:30:00", "2026-01-31", 0),
        ("2026-01-31T23:30:00-00:00", "Europe/Berlin", "2026-01-31T23:30:00", "2026-02-01", 60),
        ("2026-07-01T00:30:00", "Europe/Berlin", "2026-06-30T22:30:00", "2026-07-01", 120),
        ("2026-01-31 23:30:00 -0500", None, "2026-02-01T04:30:00", "2026-01-31", -300),
        ("2026-01-31 23:30:00 UTC", None, "2026-01-31T23:30:00", "2026-01-31", 0),
        ("2026-01-31T23%3A30%3A00%2B01%3A00", None, "2026-01-31T22:30:00", "2026-01-31", 60),
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00", "2026-03-29", 120),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00", "2026-10-25", 120),
    ],
)
def test_a_moment_has_its_instant_and_its_business_date(
    raw: str, zone: str | None, instant: str, day: str, offset: int
) -> None:
    found = business_time(raw, "$.at", zone=zone)
    assert found.instant.isoformat().removesuffix("+00:00") == instant
    assert (found.date.isoformat(), found.offset_minutes) == (day, offset)


def test_a_naive_utc_field_is_dated_in_the_entitys_zone() -> None:
    found = business_time("2026-01-31T23:30:00", "$.at", zone="Europe/Berlin", naive_zone="UTC")
    assert (found.instant.hour, found.date.isoformat()) == (23, "2026-02-01")


NO_MOMENTS: tuple[object, ...] = (
    *("", "yesterday", "2026-01-31", "2026-02-30T00:00:00Z", "2026-01-31T25:00:00Z", "2026-01-31T23:30:00"),
    *("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "T" * 30, "9" * 100, "\ud800" * 20),
    *(7, None, {}),
)


@pytest.mark.parametrize("raw", NO_MOMENTS, ids=lambda value: ascii(value)[:30])
def test_what_is_no_moment_is_refused(raw: object) -> None:
    with pytest.raises(Rejected) as refused:
        business_time(raw, "$.at", zone=None)
    assert (refused.value.code, refused.value.path) == ("time_invalid", "$.at")


def test_a_day_starts_at_midnight_of_its_zone() -> None:
    found = business_day(date(2026, 7, 1), "America/Chicago")
    assert (found.instant.isoformat(), found.precision) == ("2026-07-01T05:00:00+00:00", "day")


@pytest.mark.parametrize(
    ("raw", "per_second", "instant"),
    [
        (1_769_902_200_250, 1000, "2026-01-31T23:30:00.250000"),
        ("1769902200", 1, "2026-01-31T23:30:00"),
        (0, 1000, "1970-01-01T00:00:00"),
        (-1, 1, "1969-12-31T23:59:59"),
    ],
)
def test_a_number_since_1970_is_an_instant(raw: object, per_second: int, instant: str) -> None:
    found = epoch_time(raw, "$.at", zone=None, per_second=per_second)
    assert found.instant.isoformat().removesuffix("+00:00") == instant
    assert epoch_time(1_769_902_200, "$.at", zone="Asia/Tokyo", per_second=1).date == date(2026, 2, 1)


@pytest.mark.parametrize("raw", [None, True, "1.5", "yesterday", 10**18, "9" * 30, "", []])
def test_what_is_no_number_since_1970_is_refused(raw: object) -> None:
    with pytest.raises(Rejected) as refused:
        epoch_time(raw, "$.at", zone="UTC")
    assert (refused.value.code, refused.value.path) == ("time_invalid", "$.at")


@pytest.mark.parametrize(
    ("raw", "instant", "offset"),
    [
        ("Sat, 31 Jan 2026 23:30:00 +0000", "2026-01-31T23:30:00", 0),
        ("Sat, 31 Jan 2026 23:30:00 -0500", "2026-02-01T04:30:00", -300),
        ("31 Jan 2026 23:30:00 -0000", "2026-01-31T23:30:00", 0),
    ],
)
def test_a_mail_time_is_an_instant(raw: str, instant: str, offset: int) -> None:
    found = mail_time(raw, "$.at", zone=None)
    assert found.instant.isoformat().removesuffix("+00:00") == instant
    assert found.offset_minutes == offset


@pytest.mark.parametrize(
    "raw", [None, 5, "", "soon", "Sat, 31 Jan 2026 23:30:00", "Sat, 99 Jan 2026 00:00:00 +0000"]
)
def test_a_mail_time_without_offset_or_meaning_is_refused(raw: object) -> None:
    with pytest.raises(Rejected) as refused:
        mail_time(raw, "$.at", zone=None)
    assert refused.value.code == "time_invalid"
