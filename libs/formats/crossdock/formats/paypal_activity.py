"""PayPal's activity download: the list of transactions that a shop exports from its account.

Invariant: a row that PayPal marks as a memo, or that did not succeed, moves no money; a date that can be
read two ways is read in neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from crossdock.canonical.models import (
    BusinessTime,
    Entity,
    ReferenceKind,
    SettlementLine,
    TransactionType,
    VarianceCode,
)
from crossdock.canonical.models.profile_sections import AmountStyle
from crossdock.formats.declaration import Field, Format
from crossdock.formats.likeness import most, text_with
from crossdock.formats.paypal.languages import ACTIVITY, MEMOS, NOT_MOVED, WORDS, has_comma
from crossdock.formats.report_file import ReportFile, Row
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount
from crossdock.formats.settlement_table import SettlementTable, cell_amount, fee_that_adds_up, needed_amount
from crossdock.formats.times import at_instant
from crossdock.formats.zone_names import zone_of

_AMERICAN: Final = frozenset({"PST", "PDT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "AKST", "AKDT", "HST"})
"""Zones of a country that writes the month first."""

_CENTS_AND_MARK: Final = 3
_MARKS: Final[dict[str, AmountStyle]] = {",": "major_comma", ".": "major_text"}
"""What a mark two digits before the end says: groups of thousands have three."""


def _line(account: SettlementAccount, row: Row) -> LineDraft | None:
    if not _has_moved(account, row):
        return None
    account.amounts = _style(account, row)
    word, reference = row.get("type"), row.get("id")
    gross = cell_amount(account, row, "gross")
    net = needed_amount(cell_amount(account, row, "net"), row, "net")
    said = cell_amount(account, row, "fee")
    fee = fee_that_adds_up(account, row, None if said is None else -said, (gross, net))
    kind = account.type_of(word, WORDS, row.path("type"))
    if kind is TransactionType.SALE and net < 0 and account.named(word) is None:
        kind = TransactionType.OTHER  # a payment that we made is no sale
    draft = LineDraft(
        path=row.path(),
        natural_id=f"{reference}:{word.replace(' ', '')}" if kind is TransactionType.RESERVE else reference,
        digest=row.digest(tuple(ACTIVITY.names)),
        settlement_id="",
        transaction_type=kind,
        type_raw=word,
        currency=account.currency(row.get("currency"), row.path("currency")),
        gross=gross,
        fee=fee,
        net=net,
        order_reference=row.get("invoice") or reference,
        reference_kind=ReferenceKind.ORDER if row.get("invoice") else ReferenceKind.PSP_REFERENCE,
        posted=_posted(account, row),
        payout_id=reference if kind is TransactionType.PAYOUT else "",
        is_provisional=True,
        extensions={
            "psp_reference": reference,
            "reference_id": row.get("reference_id"),
            "custom_field": row.get("custom"),
            "transaction_status": row.get("status"),
        },
    )
    if gross is not None:
        figures = (net, gross - (fee or Decimal(0)))
        draft.variances += account.differs(VarianceCode.NET_AMOUNT, row.path(), figures, draft.currency)
    return draft


def _style(account: SettlementAccount, row: Row) -> AmountStyle:
    """How the amounts of a row are written: as their two decimals show, else as language and profile say."""
    for column in ("gross", "net"):
        mark = row.get(column)[-_CENTS_AND_MARK : 1 - _CENTS_AND_MARK]
        if mark in _MARKS:
            return _MARKS[mark]
    section = account.profile.money
    is_comma = has_comma(row.header) or (section is not None and section.amounts == "major_comma")
    return "major_comma" if is_comma else "major_text"


def _has_moved(account: SettlementAccount, row: Row) -> bool:
    if row.get("impact").lower() not in MEMOS and row.get("status").lower() not in NOT_MOVED:
        return True
    detail = "memos and transactions without success are no lines"
    account.warn_once("transactions_not_moved", detail, row.path())
    return False


def _posted(account: SettlementAccount, row: Row) -> BusinessTime | None:
    date, time, name = row.get("date"), row.get("time"), row.get("zone")
    zone = zone_of(name) or (ZoneInfo(account.zone) if account.zone else None)
    day = _day(date, name, is_day_first=has_comma(row.header))
    if day is None or zone is None:
        detail = "the date can be read two ways or in none, or its zone is not known; the line has none"
        account.warn_once("time_invalid", detail, row.path("date"))
        return None
    try:
        moment = datetime.fromisoformat(f"{day}T{time.rjust(8, '0') if time else '00:00:00'}")
        return at_instant(moment.replace(tzinfo=zone), account.zone)
    except (ValueError, OverflowError):
        account.warn_once("time_invalid", "a time is not as 23:59:59; the line has none", row.path("time"))
        return None


def _day(date: str, zone: str, *, is_day_first: bool) -> str | None:
    """A date as ISO 8601; None where it is ambiguous or no date."""
    for mark in "/.-":
        parts = date.split(mark)
        if len(parts) == 3 and all(part.isascii() and part.isdecimal() for part in parts):
            break
    else:
        return None
    if len(parts[0]) == 4:
        return f"{parts[0]}-{parts[1]:0>2}-{parts[2]:0>2}"
    first, second, year = int(parts[0]), int(parts[1]), parts[2]
    is_american = zone.upper() in _AMERICAN or zone.startswith("America/")
    is_month_first = mark == "/" and not is_day_first and (second > 12 or is_american)
    if mark == "/" and not is_month_first and not is_day_first and first <= 12 and first != second:
        return None
    month, day = (first, second) if is_month_first else (second, first)
    return f"{year if len(year) == 4 else '20' + year}-{month:02d}-{day:02d}"


def _no_totals(_: SettlementAccount, __: Sequence[LineDraft], ___: ReportFile) -> list[Entity]:
    return []


_TABLE: Final = SettlementTable("paypal", "paypal_activity/1", ACTIVITY, _line, _no_totals, lambda _: None)

FORMAT: Final = Format(
    name="paypal_activity",
    title="PayPal activity download",
    content_types=("text/csv", "text/tab-separated-values"),
    key=_TABLE.key,
    read=_TABLE.read,
    split=_TABLE.split,
    entities=(SettlementLine,),
    key_rule="line: `-` and Transaction ID, with the type behind it for holds and releases",
    revision_rule="none: the same transaction with other content replaces what was said",
    intake="payment",
    needs=(),
    field_table=(
        Field("Transaction ID", "line_id"),
        Field("Gross, Fee, Net, Currency", "gross, fee, net", "signed major units; a negative fee is a cost"),
        Field("gross − fee", "variance net_amount", "against the stated net"),
        Field("Type", "transaction_type, transaction_type_raw", "settlement.vocabulary, then a table"),
        Field("Status, Balance Impact", "–", "memos and what did not succeed are no lines"),
        Field("Invoice Number, else Transaction ID", "order_reference, reference_kind"),
        Field("Date, Time, TimeZone", "posted", "31/12 and 12/31 by the zone or the figures"),
        Field("Reference Txn ID, Custom Number, Status", "extensions"),
    ),
    quirks=(
        "Dates are in the account's own order: one that can be read two ways leaves the line without a time.",
        "Memo rows (authorisations, orders) repeat money that other rows move.",
        "Names of columns are in the account's language: English, German, French, Italian, Dutch, Spanish "
        "and Portuguese ones are known, of the types mostly the first five; the profile maps others. All but "
        "English write 31/12.",
        "Two decimals show whether the decimal mark is a comma, whatever the language.",
        "A fee without its sign is a cost where the net amount says so.",
        "Names, addresses and e-mail addresses are not read.",
    ),
    looks_like=most(
        text_with("Transaction ID", "Gross", "Fee", "Net", "TimeZone", score=60),
        text_with("Transaction ID", "Gross", "Net", "Time Zone", score=60),
        text_with("Transaktionscode", "Brutto", "Netto", "Zeitzone", score=60),
        text_with("Avant commission", "Devise", "Net", "Fuseau horaire", score=60),
        text_with("Codice transazione", "Lordo", "Netto", "Fuso orario", score=60),
        text_with("Transactiereferentie", "Bruto", "Net", "Tijdzone", score=60),
        text_with("Id. de transacci", "Bruto", "Neto", "Zona horaria", score=60),
        text_with("ID da transa", "Bruto", "Tarifa", "Fuso hor", score=60),
    ),
)
