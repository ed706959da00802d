"""Code tables of carriers: which status a code of theirs means, and what a partner's profile changes of it.

Invariant: a table names each code once, compared without regard to case, and only classes that
`TrackingStatus` has; a code that neither profile nor table knows has no status.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final

from crossdock.canonical.documents import load_document
from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models import PartnerProfile, TrackingStatus

CodeTable = Mapping[str, TrackingStatus]
"""Codes in lower case and what they mean."""
_FOLDER: Final = files("crossdock.formats.carriers").joinpath("tables")


def table_names() -> list[str]:
    """Names of the built-in tables, sorted."""
    return sorted(one.name.removesuffix(".yaml") for one in _FOLDER.iterdir() if one.name.endswith(".yaml"))


@lru_cache(maxsize=64)
def code_table(name: str, section: str = "codes") -> CodeTable:
    """A built-in table. Raises ValueError where it contradicts itself or its file is wrong."""
    document = load_document(_FOLDER.joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    if not isinstance(document, dict) or not isinstance(document.get(section), dict):
        raise ValueError(f"table {name} has no section {section}")
    table: dict[str, TrackingStatus] = {}
    for word, codes in document[section].items():
        status = TrackingStatus(word)
        if status.value != word:
            raise ValueError(f"table {name}: {word} is no status")
        for code in codes:
            if str(code).casefold() in table:
                raise ValueError(f"table {name}: {code} stands twice")
            table[str(code).casefold()] = status
    return table


class Statuses:
    """What codes mean to one partner: `status_map` of its profile first, then the carrier's table."""

    def __init__(self, profile: PartnerProfile, default_table: str) -> None:
        """Raises Rejected PARTNER_UNKNOWN where the profile names a table that there is not."""
        rules = profile.status_map
        own: dict[str, str] = dict(rules.fulfillment)
        tables = [code_table(default_table)]
        if isinstance(rules.carrier_codes, str):
            tables.insert(0, _known_table(rules.carrier_codes))
        elif rules.carrier_codes:
            own |= rules.carrier_codes
        self._tables: list[CodeTable] = [
            {code.casefold(): TrackingStatus(status) for code, status in own.items()},
            *tables,
        ]

    def of(self, *codes: str | None) -> TrackingStatus | None:
        """Status of the first code that profile or table knows; None where none is known."""
        for code in codes:
            folded = (code or "").casefold()
            for table in self._tables:
                if folded in table:
                    return table[folded]
        return None


def _known_table(name: str) -> CodeTable:
    known = table_names()
    if name not in known:
        detail = (
            f"no carrier table is called {shown(name)}; name one of {', '.join(known)}, or write its codes"
        )
        raise Rejected(RejectionCode.PARTNER_UNKNOWN, detail, "status_map.carrier_codes")
    return code_table(name)
