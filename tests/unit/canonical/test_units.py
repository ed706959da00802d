from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.units import REC20_UNITS, X12_UNITS, is_known_unit, resolve_unit
from tests.unit.canonical.profiles import profile

PARTNER = profile(
    units={"CS": {"unit": "EA", "factor": 12}, "PCE": "EA", "LB": {"unit": "KGM", "factor": "0.453592"}}
)


def test_the_table_holds_the_units_of_trade() -> None:
    assert len(REC20_UNITS) >= 120
    assert {"EA", "C62", "H87", "KGM", "FOT", "LBR", "DZN", "MTR", "LTR", "HUR", "XBX"} <= set(REC20_UNITS)
    assert all(code.isalnum() and code == code.upper() and len(code) in (2, 3) for code in REC20_UNITS)
    assert all(REC20_UNITS.values())


def test_each_x12_code_means_a_known_unit_and_is_none_itself() -> None:
    assert all(is_known_unit(code) for code in X12_UNITS.values())
    assert not set(X12_UNITS) & set(REC20_UNITS)


@pytest.mark.parametrize(
    ("raw", "unit", "factor"),
    [
        ("CS", "EA", "12"),
        ("PCE", "EA", "1"),
        ("LB", "KGM", "0.453592"),
        ("EA", "EA", "1"),
        ("KGM", "KGM", "1"),
    ],
)
def test_the_profile_wins_then_recommendation_20(raw: str, unit: str, factor: str) -> None:
    assert resolve_unit(raw, PARTNER, code_list=X12_UNITS) == (unit, Decimal(factor))


def test_a_code_list_of_the_format_comes_last() -> None:
    assert resolve_unit("DZ", PARTNER, code_list=X12_UNITS) == ("DZN", Decimal(1))
    with pytest.raises(Rejected):
        resolve_unit("DZ", PARTNER)


def test_a_package_stays_a_package() -> None:
    assert [resolve_unit(raw, PARTNER, code_list=X12_UNITS) for raw in ("CA", "CT", "PL")] == [
        ("XCS", Decimal(1)),
        ("XCT", Decimal(1)),
        ("XPX", Decimal(1)),
    ]


@pytest.mark.parametrize("raw", ["", "ea", "ZZ", "Stück", "E A"])
def test_a_unit_that_nobody_explains_is_refused(raw: str) -> None:
    with pytest.raises(Rejected) as refusal:
        resolve_unit(raw, PARTNER, path="$.unit", code_list=X12_UNITS)
    assert refusal.value.code is RejectionCode.UNIT_UNMAPPED
    assert refusal.value.path == "$.unit"
    assert "acme/shop" in refusal.value.detail
