"""Our own order JSON: complete checks, every problem with its path, nothing taken over blindly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order
from crossdock.formats.refusals import RejectedForAll
from tests.kit.shop_reading import differences, order_of, profile, reading_of, refusal_of, without

EURO = "EUR"


def money(amount: object, currency: str = EURO) -> dict[str, object]:
    return {"amount": amount, "currency": currency}


def line(**changes: Any) -> dict[str, Any]:
    return {
        "line_id": "10",
        "sku": "SKU-1",
        "ordered": {"value": "2", "unit": "EA"},
        "extended": money("20.00"),
    } | changes


def document(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "order_id": "B-1",
        "placed": "2026-04-01T08:30:00Z",
        "currency": EURO,
        "tax_mode": "exclusive",
        "revision": {"kind": "counter", "value": "3"},
        "lines": list(lines) or [line()],
        "stated": {"total": money("20.00")},
    } | changes


def read(payload: object, **options: Any) -> Order:
    return order_of("canonical_json", payload, **options)


def problems(payload: object) -> list[str]:
    with pytest.raises(Rejected) as refused:
        reading_of("canonical_json", payload)
    refusal = refused.value
    return [path for path, _ in refusal.problems] if isinstance(refusal, RejectedForAll) else [refusal.path]


def test_a_short_document_is_completed_from_the_profile() -> None:
    found = read(document())
    assert (found.key, found.commitment, found.fulfilled_by) == ("acme/shop/B-1", "sold", "seller")
    assert (found.revision.kind, found.revision.value) == ("counter", "00000000000000000003")
    assert (str(found.computed.total.amount), found.variances) == ("20.00", ())
    assert (found.placed.date.isoformat(), found.placed.zone) == ("2026-04-01", "Europe/Berlin")


def test_what_we_write_we_also_read() -> None:
    first = read(
        document(line(unit_price={"amount": "10", "currency": EURO, "per": {"value": "1", "unit": "EA"}}))
    )
    again = read(json.loads(first.model_dump_json()))
    ours = {"source", "revision", "change"}
    assert again.model_dump(exclude=ours) == first.model_dump(exclude=ours)
    assert again.revision.content_sha256 == first.revision.content_sha256


def test_every_problem_is_listed_with_its_path_and_no_value() -> None:
    broken = document(
        line(ordered={"value": "two", "unit": ""}, colour="red"),
        line(line_id="", extended=money("1.00", "EURO")),
        placed=7,
        secret="Test Buyer 1",
    )
    with pytest.raises(Rejected) as refused:
        reading_of("canonical_json", broken)
    refusal = refused.value
    assert isinstance(refusal, RejectedForAll)
    assert sorted(path for path, _ in refusal.problems) == sorted(
        [
            "$.placed",
            "$.lines[0].ordered.value",
            "$.lines[0].ordered.unit",
            "$.lines[0].colour",
            "$.lines[1].line_id",
            "$.lines[1].extended.currency",
            "$.secret",
        ]
    )
    assert "Test Buyer" not in refusal.detail
    assert refusal.code == "field_invalid"
    assert refusal.path == refusal.problems[0][0]


@pytest.mark.parametrize(
    ("changes", "code", "paths"),
    [
        ({"order_id": None}, "field_invalid", ["$.order_id"]),
        ({"order_id": 7}, "field_invalid", ["$.order_id"]),
        ({"order_id": " "}, "field_invalid", ["$.order_id"]),
        ({"order_id": "B\x00"}, "field_invalid", ["$.order_id"]),
        ({"lines": []}, "field_invalid", ["$.lines"]),
        ({"lines": [line(extended=None)]}, "field_invalid", ["$.lines[0].extended"]),
        ({"lines": [line(), line()]}, "field_invalid", ["$.lines[0].line_id", "$.lines[1].line_id"]),
        ({"lines": [line(ordered={"value": "2", "unit": "BUNCH"})]}, "unit_unmapped",
         ["$.lines[0].ordered.unit"]),
        ({"lines": [line(extended=money("20.00", "USD"))]}, "currency_mixed",
         ["$.lines[0].extended.currency"]),
        ({"currency": None}, "currency_missing", ["$.currency"]),
        ({"placed": "2026-04-01"}, "time_invalid", ["$.placed"]),
        ({"tenant": "other"}, "partner_unknown", ["$.tenant"]),
        ({"key": "acme/shop/B-2"}, "partner_unknown", ["$.key"]),
        ({"revision": {"value": "three"}}, "field_invalid", ["$.revision.value"]),
        ({"stated": {"total": money("1.00001")}}, "field_invalid", ["$.stated.total.amount"]),
        ({"stated": {"total": money(float("1e15"))}}, "field_invalid", ["$.stated.total.amount"]),
        ({"adjustments": [{"kind": "discount", "is_charge": True, "amount": money("-1")}]}, "field_invalid",
         ["$.adjustments[0].amount"]),
        ({"adjustments": [{"kind": "discount", "is_charge": False, "amount": money("-1"),
                           "allocations": [{"line_id": "99", "amount": money("-1")}]}]}, "field_invalid",
         ["$.adjustments[0].allocations[0].line_id"]),
        ({"lines": [line(unit_price={"amount": "1", "currency": EURO, "per": {"value": "0", "unit": "EA"}})]},
         "field_invalid", ["$.lines[0].unit_price.per.value"]),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused(changes: dict[str, Any], code: str, paths: list[str]) -> None:
    broken = document(**changes) if "lines" not in changes else document() | changes
    assert problems(broken) == paths
    assert refusal_of("canonical_json", broken)[0] == code


def test_a_misspelt_field_and_a_bare_quantity_are_told_what_is_meant() -> None:
    wrong = without(document(line(ordered="2")), "order_id") | {"orderId": "B-1", "colour": "red"}
    with pytest.raises(RejectedForAll) as refused:
        reading_of("canonical_json", wrong)
    told = dict(refused.value.problems)
    assert told["$.orderId"] == "no field is called so; write order_id"
    assert told["$.colour"] == "no field is called so"
    assert told["$.lines[0].ordered"] == "an object is needed here, not a single value or a list"


def test_figures_of_the_partner_are_compared_with_ours() -> None:
    found = read(document(stated={"total": money("20.03")}, line_count=2, quantity_total="3"))
    assert differences(found) == {
        ("order_total", "stated.total"): "0.03",
        ("line_count", "line_count"): "1",
        ("quantity_total", "quantity_total"): "1",
    }


@pytest.mark.parametrize("amount", ["20.00", "20", 20, "2e1"])
def test_an_amount_may_be_text_or_number(amount: object) -> None:
    assert str(read(document(line(extended=money(amount)))).computed.total.amount) == "20.00"


def test_json_numbers_are_exact() -> None:
    data = json.dumps(document(line(extended=money("@")), stated={})).replace('"@"', "12345678901234.5678")
    assert str(read(data.encode()).lines[0].extended.amount) == "12345678901234.5678"


def test_units_of_the_profile_give_the_stock_quantity() -> None:
    partner = profile(units={"CRATE": {"unit": "EA", "factor": 12}})
    found = read(document(line(ordered={"value": "2", "unit": "CRATE"})), partner=partner)
    (one,) = found.lines
    assert one.stock_quantity is not None
    assert (str(one.stock_quantity.value), one.stock_quantity.unit) == ("24", "EA")


def test_both_currencies_are_read_and_must_be_the_orders() -> None:
    dual = {"amount": "20.00", "currency": EURO, "presentment_amount": "17.00", "presentment_currency": "GBP"}
    found = read(document(line(extended=dual), presentment_currency="GBP", stated={}))
    assert str(found.computed.total.presentment_amount) == "17.00"
    assert refusal_of("canonical_json", document(line(extended=dual), stated={}))[0] == "currency_mixed"


@pytest.mark.parametrize(
    ("revision", "kind", "value"),
    [
        (None, "none", ""),
        ({"value": "12"}, "counter", "00000000000000000012"),
        ({"kind": "instant_fine", "value": "2026-04-01T08:30:00.5+02:00"}, "instant_fine",
         "2026-04-01T06:30:00.500000Z"),
        ({"kind": "none"}, "none", ""),
    ],
)  # fmt: skip
def test_revisions_sort_as_text(revision: object, kind: str, value: str) -> None:
    found = read(document(revision=revision)).revision
    assert (found.kind, found.value) == (kind, value)


def test_a_bare_sku_is_an_identifier_and_resolves() -> None:
    (one,) = read(document(line(sku="OLD-1"))).lines
    assert (one.sku, one.resolution, one.identifiers[0].value) == ("SKU-1", "alias", "OLD-1")


def test_without_a_tax_mode_the_profile_decides() -> None:
    inclusive = profile(money={"amounts": "major_text", "tax_mode": "inclusive"})
    assert read(without(document(), "tax_mode"), partner=inclusive).tax_mode == "inclusive"
    assert read(without(document(), "tax_mode")).tax_mode == "unknown"
