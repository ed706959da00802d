"""Code lists of the EDIFACT directories that the messages need.

Invariant: a code that is not listed here is never guessed; money and quantity codes that are missing
refuse the document, descriptive ones are kept as said.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import (
    Change,
    IdentifierScheme,
    PartyRole,
    QuantityMeaning,
    TaxCategory,
    TrackingStatus,
)
from crossdock.formats.edi.charges import ChargeCodes


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# ---- parties and items -----------------------------------------------------------------------------------

PARTY_ROLES: Final[dict[str, PartyRole]] = {
    "BY": PartyRole.BUYER,
    "OB": PartyRole.BUYER,
    "IV": PartyRole.BILL_TO,
    "BT": PartyRole.BILL_TO,
    "PR": PartyRole.BILL_TO,
    "DP": PartyRole.SHIP_TO,
    "ST": PartyRole.SHIP_TO,
    "CN": PartyRole.SHIP_TO,
    "UC": PartyRole.SHIP_TO,
    "SO": PartyRole.SOLD_TO,
    "SU": PartyRole.SELLER,
    "SE": PartyRole.SELLER,
    "SR": PartyRole.SELLER,
    "VN": PartyRole.SELLER,
    "SF": PartyRole.SHIP_FROM,
    "PW": PartyRole.SHIP_FROM,
    "CZ": PartyRole.SHIP_FROM,
    "PE": PartyRole.PAYEE,
    "RE": PartyRole.PAYEE,
}
"""Data element 3035 → role; of several for one role the first in this order counts, others are notes."""
PARTY_RANK: Final[dict[str, int]] = {code: rank for rank, code in enumerate(PARTY_ROLES)}
"""Which of several codes of one role counts: the lower."""
PARTY_SCHEMES: Final[dict[str, IdentifierScheme]] = {
    "9": IdentifierScheme.GLN,
    "14": IdentifierScheme.GLN,
    "EN": IdentifierScheme.GLN,
    "16": IdentifierScheme.DUNS,
}
"""Data element 3055 (and what senders write for it) → scheme; others are a partner's own numbers."""
ASSIGNED_BY_SELLER: Final = "91"
ASSIGNED_BY_BUYER: Final = "92"
"""Data element 3055: who gave an identifier."""
TAX_REFERENCES: Final = _codes("VA GN FC AHP XA AMT")
"""Data element 1153 behind a NAD: tax registration numbers."""
PHONES: Final = _codes("TE MA AL")
EMAILS: Final = _codes("EM EI MAIL")
"""Data element 3155."""

ITEM_SCHEMES: Final[dict[str, IdentifierScheme]] = {
    **dict.fromkeys(_codes("EN SRV UP UPC EAN UA UE UG UH UK UO"), IdentifierScheme.GTIN),
    **dict.fromkeys(_codes("IN BP BJ PL CB"), IdentifierScheme.BUYER_PART),
    **dict.fromkeys(_codes("SA VN VP VS"), IdentifierScheme.VENDOR_PART),
    **dict.fromkeys(_codes("MF MP"), IdentifierScheme.MANUFACTURER_PART),
    "SK": IdentifierScheme.SKU,
}
"""Data element 7143 → scheme. Others identify under a list of their own and keep their qualifier."""
DESCRIPTIVE_ITEM_CODES: Final = _codes("NB SN PV BB CC HS GB DW CG ZHS CV GN LI SS ADU GD")
"""Data element 7143 codes that describe rather than identify: batch, serial, version, customs, group."""
LOT_CODES: Final = _codes("NB")
"""Data element 7143: batch number."""
_PACKAGES = _codes("BG BJ BO BX CR CS CT DR JR PA PK PX RL RO SA TU VI")
EDIFACT_UNITS: Final[dict[str, str]] = {
    **dict.fromkeys(_codes("PCE PCS PC"), "C62"),
    **{package: f"X{package}" for package in sorted(_PACKAGES)},
}
"""Data element 6411 codes of older directories → the Recommendation 20 code of the same meaning.

A package (Recommendation 21) stays one: five cartons are 5 XCT, and how many pieces one holds is the
product's or the partner's to say. Codes that senders use in their own language and the old list in another
sense are left out (ST, KG, STK, PL).
"""
COUNT_UNITS: Final = _codes("EA C62 H87 NAR NPT")
"""Recommendation 20 units that all count single pieces: a price per one is a price per any."""
EACH: Final = "EA"
"""Unit of a quantity without 6411: the directories use it for what is not counted in pieces."""

# ---- amounts ---------------------------------------------------------------------------------------------

NET_PRICES: Final = ("AAA", "CAL", "INV", "NTP", "CON", "CT")
"""Data element 5125: what the line is computed with; AAA includes the allowances of its line."""
GROSS_PRICES: Final = ("AAB", "GRP")
"""Data element 5125: price before the allowances of its line. Information prices (AAE, INF …) never count."""
RETAIL_PRICES: Final = _codes("SRP RTP MSR RRP")
"""Data element 5387: what a consumer pays; never what the order costs."""

