"""Amazon orders of the legacy XML service: one claim per quirk of real payloads."""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import PROFILE, order_of, reading_of, record, refusal_of, totals

FORM = "amazon_mws_order"
ITEM = """<OrderItem><ASIN>B000EXAMPL</ASIN><OrderItemId>1</OrderItemId><SellerSKU>A &amp; B</SellerSKU>
<QuantityOrdered>2</QuantityOrdered><QuantityShipped>1</QuantityShipped>
<ItemPrice><CurrencyCode>EUR</CurrencyCode><Amount>20.00</Amount></ItemPrice>
<GiftWrapPrice><CurrencyCode>EUR</CurrencyCode><Amount>1.50</Amount></GiftWrapPrice>
<PromotionDiscount><CurrencyCode>EUR</CurrencyCode><Amount>0.50</Amount></PromotionDiscount>
<PromotionIds><PromotionId>P-1</PromotionId></PromotionIds></OrderItem>"""


def order(order_id: str = "900-1", inside: str = "") -> str:
    return f"""<Order><AmazonOrderId>{order_id}</AmazonOrderId>
<PurchaseDate>2026-01-31T23:30:00Z</PurchaseDate><LastUpdateDate>2026-02-01T08:00:00Z</LastUpdateDate><OrderStatus>Unshipped</OrderStatus>
<BuyerEmail>x@example.com</BuyerEmail><PaymentMethod>COD</PaymentMethod><PaymentExecutionDetail>
<PaymentExecutionDetailItem><Payment><CurrencyCode>EUR</CurrencyCode><Amount>21.00</Amount></Payment>
<PaymentMethod>COD</PaymentMethod></PaymentExecutionDetailItem></PaymentExecutionDetail>
<OrderTotal><CurrencyCode>EUR</CurrencyCode><Amount>21.00</Amount></OrderTotal>{inside}</Order>"""


def items(order_id: str | None = "900-1", held: str = ITEM) -> str:
    named = f"<AmazonOrderId>{order_id}</AmazonOrderId>" if order_id else ""
    return f"<ListOrderItemsResult>{named}<OrderItems>{held}</OrderItems></ListOrderItemsResult>"


def read(text: str) -> Order:
    return order_of(FORM, text.encode())


def test_an_order_with_its_items_inside_is_read() -> None:
    found = read(f"<a:GetOrderResponse xmlns:a='x'>{order(inside=f'<OrderItems>{ITEM}</OrderItems>')}"
                 "</a:GetOrderResponse>")  # fmt: skip
    assert totals(found) == ("20.00", "0.00", "-0.50", "0.00", "21.00")
    assert (found.lines[0].sku, str(found.lines[0].fulfilled_reported.value)) == ("A & B", "1")
    assert (found.payment.status, len(found.payment.payments)) == ("pending", 1)
    assert found.parties[0].email == "x@example.com"
    assert found.variances == ()


@pytest.mark.parametrize("order_id", ["900-1", None])
def test_items_beside_the_order_are_its_own(order_id: str | None) -> None:
    text = f"<Answers><Orders>{order()}</Orders>{items(order_id)}</Answers>"
    assert len(read(text).lines) == 1


def test_items_of_several_pages_add_up() -> None:
    more = ITEM.replace("<OrderItemId>1<", "<OrderItemId>2<")
    third = ITEM.replace("<OrderItemId>1<", "<OrderItemId>3<")
    text = f"<Answers>{order()}{items()}{items(held=third + more)}</Answers>"
    assert [line.line_id for line in read(text).lines] == ["1", "3", "2"]


def test_the_orders_of_an_answer_are_cut_apart_with_their_items() -> None:
    text = f"<Answers><Orders>{order('900-1')}{order('900-2')}</Orders>{items('900-2')}</Answers>"
    split = FORMATS[FORM].split
    assert split is not None
    first, second = split(record(text.encode()), PROFILE).parts
    assert (first.key, second.key) == ("acme/shop/order:900-1", "acme/shop/order:900-2")
    assert order_of(FORM, second.value).lines[0].sku == "A & B"
    assert refusal_of(FORM, first.value) == ("lines_missing", "$.Order.OrderItems")
    assert refusal_of(FORM, text.encode()) == ("envelope_broken", "$")
    assert FORMATS[FORM].key(record(text.encode())) is None
    assert FORMATS[FORM].key(record(second.value)) == "order:900-2"


def test_a_further_page_of_items_that_is_not_there_is_told() -> None:
    page = items("900-2").replace("<OrderItems>", "<NextToken>x</NextToken><OrderItems>")
    alone = f"<Answers>{order('900-2')}{page}</Answers>"
    assert reading_of(FORM, alone.encode()).warnings[0].code == "items_incomplete"
    split = FORMATS[FORM].split
    assert split is not None
    _, apart = split(record(f"<Answers>{order()}{alone}</Answers>".encode()), PROFILE).parts
    assert reading_of(FORM, apart.value).warnings[0].code == "items_incomplete"
    whole = f"<Answers>{order('900-2')}{page}{items('900-2', ITEM.replace('>1<', '>2<'))}</Answers>"
    assert "items_incomplete" not in [one.code for one in reading_of(FORM, whole.encode()).warnings]


def test_items_without_their_order_stand_apart_and_are_refused() -> None:
    text = f"<Answers>{order(inside=f'<OrderItems>{ITEM}</OrderItems>')}{items('900-9')}</Answers>"
    split = FORMATS[FORM].split
    assert split is not None
    first, second = split(record(text.encode()), PROFILE).parts
    assert (first.key, len(order_of(FORM, first.value).lines)) == ("acme/shop/order:900-1", 1)
    assert refusal_of(FORM, second.value) == ("field_invalid", "$")


def test_answers_that_follow_each_other_are_read_together() -> None:
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    text = f"\ufeff{declaration}<Orders>{order()}</Orders>\n{declaration}{items()}\n"
    assert len(read(text).lines) == 1
    assert FORMATS[FORM].key(record(text.encode())) == "order:900-1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("envelope_broken", "line 1 column 1")),
        ("<a>", ("envelope_broken", "line 1 column 4")),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ("envelope_broken", "line 1 column 10")),
        ("<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>",
         ("field_invalid", "$.ErrorResponse")),
        (f"<ListOrderItemsResponse>{items()}</ListOrderItemsResponse>", ("field_invalid", "$")),
        ("<Orders/>", ("id_missing", "$")),
        (f"<Orders>{order('', f'<OrderItems>{ITEM}</OrderItems>')}</Orders>",
         ("id_missing", "$.Orders.Order.AmazonOrderId")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_path(text: str, expected: tuple[str, str]) -> None:
    code, path = refusal_of(FORM, text.encode())
    assert (code, path.split(" column")[0]) == (expected[0], expected[1].split(" column")[0])


def test_a_damaged_document_has_no_key() -> None:
    assert FORMATS[FORM].key(record(b"<a")) is None
    split = FORMATS[FORM].split
    assert split is not None
    with pytest.raises(Rejected):
        split(record(b"<a"), PROFILE)
