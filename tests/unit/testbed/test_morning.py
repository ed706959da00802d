"""The morning is the same for everybody, holds what it promises, and its figures agree where they should."""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order, PartnerProfile
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.record import Record
from crossdock.formats.registry import FORMATS
from crossdock.testbed import order_json, shopify, woocommerce, x12
from crossdock.testbed.faults import CUT_FILE, FAULTS, NO_KEY, NO_NUMBER, NO_X12, OWN_UNIT, Fault
from crossdock.testbed.morning import CHANNELS, DroppedFile, Morning, Produced, Webhook, plan_morning
from crossdock.testbed.sales import Sale, amended, cancelled, moment, new_sale
from crossdock.testbed.x12 import ORIGINAL, Interchange, PurchaseOrder

PROFILES = Path(__file__).parents[3] / "examples" / "partners" / "acme"
CHANNEL_MODULES = {"shopify-eu": shopify, "woo-us": woocommerce, "pos-partner": order_json}


@cache
def planned(orders: int = 2_000, seed: int = 7) -> Morning:
    return plan_morning(orders, seed, 4)


@cache
def profile_of(partner: str) -> PartnerProfile:
    return parse_profile((PROFILES / f"{partner}.yaml").read_text(encoding="utf-8"))


def order_of(partner: str, body: bytes) -> Order:
    """What the partner's format reads in a payload."""
    profile = profile_of(partner)
    form = FORMATS[profile.format or ""]
    record = Record("raw", 0, 0, f"acme/{partner}/x".encode(), body)
    if form.split is not None:
        (*_, part) = form.split(record, profile).parts
        record = Record("raw", 0, 0, part.key.encode(), part.value)
    (order,) = form.read(record, profile).entities
    assert isinstance(order, Order)
    return order


def file_of(*orders: PurchaseOrder) -> bytes:
    return x12.file_of([Interchange(1, moment(0.5), orders)])


def fingerprint(morning: Morning) -> str:
    return hashlib.sha256(repr((morning.deliveries, morning.facts)).encode()).hexdigest()


def test_a_seed_decides_every_byte() -> None:
    assert fingerprint(plan_morning(200, 3, 4)) == fingerprint(plan_morning(200, 3, 4))
    assert fingerprint(plan_morning(200, 3, 4)) != fingerprint(plan_morning(200, 4, 4))


def test_the_morning_holds_what_it_promises() -> None:
    morning = planned()
    kinds = Counter(type(one) for one in morning.deliveries)
    intake = Counter[str]()
    for (_, _, outcome), count in morning.expectation().account.intake.items():
        intake[outcome] += count
    assert morning.orders == 2_000
    assert min(kinds[Webhook], kinds[DroppedFile] * 10, kinds[Produced] * 3) > 1_000
    assert {one.channel for one in morning.deliveries} == set(CHANNELS)
    assert min(intake[name] for name in ("rerouted", "duplicate", "superseded")) >= 80
    assert min(intake[name] for name in ("held", "conflict", "rejected")) >= 2
    assert min(morning.forged.values()) > 5
    assert set(morning.broken) == set(FAULTS)
    assert sum(morning.broken.values()) == 20
    assert sum(morning.expectation().account.with_variance.values()) >= 20


def test_every_number_of_orders_can_be_planned() -> None:
    for orders, seed in ((100, 1), (101, 2), (250, 3), (999, 4)):
        morning = plan_morning(orders, seed, 4)
        numbers = {fact.key for fact in morning.facts if fact.topic != "raw.document.v1"}
        assert len(numbers) >= orders


def test_no_state_of_an_order_is_sent_before_the_one_it_follows() -> None:
    latest: dict[tuple[str, str], int] = {}
    gaps = 0
    for fact in planned().facts:
        if fact.topic == "raw.channel.v1":
            known = latest.get((fact.channel, fact.key), 0)
            gaps += fact.version > known + 1
            latest[fact.channel, fact.key] = max(known, fact.version)
    nameless = [fact for fact in planned().facts if fact.fault is not None and fact.fault.hides_identity]
    assert 0 < gaps < len(nameless), "only a first state that nobody could read may be missing"
    ats = [one.at for one in planned().deliveries]
    assert ats == sorted(ats)


