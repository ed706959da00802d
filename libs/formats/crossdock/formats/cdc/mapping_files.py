"""Reading the table mappings of `schemas/cdc`, one file per ERP adapter.

Invariant: a mapping is valid as a whole or refused with every problem, each with file, line and path.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from crossdock.canonical.documents import DocumentInvalid, ExactLoader, load_document
from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.schemas import schema_root
from crossdock.formats.cdc.compiled_mapping import Adapter, compile_adapter
from crossdock.formats.cdc.mapping_grammar import AdapterMapping
from crossdock.formats.cdc.targets import Problem, mapping_problems

_FOLDER: Final = "cdc"


class MappingInvalid(ValueError):
    """A mapping cannot be used; `problems` holds (line, path, what is wrong), in document order."""

    def __init__(self, file: str, problems: Iterable[tuple[int, str, str]]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(f"{file}:{line}: {path}: {text}" for line, path, text in self.problems))


def parse_mapping(text: str, file: str) -> AdapterMapping:
    """The mapping of a YAML text. Raises MappingInvalid with all problems."""
    try:
        document = load_document(text)
    except DocumentInvalid as error:
        raise MappingInvalid(file, [(1, "", str(error))]) from None
    try:
        mapping = AdapterMapping.model_validate(document)
        problems: list[Problem] = list(mapping_problems(mapping))
    except ValidationError as error:
        found = [(tuple(one["loc"]), one["msg"]) for one in error.errors(include_url=False)]
        problems = [one for one in found if not _is_echo(one, found)]
    if problems:
        root = yaml.compose(text, ExactLoader)
        raise MappingInvalid(file, [(_line(root, loc), _path(loc), message) for loc, message in problems])
    return mapping


def _is_echo(problem: Problem, problems: Iterable[Problem]) -> bool:
    """Whether a list is only short because its items have problems of their own."""
    place = problem[0]
    return any(len(other) > len(place) and other[: len(place)] == place for other, _ in problems)


def _path(loc: Iterable[str | int]) -> str:
    return ".".join(str(step) for step in loc) or "(document)"


def _line(node: yaml.Node | None, loc: Iterable[str | int]) -> int:
    """Line of the deepest node that the path names."""
    for step in loc:
        inner = _member(node, step)
        if inner is None:
            break
        node = inner
    return 1 if node is None else node.start_mark.line + 1


def _member(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]  # yaml has no types for its nodes
    return None


@cache
def adapter_files() -> dict[str, Path]:
    """The mapping file of each adapter, by its name."""
    return {path.stem: path for path in sorted((schema_root() / _FOLDER).glob("*.yaml"))}


@cache
def adapter_named(name: str | None) -> Adapter:
    """The compiled mapping of an adapter. Raises Rejected FORMAT_UNKNOWN, MappingInvalid."""
    file = adapter_files().get(name or "")
    if file is None:
        known = ", ".join(adapter_files())
        detail = (
            f"no table mapping for the adapter {shown(name or '')}; set `adapter` in the profile to one of "
            f"{known}, or add schemas/cdc/<adapter>.yaml"
        )
        raise Rejected(RejectionCode.FORMAT_UNKNOWN, detail, "adapter")
    mapping = parse_mapping(file.read_text(encoding="utf-8"), file.name)
    if mapping.adapter != file.stem:
        raise MappingInvalid(file.name, [(1, "adapter", "the adapter is named as its file")])
    return compile_adapter(mapping)
