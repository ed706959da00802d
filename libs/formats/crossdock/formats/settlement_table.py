"""Report files of payment accounts: rows to lines, refusals by row, sums over the file.

Invariant: the order of rows and columns changes no fact; a row that cannot be read is refused alone, and
a row that stands apart says nothing of the settlement as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import Entity, PartnerProfile
from crossdock.canonical.money import parse_amount
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.refusals import refuse_all
from crossdock.formats.report_file import Columns, ReportFile, Row, is_row_apart, read_report, split_rows
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount

_NOTHING: Final = frozenset({"", "-", "n/a", "na", "null", "none"})
"""What reports write where there is no amount; compared in lower case."""


@dataclass(frozen=True, slots=True)
class SettlementTable:
    """How the reports of one format are read.

    Args:
        system: name of the outside system.
        mapping_version: format and its version.
        columns: the columns that are read.
        line: line of a row; None where the row moves no money.
        totals: settlements and payouts of a whole file, which may also settle what only the file can tell
            of its lines.
        currency_column: our name of the column that states the currency of a row.
        has_sums: whether `totals` need the whole file; else each row has one of its own.
        name: what the file is called in keys, e.g. `settlement:1128`; None where it has no name.
    """

    system: str
    mapping_version: str
    columns: Columns
    line: Callable[[SettlementAccount, Row], LineDraft | None]
    totals: Callable[[SettlementAccount, Sequence[LineDraft], ReportFile], list[Entity]]
    name: Callable[[ReportFile], str | None]
    currency_column: str = "currency"
    has_sums: bool = True

    def report(self, record: Record, profile: PartnerProfile | None = None) -> ReportFile:
        """The file of a record, by the column names of the profile. Raises Rejected."""
        renamed = profile.settlement.columns if profile and profile.settlement else {}
        return read_report(record.value or b"", self.columns.renamed(renamed))

    def key(self, record: Record) -> str | None:
        """Third key segment of a file; None where it has none or cannot be read."""
        try:
            return self.name(self.report(record))
        except Rejected:
            return None

    def split(self, record: Record, profile: PartnerProfile) -> Reading:
        """The file, and each row of it that cannot be read as a part of its own. Raises Rejected."""
        report = self.report(record, profile)
        _, refused = self._drafts(self._account(record, profile), report)
        return split_rows(record, report, [row for row, _ in refused], self.name(report))

    def read(self, record: Record, profile: PartnerProfile) -> Reading:
        """All that the file says. Raises Rejected, for every row that cannot be read at once."""
        account = self._account(record, profile)
        report = self.report(record, profile)
        drafts, refused = self._drafts(account, report)
        if refused:
            raise refuse_all(
                refused[0][1].code, [(refusal.path, refusal.detail) for _, refusal in refused]
            ) from refused[0][1]
        totals = self.totals(account, drafts, report)
        if not drafts and not totals:
            account.warn_once("report_empty", "the report has no row that moves money", "line 1")
        entities = [*([] if self.has_sums and is_row_apart(record) else totals), *account.lines(drafts)]
        return reading_of_entities(entities, record, warnings=[*report.warnings, *account.warnings])

    def _account(self, record: Record, profile: PartnerProfile) -> SettlementAccount:
        return SettlementAccount(record, profile, self.system, self.mapping_version)

    def _drafts(
        self, account: SettlementAccount, report: ReportFile
    ) -> tuple[list[LineDraft], list[tuple[Row, Rejected]]]:
        drafts: list[LineDraft] = []
        refused: list[tuple[Row, Rejected]] = []
        section = account.profile.settlement
        if section is not None and section.currency_rule == "first_row":
            stated = (row.get(self.currency_column) for row in report.rows)
            account.first_currency = next((one for one in stated if one), "")
        for row in report.rows:
            try:
                row.check()
                draft = self.line(account, row)
            except Rejected as refusal:
                refused.append((row, refusal))
            else:
                drafts += [] if draft is None else [draft]
        return drafts, refused


def exact_amount(account: SettlementAccount, row: Row, column: str) -> Decimal | None:
    """Amount of a cell in major units, with all its decimals; None where it is empty.

    Raises Rejected AMOUNT_UNPARSABLE.
    """
    text = row.get(column)
    if text.lower() in _NOTHING:
        return None
    try:
        return parse_amount(text, row.path(column), style=account.amounts)
    except Rejected as refusal:
        if account.amounts == "major_comma" or not _is_comma(text):
            raise
        detail = "the amount has a decimal comma; set `money.amounts: major_comma` in the profile"
        raise row.refuse(refusal.code, detail, column) from refusal


def _is_comma(text: str) -> bool:
    """Whether a text that is no amount otherwise is one with a decimal comma."""
    try:
        parse_amount(text, style="major_comma")
    except Rejected:
        return False
    return True


def cell_amount(account: SettlementAccount, row: Row, column: str) -> Decimal | None:
    """Amount of a cell as a line carries it, rounded half-even to 4 decimals with a warning; None where the
    cell is empty. Raises Rejected AMOUNT_UNPARSABLE."""
    amount = exact_amount(account, row, column)
    return None if amount is None else account.fitted(amount, row.path(column))


def credit_less_debit(account: SettlementAccount, row: Row, credit: str, debit: str) -> Decimal | None:
    """What two unsigned columns say together, + is money to us; None where both are empty."""
    plus, minus = cell_amount(account, row, credit), cell_amount(account, row, debit)
    if plus is None and minus is None:
        return None
    return (plus or Decimal(0)) - (minus or Decimal(0))


def needed_amount(amount: Decimal | None, row: Row, column: str) -> Decimal:
    """The amount. Raises Rejected AMOUNT_UNPARSABLE where there is none: absent is not zero."""
    if amount is None:
        detail = "the row states no amount here; absent is not zero"
        raise row.refuse(RejectionCode.AMOUNT_UNPARSABLE, detail, column)
    return amount


def fee_that_adds_up(
    account: SettlementAccount, row: Row, fee: Decimal | None, figures: tuple[Decimal | None, Decimal]
) -> Decimal | None:
    """The fee, + is a cost. One that is said to be given back and yet makes the net amount only as a cost has
    been written with the other sign: it is turned, with a warning.

    Args:
        figures: gross and net amount.
    """
    gross, net = figures
    if fee is None or gross is None or fee >= 0 or net != gross + fee:
        return fee
    detail = "fees stand with the sign of money given back, and the net amounts say that they are costs"
    account.warn_once("fee_sign_turned", detail, row.path("fee"))
    return -fee


def signed_amount(account: SettlementAccount, row: Row, column: str) -> Decimal | None:
    """Amount of a cell that has a sign, + is money to us by the profile's `sign_convention`."""
    amount = cell_amount(account, row, column)
    section = account.profile.settlement
    is_turned = section is not None and section.sign_convention == "positive_is_to_channel"
    return -amount if amount is not None and is_turned else amount
