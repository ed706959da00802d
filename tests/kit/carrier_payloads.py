"""Generated tracking answers of every carrier API, each with the events it must yield."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from crossdock.canonical.profiles import parse_profile

ZONE = "America/Toronto"
PROFILE = parse_profile(f"{{tenant: acme, partner: haul, kind: carrier, format: any, zone: {ZONE}}}")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_UNKNOWN = ("ZZ9", "unknown")


@dataclass(frozen=True)
class Detail:
    """One detail: when, where and what was said, and what that means."""

    at: datetime
    code: str
    status: str
    city: str | None

    @property
    def local(self) -> datetime:
        """As a naive local time of the profile's zone."""
        return self.at.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)

    def text(self) -> str:
        """ISO 8601 with the offset in which it was stated."""
        return self.at.isoformat()


@dataclass
class TrackingFacts:
    """A payload and everything that must be read from it."""

    format: str
    payload: bytes
    number: str
    carrier: str
    events: set[tuple[datetime, str, str, str | None]]


@dataclass(frozen=True)
class _Api:
    codes: tuple[tuple[str, str], ...]
    write: Callable[[str, list[Detail]], object]
    is_local: bool = False
    carrier: str = "haul"


def _easypost(number: str, details: list[Detail]) -> object:
    told = [
        {
            "status": one.code,
            "datetime": one.text(),
            "tracking_location": {"city": one.city, "state": None, "country": None},
        }
        for one in details
    ]
    return {"object": "Event", "result": {"tracking_code": number, "carrier": "X", "tracking_details": told}}


def _aftership(number: str, details: list[Detail]) -> object:
    told = [{"tag": one.code, "checkpoint_time": one.text(), "city": one.city} for one in details]
    return {"data": {"tracking": {"tracking_number": number, "slug": "X", "checkpoints": told}}}


def _shippo(number: str, details: list[Detail]) -> object:
    told = [
        {"status": one.code, "status_date": one.text(), "location": {"city": one.city}} for one in details
    ]
    return {
        "data": {
            "tracking_number": number,
            "carrier": "X",
            "tracking_history": told[1:],
            "tracking_status": told[0],
        }
    }


def _fedex(number: str, details: list[Detail]) -> object:
    told = [
        {"eventType": one.code, "date": one.text(), "scanLocation": {"city": one.city}} for one in details
    ]
    half = len(told) // 2
    results = [{"scanEvents": told[:half]}, {"scanEvents": told[half:]}]
    return {"output": {"completeTrackResults": [{"trackingNumber": number, "trackResults": results}]}}


def _ups(number: str, details: list[Detail]) -> object:
    told = [
        {
            "date": one.local.strftime("%Y%m%d"),
            "time": one.local.strftime("%H%M%S"),
            "status": {"code": one.code},
            "location": {"address": {"city": one.city}},
        }
        for one in details
    ]
    return {"trackResponse": {"shipment": [{"package": [{"trackingNumber": number, "activity": told}]}]}}


def _dhl_express(number: str, details: list[Detail]) -> object:
    told = [
        {
            "date": one.at.date().isoformat(),
            "time": one.at.strftime("%H:%M:%S"),
            "GMTOffset": one.text()[-6:],
            "typeCode": one.code,
            "serviceArea": [{"description": one.city}] if one.city else [],
        }
        for one in details
    ]
    return {"shipments": [{"shipmentTrackingNumber": number, "events": told}]}


def _dhl(number: str, details: list[Detail]) -> object:
    told = [
        {
            "timestamp": one.local.isoformat(),
            "statusCode": one.code,
            "location": {"address": {"addressLocality": one.city}},
        }
        for one in details
    ]
    return {"shipments": [{"id": number, "events": told, "status": {"statusCode": "transit"}}]}


def _usps(number: str, details: list[Detail]) -> object:
    told = [
        {
            "eventTimestamp": one.at.replace(tzinfo=None).isoformat(),
            "GMTOffset": one.text()[-6:],
            "eventCode": one.code,
            "eventCity": one.city,
        }
        for one in details
    ]
    return {"trackingNumber": number, "trackingEvents": told}


def _gls(number: str, details: list[Detail]) -> object:
    told = [
        {
            "code": f"GROUP.{one.code}",
            "eventDateTime": one.at.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "city": one.city,
        }
        for one in details
    ]
    return {"parcels": [{"requested": number, "unitno": number[:-1], "events": told}]}


