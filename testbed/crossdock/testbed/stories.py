"""What happens to one order in the course of the morning, as its channel tells it.

Invariant: a story follows from the random source alone; deliveries of one state have equal content, and
a later state of an order is a whole second younger than the one before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Final

from crossdock.testbed.faults import OWN_UNIT, TWO_TRUTHS, Fault
from crossdock.testbed.sales import Sale, amended, cancelled, new_sale
from crossdock.testbed.x12 import CANCELLATION, ORIGINAL, REPLACEMENT, PurchaseOrder

_LAST_OPENING: Final = 0.8
"""No order is placed later, so that its whole story fits into the morning."""
_AMENDED, _CANCELLED, _MISSTATED = 0.10, 0.04, 0.015
_REPEATED, _REDELIVERED, _LATE = 0.08, 0.04, 0.4


@dataclass(frozen=True, slots=True)
class Event:
    """One delivery of one state of an order.

    Args:
        at: when it is sent, as a share of the morning.
        sale: the state.
        delivery: which delivery of the story it repeats; equal numbers are one delivery, sent again.
        fault: how it is broken, if it is.
    """

    at: float
    sale: Sale
    delivery: int
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """One purchase order on its way into a file.

    Args:
        at: when it is sent, as a share of the morning.
        prepared: when its interchange was written; earlier than `at` where the file was left lying.
    """

    at: float
    order: PurchaseOrder
    prepared: float

    @property
    def is_late(self) -> bool:
        """Whether it lay around before it was sent."""
        return self.prepared < self.at


def channel_story(random: Random, number: int, fault: Fault | None = None) -> list[Event]:
    """Deliveries of one order of a shop or till: new, amended, cancelled, sent twice, sent too late."""
    states = _states(random, number, fault)
    if fault is not None:
        return _broken_story(random, states, fault)
    events = [Event(at, sale, sale.version) for at, sale in states]
    last = states[-1][0]
    for event in tuple(events):
        if random.random() < _REPEATED:
            events.append(replace(event, at=event.at + random.uniform(0.002, 0.02)))
        if random.random() < _REDELIVERED:
            again = event.delivery + 100
            events.append(replace(event, at=event.at + random.uniform(0.004, 0.03), delivery=again))
    if len(states) > 1 and random.random() < _LATE:
        events.append(Event(last + random.uniform(0.02, 0.1), states[0][1], 200))
    return events


def _states(random: Random, number: int, fault: Fault | None) -> list[tuple[float, Sale]]:
    at = random.uniform(0.0, _LAST_OPENING)
    sale = new_sale(random, number, at)
    if fault is None and random.random() < _MISSTATED:
        sale = replace(sale, misstated=random.choice((Decimal("-1.00"), Decimal("0.50"), Decimal("9.99"))))
    states = [(at, sale)]
    if random.random() < (0.5 if fault else _AMENDED):
        at += random.uniform(0.02, 0.06)
        states.append((at, sale := amended(random, sale, at)))
    if fault is None and random.random() < _CANCELLED:
        at += random.uniform(0.02, 0.06)
        states.append((at, cancelled(sale, at)))
    return states


def _broken_story(random: Random, states: list[tuple[float, Sale]], fault: Fault) -> list[Event]:
    """The first state comes broken; a second one is sound, and has to wait for the first."""
    at, first = states[0]
    if fault is TWO_TRUTHS:
        other = replace(amended(random, first, at), version=first.version, modified=first.modified)
        return [Event(at, first, 1), Event(at + 0.03, other, 2, fault)]
    return [Event(at, first, 1, fault), *(Event(at, sale, 2) for at, sale in states[1:])]


def purchase_story(random: Random, number: int, fault: Fault | None = None) -> list[Posted]:
    """Purchase orders of one number: new, replaced, cancelled, sent twice, sent too late."""
    states = _states(random, number, fault)
    states = [(at, replace(sale, shipping=Decimal("0.00"))) for at, sale in states]
    purposes = [ORIGINAL, *(CANCELLATION if sale.is_cancelled else REPLACEMENT for _, sale in states[1:])]
    broken_purposes = len(states) if fault is OWN_UNIT else 1
    posted = [
        Posted(at, PurchaseOrder(sale, purpose, fault if n < broken_purposes else None), at)
        for n, ((at, sale), purpose) in enumerate(zip(states, purposes, strict=True))
    ]
    if fault is not None:
        return posted
    if len(posted) == 1 and random.random() < _REDELIVERED * 2:
        at = posted[0].at + random.uniform(0.01, 0.05)
        posted.append(replace(posted[0], at=at, prepared=at))
    if len(posted) > 1 and random.random() < _LATE:
        posted[0] = replace(posted[0], at=posted[-1].at + random.uniform(0.02, 0.06))
    return posted
