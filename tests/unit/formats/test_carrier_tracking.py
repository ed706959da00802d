"""Tracking formats: generated answers of every API, and one claim per quirk."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import TrackingEvent, TrackingStatus
from crossdock.canonical.models.profile_sections import StatusMapSection
from crossdock.canonical.record import Record
from crossdock.canonical.schemas import schema_root
from crossdock.formats.carriers.catalog import CARRIER_FORMATS
from crossdock.formats.carriers.code_tables import Statuses, code_table, table_names
from crossdock.formats.carriers.places import country_of, place
from crossdock.formats.registry import FORMATS
from tests.kit.carrier_payloads import APIS, PROFILE, TrackingFacts, trackings
from tests.kit.tracking_reading import NO_ZONE, events, example, read, refused

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
# ---- every API -------------------------------------------------------------------------------------------


def test_every_format_is_generated() -> None:
    assert {one.name for one in CARRIER_FORMATS} == {name.partition(":")[0] for name in APIS}


@QUICK
@given(trackings())
def test_each_detail_is_one_event_whatever_their_order(facts: TrackingFacts) -> None:
    found = events(facts.format, facts.payload)
    seen = {(one.occurred.instant, one.status_raw, one.status.value, _town(one) or None) for one in found}
    assert seen == facts.events
    assert len(found) == len({one.event_id for one in found})
    assert {one.key for one in found} == {f"acme/{facts.carrier}/{facts.number}"}
    assert [one.occurred.instant for one in found] == sorted(one.occurred.instant for one in found)


def _town(event: TrackingEvent) -> str | None:
    return (event.location.city or event.location.name) if event.location else None


@pytest.mark.parametrize("form", CARRIER_FORMATS, ids=lambda one: one.name)
def test_shuffled_details_and_unknown_fields_change_nothing(form: Any) -> None:
    for path in sorted((schema_root() / "examples" / "raw" / form.name).glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        before = read(form.name, document)
        assert read(form.name, _stirred(document, random.Random(7))).digest == before.digest
        assert read(form.name, b"\xef\xbb\xbf" + path.read_bytes()).digest == before.digest


def _stirred(node: Any, chance: random.Random) -> Any:
    """The document with members and lists in another order and a member that nobody knows."""
    if isinstance(node, dict):
        members = [(name, _stirred(value, chance)) for name, value in node.items()]
        chance.shuffle(members)
        return {**dict(members), "x_unknown": [1.5, None]}
    if isinstance(node, list):
        return sorted((_stirred(one, chance) for one in node), key=lambda _: chance.random())
    return node


@pytest.mark.parametrize("form", CARRIER_FORMATS, ids=lambda one: one.name)
@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"{}", b"null", b"<a/>", b'{"shipments": {}}'])
def test_what_is_no_answer_is_refused(form: Any, payload: bytes) -> None:
    code, _ = refused(form.name, payload)
    assert code in {"envelope_broken", "id_missing"}
    assert form.key(Record("t", 0, 0, b"acme/haul/x", payload)) is None


@pytest.mark.parametrize("form", CARRIER_FORMATS, ids=lambda one: one.name)
def test_an_example_is_recognised_and_named_by_its_number(form: Any) -> None:
    for path in sorted((schema_root() / "examples" / "raw" / form.name).glob("*.[jx]*")):
        data = path.read_bytes()
        likeness = {one.name: one.looks_like(data) for one in FORMATS.values() if one.looks_like}
        assert max(likeness, key=likeness.__getitem__) == form.name
        first = read(form.name, data).entities[0]
        assert isinstance(first, TrackingEvent)
        assert str(form.key(Record("t", 0, 0, b"acme/haul/x", data))).startswith("tracking:")


# ---- code tables -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", table_names())
def test_a_table_is_sound(name: str) -> None:
    table = code_table(name)
    assert table
    assert all(code == code.casefold() and code.strip() == code for code in table)
    assert any(one is TrackingStatus.DELIVERED for one in table.values())


def test_each_format_has_a_table() -> None:
    assert len(table_names()) == len(CARRIER_FORMATS)


@pytest.mark.parametrize(
    ("table", "code", "status"),
    [
        ("fedex", "DL", "delivered"),
        ("fedex", "HP", "ready_for_pickup"),
        ("fedex", "SE", "on_hold"),
        ("ups", "KB", "delivered"),
        ("ups", "HX", "on_hold"),
        ("dhl_express", "HP", "on_hold"),
        ("dhl_express", "WC", "out_for_delivery"),
        ("dhl_express", "RD", "delivery_failed"),
        ("usps", "07", "in_transit"),
        ("dhl", "pre-transit", "created"),
        ("gls", "DELIVEREDPS", "delivered"),
        ("laposte", "ET1", "in_transit"),
        ("canadapost", "1408", "delivered"),
        ("easypost", "return_to_sender", "returning"),
        ("aftership", "Exception_011", "returned"),
        ("shippo", "RETURNED", "returning"),
    ],
)
def test_what_codes_mean(table: str, code: str, status: str) -> None:
    assert code_table(table)[code.casefold()] == status


def test_a_profile_extends_and_overrides_a_table() -> None:
    own = StatusMapSection(fulfillment={"XYZ": "lost"}, carrier_codes={"DL": "ready_for_pickup"})
    statuses = Statuses(PROFILE.model_copy(update={"status_map": own}), "fedex")
    assert [statuses.of(code) for code in ("xyz", "DL", "OD", "ZZ9", "", None)] == [
        *("lost", "ready_for_pickup", "out_for_delivery"),
        *(None, None, None),
    ]


def test_a_profile_names_another_carriers_table() -> None:
    partner = PROFILE.model_copy(update={"status_map": StatusMapSection(carrier_codes="fedex")})
    assert Statuses(partner, "easypost").of("OD") == "out_for_delivery"
    assert Statuses(partner, "easypost").of("pre_transit") == "created"
    wrong = PROFILE.model_copy(update={"status_map": StatusMapSection(carrier_codes="pigeon")})
    payload = example("easypost_tracker", "delivered-out-of-order.json")
    assert refused("easypost_tracker", payload, wrong) == ("partner_unknown", "status_map.carrier_codes")


# ---- quirks ----------------------------------------------------------------------------------------------


def test_delivered_stamped_before_the_scans_stays_so() -> None:
    found = events("easypost_tracker", example("easypost_tracker", "delivered-out-of-order.json"))
    assert [one.status.value for one in found] == ["created", "unknown", "delivered", "out_for_delivery"]
    assert [one.estimated_delivery is None for one in found] == [True, True, True, False]


def test_an_unknown_code_stays_raw_with_a_warning() -> None:
    reading = read("easypost_tracker", example("easypost_tracker", "delivered-out-of-order.json"))
    assert [one.code for one in reading.warnings] == ["status_unknown"]
    assert "'teleported'" in reading.warnings[0].detail


def test_a_tracker_without_details_says_nothing_yet() -> None:
    payload = {"tracking_code": "EZ1", "carrier": "UPS", "status": "pre_transit", "tracking_details": []}
    reading = read("easypost_tracker", payload)
    assert (reading.entities, [one.code for one in reading.warnings]) == ((), ["no_details"])


def test_the_tracker_of_a_shipment_is_read() -> None:
    tracker = example("easypost_tracker", "delivered-out-of-order.json")["result"]
    assert len(events("easypost_tracker", {"object": "Shipment", "id": "shp_1", "tracker": tracker})) == 4


def test_a_naive_time_needs_a_zone() -> None:
    payload = {
        "tracking_number": "A",
        "slug": "x",
        "checkpoints": [{"checkpoint_time": "2026-07-25T01:10:00"}],
    }
    (event,) = events("aftership_tracking", payload)
    assert (event.occurred.instant.isoformat(), event.zone_source) == ("2026-07-25T05:10:00+00:00", "profile")
    place_of = "$.checkpoints[0].checkpoint_time"
    assert refused("aftership_tracking", payload, NO_ZONE) == ("time_invalid", place_of)
    payload["checkpoints"] = [{"checkpoint_time": "soon"}]
    assert refused("aftership_tracking", payload, NO_ZONE) == ("time_invalid", place_of)


def test_a_stated_offset_is_the_dates_zone() -> None:
    node = {"checkpoint_time": "2026-03-03T07:30:00+09:00", "tag": "Delivered", "country_region": "JPN"}
    (event,) = events(
        "aftership_tracking", {"tracking_number": "A", "slug": "x", "checkpoints": [node]}, NO_ZONE
    )
    assert (event.occurred.date.isoformat(), event.zone_source) == ("2026-03-03", "stated")
    assert event.location is not None
    assert event.location.country == "JP"


def test_shippos_current_status_is_an_event_only_where_the_history_lacks_it() -> None:
    payload = example("shippo_tracking", "webhook.json")
    assert len(events("shippo_tracking", payload)) == 3
    del payload["data"]["tracking_history"][-1]
    found = events("shippo_tracking", payload)
    assert [one.event_id for one in found] == ["ex-1", "ex-2", "ex-3"]
    assert found[-1].detail_raw == "delivered"


def test_one_id_with_two_contents_keeps_the_older_and_tells() -> None:
    payload = example("shippo_tracking", "webhook.json")
    payload["data"]["tracking_history"][1]["object_id"] = "ex-1"
    reading = read("shippo_tracking", payload)
    assert len(reading.entities) == 2
    payload["data"]["tracking_history"].reverse()
    assert read("shippo_tracking", payload).digest == reading.digest
    assert "event_repeated" in [one.code for one in reading.warnings]


def test_what_is_no_object_in_a_history_is_told_and_counted_in_places() -> None:
    history = [None, "in transit", {"status": "TRANSIT", "status_date": "2026-02-30"}]
    current = {"status": "DELIVERED", "status_date": "2026-02-03T10:00:00Z"}
    answer = {"tracking_number": "S1", "tracking_history": history, "tracking_status": current}
    assert [one.status.value for one in events("shippo_tracking", answer)] == ["delivered"]
    assert [(one.code, one.path) for one in read("shippo_tracking", answer).warnings] == [
        ("detail_unreadable", "$.tracking_history"),
        ("time_invalid", "$.tracking_history[2].status_date"),
    ]


def test_a_status_of_dpd_without_a_code_is_told() -> None:
    life = {"parcelLabelNumber": "D1", "statusInfo": [{"date": "03.03.2026, 17:00", "label": "x"}]}
    (event,) = events("dpd_tracking", {"parcelLifeCycleData": life})
    assert (event.status.value, event.status_raw) == ("unknown", "")
    assert [one.code for one in read("dpd_tracking", {"parcelLifeCycleData": life}).warnings] == [
        "status_unknown"
    ]


def test_two_shipments_of_one_number_have_one_key() -> None:
    found = events("fedex_tracking", example("fedex_tracking", "two-shipments.json"))
    assert {one.key for one in found} == {"acme/haul/000000000042"}
    assert {one.extensions[0].value[:2] for one in found} == {"1~", "2~"}


def test_a_shippo_place_may_be_a_text() -> None:
    node = {"status": "TRANSIT", "status_date": "2026-03-03T08:00:00Z", "location": "Exampleton, NJ"}
    (event,) = events("shippo_tracking", {"tracking_number": "A", "carrier": "x", "tracking_history": [node]})
    assert event.location is not None
    assert (event.location.name, event.location.city) == ("Exampleton, NJ", None)


def test_no_prose_is_carried() -> None:
    for form in CARRIER_FORMATS:
        for path in (schema_root() / "examples" / "raw" / form.name).glob("*.[jx]*"):
            told = str([one.model_dump() for one in read(form.name, path.read_bytes()).entities])
            assert "SAMPLE" not in told
            assert "Left at the door" not in told
            assert "signatory" not in told


def test_a_dpd_answer_that_names_no_parcel_takes_the_keys_number() -> None:
    info = "<status>Delivered</status><date><content>8/17/2026 7:11:26 PM</content></date>"
    body = f"<trackingresult><statusInfo>{info}</statusInfo></trackingresult>"
    answer = f"<getTrackingDataResponse>{body}</getTrackingDataResponse>"
    data = f"<Envelope><Body>{answer}</Body></Envelope>".encode()
    (event,) = read("dpd_tracking", data, key="tracking:0530").entities
    assert isinstance(event, TrackingEvent)
    assert (event.tracking_number, event.occurred.instant.hour) == ("0530", 23)
    assert refused("dpd_tracking", data) == ("id_missing", "$.trackingresult")
    split = FORMATS["dpd_tracking"].split
    assert split is not None
    for key, name in (("tracking:0530", "tracking:0530"), ("file", "tracking:sha256-")):
        (part,) = split(Record("raw.carrier.v1", 0, 0, f"acme/haul/{key}".encode(), data), PROFILE).parts
        assert part.key.split("/")[2].startswith(name)
    with pytest.raises(Rejected):
        read("dpd_tracking", data, key="tracking:sha256-00")


def test_a_purolator_scan_twice_is_one_event() -> None:
    path = schema_root() / "examples" / "raw" / "purolator_tracking" / "scans.xml"
    assert [one.status_raw for one in events("purolator_tracking", path.read_bytes())] == [
        "Other",
        "Delivery",
    ]


def test_a_list_is_split_into_its_parcels() -> None:
    document = example("laposte_tracking", "shipment.json")
    data = json.dumps([document, {"returnCode": 400}, document]).encode()
    split = FORMATS["laposte_tracking"].split
    assert split is not None
    parts = split(Record("raw.document.v1", 0, 0, b"acme/haul/file", data), PROFILE).parts
    assert [part.key.split("/")[2].partition("-")[0] for part in parts] == [
        "tracking:EX000000042FR",
        "tracking:sha256",
        "tracking:EX000000042FR",
    ]


@pytest.mark.parametrize(
    ("form", "name", "keys"),
    [
        ("fedex_tracking", "two-shipments.json", ["tracking:000000000042", "tracking:000000000043"]),
        (
            "gls_tracking",
            "parcel.json",
            ["tracking:000000000042", "tracking:000000000059", "tracking:000000000066"],
        ),
        ("ups_tracking", "local-times.json", ["tracking:1ZEXAMPLE000000042"]),
        ("dhl_tracking", "conflict.json", ["tracking:4200000042"]),
        ("dhl_express_tracking", "events.json", ["tracking:0000000042"]),
    ],
)
def test_each_number_of_an_answer_is_read_alone(form: str, name: str, keys: list[str]) -> None:
    data = (schema_root() / "examples" / "raw" / form / name).read_bytes()
    split = FORMATS[form].split
    assert split is not None
    parts = split(Record("raw.document.v1", 0, 0, b"acme/haul/file", data), PROFILE).parts
    assert [part.key.split("/")[2] for part in parts] == keys
    alone = [one for part in parts if b'"error' not in part.value for one in events(form, part.value)]
    whole = events(form, data)
    assert sorted(one.event_id for one in alone) == sorted(one.event_id for one in whole)


def test_the_older_gls_answer_is_read() -> None:
    told = {"timestamp": "2026-03-03T15:59:04", "location": "Beispielstadt", "country": "DE", "code": "3.0"}
    parcel = {"trackid": "ZF01", "status": "DELIVERED", "timestamp": "2026-03-03T15:59:04"}
    (event,) = events("gls_tracking", {"parcels": [parcel | {"events": [told]}]})
    assert (event.tracking_number, event.status, event.zone_source) == ("ZF01", "delivered", "profile")
    assert event.status_raw == "3.0"
    (head,) = events("gls_tracking", {"parcels": [parcel]})
    assert head.status == "delivered"


def test_places_have_countries_of_two_letters_or_none() -> None:
    assert [country_of(one) for one in ("USA", "us", "DEU", "Germany", "", None)] == [
        *("US", "US", "DE"),
        *(None, None, None),
    ]
    assert place() is None
