"""The frame of an order mapping: times, what happened to the order, its tax mode, and how it is finished.

Invariant: a cancelled order has been cancelled, whatever event or times say; an order that says no time at
all is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    CancellationStatus,
    Change,
    PartnerProfile,
    PaymentStatus,
    RevisionKind,
    TaxMode,
)
from crossdock.canonical.reading import Reading
from crossdock.formats.json_document import Document
from crossdock.formats.json_fields import text
from crossdock.formats.json_resource import JsonResource
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import LineDraft, OrderDraft
from crossdock.formats.profile_rules import order_tax_mode, payment_status, revision_at
from crossdock.formats.times import business_time


class OrderMapping(JsonResource):
    """One order payload of one partner."""

    def time(self, name: str) -> BusinessTime | None:
        """A time of the order, None where absent. Raises Rejected TIME_INVALID."""
        raw = text(self.node, name)
        return None if raw is None else business_time(raw, f"{self.path}.{name}", zone=self.zone)

    def is_new(self, created: str, modified: str) -> bool:
        """Whether the order has not been touched since it was made: both fields say the same."""
        return self.node.get(created) == self.node.get(modified)

    def stated_tax_mode(self, is_included: bool | None, place: str) -> TaxMode:
        """What the payload says, else the profile; a profile that says otherwise is told so."""
        mode, oddity = order_tax_mode(is_included, self.profile, place)
        if oddity is not None:
            self.document.warnings.append(oddity)
        return mode

    def payment_state(self, name: str, table: Mapping[str, PaymentStatus]) -> PaymentStatus:
        """Payment status that a field says; unknown with a warning where nobody knows the word."""
        status = payment_status(text(self.node, name), table, self.profile)
        if status is None:
            detail = "the status is not in the format's table nor in status_map.payment of the profile"
            self.document.warn("payment_status_unknown", detail, f"{self.path}.{name}")
        return status or PaymentStatus.UNKNOWN

    def finished(self, draft: OrderDraft, modified: BusinessTime | None, kind: RevisionKind) -> Reading:
        """The order, ordered by when it was last modified, with its warnings. Raises Rejected."""
        mark = revision_at(modified, self.profile, kind)
        order = finish_order(draft, self.profile, self.record, mark)
        return reading_of(order, warnings=tuple(dict.fromkeys(self.document.warnings)))


class LineIds:
    """Identities of one order's lines, in the order of the payload."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._taken: set[str] = set()
        self._number = 0

    def settle(self, line: LineDraft) -> None:
        """Gives a line without an id its number, and the later of two with one id both, with a warning."""
        self._number += 1
        line.line_id = line.line_id or str(self._number)
        if line.line_id in self._taken:
            detail = "two lines have one id; the later is numbered"
            self._document.warn("line_id_repeated", detail, line.path)
            line.line_id = f"{line.line_id}#{self._number}"
        self._taken.add(line.line_id)


def placed_time(placed: BusinessTime | None, path: str, name: str, other: str = "") -> BusinessTime:
    """When the order was placed, which the field `name` (or `other`) says. Raises Rejected TIME_INVALID."""
    if placed is None:
        detail = f"{name} (or {other}) is missing" if other else f"{name} is missing"
        raise Rejected(RejectionCode.TIME_INVALID, detail, f"{path}.{name}")
    return placed


def placed_or_later(
    placed: BusinessTime | None,
    later: Callable[[], BusinessTime | None],
    document: Document,
    path: str,
    names: tuple[str, str],
) -> BusinessTime:
    """When the order was placed; a later time stands in for it, with the warning `placed_missing`.

    `names` are the fields that say the two. Raises Rejected TIME_INVALID where neither is stated.
    """
    if placed is not None:
        return placed
    stand_in, place = later(), f"{path}.{names[0]}"
    if stand_in is None:
        raise Rejected(RejectionCode.TIME_INVALID, "the order states no time at all", place)
    document.warn("placed_missing", f"{names[0]} is missing; {names[1]} stands in for it", place)
    return stand_in


def order_change(cancellation: CancellationStatus, *, is_new: bool) -> Change:
    """What happened to an order in this state."""
    if cancellation is CancellationStatus.CANCELLED:
        return Change.CANCELLED
    return Change.CREATED if is_new else Change.UPDATED


def mapped_cancellation(raw: str | None, profile: PartnerProfile) -> CancellationStatus | None:
    """What the profile's `status_map.order` says of a status; None where it says nothing."""
    meaning = profile.status_map.order.get(raw or "")
    return None if meaning is None else meaning.cancellation


def cancellation_of_lines(lines: Iterable[LineDraft]) -> CancellationStatus:
    """Of an order that is not cancelled as a whole: partial where units of a line are."""
    is_partial = any(line.cancelled for line in lines)
    return CancellationStatus.PARTIAL if is_partial else CancellationStatus.NONE
