"""`make soak`: 100,000 raw orders, 60 kill -9 of workers, 5 of the broker; about 8 minutes on 2 cores.

Not collected by `make test`; writes its figures to `benchmarks/results/soak.md`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossdock.embedded.kafka import EmbeddedKafka
from tests.kit.soak import Plan, Report, soak

FULL = Plan(records=100_000, worker_kills=60, broker_kills=5)
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "soak.md"


@pytest.mark.broker
@pytest.mark.timeout(1800)
def test_full_soak(kafka: EmbeddedKafka, registry: str, tmp_path: Path) -> None:
    report = soak(kafka, registry, FULL, tmp_path)
    RESULTS.write_text(_rendered(report))
    assert report.violations == []
    assert (report.worker_kills, report.broker_kills) == (FULL.worker_kills, FULL.broker_kills)


def _rendered(report: Report) -> str:
    verdict = "none" if not report.violations else "; ".join(report.violations[:20])
    rows = {
        "raw orders": f"{report.records:,} of {report.objects:,} objects",
        "kill -9 of workers": str(report.worker_kills),
        "kill -9 of the broker": str(report.broker_kills),
        "takeovers by another member": str(report.takeovers),
        "members that joined and left": str(report.joined),
        "duration": f"{report.seconds:.0f} s",
        "violations found in the log": verdict,
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    today = datetime.now(UTC).date().isoformat()
    return (
        f"# Kill soak of {today}\n\nCommand: `make soak`, on 2 cores shared with the broker. Checked from "
        "the log alone: lost, doubled and reordered records, receipt chain, byte fidelity of dead letters, "
        "state = fold of the inputs (`tests/kit/checker.py`, `tests/kit/soak.py`).\n\n| | |\n|---|---|\n"
        f"{table}\n"
    )
