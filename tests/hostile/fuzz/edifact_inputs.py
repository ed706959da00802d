"""EDIFACT for the fuzz target: its words, its examples, and interchanges right and wrong in any way.

Invariant: every strategy yields bytes.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from crossdock.canonical.schemas import schema_root
from tests.kit.edifact_writer import Interchange, Message, Style, payload

_SEED_BYTES_MAX: Final = 6_000
EDIFACT_WORDS: Final = (
    *(
        "+",
        ":",
        "'",
        "?",
        "??",
        "?'",
        "*",
        "\n",
        "\r\n",
        "UNA:+.? '",
        "UNA:+,? '",
        "UNB+UNOC:3+",
        "UNG+",
        "UNE+1+",
    ),
    *("UNH+1+ORDERS:D:96A:UN'", "UNT+9+1'", "UNZ+1+1'", "BGM+220+X+9'", "LIN+1++1:EN'", "UNS+S'", "CNT+2:1'"),
    *(
        "QTY+21:",
        "PRI+AAA:",
        "MOA+203:",
        "MOA+86:",
        "ALC+C'",
        "TAX+7+VAT'",
        "DTM+137:",
        "RFF+ON:",
        "NAD+BY+",
        "CUX+2:",
    ),
    *(
        "CPS+1+1'",
        "GIN+BJ+",
        "LOC+7+",
        "STS+1+21'",
        "UCI+1+A+B+7'",
        "ERC+1'",
        "1E9",
        "\x00",
        "\x1d",
        "\xff",
        "-1",
    ),
    *(
        "9" * 20,
        "20260230:102",
        "EUR",
        "XXX",
        ":::100:KGM",
        "1.234,50",
        "Test Buyer Secret 7",
        " ",
        "UNOY",
        "\ufeff",
    ),
)


@cache
def edifact_seeds() -> tuple[bytes, ...]:
    """Example payloads, the small ones; and their messages alone, as documents paste them."""
    found = [path.read_bytes() for path in (schema_root() / "examples").glob("raw/edifact*/*.edi")]
    found += [
        one[one.index(b"UNH+") : one.rindex(b"UNZ+")] for one in found if b"UNZ+" in one and b"UNH+" in one
    ]
    return tuple(dict.fromkeys(seed for seed in found if 0 < len(seed) <= _SEED_BYTES_MAX))


_TAGS = st.sampled_from(
    (
        *(
            "BGM",
            "DTM",
            "NAD",
            "RFF",
            "CTA",
            "COM",
            "CUX",
            "PAT",
            "TDT",
            "LOC",
            "ALC",
            "MOA",
            "TAX",
            "PCD",
            "LIN",
        ),
        *(
            "LIN",
            "PIA",
            "IMD",
            "QTY",
            "QTY",
            "PRI",
            "FTX",
            "SCC",
            "UNS",
            "CNT",
            "CPS",
            "PAC",
            "MEA",
            "PCI",
            "GIN",
        ),
        *(
            "CNI",
            "STS",
            "UCI",
            "UCM",
            "UCS",
            "ERC",
            "INV",
            "UNH",
            "UNT",
            "UNG",
            "UNE",
            "UNZ",
            "UNB",
            "QQQ",
            "L",
        ),
    )
)
_CODES = (
    "",
    "1",
    "2",
    "21",
    "11",
    "203",
    "86",
    "79",
    "AAA",
    "AAB",
    "ON",
    "BY",
    "EN",
    "SA",
    "137",
    "2",
    "S",
    "A",
    "C",
    "8",
)
_PARTS = st.one_of(
    st.sampled_from(_CODES),
    st.sampled_from(
        (
            "10",
            "2.50",
            "1,5",
            "-1",
            "1E9",
            "9" * 19,
            "EUR",
            "PCE",
            "CT",
            "KGM",
            "20260105",
            "102",
            "203",
            "718",
        )
    ),
    st.sampled_from(("Test Buyer Secret 7", "7 Secret Street", "x@example.com", "12345678901234567890")),
    st.text(alphabet="AZ09 .,-():+'?*\u00fc\x00", max_size=8),
)
_ELEMENTS = st.one_of(_PARTS, st.lists(_PARTS, min_size=2, max_size=6))
_ROWS = st.lists(
    st.builds(lambda tag, rest: [tag, *rest], _TAGS, st.lists(_ELEMENTS, max_size=6)), max_size=14
)
_HEAD = [["BGM", "220", "PO-7", "9"], ["DTM", ["137", "20260105", "102"]]]
_LINE = [["LIN", "1", "", ["2000000000015", "EN"]], ["QTY", ["21", "2"]], ["PRI", ["AAA", "2.50"]]]
_STYLES = st.builds(
    Style,
    component=st.sampled_from((":", "=", "\x1f")),
    element=st.sampled_from(("+", "*", "\x1d", "|")),
    decimal=st.sampled_from((".", ",")),
    release=st.sampled_from(("?", "^")),
    terminator=st.sampled_from(("'", "~", "\x1c", "\n")),
    syntax=st.sampled_from(("UNOA", "UNOC", "UNOY", "XXXX")),
    version=st.sampled_from(("1", "3", "4", "")),
    has_una=st.integers(0, 4).map(bool),
    line_end=st.sampled_from(("", "\n", "\r\n")),
    has_last_terminator=st.booleans(),
    encoding=st.just("utf-8"),
)
_TYPES = (
    "ORDERS",
    "ORDERS",
    "ORDCHG",
    "ORDRSP",
    "DESADV",
    "INVRPT",
    "INVOIC",
    "APERAK",
    "CONTRL",
    "IFTSTA",
    "",
    "XYZ",
)
_COUNTS = st.one_of(st.none(), st.integers(-1, 20))
_MESSAGES = st.builds(
    Message,
    rows=st.one_of(_ROWS, _ROWS.map(lambda rows: _HEAD + _LINE + rows), _ROWS.map(lambda rows: _HEAD + rows)),
    message_type=st.sampled_from(_TYPES),
    reference=st.sampled_from(("1", "2", "")),
    count=_COUNTS,
    trailer_reference=st.sampled_from((None, "1", "9")),
    has_trailer=st.integers(0, 9).map(bool),
)


@st.composite
def edifact_interchanges(draw: Any) -> bytes:  # hypothesis's draw
    """One to three interchanges, right and wrong in any way that their writer knows."""
    style = draw(_STYLES)
    written = [
        Interchange(
            tuple(draw(st.lists(_MESSAGES, max_size=3))),
            style=style,
            group=draw(st.sampled_from(("", "G"))),
            count=draw(_COUNTS),
            has_trailer=draw(st.integers(0, 9)) > 0,
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    return payload(*written)
