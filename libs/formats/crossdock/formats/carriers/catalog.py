"""All tracking formats.

Invariant: a carrier's API is one module, one code table and one line here.
"""

from __future__ import annotations

from typing import Final

from crossdock.formats.carriers import (
    aftership_tracking,
    canadapost_tracking,
    dhl_express_tracking,
    dhl_tracking,
    dpd_tracking,
    easypost_tracker,
    fedex_tracking,
    gls_tracking,
    laposte_tracking,
    purolator_tracking,
    shippo_tracking,
    ups_tracking,
    usps_tracking,
)
from crossdock.formats.declaration import Format

CARRIER_FORMATS: Final[tuple[Format, ...]] = (
    aftership_tracking.FORMAT,
    canadapost_tracking.FORMAT,
    dhl_express_tracking.FORMAT,
    dhl_tracking.FORMAT,
    dpd_tracking.FORMAT,
    easypost_tracker.FORMAT,
    fedex_tracking.FORMAT,
    gls_tracking.FORMAT,
    laposte_tracking.FORMAT,
    purolator_tracking.FORMAT,
    shippo_tracking.FORMAT,
    ups_tracking.FORMAT,
    usps_tracking.FORMAT,
)
