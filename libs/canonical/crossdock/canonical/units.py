"""Units of measure: UN/ECE Recommendation 20 codes in common trade use, and a partner's own units.

Invariant: a quantity never gets a unit that nobody declared: what is neither a known code nor explained
by the partner's profile is refused (`unit_unmapped`), never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown

if TYPE_CHECKING:
    from crossdock.canonical.models.profile import PartnerProfile

_COUNTS: Final = """
EA each|C62 one|H87 piece|NAR number of articles|NPR number of pairs|NPT number of parts|PR pair|DZN dozen
DZP dozen packs|DPR dozen pairs|GRO gross|GGR great gross|HD half dozen|SCO score|CEN hundred|MIL thousand
MIO million|SET set|KT kit|AS assortment|LEF leaf|STK stick|SX shipment|P1 percent|59 part per million
E48 service unit|E51 job|E54 trip|E49 working day|LS lump sum
"""
_MASSES: Final = """
KGM kilogram|GRM gram|MGM milligram|MC microgram|CGM centigram|DJ decagram|HGM hectogram|DTN decitonne
TNE tonne|KTN kilotonne|LBR pound|ONZ ounce|APZ troy ounce|GRN grain|STI stone (UK)|CWA hundredweight (US)
CWI hundredweight (UK)|STN short ton|LTN long ton|CTM metric carat
"""
_LENGTHS: Final = """
MTR metre|MMT millimetre|CMT centimetre|DMT decimetre|KMT kilometre|HMT hectometre|4H micrometre
C45 nanometre|INH inch|FOT foot|YRD yard|SMI mile|NMI nautical mile|LM linear metre|LF linear foot
"""
_AREAS: Final = """
MTK square metre|MMK square millimetre|CMK square centimetre|DMK square decimetre|KMK square kilometre
INK square inch|FTK square foot|YDK square yard|MIK square mile|ACR acre|ARE are|HAR hectare
"""
_VOLUMES: Final = """
LTR litre|MLT millilitre|CLT centilitre|DLT decilitre|HLT hectolitre|4G microlitre|K6 kilolitre
MAL megalitre|HPA hectolitre of pure alcohol
MTQ cubic metre|MMQ cubic millimetre|CMQ cubic centimetre|DMQ cubic decimetre|INQ cubic inch
FTQ cubic foot|YDQ cubic yard|GLL gallon (US)|GLI gallon (UK)|QTL liquid quart (US)|QTI quart (UK)
PTL liquid pint (US)|PTI pint (UK)|OZA fluid ounce (US)|OZI fluid ounce (UK)|PTD dry pint (US)
QTD dry quart (US)|GLD dry gallon (US)|BUA bushel (US)|BUI bushel (UK)|BLL barrel (US)|BFT board foot
WCD cord|G24 tablespoon (US)|G25 teaspoon (US)
"""
_TIMES: Final = """
SEC second|C26 millisecond|MIN minute|HUR hour|DAY day|WEE week|MON month|QAN quarter|SAN half year|ANN year
"""
_PHYSICS: Final = """
WTT watt|KWT kilowatt|MAW megawatt|WHR watt hour|KWH kilowatt hour|MWH megawatt hour|GWH gigawatt hour
JOU joule|KJO kilojoule|3B megajoule|GV gigajoule|BTU British thermal unit|VLT volt|KVT kilovolt|AMP ampere
AMH ampere hour|KVA kilovolt ampere|KVR kilovar|OHM ohm|FAR farad|HTZ hertz|KHZ kilohertz|MHZ megahertz
CEL degree Celsius|FAH degree Fahrenheit|KEL kelvin|PAL pascal|A97 hectopascal|KPA kilopascal|MPA megapascal
BAR bar|MBR millibar|NEW newton|LUM lumen|LUX lux|CDL candela|DD degree of angle|RPM revolutions per minute
GM gram per square metre|KMQ kilogram per cubic metre|MTS metre per second|KMH kilometre per hour
AD byte|2P kilobyte|4L megabyte|E34 gigabyte|E35 terabyte
"""
_PACKAGES: Final = """
XAE aerosol|XAM ampoule|XBA barrel|XBE bundle|XBG bag|XBJ bucket|XBK basket|XBL compressed bale|XBO bottle
XBX box|XCQ cartridge|XCR crate|XCS case|XCT carton|XCX can|XCY cylinder|XDR drum|XEN envelope|XJR jar|XKG keg
XPA packet|XPC parcel|XPK package|XPL pail|XPU tray|XPX pallet|XRL reel|XRO roll|XSA sack|XSH sachet|XSI skid
XST sheet|XTB tub|XTU tube|XVI vial
"""


def _table(*texts: str) -> dict[str, str]:
    entries = [entry.strip().partition(" ") for text in texts for entry in text.replace("\n", "|").split("|")]
    return {code: name for code, _, name in entries if code}


REC20_UNITS: Final[Mapping[str, str]] = _table(
    _COUNTS, _MASSES, _LENGTHS, _AREAS, _VOLUMES, _TIMES, _PHYSICS, _PACKAGES
)
"""Code → name. Source: UN/ECE Recommendation 20; codes with X are Recommendation 21 packages."""

X12_UNITS: Final[Mapping[str, str]] = {
    "PC": "H87",
    "UN": "C62",
    "DZ": "DZN",
    "DP": "DPR",
    "GS": "GRO",
    "TH": "MIL",
    "HU": "CEN",
    "ST": "SET",
    "LB": "LBR",
    "OZ": "ONZ",
    "KG": "KGM",
    "GR": "GRM",
    "ME": "MGM",
    "TN": "STN",
    "MP": "TNE",
    "FT": "FOT",
    "IN": "INH",
    "YD": "YRD",
    "MR": "MTR",
    "CM": "CMT",
    "MM": "MMT",
    "SF": "FTK",
    "SY": "YDK",
    "SM": "MTK",
    "BF": "BFT",
    "BU": "BUA",
    "CC": "CMQ",
    "CF": "FTQ",
    "CI": "INQ",
    "CW": "CWA",
    "CY": "YDQ",
    "SI": "INK",
    "CR": "MTQ",
    "GA": "GLL",
    "QT": "QTL",
    "PT": "PTL",
    "LT": "LTR",
    "ML": "MLT",
    "FO": "OZA",
    "HR": "HUR",
    "DA": "DAY",
    "MO": "MON",
    "AM": "XAM",
    "BC": "XBJ",
    "BD": "XBE",
    "BG": "XBG",
    "BO": "XBO",
    "BS": "XBK",
    "BX": "XBX",
    "CA": "XCS",
    "CL": "XCY",
    "CN": "XCX",
    "CP": "XCR",
    "CS": "XCS",
    "CQ": "XCQ",
    "CT": "XCT",
    "DR": "XDR",
    "EV": "XEN",
    "JR": "XJR",
    "KE": "XKG",
    "PA": "XPL",
    "PK": "XPK",
    "PL": "XPX",
    "RE": "XRL",
    "RL": "XRO",
    "SH": "XST",
    "SV": "XSI",
    "TB": "XTU",
    "TY": "XPU",
    "VI": "XVI",
}
"""X12 data element 355 code → the Recommendation 20 code that means exactly the same.

