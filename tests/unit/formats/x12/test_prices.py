"""What a line costs follows from stated figures exactly, or is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import OrderLine
from tests.kit.edi_reading import Outcome
from tests.kit.x12_reading import outcome_of, profile
from tests.kit.x12_writer import one_set, rows

BEG = "BEG*00*SA*4500000001**20260105"


def outcome(*segments: str) -> Outcome:
    return outcome_of(one_set(rows("\n".join([BEG, *segments]))))


def line(*segments: str) -> OrderLine:
    (found,) = outcome(*segments).order.lines
    return found


def refusal(*segments: str) -> Rejected:
    (found,) = outcome(*segments).refusals
    return found


@pytest.mark.parametrize(
    ("po1", "extended", "basis", "per"),
    [
        ("10*EA*12.50", "125", "unit", "1 EA"),
        ("10*EA*12.50*PE", "125", "unit", "1 EA"),
        ("2500*YD*2.53*WE", "6325", "unit", "1 YRD"),
        ("120*EA*9.25*TE", "1110", "unit", "1 EA"),
        ("10*EA*12.50*CT", "125", "unit", "1 EA"),
        ("10*EA*12.50*UM", "125", "unit", "1 EA"),
        ("250*EA*4*HP", "10", "per_n", "100 EA"),
        ("250*EA*4*TC", "10", "per_n", "100 EA"),
        ("2500*EA*4*TP", "10", "per_n", "1000 EA"),
        ("2500*EA*4*TM", "10", "per_n", "1000 EA"),
        ("24*EA*6*PD", "12", "per_n", "12 EA"),
        ("2*DZ*6*PD", "12", "unit", "1 DZN"),
        ("3*TH*6*TP", "18", "unit", "1 MIL"),
        ("30*EA*6*PN", "18", "per_n", "10 EA"),
        ("50000*EA*6*TT", "30", "per_n", "10000 EA"),
        ("12*LB*2.50*PP", "30", "unit", "1 LBR"),
        ("12*LB*2.50*LB", "30", "unit", "1 LBR"),
        ("8*OZ*2.50*PP", "1.25", "per_n", "1 LBR"),
        ("2*TN*2.50*PP", "10000", "per_n", "1 LBR"),
        ("250*FT*40*HF", "100", "per_n", "100 FOT"),
        ("10*YD*40*HF", "12", "per_n", "100 FOT"),
        ("500*SF*40*PS", "20", "per_n", "1000 FTK"),
        ("2*TN*300*PT", "600", "unit", "1 STN"),
        ("3*SK*2*PP", "300", "per_n", "1 LBR"),
        ("2*KG*4.5359237*PP", "20", "per_n", "1 LBR"),
        ("5*EA*0*NC", "0", "unit", "1 EA"),
        ("5*EA**NC", "0", "unit", "1 EA"),
        ("1*EA*.333333", "0.3333", "unit", "1 EA"),
        ("3*EA*0.00005", "0.0002", "unit", "1 EA"),
        ("1*EA*0.00005", "0", "unit", "1 EA"),
        ("1*EA*-5.00", "-5", "unit", "1 EA"),
        ("1*EA*1,250.50", "1250.5", "unit", "1 EA"),
    ],
)
def test_the_basis_code_decides_the_line_amount(po1: str, extended: str, basis: str, per: str) -> None:
    found = line(f"PO1*1*{po1}")
    assert found.extended.amount == Decimal(extended)
    assert found.price_basis == basis
    assert found.unit_price is not None
    assert f"{found.unit_price.per.value} {found.unit_price.per.unit}" == per


@pytest.mark.parametrize(
    ("po1", "stated", "carried"),
    [
        ("1*EA*.333333", "0.333333", "0.3333"),
        ("1*EA*1*HP", None, None),
        ("1*EA*0.01*TP", "0.00001", "0"),
        ("1*LB*1*PK", "0.453592", "0.4536"),
    ],
)
def test_an_amount_that_had_to_be_rounded_is_a_variance(
    po1: str, stated: str | None, carried: str | None
) -> None:
    order = outcome(f"PO1*1*{po1}").order
    found = [(v.code.value, v.stated, v.computed) for v in order.variances]
    expected = (
        [] if stated is None or carried is None else [("line_extension", Decimal(stated), Decimal(carried))]
    )
    assert found == expected


@pytest.mark.parametrize(
    ("segments", "place", "words"),
    [
        (["PO1*1*10*EA*2.50*PP"], "PO105", "ordered by count"),
        (["PO1*1*10*EA*2.50*PP", "CTP***2.50*1*LB"], "PO105", "ordered by count"),
        (["PO1*1*10*EA*2.50*PP", "CTP***2.50*120*LB", "CTP***2.50*130*LB"], "PO105", "ordered by count"),
        (["PO1*1*10*LB*2.50*PT"], "PO105", "which ton"),
        (["PO1*1*10*EA*2.50*QQ"], "PO105", "no code of element 639"),
        (["PO1*1*10*CS*2.50*HP"], "PO105", "packages"),
        (["PO1*1*10*CA*2.50*HP"], "PO105", "packages"),
        (["PO1*1*10*EA*2.50*NC"], "PO105", "no charge"),
        (["PO1*1*10*EA", "CTP**UCP*2.50*100*EA"], "CTP04", "quantity break"),
        (["PO1*1*10*EA", "CTP***2.50", "CTP***2.75"], "CTP03", "several CTP prices"),
    ],
)
def test_an_ambiguous_price_is_refused_at_its_place(segments: list[str], place: str, words: str) -> None:
    found = refusal(*segments)
    assert (found.code, found.path.split("/")[-1]) == (RejectionCode.FIELD_INVALID, place)
    assert words in found.detail


def test_a_price_per_pound_of_counted_goods_takes_the_pounds_of_its_ctp() -> None:
    found = outcome("PO1*1*10*EA*2.50*PP", "CTP***2.50*120.4*LB")
    assert found.order.lines[0].extended.amount == Decimal(301)
    assert found.warnings == {"priced_by_ctp_quantity"}


@pytest.mark.parametrize(
    ("ctps", "extended"),
    [
        (["CTP**UCP*2.50"], "25"),
        (["CTP*WS*CON*2.50*1*EA"], "25"),
        (["CTP**RES*9.99", "CTP**NET*2.50"], "25"),
        (["CTP**PRO*3", "CTP**UCP*2.50"], "25"),
        (["CTP***2.50", "CTP***2.50"], "25"),
        (["CTP**UCP*2.50***SEL*.90"], "22.5"),
        (["CTP***250******HP"], "25"),
    ],
)
def test_without_po104_the_ctp_states_the_price(ctps: list[str], extended: str) -> None:
    assert line("PO1*1*10*EA", *ctps).extended.amount == Decimal(extended)


def test_a_ctp_beside_po104_changes_nothing() -> None:
    assert line("PO1*1*10*EA*2.50", "CTP**MSR*9.99").extended.amount == Decimal(25)


@pytest.mark.parametrize("segments", [["PO1*1*10*SF"], ["PO1*1*10*EA**NQ"], ["PO1*1*10*EA", "CTP**MSR*9.99"]])
def test_a_line_without_price_is_demand_with_an_unknown_basis_and_reported(segments: list[str]) -> None:
    found = outcome(*segments)
    (one,) = found.order.lines
    assert (one.unit_price, one.extended.amount, one.price_basis.value) == (None, Decimal(0), "unknown")
    assert one.ordered.value == 10
    assert found.warnings == {"price_missing"}


@pytest.mark.parametrize("unit", ["CS", "CA", "PK"])
def test_a_price_per_each_of_packages_is_per_package_and_reported(unit: str) -> None:
    found = outcome(f"PO1*1*10*{unit}*24*PE")
    assert found.order.lines[0].extended.amount == Decimal(240)
    assert found.warnings == {"price_basis_of_package"}


@pytest.mark.parametrize("unit", ["EA", "DZ", "KG"])
def test_the_unit_of_the_line_in_place_of_the_basis_is_that_unit(unit: str) -> None:
    found = outcome(f"PO1*1*10*{unit}*2.50*{unit}")
    assert (found.order.lines[0].extended.amount, found.warnings) == (Decimal(25), {"price_basis_is_unit"})


def test_the_senders_line_amount_is_carried_and_a_difference_is_a_variance() -> None:
    found = outcome("PO1*1*3*EA*3.33", "AMT*1*10.00", "CTT*1").order
    assert found.lines[0].extended.amount == Decimal(10)
    assert [(v.code.value, v.subject, v.difference) for v in found.variances] == [
        ("line_extension", "1", Decimal("0.01"))
    ]


def test_a_line_amount_alone_is_the_extended_price() -> None:
    found = line("PO1*1*3*EA", "AMT*1*10.00", "CTT*1")
    assert (found.extended.amount, found.price_basis, found.unit_price) == (Decimal(10), "extended", None)


def test_without_ctt_an_amount_behind_the_last_of_several_lines_is_the_orders() -> None:
    found = outcome("PO1*1*3*EA*2", "PO1*2*3*EA*2", "AMT*1*12").order
    assert [one.extended.amount for one in found.lines] == [6, 6]
    assert found.stated.subtotal is not None
    assert found.variances == ()


@pytest.mark.parametrize(
    ("style", "price", "extended"),
    [
        ("major_text", "12.50", "12.5"),
        ("major_comma", "1.234,50", "1234.5"),
        ("minor_integer", "1250", "12.5"),
    ],
)
def test_prices_are_written_as_the_profile_says(style: str, price: str, extended: str) -> None:
    partner = profile(money={"currency": "USD", "amounts": style, "tax_mode": "exclusive"})
    value = one_set(rows(f"{BEG}\nPO1*1*1*EA*{price}"))
    assert outcome_of(value, partner).order.lines[0].extended.amount == Decimal(extended)


def test_minor_units_follow_the_currency() -> None:
    partner = profile(money={"currency": "JPY", "amounts": "minor_integer", "tax_mode": "exclusive"})
    value = one_set(rows(f"{BEG}\nPO1*1*1*EA*19940"))
    assert outcome_of(value, partner).order.lines[0].extended.amount == Decimal(19940)


@pytest.mark.parametrize(
    "po1", ["PO1*1*99999999*EA*99999999999", "PO1*1*1*EA*99999999999999", "PO1*1*9999999999999*EA*1"]
)
def test_figures_beyond_our_decimals_are_refused(po1: str) -> None:
    assert refusal(po1).code in (RejectionCode.AMOUNT_UNPARSABLE, RejectionCode.FIELD_INVALID)
