"""A trading morning of four channels: everything that is sent, and what it must lead to.

Invariant: seed and number of orders decide every byte; records of one object are sent in the order of the
morning, so each has one right outcome.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import cycle, islice
from random import Random
from typing import Final

from crossdock.canonical.keys import join_key, murmur2_partition
from crossdock.testbed import edi_files, order_json, shopify, woocommerce
from crossdock.testbed.edi_files import Outbox
from crossdock.testbed.expectation import CHANNEL_TOPIC, Expectation, Fact
from crossdock.testbed.faults import FAULTS, NO_KEY, NO_X12, OWN_UNIT, REUSED_CONTROL, Fault
from crossdock.testbed.signing import secrets_of, signature
from crossdock.testbed.stories import Event, channel_story, purchase_story

TENANT: Final = "acme"
SHOPIFY, WOOCOMMERCE, EDI, POS = "shopify-eu", "woo-us", edi_files.CHANNEL, "pos-partner"
CHANNELS: Final = (SHOPIFY, WOOCOMMERCE, EDI, POS)
ORDERS_MIN: Final = 100
"""Fewer orders than this cannot hold every kind of fault and still look like a morning."""

_SHARES: Final = {SHOPIFY: 40, WOOCOMMERCE: 27, EDI: 18, POS: 15}
"""Share of the orders, percent."""
_BROKEN_PERCENT, _FORGED_PERCENT = 1, 2
_OWN_UNIT_ORDERS: Final = 5
"""Orders in the unit ZZ per two thousand: the group that is repaired."""
_FIRST_NUMBER: Final = 10_001


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request; those of one lane go one after the other."""

    at: float
    channel: str
    lane: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_forged: bool = False


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file for the partner's inbox."""

    at: float
    channel: str
    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Produced:
    """A record that the partner produces with its own Kafka client."""

    at: float
    channel: str
    key: bytes | None
    body: bytes


Delivery = Webhook | DroppedFile | Produced


@dataclass(frozen=True, slots=True)
class Morning:
    """The whole morning.

    Args:
        orders: how many different orders there are.
        deliveries: everything that is sent, in order of time.
        facts: every record that must be in a raw topic, in the same order.
        forged: requests that must be turned away, by channel.
        broken: orders that come broken, by fault.
        secrets: variable → webhook secret.
    """

    orders: int
    deliveries: tuple[Delivery, ...]
    facts: tuple[Fact, ...]
    forged: dict[str, int]
    broken: dict[Fault, int]
    secrets: dict[str, str]

    def expectation(self) -> Expectation:
        """What must have happened when everything was sent once."""
        expectation = Expectation(self.facts)
        expectation.account.refused.update(self.forged)
        return expectation


def plan_morning(orders: int, seed: int, partitions: int) -> Morning:
    """The morning of a seed.

    Args:
        orders: at least ORDERS_MIN.
        partitions: of the raw topic; decides which of the partner's records land where they do not belong.
    """
    return _Planner(orders, seed, partitions).morning()


