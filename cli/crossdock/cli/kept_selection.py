"""Which kept entries a command is about.

Invariant: conditions only narrow; a command that changes something asks whether there is any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import click

from crossdock.canonical import record as names
from crossdock.cli.kept import Kept

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Selection:
    """Conditions that must all hold; an empty one always does. `key` may end in `*`."""

    group: str = ""
    code: tuple[str, ...] = ()
    key: str = ""
    topic: str = ""
    fingerprint: str = ""
    tenant: str = ""
    channel: str = ""
    id: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return not any(getattr(self, one.name) for one in fields(self) if one.name != "group")

    def takes(self, kept: Kept) -> bool:
        """Whether an entry is meant."""
        entry = kept.entry
        return (
            self.group in ("", kept.group)
            and (not self.code or entry.code in self.code)
            and self.topic in ("", entry.topic)
            and entry.fingerprint.startswith(self.fingerprint)
            and self.tenant in ("", tenant_of(kept))
            and self.channel in ("", channel_of(kept))
            and (not self.id or any(entry.entry_id.startswith(one) for one in self.id))
            and _has_key(kept, self.key)
        )


def _has_key(kept: Kept, wanted: str) -> bool:
    key = key_of(kept)
    return key.startswith(wanted[:-1]) if wanted.endswith("*") else wanted in ("", key, kept.key)


def key_of(kept: Kept) -> str:
    """Full key of the kept record; its hold's where it has none."""
    key = kept.entry.key
    return kept.key if key is None else key.decode(errors="backslashreplace")


def tenant_of(kept: Kept) -> str:
    """Tenant of the kept record: its header's, else its key's first segment."""
    return kept.entry.record.header(names.CE_TENANT) or key_of(kept).partition("/")[0]


def channel_of(kept: Kept) -> str:
    """Channel or partner of the kept record: its header's, else its key's second segment."""
    return kept.entry.record.header(names.CE_CHANNEL) or key_of(kept).partition("/")[2].partition("/")[0]


_OPTIONS = (
    click.option("--group", default="", help="Only of this consumer group."),
    click.option("--code", multiple=True, help="Only with this rejection code; may be repeated."),
    click.option("--key", default="", help="Only with this key; 'acme/*' for keys that begin so."),
    click.option("--topic", default="", help="Only from this source topic."),
    click.option("--fingerprint", default="", help="Only of this cause, as 'groups' shows it."),
    click.option("--tenant", default="", help="Only of this tenant."),
    click.option("--channel", default="", help="Only of this channel or partner."),
    click.option("--id", "id", multiple=True, help="Only this entry (or the first digits); may be repeated."),
)


def selection_options(command: F) -> F:
    """Give a command the options of a Selection; they arrive as keyword arguments of its fields' names."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen(kept: Iterable[Kept], selection: Selection) -> list[Kept]:
    """The entries that are meant."""
    return [one for one in kept if selection.takes(one)]
