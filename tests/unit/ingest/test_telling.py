"""What the intake tells: problem documents, health, metrics, log lines, traces; never personal data."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import get_args

import orjson
import pytest
import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from crossdock.ingest import journal
from crossdock.ingest.journal import RefusalJournal
from crossdock.ingest.metrics import COUNTERS, GAUGES, HISTOGRAMS, MetricName
from crossdock.ingest.problems import PROBLEMS, ProblemCode, Refused
from crossdock.ingest.testing import Bench, MemoryProfiles
from crossdock.ingest.tracing import Tracing
from tests.kit.asgi import get, post
from tests.kit.intake import order, shopify

SHOP = "/v1/webhooks/acme/shop"
PERSONAL = "test.buyer.1@example.com"


@pytest.mark.parametrize("code", ProblemCode)
def test_every_problem_names_status_title_fix_and_has_a_stable_type(code: ProblemCode) -> None:
    problem = PROBLEMS[code]
    document = orjson.loads(Refused(code, "What was found.", field="X-Field").document())
    assert 400 <= problem.status < 600
    assert document == {
        "type": f"urn:crossdock:problem:{code.value.replace('_', '-')}",
        "title": problem.title,
        "status": problem.status,
        "code": code.value,
        "detail": "What was found.",
        "fix": problem.fix,
        "field": "X-Field",
    }


def test_every_refusal_that_passes_by_itself_says_when(bench: Bench) -> None:
    bench.producer.is_available = False
    answer = post(bench.app(), SHOP, order())
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.001, "1"), (1.0, "1"), (1.2, "2"), (59.99, "60"), (0.0, "1")]
)
def test_retry_after_is_whole_seconds_rounded_up(seconds: float, told: str) -> None:
    refused = Refused(ProblemCode.RATE_LIMITED, "", retry_after_s=seconds)
    assert refused.headers()["retry-after"] == told


def test_no_answer_or_log_line_repeats_the_body_or_a_header(bench: Bench) -> None:
    app, body = bench.app(), PERSONAL.encode()
    hostile = [
        ("X-Shopify-Hmac-Sha256", PERSONAL),
        ("X-Shopify-Topic", PERSONAL),
        ("Idempotency-Key", PERSONAL),
        ("Authorization", f"Bearer {PERSONAL}"),
        ("Crossdock-Format", PERSONAL),
    ]
    paths = (SHOP, "/v1/ingest/acme/portal/order", f"/v1/webhooks/{PERSONAL}/{PERSONAL}", f"/{PERSONAL}")
    with capture_logs() as lines:
        answers = [post(app, path, body, hostile) for path in paths]
        bench.journal.write()
    told = b"".join(answer.body for answer in answers) + bench.metrics.exposition()[0] + orjson.dumps(lines)
    assert PERSONAL.encode() not in told
    assert {answer.status for answer in answers} == {401, 404}


def test_unexpected_fault_is_a_500_without_a_word_about_the_request(bench: Bench) -> None:
    class Broken(MemoryProfiles):
        def at(self, *_: object) -> None:
            raise RuntimeError(PERSONAL)

    bench.profiles = Broken()
    with capture_logs() as lines:
        answer = post(bench.app(), SHOP, PERSONAL.encode())
    assert (answer.status, answer.code) == (500, "internal_error")
    assert PERSONAL.encode() not in answer.body
    assert [line["event"] for line in lines] == ["internal_error"]


def test_ready_only_while_everything_is(bench: Bench) -> None:
    app = bench.app()
    assert get(app, "/readyz").status == 200
    bench.producer.is_available = False
    assert get(app, "/readyz").json == {"profiles": True, "broker": False, "accepting": True}
    bench.producer.is_available, bench.profiles.is_caught_up = True, False
    assert get(app, "/readyz").status == 503
    bench.profiles.is_caught_up, bench.lifecycle.is_draining = True, True
    assert get(app, "/readyz").json["accepting"] is False
    assert get(app, "/livez").status == 200


def test_metrics_count_outcomes_by_code_and_channel(bench: Bench) -> None:
    app, body = bench.app(), order()
    post(app, SHOP, body, shopify(body))
    post(app, SHOP, body, shopify(body, "guess"))
    post(app, "/nowhere", body)
    text = get(app, "/metrics").body.decode()
    assert 'crossdock_ingest_accepted_total{channel="shop",endpoint="webhook",tenant="acme"} 1.0' in text
    assert 'crossdock_ingest_refused_total{code="signature_invalid",endpoint="webhook"} 1.0' in text
    assert 'crossdock_ingest_refused_total{code="unknown_endpoint",endpoint="none"} 1.0' in text
    assert "crossdock_ingest_delivery_seconds_count 1.0" in text
    assert "crossdock_ingest_ready 1.0" in text


def test_every_metric_name_has_exactly_one_row() -> None:
    rows = [*COUNTERS, *GAUGES, *HISTOGRAMS]
    assert sorted(rows) == sorted(get_args(MetricName))


def test_refusals_are_summed_up_and_made_up_names_are_not_logged(bench: Bench) -> None:
    app = bench.app()
    for _ in range(3):
        post(app, SHOP, order(), shopify(b"forged"))
    post(app, "/v1/webhooks/made-up/name", order())
    with capture_logs() as lines:
        bench.journal.write()
        bench.journal.write()
    told = ("endpoint", "code", "tenant", "channel", "count")
    found = [tuple(line[name] for name in told) for line in lines]
    assert found == [
        ("webhook", "signature_invalid", "acme", "shop", 3),
        ("webhook", "unknown_endpoint", "", "", 1),
    ]


def test_number_of_log_lines_is_bounded() -> None:
    refusals = RefusalJournal(kinds_max=2)
    for number in range(100):
        refusals.note("webhook", "signature_invalid", f"tenant-{number}", "shop")
    with capture_logs() as lines:
        refusals.write()
    assert len(lines) == 3
    assert sum(line["count"] for line in lines) == 100


@pytest.fixture
def _plain_logging() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    for name in ("aiokafka", "uvicorn", "asyncio"):
        logging.getLogger(name).handlers, logging.getLogger(name).propagate = [], True


@pytest.mark.usefixtures("_plain_logging")
def test_log_is_json_lines_and_libraries_lose_their_arguments(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    journal.configure("info")
    structlog.get_logger().info("listening", port=1)
    structlog.get_logger().debug("not told")
    for _ in range(50):
        logging.getLogger("aiokafka.producer").warning("sending %s failed", PERSONAL)
    try:
        raise ValueError(PERSONAL)
    except ValueError:
        structlog.get_logger().exception("internal_error")
        logging.getLogger("uvicorn.error").exception("fault")
    told = capsysbinary.readouterr().err
    lines = [orjson.loads(line) for line in told.splitlines()]
    assert [line["event"] for line in lines] == ["listening", "library", "internal_error", "library"]
    assert lines[1]["message"] == "sending %s failed"
    assert (lines[2]["exception"], lines[3]["error"]) == ("ValueError", "ValueError")
    assert "test_telling.py" in lines[2]["stack"][0]
    assert PERSONAL.encode() not in told


def test_span_is_made_for_each_request_and_its_context_travels_in_the_record(bench: Bench) -> None:
    exporter = InMemorySpanExporter()
    bench.tracing = Tracing("http://127.0.0.1:4318/v1/traces", 1.0, exporter)
    app, body = bench.app(), order()
    parent = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    post(app, SHOP, body, [*shopify(body), ("traceparent", parent)])
    post(app, SHOP, body, [*shopify(body, "guess"), ("traceparent", parent)])
    bench.tracing.close()
    accepted, refused = exporter.get_finished_spans()
    context = accepted.get_span_context()
    assert context is not None
    assert accepted.name == "POST /v1/webhooks/{tenant}/{channel}"
    assert format(context.trace_id, "032x") == "a" * 32
    carried = bench.producer.records[0].header("traceparent")
    assert carried == f"00-{'a' * 32}-{context.span_id:016x}-01"
    assert _attributes(accepted)["http.response.status_code"] == 200
    assert _attributes(refused)["error.type"] == "signature_invalid"


def _attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})