@pytest.mark.parametrize("channel", CHANNEL_MODULES)
def test_figures_of_a_sound_order_agree(channel: str) -> None:
    module: ModuleType = CHANNEL_MODULES[channel]
    random = Random(5)
    for number in range(60):
        sale = new_sale(random, number + 1, random.random())
        for state in (sale, amended(random, sale, 0.9), cancelled(sale, 0.9)):
            order = order_of(channel, module.body(state))
            assert order.variances == ()
            assert order.computed.total.amount == module.total(state)
            assert order.currency == module.CURRENCY
            assert (order.cancellation.status == "cancelled") is state.is_cancelled


def test_figures_of_a_sound_purchase_order_agree() -> None:
    random = Random(5)
    for number in range(60):
        sale = new_sale(random, number + 1, random.random())
        order = order_of("edi-bigbox", file_of(PurchaseOrder(sale, ORIGINAL)))
        assert order.variances == ()
        assert order.computed.total.amount == x12.total(sale)


@pytest.mark.parametrize("channel", [*CHANNEL_MODULES, "edi-bigbox"])
def test_a_misstated_total_is_a_variance_of_that_size(channel: str) -> None:
    sale = misstated(new_sale(Random(8), 1, 0.5), Decimal("9.99"))
    body = (
        file_of(PurchaseOrder(sale, ORIGINAL))
        if channel == "edi-bigbox"
        else CHANNEL_MODULES[channel].body(sale)
    )
    (variance,) = order_of(channel, body).variances
    assert (variance.code, variance.difference) == ("order_total", Decimal("9.99"))


def misstated(sale: Sale, amount: Decimal) -> Sale:
    return Sale(
        **{name: getattr(sale, name) for name in Sale.__slots__ if name != "misstated"}, misstated=amount
    )


def broken_body(fault: Fault, sale: Sale) -> bytes:
    if fault is NO_X12:
        return b"Order;Article\r\nBB1;SKU-1001\r\n"
    if fault.channel == "edi-bigbox":
        return file_of(PurchaseOrder(sale, ORIGINAL, fault))
    body: bytes = CHANNEL_MODULES[fault.channel].body(sale, fault)
    return body


@pytest.mark.parametrize(
    "fault", [one for one in FAULTS if not one.is_conflict and one is not NO_KEY], ids=lambda one: one.name
)
def test_a_fault_is_refused_with_its_code(fault: Fault) -> None:
    for number in range(1, 8):
        sale = new_sale(Random(number), number, 0.5)
        with pytest.raises(Rejected) as refused:
            order_of(fault.channel, broken_body(fault, sale))
        assert refused.value.code == fault.code


@pytest.mark.parametrize("fault", [OWN_UNIT, CUT_FILE, NO_NUMBER], ids=lambda one: one.name)
def test_a_broken_purchase_order_spares_the_others_of_its_file(fault: Fault) -> None:
    sale, other = new_sale(Random(1), 1, 0.5), new_sale(Random(2), 2, 0.5)
    profile = profile_of("edi-bigbox")
    body = file_of(PurchaseOrder(sale, ORIGINAL), PurchaseOrder(other, ORIGINAL, fault))
    split = FORMATS["x12_850"].split
    assert split is not None
    sound, _ = split(Record("raw", 0, 0, b"acme/edi-bigbox/x", body), profile).parts
    record = Record("raw", 0, 0, sound.key.encode(), sound.value)
    assert len(FORMATS["x12_850"].read(record, profile).entities) == 1


def test_nothing_in_the_morning_looks_like_a_real_person() -> None:
    for one in planned(200, 1).deliveries:
        text = one.body.decode("latin-1")
        assert text.count("@") == text.count("@example.com")
