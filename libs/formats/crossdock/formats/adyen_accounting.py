"""Adyen's payments accounting report: every booking of every payment, of which few move our money.

Invariant: only a row with an amount in Payable (SC) becomes a line, under the same identity as in the
settlement detail report, so that neither report doubles the other; deposits are that report's to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.canonical.models import Entity, SettlementLine
from crossdock.formats.adyen.rows import adyen_line, booked_at, compare_net, kind_word
from crossdock.formats.declaration import Field, Format
from crossdock.formats.likeness import text_with
from crossdock.formats.profile_rules import known_currency
from crossdock.formats.report_file import Columns, ReportFile, Row
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount
from crossdock.formats.settlement_table import SettlementTable, cell_amount

_COLUMNS: Final = Columns(
    {
        "merchant_account": ("Merchant Account",),
        "psp_reference": ("Psp Reference",),
        "merchant_reference": ("Merchant Reference",),
        "payment_method": ("Payment Method",),
        "booked": ("Booking Date",),
        "booked_zone": ("TimeZone", "Booking Date TimeZone"),
        "type": ("Record Type",),
        "modification_reference": ("Modification Psp Reference", "Modification Reference"),
        "modification_merchant_reference": ("Modification Merchant Reference",),
        "batch": ("Payable Batch", "Batch Number"),
        "main_currency": ("Main Currency",),
        "main_amount": ("Main Amount",),
        "exchange_rate": ("Exchange Rate",),
        "settlement_currency": ("Settlement Currency",),
        "payable": ("Payable (SC)",),
        "commission": ("Commission (SC)",),
        "markup": ("Markup (SC)",),
        "scheme_fees": ("Scheme Fees (SC)",),
        "interchange": ("Interchange (SC)",),
        "merchant_order_reference": ("Merchant Order Reference",),
    },
    ("type", "payable"),
    {
        "transaction_type": "type",
        "settlement_id": "batch",
        "order_reference": "merchant_reference",
        "posted": "booked",
        "currency": "settlement_currency",
        "net": "payable",
        "gross": "main_amount",
    },
)


def _line(account: SettlementAccount, row: Row) -> LineDraft | None:
    kind_word(row)
    net = cell_amount(account, row, "payable")
    if not net:  # authorised, sent for settlement, refused …: nothing is owed by it
        account.warn_once("rows_without_money", "rows with nothing in Payable (SC) are no lines", row.path())
        return None
    draft = adyen_line(account, row, net, "settlement_currency")
    draft.digest = row.digest(tuple(_COLUMNS.names))
    draft.posted = booked_at(account, row, "booked", "booked_zone")
    _state_gross(account, row, draft)
    return draft


def _state_gross(account: SettlementAccount, row: Row, draft: LineDraft) -> None:
    """Main Amount has no sign: it goes the way of the payable amount."""
    amount, currency = cell_amount(account, row, "main_amount"), row.get("main_currency")
    if amount is None or not currency:
        return
    draft.gross = abs(amount).copy_sign(draft.net)
    draft.gross_currency = known_currency(currency, row.path("main_currency"))
    if draft.gross_currency == draft.currency:
        compare_net(account, row, draft, draft.gross)
    else:
        draft.source_amount = (draft.gross, draft.gross_currency)


def _no_totals(_: SettlementAccount, __: Sequence[LineDraft], ___: ReportFile) -> list[Entity]:
    return []


_TABLE: Final = SettlementTable(
    "adyen",
    "adyen_accounting/1",
    _COLUMNS,
    _line,
    _no_totals,
    lambda _: None,
    currency_column="settlement_currency",
)

FORMAT: Final = Format(
    name="adyen_accounting",
    title="Adyen payments accounting report",
    content_types=("text/csv",),
    key=_TABLE.key,
    read=_TABLE.read,
    split=_TABLE.split,
    entities=(SettlementLine,),
    key_rule="line: Payable Batch (`-` without one), Modification Psp Reference (else Psp Reference) and "
    "Record Type, as in the settlement detail report",
    revision_rule="none: a booking does not change",
    intake="payment",
    needs=(),
    field_table=(
        Field("Record Type", "transaction_type, transaction_type_raw", "settlement.vocabulary, then a table"),
        Field("Payable (SC), Settlement Currency", "net", "a row without it is no line"),
        Field("Main Amount, Main Currency", "gross", "with the sign of the payable amount"),
        Field("Commission, Markup, Scheme Fees, Interchange (SC)", "fee", "their sum; + is a cost"),
        Field("Payable Batch", "settlement_id", "empty: the line is provisional"),
        Field("Merchant Reference, else Psp Reference", "order_reference, reference_kind"),
        Field("Booking Date, TimeZone", "posted"),
        Field("Exchange Rate", "fx_rate_raw"),
        Field("Psp Reference, Modification Psp Reference, …", "extensions"),
    ),
    quirks=(
        "Most rows (Received, Authorised, SentForSettle, Refused) move no money: they are no lines.",
        "The same booking comes in the settlement detail report: both give one line.",
        "Processing fees in their own currency are invoiced apart and do not lower the payable amount.",
    ),
    looks_like=text_with("Record Type", "Payable (SC)", score=90),
)
