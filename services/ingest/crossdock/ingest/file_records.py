"""Raw documents from dropped files.

Invariant: the record of a claimed file depends on its bytes, name, claim time and the profile alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from crossdock.canonical.models.partner import PartnerProfile
from crossdock.canonical.profiles import ProfileInvalid
from crossdock.canonical.topics import RAW_DOCUMENT, Topic
from crossdock.formats.declaration import RAW_TOPICS, Format
from crossdock.ingest.dropped_file import ClaimedFile, FileUnusable
from crossdock.ingest.intake import DEFAULT_CONTENT_TYPE
from crossdock.ingest.profiles import ProfileView
from crossdock.ingest.raw_record import Arrival, RawRecord, Recorder


class FileRecords:
    """Makes the record of a file.

    Args:
        profiles: whose files are taken.
        recorder: makes the records.
        record_bytes_max: size limit of a record.
        clock: now, UTC.
    """

    def __init__(
        self,
        profiles: ProfileView,
        recorder: Recorder,
        record_bytes_max: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._profiles = profiles
        self._recorder = recorder
        self._record_bytes_max = record_bytes_max
        self._clock = clock

    def knows(self, tenant: str, partner: str) -> bool:
        """True where a readable profile is in force; files of others wait in their inbox."""
        return self._profile(tenant, partner) is not None

    def record(self, file: ClaimedFile, body: bytes) -> RawRecord:
        """The record. Raises FileUnusable where it is above the size limit."""
        folder = file.folder
        profile = self._profile(folder.tenant, folder.partner)
        wire_format = self._recorder.format_named(profile.format if profile else None)
        content_type = wire_format.content_types[0] if wire_format else DEFAULT_CONTENT_TYPE
        arrival = Arrival(
            folder.tenant,
            folder.partner,
            "file",
            body,
            content_type,
            file.captured_at,
            event=file.original_name,
        )
        record = self._recorder.record(arrival, _topic(wire_format), wire_format)
        if record.size > self._record_bytes_max:
            limit = self._record_bytes_max
            raise FileUnusable(
                "body_too_large", f"Key, value and headers are above {limit} bytes; split the file."
            )
        return record

    def _profile(self, tenant: str, partner: str) -> PartnerProfile | None:
        try:
            return self._profiles.at(tenant, partner, self._clock())
        except ProfileInvalid:
            return None


def _topic(wire_format: Format | None) -> Topic[bytes]:
    """A file is split where its format knows files of several documents; else it is one object."""
    if wire_format is None or wire_format.split is not None:
        return RAW_DOCUMENT
    return RAW_TOPICS.get(wire_format.intake, RAW_DOCUMENT)
