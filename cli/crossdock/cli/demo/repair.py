"""The repair: the cause is corrected once, and exactly what it broke is run again.

Invariant: everything is done by the commands that are shown, as anybody would do it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from crossdock.cli.demo.prompt import Json, Prompt
from crossdock.cli.demo.report import Cause, Repair
from crossdock.cli.demo.stage import ACTOR, profile_directory
from crossdock.cli.demo.watch import wait_for
from crossdock.testbed.faults import NO_KEY, OWN_UNIT

PARTNER_FILE: Final = "edi-bigbox.yaml"
CORRECTION: Final = "  ZZ: {unit: EA, factor: 24}"
"""Line under `units` that says what the distributor means by ZZ."""
ANCHOR: Final = "\nunits:"
"""Where that line is put."""
_PROFILE_SECONDS, _DRAIN_SECONDS = 10.0, 20.0
_AS_ACTOR: Final = ("--actor", ACTOR)
_REASON: Final = "sent again, with a key"


def causes_of(rows: Json) -> list[Cause]:
    """Dead letters by cause, the most frequent first; `rows` is what `dead-letters list` prints."""
    groups: dict[tuple[str, str, str], list[Json]] = {}
    for row in rows:
        groups.setdefault((row["code"], row["topic_of"], row["fingerprint"]), []).append(row)
    found = [_cause(members) for members in groups.values()]
    return sorted(found, key=lambda cause: (-cause.count, cause.code, cause.example))


def _cause(members: list[Json]) -> Cause:
    first = members[0]
    place = f" (at {first['path']})" if first["path"] else ""
    return Cause(
        code=first["code"],
        stage=first["stage"],
        count=len(members),
        behind=sum(row["behind"] for row in members),
        channel=first["channel"],
        example=first["key"],
        fix=f"{first['detail']}{place}",
    )


def dead_letters(prompt: Prompt) -> Json:
    """Open dead letters, as `crossdock dead-letters list` has them."""
    rows = prompt.run("dead-letters", "list")
    return [{**row, "topic_of": row["source"].rsplit("/", 2)[0]} for row in rows]


def repair(prompt: Prompt, directory: Path, tell: Callable[[str, Json], None]) -> Repair:
    """Correct the profile, try dry, retry, discard one.

    Args:
        directory: where the corrected profile is written.
        tell: shows what a step found, by its name.
    """
    corrected = _corrected_profile(directory)
    applied = prompt.run("partners", "apply", str(corrected), quietly=_AS_ACTOR)
    (partner,) = applied["partners"]
    tell("applied", partner)
    plan = _dry_run(prompt)
    tell("planned", plan)
    answers = prompt.run("dead-letters", "retry", "--execute", plan["plan"], quietly=_AS_ACTOR)
    keys = {one["key"] for one in plan["results"]}
    wait_for(lambda: not _kept(prompt, keys), _DRAIN_SECONDS)
    tell("retried", answers)
    discarded = _discard_one(prompt)
    tell("discarded", discarded)
    done = [one for one in answers if one["answer"] == "done"]
    return Repair(
        differences=partner["differences"],
        tried=len(plan["results"]),
        fixed=plan["worth_doing"],
        plan=plan["results"][0],
        done=len(done),
        released=sum(one["released"] for one in done),
        discarded=discarded["key"],
        reason=_REASON,
    )


def _corrected_profile(directory: Path) -> Path:
    text = (profile_directory() / PARTNER_FILE).read_text(encoding="utf-8")
    assert ANCHOR in text, "the profile has units"
    path = directory / PARTNER_FILE
    path.write_text(text.replace(ANCHOR, f"{ANCHOR}\n{CORRECTION}", 1), encoding="utf-8")
    return path


def _dry_run(prompt: Prompt) -> Json:
    """A dry run of the whole group, once the worker has read the new profile (it looks every second)."""
    arguments = ("dead-letters", "retry", "--code", OWN_UNIT.code)
    plan = prompt.run(*arguments, quietly=_AS_ACTOR)

    def is_fixed() -> bool:
        nonlocal plan
        if plan["worth_doing"] < len(plan["results"]):
            plan = prompt.run(*arguments, shown=False, quietly=_AS_ACTOR)
        return bool(plan["worth_doing"] == len(plan["results"]))

    wait_for(is_fixed, _PROFILE_SECONDS)
    return plan


def _kept(prompt: Prompt, keys: set[str]) -> bool:
    """Whether anything of these keys is still kept back."""
    rows = prompt.run("dead-letters", "list", "--all", shown=False)
    return any(row["key"] in keys for row in rows)


def _discard_one(prompt: Prompt) -> Json:
    """Give up the record that nobody can place; its key is empty, so it blocks no one."""
    rows = prompt.run("dead-letters", "list", "--code", NO_KEY.code, shown=False)
    identity = rows[0]["id"][:12]
    arguments = ("dead-letters", "discard", "--id", identity, "--reason", _REASON)
    plan = prompt.run(*arguments, shown=False, quietly=_AS_ACTOR)
    answers = prompt.run(*arguments, "--execute", plan["plan"], quietly=_AS_ACTOR)
    return {**rows[0], "answers": answers}
