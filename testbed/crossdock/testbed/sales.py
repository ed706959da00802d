"""Sales as they happen outside: what is bought, for how much, and what becomes of it.

Invariant: everything is invented and follows from the random source alone; each amount is exact and has two
decimals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Final

OPENING: Final = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""When the trading morning begins, a Monday."""
LENGTH: Final = timedelta(hours=5)
"""How long it lasts, in the clocks of the channels."""

_CENT: Final = Decimal("0.01")
_ENDINGS: Final = (Decimal("0.49"), Decimal("0.90"), Decimal("0.95"), Decimal("0.99"))
ITEMS: Final = 120
"""How many articles are sold: SKU-1001 and so on."""


def cents(amount: Decimal) -> Decimal:
    """The amount in two decimals, half up."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def moment(at: float) -> datetime:
    """Instant at a share of the morning, whole seconds: most channels stamp no finer."""
    return OPENING + timedelta(seconds=int(LENGTH.total_seconds() * at))


@dataclass(frozen=True, slots=True)
class Line:
    """One article of a sale; `price` is per piece, as the channel states it."""

    line_id: int
    item: int
    quantity: int
    price: Decimal

    @property
    def sku(self) -> str:
        """Our number of the article."""
        return f"SKU-{self.item}"

    @property
    def extended(self) -> Decimal:
        """Price × quantity."""
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Sale:
    """One state of an order in its channel.

    Args:
        number: identity of the order in its channel.
        version: counts its states from 1.
        buyer: number of an invented buyer.
        discount: taken off the first line.
        shipping: charged for the whole order.
        placed, modified: when it was bought, when it came into this state.
        misstated: how much more than it is the channel says that the order costs; it should be 0.
    """

    number: int
    version: int
    buyer: int
    lines: tuple[Line, ...]
    discount: Decimal
    shipping: Decimal
    placed: datetime
    modified: datetime
    is_cancelled: bool = False
    misstated: Decimal = Decimal("0.00")

    @property
    def goods(self) -> Decimal:
        """All lines, before discount."""
        return sum((line.extended for line in self.lines), Decimal(0))

    def net(self, line: Line) -> Decimal:
        """A line after discount."""
        return line.extended - (self.discount if line is self.lines[0] else 0)

    @property
    def email(self) -> str:
        """Where the buyer is reached, nowhere."""
        return f"buyer{self.buyer}@example.com"


def price_of(item: int) -> Decimal:
    """The article's price in every currency: 4.49 to 89.99."""
    return Decimal(4 + item * 37 % 86) + _ENDINGS[item % 4]


def new_sale(random: Random, number: int, at: float) -> Sale:
    """An order of one to five articles."""
    items = random.sample(range(1001, 1001 + ITEMS), random.choice((1, 1, 1, 2, 2, 3, 4, 5)))
    lines = tuple(
        Line(number * 10 + n, item, random.choice((1, 1, 1, 2, 2, 3, 6)), price_of(item))
        for n, item in enumerate(items, 1)
    )
    is_discounted = random.random() < 0.2
    placed = moment(at)
    return Sale(
        number=number,
        version=1,
        buyer=random.randint(1, 400),
        lines=lines,
        discount=cents(lines[0].extended / 10) if is_discounted else Decimal("0.00"),
        shipping=random.choice((Decimal("0.00"), Decimal("4.95"), Decimal("6.90"))),
        placed=placed,
        modified=placed,
    )


def amended(random: Random, sale: Sale, at: float) -> Sale:
    """The same order after its buyer changed the quantity of one line."""
    place = random.randrange(len(sale.lines))
    line = sale.lines[place]
    changed = replace(line, quantity=line.quantity + random.choice((1, 2, 5)))
    lines = (*sale.lines[:place], changed, *sale.lines[place + 1 :])
    return replace(sale, version=sale.version + 1, lines=lines, modified=_after(sale, at))


def cancelled(sale: Sale, at: float) -> Sale:
    """The same order after it was cancelled; its figures stay."""
    return replace(sale, version=sale.version + 1, is_cancelled=True, modified=_after(sale, at))


def _after(sale: Sale, at: float) -> datetime:
    """A moment that is later than the sale's last one."""
    return max(moment(at), sale.modified + timedelta(seconds=1))
