"""What would multiply is bounded, and what is too much is refused."""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Invoice, Shipment
from crossdock.formats.order_limits import LINES_MAX, PARTS_MAX
from tests.kit.edifact_reading import outcome_of, read
from tests.kit.edifact_writer import Interchange, Message, Rows, payload

ORDERS = 300
HEAD: Rows = [["BGM", "1", "D-1", "9"], ["DTM", ["137", "20260105", "102"]]]


def lines(quantity: str, count: int = ORDERS) -> Rows:
    """Lines that each name an order of their own."""
    rows: Rows = []
    for at in range(count):
        rows += [["LIN", str(at + 1)], ["QTY", [quantity, "1"]], ["RFF", ["ON", f"PO-{at}"]]]
    return rows


@pytest.mark.parametrize(
    ("message_type", "quantity", "kind"), [("DESADV", "12", Shipment), ("INVOIC", "47", Invoice)]
)
def test_orders_of_one_message_do_not_repeat_each_others_lines(
    message_type: str, quantity: str, kind: type[Shipment | Invoice]
) -> None:
    found = read(HEAD + lines(quantity), message_type).all(kind)
    assert len(found) == ORDERS
    assert sum(len(one.extensions) for one in found) <= 5 * ORDERS


@pytest.mark.parametrize(("message_type", "quantity"), [("DESADV", "12"), ("INVOIC", "47")])
def test_a_head_that_too_many_orders_would_repeat_is_refused(message_type: str, quantity: str) -> None:
    texts: Rows = [["RFF", ["ZZZ", str(at)]] for at in range(200)]
    refusal = read(HEAD + texts + lines(quantity), message_type).refusal
    assert (refusal.code, f"{ORDERS} orders" in refusal.detail) == ("output_too_large", True)


def test_levels_of_packing_are_asked_once_each() -> None:
    rows = [*HEAD]
    for at in range(400):
        rows += [["CPS", str(at + 1), str(at)], ["LIN", str(at)], ["QTY", ["12", "1"]]]
    packages = read(rows, "DESADV").one(Shipment).packages
    assert [len(package.lines) for package in packages] == [1] * 400


def test_too_many_messages_are_refused() -> None:
    with pytest.raises(Rejected) as refused:
        outcome_of(payload(Interchange((Message(HEAD),) * (PARTS_MAX + 1))))
    assert refused.value.code == "output_too_large"


def test_too_many_lines_are_refused() -> None:
    rows = HEAD + [["LIN", str(at)] for at in range(LINES_MAX + 1)]
    assert read(rows).refusal.code == "output_too_large"


def test_a_line_number_that_is_none_is_refused() -> None:
    assert read([*HEAD, ["LIN", "9" * 300]]).refusal.path.endswith("LIN/LIN01")


def test_a_group_header_that_is_too_long_is_refused() -> None:
    with pytest.raises(Rejected, match="UNG has more than"):
        outcome_of(payload(Interchange((Message(HEAD),), group="G" * 600)))


def test_an_interchange_without_any_terminator_is_refused() -> None:
    with pytest.raises(Rejected, match="no segment terminator"):
        outcome_of(b"UNB+UNOC:3+A+B+260105:0815+1" * 500)
