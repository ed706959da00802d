"""Change events of an example ERP, and how they are read in tests: one record, one profile, one reading."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Entity, PartnerProfile
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats import canal, debezium, maxwell
from crossdock.formats.declaration import Format

FORMATS: dict[str, Format] = {one.FORMAT.name: one.FORMAT for one in (debezium, canal, maxwell)}
CAPTURED_MS = 1_795_290_000_000
COMMITTED_MS = 1_795_289_526_396
"""2026-11-21T19:32:06.396Z."""
TRYTON = parse_profile("""
tenant: acme
partner: erp-eu
kind: erp
adapter: tryton
stock_style: ledger
zone: Europe/Berlin
stock_locations: ["3", "5"]
cdc: {tables: [stock_move, sale_sale, public.sale_line, account_invoice, product_product, party_party, lot],
      incarnation: 2}
money: {currency: EUR, amounts: major_text, tax_mode: stated}
items: {aliases: {"erp_item:1": SKU-0001}}
units: {"1": EA, "2": {unit: EA, factor: 12}, base: EA}
shops: {"1": shop-eu}
""")
ODOO = parse_profile("""
tenant: acme
partner: odoo
kind: erp
adapter: odoo
stock_style: balance
zone: Europe/Berlin
stock_locations: ["8"]
money: {currency: EUR, amounts: major_text, tax_mode: stated}
items: {aliases: {"erp_item:11": DESK}}
units: {"1": EA, "2": {unit: EA, factor: 12}, base: EA}
""")
TUTORIAL = parse_profile("""
tenant: acme
partner: demo
kind: erp
adapter: debezium_tutorial
stock_style: balance
units: {base: EA}
""")


def changed(profile: PartnerProfile, **sections: object) -> PartnerProfile:
    """The profile with other top-level sections; None removes one."""
    document = profile.model_dump(exclude_unset=True) | sections
    return PartnerProfile.model_validate({name: one for name, one in document.items() if one is not None})


def source(table: str, lsn: object = 60_081_072, **fields: object) -> dict[str, Any]:
    """A Postgres source block; None removes a field."""
    block = {
        "version": "3.6.3.Final",
        "connector": "postgresql",
        "name": "erp",
        "ts_ms": COMMITTED_MS,
        "snapshot": "false",
        "db": "tryton",
        "schema": "public",
        "table": table,
        "txId": 2381,
        "lsn": lsn,
    } | fields
    return {name: value for name, value in block.items() if value is not None}


def envelope(
    op: str, table: str, before: object, after: object, lsn: object = 60_081_072, **fields: object
) -> dict[str, Any]:
    """A Debezium envelope without schema; `fields` change its source block."""
    return {
        "before": before,
        "after": after,
        "source": source(table, lsn, **fields),
        "transaction": None,
        "op": op,
        "ts_ms": COMMITTED_MS + 604,
    }


def move(**columns: object) -> dict[str, Any]:
    """A row of Tryton's stock_move: three pieces from storage to the customer."""
    return {
        "id": 912,
        "product": 1,
        "quantity": 3.0,
        "internal_quantity": 3.0,
        "unit": 1,
        "from_location": 3,
        "to_location": 2,
        "state": "draft",
        "shipment": "stock.shipment.out,226",
        "origin": "sale.line,445",
        "planned_date": 20778,
        "effective_date": None,
        "create_date": 1_795_289_526_396_566,
        "write_date": None,
    } | columns


def with_schema(event: dict[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    """The event in Connect's wrapper, with the types of its rows' columns."""
    struct = {"type": "struct", "optional": True, "fields": fields}
    schema = {"type": "struct", "fields": [struct | {"field": "before"}, struct | {"field": "after"}]}
    return {"schema": schema, "payload": event}


def record(payload: object, *, key: bytes = b"acme/erp-eu/file-1", topic: str = "raw.document.v1") -> Record:
    """A raw record with these bytes, or with this document as JSON."""
    value = payload if isinstance(payload, bytes | None) else json.dumps(payload).encode()
    return Record(topic, 0, 7, key, value, (), CAPTURED_MS)


def reading(
    payload: object,
    profile: PartnerProfile = TRYTON,
    *,
    form: str = "debezium",
    key: bytes | None = None,
) -> Reading:
    """The reading of one event, cut out of a file where no key is given. Raises Rejected."""
    named = f"{profile.tenant}/{profile.partner}/change:x".encode() if key is None else key
    return FORMATS[form].read(record(payload, key=named), profile)


def entity(
    payload: object,
    profile: PartnerProfile = TRYTON,
    *,
    form: str = "debezium",
    key: bytes | None = None,
) -> Any:
    """The only entity of one event. Raises Rejected."""
    (one,) = reading(payload, profile, form=form, key=key).entities
    return one


def told(
    payload: object, profile: PartnerProfile = TRYTON, *, form: str = "debezium"
) -> tuple[Any, list[str]]:
    """The only entity of one event, and the codes of the warnings. Raises Rejected."""
    found = reading(payload, profile, form=form)
    (one,) = found.entities
    return one, codes(found)


def codes(one: Reading) -> list[str]:
    """Codes of the warnings."""
    return [warning.code for warning in one.warnings]


def refusal(payload: object, profile: PartnerProfile = TRYTON, *, form: str = "debezium") -> Rejected:
    """The refusal of one event; fails where it is accepted."""
    with pytest.raises(Rejected) as refused:
        reading(payload, profile, form=form)
    return refused.value


def events_of(data: bytes, profile: PartnerProfile, form: str = "debezium") -> list[Reading | Rejected]:
    """What becomes of each event of a file, cut and read as normalize does it."""
    whole = record(data, key=f"{profile.tenant}/{profile.partner}/file-1".encode())
    found: list[Reading | Rejected] = []
    split = FORMATS[form].split
    assert split is not None
    for part in split(whole, profile).parts:
        headers = tuple((name, text.encode()) for name, text in part.headers)
        alone = Record("raw.transaction-set.v1", 0, 1, part.key.encode(), part.value, headers, CAPTURED_MS)
        try:
            found.append(FORMATS[form].read(alone, profile))
        except Rejected as refused:
            found.append(refused)
    return found


def entities_of(data: bytes, profile: PartnerProfile, form: str = "debezium") -> list[Entity]:
    """The entities of a file of which nothing is refused."""
    found: list[Entity] = []
    for one in events_of(data, profile, form):
        assert isinstance(one, Reading), one
        found += one.entities
    return found


def lines(*events: object) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)
