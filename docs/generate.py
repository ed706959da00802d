"""Writes `docs/reference` from the code: codes, settings, metrics, topics, formats, commands, failures.

Invariant: a page depends on nothing but declarations in the code and in `schemas`, so it is the same on
every machine; a test compares the pages with what this module makes.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final

import click
import yaml
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.topics import TopicDeclaration, declarations
from crossdock.cli import main
from crossdock.cli.commands import COMMANDS
from crossdock.cli.errors import ExitCode
from crossdock.embedded.settings import EmbeddedSettings
from crossdock.formats.registry import FORMATS, Format
from crossdock.ingest import metrics as ingest_metrics
from crossdock.ingest.settings import IngestSettings
from crossdock.normalize.settings import Settings as NormalizeSettings
from crossdock.registry.settings import RegistrySettings
from crossdock.streaming import telemetry
from crossdock.streaming.admission import Intake
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.settings import WorkerSettings

REFERENCE: Final = Path(__file__).parent / "reference"
NOTE: Final = "<!-- Written by `make docs` from the code. Change the code, not this page. -->"

SETTINGS: Final[Mapping[str, type[BaseSettings]]] = {
    "Every process": KafkaSettings,
    "Every worker": WorkerSettings,
    "normalize": NormalizeSettings,
    "ingest": IngestSettings,
    "registry": RegistrySettings,
    "Embedded Kafka and `crossdock up`": EmbeddedSettings,
}
"""Settings classes by who reads them; a class shows only the fields that it adds."""


def pages() -> dict[str, str]:
    """Text of each page by file name."""
    makers: dict[str, Callable[[], Iterator[str]]] = {
        "rejection-codes.md": rejection_codes,
        "settings.md": settings,
        "metrics.md": metrics,
        "topics.md": topics,
        "formats.md": formats,
        "cli.md": commands,
        "failures.md": failures,
    }
    return {name: "\n".join([NOTE, "", *make()]).rstrip() + "\n" for name, make in makers.items()}


# ---- building blocks -------------------------------------------------------------------------------------


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A Markdown table; bars and line ends in cells are escaped."""
    yield _row(columns)
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield _row(row)
    yield ""


def _row(cells: Sequence[object]) -> str:
    texts = [" ".join(str(cell).split()).replace("|", "\\|") for cell in cells]
    return "| " + " | ".join(texts) + " |"


