"""Walmart returns: return orders of the Returns API, the goods and the money of each purchase order.

Invariant: goods and money are two entities: a return of goods says nothing of money, and its refund has a
status of its own; lines of several purchase orders never mix.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    DualMoney,
    Entity,
    PartnerProfile,
    Refund,
    RefundStatus,
    Return,
    ReturnStatus,
    RevisionKind,
    VarianceCode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.json_document import Document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.json_resource import JsonResource, extensions, key_by, texts, within
from crossdock.formats.likeness import json_with
from crossdock.formats.order_draft import both
from crossdock.formats.order_models import dual_money
from crossdock.formats.order_variances import variance
from crossdock.formats.profile_rules import order_currency, order_tax_mode, revision_at
from crossdock.formats.refund_draft import RefundDraft, finish_refund
from crossdock.formats.walmart.return_lines import WalmartReturnLine, walmart_return_line
from crossdock.formats.walmart.shapes import WalmartFields, money_currency, read_walmart

MAPPING_VERSION: Final = "walmart_return/1"
_KEPT: Final = ("customerOrderId", "returnType", "replacementCustomerOrderId", "refundMode", "returnByDate")
_PROGRESS: Final = (
    ReturnStatus.REQUESTED,
    ReturnStatus.IN_TRANSIT,
    ReturnStatus.RECEIVED,
    ReturnStatus.CLOSED,
    ReturnStatus.CANCELLED,
)
"""How far a line is; the return is as far as the least of its lines."""
_REFUND_PROGRESS: Final = (
    RefundStatus.FAILED,
    RefundStatus.REQUESTED,
    RefundStatus.APPROVED,
    RefundStatus.ISSUED,
)


key = key_by(lambda document: f"return:{_return_id(document)}", read_walmart)
"""`return:<returnOrderId>` of a payload, None where it has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The return orders of a page."""
    return split_json(
        record, key, kind="return", wrappers=("returnOrders",), own_arrays=("returnOrderLines",)
    )


def read(record: Record, profile: PartnerProfile) -> Reading:
    """Return and refund of each purchase order of a return order. Raises Rejected."""
    return read_walmart(record.value, lambda document: _Mapping(document, record, profile).reading())


def _return_id(document: Document) -> str:
    node, path = within(document, "returnOrder")
    return identity(node, "returnOrderId", path)


class _Mapping(JsonResource):
    """One return order of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, within(document, "returnOrder"))
        self._fields = WalmartFields(document, profile)

    def reading(self) -> Reading:
        """The entities, refused or with their warnings."""
        _return_id(self.document)
        fields = self._fields
        if (currency := self._currency()) is not None:
            fields.currency = currency
            fields.exponent = currency_exponent(currency)
        lines = self._lines()
        times = [line.changed for line in lines if line.changed is not None]
        changed = max(times, key=lambda time: time.instant, default=None)
        mark = revision_at(changed, self.profile, RevisionKind.INSTANT_COARSE)
        entities: list[Entity] = []
        orders = list(dict.fromkeys(line.order_id for line in lines))
        for order_id in orders:
            own = [line for line in lines if line.order_id == order_id]
            entities.append(self._goods(self._head(order_id, "return", changed), own))
            total = self._stated(own, is_only=len(orders) == 1)
            if total or any(line.money is not None for line in own):
                entities.append(self._money(self._head(order_id, "refund", changed), own, total))
        if len(orders) > 1:
            entities = self._compared_together(entities)
        return reading_of_entities(entities, self.record, mark, warnings=self.document.warnings)

    def _compared_together(self, entities: list[Entity]) -> list[Entity]:
        """The total of several purchase orders is compared with their refunds together; the first tells."""
        total = self._fields.money(self.node, "totalRefundAmount", self.path)
        refunds = [one for one in entities if isinstance(one, Refund)]
        if total and not refunds:
            detail = (
                "the total is of several purchase orders without charges: it is the refund of none of them"
            )
            self.document.warn("total_shared", detail, f"{self.path}.totalRefundAmount")
        computed = sum((one.computed.total.amount for one in refunds), Decimal(0))
        if not refunds or total is None or total == computed:
            return entities
        allowed = self.profile.tolerances.order_total.floor
        figures = (total, computed)
        found = variance(
            VarianceCode.REFUND_TOTAL, "totalRefundAmount", figures, self._fields.currency, allowed
        )
        first = refunds[0].model_copy(update={"variances": (*refunds[0].variances, found)})
        return [first if one is refunds[0] else one for one in entities]

    def _currency(self) -> str | None:
        """Currency of the stated total, else of the first charge; None where no money is stated."""
        moneys = [child(self.node, "totalRefundAmount")]
        charged = False
        for line in children(self.node, "returnOrderLines"):
            moneys += [child(line, name) for name in ("refundAmount", "unitPrice")]
            moneys += [child(charge, "chargePerUnit") for charge in children(line, "charges")]
            charged = charged or bool(line.get("charges"))
        if not charged and not any(moneys):
            return None
        stated = next((code for money in moneys if (code := money_currency(money))), None)
        return order_currency(stated, self.profile, f"{self.path}.totalRefundAmount.currencyUnit")

    def _lines(self) -> list[WalmartReturnLine]:
        nodes = self._fields.lines(self.node, "returnOrderLines", self.path)
        return [
            walmart_return_line(self._fields, node, f"{self.path}.returnOrderLines[{index}]", self.profile)
            for index, node in enumerate(nodes)
        ]

    def _head(self, order_id: str, kind: str, changed: BusinessTime | None) -> Head:
        return_id = identity(self.node, "returnOrderId", self.path)
        requested = self._fields.time(self.node, "returnOrderDate", self.path)
        occurred = changed or requested
        if occurred is None:
            detail = "neither returnOrderDate nor a statusTime is stated"
            raise Rejected(RejectionCode.TIME_INVALID, detail, f"{self.path}.returnOrderDate")
        return Head(
            segments=(self.channel, order_id, return_id),
            system="walmart",
            object_type=kind,
            object_id=return_id,
            occurred=occurred,
            mapping_version=MAPPING_VERSION,
            change=Change.CREATED if changed is None or changed == requested else Change.UPDATED,
            mark=revision_at(changed, self.profile, RevisionKind.INSTANT_COARSE),
            via=self.via,
            extensions=extensions(*texts(self.node, _KEPT)),
        )

    def _goods(self, head: Head, lines: list[WalmartReturnLine]) -> Return:
        known = [line.status for line in lines if line.status in _PROGRESS]
        numbers = [text(node, "trackingNumber") for node in children(self.node, "returnOrderShipments")]
        numbers += [
            text(carrier, "trackingNo")
            for group in children(self.node, "returnLineGroups")
            for label in children(group, "labels")
            for carrier in children(label, "carrierInfoList")
        ]
        content: dict[str, object] = head.fields(self.record) | {
            "return_id": head.object_id,
            "order_id": head.segments[1],
            "status": min(known, key=_PROGRESS.index, default=ReturnStatus.UNKNOWN),
            "status_raw": ", ".join(dict.fromkeys(line.status_raw for line in lines if line.status_raw)),
            "lines": tuple(line.goods for line in lines),
            "tracking_numbers": tuple(dict.fromkeys(number for number in numbers if number)),
            "requested": self._fields.time(self.node, "returnOrderDate", self.path),
        }
        return Return.model_validate(content)

    def _stated(self, lines: list[WalmartReturnLine], *, is_only: bool) -> Decimal | None:
        """What goes out for one purchase order, as stated; None where it is not."""
        total = self._fields.money(self.node, "totalRefundAmount", self.path) if is_only else None
        own = [line.stated for line in lines if line.stated is not None]
        if total is None and len(own) == len(lines):
            total = sum(own, Decimal(0))
        return total

    def _money(self, head: Head, lines: list[WalmartReturnLine], total: Decimal | None) -> Refund:
        known = [line.refund_status for line in lines if line.refund_status in _REFUND_PROGRESS]
        head.variances += [
            variance(
                VarianceCode.UNIT_PRICE,
                line.goods.line_id or "",
                line.prices,
                self._fields.currency,
                Decimal(0),
            )
            for line in lines
            if line.prices is not None
        ]
        draft = RefundDraft(
            head=head,
            refund_id=head.object_id,
            order_id=head.segments[1],
            status=min(known, key=_REFUND_PROGRESS.index, default=RefundStatus.UNKNOWN),
            status_raw=", ".join(dict.fromkeys(line.refund_raw for line in lines if line.refund_raw)),
            currency=self._fields.currency,
            tax_mode=order_tax_mode(None, self.profile, self.path)[0],
            return_id=head.object_id,
            lines=[line.money for line in lines if line.money is not None],
            adjustments=[adjustment for line in lines for adjustment in line.adjustments],
            stated_total=None if total is None else self._total(total),
            reason_raw=next((line.goods.reason_raw for line in lines if line.goods.reason_raw), None),
        )
        return finish_refund(draft, self.document, self.profile, self.record)

    def _total(self, amount: Decimal) -> DualMoney:
        return dual_money(both(amount), self._fields.currency, self._fields.currency)