class _Planner:
    def __init__(self, orders: int, seed: int, partitions: int) -> None:
        self._orders = orders
        self._random = Random(seed)
        self._partitions = partitions
        self._secrets = secrets_of(seed)
        self._broken = _allotted(orders)
        self._sent: list[tuple[Delivery, tuple[Fact, ...]]] = []
        self._forged = dict.fromkeys((SHOPIFY, WOOCOMMERCE), 0)

    def morning(self) -> Morning:
        """Everything, in order of time."""
        numbers = iter(range(_FIRST_NUMBER, _FIRST_NUMBER + self._orders))
        for channel, percent in _SHARES.items():
            count = self._orders * percent // 100
            self._channel(channel, list(islice(numbers, count)))
        self._channel(SHOPIFY, list(numbers), spares_faults=True)
        self._sent.sort(key=lambda one: one[0].at)
        return Morning(
            orders=self._orders,
            deliveries=tuple(delivery for delivery, _ in self._sent),
            facts=tuple(fact for _, facts in self._sent for fact in facts),
            forged=self._forged,
            broken={fault: count for fault, count in self._broken.items() if count},
            secrets=self._secrets,
        )

    def _channel(self, channel: str, numbers: Sequence[int], *, spares_faults: bool = False) -> None:
        due = [] if spares_faults else self._due(channel)
        faulty = dict(zip(self._random.sample(numbers, len(due)), due, strict=True))
        orders = [(number, faulty.get(number)) for number in numbers]
        if channel == EDI:
            self._edi(orders)
        elif channel == POS:
            self._pos(orders)
        else:
            self._webhooks(channel, orders)

    def _due(self, channel: str) -> list[Fault]:
        """Faults of single orders in a channel, each as often as it is allotted."""
        return [
            fault
            for fault, count in self._broken.items()
            if fault.channel == channel and fault not in (NO_X12, REUSED_CONTROL)
            for _ in range(count)
        ]

    # -- webhooks --------------------------------------------------------------------------------------
    def _webhooks(self, channel: str, orders: Iterable[tuple[int, Fault | None]]) -> None:
        numbers = []
        for number, fault in orders:
            numbers.append(number)
            for event in channel_story(self._random, number, fault):
                self._sent.append((self._webhook(channel, event), (_webhook_fact(channel, event),)))
        for number in self._random.sample(numbers, -(-len(numbers) * _FORGED_PERCENT // 100)):
            self._forge(channel, number)

    def _webhook(self, channel: str, event: Event) -> Webhook:
        shop = shopify if channel == SHOPIFY else woocommerce
        body = shop.body(event.sale, event.fault)
        delivery = f"{channel}-{event.sale.number}-{event.delivery}"
        headers = shop.headers(event.sale, delivery, signature(body, self._secrets[shop.SECRET_NAME]))
        return Webhook(event.at, channel, f"{channel}/{event.sale.number}", tuple(headers.items()), body)

    def _forge(self, channel: str, number: int) -> None:
        """Somebody who does not know the secret: a dearer order, a signature of another body, or none."""
        event = channel_story(self._random, number + 500_000)[0]
        genuine = self._webhook(channel, event)
        headers = dict(genuine.headers)
        name = next(name for name in headers if name.endswith(("Sha256", "Signature")))
        choice = self._random.randrange(3)
        if choice == 0:
            headers[name] = signature(genuine.body, "a guess")
        elif choice == 1:
            genuine = replace(genuine, body=genuine.body.replace(b"Test", b"Best"))
        else:
            del headers[name]
        forged = replace(genuine, headers=tuple(headers.items()), is_forged=True)
        self._forged[channel] += 1
        self._sent.append((forged, ()))

    # -- EDI -------------------------------------------------------------------------------------------
    def _edi(self, orders: Iterable[tuple[int, Fault | None]]) -> None:
        outbox = Outbox(self._random)
        outbox.send([one for number, fault in orders for one in purchase_story(self._random, number, fault)])
        outbox.spoil(fault for fault in (NO_X12, REUSED_CONTROL) for _ in range(self._broken[fault]))
        for n, file in enumerate(sorted(outbox.files, key=lambda one: one.at), 1):
            self._sent.append((DroppedFile(file.at, EDI, f"bigbox-850-{n:04d}.edi", file.body), file.facts))

    # -- the partner's own producer ----------------------------------------------------------------------
    def _pos(self, orders: Iterable[tuple[int, Fault | None]]) -> None:
        for number, fault in orders:
            for event in channel_story(self._random, number, fault):
                key = join_key(TENANT, POS, f"order:{order_json.order_id(event.sale)}").encode()
                body = order_json.body(event.sale, event.fault)
                produced = Produced(event.at, POS, None if event.fault is NO_KEY else key, body)
                self._sent.append((produced, (self._pos_fact(event, produced),)))

    def _pos_fact(self, event: Event, produced: Produced) -> Fact:
        key = produced.key
        differs = key is not None and zlib.crc32(key) % self._partitions != murmur2_partition(
            key, self._partitions
        )
        name = f"keyless {event.sale.number}" if key is None else order_json.order_id(event.sale)
        total = order_json.total(event.sale)
        fact = _order_fact(POS, event, name, (total, order_json.CURRENCY))
        return replace(fact, is_rerouted=differs)


def _webhook_fact(channel: str, event: Event) -> Fact:
    shop = shopify if channel == SHOPIFY else woocommerce
    name = str(event.sale.number)
    if event.fault is not None and event.fault.hides_identity:
        name = hashlib.sha256(shop.body(event.sale, event.fault)).hexdigest()
    return _order_fact(channel, event, name, (shop.total(event.sale), shop.CURRENCY))


def _order_fact(channel: str, event: Event, key: str, value: tuple[Decimal, str]) -> Fact:
    return Fact(
        channel=channel,
        topic=CHANNEL_TOPIC,
        key=key,
        version=event.sale.version,
        fault=event.fault,
        total=value[0],
        currency=value[1],
        is_misstated=bool(event.sale.misstated),
    )


def _allotted(orders: int) -> dict[Fault, int]:
    """How many orders get each fault: one of each kind at least, those in the unit ZZ as a group."""
    own_unit = max(3, orders * _OWN_UNIT_ORDERS // 2000)
    others = [fault for fault in FAULTS if fault is not OWN_UNIT]
    count = max(len(others), orders * _BROKEN_PERCENT // 100 - own_unit)
    allotted = dict.fromkeys(FAULTS, 0)
    allotted[OWN_UNIT] = own_unit
    for fault in islice(cycle(others), count):
        allotted[fault] += 1
    return allotted
