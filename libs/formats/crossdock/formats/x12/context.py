"""What every reader of a transaction set other than an order works with: times, quantities, items, leftovers.

Invariant: what is read is exact or refused at its place; what is not mapped becomes an extension, except
free and personal text, which has no tagged field in these entities and is reported as left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    Entity,
    Extension,
    Identifier,
    Money,
    PartnerProfile,
    Quantity,
    RevisionKind,
    Variance,
    VarianceCode,
    Via,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.canonical.units import X12_UNITS, resolve_unit
from crossdock.formats.decimals import spelled
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.items import resolve_item
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.order_variances import variance
from crossdock.formats.x12.codes import PERSON_QUALIFIERS
from crossdock.formats.x12.document import Document, Segment
from crossdock.formats.x12.interchange import capture_value, revision_value
from crossdock.formats.x12.items import ItemIds
from crossdock.formats.x12.tokenizer import SEGMENT_TAGS, element
from crossdock.formats.x12.values import Numbers, moment, time_refused

PURPOSES: Final[dict[str, tuple[Change, bool]]] = {
    "": (Change.CREATED, False),
    "00": (Change.CREATED, True),
    "06": (Change.CREATED, True),
    "07": (Change.CREATED, False),
    "14": (Change.CREATED, False),
    "15": (Change.CREATED, False),
    "18": (Change.CREATED, False),
    "04": (Change.UPDATED, False),
    "05": (Change.UPDATED, False),
    "01": (Change.CANCELLED, False),
    "03": (Change.CANCELLED, False),
}
"""Element 353 → change, and whether the document claims to be the first of its object."""
_QUALIFIED: Final = frozenset({"REF", "DTM", "G62", "N9", "AMT", "MAN", "L11", "QTY", "PER"})
"""Segments whose first element says what they are: it becomes part of the extension's name."""
_TEXTS: Final = frozenset({"MSG", "NTE", "MTX", "N2", "N3", "N4", "NX2", "NM1", "G61", "IN1", "IN2", "PER"})
"""Free text and what may name people."""
_NOT_KEPT: Final = frozenset({"ST", "SE", "CTT", "CUR"})
_NAME_LENGTH: Final = 80
_COPIES_MAX: Final = 50_000
"""Most segments that the entities of one set repeat together."""
_SIX_PLACES: Final = Decimal("0.000001")
_NONE: Final = Decimal(0)