FORMAT: Final = Format(
    name="walmart_return",
    title="Walmart return order (Returns API v3)",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    entities=(Return, Refund),
    field_table=(
        Field("returnOrderId", "return_id, refund_id"),
        Field("returnOrderLines[].purchaseOrderId", "order_id", "one return and refund per purchase order"),
        Field("returnOrderLines[].statusTime", "occurred, revision", "the latest"),
        Field("returnOrderDate", "requested"),
        Field("returnOrderLines[].purchaseOrderLineNumber", "lines[].line_id"),
        Field("returnOrderLines[].item.sku", "lines[].identifiers, sku"),
        Field("returnOrderLines[].quantity", "lines[].quantity"),
        Field("returnOrderLines[].returnReason", "lines[].reason_raw, reason_raw"),
        Field(
            "returnOrderLines[].status, returnTrackingDetail", "status of the return", "the least advanced"
        ),
        Field("returnOrderLines[].isKeepIt, returnExpectedFlag", "lines[].disposition", "kept goods: none"),
        Field("returnOrderLines[].currentRefundStatus", "status of the refund", "the least advanced"),
        Field("charges[].chargePerUnit, excessCharge", "refund lines[].amount", "per unit × quantity"),
        Field("returnOrderLines[].unitPrice", "–", "compared with the charge ItemPrice"),
        Field("charges[].tax[].taxPerUnit, excessTax", "refund lines[].tax_lines"),
        Field("charges SHIPPING and others", "refund adjustments"),
        Field(
            "totalRefundAmount, refundAmount of the lines",
            "refund stated.total",
            "of several purchase orders: compared with all refunds together",
        ),
        Field("labels[].carrierInfoList[].trackingNo, returnOrderShipments", "tracking_numbers"),
        Field("customerOrderId, returnType, replacementCustomerOrderId", "extensions"),
    ),
    quirks=(
        "Charges and taxes are per unit, what rounding leaves stands in `excess…`.",
        "Money is written as currencyAmount and currencyUnit, in Mexico as amount and currency.",
        "Mexico states charges of the whole line, and a refund amount per line.",
        "A return may hold lines of several purchase orders.",
        "A replacement names a customer order, which is no key of an order here: kept as an extension.",
        "A buyer may keep the goods and get the money all the same.",
        "A charge that is not billable is no money.",
        "A total without charges is a refund without lines: the difference is told.",
    ),
    key_rule="`purchaseOrderId` of the lines and `returnOrderId`",
    revision_rule="the latest `statusTime` of its lines: later wins, a tie is broken by the capture",
    needs=(),
    looks_like=json_with("returnOrderId", "returnOrderLines", score=95),
)
