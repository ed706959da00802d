"""What the readers of non-order messages share: head, mark, function, dates, counts, items.

Invariant: an entity's head says which message it came from and how that message orders among others; no
date is made up where the message states none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    Entity,
    Extension,
    PartnerProfile,
    RevisionKind,
    Variance,
    VarianceCode,
    Via,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.items import ItemIds
from crossdock.formats.edifact.segment import Segment
from crossdock.formats.edifact.trade import Trade
from crossdock.formats.edifact.values import Numbers, moments_of, prepared, revision_value
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.items import resolve_item
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.order_variances import variance

NO_ORDER: Final = "-"
"""Order in keys of what names none."""
_REPEATED_MAX: Final = 50_000
"""Most values that the orders of one message repeat of its head: about 5 MB of output."""


@dataclass(slots=True)
class Report:
    """One message on its way to entities."""

    document: Document
    record: Record
    profile: PartnerProfile
    variances: list[Variance] = field(default_factory=list)
    currency: str = ""
    """Of the amounts, where the message has any."""

    @property
    def names(self) -> tuple[str, str]:
        """Tenant and partner."""
        tenant, partner = split_key(self.record.key or b"")[:2]
        return tenant, partner

    @property
    def zone(self) -> str | None:
        """Zone of the profile."""
        return self.profile.business_zone

    def occurred(self, said: BusinessTime | None) -> BusinessTime:
        """When the interchange was made, else what the message says. Raises Rejected TIME_INVALID."""
        found = prepared(self.document, self.zone) or said
        if found is None:
            detail = "no UNB04 or DTM states a date, or the profile declares no zone: set `zone` in it"
            raise self.document.segments[0].refuse(RejectionCode.TIME_INVALID, detail)
        return found

    def occurred_on(self, said: BusinessTime | None, what: str) -> BusinessTime:
        """What a message says, else (with a warning) when its interchange was made. Raises Rejected."""
        if said is not None:
            return said
        found = self.occurred(None)
        detail = f"{what} is not stated in a readable DTM; the date of the interchange is taken"
        self.document.warn("date_from_envelope", detail, self.document.segments[0].path())
        return found

    def moment(self, dates: dict[str, Segment], *wanted: str) -> BusinessTime | None:
        """The first readable date with one of these 2005 codes; unreadable ones are warned of."""
        for code in wanted:
            dtm = dates.get(code)
            if dtm is None or not dtm.get(1, 2):
                continue
            try:
                return moments_of(dtm, self.zone).start
            except (ValueError, OverflowError) as error:
                detail = f"the date is kept as said and not used: {error}"
                self.document.warn("date_unreadable", detail, dtm.path(1, 2))
        return None

    def head(  # noqa: PLR0913 - the fields that differ between entities of one message
        self,
        segments: tuple[str, ...],
        object_id: str,
        occurred: BusinessTime,
        change: Change = Change.CREATED,
        *,
        extensions: tuple[Extension, ...] = (),
        variances: list[Variance] | None = None,
    ) -> dict[str, object]:
        """The fields that every entity starts with; its variances are all of the message where not said."""
        return Head(
            segments=segments,
            system="edifact",
            object_type=self.document.message_type,
            object_id=object_id,
            occurred=occurred,
            mapping_version=f"edifact_{self.document.message_type.lower()}/1",
            change=change,
            mark=self.mark(),
            via=Via.FILE,
            variances=self.variances if variances is None else variances,
            extensions=extensions,
        ).fields(self.record)

    def mark(self) -> RevisionMark:
        """Place of the message among others of its number."""
        return RevisionMark(RevisionKind.NONE, revision_value(self.document, self.record.time))

    def reading(self, entities: Sequence[Entity], *, is_original: bool) -> Reading:
        """The reading of the message's entities."""
        return reading_of_entities(
            entities,
            self.record,
            self.mark(),
            is_original=is_original,
            warnings=self.document.warnings,
        )

    def check_size(self, orders: int, repeated: int) -> None:
        """Refuses a message whose orders would each repeat too much of its head. Raises Rejected."""
        if orders * repeated > _REPEATED_MAX:
            detail = (
                f"each of {orders} orders would repeat {repeated} values of the head, "
                f"at most {_REPEATED_MAX} in all; send one message per order"
            )
            raise self.document.segments[0].refuse(RejectionCode.OUTPUT_TOO_LARGE, detail)

    def sku(self, ids: ItemIds) -> str | None:
        """Our SKU of an item, where it resolves; what was odd about its numbers is warned of."""
        for warning in ids.warnings:
            self.document.warn(*warning)
        items = self.profile.items
        return resolve_item(tuple(ids.found), items.match, items.aliases)[0]

    def vary(
        self, code: VarianceCode, subject: str, figures: tuple[Decimal, Decimal], unit: str, lines: int = 1
    ) -> None:
        """Adds a variance of (stated, computed) where they differ; money within the profile's tolerance."""
        if figures[0] == figures[1]:
            return
        tolerance = self.profile.tolerances.order_total
        allowed = tolerance.for_lines(lines) if unit == self.currency else Decimal(0)
        self.variances.append(variance(code, subject, figures, unit, allowed))

    def count(self, trade: Trade, numbers: Numbers, lines: int, quantity: Decimal | None) -> None:
        """Compares CNT 2 with the lines and CNT 1 with the sum of quantities."""
        sublines = sum(line.sublines for line in trade.lines)
        stated = self._counted(trade, numbers, "2")
        if stated is not None and stated not in (lines, lines + sublines):
            self.vary(VarianceCode.LINE_COUNT, "line_count", (stated, Decimal(lines)), "")
        stated = self._counted(trade, numbers, "1")
        if stated is not None and quantity is not None:
            self.vary(VarianceCode.QUANTITY_TOTAL, "quantity_total", (stated, quantity), "")

    def _counted(self, trade: Trade, numbers: Numbers, code: str) -> Decimal | None:
        cnt = trade.counts.get(code)
        if cnt is None or not cnt.get(1, 2):
            return None
        try:
            return numbers.number(cnt, 1, 2)
        except Rejected as refusal:
            self.document.warn("control_total_unreadable", refusal.detail, refusal.path)
            return None


def number_of(trade: Trade) -> str:
    """Number of the document (BGM). Raises Rejected ID_MISSING."""
    if trade.bgm is not None and trade.bgm.get(2):
        return trade.bgm.get(2)
    segment = trade.bgm or trade.document.segments[0]
    raise segment.refuse(RejectionCode.ID_MISSING, "BGM02, the number of the document, is empty", 2)


def function_of(trade: Trade) -> tuple[str, Change, bool]:
    """BGM03, the change it states, and whether it says «original»; an unlisted one is told and kept."""
    code = trade.bgm.code(3) if trade.bgm is not None else ""
    found = codes.FUNCTIONS.get(code)
    if found is not None:
        return code, *found
    return code, Change.UPDATED if code in codes.PARTIAL_FUNCTIONS else Change.CREATED, False


def kept_dates(dates: dict[str, Segment], used: Iterable[str] = ()) -> tuple[Extension, ...]:
    """Dates that no field holds, as extensions."""
    taken = set(used)
    return tuple(
        Extension(name=f"DTM.{code}", value=dtm.rest())
        for code, dtm in dates.items()
        if code not in taken and dtm.rest()
    )
