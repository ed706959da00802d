"""One document of a declarative mapping, from its bytes to its canonical entity.

Invariant: the mapping in the partner's profile decides alone; the same bytes and the same profile give the
same entity. A mapping is compiled once and kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.models.mapping import MappingSection
from crossdock.canonical.reading import Part, Reading
from crossdock.canonical.record import Record
from crossdock.formats import canonical_json
from crossdock.formats.canonical_json_input import OrderDocument
from crossdock.formats.declarative.compiler import Compiled, compiled
from crossdock.formats.declarative.completion import Completion
from crossdock.formats.declarative.entities import MAPPING_VERSION, SYSTEM, TARGETS, entity_reading
from crossdock.formats.declarative.grouping import differing, head_columns
from crossdock.formats.declarative.sources import source_documents, whole_documents
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.json_document import Document, Inexact, Node, exact_document, read_document
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

_PART: Final = "crossdock_document"
"""The one member of a document that `split` has cut out."""
_OPENING: Final = f'{{"{_PART}":'.encode()
_kept: Final[dict[int, tuple[MappingSection, Compiled]]] = {}
_KEPT_MAX: Final = 1_000


def mapping_of(profile: PartnerProfile) -> tuple[MappingSection, Compiled]:
    """The profile's mapping and its function. Raises Rejected FORMAT_UNKNOWN where it has none."""
    spec = profile.mapping
    if spec is None:
        detail = "format declarative needs the section `mapping` in the profile"
        raise Rejected(RejectionCode.FORMAT_UNKNOWN, detail, "mapping")
    known = _kept.get(id(spec))
    if known is None or known[0] is not spec:
        if len(_kept) >= _KEPT_MAX:
            _kept.clear()
        known = _kept[id(spec)] = (spec, compiled(spec))
    return known


def split(record: Record, profile: PartnerProfile) -> Reading:
    """One part per document of the payload, keyed by the identity that the mapping gives it."""
    spec, mapping = mapping_of(profile)
    tenant, partner = split_key(record.key or b"")[:2]
    parts = [
        Part(join_key(tenant, partner, _name(spec, mapping, document, value)), value)
        for document, value in _cut(spec, record.value or b"")
    ]
    reading = reading_of_entities((), record)
    return Reading((), reading.revision, hashlib.sha256(record.value or b"").digest(), parts=tuple(parts))


def _cut(spec: MappingSection, data: bytes) -> Iterator[tuple[Node | None, bytes]]:
    """Each document and its bytes; None for one that cannot be parsed, which its own reading refuses."""
    if spec.source == "json" and spec.documents is None:
        for value in whole_documents(spec, data):
            try:
                yield exact_document(value).root, value
            except Rejected:
                yield None, value
        return
    documents = source_documents(spec, data)
    if len(documents) > PARTS_MAX:
        raise too_many_parts("$")
    for document in documents:
        part = json.dumps({_PART: document}, default=_plain, ensure_ascii=False, separators=(",", ":"))
        yield document, part.encode()


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The entity of one document. Raises Rejected."""
    spec, mapping = mapping_of(profile)
    data = record.value or b""
    if data.startswith(_OPENING):
        node = exact_document(data).root[_PART]
        source = node if isinstance(node, dict) else {}
        return _reading(spec, mapping, source, record, profile)
    if spec.source == "json" and spec.documents is None:
        return read_document(data, lambda found: _reading(spec, mapping, found.root, record, profile))
    documents = source_documents(spec, data)
    if len(documents) != 1:
        detail = f"the payload holds {len(documents)} documents; send it as a file, so that it is split"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "$")
    return _reading(spec, mapping, documents[0], record, profile)


def _reading(
    spec: MappingSection, mapping: Compiled, source: Node, record: Record, profile: PartnerProfile
) -> Reading:
    content = mapping(source)
    stated = content.get("currency")
    declared = profile.money.currency if profile.money else None
    document = Document(content, is_exact=True)
    for column in differing(source, head_columns(spec)) if spec.group_by else ():
        detail = "the rows of one document state different values of a column that stands for all; the first"
        document.warn("rows_differ", f"{detail} is taken", f"column {column}")
    completion = Completion(document, str(stated) if stated else declared, profile.business_zone)
    if spec.entity != "order":
        completion.profile = profile
        return entity_reading(spec.entity, content, completion, record, profile)
    completion.complete(OrderDocument, content)
    origin = (SYSTEM, MAPPING_VERSION)
    return canonical_json.reading_of_document(document, record, profile, origin=origin)


def _name(spec: MappingSection, mapping: Compiled, document: Node | None, value: bytes) -> str:
    identity = "order_id" if spec.entity == "order" else TARGETS[spec.entity].identity
    try:
        found = None if document is None else mapping(document).get(identity)
    except (Rejected, Inexact):
        found = None
    return f"{spec.entity}:{found}" if found else f"{spec.entity}:sha256-{hashlib.sha256(value).hexdigest()}"


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError
