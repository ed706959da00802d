"""Alerting rules and dashboard ask only for metrics and labels that exist, and lead to guides that exist."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from crossdock.ingest import metrics as ingest
from crossdock.ingest.metrics import Metrics
from crossdock.streaming.admission import Intake
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.telemetry import METRICS, Telemetry, tracer_of
from crossdock.streaming.testing import Driver
from tests.kit import tally
from tests.kit.guides import anchors
from tests.tidy.tree import ROOT

ALERTS = ROOT / "deploy" / "alerts" / "crossdock.yaml"
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana" / "crossdock.json").read_text())
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]
]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
_SELECTOR = re.compile(r"\b(crossdock_\w+)(?:\{([^}]*)\})?")
_GROUPING = re.compile(r"\bby \(([^)]*)\)")
_LABEL = re.compile(r"(\w+)\s*[=!]~?\s*\"")
_WIDTH = 24


def expressions() -> Iterator[tuple[str, str]]:
    """Every query, and where it stands."""
    yield from ((f"alert {rule['alert']}", str(rule["expr"])) for rule in RULES)
    for panel in PANELS:
        yield from ((f"panel {panel['title']}", str(target["expr"])) for target in panel["targets"])


def exposed() -> dict[str, set[str]]:
    """Samples that our processes expose once they have worked, each with its labels."""
    found: dict[str, set[str]] = {}
    for text in (worker_exposition(), ingest_exposition()):
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


def worker_exposition() -> str:
    registry = CollectorRegistry()
    telemetry = Telemetry("tally", registry, tracer_of("tally", ""))
    driver = Driver(tally.tally, MemoryRegistry())
    driver.run()
    slots = driver.slots()
    for owned in slots.values():
        owned.slot.account.intake["raw.count.v1", Intake.ACCEPTED] = 1
        owned.slot.account.closed["accepted"] = 1
    telemetry.changed(slots, True)
    telemetry.committed(slots.values(), 1, 0.1)
    telemetry.trouble(ValueError("x"))
    return generate_latest(registry).decode()


def ingest_exposition() -> str:
    metrics = Metrics()
    for name, (_, labels) in ingest.COUNTERS.items():
        metrics.count(name, *labels)
    return metrics.exposition()[0].decode()


EXPOSED = exposed()


def unknown(expression: str) -> list[str]:
    """Metrics and labels of a query that no process exposes."""
    selectors = _SELECTOR.findall(expression)
    metrics = {name for name, _ in selectors}
    wrong = [name for name in metrics if name not in EXPOSED]
    for name, matchers in selectors:
        wrong += [f"{name}: {one}" for one in _LABEL.findall(matchers) if one not in EXPOSED.get(name, ())]
    labels = set().union(*(EXPOSED.get(name, set()) for name in metrics))
    grouped = [one.strip() for listed in _GROUPING.findall(expression) for one in listed.split(",")]
    return wrong + [f"by {one}" for one in grouped if one not in labels]


@pytest.mark.parametrize(("place", "expression"), list(expressions()), ids=[p for p, _ in expressions()])
def test_query_asks_for_metrics_and_labels_that_exist(place: str, expression: str) -> None:
    assert "crossdock_" in expression
    assert unknown(expression) == []


@pytest.mark.parametrize(
    "expression",
    [
        "crossdock_record_total",
        'crossdock_records_total{slot="1"}',
        "sum by (channel) (crossdock_ready)",
        'crossdock_ingest_refused_total{reason=~"x"}',
    ],
)
def test_query_for_something_else_is_seen(expression: str) -> None:
    assert unknown(expression) != []


def test_every_declared_metric_is_exposed_and_shown_or_alerted_on() -> None:
    declared = {*METRICS, *ingest.COUNTERS, *ingest.GAUGES, *ingest.HISTOGRAMS}
    assert [name for name in declared if not {name, f"{name}_bucket"} & EXPOSED.keys()] == []
    asked = {
        re.sub("_(bucket|sum|count)$", "", name) for _, e in expressions() for name, _ in _SELECTOR.findall(e)
    }
    unasked = {"crossdock_ingest_pings_total", "crossdock_ingest_in_flight_requests"}
    assert declared - asked == unasked


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alert_says_who_must_come_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert all(rule["annotations"][name] for name in ("summary", "description"))
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor in anchors((ROOT / page).read_text(encoding="utf-8"))


def test_alerts_have_names_of_their_own() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)


def test_panels_have_ids_texts_and_the_chosen_data_source() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in PANELS:
        assert panel["description"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


def test_panels_do_not_lie_upon_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= _WIDTH
        columns = range(place["x"], place["x"] + place["w"])
        cells = {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
