"""Documents a second and MB/s of every format on one core, and a declarative mapping against one by hand.

    python -m benchmarks.formats --seconds 0.4      about a minute; writes benchmarks/results/formats.md

Invariant: one process, formats interleaved in rounds, the best call counts: whatever else a machine does only
makes a call slower.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock.canonical.errors import Rejected
from crossdock.canonical.keys import join_key
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.profiles import parse_profile, profile_of
from crossdock.canonical.record import Record
from crossdock.canonical.schemas import schema_root
from crossdock.formats.declarative.functions import function_named
from crossdock.formats.declarative.reading import mapping_of
from crossdock.formats.registry import FORMATS
from crossdock.formats.x12.delimiters import read_header
from crossdock.formats.x12.payload import read_payload
from crossdock.formats.x12.tokenizer import decode, rows
from tests.kit.shop_reading import PROFILE

RESULTS = Path(__file__).parent / "results" / "formats.md"
ROUNDS = 5


@dataclass
class Case:
    """One thing that is measured: what a call reads, and how large that is."""

    name: str
    call: Callable[[], object]
    documents: int
    size: int
    best_s: float = float("inf")

    def measure(self, seconds: float) -> None:
        """One round."""
        end = time.perf_counter() + seconds
        while (started := time.perf_counter()) < end:
            self.call()
            self.best_s = min(self.best_s, time.perf_counter() - started)


def format_cases() -> list[Case]:
    """The largest example of each format: split where the format splits, and read."""
    cases = []
    for name in sorted(FORMATS):
        folder = schema_root() / "examples" / "raw" / name
        files = [path for path in folder.glob("*.*") if path.name != "profile.yaml"]
        readable = [path for path in files if _documents(name, folder, path.read_bytes())]
        if readable:
            path = max(readable, key=lambda path: path.stat().st_size)
            data = path.read_bytes()
            call = _reader(name, _profile(folder), data)
            cases.append(Case(name, call, _documents(name, folder, data), len(data)))
    return cases


def _profile(folder: Path) -> PartnerProfile:
    own = folder / "profile.yaml"
    return parse_profile(own.read_text(encoding="utf-8")) if own.exists() else PROFILE


def _documents(name: str, folder: Path, data: bytes) -> int:
    return int(_reader(name, _profile(folder), data)())


def _reader(name: str, profile: PartnerProfile, data: bytes) -> Callable[[], int]:
    form = FORMATS[name]
    whole = _record(join_key(profile.tenant, profile.partner, "file"), data)

    def read() -> int:
        if form.split is None:
            return _read_one(name, whole, profile)
        try:
            parts = form.split(whole, profile).parts
        except Rejected:
            return 0
        return sum(_read_one(name, _record(one.key, one.value, one.headers), profile) for one in parts)

    return read


def _read_one(name: str, record: Record, profile: PartnerProfile) -> int:
    try:
        FORMATS[name].read(record, profile)
    except Rejected:
        return 0
    return 1


def _record(key: str, value: bytes, headers: tuple[tuple[str, str], ...] = ()) -> Record:
    return Record("raw", 0, 0, key.encode(), value, tuple((name, text.encode()) for name, text in headers))


# ---- a mapping, declared and by hand --------------------------------------------------------------------

DECLARED = {
    "tenant": "acme",
    "partner": "b",
    "kind": "channel",
    "format": "declarative",
    "channel": {"commitment": "requested", "zone": "Europe/Berlin"},
    "money": {"currency": "EUR", "amounts": "major_text", "tax_mode": "exclusive"},
    "mapping": {
        "source": "json",
        "entity": "order",
        "lookups": {"pay": {"P": "paid", "O": "pending"}},
        "fields": {
            "order_id": "$.head.number",
            "placed": {"path": "$.head.day", "functions": ["time:%d.%m.%Y"]},
            "payment.status": {"path": "$.head.pay", "lookup": "pay"},
            "stated.total": {"path": "$.sum.gross", "functions": ["decimal_comma"]},
            "buyer_reference": {"first_of": ["$.head.reference", "$.head.project"]},
            "lines": {
                "each": "$.positions[*]",
                "fields": {
                    "line_id": "no",
                    "sku": "article.number",
                    "ordered.value": "quantity",
                    "ordered.unit": {"path": "unit", "functions": ["upper"]},
                    "extended": {"path": "amount", "functions": ["decimal_comma"]},
                },
            },
        },
    },
}


def partner_document(lines: int) -> dict[str, Any]:
    """An order in the partner's own words."""
    return {
        "head": {"number": "A-1", "day": "04.05.2026", "pay": "P", "project": "synthetic"},
        "sum": {"gross": "1.234,50"},
        "positions": [
            {
                "no": str(number),
                "article": {"number": f"SKU-{number}"},
                "quantity": "2",
                "unit": "ea",
                "amount": "246,90",
                "note": "left alone",
            }
            for number in range(1, lines + 1)
        ],
    }


_PAY = {"P": "paid", "O": "pending"}


def by_hand(document: dict[str, Any]) -> dict[str, Any]:
    """The same mapping as a person writes it, with the same functions and as much care for absent values."""
    comma, day = _FUNCTIONS
    content: dict[str, Any] = {}
    head = _object(document, "head")
    if (number := _text(head, "number")) is not None:
        content["order_id"] = number
    if (stated := _text(head, "day")) is not None:
        content["placed"] = day(stated)
    if (pay := _text(head, "pay")) is not None:
        content["payment"] = {"status": _PAY[pay]}
    if (gross := _text(_object(document, "sum"), "gross")) is not None:
        content["stated"] = {"total": comma(gross)}
    if (reference := _text(head, "reference") or _text(head, "project")) is not None:
        content["buyer_reference"] = reference
    lines = [_line_by_hand(one) for one in document.get("positions") or () if isinstance(one, dict)]
    if lines:
        content["lines"] = lines
    return content


