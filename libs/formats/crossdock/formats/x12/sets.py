"""Which reader reads which transaction set: the dispatcher of all X12 formats.

Invariant: a set is read by the reader of its own ST01 whatever format its file was sent under, or it is
refused with its number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from pydantic import ValidationError

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import ProfileSection
from crossdock.formats.refusals import misfit
from crossdock.formats.x12.acknowledged import read_acknowledgement
from crossdock.formats.x12.changed_order import read_change
from crossdock.formats.x12.confirmation import read_confirmation
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Document, read_document
from crossdock.formats.x12.invoice import read_invoice
from crossdock.formats.x12.order_reading import read_order
from crossdock.formats.x12.remittance import read_remittance
from crossdock.formats.x12.ship_notice import read_ship_notice
from crossdock.formats.x12.status_report import read_status
from crossdock.formats.x12.stock_report import read_stock
from crossdock.formats.x12.warehouse import read_shipping_advice, read_shipping_order


class SetReader(NamedTuple):
    """Reader of one transaction set, and the sections of a profile that it cannot do without."""

    read: Callable[[SetContext], Reading]
    needs: tuple[ProfileSection, ...] = ("zone",)


SET_READERS: Final[dict[str, SetReader]] = {
    "214": SetReader(read_status),
    "810": SetReader(read_invoice),
    "820": SetReader(read_remittance),
    "846": SetReader(read_stock),
    "850": SetReader(read_order, ("channel", "money")),
    "852": SetReader(read_stock),
    "855": SetReader(read_confirmation),
    "856": SetReader(read_ship_notice),
    "860": SetReader(read_change, ("channel", "money")),
    "865": SetReader(read_confirmation),
    "940": SetReader(read_shipping_order),
    "945": SetReader(read_shipping_advice),
    "997": SetReader(read_acknowledgement, ()),
    "999": SetReader(read_acknowledgement, ()),
}
"""By ST01."""
_ORDERS: Final = frozenset({"850", "860"})
"""Sets whose reader tells of a test by itself."""
ACKNOWLEDGEMENTS: Final = frozenset({"997", "999"})
"""Sets that answer ours: accepted whatever `exchange.documents_in` lists."""


def read_set(record: Record, profile: PartnerProfile) -> Reading:
    """What one transaction set says. Raises Rejected with the place."""
    document = read_document(record.value)
    reader = _reader_of(document, profile)
    try:
        context = SetContext(document, profile, record)
        if document.set_type not in _ORDERS:
            context.note_test()
        return reader.read(context)
    except ValidationError as error:
        raise _placed(misfit(error), document) from error
    except Rejected as refusal:
        raise _placed(refusal, document) from refusal


def _placed(refusal: Rejected, document: Document) -> Rejected:
    """The refusal with the place of its set, where it names only a field of the entity."""
    place = document.segments[0].place
    if refusal.path.startswith(place):
        return refusal
    return Rejected(refusal.code, refusal.detail, f"{place}/{refusal.path}" if refusal.path else place)


def _reader_of(document: Document, profile: PartnerProfile) -> SetReader:
    kind, st = document.set_type, document.segments[0]
    reader = SET_READERS.get(kind)
    if reader is None:
        known = " ".join(sorted(SET_READERS))
        detail = f"transaction set {shown(kind)} is not read; sets that are: {known}"
        raise st.refuse(RejectionCode.FORMAT_UNKNOWN, detail, 1)
    listed = profile.exchange.documents_in if profile.exchange else ()
    accepted = {name.lower().removeprefix("x12").lstrip(" _") for name in listed}
    if accepted and kind not in accepted and kind not in ACKNOWLEDGEMENTS:
        detail = f"set {kind} is not accepted: the profile's exchange.documents_in does not list it"
        raise st.refuse(RejectionCode.FORMAT_UNKNOWN, detail, 1)
    missing = [name for name in reader.needs if _section(profile, name) is None]
    if missing:
        detail = f"transaction set {kind} cannot be read without {' and '.join(missing)} in the profile"
        raise st.refuse(RejectionCode.PARTNER_UNKNOWN, detail, 1)
    return reader


def _section(profile: PartnerProfile, name: ProfileSection) -> object:
    return profile.business_zone if name == "zone" else getattr(profile, name)
