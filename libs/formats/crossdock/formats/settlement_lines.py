"""Settlements, their lines and payouts, whatever report or API they come from (canonical-model §3.12).

Invariant: + is money to us and a fee is a cost; net is what the source says or, where it says none, gross
less fee; what disagrees is a variance; a word without a known meaning is `unknown`, never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.currencies import CURRENCY_EXPONENTS
from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    BusinessTime,
    Extension,
    Money,
    PartnerProfile,
    Payout,
    PayoutStatus,
    ReferenceKind,
    Settlement,
    SettlementLine,
    TransactionType,
    Variance,
    VarianceCode,
    Via,
)
from crossdock.canonical.models.profile_sections import AmountStyle
from crossdock.canonical.money import is_amount
from crossdock.canonical.reading import Warning
from crossdock.canonical.record import Record
from crossdock.formats.decimals import spelled
from crossdock.formats.entity_reading import NO_REVISION, Head
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.order_variances import variance
from crossdock.formats.profile_rules import order_currency
from crossdock.formats.times import at_instant

NO_SETTLEMENT: Final = "-"
"""Key segment of a line that has no settlement yet."""
HORIZON_DAYS: Final = 30
"""Days until a settlement counts as complete, where the profile does not say."""
_PLACES: Final = 4
_FOUR_PLACES: Final = Decimal("0.0001")
_DIGEST_SHOWN: Final = 8
_WORD_FILLERS: Final = str.maketrans("", "", " -_")


@dataclass(slots=True)
class LineDraft:
    """One booking of a report before it becomes a SettlementLine.

    Args:
        path: place in the payload.
        natural_id: the source's own identity of the booking; empty where it has none.
        digest: hash of all that was read of it.
        settlement_id: empty where it belongs to none yet.
        net, gross, fee: major units, net and fee in `currency`.
        gross_currency: empty where it is `currency`.
    """

    path: str
    natural_id: str
    digest: str
    settlement_id: str
    transaction_type: TransactionType
    type_raw: str
    currency: str
    net: Decimal
    gross: Decimal | None = None
    gross_currency: str = ""
    fee: Decimal | None = None
    amount_type_raw: str = ""
    description_raw: str = ""
    order_reference: str = ""
    reference_kind: ReferenceKind = ReferenceKind.NONE
    posted: BusinessTime | None = None
    payout_id: str = ""
    is_provisional: bool = False
    is_returned: bool = False
    """A payout of another settlement that came back: it adds to what this one pays out."""
    fx_rate_raw: str = ""
    source_amount: tuple[Decimal, str] | None = None
    variances: list[Variance] = field(default_factory=list)
    extensions: dict[str, str] = field(default_factory=dict)

    @property
    def is_payout(self) -> bool:
        """Whether the money leaves for our bank, or comes back from it to the very settlement."""
        return self.transaction_type is TransactionType.PAYOUT and not self.is_returned


@dataclass(slots=True)
class PayoutDraft:
    """A payout before it becomes a Payout; `amount` in major units, + arrives at our bank."""

    payout_id: str
    settlement_id: str
    amount: Decimal
    currency: str
    status: PayoutStatus
    status_raw: str = ""
    fee: Decimal | None = None
    created: BusinessTime | None = None
    arrival_date: BusinessTime | None = None
    bank_reference: str = ""
    failure_raw: str = ""
    variances: list[Variance] = field(default_factory=list)
    extensions: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class SettlementDraft:
    """A settlement before its sums.

    Args:
        is_itemized: False where the source states a settlement without its lines: there is nothing to add up.
        deposit: None: what its payout lines take out, if it has any.
        keeps_balance: what is paid out need not be what came in, so there is no deposit to compare.
    """

    settlement_id: str
    currency: str
    lines: Sequence[LineDraft] = ()
    is_itemized: bool = True
    deposit: Decimal | None = None
    deposit_date: BusinessTime | None = None
    period_from: BusinessTime | None = None
    period_to: BusinessTime | None = None
    is_final: bool = False
    keeps_balance: bool = False
    variances: list[Variance] = field(default_factory=list)
    extensions: dict[str, str] = field(default_factory=dict)


class SettlementAccount:
    """One account of one partner, and the record that speaks of it.

    Args:
        system: name of the outside system.
        mapping_version: format and its version.
    """

    def __init__(self, record: Record, profile: PartnerProfile, system: str, mapping_version: str) -> None:
        partner = split_key(record.key or b"")[1]
        section = profile.settlement
        self.name = section.account if section else partner
        self.zone = profile.business_zone
        self.profile = profile
        self.record = record
        self.warnings: list[Warning] = []
        self.via = Via.FILE
        self.mark: RevisionMark = NO_REVISION
        self.first_currency = ""
        """Currency of the first row that has one, where the profile's currency_rule is `first_row`."""
        self.amounts: AmountStyle = "major_text"
        """How the amounts of reports are written: with a comma where profile or report says so."""
        if profile.money is not None and profile.money.amounts == "major_comma":
            self.amounts = "major_comma"
        self.tolerance = profile.tolerances.settlement.amount
        self._horizon_days = section.horizon_days if section else HORIZON_DAYS
        vocabulary = section.vocabulary if section else {}
        self._vocabulary = {plain_word(word): TransactionType(kind) for word, kind in vocabulary.items()}
        self._system = system
        self._mapping_version = mapping_version
        self._said: set[str] = set()

    def warn_once(self, code: str, detail: str, path: str) -> None:
        """Records an oddity the first time it is told."""
        if code + detail not in self._said:
            self._said.add(code + detail)
            self.warnings.append(Warning(code, detail, path))

    def type_of(self, word: str, table: Mapping[str, TransactionType], path: str) -> TransactionType:
        """What a word of the report means: the profile's vocabulary, then the format's table; an unlisted
        one is unknown, with a warning (F24)."""
        named = self.named(word)
        if named is not None:
            return named
        found = table.get(plain_word(word))
        if found is None:
            detail = f"{shown(word)} is not in the format's table nor in settlement.vocabulary of the profile"
            self.warn_once("vocabulary_unknown", detail, path)
        return found or TransactionType.UNKNOWN

    def named(self, word: str) -> TransactionType | None:
        """What the profile's vocabulary says of a word; None where it does not have it."""
        return self._vocabulary.get(plain_word(word))

    def currency(self, stated: str, path: str) -> str:
        """Currency of a booking: the stated one, else the profile's; both must agree (F37).

        Raises Rejected CURRENCY_MISSING, CURRENCY_UNKNOWN, CURRENCY_MIXED.
        """
        return order_currency(stated or self.first_currency or None, self.profile, path)

    def fitted(self, amount: Decimal, path: str) -> Decimal:
        """The amount with at most 4 decimals, rounded half-even with a warning.

        Raises Rejected AMOUNT_UNPARSABLE where it is too large.
        """
        if is_amount(amount) or not amount:
            return amount
        rounded = amount.quantize(_FOUR_PLACES) if abs(amount) < 10**14 else amount
        if not is_amount(rounded) and rounded:
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, "an amount below 10^14 is needed", path)
        self.warn_once("amount_rounded", "more than 4 decimals; rounded half-even", path)
        return rounded

    def is_rounded(self, said: str) -> bool:
        """Whether an amount as said has more decimals than the canonical model carries."""
        return len(said.rpartition(".")[2]) > _PLACES if "." in said else False

    def differs(
        self, code: VarianceCode, subject: str, figures: tuple[Decimal | None, Decimal | None], unit: str
    ) -> list[Variance]:
        """The variance of (stated, computed) where both are known and not equal."""
        stated, computed = figures
        if stated is None or computed is None or stated == computed:
            return []
        return [variance(code, subject, (stated, computed), unit, self.tolerance)]

    def _head(self, segments: tuple[str, ...], object_type: str, occurred: BusinessTime) -> Head:
        return Head(
            segments=(self.name, *segments),
            system=self._system,
            object_type=object_type,
            object_id=segments[-1],
            occurred=occurred,
            mapping_version=self._mapping_version,
            mark=self.mark,
            account=self.name,
            via=self.via,
        )

    def latest(self, times: Iterable[BusinessTime | None]) -> BusinessTime:
        """The latest of these; the capture where none is known."""
        known = [one for one in times if one is not None]
        if known:
            return max(known, key=lambda one: one.instant)
        return at_instant(self.record.time, self.zone or "UTC")

    def lines(self, drafts: Sequence[LineDraft]) -> list[SettlementLine]:
        """The lines of a payload. A line without a time has occurred when the latest beside it has."""
        if not drafts:
            return []
        latest = self.latest(draft.posted for draft in drafts)
        ids = line_ids(drafts)
        return [self._line(draft, name, latest) for draft, name in zip(drafts, ids, strict=True)]

    def _line(self, draft: LineDraft, line_id: str, latest: BusinessTime) -> SettlementLine:
        segments = (draft.settlement_id or NO_SETTLEMENT, line_id)
        head = self._head(segments, "settlement_line", draft.posted or latest)
        head.variances = draft.variances
        head.extensions = extensions_of(draft.extensions)
        values: dict[str, object] = {
            "line_id": line_id,
            "account": self.name,
            "settlement_id": draft.settlement_id,
            "transaction_type": draft.transaction_type,
            "transaction_type_raw": draft.type_raw,
            "amount_type_raw": draft.amount_type_raw,
            "amount_description_raw": draft.description_raw,
            "gross": money(draft.gross, draft.gross_currency or draft.currency),
            "fee": money(draft.fee, draft.currency),
            "net": money(draft.net, draft.currency),
            "order_reference": draft.order_reference or None,
            "reference_kind": draft.reference_kind if draft.order_reference else ReferenceKind.NONE,
            "posted": draft.posted,
            "payout_id": draft.payout_id or None,
            "is_provisional": draft.is_provisional,
            "fx_rate_raw": draft.fx_rate_raw or None,
            "source_currency_amount": money(*draft.source_amount) if draft.source_amount else None,
        }
        return SettlementLine.model_validate(head.fields(self.record) | values)

    def settlement(self, draft: SettlementDraft) -> Settlement:
        """The settlement with our own sum of its lines, payout lines apart; the deposit is compared (F25)."""
        lines = draft.lines
        control = total(line.net for line in lines if not line.is_payout) if draft.is_itemized else None
        deposit = draft.deposit
        paid = [line.net for line in lines if line.is_payout and not draft.keeps_balance]
        if deposit is None and paid:
            deposit = -total(paid)
        times = (draft.period_from, *(line.posted for line in lines))
        occurred = draft.deposit_date or draft.period_to or self.latest(times)
        head = self._head((draft.settlement_id,), "settlement", occurred)
        found = self.differs(VarianceCode.DEPOSIT_TOTAL, "deposit", (deposit, control), draft.currency)
        head.variances = [*found, *draft.variances]
        head.extensions = extensions_of(draft.extensions)
        values: dict[str, object] = {
            "settlement_id": draft.settlement_id,
            "account": self.name,
            "period_from": draft.period_from,
            "period_to": draft.period_to,
            "currency": draft.currency,
            "deposit": money(deposit, draft.currency),
            "deposit_date": draft.deposit_date,
            "line_count": len(lines),
            "control_total": money(control, draft.currency),
            "is_final": draft.is_final,
            "completeness_horizon_days": self._horizon_days,
        }
        return Settlement.model_validate(head.fields(self.record) | values)

    def payout(self, draft: PayoutDraft) -> Payout:
        """The payout."""
        occurred = draft.created or draft.arrival_date or self.latest(())
        head = self._head((draft.settlement_id, draft.payout_id), "payout", occurred)
        head.variances = draft.variances
        head.extensions = extensions_of(draft.extensions)
        values: dict[str, object] = {
            "payout_id": draft.payout_id,
            "account": self.name,
            "settlement_id": draft.settlement_id,
            "amount": money(draft.amount, draft.currency),
            "fee": money(draft.fee, draft.currency),
            "status": draft.status,
            "status_raw": draft.status_raw,
            "created": draft.created,
            "arrival_date": draft.arrival_date,
            "bank_reference": draft.bank_reference or None,
            "failure_raw": draft.failure_raw or None,
        }
        return Payout.model_validate(head.fields(self.record) | values)


