"""Groups of financial events of Amazon's Finances API v0: a settlement, and what was paid out of it.

Invariant: an open group has no deposit yet; a group states no lines, so nothing is added up.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, Payout, PayoutStatus, Settlement
from crossdock.formats.amazon.fields import AmazonFields, either, money_parts
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import identity, text
from crossdock.formats.settlement_lines import PayoutDraft, SettlementAccount, SettlementDraft

_CLOSED: Final = "closed"
_STATUS: Final = {
    **dict.fromkeys(("succeeded", "successful", "transferred"), PayoutStatus.PAID),
    **dict.fromkeys(("initiated", "processing", "pending"), PayoutStatus.IN_TRANSIT),
    "failed": PayoutStatus.FAILED,
    **dict.fromkeys(("canceled", "cancelled"), PayoutStatus.CANCELLED),
    "unknown": PayoutStatus.UNKNOWN,
}
"""Meaning of `FundTransferStatus`, which the interface does not list."""


class EventGroups:
    """Reads groups for one account."""

    def __init__(self, account: SettlementAccount, fields: AmazonFields) -> None:
        self._account = account
        self._fields = fields

    def entities(self, node: Node, path: str) -> list[Settlement | Payout]:
        """The settlement of a group, and its payout where one is told of.

        Raises Rejected ID_MISSING, AMOUNT_UNPARSABLE, CURRENCY_…, TIME_INVALID.
        """
        group_id = identity(node, either(node, "FinancialEventGroupId"), path)
        total = self._money(node, "OriginalTotal", path)
        if total is None:
            detail = "the group states no total; absent is not zero"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.{either(node, 'OriginalTotal')}")
        settlement = self._settlement(group_id, node, path, total)
        payout = self._payout(settlement, node, path, total) if settlement.is_final else None
        entities: list[Settlement | Payout] = [self._account.settlement(settlement)]
        return [*entities, self._account.payout(payout)] if payout else entities

    def _settlement(
        self, group_id: str, node: Node, path: str, total: tuple[Decimal, str]
    ) -> SettlementDraft:
        amount, currency = total
        is_closed = (text(node, either(node, "ProcessingStatus")) or "").lower() == _CLOSED
        kept = ("ProcessingStatus", "FundTransferStatus")
        said = {name: text(node, either(node, name)) or "" for name in kept}
        for name in ("BeginningBalance", "ConvertedTotal", *(() if is_closed else ("OriginalTotal",))):
            held = self._money(node, name, path)
            said[name] = f"{held[0]} {held[1]}" if held else ""
        return SettlementDraft(
            settlement_id=group_id,
            currency=currency,
            is_itemized=False,
            deposit=amount if is_closed else None,
            deposit_date=self._time(node, "FundTransferDate", path),
            period_from=self._time(node, "FinancialEventGroupStart", path),
            period_to=self._time(node, "FinancialEventGroupEnd", path),
            is_final=is_closed,
            extensions=said,
        )

    def _payout(
        self, settlement: SettlementDraft, node: Node, path: str, total: tuple[Decimal, str]
    ) -> PayoutDraft | None:
        """What was transferred, in the currency of the bank; None where nothing was."""
        raw = text(node, either(node, "FundTransferStatus")) or ""
        amount, currency = self._money(node, "ConvertedTotal", path) or total
        if not amount or not (raw or settlement.deposit_date):
            return None
        return PayoutDraft(
            payout_id=settlement.settlement_id,
            settlement_id=settlement.settlement_id,
            amount=amount,
            currency=currency,
            status=self._status(raw, f"{path}.{either(node, 'FundTransferStatus')}"),
            status_raw=raw,
            created=settlement.period_to,
            arrival_date=settlement.deposit_date,
            bank_reference=text(node, either(node, "TraceId")) or "",
        )

    def _status(self, raw: str, path: str) -> PayoutStatus:
        status = _STATUS.get(raw.lower())
        if status is None and raw:
            self._account.warn_once("status_unknown", "the status of the transfer is not known", path)
        return status or PayoutStatus.UNKNOWN

    def _money(self, node: Node, name: str, path: str) -> tuple[Decimal, str] | None:
        """An amount with its currency; a group may state several. None where it is not stated."""
        name = either(node, name)
        stated, currency = money_parts(node, name)
        if stated is None:
            return None
        self._fields.currency = self._account.currency(currency or "", f"{path}.{name}")
        amount = self._fields.money(node, name, path)
        if amount is None:
            return None
        return self._account.fitted(amount, f"{path}.{name}"), self._fields.currency

    def _time(self, node: Node, name: str, path: str) -> BusinessTime | None:
        return self._fields.loose_time(node, either(node, name), path, self._account.zone)
