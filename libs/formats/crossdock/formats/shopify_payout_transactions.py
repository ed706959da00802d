"""Shopify Payments balance transactions: single ones and pages of them.

Invariant: each is one settlement line; `amount` is before the fee, `net` after it, and whether the three
agree is checked, never assumed.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    PartnerProfile,
    ReferenceKind,
    SettlementLine,
    TransactionType,
    VarianceCode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import Fields, flag, text
from crossdock.formats.json_resource import enveloped
from crossdock.formats.likeness import json_with, most
from crossdock.formats.settlement_lines import LineDraft, SettlementAccount, word_table
from crossdock.formats.shopify.graphql import graphql_pages
from crossdock.formats.shopify.resource import Resource, key_under

MAPPING_VERSION: Final = "shopify_payout_transactions/1"
_NAME: Final = "transaction"
_LISTS: Final = graphql_pages(
    "balanceTransactions", "shopifyPaymentsAccount.balanceTransactions"
) | enveloped("transactions")
_KEPT: Final = ("source_id", "source_order_transaction_id", "payout_status", "adjustment_reason")
_NAMED: Final = word_table(
    {
        TransactionType.SALE: "charge payment",
        TransactionType.REFUND: "refund refund_adjustment refund_failure payment_refund",
        TransactionType.CHARGEBACK: "dispute dispute_withdrawal chargeback_hold",
        TransactionType.CHARGEBACK_REVERSAL: "dispute_reversal chargeback_hold_release",
        TransactionType.FEE: (
            "stripe_fee application_fee chargeback_fee billing_debit platform_fee referral_fee "
            "referral_fee_tax marketplace_fee_credit_reversal shop_cash_campaign_billing_debit"
        ),
        TransactionType.FEE_REFUND: (
            "application_fee_refund chargeback_fee_refund marketplace_fee_credit billing_debit_reversal "
            "shop_cash_campaign_billing_credit"
        ),
        TransactionType.RESERVE: (
            "reserve reserved_funds reserved_funds_withdrawal reserved_funds_exclusion"
        ),
        TransactionType.ADJUSTMENT: (
            "adjustment charge_adjustment credit debit anomaly_credit anomaly_debit risk_reversal "
            "risk_withdrawal tax_adjustment_credit tax_adjustment_debit vat_refund_credit collections_credit "
            "channel_credit channel_promotion_credit chargeback_protection_credit "
            "chargeback_protection_debit markets_pro_credit merchant_goodwill_credit promotion_credit "
            "seller_protection_credit shop_cash_credit shop_cash_refund_debit"
        ),
        TransactionType.TRANSFER: (
            "transfer_refund balance_transfer_inbound advance advance_funding lending_credit lending_debit "
            "merchant_to_merchant_credit merchant_to_merchant_debit channel_transfer_credit "
            "channel_transfer_debit shopify_collective_credit shopify_collective_debit "
            "shopify_source_credit shopify_source_debit"
        ),
        TransactionType.PAYOUT: (
            "payout payout_failure payout_cancellation transfer transfer_failure transfer_cancel"
        ),
        TransactionType.SHIPPING_LABEL: (
            "shipping_label shipping_label_adjustment shipping_other_carrier_charge_adjustment "
            "shipping_return_to_origin_adjustment shipping_label_adjustment_base "
            "shipping_label_adjustment_surcharge"
        ),
        TransactionType.OTHER: "customs_duty customs_duty_adjustment import_tax import_tax_adjustment",
    }
)
"""Source: `type` of Shopify's balance transactions; GraphQL calls a payout transfer. settlement.vocabulary of
the profile wins."""
_TYPES: Final = {f"{word}reversal": kind for word, kind in _NAMED.items()} | _NAMED
"""A reversal that is not named is of the kind that it reverses."""

key = key_under(_NAME)


def split(record: Record, _: PartnerProfile) -> Reading:
    """The transactions of a file that holds several: an array, `{"transactions": […]}`, JSON lines."""
    return split_json(record, key, kind=_NAME, wrappers=_LISTS, own_arrays=())


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The settlement line of one transaction. Raises Rejected."""
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


