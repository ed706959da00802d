"""What every format has in common, whoever writes it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile, Quantity
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Format, ReadPayload
from tests.kit.shop_reading import PROFILE, record


def misfitting(_: Record, __: PartnerProfile) -> Reading:
    Quantity(value=Decimal("1e30"), unit="EA")
    raise AssertionError("not reached")


def overflowing(_: Record, __: PartnerProfile) -> Reading:
    Decimal("1e999999") * Decimal("1e999999")
    raise AssertionError("not reached")


@pytest.mark.parametrize(
    ("read", "code", "path"),
    [
        (misfitting, RejectionCode.FIELD_INVALID, "Quantity.value"),
        (overflowing, RejectionCode.AMOUNT_UNPARSABLE, ""),
    ],
)
def test_what_does_not_fit_the_model_is_a_refusal_in_any_format(
    read: ReadPayload, code: RejectionCode, path: str
) -> None:
    form = Format("any", "Any", (), lambda _: None, read, (), (), read)
    assert form.split is not None
    for step in (form.read, form.split):
        with pytest.raises(Rejected) as refused:
            step(record({}), PROFILE)
        assert (refused.value.code, refused.value.path) == (code, path)
