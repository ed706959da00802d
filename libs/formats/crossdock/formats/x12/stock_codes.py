"""What the quantities of an 846 and an 852 count.

Invariant: a code that states no stock (sold, ordered, received, adjusted) is in no table and never becomes a
stock figure; one that may be either is `unknown` with its code.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import QuantityMeaning

REPORTED: Final[dict[str, QuantityMeaning]] = {
    "17": QuantityMeaning.ON_HAND,
    "26": QuantityMeaning.ON_HAND,
    "OH": QuantityMeaning.ON_HAND,
    "33": QuantityMeaning.AVAILABLE,
    "34": QuantityMeaning.AVAILABLE,
    "27": QuantityMeaning.RESERVED,
    "72": QuantityMeaning.RESERVED,
    "20": QuantityMeaning.DAMAGED,
    "QH": QuantityMeaning.QUALITY_HOLD,
    "QT": QuantityMeaning.IN_TRANSIT,
    "IQ": QuantityMeaning.IN_TRANSIT,
    "63": QuantityMeaning.INCOMING,
}
"""Element 673 (QTY01): total inventory and on hand; available and uncommitted on the shelf; committed and
allocated; unusable; on hold; in transit; on order."""
ACTIVITIES: Final[dict[str, QuantityMeaning]] = {
    "QA": QuantityMeaning.AVAILABLE,
    "OH": QuantityMeaning.ON_HAND,
    "QE": QuantityMeaning.ON_HAND,
    "QC": QuantityMeaning.RESERVED,
    "DG": QuantityMeaning.DAMAGED,
    "QH": QuantityMeaning.QUALITY_HOLD,
    "HL": QuantityMeaning.QUALITY_HOLD,
    "QI": QuantityMeaning.IN_TRANSIT,
    "QP": QuantityMeaning.INCOMING,
}
"""Element 859 (ZA01): available; gross and ending balance; committed; damaged; on hold; in
transit; on order."""
_MOVED: Final = "18 21 22 23 24 31 32 35 38 39 40 87 90"
_ACTED: Final = "QO QR QS QD QX Q1 Q2 Q3 QW QZ QL QM QN QB QU RE TS WQ LS"
NO_STOCK: Final = frozenset(f"{_MOVED} {_ACTED}".split())
"""Codes of either list that count no stock of now: what was sold, received, returned, ordered, planned."""
