"""Checkout.com's financial actions as the API tells them: an action with its breakdown.

Invariant: each part of an action is a line under the identity that the report of the same action has.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile, ReferenceKind
from crossdock.canonical.money import parse_amount
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.checkout_rows import checkout_time, kind_of
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import children, exact, identity, text
from crossdock.formats.json_resource import key_by
from crossdock.formats.profile_rules import known_currency
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount

_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_KEPT: Final = ("action_id", "payment_method", "entity_id", "response_code")


def is_json(record: Record) -> bool:
    """Whether the payload is JSON."""
    return (record.value or b"").lstrip(_BLANKS)[:1] in (b"{", b"[")


json_key = key_by(lambda document: f"action:{identity(document.root, 'action_id', '$')}")
"""`action:<id>` of one action; None for a page."""


def split_actions(record: Record) -> Reading:
    """Each action of a page."""
    return split_json(record, json_key, kind="action", wrappers={"data"}, own_arrays=("breakdown",))


def read_actions(record: Record, profile: PartnerProfile, mapping_version: str) -> Reading:
    """The lines of one action, or of all on a page. Raises Rejected."""
    account = SettlementAccount(record, profile, "checkout", mapping_version)
    return read_document(record.value, lambda document: _reading(document, account))


def _reading(document: Document, account: SettlementAccount) -> Reading:
    root = document.root
    paged = children(root, "data") if isinstance(root.get("data"), list) else None
    drafts: list[LineDraft] = []
    for place, action in enumerate([root] if paged is None else paged):
        drafts += _lines(account, action, "$" if paged is None else f"$.data[{place}]")
    if not drafts:
        account.warn_once("report_empty", "the action has no breakdown", "$")
    warnings = [*document.warnings, *account.warnings]
    return reading_of_entities(account.lines(drafts), account.record, warnings=warnings)


def _lines(account: SettlementAccount, action: Node, path: str) -> list[LineDraft]:
    action_id = identity(action, "action_id", path)
    return [
        _line(account, action, part, f"{path}.breakdown[{place}]", action_id)
        for place, part in enumerate(children(action, "breakdown"))
    ]


def _line(account: SettlementAccount, action: Node, part: Node, path: str, action_id: str) -> LineDraft:
    word = text(part, "breakdown_type") or ""
    currency = account.currency(text(part, "holding_currency") or "", f"{path}.holding_currency")
    net = _amount(account, part, "holding_currency_amount", path)
    if net is None:
        detail = "the part states no amount; absent is not zero"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.holding_currency_amount")
    reference, payment = text(action, "reference") or "", text(action, "payment_id") or ""
    payout = text(action, "payout_id") or ""
    action_word = text(action, "action_type") or ""
    said = f"{action_id}:{word}:{net}:{currency}:{text(part, 'fee_detail')}"
    draft = LineDraft(
        path=path,
        natural_id=f"{action_id}:{word.replace(' ', '')}",
        digest=hashlib.sha256(said.encode()).hexdigest()[:24],
        settlement_id=payout,
        transaction_type=kind_of(account, (word, action_word), f"{path}.breakdown_type"),
        type_raw=word,
        currency=currency,
        net=net,
        amount_type_raw=action_word,
        description_raw=text(part, "fee_detail") or "",
        order_reference=reference or payment,
        reference_kind=ReferenceKind.ORDER if reference else ReferenceKind.PSP_REFERENCE,
        posted=checkout_time(account, text(action, "processed_on") or "", path),
        payout_id=payout,
        is_provisional=not payout,
        fx_rate_raw=_said(part, "fx_rate_applied"),
        extensions={name: text(action, name) or "" for name in _KEPT} | {"psp_reference": payment},
    )
    if account.is_rounded(_said(part, "holding_currency_amount")):
        draft.extensions["holding_currency_amount"] = _said(part, "holding_currency_amount")
    stated = text(part, "processing_currency")
    amount = _amount(account, part, "processing_currency_amount", path)
    if amount and stated and stated.upper() != currency:
        draft.source_amount = (amount, known_currency(stated, f"{path}.processing_currency"))
    return draft


def _amount(account: SettlementAccount, part: Node, name: str, path: str) -> Decimal | None:
    value = exact(part.get(name))
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        detail = "a decimal number as text or number is needed"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.{name}")
    return account.fitted(parse_amount(value, f"{path}.{name}"), f"{path}.{name}")


def _said(part: Node, name: str) -> str:
    value = exact(part.get(name))
    return "" if value is None or isinstance(value, bool | dict | list) else str(value)
