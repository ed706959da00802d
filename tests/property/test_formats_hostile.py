"""Every format against damaged examples of its own: bytes changed, cut, doubled, put elsewhere.

Invariant: a payload is read or refused with a stable code, nothing else; reading it again gives the same.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.schemas import schema_root
from crossdock.cli.trial import Trial
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import PROFILE

QUICK = settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
CAPTURED = datetime(2026, 5, 6, 12, tzinfo=UTC)
_SEEDS = [
    (path.parent, path.read_bytes())
    for path in sorted((schema_root() / "examples" / "raw").glob("*/*.*"))
    if path.name != "profile.yaml" and path.parent.name in FORMATS
]
_SCRAPS = (
    b"",
    b"-",
    b"9" * 40,
    b"1e999",
    b"null",
    b"{}",
    b"[]",
    b'""',
    b"\x00",
    b"\xff",
    b"~",
    b"'",
    b",",
    b"\t",
    b"\n",
)


@st.composite
def damaged(draw: Any) -> tuple[Path, bytes]:
    """Folder of a format's examples, and one of them with one to four places changed."""
    folder, data = draw(st.sampled_from(_SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.integers(0, 12)))
        kind = draw(st.sampled_from(("replace", "cut", "double", "swap")))
        if kind == "replace":
            data = data[:start] + draw(st.sampled_from(_SCRAPS)) + data[stop:]
        elif kind == "cut":
            data = data[:start] if draw(st.booleans()) else data[:start] + data[stop:]
        elif kind == "double":
            data = data[:stop] + data[start:]
        else:
            data = data[:start] + data[start:stop][::-1] + data[stop:]
    return folder, data


@QUICK
@given(damaged())
def test_a_damaged_payload_is_read_or_refused_and_reads_the_same_again(case: tuple[Path, bytes]) -> None:
    folder, data = case
    own = folder / "profile.yaml"
    profile = parse_profile(own.read_text(encoding="utf-8")) if own.exists() else PROFILE

    def document() -> dict[str, Any]:
        return Trial(profile, folder.name, event=None, captured_at=CAPTURED).run(data).document()

    first = document()
    assert first == document()
    assert first["events"] or first["rejections"] or first["warnings"] or first["exchanges"]
