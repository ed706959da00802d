from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crossdock.canonical.models import PartnerKind, PartnerProfileVersion, RevisionKind
from crossdock.canonical.profiles import (
    ProfileInvalid,
    Profiles,
    document_of,
    parse_profile,
    profile_key,
    profile_version,
)
from tests.unit.canonical.profiles import SMALL, profile

CHANNEL = """
tenant: acme
partner: shopify-eu
kind: channel
format: shopify_order
channel: {commitment: sold, fulfilled_by: seller, zone: Europe/Berlin, revision: instant_coarse}
connection:
  endpoint: https://acme-eu.example/admin
  credentials: env:ACME_SHOPIFY
  limits: {requests_per_second: 2, burst: 40, concurrency_max: 4, breaker_failures: 5}
  capabilities: {idempotency_key: true, compare_and_swap: true, batch_size_max: 250, lateness_days: 2}
  intake: {subscriptions: [orders, refunds, fulfillments], poll_seconds: 300, overlap_seconds: 900}
  webhook: {scheme: shopify, secrets: [env:SECRET_NEW, env:SECRET_OLD]}
money: {currency: EUR, amounts: major_text, tax_mode: inclusive, rounding: per_line_half_up}
items: {match: [sku, gtin, channel_variant], aliases: {OLD-1: SKU-1, 0012: 12}, on_unknown: hold}
units: {PCE: EA, CS: {unit: EA, factor: 12}}
parties: {on_missing_customer: default, default_customer: "erp:WEB-EU", map: {}}
orders:
  reserve_at: received
  holds: [{code: amount_over, total_min: "5000.00", release: manual}]
routing:
  - {when: {country: [CH, NO]}, pool: zurich}
  - {pool: berlin}
stock:
  allocation: {mode: shared, share_percent: 100, buffer_quantity: 2, cap: null}
  quantity_meaning: available
  channel_deducts_own_orders: false
  location_map: {berlin: "gid-4711"}
prices: {list: EU-RETAIL, approve_above_percent: 10, approvers: [pricing], publish_attempts_max: 5}
status_map: {fulfillment: {success: delivered}, carrier_codes: fedex, order: {packed: {payment: paid}}}
tolerances:
  order_total: {per_line: 0.005, floor: "0.01", above: hold}
settlement: {account: shopify-payouts-eu, vocabulary: {charge: sale, payout: payout}}
sla: {order_posted_seconds: 60, error_budget_percent: 1}
privacy: {retention_days: 30}
"""
EDI = """
tenant: acme
partner: distributor
kind: edi_partner
format: x12_850
zone: America/Chicago
channel: {commitment: requested}
exchange:
  {transport: sftp, sender: "ZZ:ACME", receiver: "01:PARTNER", versions: [004010], documents_in: [850, 860],
   documents_out: [855, 856], functional_ack_hours: 24, line_status_map: {covered: IA, backordered: IB},
   duplicate_control_number: reject_if_other_content}
money: {currency: USD, amounts: major_text, tax_mode: none}
"""
ERP = """
{tenant: acme, partner: erp-main, kind: erp, adapter: tryton, stock_style: ledger, reservation_evidence: line,
 stock_locations: [1, 2], cdc: {tables: [stock_move], incarnation: 1},
 documents: {sales_order: unique_key, credit_note: none}, posting: {concurrency_max: 2, rate_per_second: 3},
 shops: {17: shopify-eu}}
"""


def problems(document: dict[str, Any] | str) -> dict[str, str]:
    with pytest.raises(ProfileInvalid) as refusal:
        parse_profile(document if isinstance(document, str) else json.dumps(document))
    return dict(refusal.value.problems)


def changed(**sections: Any) -> dict[str, Any]:
    return {name: value for name, value in (SMALL | sections).items() if value is not None}


def test_a_channel_profile_keeps_what_it_says() -> None:
    read = parse_profile(CHANNEL)
    assert read.kind is PartnerKind.CHANNEL
    assert read.channel is not None
    assert read.channel.revision is RevisionKind.INSTANT_COARSE
    assert read.business_zone == "Europe/Berlin"
    assert read.units["CS"].factor == 12
    assert read.units["PCE"].unit == "EA"
    assert read.items.aliases == {"OLD-1": "SKU-1", "0012": "12"}, "leading zeros are part of an item number"
    assert read.routing[0].when is not None
    assert read.routing[0].when.country == ("CH", "NO"), "Norway is no boolean"
    assert read.tolerances.order_total.per_line == Decimal("0.005")
    assert read.orders.holds[0].total_min == Decimal("5000.00")


