from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest
from hypothesis import given

from crossdock.canonical.codec import decode, encode, frame, unframe
from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Component, Order, Product, ProductUnit, Quantity
from crossdock.canonical.models.base import Canonical
from tests.unit.canonical.records import ANY_RECORD, FEW, MONEY, ORDER, PRODUCT, by_fastavro


@FEW
@given(ANY_RECORD)
def test_a_record_comes_back_as_it_was(model: Canonical) -> None:
    body = encode(model)
    assert decode(type(model), body) == model
    assert encode(decode(type(model), body)) == body


@FEW
@given(ANY_RECORD)
def test_bytes_are_those_of_another_implementation(model: Canonical) -> None:
    assert encode(model) == by_fastavro(model)


@FEW
@given(ANY_RECORD)
def test_a_decoded_record_is_what_validation_makes_of_its_content(model: Canonical) -> None:
    decoded = decode(type(model), encode(model))
    assert type(model).model_validate(decoded.model_dump()) == decoded
    assert type(model).model_validate_json(decoded.model_dump_json()) == decoded


def test_a_decoded_record_behaves_like_one_that_was_constructed() -> None:
    decoded = decode(Order, encode(ORDER))
    assert decoded.model_fields_set == set(Order.model_fields)
    assert decoded.model_copy() == copy.deepcopy(decoded) == pickle.loads(pickle.dumps(decoded)) == ORDER
    assert decoded.model_copy(update={"order_name": "other"}).order_name == "other"
    assert decoded.model_extra is None
    assert repr(decoded.lines[0].ordered) == repr(ORDER.lines[0].ordered).replace("'2'", "'2.000000'")
    with pytest.raises(ValueError, match="frozen"):
        decoded.order_id = "other"  # type: ignore[misc]


@pytest.mark.parametrize("unit", ["EA", "x" * 63, "x" * 64, "x" * 200])
def test_a_quantity_is_the_same_every_time_it_comes(unit: str) -> None:
    quantities = (
        tuple(ProductUnit(unit=unit, numerator=n, denominator=1) for n in (1, 2)),
        tuple(Component(sku="SKU-1", quantity=Quantity(value=Decimal(3), unit=unit)) for _ in range(2)),
    )
    product = PRODUCT.model_copy(update={"units": quantities[0], "components": quantities[1]})
    for _ in range(3):
        assert decode(Product, encode(product)) == product


def test_a_frame_carries_the_schema_id_and_the_body() -> None:
    value = frame(258, encode(MONEY))
    assert value[:5] == b"\0\0\0\1\2"
    assert unframe(value) == (258, encode(MONEY))


@pytest.mark.parametrize("value", [b"", b"\0\0\0\1", b"\1\0\0\0\1body", b'{"json": 1}'])
def test_a_value_without_the_framing_is_refused(value: bytes) -> None:
    with pytest.raises(Rejected, match="schema id"):
        unframe(value)
