"""Stripe's payouts: status, direction, envelopes, order of events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import Payout
from crossdock.formats.registry import FORMATS
from tests.kit.settlement_reading import PROFILE, outcome, record
from tests.kit.stripe_payloads import CREATED, event, payout

FORM = "stripe_payout"
STATUS = {
    "pending": "scheduled",
    "in_transit": "in_transit",
    "paid": "paid",
    "failed": "failed",
    "canceled": "cancelled",
    "brand_new": "unknown",
}


def read(payload: object) -> Payout:
    (found,) = outcome(FORM, payload).payouts
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(-(10**9), 10**9), st.sampled_from(sorted(STATUS)), st.sampled_from(["eur", "jpy", "kwd"]))
def test_a_payout_yields_its_facts_in_every_envelope(amount: int, status: str, currency: str) -> None:
    known = payout(amount=amount, status=status, currency=currency)
    for payload in (known, event(known), {"object": "list", "data": [known]}, [known]):
        found = read(payload)
        units = {"eur": 2, "jpy": 0, "kwd": 3}[currency]
        assert found.amount.amount.scaleb(units) == amount
        assert (found.amount.currency, found.status, found.status_raw) == (
            currency.upper(),
            STATUS[status],
            status,
        )
        assert found.key == "acme/psp-eu/po_1/po_1"
        assert found.arrival_date is not None
        assert (found.arrival_date.date.isoformat(), found.arrival_date.precision) == ("2026-05-05", "day")


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", None])
def test_the_day_of_arrival_is_that_of_utc_wherever_the_account_is(zone: str | None) -> None:
    partner = PROFILE.model_copy(update={"zone": zone, "channel": None})
    (found,) = outcome(FORM, payout(arrival_date=1_777_939_200), partner=partner).payouts
    assert found.arrival_date is not None
    assert (found.arrival_date.date.isoformat(), found.arrival_date.zone) == ("2026-05-05", zone or "UTC")


def test_a_payout_that_failed_says_why() -> None:
    known = payout(
        status="failed", failure_code="account_closed", failure_balance_transaction={"id": "txn_7"}
    )
    found = read(event(known, type="payout.failed"))
    assert (found.status, found.failure_raw) == ("failed", "account_closed")
    assert {one.name: one.value for one in found.extensions}["failure_balance_transaction"] == "txn_7"


def test_the_event_orders_the_states_and_an_object_alone_has_no_order() -> None:
    first = FORMATS[FORM].read(record(event(payout())), PROFILE).revision
    later = FORMATS[FORM].read(record(event(payout(status="failed"), created=CREATED + 90)), PROFILE).revision
    assert (first.kind, later.kind) == ("instant_coarse", "instant_coarse")
    assert first.value < later.value
    assert FORMATS[FORM].read(record(payout()), PROFILE).revision.kind == "none"


def test_a_trace_id_is_the_banks_reference() -> None:
    assert read(payout(trace_id={"status": "supported", "value": "T1"})).bank_reference == "T1"
    assert read(payout(trace_id=None)).bank_reference is None


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"id": ""}, "id_missing", "$.data.object.id"),
        ({"amount": None}, "amount_unparsable", "$.data.object.amount"),
        ({"currency": "eu"}, "currency_unknown", "$.data.object.currency"),
        ({"arrival_date": "soon"}, "time_invalid", "$.data.object.arrival_date"),
        ({"arrival_date": 10**18}, "time_invalid", "$.data.object.arrival_date"),
    ],
)
def test_refusals_name_the_place(changes: dict[str, Any], code: str, path: str) -> None:
    assert outcome(FORM, event(payout(**changes))).refused == [(code, path)]


@pytest.mark.parametrize(
    "payload",
    [
        {"id": "ch_1", "object": "charge", "amount": 100, "currency": "eur", "status": "succeeded"},
        {
            "id": "evt_1",
            "object": "v2.core.event",
            "type": "v1.payout.paid",
            "related_object": {"id": "po_1"},
        },
    ],
)
def test_what_says_it_is_something_else_is_no_payout(payload: dict[str, Any]) -> None:
    assert outcome(FORM, payload).refused == [("field_invalid", "$.object")]
    if payload["object"] == "charge":
        assert outcome(FORM, event(payload)).refused == [("field_invalid", "$.data.object.object")]


@pytest.mark.parametrize(
    "envelope",
    [
        {"version": "0", "id": "1", "detail-type": "payout.paid", "detail": event(payout())},
        {"headers": {"host": "example.com"}, "params": {}, "query": {}, "body": event(payout())},
        {"type": "RECORD", "stream": "payouts", "record": payout()},
        {"stream": "payouts", "data": payout(), "emitted_at": 1_700_000_000_000},
    ],
)
def test_the_envelopes_of_event_buses_and_tools_change_nothing(envelope: dict[str, Any]) -> None:
    found, bare = read(envelope), read(payout())
    assert (found.key, found.amount, found.status) == (bare.key, bare.amount, bare.status)
    assert FORMATS[FORM].key(record(envelope)) == "payout:po_1"


def test_the_transaction_of_a_payout_is_compared_where_it_is_there_in_full() -> None:
    booked = {"id": "txn_1", "object": "balance_transaction", "amount": -990, "currency": "eur", "fee": 10}
    found = read(payout(amount=1000, currency="eur", balance_transaction=booked))
    assert [(one.code, one.difference) for one in found.variances] == [("deposit_total", Decimal("0.10"))]
    same = payout(amount=990, currency="eur", balance_transaction=booked)
    assert read(same).variances == ()
    assert read(payout(currency="usd", balance_transaction=booked)).variances == ()


def test_an_unknown_status_is_warned_of() -> None:
    assert outcome(FORM, payout(status="odd")).warned == ["payout_status_unknown"]


def test_keys() -> None:
    assert FORMATS[FORM].key(record(event(payout()))) == "payout:po_1"
    assert FORMATS[FORM].key(record({"data": [payout(), payout()]})) is None
    assert FORMATS[FORM].key(record(b"[")) is None
