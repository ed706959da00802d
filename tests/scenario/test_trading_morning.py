"""The morning of the testbed through the real worker: what comes out is what the testbed worked out."""

from __future__ import annotations

import zlib
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from crossdock.canonical.models.ops import ReplayAction, ReplayAnswer
from crossdock.canonical.models.partner import PartnerProfile
from crossdock.canonical.profiles import parse_profile, profile_key, profile_version
from crossdock.canonical.record import Record
from crossdock.canonical.topics import PARTNER_PROFILE, RAW_CHANNEL, RAW_DOCUMENT
from crossdock.cli.demo.log_account import account_of
from crossdock.formats.registry import FORMATS
from crossdock.ingest.problems import Refused
from crossdock.ingest.raw_record import Arrival, raw_record
from crossdock.ingest.verifier import SCHEMES, Delivery, Trust, verify
from crossdock.normalize.topology import topology
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.testing import ADVANCE, Driver
from crossdock.testbed.faults import NO_KEY, OWN_UNIT
from crossdock.testbed.morning import DroppedFile, Morning, Produced, Webhook, plan_morning

PARTITIONS = 4
PROFILES = Path(__file__).parents[2] / "examples" / "partners" / "acme"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CORRECTION = ("\nunits:", "\nunits:\n  ZZ: {unit: EA, factor: 24}")
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


def text_of(partner: str) -> str:
    return (PROFILES / f"{partner}.yaml").read_text(encoding="utf-8")


@cache
def profile_of(partner: str) -> PartnerProfile:
    return parse_profile(text_of(partner))


@pytest.fixture(scope="module", params=[11, 12])
def morning(request: pytest.FixtureRequest) -> Morning:
    return plan_morning(300, request.param, PARTITIONS)


def is_authentic(webhook: Webhook, morning: Morning) -> bool:
    profile = profile_of(webhook.channel)
    assert profile.connection is not None
    assert profile.connection.webhook is not None
    section = profile.connection.webhook
    secrets = [morning.secrets[reference.partition(":")[2]] for reference in section.secrets]
    headers = [(name.lower().encode(), value.encode()) for name, value in webhook.headers]
    try:
        verify(SCHEMES[section.scheme], Delivery(headers, webhook.body), Trust(secrets), NOW.timestamp())
    except Refused:
        return False
    return True


def record_of(delivery: Webhook | DroppedFile | Produced, driver: Driver) -> Record:
    """The raw record as ingest, or the partner's own client, writes it."""
    if isinstance(delivery, Produced):
        partition = 0 if delivery.key is None else zlib.crc32(delivery.key) % PARTITIONS
        return Record(RAW_CHANNEL.name, partition, -1, delivery.key, delivery.body)
    is_file = isinstance(delivery, DroppedFile)
    kind, topic = ("file", RAW_DOCUMENT) if is_file else ("webhook", RAW_CHANNEL)
    wire_format = FORMATS[profile_of(delivery.channel).format or ""]
    arrival = Arrival("acme", delivery.channel, kind, delivery.body, "application/json", NOW)
    raw = raw_record(arrival, topic, wire_format)
    return driver.record(topic, raw.key.decode(), raw.value, raw.headers)


def applied(driver: Driver, partner: str, version: int, correction: tuple[str, str] = ("", "")) -> Record:
    profile = parse_profile(text_of(partner).replace(*correction, 1))
    stored = profile_version(profile, version, ALWAYS, applied_by="test", reason="")
    return driver.record(PARTNER_PROFILE, profile_key("acme", partner, version), stored)


def test_only_what_the_shops_signed_is_let_in(morning: Morning) -> None:
    webhooks = [one for one in morning.deliveries if isinstance(one, Webhook)]
    refused = Counter(one.channel for one in webhooks if not is_authentic(one, morning))
    assert refused == Counter(morning.forged)
    assert sum(refused.values()) > 0


def test_the_log_says_what_the_testbed_worked_out(morning: Morning) -> None:
    driver = Driver(topology, MemoryRegistry())
    driver.run(*(applied(driver, name, 1) for name in ("shopify-eu", "woo-us", "edi-bigbox", "pos-partner")))
    authentic = [
        one for one in morning.deliveries if not isinstance(one, Webhook) or is_authentic(one, morning)
    ]
    driver.run(*(record_of(one, driver) for one in authentic))
    expected = morning.expectation()
    expected.account.refused.clear()
    found = account_of(driver.cluster.records, driver.serde, PARTITIONS).account
    assert found.figures() == expected.account.figures()

    driver.run(applied(driver, "edi-bigbox", 2, CORRECTION), ADVANCE(2.0))
    refused = [
        entry for entry in driver.entries() if entry.code == OWN_UNIT.code and entry.kind == "rejected"
    ]
    answers = [driver.request(entry, action=ReplayAction.RETRY, reason="fixed") for entry in refused]
    driver.settle()
    assert {answer.answer for answer in answers} == {ReplayAnswer.DONE}
    assert (len(refused), sum(answer.released for answer in answers)) == expected.repair(OWN_UNIT)
    (keyless,) = [entry for entry in driver.entries() if entry.code == NO_KEY.code]
    driver.request(keyless, action=ReplayAction.DISCARD, reason="sent again with its key")
    expected.discard(NO_KEY)
    found = account_of(driver.cluster.records, driver.serde, PARTITIONS).account
    assert found.figures() == expected.account.figures()