A package stays a package: five cartons are 5 XCT, and how many pieces one holds is the product's or the
partner's to say. Codes equal in both lists (EA, PR, …) need no entry. CS is a cassette in the list and a case
with whoever sends it.
"""


def is_known_unit(code: str) -> bool:
    """Whether the code is one of the Recommendation 20 codes we know; case matters."""
    return code in REC20_UNITS


def resolve_unit(
    raw: str, profile: PartnerProfile, *, path: str = "", code_list: Mapping[str, str] | None = None
) -> tuple[str, Decimal]:
    """(UN/ECE code, how many of it one `raw` holds) of a unit as the source wrote it.

    The profile's `units` win, then Recommendation 20, then `code_list` (e.g. `X12_UNITS`).
    Raises Rejected UNIT_UNMAPPED where none explains it.
    """
    rule = profile.units.get(raw)
    if rule is not None:
        return rule.unit, rule.factor
    if raw in REC20_UNITS:
        return raw, _ONE
    if code_list is not None and raw in code_list:
        return code_list[raw], _ONE
    raise Rejected(
        RejectionCode.UNIT_UNMAPPED,
        f"unit {shown(raw)} is no UN/ECE Rec 20 code; add it to `units` of profile "
        f"{profile.tenant}/{profile.partner} with its unit and factor",
        path,
    )


_ONE: Final = Decimal(1)
