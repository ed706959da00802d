"""EDIFACT ORDERS: purchase orders.

Invariant: one message is one order under its BGM number, whatever its function; nothing said is dropped.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Order
from crossdock.formats.declaration import Field
from crossdock.formats.edifact.declaring import message_format

ORDER_FIELDS: Final = (
    Field("BGM02, else RFF ON", "order_id, order_name"),
    Field("BGM03", "change, cancellation", "9 6 7 18 31 35 46 47 created, 4 5 updated, 1 3 17 cancelled"),
    Field("DTM 4, else 137, else UNB04", "placed", "in the profile's zone, or the one that the value states"),
    Field("CUX reference currency, else MOA", "currency", "must agree with the profile's"),
    Field("profile money.tax_mode", "tax_mode", "an ORDERS does not say it"),
    Field(
        "NAD BY OB IV BT PR DP ST CN UC SO SU SE SF PE …", "parties", "with RFF VA, CTA, COM; others: notes"
    ),
    Field("NAD02.3", "parties[].identifiers", "9 gln, 16 duns; 91 92 and others keep their issuer"),
    Field("DTM 2 69 64 76", "requested_delivery", "the end of a period is deliver_by"),
    Field("DTM 10 37, 38, 63, 61", "requested_ship, ship_by, deliver_by, cancel_after"),
    Field("TDT", "shipping_method_raw", "carrier's name, else code, else means, else mode"),
    Field("RFF CR UC", "buyer_reference"),
    Field("FTX, CTA, unmapped NAD", "notes", "personal text never becomes an extension"),
    Field("LIN01", "lines[].line_id", "else the position; a repeated one is numbered"),
    Field("LIN03, PIA", "lines[].identifiers", "GTIN padded, check digit tested"),
    Field(
        "QTY 21, else 1 … 12 46 47, else Σ QTY 11",
        "lines[].ordered",
        "unit by profile or Rec 20; none: pieces",
    ),
    Field("profile units[].factor", "lines[].stock_quantity", "a package's pieces"),
    Field(
        "PRI AAA CAL INV …, or AAB before allowances", "lines[].unit_price", "basis 5284 with its unit 6411"
    ),
    Field("MOA 203, 66, else price × quantity / basis", "lines[].extended", "half-even to 4 decimals"),
    Field(
        "ALC with MOA 8 23 204 131", "adjustments", "of lines, header, or summary where only it states them"
    ),
    Field("TAX with MOA 124", "tax_lines", "of lines or header; of the summary where only it states them"),
    Field("MOA 79", "stated.subtotal"),
    Field("MOA 77 86 39 388 128 9 …", "stated.total", "the most exact; others are compared too"),
    Field("MOA 176 124 150 369 161", "stated.tax"),
    Field("CNT 2, CNT 1", "variances line_count, quantity_total"),
    Field("every other segment", "extensions", "`TAG`, or `lines[id].TAG`, elements joined by `+` and `:`"),
)
"""Where an order's fields come from, in ORDERS and ORDCHG alike."""
ORDER_QUIRKS: Final = (
    "A line without a price is demand: amount 0 with price basis unknown, and a warning.",
    "A price may be per 100 or per another unit: converted where a factor is exact, else MOA 203 is carried.",
    "A price of kind AAA includes its line's allowances unless MOA 203 shows that it does not.",
    "ALC without an amount changes no sum, but a percentage that gives MOA 203 or the total does.",
    "Without UNS a total of the message ends the lines.",
    "Allowances that give MOA 203 only per unit are of one unit each; a net price counts if it alone does.",
    "LOC or SCC with QTY 11 split a line: kept, and compared with it.",
    "Sub-lines (LIN04) are kept, not ordered.",
    "Amounts in the target currency of CUX are kept aside; any other currency refuses.",
    "UNT01 and CNT 2 that both miss something refuse, unless a total speaks against it.",
    "A second BGM refuses: two messages have run together.",
)

FORMAT: Final = message_format(
    "ORDERS",
    "EDIFACT ORDERS purchase order",
    (Order,),
    ORDER_FIELDS,
    ORDER_QUIRKS,
    key_rule="BGM02, the number of the order, else RFF ON",
    revision_rule="document semantics: BGM03 9 is new, 5 and 4 replace, 1 cancels; a second new one with "
    "other content is a conflict",
    needs=("channel", "money"),
)
