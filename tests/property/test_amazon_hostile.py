"""Damaged Amazon payloads are read or refused, never anything else, and twice the same."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.schemas import schema_root
from crossdock.formats.registry import FORMATS
from tests.kit.damage import damaged_json, damaged_text
from tests.kit.shop_reading import PROFILE, record

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = sorted(name for name in FORMATS if name.startswith("amazon_"))
EXAMPLES = [
    (name, path.read_bytes())
    for name in NAMES
    for path in sorted((schema_root() / "examples" / "raw" / name).iterdir())
]


@st.composite
def damaged(draw: Any) -> tuple[str, bytes]:
    """A format's name and an example of it with some places damaged."""
    name, data = draw(st.sampled_from(EXAMPLES))
    is_json = data.startswith(b"{") and draw(st.integers(0, 3)) > 0
    return name, damaged_json(draw, json.loads(data)) if is_json else damaged_text(draw, data)


@QUICK
@given(damaged())
def test_a_damaged_payload_is_read_or_refused(case: tuple[str, bytes]) -> None:
    name, data = case
    form, raw = FORMATS[name], record(data)
    form.key(raw)
    assert form.split is not None
    pieces = [raw]
    with suppress(Rejected):
        pieces += [record(part.value) for part in form.split(raw, PROFILE).parts]
    for piece in pieces:
        with suppress(Rejected):
            reading = form.read(piece, PROFILE)
            assert reading.entities or reading.warnings
            assert form.read(piece, PROFILE) == reading


@QUICK
@given(st.sampled_from(NAMES), st.binary(max_size=120))
def test_arbitrary_bytes_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(Rejected):
        FORMATS[name].read(record(data), PROFILE)
