"""ORDRSP, DESADV, INVRPT, INVOIC, IFTSTA: what each segment becomes, and what refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.models import (
    ErpDocument,
    Invoice,
    PartnerProfile,
    Shipment,
    StockSnapshot,
    TrackingEvent,
    TrackingStatus,
)
from tests.kit.edi_reading import Outcome
from tests.kit.edifact_reading import PROFILE, profile, read, rows_of

DATE = "DTM+137:20260105:102\n"


def message(message_type: str, text: str, partner: PartnerProfile = PROFILE) -> Outcome:
    return read(rows_of(text), message_type, partner)


# ---- ORDRSP ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "lines", "state"),
    [
        ("BGM+231+R-1+29", "LIN+1", "confirmed"),
        ("BGM+231+R-1+27", "LIN+1", "cancelled"),
        ("BGM+231+R-1+4", "LIN+1+3", "confirmed"),
        ("BGM+231+R-1+4", "LIN+1+7\nLIN+2+7", "cancelled"),
        ("BGM+231+R-1+4+RE", "LIN+1+5", "cancelled"),
        ("BGM+231+R-1+9", "LIN+1+5\nLIN+2+7", "confirmed"),
        ("BGM+231+R-1+9", "LIN+1", "unknown"),
    ],
)
def test_how_the_order_stands(head: str, lines: str, state: str) -> None:
    outcome = message("ORDRSP", f"{head}\n{DATE}RFF+ON:PO-1\n{lines}")
    assert outcome.one(ErpDocument).state == state
    assert ("response_unclear" in outcome.warnings) is (state == "unknown")


def test_the_sellers_own_number_is_the_documents_identity() -> None:
    document = message("ORDRSP", f"BGM+231+R-1+29\n{DATE}RFF+ON:PO-1\nRFF+VN:SO-9\nLIN+1").one(ErpDocument)
    assert (document.key, document.number) == ("acme/grocer/PO-1/grocer/SO-9", "R-1")


def test_a_response_without_an_order_stands_under_none() -> None:
    document = message("ORDRSP", f"BGM+231+R-1+29\n{DATE}LIN+1").one(ErpDocument)
    assert (document.key, document.origin_order_key) == ("acme/grocer/-/grocer/R-1", None)


def test_totals_and_promises_of_a_response() -> None:
    text = (
        f"BGM+231+R-1+29\n{DATE}RFF+ON:PO-1\nLIN+1+5\nQTY+21:2\nDTM+67:20260120:102\nMOA+203:5\n"
        "TAX+7+VAT+++:::19\nMOA+124:0.95\nRFF+ON:PO-1:10\nUNS+S\nMOA+79:6\nMOA+176:0.95\nMOA+86:6.95\nCNT+2:2"
    )
    document = message("ORDRSP", text).one(ErpDocument)
    (line,) = document.lines
    assert (line.line_id, line.net and line.net.amount, line.tax and line.tax.amount) == (
        "10",
        Decimal(5),
        Decimal("0.95"),
    )
    assert line.scheduled is not None
    assert line.scheduled.date.isoformat() == "2026-01-20"
    assert document.totals.gross is not None
    assert document.totals.gross.amount == Decimal("6.95")
    assert {one.code.value for one in document.variances} == {"line_count", "subtotal"}


def test_a_response_without_a_currency_carries_no_amount() -> None:
    free = profile(money={"amounts": "major_text", "tax_mode": "exclusive"})
    outcome = message("ORDRSP", f"BGM+231+R-1+29\n{DATE}RFF+ON:P\nLIN+1\nQTY+21:1\nMOA+203:5", free)
    assert outcome.one(ErpDocument).lines[0].net is None
    assert "currency_missing" in outcome.warnings


# ---- DESADV ----------------------------------------------------------------------------------------------


def shipment(text: str) -> Outcome:
    return message("DESADV", f"BGM+351+D-1+9\n{DATE}RFF+ON:PO-1\n{text}")


def test_lines_without_packing_stand_in_one_package() -> None:
    (package,) = shipment("LIN+1\nQTY+12:5\nLIN+2\nQTY+12:3").one(Shipment).packages
    assert package.package_id == "1"
    assert [line.quantity.value for line in package.lines] == [5, 3]


def test_a_level_without_a_number_belongs_to_the_outer_one_that_has_it() -> None:
    text = (
        "CPS+1\nPCI+33E\nGIN+BJ+990000000000000011\nCPS+2+1\nPAC+1\nLIN+1\nQTY+12:5\nCPS+3+9\nLIN+2\nQTY+12:1"
    )
    packages = shipment(text).one(Shipment).packages
    found = {one.package_id: [line.quantity.value for line in one.lines] for one in packages}
    assert found["3"] == [1]
    assert [one.package_id for one in packages if one.lines] == ["990000000000000011", "3"]


def test_levels_that_name_each_other_do_not_loop() -> None:
    assert shipment("CPS+1+2\nCPS+2+1\nLIN+1\nQTY+12:5").one(Shipment).packages[-1].lines


def test_several_numbers_of_one_level_share_its_lines() -> None:
    outcome = shipment("CPS+1\nPCI+33E\nGIN+BJ+990000000000000011+990000000000000028\nLIN+1\nQTY+12:5")
    packages = outcome.one(Shipment).packages
    assert [(one.sscc, len(one.lines)) for one in packages] == [
        ("990000000000000011", 1),
        ("990000000000000028", 0),
    ]
    assert "package_content_shared" in outcome.warnings


def test_a_number_behind_a_line_is_the_lines_own_package() -> None:
    text = "CPS+1\nLIN+1\nQTY+12:5\nPCI+33E\nGIN+BJ+990000000000000011\nLIN+2\nQTY+12:1"
    packages = shipment(text).one(Shipment).packages
    assert {one.sscc: [line.quantity.value for line in one.lines] for one in packages} == {
        None: [1],
        "990000000000000011": [5],
    }


def test_weight_carrier_tracking_and_places() -> None:
    text = (
        "RFF+CN:TRACK-1\nNAD+SF+W1::91\nNAD+DP+D1::92\nTDT+20++30+31+:::Example Carrier\n"
        "DTM+11:20260106:102\n"
        "DTM+17:20260107:102\nCPS+1\nPAC+1\nMEA+PD+AAB+KGM:12.5\nGIN+BJ+123\nLIN+1\nPIA+1+LOT:NB\nQTY+12:2\n"
        "GIN+SN+S1+S2:S9"
    )
    outcome = shipment(text)
    found = outcome.one(Shipment)
    (package,) = found.packages
    assert package.weight is not None
    assert (package.weight.value, package.weight.unit) == (Decimal("12.5"), "KGM")
    assert (package.carrier, package.tracking_number) == ("Example Carrier", "TRACK-1")
    assert (package.lines[0].lot, package.lines[0].serials) == ("LOT", ("S1", "S2", "S9"))
    assert found.shipped is not None
    assert found.estimated_delivery is not None
    assert (found.shipped.date.day, found.estimated_delivery.date.day) == (6, 7)
    assert found.ship_from is not None
    assert found.ship_to is not None
    assert {"number_range", "sscc_invalid"} <= outcome.warnings


def test_a_cancelled_despatch_cancels() -> None:
    found = message("DESADV", f"BGM+351+D-1+1\n{DATE}LIN+1\nQTY+12:1").one(Shipment)
    assert (found.cancels, found.purpose, found.order_id) == (True, "cancel", "-")


def test_counts_of_a_despatch_are_compared() -> None:
    found = shipment("LIN+1\nQTY+12:5\nCNT+2:2\nCNT+1:6").one(Shipment)
    assert [(one.code.value, one.difference) for one in found.variances] == [
        ("line_count", Decimal(1)),
        ("quantity_total", Decimal(1)),
    ]


def test_a_line_without_a_despatched_quantity_is_refused() -> None:
    assert shipment("LIN+1\nQTY+21:5").refusal.code == "field_invalid"


@pytest.mark.parametrize(
    ("price", "net"),
    [
        ("PRI+AAA:250:::100", "25"),
        ("PRI+AAB:2.5", "25"),
        ("PRI+AAA:0.333:::1:PCE", "3.33"),
        ("PRI+AAA:9:::1:KGM", None),
        ("PRI+INF:9", None),
    ],
)
def test_an_answered_line_without_an_amount_is_worth_its_price(price: str, net: str | None) -> None:
    text = f"BGM+231+R-1+29\n{DATE}RFF+ON:P\nCUX+2:EUR:9\nLIN+1+5\nQTY+21:10:PCE\n{price}\nLIN+2+5\n{price}"
    first, second = message("ORDRSP", text).one(ErpDocument).lines
    assert (first.net and first.net.amount, second.net) == (net and Decimal(net), None)


@pytest.mark.parametrize(("total", "difference"), [("25", None), ("75", None), ("74", "49")])
def test_a_stated_sum_may_leave_refused_lines_out(total: str, difference: str | None) -> None:
    line = "QTY+21:10\nPRI+AAA:{}\n"
    text = f"LIN+1+5\n{line.format('2.50')}LIN+2+7\n{line.format(5)}UNS+S\nMOA+79:{total}"
    found = message("ORDRSP", f"BGM+231+R-1+4\n{DATE}RFF+ON:P\nCUX+2:EUR:9\n{text}").one(ErpDocument)
    expected = [] if difference is None else [Decimal(difference)]
    assert [one.difference for one in found.variances] == expected


@pytest.mark.parametrize("kind", ["DESADV", "INVOIC", "ORDRSP", "INVRPT"])
def test_a_document_without_a_number_is_refused(kind: str) -> None:
    assert message(kind, f"BGM+1++9\n{DATE}LIN+1\nQTY+12:1").refusal.code == "id_missing"


# ---- INVRPT ----------------------------------------------------------------------------------------------


def test_stock_of_the_reporting_warehouse() -> None:
    text = f"BGM+35+I-1+9\n{DATE}NAD+WH+W1::91\nLIN+1++SKU-1:SA\nPIA+1+LOT:NB\nQTY+145:5:PCE\n"
    text += "DTM+366:20260103:102"
    found = message("INVRPT", text).one(StockSnapshot)
    assert (found.key, found.location, found.lot) == ("acme/SKU-1/grocer/W1/LOT", "W1", "LOT")
    assert found.as_of.date.isoformat() == "2026-01-03"


def test_an_item_and_place_that_come_twice_are_two_snapshots() -> None:
    text = f"BGM+35+I-1+9\n{DATE}LIN+1++A:SA\nQTY+145:5\nLIN+2++A:SA\nQTY+145:6"
    keys = [one.key for one in message("INVRPT", text).all(StockSnapshot)]
    assert keys == ["acme/A/grocer/-/A", "acme/A/grocer/-/A%232"]


def test_an_unknown_quantity_keeps_its_code() -> None:
    outcome = message("INVRPT", f"BGM+35+I-1+9\n{DATE}LIN+1++A:SA\nQTY+ZZZ:5")
    (figure,) = outcome.one(StockSnapshot).quantities
    assert (figure.meaning, figure.meaning_raw) == ("unknown", "ZZZ")
    assert "quantity_meaning_unknown" in outcome.warnings


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "lines_missing"), ("LIN+1\nQTY+145:5", "id_missing"), ("LIN+1++A:SA", "field_invalid")],
)
def test_a_report_that_says_nothing_of_an_item_is_refused(text: str, code: str) -> None:
    assert message("INVRPT", f"BGM+35+I-1+9\n{DATE}{text}").refusal.code == code


# ---- INVOIC ----------------------------------------------------------------------------------------------


def invoice(text: str, code: str = "380") -> Outcome:
    return message("INVOIC", f"BGM+{code}+I-1+9\n{DATE}RFF+ON:PO-1\nCUX+2:EUR:4\n{text}")


def test_head_of_an_invoice() -> None:
    text = (
        "DTM+3:20260104:102\nDTM+263:2026010120260131:718\nRFF+IV:I-0\nRFF+DQ:D-1\nNAD+BY+B1::91\nNAD+IV+V1::91\n"
        "NAD+SU+S1::92\nPAT+1++5:3:D:30\nDTM+13:20260204:102\nLIN+1\nQTY+47:2\nMOA+203:5\nRFF+ON:PO-1:7"
    )
    found = invoice(text, "384").one(Invoice)
    assert (found.kind, found.corrects, found.payment_terms) == ("correction", "I-0", "1++5:3:D:30")
    assert found.due_date is not None
    assert (found.invoice_date.date.day, found.due_date.date.month) == (4, 2)
    assert found.buyer is not None
    assert found.buyer.identifiers[0].value == "V1"
    assert (found.lines[0].order_line_id, found.lines[0].shipment_id) == ("7", "D-1")


def test_charges_and_taxes_are_counted_once() -> None:
    text = (
        "ALC+C++++FC\nMOA+23:10\nTAX+7+VAT+++:::19+S\nMOA+124:1.90\nLIN+1\nQTY+47:2\nMOA+203:5\nTAX+7+VAT+++:::7\n"
        "MOA+124:0.35\nUNS+S\nMOA+79:5\nMOA+125:15\nMOA+124:2.25\nMOA+77:17.25\nTAX+7+VAT+++:::19+S\nMOA+124:1.90\n"
        "TAX+7+VAT+++:::7+S\nMOA+124:0.35\nMOA+125:5\nALC+C++++FC\nMOA+131:10"
    )
    found = invoice(text).one(Invoice)
    assert (found.computed.total.amount, found.computed.shipping.amount) == (Decimal("17.25"), Decimal(10))
    assert [one.rate_percent for one in found.tax_summary] == [Decimal(19), Decimal(7)]
    assert found.variances == ()


def test_taxes_that_only_the_summary_states_are_our_sum_too() -> None:
    found = invoice("LIN+1\nQTY+47:2\nMOA+203:5\nUNS+S\nMOA+77:5.95\nTAX+7+VAT+++:::19+S\nMOA+124:0.95").one(
        Invoice
    )
    assert (found.computed.tax.amount, found.variances == ()) == (Decimal("0.95"), True)


def test_totals_that_disagree_are_told_exactly() -> None:
    found = invoice("LIN+1\nQTY+47:2\nMOA+203:5\nPRI+AAA:2\nUNS+S\nMOA+77:6\nMOA+79:7\nMOA+125:8").one(
        Invoice
    )
    assert {one.code.value: one.difference for one in found.variances} == {
        "invoice_total": Decimal(1),
        "subtotal": Decimal(2),
        "net_amount": Decimal(3),
        "line_extension": Decimal(1),
    }


def test_a_collective_invoice_without_lines_is_carried() -> None:
    found = invoice("UNS+S\nMOA+9:100\nMOA+124:19\nMOA+125:81").one(Invoice)
    assert (found.order_id, found.lines) == ("PO-1", ())
    assert found.amount_due is not None
    assert found.amount_due.amount == 100


def test_an_unknown_kind_of_invoice_is_told() -> None:
    outcome = invoice("LIN+1\nQTY+47:2\nMOA+203:5", "XYZ")
    assert outcome.one(Invoice).kind == "unknown"
    assert "invoice_kind_unknown" in outcome.warnings


def test_an_invoice_without_any_currency_is_refused() -> None:
    free = profile(money=None, kind="carrier", zone="Europe/Berlin", channel=None, exchange=None)
    assert message("INVOIC", f"BGM+380+I-1+9\n{DATE}LIN+1\nQTY+47:2", free).refusal.code == "currency_missing"


# ---- IFTSTA ----------------------------------------------------------------------------------------------


def test_the_profile_may_say_what_a_code_means() -> None:
    partner = profile(status_map={"fulfillment": {"77": "ready_for_pickup"}, "carrier_codes": {"78": "lost"}})
    text = f"BGM+44+S-1+9\n{DATE}CNI+1+C-1\nSTS+1+77\nSTS+1+78\nSTS+1+21"
    found = [one.status for one in message("IFTSTA", text, partner).all(TrackingEvent)]
    assert found == [TrackingStatus.READY_FOR_PICKUP, TrackingStatus.LOST, TrackingStatus.DELIVERED]


def test_time_zone_place_and_reason_of_a_status() -> None:
    text = (
        f"BGM+44+S-1+9\n{DATE}CNI+1+C-1\nSTS+1+23+6\nDTM+334:202601051000Z0500:205\nDTM+17:20260108:102\n"
        "LOC+14+DEBER:139:6:Berlin"
    )
    found = message("IFTSTA", text).one(TrackingEvent)
    assert (found.occurred.instant.hour, found.zone_source, found.detail_raw) == (5, "stated", "6")
    assert found.location is not None
    assert (found.location.name, found.location.country) == ("Berlin", "DE")
    assert found.estimated_delivery is not None


def test_what_the_message_names_before_its_first_consignment_stands_in() -> None:
    text = f"BGM+23:CO::QVD+O4\n{DATE}RFF+CW:1Z1\nCNI+1\nSTS+1:D2:21\nLOC+14+:::Berlin+:::DE\n"
    found = message("IFTSTA", text).one(TrackingEvent)
    assert found.location is not None
    assert found.location.country == "DE"
    assert (found.tracking_number, found.status, found.status_raw) == ("1Z1", "unknown", "1:D2:21")
    other = message("IFTSTA", f"BGM+23+O4\n{DATE}RFF+CW:1Z1\nCNI+1+C-1\nSTS+1+21\nEQD+CN+K1\nLOC+14+DEBER+DE")
    assert other.one(TrackingEvent).tracking_number == "C-1"
    assert ("EQD", "CN+K1") in [(one.name, one.value) for one in other.one(TrackingEvent).extensions]


def test_the_same_status_twice_is_one_event() -> None:
    status = "STS+1+21\nDTM+334:202601051000:203\n"
    found = message("IFTSTA", f"BGM+44+S-1+9\n{DATE}CNI+1+C-1\n{status * 2}STS+1+31")
    assert [one.status_raw for one in found.all(TrackingEvent)] == ["21", "31"]


def test_a_status_without_a_date_takes_the_messages() -> None:
    outcome = message("IFTSTA", f"BGM+44+S-1+9\n{DATE}CNI+1+C-1\nSTS+1+21")
    assert outcome.one(TrackingEvent).occurred.date.isoformat() == "2026-01-05"
    assert "status_date_missing" in outcome.warnings


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("CNI+1+C-1\nRFF+CW:P-1\nSTS+1+21", "P-1"),
        ("CNI+1+C-1\nSTS+1+21", "C-1"),
        ("CNI+1\nRFF+AAM:W-1\nSTS+1+21", "W-1"),
        ("STS+1+21", "S-1"),
        ("RFF+CW:P-0\nCNI+1\nSTS+1+21", "P-0"),
        ("RFF+CW:P-0\nCNI+1+C-1\nSTS+1+21", "C-1"),
        ("CNI+1\nEQD+CN+K-1\nSTS+1+21", "K-1"),
        ("CNI+1\nSTS+1+21\nGIN+BJ+00340123450000000000", "340123450000000000"),
        ("CNI+1\nSTS+1+21\nGIN+BJ+00340123450000000001", "00340123450000000001"),
    ],
)
def test_what_a_status_is_about(text: str, number: str) -> None:
    assert message("IFTSTA", f"BGM+44+S-1+9\n{DATE}{text}").one(TrackingEvent).tracking_number == number


def test_a_report_without_status_or_number_is_refused() -> None:
    assert message("IFTSTA", f"BGM+44+S-1+9\n{DATE}CNI+1+C-1").refusal.code == "field_invalid"
    assert message("IFTSTA", f"BGM+44\n{DATE}STS+1+21").refusal.code == "id_missing"


def test_what_is_due_after_a_payment_is_not_the_total() -> None:
    found = invoice("LIN+1\nQTY+47:2\nMOA+203:5\nUNS+S\nMOA+86:5\nMOA+113:2\nMOA+9:3").one(Invoice)
    assert found.amount_due is not None
    assert found.stated.total is not None
    assert (int(found.amount_due.amount), int(found.stated.total.amount)) == (3, 5)
    assert found.variances == ()


def test_other_figures_of_a_despatched_line_are_kept() -> None:
    found = shipment("LIN+1\nQTY+12:5\nQTY+21:6\nDTM+361:20261231:102").one(Shipment)
    kept = {one.name: one.value for one in found.extensions}
    assert (kept["lines[1].QTY.21"], kept["lines[1].DTM.361"]) == ("6", "20261231:102")
    assert "lines[1].QTY.12" not in kept


@pytest.mark.parametrize(
    ("written", "sscc", "package_id", "is_told"),
    [
        ("990000000000000011", "990000000000000011", "990000000000000011", False),
        ("00990000000000000011", "990000000000000011", "990000000000000011", False),
        ("990000000000000019", "990000000000000019", "990000000000000019", True),
        ("PALLET-7", None, "PALLET-7", True),
    ],
)
def test_a_package_number_is_an_sscc_or_as_said(
    written: str, sscc: str | None, package_id: str, is_told: bool
) -> None:
    outcome = shipment(f"CPS+1\nGIN+BJ+{written}\nLIN+1\nQTY+12:5")
    (package,) = outcome.one(Shipment).packages
    assert (package.sscc, package.package_id) == (sscc, package_id)
    assert ("sscc_invalid" in outcome.warnings) is is_told
