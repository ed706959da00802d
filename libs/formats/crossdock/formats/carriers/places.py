"""Places of scans: city, region, country; never a street.

Invariant: a country is an ISO 3166-1 alpha-2 code or None; a name of a place is as said.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from crossdock.canonical.models import TrackingLocation

_ALPHA_3: Final = (
    "AFGAF ALBAL DZADZ ASMAS ANDAD AGOAO AIAAI ATGAG ARGAR ARMAM ABWAW AUSAU AUTAT AZEAZ BHSBS BHRBH "
    "BGDBD BRBBB BLRBY BELBE BLZBZ BENBJ BMUBM BTNBT BOLBO BIHBA BWABW BRABR BRNBN BGRBG BFABF BDIBI "
    "CPVCV KHMKH CMRCM CANCA CYMKY CAFCF TCDTD CHLCL CHNCN COLCO COMKM COGCG CODCD COKCK CRICR CIVCI "
    "HRVHR CUBCU CUWCW CYPCY CZECZ DNKDK DJIDJ DMADM DOMDO ECUEC EGYEG SLVSV GNQGQ ERIER ESTEE SWZSZ "
    "ETHET FROFO FJIFJ FINFI FRAFR GUFGF PYFPF GABGA GMBGM GEOGE DEUDE GHAGH GIBGI GRCGR GRLGL GRDGD "
    "GLPGP GUMGU GTMGT GGYGG GINGN GNBGW GUYGY HTIHT HNDHN HKGHK HUNHU ISLIS INDIN IDNID IRNIR IRQIQ "
    "IRLIE IMNIM ISRIL ITAIT JAMJM JPNJP JEYJE JORJO KAZKZ KENKE KIRKI PRKKP KORKR KWTKW KGZKG LAOLA "
    "LVALV LBNLB LSOLS LBRLR LBYLY LIELI LTULT LUXLU MACMO MDGMG MWIMW MYSMY MDVMV MLIML MLTMT MHLMH "
    "MTQMQ MRTMR MUSMU MYTYT MEXMX FSMFM MDAMD MCOMC MNGMN MNEME MSRMS MARMA MOZMZ MMRMM NAMNA NRUNR "
    "NPLNP NLDNL NCLNC NZLNZ NICNI NERNE NGANG NIUNU MKDMK MNPMP NORNO OMNOM PAKPK PLWPW PSEPS PANPA "
    "PNGPG PRYPY PERPE PHLPH POLPL PRTPT PRIPR QATQA REURE ROURO RUSRU RWARW KNAKN LCALC VCTVC WSMWS "
    "SMRSM STPST SAUSA SENSN SRBRS SYCSC SLESL SGPSG SXMSX SVKSK SVNSI SLBSB SOMSO ZAFZA SSDSS ESPES "
    "LKALK SDNSD SURSR SWESE CHECH SYRSY TWNTW TJKTJ TZATZ THATH TLSTL TGOTG TONTO TTOTT TUNTN TURTR "
    "TKMTM TCATC TUVTV UGAUG UKRUA AREAE GBRGB USAUS URYUY UZBUZ VUTVU VATVA VENVE VNMVN VGBVG VIRVI "
    "ESHEH YEMYE ZMBZM ZWEZW "
)
"""ISO 3166-1 codes, three letters and the two that they are."""
_OF_ALPHA_3: Final = {pair[:3]: pair[3:] for pair in _ALPHA_3.split()}


@lru_cache(maxsize=512)
def place(
    city: str | None = None,
    region: str | None = None,
    country: str | None = None,
    name: str | None = None,
) -> TrackingLocation | None:
    """The place of a scan; None where nothing of it is said. Countries of two or three letters."""
    code = country_of(country)
    if not (city or region or code or name):
        return None
    return TrackingLocation(name=name or None, city=city or None, region=region or None, country=code)


def country_of(text: str | None) -> str | None:
    """Two-letter country of a code of two or three letters; None for anything else."""
    if text is None:
        return None
    code = text.strip().upper()
    if len(code) == 2 and code.isascii() and code.isalpha():
        return code
    return _OF_ALPHA_3.get(code)
