"""What a mapped row says, read for one entity: texts, quantities, money, times, and the entity's head.

Invariant: a unit, a currency and a zone come from the row or from the profile, never from here; what an
entity needs and the row lacks is a refusal that names the field.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from crossdock.canonical.currencies import CURRENCY_EXPONENTS
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.identifiers import identifier
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    Extension,
    Identifier,
    IdentifierScheme,
    Money,
    PartnerProfile,
    Position,
    Quantity,
    Variance,
    Via,
)
from crossdock.canonical.record import Record
from crossdock.canonical.units import resolve_unit
from crossdock.formats.cdc.change import Op, mark_of, position_of
from crossdock.formats.cdc.compiled_mapping import CompiledEntity, CompiledTable
from crossdock.formats.cdc.mapping_grammar import AdapterMapping
from crossdock.formats.cdc.rows import Row
from crossdock.formats.decimals import spelled
from crossdock.formats.entity_reading import Head
from crossdock.formats.items import resolve_item
from crossdock.formats.times import at_instant, business_day

_EXACT: Final = Context(prec=600)
_ONE: Final = Decimal(1)
_CHANGES: Final = {
    Op.CREATE: Change.CREATED,
    Op.SNAPSHOT: Change.CREATED,
    Op.UPDATE: Change.UPDATED,
    Op.DELETE: Change.DELETED,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row comes from: its record, its partner's profile and the mapping of its table."""

    record: Record
    profile: PartnerProfile
    adapter: AdapterMapping
    table: CompiledTable


