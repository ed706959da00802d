"""Which profile and format read a raw record, and what must agree."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from crossdock.canonical.errors import Rejected, Waiting
from crossdock.canonical.keys import join_key
from crossdock.canonical.models import Order, PartnerProfile, PartnerProfileVersion
from crossdock.canonical.profiles import Profiles, document_of
from crossdock.canonical.record import FORMAT, Record
from crossdock.normalize.domain import read_channel_record, read_transaction_set, split_document
from tests.kit import x12_reading
from tests.kit.edi_reading import part_record
from tests.kit.shop_reading import CAPTURED_MS, PROFILE, profile, record
from tests.kit.shopify_documents import order
from tests.kit.woo_documents import woo_order


def applied(*versions: PartnerProfile, effective: datetime = datetime(2020, 1, 1, tzinfo=UTC)) -> Profiles:
    profiles = Profiles()
    for number, one in enumerate(versions, 1):
        document = document_of(one)
        row = PartnerProfileVersion(
            tenant=one.tenant,
            partner=one.partner,
            version=number,
            effective_from=effective,
            document=document,
            sha256=hashlib.sha256(document.encode()).hexdigest(),
            applied_by="test",
            reason="test",
        )
        profiles.apply(join_key(one.tenant, one.partner, str(number)), row)
    return profiles


def raw(payload: object, key: str = "acme/shop/order:820982911946154508") -> Record:
    return record(payload, key=key.encode())


def test_a_channel_record_becomes_its_order() -> None:
    (found,) = read_channel_record(raw(order()), applied(PROFILE)).entities
    assert isinstance(found, Order)
    assert found.key == "acme/shop/820982911946154508"
    assert (found.source.raw_topic, found.source.raw_offset) == ("raw.channel.v1", 7)


@pytest.mark.parametrize("read", [read_channel_record, split_document, read_transaction_set])
def test_a_missing_profile_is_a_wait_of_seven_days(read: object) -> None:
    assert callable(read)
    later = applied(PROFILE, effective=datetime(2030, 1, 1, tzinfo=UTC))
    for profiles in (Profiles(), later):
        with pytest.raises(Waiting) as waiting:
            read(raw(order()), profiles)
        assert waiting.value.reference == "partner.profile.v1:acme/shop"
        captured = datetime.fromtimestamp(CAPTURED_MS / 1000, UTC)
        assert waiting.value.deadline == captured + timedelta(days=7)


def test_the_records_own_format_comes_before_the_profiles() -> None:
    shop = raw(woo_order(), "acme/shop/order:727")
    named = Record(shop.topic, 0, 7, shop.key, shop.value, ((FORMAT, b"woocommerce_order"),), CAPTURED_MS)
    (found,) = read_channel_record(named, applied(PROFILE)).entities
    assert isinstance(found, Order)
    assert found.source.system == "woocommerce"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "key_missing"),
        (b"", "key_invalid"),
        (b"acme/shop", "key_invalid"),
        (b"acme//order:1", "key_invalid"),
        (b"acme/shop/\xff", "key_invalid"),
        (b"acme/shop/%ff", "key_invalid"),
        (b"acme/shop/order:1", "key_invalid"),
    ],
)
def test_a_key_that_names_nobody_or_another_order_is_refused(key: bytes | None, code: str) -> None:
    plain = raw(order())
    with pytest.raises(Rejected) as refused:
        read_channel_record(Record(plain.topic, 0, 7, key, plain.value, (), CAPTURED_MS), applied(PROFILE))
    assert refused.value.code == code


def test_a_key_without_an_object_id_is_accepted() -> None:
    for key in ("acme/shop/order:sha256-" + "0" * 64, "acme/shop/any"):
        assert read_channel_record(raw(order(), key), applied(PROFILE)).entities


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        read_channel_record(raw(order()), applied(profile(format="fax")))
    assert refused.value.code == "format_unknown"


def test_a_partner_that_sends_no_orders_is_refused() -> None:
    carrier = PartnerProfile.model_validate(
        {"tenant": "acme", "partner": "shop", "kind": "carrier", "format": "shopify_order", "zone": "UTC"}
    )
    with pytest.raises(Rejected) as refused:
        read_channel_record(raw(order()), applied(carrier))
    assert refused.value.code == "partner_unknown"


def test_a_file_of_orders_is_split_and_each_part_is_read_alone() -> None:
    file = Record(
        "raw.document.v1", 0, 1, b"acme/shop/file", raw([order(id=1), order(id=2)]).value, (), CAPTURED_MS
    )
    profiles = applied(PROFILE)
    split = split_document(file, profiles)
    assert [part.key for part in split.parts] == ["acme/shop/order:1", "acme/shop/order:2"]
    parts = [part_record(part.key, part.value) for part in split.parts]
    found = [read_transaction_set(part, profiles).entities[0].key for part in parts]
    assert found == ["acme/shop/1", "acme/shop/2"]


def test_an_interchange_goes_through_the_same_functions() -> None:
    data = (
        b"ISA*00*          *00*          *01*PARTNER        *ZZ*ACME           "
        b"*260105*0800*U*00401*000000001*0*P*>~"
        b"GS*PO*PARTNER*ACME*20260105*0800*1*X*004010~ST*850*0001~BEG*00*SA*PO-1**20260105~"
        b"PO1*1*2*EA*10.00**VP*SKU-1~CTT*1~SE*5*0001~GE*1*1~IEA*1*000000001~"
    )
    profiles = applied(x12_reading.PROFILE)
    split = split_document(x12_reading.document_record(data), profiles)
    (part,) = split.parts
    (found,) = read_transaction_set(part_record(part.key, part.value), profiles).entities
    assert isinstance(found, Order)
    assert (found.order_id, str(found.computed.total.amount)) == ("PO-1", "20.00")
