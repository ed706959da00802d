"""The proof: what the receipts say, what the log says, and what the senders worked out beforehand.

Invariant: three parties that know nothing of each other are compared figure by figure; none is corrected by
another.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.request import urlopen

from crossdock.cli.accounts import OUTCOMES
from crossdock.cli.demo.log_account import GROUP, INPUTS
from crossdock.cli.demo.prompt import Json
from crossdock.cli.demo.report import Check, Compared
from crossdock.testbed.expectation import Account

_REFUSED = re.compile(
    r'^crossdock_ingest_refused_total\{code="signature_\w+",endpoint="webhook"\} (?P<count>[\d.e+]+)$', re.M
)


def figures_agree(name: str, pairs: list[Compared]) -> Check:
    """Whether all figures agree; the detail names those that do not."""
    wrong = [f"{one.name}: expected {one.expected}, found {one.found}" for one in pairs if not one.agrees]
    return Check(
        f"{name}: {len(pairs)} figures are as the senders worked them out", not wrong, "; ".join(wrong)
    )


def audit_closes(document: Json) -> Check:
    """Whether `crossdock audit` says so."""
    problems = [str(problem) for group in document["groups"] for problem in group["problems"]]
    return Check("crossdock audit: the accounts close", document["closes"], "; ".join(problems))


def nothing_left(document: Json) -> Check:
    """Whether every record that is in the log has an outcome."""
    left = sum(group["not_yet_processed"] for group in document["groups"])
    return Check("every record in the log has an outcome", left == 0, f"{left} have none" if left else "")


def receipts_agree(document: Json, account: Account) -> Check:
    """Whether the receipts count the same outcomes as were counted in the log."""
    counted: Counter[tuple[str, str]] = Counter()
    for (_, topic, outcome), count in account.intake.items():
        counted[topic, outcome] += count
    (group,) = [one for one in document["groups"] if one["group"] == GROUP]
    rows = {row["topic"]: row for row in group["inputs"]}
    wrong = [
        f"{topic.name} {outcome}: receipts {rows.get(topic.name, {}).get(outcome, 0)}, "
        f"log {counted[topic.name, outcome]}"
        for topic in INPUTS
        for outcome in OUTCOMES
        if rows.get(topic.name, {}).get(outcome, 0) != counted[topic.name, outcome]
    ]
    return Check("receipts and log agree on every outcome", not wrong, "; ".join(wrong))


def door_agrees(ingest_url: str, refused: int) -> Check:
    """Whether ingest counts the forged requests that the senders saw refused."""
    with urlopen(f"{ingest_url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    counted = sum(int(float(match["count"])) for match in _REFUSED.finditer(text))
    detail = "" if counted == refused else f"ingest counted {counted}, the senders {refused}"
    return Check(f"{refused} forged requests were refused, and counted", counted == refused, detail)
