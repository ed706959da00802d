"""Reading one message by its type.

Invariant: a message type that no reader knows is refused by its name; each reader is a pure function of
message, record and profile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from pydantic import ValidationError

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import PartnerProfile, RevisionKind
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import ProfileSection
from crossdock.formats.edi.order_reading import reading_of_order
from crossdock.formats.edifact.acknowledgement import read_aperak, read_contrl
from crossdock.formats.edifact.desadv import read_desadv
from crossdock.formats.edifact.document import Document, read_document
from crossdock.formats.edifact.iftsta import read_iftsta
from crossdock.formats.edifact.invoic import read_invoic
from crossdock.formats.edifact.invrpt import read_invrpt
from crossdock.formats.edifact.order import OrderReader
from crossdock.formats.edifact.ordrsp import read_ordchg, read_ordrsp, states_whole_order
from crossdock.formats.edifact.values import revision_value
from crossdock.formats.order_arithmetic import finish_order
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.refusals import misfit

ReadMessage = Callable[[Document, Record, PartnerProfile], Reading]


def read_order(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The order of an ORDERS or ORDCHG. Raises Rejected with the place."""
    tenant, partner = split_key(record.key or b"")[:2]
    mark = RevisionMark(RevisionKind.NONE, revision_value(document, record.time))
    reader = OrderReader(document, profile, (tenant, partner))
    draft, is_original = reader.draft()
    order = finish_order(draft, profile, record, mark)
    reader.check(order)
    return reading_of_order(order, document.warnings, is_original=is_original)


def read_change(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The order of an ORDCHG that replaces or cancels it, else the document of its changes."""
    read = read_order if states_whole_order(document) else read_ordchg
    return read(document, record, profile)


class MessageReader(NamedTuple):
    """Reader of one message type, and the sections of a profile that it cannot do without."""

    read: ReadMessage
    needs: tuple[ProfileSection, ...] = ("zone",)


READERS: Final[dict[str, MessageReader]] = {
    "ORDERS": MessageReader(read_order, ("channel", "money")),
    "ORDCHG": MessageReader(read_change, ("channel", "money")),
    "ORDRSP": MessageReader(read_ordrsp),
    "DESADV": MessageReader(read_desadv),
    "INVRPT": MessageReader(read_invrpt),
    "INVOIC": MessageReader(read_invoic),
    "IFTSTA": MessageReader(read_iftsta),
    "APERAK": MessageReader(read_aperak, ()),
    "CONTRL": MessageReader(read_contrl, ()),
}
"""Message type (0065) → its reader."""
_ACKNOWLEDGEMENTS: Final = frozenset({"APERAK", "CONTRL"})
"""Accepted from every partner, whatever the profile lists."""


def read_message(record: Record, profile: PartnerProfile) -> Reading:
    """What one message says, by the reader of its type. Raises Rejected with the place."""
    document = read_document(record.value)
    reader = _reader_of(document, profile)
    try:
        return reader.read(document, record, profile)
    except ValidationError as error:
        refusal = misfit(error)
        path = f"{document.segments[0].place}/{refusal.path}"
        raise Rejected(refusal.code, refusal.detail, path) from error


def _reader_of(document: Document, profile: PartnerProfile) -> MessageReader:
    kind, unh = document.message_type, document.segments[0]
    reader = READERS.get(kind)
    if reader is None:
        detail = f"message type {shown(kind)} is not read; types that are: {' '.join(READERS)}"
        raise unh.refuse(RejectionCode.FORMAT_UNKNOWN, detail, 2, 1)
    accepted = profile.exchange.documents_in if profile.exchange else ()
    if accepted and kind not in {one.upper() for one in accepted} and kind not in _ACKNOWLEDGEMENTS:
        detail = f"message {kind} is not accepted: the profile's exchange.documents_in does not list it"
        raise unh.refuse(RejectionCode.FORMAT_UNKNOWN, detail, 2, 1)
    missing = [name for name in reader.needs if _section(profile, name) is None]
    if missing:
        detail = f"message {kind} cannot be read without {' and '.join(missing)} in the profile"
        raise unh.refuse(RejectionCode.PARTNER_UNKNOWN, detail, 2, 1)
    return reader


def _section(profile: PartnerProfile, name: ProfileSection) -> object:
    return profile.business_zone if name == "zone" else getattr(profile, name)
