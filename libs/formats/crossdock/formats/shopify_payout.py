"""Shopify Payments payouts: the REST resource and pages of it.

Invariant: the summary's gross amounts less its fees are our own sum of what is paid out; a payout that
differs from it keeps its amount and says by how much.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    PartnerProfile,
    Payout,
    PayoutStatus,
    Settlement,
    Variance,
    VarianceCode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.json_document import Document, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import Fields, child, text
from crossdock.formats.json_resource import enveloped
from crossdock.formats.likeness import json_with, most
from crossdock.formats.settlement_lines import HORIZON_DAYS, PayoutDraft, SettlementAccount, money
from crossdock.formats.shopify.graphql import graphql_pages
from crossdock.formats.shopify.resource import Resource, key_under
from crossdock.formats.times import business_day

MAPPING_VERSION: Final = "shopify_payout/1"
_STATUS: Final = {
    "scheduled": PayoutStatus.SCHEDULED,
    "in_transit": PayoutStatus.IN_TRANSIT,
    "paid": PayoutStatus.PAID,
    "failed": PayoutStatus.FAILED,
    "canceled": PayoutStatus.CANCELLED,
    "cancelled": PayoutStatus.CANCELLED,
}
"""Source: `status` of Shopify's Payout."""
_LISTS: Final = graphql_pages("payouts", "shopifyPaymentsAccount.payouts") | enveloped("payouts")
_ADDED: Final = ("_gross_amount", "_credit_amount")
_TAKEN: Final = ("_fee_amount", "_fees_amount")

key = key_under("payout")


def split(record: Record, _: PartnerProfile) -> Reading:
    """The payouts of a file that holds several: an array, `{"payouts": […]}`, JSON lines."""
    return split_json(record, key, kind="payout", wrappers=_LISTS, own_arrays=())


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The payout and its settlement. Raises Rejected."""
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


class _Mapping(Resource):
    """One payout of one account."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, "payout")
        self._account = SettlementAccount(record, profile, "shopify", MAPPING_VERSION)
        self._fields = Fields(document, profile)

    def reading(self) -> Reading:
        """Settlement and payout, refused or with their warnings."""
        payout_id = self.id
        currency = self._account.currency(text(self.node, "currency") or "", f"{self.path}.currency")
        self._fields.exponent = currency_exponent(currency)
        amount = self._fields.amount(self.node, "amount", self.path)
        if amount is None:  # GraphQL calls it net
            amount = self._fields.amount(self.node, "net", self.path)
        if amount is None:
            detail = "the payout states no amount"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{self.path}.amount")
        raw = text(self.node, "status") or ""
        day = self._arrival()
        draft = PayoutDraft(
            payout_id=payout_id,
            settlement_id=payout_id,
            amount=amount,
            currency=currency,
            status=self._status(raw),
            status_raw=raw,
            arrival_date=day,
            bank_reference=text(self.node, "external_trace_id") or "",
            extensions={} if day is not None else {"date": text(self.node, "date") or ""},
        )
        settlement = self._settlement(draft)
        warnings = (*self._account.warnings, *self.document.warnings)
        return reading_of_entities((settlement, self._account.payout(draft)), self.record, warnings=warnings)

    def _arrival(self) -> BusinessTime | None:
        """A day; a moment (of GraphQL) counts as its day in the zone, midnight in UTC as the day it names."""
        raw = text(self.node, "date") or ""
        is_day = len(raw) == len("2026-01-31") or raw.endswith("T00:00:00Z")
        moment = None if is_day else self.time("date")
        if moment is None or self.zone is None:
            return self.day("date")
        return business_day(moment.date, self.zone)

    def _status(self, raw: str) -> PayoutStatus:
        status = _STATUS.get(raw.lower())
        if status is None:
            self.document.warn("status_unknown", "the status is not Shopify's", f"{self.path}.status")
        return status or PayoutStatus.UNKNOWN

    def _settlement(self, draft: PayoutDraft) -> Settlement:
        computed = self._summed()
        head = Head(
            segments=(self._account.name, draft.settlement_id),
            system="shopify",
            object_type="payout",
            object_id=draft.payout_id,
            occurred=draft.arrival_date or self._account.latest(()),
            mapping_version=MAPPING_VERSION,
            account=self._account.name,
            via=self.via,
        )
        head.variances += self._differences(draft, computed)
        section = self.profile.settlement
        return Settlement.model_validate(
            head.fields(self.record)
            | {
                "settlement_id": draft.settlement_id,
                "account": self._account.name,
                "currency": draft.currency,
                "deposit": money(draft.amount, draft.currency),
                "deposit_date": draft.arrival_date,
                "line_count": 0,
                "control_total": money(computed, draft.currency),
                "is_final": draft.status is PayoutStatus.PAID,
                "completeness_horizon_days": section.horizon_days if section else HORIZON_DAYS,
            }
        )

    def _differences(self, draft: PayoutDraft, computed: Decimal | None) -> list[Variance]:
        figures = (draft.amount, computed)
        return self._account.differs(VarianceCode.DEPOSIT_TOTAL, "deposit", figures, draft.currency)

    def _summed(self) -> Decimal | None:
        """Σ gross − Σ fees of the summary; None where there is none."""
        parts = list(self._parts())
        return sum(parts, Decimal(0)) if parts else None

    def _parts(self) -> Iterator[Decimal]:
        summary, path = child(self.node, "summary"), f"{self.path}.summary"
        for name in summary:
            is_taken = name.endswith(_TAKEN)
            if not is_taken and not name.endswith(_ADDED):
                detail = "the figure is neither a gross amount nor a fee; it is not summed"
                self.document.warn("summary_unknown", detail, path)
                continue
            amount = self._fields.amount(summary, name, path)
            if amount is not None:
                yield -amount if is_taken else amount


FORMAT: Final = Format(
    name="shopify_payout",
    title="Shopify Payments payout",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "payout_id, settlement_id", "a payout is its own settlement"),
        Field("status", "status, status_raw", "paid: the settlement is final"),
        Field("date", "arrival_date, deposit_date, occurred", "a day in the profile's zone"),
        Field("currency", "currency", "must agree with the profile's where that states one"),
        Field("amount, else net", "amount, deposit", "+ is money to us"),
        Field("summary.*_gross_amount", "control_total", "added"),
        Field("summary.*_fee_amount", "control_total", "subtracted; a fee given back is negative"),
        Field("external_trace_id", "bank_reference"),
    ),
    quirks=(
        "The amount may differ from the summary: kept as said, the difference is a variance.",
        "One shop is paid out in several currencies.",
        "`date` is a day without a zone; GraphQL's `issuedAt` is a moment: its day in the profile's zone.",
        "The GraphQL Admin API answers in other names, with global ids and lists: read as the REST one.",
        "A payout has no time of change: a later capture wins.",
    ),
    entities=(Settlement, Payout),
    key_rule="the account (settlement.account of the profile) and the payout's `id`",
    revision_rule="none: the later capture of one payout wins",
    intake="payment",
    needs=(),
    looks_like=most(
        json_with("summary", "charges_gross_amount", score=90),
        json_with("summary", "chargesGross", score=90),
        json_with("issuedAt", "net", score=85),
    ),
)
