"""What does not change the facts of a report: encoding, line ends, delimiter, spelling, further columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.schemas import schema_root
from tests.kit.adyen_payloads import HEADER, booking, report
from tests.kit.settlement_reading import outcome, profile, settlement

_FOLDERS = schema_root() / "examples" / "raw"
FORMS = (
    *("adyen_accounting", "adyen_settlement", "checkout_settlement", "paypal_settlement"),
    *("paypal_activity", "paypal_transactions", "stripe_report"),
)
EXAMPLES = [path for form in FORMS for path in sorted((_FOLDERS / form).glob("*.csv"))]


def _rewritten(text: str, change: Callable[[list[list[str]]], list[list[str]]], delimiter: str = ",") -> str:
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(change(rows))
    return written.getvalue()


def _is_header(row: list[str]) -> bool:
    return row[0] == "CH" or row[0] in (
        "Company Account",
        "Client Entity ID",
        "Batch Number",
        "automatic_payout_id",
        "Date",
    )


def _shouted(rows: list[list[str]]) -> list[list[str]]:
    return [
        [cell if cell == "CH" else cell.upper().replace(" ", "_") for cell in row] if _is_header(row) else row
        for row in rows
    ]


def _widened(rows: list[list[str]]) -> list[list[str]]:
    width = next(len(row) for row in rows if _is_header(row))
    padded = [row + [""] * (width - len(row)) if row[0] not in ("SF", "RF") else row for row in rows]
    return [[*row, "Column from next year" if _is_header(row) else "-"] for row in padded]


VARIANTS: dict[str, Callable[[str], bytes]] = {
    "byte order mark": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "semicolons": lambda text: _rewritten(text, lambda rows: rows, ";").encode(),
    "tabs": lambda text: _rewritten(text, lambda rows: rows, "\t").encode(),
    "spelling of columns": lambda text: _rewritten(text, _shouted).encode(),
    "a further column": lambda text: _rewritten(text, _widened).encode(),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_facts_are_the_same_in_every_spelling_of_the_file(variant: str, path: Path) -> None:
    partner = parse_profile((path.parent / "profile.yaml").read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    plain = outcome(path.parent.name, text, partner=partner)
    assert plain.facts()
    assert outcome(path.parent.name, VARIANTS[variant](text), partner=partner).facts() == plain.facts()


def test_a_profile_may_name_a_column_by_the_canonical_field() -> None:
    columns = {"order_reference": "Cart", "settlement_id": "Lot"}
    header = ["Lot" if name == "Batch Number" else name for name in (*HEADER, "Cart")]
    known = booking() | {"Cart": "CART-1", "Lot": "77"}
    partner = profile(settlement=settlement(columns=columns))
    (line,) = outcome("adyen_settlement", report([known], header), partner=partner).lines
    assert (line.order_reference, line.settlement_id) == ("CART-1", "77")
