"""Parties keep who they are; personal text never leaves the fields that are tagged for it."""

from __future__ import annotations

import pytest

from crossdock.canonical.models import Order, Party
from tests.kit.edi_reading import Outcome
from tests.kit.x12_reading import outcome_of
from tests.kit.x12_writer import one_set, rows

BEG = "BEG*00*SA*4500000001**20260105"
LINE = "PO1*1*10*EA*12.50"


def outcome(*segments: str) -> Outcome:
    return outcome_of(one_set(rows("\n".join([BEG, *segments]))))


def order(*segments: str) -> Order:
    return outcome(*segments).order


def party(*segments: str) -> Party:
    (found,) = order(*segments, LINE).parties
    return found


@pytest.mark.parametrize(
    ("qualifier", "roles"),
    [
        ("ST", ["ship_to"]),
        ("BT", ["bill_to"]),
        ("BY", ["buyer"]),
        ("SO", ["sold_to"]),
        ("BS", ["bill_to", "ship_to"]),
        ("SE", ["seller"]),
        ("VN", ["seller"]),
        ("SU", ["seller"]),
        ("SF", ["ship_from"]),
        ("RI", ["payee"]),
        ("st", ["ship_to"]),
    ],
)
def test_entity_codes_are_roles(qualifier: str, roles: list[str]) -> None:
    assert [one.role for one in order(f"N1*{qualifier}*Test Buyer", LINE).parties] == roles


@pytest.mark.parametrize(
    ("n1", "identifiers", "tax_ids"),
    [
        ("N1*ST**92*0100", [("unknown", "0100", "dist")], ()),
        ("N1*ST**91*C-7", [("unknown", "C-7", "acme")], ()),
        ("N1*ST**9*123456789-0101", [("duns", "1234567890101", "")], ()),
        ("N1*ST**1*123456789", [("duns", "123456789", "")], ()),
        ("N1*ST**UL*0614141000012", [("gln", "0614141000012", "")], ()),
        ("N1*ST**ZZ*X", [("unknown", "X", "dist:ZZ")], ()),
        ("N1*ST***X", [("unknown", "X", "dist")], ()),
        ("N1*ST**FI*12-3456789", [], ("12-3456789",)),
        ("N1*ST**34*000000000", [], ()),
        ("N1*ST*Test Buyer", [], ()),
    ],
)
def test_identifiers_keep_their_issuer(
    n1: str, identifiers: list[tuple[str, str, str]], tax_ids: tuple[str, ...]
) -> None:
    found = party(n1)
    assert [(i.scheme, i.value, i.issuer) for i in found.identifiers] == identifiers
    assert found.tax_ids == tax_ids


def test_a_whole_loop_is_one_party() -> None:
    found = party(
        "N1*ST*Test Buyer 1*92*0100",
        "N2*Receiving*Door 4",
        "N3*1 Example St*Suite 500",
        "N3*Building B",
        "N4*Springfield*IL*62701*US",
        "PER*RE*Test Buyer 2*TE*555 0100*EM*dock@example.com",
    )
    assert found.name == "Test Buyer 1, Receiving, Door 4"
    assert (found.phone, found.email) == ("555 0100", "dock@example.com")
    address = found.address
    assert address is not None
    assert address.lines == ("1 Example St", "Suite 500", "Building B")
    assert (address.city, address.region, address.postal_code, address.country) == (
        "Springfield",
        "IL",
        "62701",
        "US",
    )


@pytest.mark.parametrize(
    ("said", "country"), [("US", "US"), ("us", "US"), ("USA", "US"), ("CAN", "CA"), ("", None), ("XYZ", None)]
)
def test_countries_are_alpha_2_or_absent_and_never_defaulted(said: str, country: str | None) -> None:
    address = party("N1*ST", f"N4*Springfield*IL*62701*{said}").address
    assert address is not None
    assert address.country == country


