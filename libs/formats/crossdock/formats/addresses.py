"""Names and countries of addresses, as storefronts write them.

Invariant: a country is an ISO 3166-1 alpha-2 code or None with a warning; nothing is geocoded.
"""

from __future__ import annotations

from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import text


def full_name(node: Node) -> str | None:
    """`name`, else `first_name` and `last_name`; None where all are empty."""
    parts = (text(node, "first_name"), text(node, "last_name"))
    return text(node, "name") or " ".join(part for part in parts if part) or None


def country_code(document: Document, node: Node, name: str, path: str) -> str | None:
    """Two-letter country of a field, in capitals."""
    code = text(node, name)
    if code is None:
        return None
    code = code.upper()
    if len(code) == 2 and code.isascii() and code.isalpha():
        return code
    document.warn("country_invalid", "not an ISO 3166-1 alpha-2 code", f"{path}.{name}")
    return None
