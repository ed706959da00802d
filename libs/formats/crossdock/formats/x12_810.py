"""X12 810 invoice, alone or among other sets.

Invariant: one invoice per order that the document bills, with that order's lines and the whole total.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Invoice
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "810",
    "invoice",
    (Invoice,),
    key_rule="partner, BIG04 (or the line's PO), partner, BIG02",
    revision_rule="document semantics by purpose code; a second original with other content is a conflict",
    field_table=(
        Field("BIG02", "invoice_number"),
        Field("BIG01", "invoice_date", "a day in the profile's zone"),
        Field("BIG07", "kind", "CR CN CM credit note, CO correction; else by the sign of the total"),
        Field("BIG08", "change", "00 created, 05 updated, 01 cancelled"),
        Field("BIG04, IT1 pair PO, REF*PO of a line", "order_id", "`-` where none is named"),
        Field("CUR02", "currency", "must agree with the profile's"),
        Field("ITD12, ITD06", "payment_terms, due_date"),
        Field("N1 BT BY SO ST", "buyer"),
        Field("N1 RI RE SE SU VN SF", "seller"),
        Field("IT101", "lines[].invoice_line_id", "else the position"),
        Field("IT1 pair PL", "lines[].order_line_id"),
        Field("IT102, IT103", "lines[].quantity"),
        Field("IT104, else CTP03 × CTP07", "lines[].unit_price", "IT105 or CTP09 is the basis, as in an 850"),
        Field("IT102 × IT104 / basis, with the line's SAC", "lines[].net", "half-even to 4 decimals"),
        Field("IT106 …", "lines[].identifiers"),
        Field(
            "SAC, TXI",
            "adjustments, tax_lines, tax_summary",
            "under an IT1 the line's; SAC05 has two implied decimals",
        ),
        Field("TDS01", "stated.total, amount_due", "two implied decimals"),
        Field("REF*SI", "lines[].shipment_id"),
        Field("REF*OI, REF*IV", "corrects", "of credit notes"),
        Field("CTT01, CTT02", "variances line_count, quantity_total"),
        Field(
            "every other segment",
            "extensions",
            "`TAG`, or `lines[id].TAG`; free and personal text is left out",
        ),
    ),
    quirks=(
        "TDS01 with a decimal point is read as written.",
        "Several orders in one invoice: one entity each, the whole total in all.",
        "A negative total without a credit code in BIG07 is a credit note.",
        "A line without a price is carried with 0 and a warning.",
        "What is stated twice counts once: totals of lines' charges, taxes as SAC and TXI, goods in D350.",
        "SAC with a percentage alone counts where that gives the total.",
        "Terms, taxes and charges behind TDS belong to the invoice, not to the last line.",
    ),
)
