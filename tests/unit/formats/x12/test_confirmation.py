"""855, 865 and 860: answers and changes are documents of their own; only what is whole is an order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import ErpDocument, Order
from tests.kit.x12_reading import PROFILE, profile
from tests.kit.x12_sets import ANY_SET, amount, kept, read_rows, read_text, warned
from tests.kit.x12_writer import rows

BAK = "BAK*00*AC*PO-1*20251220****SO-1*20251222\n"
LINE = "PO1*1*10*EA*12.50*PE*VN*SKU-1\n"


def document(kind: str, text: str) -> ErpDocument:
    (found,) = read_text(kind, text).entities
    assert isinstance(found, ErpDocument)
    return found


def lines(found: ErpDocument) -> list[tuple[str, str, Decimal]]:
    return [(line.erp_line_ref, line.status_raw, line.quantity.value) for line in found.lines]


def test_each_acknowledgement_of_a_line_is_a_line() -> None:
    found = document("855", BAK + LINE + "ACK*IA*6*EA*068*20260110\nACK*IB*4*EA*068*20260120\nCTT*1")
    assert lines(found) == [("1", "IA", Decimal(6)), ("1#2", "IB", Decimal(4))]
    assert [line.line_id for line in found.lines] == ["1", "1"]
    assert [line.scheduled and line.scheduled.date.day for line in found.lines] == [10, 20]
    assert [line.net and line.net.amount for line in found.lines] == [Decimal(75), Decimal(50)]
    assert found.key == "acme/dist/PO-1/dist/SO-1"
    assert found.origin_order_key == "acme/dist/PO-1"
    assert (found.document_date and found.document_date.date.day, found.variances) == (22, ())


def test_without_an_order_number_of_the_seller_the_order_names_the_answer() -> None:
    assert document("855", "BAK*00*AD*PO-1*20251220*2\n" + LINE).key == "acme/dist/PO-1.2/dist/855:PO-1.2"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("AD", "confirmed"),
        ("AC", "confirmed"),
        ("AK", "confirmed"),
        ("AT", "confirmed"),
        ("RD", "cancelled"),
        ("RJ", "cancelled"),
    ],
)
def test_the_acknowledgement_type_says_the_state(code: str, state: str) -> None:
    found = document("855", BAK.replace("AC", code) + LINE)
    assert (found.state, found.state_raw) == (state, code)


def test_an_unknown_acknowledgement_type_is_kept_with_state_unknown() -> None:
    found = read_text("855", BAK.replace("AC", "QQ") + LINE)
    assert warned(found) == {"status_unknown"}


def test_a_refused_line_may_be_without_a_quantity() -> None:
    found = read_text("855", BAK + "PO1*1**EA**PE*VN*SKU-1\nACK*IR\n")
    assert warned(found) == {"line_reference_only"}
    assert (
        read_text("855", BAK + "PO1*1*3*EA\nACK*IR*0*EA")
        .entities[0]
        .model_dump()["lines"][0]["quantity"]["value"]
        == 0
    )


def test_the_date_of_the_header_is_every_lines_date() -> None:
    found = document("855", BAK + "DTM*068*20260131\n" + LINE + "PO1*2*1*EA\nDTM*067*20260201\n")
    assert [line.scheduled and line.scheduled.date.isoformat() for line in found.lines] == [
        "2026-01-31",
        "2026-02-01",
    ]


def test_a_price_that_cannot_be_used_leaves_the_amount_out() -> None:
    found = read_text("855", BAK + "PO1*1*10*EA*12.50*XX")
    assert warned(found) == {"price_not_used"}
    assert found.entities[0].model_dump()["lines"][0]["net"] is None


def test_without_a_currency_no_amount_is_carried() -> None:
    nameless = profile(
        money={"amounts": "major_text", "tax_mode": "exclusive"},
        exchange=ANY_SET.exchange and ANY_SET.exchange.model_dump(),
    )
    found = read_text("855", BAK + LINE + "AMT*TT*125.00", nameless)
    assert warned(found) == {"currency_missing"}
    assert found.entities[0].model_dump()["totals"]["gross"] is None


def test_totals_and_counts_are_read() -> None:
    found = document("855", BAK + LINE + "CTT*2\nAMT*TT*125.00\nAMT*1*120.00")
    assert (amount(found.totals.gross), amount(found.totals.net)) == (Decimal(125), Decimal(120))
    assert [(v.code.value, v.difference) for v in found.variances] == [
        ("line_count", Decimal(1)),
        ("subtotal", Decimal(-5)),
    ]


@pytest.mark.parametrize(
    ("total", "difference"), [("150", None), ("75", None), ("74", "-1"), ("125.01", "50.01")]
)
def test_a_total_is_of_what_was_ordered_or_of_what_is_accepted(total: str, difference: str | None) -> None:
    answers = "ACK*IA*6*EA\nACK*IR*4*EA\nPO1*2*5*EA*5.00\nACK*IR*5*EA\n"
    found = document("855", BAK + LINE + answers + f"CTT*2\nAMT*TT*{total}")
    expected = [] if difference is None else [Decimal(difference)]
    assert [one.difference for one in found.variances] == expected
    backordered = document("855", BAK + LINE + "ACK*IA*6*EA\nACK*IB*4*EA\nCTT*1\nAMT*TT*75")
    assert backordered.variances == ()
    charged = document("855", BAK + "SAC*C*D240***500\n" + LINE + answers + f"CTT*2\nAMT*TT*{total}")
    assert charged.variances == ()


def test_the_hash_total_of_quantities_is_compared() -> None:
    counts = BAK + LINE + "PO1*2*2.5*FT\nCTT*2*{}"
    assert [document("855", counts.format(said)).variances for said in ("12.5", "35")] == [(), ()]
    (variance,) = document("855", counts.format("13")).variances
    assert (variance.code, variance.subject) == ("quantity_total", "CTT02")
    assert variance.difference == Decimal("0.5")
    change = "BCA*00*AC*PO-1\nPOC*1*QI*120*20*EA\nPOC*2*DI*0*50*EA\nCTT*2*120"
    assert document("865", change).variances == ()


def test_the_answer_for_a_component_is_not_the_lines() -> None:
    found = document("855", BAK + LINE + "ACK*IA*10*EA\nSLN*1**I*2*EA\nACK*IR*2*EA\nCTT*1")
    assert lines(found) == [("1", "IA", Decimal(10))]
    assert kept(found)["lines[1].SLN[1].ACK"] == "IR*2*EA"


def test_a_price_may_stand_in_its_own_segment() -> None:
    found = document("855", BAK + "PO1*1*10*EA****VN*SKU-1\nCTP**UCP*1.50\nCTP**RTL*3.00")
    assert [line.net and line.net.amount for line in found.lines] == [Decimal(15)]


def test_a_price_and_what_is_unmapped_is_kept() -> None:
    found = document("855", BAK + LINE + "ACK*IA*6*EA*068*20260110**VN*SKU-9\nPID*F****MUG\nREF*DP*7")
    assert kept(found)["lines[1].price"] == "12.50 PE"
    assert kept(found)["lines[1].ACK.IA"] == "068*20260110**VN*SKU-9"
    assert kept(found)["lines[1].REF.DP"] == "7"


BCH = "BCH*{}*SA*PO-1*2*1*20251220*****20260103\n"


def test_a_change_order_that_states_changes_only_is_no_order() -> None:
    found = read_text("860", BCH.format("04") + "POC*1*QD*4*4*EA*12.50*PE*VN*SKU-1\nPOC*2*DI\nCTT*2")
    assert {"order_change_partial", "line_reference_only"} == warned(found)
    assert not found.is_original
    (one,) = found.entities
    assert isinstance(one, ErpDocument)
    assert one.key == "acme/dist/PO-1.2/dist/860:PO-1.2:1"
    assert (one.state, one.state_raw, one.change) == ("draft", "04", "updated")
    assert lines(one) == [("1", "QD", Decimal(4)), ("2", "DI", Decimal(0))]


def test_a_change_order_that_replaces_is_the_whole_order() -> None:
    text = BCH.format("05") + (
        "POC*1*RZ*8*3*EA*12.50*PE*VN*SKU-1\nPOC*2*DI*3**EA*20.00*PE*VN*SKU-2\nPOC*3*AI*5*5*EA*2.00*PE*VN*SKU-3\nCTT*3\nAMT*TT*110.00"
    )
    found = read_text("860", text)
    assert warned(found) == {"line_deleted"}
    (order,) = found.entities
    assert isinstance(order, Order)
    assert (order.order_id, order.change, order.placed.date.isoformat()) == (
        "PO-1.2",
        "updated",
        "2025-12-20",
    )
    assert [(line.line_id, line.ordered.value, line.sku) for line in order.lines] == [
        ("1", Decimal(8), "SKU-1"),
        ("3", Decimal(5), "SKU-3"),
    ]
    assert (order.computed.total.amount, order.variances) == (Decimal(110), ())
    assert kept(order)["BCH.05"] == "1"


def test_a_change_order_that_cancels_cancels_the_order() -> None:
    (order,) = read_text("860", BCH.format("01") + "POC*1*DI*8**EA*12.50*PE*VN*SKU-1\nCTT*1").entities
    assert isinstance(order, Order)
    assert (order.change, order.cancellation.status, len(order.lines)) == ("cancelled", "cancelled", 1)


def test_a_cancelling_change_order_without_lines_is_a_document() -> None:
    found = document("860", BCH.format("01"))
    assert (found.state, found.change) == ("cancelled", "cancelled")


def test_a_refusal_of_a_change_names_its_own_element() -> None:
    with pytest.raises(Rejected) as refused:
        read_text("860", BCH.format("05") + "POC*1*RZ*eight*3*EA*12.50")
    assert refused.value.path.endswith("segment 3 POC/POC03")


def test_a_whole_change_has_the_key_of_its_order_and_a_partial_one_its_own() -> None:
    said = "POC*1*RZ*8*3*EA*12.50*PE*VN*SKU-1"
    keys = [read_rows("860", rows(BCH.format(code) + said)).keys for code in ("05", "01", "04")]
    assert keys == [["acme/dist/850:PO-1.2"], ["acme/dist/850:PO-1.2"], ["acme/dist/860:PO-1.2"]]
    assert read_rows("850", rows("BEG*00*SA*PO-1*2*20251220")).keys == ["acme/dist/850:PO-1.2"]


def test_the_sellers_change_is_a_document_with_both_codes() -> None:
    text = "BCA*00*AC*PO-1*2*3*20251220***SO-1*20260104\nPOC*1*QD*4*4*EA\nACK*IA*4*EA*068*20260112\nPOC*2*DI"
    found = document("865", text)
    assert found.key == "acme/dist/PO-1.2/dist/SO-1"
    assert lines(found) == [("1", "QD IA", Decimal(4)), ("2", "DI", Decimal(0))]
    assert found.document_date is not None
    assert found.document_date.date.isoformat() == "2026-01-04"
    assert kept(found)["lines[1].POC.04"] == "4"


@pytest.mark.parametrize(
    ("kind", "text", "code", "path"),
    [
        ("855", LINE, "id_missing", "segment 1 ST"),
        ("855", "BAK*00*AC**20251220", "id_missing", "BAK/BAK03"),
        ("855", BAK + "PO1*1**EA", "field_invalid", "PO1/PO102"),
        ("855", BAK + "PO1*1*1*EA*ten", "amount_unparsable", "PO1/PO104"),
        ("855", BAK + LINE + "ACK*IA*six*EA", "amount_unparsable", "ACK/ACK02"),
        ("855", BAK + LINE + "ACK*IA*6*QQ", "unit_unmapped", "ACK/ACK03"),
        ("865", "BCA*00*AC", "id_missing", "BCA/BCA03"),
        ("860", "BCH*05*SA", "id_missing", "BCH/BCH03"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(kind: str, text: str, code: str, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_text(kind, text)
    assert (refused.value.code, refused.value.path.endswith(path)) == (code, True), refused.value.path


def test_an_answer_in_a_file_of_orders_is_accepted_where_the_profile_lists_it() -> None:
    assert read_rows("855", rows(BAK + LINE), PROFILE).refusals[0].code == "format_unknown"


def test_a_second_answer_is_a_later_state_and_no_conflict() -> None:
    first, second = [read_text("855", BAK + LINE + f"ACK*{code}*10*EA") for code in ("IA", "IR")]
    assert (first.is_original, second.is_original) == (False, False)
    assert first.entities[0].key == second.entities[0].key
    assert first.digest != second.digest
    assert read_rows("855", rows(BAK + LINE)).keys == ["acme/dist/855:PO-1.SO-1"]
