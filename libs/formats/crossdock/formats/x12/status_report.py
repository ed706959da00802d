"""A 214 from its segments: one tracking event per AT7.

Invariant: each status keeps its codes as said; a time without a stated zone takes the profile's and says
so; nothing is concluded from the order of the events. A status without a readable date is left out with a
warning, since the others are facts without it; where none has one the set is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Extension,
    TimePrecision,
    TrackingEvent,
    TrackingLocation,
    TrackingStatus,
    ZoneSource,
)
from crossdock.canonical.reading import Reading
from crossdock.formats.x12.context import SetContext, check_copies
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.status_codes import ESTIMATES, KNOWN_WITHOUT_STATUS, STATUSES
from crossdock.formats.x12.values import moment

_TRACKING_REFERENCES: Final = ("2I", "TN", "CN")
"""L1102: tracking number, carrier's reference."""
_COUNTRIES: Final[dict[str, str]] = {"USA": "US", "CAN": "CA", "MEX": "MX"}
_PLACE_LAST: Final = 4
"""Row length of an MS1 with city, region and country."""
_LOCAL_TIME: Final = frozenset({"", "LT"})
_DATE_AT: Final = 5
_CLOCK_AT: Final = 6
_NO_DATE: Final = "the status has no readable date in AT705"


@dataclass(slots=True)
class StatusScan:
    """One AT7 with what follows it."""

    at7: Segment
    loop: int
    """LX loop that it is in, from 1; 0 is what stands before them."""
    ms1: Segment | None = None
    extensions: list[Extension] = field(default_factory=list)


