"""Generated sets other than orders, each together with the facts it must yield.

Invariant: facts are computed here from the generated figures, never with the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from crossdock.canonical.models import Money, PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.formats.registry import FORMATS
from tests.kit.edi_reading import Outcome
from tests.kit.x12_reading import outcome_of, profile
from tests.kit.x12_writer import Group, Interchange, Rows, Set, Style, payload, rows

CENT = Decimal("0.01")
ANY_SET = profile(
    format="x12",
    exchange={
        "transport": "folder",
        "sender": "ZZ:ACME",
        "receiver": "01:PARTNER",
        "versions": ("004010",),
    },
)
"""A partner that may send every set."""
styles = st.sampled_from(
    [
        Style(),
        Style(line_end=""),
        Style("\x1d", "\x1f", "\x1c", line_end=""),
        Style("\x7f", ">", "\x15"),
        Style("*", "§", "¶"),
        Style(segment="\n", line_end=""),
        Style(is_padded=False, line_end=""),
        Style(prefix=b"\xef\xbb\xbf\r\n  ", has_last_terminator=False),
    ]
)
amounts = st.integers(1, 999_999).map(lambda cents: Decimal(cents) * CENT)
counts = st.integers(1, 500).map(Decimal)
days = st.dates(datetime(2020, 1, 1).date(), datetime(2029, 12, 31).date())  # noqa: DTZ001 - a day


def file_of(kind: str, said: Rows, style: Style | None = None) -> bytes:
    """A file with one set of this kind."""
    return payload(Interchange((Group((Set(said, set_type=kind),)),), style=style or Style()))


def read_rows(
    kind: str, said: Rows, partner: PartnerProfile = ANY_SET, style: Style | None = None
) -> Outcome:
    """What becomes of one set."""
    return outcome_of(file_of(kind, said, style), partner)


def read_text(kind: str, text: str, partner: PartnerProfile = ANY_SET) -> Reading:
    """The reading of one set, one segment a line. Raises Rejected."""
    outcome = read_rows(kind, rows(text), partner)
    if outcome.refusals:
        raise outcome.refusals[0]
    return outcome.readings[0]


def warned(reading: Reading) -> set[str]:
    """Codes of the warnings."""
    return {warning.code for warning in reading.warnings}


def kept(entity: object) -> dict[str, str]:
    """Extensions of an entity by name."""
    return {extension.name: extension.value for extension in entity.extensions}  # type: ignore[attr-defined]


def amount(money: Money | None) -> Decimal | None:
    """Amount of what may be absent."""
    return money.amount if money is not None else None


def likenesses(value: bytes) -> dict[str, int]:
    """Scores of the X12 formats that recognise a file."""
    scores = {name: form.looks_like(value) for name, form in FORMATS.items() if form.looks_like}
    return {name: score for name, score in scores.items() if score}


# ---- invoices ------------------------------------------------------------------------------------------


@dataclass
class InvoiceFacts:
    """What an 810 must yield."""

    said: Rows
    nets: dict[str, list[Decimal]]
    """Net amounts of the lines by order."""
    total: Decimal
    lie: Decimal
    """Stated less computed total."""
    units: Decimal = Decimal(0)


@st.composite
def invoices(draw: st.DrawFn) -> InvoiceFacts:
    """An 810 of one or several orders with charges at lines and behind the total."""
    said: Rows = [["BIG", f"{draw(days):%Y%m%d}", "INV-1", "", "PO-A"]]
    nets: dict[str, list[Decimal]] = {}
    total = units = Decimal(0)
    for number in range(1, draw(st.integers(1, 6)) + 1):
        quantity, price = draw(counts), draw(amounts)
        order = draw(st.sampled_from(["", "PO-A", "PO-B"]))
        pairs = ["PO", order] if order else []
        said.append(["IT1", str(number), str(quantity), "EA", str(price), "", "VN", f"SKU-{number}", *pairs])
        net = quantity * price
        if draw(st.booleans()):
            charge = draw(st.integers(1, 999))
            sign = draw(st.sampled_from(["A", "C"]))
            said.append(["SAC", sign, "ZZZZ", "", "", str(charge)])
            net += charge * CENT * (1 if sign == "C" else -1)
        nets.setdefault(order or "PO-A", []).append(net)
        total, units = total + net, units + quantity
    tail: Rows = []
    for segment, amount in draw(
        st.lists(st.tuples(st.sampled_from(["SAC", "TXI"]), st.integers(1, 9999)), max_size=2)
    ):
        is_charge = segment == "SAC"
        tail.append(
            ["SAC", "C", "D240", "", "", str(amount)] if is_charge else ["TXI", "ST", str(amount * CENT)]
        )
        total += amount * CENT
    lie = draw(st.sampled_from([Decimal(0), CENT, Decimal("-7.35")]))
    said.append(["TDS", str(int((total + lie) / CENT))])
    said += [*tail, ["CTT", str(sum(row[0] == "IT1" for row in said)), str(units)]]
    return InvoiceFacts(said, nets, total, lie, units)


# ---- ship notices --------------------------------------------------------------------------------------


@dataclass
class NoticeFacts:
    """What an 856 must yield: per order, per package (SSCC, or `-`), quantity per SKU."""

    said: Rows
    orders: dict[str, dict[str, dict[str, Decimal]]] = field(default_factory=dict)
    units: Decimal = Decimal(0)
    lie: Decimal = Decimal(0)


def sscc(serial: int) -> str:
    """A right SSCC."""
    digits = f"0061414{serial:010d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


class _Tree:
    """Writes HL levels whose parents are stated, left out, or point nowhere."""

    def __init__(self, draw: st.DrawFn, facts: NoticeFacts) -> None:
        self.draw, self.facts = draw, facts
        self.parents = draw(st.sampled_from(["stated", "missing", "lying"]))
        self.levels = self.packs = 0

    def level(self, code: str, parent: int) -> int:
        """A level; returns its number."""
        self.levels += 1
        shown = {"stated": str(parent or ""), "missing": "", "lying": "99" if parent else ""}[self.parents]
        self.facts.said.append(["HL", str(self.levels), shown, code])
        return self.levels

    def item(self, parent: int, order: str, package: str) -> None:
        """An item with its facts."""
        self.level("I", parent)
        quantity, sku = self.draw(counts), f"SKU-{self.draw(st.integers(1, 4))}"
        self.facts.said += [["LIN", "", "VN", sku], ["SN1", "", str(quantity), "EA"]]
        held = self.facts.orders[order].setdefault(package, {})
        held[sku] = held.get(sku, Decimal(0)) + quantity
        self.facts.units += quantity

    def pack(self, parent: int, order: str) -> None:
        """A pack with one or two items."""
        self.packs += 1
        number = sscc(self.packs)
        pack = self.level("P", parent)
        self.facts.said.append(["MAN", "GM", f"00{number}"])
        self.facts.orders[order].setdefault(number, {})
        for _ in range(self.draw(st.integers(1, 2))):
            self.item(pack, order, number)


@st.composite
def notices(draw: st.DrawFn) -> NoticeFacts:
    """An 856 with tares, packs and loose items."""
    facts = NoticeFacts([["BSN", "00", "SHP-1", f"{draw(days):%Y%m%d}", "0930", "0001"]])
    tree = _Tree(draw, facts)
    shipment = tree.level("S", 0)
    for number in range(1, draw(st.integers(1, 3)) + 1):
        order = f"PO-{number}"
        facts.orders[order] = {}
        above = tree.level("O", shipment)
        facts.said.append(["PRF", order])
        for _ in range(draw(st.integers(0, 2))):
            tree.item(above, order, "-")
        for _ in range(draw(st.integers(1, 2))):
            tree.pack(tree.level("T", above) if draw(st.booleans()) else above, order)
    facts.lie = draw(st.sampled_from([Decimal(0), Decimal(3)]))
    facts.said.append(["CTT", str(tree.levels), str(facts.units + facts.lie)])
    return facts


# ---- remittances ---------------------------------------------------------------------------------------


@dataclass
class RemittanceFacts:
    """What an 820 must yield."""

    said: Rows
    nets: list[Decimal]
    deposit: Decimal
    lie: Decimal


@st.composite
def remittances(draw: st.DrawFn) -> RemittanceFacts:
    """An 820: paid invoices with discounts, adjustments of their own, adjustments within RMR04."""
    is_inside = draw(st.booleans())
    said: Rows = [["ENT", "1"]]
    nets: list[Decimal] = []
    for amount in draw(st.lists(amounts, max_size=2)):
        nets.append(-amount)
        said.append(["ADX", str(-amount), "L7"])
    for number in range(1, draw(st.integers(1, 5)) + 1):
        gross, discount = draw(amounts), draw(st.integers(0, 99)) * CENT
        paid = gross - discount
        adjustment = draw(st.sampled_from([None, CENT * 25])) if is_inside else None
        if adjustment is not None:
            paid -= adjustment
        said.append(["RMR", "IV", f"INV-{number}", "", str(paid), str(gross), str(discount)])
        if adjustment is not None:
            said.append(["ADX", str(-adjustment), "59"])
        nets.append(paid)
    lie = Decimal(0) if is_inside else draw(st.sampled_from([Decimal(0), CENT]))
    deposit = sum(nets, Decimal(0)) + lie
    bpr = ["BPR", "C", str(abs(deposit)), "C" if deposit >= 0 else "D", "ACH", *[""] * 11, "20260110"]
    return RemittanceFacts([bpr, ["TRN", "1", "PAY-1"], *said], nets, deposit, lie)


# ---- stock ---------------------------------------------------------------------------------------------

MEANINGS = {"33": "available", "17": "on_hand", "QH": "quality_hold", "27": "reserved", "ZZ": "unknown"}


@dataclass
class StockFacts:
    """What an 846 must yield: figures by (SKU, place)."""

    said: Rows
    figures: dict[tuple[str, str], list[tuple[str, Decimal]]] = field(default_factory=dict)


@st.composite
def stock_reports(draw: st.DrawFn) -> StockFacts:
    """An 846 with places in front of or behind the quantities, in the header, or as splits."""
    header = draw(st.sampled_from(["", "W0"]))
    facts = StockFacts([["BIA", "00", "SI", "REF-1", f"{draw(days):%Y%m%d}"]])
    if header:
        facts.said.append(["N1", "WH", "", "92", header])
    for number in range(1, draw(st.integers(1, 5)) + 1):
        sku = f"SKU-{number}"
        facts.said.append(["LIN", str(number), "VN", sku])
        where = draw(st.sampled_from(["header", "front", "split"]))
        place = f"W{number}" if where == "front" else header
        if where == "front":
            facts.said.append(["N1", "WH", "", "92", place])
        for code in draw(st.lists(st.sampled_from(sorted(MEANINGS)), min_size=1, max_size=3, unique=True)):
            quantity = draw(counts)
            facts.said.append(["QTY", code, str(quantity), "EA"])
            if where != "split":
                facts.figures.setdefault((sku, place), []).append((MEANINGS[code], quantity))
                continue
            first = draw(st.integers(0, int(quantity)))
            rest = quantity - first
            facts.said.append(["SDQ", "EA", "92", "S1", str(first), "S2", str(rest)])
            for store, part in (("S1", Decimal(first)), ("S2", rest)):
                facts.figures.setdefault((sku, store), []).append((MEANINGS[code], part))
        if draw(st.booleans()):
            facts.said.append(["QTY", "32", "9", "EA"])
    facts.said.append(["CTT", str(sum(row[0] == "LIN" for row in facts.said))])
    return facts


# ---- tracking ------------------------------------------------------------------------------------------

ZONES = {"UT": 0, "ES": -300, "CS": -360, "PS": -480, "04": 240, "13": -720}
"""Element 623 codes without daylight saving → minutes east of UTC."""
CODES = {"AF": "picked_up", "X4": "in_transit", "D1": "delivered", "SD": "delayed", "NT": "unknown"}


@dataclass
class StatusFacts:
    """What a 214 must yield: (code, status, instant) per event."""

    said: Rows
    events: list[tuple[str, str, datetime]] = field(default_factory=list)


@st.composite
def status_reports(draw: st.DrawFn) -> StatusFacts:
    """A 214 whose times state their zone."""
    facts = StatusFacts([["B10", "PRO-1", "SHP-1", "ABCD"]])
    for number in range(1, draw(st.integers(1, 5)) + 1):
        code, zone = draw(st.sampled_from(sorted(CODES))), draw(st.sampled_from(sorted(ZONES)))
        at = datetime.combine(draw(days), draw(st.times()).replace(second=0, microsecond=0), UTC)
        facts.said.append(["LX", str(number)])
        facts.said.append(["AT7", code, "NS", "", "", f"{at:%Y%m%d}", f"{at:%H%M}", zone])
        event = (code, CODES[code], at - timedelta(minutes=ZONES[zone]))
        if event not in facts.events:  # what is said twice of one shipment is one event
            facts.events.append(event)
    return facts
