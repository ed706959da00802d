"""Generated EDIFACT messages other than orders, together with the facts that they must yield.

Invariant: facts are computed here from the generated figures, never with the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from tests.kit.edifact_payloads import days, prices, quantities, references
from tests.kit.edifact_writer import Rows

ORDERS = st.lists(references, min_size=1, max_size=3, unique=True)
ACTIONS = {"5": "accepted", "3": "changed", "7": "refused", "": "unsaid"}
RESPONSES = {"AP": "confirmed", "RE": "cancelled", "CA": "confirmed"}
TRANSPORT = {
    "13": "picked_up",
    "31": "in_transit",
    "21": "delivered",
    "23": "delivery_failed",
    "99": "unknown",
}
MEANINGS = {"145": "on_hand", "17": "on_hand", "124": "damaged", "27": "quality_hold", "156": "unknown"}
CENT = Decimal("0.01")


def day_of(qualifier: str, day: date) -> list[str | list[str]]:
    """A DTM of a day."""
    return ["DTM", [qualifier, day.strftime("%Y%m%d"), "102"]]


def amounts() -> st.SearchStrategy[Decimal]:
    return st.integers(0, 10**7).map(lambda cents: Decimal(cents).scaleb(-2))


@dataclass
class InvoiceFacts:
    """What an INVOIC must yield."""

    rows: Rows
    number: str
    kind: str
    issued: date
    lines: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)
    """(order, quantity, net)."""
    tax: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    variances: set[str] = field(default_factory=set)


@st.composite
def invoices(draw: st.DrawFn) -> InvoiceFacts:
    """An INVOIC of one or several orders, totals honest or not."""
    number, day = draw(references), draw(days)
    code, kind = draw(
        st.sampled_from(
            [("380", "invoice"), ("381", "credit_note"), ("384", "correction"), ("999", "unknown")]
        )
    )
    facts = InvoiceFacts(
        [["BGM", code, number, "9"], day_of("137", day), ["CUX", ["2", "EUR", "4"]]], number, kind, day
    )
    for indicator in draw(st.lists(st.sampled_from("AC"), max_size=2)):
        amount = draw(amounts())
        facts.rows += [["ALC", indicator, "", "", "", "ZZZ"], ["MOA", ["8", str(amount)]]]
        facts.total += amount if indicator == "C" else -amount
    for order in draw(ORDERS):
        _invoice_line(draw, facts, order)
    _invoice_summary(draw, facts)
    return facts


def _invoice_line(draw: st.DrawFn, facts: InvoiceFacts, order: str) -> None:
    quantity, price, off = draw(quantities()), draw(prices()), draw(st.sampled_from([Decimal(0), CENT]))
    exact = Fraction(price) * Fraction(quantity)
    net = Decimal(round(exact * 10_000)).scaleb(-4) + off
    facts.rows += [
        ["LIN"],
        ["QTY", ["47", str(quantity)]],
        ["MOA", ["203", str(net)]],
        ["PRI", ["AAA", str(price)]],
    ]
    facts.rows.append(["RFF", ["ON", order]])
    if draw(st.booleans()):
        tax = draw(amounts())
        facts.rows += [["TAX", "7", "VAT", "", "", ["", "", "", "19"], "S"], ["MOA", ["124", str(tax)]]]
        facts.tax += tax
    facts.lines.append((order, quantity, net))
    facts.total += net
    if Fraction(net) != Fraction(round(exact * 10**6), 10**6):
        facts.variances.add("line_extension")


def _invoice_summary(draw: st.DrawFn, facts: InvoiceFacts) -> None:
    facts.total += facts.tax
    facts.rows.append(["UNS", "S"])
    goods = sum((net for _, _, net in facts.lines), Decimal(0))
    for code, name, ours in (("79", "subtotal", goods), ("77", "invoice_total", facts.total)):
        off = draw(st.sampled_from([None, Decimal(0), Decimal(0), Decimal("-1.50")]))
        if off is not None:
            facts.rows.append(["MOA", [code, str(ours + off)]])
            facts.variances |= {name} if off else set()
    off_count = draw(st.sampled_from([0, 0, 1]))
    facts.rows.append(["CNT", ["2", str(len(facts.lines) + off_count)]])
    facts.variances |= {"line_count"} if off_count else set()


@dataclass
class DespatchFacts:
    """What a DESADV must yield."""

    rows: Rows
    number: str
    lines: list[tuple[str, str, Decimal]] = field(default_factory=list)
    """(order, SSCC or empty, quantity)."""


@st.composite
def despatches(draw: st.DrawFn) -> DespatchFacts:
    """A DESADV with one CPS per package, lines of several orders mixed."""
    number, orders = draw(references), draw(ORDERS)
    facts = DespatchFacts(
        [["BGM", "351", number, "9"], day_of("137", draw(days)), ["CPS", "1"], ["PAC", "2"]], number
    )
    for at in range(draw(st.integers(1, 3))):
        sscc = f"9900000000000000{at:02d}" if draw(st.booleans()) else ""
        facts.rows += [["CPS", str(at + 2), "1"], ["PAC", "1", "", "201"]]
        if sscc:
            facts.rows += [["PCI", "33E"], ["GIN", "BJ", sscc]]
        for _ in range(draw(st.integers(1, 3))):
            order, quantity = draw(st.sampled_from(orders)), draw(quantities())
            facts.rows += [["LIN"], ["QTY", ["12", str(quantity)]], ["RFF", ["ON", order]]]
            facts.lines.append((order, sscc, quantity))
    facts.rows.append(["CNT", ["2", str(len(facts.lines))]])
    return facts


@dataclass
class ResponseFacts:
    """What an ORDRSP must yield."""

    rows: Rows
    order: str
    state: str
    lines: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)
    """(action, quantity, net)."""


@st.composite
def responses(draw: st.DrawFn) -> ResponseFacts:
    """An ORDRSP with a response type and lines."""
    order, response = draw(references), draw(st.sampled_from(sorted(RESPONSES)))
    rows: Rows = [
        ["BGM", "231", draw(references), "4", response],
        day_of("137", draw(days)),
        ["RFF", ["ON", order]],
    ]
    facts = ResponseFacts(rows, order, RESPONSES[response])
    for _ in range(draw(st.integers(1, 4))):
        action, quantity, net = draw(st.sampled_from(sorted(ACTIONS))), draw(quantities()), draw(amounts())
        rows += [["LIN", "", action], ["QTY", ["21", str(quantity)]], ["MOA", ["203", str(net)]]]
        facts.lines.append((action, quantity, net))
    if {action for action, _, _ in facts.lines} == {"7"}:
        facts.state = "cancelled"
    return facts


@dataclass
class StockFacts:
    """What an INVRPT must yield."""

    rows: Rows
    figures: list[tuple[str, str, str, Decimal]] = field(default_factory=list)
    """(item, location, meaning, quantity)."""


@st.composite
def stock_reports(draw: st.DrawFn) -> StockFacts:
    """An INVRPT of items at one or several places."""
    facts = StockFacts([["BGM", "35", draw(references), "9"], day_of("137", draw(days))])
    for item in draw(st.lists(references, min_size=1, max_size=3, unique=True)):
        facts.rows.append(["LIN", "", "", [item, "SA"]])
        for location in draw(st.lists(references, max_size=2, unique=True)) or [""]:
            if location:
                facts.rows.append(["LOC", "14", location])
            for code in draw(
                st.lists(st.sampled_from(sorted(MEANINGS)), min_size=1, max_size=2, unique=True)
            ):
                quantity = draw(quantities()) * draw(st.sampled_from([1, 1, -1]))
                facts.rows.append(["QTY", [code, str(quantity)]])
                facts.figures.append((item, location, MEANINGS[code], quantity))
    return facts


@dataclass
class TransportFacts:
    """What an IFTSTA must yield."""

    rows: Rows
    events: list[tuple[str, str, datetime]] = field(default_factory=list)
    """(tracking number, status, local time in the profile's zone)."""


@st.composite
def transport_reports(draw: st.DrawFn) -> TransportFacts:
    """An IFTSTA of consignments and packages."""
    facts = TransportFacts([["BGM", "44", draw(references), "9"], day_of("137", draw(days))])
    for consignment in draw(st.lists(references, min_size=1, max_size=3, unique=True)):
        facts.rows.append(["CNI", "1", consignment])
        for _ in range(draw(st.integers(1, 2))):
            code, day = draw(st.sampled_from(sorted(TRANSPORT))), draw(days)
            moment = datetime(day.year, day.month, day.day, draw(st.integers(4, 23)), 15)  # noqa: DTZ001 - local
            facts.rows += [["STS", "1", code], ["DTM", ["334", moment.strftime("%Y%m%d%H%M"), "203"]]]
            packages = draw(st.lists(references, max_size=2, unique=True))
            if packages:
                facts.rows.append(["GIN", "BJ", *packages])
            facts.events += [(number, TRANSPORT[code], moment) for number in packages or [consignment]]
    facts.events = list(dict.fromkeys(facts.events))  # what is said twice of one package is one event
    return facts
