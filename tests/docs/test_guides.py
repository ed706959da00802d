"""The guides for operators and the README: every command runs, on one stack, and prints what is shown."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

from crossdock.cli.main import cli
from crossdock.embedded.settings import EmbeddedSettings, inherited_environment
from tests.kit.guides import Names, Shell, Step, anchors, difference, play, shell_lines, steps_of
from tests.kit.waiting import wait_until

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "operations"
ORDER = ("running", "onboarding", "dead-letters", "audit", "monitoring")
NEEDED = ("bash", "curl", "openssl")
UP = "crossdock up"
PORTS = {"kafka": 9092, "registry": 8081, "ingest": 8080, "normalize": 8082}
"""Ports as the guides write them."""


@dataclass
class Desk:
    """An operator's shell beside a running stack."""

    shell: Shell
    folder: Path
    names: Names = field(default_factory=Names)
    played: int = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self, steps: list[Step]) -> subprocess.Popen[bytes]:
        """Play the first guide up to `crossdock up`, start that, learn where everything is, export it."""
        (at,) = [number for number, step in enumerate(steps) if step.command == UP]
        for step in steps[:at]:
            assert play(step, self.shell, self.names) == ""
        options = ["--free-ports", "--data-dir", str(self.data)]
        log = self.folder / "up.log"
        with log.open("wb") as output:
            stack = subprocess.Popen(
                ["crossdock", "up", *options], env=self.shell.environment(), cwd=self.folder, stdout=output
            )

        def require_running() -> None:
            assert stack.poll() is None, f"`{UP}` ended with {stack.returncode}"

        wait_until(lambda: "Ctrl-C drains" in log.read_text(), require_running, seconds=120)
        printed = log.read_text().splitlines()
        places = {line.split()[0]: line.split()[1] for line in printed if line.startswith((*PORTS,))}
        self.names.known["~/.cache/crossdock/data"] = str(self.data)
        for name, port in PORTS.items():
            self.names.known[f"127.0.0.1:{port}"] = places[name].removeprefix("http://")
        shown = [line for line in self.names.into_guide("\n".join(printed)).splitlines() if line.strip()]
        assert difference(steps[at].expected, shown, self.names) == ""
        after = steps[at + 1 :]
        exports = [*itertools.takewhile(lambda step: step.command.startswith("export "), after)]
        assert [wrong for step in exports if (wrong := play(step, self.shell, self.names))] == []
        self.played = at + 1 + len(exports)
        return stack


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The shell and the stack, both started as docs/operations/running.md says."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"the guides use {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("desk")
    for name, target in (
        ("examples", ROOT / "examples"),
        ("schemas", ROOT / "schemas"),
        (".venv", Path(sys.prefix)),
    ):
        (folder / name).symlink_to(target)
    opened = Desk(Shell(folder, _environment(folder)), folder)
    stack = opened.start(steps_of((GUIDES / "running.md").read_text()))
    try:
        yield opened
        stack.send_signal(signal.SIGINT)
        assert stack.wait(60) == 0
    finally:
        stack.kill()
        opened.shell.close()


def _environment(folder: Path) -> dict[str, str]:
    inherited = {n: v for n, v in inherited_environment().items() if not n.startswith("CROSSDOCK_")}
    own = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited['PATH']}",
        "HOME": str(folder),
        "CROSSDOCK_CACHE_DIR": str(EmbeddedSettings().cache),
        "CROSSDOCK_LIMITS__REJECTIONS_IN_ROW_MAX": "5",
        "LC_ALL": "C.UTF-8",
        "USER": "operator",
        "LOGNAME": "operator",
    }
    return {**inherited, **own}


def problems(steps: list[Step], desk: Desk) -> list[str]:
    """What is wrong with the steps of a guide, each with its line."""
    found = []
    for step, after in zip(steps, [*steps[1:], Step(0, "", ())], strict=True):
        if wrong := play(step, desk.shell, desk.names, may_fail=after.command == "echo $?"):
            found.append(f"line {step.line}: {wrong}")
    return found


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.parametrize("guide", ORDER)
def test_commands_of_the_guide_print_what_it_shows(desk: Desk, guide: str) -> None:
    steps = steps_of((GUIDES / f"{guide}.md").read_text(encoding="utf-8"))
    assert steps
    assert problems(steps[desk.played if guide == "running" else 0 :], desk) == []


