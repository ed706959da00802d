"""Groups of Amazon's financial events: a settlement without lines, and its payout."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.canonical.models import Payout, Settlement, SettlementLine
from crossdock.formats.registry import FORMATS
from tests.kit.amazon_notifications import event_amount, event_group, lowered, transaction
from tests.kit.shop_reading import PROFILE, reading_of, record, refusal_of

FORM = "amazon_transfers"


def group(document: object) -> tuple[Settlement, Payout | None]:
    settlement, *rest = reading_of(FORM, document).entities
    assert isinstance(settlement, Settlement)
    payouts = [one for one in rest if isinstance(one, Payout)]
    assert len(payouts) == len(rest) <= 1
    return settlement, payouts[0] if payouts else None


@pytest.mark.parametrize("is_lower", [False, True])
def test_a_closed_group_is_a_final_settlement_with_its_payout(is_lower: bool) -> None:
    document = lowered(event_group()) if is_lower else event_group()
    settlement, payout = group(document)
    assert settlement.deposit is not None
    assert payout is not None
    assert (settlement.key, str(settlement.deposit.amount)) == ("acme/shop/G-1", "19.50")
    assert (settlement.is_final, settlement.control_total, settlement.line_count) == (True, None, 0)
    assert settlement.variances == ()
    times = (settlement.period_from, settlement.period_to, settlement.deposit_date)
    assert [at and at.instant.day for at in times] == [1, 15, 17]
    kept = {one.name: one.value for one in settlement.extensions}
    assert kept["BeginningBalance"] == "1.25 USD"
    assert (payout.key, str(payout.amount.amount)) == ("acme/shop/G-1/G-1", "19.50")
    assert (payout.status, payout.status_raw, payout.bank_reference) == ("paid", "Succeeded", "TRACE-1")
    assert payout.arrival_date == settlement.deposit_date


def test_an_open_group_has_neither_deposit_nor_payout() -> None:
    changes = dict.fromkeys(("FundTransferDate", "FinancialEventGroupEnd"))
    settlement, payout = group(
        event_group(ProcessingStatus="Open", FundTransferStatus="Processing", **changes)
    )
    assert (settlement.is_final, settlement.deposit, payout) == (False, None, None)
    assert settlement.occurred == settlement.period_from
    assert ("OriginalTotal", "19.5 USD") in [(one.name, one.value) for one in settlement.extensions]


def test_a_group_is_paid_in_the_currency_of_the_bank() -> None:
    changes = {"OriginalTotal": event_amount(100, "JPY"), "ConvertedTotal": event_amount(0.67)}
    settlement, payout = group(event_group(**changes))
    assert payout is not None
    assert settlement.deposit is not None
    assert (str(settlement.deposit.amount), settlement.currency) == ("100", "JPY")
    assert (str(payout.amount.amount), payout.amount.currency) == ("0.67", "USD")


@pytest.mark.parametrize(
    ("raw", "status", "is_told"),
    [
        ("Failed", "failed", False),
        ("Processing", "in_transit", False),
        ("Unknown", "unknown", False),
        ("Pondered", "unknown", True),
        (None, "unknown", False),
    ],
)
def test_the_word_of_the_transfer_is_kept(raw: str | None, status: str, is_told: bool) -> None:
    reading = reading_of(FORM, event_group(FundTransferStatus=raw))
    (payout,) = [one for one in reading.entities if isinstance(one, Payout)]
    assert (payout.status, payout.status_raw) == (status, raw or "")
    assert [one.code for one in reading.warnings] == ["status_unknown"] * is_told


def test_nothing_is_paid_out_of_nothing_or_without_a_word_of_it() -> None:
    assert group(event_group(OriginalTotal=event_amount(0)))[1] is None
    assert group(event_group(FundTransferStatus=None, FundTransferDate=None))[1] is None


def parts_of(payload: object) -> list[bytes]:
    split = FORMATS[FORM].split
    assert split is not None
    return [part.value for part in split(record(payload), PROFILE).parts]


@pytest.mark.parametrize("is_lower", [False, True])
def test_groups_of_a_page_are_documents_of_their_own(is_lower: bool) -> None:
    groups = [event_group(), event_group(FinancialEventGroupId=None), event_group(FinancialEventGroupId="3")]
    page: dict[str, Any] = {"payload": {"NextToken": "x", "FinancialEventGroupList": groups}}
    first, second, third = parts_of(lowered(page) if is_lower else page)
    assert [group(one)[0].settlement_id for one in (first, third)] == ["G-1", "3"]
    name = "financialEventGroupId" if is_lower else "FinancialEventGroupId"
    assert refusal_of(FORM, second) == ("id_missing", f"$.{name}")
    assert FORMATS[FORM].key(record(first)) == "group:G-1"
    assert refusal_of(FORM, event_group(OriginalTotal=None)) == ("amount_unparsable", "$.OriginalTotal")


def test_groups_of_the_legacy_xml_are_read() -> None:
    money = "<CurrencyCode>USD</CurrencyCode><CurrencyAmount>1.0</CurrencyAmount>"
    ids = [
        f"<FinancialEventGroupId>{one}</FinancialEventGroupId><OriginalTotal>{money}</OriginalTotal>"
        for one in "12"
    ]
    listed = "".join(f"<FinancialEventGroup>{one}</FinancialEventGroup>" for one in ids)
    listed = f"<FinancialEventGroupList>{listed}</FinancialEventGroupList>"
    assert [
        group(one)[0].settlement_id
        for one in parts_of(f"<AResponse><AResult>{listed}</AResult></AResponse>".encode())
    ] == ["1", "2"]


def test_a_transaction_that_names_only_its_group_belongs_to_it() -> None:
    def named(*names: str) -> SettlementLine:
        ids = [{"relatedIdentifierName": name, "relatedIdentifierValue": name[0]} for name in names]
        (line,) = reading_of(FORM, transaction(relatedIdentifiers=ids)).entities
        assert isinstance(line, SettlementLine)
        return line

    both = named("FINANCIAL_EVENT_GROUP_ID", "SETTLEMENT_ID")
    alone = named("FINANCIAL_EVENT_GROUP_ID")
    assert [(one.settlement_id, one.is_provisional) for one in (both, alone)] == [("S", False), ("F", False)]
