"""Delimited reports and XML for the fuzz targets: their words, their examples, and files wrong in any way.

Invariant: every strategy yields bytes.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from crossdock.canonical.schemas import schema_root

_SEED_BYTES_MAX: Final = 6_000
FILE_ENDINGS: Final = ("csv", "txt")
XML_ENDINGS: Final = ("xml",)
REPORT_WORDS: Final = (
    *(",", ";", "\t", "|", '"', '""', '","', '\n"', "\r\n", "\r", "\n\n", "\ufeff", "\x00", "\xff", "\u0085"),
    *("\u2028", "Total", "Summe,", "-", "=====", "End of report", '"Test Buyer Secret 7"', "x@example.com"),
    *("1,234.50", "1.234,50", "(5)", "5-", "1E9", "9" * 20, "NaN", "-0", "0.123456789", "JPY", "KWD", "XXX"),
    *("20260230", "2026-01-05 08:00:00", "31/12/2026", "12/31/2026", "CEST", "IST", "Mars/Base", "N/A"),
    *("Net", "net,type", "Payout ID", "CH,", "SB,", "SF,", "SH,", '"SB"', "RF,USD", "FF,9", "RH,", "Type"),
    *(
        "Holding Currency",
        "Net Debit (NC)",
        "reporting_category",
        "settlement-id\t",
        "Payable (SC)",
        "DR",
        "CR",
    ),
)
XML_WORDS: Final = (
    *(
        "<",
        ">",
        "/>",
        "</",
        "<a>",
        "</a>",
        "<a/>",
        '="',
        "'",
        "&",
        "&amp;",
        "&#0;",
        "&#x110000;",
        "&x;",
        "]]>",
    ),
    *("<![CDATA[", "<!--", "-->", "<?xml version='1.0' encoding='UTF-16'?>", "<?pi ?>", "<!DOCTYPE a>"),
    *(
        '<!DOCTYPE a [<!ENTITY x "y">]>',
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        "xmlns:a='b'",
        "a:b",
        "\x00",
    ),
    *(
        "<a>" * 70,
        "</a>" * 9,
        "1E9",
        "9" * 20,
        "NaN",
        "2026-13-01",
        "Test Buyer Secret 7",
        "\ufffe",
        "\ud800",
    ),
    *("encoding='latin-1'", "encoding='EBCDIC'", "\xff\xfe", "\ufeff", "#text", "@id", "<shipmentId>"),
)


@cache
def seeds_with(*endings: str) -> tuple[bytes, ...]:
    """Example payloads whose names end so, the small ones."""
    paths = sorted(
        path for end in endings for path in (schema_root() / "examples" / "raw").glob(f"*/*.{end}")
    )
    found = [path.read_bytes() for path in paths]
    return tuple(dict.fromkeys(seed for seed in found if 0 < len(seed) <= _SEED_BYTES_MAX))


_CELLS = st.one_of(
    st.sampled_from(
        ("", "1.00", "-1.00", "USD", "EUR", "Settled", "charge", "Refund", "payout", "T0006", "po_1")
    ),
    st.sampled_from(
        ("DR", "CR", "100", "2026-01-05 08:00:00", "PDT", "1", "Test Buyer Secret 7", "Order", "ItemFees")
    ),
    st.sampled_from(REPORT_WORDS),
    st.text(alphabet='AZ09 .,;-"\n\t\u00fc\x00', max_size=8),
)


@st.composite
def report_tables(draw: Any) -> bytes:  # hypothesis's draw
    """The columns of a report, moved, doubled or missing, above any rows; titles and totals around them."""
    seed = draw(st.sampled_from(seeds_with(*FILE_ENDINGS))).decode("utf-8", "replace")
    lines = seed.splitlines()
    own = "\t" if "\t" in lines[0] else ","
    columns = next(csv.reader([max(lines[:3], key=len)], delimiter=own), [])
    columns = draw(st.permutations(columns))[draw(st.integers(0, 1)) :] + draw(st.lists(_CELLS, max_size=2))
    rows = draw(st.lists(st.lists(_CELLS, max_size=len(columns) + 2), max_size=8))
    whole = draw(st.lists(st.lists(_CELLS, min_size=len(columns), max_size=len(columns)), max_size=3))
    around = draw(st.lists(st.lists(_CELLS, max_size=3), max_size=2))
    text = io.StringIO()
    quoting = draw(st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
    ends = draw(st.sampled_from(("\n", "\r\n", "\r")))
    writer = csv.writer(
        text, delimiter=draw(st.sampled_from((own, own, ";", "|"))), quoting=quoting, lineterminator=ends
    )
    writer.writerows([*around, columns, *whole, *rows, *around])
    encoding = draw(st.sampled_from(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")))
    return text.getvalue().encode(encoding, "replace")


_NAMES = st.sampled_from(
    ("a", "b", "a:b", "Order", "OrderID", "SettlementData", "event", "Item", "Amount", "_x")
)
_TEXTS = st.one_of(
    st.sampled_from(("", " ", "1.00", "2026-01-05T08:00:00Z", "Test Buyer Secret 7", "&amp;")), _NAMES
)


def _element(name: str, attribute: str, inner: list[str]) -> str:
    said = f' x="{attribute}"' if attribute else ""
    return f"<{name}{said}>{''.join(inner)}</{name}>"


_TREES = st.recursive(
    _TEXTS,
    lambda inner: st.builds(
        _element, _NAMES, st.sampled_from(("", "1", "&#38;")), st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


def xml_trees() -> st.SearchStrategy[bytes]:
    """Documents of any elements, most of them well-formed, in several encodings."""
    heads = st.sampled_from(
        ("", "<?xml version='1.0'?>", "<?xml version='1.0' encoding='UTF-16'?>", "\ufeff")
    )
    roots = st.builds(_element, _NAMES, st.just(""), st.lists(_TREES, max_size=4))
    text = st.builds("{}{}{}".format, heads, roots, st.sampled_from(("", "\n", "<a/>")))
    return st.builds(str.encode, text, st.sampled_from(("utf-8", "utf-8", "utf-16", "utf-16-le")))
