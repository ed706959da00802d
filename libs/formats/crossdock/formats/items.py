"""Which of our SKUs a line means, from its identifiers and the partner's cross-references.

Invariant: a SKU is never guessed: contradicting identifiers are `ambiguous`, none is `unknown`, and
both leave the SKU empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from crossdock.canonical.models import Identifier, IdentifierScheme, ItemResolution

_OUR_NUMBERS: Final = frozenset({IdentifierScheme.SKU, IdentifierScheme.VENDOR_PART})
"""Schemes whose value is our own item number: a partner's «vendor part» is the seller's SKU."""


def resolve_item(
    identifiers: Iterable[Identifier], match: Sequence[IdentifierScheme], aliases: Mapping[str, str]
) -> tuple[str | None, ItemResolution]:
    """SKU of an item and how it was found.

    Args:
        identifiers: identifiers of the line as said.
        match: schemes that may name an item (profile `items.match`).
        aliases: partner's identifiers to our SKU, by value or `scheme:value` (profile `items.aliases`).
    """
    found: dict[str, ItemResolution] = {}
    for identifier in identifiers:
        if identifier.scheme in match:
            value = identifier.value
            alias = aliases and (aliases.get(f"{identifier.scheme}:{value}") or aliases.get(value))
            if alias:
                found[alias] = ItemResolution.ALIAS
            elif identifier.scheme in _OUR_NUMBERS:
                found.setdefault(value, ItemResolution.EXACT)
    if len(found) == 1:
        return next(iter(found.items()))
    return None, ItemResolution.AMBIGUOUS if found else ItemResolution.UNKNOWN


@lru_cache(maxsize=4096)
def item_identifier(scheme: IdentifierScheme, value: str, issuer: str = "") -> Identifier:
    """Identifier of an article; shared, for the same articles are ordered over and over."""
    return Identifier(scheme=scheme, value=value, issuer=issuer)