class StatusReader:
    """Reads one 214; use once."""

    def __init__(self, context: SetContext) -> None:
        self.context = context
        self.statuses: list[StatusScan] = []
        self.references: list[dict[str, str]] = [{}]
        """L11 by qualifier: of the set, then of each LX loop."""

    def read(self) -> Reading:
        """All events. Raises Rejected."""
        context = self.context
        b10 = context.segment("B10")
        for segment in context.document.segments:
            self._take(segment)
        if not self.statuses:
            detail = "the report has no AT7 segment; it states no status"
            raise context.document.segments[-1].refuse(RejectionCode.LINES_MISSING, detail)
        for at in range(1, len(b10.row)):
            context.extend(f"B10.{at:02d}", b10.get(at))
        check_copies(len(self.statuses), len(context.extensions), b10)
        events = [
            event for scan in self.statuses for event in self._events(scan, self._number(b10, scan.loop))
        ]
        if not events:
            raise self.statuses[0].at7.refuse(RejectionCode.TIME_INVALID, _NO_DATE, _DATE_AT)
        return context.reading(list({(one.event_id, one.extensions): one for one in events}.values()))

    def _take(self, segment: Segment) -> None:
        tag = segment.tag
        scan = self.statuses[-1] if self.statuses else None
        if tag == "AT7":
            self.statuses.append(StatusScan(segment, len(self.references) - 1))
        elif tag == "MS1" and scan is not None and scan.ms1 is None:
            scan.ms1 = segment
            if len(segment.row) > _PLACE_LAST:  # a position in degrees, which a location has no field for
                self.context.extend("MS1", segment.joined(), scan.extensions)
        elif tag == "L11":
            self.references[-1].setdefault(segment.code(2), segment.get(1))
            name = f"L11.{segment.code(2)}"
            self.context.extend(name, segment.get(1), scan.extensions if scan else None)
        elif tag == "LX":
            self.references.append({})
        elif tag != "B10":
            self.context.keep(segment, into=scan.extensions if scan else None)

    def _number(self, b10: Segment, loop: int) -> str:
        """The tracking number of a status's loop, else of the set, else the one that all loops name; without
        one the carrier's own (PRO) number, else the shipment's."""
        named = {_tracking_number(one) for one in self.references} - {""}
        only = "".join(named) if len(named) == 1 else ""
        own = _tracking_number(self.references[loop]) or _tracking_number(self.references[0]) or only
        number = own or b10.get(1) or b10.get(2)
        if not number:
            detail = "neither B1001 (the carrier's number) nor B1002 (the shipment's) is stated"
            raise b10.refuse(RejectionCode.ID_MISSING, detail, 1)
        return number

    def _events(self, scan: StatusScan, number: str) -> Iterator[TrackingEvent]:
        """The event of a status, none with a warning where it has no readable date."""
        occurred = self._time(scan.at7)
        if occurred is None:
            self.context.warn("status_without_date", f"{_NO_DATE}; it is left out", scan.at7, _DATE_AT)
        else:
            yield self._event(scan, number, occurred)

    def _event(self, scan: StatusScan, number: str, occurred: BusinessTime) -> TrackingEvent:
        context, at7 = self.context, scan.at7
        code = at7.code(1) or at7.code(3)
        detail = at7.code(2) or at7.code(4)
        status = self._status(at7, code)
        location = self._location(scan.ms1)
        is_estimate = code in ESTIMATES
        is_zone_stated = occurred.precision is TimePrecision.INSTANT and at7.code(7) not in _LOCAL_TIME
        fields = context.head(
            (context.partner, number),
            number,
            context.occurred(None) if is_estimate else occurred,
            extensions=[*context.extensions, *scan.extensions],
        )
        place = [location.city or "", location.region or ""] if location else []
        named = "\n".join([number, occurred.instant.isoformat(), code, detail, *place])
        return TrackingEvent.model_validate(
            fields
            | {
                "tracking_number": number,
                "carrier": context.partner,
                "event_id": hashlib.sha256(named.encode()).hexdigest()[:32],
                "status": status,
                "status_raw": code,
                "detail_raw": detail,
                "zone_source": ZoneSource.STATED if is_zone_stated else ZoneSource.PROFILE,
                "location": location,
                "estimated_delivery": occurred if is_estimate else None,
            }
        )

    def _status(self, at7: Segment, code: str) -> TrackingStatus:
        listed = self.context.profile.status_map.fulfillment.get(code)
        if listed is not None:
            return TrackingStatus(listed)
        is_appointment = not at7.code(1) and bool(code)
        if code not in STATUSES and code not in KNOWN_WITHOUT_STATUS and not is_appointment:
            detail = "the status code is in no table; the event keeps it and has status unknown"
            self.context.warn("status_unknown", detail if code else "the event states no code", at7, 1)
        return STATUSES.get(code, TrackingStatus.UNKNOWN) if at7.code(1) else TrackingStatus.UNKNOWN

    def _time(self, at7: Segment) -> BusinessTime | None:
        """AT705 with AT706 in the zone of AT707; the day alone where the clock cannot be read."""
        day = self.context.time(at7, _DATE_AT)
        if day is None:
            return None
        try:
            return moment(at7.get(_DATE_AT), at7.get(_CLOCK_AT), at7.code(7), self.context.zone)
        except (ValueError, OverflowError) as error:
            detail = f"the time cannot be read, and the day alone is kept: {error}"
            self.context.warn("clock_invalid", detail, at7, _CLOCK_AT)
            return day

    def _location(self, ms1: Segment | None) -> TrackingLocation | None:
        if ms1 is None or not any(ms1.get(at) for at in (1, 2, 3)):
            return None
        country = _COUNTRIES.get(ms1.code(3), ms1.code(3))
        is_code = len(country) == 2 and country.isascii() and country.isalpha()
        return TrackingLocation(
            city=ms1.get(1) or None, region=ms1.get(2) or None, country=country if is_code else None
        )


def _tracking_number(references: dict[str, str]) -> str:
    return next((references[kind] for kind in _TRACKING_REFERENCES if references.get(kind)), "")


def read_status(context: SetContext) -> Reading:
    """The tracking events of a 214. Raises Rejected with the place."""
    return StatusReader(context).read()
