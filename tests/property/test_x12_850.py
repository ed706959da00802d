"""Generated 850s yield the facts they were made of; damaged ones are told, refused, or the same."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order
from crossdock.formats import x12_850
from tests.kit.edi_reading import assert_counted, damaged_bytes, is_same_or_told, without_one_segment
from tests.kit.x12_orders import FileFacts, OrderFacts, files
from tests.kit.x12_reading import document_record, outcome_of
from tests.kit.x12_writer import Interchange, Style, payload

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def assert_facts(order: Order, facts: OrderFacts) -> None:
    assert order.order_id == facts.order_id
    assert order.change == facts.change
    assert order.placed.date.isoformat() == facts.placed
    assert order.currency == "USD"
    assert [party.role for party in order.parties] == facts.roles
    for name, day in facts.clocks.items():
        assert getattr(order, name).date.isoformat() == day
    assert order.line_count == len(order.lines) == len(facts.lines)
    for line, expected in zip(order.lines, facts.lines, strict=True):
        assert line.line_id == expected.line_id
        assert (line.ordered.value, line.ordered.unit) == (expected.quantity, expected.unit)
        assert (line.stock_quantity and line.stock_quantity.value) == expected.stock
        assert line.extended.amount == expected.extended
        assert {(i.scheme.value, i.value) for i in line.identifiers} == expected.identifiers
    assert order.computed.total.amount == facts.total
    found = {variance.code.value for variance in order.variances}
    assert found - {"line_extension"} == facts.variances
    assert ("line_extension" in found) is any(line.is_rounded for line in facts.lines)


@QUICK
@given(files())
def test_a_generated_file_yields_its_facts(facts: FileFacts) -> None:
    outcome = outcome_of(payload(*facts.interchanges))
    assert outcome.refusals == []
    assert len(outcome.orders) == len(facts.orders)
    for order, expected in zip(outcome.orders, facts.orders, strict=True):
        assert_facts(order, expected)
    assert facts.warnings <= outcome.warnings
    assert len(outcome.events) == len(facts.interchanges)


@QUICK
@given(files())
def test_the_way_of_writing_changes_no_order(facts: FileFacts) -> None:
    plain = payload(*[interchange.styled(Style()) for interchange in facts.interchanges])
    digests = [reading.digest for reading in outcome_of(payload(*facts.interchanges)).readings]
    assert digests == [reading.digest for reading in outcome_of(plain).readings]


@QUICK
@given(files())
def test_reading_twice_gives_the_same(facts: FileFacts) -> None:
    value = payload(*facts.interchanges)
    assert x12_850.key(document_record(value)) == x12_850.key(document_record(value))
    first, second = outcome_of(value), outcome_of(value)
    assert first.split == second.split
    assert first.readings == second.readings


@QUICK
@given(files(orders_max=2), st.data())
def test_a_lost_segment_changes_nothing_or_is_told(facts: FileFacts, data: st.DataObject) -> None:
    interchange = facts.interchanges[0]
    before = outcome_of(payload(interchange))
    separator = interchange.style.segment + interchange.style.line_end
    text = payload(interchange).decode(interchange.style.encoding)
    damaged = without_one_segment(data, text, separator).encode(interchange.style.encoding)
    try:
        after = outcome_of(damaged)
    except Rejected:
        return
    assert is_same_or_told(before, after)


@QUICK
@given(files(orders_max=2), st.data())
def test_damaged_bytes_never_raise_anything_but_a_refusal(facts: FileFacts, data: st.DataObject) -> None:
    assert_all_come_out(damaged_bytes(data, payload(*facts.interchanges)))


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes_behind_an_isa_never_raise_anything_but_a_refusal(tail: bytes) -> None:
    assert_all_come_out(Interchange(()).header().encode() + b"~" + tail)


def assert_all_come_out(value: bytes) -> None:
    """The file is refused, or each of its sets has come out as one order or one refusal."""
    try:
        outcome = outcome_of(value)
    except Rejected:
        return
    assert_counted(outcome, len(outcome.orders))
