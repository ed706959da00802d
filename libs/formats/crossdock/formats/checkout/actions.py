"""Checkout.com's financial actions as the API tells them: an action with its breakdown.

Invariant: each part of an action is a line under the identity that the report of the same action has.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.money import parse_amount
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.checkout.rows import checkout_line, compare_processed, keep_exact, state_source
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import children, exact, identity
from crossdock.formats.json_resource import key_by
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount

_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_MEMBERS: Final = {
    "action": "action_type",
    "payout": "payout_id",
    "processed": "processed_on",
    "entity": "entity_id",
}
"""Our names of columns to members of an action, where those are named otherwise."""
_PARTS: Final = {
    "type": "breakdown_type",
    "currency": "holding_currency",
    "fx_rate": "fx_rate_applied",
    "fee_detail": "fee_detail",
    "processing_currency": "processing_currency",
}
"""The same of the parts of its breakdown."""


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
    net = _amount(account, part, "holding_currency_amount", path)
    if net is None:
        detail = "the part states no amount; absent is not zero"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.holding_currency_amount")

    def said(column: str) -> str:
        name = _PARTS.get(column)
        return _said(part, name) if name else _said(action, _MEMBERS.get(column, column))

    def place(column: str) -> str:
        name = _PARTS.get(column, "")
        return f"{path}.{name}" if name else path

    draft = checkout_line(account, said, place, "action_id", net)
    told = f"{action_id}:{draft.type_raw}:{net}:{draft.currency}:{_said(part, 'fee_detail')}"
    draft.digest = hashlib.sha256(told.encode()).hexdigest()[:24]
    keep_exact(account, draft, _said(part, "holding_currency_amount"))
    processed = _amount(account, part, "processing_currency_amount", path)
    state_source(draft, said, place, processed)
    compare_processed(account, draft, said, f"{path}.holding_currency_amount", processed)
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
    return "" if value is None or isinstance(value, bool | dict | list) else str(value).strip()
