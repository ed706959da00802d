"""How dry runs and answers are shown.

Invariant: every entry that was asked about is named with what became of it; counts add up to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import click

from crossdock.canonical.models.ops import AuditEntry, DryRunOutcome, DryRunResult, ReplayAnswer
from crossdock.cli.differences import Difference, show_differences
from crossdock.cli.kept_view import SHORT_ID
from crossdock.cli.output import print_table, printable
from crossdock.cli.published import compared

_SHOWN_DIFFERENCES = 12
_SHOWN_RESULTS = 10
_EMPTY: tuple[object, ...] = (None, "", [], {})
"""What a new record need not be shown to lack."""
_COLOURS = {DryRunOutcome.FIXED: "green", DryRunOutcome.SUPERSEDED: "yellow"}


@dataclass(frozen=True)
class Emitted:
    """One record that a retry would write, against what is published."""

    topic: str
    key: str
    is_new: bool
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Finding:
    """What a dry run found about one entry."""

    result: DryRunResult
    emitted: tuple[Emitted, ...]

    def document(self) -> dict[str, object]:
        """The finding as JSON."""
        said = self.result
        return {
            "id": said.entry_id,
            "key": said.hold_key,
            "group": said.group,
            "slot": said.slot,
            "result": said.result,
            "code": said.code or None,
            "detail": said.detail or None,
            "path": said.path or None,
            "behind": said.followers,
            "plan_hash": said.plan_hash,
            "emits": [asdict(one) for one in self.emitted],
        }


def findings(results: Sequence[DryRunResult], known: dict[tuple[str, str], object]) -> list[Finding]:
    """Results with the field-level differences of what they would write."""
    return [Finding(one, tuple(_emitted(one, known))) for one in results]


def _emitted(result: DryRunResult, known: dict[tuple[str, str], object]) -> list[Emitted]:
    rows = []
    for emit in result.emits:
        is_new, found = compared(emit, known)
        telling = [one for one in found if not is_new or one.after not in _EMPTY]
        rows.append(Emitted(emit.topic, emit.key, is_new, tuple(telling)))
    return rows


def print_findings(found: Sequence[Finding], *, is_full: bool) -> None:
    """Print the first findings with their differences, then the counts of all."""
    for one in found if is_full else found[:_SHOWN_RESULTS]:
        _print_finding(one, is_full=is_full)
    if not is_full and len(found) > _SHOWN_RESULTS:
        click.echo(f"… and {len(found) - _SHOWN_RESULTS} more (--full shows all)")
    counts = Counter(one.result.result for one in found)
    click.echo(", ".join(f"{count} {result.replace('_', ' ')}" for result, count in counts.most_common()))


def _print_finding(finding: Finding, *, is_full: bool) -> None:
    said = finding.result
    verdict = click.style(said.result.replace("_", " "), fg=_COLOURS.get(said.result, "red"), bold=True)
    behind = f", {said.followers} behind it" if said.followers else ""
    click.echo(f"{said.entry_id[:SHORT_ID]}  {printable(said.hold_key)}  {verdict}{behind}")
    if said.code:
        place = f" (at {said.path})" if said.path else ""
        click.echo(printable(f"  {said.code}: {said.detail}{place}"))
    for one in finding.emitted:
        click.echo(f"  {'new' if one.is_new else 'changes'} {one.topic} {printable(one.key)}")
        shown = one.differences if is_full else one.differences[:_SHOWN_DIFFERENCES]
        show_differences(list(shown), "    ")
        if len(shown) < len(one.differences):
            click.echo(f"    … and {len(one.differences) - len(shown)} more fields (--full shows all)")


def print_answers(audits: Mapping[str, AuditEntry]) -> None:
    """Print what was not done one by one, then the counts of all answers."""
    rows = [
        (one.entry_id[:SHORT_ID], one.hold_key, one.answer, one.code, one.detail)
        for one in audits.values()
        if one.answer is not ReplayAnswer.DONE
    ]
    if rows:
        print_table(("id", "key", "answer", "code", "detail"), rows)
    counts = Counter(one.answer for one in audits.values())
    click.echo(
        ", ".join(f"{count} {answer.replace('_', ' ')}" for answer, count in counts.most_common()) + "."
    )
    released = sum(one.released for one in audits.values() if one.answer is ReplayAnswer.DONE)
    if released:
        are = "entry that waited behind them is" if released == 1 else "entries that waited behind them are"
        click.echo(f"{released} {are} released in order.")