def plain_word(word: str) -> str:
    """A word of a report without what does not count: case, blanks, dashes and underscores."""
    return word.translate(_WORD_FILLERS).lower()


def word_table(words: Mapping[TransactionType, str]) -> dict[str, TransactionType]:
    """Meaning of each word, from the words of each meaning."""
    return {plain_word(word): kind for kind, several in words.items() for word in several.split()}


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Exact sum."""
    return sum(amounts, Decimal(0))


def money(amount: Decimal | None, currency: str) -> Money | None:
    """The amount in its one spelling; None where there is none."""
    if amount is None:
        return None
    return Money(amount=spelled(amount, CURRENCY_EXPONENTS[currency]), currency=currency)


def extensions_of(said: Mapping[str, str]) -> tuple[Extension, ...]:
    """Unmapped fields that say something, sorted by name, so that the order of columns does not matter."""
    return tuple(Extension(name=name, value=value) for name, value in sorted(said.items()) if value)


def by_settlement(drafts: Iterable[LineDraft]) -> list[tuple[str, str, list[LineDraft]]]:
    """(settlement, currency, lines) of each settlement, by name; where one has several currencies, each is
    a settlement of its own, named after it. Lines without a settlement are left out."""
    found: dict[str, dict[str, list[LineDraft]]] = {}
    for draft in drafts:
        if draft.settlement_id:
            found.setdefault(draft.settlement_id, {}).setdefault(draft.currency, []).append(draft)
    groups = []
    for name, currencies in sorted(found.items()):
        for currency, lines in sorted(currencies.items()):
            if len(currencies) > 1:
                for line in lines:
                    line.settlement_id = f"{name}-{currency}"
            groups.append((lines[0].settlement_id, currency, lines))
    return groups


def line_ids(drafts: Sequence[LineDraft]) -> list[str]:
    """Identity of each line: the source's own, with the hash behind it where it stands twice; the hash
    where there is none; a number behind those that are equal in everything."""
    own = Counter(draft.natural_id for draft in drafts)
    seen: Counter[str] = Counter()
    found = []
    for draft in drafts:
        name = draft.natural_id or draft.digest
        if draft.natural_id and own[name] > 1:
            name = f"{name}:{draft.digest[:_DIGEST_SHOWN]}"
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return found
