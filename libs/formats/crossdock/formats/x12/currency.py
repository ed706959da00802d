"""The one currency of a transaction set.

Invariant: every CUR of the set agrees with each other and with the profile, or the set is refused.
"""

from __future__ import annotations

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import PartnerProfile
from crossdock.formats.profile_rules import known_currency, order_currency
from crossdock.formats.x12.document import Document


def document_currency(document: Document, profile: PartnerProfile) -> str:
    """Currency from every CUR segment and the profile.

    Raises:
        Rejected: `currency_missing`, `currency_unknown`, `currency_mixed`.
    """
    stated = [
        (segment, at)
        for segment in document.segments
        if segment.tag == "CUR"
        for at in (2, 5)
        if segment.get(at)
    ]
    if not stated:
        return order_currency(None, profile, document.segments[0].path())
    known = {known_currency(segment.code(at), segment.path(at)) for segment, at in stated}
    if len(known) > 1:
        detail = "the CUR segments state more than one currency; send one document per currency"
        raise stated[-1][0].refuse(RejectionCode.CURRENCY_MIXED, detail, stated[-1][1])
    segment, at = stated[0]
    return order_currency(known.pop(), profile, segment.path(at))
