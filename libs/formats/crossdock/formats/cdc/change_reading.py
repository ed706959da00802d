"""Changes of rows as canonical entities: the mapping of the profile's adapter, applied.

Invariant: a row becomes what its table's mapping says or is refused; a truncate is an alarm and never
"everything is zero"; what is ignored is counted by a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import Entity, PartnerProfile
from crossdock.canonical.reading import Reading, Warning
from crossdock.canonical.record import Record
from crossdock.formats.cdc.change import Change, Ignored, Op, mark_of, position_of
from crossdock.formats.cdc.compiled_mapping import Adapter, CompiledEntity, CompiledTable
from crossdock.formats.cdc.document_entities import erp_document, invoice, price_proposal
from crossdock.formats.cdc.facts import Facts, Origin
from crossdock.formats.cdc.mapping_files import adapter_named
from crossdock.formats.cdc.master_entities import catalogue_product, customer
from crossdock.formats.cdc.rows import NOT_REPEATED, Row
from crossdock.formats.cdc.stock_entities import stock_movement, stock_snapshot
from crossdock.formats.entity_reading import NO_REVISION, reading_of_entities
from crossdock.formats.json_document import place_name

Build = Callable[[Facts], Entity | Ignored]
_BUILDERS: Final[Mapping[str, Build]] = {
    "stock_movement": stock_movement,
    "stock_snapshot": stock_snapshot,
    "product": catalogue_product,
    "erp_document": erp_document,
    "customer": customer,
    "price_proposal": price_proposal,
    "invoice": invoice,
}
_KEY_FIELDS: Final = ("item", "sku", "location", "price_list", "number", "erp_id", "shop", "order_id")
"""Fields that may stand in an entity's key."""


def reading_of_changes(
    changes: Sequence[Change | Ignored],
    record: Record,
    profile: PartnerProfile,
    warnings: list[Warning],
    adapter: Adapter | None = None,
) -> Reading:
    """The entities of an event's changes. Raises Rejected.

    Args:
        warnings: those of the payload, to which the mapping's are added.
        adapter: mapping to apply; that of the profile's adapter where absent.
    """
    entities: list[Entity] = []
    mark = NO_REVISION
    for change in changes:
        if isinstance(change, Ignored):
            warnings.append(Warning(change.code, change.detail, change.path))
            continue
        entities += _entities(change, record, profile, warnings, adapter)
        mark = mark_of(position_of(change, profile.cdc.incarnation if profile.cdc else 1))
    return reading_of_entities(entities, record, mark, warnings=warnings)


def _entities(
    change: Change, record: Record, profile: PartnerProfile, warnings: list[Warning], adapter: Adapter | None
) -> list[Entity]:
    def warn(code: str, detail: str, path: str) -> None:
        warnings.append(Warning(code, detail, path))

    if profile.cdc is not None and not set(change.names) & set(profile.cdc.tables):
        warn("table_not_captured", "the table is not in cdc.tables of the profile", change.path)
        return []
    adapter = adapter or adapter_named(profile.adapter)
    table = _table(change, adapter)
    if change.op is Op.TRUNCATE:
        raise _truncated(change)
    row = Row(change, table.mapping.key, warn)
    for column in row.unavailable():
        if column not in table.columns:
            warn("value_unavailable", NOT_REPEATED, row.path(column))
    idle = _idle(row, table)
    if idle is not None:
        warn(*idle, change.path)
        return []
    return _built(Origin(record, profile, adapter.mapping, table), row)


def _idle(row: Row, table: CompiledTable) -> tuple[str, str] | None:
    """Code and reason why a row makes no entity by the mapping of its table; None where it does."""
    if row.change.op is Op.DELETE and table.mapping.deleted == "ignore":
        return "row_ignored", "deleted rows of this table are not reported"
    for applies, reason in table.ignore:
        if not row.is_key_only and applies(row):
            return "row_ignored", reason
    if row.is_unchanged(table.columns):
        return "row_unchanged", "no mapped column of the row has changed"
    return None


def _built(origin: Origin, row: Row) -> list[Entity]:
    found: list[Entity] = []
    specs = [spec for spec in origin.table.entities if spec.applies(row)]
    for spec in specs:
        one = _BUILDERS[spec.mapping.entity](Facts(origin, row, spec))
        former = _former(origin, row, spec)
        key = None if isinstance(one, Ignored) else one.key
        found += [former] if former is not None and former.key != key else []
        if isinstance(one, Ignored):
            row.warn(one.code, one.detail, one.path)
        else:
            found.append(one)
    if not specs:
        row.warn("row_ignored", "no entity of the table mapping applies to the row", row.change.path)
    return found


def _former(origin: Origin, row: Row, spec: CompiledEntity) -> Entity | None:
    """The entity as it was, deleted, where an update may have moved the row under another key."""
    change = row.change
    if change.op is not Op.UPDATE or change.before is None:
        return None
    former = Row(replace(change, op=Op.DELETE, after=None), origin.table.mapping.key, row.warn)
    if former.is_key_only:
        return None
    readers = [spec.texts[name] for name in _KEY_FIELDS if name in spec.texts]
    words = [(read(former, None), read(row, None)) for read in readers]
    if all(before is None or before == after for before, after in words) or not spec.applies(former):
        return None
    one = _BUILDERS[spec.mapping.entity](Facts(origin, former, spec))
    return None if isinstance(one, Ignored) else one


def _table(change: Change, adapter: Adapter) -> CompiledTable:
    for name in change.names:
        if name in adapter.tables:
            return adapter.tables[name]
    known = ", ".join(adapter.tables)
    detail = (
        f"the mapping of the adapter {adapter.mapping.adapter} has no table "
        f"{place_name(change.table).removeprefix('.')}; it maps {known}. Map it, or leave it out of the "
        "connector's table.include.list and of cdc.tables of the profile"
    )
    raise Rejected(RejectionCode.FIELD_INVALID, detail, change.path)


def _truncated(change: Change) -> Rejected:
    detail = (
        "the table was truncated in the ERP; nothing is set to zero. Find out why, then take a new snapshot "
        "and count up cdc.incarnation of the profile"
    )
    return Rejected(RejectionCode.CONTROL_TOTAL_MISMATCH, detail, change.path)
