"""What a line orders, in its own unit and in that of the stock.

Invariant: a quantity that the stock's unit does not hold exactly is carried rounded, with the variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from crossdock.canonical.models import Quantity, Variance, VarianceCode
from crossdock.formats.decimals import spelled
from crossdock.formats.edi.document import Document
from crossdock.formats.order_variances import variance

_SIX_PLACES: Final = Decimal("0.000001")
_EACH: Final = "EA"
_PACKAGE_LENGTH: Final = 3
"""Length of a package code: X and two characters of Rec 21."""


@dataclass(slots=True)
class Ordered:
    """What a line orders: quantity, its unit, and how much of the stock unit one of it holds."""

    value: Decimal
    unit: str
    stock_unit: str
    factor: Decimal

    @property
    def is_package(self) -> bool:
        """Whether the unit holds several of another: then `per hundred` has no one meaning.

        It does where the profile says how many, and where it is a package of Rec 21 (`XCS`, a case).
        """
        return self.factor != 1 or (len(self.unit) == _PACKAGE_LENGTH and self.unit.startswith("X"))

    @classmethod
    def unsaid(cls, document: Document[Any, Any], path: str) -> Ordered:
        """Nothing, of a line that only names what is cancelled; with a warning."""
        detail = "the cancelled line states no quantity; it is carried with a quantity of 0"
        document.warn("line_reference_only", detail, path)
        return cls(Decimal(0), _EACH, _EACH, Decimal(1))

    def in_stock(self, line_id: str, variances: list[Variance]) -> Quantity | None:
        """The quantity in the stock's unit; None where it is the ordered one."""
        if self.factor == 1:
            return None
        exact = self.value * self.factor
        value = exact.quantize(_SIX_PLACES, ROUND_HALF_EVEN)
        if value != exact:
            figures = (exact.quantize(_SIX_PLACES), value)
            variances.append(
                variance(VarianceCode.UNIT_FACTOR, line_id, figures, self.stock_unit, Decimal(0))
            )
        return Quantity(value=spelled(value, 0), unit=self.stock_unit)
