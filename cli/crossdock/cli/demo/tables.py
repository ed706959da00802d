"""How the demo's figures look: tables and equations that fit into 80 columns.

Invariant: pure; what comes from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from rich.table import Table
from rich.text import Text

from crossdock.cli.demo.prompt import Json
from crossdock.cli.demo.report import Cause, Compared, Figure
from crossdock.cli.output import printable
from crossdock.testbed.expectation import CHANNEL_TOPIC, DOCUMENT_TOPIC, SET_TOPIC
from crossdock.testbed.morning import EDI, POS, SHOPIFY, TENANT, WOOCOMMERCE

NOTHING: Final = "·"

COLUMNS: Final = {
    "shopify-eu": (SHOPIFY, CHANNEL_TOPIC),
    "woo-us": (WOOCOMMERCE, CHANNEL_TOPIC),
    "pos-partner": (POS, CHANNEL_TOPIC),
    "EDI files": (EDI, DOCUMENT_TOPIC),
    "EDI orders": (EDI, SET_TOPIC),
}
_ROWS: Final = (
    ("accepted", "", "green"),
    ("duplicate", "sent again", ""),
    ("superseded", "too late", ""),
    ("rerouted", "to its slot", ""),
    ("rejected", "dead letter", "yellow"),
    ("held", "waits in line", "yellow"),
    ("conflict", "kept aside", "yellow"),
)
"""Outcome, what it means, style."""
TERMS: Final = (*(outcome for outcome, _, _ in _ROWS), "waiting", "answered")
"""Outcomes in the order in which equations name them."""
_HEADLINES: Final = ("orders out", "orders with a variance", "sum of orders", "open entries")
"""Figures worth showing, in this order."""


def number(figure: Figure) -> str:
    """With thousands separators; a dot for nothing."""
    if not figure:
        return NOTHING
    return f"{figure:,.2f}" if isinstance(figure, Decimal) else f"{figure:,}"


def intake_table(intake: Mapping[tuple[str, str, str], int], refused: Mapping[str, int]) -> Table:
    """Outcomes of all records, one column per channel."""
    table = _table("", *COLUMNS)
    table.add_row("received", *_received(intake), style="bold")
    for outcome, meaning, style in _ROWS:
        counts = [intake.get((*place, outcome), 0) for place in COLUMNS.values()]
        table.add_row(_label(outcome, meaning), *map(number, counts), style=style if any(counts) else "dim")
    doors = [refused.get(channel, 0) if topic == CHANNEL_TOPIC else 0 for channel, topic in COLUMNS.values()]
    table.add_row(_label("refused", "forged, 401"), *map(number, doors), style="red")
    return table


def _received(intake: Mapping[tuple[str, str, str], int]) -> list[str]:
    return [
        number(sum(count for (*where, _), count in intake.items() if tuple(where) == place))
        for place in COLUMNS.values()
    ]


def _label(word: str, meaning: str) -> Text:
    return Text(word).append(f" {meaning}" if meaning else "", style="dim")


def cause_lines(causes: Sequence[Cause]) -> Iterator[tuple[Text, Text, Text]]:
    """For each cause: how many and code, an example, stage and what to do."""
    for cause in causes:
        example = printable(cause.example.removeprefix(f"{TENANT}/"))
        behind = f"  +{cause.behind} behind" if cause.behind else ""
        head = Text(f"{cause.count:>4} ", "bold").append(f"{cause.code:<31}", "yellow")
        about = Text(f"{cause.stage}: {printable(cause.fix)}", "dim")
        yield head, Text(example).append(behind, "yellow"), about


def equations(group: Json) -> Iterator[tuple[Text, list[str]]]:
    """What came in = the terms of what became of it, input by input; then what was kept back."""
    for row in sorted(group["inputs"], key=lambda row: not row["topic"].startswith("raw.")):
        terms = [f"{row[name]:,} {name}" for name in TERMS if row[name]]
        if terms:
            yield (
                equation(row["topic"], f"{row['received']:,}"),
                [terms[0], *(f"+ {one}" for one in terms[1:])],
            )
    closed = group["closed"]
    said = ", ".join(f"{count:,} {name}" for name, count in closed.items() if count) or "none"
    sums = [f"{group['opened']:,} opened", f"− {sum(closed.values()):,} closed ({said})"]
    yield equation("kept back", f"{group['open']:,}"), sums


def equation(name: str, left: str) -> Text:
    """The left side of an equation."""
    return fact(name, left).append(" = ")


def fact(name: str, figure: str) -> Text:
    """A figure with its name, in line with the equations."""
    return Text(f"  {name:<22}").append(f"{figure:>6}", "bold")


def compared_table(rows: Iterable[Compared]) -> Table:
    """Figures that were worked out beforehand beside those that were found."""
    table = _table("", "expected", "in the log", "")
    for one in rows:
        mark = Text("✓", "green") if one.agrees else Text("✗", "bold red")
        table.add_row(one.name, number(one.expected), number(one.found), mark)
    return table


def headlines(rows: Iterable[Compared]) -> list[Compared]:
    """The figures worth showing, and every one that does not agree."""
    ranked = [(_rank(one.name), one) for one in rows]
    shown = [(rank, one) for rank, one in ranked if rank < len(_HEADLINES) or not one.agrees]
    return [one for _, one in sorted(shown, key=lambda pair: (pair[0], pair[1].name))]


def _rank(name: str) -> int:
    found = [place for place, text in enumerate(_HEADLINES) if text in name]
    return found[0] if found else len(_HEADLINES)


def _table(first: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column(first, no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table
