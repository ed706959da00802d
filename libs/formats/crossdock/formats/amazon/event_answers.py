"""Answers of listFinancialEvents and listFinancialEventGroups: JSON in either letter case, or the legacy XML.

Invariant: an event that cannot be read takes no other with it: it stands alone in a document of its own, at
the place that it had, and the others keep theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.amazon.fields import either, unwrapped
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import list_elements
from crossdock.formats.xml_document import is_xml, xml_document

_XML_LAYERS: Final = ("Response", "Result")
_EVENTS: Final = "FinancialEvents"
_GROUPS: Final = "FinancialEventGroupList"
_GROUP_ID: Final = "FinancialEventGroupId"
_SUFFIX: Final = "EventList"


class Event(NamedTuple):
    """A financial event, the kind of the list that holds it, and its place."""

    kind: str
    node: Node
    trail: tuple[str, ...]
    """Names of the members that lead to its list, outermost first."""
    at: int

    @property
    def path(self) -> str:
        """Its JSON path."""
        return f"$.{'.'.join(self.trail)}[{self.at}]"


def answer_of(root: Node) -> tuple[Node, str]:
    """What holds the events or groups: the payload, or the result in the response of the legacy XML.

    Raises Rejected FIELD_INVALID for the answer of a failed call.
    """
    node, path = unwrapped(root, "$")
    if "ErrorResponse" in node:
        detail = "the service answered with an error, not with events; repeat the call"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.ErrorResponse")
    while (name := next((one for one in node if one.endswith(_XML_LAYERS)), None)) is not None:
        inner = node[name]
        if not isinstance(inner, dict):
            break
        node, path = inner, f"{path}.{name}"
    return node, path


def groups_of(root: Node) -> list[tuple[Node, str]] | None:
    """The groups of an answer, or the one that a payload is; None where it is about something else."""
    node, path = answer_of(root)
    name = either(node, _GROUPS)
    if name in node:
        return [(one, f"{path}.{name}[{index}]") for index, one in members_of(node[name])]
    return [(node, path)] if either(node, _GROUP_ID) in node else None


def events_of(root: Node) -> tuple[list[Event], str] | None:
    """The events of an answer and the path of what holds their lists; None where it is about something else.

    Raises Rejected FIELD_INVALID for the answer of a failed call.
    """
    node, path = answer_of(root)
    name = either(node, _EVENTS)
    held = node.get(name)
    if not isinstance(held, dict):
        return None
    outer = (*path.split(".")[1:], name)
    found: list[Event] = []
    for said, value in held.items():
        kind = said[:1].upper() + said[1:]
        if kind.endswith(_SUFFIX):
            of_kind = kind.removesuffix(_SUFFIX)
            found += [
                Event(of_kind, _capitalised(one), (*outer, said), index) for index, one in members_of(value)
            ]
    return found, f"{path}.{name}"


def members_of(value: object) -> Iterator[tuple[int, Node]]:
    """What a list holds, with the index: objects, empty ones for anything else that is stated.

    XML holds them in an element each: one object, or a list, within an object.
    """
    if isinstance(value, dict):
        inner = next(iter(value.values())) if len(value) == 1 else None
        is_money = isinstance(inner, dict) and any(one in inner for one in ("CurrencyCode", "CurrencyAmount"))
        value = inner if isinstance(inner, (dict, list)) and not is_money else value
    listed = value if isinstance(value, list) else [value]
    for index, one in enumerate(listed):
        if one not in (None, ""):
            yield index, one if isinstance(one, dict) else {}


def _capitalised(value: Node) -> Node:
    """The names as the interface has them: some client libraries write them out with a small first letter."""
    return {name[:1].upper() + name[1:]: _inside(inner) for name, inner in value.items()}


def _inside(value: object) -> object:
    if isinstance(value, list):
        return [_inside(one) for one in value]
    return _capitalised(value) if isinstance(value, dict) else value


def groups_apart(data: bytes) -> list[bytes] | None:
    """Each group of an XML answer as a document of its own, in JSON; None where it is no such answer."""
    try:
        found = groups_of(xml_document(data).root)
    except Rejected:
        return None
    return [json.dumps(one, ensure_ascii=False).encode() for one, _ in found] if found else None


def events_apart(data: bytes, unreadable: Callable[[Document], Sequence[Event]]) -> list[bytes]:
    """The answer without the events that cannot be read, and each of these as a document of its own.

    The answer itself where all can be read, or it holds none. Of XML they are written as JSON.
    """

    def told_apart(document: Document) -> tuple[Sequence[Event], Sequence[Event]]:
        found = events_of(document.root)
        return (found[0], unreadable(document)) if found else ((), ())

    try:
        if is_xml(data):
            events, refused = told_apart(xml_document(data))
            return _apart(_as_json(events), events, refused) if refused else [data]
        events, refused = read_document(data, told_apart)
        return _apart(data.decode("utf-8-sig"), events, refused) if refused else [data]
    except (Rejected, ValueError, LookupError):  # it is refused as it is when it is read
        return [data]


def _as_json(events: Sequence[Event]) -> str:
    lists: dict[str, list[Node]] = {}
    for event in events:
        lists.setdefault(event.trail[-1], []).append(event.node)
    held: object = lists
    for name in reversed(events[0].trail[:-1]):
        held = {name: held}
    return json.dumps(held, ensure_ascii=False)


def _apart(text: str, events: Sequence[Event], refused: Sequence[Event]) -> list[bytes]:
    """The text with `null` in place of the refused events, and each of them behind as many of these."""
    lists = {trail: list_elements(text, trail) for trail in {event.trail for event in refused}}
    places = [lists[event.trail][event.at] for event in refused]
    alone = [_alone(event, text[start:end]) for event, (start, end) in zip(refused, places, strict=True)]
    if len(refused) == len(events):
        return alone
    kept, at = [], 0
    for start, end in sorted(places):
        kept += [text[at:start], "null"]
        at = end
    return ["".join((*kept, text[at:])).encode(), *alone]


def _alone(event: Event, text: str) -> bytes:
    opening = "".join(f"{{{json.dumps(name)}:" for name in event.trail)
    return f"{opening}[{'null,' * event.at}{text}]{'}' * len(event.trail)}".encode()
