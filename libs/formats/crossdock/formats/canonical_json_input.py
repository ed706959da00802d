"""What a partner may write in our order JSON: the canonical Order, with what Crossdock adds left out.

Invariant: field names and types are those of the canonical models; required is only what nobody but the
partner can know. Unknown fields are refused.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from crossdock.canonical.models import (
    AdjustmentKind,
    Amount,
    BusinessTime,
    CancellationStatus,
    Change,
    Commitment,
    ComputedTotals,
    Currency,
    DualMoney,
    Extension,
    FulfilledBy,
    FundedBy,
    Identifier,
    LineKind,
    Money,
    Party,
    PaymentKind,
    PaymentStatus,
    Percent,
    Price,
    PriceBasis,
    Quantity,
    Rate,
    RevisionKind,
    Rounding,
    SourceRef,
    TaxCategory,
    TaxMode,
    Text,
    UnitPrice,
    Variance,
)
from crossdock.formats.json_document import place_name


def _both_currencies(value: object) -> object:
    """A Money where both currencies are one stands for a DualMoney."""
    if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
        return {
            **value,
            "presentment_amount": value["amount"],
            "presentment_currency": value["currency"],
        }
    return value


Moment = Annotated[BusinessTime | str, Field(union_mode="left_to_right")]
"""The whole business time, or ISO 8601 text that is completed by the profile's zone."""
Dual = Annotated[DualMoney, BeforeValidator(_both_currencies)]
"""Both currencies, or a Money where they are one."""


class DocumentPart(BaseModel):
    """Part of the document; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RevisionPart(DocumentPart):
    """Which state of the order this is."""

    kind: RevisionKind | None = None
    value: str = ""
    captured_at: object = None
    content_sha256: object = None


class TaxPart(DocumentPart):
    """One tax; `is_included` follows the order's tax mode where it is left out."""

    amount: Dual
    base: Money | None = None
    rate_percent: Percent | None = None
    category: TaxCategory = TaxCategory.UNKNOWN
    jurisdiction: str = ""
    is_included: bool | None = None
    is_withheld_by_channel: bool = False


class AllocationPart(DocumentPart):
    """Part of an order-level adjustment that belongs to one line."""

    line_id: Text
    amount: Dual


class AdjustmentPart(DocumentPart):
    """A charge or allowance; the amount is signed."""

    kind: AdjustmentKind
    is_charge: bool
    amount: Dual
    tax_lines: tuple[TaxPart, ...] = ()
    allocations: tuple[AllocationPart, ...] = ()
    reason_raw: str = ""
    scope: object = None
    funded_by: FundedBy = FundedBy.SELLER


class LinePart(DocumentPart):
    """One line."""

    line_id: Text
    parent_line_id: str | None = None
    kind: LineKind = LineKind.GOODS
    identifiers: tuple[Identifier, ...] = ()
    sku: str | None = None
    resolution: object = None
    ordered: Quantity
    stock_quantity: Quantity | None = None
    cancelled: Quantity | None = None
    fulfilled_reported: Quantity | None = None
    returned_reported: Quantity | None = None
    price_basis: PriceBasis = PriceBasis.UNIT
    unit_price: UnitPrice | None = None
    extended: Dual | None = None
    net: Dual | None = None
    tax_lines: tuple[TaxPart, ...] = ()
    adjustments: tuple[AdjustmentPart, ...] = ()
    requested_ship: Moment | None = None
    source: SourceRef | None = None


class PaymentPart(DocumentPart):
    """One payment transaction."""

    psp_account: str = ""
    psp_reference: str = ""
    kind: PaymentKind
    amount: Dual
    at: Moment | None = None


class PaymentsPart(DocumentPart):
    """Payment axis."""

    status: PaymentStatus
    payments: tuple[PaymentPart, ...] = ()


class CancellationPart(DocumentPart):
    """Cancellation axis."""

    status: CancellationStatus
    reason_raw: str | None = None
    at: Moment | None = None


class StatedPart(DocumentPart):
    """Totals as the partner states them."""

    subtotal: Dual | None = None
    shipping: Dual | None = None
    discount: Dual | None = None
    tax: Dual | None = None
    total: Dual | None = None


class OrderDocument(DocumentPart):
    """The whole order."""

    key: str | None = None
    tenant: str | None = None
    change: Change | None = None
    revision: RevisionPart | None = None
    occurred: Moment | None = None
    source: SourceRef | None = None
    variances: tuple[Variance, ...] = ()
    extensions: tuple[Extension, ...] = ()
    order_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    order_name: str | None = None
    commitment: Commitment | None = None
    placed: Moment
    currency: Currency | None = None
    presentment_currency: Currency | None = None
    exchange_rate: Rate | None = None
    exchange_rate_source: str | None = None
    tax_mode: TaxMode | None = None
    rounding: Rounding | None = None
    payment: PaymentsPart | None = None
    cancellation: CancellationPart | None = None
    replaces: str | None = None
    parties: tuple[Party, ...] = ()
    requested_ship: Moment | None = None
    requested_delivery: Moment | None = None
    ship_by: Moment | None = None
    deliver_by: Moment | None = None
    cancel_after: Moment | None = None
    shipping_method_raw: str | None = None
    service_level: str | None = None
    location_hint: str | None = None
    fulfilled_by: FulfilledBy | None = None
    lines: Annotated[tuple[LinePart, ...], Field(min_length=1)]
    adjustments: tuple[AdjustmentPart, ...] = ()
    stated: StatedPart = StatedPart()
    computed: ComputedTotals | None = None
    line_count: Amount | None = None
    quantity_total: Price | None = None
    buyer_reference: str | None = None
    notes: str | None = None


_UNION_STEPS: Final = frozenset({"BusinessTime", "str"})


def problems_of(error: ValidationError) -> list[tuple[str, str]]:
    """(JSON path, what is wrong) of each problem, without any value of the document."""
    problems: dict[str, str] = {}
    lists: set[str] = set()
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        path = "$"
        for step in item["loc"]:
            if step in _UNION_STEPS:
                continue
            if isinstance(step, int):
                lists.add(path)
            path += place_name(step)
        said = _told(item["type"], str(item["loc"][-1])) or item["msg"].removeprefix("Value error, ")
        problems.setdefault(path, said)
    return [(path, text) for path, text in problems.items() if not _follows(path, problems, lists)]


def _told(kind: str, name: str) -> str | None:
    """A problem in our words; None where pydantic's say it."""
    if kind == "missing":
        return "the field is required and has no value"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "an object is needed here, not a single value or a list"
    if kind != "extra_forbidden":
        return None
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    close = get_close_matches(snake, _names(), 1)
    return f"no field is called so{f'; write {close[0]}' if close else ''}"


@cache
def _names() -> tuple[str, ...]:
    """All field names of the document."""
    own = {name for part in DocumentPart.__subclasses__() for name in part.model_fields}
    shared = {name for model in (Quantity, UnitPrice, DualMoney, Party) for name in model.model_fields}
    return tuple(sorted(own | shared))


def _follows(path: str, problems: dict[str, str], lists: set[str]) -> bool:
    """A problem that only follows from another: a Money stands for both sides of a DualMoney, and lines
    that are all wrong count as none."""
    twin = path.replace(".presentment_", ".")
    return (twin != path and twin in problems) or path in lists
