"""Stripe balance transactions: every movement of an account's balance, as the API tells it.

Invariant: a transaction does not say which payout carries it, so its line is provisional until a report
does; only the transaction of a payout itself belongs to that payout.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Final

from crossdock.canonical.currencies import CURRENCY_EXPONENTS
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    PartnerProfile,
    ReferenceKind,
    SettlementLine,
    TransactionType,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, exact, identity, text
from crossdock.formats.json_resource import enveloped, via
from crossdock.formats.likeness import json_with, most
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount, total
from crossdock.formats.stripe.words import (
    WORDS,
    epoch_time,
    first_is,
    key_of,
    minor_amount,
    objects_of,
    reference_of,
)

MAPPING_VERSION: Final = "stripe_balance_transaction/1"
_NAME: Final = "balance_transaction"


key = key_of(_NAME)
"""`balance_transaction:<id>` of one object, None for a page."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The transactions of a list page, an array or JSON lines."""
    return split_json(
        record,
        key,
        kind=_NAME,
        wrappers=enveloped("data", "balance_transactions"),
        own_arrays=("fee_details",),
    )


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The line of each transaction. Raises Rejected."""
    return read_document(record.value, lambda document: _reading(document, record, profile))


def _reading(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    account = SettlementAccount(record, profile, "stripe", MAPPING_VERSION)
    account.via = via(record)
    drafts = [_line(account, node, path) for node, path in objects_of(document, _NAME)]
    if not drafts:
        account.warn_once("report_empty", "the page has no transaction", "$")
    warnings = [*document.warnings, *account.warnings]
    return reading_of_entities(account.lines(drafts), record, warnings=warnings)


def _line(account: SettlementAccount, node: Node, path: str) -> LineDraft:
    reference = identity(node, "id", path)
    currency = account.currency(text(node, "currency") or "", f"{path}.currency")
    gross = minor_amount(account, node, "amount", currency, path)
    fee = minor_amount(account, node, "fee", currency, path)
    net = minor_amount(account, node, "net", currency, path)
    if net is None:
        if gross is None:
            detail = "the transaction states neither amount nor net; absent is not zero"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.amount")
        net = account.fitted(gross - (fee or Decimal(0)), f"{path}.amount")
    word = text(node, "type") or ""
    source = reference_of(node, "source")
    draft = LineDraft(
        path=path,
        natural_id=reference,
        digest=hashlib.sha256(f"{reference}:{net}:{currency}".encode()).hexdigest()[:24],
        settlement_id="",
        transaction_type=_type(account, node, word, path),
        type_raw=word,
        currency=currency,
        gross=gross,
        fee=fee,
        net=net,
        amount_type_raw=text(node, "reporting_category") or "",
        order_reference=source,
        reference_kind=ReferenceKind.PSP_REFERENCE,
        posted=epoch_time(account, node, "created", path),
        is_provisional=True,
        fx_rate_raw=_rate(node),
        extensions=_kept(node),
    )
    if draft.is_payout and source:
        draft.payout_id = draft.settlement_id = source
        draft.order_reference, draft.is_provisional = "", False
    _state_source(account, node, draft, path)
    _compare(account, node, draft)
    return draft


def _type(account: SettlementAccount, node: Node, word: str, path: str) -> TransactionType:
    """The profile's word for category or type, else the table's; an adjustment's category is more exact."""
    category = text(node, "reporting_category") or ""
    named = account.named(category) or account.named(word)
    if named is not None:
        return named
    found = account.type_of(word, WORDS, f"{path}.type")
    if found is TransactionType.ADJUSTMENT and category:
        return account.type_of(category, WORDS, f"{path}.reporting_category")
    return found


def _rate(node: Node) -> str:
    rate = exact(node.get("exchange_rate"))
    return "" if rate is None or isinstance(rate, dict | list | bool) else str(rate)


def _kept(node: Node) -> dict[str, str]:
    kept = {name: text(node, name) or "" for name in ("status", "available_on", "balance_type")}
    metadata = child(child(node, "source"), "metadata")
    order = text(metadata, "order_id") or text(metadata, "order_number") or ""
    return kept | {"metadata.order_id": order}


def _state_source(account: SettlementAccount, node: Node, draft: LineDraft, path: str) -> None:
    """The charge's own amount where the source is there in full and in another currency."""
    source = child(node, "source")
    currency = (text(source, "currency") or "").upper()
    if currency in CURRENCY_EXPONENTS and currency != draft.currency:
        amount = minor_amount(account, source, "amount", currency, f"{path}.source")
        if amount is not None:
            draft.source_amount = (amount, currency)


def _compare(account: SettlementAccount, node: Node, draft: LineDraft) -> None:
    if draft.gross is not None and draft.fee is not None:
        figures = (draft.net, draft.gross - draft.fee)
        draft.variances += account.differs(VarianceCode.NET_AMOUNT, "net", figures, draft.currency)
    details = children(node, "fee_details")
    same = [one for one in details if (text(one, "currency") or draft.currency).upper() == draft.currency]
    parts = []
    for place, one in enumerate(same):
        where = f"{draft.path}.fee_details[{place}]"
        amount = minor_amount(account, one, "amount", draft.currency, where)
        if amount is not None:
            parts.append(amount)
            draft.extensions[f"fee_details[{place}]"] = f"{text(one, 'type') or ''} {amount}"
    if details and len(same) == len(details):
        figures = (draft.fee or Decimal(0), total(parts))
        draft.variances += account.differs(VarianceCode.NET_AMOUNT, "fee", figures, draft.currency)


FORMAT: Final = Format(
    name="stripe_balance_transaction",
    title="Stripe balance transaction",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    entities=(SettlementLine,),
    key_rule="`-` and the transaction's `id`; the transaction of a payout under the payout's id",
    revision_rule="none: a transaction changes only its status",
    intake="payment",
    needs=(),
    field_table=(
        Field("id", "line_id"),
        Field("amount, currency", "gross", "minor units of Stripe, + is money to us"),
        Field("fee", "fee", "+ is a cost"),
        Field("net", "net", "compared with amount − fee"),
        Field("type", "transaction_type, transaction_type_raw", "settlement.vocabulary, then a table"),
        Field("reporting_category", "amount_type_raw", "says what an adjustment adjusts"),
        Field("source", "order_reference (psp_reference), payout_id", "an id or the object in full"),
        Field("source.amount, source.currency", "source_currency_amount", "where in another currency"),
        Field("created", "posted", "seconds since 1970"),
        Field("exchange_rate", "fx_rate_raw"),
        Field("fee_details", "extensions, variance", "their sum is compared with the fee"),
        Field("status, available_on", "extensions"),
    ),
    quirks=(
        "Amounts are minor units: none for JPY, three decimals for KWD, two for ISK and UGX, none for MGA.",
        "A payout's transaction is negative and belongs to the payout; a failed one comes back positive.",
        "A dispute is an adjustment whose reporting_category is dispute or dispute_reversal.",
        "A list page, an event, an array and JSON lines hold the same objects.",
        "A transaction has no payout: the line is provisional until a payout report names it.",
    ),
    looks_like=most(
        first_is(_NAME, score=95),
        json_with("fee_details", "net", "available_on", score=90),
        json_with("balance_transaction", "net", "fee", score=80, without=("arrival_date",)),
    ),
)
