"""From a draft to an Order: our own sums, allocations and variances, in both currencies of the order.

Invariant: `computed.subtotal + shipping + discount + other charges + taxes that are not included =
computed.total`; allocations sum to their adjustment to the last unit; Σ net = subtotal + goods
discounts; nothing said is changed, every difference is a variance `stated − computed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from pydantic import ValidationError

from crossdock.canonical.codec import encode_fields
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import (
    AdjustmentKind,
    AdjustmentScope,
    Change,
    Order,
    OrderLine,
    PartnerProfile,
    Revision,
    RevisionKind,
    SourceRef,
    TaxMode,
)
from crossdock.canonical.models.instances import trusted
from crossdock.canonical.money import allocate, currency_exponent, extend
from crossdock.canonical.reading import Reading, Warning
from crossdock.canonical.record import Record
from crossdock.formats.decimals import spelled
from crossdock.formats.order_draft import (
    NOTHING,
    AdjustmentDraft,
    LineDraft,
    OrderDraft,
    Pair,
    RevisionMark,
    TaxDraft,
)
from crossdock.formats.order_limits import check_order
from crossdock.formats.order_models import Allocations, Content, ModelBuilder
from crossdock.formats.order_variances import Sums, variances_of
from crossdock.formats.refusals import misfit

GOODS_REDUCTIONS: Final = frozenset({AdjustmentKind.DISCOUNT, AdjustmentKind.ALLOWANCE})
"""Adjustments of these kinds lower the lines' net; shipping allowances lower only shipping."""
_NO_DIGEST: Final = "0" * 64
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_CONTENT: Final[dict[str, object]] = {
    "source": SourceRef(system="", account="", object_type="", object_id="", captured_at=_EPOCH),
    "revision": Revision(kind=RevisionKind.NONE, value="", captured_at=_EPOCH, content_sha256=_NO_DIGEST),
    "change": Change.UNKNOWN,
    "variances": (),
    "notes": None,
}
"""What stands for capture and echo fields in a digest: what we write into the channel must come back as
a duplicate (F6). Variances follow from the content and the profile's tolerances; `occurred`, when the
order was last touched, is replaced by when it was placed."""
_AS_SAID: Final = (
    *("order_id", "order_name", "change", "occurred", "placed", "currency", "presentment_currency"),
    *("exchange_rate", "exchange_rate_source", "tax_mode", "payment", "cancellation", "replaces", "parties"),
    *("requested_ship", "requested_delivery", "ship_by", "deliver_by", "cancel_after"),
    *("shipping_method_raw", "service_level", "location_hint", "buyer_reference", "notes", "extensions"),
)
"""Fields of the draft that stand in the Order unchanged."""


def finish_order(draft: OrderDraft, profile: PartnerProfile, record: Record, revision: RevisionMark) -> Order:
    """The Order of a draft, with computed sums, allocations, counts and variances.

    Tenant and channel come from the record's key. `reading_of` fills in `revision.content_sha256`.
    Raises Rejected where a figure or text does not fit the model; the path names the field.
    """
    try:
        return _finished(draft, profile, record, revision)
    except InvalidOperation as error:
        raise Rejected(
            RejectionCode.AMOUNT_UNPARSABLE, "a product of price and quantity exceeds decimal(18,4)", ""
        ) from error
    except ValidationError as error:
        raise misfit(error) from error


def reading_of(order: Order, *, is_original: bool = False, warnings: Sequence[Warning] = ()) -> Reading:
    """The Reading of one order; its digest leaves out source, capture and echo fields.

    A line of which more is reported fulfilled and cancelled than was ordered is told, and kept as said.
    """
    digest = digest_of(order)
    revision = trusted(Revision, order.revision.__dict__ | {"content_sha256": digest.hex()})
    entity = trusted(Order, order.__dict__ | {"revision": revision})
    return Reading((entity,), revision, digest, is_original, (), (*warnings, *_overruns(order)))


def _overruns(order: Order) -> Iterator[Warning]:
    for index, line in enumerate(order.lines):
        moved = line.fulfilled_reported.value + line.cancelled.value
        if moved and moved > line.ordered.value:
            detail = "more is reported fulfilled and cancelled than was ordered; kept as said"
            yield Warning("fulfilled_above_ordered", detail, f"Order.lines.{index}.fulfilled_reported")


def total_of(draft: OrderDraft) -> Decimal:
    """Our own total of a draft, in shop currency."""
    adjustments = [a for line in draft.lines for a in line.adjustments] + draft.adjustments
    is_inside = draft.tax_mode is TaxMode.INCLUSIVE
    taxes = [*draft.taxes, *_all_taxes(draft)]
    added = [tax for tax in taxes if not (is_inside if tax.is_included is None else tax.is_included)]
    amounts = [*[one.amount for one in adjustments], *[tax.amount for tax in added]]
    return _total([*map(extended_of, draft.lines), *amounts]).shop


