"""Generated EDIFACT messages together with the facts that they must yield.

Invariant: facts are computed here from the generated figures, by means of their own (fractions), never
with the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from tests.kit.edifact_writer import Interchange, Message, Rows, Style

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 +:'?*äé.,-"
"""Data of the generated messages; service characters in it are released."""

words = st.text(ALPHABET, min_size=1, max_size=12).map(lambda text: f"x{text.strip()}")
references = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=12).filter(
    lambda text: text != "-"
)
"""Numbers of documents; a lone `-` is none: it stands for no order."""
units = st.sampled_from(
    [("", "EA", None), ("PCE", "C62", None), ("KGM", "KGM", None), ("CT", "CT", 12), ("C62", "C62", None)]
)
"""(as written, ordered unit, pieces of the stock unit)."""
FUNCTIONS = {"9": "created", "": "created", "7": "created", "5": "updated", "4": "updated", "1": "cancelled"}
ROLES = {"BY": "buyer", "SU": "seller", "DP": "ship_to", "IV": "bill_to", "SF": "ship_from", "SO": "sold_to"}
SCHEMES = {
    "SA": "vendor_part",
    "IN": "buyer_part",
    "BP": "buyer_part",
    "SK": "sku",
    "MF": "manufacturer_part",
}
CLOCKS = {"2": "requested_delivery", "10": "requested_ship", "38": "ship_by", "61": "cancel_after"}
FORMATS = {"102": "%Y%m%d", "101": "%y%m%d", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S"}
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 1, 1))


@dataclass
class LineFacts:
    """What one LIN of an order must yield."""

    line_id: str
    quantity: Decimal
    unit: str
    stock: Decimal | None
    extended: Decimal
    net: Decimal
    is_exact: bool
    """The carried amount is price × quantity / basis to 6 places."""
    identifiers: frozenset[tuple[str, str]]


@dataclass
class OrderFacts:
    """What one ORDERS must yield."""

    rows: Rows
    order_id: str
    change: str
    placed: date
    lines: list[LineFacts] = field(default_factory=list)
    total: Decimal = Decimal(0)
    roles: set[str] = field(default_factory=set)
    clocks: dict[str, date] = field(default_factory=dict)
    variances: set[str] = field(default_factory=set)
    """Codes; `line_extension` follows from the lines."""


def comma(amount: Decimal, style: Style) -> str:
    """An amount with the decimal mark of the style."""
    return format(amount, "f").replace(".", style.decimal)


def quantities() -> st.SearchStrategy[Decimal]:
    return st.one_of(
        st.integers(1, 99_999).map(Decimal),
        st.decimals("0.01", "9999", places=2, allow_nan=False, allow_infinity=False),
    )


def prices() -> st.SearchStrategy[Decimal]:
    return st.builds(lambda n, places: Decimal(n).scaleb(-places), st.integers(0, 10**6), st.integers(0, 4))


@st.composite
def dates(draw: st.DrawFn, qualifier: str) -> tuple[list[object], date]:
    """A DTM in some format, and its day."""
    day, code = draw(days), draw(st.sampled_from(sorted(FORMATS)))
    moment = datetime(day.year, day.month, day.day, 12, 30)  # noqa: DTZ001 - written without a zone
    return ["DTM", [qualifier, moment.strftime(FORMATS[code]), code]], day


@st.composite
def lines(draw: st.DrawFn, position: int, style: Style) -> tuple[Rows, LineFacts]:
    """A LIN group and its facts."""
    written, unit, pieces = draw(units)
    quantity, price = draw(quantities()), draw(prices())
    per = draw(st.sampled_from([1, 1, 10, 100, 1000]))
    pairs = draw(st.dictionaries(st.sampled_from(sorted(SCHEMES)), words, max_size=3))
    exact = Fraction(price) * Fraction(quantity) / per
    extended = Decimal(round(exact * 10_000)).scaleb(-4)
    stated = draw(st.sampled_from([None, Decimal(0), Decimal("0.01"), Decimal(-3)]))
    rows: Rows = [["LIN", draw(st.sampled_from(["", str(position)]))]]
    if pairs:
        first, *others = pairs.items()
        rows[0] += ["", [first[1], first[0]]]
        rows += [["PIA", "1", [value, scheme]] for scheme, value in others]
    rows.append(["IMD", "F", "", ["", "", "", "a thing: +1'"]])
    rows.append(["QTY", ["21", comma(quantity, style), written]])
    carried = extended if stated is None else extended + stated
    if stated is not None:
        rows.append(["MOA", ["203", comma(carried, style)]])
    rows.append(["PRI", ["AAA", comma(price, style), "", "", *([str(per), written] if per != 1 else [])]])
    facts = LineFacts(
        line_id=str(position),
        quantity=quantity,
        unit=unit,
        stock=quantity * pieces if pieces else None,
        extended=carried,
        net=carried,
        is_exact=Fraction(carried) == Fraction(round(exact * 10**6), 10**6),
        identifiers=frozenset((SCHEMES[scheme], value.strip()) for scheme, value in pairs.items()),
    )
    return rows, facts


@st.composite
def orders(draw: st.DrawFn, style: Style) -> OrderFacts:
    """The rows of one ORDERS and its facts."""
    number, function = draw(references), draw(st.sampled_from(sorted(FUNCTIONS)))
    dtm, placed = draw(dates("137"))
    rows: Rows = [["BGM", "220", number, function], dtm]  # type: ignore[list-item]  # a DTM is a row
    facts = OrderFacts(rows, number, FUNCTIONS[function], placed)
    for qualifier in draw(st.lists(st.sampled_from(sorted(CLOCKS)), unique=True)):
        row, day = draw(dates(qualifier))
        rows.append(row)  # type: ignore[arg-type]  # a DTM is a row
        facts.clocks[CLOCKS[qualifier]] = day
    for code in draw(st.lists(st.sampled_from(sorted(ROLES)), unique=True)):
        rows.append(
            ["NAD", code, [draw(references), "", draw(st.sampled_from(["9", "91", "92"]))], "", "Test"]
        )
        facts.roles.add(ROLES[code])
    if draw(st.booleans()):
        rows.append(["CUX", ["2", "EUR", "9"]])
    for indicator in draw(st.lists(st.sampled_from("AC"), max_size=2)):
        amount = Decimal(draw(st.integers(0, 10**6))).scaleb(-2)
        rows += [["ALC", indicator, "", "", "", "ZZZ"], ["MOA", ["8", comma(amount, style)]]]
        facts.total += amount if indicator == "C" else -amount
    for position in range(1, draw(st.integers(1, 4)) + 1):
        group, line = draw(lines(position, style))
        rows += group
        facts.lines.append(line)
        facts.total += line.net
    _summary(draw, facts, style)
    return facts


def _summary(draw: st.DrawFn, facts: OrderFacts, style: Style) -> None:
    facts.rows.append(["UNS", "S"])
    net = sum((line.net for line in facts.lines), Decimal(0))
    for code, name, ours in (("79", "subtotal", net), ("86", "order_total", facts.total)):
        off = draw(st.sampled_from([None, Decimal(0), Decimal(0), Decimal("0.01"), Decimal(-7)]))
        if off is not None:
            facts.rows.append(["MOA", [code, comma(ours + off, style)]])
            facts.variances |= {name} if off else set()
    for code, name, count in (
        ("2", "line_count", Decimal(len(facts.lines))),
        ("1", "quantity_total", sum((line.quantity for line in facts.lines), Decimal(0))),
    ):
        off = draw(st.sampled_from([None, Decimal(0), Decimal(0), Decimal(-1)]))
        if off is not None:
            facts.rows.append(["CNT", [code, comma(count + off, style)]])
            facts.variances |= {name} if off else set()


@st.composite
def styles(draw: st.DrawFn) -> Style:
    """A way of writing."""
    component, element, terminator, release = draw(
        st.lists(st.sampled_from(list(":+'?*|^~=;!\x1d\x1c")), min_size=4, max_size=4, unique=True)
    )
    is_usual = draw(st.booleans())
    syntax, encoding = draw(
        st.sampled_from(
            [("UNOC", "iso8859-1"), ("UNOY", "utf-8"), ("UNOA", "iso8859-1"), ("UNOL", "iso8859-15")]
        )
    )
    bom = [b"\xef\xbb\xbf"] if encoding == "utf-8" else []
    style = Style(
        syntax=syntax,
        version=draw(st.sampled_from(["1", "3", "4"])),
        decimal=draw(st.sampled_from([".", ","])),
        line_end=draw(st.sampled_from(["", "\n", "\r\n", "\n  "])),
        has_last_terminator=draw(st.booleans()),
        prefix=draw(st.sampled_from([b"", b" \r\n", *bom])),
        encoding=encoding,
    )
    if is_usual:
        return replace(style, has_una=draw(st.booleans()), repetition="*" if style.version == "4" else " ")
    return replace(style, component=component, element=element, terminator=terminator, release=release)


@dataclass
class FileFacts:
    """A payload and what its orders must be, in order."""

    interchanges: list[Interchange]
    orders: list[OrderFacts]
    findings: set[str]
    """Codes that must be among the warnings."""


@st.composite
def files(draw: st.DrawFn, orders_max: int = 3) -> FileFacts:
    """A payload of one or two interchanges with honest or lying envelopes."""
    first = draw(styles())
    facts = FileFacts([], [], set())
    for control in range(1, draw(st.sampled_from([1, 1, 2])) + 1):
        style = replace(first, prefix=first.prefix if control == 1 else b"")
        own = draw(st.lists(orders(style), min_size=1, max_size=orders_max))
        facts.orders += own
        messages = [Message(order.rows, reference=f"M{at}") for at, order in enumerate(own, 1)]
        interchange = Interchange(tuple(messages), control=f"C{control}", style=style)
        facts.interchanges.append(_lying(draw, interchange, facts))
    facts.interchanges[:-1] = [
        one.styled(replace(one.style, has_last_terminator=True)) for one in facts.interchanges[:-1]
    ]
    return facts


def _lying(draw: st.DrawFn, interchange: Interchange, facts: FileFacts) -> Interchange:
    if draw(st.booleans()):
        interchange = replace(interchange, group="G1")
        if draw(st.integers(0, 3)) == 0:
            interchange = replace(interchange, group_count=99)
            facts.findings.add("message_count")
    lie = draw(st.integers(0, 6))
    if lie == 0:
        interchange = replace(interchange, trailer_control="OTHER")
        facts.findings.add("interchange_control_mismatch")
    elif lie == 1:
        messages = (replace(interchange.messages[0], count=2), *interchange.messages[1:])
        interchange = replace(interchange, messages=messages)
        facts.findings.add("segment_count")
    elif lie == 2:
        messages = (replace(interchange.messages[0], directory=("D", "10A", "UN")), *interchange.messages[1:])
        interchange = replace(interchange, messages=messages)
        facts.findings.add("directory_version")
    elif lie == 3:
        interchange = replace(interchange, has_trailer=False)
        facts.findings.add("interchange_trailer_missing")
    return interchange
