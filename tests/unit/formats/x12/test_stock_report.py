"""846 and 852: what a quantity counts, where, and when."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import StockSnapshot
from tests.kit.x12_reading import profile
from tests.kit.x12_sets import ANY_SET, kept, read_text, warned

BIA = "BIA*00*SI*REF-1*20260105*0600\n"
XQ = "XQ*H*20251229*20260104\n"


def snapshots(text: str, kind: str = "846") -> list[StockSnapshot]:
    return [one for one in read_text(kind, text).entities if isinstance(one, StockSnapshot)]


def figures(one: StockSnapshot) -> list[tuple[str, str, Decimal]]:
    return [(f.meaning_raw, f.meaning.value, f.quantity.value) for f in one.quantities]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("33", "available"),
        ("34", "available"),
        ("17", "on_hand"),
        ("26", "on_hand"),
        ("27", "reserved"),
        ("72", "reserved"),
        ("20", "damaged"),
        ("QH", "quality_hold"),
        ("QT", "in_transit"),
        ("63", "incoming"),
        ("ZZ", "unknown"),
    ],
)
def test_the_qualifier_says_what_is_counted(code: str, meaning: str) -> None:
    (one,) = snapshots(BIA + f"LIN*1*VN*SKU-1\nQTY*{code}*5*EA")
    assert figures(one) == [(code, meaning, Decimal(5))]


def test_an_unknown_qualifier_is_told() -> None:
    assert warned(read_text("846", BIA + "LIN*1*VN*SKU-1\nQTY*ZZ*5*EA")) == {"quantity_meaning_unknown"}


def test_what_was_sold_or_received_is_no_stock() -> None:
    (one,) = snapshots(BIA + "LIN*1*VN*SKU-1\nQTY*33*5*EA\nQTY*32*9*EA\nQTY*87*2*EA")
    assert figures(one) == [("33", "available", Decimal(5))]
    assert kept(one)["items[1].QTY.32"] == "9*EA"


def test_the_snapshot_has_its_key_time_and_item() -> None:
    (one,) = snapshots(BIA + "N1*WH**92*W1\nLIN*1*VN*SKU-1*UP*036000291452\nQTY*33*5*EA")
    assert (one.key, one.sku, one.location, one.scope, one.basis) == (
        "acme/SKU-1/dist/W1/-",
        "SKU-1",
        "W1",
        "row",
        "report",
    )
    assert one.as_of.instant.isoformat() == "2026-01-05T12:00:00+00:00"
    assert {i.scheme.value for i in one.identifiers} == {"vendor_part", "gtin"}


def test_a_date_of_the_item_is_nearer_than_the_reports() -> None:
    first, second = snapshots(
        BIA + "DTM*007*20260103\nLIN*1*VN*A\nDTM*007*20260102\nQTY*33*1*EA\nLIN*2*VN*B\nQTY*33*1*EA"
    )
    assert (first.as_of.date.day, second.as_of.date.day) == (2, 3)


@pytest.mark.parametrize("text", ["N1*WH**92*W1\nQTY*33*5*EA", "QTY*33*5*EA\nN1*WH**92*W1"])
def test_a_place_may_stand_before_or_behind_its_quantity(text: str) -> None:
    assert [one.location for one in snapshots(BIA + "LIN*1*VN*SKU-1\n" + text)] == ["W1"]


def test_splits_become_a_snapshot_per_place_and_must_add_up() -> None:
    found = snapshots(BIA + "LIN*1*VN*SKU-1\nQTY*17*60*EA\nSDQ*EA*92*S1*20*S2*39")
    assert [(one.location, figures(one)[0][2]) for one in found] == [("S1", Decimal(20)), ("S2", Decimal(39))]
    assert [(v.stated, v.computed) for one in found for v in one.variances] == [(Decimal(60), Decimal(59))]


def test_an_item_that_stands_twice_is_two_rows() -> None:
    text = BIA + "LIN*1*VN*SKU-1\nQTY*33*5*EA\nLIN*2*VN*SKU-1\nQTY*33*6*EA"
    assert [one.key for one in snapshots(text)] == ["acme/SKU-1/dist/-/-", "acme/SKU-1/dist/-/-~2"]
    assert warned(read_text("846", text)) == {"item_repeated"}


def test_a_lot_is_a_row_of_its_own() -> None:
    (one,) = snapshots(BIA + "LIN*1*VN*SKU-1*LT*L4\nQTY*33*5*EA")
    assert (one.key, one.lot) == ("acme/SKU-1/dist/-/L4", "L4")


def test_an_item_that_is_not_ours_stands_under_its_own_number() -> None:
    (one,) = snapshots(BIA + "LIN*1*BP*B-77\nQTY*33*5*EA")
    assert one.key == "acme/B-77/dist/-/-"


def test_the_unit_may_stand_in_a_segment_of_its_own() -> None:
    assert snapshots(BIA + "LIN*1*VN*SKU-1\nQTY*33*5\nUIT*LB")[0].quantities[0].quantity.unit == "LBR"
    mapped = profile(units={"": "EA"}, exchange=ANY_SET.exchange and ANY_SET.exchange.model_dump())
    (one,) = read_text("846", BIA + "LIN*1*VN*SKU-1\nQTY*33*5", mapped).entities
    assert isinstance(one, StockSnapshot)
    assert one.quantities[0].quantity.unit == "EA"


def test_an_empty_quantity_is_not_zero() -> None:
    found = read_text("846", BIA + "LIN*1*VN*SKU-1\nQTY*33**EA")
    assert (found.entities, warned(found)) == ((), {"quantity_missing", "item_without_stock"})


def test_the_count_of_items_is_compared() -> None:
    (one,) = snapshots(BIA + "LIN*1*VN*SKU-1\nQTY*33*5*EA\nCTT*2")
    assert [(v.code.value, v.difference) for v in one.variances] == [("line_count", Decimal(1))]


def test_the_hash_total_counts_every_quantity() -> None:
    text = BIA + "LIN*1*VN*A\nQTY*33*5*EA\nQTY*32*9*EA\nLIN*2*VN*B\nQTY*33*1*EA\nCTT*2*{}"
    assert [v for one in snapshots(text.format("15")) for v in one.variances] == []
    assert [v.difference for one in snapshots(text.format("16")) for v in one.variances] == [Decimal(1)]


def test_an_activity_report_yields_stock_and_keeps_sales() -> None:
    text = XQ + "N1*ST*Store*92*0042\nLIN*1*VN*SKU-1\nZA*QA*35*EA\nZA*QS*12*EA\nZA*QP*4*EA\nCTT*1"
    (one,) = snapshots(text, "852")
    assert (one.location, one.as_of.date.isoformat()) == ("0042", "2026-01-04")
    assert figures(one) == [("QA", "available", Decimal(35)), ("QP", "incoming", Decimal(4))]
    assert kept(one)["items[1].ZA.QS"] == "12*EA"


def test_the_stores_of_an_activity_report_may_be_splits() -> None:
    found = snapshots(XQ + "LIN*1*VN*SKU-1\nZA*QA*9*EA\nSDQ*EA*92*0042*4*0043*5", "852")
    assert [(one.location, figures(one)[0][2]) for one in found] == [
        ("0042", Decimal(4)),
        ("0043", Decimal(5)),
    ]


def test_the_stores_alone_may_state_how_much() -> None:
    found = snapshots(XQ + "LIN*1*VN*SKU-1\nZA*QA\nCTP**UCP*12.29\nSDQ*EA*UL*S1*3*S2*4", "852")
    assert [(one.location, figures(one)) for one in found] == [
        ("S1", [("QA", "available", Decimal(3))]),
        ("S2", [("QA", "available", Decimal(4))]),
    ]
    assert {f.quantity.unit for one in found for f in one.quantities} == {"EA"}
    assert [v for one in found for v in one.variances] == []


def test_the_stores_of_what_was_sold_are_no_split_of_the_stock() -> None:
    text = XQ + "LIN*1*VN*SKU-1\nZA*OH*5*EA\nSDQ*EA*92*S1*5\nZA*QS*9*EA\nSDQ*EA*92*S1*2*S2*7"
    (one,) = snapshots(text, "852")
    assert (one.location, figures(one), one.variances) == ("S1", [("OH", "on_hand", Decimal(5))], ())
    assert kept(one)["items[1].ZA.QS.SDQ"] == "EA*92*S1*2*S2*7"


def test_a_number_under_an_unlisted_qualifier_identifies_an_item_that_has_no_other() -> None:
    (one,) = snapshots(BIA + "LIN*1*B8*77-1\nQTY*33*5*EA")
    assert [(i.scheme.value, i.value, i.issuer) for i in one.identifiers] == [("unknown", "77-1", "dist:B8")]


def test_a_line_number_may_be_left_out_with_its_place() -> None:
    found = snapshots(BIA + "LIN*UP*036000291452*VN*SKU-1\nQTY*33*5*EA\nLIN*VN*SKU-2\nQTY*33*6*EA")
    assert [(one.sku, len(one.identifiers)) for one in found] == [("SKU-1", 2), ("SKU-2", 1)]
    with pytest.raises(Rejected):
        snapshots(BIA + "LIN*1*036000291452*5\nQTY*33*5*EA")


def test_the_name_of_the_manufacturer_is_no_part_number() -> None:
    (one,) = snapshots(BIA + "LIN*1*VN*SKU-1*MF*Acme\nQTY*33*5*EA")
    assert [i.scheme.value for i in one.identifiers] == ["vendor_part"]
    assert kept(one)["items[1].LIN.MF"] == "Acme"


def test_the_next_store_of_an_activity_report_may_follow_the_items_of_the_one_before() -> None:
    text = XQ + "N1*ST**92*S1\nLIN*1*VN*A\nZA*QA*1*EA\nN1*ST**92*S2\nLIN*2*VN*A\nZA*QA*2*EA"
    assert [one.location for one in snapshots(text, "852")] == ["S1", "S2"]


@pytest.mark.parametrize(
    ("kind", "text", "code", "path"),
    [
        ("846", "LIN*1*VN*A", "id_missing", "segment 1 ST"),
        ("846", "BIA*00*SI*R**0600\nLIN*1*VN*A\nQTY*33*1*EA", "time_invalid", "BIA/BIA04"),
        ("846", BIA, "lines_missing", "segment 3 SE"),
        ("846", BIA + "LIN*1\nQTY*33*1*EA", "id_missing", "LIN/LIN03"),
        ("846", BIA + "LIN*1*VN*A\nQTY*33*five*EA", "amount_unparsable", "QTY/QTY02"),
        ("846", BIA + "LIN*1*VN*A\nQTY*33*5*QQ", "unit_unmapped", "QTY/QTY03"),
        ("846", BIA + "LIN*1*VN*A\nQTY*33*5", "unit_unmapped", "QTY/QTY03"),
        ("846", BIA.replace("*00*", "*01*") + "LIN*1*VN*A\nQTY*33*5*EA", "field_invalid", "segment 1 ST"),
        ("852", "XQ*H\nLIN*1*VN*A", "time_invalid", "XQ/XQ02"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(kind: str, text: str, code: str, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_text(kind, text)
    assert (refused.value.code, refused.value.path.endswith(path)) == (code, True), refused.value.path
