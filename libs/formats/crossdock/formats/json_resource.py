"""What the JSON objects of all systems have in common: their key, their place in the payload, who reads them.

Invariant: `key` never raises; an event that is named in the record says that it came by webhook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import BusinessTime, Extension, PartnerProfile, Via
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_fields import children, text
from crossdock.formats.times import business_day

ENVELOPES: Final = ("detail", "payload", "body", "record")
"""Members under which event buses, workflow and copying tools deliver, outer ones first."""
_YES_NO: Final = {True: "true", False: "false"}


class Placed(NamedTuple):
    """An object of the payload and its JSON path."""

    node: Node
    path: str


def within(document: Document, *names: str) -> Placed:
    """The first of these members that is an object, else the payload itself."""
    for name in names:
        wrapped = document.root.get(name)
        if isinstance(wrapped, dict):
            return Placed(wrapped, f"$.{name}")
    return Placed(document.root, "$")


def holder_of(root: Node, own: str, *names: str) -> Placed:
    """The first of these members that is an object with a member `own`, else the root itself."""
    for name in names:
        held = root.get(name)
        if isinstance(held, dict) and own in held:
            return Placed(held, f"$.{name}")
    return Placed(root, "$")


def enveloped(*lists: str) -> frozenset[str]:
    """Names of lists as a splitter takes them, also inside the envelopes of event buses and tools."""
    return frozenset(lists) | {f"{outer}.{name}" for outer in ENVELOPES for name in lists}


def unwrapped_to(document: Document, own: str, envelopes: Iterable[str]) -> Placed:
    """The object that has a member `own`, or what stands innermost in these envelopes, outer ones first."""
    node, path = document.root, "$"
    for name in envelopes:
        inner = node.get(name)
        if isinstance(inner, dict) and own not in node:
            node, path = inner, f"{path}.{name}"
    return Placed(node, path)


def members(node: Node, name: str, path: str) -> Iterator[Placed]:
    """The objects of a list, or a lone one, each with its place; junk in the list is passed over."""
    value = node.get(name)
    for index, one in enumerate(value if isinstance(value, list) else children(node, name)):
        if isinstance(one, dict):
            yield Placed(one, f"{path}.{name}[{index}]")


def stated_day(document: Document, raw: str | None, path: str, zone: str | None) -> BusinessTime | None:
    """A day in the profile's zone; None where absent, and with a warning where there is no zone.

    Raises Rejected TIME_INVALID.
    """
    if raw is None:
        return None
    try:
        day = date.fromisoformat(raw[:10])
    except ValueError as error:
        raise Rejected(RejectionCode.TIME_INVALID, "a day such as 2026-01-31 is needed", path) from error
    if zone is None:
        detail = "a day needs a zone: set `zone` in the profile; the date is kept as text"
        document.warn("zone_unknown", detail, path)
        return None
    return business_day(day, zone)


def extensions(*said: tuple[str, str | None]) -> tuple[Extension, ...]:
    """Unmapped fields worth keeping; those that are not stated are left out."""
    return tuple(Extension(name=name, value=value) for name, value in said if value is not None)


def texts(node: Node, names: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Fields with their text; None where they have none."""
    for name in names:
        yield name, text(node, name)


def texts_and_flags(node: Node, names: Iterable[str], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """As `texts`, with flags as true or false; `prefix` goes before the names."""
    for name in names:
        value = node.get(name)
        yield prefix + name, _YES_NO[value] if isinstance(value, bool) else text(node, name)


Reader = Callable[[bytes | None, Callable[[Document], str | None]], str | None]
"""`read_document`, or what reads XML of the same names too."""


def key_by(
    name: Callable[[Document], str | None], reader: Reader = read_document
) -> Callable[[Record], str | None]:
    """The key function of a format: what `name` says of a payload, None where that refuses it."""

    def key(record: Record) -> str | None:
        try:
            return reader(record.value, name)
        except Rejected:
            return None

    return key


def via(record: Record) -> Via:
    """How the payload came: webhooks name their event."""
    return Via.WEBHOOK if record.header(EVENT) else Via.UNKNOWN


class JsonResource:
    """One object of one partner: where it stands, and who reads it."""

    def __init__(
        self, document: Document, record: Record, profile: PartnerProfile, place: tuple[Node, str]
    ) -> None:
        self.document = document
        self.record = record
        self.profile = profile
        self.node, self.path = place
        self.zone = profile.business_zone
        self.channel = split_key(record.key or b"")[1]

    @property
    def via(self) -> Via:
        """How it came."""
        return via(self.record)