def digest_of(order: Order) -> bytes:
    """sha256 (32 bytes) of the canonical content that belongs to the order itself, as its Avro bytes.

    Avro because its writer is the fastest and spells equal decimals equally; a field that a release adds
    to the schema therefore changes the digests of that release.
    """
    content = encode_fields(Order, order.__dict__ | _NOT_CONTENT | {"occurred": order.placed})
    return hashlib.sha256(content).digest()


def _finished(draft: OrderDraft, profile: PartnerProfile, record: Record, revision: RevisionMark) -> Order:
    check_order(draft)
    extended = [extended_of(line) for line in draft.lines]
    shares = _Shares(draft, extended)
    allocations = [shares.of(adjustment) for adjustment in draft.adjustments]
    nets = _nets(draft, extended, allocations)
    _spread_taxes(draft, shares)
    _settle_tax_inclusion(draft)
    sums = _sums(draft, extended)
    build = ModelBuilder(draft.currency, draft.presentment_currency or draft.currency)
    tenant, channel = split_key(record.key or b"")[:2]
    content: dict[str, object] = {name: getattr(draft, name) for name in _AS_SAID}
    content |= _from_profile(draft, profile)
    content |= {
        "key": join_key(tenant, channel, draft.order_id),
        "tenant": tenant,
        "revision": _revision(revision, record),
        "source": _source(draft, record, channel),
        "variances": variances_of(draft, sums, extended, profile.tolerances.order_total),
        "lines": _lines(draft, build, zip(extended, nets, strict=True), profile),
        "adjustments": [
            build.adjustment(adjustment, parts, AdjustmentScope.ORDER)
            for adjustment, parts in zip(draft.adjustments, allocations, strict=True)
        ],
        "stated": build.stated(draft.stated),
        "computed": build.computed(sums),
        "line_count": len(draft.lines),
        "quantity_total": spelled(sum((line.ordered for line in draft.lines), Decimal(0)), 0),
    }
    return Order.model_validate(content)


def _lines(
    draft: OrderDraft, build: ModelBuilder, amounts: Iterable[tuple[Pair, Pair]], profile: PartnerProfile
) -> list[OrderLine | Content]:
    lines = []
    for line, (gross, net) in zip(draft.lines, amounts, strict=True):
        try:
            lines.append(build.line(line, gross, net, profile))
        except ValidationError as error:
            raise misfit(error, line.path) from error
    return lines


def _from_profile(draft: OrderDraft, profile: PartnerProfile) -> dict[str, object]:
    channel, money = profile.channel, profile.money
    assert channel is not None, "profiles of order senders have it (section_problems)"
    assert money is not None, "profiles of order senders have it (section_problems)"
    return {
        "commitment": draft.commitment or channel.commitment,
        "fulfilled_by": draft.fulfilled_by or channel.fulfilled_by,
        "rounding": money.rounding,
    }


def _revision(mark: RevisionMark, record: Record) -> dict[str, object]:
    return {
        "kind": mark.kind,
        "value": mark.value,
        "captured_at": record.time,
        "content_sha256": _NO_DIGEST,
    }


def _source(draft: OrderDraft, record: Record, channel: str) -> dict[str, object]:
    return {
        "system": draft.system,
        "account": channel,
        "object_type": draft.object_type,
        "object_id": draft.order_id,
        "raw_topic": record.topic,
        "raw_partition": record.partition,
        "raw_offset": record.offset,
        "captured_at": record.time,
        "mapping_version": draft.mapping_version,
        "via": draft.via,
    }


def extended_of(line: LineDraft) -> Pair:
    """Line amount before discount: as stated, else by the price; nothing where neither is known."""
    if line.extended is not None:
        return line.extended
    if line.unit_price is None:
        return NOTHING
    price, presented = line.unit_price
    shop = extend(price, line.ordered, line.price_per)
    return Pair(shop, shop if presented == price else extend(presented, line.ordered, line.price_per))


