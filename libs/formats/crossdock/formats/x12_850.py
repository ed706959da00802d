"""X12 850 purchase orders, as files of interchanges and as single transaction sets.

Invariant: `split` turns each transaction set into one record and `read` turns such a record into one
order or one refusal; the order's key is its PO number with the release number, whatever its purpose.
"""

from __future__ import annotations

from typing import Final

from crossdock.formats.declaration import Field, Format
from crossdock.formats.x12.set_format import CONTENT_TYPES, key, only, read, split

__all__ = ["FORMAT", "key", "read", "split"]

FORMAT: Final = Format(
    name="x12_850",
    title="X12 850 purchase order",
    content_types=CONTENT_TYPES,
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("BEG03, BEG04", "order_id", "PO number, `.release` behind it where there is one"),
        Field("BEG01", "change, cancellation", "00 06 07 15 18 created, 04 05 updated, 01 03 17 cancelled"),
        Field("BEG05, else DTM*004", "placed", "a day in the profile's zone"),
        Field("GS04/GS05, else ISA09/ISA10", "occurred, revision", "then control numbers; kind none"),
        Field("CUR02", "currency", "of header and lines; must agree with the profile's"),
        Field("profile money.tax_mode", "tax_mode", "an 850 does not say it"),
        Field("N1 ST BT BY SO SE SU VN SF PE RI BS", "parties", "N2–N4 and PER with it; other roles: notes"),
        Field("N103/N104", "parties[].identifiers", "1 9 duns, UL gln, FI tax id; others keep their issuer"),
        Field("N404", "parties[].address.country", "alpha-2 or absent, never defaulted"),
        Field(
            "DTM 010 002 074 038 063 106 001 061",
            "requested_ship … cancel_after",
            "time code or profile zone",
        ),
        Field("TD505, else TD502:TD503, TD504", "shipping_method_raw", "TD512 is service_level"),
        Field("REF*CO", "buyer_reference"),
        Field("MSG, NTE, MTX, PER, unmapped parties", "notes", "personal text never becomes an extension"),
        Field("PO101", "lines[].line_id", "else the position; a repeated one is numbered"),
        Field("PO102, else Σ SDQ or SCH", "lines[].ordered", "PO103: profile units, Rec 20, element 355"),
        Field("profile units[].factor", "lines[].stock_quantity", "a package's pieces"),
        Field("PO104, else CTP03 × CTP07", "lines[].unit_price", "PO105 or CTP09 is the basis"),
        Field("PO102 × PO104 / basis, else AMT*1", "lines[].extended", "half-even to 4 decimals"),
        Field("PO106 …, LIN02 …", "lines[].identifiers", "GTIN padded, check digit tested"),
        Field("DTM*010 or SCH*…*010 of a line", "lines[].requested_ship"),
        Field("SAC, TXI", "adjustments, tax_lines", "SAC05 has two implied decimals"),
        Field("AMT*TT, AMT*1", "stated.total, stated.subtotal"),
        Field("CTT01, CTT02", "variances line_count, quantity_total", "a standard hash total is recognised"),
        Field("every other segment", "extensions", "`TAG`, or `lines[id].TAG`, elements joined by `*`"),
    ),
    quirks=(
        "Delimiters come from the ISA: control characters, multi-byte ones, line ends; ISA16 may be missing.",
        "An ISA without padding is split at its element separators.",
        "A BOM, blanks or a mail header may stand before the ISA; lines may be broken at one width.",
        "A lost terminator is found where a line end and a known tag follow each other.",
        "What is not UTF-8 is read as Windows-1252 or Latin-1, with a warning; UTF-16 is refused.",
        "SE, GE and IEA lie about counts: reported. SE01 and CTT01 that both miss something refuse.",
        "One file holds several interchanges, also with equal control numbers; one bad set stops no other.",
        "A set of another kind is read by its own reader, where exchange.documents_in accepts it.",
        "A price may be per dozen, hundred, pound, 100 feet; per pound of counted goods needs a CTP.",
        "The line's own unit where the price basis should stand is read as per that unit, with a warning.",
        "A line without a price is demand: amount 0 with price basis unknown, and a warning.",
        "SDQ and SCH are kept as extensions and compared with the line; SLN sublines are kept, not ordered.",
        "Charges and taxes that only total those of lines count once, unless the total counts them twice.",
        "SAC with a percentage alone counts where that gives the total; one that is billed back never does.",
    ),
    key_rule="BEG03, the release number BEG04 behind it where there is one",
    revision_rule="document semantics: BEG01 00 is new, 05 replaces, 01 cancels; a second new one with "
    "other content is a conflict",
    intake="document",
    looks_like=only("850"),
)