@pytest.mark.parametrize("name", ["", "N/A", "none"])
def test_a_name_that_says_nothing_is_none(name: str) -> None:
    found = party(f"N1*ST*{name}*92*0100")
    assert (found.name, found.address) == (None, None)


def test_loops_may_come_in_any_order_and_parties_keep_theirs() -> None:
    found = order(
        "N9*ZZ*x", "N1*BT*Buyer B", "DTM*010*20260120", "N1*ST*Buyer A", "REF*IA*7", "N4*Springfield", LINE
    )
    assert [(one.role, one.name) for one in found.parties] == [("bill_to", "Buyer B"), ("ship_to", "Buyer A")]
    assert found.parties[1].address is not None
    assert ("N1.ST.REF.IA", "7") in [(e.name, e.value) for e in found.extensions]


def test_an_address_without_party_is_a_note_and_reported() -> None:
    found = outcome("N3*1 Example St", "N4*Springfield*IL", LINE)
    assert found.order.parties == ()
    assert found.warnings == {"party_missing"}
    assert found.order.notes == "1 Example St\nSpringfield IL"


def test_a_header_contact_is_the_buyers_where_the_buyer_has_none() -> None:
    contacts = ["PER*BD*Test Buyer 1*TE*555 0100", "PER*OC*Test Buyer 2*EM*oc@example.com*TE*555 0199"]
    found = order(*contacts, "N1*BY*Test Co", "N1*ST*Dock", LINE)
    assert [(one.role, one.phone) for one in found.parties] == [("buyer", "555 0100"), ("ship_to", None)]
    assert (
        found.notes
        == "contact BD: Test Buyer 1, 555 0100\ncontact OC: Test Buyer 2, 555 0199, oc@example.com"
    )


def test_a_party_in_another_role_is_a_note_and_reported() -> None:
    found = outcome("N1*Z7*Test Mark For*92*77", "N3*1 Example St", LINE)
    assert (found.order.parties, found.warnings) == ((), {"party_role_unmapped"})
    assert found.order.notes == "Z7: Test Mark For, 77, 1 Example St"


def test_two_parties_in_one_role_are_both_kept_and_reported() -> None:
    found = outcome("N1*ST*Dock 1", "N1*81*Other", "N1*ST*Dock 2", LINE)
    assert [one.name for one in found.order.parties] == ["Dock 1", "Dock 2"]
    assert found.warnings == {"party_role_repeated", "party_role_unmapped"}


def test_a_ship_to_that_all_lines_share_is_the_orders() -> None:
    found = outcome(LINE, "N1*ST*Test Buyer*92*1", "PO1*2*1*EA*1", "N1*ST*Test Buyer*92*1")
    assert [(one.role, one.name) for one in found.order.parties] == [("ship_to", "Test Buyer")]
    assert found.warnings == set()


def test_different_ship_tos_of_lines_are_notes_and_reported() -> None:
    found = outcome("N1*BY*Test Co", LINE, "N1*ST*Dock 1*92*1", "PO1*2*1*EA*1", "N1*ST*Dock 2*92*2")
    assert [one.role for one in found.order.parties] == ["buyer"]
    assert found.warnings == {"line_party_kept"}
    assert found.order.notes == "ST of line 1: Dock 1, 1\nST of line 2: Dock 2, 2"


def test_personal_text_stands_in_no_extension_and_no_warning() -> None:
    found = outcome(
        "PER*BD*Secret Person*TE*555 0100",
        "N1*Z7*Secret Person",
        "N3*Secret Street",
        "N1*ST*Secret Person",
        "N2*Secret Person",
        "NX2*01*Secret Street",
        "G61*AE*Secret Person",
        "N9*L1*x",
        "MSG*Secret Person",
        LINE,
        "N1*ST*Secret Person",
    )
    kept = [f"{extension.name}{extension.value}" for extension in found.order.extensions]
    warned = [f"{w.code}{w.detail}{w.path}" for w in (*found.split.warnings, *found.readings[0].warnings)]
    assert not [text for text in (*kept, *warned) if "Secret" in text]