def _laposte(number: str, details: list[Detail]) -> object:
    told = [{"code": one.code, "date": one.text()} for one in details]
    return {"shipment": {"idShip": number, "event": told}}


def _dpd(number: str, details: list[Detail]) -> object:
    told = [
        {"status": one.code, "date": one.local.strftime("%m/%d/%Y %I:%M:%S %p"), "location": one.city}
        for one in details
    ]
    info = {"shipmentInfo": {"parcelLabelNumber": number}, "statusInfo": told}
    return {"parcellifecycleResponse": {"parcelLifeCycleData": info}}


def _xml(pairs: list[tuple[str, str | None]]) -> str:
    return "".join(f"<{name}>{value or ''}</{name}>" for name, value in pairs)


def _canadapost(number: str, details: list[Detail]) -> object:
    told = [
        _xml(
            [
                ("event-identifier", one.code),
                ("event-date", one.local.date().isoformat()),
                ("event-time", one.local.strftime("%H:%M:%S")),
                ("event-site", one.city),
            ]
        )
        for one in details
    ]
    events = "".join(f"<occurrence>{one}</occurrence>" for one in told)
    detail = f"<pin>{number}</pin><significant-events>{events}</significant-events>"
    return f"<tracking-detail>{detail}</tracking-detail>"


def _purolator(number: str, details: list[Detail]) -> object:
    told = [
        _xml(
            [
                ("ScanType", one.code),
                ("ScanDate", one.local.date().isoformat()),
                ("ScanTime", one.local.strftime("%H%M%S")),
            ]
        )
        + f"<Depot><Name>{one.city or ''}</Name></Depot>"
        for one in details
    ]
    scans = "".join(f"<Scan>{one}</Scan>" for one in told)
    information = f"<TrackingInformation><PIN><Value>{number}</Value></PIN><Scans>{scans}</Scans>"
    return f"<TrackingInformationList>{information}</TrackingInformation></TrackingInformationList>"


def _ups_xml(number: str, details: list[Detail]) -> object:
    told = [
        f"<ActivityLocation><Address>{_xml([('City', one.city)])}</Address></ActivityLocation><Status>"
        f"<StatusCode><Code>{one.code}</Code></StatusCode></Status>"
        + _xml([("Date", one.local.strftime("%Y%m%d")), ("Time", one.local.strftime("%H%M%S"))])
        for one in details
    ]
    activities = "".join(f"<Activity>{one}</Activity>" for one in told)
    package = f"<Package><TrackingNumber>{number}</TrackingNumber>{activities}</Package>"
    return f"<TrackResponse><Shipment>{package}</Shipment></TrackResponse>"


def _fedex_reply(number: str, details: list[Detail]) -> object:
    told = [
        _xml([("Timestamp", one.text()), ("EventType", one.code)])
        + f"<Address>{_xml([('City', one.city)])}</Address>"
        for one in details
    ]
    events = "".join(f"<Events>{one}</Events>" for one in told)
    result = f"<TrackDetails><TrackingNumber>{number}</TrackingNumber>{events}</TrackDetails>"
    return f"<TrackReply><CompletedTrackDetails>{result}</CompletedTrackDetails></TrackReply>"


def _dhl_express_xml(number: str, details: list[Detail]) -> object:
    told = [
        _xml([("Date", one.local.date().isoformat()), ("Time", one.local.strftime("%H:%M:%S"))])
        + f"<ServiceEvent><EventCode>{one.code}</EventCode></ServiceEvent>"
        + f"<ServiceArea>{_xml([('Description', one.city)])}</ServiceArea>"
        for one in details
    ]
    events = "".join(f"<ShipmentEvent>{one}</ShipmentEvent>" for one in told)
    info = f"<AWBInfo><AWBNumber>{number}</AWBNumber><ShipmentInfo>{events}</ShipmentInfo></AWBInfo>"
    return f"<TrackingResponse>{info}</TrackingResponse>"


def _purolator_json(number: str, details: list[Detail]) -> object:
    told = [
        {"dateTime": one.local.isoformat(sep=" "), "code": one.code, "location": {"city": one.city}}
        for one in details
    ]
    return {"shipment": [{"shipmentPin": number, "package": [{"pin": number, "events": told}]}]}


