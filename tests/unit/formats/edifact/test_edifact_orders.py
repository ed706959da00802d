"""ORDERS and ORDCHG: what each segment becomes, and what refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.models import ErpDocument, Order
from tests.kit.edi_reading import Outcome
from tests.kit.edifact_reading import profile, read, rows_of

HEAD = """
BGM+220+PO-1+9
DTM+137:20260105:102
"""
LINE = """
LIN+1++2000000000015:EN
QTY+21:10
"""


def order_of(text: str, message_type: str = "ORDERS") -> Outcome:
    return read(rows_of(text), message_type)


def line_of(text: str) -> Outcome:
    return order_of(HEAD + LINE + text)


def figures(order: Order) -> dict[str, object]:
    return {f"{one.code}:{one.subject}": (one.stated, one.computed) for one in order.variances}


# ---- identity and purpose --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "change", "cancellation"),
    [
        ("9", "created", "none"),
        ("", "created", "none"),
        ("7", "created", "none"),
        ("5", "updated", "none"),
        ("4", "updated", "none"),
        ("1", "cancelled", "cancelled"),
    ],
)
def test_the_function_is_the_change(function: str, change: str, cancellation: str) -> None:
    order = order_of(f"BGM+220+PO-1+{function}\nDTM+137:20260105:102" + LINE + "PRI+AAA:1").order
    assert (order.change, order.cancellation.status) == (change, cancellation)


@pytest.mark.parametrize("function", ["2", "27", "33", "ZZ"])
def test_a_function_of_no_complete_order_is_refused(function: str) -> None:
    refusal = order_of(f"BGM+220+PO-1+{function}\nDTM+137:20260105:102" + LINE).refusal
    assert (refusal.code, refusal.path.endswith("BGM/BGM03")) == ("field_invalid", True)


def test_the_number_is_that_of_bgm_else_of_rff_on() -> None:
    assert order_of("BGM+220+B-1+9\nDTM+137:20260105:102\nRFF+ON:X" + LINE).order.order_id == "B-1"
    assert order_of("BGM+220++9\nDTM+137:20260105:102\nRFF+ON:X" + LINE).order.order_id == "X"
    assert order_of("BGM+220++9\nDTM+137:20260105:102" + LINE).refusal.code == "id_missing"


def test_an_order_without_lines_is_refused() -> None:
    assert order_of(HEAD).refusal.code == "lines_missing"


def test_a_cancelled_line_needs_no_quantity() -> None:
    outcome = order_of("BGM+220+PO-1+1\nDTM+137:20260105:102\nLIN+1++2000000000015:EN")
    assert outcome.order.lines[0].ordered.value == 0
    assert "line_reference_only" in outcome.warnings


# ---- header ----------------------------------------------------------------------------------------------


def test_parties_with_their_numbers_contacts_and_tax_ids() -> None:
    outcome = order_of(
        HEAD
        + """
        NAD+BY+9900000000011::9++Test Grocer:Central+Example Street 1:Back+Testtown+BE+00001+DE
        RFF+VA:XX1
        CTA+OC+:Test Person
        COM+000-555:TE
        COM+b@example.com:EM
        NAD+SU+S7::92
        NAD+DP+D7::91
        NAD+UC+U7::91
        NAD+LC+L7
        """
        + LINE
    )
    buyer, seller, ship_to = outcome.order.parties
    assert (buyer.role, seller.role, ship_to.role) == ("buyer", "seller", "ship_to")
    assert (buyer.name, buyer.phone, buyer.email) == ("Test Grocer, Central", "000-555", "b@example.com")
    assert buyer.tax_ids == ("XX1",)
    assert buyer.address is not None
    assert buyer.address.lines == ("Example Street 1", "Back")
    assert (buyer.address.city, buyer.address.region) == ("Testtown", "BE")
    assert (buyer.address.postal_code, buyer.address.country) == ("00001", "DE")
    issued = [(one.identifiers[0].scheme, one.identifiers[0].issuer) for one in (buyer, seller, ship_to)]
    assert issued == [("gln", ""), ("unknown", "grocer"), ("unknown", "acme")]
    assert {"party_role_repeated", "party_role_unmapped"} <= outcome.warnings
    assert outcome.order.notes is not None
    assert "Test Person" in outcome.order.notes
    assert not any("Test Person" in one.value for one in outcome.order.extensions)


def test_an_unstructured_name_stands_in_the_third_element() -> None:
    order = order_of(HEAD + "NAD+BY+B7::92+Test Grocer:Example Street 1:Testtown" + LINE).order
    assert order.parties[0].name == "Test Grocer"
    assert order.parties[0].address is not None
    assert order.parties[0].address.lines == ("Example Street 1", "Testtown")


@pytest.mark.parametrize(
    ("cux", "code"),
    [
        ("CUX+2:USD:9", "currency_mixed"),
        ("CUX+2:XXX1:9", "currency_unknown"),
        ("CUX+2:EUR:9\nCUX+2:USD:9", "currency_mixed"),
    ],
)
def test_a_currency_that_cannot_be_is_refused(cux: str, code: str) -> None:
    assert order_of(HEAD + cux + LINE).refusal.code == code


def test_the_currency_comes_from_cux_amounts_or_profile() -> None:
    free = profile(money={"amounts": "major_text", "tax_mode": "exclusive"})
    for text in ("CUX+2:GBP:9+3:EUR:4+1.67" + LINE, LINE + "MOA+203:5:GBP", "CUX+1:GBP" + LINE):
        assert read(rows_of(HEAD + text), partner=free).order.currency == "GBP"
    assert read(rows_of(HEAD + LINE), partner=free).refusal.code == "currency_missing"


def test_amounts_in_the_target_currency_are_kept_aside() -> None:
    outcome = order_of(HEAD + "CUX+2:EUR:9+3:SEK:4" + LINE + "MOA+203:50\nUNS+S\nMOA+86:50\nMOA+86:550:SEK")
    assert outcome.order.stated.total is not None
    assert outcome.order.stated.total.amount == 50
    assert figures(outcome.order) == {}
    assert "amount_in_other_currency" in outcome.warnings
    assert line_of("MOA+203:5:SEK").refusal.code == "currency_mixed"


def test_terms_transport_texts_and_references_are_kept() -> None:
    order = order_of(
        HEAD
        + """
        FTX+PUR+++ring:twice
        RFF+CT:C-1
        DTM+171:20250101:102
        RFF+CR:K-9
        PAT+1++5:3:D:30
        TDT+20++30+31++++:::
        TDT+20++30+31+CAR-1::91:Example Carrier
        """
        + LINE
    ).order
    kept = {one.name: one.value for one in order.extensions}
    assert (kept["RFF.CT"], kept["RFF.CT.DTM.171"], kept["PAT"]) == ("C-1", "20250101:102", "1++5:3:D:30")
    assert (order.notes, order.buyer_reference, order.shipping_method_raw) == ("ring twice", "K-9", "31")


# ---- lines: items and quantities -------------------------------------------------------------------------


def test_item_numbers_keep_their_kind() -> None:
    outcome = order_of(
        HEAD + "LIN+1++2000000000015:EN\nPIA+1+B-1:IN+S-1:SA\nPIA+5+M-1:MF\nPIA+1+4711:SRS+LOT:NB\nQTY+21:1"
    )
    (line,) = outcome.order.lines
    assert [(one.scheme.value, one.value, one.issuer) for one in line.identifiers] == [
        ("gtin", "02000000000015", ""),
        ("buyer_part", "B-1", "grocer"),
        ("vendor_part", "S-1", "acme"),
        ("manufacturer_part", "M-1", ""),
        ("unknown", "4711", "grocer:SRS"),
    ]
    assert ("lines[1].PIA.NB", "LOT") in {(one.name, one.value) for one in outcome.order.extensions}
    assert (line.sku, line.resolution) == ("S-1", "exact")


def test_a_wrong_gtin_is_kept_as_unknown() -> None:
    outcome = order_of(HEAD + "LIN+1++2000000000016:EN\nQTY+21:1")
    assert outcome.order.lines[0].identifiers[0].scheme == "unknown"
    assert "gtin_invalid" in outcome.warnings


@pytest.mark.parametrize(
    ("written", "unit", "stock"),
    [
        ("10", "EA", None),
        ("10:PCE", "C62", None),
        ("10:KGM", "KGM", None),
        ("10:CT", "CT", 120),
        ("10:H87", "H87", None),
    ],
)
def test_units(written: str, unit: str, stock: int | None) -> None:
    (line,) = order_of(HEAD + f"LIN+1\nQTY+21:{written}").order.lines
    assert line.ordered.unit == unit
    assert (line.stock_quantity and line.stock_quantity.value) == stock


def test_an_unknown_unit_is_refused_at_its_place() -> None:
    refusal = order_of(HEAD + "LIN+1\nQTY+21:1:ZZZ").refusal
    assert (refusal.code, refusal.path.endswith("QTY/QTY01.3")) == ("unit_unmapped", True)


def test_splits_are_kept_and_compared() -> None:
    text = "LIN+1\nQTY+21:10\nLOC+7+S1::9\nQTY+11:4\nDTM+2:20260110:102\nLOC+7+S2::9\nQTY+11:5"
    order = order_of(HEAD + text).order
    assert figures(order) == {"quantity_total:1.QTY.split": (Decimal(9), Decimal(10))}
    assert [one.value for one in order.extensions if one.name == "lines[1].QTY.split"] == [
        "7+S1::9 11:4",
        "7+S2::9 11:5",
    ]


def test_without_an_ordered_quantity_the_splits_are_it() -> None:
    outcome = order_of(HEAD + "LIN+1\nLOC+7+S1\nQTY+11:4\nLOC+7+S2\nQTY+11:5")
    assert outcome.order.lines[0].ordered.value == 9
    assert "quantity_from_parts" in outcome.warnings


@pytest.mark.parametrize("text", ["", "QTY+59:12", "QTY+21:-1", "QTY+21:1.0000001"])
def test_a_line_without_a_usable_quantity_is_refused(text: str) -> None:
    assert order_of(HEAD + "LIN+1\n" + text).refusal.code == "field_invalid"


def test_a_quantity_that_is_not_said_to_be_ordered_is_told() -> None:
    outcome = order_of(HEAD + "LIN+1\nQTY+12:5:PCE\nPRI+AAA:2")
    assert outcome.order.lines[0].ordered.value == 5
    assert "quantity_code_unusual" in outcome.warnings
    both = order_of(HEAD + "LIN+1\nQTY+12:5:PCE\nQTY+21:6:PCE\nPRI+AAA:2")
    assert both.order.lines[0].ordered.value == 6
    assert "quantity_code_unusual" not in both.warnings


def test_an_action_of_a_line_is_kept() -> None:
    kept = {one.name: one.value for one in order_of(HEAD + "LIN++A1:SA\nQTY+21:5").order.extensions}
    assert kept["lines[1].LIN.02"] == "A1:SA"


def test_a_sub_line_is_kept_and_not_ordered() -> None:
    outcome = order_of(HEAD + LINE + "LIN+2++2000000000022:EN+1:1\nQTY+21:5\nUNS+S\nCNT+2:2")
    assert [line.line_id for line in outcome.order.lines] == ["1"]
    assert outcome.order.variances == ()
    assert "subline_kept" in outcome.warnings
    assert ("lines[1].LIN[1].QTY", "21:5") in {(one.name, one.value) for one in outcome.order.extensions}


def test_a_repeated_line_number_is_numbered_by_position() -> None:
    outcome = order_of(HEAD + "LIN+1\nQTY+21:1\nLIN+1\nQTY+21:2")
    assert [line.line_id for line in outcome.order.lines] == ["1", "1#2"]
    assert "line_id_repeated" in outcome.warnings


# ---- changes ---------------------------------------------------------------------------------------------

CHANGE = """
BGM+230+CHG-1+{}
DTM+137:20260105:102
RFF+ON:PO-1
LIN+1+3+2000000000015:EN
QTY+21:8
PRI+AAA:2
LIN+2+2+2000000000022:EN
LIN+3+1+2000000000039:EN
QTY+21:1
"""


def test_a_change_of_some_lines_makes_no_order() -> None:
    outcome = order_of(CHANGE.format("4"), "ORDCHG")
    document = outcome.one(ErpDocument)
    assert (document.key, document.state) == ("acme/grocer/PO-1/grocer/ORDCHG:PO-1:CHG-1", "draft")
    assert document.origin_order_key == "acme/grocer/PO-1"
    assert [(line.status_raw, int(line.quantity.value)) for line in document.lines] == [
        ("3", 8),
        ("2", 0),
        ("1", 1),
    ]
    assert "order_change_partial" in outcome.warnings
    assert outcome.keys == ["acme/grocer/ORDERS:PO-1"]


def test_a_change_that_replaces_is_the_order() -> None:
    order = order_of(CHANGE.format("5"), "ORDCHG").order
    assert (order.key, order.change) == ("acme/grocer/PO-1", "updated")
    assert [(int(line.ordered.value), int(line.cancelled.value)) for line in order.lines] == [
        (8, 0),
        (0, 0),
        (1, 0),
    ]


def test_a_change_that_cancels_cancels_the_order() -> None:
    order = order_of(CHANGE.format("1"), "ORDCHG").order
    assert (order.order_id, order.cancellation.status) == ("PO-1", "cancelled")


def test_a_refusal_repeats_nothing_personal() -> None:
    rows = rows_of(HEAD + "NAD+BY+B7::92++Secret Name" + LINE)
    rows[-1] = ["QTY", ["21", "Secret Name"]]
    refusal = read(rows).refusal
    assert "Secret" not in refusal.detail + refusal.path


def test_a_date_of_the_message_behind_a_reference_counts_where_it_has_none() -> None:
    text = "BGM+220+PO-1+9\nRFF+CT:C-1\nDTM+171:20250101:102\nDTM+137:20260102:102\nDTM+2:20260110:102"
    order = order_of(text + LINE).order
    assert order.placed.date.day == 2
    assert order.requested_delivery is not None
    assert order_of(HEAD + "RFF+ON:X\nDTM+137:20250101:102" + LINE).order.placed.date.year == 2026


@pytest.mark.parametrize(("second", "roles"), [("D7", ["buyer", "ship_to"]), ("D8", ["buyer"])])
def test_a_party_that_all_lines_name_is_the_orders(second: str, roles: list[str]) -> None:
    text = f"NAD+BY+B7::91\nLIN+1\nQTY+21:1\nNAD+DP+D7::92\nLIN+2\nQTY+21:1\nNAD+DP+{second}::92"
    outcome = order_of(HEAD + text)
    assert [party.role.value for party in outcome.order.parties] == roles
    assert ("line_party_kept" in outcome.warnings) is (second == "D8")
