"""EDIFACT DESADV: despatch advices.

Invariant: one shipment per order that the message names; each despatched quantity stands in one package.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Shipment
from crossdock.formats.declaration import Field
from crossdock.formats.edifact.declaring import message_format

FORMAT: Final = message_format(
    "DESADV",
    "EDIFACT DESADV despatch advice",
    (Shipment,),
    (
        Field("BGM02", "shipment_id"),
        Field(
            "RFF ON of lines, else of the header", "order_id", "one shipment each; `-` where none is named"
        ),
        Field("BGM03", "purpose, cancels, status_raw", "9 original, 5 4 replace, 1 cancel"),
        Field("DTM 11", "shipped"),
        Field("DTM 17 132 358 191 2 69 64", "estimated_delivery"),
        Field("NAD DP ST CN UC; SF PW CZ", "ship_to, ship_from"),
        Field("CPS", "packages", "one per SSCC of a level, else one for the level"),
        Field("PCI with GIN BJ AW ML", "packages[].sscc, packages[].package_id"),
        Field("MEA AAB, G", "packages[].weight"),
        Field("TDT", "packages[].carrier"),
        Field("RFF CN CRN AAS BM CU", "packages[].tracking_number"),
        Field("LIN03, PIA", "packages[].lines[].identifiers, sku"),
        Field("QTY 12, else 46 47 1", "packages[].lines[].quantity"),
        Field("RFF ON of a line, third component", "packages[].lines[].line_id"),
        Field("GIN SN BN; GIN BX, PIA NB", "packages[].lines[].serials, lot"),
        Field("CNT 2, CNT 1", "variances line_count, quantity_total"),
    ),
    (
        "Lines without CPS stand in one package.",
        "A level without SSCC belongs to the nearest outer one that has exactly one.",
        "Several SSCC of one level share its lines: put into the first, with a warning.",
        "A GIN BJ behind a line names that line's own package.",
        "GIN may state a range: its ends are carried, with a warning.",
    ),
    key_rule="order and BGM02",
    revision_rule="document semantics: BGM03 9 is new, 5 replaces, 1 cancels",
    needs=("zone",),
)
