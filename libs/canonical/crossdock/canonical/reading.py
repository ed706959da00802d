"""What a format module makes of one raw payload.

Invariant: a Reading depends on the payload and the profile alone; reading the same bytes twice
gives the same entities, revision and digest.
"""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.common import Revision


@dataclass(frozen=True, slots=True)
class Warning:
    """Something odd that did not stop the reading; `code` is stable, `path` names the place."""

    code: str
    detail: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a payload that becomes a raw record of its own (one X12 transaction set).

    Args:
        key: full key of the new record.
        value: its bytes, readable alone by the same format.
        headers: headers to add (text values).
    """

    key: str
    value: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Entities of one payload, with what admission needs to know about it.

    Args:
        entities: canonical entities in document order.
        revision: order among readings of the same object (canonical-model §2).
        digest: sha256 of the canonical content without source, capture and echo fields.
        is_original: the document says "new"; a second one for a known object with other content
            is a conflict (EDI purpose 00). Only meaningful with `revision.kind == "none"`.
        parts: pieces that are read later, each as a record of its own.
        warnings: oddities that did not stop the reading.
    """

    entities: tuple[Entity, ...]
    revision: Revision
    digest: bytes
    is_original: bool = False
    parts: tuple[Part, ...] = ()
    warnings: tuple[Warning, ...] = ()
