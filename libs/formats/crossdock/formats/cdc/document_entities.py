"""Rows of document tables as ERP documents, invoices and price proposals.

Invariant: totals are kept as the ERP says them and compared with their own parts; without a currency there
is no amount.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.canonical.models import (
    Change,
    ComputedTotals,
    DocumentKind,
    DocumentState,
    DocumentTotals,
    DualMoney,
    Entity,
    ErpDocument,
    ErpDocumentLine,
    IdentifierScheme,
    Invoice,
    InvoiceKind,
    PriceProposal,
    StatedTotals,
    TaxMode,
    UnitPrice,
    Variance,
    VarianceCode,
)
from crossdock.formats.cdc.facts import Facts
from crossdock.formats.order_variances import variance


def erp_document(facts: Facts) -> Entity:
    """The document of a row. Raises Rejected."""
    erp_id = facts.text("erp_id") or facts.row_id
    order = facts.order()
    state, raw = _state(facts)
    currency = facts.currency()
    amounts = [facts.number(name) for name in ("net", "tax", "gross", "line_net", "line_tax")]
    if currency is None and any(amount is not None for amount in amounts):
        detail = "the row's amounts have no currency: set money.currency in the profile; left out"
        facts.row.warn("currency_missing", detail, facts.row.change.path)
    cancelled = Change.CANCELLED if state is DocumentState.CANCELLED else None
    return ErpDocument.model_validate(
        facts.head(
            facts.document_segments(order, erp_id),
            cancelled,
            _variances(facts, currency, VarianceCode.ORDER_TOTAL),
        )
        | {
            "kind": DocumentKind(facts.text("kind") or DocumentKind.UNKNOWN),
            "erp": facts.erp,
            "erp_id": erp_id,
            "number": facts.text("number"),
            "state": state,
            "state_raw": raw,
            "lines": _lines(facts, currency),
            "totals": _totals(facts, currency),
            "document_date": facts.time("document_date"),
            "position": facts.position,
            "origin_order_key": facts.order_key(order),
        }
    )


def _state(facts: Facts) -> tuple[DocumentState, str]:
    raw = facts.text("state") or ""
    if facts.is_deleted:
        return DocumentState.DELETED, raw
    word = facts.spec.mapping.states.get(raw)
    if word is None and raw:
        detail = "the table mapping does not list this state"
        facts.row.warn("status_unknown", detail, facts.row.change.path)
    return DocumentState(word or DocumentState.UNKNOWN), raw


def _totals(facts: Facts, currency: str | None) -> DocumentTotals:
    if currency is None:
        return DocumentTotals()
    net, tax, gross = (facts.money(name, currency) for name in ("net", "tax", "gross"))
    return DocumentTotals(net=net, tax=tax, gross=gross)


def _lines(facts: Facts, currency: str | None) -> tuple[ErpDocumentLine, ...]:
    """The one line that a row of a line table is; none where the row is a header, a title or a subtotal."""
    reference, quantity = facts.text("line_ref"), facts.number("quantity")
    if reference is None or quantity is None:
        return ()
    item = facts.text("item")
    sku, identifiers = (None, ()) if item is None else facts.item("item", IdentifierScheme.ERP_ITEM)
    unit, factor = facts.unit()
    return (
        ErpDocumentLine(
            erp_line_ref=reference,
            sku=sku,
            identifiers=identifiers,
            quantity=facts.quantity(quantity, unit, factor),
            net=None if currency is None else facts.money("line_net", currency),
            tax=None if currency is None else facts.money("line_tax", currency),
        ),
    )


def _variances(facts: Facts, currency: str | None, code: VarianceCode) -> tuple[Variance, ...]:
    """A gross total that is not net and tax."""
    if currency is None:
        return ()
    net, tax, gross = (facts.amount(name, currency) for name in ("net", "tax", "gross"))
    if net is None or tax is None or gross is None or gross == net + tax:
        return ()
    return (variance(code, "gross", (gross, net + tax), currency, Decimal(0)),)


def invoice(facts: Facts) -> Entity:
    """The invoice of a row. Raises Rejected."""
    number, currency, order = facts.needed("number"), facts.needed_currency(), facts.order()
    net, tax, gross = (facts.amount(name, currency) for name in ("net", "tax", "gross"))
    return Invoice.model_validate(
        facts.head(
            facts.document_segments(order, number),
            variances=_variances(facts, currency, VarianceCode.INVOICE_TOTAL),
        )
        | {
            "invoice_number": number,
            "kind": InvoiceKind(facts.text("kind") or InvoiceKind.UNKNOWN),
            "order_id": order[1] if order else "-",
            "invoice_date": facts.needed_time("invoice_date"),
            "posting_date": facts.time("posting_date"),
            "period": facts.text("period"),
            "due_date": facts.time("due_date"),
            "payment_terms": facts.text("payment_terms"),
            "currency": currency,
            "stated": _stated(net, tax, gross, currency),
            "computed": _computed(net, tax, gross, currency),
            "amount_due": facts.money("amount_due", currency),
            "corrects": facts.text("corrects"),
        }
    )


def _stated(net: Decimal | None, tax: Decimal | None, gross: Decimal | None, currency: str) -> StatedTotals:
    def money(amount: Decimal | None) -> DualMoney | None:
        return None if amount is None else DualMoney.single(amount, currency)

    return StatedTotals(subtotal=money(net), tax=money(tax), total=money(gross))


def _computed(
    net: Decimal | None, tax: Decimal | None, gross: Decimal | None, currency: str
) -> ComputedTotals:
    """Sums of the header's own parts: its lines are rows of another table."""
    taxes = tax if tax is not None else Decimal(0)
    goods = net if net is not None else (gross or Decimal(0)) - taxes
    nothing = DualMoney.single(Decimal(0), currency)
    return ComputedTotals(
        subtotal=DualMoney.single(goods, currency),
        shipping=nothing,
        discount=nothing,
        tax=DualMoney.single(taxes, currency),
        total=DualMoney.single(goods + taxes, currency),
    )


def price_proposal(facts: Facts) -> Entity:
    """The proposed price of a row. Raises Rejected."""
    sku, _ = facts.item("sku", IdentifierScheme.SKU)
    price_list, currency, (unit, factor) = facts.needed("price_list"), facts.needed_currency(), facts.unit()
    per = facts.number("per")
    least = facts.number("minimum_quantity")
    return PriceProposal.model_validate(
        facts.head((price_list, sku))
        | {
            "sku": sku,
            "price_list": price_list,
            "unit_price": UnitPrice(
                amount=facts.needed_number("price"),
                currency=currency,
                per=facts.quantity(Decimal(1) if per is None else per, unit, factor),
            ),
            "tax_mode": TaxMode(facts.text("tax_mode") or TaxMode.UNKNOWN),
            "minimum_quantity": None if least is None else facts.quantity(least, unit, factor),
            "valid_from": facts.time("valid_from"),
            "valid_to": facts.time("valid_to"),
            "proposer": facts.erp,
            "reason": facts.text("reason"),
        }
    )
