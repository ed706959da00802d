"""A readable card of each entity that a trial made, and of each refusal.

Invariant: without `--personal` no name, address, e-mail or phone is shown; text from outside cannot move
the terminal's cursor or be taken for markup.
"""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from crossdock.canonical.models import DualMoney, Order, OrderLine, Party
from crossdock.cli.output import printable
from crossdock.cli.trial import Refusal, Result
from crossdock.cli.trial_entities import entity_card, variances_table

_LINES_MAX = 50
_SUMS = ("subtotal", "shipping", "discount", "tax", "total")


def print_cards(result: Result, *, is_personal: bool) -> None:
    """Print one card per entity, then refusals, warnings and the count."""
    console = Console(highlight=False)
    for entity in result.entities:
        if isinstance(entity, Order):
            console.print(_card(entity, is_personal))
        else:
            console.print(entity_card(entity, is_personal))
    for exchange in result.exchanges:
        console.print(
            f"Exchange {printable(exchange.key)}: {exchange.validation}, documents: {len(exchange.documents)}"
        )
    for refusal in result.rejections:
        console.print(_refusal(refusal))
    if result.warnings:
        console.print(_warnings(result))
    rejected = len({one.document for one in result.rejections})
    console.print(f"{result.accepted} accepted, {rejected} rejected")


def _card(order: Order, is_personal: bool) -> Panel:
    parts: list[RenderableType] = [_facts(order), _lines(order), _sums(order)]
    if order.variances:
        parts.append(variances_table(order.variances))
    if is_personal:
        parts.append(_parties(order.parties))
    title = f"{printable(order.order_name or order.order_id)} · {printable(order.key)}"
    return Panel(Group(*parts), title=Text(title), title_align="left", border_style="green")


def _facts(order: Order) -> Table:
    table = Table.grid(padding=(0, 2))
    cancelled = order.cancellation.status
    for name, value in (
        ("placed", f"{order.placed.instant.isoformat()} (business date {order.placed.date})"),
        ("revision", f"{order.revision.kind} {order.revision.value}"),
        ("commitment", f"{order.commitment}, fulfilled by {order.fulfilled_by}"),
        ("currency", " / ".join(dict.fromkeys(filter(None, (order.currency, order.presentment_currency))))),
        ("tax", order.tax_mode),
        ("payment", f"{order.payment.status}, transactions: {len(order.payment.payments)}"),
        (
            "cancellation",
            cancelled if order.cancellation.at is None else f"{cancelled} {order.cancellation.at.date}",
        ),
        ("parties", ", ".join(party.role for party in order.parties) or "none"),
    ):
        table.add_row(Text(name, style="dim"), Text(printable(str(value))))
    return table


def _lines(order: Order) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=False)
    for name, right in (
        ("line", False),
        ("sku", False),
        ("ordered", True),
        ("price", True),
        ("extended", True),
        ("net", True),
    ):
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for line in order.lines[:_LINES_MAX]:
        table.add_row(*[Text(printable(cell)) for cell in _cells(line)])
    if len(order.lines) > _LINES_MAX:
        table.add_row(Text(f"… {len(order.lines) - _LINES_MAX} more"))
    return table


def _cells(line: OrderLine) -> tuple[str, ...]:
    price = "" if line.unit_price is None else str(line.unit_price.amount)
    sku = line.sku or f"({line.resolution})"
    ordered = f"{line.ordered.value} {line.ordered.unit}"
    return line.line_id, sku, ordered, price, str(line.extended.amount), str(line.net.amount)


def _sums(order: Order) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("", "stated", "computed"):
        table.add_column(name, justify="right" if name else "left")
    for name in _SUMS:
        table.add_row(name, _amount(getattr(order.stated, name)), _amount(getattr(order.computed, name)))
    table.add_row("lines / quantity", "", f"{order.line_count} / {order.quantity_total}")
    return table


def _amount(money: DualMoney | None) -> Text:
    if money is None:
        return Text("not stated", style="dim")
    text = f"{money.amount} {money.currency}"
    if money.presentment_currency != money.currency:
        text += f" ({money.presentment_amount} {money.presentment_currency})"
    return Text(text)


def _parties(parties: tuple[Party, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("role", "name", "contact", "address"):
        table.add_column(name, overflow="fold")
    for party in parties:
        place = party.address
        words = (
            ()
            if place is None
            else (*place.lines, place.postal_code, place.city, place.region, place.country)
        )
        contact = " ".join(filter(None, (party.email, party.phone)))
        cells = (party.role, party.name or "", contact, ", ".join(filter(None, words)))
        table.add_row(*[Text(printable(cell)) for cell in cells])
    return table


def _refusal(refusal: Refusal) -> Panel:
    body = Text(f"{printable(refusal.detail)}\nat {printable(refusal.path) or 'the whole document'}")
    title = Text(f"document {refusal.document} rejected: {refusal.code}")
    return Panel(body, title=title, title_align="left", border_style="red")


def _warnings(result: Result) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="warnings", title_justify="left")
    for name in ("code", "where", "what"):
        table.add_column(name, overflow="fold")
    for one in dict.fromkeys(one for _, one in result.warnings):  # a file's are those of its documents too
        table.add_row(*[Text(printable(cell), style="yellow") for cell in (one.code, one.path, one.detail)])
    return table
