"""EDIFACT INVOIC: invoices, credit notes, corrections.

Invariant: one invoice per order that the lines name, each with the whole totals as said and computed.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Invoice
from crossdock.formats.declaration import Field
from crossdock.formats.edifact.declaring import message_format

FORMAT: Final = message_format(
    "INVOIC",
    "EDIFACT INVOIC invoice",
    (Invoice,),
    (
        Field("BGM02", "invoice_number"),
        Field("BGM01", "kind", "380 388 389 393 … invoice, 381 396 … credit note, 384 correction"),
        Field("RFF ON of lines, else of the header", "order_id", "one invoice each; `-` where none is named"),
        Field("DTM 3, else 137", "invoice_date"),
        Field("DTM 13 140 265", "due_date", "behind PAT or in the header"),
        Field("DTM 263", "period"),
        Field("PAT", "payment_terms", "as said"),
        Field("CUX, else MOA, else the profile", "currency"),
        Field("NAD IV BT BY; SU SE", "buyer, seller"),
        Field("RFF IV OI", "corrects"),
        Field("QTY 47, else 12 46 61 21 1", "lines[].quantity", "below zero where something is taken back"),
        Field("MOA 203, else price × quantity ± ALC", "lines[].net"),
        Field("PRI", "lines[].unit_price", "basis 5284 with its unit 6411"),
        Field("RFF ON or LI of a line, third component", "lines[].order_line_id"),
        Field("RFF AAK DQ AAU SI", "lines[].shipment_id"),
        Field(
            "ALC with MOA 8 23 204 131",
            "adjustments",
            "of lines, header, or summary where only it states them",
        ),
        Field("TAX behind UNS", "tax_summary"),
        Field("MOA 79; 176 124 …; 77 86 39 388 9", "stated", "the most exact total; others are compared too"),
        Field(
            "lines + adjustments + taxes",
            "computed",
            "taxes of lines and charges where each states its own, else of the summary",
        ),
        Field("MOA 9", "amount_due", "with all MOA 113 (and Z…), what is paid, it is the total"),
        Field("CNT 2, CNT 1, MOA 125", "variances line_count, quantity_total, net_amount"),
    ),
    (
        "The summary repeats the allowances of the header: they are counted once.",
        "The total tells whether it repeats charges of net prices, and whether MOA 131 alone counts.",
        "A percentage without an amount is an allowance where it gives the line amount or the total exactly.",
        "Without UNS a total of the message ends the lines; behind a TAX it is still the message's.",
        "MOA 203 that is not price × quantity is carried; the difference is a variance.",
        "A line without a quantity is carried with 0; an amount below zero takes a quantity back.",
        "Where taxes of lines, of rates and in all differ, the one that makes the total counts; others vary.",
        "A credit note keeps its amounts as said; its kind tells the direction.",
    ),
    key_rule="order, partner and BGM02",
    revision_rule="document semantics: BGM03 9 is new, 5 replaces, 1 cancels",
    needs=("zone",),
)
