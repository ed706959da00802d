"""One dropped file on disk: names, claim, archive, failure. Blocking calls; the watcher runs them in threads.

Invariant: a file is in exactly one of inbox/, work/, archive/, failed/ of its partner, it moves only by
rename inside one file system, and no move can overwrite another file, because a claimed name starts
with the capture instant and a random part.

Below `<root>/<tenant>/<partner>/`:

    inbox/order.x12
    work/20260301T093000123456Z-1f2e3d4c~order.x12
    archive/2026-03-01/<claimed name>     with <claimed name>.coordinates.json beside it
    failed/<claimed name>                 with <claimed name>.reason.json beside it
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson

UNFINISHED_SUFFIXES: Final = (".tmp", ".part", ".partial", ".filepart", ".crdownload")
"""Names that senders use while they write; such a file is left alone until it is renamed."""

_STAMP: Final = "%Y%m%dT%H%M%S%fZ"
_NAME_BYTES_MAX: Final = 200


class FileUnusable(Exception):
    """This file can never be produced; `code` and `detail` go into its reason file."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class PartnerFolder:
    """The four folders of one partner."""

    path: Path

    @property
    def tenant(self) -> str:
        """First level below the root."""
        return self.path.parent.name

    @property
    def partner(self) -> str:
        """Second level below the root."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look into an inbox saw of one file."""

    name: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """A file in work/."""

    folder: PartnerFolder
    path: Path

    @property
    def captured_at(self) -> datetime:
        """When it was claimed; part of the name, so a second run writes the same record."""
        try:
            return datetime.strptime(self.path.name[:22], _STAMP).replace(tzinfo=UTC)
        except ValueError:
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    @property
    def original_name(self) -> str:
        """The name that the sender gave, undecodable bytes replaced."""
        name = self.path.name.partition("~")[2] or self.path.name
        return os.fsencode(name).decode(errors="replace")


def partner_folders(root: Path) -> list[PartnerFolder]:
    """Every `<tenant>/<partner>` below the root that has an inbox."""
    return [
        PartnerFolder(Path(partner.path))
        for tenant in _directories(root)
        for partner in _directories(tenant.path)
        if os.path.isdir(os.path.join(partner.path, "inbox"))
    ]


def look(folder: PartnerFolder, entries_max: int) -> list[Seen]:
    """At most `entries_max` finished-looking files of the inbox, the oldest first."""
    seen = []
    with os.scandir(folder.path / "inbox") as entries:
        for entry in entries:
            if _is_unfinished(entry):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            size = status.st_size if stat.S_ISREG(status.st_mode) else 1  # a pipe will not be filled
            seen.append(Seen(entry.name, size, status.st_mtime_ns))
            if len(seen) == entries_max:
                break
    return sorted(seen, key=lambda file: (file.modified_ns, file.name))


def claim(folder: PartnerFolder, name: str, captured_at: datetime) -> None:
    """Move a file from inbox/ to work/; nothing where its sender took it away again."""
    stamp = captured_at.astimezone(UTC).strftime(_STAMP)
    target = folder.path / "work" / f"{stamp}-{secrets.token_hex(4)}~{_shortened(name)}"
    target.parent.mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.rename(folder.path / "inbox" / name, target)


def claimed(folder: PartnerFolder) -> list[ClaimedFile]:
    """Everything in work/, the oldest claim first."""
    work = folder.path / "work"
    if not work.is_dir():
        return []
    return [ClaimedFile(folder, work / name) for name in sorted(os.listdir(work))]


def read(file: ClaimedFile, bytes_max: int) -> bytes:
    """The file's content. Raises FileUnusable; other OSErrors are the machine's trouble, not the file's."""
    if not stat.S_ISREG(os.lstat(file.path).st_mode):
        raise FileUnusable("not_a_regular_file", "Links, devices, folders and pipes are not read.")
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except PermissionError:
        raise FileUnusable("file_unreadable", "The file's permissions do not let ingest read it.") from None
    with open(descriptor, "rb") as stream:
        body = stream.read(bytes_max + 1)
    if len(body) > bytes_max:
        raise FileUnusable("body_too_large", f"The file is above {bytes_max} bytes; split it.")
    if not body:
        raise FileUnusable("body_empty", "The file is empty.")
    return body


def archive(file: ClaimedFile, coordinates: Mapping[str, str | int]) -> Path:
    """Put an acknowledged file away under the day of its claim, with its coordinates; the new path."""
    day = file.folder.path / "archive" / f"{file.captured_at:%Y-%m-%d}"
    return _put_away(file, day, ".coordinates.json", coordinates)


def fail(file: ClaimedFile, reason: Mapping[str, str | int]) -> Path:
    """Put an unusable file into failed/ with the reason beside it; the new path."""
    return _put_away(file, file.folder.path / "failed", ".reason.json", reason)


def _put_away(file: ClaimedFile, target: Path, suffix: str, note: Mapping[str, str | int]) -> Path:
    """The note first: a crash in between leaves the file in work/, and the next run does it all again."""
    target.mkdir(parents=True, exist_ok=True)
    note_path = target / (file.path.name + suffix)
    unfinished = note_path.with_name(note_path.name + ".tmp")
    unfinished.write_bytes(orjson.dumps(dict(note), option=orjson.OPT_INDENT_2) + b"\n")
    os.replace(unfinished, note_path)
    os.rename(file.path, target / file.path.name)
    return target / file.path.name


def _shortened(name: str) -> str:
    """The end of a name, short enough that stamp and suffixes fit into 255 bytes."""
    return os.fsdecode(os.fsencode(name)[-_NAME_BYTES_MAX:])


def _directories(path: str | Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        yield from sorted(
            (entry for entry in entries if not entry.name.startswith(".") and entry.is_dir()),
            key=lambda entry: entry.name,
        )


def _is_unfinished(entry: os.DirEntry[str]) -> bool:
    hidden = entry.name.startswith(".")
    return hidden or entry.name.lower().endswith(UNFINISHED_SUFFIXES) or entry.is_dir(follow_symlinks=False)
