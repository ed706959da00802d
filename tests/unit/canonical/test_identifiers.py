from __future__ import annotations

import pytest

from crossdock.canonical.identifiers import ISSUED_SCHEMES, check_digit, gtin14, identifier
from crossdock.canonical.models import Identifier, IdentifierScheme


@pytest.mark.parametrize(
    ("text", "padded"),
    [
        ("4006381333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("10614141000415", "10614141000415"),
        ("4006381333932", None),
        ("400638133393", None),
        ("", None),
        ("4006381333931 ", None),
        ("400638133393X", None),
        ("٤006381333931", None),
        ("004006381333931", None),
    ],
)
def test_a_gtin_is_padded_and_its_check_digit_tested(text: str, padded: str | None) -> None:
    assert gtin14(text) == padded


def test_check_digits_are_those_of_gs1() -> None:
    assert check_digit("629104150021") == "3"
    assert check_digit("10614141000001001") == check_digit("0010614141000001001")


def test_a_wrong_gtin_keeps_its_text_without_the_claim() -> None:
    assert identifier(IdentifierScheme.GTIN, "4006381333932") == Identifier(
        scheme=IdentifierScheme.UNKNOWN, value="4006381333932"
    )


@pytest.mark.parametrize("raw", ["", "   "])
def test_empty_text_is_no_identifier(raw: str) -> None:
    assert identifier(IdentifierScheme.SKU, raw) is None


@pytest.mark.parametrize("scheme", sorted(ISSUED_SCHEMES))
def test_a_partner_s_own_number_needs_its_issuer(scheme: IdentifierScheme) -> None:
    with pytest.raises(ValueError, match="issuer"):
        identifier(scheme, "1")
    found = identifier(scheme, " 1 ", "shop")
    assert found == Identifier(scheme=scheme, value="1", issuer="shop")
