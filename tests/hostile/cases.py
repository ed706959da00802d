"""The corpus: tables of hostile records, each with the outcome that it must have for ever.

A table says how bytes are made of a base by small textual changes; nothing in it is code. Invariant: every
change that a case states takes place (a swap that finds nothing fails), and each case has an object id of
its own, so that no case is held behind another.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from crossdock.canonical.documents import load_document
from crossdock.canonical.keys import join_key
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.profiles import profile_of
from crossdock.canonical.record import Headers, Record
from crossdock.formats.registry import FORMATS

CORPUS = Path(__file__).parent / "corpus"
CAPTURED_MS = 1_767_600_000_000
"""2026-01-05T08:00:00Z."""
MARKERS = ("secret 7", "secret7", "secret street", "010-7777")
"""Personal data of the bases, in lower case; no refusal, log line or audit entry may hold any of it."""
TOPICS = {"channel": "raw.channel.v1", "document": "raw.document.v1", "set": "raw.transaction-set.v1"}
_HOMES = {
    "shop": ("shopify.json", "channel"),
    "woo": ("woo.json", "channel"),
    "canon": ("canonical.json", "channel"),
    "dist": ("order.edi", "document"),
}
"""First word of a partner's name → base and topic of its cases where they state none."""
Table = Mapping[str, Any]  # a YAML mapping


@dataclass(frozen=True, slots=True)
class Expected:
    """An outcome, the code of its refusal and the place that it must name (empty: any)."""

    outcome: str
    code: str = ""
    path: str = ""

    @classmethod
    def of(cls, text: str) -> Expected:
        """`accepted`, `waiting`, or `<code>[ @ <path>]` of a refusal."""
        if text in ("accepted", "waiting"):
            return cls(text)
        code, _, path = text.partition(" @ ")
        return cls("rejected", code, path)


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile record.

    Args:
        partner: whose profile reads it.
        parts: outcomes of the parts of a document in order; of anything else exactly one, its own.
        refusal: outcome of a document that cannot be split, or of what is no document.
        warnings: codes that the reading must carry.
        has_own_key: its key is part of the hostility, so `crossdock try` cannot be shown it.
    """

    name: str
    partner: str
    record: Record
    refusal: Expected | None
    parts: tuple[Expected, ...]
    warnings: frozenset[str]
    has_own_key: bool

    @property
    def value(self) -> bytes:
        """The payload."""
        return self.record.value or b""


@cache
def partners() -> dict[str, PartnerProfile]:
    """Profiles of the corpus by partner."""
    listed: Any = load_document((CORPUS / "partners.yaml").read_text(encoding="utf-8"))
    return {profile.partner: profile for profile in map(profile_of, listed)}


@cache
def cases() -> tuple[Case, ...]:
    """Every case, in the order of files and tables."""
    found = [case for path in sorted(CORPUS.glob("*/*.yaml")) for case in _of_file(path)]
    names = [case.name for case in found]
    assert len(set(names)) == len(names), sorted({name for name in names if names.count(name) > 1})
    places = [(case.record.topic, case.record.key) for case in found if case.record.key is not None]
    assert len(set(places)) == len(places), sorted({str(one) for one in places if places.count(one) > 1})
    return tuple(found)


def _of_file(path: Path) -> Iterator[Case]:
    table: Any = load_document(path.read_text(encoding="utf-8"))
    for row in table["cases"]:
        stated = {**table.get("defaults", {}), **row}
        wanted = stated.pop("partner")
        several = isinstance(wanted, list)
        for partner in wanted if several else [wanted]:
            name = f"{path.parent.name}/{path.stem}/{stated['name']}" + (f"/{partner}" if several else "")
            yield _case(name, partner, stated)


def _case(name: str, partner: str, row: Table) -> Case:
    unknown = set(row) - _KNOWN
    assert not unknown, f"{name}: {unknown}"
    base, topic = _HOMES[partner.partition("-")[0]] if partner.partition("-")[0] in _HOMES else _HOMES["shop"]
    try:
        value = payload(row, row.get("base", base), name)
    except AssertionError as error:
        raise AssertionError(f"{name}: {error}") from None
    expected = row["expect"]
    if isinstance(expected, dict):
        expected = expected.get(partner, expected.get("other"))
    is_split = isinstance(expected, list)
    headers = _headers(row.get("headers", ()))
    topic = row.get("topic", topic)
    key = _key(row, partner, value)
    timestamp = int(row.get("timestamp", CAPTURED_MS))
    return Case(
        name,
        partner,
        Record(TOPICS[topic], 0, 7, key, value, headers, timestamp),
        None if is_split else Expected.of(expected),
        tuple(Expected.of(text) for text in expected) if is_split else (),
        frozenset(row.get("warns", ())),
        "key" in row or topic == "set" or bool(headers) or "timestamp" in row,
    )


_KNOWN = frozenset(
    {
        *("name", "expect", "warns", "topic", "key", "headers", "timestamp"),
        *("base", "text", "bytes", "swap", "repeat", "encode", "cut"),
    }
)


# ---- payloads --------------------------------------------------------------------------------------------


def payload(row: Table, base: str, name: str) -> bytes | None:
    """Bytes of a row: base or literal, swapped, repeated, encoded, cut; in this order."""
    if "bytes" in row:
        value = None if row["bytes"] is None else str(row["bytes"]).encode("latin-1")
    else:
        value = _text(row, base, name).encode(row.get("encode", "utf-8"), "surrogatepass")
    return value if value is None else value[: row.get("cut", len(value))]


def _text(row: Table, base: str, name: str) -> str:
    text = str(row["text"]) if "text" in row else (CORPUS / "bases" / base).read_text(encoding="utf-8")
    for old, new in row.get("swap", {}).items():
        assert old in text, f"the base does not hold {old!r}"
        text = text.replace(old, str(new))
    for token, (piece, times) in row.get("repeat", {}).items():
        assert token in text, f"the payload does not hold {token!r}"
        text = text.replace(token, "".join(_numbered(piece, number) for number in range(times)))
    number = object_id(name)
    return text.replace("@ID@", number).replace("@CONTROL@", number)


def _numbered(piece: str, number: int) -> str:
    return piece.replace("#n#", str(number)) if "#n#" in piece else piece


def object_id(name: str) -> str:
    """Nine digits that belong to one case."""
    return str(100_000_000 + zlib.crc32(name.encode()) % 900_000_000)


def _key(row: Table, partner: str, value: bytes | None) -> bytes | None:
    """The key that the row states, else the one that ingest would write."""
    if "key" in row:
        return None if row["key"] is None else str(row["key"]).encode("latin-1")
    if value is None:
        return join_key("acme", partner, "none").encode()
    form = FORMATS.get(partners()[partner].format or "", FORMATS["shopify_order"])
    bare = Record(TOPICS["channel"], 0, 0, join_key("acme", partner).encode(), value, (), CAPTURED_MS)
    digest = hashlib.sha256(value).hexdigest()
    return join_key("acme", partner, form.key(bare) or f"order:sha256-{digest}").encode()


def _headers(rows: list[Table] | tuple[()]) -> Headers:
    """Rows of `name`, `value` (Latin-1, null) and `times`."""
    found: list[tuple[str, bytes | None]] = []
    for row in rows:
        value = row["value"]
        content = None if value is None else str(value).encode("latin-1") * int(row.get("long", 1))
        found += [(row["name"], content)] * int(row.get("times", 1))
    return tuple(found)
