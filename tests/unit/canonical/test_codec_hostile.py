from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.avro.values import write_long
from crossdock.canonical.codec import BODY_BYTES_MAX, decode, encode
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import ExchangeEvent, Money, PartnerProfileVersion, TaxLine, Variance
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.common import VarianceCode
from tests.unit.canonical.records import EXCHANGE, FEW, MONEY, ORDER, TAX, VARIANCE

EUR = b"\x06EUR"
RECORDS = (ORDER, ORDER, EXCHANGE, VARIANCE, TAX, MONEY)
"""Mutated are full records, so that most of a change's neighbourhood is valid."""


@st.composite
def mutations(draw: st.DrawFn) -> tuple[type[Canonical], bytes]:
    model = draw(st.sampled_from(RECORDS))
    body = bytearray(encode(model))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(body)))
        match draw(st.sampled_from(["set", "cut", "insert", "end"])):
            case "set":
                body[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del body[place : place + draw(st.integers(1, 4))]
            case "insert":
                body[place:place] = draw(st.binary(max_size=10))
            case "end":
                del body[place:]
    return type(model), bytes(body)


def outcome(record: type[Canonical], body: bytes) -> Canonical | RejectionCode:
    """What becomes of the bytes; any other exception is the failure that these tests look for."""
    try:
        return decode(record, body)
    except Rejected as refusal:
        return refusal.code


@settings(FEW, max_examples=300)
@given(mutations())
def test_mutated_bytes_are_refused_or_a_valid_record(case: tuple[type[Canonical], bytes]) -> None:
    record, body = case
    result = outcome(record, body)
    if isinstance(result, Canonical):
        assert record.model_validate(result.model_dump()) == result
    else:
        assert result is RejectionCode.ENVELOPE_BROKEN


@settings(FEW, max_examples=200)
@given(st.sampled_from([Money, TaxLine, Variance, ExchangeEvent]), st.binary(max_size=80))
def test_random_bytes_are_refused_or_a_valid_record(record: type[Canonical], body: bytes) -> None:
    result = outcome(record, body)
    if isinstance(result, Canonical):
        assert record.model_validate(result.model_dump()) == result
    else:
        assert result is RejectionCode.ENVELOPE_BROKEN


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "end too early", id="nothing"),
        pytest.param(encode(MONEY) + b"\0", "left over", id="trailing byte"),
        pytest.param(encode(MONEY)[:-1], "no such value", id="cut in the currency"),
        pytest.param(b"\2\1\x06EU", "no such value", id="cut in the currency, short"),
        pytest.param(b"\2\1\x06QQQ", "no such value", id="unknown currency"),
        pytest.param(b"\2\1\x06eur", "no such value", id="currency in lower case"),
        pytest.param(b"\2\1\x04EU", "no such value", id="currency of two letters"),
        pytest.param(b"\0" + EUR, "decimal", id="empty decimal"),
        pytest.param(b"\x12" + b"\x7f" * 9 + EUR, "does not fit", id="decimal of 21 digits"),
        pytest.param(b"\x10\x0d\xe0\xb6\xb3\xa7\x64\x00\x00" + EUR, "does not fit", id="10^18 unscaled"),
        pytest.param(write_long(1 << 40) + EUR, "decimal", id="decimal of a terabyte"),
        pytest.param(write_long(-2) + b"\1" + EUR, "decimal", id="negative length"),
    ],
)
def test_broken_money_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Rejected, match=reason) as refusal:
        decode(Money, body)
    assert refusal.value.code is RejectionCode.ENVELOPE_BROKEN


def test_the_largest_amounts_are_not_refused() -> None:
    for sign, encoded in ((1, "0de0b6b3a763ffff"), (-1, "f21f494c589c0001")):
        money = decode(Money, b"\x10" + bytes.fromhex(encoded) + EUR)
        assert money.amount.scaleb(4) == sign * (10**18 - 1)


@pytest.mark.parametrize("index", [-1, -(2**31), len(VarianceCode), 2**31, 2**62])
def test_a_negative_or_unknown_enum_index_is_refused(index: int) -> None:
    body = encode(VARIANCE)
    assert body[0] == 2 * list(VarianceCode).index(VarianceCode.ORDER_TOTAL)
    with pytest.raises(Rejected):
        decode(Variance, write_long(index) + body[1:])


@pytest.mark.parametrize("branch", [-1, -2, 2, 64, 2**31])
def test_a_negative_or_unknown_union_branch_is_refused(branch: int) -> None:
    body, amount = encode(TAX), len(encode(TAX.amount))
    assert body[amount] == 0, "the base is null"
    with pytest.raises(Rejected):
        decode(TaxLine, body[:amount] + write_long(branch) + body[amount + 1 :])


@pytest.mark.parametrize("length", [-1, 1 << 20, 1 << 40, 1 << 62, (1 << 63) - 1])
def test_text_that_claims_more_bytes_than_there_are_is_refused(length: int) -> None:
    body = encode(VARIANCE)
    assert body[1:7] == b"\x0atotal"
    with pytest.raises(Rejected):
        decode(Variance, body[:1] + write_long(length) + body[2:])


@pytest.mark.parametrize("count", [1 << 20, 1 << 40, 1 << 62, -(1 << 40)])
def test_an_array_that_claims_more_items_than_bytes_ends_at_once(count: int) -> None:
    body = encode(EXCHANGE)
    place = body.index(b"\2\x06101\0")  # one group control number
    with pytest.raises(Rejected, match="claims more items"):
        decode(ExchangeEvent, body[:place] + write_long(count) + body[place + 1 :])


def test_arrays_may_come_in_several_blocks_with_or_without_their_size() -> None:
    body = encode(EXCHANGE)
    place = body.index(b"\2\x06101\0")
    blocks = b"\2\x06101" + write_long(-2) + write_long(8) + b"\x06102\x06103"
    event = decode(ExchangeEvent, body[:place] + blocks + body[place + 5 :])
    assert event.group_control_numbers == ("101", "102", "103")


def test_an_instant_outside_of_the_calendar_is_refused() -> None:
    record = PartnerProfileVersion(
        tenant="t",
        partner="p",
        version=1,
        effective_from="2026-01-01T00:00:00Z",
        document="{}",
        sha256="0" * 64,
        applied_by="",
        reason="",
    )
    body = encode(record)
    for micros in (1 << 62, -(1 << 62), 253402300800000000):
        with pytest.raises(Rejected, match="years"):
            decode(PartnerProfileVersion, body[:5] + write_long(micros) + body[13:])


def test_a_body_above_the_cap_is_not_even_looked_at() -> None:
    with pytest.raises(Rejected) as refusal:
        decode(Money, bytes(BODY_BYTES_MAX + 1))
    assert refusal.value.code is RejectionCode.RECORD_TOO_LARGE


def test_what_the_model_forbids_is_refused_with_the_name_of_the_field() -> None:
    body = encode(EXCHANGE)
    assert body.startswith(write_long(len(EXCHANGE.key)))
    with pytest.raises(Rejected, match=r"ExchangeEvent\.key: at least one is needed"):
        decode(ExchangeEvent, b"\0" + body[1 + len(EXCHANGE.key) :])


def test_a_refusal_repeats_no_value() -> None:
    body = encode(EXCHANGE).replace(b"DISTRIBUTOR", b"\xffSECRETNAME")
    with pytest.raises(Rejected) as refusal:
        decode(ExchangeEvent, body)
    assert "SECRET" not in str(refusal.value)
