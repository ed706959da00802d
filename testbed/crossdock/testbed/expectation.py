"""What a trading morning must lead to: the account that a product is measured against.

Invariant: it is worked out from what is sent, by the rules that the documentation states, without any code of
the product: newer states win, equal ones are duplicates, what is broken holds back its own key and no other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from crossdock.testbed.faults import Fault

CHANNEL_TOPIC = "raw.channel.v1"
DOCUMENT_TOPIC = "raw.document.v1"
SET_TOPIC = "raw.transaction-set.v1"


@dataclass(frozen=True, slots=True)
class Fact:
    """One record that must be in a raw topic, and what is known about it outside.

    Args:
        key: what it is about; records of one key are in the order in which they are sent.
        version: state of the object, from 1 on.
        total: what the order in it costs; None where there is no order in it.
        is_misstated: the order is sound, but states another total than its lines give.
        is_rerouted: it is produced into a partition that its key does not choose.
    """

    channel: str
    topic: str
    key: str
    version: int = 1
    fault: Fault | None = None
    total: Decimal | None = None
    currency: str = ""
    is_misstated: bool = False
    is_rerouted: bool = False


@dataclass(slots=True)
class Account:
    """Counts that two parties can compare.

    Args:
        refused: requests turned away at the door, by channel.
        intake: records by (channel, topic, outcome).
        rejected: dead letters by (channel, code).
        orders: canonical orders that came out, by channel.
        with_variance: those of them whose stated figures disagree with their lines.
        value: sum of the orders, by currency.
        open_entries: records that are kept back.
    """

    refused: Counter[str] = field(default_factory=Counter)
    intake: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)
    with_variance: Counter[str] = field(default_factory=Counter)
    value: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    open_entries: int = 0

    def figures(self) -> dict[str, int | Decimal]:
        """Every figure by name; zeros left out."""
        named: dict[str, int | Decimal] = {f"{name}: refused": n for name, n in self.refused.items()}
        named |= {
            f"{name}: {topic} {outcome}": count for (name, topic, outcome), count in self.intake.items()
        }
        named |= {f"{name}: rejected as {code}": count for (name, code), count in self.rejected.items()}
        named |= {f"{name}: orders out": count for name, count in self.orders.items()}
        named |= {f"{name}: orders with a variance": count for name, count in self.with_variance.items()}
        named |= {f"sum of orders in {currency}": amount for currency, amount in self.value.items()}
        named["open entries"] = self.open_entries
        return {name: figure for name, figure in sorted(named.items()) if figure}


class Expectation:
    """Follows the facts in the order in which they are sent, and the repairs after them."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self.account = Account()
        self._versions: dict[tuple[str, str], int] = {}
        self._held: dict[tuple[str, str], list[Fact]] = {}
        for fact in facts:
            self.take(fact)

    def take(self, fact: Fact) -> None:
        """A record is read."""
        if fact.is_rerouted:
            self._count(fact, "rerouted")
        place = (fact.topic, f"{fact.channel}/{fact.key}")
        queue = self._held.get(place)
        if queue is not None:
            queue.append(fact)
            self.account.open_entries += 1
            self._count(fact, "held")
        elif fact.fault is not None and fact.fault.is_conflict:
            self.account.open_entries += 1
            self._count(fact, "conflict")
            self.account.rejected[fact.channel, fact.fault.code] += 1
        elif fact.fault is not None:
            self._held[place] = [fact]
            self.account.open_entries += 1
            self._count(fact, "rejected")
            self.account.rejected[fact.channel, fact.fault.code] += 1
        else:
            self._count(fact, self._settle(place, fact))

    def repair(self, fault: Fault) -> tuple[int, int]:
        """The cause is gone and everything with it is retried: how many, and how many followed them."""
        places = [place for place, queue in self._held.items() if queue[0].fault is fault]
        followers = 0
        for place in places:
            queue = self._held.pop(place)
            followers += len(queue) - 1
            for fact in queue:
                self._settle(place, fact)
                self.account.open_entries -= 1
        return len(places), followers

    def discard(self, fault: Fault) -> int:
        """One record with this fault is given up; how many followed it."""
        place = next(place for place, queue in self._held.items() if queue[0].fault is fault)
        queue = self._held.pop(place)
        self.account.open_entries -= len(queue)
        for fact in queue[1:]:
            self._settle(place, fact)
        return len(queue) - 1

    def _settle(self, place: tuple[str, str], fact: Fact) -> str:
        known = self._versions.get(place, 0)
        if fact.version == known:
            return "duplicate"
        if fact.version < known:
            return "superseded"
        self._versions[place] = fact.version
        if fact.total is not None:
            self.account.orders[fact.channel] += 1
            self.account.with_variance[fact.channel] += fact.is_misstated
            self.account.value[fact.currency] += fact.total
        return "accepted"

    def _count(self, fact: Fact, outcome: str) -> None:
        self.account.intake[fact.channel, fact.topic, outcome] += 1
