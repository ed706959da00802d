"""PayPal's transaction detail report (TRR), and the transactions of its search API.

Invariant: a transaction is a provisional line under the identity that the settlement report gives it, so
that the match moves when that comes; what did not succeed moves no money, and nothing personal is read.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile, ReferenceKind, SettlementLine
from crossdock.canonical.money import parse_amount
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, exact, identity, text
from crossdock.formats.json_resource import ENVELOPES, Placed, enveloped, members, unwrapped_to
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.paypal.codes import booking_id, code_table
from crossdock.formats.paypal.lines import paypal_line, paypal_time, tell_cut
from crossdock.formats.paypal.report import PayPalReport, read_paypal
from crossdock.formats.paypal_settlement import columns_of
from crossdock.formats.refusals import refuse_all
from crossdock.formats.report_file import Row, is_row_apart, split_rows
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount

MAPPING_VERSION: Final = "paypal_transactions/1"
_ENVELOPES: Final = (*ENVELOPES, "data")
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_MOVED: Final = frozenset({"", "s", "p", "v", "f", "success", "pending"})
"""Statuses of transactions that move money: success, pending, reversed, partly refunded; D is denied."""
_KEPT: Final = ("custom_field", "paypal_reference_id", "paypal_reference_id_type", "bank_reference_id")


def _is_json(record: Record) -> bool:
    return (record.value or b"").lstrip(_BLANKS)[:1] in (b"{", b"[")


def key(record: Record) -> str | None:
    """`transaction:<id>` of one API object; None for a report, which has no name."""
    if not _is_json(record):
        return None
    try:
        return read_document(record.value, lambda document: f"transaction:{_id(document)}")
    except Rejected:
        return None


def _id(document: Document) -> str:
    info, path = _info(*unwrapped_to(document, "transaction_info", _ENVELOPES))
    return identity(info, "transaction_id", path)


def _info(node: Node, path: str) -> Placed:
    """What a transaction says of itself, beside payer, shipping and cart; a lone one may say nothing else."""
    return Placed(child(node, "transaction_info") or node, f"{path}.transaction_info")


def split(record: Record, profile: PartnerProfile) -> Reading:
    """Each transaction of an API page, or the report and its unreadable rows apart. Raises Rejected."""
    if _is_json(record):
        return split_json(
            record,
            key,
            kind="transaction",
            wrappers=enveloped("transaction_details", "data"),
            own_arrays=("transaction_info",),
        )
    report = read_paypal(record.value or b"", columns_of(profile))
    account = SettlementAccount(record, profile, "paypal", MAPPING_VERSION)
    _, refused = _drafts(account, report.file.rows)
    return split_rows(record, report.file, [row for row, _ in refused], None)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The transactions that moved money, as provisional lines. Raises Rejected."""
    account = SettlementAccount(record, profile, "paypal", MAPPING_VERSION)
    if _is_json(record):
        return read_document(record.value, lambda document: _read_json(document, account))
    report = read_paypal(record.value or b"", columns_of(profile))
    drafts, refused = _drafts(account, report.file.rows)
    if refused:
        first = refused[0][1]
        raise refuse_all(first.code, [(one.path, one.detail) for _, one in refused]) from first
    if not drafts:
        account.warn_once("report_empty", "the report has no transaction that moved money", "line 1")
    if not is_row_apart(record):
        tell_cut(account, report)
        _tell_counts(account, report)
    warnings = [*report.file.warnings, *account.warnings]
    return reading_of_entities(account.lines(drafts), record, warnings=warnings)


def _tell_counts(account: SettlementAccount, report: PayPalReport) -> None:
    """Counts that do not hold: a line of the report cannot carry the difference."""
    for _, name, stated, found in report.counts():
        if stated != found:
            detail = f"{name} states {stated} rows, there are {found}"
            account.warn_once("line_count", detail, f"line {len(report.file.lines)}")


def _drafts(
    account: SettlementAccount, rows: list[Row]
) -> tuple[list[LineDraft], list[tuple[Row, Rejected]]]:
    drafts: list[LineDraft] = []
    refused: list[tuple[Row, Rejected]] = []
    for row in rows:
        try:
            row.check()
            if _has_moved(account, row.get("status"), row.path("status")):
                drafts.append(_with_status(paypal_line(account, row, ""), row.get("status")))
        except Rejected as refusal:
            refused.append((row, refusal))
    return drafts, refused


def _has_moved(account: SettlementAccount, status: str, path: str) -> bool:
    if status.lower() in _MOVED:
        return True
    account.warn_once("transactions_not_moved", "transactions without success are no lines", path)
    return False


def _with_status(draft: LineDraft, status: str) -> LineDraft:
    draft.extensions["transaction_status"] = status
    return draft


