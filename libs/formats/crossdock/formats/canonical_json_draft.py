"""From a checked order document to a draft.

Invariant: every amount is in the order's one or two currencies, or the document is refused with the
path of each amount that is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Change,
    DualMoney,
    Identifier,
    IdentifierScheme,
    Money,
    OrderPayment,
    PartnerProfile,
    Payment,
    PaymentStatus,
    Quantity,
    TaxMode,
)
from crossdock.canonical.units import resolve_unit
from crossdock.formats.canonical_json_input import (
    AdjustmentPart,
    LinePart,
    OrderDocument,
    StatedPart,
    TaxPart,
)
from crossdock.formats.json_document import Document
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, OrderDraft, Pair, StatedDraft, TaxDraft
from crossdock.formats.profile_rules import order_currency, order_tax_mode
from crossdock.formats.refusals import refuse_all
from crossdock.formats.times import business_time

MAPPING_VERSION: Final = "canonical_json/1"
_NONE: Final = Decimal(0)


class DraftOfDocument:
    """Reads one document; collects amounts in a foreign currency and refuses them together."""

    def __init__(self, content: OrderDocument, profile: PartnerProfile, document: Document) -> None:
        self._content = content
        self._profile = profile
        self._document = document
        self._currency = order_currency(content.currency, profile, "$.currency")
        self._presentment = content.presentment_currency or self._currency
        self._line_ids = {line.line_id for line in content.lines}
        self._foreign: list[tuple[str, str]] = []

    def draft(self) -> OrderDraft:
        """The draft. Raises Rejected CURRENCY_MIXED, TIME_INVALID, UNIT_UNMAPPED, FIELD_INVALID."""
        content = self._content
        placed = self._required_time(content.placed, "$.placed")
        cancellation = self._cancellation()
        draft = OrderDraft(
            system="canonical",
            object_type="order",
            order_id=content.order_id,
            change=content.change or _change(cancellation),
            occurred=self._time(content.occurred, "$.occurred") or placed,
            placed=placed,
            currency=self._currency,
            presentment_currency=content.presentment_currency,
            exchange_rate=content.exchange_rate,
            exchange_rate_source=content.exchange_rate_source,
            tax_mode=self._tax_mode(),
            lines=self._lines(),
            stated=self._stated(content.stated),
            adjustments=self._adjustments(content.adjustments, "$"),
            order_name=content.order_name,
            commitment=content.commitment,
            fulfilled_by=content.fulfilled_by,
            payment=self._payment(),
            cancellation=cancellation,
            replaces=content.replaces,
            parties=content.parties,
            shipping_method_raw=content.shipping_method_raw,
            service_level=content.service_level,
            location_hint=content.location_hint,
            buyer_reference=content.buyer_reference,
            notes=content.notes,
            extensions=content.extensions,
            mapping_version=MAPPING_VERSION,
        )
        self._dates(draft)
        if self._foreign:
            raise refuse_all(RejectionCode.CURRENCY_MIXED, self._foreign)
        return draft

    def _dates(self, draft: OrderDraft) -> None:
        for name in ("requested_ship", "requested_delivery", "ship_by", "deliver_by", "cancel_after"):
            setattr(draft, name, self._time(getattr(self._content, name), f"$.{name}"))

    def _required_time(self, stated: BusinessTime | str, path: str) -> BusinessTime:
        if isinstance(stated, BusinessTime):
            return stated
        return business_time(stated, path, zone=self._profile.business_zone)

    def _time(self, stated: BusinessTime | str | None, path: str) -> BusinessTime | None:
        return None if stated is None else self._required_time(stated, path)

    def _tax_mode(self) -> TaxMode:
        stated = self._content.tax_mode
        if stated is not None and stated is not TaxMode.UNKNOWN:
            return stated
        mode, _ = order_tax_mode(None, self._profile, "$.tax_mode")
        return mode

    def _cancellation(self) -> Cancellation:
        stated = self._content.cancellation
        if stated is None:
            return Cancellation(status=CancellationStatus.NONE)
        at = self._time(stated.at, "$.cancellation.at")
        return Cancellation(status=stated.status, reason_raw=stated.reason_raw, at=at)

    def _payment(self) -> OrderPayment:
        stated = self._content.payment
        if stated is None:
            return OrderPayment(status=PaymentStatus.UNKNOWN)
        payments = []
        for index, one in enumerate(stated.payments):
            path = f"$.payment.payments[{index}]"
            self._pair(one.amount, f"{path}.amount")
            payments.append(
                Payment(
                    psp_account=one.psp_account,
                    psp_reference=one.psp_reference,
                    kind=one.kind,
                    amount=one.amount,
                    at=self._time(one.at, f"{path}.at"),
                )
            )
        return OrderPayment(status=stated.status, payments=tuple(payments))

    # ---- money -----------------------------------------------------------------------------------------

    def _pair(self, amount: DualMoney, path: str) -> Pair:
        if amount.currency != self._currency:
            self._foreign.append((f"{path}.currency", f"the order is in {self._currency}"))
        elif amount.presentment_currency != self._presentment:
            self._foreign.append(
                (f"{path}.presentment_currency", f"the order is shown in {self._presentment}")
            )
        return Pair(amount.amount, amount.presentment_amount)

    def _said(self, amount: DualMoney | None, path: str) -> Pair | None:
        return None if amount is None else self._pair(amount, path)

    def _base(self, base: Money | None, path: str) -> Decimal | None:
        if base is None:
            return None
        if base.currency != self._currency:
            self._foreign.append((f"{path}.currency", f"the order is in {self._currency}"))
        return base.amount

    def _stated(self, stated: StatedPart) -> StatedDraft:
        count, quantity = self._content.line_count, self._content.quantity_total
        return StatedDraft(
            subtotal=self._said(stated.subtotal, "$.stated.subtotal"),
            shipping=self._said(stated.shipping, "$.stated.shipping"),
            discount=self._said(stated.discount, "$.stated.discount"),
            tax=self._said(stated.tax, "$.stated.tax"),
            total=self._said(stated.total, "$.stated.total"),
            line_count=count,
            quantity_total=quantity,
        )

    def _taxes(self, taxes: Iterable[TaxPart], path: str) -> list[TaxDraft]:
        return [
            TaxDraft(
                self._pair(tax.amount, f"{path}.tax_lines[{index}].amount"),
                tax.rate_percent,
                self._base(tax.base, f"{path}.tax_lines[{index}].base"),
                tax.category,
                tax.jurisdiction,
                tax.is_included,
                tax.is_withheld_by_channel,
            )
            for index, tax in enumerate(taxes)
        ]

    def _adjustments(self, adjustments: Iterable[AdjustmentPart], path: str) -> list[AdjustmentDraft]:
        return [
            self._adjustment(one, f"{path}.adjustments[{index}]") for index, one in enumerate(adjustments)
        ]

    def _adjustment(self, one: AdjustmentPart, path: str) -> AdjustmentDraft:
        amount = self._pair(one.amount, f"{path}.amount")
        if (amount.shop < 0) is one.is_charge and amount.shop:
            detail = "a charge is positive and an allowance negative; correct the sign or is_charge"
            raise refuse_all(RejectionCode.FIELD_INVALID, [(f"{path}.amount", detail)])
        parts = tuple(
            (part.line_id, self._pair(part.amount, f"{path}.allocations[{index}].amount"))
            for index, part in enumerate(one.allocations)
        )
        unknown = [index for index, (line_id, _) in enumerate(parts) if line_id not in self._line_ids]
        if unknown:
            problems = [(f"{path}.allocations[{index}].line_id", "no line has this id") for index in unknown]
            raise refuse_all(RejectionCode.FIELD_INVALID, problems)
        return AdjustmentDraft(
            kind=one.kind,
            is_charge=one.is_charge,
            amount=amount,
            reason_raw=one.reason_raw,
            taxes=tuple(self._taxes(one.tax_lines, path)),
            allocations=parts or None,
            funded_by=one.funded_by,
        )

    # ---- lines -----------------------------------------------------------------------------------------

    def _lines(self) -> list[LineDraft]:
        lines = [self._line(line, f"$.lines[{index}]") for index, line in enumerate(self._content.lines)]
        repeated = {
            line_id for line_id, times in Counter(line.line_id for line in lines).items() if times > 1
        }
        if repeated:
            problems = [
                (f"{line.path}.line_id", "two lines have this id")
                for line in lines
                if line.line_id in repeated
            ]
            raise refuse_all(RejectionCode.FIELD_INVALID, problems)
        return lines

    def _line(self, line: LinePart, path: str) -> LineDraft:
        if line.extended is None and line.unit_price is None:
            detail = "extended or unit_price is needed"
            raise refuse_all(RejectionCode.FIELD_INVALID, [(f"{path}.extended", detail)])
        unit, factor = resolve_unit(line.ordered.unit, self._profile, path=f"{path}.ordered.unit")
        stock = line.stock_quantity
        if stock is None and (factor != 1 or unit != line.ordered.unit):
            stock = Quantity(value=line.ordered.value * factor, unit=unit)
        draft = LineDraft(
            line_id=line.line_id,
            ordered=line.ordered.value,
            unit=line.ordered.unit,
            price_basis=line.price_basis,
            extended=self._said(line.extended, f"{path}.extended"),
            identifiers=_identifiers(line),
            kind=line.kind,
            parent_line_id=line.parent_line_id,
            stock=stock,
            cancelled=_value(line.cancelled),
            fulfilled=_value(line.fulfilled_reported),
            returned=_value(line.returned_reported),
            taxes=self._taxes(line.tax_lines, path),
            adjustments=self._adjustments(line.adjustments, path),
            requested_ship=self._time(line.requested_ship, f"{path}.requested_ship"),
            path=path,
        )
        self._price(line, draft, path)
        return draft

    def _price(self, line: LinePart, draft: LineDraft, path: str) -> None:
        price = line.unit_price
        if price is None:
            return
        if price.currency != self._currency:
            self._foreign.append((f"{path}.unit_price.currency", f"the order is in {self._currency}"))
        if price.per.value <= 0:
            detail = "the price basis is a positive quantity"
            raise refuse_all(RejectionCode.FIELD_INVALID, [(f"{path}.unit_price.per.value", detail)])
        is_dual = self._presentment != self._currency
        if is_dual and draft.extended is None:
            detail = "extended is needed: a unit price has one currency, the order two"
            raise refuse_all(RejectionCode.FIELD_INVALID, [(f"{path}.extended", detail)])
        draft.unit_price = Pair(price.amount, price.amount)
        draft.price_per, draft.price_unit = price.per.value, price.per.unit
        draft.is_price_compared = price.per.unit == line.ordered.unit


def _identifiers(line: LinePart) -> tuple[Identifier, ...]:
    """Identifiers as said; a bare `sku` counts as one of scheme sku."""
    has_sku = any(one.scheme is IdentifierScheme.SKU for one in line.identifiers)
    if line.sku and not has_sku:
        return (Identifier(scheme=IdentifierScheme.SKU, value=line.sku), *line.identifiers)
    return line.identifiers


def _value(quantity: Quantity | None) -> Decimal:
    return _NONE if quantity is None else quantity.value


def _change(cancellation: Cancellation) -> Change:
    return Change.CANCELLED if cancellation.status is CancellationStatus.CANCELLED else Change.UPDATED
