"""Code lists of X12 that orders need: who a party is, what an identifier names, what a price is for.

Invariant: a code that is not listed here is never guessed; money and quantity codes that are missing
refuse the document, descriptive ones are kept as said.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.models import IdentifierScheme, PartyRole
from crossdock.formats.edi.charges import ChargeCodes


class CountBasis(NamedTuple):
    """Price per so many of what is ordered; `units` are Rec 20 units that are that count themselves."""

    pieces: Decimal
    units: frozenset[str] = frozenset()


class MeasureBasis(NamedTuple):
    """Price per so much of a measure."""

    amount: Decimal
    unit: str


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


PER_ORDERED_UNIT: Final = _codes(
    "AA AB AP AW BD BR BW CA CP CR CT DI DP DR DS EC EH ES FB FO FX KA KP KR LR ME NC NE NQ NS NT PB PM PQ"
    " PR PU PV QR QT RS RT SA SC SM SR ST SW TB UM VQ WH WI"
)
"""Element 639 codes that say what kind of price it is, not per how much: per unit of PO103."""
PER_EACH: Final = _codes("PE LE TE QE RE WE")
"""Element 639: per each. Senders write it with any unit of PO103, so it is read as per that unit."""
WITHOUT_PRICE: Final = _codes("NQ TB")
"""Element 639: no quote, to be negotiated."""
NO_CHARGE: Final = "NC"
"""Element 639: the line is free."""

_DOZEN, _HUNDRED, _THOUSAND = frozenset({"DZN"}), frozenset({"CEN"}), frozenset({"MIL"})
COUNT_BASES: Final[dict[str, CountBasis]] = {
    "PN": CountBasis(Decimal(10)),
    "TT": CountBasis(Decimal(10_000)),
    "HT": CountBasis(Decimal(100_000)),
    **dict.fromkeys(_codes("PD LD TD QD RD WD"), CountBasis(Decimal(12), _DOZEN)),
    **dict.fromkeys(_codes("HP LC TC QH RC WC"), CountBasis(Decimal(100), _HUNDRED)),
    **dict.fromkeys(_codes("TP LM TM QS RM WM"), CountBasis(Decimal(1000), _THOUSAND)),
}
"""Element 639 codes: price per ten, dozen, hundred, thousand …"""
MEASURE_BASES: Final[dict[str, MeasureBasis]] = {
    "PP": MeasureBasis(Decimal(1), "LBR"),
    "PO": MeasureBasis(Decimal(1), "ONZ"),
    "PA": MeasureBasis(Decimal(1), "APZ"),
    "PG": MeasureBasis(Decimal(1), "GRM"),
    "PK": MeasureBasis(Decimal(1), "KGM"),
    "PF": MeasureBasis(Decimal(1), "FOT"),
    "HF": MeasureBasis(Decimal(100), "FOT"),
    "TF": MeasureBasis(Decimal(1000), "FOT"),
    "PY": MeasureBasis(Decimal(1), "YRD"),
    "PS": MeasureBasis(Decimal(1000), "FTK"),
    "PL": MeasureBasis(Decimal(1), "LTR"),
    "ML": MeasureBasis(Decimal(1), "MLT"),
    "P1": MeasureBasis(Decimal(1000), "MTR"),
    "P2": MeasureBasis(Decimal(1), "CMT"),
    "P3": MeasureBasis(Decimal(1), "DMT"),
    "P4": MeasureBasis(Decimal(1), "HMT"),
    "P5": MeasureBasis(Decimal(1), "KMT"),
    "P6": MeasureBasis(Decimal(1), "MMT"),
    "P7": MeasureBasis(Decimal(1), "MTR"),
    "LB": MeasureBasis(Decimal(1), "LBR"),
}
"""Element 639 codes: price per measure. LB is no code of the list, but senders write it for PP."""
PER_TON: Final = "PT"
TON_UNITS: Final = frozenset({"STN", "LTN", "TNE"})
"""Per ton does not say which ton: it can be read only where the line is ordered in one of these."""

PACKAGE_UNITS: Final = frozenset({"DZN", "GRO", "GGR", "HD", "SCO", "CEN", "MIL", "PR", "DPR", "DZP"})
"""Counts of several pieces: `per each` beside one of them may mean the piece."""

PARTY_ROLES: Final[dict[str, tuple[PartyRole, ...]]] = {
    "BY": (PartyRole.BUYER,),
    "BT": (PartyRole.BILL_TO,),
    "BS": (PartyRole.BILL_TO, PartyRole.SHIP_TO),
    "ST": (PartyRole.SHIP_TO,),
    "SO": (PartyRole.SOLD_TO,),
    "SE": (PartyRole.SELLER,),
    "SU": (PartyRole.SELLER,),
    "VN": (PartyRole.SELLER,),
    "SF": (PartyRole.SHIP_FROM,),
    "PE": (PartyRole.PAYEE,),
    "RI": (PartyRole.PAYEE,),
    "RE": (PartyRole.PAYEE,),
}
"""Element 98 → roles. Others are kept as notes with a warning."""

PARTY_SCHEMES: Final[dict[str, IdentifierScheme]] = {
    "1": IdentifierScheme.DUNS,
    "01": IdentifierScheme.DUNS,
    "9": IdentifierScheme.DUNS,
    "09": IdentifierScheme.DUNS,
    "UL": IdentifierScheme.GLN,
}
"""Element 66 → scheme; others are the partner's own numbers."""
TAX_ID_QUALIFIERS: Final = frozenset({"24", "FI", "VT"})
"""Element 66: employer's and federal taxpayer's numbers."""
PERSON_QUALIFIERS: Final = frozenset({"34", "SY"})
"""Element 66: social security numbers, never kept."""

