"""ISO 4217 currencies and how many decimals each has.

Invariant: a code that is not in the table is not a currency. Source: ISO 4217 list one, active codes
of circulating currencies, and of list three those that old documents and archives still name; funds, metals
and test codes are left out.
"""

from __future__ import annotations

from typing import Final

_TWO: Final = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR
ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR
ZMW ZWG
"""
_WITHDRAWN_TWO: Final = """
AFA ANG ATS AZM BGL CSD CUC CYP DEM EEK FIM FRF GHC HRK IEP LTL LVL MRO MTL MZM NLG PLZ ROL RUR
SDD SIT SKK SLL STD TMM VEF YUM ZMK ZWL
"""
_WITHDRAWN_ZERO: Final = "BEF BYR ESP GRD ITL LUF PTE TRL"
_ZERO: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR: Final = "CLF UYW"

CURRENCY_EXPONENTS: Final[dict[str, int]] = {
    code: exponent
    for exponent, codes in (
        (2, f"{_TWO} {_WITHDRAWN_TWO}"),
        (0, f"{_ZERO} {_WITHDRAWN_ZERO}"),
        (3, _THREE),
        (4, _FOUR),
    )
    for code in codes.split()
}
"""Decimals of the minor unit per currency code: EUR 2, JPY 0, KWD 3."""
