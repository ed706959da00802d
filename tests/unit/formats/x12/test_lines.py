"""Each PO1 is one line with its quantity, unit and identifiers; nothing under it is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import Order, OrderLine
from crossdock.canonical.models import PartnerProfile as Profile
from tests.kit.edi_reading import Outcome
from tests.kit.x12_reading import PROFILE, outcome_of, profile
from tests.kit.x12_writer import Group, Interchange, Set, one_set, payload, rows

BEG = "BEG*00*SA*4500000001**20260105"


def outcome(*segments: str, partner: Profile = PROFILE) -> Outcome:
    return outcome_of(one_set(rows("\n".join([BEG, *segments]))), partner)


def order(*segments: str) -> Order:
    return outcome(*segments).order


def line(*segments: str) -> OrderLine:
    (found,) = order(*segments).lines
    return found


def refusal(*segments: str) -> Rejected:
    (found,) = outcome(*segments).refusals
    return found


def variances(found: Order) -> list[tuple[str, str, Decimal]]:
    return [(variance.code.value, variance.subject, variance.difference) for variance in found.variances]


def kept(found: Order) -> list[tuple[str, str]]:
    return [(e.name, e.value) for e in found.extensions if not e.name.startswith("BEG")]


@pytest.mark.parametrize(
    ("raw", "value", "unit", "stock"),
    [
        ("10*EA", "10", "EA", None),
        ("10.5*LB", "10.5", "LBR", None),
        ("2500*YD", "2500", "YRD", None),
        (".5*FT", "0.5", "FOT", None),
        ("3*DZ", "3", "DZN", None),
        ("7*PC", "7", "H87", None),
        ("7*KGM", "7", "KGM", None),
        ("10*CS", "10", "CS", ("120", "EA")),
        ("2.5*SK", "2.5", "SK", ("125", "LBR")),
        ("0*EA", "0", "EA", None),
        ("1,250*EA", "1250", "EA", None),
    ],
)
def test_quantities_keep_the_ordered_unit_and_get_the_stock_unit(
    raw: str, value: str, unit: str, stock: tuple[str, str] | None
) -> None:
    found = line(f"PO1*1*{raw}*1")
    assert (found.ordered.value, found.ordered.unit) == (Decimal(value), unit)
    expected = None if stock is None else (Decimal(stock[0]), stock[1])
    assert (found.stock_quantity and (found.stock_quantity.value, found.stock_quantity.unit)) == expected


@pytest.mark.parametrize(
    ("po1", "code", "place"),
    [
        ("PO1*1**EA*1", RejectionCode.FIELD_INVALID, "PO102"),
        ("PO1*1*ten*EA*1", RejectionCode.AMOUNT_UNPARSABLE, "PO102"),
        ("PO1*1*-1*EA*1", RejectionCode.FIELD_INVALID, "PO102"),
        ("PO1*1*1.0000001*EA*1", RejectionCode.FIELD_INVALID, "PO102"),
        ("PO1*1*NaN*EA*1", RejectionCode.AMOUNT_UNPARSABLE, "PO102"),
        ("PO1*1*10*ZZ*1", RejectionCode.UNIT_UNMAPPED, "PO103"),
        ("PO1*1*10*INVALID*1", RejectionCode.UNIT_UNMAPPED, "PO103"),
        ("PO1*1*10**1", RejectionCode.UNIT_UNMAPPED, "PO103"),
        ("PO1*1*10*EA*1O.50", RejectionCode.AMOUNT_UNPARSABLE, "PO104"),
    ],
)
def test_a_quantity_or_unit_that_cannot_be_read_is_refused_at_its_element(
    po1: str, code: RejectionCode, place: str
) -> None:
    found = refusal(po1)
    assert (found.code, found.path) == (code, f"interchange 000000055/group 1/set 0001/segment 3 PO1/{place}")


def test_an_unmapped_unit_names_the_fix() -> None:
    assert "add it to `units` of profile acme/dist" in refusal("PO1*1*10*ZZ*1").detail


def test_a_bad_line_refuses_its_order_at_that_line() -> None:
    assert refusal("PO1*1*10*EA*1", "PO1*2*10*QQ*1").path.endswith("segment 4 PO1/PO103")


@pytest.mark.parametrize(
    ("po1s", "expected"),
    [
        (["PO1*1*1*EA*1", "PO1*2*1*EA*1"], ["1", "2"]),
        (["PO1*001*1*EA*1", "PO1*A-7*1*EA*1"], ["001", "A-7"]),
        (["PO1**1*EA*1", "PO1**1*EA*1"], ["1", "2"]),
        (["PO1*2*1*EA*1", "PO1**1*EA*1"], ["2", "2#2"]),
        (["PO1*1*1*EA*1", "PO1*1*1*EA*1", "PO1*1*1*EA*1"], ["1", "1#2", "1#3"]),
    ],
)
def test_line_ids_are_the_senders_else_the_position_and_always_unique(
    po1s: list[str], expected: list[str]
) -> None:
    found = outcome(*po1s)
    assert [one.line_id for one in found.order.lines] == expected
    assert ("line_id_repeated" in found.warnings) is any("#" in one for one in expected)


@pytest.mark.parametrize(
    ("pair", "scheme", "value", "issuer"),
    [
        ("UP*036000291452", "gtin", "00036000291452", ""),
        ("EN*4006381333931", "gtin", "04006381333931", ""),
        ("UK*10614141000415", "gtin", "10614141000415", ""),
        ("EO*96385074", "gtin", "00000096385074", ""),
        ("UP*0-36000-29145-2", "gtin", "00036000291452", ""),
        ("UI*03600029145", "gtin", "00036000291452", ""),
        ("UP*036000291453", "unknown", "036000291453", "dist:UP"),
        ("UP*12345", "unknown", "12345", "dist:UP"),
        ("BP*A_QU001-BLK", "buyer_part", "A_QU001-BLK", "dist"),
        ("IN*77", "buyer_part", "77", "dist"),
        ("CB*065322-117", "buyer_part", "065322-117", "dist"),
        ("VN*0054321", "vendor_part", "0054321", "acme"),
        ("VP*V-1", "vendor_part", "V-1", "acme"),
        ("MG*XYZ-1234", "manufacturer_part", "XYZ-1234", ""),
        ("SK*WCA-W5614SE", "sku", "WCA-W5614SE", ""),
        ("ST*F07", "unknown", "F07", "dist:ST"),
        ("vn*0054321", "vendor_part", "0054321", "acme"),
    ],
)
@pytest.mark.parametrize("place", ["PO1*1*1*EA*1**{}", "PO1*1*1*EA*1\nLIN*1*{}", "PO1*1*1*EA*1******{}"])
def test_identifier_pairs_keep_their_scheme_and_issuer(
    place: str, pair: str, scheme: str, value: str, issuer: str
) -> None:
    (found,) = line(*place.format(pair).split("\n")).identifiers
    assert (found.scheme, found.value, found.issuer) == (scheme, value, issuer)


def test_a_wrong_check_digit_is_reported() -> None:
    assert outcome("PO1*1*1*EA*1**UP*036000291453").warnings == {"gtin_invalid"}


def test_several_pairs_make_several_identifiers_and_descriptions_become_extensions() -> None:
    found = order("PO1*1*1*EA*1*TE*CB*B-1*PR*RO*VN*V-1*CL*RED*SZ*XL", "LIN**VN*V-1*MG*M-1")
    assert [(i.scheme, i.value) for i in found.lines[0].identifiers] == [
        ("buyer_part", "B-1"),
        ("vendor_part", "V-1"),
        ("manufacturer_part", "M-1"),
    ]
    assert kept(found) == [("lines[1].PO1.PR", "RO"), ("lines[1].PO1.CL", "RED"), ("lines[1].PO1.SZ", "XL")]


@pytest.mark.parametrize("pair", ["VN*", "*V-1", "VN"])
def test_half_a_pair_is_reported_and_identifies_nothing(pair: str) -> None:
    found = outcome(f"PO1*1*1*EA*1**{pair}")
    assert (found.order.lines[0].identifiers, found.warnings) == ((), {"product_id_incomplete"})


def test_an_item_without_identifiers_is_unknown_and_no_error() -> None:
    found = line("PO1*1*1*EA*1")
    assert (found.sku, found.resolution, found.identifiers) == (None, "unknown", ())


def test_the_sku_is_resolved_by_the_profile() -> None:
    assert (line("PO1*1*1*EA*1**VN*SKU-1").sku, line("PO1*1*1*EA*1**BP*SKU-1").sku) == ("SKU-1", None)


def test_store_splits_are_kept_and_compared_with_the_line() -> None:
    found = order("PO1*1*20*EA*1", "SDQ*EA*92*0100*12*0131*5", "SDQ*EA*92*0242*2")
    assert kept(found) == [
        ("lines[1].SDQ.92.0100", "12 EA"),
        ("lines[1].SDQ.92.0131", "5 EA"),
        ("lines[1].SDQ.92.0242", "2 EA"),
    ]
    assert variances(found) == [("quantity_total", "1.SDQ", Decimal(-1))]
    assert variances(order("PO1*1*17*EA*1", "SDQ*EA*92*0100*12*0131*5")) == []


def test_the_location_behind_ten_stores_is_no_store() -> None:
    stores = "*".join(f"{store:04d}*1" for store in range(10))
    found = order("PO1*1*10*EA*1", f"SDQ*EA*92*{stores}*DOCK4")
    assert (len(kept(found)), variances(found)) == (10, [])


def test_schedules_are_kept_and_compared_with_the_line() -> None:
    found = order("PO1*1*25*EA*36", "SCH*20*EA***106*20260615", "SCH*5*EA***106*20260715")
    assert kept(found) == [("lines[1].SCH", "20*EA***106*20260615"), ("lines[1].SCH", "5*EA***106*20260715")]
    assert variances(found) == []
    assert variances(order("PO1*1*25*EA*36", "SCH*20*EA")) == [("quantity_total", "1.SCH", Decimal(-5))]


@pytest.mark.parametrize("parts", [["SDQ*EA*92*0100*12*0131*5"], ["SCH*12*EA", "SCH*5*EA"]])
def test_a_line_without_quantity_orders_the_sum_of_its_parts(parts: list[str]) -> None:
    found = outcome("PO1*1***1", *parts)
    assert (found.order.lines[0].ordered.value, found.order.lines[0].ordered.unit) == (Decimal(17), "EA")
    assert found.warnings == {"quantity_from_parts"}


def test_a_ship_date_of_a_line_is_the_lines_and_other_dates_are_kept() -> None:
    found = order("PO1*1*1*EA*1", "DTM*010*20260120", "DTM*002*20260125", "PO1*2*1*EA*1")
    ships = [one.requested_ship and one.requested_ship.date.isoformat() for one in found.lines]
    assert ships == ["2026-01-20", None]
    assert (found.requested_ship, found.requested_delivery) == (None, None)
    assert ("lines[1].DTM.002", "20260125") in kept(found)


def test_a_schedule_for_shipping_is_the_lines_ship_date() -> None:
    found = line("PO1*1*25*EA*36", "SCH*20*EA***010*20260615", "SCH*5*EA***010*20260715")
    assert found.requested_ship is not None
    assert found.requested_ship.date.isoformat() == "2026-06-15"
    assert outcome("PO1*1*25*EA*36", "SCH*25*EA***010*soon").warnings == {"date_unreadable"}


def test_sublines_are_kept_reported_and_change_no_figure_of_their_line() -> None:
    found = outcome(
        "PO1*1*2*EA*100**VN*KIT",
        "PID*F****a kit",
        "SLN*1**I*2*EA*5.00*PE**UP*036000291452",
        "PID*F****a part",
        "DTM*010*20260120",
        "SAC*C*D240***500",
        "AMT*1*10",
        "PO1*2*1*EA*1",
    )
    assert [one.line_id for one in found.order.lines] == ["1", "2"]
    assert found.order.computed.total.amount == Decimal(201)
    assert found.order.lines[0].requested_ship is None
    assert found.warnings == {"subline_kept", "charge_not_counted"}
    assert kept(found.order) == [
        ("lines[1].PID", "F****a kit"),
        ("lines[1].SLN[1]", "1**I*2*EA*5.00*PE**UP*036000291452"),
        ("lines[1].SLN[1].PID", "F****a part"),
        ("lines[1].SLN[1].DTM.010", "20260120"),
        ("lines[1].SLN[1].SAC", "C*D240***500"),
        ("lines[1].SLN[1].AMT.1", "1*10"),
    ]


@pytest.mark.parametrize(
    ("ctt", "expected"),
    [
        ("CTT*2", []),
        ("CTT*2*30.5", []),
        ("CTT*2*215", []),
        ("CTT*3", [("line_count", "line_count", Decimal(1))]),
        ("CTT*2*31", [("quantity_total", "quantity_total", Decimal("0.5"))]),
        (
            "CTT*1*9",
            [
                ("line_count", "line_count", Decimal(-1)),
                ("quantity_total", "quantity_total", Decimal("-21.5")),
            ],
        ),
    ],
)
def test_control_totals_that_differ_are_variances(ctt: str, expected: list[tuple[str, str, Decimal]]) -> None:
    found = order("PO1*1*10*EA*1", "PO1*2*20.5*LB*1", ctt)
    assert variances(found) == expected
    assert (found.line_count, found.quantity_total) == (2, Decimal("30.5"))


def test_the_standards_hash_total_leaves_the_decimal_point_out() -> None:
    assert variances(order("PO1*1*1.5*LB*1", "PO1*2*2.25*LB*1", "CTT*2*240")) == []
    assert variances(order("PO1*1*1.5*LB*1", "PO1*2*2.25*LB*1", "CTT*2*241")) != []


def test_an_unreadable_control_total_is_reported() -> None:
    assert outcome("PO1*1*10*EA*1", "CTT*two").warnings == {"control_total_unreadable"}


def test_a_loss_that_two_counts_agree_on_refuses_the_order() -> None:
    value = one_set(rows(f"{BEG}\nPO1*1*10*EA*1\nPO1*2*10*EA*1\nCTT*2"))
    outcome = outcome_of(value.replace(b"PO1*2*10*EA*1~\n", b""))
    (found,) = outcome.refusals
    assert found.code is RejectionCode.CONTROL_TOTAL_MISMATCH
    assert found.path.endswith("SE/SE01")
    assert "SE01 states 6 segments and CTT01 2 lines, but there are 5 and 1" in found.detail


@pytest.mark.parametrize(
    ("count", "summary"),
    [
        (7, ["CTT*2*10"]),
        (8, ["CTT*2", "AMT*TT*10"]),
        (44, ["CTT*2"]),
        (5, ["CTT*2"]),
        (7, ["CTT*1"]),
    ],
)
def test_counts_that_lie_differently_or_against_a_right_total_do_not_refuse(
    count: int, summary: list[str]
) -> None:
    lying = Set(rows("\n".join([BEG, "PO1*1*10*EA*1", *summary])), count=count)
    assert outcome_of(payload(Interchange((Group((lying,)),)))).order.line_count == 1


def test_every_segment_of_a_set_is_mapped_kept_or_noted() -> None:
    segments = [
        "PO1*1*1*EA*1",
        "PO3*AA",
        "PAM****1*2",
        "MEA*WT*WT*10*OZ",
        "PID*F****widget",
        "PO4*4*4*EA",
        "REF*19*C",
    ]
    segments += [
        "PKG*F*68***X",
        "TD1*CTN*4",
        "TXI*ST",
        "CTP*RS*MSR*2.99",
        "MAN*GM*0001",
        "IT8*******B0",
        "TC2*J*5811",
    ]
    found = order(*segments)
    assert {name.split(".", 1)[1].split(".")[0] for name, _ in kept(found)} == {
        segment.split("*")[0] for segment in segments[1:]
    }


def test_a_file_may_map_the_empty_unit() -> None:
    partner = profile(units={"": "EA"})
    assert outcome("PO1*1*3**1", partner=partner).order.lines[0].ordered.unit == "EA"
