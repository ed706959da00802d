"""Times of WooCommerce resources: `<name>_gmt` is UTC without an offset, `<name>` the shop's local time.

Invariant: a local time becomes an instant only by the profile's zone.
"""

from __future__ import annotations

from crossdock.canonical.models import BusinessTime
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import text
from crossdock.formats.times import at_offset, business_time


def woo_time(node: Node, name: str, path: str, zone: str | None) -> BusinessTime | None:
    """Time of `<name>_gmt` (UTC), else of `<name>` in the profile's zone; None where neither is stated.

    Without a zone in the profile the shop's offset is the difference of the two.
    Raises Rejected TIME_INVALID.
    """
    universal, local = text(node, f"{name}_gmt"), text(node, name)
    if universal is None:
        return None if local is None else business_time(local, f"{path}.{name}", zone=zone)
    moment = business_time(universal, f"{path}.{name}_gmt", zone=zone, naive_zone="UTC")
    if zone is not None or local is None:
        return moment
    shop = business_time(local, f"{path}.{name}", zone="UTC")
    offset = (shop.instant - moment.instant).total_seconds() // 60
    return at_offset(moment.instant, int(offset)) if abs(offset) <= 14 * 60 else moment