class _Shares:
    """How order-level amounts are shared by the lines: by net amount, remainder to the largest,
    ties by line id (canonical-model §2)."""

    def __init__(self, draft: OrderDraft, extended: Sequence[Pair]) -> None:
        self._lines = draft.lines
        self._extended = extended
        self._currencies = (draft.currency, draft.presentment_currency or draft.currency)
        self._ids: list[str] = []
        self._weights: list[list[Decimal]] = []

    def of(self, adjustment: AdjustmentDraft) -> Allocations:
        """The source's own allocations where they sum to the amount, else ours."""
        stated = adjustment.allocations
        if stated is not None and _total(part for _, part in stated) == adjustment.amount:
            return stated
        return self.split(adjustment.amount)

    def split(self, amount: Pair) -> Allocations:
        """Parts of the amount per line id; none for a zero amount."""
        if amount == NOTHING:
            return ()
        if len(self._lines) == 1:
            return ((self._lines[0].line_id, amount),)
        if not self._ids:
            self._weigh()
        shop = presentment = self._side(amount.shop, 0)
        if self._currencies[0] != self._currencies[1]:
            presentment = self._side(amount.presentment, 1)
        return tuple(
            (line_id, Pair(a, b))
            for line_id, a, b in zip(self._ids, shop, presentment, strict=True)
            if a or b
        )

    def _weigh(self) -> None:
        """Line ids in order, and what each line weighs per currency: its net before the sharing."""
        own = sorted(
            (line.line_id, _plus(amount, _reductions(line.adjustments)))
            for line, amount in zip(self._lines, self._extended, strict=True)
        )
        self._ids = [line_id for line_id, _ in own]
        sides = (0,) if self._currencies[0] == self._currencies[1] else (0, 1)
        self._weights = [_weights([net[side] for _, net in own]) for side in sides]

    def _side(self, amount: Decimal, side: int) -> Sequence[Decimal]:
        return allocate(amount, self._weights[side], currency_exponent(self._currencies[side]))


def _weights(nets: list[Decimal]) -> list[Decimal]:
    return [max(net, Decimal(0)) for net in nets]


def _plus(left: Pair, right: Pair) -> Pair:
    return Pair(left.shop + right.shop, left.presentment + right.presentment)


def _total(amounts: Iterable[Pair]) -> Pair:
    shop = presentment = Decimal(0)
    for amount in amounts:
        shop += amount.shop
        presentment += amount.presentment
    return Pair(shop, presentment)


def _reductions(adjustments: Iterable[AdjustmentDraft]) -> Pair:
    return _total(a.amount for a in adjustments if a.kind in GOODS_REDUCTIONS)


def _nets(draft: OrderDraft, extended: Sequence[Pair], allocations: Sequence[Allocations]) -> list[Pair]:
    nets = [
        _plus(amount, _reductions(line.adjustments)) if line.adjustments else amount
        for line, amount in zip(draft.lines, extended, strict=True)
    ]
    index = {line.line_id: i for i, line in enumerate(draft.lines)}
    for adjustment, parts in zip(draft.adjustments, allocations, strict=True):
        if adjustment.kind in GOODS_REDUCTIONS:
            for line_id, part in parts:
                nets[index[line_id]] = _plus(nets[index[line_id]], part)
    return nets


def _spread_taxes(draft: OrderDraft, shares: _Shares) -> None:
    index = {line.line_id: line for line in draft.lines}
    for tax in draft.taxes:
        for line_id, part in shares.split(tax.amount):
            index[line_id].taxes.append(
                TaxDraft(
                    part,
                    tax.rate_percent,
                    None,
                    tax.category,
                    tax.jurisdiction,
                    tax.is_included,
                    tax.is_withheld_by_channel,
                    tax.is_beside_total,
                )
            )


def _all_taxes(draft: OrderDraft) -> Iterable[TaxDraft]:
    for line in draft.lines:
        yield from line.taxes
        for adjustment in line.adjustments:
            yield from adjustment.taxes
    for adjustment in draft.adjustments:
        yield from adjustment.taxes


def _settle_tax_inclusion(draft: OrderDraft) -> None:
    is_inside = draft.tax_mode is TaxMode.INCLUSIVE
    for tax in _all_taxes(draft):
        if tax.is_included is None:
            tax.is_included = is_inside


def _sums(draft: OrderDraft, extended: Sequence[Pair]) -> Sums:
    adjustments = [a for line in draft.lines for a in line.adjustments] + draft.adjustments
    taxes = list(_all_taxes(draft))
    subtotal = _total(extended)
    goods_discount = _reductions(adjustments)
    freight = [a for a in adjustments if a.kind is AdjustmentKind.SHIPPING]
    shipping = _total(a.amount for a in freight if a.is_charge)
    off_shipping = _total(a.amount for a in freight if not a.is_charge)
    total = _total(
        [subtotal] + [a.amount for a in adjustments] + [tax.amount for tax in taxes if not tax.is_included]
    )
    discount = _plus(goods_discount, off_shipping)
    beside = _total(tax.amount for tax in taxes if tax.is_beside_total)
    return Sums(subtotal, goods_discount, shipping, discount, _total(t.amount for t in taxes), total, beside)
