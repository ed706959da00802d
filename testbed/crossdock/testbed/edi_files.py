"""The distributor's outbox: purchase orders gathered into files, files sent twice, cut off, or no EDI at all.

Invariant: an order's later document stands in a later file, or behind it in the same one, unless its file was
left lying; control numbers are never used twice, unless a fault says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from crossdock.testbed import x12
from crossdock.testbed.expectation import DOCUMENT_TOPIC, SET_TOPIC, Fact
from crossdock.testbed.faults import CUT_FILE, NO_NUMBER, NO_X12, REUSED_CONTROL, Fault
from crossdock.testbed.sales import amended, moment
from crossdock.testbed.stories import Posted
from crossdock.testbed.x12 import Interchange, PurchaseOrder

CHANNEL: Final = "edi-bigbox"
_SENT_TWICE: Final = 0.12
_ORDERS_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it is dropped.

    Args:
        at: when, as a share of the morning.
        facts: its own, and one per order in it where the file itself is taken in.
    """

    at: float
    body: bytes
    facts: tuple[Fact, ...]


class Outbox:
    """Gathers what is posted into files; use once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._control = 0
        self._written: list[tuple[float, list[Interchange]]] = []
        self.files: list[SentFile] = []

    def send(self, posted: Sequence[Posted]) -> None:
        """Write all files for what is posted, each when its last order is there."""
        waiting: list[Posted] = []
        size = self._size()
        for one in sorted(posted, key=lambda one: one.at):
            if one.is_late:
                self._file([one])
                continue
            waiting.append(one)
            if len(waiting) >= size or one.order.fault is CUT_FILE:
                self._file(waiting)
                waiting, size = [], self._size()
        if waiting:
            self._file(waiting)

    def spoil(self, faults: Iterable[Fault]) -> None:
        """Add what is wrong with whole files."""
        for fault in faults:
            if fault is NO_X12:
                self._spreadsheet()
            elif fault is REUSED_CONTROL:
                self._reuse_control_numbers()

    def _size(self) -> int:
        return self._random.randint(3, _ORDERS_MAX)

    def _file(self, posted: Sequence[Posted]) -> None:
        interchanges = self._interchanges(posted)
        sent = SentFile(posted[-1].at, x12.file_of(interchanges), _facts(interchanges))
        self.files.append(sent)
        self._written.append((sent.at, interchanges))
        if self._random.random() < _SENT_TWICE:
            self.files.append(replace(sent, at=sent.at + 0.03, facts=sent.facts[:1]))

    def _interchanges(self, posted: Sequence[Posted]) -> list[Interchange]:
        count = min(len(posted), self._random.choice((1, 1, 2, 3)))
        cuts = sorted(self._random.sample(range(1, len(posted)), count - 1))
        made = []
        for start, end in zip([0, *cuts], [*cuts, len(posted)], strict=True):
            self._control += 1
            prepared = moment(posted[end - 1].prepared)
            made.append(Interchange(self._control, prepared, tuple(one.order for one in posted[start:end])))
        return made

    def _spreadsheet(self) -> None:
        rows = [f"BB{self._random.randint(1, 999)};SKU-{1001 + n};{n}" for n in range(1, 5)]
        body = "\r\n".join(["Order;Article;Quantity", *rows]).encode()
        fact = Fact(CHANNEL, DOCUMENT_TOPIC, f"spreadsheet {len(self.files)}", fault=NO_X12)
        self.files.append(SentFile(self._random.uniform(0.3, 0.9), body, (fact,)))

    def _reuse_control_numbers(self) -> None:
        """A file from before, under its old control numbers, with another quantity in it."""
        at, interchanges = self._random.choice(self._written)
        first = interchanges[0]
        order = first.orders[0]
        changed = replace(order, sale=amended(self._random, order.sale, at))
        altered = [replace(first, orders=(changed, *first.orders[1:])), *interchanges[1:]]
        fact = Fact(CHANNEL, DOCUMENT_TOPIC, x12.key_of(altered), fault=REUSED_CONTROL)
        self.files.append(SentFile(at + 0.05, x12.file_of(altered), (fact,)))


def _facts(interchanges: Sequence[Interchange]) -> tuple[Fact, ...]:
    orders = [(one, place, order) for one in interchanges for place, order in enumerate(one.orders)]
    document = Fact(CHANNEL, DOCUMENT_TOPIC, x12.key_of(interchanges))
    return (document, *(_fact(order, f"{one.control}/{place}") for one, place, order in orders))


def _fact(order: PurchaseOrder, place: str) -> Fact:
    sale = order.sale
    return Fact(
        channel=CHANNEL,
        topic=SET_TOPIC,
        key=place if order.fault is NO_NUMBER else order.number,
        version=sale.version,
        fault=order.fault,
        total=x12.total(sale),
        currency=x12.CURRENCY,
        is_misstated=bool(sale.misstated),
    )