class _Mapping(Resource):
    """One transaction of one account."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, _NAME)
        self._account = SettlementAccount(record, profile, "shopify", MAPPING_VERSION)
        self._fields = Fields(document, profile)

    def reading(self) -> Reading:
        """The line, refused or with its warnings."""
        lines = self._account.lines((self._draft(),))
        warnings = (*self._account.warnings, *self.document.warnings)
        return reading_of_entities(lines, self.record, warnings=warnings)

    def _draft(self) -> LineDraft:
        line_id, currency = self.id, text(self.node, "currency") or ""
        if "kind" in self.node and "net" not in self.node:
            detail = (
                "this is a transaction of an order, not of the balance: shopify_order reads it with its order"
            )
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{self.path}.kind")
        currency = self._account.currency(currency, f"{self.path}.currency")
        self._fields.exponent = currency_exponent(currency)
        gross, fee, net = (self._amount(name) for name in ("amount", "fee", "net"))
        computed = None if gross is None else gross - (fee or Decimal(0))
        if net is None:
            net = computed
        if net is None:
            detail = "the transaction states neither net nor amount"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{self.path}.net")
        payout_id = self._fields.loose_identity(self.node, "payout_id", self.path) or ""
        order_id = self._fields.loose_identity(self.node, "source_order_id", self.path) or ""
        type_raw = text(self.node, "type") or ""
        figures = (net, None if fee is None else computed)
        return LineDraft(
            path=self.path,
            natural_id=line_id,
            digest=hashlib.sha256(self.record.value or b"").hexdigest(),
            settlement_id=payout_id,
            transaction_type=self._type(type_raw, gross if gross is not None else net),
            type_raw=type_raw,
            currency=currency,
            net=net,
            gross=gross,
            fee=fee,
            amount_type_raw=text(self.node, "source_type") or "",
            order_reference=order_id,
            reference_kind=ReferenceKind.ORDER,
            posted=self._posted(),
            payout_id=payout_id,
            is_provisional=not payout_id,
            variances=self._account.differs(VarianceCode.NET_AMOUNT, "net", figures, currency),
            extensions=self._extensions(),
        )

    def _posted(self) -> BusinessTime | None:
        """A moment, or a day as in the answers of older API versions."""
        is_day = len(text(self.node, "processed_at") or "") == len("2026-01-31")
        return self.day("processed_at") if is_day else self.time("processed_at")

    def _amount(self, name: str) -> Decimal | None:
        return self._fields.amount(self.node, name, self.path)

    def _type(self, raw: str, amount: Decimal) -> TransactionType:
        """A dispute that brings money back is its reversal: Shopify calls both `dispute`."""
        found = self._account.type_of(raw, _TYPES, f"{self.path}.type")
        if found is TransactionType.CHARGEBACK and raw == "dispute" and amount > 0:
            return TransactionType.CHARGEBACK_REVERSAL
        return found

    def _extensions(self) -> dict[str, str]:
        kept = {name: text(self.node, name) or "" for name in _KEPT}
        return kept | ({"test": "true"} if flag(self.node, "test") else {})


FORMAT: Final = Format(
    name="shopify_payout_transactions",
    title="Shopify Payments balance transaction",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "line_id", "64-bit, carried as text"),
        Field("payout_id", "settlement_id, payout_id", "a line without one is provisional"),
        Field("type", "transaction_type", "settlement.vocabulary of the profile, then the table"),
        Field("source_type", "amount_type_raw"),
        Field("amount", "gross", "+ is money to us"),
        Field("fee", "fee", "a cost; negative where it is given back"),
        Field("net", "net", "compared with amount − fee"),
        Field("currency", "currency of all amounts", "must agree with the profile's where that states one"),
        Field("source_order_id", "order_reference", "kind order"),
        Field("processed_at", "posted, occurred"),
        Field("source_id, source_order_transaction_id, payout_status, test", "extensions"),
    ),
    quirks=(
        "`net` may not be amount − fee: kept as said, the difference is a variance.",
        "The payout stands as a negative row of type payout: no revenue.",
        "A dispute is negative when it is opened and positive when it is won.",
        "A type that no table knows is unknown, with a warning.",
        "A row without a payout is provisional.",
        "The GraphQL Admin API answers in other names, with global ids and lists: read as the REST one.",
        "A transaction of an order has the same wrapper: refused, for it knows neither fee nor net.",
    ),
    entities=(SettlementLine,),
    key_rule="the account (settlement.account of the profile), `payout_id` (`-` without one) and `id`",
    revision_rule="none: a line that is reported again with its payout moves there",
    intake="payment",
    needs=(),
    looks_like=most(
        json_with("payout_id", "source_type", "net", score=85),
        json_with("payout_id", "source_order_id", "fee", "net", score=85),
        json_with("associatedPayout", "net", score=85),
        json_with("associatedOrder", "transactionDate", "net", score=85),
    ),
)
