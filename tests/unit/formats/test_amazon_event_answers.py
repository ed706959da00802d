"""An unreadable financial event takes no other of its answer with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import SettlementLine
from crossdock.formats.registry import FORMATS
from tests.kit.amazon_notifications import event_amount, financial_events, lowered, shipment_event
from tests.kit.shop_reading import PROFILE, reading_of, record, refusal_of

FORM = "amazon_transfers"
PLACE = "payload.FinancialEvents"


def parts_of(payload: object) -> list[bytes]:
    split = FORMATS[FORM].split
    assert split is not None
    return [part.value for part in split(record(payload), PROFILE).parts]


def told(data: object) -> list[tuple[str, str]]:
    found = reading_of(FORM, data).entities
    return [(one.line_id, str(one.net.amount)) for one in found if isinstance(one, SettlementLine)]


def adjusted(amount: object) -> dict[str, Any]:
    return {"AdjustmentType": "ReserveCredit", "AdjustmentAmount": event_amount(amount)}


@given(
    st.lists(st.tuples(st.integers(-(10**6), 10**6), st.booleans()), min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=1, max_size=3),
    st.sampled_from((lambda document: document, lowered)),
)
@settings(max_examples=60, deadline=None)
def test_readable_events_keep_their_lines_and_the_others_stand_alone(
    amounts: list[tuple[int, bool]], shipments: list[bool], spelling: Callable[[object], object]
) -> None:
    events = [adjusted("x" if bad else float(Decimal(cents).scaleb(-2))) for cents, bad in amounts]
    orders = [shipment_event(PostedDate="soon") if bad else shipment_event() for bad in shipments]
    document = financial_events(ShipmentEventList=orders, AdjustmentEventList=events)
    good = financial_events(
        ShipmentEventList=[one for one, bad in zip(orders, shipments, strict=True) if not bad],
        AdjustmentEventList=[one for one, (_, bad) in zip(events, amounts, strict=True) if not bad],
    )
    refused: list[str] = []
    read: list[tuple[str, str]] = []
    for part in parts_of(spelling(document)):
        try:
            read += told(part)
        except Rejected as refusal:
            refused.append(refusal.path.split("].")[0].lower())
    assert read == told(good)
    assert sorted(refused) == sorted(
        f"$.{PLACE}.{name}[{at}".lower()
        for name, bads in (("ShipmentEventList", shipments), ("AdjustmentEventList", [b for _, b in amounts]))
        for at, bad in enumerate(bads)
        if bad
    )


def test_an_answer_that_can_be_read_stays_as_it_came() -> None:
    data = b'\xef\xbb\xbf {"FinancialEvents": {"AdjustmentEventList": [' + (
        b'null, {"AdjustmentType": "ReserveCredit", "AdjustmentAmount": {"CurrencyCode": "USD",'
        b' "CurrencyAmount": 1.10}}]}}'
    )
    assert parts_of(data) == [data]
    broken = data[:-2]
    assert parts_of(broken) == [broken]


def test_amounts_keep_their_digits() -> None:
    exact = b'{"AdjustmentAmount": {"CurrencyCode": "USD", "CurrencyAmount": %b}}'
    listed = b", ".join((exact % b"9007199254740.9931", exact % b'"x"', exact % b"1E2"))
    rest, alone = parts_of(b'{"FinancialEvents": {"AdjustmentEventList": [%b]}}' % listed)
    assert [amount for _, amount in told(rest)] == ["9007199254740.9931", "100.00"]
    place = "$.FinancialEvents.AdjustmentEventList[1].AdjustmentAmount.CurrencyAmount"
    assert refusal_of(FORM, alone) == ("amount_unparsable", place)


@pytest.mark.parametrize("is_single", [False, True])
def test_the_legacy_xml_is_cut_apart_as_json(is_single: bool) -> None:
    def event(amount: str) -> str:
        money = f"<CurrencyCode>USD</CurrencyCode><CurrencyAmount>{amount}</CurrencyAmount>"
        return f"<AdjustmentEvent><AdjustmentAmount>{money}</AdjustmentAmount></AdjustmentEvent>"

    amounts = ["x"] if is_single else ["1.50", "x", "2.50"]
    inner = "".join(map(event, amounts))
    xml = f"<R><Result><FinancialEvents><AdjustmentEventList>{inner}</AdjustmentEventList></FinancialEvents>"
    *rest, alone = parts_of(f"{xml.replace('<R>', '<AResponse>')}</Result></AResponse>".encode())
    assert [amount for part in rest for _, amount in told(part)] == ([] if is_single else ["1.50", "2.50"])
    path = f"$.AResponse.Result.FinancialEvents.AdjustmentEventList[{0 if is_single else 1}]"
    assert refusal_of(FORM, json.loads(alone)) == (
        "amount_unparsable",
        f"{path}.AdjustmentAmount.CurrencyAmount",
    )