def _dpd_scans(number: str, details: list[Detail]) -> object:
    told = [
        {
            "date": one.local.isoformat(),
            "scanData": {"scanType": {"code": "99", "name": one.code}, "location": one.city},
        }
        for one in details
    ]
    reached = [{"status": "ACCEPTED", "statusHasBeenReached": True}]
    info = {"shipmentInfo": {"parcelLabelNumber": number}, "statusInfo": reached, "scanInfo": {"scan": told}}
    return {"parcellifecycleResponse": {"parcelLifeCycleData": info}}


APIS: dict[str, _Api] = {
    "easypost_tracker": _Api(
        (
            ("pre_transit", "created"),
            ("delivered", "delivered"),
            ("available_for_pickup", "ready_for_pickup"),
        ),
        _easypost,
        carrier="X",
    ),
    "aftership_tracking": _Api(
        (
            ("InfoReceived", "created"),
            ("OutForDelivery", "out_for_delivery"),
            ("AttemptFail", "delivery_failed"),
        ),
        _aftership,
        carrier="X",
    ),
    "shippo_tracking": _Api((("TRANSIT", "in_transit"), ("DELIVERED", "delivered")), _shippo, carrier="X"),
    "fedex_tracking": _Api((("DL", "delivered"), ("OD", "out_for_delivery"), ("RS", "returning")), _fedex),
    "ups_tracking": _Api((("FS", "delivered"), ("OT", "out_for_delivery"), ("MP", "created")), _ups, True),
    "dhl_express_tracking": _Api((("OK", "delivered"), ("HP", "on_hold"), ("PU", "picked_up")), _dhl_express),
    "dhl_tracking": _Api((("pre-transit", "created"), ("failure", "delivery_failed")), _dhl, True),
    "usps_tracking": _Api((("01", "delivered"), ("OF", "out_for_delivery"), ("GX", "created")), _usps),
    "gls_tracking": _Api((("INTRANSIT", "in_transit"), ("PREADVICE", "created")), _gls),
    "laposte_tracking": _Api((("DI1", "delivered"), ("MD2", "out_for_delivery")), _laposte),
    "dpd_tracking": _Api((("Delivered", "delivered"), ("ParcelShop", "ready_for_pickup")), _dpd, True),
    "canadapost_tracking": _Api((("1496", "delivered"), ("0174", "out_for_delivery")), _canadapost, True),
    "purolator_tracking": _Api((("Delivery", "delivered"), ("Other", "unknown")), _purolator, True),
    "ups_tracking:xml": _Api((("KB", "delivered"), ("48", "delivery_failed")), _ups_xml, True),
    "fedex_tracking:reply": _Api((("DL", "delivered"), ("IP", "picked_up")), _fedex_reply),
    "dhl_express_tracking:xml": _Api((("OK", "delivered"), ("PU", "picked_up")), _dhl_express_xml, True),
    "purolator_tracking:json": _Api((("9000", "delivered"), ("3010", "created")), _purolator_json, True),
    "dpd_tracking:scans": _Api((("SC_13_DELIVERED", "delivered"), ("1", "in_transit")), _dpd_scans, True),
}
"""Each API, and generations of one by a word of their own: some codes with their meaning, how details are
written, whether times are local and naive."""


@st.composite
def trackings(draw: Any) -> TrackingFacts:
    """Strategy of payloads with their facts: details in any order, some twice, some with unknown codes."""
    name = draw(st.sampled_from(sorted(APIS)))
    api = APIS[name]
    number = draw(st.from_regex(r"[A-Z]{2}[0-9]{8}", fullmatch=True))
    steps = draw(st.lists(st.integers(1, 400_000), min_size=2, max_size=6, unique=True))
    details = []
    for minutes in steps:
        code, status = draw(st.sampled_from((*api.codes, _UNKNOWN)))
        offset = 0 if api.is_local else draw(st.sampled_from((-300, 0, 60, 330)))
        at = (_EPOCH + timedelta(minutes=minutes)).astimezone(timezone(timedelta(minutes=offset)))
        details.append(Detail(at, code, status, draw(st.sampled_from(("Exampleton", None)))))
    told = draw(st.permutations(details + details[: draw(st.integers(0, 2))]))
    prefix = "GROUP." if name == "gls_tracking" else ""
    payload = api.write(number, told)
    data = payload if isinstance(payload, str) else json.dumps(payload)
    events = {(one.at, f"{prefix}{one.code}", one.status, one.city) for one in details}
    has_city = name != "laposte_tracking"
    return TrackingFacts(
        name.partition(":")[0],
        data.encode(),
        number,
        api.carrier,
        {(at, code, status, city if has_city else None) for at, code, status, city in events},
    )
