"""Any other JSON, XML, CSV, TSV or fixed-width document, by the mapping in the partner's profile.

Invariant: the mapping is data of a closed grammar (`canonical.models.mapping`), checked when the profile is
written; orders go on through the same checks, sums and variances as Crossdock's own order JSON.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import (
    Customer,
    Order,
    PriceProposal,
    Product,
    SettlementLine,
    Shipment,
    StockSnapshot,
    TrackingEvent,
)
from crossdock.canonical.models.mapping import FUNCTIONS
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.declarative.reading import read, split


def key(_: Record) -> str | None:
    """None: only the mapping knows where the identity stands; parts of a file are keyed by it."""
    return None


FORMAT: Final = Format(
    name="declarative",
    title="A partner's own documents, by the mapping in its profile",
    content_types=(
        "application/json",
        "application/xml",
        "text/csv",
        "text/tab-separated-values",
        "text/plain",
    ),
    key=key,
    read=read,
    split=split,
    entities=(
        Order,
        Customer,
        PriceProposal,
        Product,
        SettlementLine,
        Shipment,
        StockSnapshot,
        TrackingEvent,
    ),
    key_rule="the identity that the mapping gives: order_id, shipment_id, sku, line_id, …",
    revision_rule="`revision` where the mapping gives one (orders); else the order of capture",
    intake="document",
    needs=("mapping",),
    field_table=(
        Field("mapping.fields", "the fields they name", "one rule each, or the path alone"),
        Field("rule: path, first_of, all_of", "–", "a value, the first there is, or all joined by a blank"),
        Field("rule: literal, otherwise", "–", "a constant; one where the value is absent or unlisted"),
        Field("rule: each, fields", "–", "an element per element of a list, `each: $.lines[*]`"),
        Field("rule: group_by", "–", "of `each`: an element per group of equal values, its parts in `rows`"),
        Field("rule: lookup, when", "–", "a table of `lookups`; a condition: equals, one_of, is_present, …"),
        *(Field(f"function: {name}", "–", meaning) for name, meaning in FUNCTIONS.items()),
        Field("–", "currency of amounts", "mapped `currency`, else the profile's money.currency"),
        Field("–", "zone of days and naive times", "the profile's"),
    ),
    quirks=(
        "Text in rows is stripped; empty cells are absent, not zero; a file that ends in a row is cut off.",
        "A unit that neither Rec 20 nor the profile's `units` explains refuses its document.",
        "A lookup without an entry for a value refuses the document and names the value's shape.",
        "Rows of one document need not stand together: `group_by` gathers them, within a document too, as "
        "the lines of each parcel.",
        "A column that stands for the whole document and differs in its rows: the first, with a warning.",
        "A tracking event without an id has a digest of number, time, code and place; its zone is stated "
        "where its time has an offset.",
        "Titles above the header and sums below the rows are left out by `skip_lines` and `keep`.",
        "XML attributes are `@name`; an element that occurs once is a list of one.",
        "`dates[TYPE=012].day` is the day of the date whose TYPE is 012; `#position` is an element's place, "
        "so that lines without a number have one.",
        "`all_of` joins a date and its time; `otherwise` stands in for a value that is absent or unlisted.",
        "Of a settlement line gross less fee is compared with net.",
        "Where `documents` names no list, each value of a JSON array or of JSON lines is a document; a "
        "broken line is refused alone.",
        "An XML document type that is only named (cXML) is passed over and never fetched.",
    ),
)
