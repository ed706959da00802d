"""What the footers of PayPal's settlement report state, beside what its bookings add up to.

Invariant: a difference is told once: what a report's footer says is told only where neither the bookings nor
the sections' footers say it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Variance, VarianceCode
from crossdock.canonical.money import parse_amount
from crossdock.formats.paypal.lines import CENTS
from crossdock.formats.paypal.report import PayPalReport
from crossdock.formats.profile_rules import known_currency
from crossdock.formats.report_file import Cells
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount, total

_SUMS: Final = ("gross_credits", "gross_debits", "fee_credits", "fee_debits")
"""What stands behind the currency in SF and RF rows, in this order."""
_BALANCES: Final = (6, 8)
"""Where CR or DR of the beginning and of the ending balance stand; the amount follows it."""


def by_currency(rows: Sequence[Cells]) -> dict[str, list[Cells]]:
    """SF or RF rows by currency; a code that is none is left out."""
    found: dict[str, list[Cells]] = {}
    for cells in rows:
        try:
            found.setdefault(known_currency(cells[1].strip(), ""), []).append(cells)
        except (Rejected, IndexError):
            continue
    return found


def idle(footers: dict[str, list[Cells]]) -> set[str]:
    """Currencies whose footers state no movement."""
    return {
        currency
        for currency, rows in footers.items()
        if not any(_summed(rows, place) for place in range(2, 2 + len(_SUMS)))
    }


def _cents(cells: Cells, place: int) -> Decimal | None:
    try:
        return parse_amount(cells[place].strip(), style="minor_integer", exponent=CENTS)
    except (Rejected, IndexError):
        return None


def _balance(cells: Cells, place: int) -> Decimal | None:
    amount = _cents(cells, place + 1)
    if amount is None:
        return None
    return -amount if cells[place].strip().upper() == "DR" else amount


@dataclass(slots=True)
class Footer:
    """What SF or RF rows of one currency state beside our own sums of its bookings.

    Args:
        sums: (name, stated, computed) in the order of the row.
        begin, end: balances; None where there are several rows or none.
    """

    currency: str
    scope: str
    sums: list[tuple[str, Decimal | None, Decimal]] = field(default_factory=list)
    begin: Decimal | None = None
    end: Decimal | None = None
    moved: Decimal = Decimal(0)

    @property
    def balances(self) -> dict[str, str]:
        """Both balances as extensions; none where one is not stated."""
        if self.begin is None or self.end is None:
            return {}
        return {"beginning_balance": str(self.begin), "ending_balance": str(self.end)}


def footer_of(
    account: SettlementAccount, rows: Sequence[Cells], lines: Sequence[LineDraft], scope: str
) -> Footer:
    """The SF or RF rows of one currency beside its bookings; empty where there are none.

    Args:
        scope: section or report, whose footers they are.
    """
    if not rows:
        return Footer("", scope)
    gross = [line.gross or Decimal(0) for line in lines]
    fees = [line.fee or Decimal(0) for line in lines]
    computed = (
        total(one for one in gross if one > 0),
        -total(one for one in gross if one < 0),
        -total(one for one in fees if one < 0),
        total(one for one in fees if one > 0),
    )
    stated = _stated_sums(account, rows, computed)
    footer = Footer(known_currency(rows[0][1].strip(), ""), scope)
    footer.sums = list(zip(_SUMS, stated, computed, strict=True))
    footer.moved = total(line.net for line in lines)
    if len(rows) == 1:
        footer.begin, footer.end = (_balance(rows[0], place) for place in _BALANCES)
    return footer


def _stated_sums(
    account: SettlementAccount, rows: Sequence[Cells], computed: Sequence[Decimal]
) -> tuple[Decimal | None, ...]:
    """The four sums of footers. Some write the fees' debits before their credits: it is the order in which
    more of the two hold."""
    gross_credits, gross_debits, first, second = (_summed(rows, place) for place in range(2, 2 + len(_SUMS)))
    credits, debits = computed[2:]
    if (first == credits) + (second == debits) >= (second == credits) + (first == debits):
        return gross_credits, gross_debits, first, second
    detail = "the sum of fees taken stands before that of fees given back"
    account.warn_once("fee_sums_swapped", detail, " ".join(rows[0][:2]))
    return gross_credits, gross_debits, second, first


def _summed(rows: Sequence[Cells], place: int) -> Decimal | None:
    """Sum of a cell; None where one of the rows has none."""
    said = [_cents(cells, place) for cells in rows]
    return None if None in said else total(one for one in said if one is not None)


def differences(account: SettlementAccount, footer: Footer, told: Footer | None = None) -> Iterator[Variance]:
    """What a footer states otherwise than its bookings add up to, but for what `told` states as well."""
    figures = [
        (name, stated, computed)
        for place, (name, stated, computed) in enumerate(footer.sums)
        if told is None or told.sums[place][1] != stated
    ]
    if footer.begin is not None and (told is None or told.balances != footer.balances):
        figures.append(("ending_balance", footer.end, footer.begin + footer.moved))
    for name, stated, computed in figures:
        subject = f"{footer.scope}.{name}"
        yield from account.differs(VarianceCode.CONTROL_TOTAL, subject, (stated, computed), footer.currency)


def report_differences(
    account: SettlementAccount, report: PayPalReport, by_section: Sequence[Sequence[LineDraft]]
) -> dict[str, list[Variance]]:
    """What RF rows state otherwise than bookings and SF rows, by currency."""
    if not report.is_whole:
        return {}
    lines = [line for section in by_section for line in section]
    told = by_currency([row for section in report.sections for row in section.footers])
    stated, found = by_currency(report.footers), {}
    for currency in stated.keys() & told.keys():
        own = [line for line in lines if line.currency == currency]
        footer = footer_of(account, stated[currency], own, "report")
        if len(report.sections) > 1:
            footer.begin = None
        section = footer_of(account, told[currency], own, "section")
        found[currency] = list(differences(account, footer, section))
    return found
