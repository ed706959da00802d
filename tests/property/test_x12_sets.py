"""Generated 810, 856, 820, 846, 214 yield their facts; any damage is told and crashes nothing."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical import codec
from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import (
    Invoice,
    Payout,
    Settlement,
    SettlementLine,
    Shipment,
    StockSnapshot,
    TrackingEvent,
)
from crossdock.formats.registry import FORMATS
from tests.kit import x12_sets
from tests.kit.edi_reading import part_record
from tests.kit.x12_reading import document_record
from tests.kit.x12_sets import ANY_SET, file_of, read_rows
from tests.kit.x12_writer import Rows, Style

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(x12_sets.invoices(), x12_sets.styles)
def test_an_invoice_yields_its_lines_orders_and_total(facts: x12_sets.InvoiceFacts, style: Style) -> None:
    outcome = read_rows("810", facts.said, style=style)
    assert outcome.refusals == []
    found = [one for reading in outcome.readings for one in reading.entities if isinstance(one, Invoice)]
    assert {one.order_id: [line.net.amount for line in one.lines] for one in found} == facts.nets
    for one in found:
        assert one.computed.total.amount == facts.total
        assert one.amount_due is not None
        assert one.amount_due.amount == facts.total + facts.lie
        differences = [v.difference for v in one.variances if v.code == "invoice_total"]
        assert differences == ([facts.lie] if facts.lie else [])
        assert [v.code for v in one.variances if v.code in ("line_count", "quantity_total")] == []


@QUICK
@given(x12_sets.notices(), x12_sets.styles)
def test_a_notice_ships_every_unit_in_its_package(facts: x12_sets.NoticeFacts, style: Style) -> None:
    outcome = read_rows("856", facts.said, style=style)
    assert outcome.refusals == []
    found: dict[str, dict[str, dict[str, Decimal]]] = {}
    for one in outcome.readings[0].entities:
        assert isinstance(one, Shipment)
        packages = found.setdefault(one.order_id, {})
        for package in one.packages:
            held = packages.setdefault(package.sscc or package.package_id, {})
            for line in package.lines:
                assert line.sku is not None
                held[line.sku] = held.get(line.sku, Decimal(0)) + line.quantity.value
        totals = [v.difference for v in one.variances if v.code == "quantity_total"]
        assert totals == ([facts.lie] if facts.lie else [])
    assert found == facts.orders


@QUICK
@given(x12_sets.remittances(), x12_sets.styles)
def test_a_remittance_adds_up(facts: x12_sets.RemittanceFacts, style: Style) -> None:
    (reading,) = read_rows("820", facts.said, style=style).readings
    settlement, *rest = reading.entities
    assert isinstance(settlement, Settlement)
    assert settlement.deposit is not None
    assert settlement.deposit.amount == facts.deposit
    lines = [one.net.amount for one in rest if isinstance(one, SettlementLine)]
    assert (lines, settlement.line_count) == (facts.nets, len(facts.nets))
    assert [one.amount.amount for one in rest if isinstance(one, Payout)] == [facts.deposit]
    differences = [v.difference for v in settlement.variances if v.code == "deposit_total"]
    assert differences == ([facts.lie] if facts.lie else [])
    assert not [v for v in settlement.variances if v.code == "net_amount"]


@QUICK
@given(x12_sets.stock_reports(), x12_sets.styles)
def test_a_stock_report_yields_each_figure_at_its_place(facts: x12_sets.StockFacts, style: Style) -> None:
    (reading,) = read_rows("846", facts.said, style=style).readings
    found = {}
    for one in reading.entities:
        assert isinstance(one, StockSnapshot)
        assert one.variances == ()
        figures = [(figure.meaning.value, figure.quantity.value) for figure in one.quantities]
        found[one.sku, one.location] = figures
    assert found == facts.figures


@QUICK
@given(x12_sets.status_reports(), x12_sets.styles)
def test_a_status_report_yields_its_instants(facts: x12_sets.StatusFacts, style: Style) -> None:
    (reading,) = read_rows("214", facts.said, style=style).readings
    found = []
    for one in reading.entities:
        assert isinstance(one, TrackingEvent)
        assert one.zone_source == "stated"
        found.append((one.status_raw, one.status.value, one.occurred.instant))
    assert found == facts.events


# ---- damage --------------------------------------------------------------------------------------------

TEXTS = {
    "810": "BIG*20260104*I1**PO1|IT1*1*2*EA*9.99**VN*A*PO*P2|SAC*C*D240***300|TXI*ST*1.00|TDS*2198|CTT*1*2",
    "820": "BPR*C*10*C*ACH************20260110|TRN*1*T1|ADX*-1*L7|RMR*IV*I1**9*10*1|ADX*2*59",
    "846": "BIA*00*SI*R*20260105|N1*WH**92*W|LIN*1*VN*A|QTY*33*5*EA|SDQ*EA*92*S*5|LIN*2*VN*B|QTY*XX*1*EA",
    "852": "XQ*H*20260101*20260107|N1*ST**92*S|LIN*1*VN*A|ZA*QA*5*EA|ZA*QS*3*EA|CTT*1",
    "855": "BAK*00*AC*PO1*20260104****S1|PO1*1*10*EA*1.50**VN*A|ACK*IA*6*EA*068*20260110|ACK*IB*4*EA|CTT*1",
    "856": "BSN*00*S1*20260105*1345|HL*1**S|TD5*B*2*C|HL*2*1*O|PRF*P1|HL*3*2*P|MAN*GM*1|HL*4*3*I"
    "|LIN*1*VN*A|SN1**5*EA",
    "860": "BCH*05*SA*P1**1*20260104|POC*1*RZ*5*5*EA*1.50*PE*VN*A|POC*2*DI*1**EA|CTT*2|AMT*TT*7.5",
    "865": "BCA*00*AC*P1**1*20260104|POC*1*QD*5*5*EA*1.50*PE*VN*A|ACK*IA*5*EA|POC*2*DI",
    "214": "B10*P*S*C|L11*X*2I|LX*1|AT7*AF*NS***20260105*1500*LT|MS1*CITY*IL*US",
    "940": "W05*N*D1*P1|N1*ST*X*92*1|LX*1|W01*5*EA*036000291452*VN*A|W76*5",
    "945": "W06*F*D1*20260106*S1**P1|W27*M*C|LX*1|MAN*GM*1|W12*CC*6*5*1*EA**VN*A|W03*5",
    "997": "AK1*PO*1|AK2*850*0001|AK3*PO1*5**8|AK4*4*212*6|AK5*R*5|AK9*R*1*1*0",
}
WORDS = [
    "",
    "-1",
    "0",
    "1",
    "9" * 20,
    "1E9",
    "NaN",
    "20261399",
    "EA",
    "CA",
    "XX",
    "PO",
    "A",
    "é",
    "\x00",
    "0.0000001",
]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, Rows]:
    """A set with elements replaced, segments dropped, doubled or moved."""
    kind = draw(st.sampled_from(sorted(TEXTS)))
    said = [segment.split("*") for segment in TEXTS[kind].split("|")]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(said) - 1))
        what = draw(st.sampled_from(["element", "element", "element", "drop", "double", "move"]))
        if what == "element":
            row = said[at] = list(said[at])
            place = draw(st.integers(1, len(row)))
            row[place : place + 1] = [draw(st.sampled_from(WORDS))]
        elif what == "drop" and len(said) > 1:
            said.pop(at)
        elif what == "double":
            said.insert(at, list(said[at]))
        else:
            said.insert(draw(st.integers(0, len(said) - 1)), said.pop(at))
    return kind, said


@settings(QUICK, max_examples=100)
@given(damaged())
def test_a_damaged_set_is_refused_with_its_place_or_read_to_something_that_can_be_written(
    case: tuple[str, Rows],
) -> None:
    form = FORMATS["x12"]
    assert form.split is not None
    split = form.split(document_record(file_of(*case)), ANY_SET)
    places = []
    for part in split.parts:
        record = part_record(part.key, part.value)
        try:
            reading = form.read(record, ANY_SET)
        except Rejected as refusal:
            places.append(refusal.path)
            continue
        assert form.read(record, ANY_SET) == reading
        for entity in reading.entities:
            assert codec.decode(type(entity), codec.encode(entity)) == entity
    assert all(place.startswith("interchange") for place in places), places
