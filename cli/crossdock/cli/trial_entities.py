"""Cards of entities other than orders: their fields in words, their lists as tables.

Invariant: a field that the model marks as personal is shown only where the user asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from crossdock.canonical.models import (
    PII,
    BusinessTime,
    Canonical,
    DualMoney,
    Entity,
    Identifier,
    Money,
    Quantity,
    UnitPrice,
    Variance,
)
from crossdock.cli.output import printable

_ROWS_MAX: Final = 50
_HEAD: Final = frozenset(Entity.model_fields)


def entity_card(entity: Entity, is_personal: bool) -> Panel:
    """One entity: facts, lists, variances."""
    facts = Table.grid(padding=(0, 2))
    facts.add_row(Text("change", style="dim"), Text(f"{entity.change} at {_word(entity.occurred)}"))
    revision = entity.revision
    facts.add_row(Text("revision", style="dim"), Text(printable(f"{revision.kind} {revision.value}")))
    parts: list[RenderableType] = [facts]
    for name, value in _shown(entity, is_personal):
        if name in _HEAD or value in (None, "", ()):
            continue
        rows = [row for row in value if isinstance(row, Canonical)] if isinstance(value, tuple) else []
        if rows and not isinstance(rows[0], Identifier):
            parts.append(_table(name, rows, is_personal))
        else:
            facts.add_row(Text(name, style="dim"), Text(printable(_word(value, is_personal))))
    if entity.variances:
        parts.append(variances_table(entity.variances))
    title = f"{type(entity).__name__} · {printable(entity.key)}"
    return Panel(Group(*parts), title=Text(title), title_align="left", border_style="green")


def variances_table(variances: Sequence[Variance]) -> Table:
    """Figures of the sender beside our own."""
    table = Table(
        box=box.SIMPLE_HEAD, title="variances (difference = stated − computed)", title_justify="left"
    )
    for name in ("code", "subject", "stated", "computed", "difference"):
        table.add_column(name, justify="left" if name in ("code", "subject") else "right", overflow="fold")
    for one in variances:
        style = "yellow" if one.is_within else "bold red"
        table.add_row(*[Text(printable(cell, kept="\n"), style=style) for cell in _variance_cells(one)])
    return table


def _variance_cells(one: Variance) -> tuple[str, ...]:
    mark = "within" if one.is_within else "above"
    difference = f"{one.difference:f} {one.unit}\n{mark} ±{one.tolerance:f}"
    return one.code, one.subject, f"{one.stated:f}", f"{one.computed:f}", difference


def _shown(model: Canonical, is_personal: bool) -> Iterable[tuple[str, object]]:
    for name, field in type(model).model_fields.items():
        if is_personal or PII not in field.metadata:
            yield name, getattr(model, name)


def _table(title: str, rows: Sequence[Canonical], is_personal: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    cells = [dict(_shown(row, is_personal)) for row in rows[:_ROWS_MAX]]
    used = [name for name in cells[0] if any(_cell(row.get(name)) for row in cells)]
    if "sku" in used and all(row.get("sku") for row in cells):
        used = [name for name in used if name != "identifiers"]  # the sku is one of them
    for name in used:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in cells:
        table.add_row(*[Text(printable(_cell(row.get(name)))) for name in used])
    if len(rows) > _ROWS_MAX:
        table.add_row(Text(f"… {len(rows) - _ROWS_MAX} more"))
    return table


def _cell(value: object) -> str:
    """A value in one cell: of parts within it only how many; what is unknown or no is left blank."""
    if isinstance(value, tuple) and value and isinstance(value[0], Canonical):
        return _word(value) if isinstance(value[0], Identifier) else str(len(value))
    word = _word(value)
    return "" if word in ("unknown", "no") else word


def _word(value: object, is_personal: bool = False) -> str:  # noqa: C901, PLR0911 - one case per type
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Money() | DualMoney():
            return f"{value.amount:f} {value.currency}"
        case Quantity():
            return f"{value.value:f} {value.unit}"
        case UnitPrice():
            return f"{value.amount:f} {value.currency} per {_word(value.per)}"
        case BusinessTime():
            return value.instant.isoformat() if value.precision == "instant" else str(value.date)
        case Identifier():
            return f"{value.scheme}:{value.value}"
        case datetime():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case tuple():
            return ", ".join(_word(one, is_personal) for one in value)
        case Canonical():
            words = ((name, _word(one, is_personal)) for name, one in _shown(value, is_personal))
            return ", ".join(f"{name} {word}" for name, word in words if word)
    return str(value)
