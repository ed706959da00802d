"""Zones as reports write them beside a local time: abbreviations and IANA names.

Invariant: an abbreviation that several countries use is no zone: CST, IST and others are not in the table.
"""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

_MINUTES: Final = (
    (0, "UTC GMT WET Z"),
    (60, "CET WEST BST MEZ"),
    (120, "CEST EET MESZ"),
    (180, "EEST MSK"),
    (-180, "BRT"),
    (-240, "EDT"),
    (-300, "EST CDT"),
    (-360, "MDT"),
    (-420, "MST PDT"),
    (-480, "PST AKDT"),
    (-540, "AKST"),
    (-600, "HST"),
    (480, "SGT HKT AWST MYT"),
    (540, "JST KST"),
    (600, "AEST"),
    (660, "AEDT"),
    (720, "NZST"),
    (780, "NZDT"),
)
_OFFSETS: Final = {
    name: timezone(timedelta(minutes=minutes)) for minutes, names in _MINUTES for name in names.split()
}


def zone_of(name: str) -> tzinfo | None:
    """The zone of a name; None where it is empty, unknown or has several meanings."""
    found = _OFFSETS.get(name.strip().upper())
    if found is not None or "/" not in name:
        return found
    try:
        return ZoneInfo(name.strip())
    except (ValueError, KeyError, OSError):
        return None
