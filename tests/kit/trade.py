"""The real normalize topology with four partners, fed as ingest feeds it.

Invariant: raw records are made by ingest's own code from bodies; what became of them is read from the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from crossdock.canonical.models import Order
from crossdock.canonical.models.partner import PartnerProfile
from crossdock.canonical.profiles import parse_profile, profile_key, profile_version
from crossdock.canonical.record import Record
from crossdock.canonical.topics import ORDER, PARTNER_PROFILE, RAW_CHANNEL, RAW_DOCUMENT, Topic
from crossdock.formats.registry import FORMATS
from crossdock.ingest.raw_record import Arrival, RawRecord, raw_record
from crossdock.normalize.topology import topology
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.testing import ADVANCE
from tests.kit.lab import MemoryLab
from tests.kit.scene import Scene
from tests.kit.x12_writer import Group, Interchange, Set, payload

MORNING: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CHANNEL: Final = """
tenant: acme
partner: {partner}
kind: channel
format: {form}
channel: {{commitment: sold, fulfilled_by: seller, zone: {zone}{more}}}
money: {{amounts: major_text, tax_mode: stated}}
items: {{match: [sku]}}
"""
_DISTRIBUTOR: Final = """
tenant: acme
partner: dist
kind: edi_partner
format: x12_850
channel: {commitment: requested, fulfilled_by: seller, zone: America/Chicago}
money: {currency: USD, amounts: major_text, tax_mode: none}
items: {match: [vendor_part]}
units: {CA: {unit: EA, factor: 12}}
exchange: {transport: folder, sender: "ZZ:ACME", receiver: "01:PARTNER", versions: ["004010"]}
"""


def _channel(partner: str, form: str, zone: str, more: str = "") -> str:
    return _CHANNEL.format(partner=partner, form=form, zone=zone, more=more)


PROFILES: Final[Mapping[str, str]] = {
    "shop": _channel("shop", "shopify_order", "Europe/Berlin"),
    "woo": _channel("woo", "woocommerce_order", "America/New_York"),
    "portal": _channel("portal", "canonical_json", "Europe/Berlin", ", revision: counter"),
    "dist": _DISTRIBUTOR,
}
"""Profiles by partner. The channels' orders state currency and tax mode; the distributor's profile does."""


@dataclass
class Trade:
    """A scene of normalize; each body is captured a second after the one before it."""

    scene: Scene
    profiles: dict[str, str] = field(default_factory=lambda: dict(PROFILES))
    _captured: int = 0
    _versions: dict[str, int] = field(default_factory=dict)

    # -- partners -----------------------------------------------------------------------------
    def open(self, *partners: str) -> None:
        """Store the first version of these profiles, all by default."""
        for partner in partners or self.profiles:
            self.scene.cluster.append(self._next_version(partner))
            self._await_profile(partner)

    def correct(self, partner: str, old: str, new: str) -> None:
        """Store a profile with one text replaced as its partner's next version; workers take note."""
        assert old in self.profiles[partner], f"nothing to correct: {old}"
        self.profiles[partner] = self.profiles[partner].replace(old, new)
        self.open(partner)

    def profile(self, partner: str) -> PartnerProfile:
        """The latest version."""
        return parse_profile(self.profiles[partner])

    def _next_version(self, partner: str) -> Record:
        number = self._versions[partner] = self._versions.get(partner, 0) + 1
        stored = profile_version(self.profile(partner), number, ALWAYS, applied_by="test", reason="")
        return self.scene.driver.record(PARTNER_PROFILE, profile_key("acme", partner, number), stored)

    def _await_profile(self, partner: str) -> None:
        self.scene.driver.settle()
        number = self._versions[partner]
        views = [worker.references.views for worker in self.scene.driver.workers.values()]
        self.scene.driver.until(lambda: all(_version(view, partner) == number for view in views))
        self.scene.run(ADVANCE(self.scene.tuning.tick_s))

    # -- what comes in ------------------------------------------------------------------------
    def webhook(self, channel: str, body: object, event: str = "", **facts: Any) -> Record:
        """The raw record of a channel's delivery; facts are fields of Arrival."""
        return self._raw(channel, body, RAW_CHANNEL, {"kind": "webhook", "event": event, **facts})

    def dropped(self, partner: str, body: bytes, name: str = "orders.x12") -> Record:
        """The raw record of a partner's file."""
        return self._raw(partner, body, RAW_DOCUMENT, {"kind": "file", "event": name})

    def sent(self, partner: str, body: Any) -> Record:  # a JSON document, or a file's bytes
        """One payload of a partner, by its usual way."""
        return self.dropped(partner, body) if partner == "dist" else self.webhook(partner, body)

    def stored(self, raw: RawRecord, topic: Topic[bytes]) -> Record:
        """A record that ingest made, in the partition of its key."""
        return self.scene.driver.record(topic, raw.key.decode(), raw.value, raw.headers)

    def _raw(self, channel: str, body: object, topic: Topic[bytes], facts: dict[str, Any]) -> Record:
        self._captured += 1
        value = body if isinstance(body, bytes) else json.dumps(body).encode()
        captured = MORNING + timedelta(seconds=self._captured)
        stated = {"content_type": "application/json", "captured_at": captured, "body": value}
        arrival = Arrival(tenant="acme", channel=channel, **{**stated, **facts})
        return self.stored(raw_record(arrival, topic, FORMATS[self.profile(channel).format or ""]), topic)

    def run(self, *inputs: Record | Any) -> None:
        """Feed records and faults of the driver, and run until all is processed."""
        self.scene.run(*inputs)

    # -- what came of it ----------------------------------------------------------------------
    @property
    def orders(self) -> list[Order]:
        """Every order event, partition by partition."""
        return self.scene.driver.read(ORDER)

    @property
    def latest(self) -> dict[str, Order]:
        """The last event of each order by `channel/order id`."""
        return {order.key.removeprefix("acme/"): order for order in self.orders}

    @property
    def outcomes(self) -> dict[str, int]:
        """Intake outcomes by number, without zeros."""
        return self.scene.outcomes

    @property
    def kept(self) -> list[tuple[str, str | None]]:
        """Kind and code of every kept entry."""
        return [(entry.kind, entry.code or None) for entry in self.scene.entries]

    def retry(self) -> list[str]:
        """Retry every head; the answers."""
        heads = [entry for entry in self.scene.entries if entry.kind != "held"]
        answers = [self.scene.ask("retry", head) for head in heads]
        self.scene.driver.settle()
        return answers


