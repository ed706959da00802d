"""Inputs of the fuzz targets: real payloads with a few places damaged, and X12 made of its own words.

Invariant: every strategy yields bytes, so that the same inputs drive hypothesis and a coverage-guided fuzzer.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import strategies as st

from crossdock.canonical import codec
from crossdock.canonical.schemas import schema_root
from tests.hostile.cases import CORPUS, cases
from tests.hostile.frames import damaged_bodies
from tests.hostile.fuzz.damage import damaged
from tests.hostile.fuzz.edifact_inputs import EDIFACT_WORDS, edifact_interchanges, edifact_seeds
from tests.hostile.fuzz.file_inputs import (
    FILE_ENDINGS,
    REPORT_WORDS,
    XML_ENDINGS,
    XML_WORDS,
    report_tables,
    seeds_with,
    xml_trees,
)
from tests.hostile.fuzz.records import RECORDS
from tests.kit.x12_writer import Group, Interchange, Set, Style, payload

_SEED_BYTES_MAX = 6_000
_JSON_WORDS = (
    *('"', "{", "}", "[", "]", ",", ":", "null", "true", "NaN", "Infinity", "1e999", "-0.0", "1E400", "0.1"),
    *('""', "[]", "{}", "\\ud800", "\\u0000", "\\u0022", "\ufeff", "\x00", '"id":', '"id":1,', '"price":'),
    *(
        '"quantity":',
        '"line_items":',
        '"lines":',
        "9" * 30,
        "9" * 300,
        '"12.50"',
        '"1,234.50"',
        '"JPY"',
        "\n",
    ),
    *('"9999-12-31T23:59:59-14:00"', '"0001-01-01T00:00:00+14:00"', "1e999999999", '"(5)"', "-1", "\xff"),
)
_JUNK_VALUES: tuple[object, ...] = (
    *([], {}, [[]], [{}], "", " ", "NaN", "1.5", "-3", "1,234.50", "(5)", "JPY", "EUR", "9" * 80, 10**30),
    *("9999-12-31T23:59:59-14:00", "2026-13-01T00:00:00Z", "2026-01-05T08:00:00", "\x00", "\ufffd", "N/A"),
    *({"shop_money": {"amount": "1"}}, {"amount": "1", "currency": "EUR"}, {"value": "1", "unit": "EA"}),
)
_X12_WORDS = (
    *(
        "*",
        "~",
        ">",
        "\n",
        "\r\n",
        "ISA*",
        "GS*PO*",
        "ST*850*",
        "SE*",
        "GE*1*",
        "IEA*1*",
        "BEG*00*SA*",
        "PO1*",
    ),
    *(
        "CTT*1~",
        "N1*ST*",
        "SAC*C*D240***",
        "AMT*TT*",
        "CUR*BY*USD~",
        "DTM*010*",
        "TXI*ST*",
        "SDQ*EA*92*",
        "1E9",
    ),
    *(
        "\x00",
        "\x1d",
        "\x1c",
        " ",
        "^",
        "U",
        "-1",
        "9" * 20,
        "20260230",
        "EA",
        "CA",
        "PE",
        "PP",
        "HP",
        "~~",
        "\xff",
    ),
)
_YAML_WORDS = (
    *(
        ": ",
        "- ",
        "\n",
        "  ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!python/object:os.system ",
        "!!binary ",
        "<<: ",
        "? ",
    ),
    *(
        "|",
        ">",
        "%YAML 9.9",
        "---",
        "...",
        "null",
        "NO",
        "0x1F",
        "1e999",
        ".inf",
        "\t",
        "'",
        '"',
        "\x00",
        "@",
        "tenant: ",
    ),
    *(
        "money: ",
        "channel: ",
        "units: ",
        "CS: {unit: EA, factor: 12}",
        "zone: Mars/Base",
        "factor: 0",
        "9" * 400,
    ),
)
_KEY_WORDS = (
    "/",
    "%",
    "%2F",
    "%FF",
    "%ED%A0%80",
    "%00",
    "acme",
    "shop",
    "order:",
    "order:1",
    "%6F",
    " ",
    "\x00",
    "ü",
)


@cache
def _seeds(kind: str) -> tuple[bytes, ...]:
    """Payloads of the corpus and of the examples, the small ones."""
    formats = {"json": ("json",), "x12": ("edi",)}[kind]
    found = [path.read_bytes() for end in formats for path in (CORPUS / "bases").glob(f"*.{end}")]
    found += [
        path.read_bytes() for end in formats for path in (schema_root() / "examples").glob(f"raw/*/*.{end}")
    ]
    partners = ("shop", "woo", "canon") if kind == "json" else ("dist",)
    found += [case.value for case in cases() if case.partner in partners]
    return tuple(dict.fromkeys(seed for seed in found if 0 < len(seed) <= _SEED_BYTES_MAX))


@cache
def _profile_seeds() -> tuple[bytes, ...]:
    root = schema_root().parent
    files = [*(root / "examples" / "partners").glob("*/*.yaml"), CORPUS / "partners.yaml"]
    return tuple(path.read_bytes() for path in files)


@cache
def _frame_seeds() -> tuple[bytes, ...]:
    """Bodies with the number of their record in front."""
    good = [bytes([number]) + codec.encode(model) for number, model in enumerate(RECORDS)]
    small = [
        bytes([n]) + body for n, model in enumerate(RECORDS) for body in list(damaged_bodies(model))[::97]
    ]
    return tuple(good + small)


_ELEMENTS = st.one_of(
    st.sampled_from(
        ("", "1", "2", "EA", "10.00", "USD", "VN", "SKU-1", "20260105", "0936", "ST", "92", "TT", "C")
    ),
    st.sampled_from(
        ("-1", "1E9", "9" * 19, "Test Buyer Secret 7", "(5)", "1,5", ">", "PE", "HP", "PP", "D240", "UP")
    ),
    st.text(alphabet="AZ09 .,-()\u00fc\x00*~", max_size=8),
)
_TAGS = st.sampled_from(
    (
        *(
            "BEG",
            *("BIG", "IT1", "TDS", "BSN", "HL", "PRF", "SN1", "MAN", "BPR", "TRN", "RMR", "ADX", "BIA"),
            *("QTY", "UIT", "BAK", "ACK", "BCH", "POC", "AK1", "AK2", "AK5", "AK9", "B10", "AT7", "W12"),
            "CUR",
            "REF",
            "PER",
            "FOB",
            "SAC",
            "DTM",
            "TD5",
            "N1",
            "N2",
            "N3",
            "N4",
            "PO1",
            "LIN",
            "CTP",
        ),
        *(
            "PID",
            "SDQ",
            "SCH",
            "SLN",
            "TXI",
            "AMT",
            "CTT",
            "MSG",
            "NTE",
            "ST",
            "SE",
            "GS",
            "GE",
            "IEA",
            "QQQ",
        ),
    )
)
_ROWS = st.lists(
    st.builds(lambda tag, rest: [tag, *rest], _TAGS, st.lists(_ELEMENTS, max_size=9)), max_size=14
)
_HEAD = [["BEG", "00", "SA", "PO-7", "", "20260105"]]
_STYLES = st.builds(
    Style,
    element=st.sampled_from(("*", "|", "\t", "\x1d", "§", "^")),
    component=st.sampled_from((">", ":", "\x1f", "<")),
    segment=st.sampled_from(("~", "\n", "'", "\x1c", "\r\n")),
    version=st.sampled_from(("00401", "00402", "00501", "junk ")),
    line_end=st.sampled_from(("", "\n", "\r\n")),
    is_padded=st.booleans(),
    has_last_terminator=st.booleans(),
)
_COUNTS = st.one_of(st.none(), st.integers(-1, 20))
_SETS = st.builds(
    Set,
    rows=st.one_of(_ROWS, _ROWS.map(lambda rows: _HEAD + rows)),
    control=st.sampled_from(("0001", "0002", "1", "")),
    set_type=st.sampled_from(("850", "850", "850", "810", "855", "856", "860", "820", "846", "997", "")),
    count=_COUNTS,
    trailer_control=st.sampled_from((None, "0001", "9")),
    has_trailer=st.integers(0, 9).map(bool),
)
_GROUPS = st.builds(Group, sets=st.lists(_SETS, max_size=3).map(tuple), count=_COUNTS)


@st.composite
def interchanges(draw: Any) -> bytes:  # hypothesis's draw
    """One to three interchanges, right and wrong in any way that their writer knows."""
    style = draw(_STYLES)
    groups = st.lists(_GROUPS, max_size=2).map(tuple)
    written = [
        Interchange(draw(groups), style=style, count=draw(_COUNTS)) for _ in range(draw(st.integers(1, 3)))
    ]
    return payload(*written)


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.text(max_size=8),
    st.sampled_from((*_JUNK_VALUES, *_JSON_WORDS)),
)


def _places(node: object, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if way:
        yield way
    steps: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in steps:
        yield from _places(value, (*way, step))


@st.composite
def reshaped(draw: Any, seeds: tuple[bytes, ...]) -> bytes:  # hypothesis's draw
    """A document with one to four values replaced, doubled or left out; still JSON."""
    root: Any = json.loads(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        ways = list(_places(root))
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        node = root
        for step in way:
            node = node[step]
        match draw(st.integers(0, 4)):
            case 0:
                del node[last]
            case 1 if isinstance(node, list):
                node.insert(0, copy.deepcopy(node[last]))
            case _:
                node[last] = copy.deepcopy(draw(_VALUES))
    return json.dumps(root, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@cache
def _documents() -> tuple[bytes, ...]:
    """The JSON seeds that are objects."""
    return tuple(seed for seed in _seeds("json") if _is_object(seed))


def _is_object(seed: bytes) -> bool:
    try:
        return isinstance(json.loads(seed), dict)
    except (ValueError, RecursionError):
        return False


def json_inputs() -> st.SearchStrategy[bytes]:
    """JSON of all formats, damaged; arrays and lines of it."""
    one = st.one_of(reshaped(_documents()), reshaped(_documents()), damaged(_seeds("json"), _JSON_WORDS))
    several = st.lists(one, max_size=3)
    return st.one_of(one, several.map(lambda all_: b"[" + b",".join(all_) + b"]"), several.map(b"\n".join))


def x12_inputs() -> st.SearchStrategy[bytes]:
    """Interchanges, damaged or made of words."""
    return st.one_of(damaged(_seeds("x12"), _X12_WORDS), interchanges())


def edifact_inputs() -> st.SearchStrategy[bytes]:
    """Interchanges of EDIFACT, damaged or made of words."""
    return st.one_of(damaged(edifact_seeds(), EDIFACT_WORDS), edifact_interchanges())


def avro_inputs() -> st.SearchStrategy[bytes]:
    """Number of a record, then a body or a frame."""
    return st.one_of(damaged(_frame_seeds(), tuple("\x00\x01\x02\x7f\x80\xff")), st.binary(max_size=120))


def key_inputs() -> st.SearchStrategy[bytes]:
    """Keys made of their own words, and any bytes."""
    words = st.lists(st.sampled_from(_KEY_WORDS), max_size=9).map("".join)
    near = st.builds("acme/{}/{}".format, st.sampled_from(("shop", "nobody", "dist", "fax")), words)
    return st.one_of(words.map(str.encode), near.map(str.encode), st.binary(max_size=40))


def profile_inputs() -> st.SearchStrategy[bytes]:
    """Profiles in YAML, damaged."""
    return damaged(_profile_seeds(), _YAML_WORDS)


def report_file_inputs() -> st.SearchStrategy[bytes]:
    """Delimited files, damaged or made of cells that no report has."""
    return st.one_of(damaged(seeds_with(*FILE_ENDINGS), REPORT_WORDS), report_tables())


def xml_inputs() -> st.SearchStrategy[bytes]:
    """XML, damaged or made of its own words."""
    return st.one_of(damaged(seeds_with(*XML_ENDINGS), XML_WORDS), xml_trees())


def seeds_of(name: str) -> tuple[bytes, ...]:
    """What the inputs of a target start from."""
    match name:
        case "json" | "x12":
            return _seeds(name)
        case "edifact":
            return edifact_seeds()
        case "avro":
            return _frame_seeds()
        case "report_file":
            return seeds_with(*FILE_ENDINGS)
        case "xml":
            return seeds_with(*XML_ENDINGS)
        case "profile":
            return _profile_seeds()
    return tuple(word.encode() for word in _KEY_WORDS)
