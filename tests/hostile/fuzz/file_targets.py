"""What must hold for any delimited file and any XML: refused or read, and no line and no element lost.

Invariant: a target returns a word for what happened and raises where a rule is broken; it keeps no state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Final
from xml.dom import expatbuilder

from crossdock.canonical import codec
from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import PartnerProfile, SettlementLine
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.reading import Part, Reading
from crossdock.canonical.schemas import schema_root
from crossdock.formats.json_document import Node
from crossdock.formats.registry import FORMATS, Format
from crossdock.formats.report_file import ROW_APART, decoded
from crossdock.formats.xml_document import TEXT, xml_document
from tests.hostile.fuzz.file_inputs import FILE_ENDINGS, XML_ENDINGS
from tests.hostile.fuzz.refusals import record_of, told
from tests.kit.shop_reading import PROFILE

_LINES_MAX: Final = 2_000
"""Lines up to which every one is looked for in the parts of a file."""


@cache
def _readers(*endings: str) -> tuple[tuple[Format, PartnerProfile], ...]:
    """Formats that have an example with such a name, each with the profile of its examples."""
    root = schema_root() / "examples" / "raw"
    names = {path.parent.name for end in endings for path in root.glob(f"*/*.{end}")}
    found = []
    for name in sorted(names):
        own = root / name / "profile.yaml"
        found.append((FORMATS[name], parse_profile(own.read_text("utf-8")) if own.exists() else PROFILE))
    return tuple(found)


def report_file(data: bytes) -> str:
    """All formats of delimited files: no line is lost between the parts, every part is read or refused."""
    words = [_file(form, profile, data) for form, profile in _readers(*FILE_ENDINGS)]
    return "accepted" if "accepted" in words else Counter(words).most_common(1)[0][0]


def _file(form: Format, profile: PartnerProfile, data: bytes) -> str:
    record = record_of(profile.partner, data, f"raw.{form.intake}.v1")
    form.key(record)
    if form.split is None:
        return _read(form, profile, Part(f"acme/{profile.partner}/order:1", data))
    try:
        parts = form.split(record, profile).parts
    except Rejected as refusal:
        return told(refusal)
    assert parts
    _check_lines(data, parts)
    words = [_read(form, profile, part) for part in parts]
    return "accepted" if "accepted" in words else words[0]


def _check_lines(data: bytes, parts: tuple[Part, ...]) -> None:
    """Where rows stand apart and the file without them too, every line is in its place in one of them."""
    alone = [bool(part.headers) and part.headers[0][0] == ROW_APART for part in parts]
    if not any(alone) or all(alone):
        return
    lines = decoded(data, []).split("\n")[:_LINES_MAX]
    kept = [decoded(part.value, []).split("\n") for part in parts]
    for place, line in enumerate(lines):
        assert not line.strip() or any(place < len(one) and one[place] == line for one in kept), place


def _read(form: Format, profile: PartnerProfile, part: Part) -> str:
    headers = tuple((name, text.encode()) for name, text in part.headers)
    record = replace(record_of(profile.partner, part.value), headers=headers)
    try:
        reading = form.read(record, profile)
    except Rejected as refusal:
        return told(refusal)
    _check(reading)
    assert form.read(record, profile) == reading
    return "accepted"


def _check(reading: Reading) -> None:
    """What is said can be written and read back, and each settlement line has a key of its own."""
    for entity in reading.entities:
        assert codec.decode(type(entity), codec.encode(entity)) == entity
    keys = [entity.key for entity in reading.entities if isinstance(entity, SettlementLine)]
    assert len(keys) == len(set(keys)), keys


def xml(data: bytes) -> str:
    """The reader finds the elements that another one finds; all formats that read XML refuse or read it."""
    try:
        document = xml_document(data)
    except Rejected as refusal:
        word = told(refusal)
    else:
        word = "accepted"
        said = expatbuilder.parseString(data.lstrip(), namespaces=False)  # it declares no entities: see above
        assert len(said.getElementsByTagName("*")) == sum(1 for _ in _elements(document.root))
    for form, profile in _readers(*XML_ENDINGS):
        _file(form, profile, data)
    return word


def _elements(node: Node) -> Iterator[object]:
    for name, value in node.items():
        if name == TEXT or name.startswith("@"):
            continue
        for one in value if isinstance(value, list) else [value]:
            yield one
            if isinstance(one, dict):
                yield from _elements(one)
