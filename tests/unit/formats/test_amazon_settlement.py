"""Amazon settlement reports: one claim per quirk of real files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import PartnerProfile, Payout, Settlement, SettlementLine
from crossdock.canonical.reading import Reading
from crossdock.formats.registry import FORMATS
from tests.kit.amazon_settlements import V1_COLUMNS, V2_COLUMNS, head, row, v2
from tests.kit.shop_reading import PROFILE, profile, reading_of, record, refusal_of

FORM = "amazon_settlement"


def with_settlement(**section: Any) -> PartnerProfile:
    return profile(settlement={"account": "amazon-eu"} | section)


def read(*rows: dict[str, str], **options: Any) -> Reading:
    return reading_of(FORM, v2(*rows), **options)


def lines(reading: Reading) -> list[SettlementLine]:
    return [one for one in reading.entities if isinstance(one, SettlementLine)]


def settlements(reading: Reading) -> list[Settlement]:
    return [one for one in reading.entities if isinstance(one, Settlement)]


def warnings(reading: Reading) -> list[str]:
    return [one.code for one in reading.warnings]


def test_currency_and_dates_of_the_first_row_hold_for_all() -> None:
    reading = read(head(), row())
    (line,) = lines(reading)
    assert (line.net.currency, line.payout_id, line.is_provisional) == ("EUR", "11000000001", False)
    assert line.posted is not None
    assert line.posted.date.isoformat() == "2026-05-03"  # Europe/Berlin
    (settlement,) = settlements(reading)
    assert (settlement.is_final, settlement.variances, warnings(reading)) == (True, (), [])


def test_the_account_of_the_profile_stands_in_the_keys() -> None:
    reading = read(head(), row(), partner=with_settlement())
    line = lines(reading)[0]
    assert line.key == f"acme/amazon-eu/11000000001/{line.line_id}"
    assert reading.entities[-1].key == "acme/amazon-eu/11000000001/11000000001"


def test_a_deposit_that_its_lines_miss_is_told_exactly() -> None:
    (settlement,) = settlements(read(head(total="10.05"), row()))
    (variance,) = settlement.variances
    assert (variance.code, str(variance.difference), variance.is_within) == ("deposit_total", "0.05", False)
    tolerant = profile(tolerances={"settlement": {"amount": "0.05"}})
    assert settlements(read(head(total="10.05"), row(), partner=tolerant))[0].variances[0].is_within


def test_reserves_are_lines_and_stand_on_the_settlement() -> None:
    words = {"transaction_type": "other-transaction", "amount_type": "other-transaction", "order_id": ""}
    reading = read(
        head(total="9.00"),
        row(),
        row("4.00", amount_description="Previous Reserve Amount Balance", **words),
        row("-5.00", amount_description="Current Reserve Amount", **words),
    )
    (settlement,) = settlements(reading)
    assert settlement.previous_reserve is not None
    assert settlement.current_reserve is not None
    assert (str(settlement.previous_reserve.amount), str(settlement.current_reserve.amount)) == (
        "4.00",
        "-5.00",
    )
    assert [line.transaction_type for line in lines(reading)] == ["sale", "reserve", "reserve"]
    assert settlement.variances == ()


@pytest.mark.parametrize(
    ("amount", "words", "expected"),
    [
        ("1.00", ("Order", "ItemPrice", "Shipping"), "sale"),
        ("-1.00", ("Order", "Promotion", "Principal"), "sale"),
        ("-1.00", ("Order", "ItemFees", "FBAPerUnitFulfillmentFee"), "fee"),
        ("1.00", ("Refund", "ItemFees", "Commission"), "fee_refund"),
        ("-1.00", ("Refund", "ItemFees", "RefundCommission"), "fee"),
        ("-1.00", ("Order", "ItemWithheldTax", "MarketplaceFacilitatorTax-Shipping"), "tax_withheld"),
        ("-1.00", ("Chargeback Refund", "ItemPrice", "Principal"), "chargeback"),
        ("-1.00", ("other-transaction", "other-transaction", "Subscription Fee"), "subscription"),
        ("-1.00", ("other-transaction", "other-transaction", "Storage Fee"), "fee"),
        ("-1.00", ("ServiceFee", "Cost of Advertising", "TransactionTotalAmount"), "fee"),
        ("1.00", ("other-transaction", "FBA Inventory Reimbursement", "WAREHOUSE_LOST"), "adjustment"),
        ("-1.00", ("other-transaction", "other-transaction", "Shipping label purchase"), "shipping_label"),
        ("-1.00", ("Refund", "ItemPrice", "Goodwill"), "refund"),
        ("1.00", ("Transfer", "Transfer", "Previous Reserve Amount Balance"), "reserve"),
        ("-1.00", ("Storage Fee", "other-transaction", ""), "fee"),
        ("1.00", ("WAREHOUSE_LOST", "other-transaction", ""), "adjustment"),
        ("-1.00", ("Order_Retrocharge", "ItemPrice", "Tax"), "adjustment"),
        ("-1.00", ("FBAFees", "FBA Removal Order: Disposal Fee", "Base fee"), "fee"),
        ("-1.00", ("AmazonFees", "Vine Enrollment Fee", "Tax on fee"), "fee"),
        ("1.00", ("ServiceFee", "Refund for Advertiser", "TransactionTotalAmount"), "fee_refund"),
        ("-1.00", ("other-transaction", "Inbound Defect Fee", "Base fee"), "fee"),
        ("1.00", ("SAFE-T Reimbursement", "Other Transactions", "SAFE-T Reimbursement"), "adjustment"),
        ("-1.00", ("other-transaction", "Subscription", "Subscription"), "subscription"),
        ("1.00", ("other-transaction", "other-transaction", "Transfer of funds unsuccessful: x"), "transfer"),
        ("-1.00", ("Order", "Points", "PointsGranted"), "fee"),
        ("-1.00", ("Order", "QuantumFees", "Quantum"), "unknown"),
        ("-1.00", ("Quantum Fee", "QuantumFees", "Quantum"), "unknown"),
        ("-1.00", ("other-transaction", "other-transaction", "Quantum Fee"), "unknown"),
    ],
)  # fmt: skip
def test_words_have_the_listed_meaning_or_none(
    amount: str, words: tuple[str, str, str], expected: str
) -> None:
    said = dict(zip(("transaction_type", "amount_type", "amount_description"), words, strict=True))
    reading = read(head(total=amount), row(amount, **said))
    (line,) = lines(reading)
    assert line.transaction_type == expected
    assert (line.transaction_type_raw, line.amount_type_raw, line.amount_description_raw) == words
    assert ("vocabulary_unknown" in warnings(reading)) == (expected == "unknown")


def test_the_profiles_vocabulary_is_asked_first() -> None:
    partner = with_settlement(vocabulary={"Quantum": "other", "ItemPrice:Principal": "adjustment"})
    reading = read(head(), row(), row("0.00", amount_description="Quantum"), partner=partner)
    assert [line.transaction_type for line in lines(reading)] == ["adjustment", "other"]


def test_a_fee_is_a_cost_and_a_sale_is_gross() -> None:
    reading = read(head(total="8.50"), row(), row("-1.50", amount_type="ItemFees"))
    sale, fee = lines(reading)
    assert sale.gross is not None
    assert fee.fee is not None
    assert (str(sale.gross.amount), sale.fee) == ("10.00", None)
    assert (str(fee.fee.amount), fee.gross) == ("1.50", None)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, ("302-1234567-7654321", "order")),
        ({"order_id": "S01-1234567-7654321"}, ("S01-1234567-7654321", "order")),
        ({"order_id": "DxYz1", "shipment_id": "DxYz1"}, ("DxYz1", "shipment")),
        ({"order_id": "", "shipment_id": "DxYz1"}, ("DxYz1", "shipment")),
        ({"order_id": "CASE-77"}, ("CASE-77", "unknown")),
        ({"order_id": ""}, (None, "none")),
    ],
)
def test_the_order_column_is_not_trusted(cells: dict[str, str], expected: tuple[str | None, str]) -> None:
    (line,) = lines(read(head(), row(**cells)))
    assert (line.order_reference, line.reference_kind) == expected


def test_equal_rows_are_two_bookings_with_stable_ids() -> None:
    reading = read(head(total="20.00"), row(), row())
    first, second = lines(reading)
    assert second.line_id == f"{first.line_id}.2"
    assert lines(read(head(), row()))[0].line_id == first.line_id


def test_a_decimal_comma_is_proven_by_the_file() -> None:
    reading = read(head(total="1.234,50"), row("1.234,50"))
    assert (str(lines(reading)[0].net.amount), warnings(reading)) == ("1234.50", ["decimal_mark"])
    assert refusal_of(FORM, v2(head(total="1,50"), row("2,50"), row("x"))) == (
        "amount_unparsable",
        "line 4 column amount",
    )
    assert refusal_of(FORM, v2(head(total="1,5"), row("1.55"))) == (
        "amount_unparsable",
        "line 2 column total-amount",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-02 23:30:00 UTC", "2026-05-03"),
        ("02.05.2026 23:30:00 UTC", "2026-05-03"),
        ("2026-05-02T16:30:00-07:00", "2026-05-03"),
        ("2026-05-02 16:30:00 PDT", "2026-05-03"),
        ("2026-05-02 16:30:00 XYZ", None),
        ("2026/05/02", "2026-05-02"),
        ("13/05/2026", "2026-05-13"),
        ("05/13/2026", "2026-05-13"),
        ("05/06/2026", None),
        ("soon", None),
    ],
)
def test_dates_are_read_where_they_have_one_meaning(text: str, expected: str | None) -> None:
    reading = read(head(), row(posted_date_time=text))
    posted = lines(reading)[0].posted
    assert (posted.date.isoformat() if posted else None) == expected
    assert ("time_invalid" in warnings(reading)) == (expected is None)


def test_a_file_of_two_settlements_gives_both() -> None:
    other = "11000000002"
    reading = read(head(), row(), head(other, "-3.00", currency="GBP"), row("-3.00", other))
    assert [(one.settlement_id, one.currency) for one in settlements(reading)] == [
        ("11000000001", "EUR"),
        (other, "GBP"),
    ]
    payouts = [one for one in reading.entities if isinstance(one, Payout)]
    assert [(str(one.amount.amount), one.status) for one in payouts] == [
        ("10.00", "scheduled"),
        ("-3.00", "unknown"),
    ]
    assert FORMATS[FORM].key(record(v2(head(), row()))) == "settlement:11000000001"
    assert FORMATS[FORM].key(record(v2(head(), head(other)))) is None


def test_a_transfer_row_is_the_payout_and_no_revenue() -> None:
    transfer = row("-10.00", transaction_type="Transfer", amount_type="", amount_description="", order_id="")
    (settlement,) = settlements(reading := read(head(), row(), transfer))
    assert settlement.variances == ()
    assert lines(reading)[1].transaction_type == "payout"


def test_a_wide_row_is_a_line_per_amount() -> None:
    wide = {"settlement-id": "11000000001", "transaction-type": "Order", "order-id": "302-1234567-7654321",
            "price-type": "Principal", "price-amount": "15.00", "item-related-fee-type": "Commission",
            "item-related-fee-amount": "-2.25", "promotion-type": "Shipping", "promotion-amount": "-0.65",
            "other-amount": "0.00", "direct-payment-type": "COD",
            "direct-payment-amount": "-2.10"}  # fmt: skip
    empty = {"settlement-id": "11000000001", "transaction-type": "Order", "quantity-purchased": "1"}
    reading = reading_of(FORM, v2(head(), empty, wide, columns=V1_COLUMNS))
    assert [(one.amount_type_raw, str(one.net.amount)) for one in lines(reading)] == [
        ("ItemPrice", "15.00"),
        ("ItemFees", "-2.25"),
        ("Promotion", "-0.65"),
        ("DirectPayment", "-2.10"),
        ("other-transaction", "0.00"),
    ]
    assert settlements(reading)[0].variances == ()


def test_columns_are_renamed_by_the_profile_and_signs_turned() -> None:
    columns = tuple("betrag" if name == "amount" else name for name in V2_COLUMNS)
    data = v2(head(total="-10.00"), row("") | {"betrag": "-10.00"}, columns=columns)
    partner = with_settlement(columns={"amount": "Betrag"}, sign_convention="positive_is_to_channel")
    reading = reading_of(FORM, data, partner=partner)
    assert str(lines(reading)[0].net.amount) == "10.00"
    assert settlements(reading)[0].variances == ()


def test_other_encodings_are_read() -> None:
    data = v2(head(), row(sku="GRÖSSE-1")).decode().encode("cp1252")
    reading = reading_of(FORM, data)
    assert (lines(reading)[0].sku, warnings(reading)) == ("GRÖSSE-1", ["encoding_guessed"])
    japanese = reading_of(FORM, v2(head(), row(sku="カップ・大")).decode().encode("cp932"))
    assert (lines(japanese)[0].sku, warnings(japanese)) == ("カップ・大", ["encoding_guessed"])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (v2(head(), row("x")), ("amount_unparsable", "line 3 column amount")),
        (v2(head(currency=""), row()), ("currency_missing", "line 2 column currency")),
        (v2(head(), row(currency="USD")), ("currency_mixed", "line 3 column currency")),
        (v2(head(currency="XXQ"), row()), ("currency_unknown", "line 2 column currency")),
        (
            v2(head(), head("11000000002"), row(settlement_id="")),
            ("id_missing", "line 4 column settlement-id"),
        ),
        (b"a\tb\n1\t2\n", ("envelope_broken", "line 1")),
        (b"", ("envelope_broken", "line 1")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(data: bytes, expected: tuple[str, str]) -> None:
    assert refusal_of(FORM, data) == expected


def test_a_bad_row_stands_apart_and_leaves_its_neighbours() -> None:
    data = v2(head(total="20.00"), row(), row("x"), row())
    split = FORMATS[FORM].split
    assert split is not None
    whole, apart = split(record(data), PROFILE).parts
    reading = reading_of(FORM, whole.value)
    assert (len(lines(reading)), settlements(reading)[0].variances) == (2, ())
    alone = record(apart.value)
    marked = replace(alone, headers=tuple((name, text.encode()) for name, text in apart.headers))
    with pytest.raises(Rejected, match=r"amount_unparsable.*line 4 column amount"):
        FORMATS[FORM].read(marked, PROFILE)
    mended = replace(marked, value=apart.value.replace(b"\tx\t", b"\t1.00\t"))
    (line,) = FORMATS[FORM].read(mended, PROFILE).entities  # its currency stands on the first row
    assert isinstance(line, SettlementLine)
    assert (str(line.net.amount), line.net.currency) == ("1.00", "EUR")


def test_a_mistyped_settlement_id_stands_apart_and_leaves_the_file() -> None:
    mistyped = row("-3.00", "1.1E+10", amount_type="ItemFees")
    data = v2(head(total="7.00"), row(), mistyped, row("-3.00", "1.1E+10"))
    split = FORMATS[FORM].split
    assert split is not None
    whole, *apart = split(record(data), PROFILE).parts
    reading = reading_of(FORM, whole.value)
    assert (len(lines(reading)), str(settlements(reading)[0].variances[0].difference)) == (1, "-3.00")
    for line, part in enumerate(apart, 4):
        marked = replace(record(part.value), headers=((part.headers[0][0], part.headers[0][1].encode()),))
        with pytest.raises(Rejected) as refused:
            FORMATS[FORM].read(marked, PROFILE)
        assert (refused.value.code, refused.value.path) == (
            "currency_missing",
            f"line {line} column settlement-id",
        )
        assert refused.value.detail.count("no row of this settlement-id") == 1
    assert len(apart) == 2


def test_the_profiles_currency_holds_where_the_file_states_none() -> None:
    partner = profile(money={"amounts": "major_text", "tax_mode": "stated", "currency": "EUR"})
    assert lines(read(head(currency=""), row(), partner=partner))[0].net.currency == "EUR"
    assert refusal_of(FORM, v2(head(currency="GBP"), row()), partner=partner)[0] == "currency_mixed"


def test_the_same_file_twice_is_the_same_reading() -> None:
    data = v2(head(), row())
    assert reading_of(FORM, data) == reading_of(FORM, data)
    assert warnings(reading_of(FORM, v2(head()))) == ["report_empty"]


def test_a_row_without_an_amount_and_an_unreadable_quantity_are_told() -> None:
    reading = read(head(), row(), row(""), row("2.00", quantity_purchased="two"))
    assert [str(line.net.amount) for line in lines(reading)] == ["10.00", "2.00"]
    assert [(one.code, one.path) for one in reading.warnings] == [
        ("row_without_amount", "line 4"),
        ("quantity_invalid", "line 5 column quantity-purchased"),
    ]
