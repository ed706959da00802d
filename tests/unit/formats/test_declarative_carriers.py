"""Declarative mappings of carriers' and warehouses' files: rows that are scans, parcels, lines of parcels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crossdock.canonical.models import PartnerProfile, Shipment, TrackingEvent
from crossdock.canonical.profiles import ProfileInvalid, profile_of
from crossdock.cli.trial import Result, Trial
from crossdock.formats.declarative.coverage import fields_of, fields_read
from crossdock.formats.declarative.sources import source_documents

CAPTURED = datetime(2026, 5, 6, 12, tzinfo=UTC)


def profile(**mapping: Any) -> PartnerProfile:
    head = {"tenant": "acme", "partner": "haul", "kind": "carrier", "format": "declarative"}
    return profile_of(head | {"zone": "Europe/Berlin", "mapping": mapping})


def tried(one: PartnerProfile, text: str) -> Result:
    return Trial(one, "declarative", event=None, captured_at=CAPTURED).run(text.encode())


SCANS = profile(
    source="csv",
    entity="tracking_event",
    delimiter=";",
    lookups={"codes": {"HU": "in_transit", "ZU": "delivered"}},
    fields={
        "tracking_number": "Sendung",
        "occurred": {"all_of": ["Datum", "Zeit"], "functions": ["time:%d.%m.%Y %H:%M"]},
        "status": {"path": "Status", "lookup": "codes"},
        "status_raw": "Status",
        "location.city": "Ort",
    },
)
PARCELS = profile(
    source="csv",
    entity="shipment",
    group_by=["Shipment"],
    fields={
        "shipment_id": "Shipment",
        "order_id": "Order",
        "shipped": {"path": "Day", "functions": ["time:%m/%d/%Y"]},
        "packages": {
            "each": "rows[*]",
            "group_by": ["Tracking"],
            "fields": {
                "package_id": {"first_of": ["Tracking", "#position"]},
                "tracking_number": "Tracking",
                "lines": {
                    "each": "rows[*]",
                    "fields": {
                        "sku": "SKU",
                        "quantity.value": {"path": "Qty", "functions": ["decimal"]},
                        "quantity.unit": {"literal": "EA"},
                    },
                },
            },
        },
    },
)
HEADER = "Shipment,Order,Day,Tracking,SKU,Qty\n"


def parcels(text: str) -> list[tuple[str, list[tuple[str, list[tuple[str | None, str]]]]]]:
    """Shipments with their parcels and the items of those."""
    return [
        (
            one.shipment_id,
            [
                (package.package_id, [(line.sku, str(line.quantity.value)) for line in package.lines])
                for package in one.packages
            ],
        )
        for one in tried(PARCELS, HEADER + text).entities
        if isinstance(one, Shipment)
    ]


def test_scans_without_an_id_are_told_apart_by_what_they_say() -> None:
    rows = "Sendung;Datum;Zeit;Status;Ort\nS1;05.03.2026;14:10;ZU;X\nS1;04.03.2026;23:30;HU;Y\n"
    result = tried(SCANS, rows)
    found = [one for one in result.entities if isinstance(one, TrackingEvent)]
    assert [(one.status.value, one.zone_source.value) for one in found] == [
        ("delivered", "profile"),
        ("in_transit", "profile"),
    ]
    assert len({one.event_id for one in found}) == len(found)
    again = [one.event_id for one in tried(SCANS, rows).entities if isinstance(one, TrackingEvent)]
    assert again == [one.event_id for one in found]


@pytest.mark.parametrize(
    ("time", "source"),
    [
        ("2026-03-05T20:10:00-05:00", "stated"),
        ("2026-03-05T20:10:00Z", "stated"),
        ("2026-03-05T20:10:00", "profile"),
        ("2026-03-05", "profile"),
    ],
)
def test_a_zone_is_stated_where_the_time_has_an_offset(time: str, source: str) -> None:
    one = profile(
        source="json",
        entity="tracking_event",
        fields={
            "tracking_number": "no",
            "occurred": "at",
            "status": {"literal": "in_transit"},
            "status_raw": "no",
        },
    )
    (event,) = tried(one, f'{{"no": "T1", "at": "{time}"}}').entities
    assert isinstance(event, TrackingEvent)
    assert event.zone_source.value == source


@pytest.mark.parametrize(
    ("row", "code", "path"),
    [
        ("S2;34.03.2026;08:00;HU;X", "time_invalid", "line 3 column Datum"),
        ("S2;04.03.2026;08:00;QQ;X", "field_invalid", "line 3 column Status"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_alone_with_its_line(row: str, code: str, path: str) -> None:
    rows = f"Sendung;Datum;Zeit;Status;Ort\nS1;05.03.2026;14:10;ZU;X\n{row}\nS3;05.03.2026;14:10;ZU;X\n"
    result = tried(SCANS, rows)
    assert [one.tracking_number for one in result.entities if isinstance(one, TrackingEvent)] == ["S1", "S3"]
    assert [(one.code, one.path) for one in result.rejections] == [(code, path)]


def test_rows_of_a_document_are_gathered_into_parcels_with_their_lines() -> None:
    rows = "H1,O1,03/05/2026,T1,A,2\nH1,O1,03/05/2026,T2,B,3\nH2,O2,03/05/2026,T3,C,1\nH1,O1,,T1,B,1\n"
    assert parcels(rows) == [
        ("H1", [("T1", [("A", "2"), ("B", "1")]), ("T2", [("B", "3")])]),
        ("H2", [("T3", [("C", "1")])]),
    ]
    assert tried(PARCELS, HEADER + rows).warnings == []


def test_goods_without_a_tracking_number_are_one_parcel() -> None:
    assert parcels("H1,O1,03/05/2026,,A,2\nH1,O1,03/05/2026,,B,1\n") == [
        ("H1", [("1", [("A", "2"), ("B", "1")])])
    ]


def test_a_line_of_a_parcel_that_cannot_be_read_names_its_line() -> None:
    rows = "H1,O1,03/05/2026,T1,A,2\nH1,O1,03/05/2026,T2,B,many\n"
    (refusal,) = tried(PARCELS, HEADER + rows).rejections
    assert refusal.path == "line 3 column Qty"


def test_a_column_of_the_whole_document_that_differs_is_told() -> None:
    result = tried(PARCELS, HEADER + "H1,O1,03/05/2026,T1,A,2\nH1,O9,03/05/2026,T1,B,1\n")
    assert [(one.code, one.path) for _, one in result.warnings] == [("rows_differ", "column Order")]
    assert [one.order_id for one in result.entities if isinstance(one, Shipment)] == ["O1"]


@pytest.mark.parametrize(
    ("end", "is_cut"), [("1Z,A", True), ("1Z,A\n", False), ("1Z,A,2", False), ("1Z,A,", False)]
)
def test_a_file_that_ends_within_a_row_is_refused_as_a_whole(end: str, is_cut: bool) -> None:
    result = tried(PARCELS, f"{HEADER}H1,O1,03/05/2026,T1,A,2\nH2,O2,03/05/2026,{end}")
    if is_cut:
        assert [(one.code, one.path) for one in result.rejections] == [("envelope_broken", "line 3")]
        assert result.entities == []
    else:
        assert "H1" in [one.shipment_id for one in result.entities if isinstance(one, Shipment)]


@pytest.mark.parametrize(("unit", "canonical"), [("EA", "EA"), ("Stk", "EA"), ("Krt", "Krt"), ("Bund", None)])
def test_units_are_explained_as_those_of_orders(unit: str, canonical: str | None) -> None:
    quantity = {"sku": "sku", "quantity.value": "q", "quantity.unit": "u"}
    packages = {"package_id": "no", "lines": {"each": "l[*]", "fields": quantity}}
    one = profile_of(
        {
            "tenant": "acme",
            "partner": "haul",
            "kind": "carrier",
            "format": "declarative",
            "zone": "Europe/Berlin",
            "units": {"Stk": "EA", "Krt": {"unit": "EA", "factor": 12}},
            "mapping": {
                "source": "json",
                "entity": "shipment",
                "fields": {
                    "shipment_id": "id",
                    "order_id": "id",
                    "shipped": "at",
                    "packages": {"each": "p[*]", "fields": packages},
                },
            },
        }
    )
    data = (
        f'{{"id": 1, "at": "2026-03-05", "p": [{{"no": 1, "l": [{{"sku": "A", "q": 3, "u": "{unit}"}}]}}]}}'
    )
    result = tried(one, data)
    if canonical is None:
        place = "$.packages[0].lines[0].quantity.unit"
        assert [(refusal.code, refusal.path) for refusal in result.rejections] == [("unit_unmapped", place)]
    else:
        (shipment,) = result.entities
        assert isinstance(shipment, Shipment)
        assert [str(line.quantity.value) for line in shipment.packages[0].lines] == ["3"]
        assert [line.quantity.unit for line in shipment.packages[0].lines] == [canonical]


def test_what_pretends_to_be_a_part_without_rows_is_refused() -> None:
    result = tried(PARCELS, '{"crossdock_document": {"Shipment": "H1"}}')
    assert result.rejections
    assert result.entities == []


def test_gathered_columns_are_read() -> None:
    assert PARCELS.mapping is not None
    documents = source_documents(PARCELS.mapping, f"{HEADER}H1,O1,03/05/2026,T1,A,2\n".encode())
    assert set(fields_of(PARCELS.mapping, documents)) == set(fields_read(PARCELS.mapping))


def test_elements_of_json_are_gathered_too() -> None:
    one = profile(
        source="json",
        entity="shipment",
        fields={
            "shipment_id": "id",
            "order_id": "order",
            "shipped": "at",
            "packages": {
                "each": "items[*]",
                "group_by": ["box"],
                "fields": {
                    "package_id": "box",
                    "lines": {
                        "each": "rows[*]",
                        "fields": {
                            "sku": "sku",
                            "quantity.value": "q",
                            "quantity.unit": {"literal": "EA"},
                        },
                    },
                },
            },
        },
    )
    data = (
        '{"id": 1, "order": 2, "at": "2026-03-05", "items": [{"box": 1, "sku": "A", "q": 1},'
        ' {"box": 2, "sku": "B", "q": 1}, {"box": 1, "sku": "C", "q": 2}]}'
    )
    (shipment,) = tried(one, data).entities
    assert isinstance(shipment, Shipment)
    assert [len(package.lines) for package in shipment.packages] == [2, 1]


def test_group_by_belongs_to_each() -> None:
    with pytest.raises(ProfileInvalid) as refused:
        profile(source="json", entity="shipment", fields={"shipment_id": {"path": "id", "group_by": ["x"]}})
    assert "group_by belongs to each" in str(refused.value)