def test_an_edi_profile_keeps_its_versions_and_documents_as_text() -> None:
    read = parse_profile(EDI)
    assert read.exchange is not None
    assert read.exchange.versions == ("004010",)
    assert read.exchange.documents_in == ("850", "860")
    assert read.business_zone == "America/Chicago"


def test_an_erp_profile_needs_neither_channel_nor_money() -> None:
    assert parse_profile(ERP).shops == {"17": "shopify-eu"}


@pytest.mark.parametrize("text", [CHANNEL, EDI, ERP])
def test_the_stored_document_says_the_same(text: str) -> None:
    read = parse_profile(text)
    assert parse_profile(document_of(read)) == read
    assert document_of(parse_profile(document_of(read))) == document_of(read)


@pytest.mark.parametrize(
    ("section", "field"),
    [
        ("channel", "commitment"),
        ("money", "amounts"),
        ("money", "tax_mode"),
        ("stock", "quantity_meaning"),
        ("stock", "channel_deducts_own_orders"),
    ],
)
def test_what_must_not_be_guessed_has_no_default(section: str, field: str) -> None:
    stock = {"quantity_meaning": "available", "channel_deducts_own_orders": False}
    document = changed(stock=stock)
    document[section] = {name: value for name, value in document[section].items() if name != field}
    assert problems(document) == {f"{section}.{field}": "must be stated, it has no default"}


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"colour": "red"}, "colour"),
        ({"channel": {"commitment": "sold", "comitment": "sold"}}, "channel.comitment"),
        ({"channel": {"commitment": "unknown"}}, "channel.commitment"),
        ({"channel": {"commitment": "sold", "zone": "Berlin"}}, "channel.zone"),
        ({"channel": {"commitment": "sold", "zone": "../etc/passwd"}}, "channel.zone"),
        ({"channel": {"commitment": "sold", "zone": "America"}}, "channel.zone"),
        ({"money": {"amounts": "float", "tax_mode": "none"}}, "money.amounts"),
        ({"money": {"amounts": "major_text", "tax_mode": "none", "currency": "EURO"}}, "money.currency"),
        ({"units": {"CS": {"unit": "CASE"}}}, "units.CS.unit"),
        ({"units": {"CS": "CASE"}}, "units.CS.unit"),
        ({"units": {"CS": {"unit": "EA", "factor": 0}}}, "units.CS.factor"),
        ({"units": {"CS": {"unit": "EA", "factor": "a dozen"}}}, "units.CS.factor"),
        ({"tenant": "a/b"}, "tenant"),
        ({"partner": ""}, "partner"),
        ({"kind": "shop"}, "kind"),
        ({"format": "Shopify"}, "format"),
        ({"connection": {"credentials": "hunter2"}}, "connection.credentials"),
        ({"connection": {"webhook": {"scheme": "shopify", "secrets": []}}}, "connection.webhook.secrets"),
        ({"connection": {"webhook": {"scheme": "square", "secrets": ["env:A"]}}}, "connection.webhook"),
        ({"parties": {"on_missing_customer": "default"}}, "parties"),
        ({"tolerances": {"order_total": {"floor": -1}}}, "tolerances.order_total.floor"),
        ({"orders": {"holds": [{"code": "amount_over", "total_min": "1,5"}]}}, "orders.holds[0].total_min"),
        (
            {"stock": {"quantity_meaning": "on_hand", "channel_deducts_own_orders": "no"}},
            "stock.channel_deducts_own_orders",
        ),
        ({"privacy": {"retention_days": 0}}, "privacy.retention_days"),
        ({"format": None}, "format"),
        ({"money": None}, "money"),
        ({"kind": "edi_partner"}, "exchange"),
        ({"exchange": {}}, "exchange"),
        ({"adapter": "tryton"}, "adapter"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(sections: dict[str, Any], path: str) -> None:
    assert path in problems(changed(**sections))


def test_all_problems_are_listed_at_once() -> None:
    document = changed(
        format=None,
        channel={"comitment": "sold", "zone": "Berlin"},
        units={"CS": {"unit": "CASE"}},
        connection={"credentials": "hunter2"},
        adapter="tryton",
    )
    assert set(problems(document)) == {
        "format",
        "channel.commitment",
        "channel.comitment",
        "channel.zone",
        "units.CS.unit",
        "connection.credentials",
        "adapter",
    }


def test_a_secret_in_the_wrong_place_is_not_repeated() -> None:
    assert "hunter2" not in str(
        problems(changed(connection={"credentials": "hunter2", "password": "hunter2"}))
    )


NO_DOCUMENTS = {
    "empty": "",
    "a list": "[]",
    "a scalar": "just text",
    "broken YAML": "a: [",
    "a key twice": "a: 1\na: 2",
    "a JSON key twice": '{"a": 1, "a": 2}',
    "an alias": "a: &x 1\nb: *x",
    "a Python object": "a: !!python/name:os.system",
    "a tag": "a: !!timestamp never",
    "a tag of ours": "a: !secret x",
    "a list as key": "? [a, b]\n: c",
    "a number without end": '{"a": ' + "1" * 5000 + "}",
    "a number beyond all": '{"a": 1e99999999999999999999}',
    "deep YAML": "[" * 2000,
    "deep JSON": '{"a":' * 5000,
    "a control character": "\0",
    "too long": "a" * 1_000_001,
}


@pytest.mark.parametrize("text", NO_DOCUMENTS.values(), ids=NO_DOCUMENTS)
def test_what_is_no_document_is_refused_in_one_sentence(text: str) -> None:
    assert list(problems(text)) == [""]


def version(number: int, effective: datetime, partner: str = "shop") -> PartnerProfileVersion:
    content = profile(partner=partner, items={"aliases": {"version": str(number)}})
    return profile_version(content, number, effective, applied_by="operator-1", reason="test")


MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def applied(*versions: PartnerProfileVersion) -> Profiles:
    view = Profiles()
    for row in versions:
        view.apply(profile_key(row.tenant, row.partner, row.version), row)
    return view


@pytest.mark.parametrize(
    ("time", "number"),
    [
        (MONDAY - DAY, None),
        (MONDAY, 1),
        (MONDAY + DAY, 1),
        (MONDAY + 2 * DAY, 2),
        (MONDAY + 4 * DAY, 4),
        (MONDAY + 9 * DAY, 4),
    ],
)
def test_the_highest_effective_version_applies(time: datetime, number: int | None) -> None:
    rows = [
        version(1, MONDAY),
        version(2, MONDAY + 2 * DAY),
        version(3, MONDAY + 9 * DAY),
        version(4, MONDAY + 4 * DAY),
    ]
    for view in (applied(*rows), applied(*reversed(rows))):
        found = view.at("acme", "shop", time)
        assert (found.items.aliases["version"] if found else None) == (str(number) if number else None)


def test_a_later_version_does_not_change_the_past() -> None:
    view = applied(version(1, MONDAY))
    before = view.at("acme", "shop", MONDAY + DAY)
    view.apply(profile_key("acme", "shop", 2), version(2, MONDAY + 2 * DAY))
    assert view.at("acme", "shop", MONDAY + DAY) == before
    latest = view.latest("acme", "shop")
    assert latest is not None
    assert latest.version == 2


def test_a_tombstone_removes_one_version_and_partners_are_kept_apart() -> None:
    view = applied(version(1, MONDAY), version(2, MONDAY), version(1, MONDAY, "other"))
    view.apply(profile_key("acme", "shop", 2), None)
    found = view.version_at("acme", "shop", MONDAY)
    assert found is not None
    assert found.version == 1
    view.apply(profile_key("acme", "shop", 1), None)
    assert view.at("acme", "shop", MONDAY) is None
    assert view.latest("acme", "shop") is None
    assert view.latest("acme", "nobody") is None
    assert view.partners() == [("acme", "other")]


def test_a_stored_profile_that_this_code_cannot_read_is_an_error_not_a_missing_one() -> None:
    row = version(1, MONDAY).model_copy(update={"document": '{"tenant": "acme"}'})
    with pytest.raises(ProfileInvalid):
        applied(row).at("acme", "shop", MONDAY)
