"""Square payouts and payout entries: generated entries yield their facts; one claim per quirk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.models import PartnerProfile, Payout, SettlementLine
from crossdock.canonical.profiles import parse_profile
from crossdock.formats.square_payout import FORMAT
from tests.kit.shop_reading import reading_of, record, refusal_of
from tests.kit.square_money import MoneyFacts, square_entries

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FORM = "square_payout"
ACCOUNT = parse_profile("""
tenant: acme
partner: shop
kind: payment_account
format: square_payout
zone: America/Los_Angeles
money: {amounts: minor_integer, tax_mode: none}
settlement: {account: square-till, vocabulary: {NEW_WORD: adjustment}}
""")
NO_ZONE = ACCOUNT.model_copy(update={"zone": None})


def usd(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


def payout_document(**changes: Any) -> dict[str, Any]:
    return {
        "id": "po_1",
        "status": "PAID",
        "location_id": "LOC1",
        "created_at": "2026-01-31T23:30:00Z",
        "updated_at": "2026-02-01T08:00:00Z",
        "amount_money": usd(-103),
        "destination": {"type": "BANK_ACCOUNT", "id": "bact:x"},
        "version": 1,
        "type": "BATCH",
        "payout_fee": [{"amount_money": usd(50), "type": "TRANSFER_FEE"}, {"amount_money": usd(5)}],
        "arrival_date": "2026-02-03",
        "end_to_end_id": "E2E1",
    } | changes


def entry_document(**changes: Any) -> dict[str, Any]:
    return {
        "id": "poe_1",
        "payout_id": "po_1",
        "effective_at": "2026-01-31T23:30:00Z",
        "type": "CHARGE",
        "gross_amount_money": usd(100),
        "fee_amount_money": usd(19),
        "net_amount_money": usd(81),
        "type_charge_details": {"payment_id": "PAY1"},
    } | changes


def payout(document: object, partner: PartnerProfile = ACCOUNT) -> Payout:
    (found,) = reading_of(FORM, document, partner=partner).entities
    assert isinstance(found, Payout)
    return found


def line(document: object) -> SettlementLine:
    (found,) = reading_of(FORM, document, partner=ACCOUNT).entities
    assert isinstance(found, SettlementLine)
    return found


def warnings(document: object, partner: PartnerProfile = ACCOUNT) -> list[str]:
    return [one.code for one in reading_of(FORM, document, partner=partner).warnings]


@QUICK
@given(square_entries())
def test_a_generated_entry_yields_its_facts(facts: MoneyFacts) -> None:
    found = line(facts.payload)
    amount = facts.currency.amount
    assert (found.line_id, found.settlement_id, found.payout_id) == (facts.identity, "po_1", "po_1")
    assert found.transaction_type == facts.meaning
    assert found.gross is not None
    assert found.fee is not None
    assert (found.gross.amount, found.fee.amount) == (amount(facts.amount), amount(facts.fee))
    assert found.net.amount == amount(facts.amount - facts.fee + facts.net_error)
    assert found.posted is not None
    assert (found.posted.instant, found.order_reference) == (facts.at, facts.reference)
    differences = [(one.code, str(one.difference)) for one in found.variances]
    expected = [("net_amount", facts.currency.text(facts.net_error))] if facts.net_error else []
    assert differences == expected


def test_a_payout_is_its_own_settlement_and_keeps_its_sign() -> None:
    found = payout(payout_document())
    assert found.key == "acme/square-till/po_1/po_1"
    assert (str(found.amount.amount), found.status, found.bank_reference) == ("-1.03", "paid", "E2E1")
    assert found.fee is not None
    assert str(found.fee.amount) == "0.55"
    assert found.arrival_date is not None
    assert (found.arrival_date.date.isoformat(), found.arrival_date.precision) == ("2026-02-03", "day")
    assert found.revision.kind == "instant_fine"


@pytest.mark.parametrize(
    ("status", "meaning"), [("SENT", "in_transit"), ("PAID", "paid"), ("FAILED", "failed"), ("X", "unknown")]
)
def test_the_status_has_its_meaning(status: str, meaning: str) -> None:
    assert payout(payout_document(status=status)).status == meaning


def test_the_envelope_of_a_workflow_tool_changes_nothing() -> None:
    event = {"event_id": "1", "type": "payout.paid", "data": {"object": {"payout": payout_document()}}}
    assert payout({"headers": {}, "body": event}).key == payout(payout_document()).key
    assert line({"body": {"payout_entry": entry_document()}}).key == line(entry_document()).key


def test_a_payout_beside_its_entries_is_read_too() -> None:
    both = {"payout": payout_document(), "payout_entries": [entry_document(), entry_document(id="poe_2")]}
    split = FORMAT.split
    assert split is not None
    parts = split(record(both), ACCOUNT).parts
    assert [(part.key or "").rpartition("/")[2] for part in parts] == [
        *("payout_entry:poe_1", "payout_entry:poe_2", "payout:po_1"),
    ]


def test_an_arrival_day_needs_a_zone() -> None:
    found = payout(payout_document(), NO_ZONE)
    assert found.arrival_date is None
    assert ("arrival_date", "2026-02-03") in [(one.name, one.value) for one in found.extensions]
    assert warnings(payout_document(), NO_ZONE) == ["zone_unknown"]


def test_a_refund_refers_to_itself_and_gives_its_fee_back() -> None:
    document = entry_document(
        type="REFUND",
        gross_amount_money=usd(-50),
        fee_amount_money=usd(-2),
        net_amount_money=usd(-48),
        type_refund_details={"payment_id": "PAY1", "refund_id": "R1"},
    )
    found = line(document)
    assert (found.transaction_type, found.order_reference) == ("refund", "R1")
    assert (found.variances, found.reference_kind) == ((), "psp_reference")


def test_a_dispute_that_brings_money_back_is_its_reversal() -> None:
    lost = entry_document(type="DISPUTE", gross_amount_money=usd(-81), net_amount_money=usd(-100))
    won = entry_document(type="DISPUTE")
    assert (line(lost).transaction_type, line(won).transaction_type) == ("chargeback", "chargeback_reversal")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("PAID_SERVICE_FEE", "fee"),
        ("PAID_SERVICE_FEE_REFUND", "fee_refund"),
        ("PROCESSING_FEE", "fee"),
        ("UNDO_PROCESSING_FEE_REFUND", "fee"),
        ("OTHER_ADJUSTMENT", "adjustment"),
        ("MONEY_TRANSFER_REVERSAL", "transfer"),
        ("ESCHEATMENT", "other"),
    ],
)
def test_the_types_of_the_payouts_api_have_their_meaning(word: str, kind: str) -> None:
    assert line(entry_document(type=word)).transaction_type == kind


def test_the_profiles_vocabulary_wins_and_an_unlisted_word_is_unknown() -> None:
    assert line(entry_document(type="NEW_WORD")).transaction_type == "adjustment"
    assert warnings(entry_document(type="OTHER_WORD")) == ["vocabulary_unknown"]


def test_an_entry_without_a_payout_is_provisional() -> None:
    found = line(entry_document(payout_id=None))
    assert (found.is_provisional, found.key) == (True, "acme/square-till/-/poe_1")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (payout_document(id=None), ("id_missing", "$.id")),
        (payout_document(amount_money=None), ("currency_missing", "$.amount_money.currency")),
        (payout_document(amount_money={"currency": "USD"}), ("amount_unparsable", "$.amount_money")),
        (payout_document(arrival_date="soon"), ("time_invalid", "$.arrival_date")),
        (
            entry_document(gross_amount_money={"amount": 1, "currency": "EUR"}),
            ("currency_mixed", "$.gross_amount_money.currency"),
        ),
        (
            entry_document(net_amount_money={"currency": "USD"}, gross_amount_money=None),
            ("amount_unparsable", "$.net_amount_money"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    document: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, document, partner=ACCOUNT) == expected


def test_money_that_names_two_currencies_is_not_guessed_at() -> None:
    money = {"amount": 6259, "currency": "AUD", "currency_code": "USD"}
    refusal = refusal_of(FORM, payout_document(amount_money=money), partner=ACCOUNT)
    assert refusal == ("currency_mixed", "$.amount_money.currency_code")


def test_events_and_lists_are_read() -> None:
    event = {
        "merchant_id": "M",
        "type": "payout.paid",
        "event_id": "e",
        "data": {"type": "payout", "id": "po_1", "object": {"payout": payout_document()}},
    }
    assert payout(event).payout_id == "po_1"
    assert FORMAT.key(record(event)) == "payout:po_1"
    assert FORMAT.split is not None
    for page, keys in (
        ({"payouts": [payout_document(), payout_document(id="po_2")]}, ["payout:po_1", "payout:po_2"]),
        (
            {"payout_entries": [entry_document(), entry_document(id="poe_2")], "cursor": "x"},
            ["payout_entry:poe_1", "payout_entry:poe_2"],
        ),
    ):
        parts = FORMAT.split(record(page), ACCOUNT).parts
        assert [part.key for part in parts] == [f"acme/shop/{key}" for key in keys]
        (only,) = reading_of(FORM, parts[0].value, partner=ACCOUNT).entities
        assert isinstance(only, SettlementLine if "entry" in keys[0] else Payout)


def test_its_payloads_are_recognised() -> None:
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(json.dumps(payout_document()).encode()) == 88
    assert FORMAT.looks_like(json.dumps(entry_document()).encode()) == 92
    assert FORMAT.looks_like(b"{}") == 0
