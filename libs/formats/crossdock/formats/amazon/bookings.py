"""Lines of settlements with what only marketplaces say of them: item, SKU and quantity.

Invariant: what is added names the goods; amounts and identity stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crossdock.canonical.models import SettlementLine
from crossdock.formats.order_models import quantity
from crossdock.formats.settlement_lines import LineDraft


@dataclass(slots=True)
class Booking:
    """A line before it becomes a SettlementLine. Texts are empty and the quantity None where not said."""

    draft: LineDraft
    item_reference: str = ""
    sku: str = ""
    pieces: Decimal | None = None

    def completed(self, line: SettlementLine) -> SettlementLine:
        """The line with item, SKU and quantity."""
        if not (self.sku or self.item_reference or self.pieces is not None):
            return line
        return line.model_copy(
            update={
                "item_reference": self.item_reference or None,
                "sku": self.sku or None,
                "quantity": None if self.pieces is None else quantity(self.pieces, "EA"),
            }
        )
