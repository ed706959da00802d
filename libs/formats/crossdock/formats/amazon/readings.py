"""Readings that belong together: an order and what else its payload says.

Invariant: the digest of the whole depends on every part, and its revision is that of the first.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from crossdock.canonical.models import Revision
from crossdock.canonical.models.instances import trusted
from crossdock.canonical.reading import Reading


def together(first: Reading, rest: Reading) -> Reading:
    """One reading of both; the first alone where the rest is empty."""
    if not rest.entities:
        return first
    digest = hashlib.sha256(first.digest + rest.digest).digest()
    revision = trusted(Revision, first.revision.__dict__ | {"content_sha256": digest.hex()})
    entities = first.entities + rest.entities
    return replace(first, entities=entities, revision=revision, digest=digest)
