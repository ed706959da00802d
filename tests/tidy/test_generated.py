"""The generated pages are what the code says, and leave nothing undocumented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.canonical.errors import RejectionCode
from crossdock.cli.errors import ExitCode
from crossdock.streaming.admission import Intake
from docs import generate


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return generate.pages()


def test_reference_pages_are_current(made: dict[str, str]) -> None:
    assert generate.outdated(made=made) == [], "run `make docs`"


def test_changed_missing_and_superfluous_page_are_named(tmp_path: Path) -> None:
    made = {"a.md": "one\n", "b.md": "two\n"}
    generate.write(made, tmp_path)
    assert generate.outdated(tmp_path, made) == []
    (tmp_path / "a.md").write_text("other\n")
    (tmp_path / "b.md").unlink()
    (tmp_path / "c.md").write_text("old\n")
    assert generate.outdated(tmp_path, made) == ["a.md", "b.md", "c.md"]
    generate.write(made, tmp_path)
    assert generate.outdated(tmp_path, made) == []


@pytest.mark.parametrize("kind", [RejectionCode, Intake, ExitCode])
def test_every_member_has_its_text(kind: type[RejectionCode | Intake | ExitCode]) -> None:
    texts = generate.member_texts(kind)
    assert [member for member in kind if not texts.get(str(member.value))] == []


def rows(page: str) -> Iterator[list[str]]:
    for line in page.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("name", ["settings.md", "metrics.md", "topics.md"])
def test_every_row_says_what_it_is(made: dict[str, str], name: str) -> None:
    assert [row[0] for row in rows(made[name]) if not row[-1]] == []


def test_pages_hold_no_secret_and_no_path_of_this_machine(made: dict[str, str]) -> None:
    text = "".join(made.values())
    assert str(Path.home()) not in text
    assert str(Path.cwd()) not in text
