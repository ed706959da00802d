"""Generated EDIFACT messages other than orders yield the facts they were made of."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings

from crossdock.canonical.models import ErpDocument, Invoice, Shipment, StockSnapshot, TrackingEvent
from tests.kit.edifact_reading import read
from tests.kit.edifact_reports import (
    DespatchFacts,
    InvoiceFacts,
    ResponseFacts,
    StockFacts,
    TransportFacts,
    despatches,
    invoices,
    responses,
    stock_reports,
    transport_reports,
)

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(invoices())
def test_invoices_are_split_by_order_and_compared_as_a_whole(facts: InvoiceFacts) -> None:
    outcome = read(facts.rows, "INVOIC")
    assert outcome.refusals == []
    found = outcome.all(Invoice)
    assert [one.order_id for one in found] == list(dict.fromkeys(order for order, _, _ in facts.lines))
    lines = [(one.order_id, line.quantity.value, line.net.amount) for one in found for line in one.lines]
    assert Counter(lines) == Counter(facts.lines)
    for one in found:
        assert (one.invoice_number, one.kind, one.invoice_date.date) == (
            facts.number,
            facts.kind,
            facts.issued,
        )
        assert (one.computed.total.amount, one.computed.tax.amount) == (facts.total, facts.tax)
        assert {variance.code.value for variance in one.variances} <= facts.variances
    assert {variance.code.value for one in found for variance in one.variances} == facts.variances


@QUICK
@given(despatches())
def test_each_despatched_quantity_stands_in_one_package_of_its_order(facts: DespatchFacts) -> None:
    outcome = read(facts.rows, "DESADV")
    assert outcome.refusals == []
    shipments = outcome.all(Shipment)
    assert [one.key for one in shipments] == [
        f"acme/grocer/{order}/{facts.number}" for order in dict.fromkeys(order for order, _, _ in facts.lines)
    ]
    found = [
        (one.order_id, package.sscc or "", line.quantity.value)
        for one in shipments
        for package in one.packages
        for line in package.lines
    ]
    assert Counter(found) == Counter(facts.lines)
    assert all(one.variances == () for one in shipments)


@QUICK
@given(responses())
def test_a_response_says_how_order_and_lines_stand(facts: ResponseFacts) -> None:
    document = read(facts.rows, "ORDRSP").one(ErpDocument)
    assert document.origin_order_key == f"acme/grocer/{facts.order}"
    assert document.state == facts.state
    found = [(line.status_raw, line.quantity.value, line.net and line.net.amount) for line in document.lines]
    assert found == facts.lines


@QUICK
@given(stock_reports())
def test_each_figure_stands_at_its_item_and_place(facts: StockFacts) -> None:
    outcome = read(facts.rows, "INVRPT")
    assert outcome.refusals == []
    found = [
        (one.sku, one.location, figure.meaning.value, figure.quantity.value)
        for one in outcome.all(StockSnapshot)
        for figure in one.quantities
    ]
    assert found == facts.figures
    assert len({one.key for one in outcome.all(StockSnapshot)}) == len(outcome.all(StockSnapshot))


@QUICK
@given(transport_reports())
def test_each_status_is_an_event_of_its_package_or_consignment(facts: TransportFacts) -> None:
    outcome = read(facts.rows, "IFTSTA")
    assert outcome.refusals == []
    berlin = ZoneInfo("Europe/Berlin")
    found = [
        (one.tracking_number, one.status.value, one.occurred.instant.astimezone(berlin).replace(tzinfo=None))
        for one in outcome.all(TrackingEvent)
    ]
    assert found == facts.events