@pytest.mark.broker
@pytest.mark.slow
def test_commands_of_the_readme_that_end_run(desk: Desk) -> None:
    (desk.folder / "order.json").write_bytes(
        (ROOT / "schemas/examples/raw/shopify_order/paid.json").read_bytes()
    )
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.partition("  #")[0].strip() for line in text.splitlines()]
    crossdock = [line for line in lines if line.startswith(".venv/bin/crossdock ")]
    commands = [line for line in crossdock if not line.endswith(" up")]
    ending = [f"{one} -e" if " tail " in one else one for one in commands]
    assert len(ending) >= 2
    assert [one for one in ending if desk.shell.run(one)[0] != 0] == []


def test_every_guide_is_among_those_that_are_run() -> None:
    assert sorted(ORDER) == sorted(path.stem for path in GUIDES.glob("*.md"))


@pytest.mark.parametrize("guide", ORDER)
def test_commands_that_are_only_for_reading_exist_with_their_options(guide: str) -> None:
    text = (GUIDES / f"{guide}.md").read_text(encoding="utf-8")
    assert [f"line {number}: {wrong}" for number, line in shell_lines(text) if (wrong := unknown(line))] == []


PAGES = [*GUIDES.glob("*.md"), ROOT / "deploy" / "kubernetes" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "/" + page.stem)
def test_links_into_pages_lead_to_headings_that_exist(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    targets = [((page.parent / path).resolve() if path else page, anchor) for path, anchor in links]
    assert [anchor for path, anchor in targets if anchor not in anchors(path.read_text())] == []


def unknown(line: str) -> str:
    """What a line of a `crossdock` command has that the command has not; empty where all exists."""
    words = shlex.split(line, comments=True)
    while words and "=" in words[0]:
        words.pop(0)
    if not words or words[0] != "crossdock":
        return ""
    command: click.Command = cli
    for word in words[1:]:
        options = {option for one in command.params for option in one.opts}
        if word.startswith("-") and word.partition("=")[0] not in options | {"--help"}:
            return f"{command.name} has no {word}"
        if isinstance(command, click.Group) and not word.startswith("-"):
            found = command.get_command(click.Context(command), word)
            if found is None:
                return f"{command.name} has no {word}"
            command = found
    return ""


def test_wrong_command_or_option_in_a_guide_is_seen() -> None:
    assert unknown("crossdock partners list --json") == ""
    assert unknown("X=1 crossdock up --workers 2  # two") == ""
    assert unknown("crossdock partner list") != ""
    assert unknown("crossdock partners list --all") != ""


@pytest.mark.parametrize(
    ("expected", "actual", "is_same"),
    [
        (["a  b"], ["a b"], True),
        (["a … c"], ["a x y c"], True),
        (["a", "…", "d"], ["a", "b", "c", "d"], True),
        (["a", "…"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a"], False),
        (["a", "c"], ["a", "b", "c"], False),
        (["… b"], ["a c"], False),
        (["plan-0a1b2c3d is ready"], ["plan-99ff99ff is ready"], True),
        (["plan-0a1b2c3d is ready"], ["plan-99ff99ff is not ready"], False),
    ],
)
def test_output_is_compared_line_by_line(expected: list[str], actual: list[str], is_same: bool) -> None:
    assert (difference(tuple(expected), actual, Names()) == "") == is_same


def test_ids_are_learned_from_the_output_for_later_commands() -> None:
    names = Names()
    assert difference(("id 0a1b2c3d, plan-77aa77aa",), ["id 99ff99ff, plan-12ab12ab"], names) == ""
    assert (
        names.into_run("retry 0a1b2c3d --execute plan-77aa77aa") == "retry 99ff99ff --execute plan-12ab12ab"
    )


def test_steps_are_read_with_their_lines_and_outputs() -> None:
    text = "```sh\n$ no\n```\n```console\n$ a \\\n> b\n1\n\n2\n$ c\n```\n$ no\n"
    assert steps_of(text) == [Step(5, "a \\\nb", ("1", "", "2")), Step(10, "c", ())]
