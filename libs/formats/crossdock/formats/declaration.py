"""What a wire format declares about itself.

Invariant: a format is pure functions plus data; its field table and quirks feed the documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from crossdock.canonical.models import Order, PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.canonical.topics import RAW_CARRIER, RAW_CHANNEL, RAW_DOCUMENT, RAW_PAYMENT, Topic
from crossdock.formats.refusals import fitting

ReadPayload = Callable[[Record, PartnerProfile], Reading]
"""Makes canonical entities (or parts) of a raw record; raises Rejected."""


Intake = Literal["channel", "document", "carrier", "payment", "cdc"]
"""Which raw topic a format's payloads arrive on."""
RAW_TOPICS: Final[dict[Intake, Topic[bytes]]] = {
    "channel": RAW_CHANNEL,
    "document": RAW_DOCUMENT,
    "carrier": RAW_CARRIER,
    "payment": RAW_PAYMENT,
}
"""Raw topic of each intake; change data comes on foreign topics, one per table."""
ProfileSection = Literal["channel", "money", "settlement", "cdc", "zone", "mapping"]
"""Sections of a partner profile that a format cannot read without."""


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a field table: where a canonical field comes from, and what to know about it."""

    source: str
    target: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """One wire format.

    Args:
        name: what profiles and records call it; the module's name.
        title: for people.
        content_types: media types it arrives as.
        key: object segment of the raw record's key, e.g. `order:450789469`; None where it has none.
        read: canonical entities of one raw record; raises Rejected only.
        field_table: where each canonical field comes from.
        quirks: what real payloads of this format do, each with a test.
        split: parts of a document that are read later, each as a record of its own.
        entities: models of the canonical entities that it reports.
        key_rule: where the canonical key comes from, one sentence.
        revision_rule: how two states of one object are ordered, one sentence.
        intake: which raw topic its payloads arrive on.
        needs: sections that the partner's profile must have.
        looks_like: how much a payload looks like this format, 0 (not at all) to 100 (nothing else
            looks so); None where it cannot be recognised. Never raises.
    """

    name: str
    title: str
    content_types: tuple[str, ...]
    key: Callable[[Record], str | None]
    read: ReadPayload
    field_table: tuple[Field, ...]
    quirks: tuple[str, ...]
    split: ReadPayload | None = None
    entities: tuple[type[Any], ...] = (Order,)
    key_rule: str = ""
    revision_rule: str = ""
    intake: Intake = "channel"
    needs: tuple[ProfileSection, ...] = ("channel", "money")
    looks_like: Callable[[bytes], int] | None = None

    def __post_init__(self) -> None:
        """What does not fit the canonical model is a refusal, whichever format it comes from."""
        object.__setattr__(self, "read", fitting(self.read))
        if self.split is not None:
            object.__setattr__(self, "split", fitting(self.split))