class SetContext:
    """One transaction set as it is read; use once."""

    def __init__(self, document: Document, profile: PartnerProfile, record: Record) -> None:
        self.document = document
        self.profile = profile
        self.record = record
        self.tenant, self.partner = split_key(record.key or b"")[:2]
        self.zone = profile.business_zone
        self.numbers = Numbers(profile)
        self.extensions: list[Extension] = []
        self._is_text_left_out = False
        self._mark: RevisionMark | None = None

    # ---- head ------------------------------------------------------------------------------------------

    @property
    def first(self) -> Segment:
        """The ST."""
        return self.document.segments[0]

    def segment(self, tag: str) -> Segment:
        """The one segment that opens the document. Raises Rejected ID_MISSING, ENVELOPE_BROKEN."""
        found = [segment for segment in self.document.segments if segment.tag == tag]
        if not found:
            raise self.first.refuse(RejectionCode.ID_MISSING, f"the set has no {tag} segment")
        if len(found) > 1:
            detail = f"a second {tag} stands in the set; two documents may have run together"
            raise found[1].refuse(RejectionCode.ENVELOPE_BROKEN, detail)
        return found[0]

    def required(self, segment: Segment, at: int, what: str) -> str:
        """Identity element. Raises Rejected ID_MISSING."""
        found = segment.get(at)
        if not found:
            raise segment.refuse(RejectionCode.ID_MISSING, f"{what} is empty", at)
        return found

    def purpose(self, segment: Segment, at: int) -> tuple[Change, bool]:
        """Change that a purpose code states; an unlisted one is taken as new, with a warning."""
        code = segment.code(at)
        if code not in PURPOSES:
            detail = "the purpose code has no meaning here; the document is read as a new one"
            self.warn("purpose_unknown", detail, segment, at)
        return PURPOSES.get(code, (Change.CREATED, False))

    def note_test(self) -> None:
        """Tells where the envelope says that the document is a test; it is read as any other."""
        if self.document.header.element(15).upper() == "T":
            detail = (
                "ISA15 says test; the document is read as any other, keep test partners in their own profile"
            )
            self.document.warn("test_indicator", detail, f"{self.first.place}/ISA15")
            self.extend("ISA.15", "T")

    def mark(self) -> RevisionMark:
        """Order among the transmissions of one object: envelope date, then control numbers."""
        if self._mark is None:
            document = self.document
            value = revision_value(document.header, document.group, document.control_number)
            if value is None:
                detail = "neither GS04/GS05 nor ISA09/ISA10 are a date and time; ordered by capture time"
                self.warn("envelope_undated", detail, self.first)
                value = capture_value(self.record.time, document.header, document.control_number)
            self._mark = RevisionMark(RevisionKind.NONE, value)
        return self._mark

    def occurred(self, said: BusinessTime | None) -> BusinessTime:
        """The document's own date, else when its envelope was made. Raises Rejected TIME_INVALID.

        The envelope's is second choice: a document that is sent again in a new one is still the same.
        """
        if said is not None:
            return said
        gs, header = self.document.group, self.document.header
        for day, clock in ((element(gs, 4), element(gs, 5)), (header.element(9), header.element(10))):
            try:
                return moment(day, clock, "", self.zone)
            except (ValueError, OverflowError) as error:
                failure = error
        raise time_refused(self.first, 0, "the date of document and envelope", failure)

    def head(  # noqa: PLR0913 - what every entity starts with
        self,
        segments: Sequence[str],
        object_id: str,
        occurred: BusinessTime,
        *,
        change: Change = Change.CREATED,
        variances: Sequence[Variance] = (),
        extensions: Sequence[Extension] | None = None,
    ) -> dict[str, object]:
        """Fields that every entity starts with; `segments` are those of its key behind the tenant."""
        kind = self.document.set_type
        head = Head(
            segments=tuple(segments),
            system="x12",
            object_type=kind,
            object_id=object_id,
            occurred=occurred,
            mapping_version=f"x12_{kind}/1",
            change=change,
            mark=self.mark(),
            via=Via.FILE,
            variances=list(variances),
            extensions=tuple(self.extensions if extensions is None else extensions),
        )
        return head.fields(self.record)

    def reading(self, entities: Sequence[Entity], *, is_original: bool = False) -> Reading:
        """All that came of the set."""
        mark, warnings = self.mark(), self.document.warnings
        return reading_of_entities(entities, self.record, mark, is_original=is_original, warnings=warnings)

    # ---- values ----------------------------------------------------------------------------------------

    def warn(self, code: str, detail: str, segment: Segment, at: int = 0) -> None:
        """Adds something odd that does not stop the reading."""
        self.document.warn(code, detail, segment.path(at))

    def time(self, segment: Segment, day_at: int, clock_at: int = 0, code_at: int = 0) -> BusinessTime | None:
        """Date with time and time code; None where it is absent, or (with a warning) unreadable."""
        if not segment.get(day_at).strip("0"):
            return None
        clock = segment.get(clock_at) if clock_at else ""
        try:
            return moment(segment.get(day_at), clock, segment.code(code_at) if code_at else "", self.zone)
        except (ValueError, OverflowError) as error:
            self.warn("date_unreadable", f"the date is kept as said and not used: {error}", segment, day_at)
            return None

    def date(self, dtm: Segment) -> BusinessTime | None:
        """The moment of a DTM; None (with a warning) where it cannot be read."""
        if dtm.code(5) == "D8" and not dtm.get(2):
            return self.time(dtm, 6)
        return self.time(dtm, 2, 3, 4)

    def quantity(self, segment: Segment, at: int, unit_at: int, fallback: str = "") -> Quantity:
        """Quantity in the unit as said; the partner's own package units keep their code.

        Raises:
            Rejected: `amount_unparsable`, `field_invalid` (more than six decimals), `unit_unmapped`.
        """
        value = self.numbers.number(segment, at)
        if value != value.quantize(_SIX_PLACES):
            detail = "a quantity has at most 6 decimals"
            raise segment.refuse(RejectionCode.FIELD_INVALID, detail, at)
        return Quantity(value=spelled(value, 0), unit=self.unit(segment, unit_at, fallback))

    def unit(self, segment: Segment, at: int, fallback: str = "") -> str:
        """Unit code. Raises Rejected UNIT_UNMAPPED."""
        raw = self.component(segment.code(at)) or fallback
        if not raw and "" not in self.profile.units:
            detail = "the unit of the quantity is empty; state it, or map '' in the profile's `units`"
            raise segment.refuse(RejectionCode.UNIT_UNMAPPED, detail, at)
        unit, factor = resolve_unit(raw, self.profile, path=segment.path(at), code_list=X12_UNITS)
        return unit if factor == 1 else raw

    def measure(self, segment: Segment, at: int, unit_at: int) -> Quantity | None:
        """A weight or count that only informs; None where it cannot be read."""
        if not segment.get(at):
            return None
        try:
            return self.quantity(segment, at, unit_at)
        except Rejected:
            self.warn("measure_unreadable", "a weight or measure is kept as said and not used", segment, at)
            return None

    def component(self, text: str, number: int = 0) -> str:
        """Component of a composite element, counted from 0."""
        separator = self.document.delimiters.component
        parts = text.split(separator) if separator else [text]
        return parts[number].strip() if number < len(parts) else ""

    def money(self, amount: Decimal, currency: str) -> Money:
        """An amount, spelled as its currency is."""
        return Money(amount=spelled(amount, currency_exponent(currency)), currency=currency)

    def items(self, *stated: tuple[Segment, int]) -> ItemIds:
        """Identifiers of one item from (segment, first pair); what is odd about them is reported."""
        ids = ItemIds(self.tenant, self.partner)
        for segment, first in stated:
            ids.take(segment, first)
        for warning in ids.warnings:
            self.document.warn(*warning)
        return ids

    def sku(self, identifiers: Sequence[Identifier]) -> str | None:
        """Our SKU of an item, None where none or several fit."""
        return resolve_item(identifiers, self.profile.items.match, self.profile.items.aliases)[0]

    # ---- control figures -------------------------------------------------------------------------------

    def counted(self, segment: Segment, at: int, computed: Decimal, code: VarianceCode) -> list[Variance]:
        """The variance of a stated count or quantity, none where it is absent, unreadable or right."""
        if not segment.get(at):
            return []
        try:
            stated = self.numbers.number(segment, at)
        except Rejected as refusal:
            self.document.warn("control_total_unreadable", refusal.detail, refusal.path)
            return []
        if stated != stated.quantize(_SIX_PLACES):
            self.warn("control_total_unreadable", "a control figure has at most 6 decimals", segment, at)
            return []
        subject = f"{segment.tag}{at:02d}"
        return [] if stated == computed else [variance(code, subject, (stated, computed), "", _NONE)]

    def summary(self, ctt: Segment, quantities: Sequence[tuple[Segment, int]]) -> list[Variance]:
        """Variances of a CTT beside the lines, each given by where it states its quantity."""
        found = self.counted(ctt, 1, Decimal(len(quantities)), VarianceCode.LINE_COUNT)
        return found + self.hash_total(ctt, quantities)

    def hash_total(self, ctt: Segment, quantities: Sequence[tuple[Segment, int]]) -> list[Variance]:
        """The variance of CTT02: a sum of quantities, or the standard's, which leaves decimal points out."""
        said = [segment.get(at) for segment, at in quantities]
        digits = [text.replace(".", "").lstrip("-") for text in said]
        if ctt.get(2) == str(sum(int(text) for text in digits if text.isdecimal())):
            return []
        try:
            read = [self.numbers.number(segment, at) for segment, at in quantities if segment.get(at)]
        except Rejected as refusal:  # of what was sold, say: what counts as stock was read before
            self.document.warn("control_total_unreadable", refusal.detail, refusal.path)
            return []
        return self.counted(ctt, 2, sum(read, _NONE), VarianceCode.QUANTITY_TOTAL)

    def money_variance(
        self, code: VarianceCode, subject: str, figures: tuple[Decimal, Decimal], currency: str, lines: int
    ) -> list[Variance]:
        """The variance of (stated, computed) amounts under the profile's tolerance; none where they agree."""
        if figures[0] == figures[1]:
            return []
        allowed = self.profile.tolerances.order_total.for_lines(lines)
        return [variance(code, subject, figures, currency, allowed)]

    # ---- leftovers -------------------------------------------------------------------------------------

    def keep(self, segment: Segment, owner: str = "", into: list[Extension] | None = None) -> None:
        """Keeps a segment that has no place of its own; `owner` names the line or package it belongs to."""
        if segment.tag in _NOT_KEPT:
            return
        name, said = segment.tag, segment.joined()
        if name in _TEXTS:
            self._left_out(segment)
            return
        if name == "N1":
            self._keep_party(segment, owner, into)
            return
        if name not in SEGMENT_TAGS or not name.isalnum():
            detail = "a segment tag that these sets do not have; kept as said"
            self.warn("segment_unknown", detail, segment)
        if name in _QUALIFIED:
            name, _, said = f"{name}.{said}".partition("*")
        self.extend(f"{owner}{name}", said, into)

    def extend(self, name: str, value: str, into: list[Extension] | None = None) -> None:
        """Keeps a value under a name."""
        if value:
            (self.extensions if into is None else into).append(
                Extension(name=name[:_NAME_LENGTH], value=value)
            )

    def _keep_party(self, n1: Segment, owner: str, into: list[Extension] | None) -> None:
        """Who it is by number; a name may be a person's."""
        if n1.get(4) and n1.code(3) not in PERSON_QUALIFIERS:
            self.extend(f"{owner}N1.{n1.code(1)}", f"{n1.code(3)} {n1.get(4)}".strip(), into)
        elif n1.get(2):
            self._left_out(n1)

    def _left_out(self, segment: Segment) -> None:
        if not self._is_text_left_out:
            self._is_text_left_out = True
            detail = (
                "names, contacts, addresses and free text have no field here; they stay in the raw record"
            )
            self.warn("text_left_out", detail, segment)


def check_copies(copies: int, shared: int, segment: Segment) -> None:
    """Refuses a document whose common parts would be repeated too often. Raises Rejected OUTPUT_TOO_LARGE."""
    if copies * shared > _COPIES_MAX:
        detail = (
            f"orders × common segments is {copies * shared}, at most {_COPIES_MAX}; send fewer orders at once"
        )
        raise segment.refuse(RejectionCode.OUTPUT_TOO_LARGE, detail)
