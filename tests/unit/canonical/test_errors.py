"""What a refusal may say, whatever a stranger wrote."""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import (
    DETAIL_CHARACTERS_MAX,
    PATH_CHARACTERS_MAX,
    Rejected,
    RejectionCode,
    shown,
)


@pytest.mark.parametrize("text", ["k" * 900_000, "ü" * 900_000, "\ud800" * 900_000])
def test_a_refusal_keeps_within_its_limits_and_to_utf_8(text: str) -> None:
    refusal = Rejected(RejectionCode.FIELD_INVALID, text, text)
    assert len(refusal.detail) == DETAIL_CHARACTERS_MAX
    assert len(refusal.path) == PATH_CHARACTERS_MAX
    refusal.detail.encode()
    refusal.path.encode()
    str(refusal).encode()


def test_a_refusal_within_its_limits_is_as_it_was_said() -> None:
    refusal = Rejected(RejectionCode.FIELD_INVALID, "größer als 10 €", "$.größe")
    assert (refusal.detail, refusal.path) == ("größer als 10 €", "$.größe")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("XQX", "'XQX'"),
        ("shopify_order_2026", "'shopify_order_2026'"),
        ("4711", "'4711'"),
        ("-2147219302", "'-2147219302'"),
        ("NOT FOUND", "text of 9 characters"),
        ("", "empty text"),
        ("Test Buyer 1", "text of 12 characters"),
        ("buyer@example.com", "text of 17 characters"),
        ("+1-555-010-0001", "text of 15 characters"),
        ("15550100001", "text of 11 characters"),
        ("€", "text of 1 characters"),
        ("x" * 21, "text of 21 characters"),
    ],
)
def test_only_what_looks_like_a_code_is_shown(code: str, text: str) -> None:
    assert shown(code) == text
