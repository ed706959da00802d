"""A declarative mapping against sample payloads: what it reads, what it leaves, what stays empty.

Invariant: the functions that normalize runs decide what becomes of a sample; this only adds up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml
from pydantic import BaseModel, ValidationError

from crossdock.canonical.documents import DocumentInvalid, load_document
from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Entity, PartnerProfile
from crossdock.canonical.models.mapping import MappingSection
from crossdock.canonical.profiles import ProfileInvalid, profile_of
from crossdock.cli.trial import Refusal, Trial
from crossdock.formats.declarative.coverage import fields_of, fields_read, unknown_targets
from crossdock.formats.declarative.sources import source_documents

_HEAD = frozenset(Entity.model_fields)


@dataclass
class MappingReport:
    """What a mapping makes of some samples."""

    samples: int
    documents: int = 0
    accepted: int = 0
    read: Counter[str] = field(default_factory=Counter)
    """Source path that the mapping reads → documents in which it has a value; 0 where it never has."""
    ignored: Counter[str] = field(default_factory=Counter)
    """Source path that it leaves → documents in which it has a value."""
    filled: Counter[str] = field(default_factory=Counter)
    """Canonical field → entities in which it has a value."""
    refusals: list[tuple[str, Refusal]] = field(default_factory=list)
    """File name and refusal."""

    def document(self) -> dict[str, object]:
        """The report as JSON, fields in order of their names."""
        counts = {name: dict(sorted(getattr(self, name).items())) for name in ("read", "ignored", "filled")}
        return {
            "samples": self.samples,
            "documents": self.documents,
            "accepted": self.accepted,
            **counts,
            "refusals": [{"sample": name, **asdict(refusal)} for name, refusal in self.refusals],
        }


def read_mapping(path: Path, profile: PartnerProfile | None) -> PartnerProfile:
    """A profile whose mapping is that of the file: a whole profile, or the section alone.

    Raises click.UsageError with line and path of every problem.
    """
    text = path.read_text(encoding="utf-8")
    try:
        document = load_document(text)
        if isinstance(document, dict) and "partner" in document:
            own = profile_of(document)
            return _checked(path, text, own, "mapping.")
        spec = MappingSection.model_validate(document)
    except DocumentInvalid as error:
        raise click.UsageError(f"{path}: {error}") from error
    except ProfileInvalid as error:
        raise _usage(path, text, error.problems) from error
    except ValidationError as error:
        raise _usage(path, text, _problems(error)) from error
    base = profile or _neutral()
    return _checked(path, text, base.model_copy(update={"mapping": spec, "format": "declarative"}), "")


def _checked(path: Path, text: str, profile: PartnerProfile, place: str) -> PartnerProfile:
    spec = profile.mapping
    if spec is None:
        raise click.UsageError(f"{path}: the profile has no section `mapping`")
    unknown = [
        (f"{place}fields.{name}", f"{spec.entity} has no such field") for name in unknown_targets(spec)
    ]
    if unknown:
        raise _usage(path, text, unknown)
    return profile


def report_on(profile: PartnerProfile, samples: Iterable[Path]) -> MappingReport:
    """Run each sample through the profile's mapping."""
    spec = profile.mapping
    assert spec is not None, "read_mapping gives a profile that has one"
    paths = list(samples)
    report = MappingReport(len(paths))
    found: Counter[str] = Counter()
    for path in paths:
        data = path.read_bytes()
        try:
            documents = source_documents(spec, data)
        except Rejected as refusal:
            report.refusals.append((path.name, Refusal(0, refusal.code, refusal.detail, refusal.path)))
            continue
        report.documents += len(documents)
        found.update(fields_of(spec, documents))
        _try(profile, path.name, data, report)
    wanted = fields_read(spec)
    report.read = Counter({name: found.get(name, 0) for name in wanted})
    report.ignored = Counter({name: number for name, number in found.items() if name not in wanted})
    return report


def _try(profile: PartnerProfile, name: str, data: bytes, report: MappingReport) -> None:
    result = Trial(profile, "declarative", event=None, captured_at=datetime.now(UTC)).run(data)
    report.accepted += len(result.entities)
    report.refusals += [(name, refusal) for refusal in result.rejections]
    for entity in result.entities:
        report.filled.update(one for one in _filled(entity, "") if _member(one) not in _HEAD)


def _member(place: str) -> str:
    return place.partition(".")[0].removesuffix("[]")


def _filled(model: BaseModel, place: str) -> set[str]:
    found: set[str] = set()
    for name in type(model).model_fields:
        value: Any = getattr(model, name)
        path = f"{place}{name}"
        parts = value if isinstance(value, tuple) else (value,)
        models = [one for one in parts if isinstance(one, BaseModel)]
        if models and isinstance(value, tuple):
            found |= {inner for one in models for inner in _filled(one, f"{path}[].")}
        elif value not in (None, "", ()):
            found.add(path)
    return found


def _neutral() -> PartnerProfile:
    """A profile that states nothing that could stand in for what the mapping leaves out."""
    return profile_of(
        {
            "tenant": "sample",
            "partner": "sample",
            "kind": "channel",
            "format": "declarative",
            "channel": {"commitment": "requested"},
            "money": {"amounts": "major_text", "tax_mode": "stated"},
        }
    )


def _problems(error: ValidationError) -> list[tuple[str, str]]:
    found = error.errors(include_input=False, include_url=False)
    return [(".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")) for one in found]


def _usage(path: Path, text: str, problems: list[tuple[str, str]]) -> click.UsageError:
    lines = _lines(text)
    told = [f"  {path}:{_line_of(lines, where)}: {where}: {what}" for where, what in problems]
    return click.UsageError("the mapping is not valid:\n" + "\n".join(told))


def _lines(text: str) -> Mapping[str, int]:
    """Line of each field path of a YAML document, from 1."""
    found: dict[str, int] = {"": 1}

    def walk(node: yaml.Node, place: str) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = f"{place}.{key.value}" if place else str(key.value)
                found[inner] = key.start_mark.line + 1
                walk(value, inner)
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                walk(value, f"{place}.{number}")

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is not None:
        walk(root, "")
    return found


def _line_of(lines: Mapping[str, int], place: str) -> int:
    """Line of the field, or of what holds it."""
    while place and place not in lines:
        place = place.rpartition(".")[0]
    return lines.get(place, 1)