ITEM_SCHEMES: Final[dict[str, IdentifierScheme]] = {
    **dict.fromkeys(_codes("UP UK EN EO UI UA UD UE UG UH UN"), IdentifierScheme.GTIN),
    **dict.fromkeys(_codes("BP IN PI CB"), IdentifierScheme.BUYER_PART),
    **dict.fromkeys(_codes("VN VP VC VA VS"), IdentifierScheme.VENDOR_PART),
    **dict.fromkeys(_codes("MG MN"), IdentifierScheme.MANUFACTURER_PART),
    "SK": IdentifierScheme.SKU,
    **dict.fromkeys(_codes("ST IT PN EP PC IB IS ND N1 N2 N3 N4 FS SW ZZ"), IdentifierScheme.UNKNOWN),
}
"""Element 235 → scheme; `unknown` for item numbers that have no scheme (style, company part, ISBN, drug
code, stock number). Others (colour, size, description, name of the manufacturer) are kept as extensions of
the line."""
WITHOUT_CHECK_DIGIT: Final[dict[str, int]] = {"UI": 11, "UA": 12, "UN": 13}
"""Qualifiers whose number has this many digits where the sender left the check digit out."""

CHARGES: Final = ChargeCodes(
    shipping=_codes("D180 D240 D500 G821 G830"), fees=_codes("D980"), discounts=_codes("C300 C310 I170 I530")
)
"""Element 1300; the fee is insurance."""
TAX_CHARGES: Final = _codes("H650 H750 H850")
"""Element 1300: taxes stated as charges."""
NOT_IN_TOTAL: Final[dict[str, str]] = {
    "01": "bill back",
    "04": "credited to the customer's account",
    "05": "paid by the vendor",
    "15": "information only",
}
"""Element 331 → why a charge of SAC12 is no part of what this order is worth."""

PURPOSES_NOT_ORDERS: Final[dict[str, str]] = {
    "02": "add",
    "08": "status",
    "11": "response",
    "13": "request",
    "16": "proposed",
    "22": "information copy",
    "24": "draft",
    "25": "incremental",
    "36": "authority to deduct",
    "53": "completion",
    "54": "quarterly",
    "PR": "proposed",
    "ZZ": "mutually defined",
}
"""Element 353 codes that carry no complete order."""
