"""The intake on fakes, with synthetic partners and a clock that stands still."""

from __future__ import annotations

import pytest

from crossdock.ingest.testing import Bench, MemoryProfiles
from tests.kit.intake import NOW, PROFILES, SECRETS


@pytest.fixture
def bench() -> Bench:
    """Change a part before `app` is called."""
    return Bench(MemoryProfiles.of(PROFILES), secrets=SECRETS, clock=lambda: NOW)