ADJUSTMENT_AMOUNTS: Final = ("8", "23", "204", "98", "131")
"""Data element 5025 behind an ALC: the amount of the allowance or charge, the most exact first."""
TAX_AMOUNTS: Final = ("124", "176", "150", "369", "161")
"""Data element 5025 behind a TAX: the tax."""
TAX_BASES: Final = ("125", "79", "56")
"""Data element 5025 behind a TAX: what the tax is computed on."""
LINE_NET: Final = "203"
"""Data element 5025: line item amount, after the allowances and charges of the line."""
LINE_GROSS: Final = "66"
"""Data element 5025: goods item total, before allowances and charges."""
TOTAL_AMOUNTS: Final = ("77", "86", "39", "388", "128", "9", "40", "402")
"""Data element 5025 of a message's total, the most exact first: invoice amount, message total, …; what is
due (9) may leave out what is paid already."""
WHOLE_AMOUNTS: Final = _codes("77 86 39 388 9 402")
"""Data element 5025 that speaks of the whole message, never of a line, an allowance or a tax."""
PREPAID: Final = "113"
"""Data element 5025: what is paid already."""
LINES_TOTAL: Final = "79"
"""Data element 5025: total of the line item amounts."""
TAX_TOTALS: Final = ("176", "124", "150", "369", "161")
"""Data element 5025 of the summary: all taxes."""
TAXABLE: Final = "125"
"""Data element 5025: total before tax."""
CHARGES_TOTAL: Final = "131"
"""Data element 5025: total of charges less allowances."""
SETTLED_ELSEWHERE: Final[dict[str, str]] = {
    "1": "bill back",
    "3": "vendor cheque to the customer",
    "4": "credited to the customer's account",
    "5": "paid by the vendor",
    "12": "for information",
}
"""Data element 4471 → why an allowance or charge is no part of what the document is worth."""
CHARGES: Final = ChargeCodes(
    shipping=_codes("FC DL HD SH FI DC FR TAE 64 RAF"),
    fees=_codes("IN INS FG SC MAC MC"),
    discounts=_codes("DI TD QD CAC EAB VEJ PD SPD CL 95"),
)
"""Data element 7161."""
TAX_CATEGORIES: Final[dict[str, TaxCategory]] = {one.value: one for one in TaxCategory if one.value.isupper()}
"""Data element 5305."""

# ---- document functions ----------------------------------------------------------------------------------

ORDER_CHANGE: Final = "ORDCHG"
"""Data element 0065."""
FUNCTIONS: Final[dict[str, tuple[Change, bool]]] = {
    "": (Change.CREATED, True),
    "9": (Change.CREATED, True),
    "6": (Change.CREATED, True),
    "7": (Change.CREATED, True),
    "46": (Change.CREATED, True),
    "47": (Change.CREATED, True),
    "18": (Change.CREATED, False),
    "31": (Change.CREATED, False),
    "35": (Change.CREATED, False),
    "4": (Change.UPDATED, False),
    "5": (Change.UPDATED, False),
    "1": (Change.CANCELLED, False),
    "3": (Change.CANCELLED, False),
    "17": (Change.CANCELLED, False),
}
"""Data element 1225 → change, and whether the document claims to be the first of its number."""
PARTIAL_FUNCTIONS: Final = _codes("2 4 20 21 33 36")
"""Data element 1225: only what is added or changed is stated."""

# ---- stock -----------------------------------------------------------------------------------------------

STOCK_MEANINGS: Final[dict[str, QuantityMeaning]] = {
    "17": QuantityMeaning.ON_HAND,
    "145": QuantityMeaning.ON_HAND,
    "27": QuantityMeaning.QUALITY_HOLD,
    "124": QuantityMeaning.DAMAGED,
}
"""Data element 6063 → what a stock figure counts; others keep their code with meaning `unknown`."""

# ---- transport status ------------------------------------------------------------------------------------

TRANSPORT_STATUS: Final[dict[str, TrackingStatus]] = {
    "1": TrackingStatus.IN_TRANSIT,
    "6": TrackingStatus.CREATED,
    "7": TrackingStatus.CANCELLED,
    **dict.fromkeys(("8", "9", "10", "11", "12", "15", "16"), TrackingStatus.IN_TRANSIT),
    "13": TrackingStatus.PICKED_UP,
    "17": TrackingStatus.ON_HOLD,
    "20": TrackingStatus.DELAYED,
    "21": TrackingStatus.DELIVERED,
    "22": TrackingStatus.DELIVERED,
    "23": TrackingStatus.DELIVERY_FAILED,
    "24": TrackingStatus.IN_TRANSIT,
    "25": TrackingStatus.DELAYED,
    **dict.fromkeys(("27", "29", "31", "35", "40", "41", "44", "45"), TrackingStatus.IN_TRANSIT),
}
"""UN/ECE Recommendation 24 (data elements 4405 and 9011) → where a parcel is.

Codes that speak of equipment or of a process are left out: they say nothing about the goods.
"""