@contextmanager
def trade_on_memory() -> Iterator[Trade]:
    """All partners on a broker in memory; its log is added up at the end."""
    tuning = Tuning(idle_poll_s=0.02, tick_s=0.02)
    scene = Scene(MemoryLab(2), MemoryRegistry(), topology, tuning, facts={"emits": None})
    trade = Trade(scene)
    trade.open()
    yield trade
    scene.close()


def _version(views: Mapping[str, Any], partner: str) -> int:
    latest = views[PARTNER_PROFILE.name].latest("acme", partner)
    return latest.version if latest else 0


# ---- bodies ----------------------------------------------------------------------------------------------


def purchase_orders(
    *numbers: str, purpose: str = "00", control: int = 55, lines: int = 2, unit: str = "EA"
) -> bytes:
    """A file with one 850 per number; line n is n pieces of the article A<n> at 2.50."""
    rows = [["PO1", str(n), str(n), unit, "2.50", "", "VN", f"A{n}"] for n in range(1, lines + 1)]
    sets = [
        Set([["BEG", purpose, "SA", number, "", "20260105"], *rows], f"{at:04d}")
        for at, number in enumerate(numbers, 1)
    ]
    return payload(Interchange((Group(tuple(sets), str(control)),), f"{control:09d}"))


def portal_line(line_id: str = "1", **changes: Any) -> dict[str, Any]:
    """A line of our own order JSON: two pieces for 20.00 EUR."""
    sold = {"ordered": {"value": "2", "unit": "EA"}, "extended": {"amount": "20.00", "currency": "EUR"}}
    return {"line_id": line_id, "sku": f"SKU-{line_id}", **sold, **changes}


def portal_order(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An order in our own JSON, in EUR, prices with tax; None leaves a field out."""
    document = {
        "order_id": "B-1",
        "revision": {"kind": "counter", "value": "1"},
        "placed": "2026-04-01T08:30:00+02:00",
        "currency": "EUR",
        "tax_mode": "inclusive",
        "payment": {"status": "paid"},
        "lines": list(lines) or [portal_line()],
    } | changes
    return {name: value for name, value in document.items() if value is not None}
