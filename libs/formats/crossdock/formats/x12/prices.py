"""What a PO1 line costs: price, its basis, and the amount of the whole line.

Invariant: the extended amount follows from stated figures by exact arithmetic (half-even to 4 places at
the end), or there is none; an ambiguous price is refused at its place, never read one way or the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import PartnerProfile, PriceBasis
from crossdock.canonical.units import X12_UNITS, resolve_unit
from crossdock.formats.edi.measures import converted
from crossdock.formats.edi.ordered import Ordered
from crossdock.formats.x12 import codes
from crossdock.formats.x12.document import Document, Segment
from crossdock.formats.x12.values import Numbers

_EXACT: Final = Context(prec=200)
_FOUR_PLACES: Final = Decimal("0.0001")
_SIX_PLACES: Final = Decimal("0.000001")
_RETAIL_PRICES: Final = frozenset({"MSR", "RES", "RTL", "SRP", "RET", "MAP", "ESP", "RRP", "SUG"})
"""Element 236: prices that a consumer pays; never what the order costs."""
_PREFERRED_PRICES: Final = ("UCP", "NET", "CON", "PUR", "INV")
"""Element 236: which of several prices the buyer pays, first wins."""


class Measured(NamedTuple):
    """A quantity in a Rec 20 unit."""

    value: Decimal
    unit: str


@dataclass(slots=True)
class LinePrice:
    """Result: price as said, what it is per, and the line amount where it is not price × quantity / per."""

    price: Decimal | None = None
    per: Decimal = Decimal(1)
    per_unit: str = ""
    """Unit of `per`; empty means the ordered unit."""
    basis: PriceBasis = PriceBasis.UNKNOWN
    extended: Decimal | None = None
    """Line amount to 4 places, where a conversion stands between price and quantity."""
    exact: Decimal | None = None
    """The same to 6 places."""
    warnings: list[tuple[str, str, str]] = field(default_factory=list)
    """(code, detail, path)."""


@dataclass(slots=True)
class PricedBy:
    """What a line states besides PO1: its CTP segments, and the quantities of those that have one."""

    ctps: list[Segment]
    quantities: list[tuple[Segment, Measured]]
    """CTP04/CTP05 in a known unit."""


@dataclass(slots=True)
class PriceSource:
    """Which element states the basis, the price, and the quantities that CTP segments state."""

    segment: Segment
    basis_at: int
    price: Decimal
    quantities: list[tuple[Segment, Measured]]
    ordered_in: str
    """Unit of the line as said."""

    @property
    def basis(self) -> str:
        """Element 639 code; empty where none is stated."""
        return self.segment.code(self.basis_at)


def priced_by(ctps: list[Segment], document: Document, profile: PartnerProfile, numbers: Numbers) -> PricedBy:
    """The CTP segments of a line, with the quantities of those that state one in a known unit.

    Raises Rejected `amount_unparsable` where such a quantity is no number.
    """
    found = []
    component = document.delimiters.component
    for ctp in ctps:
        raw = ctp.code(5).split(component)[0] if component else ctp.code(5)
        if ctp.get(4) and raw:
            try:
                unit, factor = resolve_unit(raw, profile, path=ctp.path(5), code_list=X12_UNITS)
            except Rejected:
                continue  # only a quantity that the price needs must have a known unit
            found.append((ctp, Measured(numbers.number(ctp, 4) * factor, unit)))
    return PricedBy(ctps, found)


def price_of(po1: Segment, ordered: Ordered, priced_by: PricedBy, numbers: Numbers) -> LinePrice:
    """Price of a line from PO104/PO105, else from its CTP segments.

    Raises:
        Rejected: `amount_unparsable`, `field_invalid` where a price cannot be read in one way.
    """
    basis = po1.code(5)
    if basis in codes.WITHOUT_PRICE and not po1.get(4):
        return LinePrice()
    if basis == codes.NO_CHARGE:
        return _free(po1, numbers)
    if po1.get(4):
        price = numbers.amount(po1, 4)
        source: PriceSource | None = PriceSource(po1, 5, price, priced_by.quantities, po1.code(3))
    else:
        source = _from_ctp(po1, priced_by, numbers)
    return LinePrice() if source is None else _by_basis(source, ordered)


def _free(po1: Segment, numbers: Numbers) -> LinePrice:
    if po1.get(4) and numbers.amount(po1, 4) != 0:
        raise po1.refuse(
            RejectionCode.FIELD_INVALID, "PO105 says no charge and PO104 states a price; state one of them", 5
        )
    return LinePrice(price=Decimal(0), basis=PriceBasis.UNIT)


def _from_ctp(po1: Segment, priced_by: PricedBy, numbers: Numbers) -> PriceSource | None:
    """The one CTP that states what the buyer pays."""
    priced = [ctp for ctp in priced_by.ctps if ctp.get(3) and ctp.code(2) not in _RETAIL_PRICES]
    for preferred in _PREFERRED_PRICES:
        chosen = [ctp for ctp in priced if ctp.code(2) == preferred]
        if chosen:
            priced = chosen
            break
    if not priced:
        return None
    if len({(ctp.get(3), ctp.get(7), ctp.get(9)) for ctp in priced}) > 1:
        detail = "several CTP prices and no PO104; state in PO104 which one the buyer pays"
        raise priced[1].refuse(RejectionCode.FIELD_INVALID, detail, 3)
    ctp = priced[0]
    price = numbers.amount(ctp, 3)
    if ctp.get(7):
        price = _EXACT.multiply(price, numbers.number(ctp, 7))
    holder, basis_at = (ctp, 9) if ctp.get(9) else (po1, 5)
    if not holder.get(basis_at) and ctp.get(4) and numbers.number(ctp, 4) != 1:
        detail = "CTP04 may be a price basis or a quantity break; state PO104 and PO105, or CTP09"
        raise ctp.refuse(RejectionCode.FIELD_INVALID, detail, 4)
    return PriceSource(holder, basis_at, price, priced_by.quantities, po1.code(3))


def _by_basis(source: PriceSource, ordered: Ordered) -> LinePrice:
    basis = source.basis
    if basis in codes.COUNT_BASES:
        return _per_count(source, ordered, codes.COUNT_BASES[basis])
    if basis in codes.MEASURE_BASES:
        return _per_measure(source, ordered, codes.MEASURE_BASES[basis])
    if basis == codes.PER_TON:
        return _per_ton(source, ordered)
    result = LinePrice(source.price, basis=PriceBasis.UNIT)
    if basis in codes.PER_EACH and (ordered.is_package or ordered.unit in codes.PACKAGE_UNITS):
        detail = (
            f"the price is `per each` and the line is ordered in {ordered.unit}; read as per {ordered.unit}"
        )
        result.warnings.append(("price_basis_of_package", detail, source.segment.path(source.basis_at)))
    elif basis and basis == source.ordered_in and basis not in codes.PER_ORDERED_UNIT:
        detail = "the unit of the line stands where its price basis should; read as per that unit"
        result.warnings.append(("price_basis_is_unit", detail, source.segment.path(source.basis_at)))
    elif basis and basis not in codes.PER_EACH and basis not in codes.PER_ORDERED_UNIT:
        detail = f"price basis {shown(basis)} is no code of element 639; the price's unit is not known"
        raise source.segment.refuse(RejectionCode.FIELD_INVALID, detail, source.basis_at)
    return result


def _per_count(source: PriceSource, ordered: Ordered, basis: codes.CountBasis) -> LinePrice:
    if ordered.unit in basis.units:
        return LinePrice(source.price, basis=PriceBasis.UNIT)
    if ordered.is_package:
        detail = (
            f"the price is per {basis.pieces} and the line is ordered in packages; "
            "state the price per package or order in pieces"
        )
        raise source.segment.refuse(RejectionCode.FIELD_INVALID, detail, source.basis_at)
    return LinePrice(source.price, per=basis.pieces, basis=PriceBasis.PER_N)


def _per_ton(source: PriceSource, ordered: Ordered) -> LinePrice:
    if ordered.unit in codes.TON_UNITS:
        return LinePrice(source.price, basis=PriceBasis.UNIT)
    detail = "a price per ton does not say which ton; order in TN or MP, or price per pound or kilogram"
    raise source.segment.refuse(RejectionCode.FIELD_INVALID, detail, source.basis_at)


def _per_measure(source: PriceSource, ordered: Ordered, basis: codes.MeasureBasis) -> LinePrice:
    if ordered.unit == basis.unit:
        kind = PriceBasis.UNIT if basis.amount == 1 else PriceBasis.PER_N
        return LinePrice(source.price, per=basis.amount, basis=kind)
    priced = converted(ordered.value, ordered.unit, basis.unit)
    if priced is None and ordered.is_package:
        priced = converted(ordered.value * ordered.factor, ordered.stock_unit, basis.unit)
    if priced is None:
        return _by_stated_measure(source, basis)
    return _extended(source, basis, priced)


def _by_stated_measure(source: PriceSource, basis: codes.MeasureBasis) -> LinePrice:
    """The line is ordered by count and priced by measure: a CTP says how much that is."""
    found = {
        priced: ctp
        for ctp, quantity in source.quantities
        if (priced := converted(quantity.value, quantity.unit, basis.unit)) is not None and quantity.value > 1
    }
    if len(found) != 1:
        detail = (
            f"the price is per {basis.unit} and the line is ordered by count; "
            f"state the priced quantity in one CTP04/CTP05 in {basis.unit}"
        )
        raise source.segment.refuse(RejectionCode.FIELD_INVALID, detail, source.basis_at)
    priced, ctp = next(iter(found.items()))
    result = _extended(source, basis, priced)
    detail = "the line is ordered by count and priced by the quantity of its CTP"
    result.warnings.append(("priced_by_ctp_quantity", detail, ctp.path(4)))
    return result


def _extended(source: PriceSource, basis: codes.MeasureBasis, priced: Fraction) -> LinePrice:
    amount = Fraction(source.price) * priced / Fraction(basis.amount)
    return LinePrice(
        price=source.price,
        per=basis.amount,
        per_unit=basis.unit,
        basis=PriceBasis.PER_N,
        extended=_rounded(amount, _FOUR_PLACES),
        exact=_rounded(amount, _SIX_PLACES),
    )


def _rounded(amount: Fraction, step: Decimal) -> Decimal:
    """Half-even to a step that is a power of ten; round() of a Fraction is half-even and exact."""
    places = -int(step.as_tuple().exponent)
    return Decimal(round(amount * 10**places)).scaleb(-places, _EXACT)
