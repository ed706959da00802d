"""Documents, invoices, prices and master data out of rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock.canonical.models import ErpDocument, Invoice
from tests.kit.cdc_events import ODOO, TRYTON, changed, codes, entity, envelope, reading, refusal, told


def sale(**columns: object) -> dict[str, object]:
    return {
        "id": 55,
        "number": "SO-55",
        "state": "processing",
        "sale_date": 20778,
        "currency": 1,
        "untaxed_amount_cache": {"scale": 2, "value": "D4w="},
        "tax_amount_cache": "7.56",
        "total_amount_cache": {"scale": 2, "value": "EoA="},
        "web_shop": 1,
        "web_id": "450789469",
        "reference": "R-1",
    } | columns


def test_a_sale_of_a_web_shop_stands_under_its_channels_order() -> None:
    one = entity(envelope("u", "sale_sale", None, sale()))
    assert one.key == "acme/shop-eu/450789469/erp-eu/55"
    assert (one.kind, one.number, one.state, one.state_raw) == (
        "sales_order",
        "SO-55",
        "confirmed",
        "processing",
    )
    assert one.origin_order_key == "acme/shop-eu/450789469"
    totals = [one.totals.net, one.totals.tax, one.totals.gross]
    assert [(money.amount, money.currency) for money in totals] == [
        (Decimal("39.80"), "EUR"),
        (Decimal("7.56"), "EUR"),
        (Decimal("47.36"), "EUR"),
    ]
    assert one.document_date.date.isoformat() == "2026-11-21"
    assert one.source.system == "tryton"
    assert (one.source.object_type, one.source.via, one.variances) == ("sale.sale", "cdc", ())


def test_a_total_that_is_not_its_parts_is_a_variance() -> None:
    (variance,) = entity(envelope("u", "sale_sale", None, sale(total_amount_cache="47.30"))).variances
    assert (variance.code, variance.stated, variance.computed, variance.difference) == (
        "order_total",
        Decimal("47.30"),
        Decimal("47.36"),
        Decimal("-0.06"),
    )


def test_a_sale_without_a_known_shop_stands_under_the_erp() -> None:
    one, warned = told(envelope("u", "sale_sale", None, sale(web_shop=9)))
    assert (one.key, one.origin_order_key) == ("acme/erp-eu/-/erp-eu/55", None)
    assert warned == ["shop_unmapped"]
    assert entity(envelope("u", "sale_sale", None, sale(web_shop=None, web_id=None))).origin_order_key is None


def test_a_deleted_sale_needs_its_row_where_its_key_does() -> None:
    assert entity(envelope("d", "sale_sale", sale(), None)).state == "deleted"
    assert "REPLICA IDENTITY FULL" in refusal(envelope("d", "sale_sale", {"id": 55}, None)).detail
    without_shops = entity(envelope("d", "sale_sale", {"id": 55}, None), changed(TRYTON, shops=None))
    assert without_shops.key == "acme/erp-eu/-/erp-eu/55"


def test_an_amount_without_currency_is_left_out_with_a_warning() -> None:
    one, warned = told(envelope("u", "sale_sale", None, sale()), changed(TRYTON, money=None))
    assert (one.totals.net, warned) == (None, ["currency_missing"])
    stated = entity(envelope("u", "sale_sale", None, sale(currency="USD")))
    assert stated.totals.net.currency == "USD"


def test_a_line_is_a_document_of_one_line_named_as_moves_name_it() -> None:
    row = {
        "id": 445,
        "sale": 55,
        "type": "line",
        "product": 1,
        "quantity": 2.0,
        "unit": 1,
        "unit_price": "19.9",
    }
    one = entity(envelope("c", "sale_line", None, row))
    (line,) = one.lines
    assert (one.erp_id, line.erp_line_ref, line.sku) == ("sale.line,445", "sale.line,445", "SKU-0001")
    assert (line.quantity.value, line.net) == (2, None)
    (dozens,) = entity(envelope("c", "sale_line", None, row | {"unit": 2})).lines
    assert (dozens.quantity.value, dozens.quantity.unit) == (24, "EA")
    title = reading(envelope("c", "sale_line", None, row | {"type": "title"}))
    assert (title.entities, codes(title)) == ((), ["row_ignored"])


def tryton_invoice(**columns: object) -> dict[str, object]:
    return {
        "id": 9,
        "type": "out",
        "number": "INV-9",
        "state": "posted",
        "invoice_date": 20779,
        "accounting_date": None,
        "currency": 1,
        "untaxed_amount_cache": "39.80",
        "tax_amount_cache": "7.56",
        "total_amount_cache": "47.36",
    } | columns


def test_a_posted_invoice_is_an_invoice_too() -> None:
    document, invoice = reading(envelope("u", "account_invoice", None, tryton_invoice())).entities
    assert isinstance(document, ErpDocument)
    assert isinstance(invoice, Invoice)
    assert (document.kind, document.state) == ("invoice", "posted")
    assert invoice.key == "acme/erp-eu/-/erp-eu/INV-9"
    assert (invoice.kind, invoice.order_id, invoice.invoice_date.date.isoformat()) == (
        "invoice",
        "-",
        "2026-11-22",
    )
    assert invoice.posting_date == invoice.invoice_date
    assert invoice.stated.total is not None
    assert (invoice.stated.total.amount, invoice.computed.total.amount) == (
        Decimal("47.36"),
        Decimal("47.36"),
    )
    assert invoice.computed.subtotal.amount == Decimal("39.80")


@pytest.mark.parametrize(
    ("columns", "kinds"),
    [
        ({"state": "draft", "number": None}, ["invoice"]),
        (
            {"total_amount_cache": "-47.36", "untaxed_amount_cache": "-39.80", "tax_amount_cache": "-7.56"},
            None,
        ),
        ({"type": "in"}, []),
    ],
)
def test_drafts_credit_notes_and_suppliers_are_told_apart(columns: dict[str, object], kinds: Any) -> None:
    found = reading(envelope("u", "account_invoice", None, tryton_invoice(**columns))).entities
    expected = ["credit_note", "credit_note"] if kinds is None else kinds
    assert [one.kind for one in found if isinstance(one, ErpDocument | Invoice)] == expected


def test_an_invoice_needs_its_currency_number_and_date() -> None:
    event = envelope("u", "account_invoice", None, tryton_invoice())
    assert refusal(event, changed(TRYTON, money=None)).code == "currency_missing"
    for column in ("number", "invoice_date"):
        broken = envelope("u", "account_invoice", None, tryton_invoice(**{column: None}))
        assert refusal(broken).code == "field_invalid"


def test_an_odoo_refund_is_a_credit_note() -> None:
    row = {
        "id": 3,
        "move_type": "out_refund",
        "name": "RINV/2026/3",
        "state": "posted",
        "invoice_date": 20779,
        "date": 20780,
        "invoice_date_due": 20800,
        "currency_id": 1,
        "amount_untaxed": 39.8,
        "amount_tax": 7.56,
        "amount_total": 47.36,
        "amount_residual": 0,
        "reversed_entry_id": 2,
    }
    document, invoice = reading(envelope("c", "account_move", None, row), ODOO).entities
    assert isinstance(document, ErpDocument)
    assert isinstance(invoice, Invoice)
    assert (document.kind, invoice.kind, invoice.corrects) == ("credit_note", "credit_note", "2")
    assert invoice.amount_due is not None
    assert invoice.amount_due.amount == 0
    assert not invoice.variances
    entry = reading(envelope("c", "account_move", None, row | {"move_type": "entry"}), ODOO)
    assert (entry.entities, codes(entry)) == ((), ["row_ignored"])


def test_a_product_is_kept_when_it_is_deleted() -> None:
    row = {"id": 1, "template": 1, "code": "SKU-0001", "active": True}
    one = entity(envelope("r", "product_product", None, row))
    assert (one.key, one.status, one.stock_unit) == ("acme/SKU-0001", "active", "EA")
    assert [(said.scheme, said.value, said.issuer) for said in one.identifiers] == [
        ("erp_item", "1", "erp-eu")
    ]
    assert entity(envelope("u", "product_product", None, row | {"active": False})).status == "discontinued"
    gone = entity(envelope("d", "product_product", row, None))
    assert (gone.change, gone.status) == ("deleted", "deleted")
    renamed = reading(envelope("u", "product_product", row, row | {"code": "SKU-2"})).entities
    assert [(one.key, one.change) for one in renamed] == [
        ("acme/SKU-0001", "deleted"),
        ("acme/SKU-2", "updated"),
    ]


def test_a_customer_keeps_its_person_in_tagged_fields() -> None:
    row = {
        "id": 7,
        "complete_name": "Example Customer",
        "email": "customer@example.com",
        "phone": None,
        "mobile": "+49 000 000",
        "street": "1 Road",
        "city": "Town",
        "zip": "00000",
        "is_company": True,
        "vat": "XX1",
    }
    one = entity(envelope("c", "res_partner", None, row), ODOO)
    assert (one.key, one.kind, one.party.name, one.party.phone) == (
        "acme/odoo/7",
        "organization",
        "Example Customer",
        "+49 000 000",
    )
    assert (one.party.address.lines, one.party.tax_ids, one.extensions) == (("1 Road",), ("XX1",), ())
    merged = entity(envelope("u", "party_party", None, {"id": 7, "name": "x", "replaced_by": 8}))
    assert (merged.merged_into, merged.party.address) == ("acme/erp-eu/8", None)
