"""A registry that every process has by itself: the schemas of the repository, numbered by name."""

from __future__ import annotations

import json

from crossdock.canonical.schemas import full_names, schema_of


class StaticRegistry:
    """Ids are places in the sorted list of full names, so separate processes agree without a server."""

    def __init__(self) -> None:
        self._names = sorted(full_names())

    def register(self, subject: str, schema: str) -> int:
        """Id of a schema of the repository."""
        stated = json.loads(schema)
        name = stated["name"] if "." in stated["name"] else f"{stated['namespace']}.{stated['name']}"
        return self._names.index(name) + 1

    def schema(self, schema_id: int) -> str:
        """Text of a schema. Raises KeyError for an unknown id."""
        if not 1 <= schema_id <= len(self._names):
            raise KeyError(schema_id)
        return json.dumps(schema_of(self._names[schema_id - 1]))
