"""The examples of `schemas/examples/<topic>/<case>.json`: a key, and a value as JSON or as raw text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crossdock.canonical.schemas import schema_root


@dataclass(frozen=True, slots=True)
class Example:
    """One record of a topic; `value` is text for raw topics, else the record's JSON."""

    topic: str
    case: str
    key: str
    value: Any
    headers: dict[str, str]


def examples() -> Iterator[Example]:
    """All examples, sorted by topic and case; payloads of formats (`raw/…`) are not among them."""
    for path in sorted((schema_root() / "examples").glob("*.v[0-9]*/*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        yield Example(
            topic=path.parent.name,
            case=path.stem,
            key=document["key"],
            value=document["value"],
            headers=document.get("headers", {}),
        )


def example(topic: str, case: str) -> Example:
    """One example. Raises StopIteration where it does not exist."""
    return next(found for found in examples() if (found.topic, found.case) == (topic, case))
