"""Amazon settlement reports as XML: one claim per quirk."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import Payout, Settlement, SettlementLine
from crossdock.canonical.reading import Reading
from crossdock.formats.registry import FORMATS
from tests.kit.amazon_settlements import head, row, v2
from tests.kit.shop_reading import PROFILE, reading_of, record, refusal_of

FORM = "amazon_settlement"
PLACE = "$.AmazonEnvelope.Message.SettlementReport"
COMPONENT = "Fulfillment.Item.ItemPrice.Component.Amount"


def amount(said: object, name: str = "Amount", currency: str = "EUR") -> str:
    return f'<{name} currency="{currency}">{said}</{name}>'


def report(*events: str, total: object = "10.00", settlement: str = "11000000001") -> str:
    return (
        f"<SettlementReport><SettlementData><AmazonSettlementID>{settlement}</AmazonSettlementID>"
        f"{amount(total, 'TotalAmount')}<DepositDate>2026-05-06T00:00:00+00:00</DepositDate>"
        f"</SettlementData>{''.join(events)}</SettlementReport>"
    )


def xml(*reports: str) -> bytes:
    messages = "".join(f"<Message>{one}</Message>" for one in reports)
    return f'<?xml version="1.0"?><AmazonEnvelope>{messages}</AmazonEnvelope>'.encode()


def sale(*prices: object, kind: str = "Principal") -> str:
    parts = "".join(f"<Component><Type>{kind}</Type>{amount(one)}</Component>" for one in prices)
    return (
        "<Order><AmazonOrderID>302-1234567-7654321</AmazonOrderID><Fulfillment>"
        "<PostedDate>2026-05-02T23:30:00+00:00</PostedDate><Item><AmazonOrderItemCode>7</AmazonOrderItemCode>"
        f"<SKU>SKU-1</SKU><Quantity>1</Quantity><ItemPrice>{parts}</ItemPrice></Item></Fulfillment></Order>"
    )


def other(inner: str, name: str = "OtherTransaction") -> str:
    return f"<{name}>{inner}</{name}>"


def lines(reading: Reading) -> list[SettlementLine]:
    return [one for one in reading.entities if isinstance(one, SettlementLine)]


def settlements(reading: Reading) -> list[Settlement]:
    return [one for one in reading.entities if isinstance(one, Settlement)]


def test_an_order_reads_as_the_flat_file_says_it() -> None:
    flat = v2(head(), row(sku="SKU-1", order_item_code="7", quantity_purchased="1"))
    (said,), (expected,) = lines(reading_of(FORM, xml(report(sale("10.00"))))), lines(reading_of(FORM, flat))
    for field in ("transaction_type", "transaction_type_raw", "amount_type_raw", "amount_description_raw",
                  "net", "gross", "fee", "order_reference", "reference_kind", "item_reference", "sku",
                  "quantity", "settlement_id", "payout_id"):  # fmt: skip
        assert getattr(said, field) == getattr(expected, field), field
    assert said.posted is not None
    assert said.posted.date.isoformat() == "2026-05-03"  # Europe/Berlin


def test_the_items_of_a_reimbursement_only_explain_it() -> None:
    item = other(f"<SKU>SKU-9</SKU><Quantity>2</Quantity>{amount('10.00')}", "OtherTransactionItem")
    words = "<TransactionType>WAREHOUSE_LOST</TransactionType>"
    reading = reading_of(FORM, xml(report(other(f"{words}{amount('10.00')}{item}"))))
    (line,) = lines(reading)
    assert (line.transaction_type, line.sku, str(line.net.amount)) == ("adjustment", "SKU-9", "10.00")
    assert settlements(reading)[0].variances == ()


def test_an_invoice_of_advertising_is_one_fee_with_its_tax() -> None:
    parts = "".join((amount("-8.00", "BaseAmount"), amount("-2.00", "TaxAmount"),
                     amount("-10.00", "TransactionAmount")))  # fmt: skip
    data = xml(report(other(parts, "AdvertisingTransactionDetails"), total="-10.00"))
    (line,) = lines(reading_of(FORM, data))
    assert (line.transaction_type, line.fee and str(line.fee.amount)) == ("fee", "10.00")


def test_ids_of_a_transaction_and_of_its_invoice_are_kept() -> None:
    said = f"<TransactionID>T-1</TransactionID><InvoiceId>I-1</InvoiceId>{amount('10.00')}"
    (line,) = lines(reading_of(FORM, xml(report(other(said)))))
    kept = {one.name: one.value for one in line.extensions}
    assert kept == {"transaction_id": "T-1", "invoice_id": "I-1"}
    (without,) = lines(reading_of(FORM, xml(report(other(amount("10.00"))))))
    assert without.extensions == ()
    assert without.line_id != line.line_id


def test_a_message_each_is_a_settlement_each() -> None:
    data = xml(report(sale("10.00")), report(total="-1.00", settlement="11000000002"))
    assert [one.settlement_id for one in settlements(reading_of(FORM, data))] == [
        "11000000001",
        "11000000002",
    ]
    assert FORMATS[FORM].key(record(xml(report()))) == "settlement:11000000001"
    split = FORMATS[FORM].split
    assert split is not None
    assert [part.value for part in split(record(data), PROFILE).parts] == [data]


def test_an_amount_that_cannot_be_read_is_cut_out_with_what_explains_it() -> None:
    item = other(f"<SKU>SKU-9</SKU>{amount('4.00')}", "OtherTransactionItem")
    bad = other(f"<TransactionType>A & B</TransactionType>{amount('x')}{item}".replace("&", "&amp;"))
    data = xml(report(sale("10.00", "y", "2.00"), bad, sale("1.00")))
    split = FORMATS[FORM].split
    assert split is not None
    rest, *alone = split(record(data), PROFILE).parts
    assert rest.key == "acme/shop/settlement:11000000001"
    reading = reading_of(FORM, rest.value)
    whole = reading_of(FORM, xml(report(sale("10.00", "2.00"), sale("1.00"))))
    assert [line.line_id for line in lines(reading)] == [line.line_id for line in lines(whole)]
    assert reading.warnings == ()
    assert [refusal_of(FORM, part.value) for part in alone] == [
        ("amount_unparsable", f"{PLACE}.Order[0].{COMPONENT.replace('Component', 'Component[1]')}"),
        ("amount_unparsable", f"{PLACE}.OtherTransaction.Amount"),
    ]


def test_an_event_without_an_amount_is_told() -> None:
    reading = reading_of(FORM, xml(report(sale("10.00"), other("<TransactionType>X</TransactionType>"))))
    assert [(one.code, one.path) for one in reading.warnings] == [
        ("event_without_amount", f"{PLACE}.OtherTransaction")
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (xml(report(sale("x"))), ("amount_unparsable", f"{PLACE}.Order.{COMPONENT}")),
        (
            xml(report(sale("10.00"), sale("1.00").replace('currency="EUR"', 'currency="GBP"'))),
            ("currency_mixed", f"{PLACE}.Order[1].{COMPONENT}"),
        ),
        (b"<ErrorResponse><Error/></ErrorResponse>", ("field_invalid", "$.ErrorResponse")),
        (b"<AmazonEnvelope/>", ("envelope_broken", "$")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(data: bytes, expected: tuple[str, str]) -> None:
    assert refusal_of(FORM, data) == expected


_CENTS = st.integers(-99_999, 99_999).map(lambda cents: Decimal(cents).scaleb(-2))


@given(st.lists(st.lists(_CENTS, min_size=1, max_size=3), min_size=1, max_size=4), _CENTS)
@settings(max_examples=60, deadline=None)
def test_every_amount_is_one_line_and_the_deposit_is_compared(
    orders: list[list[Decimal]], miss: Decimal
) -> None:
    total = sum((one for order in orders for one in order), Decimal(0))
    data = xml(report(*(sale(*order) for order in orders), total=total + miss))
    reading = reading_of(FORM, data)
    assert [line.net.amount for line in lines(reading)] == [one for order in orders for one in order]
    (settlement,) = settlements(reading)
    assert [one.difference for one in settlement.variances] == ([miss] if miss else [])
    assert len({line.line_id for line in lines(reading)}) == sum(map(len, orders))
    assert len([one for one in reading.entities if isinstance(one, Payout)]) == (1 if total + miss else 0)