def _line_by_hand(one: dict[str, Any]) -> dict[str, Any]:
    comma, _ = _FUNCTIONS
    line: dict[str, Any] = {}
    if (number := _text(one, "no")) is not None:
        line["line_id"] = number
    if (sku := _text(_object(one, "article"), "number")) is not None:
        line["sku"] = sku
    ordered = {}
    if (quantity := _text(one, "quantity")) is not None:
        ordered["value"] = quantity
    if (unit := _text(one, "unit")) is not None:
        ordered["unit"] = unit.upper()
    if ordered:
        line["ordered"] = ordered
    if (amount := _text(one, "amount")) is not None:
        line["extended"] = comma(amount)
    return line


def _object(node: dict[str, Any], name: str) -> dict[str, Any]:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def _text(node: dict[str, Any], name: str) -> str | None:
    value = node.get(name)
    if value is None:
        return None
    return (value if isinstance(value, str) else str(value)).strip() or None


_FUNCTIONS = function_named("decimal_comma"), function_named("time:%d.%m.%Y")


def mapping_cases(lines: int = 20) -> list[Case]:
    """The mapping alone: declared and compiled, and by hand; both must give the same."""
    _, declared = mapping_of(profile_of(DECLARED))
    document = partner_document(lines)
    assert declared(document) == by_hand(document)
    size = len(json.dumps(document))
    return [
        Case("mapping, declared", lambda: declared(document), 1, size),
        Case("mapping, by hand", lambda: by_hand(document), 1, size),
    ]


# ---- the X12 tokenizer ----------------------------------------------------------------------------------


def tokenizer_cases() -> list[Case]:
    """A file of about 1 MB: cut into elements, and read with its envelope; pyx12's reader where installed."""
    data = _interchange(1_000_000)
    cases = [
        Case("X12 tokenizer", lambda: _elements(data), 1, len(data)),
        Case("X12 envelope", lambda: len(read_payload(decode(data)).interchanges), 1, len(data)),
    ]
    try:
        from pyx12.x12file import X12Reader  # noqa: PLC0415 - only where somebody installed it
    except ImportError:
        return cases
    import io  # noqa: PLC0415

    text = data.decode()
    cases.append(Case("pyx12 reader", lambda: sum(1 for _ in X12Reader(io.StringIO(text))), 1, len(data)))
    return cases


def _elements(data: bytes) -> int:
    """Every segment with all its elements, one after the other."""
    text = decode(data).text
    delimiters = read_header(text, 0).delimiters
    return sum(1 for _ in rows(text.split(delimiters.segment), delimiters.element))


def _interchange(size: int) -> bytes:
    head = "ISA*00*          *00*          *01*PARTNER        *ZZ*ACME           "
    head += "*260504*0930*U*00401*000000001*0*P*>~"
    line = "PO1*1*12*EA*9.95**UP*012345678905*VN*SKU-1001~PID*F****Synthetic thing~"
    head += "GS*PO*PARTNER*ACME*20260504*0930*1*X*004010~ST*850*0001~BEG*00*SA*PO-1**20260504~"
    count = (size - len(head)) // len(line)
    tail = f"CTT*{count}~SE*{count * 2 + 4}*0001~GE*1*1~IEA*1*000000001~"
    return (head + line * count + tail).encode()


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.4, help="Length of one round of one case.")
    seconds = parser.parse_args().seconds
    cases = [*format_cases(), *mapping_cases(), *tokenizer_cases()]
    for _ in range(ROUNDS):
        for case in cases:
            case.measure(seconds / ROUNDS)
    text = _rendered(cases, seconds)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def _rendered(cases: list[Case], seconds: float) -> str:
    best = {case.name: case.best_s for case in cases}
    today = datetime.now(UTC).date().isoformat()
    lines = [
        f"# Formats on one core, {today}",
        "",
        f"Command: `python -m benchmarks.formats --seconds {seconds}`, Python {platform.python_version()}; "
        "the largest example of each format, split and read to canonical entities with digest; best call of "
        f"{ROUNDS} interleaved rounds.",
        "",
        "| what | documents/s | MB/s | µs/document |",
        "|---|--:|--:|--:|",
    ]
    for case in cases:
        per_s = case.documents / case.best_s
        megabytes = case.size / case.best_s / 1e6
        lines.append(f"| {case.name} | {per_s:,.0f} | {megabytes:.2f} | {1e6 / per_s:,.1f} |")
    ratio = best["mapping, declared"] / best["mapping, by hand"]
    lines += ["", f"- A declared mapping takes {ratio:.2f} × the time of the same mapping by hand."]
    if "pyx12 reader" in best:
        cut, enveloped = (best["pyx12 reader"] / best[name] for name in ("X12 tokenizer", "X12 envelope"))
        lines.append(
            f"- Of pyx12's reader's time on one file, the X12 tokenizer takes 1/{cut:.0f} (each segment with "
            f"all elements), and finding and checking envelopes and sets, as `split` does, 1/{enveloped:.0f}."
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
