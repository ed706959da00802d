"""856: levels, packages, orders, and what the tree does not say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Shipment
from tests.kit.x12_sets import kept, read_text, warned

BSN = "BSN*00*SHP-1*20260105*1345*0001\n"
ITEM = "LIN*1*VN*SKU-1\nSN1**5*EA\n"
SSCC = "006141411234567890"


def shipments(text: str) -> list[Shipment]:
    return [one for one in read_text("856", text).entities if isinstance(one, Shipment)]


def shipment(text: str) -> Shipment:
    (found,) = shipments(text)
    return found


def held(one: Shipment) -> dict[str, dict[str | None, Decimal]]:
    return {p.package_id: {line.sku: line.quantity.value for line in p.lines} for p in one.packages}


def test_an_item_is_in_the_pack_above_it() -> None:
    found = shipment(
        BSN + f"HL*1**S\nHL*2*1*O\nPRF*PO-1*2\nHL*3*2*T\nHL*4*3*P\nMAN*GM*00{SSCC}\nHL*5*4*I\n{ITEM}CTT*5*5"
    )
    assert found.key == "acme/dist/PO-1.2/SHP-1"
    assert held(found) == {SSCC: {"SKU-1": Decimal(5)}}
    assert found.packages[0].lines[0].line_id == "1"
    assert found.variances == ()


def test_an_item_without_a_pack_is_in_the_package_without_number() -> None:
    assert held(shipment(BSN + f"HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*I\n{ITEM}")) == {
        "-": {"SKU-1": Decimal(5)}
    }


def test_items_directly_in_a_tare_are_in_it() -> None:
    text = BSN + f"HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*T\nMAN*GM*{SSCC}\nHL*4*3*I\n{ITEM}"
    assert held(shipment(text)) == {SSCC: {"SKU-1": Decimal(5)}}


@pytest.mark.parametrize("parents", [("", "", ""), ("9", "9", "9"), ("2", "3", "4")])
def test_a_parent_that_cannot_be_is_replaced_by_the_order_of_the_document(
    parents: tuple[str, str, str],
) -> None:
    a, b, c = parents
    found = read_text(
        "856", BSN + f"HL*1**S\nHL*2*{a}*O\nPRF*PO-1\nHL*3*{b}*P\nMAN*AA*BOX\nHL*4*{c}*I\n{ITEM}"
    )
    assert "level_parent_unknown" in warned(found)
    (one,) = found.entities
    assert isinstance(one, Shipment)
    assert (one.order_id, held(one)) == ("PO-1", {"BOX": {"SKU-1": Decimal(5)}})


def test_items_may_stand_before_their_pack() -> None:
    text = (
        BSN.replace("0001", "0002")
        + f"HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*I\n{ITEM}HL*4*3*P\nMAN*GM*{SSCC}\n"
    )
    assert held(shipment(text)) == {SSCC: {"SKU-1": Decimal(5)}}


def test_an_item_in_several_packs_without_quantities_is_in_none() -> None:
    text = BSN + f"HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*I\n{ITEM}HL*4*3*P\nMAN*AA*A\nHL*5*3*P\nMAN*AA*B\n"
    found = read_text("856", text)
    assert warned(found) == {"package_contents_unknown"}
    (one,) = found.entities
    assert isinstance(one, Shipment)
    assert held(one) == {"A": {}, "B": {}, "-": {"SKU-1": Decimal(5)}}


def test_each_order_gets_a_shipment_with_its_own_items_and_extensions() -> None:
    text = (
        BSN
        + "HL*1**S\nREF*BM*BOL-1\n"
        + "".join(
            f"HL*{n * 2}*1*O\nPRF*PO-{n}\nREF*IA*V{n}\nHL*{n * 2 + 1}*{n * 2}*I\n{ITEM}" for n in (1, 2)
        )
    )
    first, second = shipments(text + "CTT*5*10")
    assert (first.order_id, second.order_id) == ("PO-1", "PO-2")
    assert kept(first) == {"BSN.05": "0001", "HL[1].REF.BM": "BOL-1", "HL[2].REF.IA": "V1"}
    assert kept(second) == {"BSN.05": "0001", "HL[1].REF.BM": "BOL-1", "HL[4].REF.IA": "V2"}
    assert (first.variances, second.variances) == ((), ())


def test_a_notice_without_an_order_is_told() -> None:
    found = read_text("856", BSN + f"HL*1**S\nHL*2*1*I\n{ITEM}")
    assert (found.entities[0].key, warned(found)) == ("acme/dist/-/SHP-1", {"order_missing"})


def test_the_store_that_bought_is_kept_beside_where_it_is_shipped() -> None:
    found = shipment(BSN + "HL*1**S\nN1*ST**92*DC1\nHL*2*1*O\nPRF*PO-1\nN1*BY**92*S12\nHL*3*2*I\n" + ITEM)
    assert found.ship_to is not None
    assert [i.value for i in found.ship_to.identifiers] == ["DC1"]
    assert kept(found)["HL[2].N1.BY"] == "92 S12"


def test_the_number_of_an_item_may_be_left_out_with_its_place() -> None:
    one = shipment(BSN + "HL*1**O\nPRF*PO-1\nHL*2*1*I\nLIN*VN*SKU-1\nSN1**5*EA")
    assert [(line.line_id, line.sku) for package in one.packages for line in package.lines] == [
        (None, "SKU-1")
    ]


def test_a_notice_that_names_no_item_is_told() -> None:
    found = read_text("856", "BSN*00*S-1*20260105*0600\nHL*1**S\nREF*BM*B-1\nHL*2*1*O\nPRF*PO-1")
    assert warned(found) == {"shipment_without_items"}


def test_carrier_tracking_and_weight_come_from_the_nearest_level() -> None:
    text = BSN + (
        "HL*1**S\nTD1*CTN*2****G*42*LB\nTD5*B*2*ABCD*M\nREF*CN*PRO-1\nDTM*011*20260105\nDTM*017*20260108\n"
        "N1*SF*Acme*92*W1\nN1*ST*Store*UL*0614141000012\n"
        f"HL*2*1*O\nPRF*PO-1\nHL*3*2*P\nMAN*GM*{SSCC}**CP*1Z9\nTD1*CTN*1****G*7*LB\nHL*4*3*I\n{ITEM}HL*5*2*I\n{ITEM}"
    )
    found = shipment(text)
    packed, loose = found.packages
    assert (packed.carrier, packed.tracking_number) == ("ABCD", "1Z9")
    assert packed.weight is not None
    assert packed.weight.value == Decimal(7)
    assert (loose.carrier, loose.tracking_number, loose.sscc, loose.weight) == ("ABCD", "PRO-1", None, None)
    assert (found.location, found.shipped and found.shipped.date.day) == ("W1", 5)
    assert (
        found.ship_to and found.ship_to.name,
        found.estimated_delivery and found.estimated_delivery.date.day,
    ) == ("Store", 8)


def test_an_sscc_with_a_wrong_check_digit_is_carried_and_told() -> None:
    found = read_text(
        "856", BSN + f"HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*P\nMAN*GM*{SSCC[:-1]}1\nHL*4*3*I\n{ITEM}"
    )
    assert warned(found) == {"sscc_invalid"}
    (one,) = found.entities
    assert isinstance(one, Shipment)
    assert one.packages[0].sscc == SSCC[:-1] + "1"


def test_two_packs_with_one_number_stay_two() -> None:
    pack = "HL*{}*2*P\nMAN*AA*BOX\n"
    text = BSN + "HL*1**S\nHL*2*1*O\nPRF*PO-1\n" + pack.format(3) + pack.format(4)
    assert list(held(shipment(text))) == ["BOX", "BOX#4"]


def test_lot_and_serial_numbers_stand_at_the_line() -> None:
    text = (
        BSN + "HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*I\nLIN*7*VN*SKU-1*LT*L-4*SN*S-1\nSN1**1*EA\nREF*SE*S-2\n"
    )
    (line,) = shipment(text).packages[0].lines
    assert (line.line_id, line.lot, set(line.serials)) == ("7", "L-4", {"S-1", "S-2"})


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("00", ("original", "created", False)),
        ("05", ("replace", "updated", False)),
        ("01", ("cancel", "cancelled", True)),
    ],
)
def test_the_purpose_says_what_the_notice_does(purpose: str, expected: tuple[str, str, bool]) -> None:
    found = shipment(BSN.replace("*00*", f"*{purpose}*") + f"HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*I\n{ITEM}")
    assert (found.purpose, found.change, found.cancels) == expected


def test_a_cancellation_may_hold_no_level() -> None:
    found = shipment("BSN*01*SHP-1*20260105*1345")
    assert (found.cancels, held(found)) == (True, {"-": {}})


def test_the_total_of_units_and_levels_is_compared() -> None:
    text = BSN + f"HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*I\n{ITEM}"
    assert {v.code: v.difference for v in shipment(text + "CTT*9*6").variances} == {
        "line_count": 6,
        "quantity_total": 1,
    }
    assert shipment(text + "CTT*1*5").variances == ()


def test_the_count_may_be_of_the_items_that_stand_in_one_level() -> None:
    goods = "LIN**VN*A\nSN1**1*EA\nLIN**VN*B\nSN1**2*EA\nLIN**VN*C\nSN1**3*EA\n"
    notice = BSN + "HL*1**S\nHL*2*1*O\nPRF*PO-1\n" + goods
    assert shipment(notice + "CTT*3").variances == ()
    assert [v.computed for v in shipment(notice + "CTT*4").variances] == [Decimal(2)]


def test_an_item_without_a_quantity_is_in_no_package() -> None:
    found = read_text("856", BSN + "HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*I\nLIN*1*VN*SKU-1\n")
    assert warned(found) == {"item_without_quantity"}


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("HL*1**S", "id_missing", "segment 1 ST"),
        ("BSN*00**20260105*1345\nHL*1**S", "id_missing", "BSN/BSN02"),
        (BSN, "lines_missing", "segment 2 BSN"),
        (BSN + "HL*1**I\nSN1**x*EA", "amount_unparsable", "SN1/SN102"),
        (BSN + "HL*1**I\nSN1***EA", "field_invalid", "SN1/SN102"),
        (BSN + "HL*1**I\nSN1**1*QQ", "unit_unmapped", "SN1/SN103"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text: str, code: str, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_text("856", text)
    assert (refused.value.code, refused.value.path.endswith(path)) == (code, True), refused.value.path


def test_the_output_of_many_orders_is_bounded() -> None:
    levels = "".join(f"HL*{n}*1*O\nPRF*PO-{n}\n" for n in range(2, 302))
    with pytest.raises(Rejected) as refused:
        read_text("856", BSN + "HL*1**S\n" + "REF*ZZ*X\n" * 200 + levels)
    assert refused.value.code == "output_too_large"


def test_goods_may_stand_in_the_order_or_in_the_pack_itself() -> None:
    loose = shipment(BSN + f"HL*1**S\nHL*2*1*O\nPRF*PO-1\n{ITEM}LIN*2*VN*SKU-2\nSN1**3*EA\nCTT*2*8")
    assert (held(loose), loose.variances) == ({"-": {"SKU-1": Decimal(5), "SKU-2": Decimal(3)}}, ())
    packed = shipment(BSN + f"HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*P\nMAN*AA*BOX\n{ITEM}")
    assert held(packed) == {"BOX": {"SKU-1": Decimal(5)}}


def test_an_item_may_stand_behind_its_quantity() -> None:
    text = (
        BSN + "HL*1**S\nHL*2*1*O\nPRF*PO-1\nHL*3*2*I\nSN1**2*EA\nLIN*1*VN*SKU-1\nSN1**3*EA\nLIN*2*VN*SKU-2\n"
    )
    assert held(shipment(text)) == {"-": {"SKU-1": Decimal(2), "SKU-2": Decimal(3)}}


def test_what_the_header_says_of_the_carrier_holds_for_all() -> None:
    found = shipment(BSN + f"TD5**2*ABCD*M*GROUND\nREF*2I*1Z9\nHL*1**S\nPRF*PO-1\nHL*2*1*I\n{ITEM}")
    assert (found.order_id, found.packages[0].carrier, found.packages[0].tracking_number) == (
        "PO-1",
        "ABCD",
        "1Z9",
    )


def test_the_order_may_stand_at_the_item() -> None:
    text = (
        BSN
        + "HL*1**S\nHL*2*1*I\nLIN*1*VN*SKU-1*PO*PO-1\nSN1**2*EA\n"
        + "HL*3*1*I\nLIN*2*VN*SKU-2*PO*PO-2\nSN1**1*EA\n"
    )
    assert [one.order_id for one in shipments(text)] == ["PO-1", "PO-2"]