class Facts:
    """What one row says of one entity.

    Args:
        spec: how the fields of the entity are read.
    """

    def __init__(self, origin: Origin, row: Row, spec: CompiledEntity) -> None:
        self.row = row
        self.profile = origin.profile
        self.tenant, self.erp = split_key(origin.record.key or b"")[:2]
        self.spec = spec
        self._origin = origin
        self._zone = origin.adapter.zone or origin.profile.business_zone

    @property
    def is_deleted(self) -> bool:
        """The row is gone."""
        return self.row.change.op is Op.DELETE

    @property
    def row_id(self) -> str:
        """Identity of the row: its key's values. Raises Rejected KEY_MISSING."""
        if not self.row.key:
            detail = (
                "neither the record's key nor the row names the row; produce events with their key, or set "
                "REPLICA IDENTITY FULL"
            )
            raise Rejected(RejectionCode.KEY_MISSING, detail, self.row.change.path)
        return ",".join(self.row.key.values())

    @property
    def position(self) -> Position:
        """The change's place in the log, in the incarnation that the profile states."""
        cdc = self.profile.cdc
        return position_of(self.row.change, cdc.incarnation if cdc else 1)

    def text(self, name: str) -> str | None:
        """Text of a field; None where it is not mapped or null."""
        reader = self.spec.texts.get(name)
        return None if reader is None else reader(self.row, None)

    def needed(self, name: str) -> str:
        """Text of a field. Raises Rejected ID_MISSING, FIELD_INVALID."""
        found = self.text(name)
        if found is None:
            raise self.row.missing(name)
        return found

    def number(self, name: str) -> Decimal | None:
        """Exact number of a field; None where it is not mapped or null. Raises Rejected."""
        reader = self.spec.numbers.get(name)
        return None if reader is None else reader(self.row, None)

    def needed_number(self, name: str) -> Decimal:
        """Exact number of a field. Raises Rejected."""
        found = self.number(name)
        if found is None:
            raise self.row.missing(name)
        return found

    def flag(self, name: str) -> bool | None:
        """Yes or no of a field; None where it is not mapped or null. Raises Rejected."""
        reader = self.spec.flags.get(name)
        return None if reader is None else reader(self.row, None)

    def time(self, name: str) -> BusinessTime | None:
        """Time of a field; a day needs the profile's zone, without one it is none, with a warning."""
        reader = self.spec.times.get(name)
        found = None if reader is None else reader(self.row, self._zone)
        if found is None:
            return None
        zone = self.profile.business_zone
        if isinstance(found, datetime):
            return at_instant(found, zone)
        if zone is None:
            self.row.warn("zone_missing", "a day needs `zone` in the profile; left out", self.row.change.path)
            return None
        return business_day(found, zone)

    def needed_time(self, name: str) -> BusinessTime:
        """Time of a field. Raises Rejected."""
        found = self.time(name)
        if found is None:
            raise self.row.missing(name)
        return found

    @property
    def committed(self) -> BusinessTime:
        """When the change was committed; the capture time where the event does not say it."""
        moment = self.row.change.at or self._origin.record.time
        return at_instant(moment, self.profile.business_zone)

    def unit(self) -> tuple[str, Decimal]:
        """(unit, how many of it one of the ERP's holds). Raises Rejected UNIT_UNMAPPED."""
        return resolve_unit(self.needed("unit"), self.profile, path=self.row.change.path)

    def quantity(self, value: Decimal, unit: str, factor: Decimal = _ONE) -> Quantity:
        """A quantity of the ERP's units as one of `unit`, of which one of the ERP's holds `factor`.

        Digits beyond six decimals, which floating columns have, are rounded with a warning.
        """
        converted = _EXACT.multiply(value, factor)
        return Quantity(value=self._rounded(converted, 6, "quantity_rounded"), unit=unit)

    def _rounded(self, value: Decimal, places: int, code: str) -> Decimal:
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _EXACT)
        if rounded != value:
            detail = f"more than {places} decimals; rounded half-even"
            self.row.warn(code, detail, self.row.change.path)
            value = rounded
        return spelled(value, 0)

    def item(self, name: str, scheme: IdentifierScheme) -> tuple[str, tuple[Identifier, ...]]:
        """(our SKU, identifiers as said); the ERP's own item where none is mapped, with a warning."""
        raw = self.needed(name)
        issuer = self.erp if scheme is IdentifierScheme.ERP_ITEM else ""
        said = identifier(scheme, raw, issuer)
        assert said is not None, "a needed text is not empty"
        items = self.profile.items
        sku, _ = resolve_item((said,), (*items.match, scheme), items.aliases)
        if sku is None:
            detail = "no alias for the ERP's item: add erp_item:<id> to items.aliases of the profile"
            self.row.warn("item_unmapped", detail, self.row.change.path)
        return sku or raw, (said,)

    def currency(self) -> str | None:
        """Currency of the row: its own where it is an ISO code, else the profile's money.currency."""
        stated = self.text("currency")
        if stated is not None and stated.upper() in CURRENCY_EXPONENTS:
            return stated.upper()
        return self.profile.money.currency if self.profile.money else None

    def needed_currency(self) -> str:
        """Currency of the row. Raises Rejected CURRENCY_MISSING."""
        currency = self.currency()
        if currency is None:
            detail = (
                "the row names its currency by a number of the ERP; set money.currency in the profile, or a "
                "lookup in the table mapping"
            )
            raise Rejected(RejectionCode.CURRENCY_MISSING, detail, self.row.change.path)
        return currency

    def amount(self, name: str, currency: str) -> Decimal | None:
        """Amount of a field; digits beyond four decimals are rounded with a warning."""
        number = self.number(name)
        if number is None:
            return None
        return spelled(self._rounded(number, 4, "amount_rounded"), CURRENCY_EXPONENTS[currency])

    def money(self, name: str, currency: str) -> Money | None:
        """Amount of a field with its currency; None where it is not mapped or null."""
        amount = self.amount(name, currency)
        return None if amount is None else Money(amount=amount, currency=currency)

    def order(self) -> tuple[str, str] | None:
        """(channel, order id) of the channel's order behind the row, where it names one."""
        order_id = self.text("order_id")
        if order_id is None:
            if self.row.is_key_only and "order_id" in self.spec.texts and self.profile.shops:
                raise self.row.missing("order_id")  # the entity stands under its order's key
            return None
        shop = self.text("shop")
        channel = self.profile.shops.get(shop) if shop is not None else None
        if channel is None:
            detail = "the row's web shop is not in `shops` of the profile; its order stays unnamed"
            self.row.warn("shop_unmapped", detail, self.row.change.path)
            return None
        return channel, order_id

    def order_key(self, order: tuple[str, str] | None) -> str | None:
        """Key of that order."""
        return None if order is None else join_key(self.tenant, *order)

    def document_segments(self, order: tuple[str, str] | None, document: str) -> tuple[str, ...]:
        """Key segments of a document: under its order, else under the ERP alone."""
        return (*(order or (self.erp, "-")), self.erp, document)

    def head(
        self, segments: tuple[str, ...], change: Change | None = None, variances: tuple[Variance, ...] = ()
    ) -> dict[str, object]:
        """Fields that every entity starts with."""
        table = self._origin.table.mapping
        head = Head(
            segments,
            system=self._origin.adapter.system,
            object_type=table.object_type or self.row.change.table,
            object_id=self.row_id,
            occurred=self.committed,
            mapping_version=f"{self._origin.adapter.adapter}/{self._origin.adapter.version}",
            change=change or _CHANGES[self.row.change.op],
            mark=mark_of(self.position),
            via=Via.CDC,
            variances=list(variances),
            extensions=self._extensions(),
        )
        return head.fields(self._origin.record)

    def _extensions(self) -> tuple[Extension, ...]:
        found = ((name, self.row.kept(name)) for name in self.spec.mapping.extensions)
        return tuple(Extension(name=name, value=value) for name, value in found if value is not None)
