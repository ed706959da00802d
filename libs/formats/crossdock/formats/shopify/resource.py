"""What all Shopify resources have in common: envelopes, identity, times, events.

Invariant: the same object gives the same facts whether it comes bare (webhook), under its name (REST) or
inside the envelope of an event bus or workflow tool.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, Change, PartnerProfile
from crossdock.canonical.record import EVENT, Record
from crossdock.formats.json_document import Document, Node, place_name
from crossdock.formats.json_fields import child, identity, text
from crossdock.formats.json_resource import ENVELOPES, JsonResource, Placed, key_by, stated_day
from crossdock.formats.shopify.graphql import camel_case, is_graphql, local_id, rest_resource
from crossdock.formats.times import business_time

_ENVELOPE: Final = (*ENVELOPES, "data", "node")
"""Members under which event buses, tools and GraphQL deliver, outer ones first."""


def unwrapped(document: Document, name: str) -> Placed:
    """The resource of a payload, without the envelopes around it; what holds nothing but the one that names
    the resource, or nothing but an order, is an envelope too."""
    names = (name, camel_case(name)) if "_" in name else (name,)
    node, path = document.root, "$"
    while (step := _envelope(node, names)) is not None:
        inner = node[step]
        assert isinstance(inner, dict), "an envelope holds an object"
        node, path = inner, f"{path}{place_name(step)}"
        if step in names:
            break
    return Placed(node, path)


def _envelope(node: Node, names: tuple[str, ...]) -> str | None:
    """The member of an envelope that holds what is delivered; None where the object is no envelope."""
    for step in (*names, *_ENVELOPE):
        if isinstance(node.get(step), dict):
            return step
    only = next(iter(node)) if len(node) == 1 else ""
    held = child(node, only)
    return (
        only
        if (held and only == "order") or any(isinstance(held.get(name), dict) for name in names)
        else None
    )


def resource_id(place: Placed) -> str:
    """`id`, else the global id; of a global id its last part. Raises Rejected ID_MISSING, FIELD_INVALID."""
    named = text(place.node, "admin_graphql_api_id" if place.node.get("id") is None else "id") or ""
    return local_id(named) or identity(place.node, "id", place.path)


def resource_of(document: Document, name: str) -> Placed:
    """The resource of a payload, in the names of REST."""
    node, path = unwrapped(document, name)
    return Placed(rest_resource(node, path) if is_graphql(node) else node, path)


def key_under(name: str) -> Callable[[Record], str | None]:
    """The key function of a resource: `<name>:<id>`, None where it has no readable id."""
    return key_by(lambda document: f"{name}:{resource_id(resource_of(document, name))}")


def event_of(record: Record) -> str | None:
    """Last part of the event's name: create, update, cancel, delete; None where the record names no event."""
    event = record.header(EVENT)
    return None if event is None else event.rpartition("/")[2]


class Resource(JsonResource):
    """One resource of one partner: its object, and who reads it."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile, name: str) -> None:
        super().__init__(document, record, profile, resource_of(document, name))

    @property
    def id(self) -> str:
        """Identity of the resource. Raises Rejected ID_MISSING, FIELD_INVALID."""
        return resource_id(Placed(self.node, self.path))

    @property
    def event(self) -> str | None:
        """Last part of the event's name: create, update, cancel, delete."""
        return event_of(self.record)

    def time(self, *names: str) -> BusinessTime | None:
        """The first of these times that is stated; None where none is. Raises Rejected TIME_INVALID."""
        for name in names:
            raw = text(self.node, name)
            if raw is not None:
                return business_time(raw, f"{self.path}.{name}", zone=self.zone)
        return None

    def required_time(self, *names: str) -> BusinessTime:
        """As `time`. Raises Rejected TIME_INVALID where none is stated."""
        found = self.time(*names)
        if found is None:
            detail = f"the object states no time at all; one of {', '.join(names)} is needed"
            raise Rejected(RejectionCode.TIME_INVALID, detail, f"{self.path}.{names[0]}")
        return found

    def day(self, name: str) -> BusinessTime | None:
        """A day in the profile's zone; None where absent, and with a warning where there is no zone."""
        return stated_day(self.document, text(self.node, name), f"{self.path}.{name}", self.zone)

    def change(self) -> Change:
        """What the event says; without one, equal times of creation and update say that it is new."""
        event = self.event
        if event is not None:
            return Change.CREATED if event in ("create", "created") else Change.UPDATED
        created = self.node.get("created_at")
        is_new = created is not None and created == self.node.get("updated_at")
        return Change.CREATED if is_new else Change.UPDATED