def member_texts(kind: type[Enum]) -> dict[str, str]:
    """Value → the text that stands under each member of an enumeration."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef), "the source of a class is a class"
    texts: dict[str, str] = {}
    for member, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name):
            texts[str(kind[member.targets[0].id].value)] = _text_of(after)
    return texts


def _text_of(node: ast.stmt) -> str:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return inspect.cleandoc(node.value.value) if is_text else ""  # type: ignore[attr-defined]  # checked above


# ---- pages -----------------------------------------------------------------------------------------------


def rejection_codes() -> Iterator[str]:
    """Codes of rejections, and the outcomes that a record can have."""
    yield "# Rejection codes"
    yield ""
    yield "Why a record was refused. The code stands in `dlq.err.code` of its dead letter and in the hold of"
    yield "its key; `crossdock dead-letters groups` counts by it."
    yield ""
    yield from table(
        ("code", "meaning"), ((f"`{code}`", text) for code, text in member_texts(RejectionCode).items())
    )
    yield "## Intake outcomes"
    yield ""
    yield "Every input record has exactly one; receipts and `crossdock_records_total` count by it."
    yield ""
    yield from table(
        ("outcome", "meaning"), ((f"`{name}`", text) for name, text in member_texts(Intake).items())
    )


def settings() -> Iterator[str]:
    """Environment variables, by who reads them."""
    yield "# Settings"
    yield ""
    yield "Processes read their settings from the environment once, at start, and report every problem at"
    yield "once. An option of the `crossdock` command wins over the environment. Secrets are never shown."
    yield ""
    for title, kind in SETTINGS.items():
        rows = [_setting(kind, name, field) for name, field in _own_fields(kind)]
        if rows:
            yield f"## {title}"
            yield ""
            yield from table(
                ("variable", "type", "default", "meaning"), [row for group in rows for row in group]
            )


def _own_fields(kind: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    inherited = {
        name for base in kind.__mro__[1:] if issubclass(base, BaseModel) for name in base.model_fields
    }
    return ((name, field) for name, field in kind.model_fields.items() if name not in inherited)


def _setting(kind: type[BaseSettings], name: str, field: FieldInfo) -> list[tuple[str, str, str, str]]:
    """One row, or one for each field of a nested model."""
    prefix = str(kind.model_config.get("env_prefix") or "")
    variable = str(field.validation_alias or prefix + name.upper())
    nested = field.annotation
    if isinstance(nested, type) and issubclass(nested, BaseModel):
        inner = nested.model_fields.items()
        return [_variable(f"{variable}__{child.upper()}", one) for child, one in inner]
    return [_variable(variable, field)]


def _variable(variable: str, field: FieldInfo) -> tuple[str, str, str, str]:
    default = field.get_default(call_default_factory=True, validated_data={})
    shown = "" if default in (None, "") or isinstance(default, SecretStr) else f"`{_plain(default)}`"
    return f"`{variable}`", _type_of(field), shown, field.description or ""


def _plain(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


_BOUNDS: Final = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def _type_of(field: FieldInfo) -> str:
    """Type and bounds for people."""
    bounds = [
        f"{sign} {getattr(one, name)}"
        for one in field.metadata
        for name, sign in _BOUNDS.items()
        if hasattr(one, name)
    ]
    return " ".join([_type_name(field.annotation), *bounds])


_NAMES: Final = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "Path": "path",
}


def _type_name(annotation: Any) -> str:  # whatever a field is annotated with
    if isinstance(annotation, type):
        if issubclass(annotation, Enum):
            return ", ".join(f"`{member.value}`" for member in annotation)
        return "secret" if annotation is SecretStr else _NAMES.get(annotation.__name__, annotation.__name__)
    members = [one for one in getattr(annotation, "__args__", ()) if one is not type(None)]
    if members and all(isinstance(one, str) for one in members):
        return ", ".join(f"`{one}`" for one in members if one)
    return " or ".join(_type_name(one) for one in members)


def metrics() -> Iterator[str]:
    """Metrics of workers and of ingest."""
    yield "# Metrics"
    yield ""
    yield "Served at `/metrics`. Labels hold topic, group, outcome; never a key or a value of a record."
    yield ""
    yield "## Workers"
    yield ""
    yield from table(("metric", "meaning"), ((f"`{name}`", text) for name, text in telemetry.METRICS.items()))
    yield "## ingest"
    yield ""
    counters = [
        (name, f"{text} By {', '.join(labels)}." if labels else text)
        for name, (text, labels) in ingest_metrics.COUNTERS.items()
    ]
    histograms = [(name, text) for name, (text, _) in ingest_metrics.HISTOGRAMS.items()]
    rows = [*counters, *ingest_metrics.GAUGES.items(), *histograms]
    yield from table(("metric", "meaning"), ((f"`{name}`", text) for name, text in rows))


def topics() -> Iterator[str]:
    """Declared topics, and those that each consumer group has."""
    yield "# Topics"
    yield ""
    yield "Declared in `schemas/topics`; `crossdock topics apply` creates them. Names stand without the"
    yield "installation's namespace. The segments of a key up to `‖` choose the partition."
    yield ""
    columns = ("topic", "key", "record", "written by → read by", "kept", "what it is")
    yield from table(columns, (_topic(one) for one in declarations().values()))
    yield "## Of each consumer group"
    yield ""
    rows = [
        ("`<group>.changelog.v1`", "compacted", "state, duplicate marks, holds and position of each slot"),
        ("`<group>.replay.v1`", "90 days", "requests of operators; an input of the group's slots"),
        ("`<group>.whatif.v1`", "7 days", "what dry runs would write"),
        ("`<source topic>.<group>.dlq`", "90 days", "dead letters: the evidence of each rejection"),
    ]
    yield from table(("topic", "kept", "what it is"), rows)


def _topic(one: TopicDeclaration) -> tuple[str, ...]:
    segments = one.key.split("/")
    parts = ["/".join(segments[: one.partition_segments]), "/".join(segments[one.partition_segments :])]
    kept = one.cleanup if one.retention_days is None else f"{one.cleanup}, {one.retention_days} days"
    flow = f"{', '.join(one.producers)} → {', '.join(one.consumers)}"
    note = (
        f"{one.description}{' Holds personal data.' if one.pii else ''}{' Private.' if one.private else ''}"
    )
    return f"`{one.topic}`", " ‖ ".join(filter(None, parts)), f"`{one.record}`", flow, kept, note


def formats() -> Iterator[str]:
    """Wire formats with their field tables."""
    yield "# Formats"
    yield ""
    yield "What a partner profile may name as `format`. `crossdock try` runs a payload through one, without a"
    yield "broker. JSON that a message of a queue, topic or gateway holds as text, plain or in base64, is"
    yield "read as if it came alone."
    yield ""
    for one in FORMATS.values():
        yield from _format(one)


def _format(one: Format) -> Iterator[str]:
    yield f"## `{one.name}`: {one.title}"
    yield ""
    reported = ", ".join(f"`{entity.__name__}`" for entity in one.entities)
    yield f"Reports {reported}; arrives as {', '.join(f'`{kind}`' for kind in one.content_types)}."
    yield ""
    yield f"- Key: {one.key_rule}."
    yield f"- Revision: {one.revision_rule}."
    yield f"- Needs in the profile: {', '.join(f'`{name}`' for name in one.needs) or 'nothing more'}."
    yield ""
    if one.field_table:
        rows = [(f"`{row.source}`", f"`{row.target}`", row.note) for row in one.field_table]
        yield from table(("from", "to", "note"), rows)
    if one.quirks:
        yield "What real payloads do:"
        yield ""
        yield from (f"- {quirk}" for quirk in one.quirks)
        yield ""


def commands() -> Iterator[str]:
    """The help of every command."""
    yield "# The `crossdock` command"
    yield ""
    root = click.Context(
        main.cli, info_name="crossdock", terminal_width=100, help_option_names=["-h", "--help"]
    )
    yield from _help(root)
    yield "## Exit codes"
    yield ""
    texts = member_texts(ExitCode)
    yield from table(("code", "meaning"), ((code.value, texts[str(code.value)]) for code in ExitCode))
    for lazy in COMMANDS:
        yield from _command(lazy.load(), lazy.name, root, "##")


def _command(command: click.Command, name: str, parent: click.Context, level: str) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent, terminal_width=100)
    yield f"{level} `{context.command_path}`"
    yield ""
    yield from _help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None, "a listed command exists"
            yield from _command(found, child, context, level + "#")


def _help(context: click.Context) -> Iterator[str]:
    yield "```text"
    yield from (line.rstrip() for line in context.get_help().splitlines())
    yield "```"
    yield ""


# ---- failures --------------------------------------------------------------------------------------------

TESTS: Final = Path(__file__).parents[1] / "tests"
FAILURES: Final = TESTS / "scenario" / "failures.yaml"


def failures() -> Iterator[str]:
    """Failures of comparable systems, what holds here, and the tests that show it."""
    yield "# Failures"
    yield ""
    yield "How comparable systems failed in public, by the numbers that tests and code use; what holds here"
    yield "in their place, and the tests that show it. The claims stand in `tests/scenario/failures.yaml`."
    yield ""
    shown = failure_tests()
    stated = yaml.safe_load(FAILURES.read_text(encoding="utf-8"))
    rows = [
        (number, one["claim"], "<br>".join(map(_test_link, [*shown.get(number, ()), *one.get("also", ())])))
        for number, one in stated.items()
    ]
    yield from table(("number", "what holds", "shown by"), rows)


def failure_tests(root: Path = TESTS) -> dict[str, list[str]]:
    """`path::test` of the tests that name a failure, by its number."""
    found: dict[str, list[str]] = {}
    for path in sorted(root.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                said = re.match(r"F\d+(?=:)", ast.get_docstring(node) or "")
                named = re.match(r"test_(f\d+)_", node.name)
                if number := said[0] if said else named[1].upper() if named else "":
                    found.setdefault(number, []).append(f"tests/{path.relative_to(root)}::{node.name}")
    return found


def _test_link(test: str) -> str:
    path, name = test.split("::")
    return f"[{re.sub('^test_(f[0-9]+_)?', '', name).replace('_', ' ')}](../../{path})"


def outdated(reference: Path = REFERENCE, made: Mapping[str, str] | None = None) -> list[str]:
    """Names of the pages that differ from what the code says now, or that nothing makes any more."""
    made = pages() if made is None else made
    present = {path.name: path.read_text(encoding="utf-8") for path in reference.glob("*.md")}
    return sorted(name for name in made.keys() | present.keys() if made.get(name) != present.get(name))


def write(made: Mapping[str, str], reference: Path = REFERENCE) -> None:
    """Make the folder hold exactly these pages."""
    reference.mkdir(exist_ok=True)
    for path in reference.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (reference / name).write_text(text, encoding="utf-8")


def run(arguments: Sequence[str] | None = None) -> int:
    """Write the pages; with `--check` only say which are outdated, exit code 1 where any is."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is outdated")
    is_check = parser.parse_args(arguments).check
    made = pages()
    stale = outdated(made=made)
    for name in stale:
        sys.stdout.write(f"{'outdated' if is_check else 'written'}: {name}\n")
    if not is_check:
        write(made)
    return 1 if is_check and stale else 0


if __name__ == "__main__":
    sys.exit(run())
