"""940 and 945: what a warehouse is told and what it did."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import ErpDocument, Shipment
from tests.kit.x12_sets import kept, read_text, warned

W05 = "W05*N*DO-1*PO-1\n"
W06 = "W06*F*DO-1*20260106*SHP-1**PO-1\n"
SSCC = "006141411234567890"


def order(text: str) -> ErpDocument:
    (found,) = read_text("940", text).entities
    assert isinstance(found, ErpDocument)
    return found


def shipment(text: str) -> Shipment:
    (found,) = read_text("945", text).entities
    assert isinstance(found, Shipment)
    return found


def test_a_shipping_order_is_a_delivery_without_amounts() -> None:
    found = order(W05 + "LX*1\nW01*6*EA*036000291452*VN*SKU-1\nG69*BLUE MUG\nLX*2\nW01*3*EA**VN*SKU-2\nW76*9")
    assert (found.key, found.kind, found.state) == ("acme/dist/PO-1/dist/DO-1", "delivery", "confirmed")
    assert [(line.erp_line_ref, line.sku, line.quantity.value) for line in found.lines] == [
        ("1", "SKU-1", Decimal(6)),
        ("2", "SKU-2", Decimal(3)),
    ]
    assert (found.totals.net, found.totals.gross, found.variances) == (None, None, ())
    assert {i.scheme.value for i in found.lines[0].identifiers} == {"vendor_part", "gtin"}
    assert kept(found)["LX[1].G69"] == "BLUE MUG"


@pytest.mark.parametrize(("code", "change"), [("N", "created"), ("R", "updated"), ("F", "cancelled")])
def test_the_status_code_says_what_the_order_does(code: str, change: str) -> None:
    found = order(W05.replace("*N*", f"*{code}*") + "LX*1\nW01*6*EA**VN*SKU-1")
    assert (found.change, found.state == "cancelled") == (change, change == "cancelled")


def test_the_total_of_units_is_compared() -> None:
    found = order(W05 + "LX*1\nW01*6*EA**VN*SKU-1\nW76*7")
    assert [(v.code.value, v.difference) for v in found.variances] == [("quantity_total", Decimal(1))]


def test_a_number_that_is_no_gtin_keeps_its_text() -> None:
    found = order(W05 + "LX*1\nW01*6*EA*036000291453")
    assert [(i.scheme.value, i.value) for i in found.lines[0].identifiers] == [("unknown", "036000291453")]


def test_what_no_field_takes_of_party_and_line_is_kept() -> None:
    found = order(W05 + "N1*ST**92*S12\nLX*1\nW01*6*EA**VN*SKU-1******LOT-4**20260401")
    assert (kept(found)["N1.ST"], kept(found)["lines[1].W01.08"]) == ("92 S12", "***LOT-4**20260401")
    advice = shipment(
        "W06*N*DO-1*CCYYMMDD*SHP-1**PO-1\nN1*ST**92*S12\nN1*BY**92*B1\nLX*1\n"
        "W12*CC*6*6**EA**VN*SKU-1**799*G*L"
    )
    assert {"W06.03": "CCYYMMDD", "N1.BY": "92 B1", "lines[1].W12.10": "799*G*L"}.items() <= kept(
        advice
    ).items()
    assert "N1.ST" not in kept(advice)


def test_an_advice_ships_what_was_shipped() -> None:
    text = W06 + (
        f"N1*WH*East*92*E1\nN1*ST*Store*92*7\nG62*11*20260107\nW27*M*ABCD*GROUND\nLX*1\nMAN*GM*{SSCC}\nN9*2I*1Z9\n"
        "W12*CC*6*6*0*EA*036000291452*VN*SKU-1*LOT-4\nLX*2\nW12*CP*3*2*1*EA**VN*SKU-2\nW03*8*40*LB"
    )
    found = shipment(text)
    assert (found.key, found.origin, found.location) == ("acme/dist/PO-1/SHP-1", "warehouse", "E1")
    assert found.shipped is not None
    assert found.shipped.date.day == 7
    assert found.ship_from is not None
    assert (found.ship_from.role, found.ship_from.name) == ("ship_from", "East")
    packed, loose = found.packages
    assert (packed.package_id, packed.sscc, packed.tracking_number, packed.carrier) == (
        SSCC,
        SSCC,
        "1Z9",
        "ABCD",
    )
    assert (packed.lines[0].sku, packed.lines[0].quantity.value, packed.lines[0].lot) == (
        "SKU-1",
        Decimal(6),
        "LOT-4",
    )
    assert (loose.package_id, loose.carrier, loose.lines[0].quantity.value) == ("-", "ABCD", Decimal(2))
    assert (found.variances, kept(found)["lines[2].W12"]) == ((), "CP*3*2*1*EA")


def test_a_difference_that_does_not_add_up_is_a_variance() -> None:
    (variance,) = shipment(W06 + "LX*1\nW12*CP*3*2*2*EA**VN*SKU-1").variances
    assert (variance.subject, variance.stated, variance.computed) == ("1.W1204", Decimal(2), Decimal(1))
    assert shipment(W06 + "LX*1\nW12*CP*3*2*-1*EA**VN*SKU-1").variances == ()


def test_who_ships_by_name_comes_before_the_warehouse() -> None:
    found = shipment(W06 + "N1*WH*East*92*E1\nN1*SF*Depot*92*D1\nLX*1\nW12*CC*6*6*0*EA**VN*SKU-1")
    assert found.ship_from is not None
    assert (found.ship_from.name, found.location, kept(found)["N1.WH"]) == ("Depot", "D1", "92 E1")


def test_without_a_shipment_number_the_order_of_the_depositor_names_it() -> None:
    found = read_text("945", "W06*F*DO-1*20260106\nLX*1\nW12*CC*6*6*0*EA**VN*SKU-1")
    assert (found.entities[0].key, warned(found)) == ("acme/dist/-/DO-1", {"order_missing"})


def test_two_packs_with_one_number_stay_two() -> None:
    pack = "LX*{0}\nMAN*AA*BOX\nW12*CC*1*1*0*EA**VN*SKU-1\n"
    assert [p.package_id for p in shipment(W06 + pack.format(1) + pack.format(2)).packages] == [
        "BOX",
        "BOX#2",
    ]


@pytest.mark.parametrize(
    ("kind", "text", "code", "path"),
    [
        ("940", "LX*1", "id_missing", "segment 1 ST"),
        ("940", "W05*N\nLX*1\nW01*1*EA", "id_missing", "W05/W0502"),
        ("940", W05, "lines_missing", "segment 3 SE"),
        ("940", W05 + "LX*1\nW01**EA", "field_invalid", "W01/W0101"),
        ("945", "W06*F**20260106\nLX*1\nW12*CC*1*1*0*EA", "id_missing", "W06/W0602"),
        ("945", W06 + "LX*1\nW12*CC*6*six*0*EA", "amount_unparsable", "W12/W1203"),
        ("945", W06 + "LX*1\nW12*CC*6*6*0*QQ", "unit_unmapped", "W12/W1205"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(kind: str, text: str, code: str, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_text(kind, text)
    assert (refused.value.code, refused.value.path.endswith(path)) == (code, True), refused.value.path


@pytest.mark.parametrize(
    ("w01", "found"),
    [
        ("W01*6*EA*036000291452*VN*SKU-1*LT*L4", {"SKU-1", "00036000291452"}),
        ("W01*6*EA*VN*SKU-1*UP*036000291452", {"SKU-1", "00036000291452"}),
        ("W01*6*EA****VN*SKU-1", {"SKU-1"}),
    ],
)
def test_item_numbers_are_found_where_senders_write_them(w01: str, found: set[str]) -> None:
    (line,) = order(W05 + f"LX*1\n{w01}").lines
    assert {identifier.value for identifier in line.identifiers} == found


def test_further_item_numbers_of_an_advice_stand_at_its_end() -> None:
    found = shipment(W06 + "LX*1\nW12*CC*6*6**EA*036000291452*VA*V-1**2.5*G*L*****VN*SKU-1")

    assert {i.value for i in found.packages[0].lines[0].identifiers} == {"00036000291452", "V-1", "SKU-1"}


def test_the_order_may_stand_in_a_reference() -> None:
    assert shipment("W06*F*DO-1*20260106*SHP-1\nN9*PO*PO-9\nLX*1\nW12*CC*6*6*0*EA").order_id == "PO-9"


def test_a_requested_date_is_not_the_day_of_shipping() -> None:
    found = shipment(W06 + "G62*10*20260109\nLX*1\nW12*CC*6*6*0*EA")
    assert found.shipped is not None
    assert found.shipped.date.day == 6
