"""Every set is read by its own reader, whatever format its file was sent under."""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Invoice, Order
from crossdock.formats.registry import FORMATS
from crossdock.formats.x12.payload import read_payload
from crossdock.formats.x12.sets import SET_READERS
from crossdock.formats.x12.tokenizer import decode
from tests.kit.x12_reading import PROFILE, outcome_of, profile
from tests.kit.x12_sets import ANY_SET, file_of, kept, likenesses, read_rows, read_text
from tests.kit.x12_writer import Group, Interchange, Set, payload, rows

ORDER = rows("BEG*00*SA*PO-1**20260105\nPO1*1*2*EA*5.00**VN*SKU-1")
INVOICE = rows("BIG*20260105*INV-1**PO-1\nIT1*1*2*EA*5.00**VN*SKU-1\nTDS*1000")


def mixed(*sets: Set) -> bytes:
    return payload(Interchange((Group(sets),)))


def test_an_order_file_may_hold_an_invoice_and_both_are_read() -> None:
    value = mixed(Set(ORDER, "0001"), Set(INVOICE, "0002", "810"))
    outcome = outcome_of(value, ANY_SET)
    assert [type(one) for reading in outcome.readings for one in reading.entities] == [Order, Invoice]
    assert outcome.keys == ["acme/dist/850:PO-1", "acme/dist/810:INV-1"]


def test_an_unknown_set_is_refused_with_its_number_and_its_neighbours_are_read() -> None:
    value = mixed(Set(INVOICE, "0001", "810"), Set(rows("BCT*RC*1"), "0002", "832"), Set(ORDER, "0003"))
    outcome = outcome_of(value, ANY_SET)
    assert [(r.code, "'832'" in r.detail) for r in outcome.refusals] == [("format_unknown", True)]
    assert outcome.refusals[0].path.endswith("set 0002/segment 1 ST/ST01")
    assert len(outcome.readings) == 2


def test_the_profile_decides_which_sets_are_accepted() -> None:
    outcome = outcome_of(mixed(Set(INVOICE, "0001", "810"), Set(ORDER, "0002")), PROFILE)
    assert [r.code for r in outcome.refusals] == ["format_unknown"]
    assert "documents_in" in outcome.refusals[0].detail
    assert [order.order_id for order in outcome.orders] == ["PO-1"]


def test_an_acknowledgement_is_accepted_without_being_listed() -> None:
    assert read_rows("997", rows("AK1*PO*1\nAK9*A*1*1*1"), PROFILE).refusals == []


def test_a_set_whose_profile_section_is_missing_is_refused_alone() -> None:
    carrier = profile(
        kind="carrier", channel=None, money=None, exchange=None, zone="America/Chicago", format="x12"
    )
    status = rows("B10*P*S\nAT7*AF*NS***20260105*1500*LT")
    outcome = outcome_of(mixed(Set(ORDER, "0001"), Set(status, "0002", "214")), carrier)
    assert [(r.code, "channel and money" in r.detail) for r in outcome.refusals] == [
        ("partner_unknown", True)
    ]
    assert len(outcome.readings) == 1


def test_a_time_is_refused_where_no_zone_is_declared() -> None:
    nowhere = profile(channel={"commitment": "requested"}, exchange=ANY_SET.exchange.model_dump())  # type: ignore[union-attr]
    with pytest.raises(Rejected) as refused:
        read_text("810", "BIG*20260105*INV-1\nIT1*1*1*EA*1", nowhere)
    assert (refused.value.code, "zone" in refused.value.detail) == ("partner_unknown", True)


@pytest.mark.parametrize("kind", sorted(set(SET_READERS) - {"999"}))
def test_a_file_of_one_kind_is_recognised_by_the_format_of_that_kind(kind: str) -> None:
    assert likenesses(file_of(kind, ORDER)) == {f"x12_{kind}": 90}


def test_other_files_are_recognised_by_the_format_of_any_set() -> None:
    assert likenesses(file_of("999", ORDER)) == {"x12_997": 90}
    assert likenesses(mixed(Set(ORDER), Set(INVOICE, "2", "810"))) == {"x12": 70}
    assert likenesses(file_of("832", rows("N1*ST*810*1"))) == {"x12": 70}
    assert likenesses(b"ISA*00*") == {"x12": 20}


@pytest.mark.parametrize(
    "text", [b"ST*850*0001~BEG*00*SA*1~", b"\xef\xbb\xbf\nGS|PO|A|B|20260105|1200|1|X|004010~"]
)
def test_what_lost_its_envelope_is_recognised_and_refused_for_it(text: bytes) -> None:
    assert likenesses(text) == {"x12": 20}
    with pytest.raises(Rejected) as refused:
        read_payload(decode(text))
    assert (refused.value.code, "no ISA" in refused.value.detail) == ("envelope_broken", True)


@pytest.mark.parametrize("name", [name for name in FORMATS if name.startswith("x12")])
def test_every_format_reads_every_set(name: str) -> None:
    form = FORMATS[name]
    assert form.read is not None
    assert form.split is not None
    assert form.entities
    assert form.key_rule
    assert form.revision_rule


def test_one_document_in_another_envelope_is_the_same() -> None:
    first, second = [
        outcome_of(
            payload(Interchange((Group((Set(INVOICE, "0001", "810"),), control=number),), control=number)),
            ANY_SET,
        )
        for number in ("000000001", "000000002")
    ]
    assert first.readings[0].digest == second.readings[0].digest
    assert first.readings[0].is_original


def test_a_test_is_told_and_kept() -> None:
    value = payload(Interchange((Group((Set(INVOICE, set_type="810"),)),), usage="T"))
    outcome = outcome_of(value, ANY_SET)
    assert "test_indicator" in outcome.warnings
    (one,) = outcome.readings[0].entities
    assert kept(one)["ISA.15"] == "T"


@pytest.mark.parametrize("name", ["810", "x12_810", "X12 810"])
def test_accepted_sets_may_be_listed_by_number_or_format(name: str) -> None:
    assert ANY_SET.exchange is not None
    exchange = ANY_SET.exchange.model_dump() | {"documents_in": (name,)}
    assert read_rows("810", INVOICE, profile(exchange=exchange)).refusals == []
    assert len(read_rows("850", ORDER, profile(exchange=exchange)).refusals) == 1