def _read_json(document: Document, account: SettlementAccount) -> Reading:
    root = unwrapped_to(document, "transaction_info", _ENVELOPES)
    listed = (
        list(members(root.node, "transaction_details", root.path))
        if "transaction_details" in root.node
        else [root]
    )
    found = (_json_line(account, *_info(*one)) for one in listed)
    drafts = [draft for draft in found if draft is not None]
    if not listed:
        account.warn_once("report_empty", "the page has no transaction", "$")
    warnings = [*document.warnings, *account.warnings]
    return reading_of_entities(account.lines(drafts), account.record, warnings=warnings)


def _json_line(account: SettlementAccount, info: Node, path: str) -> LineDraft | None:
    reference = identity(info, "transaction_id", path)
    status = text(info, "transaction_status") or ""
    if not _has_moved(account, status, f"{path}.transaction_status"):
        return None
    code = text(info, "transaction_event_code") or ""
    gross, currency = _api_money(account, info, "transaction_amount", path)
    if gross is None:
        detail = "the transaction states no amount; absent is not zero"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.transaction_amount")
    fee, fee_currency = _api_money(account, info, "fee_amount", path)
    if fee and fee_currency != currency:
        detail = "fee and amount are in two currencies; they cannot be netted"
        raise Rejected(RejectionCode.CURRENCY_MIXED, detail, f"{path}.fee_amount")
    invoice = text(info, "invoice_id") or ""
    kept = {name: text(info, name) or "" for name in _KEPT}
    return LineDraft(
        path=path,
        natural_id=booking_id(reference, code),
        digest=hashlib.sha256(f"{reference}:{code}:{gross}:{currency}".encode()).hexdigest()[:24],
        settlement_id="",
        transaction_type=account.type_of(code, code_table(code, is_debit=gross < 0), path),
        type_raw=code,
        currency=currency,
        gross=gross,
        fee=None if fee is None else -fee,
        net=account.fitted(gross + (fee or Decimal(0)), path),
        order_reference=invoice or reference,
        reference_kind=ReferenceKind.ORDER if invoice else ReferenceKind.PSP_REFERENCE,
        posted=paypal_time(account, text(info, "transaction_initiation_date") or "", path),
        is_provisional=True,
        extensions=kept | {"psp_reference": reference, "transaction_status": status},
    )


def _api_money(account: SettlementAccount, info: Node, name: str, path: str) -> tuple[Decimal | None, str]:
    """Signed amount in major units and its currency."""
    node = child(info, name)
    value = exact(node.get("value"))
    if value is None:
        return None, ""
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        detail = "an amount as text is needed"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.{name}.value")
    amount = account.fitted(parse_amount(value, f"{path}.{name}.value"), f"{path}.{name}.value")
    currency = account.currency(text(node, "currency_code") or "", f"{path}.{name}.currency_code")
    return amount, currency


FORMAT: Final = Format(
    name="paypal_transactions",
    title="PayPal transaction detail report (TRR) and transaction search",
    content_types=("text/csv", "application/json"),
    key=key,
    read=read,
    split=split,
    entities=(SettlementLine,),
    key_rule="line: `-` and the transaction id (with the event code for holds), as in the settlement report",
    revision_rule="none: the same transaction with other content replaces what was said",
    intake="payment",
    needs=(),
    field_table=(
        Field("Transaction ID", "line_id", "with the event code for holds and releases"),
        Field("Gross Transaction Amount, Transaction Debit or Credit", "gross", "hundredths; DR is negative"),
        Field("Fee Amount, Fee Debit or Credit", "fee", "hundredths; DR is a cost"),
        Field("transaction_info.transaction_amount, fee_amount", "gross, fee", "API: signed major units"),
        Field("gross − fee", "net"),
        Field("Transactional Status, transaction_status", "–", "D (denied) moves no money and is no line"),
        Field("Invoice ID, else Transaction ID", "order_reference, reference_kind"),
        Field("Transaction Completion Date, transaction_initiation_date", "posted"),
        Field("PayPal Reference ID, Custom Field, …", "extensions"),
    ),
    quirks=(
        "Every line is provisional: its settlement comes with the settlement report, which moves it.",
        "The report is full of names and addresses: none of them is read.",
        "The API writes signed text in major units, with the fee negative; the report unsigned hundredths.",
        "A report may begin with CH, without a section above it.",
        "The rows that SC, FF and RC state are counted: a difference is told, for no line of it is at fault.",
    ),
    looks_like=most(
        text_with("Transaction Event Code", "Transactional Status", score=90),
        json_with("transaction_info", "transaction_event_code", score=90),
    ),
)
