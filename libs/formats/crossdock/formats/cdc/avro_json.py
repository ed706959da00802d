"""Avro's own JSON, as Avro console consumers print it: each value of a union stands under its type's name.

Invariant: a payload that shows no such name is left as it is; bytes become base64, as Connect writes them.
"""

from __future__ import annotations

import base64
from typing import Any, Final

from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child

_TYPES: Final = frozenset({"string", "int", "long", "boolean", "float", "double", "bytes", "array", "map"})

_ROW: Final = "Value"
"""What Debezium calls the record of a row; some consumers leave its namespace out."""


def untagged(payload: Node) -> Node:
    """The payload without the type names, where some field of the event or of its source has one."""
    if any(map(_is_tagged, payload.values())) or any(map(_is_tagged, child(payload, "source").values())):
        return {name: _plain(value) for name, value in payload.items()}
    return payload


def _is_tagged(value: object) -> bool:
    """`{"string": "x"}`, or a record under its name: `{"erp.public.sale_line.Value": {…}}`."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((name, inner),) = value.items()
    is_record = "." in name or name == _ROW
    return name in _TYPES or (is_record and isinstance(inner, dict))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if not _is_tagged(value):
        return {name: _plain(one) for name, one in value.items()}
    ((name, inner),) = value.items()
    if name == "bytes" and isinstance(inner, str):
        return base64.b64encode(inner.encode("latin-1", "replace")).decode()
    return _plain(inner)
