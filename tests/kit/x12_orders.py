"""Generated 850s together with the facts that they must yield.

Invariant: facts are computed here from the generated figures, by means of their own (fractions), never
with the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from tests.kit.x12_writer import Group, Interchange, Rows, Set, Style

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
"""Data of the generated orders; no delimiter is ever taken from it."""

words = st.text(ALPHABET, min_size=1, max_size=12)
units = st.sampled_from(
    [
        ("EA", "EA", 1),
        ("PC", "H87", 1),
        ("LB", "LBR", 1),
        ("YD", "YRD", 1),
        ("CS", "CS", 12),
        ("KGM", "KGM", 1),
    ]
)
"""(as written, ordered unit, pieces of the stock unit)."""
COUNTS = {"": 1, "PE": 1, "TE": 1, "CT": 1, "UM": 1, "PD": 12, "HP": 100, "TC": 100, "TP": 1000, "WM": 1000}
PURPOSES = {"00": "created", "05": "updated", "04": "updated", "01": "cancelled"}
ROLES = {"ST": "ship_to", "BT": "bill_to", "BY": "buyer", "SE": "seller", "SF": "ship_from", "SO": "sold_to"}
SCHEMES = {
    "VN": "vendor_part",
    "BP": "buyer_part",
    "SK": "sku",
    "MG": "manufacturer_part",
    "CB": "buyer_part",
}
CLOCKS = {"010": "requested_ship", "002": "requested_delivery", "038": "ship_by", "001": "cancel_after"}


@dataclass
class LineFacts:
    """What one PO1 must yield."""

    line_id: str
    quantity: Decimal
    unit: str
    stock: Decimal | None
    extended: Decimal
    is_rounded: bool
    identifiers: frozenset[tuple[str, str]]


@dataclass
class OrderFacts:
    """What one set must yield."""

    rows: Rows
    order_id: str
    change: str
    placed: str
    lines: list[LineFacts] = field(default_factory=list)
    total: Decimal = Decimal(0)
    roles: list[str] = field(default_factory=list)
    clocks: dict[str, str] = field(default_factory=dict)
    variances: set[str] = field(default_factory=set)
    """Codes; `line_extension` follows from the lines."""


@dataclass
class FileFacts:
    """A payload and what its orders must be, in order."""

    interchanges: list[Interchange]
    orders: list[OrderFacts]
    warnings: set[str]
    """Envelope findings that must be among the warnings."""


def quantities() -> st.SearchStrategy[Decimal]:
    return st.one_of(
        st.integers(1, 99_999).map(Decimal),
        st.decimals("0.01", "9999", places=2, allow_nan=False, allow_infinity=False),
    )


def prices() -> st.SearchStrategy[Decimal]:
    return st.integers(0, 10**6).flatmap(
        lambda n: st.sampled_from([0, 2, 3, 4]).map(lambda p: Decimal(n).scaleb(-p))
    )


days = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 1, 1))


@st.composite
def lines(draw: st.DrawFn, position: int) -> tuple[list[str], LineFacts]:
    """A PO1 and its facts."""
    raw, unit, pieces = draw(units)
    quantity, price = draw(quantities()), draw(prices())
    basis = draw(st.sampled_from([code for code, count in COUNTS.items() if pieces == 1 or count == 1]))
    written = draw(st.sampled_from(["id", "none"]))
    pairs = draw(st.dictionaries(st.sampled_from(sorted(SCHEMES)), words, max_size=3))
    exact = Fraction(price) * Fraction(quantity) / COUNTS[basis]
    extended = Decimal(round(exact * 10_000)).scaleb(-4)
    po1 = ["PO1", str(position) if written == "id" else "", str(quantity), raw, str(price), basis]
    for qualifier, value in pairs.items():
        po1 += [qualifier, value]
    facts = LineFacts(
        line_id=str(position),
        quantity=quantity,
        unit=unit,
        stock=quantity * pieces if pieces != 1 else None,
        extended=extended,
        is_rounded=Fraction(extended) != Fraction(round(exact * 10**6), 10**6),
        identifiers=frozenset((SCHEMES[qualifier], value) for qualifier, value in pairs.items()),
    )
    return po1, facts


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    """The rows of one 850 and its facts."""
    number, release = draw(words), draw(st.sampled_from(["", "", "1", "B2"]))
    purpose = draw(st.sampled_from(sorted(PURPOSES)))
    day = draw(days)
    written = draw(st.sampled_from(["%Y%m%d", "%y%m%d"]))
    facts = OrderFacts(
        rows=[["BEG", purpose, "SA", number, release, day.strftime(written)]],
        order_id=f"{number}.{release}" if release else number,
        change=PURPOSES[purpose],
        placed=day.isoformat(),
    )
    _header(draw, facts)
    charges = _charges(draw, facts)
    for position in range(1, draw(st.integers(1, 5)) + 1):
        po1, line = draw(lines(position))
        facts.rows.append(po1)
        facts.lines.append(line)
        facts.rows += draw(
            st.lists(st.sampled_from([["PID", "F", "", "", "", "thing"], ["PO4", "4"]]), max_size=2)
        )
    facts.total = sum((line.extended for line in facts.lines), charges)
    _summary(draw, facts)
    return facts


def _header(draw: st.DrawFn, facts: OrderFacts) -> None:
    if draw(st.booleans()):
        facts.rows.append(["CUR", "BY", "USD"])
    for qualifier in draw(st.lists(st.sampled_from(sorted(CLOCKS)), unique=True)):
        day = draw(days)
        facts.rows.append(["DTM", qualifier, day.strftime("%Y%m%d")])
        facts.clocks[CLOCKS[qualifier]] = day.isoformat()
    for code in draw(st.lists(st.sampled_from(sorted(ROLES)), unique=True)):
        facts.rows.append(["N1", code, draw(st.sampled_from(["", "Test Buyer 1"])), "92", draw(words)])
        facts.roles.append(ROLES[code])
        facts.rows += draw(
            st.lists(st.sampled_from([["N3", "1 Example St"], ["N4", "Springfield", "IL"]]), max_size=2)
        )
    facts.rows += draw(
        st.lists(st.sampled_from([["REF", "DP", "038"], ["ITD", "14", "3"], ["FOB", "DF"]]), max_size=3)
    )


def _charges(draw: st.DrawFn, facts: OrderFacts) -> Decimal:
    total = Decimal(0)
    for indicator, code in draw(
        st.lists(st.sampled_from([("C", "D240"), ("A", "C310"), ("C", "ZZZZ")]), max_size=2)
    ):
        cents = draw(st.integers(0, 10**6))
        facts.rows.append(["SAC", indicator, code, "", "", str(cents)])
        total += Decimal(cents if indicator == "C" else -cents).scaleb(-2)
    return total


def _summary(draw: st.DrawFn, facts: OrderFacts) -> None:
    count, quantity = len(facts.lines), sum((line.quantity for line in facts.lines), Decimal(0))
    if draw(st.booleans()):
        count_off = draw(st.sampled_from([0, 0, 0, -1, 2]))
        quantity_off = draw(st.sampled_from([None, 0, 0, 3]))
        # A hash total that leaves points out may equal the shifted sum by chance only without decimals.
        ctt = ["CTT", str(count + count_off)]
        if quantity_off is not None:
            ctt.append(str(quantity + quantity_off))
        facts.rows.append(ctt)
        facts.variances |= {"line_count"} if count_off else set()
        facts.variances |= {"quantity_total"} if quantity_off else set()
    total_off = draw(st.sampled_from([None, 0, 0, Decimal("0.01"), Decimal(-7)]))
    if total_off is not None:
        facts.rows.append(["AMT", "TT", str(facts.total + total_off)])
        facts.variances |= {"order_total"} if total_off else set()


@st.composite
def styles(draw: st.DrawFn) -> Style:
    """A way of writing that never collides with the data."""
    element, component = draw(
        st.lists(st.sampled_from(list("*|^:>\\!+;\x1d\x7f\t§é")), min_size=2, max_size=2, unique=True)
    )
    segment = draw(st.sampled_from(["~", "'", "\n", "\r\n", "\x15", "\x1c", "¶", "ß", "?"]))
    line_end = "" if segment in ("\n", "\r\n") else draw(st.sampled_from(["", "\n", "\r\n", "\n   ", "\r"]))
    version = draw(st.sampled_from(["00400", "00401", "00402", "00501"]))
    repetition = draw(st.sampled_from(["U", "^"])) if element != "^" and component != "^" else "U"
    encoding = "latin-1" if draw(st.integers(0, 5)) == 0 else "utf-8"
    prefixes = [b"", b"", b"\r\n \n"] + ([b"\xef\xbb\xbf"] if encoding == "utf-8" else [])
    return Style(
        element,
        "" if line_end.startswith("\n") and draw(st.integers(0, 5)) == 0 else component,
        segment,
        repetition,
        version,
        line_end,
        is_padded=draw(st.integers(0, 3)) > 0,
        has_last_terminator=draw(st.integers(0, 3)) > 0,
        prefix=draw(st.sampled_from(prefixes)),
        encoding=encoding,
    )


@st.composite
def files(draw: st.DrawFn, orders_max: int = 3) -> FileFacts:
    """A payload of one or two interchanges with honest or lying envelopes."""
    facts = FileFacts([], [], set())
    for control in range(1, draw(st.sampled_from([1, 1, 2])) + 1):
        own = draw(st.lists(orders(), min_size=1, max_size=orders_max))
        facts.orders += own
        sets = [Set(order.rows, f"{at:04d}") for at, order in enumerate(own, 1)]
        if draw(st.integers(0, 4)) == 0:
            sets[0] = replace(sets[0], count=draw(st.sampled_from([1, 999]).filter(lambda n: n == 1)))
            facts.warnings.add("segment_count")
        group = Group(tuple(sets), str(control))
        if draw(st.integers(0, 4)) == 0:
            group = replace(group, count=len(sets) + 1)
            facts.warnings.add("set_count")
        interchange = Interchange((group,), f"{control:09d}", draw(styles()))
        if draw(st.integers(0, 4)) == 0:
            interchange = replace(interchange, trailer_control="999999999")
            facts.warnings.add("interchange_control_mismatch")
        facts.interchanges.append(interchange)
    first = facts.interchanges[0].style
    facts.interchanges = [
        _same_encoding(one, first, is_last=one is facts.interchanges[-1]) for one in facts.interchanges
    ]
    return facts


def _same_encoding(interchange: Interchange, first: Style, *, is_last: bool) -> Interchange:
    """A file has one encoding; only its last terminator may be missing."""
    style = replace(interchange.style, encoding=first.encoding)
    return interchange.styled(style if is_last else replace(style, has_last_terminator=True))
