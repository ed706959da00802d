"""What must hold for any bytes: refused, waiting or a valid reading, and nothing lost on the way.

Invariant: a target returns a word for what happened and raises where a rule is broken; it keeps no state.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

from crossdock.canonical import codec
from crossdock.canonical.errors import Rejected, Waiting
from crossdock.canonical.keys import join_key, key_prefix, split_key
from crossdock.canonical.models import Order
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.profiles import ProfileInvalid, document_of, parse_profile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.edifact import document as edifact_documents
from crossdock.formats.edifact import interchange as edifact_interchanges
from crossdock.formats.registry import FORMATS, Format
from crossdock.formats.x12.document import read_document
from crossdock.formats.x12.payload import read_payload
from crossdock.formats.x12.tokenizer import decode
from crossdock.normalize.domain import read_channel_record
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.serde import Serde
from tests.hostile.cases import CAPTURED_MS, CORPUS, partners
from tests.hostile.frames import StrangeRegistry
from tests.hostile.fuzz import file_targets
from tests.hostile.fuzz.records import RECORDS
from tests.hostile.fuzz.refusals import record_of, told
from tests.hostile.reading import profiles
from tests.kit.edifact_reading import PROFILE as EDIFACT_PARTNER

_OF_FORMAT: Final = {"shopify_order": "shop", "woocommerce_order": "woo", "canonical_json": "canon"}
_LINE: Final = re.compile(r"(?<![A-Za-z0-9])PO1\*[^*\r\n]{0,40}\*")
"""An order line with a quantity, in the usual delimiters: never dropped, wherever it stands."""
_LIN: Final = re.compile(r"(?<![A-Za-z0-9])LIN\+[^+\r\n]{0,40}\+")
"""The same of EDIFACT."""
_SHAPES: Final = ("primitive", "union", "enum", "nameless", "protobuf", "namesake", "recursive", "zero-width")
Target = Callable[[bytes], str]


def _checked(reading: Reading) -> Order:
    """The one order of a reading; what it says can be written and read back."""
    (order,) = reading.entities
    assert isinstance(order, Order)
    assert codec.decode(Order, codec.encode(order)) == order
    assert order.line_count == len(order.lines) > 0
    return order


# ---- JSON ------------------------------------------------------------------------------------------------


def json_payload(data: bytes) -> str:
    """All JSON formats: keys, files, orders; each line that came in goes out."""
    words = [_json_format(name, data) for name in _OF_FORMAT]
    return next((word for word in words if word == "accepted"), words[0])


def _json_format(name: str, data: bytes) -> str:
    form, partner = FORMATS[name], _OF_FORMAT[name]
    found = form.key(record_of(partner, data))
    if found is not None:
        join_key("acme", partner, found).encode()
    _json_file(form, partner, data)
    try:
        reading = form.read(record_of(partner, data), partners()[partner])
    except Rejected as refusal:
        return told(refusal)
    order = _checked(reading)
    assert len(_lines_said(data)) == len(order.lines)
    assert form.read(record_of(partner, data), partners()[partner]) == reading
    return "accepted"


def _lines_said(data: bytes) -> list[object]:
    root = json.loads(data.decode("utf-8-sig"), parse_int=str, parse_float=str)
    root = root["order"] if isinstance(root.get("order"), dict) else root
    lines: list[object] = (
        root["lines"] if "order_id" in root and "line_items" not in root else root["line_items"]
    )
    return lines


def _json_file(form: Format, partner: str, data: bytes) -> None:
    """A part for each value of an array, or several where it is a page; else all of it is in some part."""
    assert form.split is not None
    try:
        parts = form.split(record_of(partner, data, "raw.document.v1"), partners()[partner]).parts
    except Rejected as refusal:
        told(refusal)
        return
    try:
        root = json.loads(data.decode("utf-8-sig"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        root = None
    assert len(parts) >= (len(root) if isinstance(root, list) and root else 1)
    assert len({part.key for part in parts}) <= len(parts)


# ---- X12 -------------------------------------------------------------------------------------------------


def x12_payload(data: bytes) -> str:
    """Tokenizer, envelope, split and order: each set becomes one part, each part one order or one refusal."""
    form, profile = FORMATS["x12_850"], partners()["dist"]
    form.key(record_of("dist", data))
    assert form.split is not None
    try:
        payload = read_payload(decode(data))
        split = form.split(record_of("dist", data, "raw.document.v1"), profile)
    except Rejected as refusal:
        return told(refusal)
    assert len(split.parts) == sum(len(one.messages) for one in payload.interchanges) + len(payload.strays)
    _check_places(data, [one.text for one in payload.interchanges], payload.strays)
    words = [_x12_set(form, part.value) for part in split.parts]
    return next((word for word in words if word == "accepted"), words[0] if words else "empty")


def _check_places(data: bytes, texts: list[str], strays: list[str]) -> None:
    """Interchanges follow each other in the text, and every stray stands between them."""
    _check_gaps(decode(data).text, texts, strays, _LINE)


def _check_gaps(text: str, texts: list[str], strays: list[str], line: re.Pattern[str]) -> None:
    at, gaps = 0, []
    for one in texts:
        begin = text.index(one, at)
        gaps.append(text[at:begin])
        at = begin + len(one)
    gaps.append(text[at:])
    assert all(any(stray in gap for gap in gaps) for stray in strays)
    assert not any(line.search(gap) and not any(stray in gap for stray in strays) for gap in gaps)


def _x12_set(form: Format, value: bytes) -> str:
    words = [_any_set(value)]
    try:
        reading = form.read(record_of("dist", value, "raw.transaction-set.v1"), partners()["dist"])
    except Rejected as refusal:
        return words[0] if words[0] == "accepted" else told(refusal)
    document = read_document(value)
    if document.set_type != "850":  # an acknowledgement: accepted of every partner
        return "accepted"
    order = _checked(reading)
    assert len(order.lines) == sum(segment.tag == "PO1" for segment in document.segments)
    return "accepted"


def _any_set(value: bytes) -> str:
    """The same set from a partner who may send every kind: what it becomes can be written and read back."""
    dist = partners()["dist"]
    assert dist.exchange is not None
    partner = dist.model_copy(update={"exchange": dist.exchange.model_copy(update={"documents_in": ()})})
    record = record_of("dist", value, "raw.transaction-set.v1")
    try:
        reading = FORMATS["x12"].read(record, partner)
    except Rejected as refusal:
        return told(refusal)
    carried: tuple[Canonical, ...] = reading.entities
    for entity in carried:
        assert codec.decode(type(entity), codec.encode(entity)) == entity
    assert FORMATS["x12"].read(record, partner) == reading
    return "accepted"


# ---- EDIFACT ---------------------------------------------------------------------------------------------


def edifact_payload(data: bytes) -> str:
    """Each message becomes one part, each part one reading or one refusal; no line of an order is dropped."""
    form = FORMATS["edifact"]
    form.key(record_of("grocer", data))
    assert form.split is not None
    try:
        text, found = edifact_interchanges.SPLITTER.read(data)
        split = form.split(record_of("grocer", data, "raw.document.v1"), EDIFACT_PARTNER)
    except Rejected as refusal:
        return told(refusal)
    assert len(split.parts) == sum(len(one.messages) for one in found.interchanges) + len(found.strays)
    _check_gaps(text.text, [one.text for one in found.interchanges], found.strays, _LIN)
    words = [_edifact_message(form, part.value) for part in split.parts]
    return next((word for word in words if word == "accepted"), words[0] if words else "empty")


def _edifact_message(form: Format, value: bytes) -> str:
    record = record_of("grocer", value, "raw.transaction-set.v1")
    try:
        reading = form.read(record, EDIFACT_PARTNER)
    except Rejected as refusal:
        return told(refusal)
    assert form.read(record, EDIFACT_PARTNER) == reading
    for entity in reading.entities:
        assert codec.decode(type(entity), codec.encode(entity)) == entity
        if isinstance(entity, Order):
            lines = [one for one in edifact_documents.read_document(value).segments if one.tag == "LIN"]
            assert len(entity.lines) == len([one for at, one in enumerate(lines) if not (at and one.get(4))])
    return "accepted"


# ---- Avro ------------------------------------------------------------------------------------------------


def avro_body(data: bytes) -> str:
    """A body under our own schema, and the same bytes as a frame beside schemas of strangers."""
    model = type(RECORDS[data[0] % len(RECORDS)]) if data else type(RECORDS[0])
    registry = StrangeRegistry(MemoryRegistry())
    for shape in _SHAPES:
        registry.add(shape, model.FULL_NAME)
    serde = Serde(registry)
    serde.register(model.FULL_NAME, "fuzz")
    try:
        serde.deserialize(model, data[1:])
    except Rejected as refusal:
        told(refusal)
    return _decoded(model, data[1:])


def _decoded(model: type[Canonical], body: bytes) -> str:
    try:
        read = codec.decode(model, body)
    except Rejected as refusal:
        return told(refusal)
    assert model.model_validate(read.model_dump()) == read
    assert codec.decode(model, codec.encode(read)) == read
    return "accepted"


# ---- keys and profiles -----------------------------------------------------------------------------------


def key(data: bytes) -> str:
    """A record's key: names one object in one way, or is refused."""
    for segments in (1, 2, 3):
        try:
            assert data.startswith(key_prefix(data, segments))
        except ValueError:
            assert data.count(b"/") < segments - 1 or segments > 1
    value = (CORPUS / "bases" / "shopify.json").read_bytes().replace(b"@ID@", b"1")
    try:
        read_channel_record(Record("raw.channel.v1", 0, 7, data, value, (), CAPTURED_MS), profiles())
    except Rejected as refusal:
        return told(refusal)
    except Waiting as waiting:
        waiting.reference.encode()
        return "waiting"
    assert join_key(*split_key(data)).encode() == data
    return "accepted"


def profile(data: bytes) -> str:
    """A profile's text: valid as a whole, or every problem told; a valid one reads or refuses an order."""
    try:
        found = parse_profile(data.decode("utf-8", "replace"))
    except ProfileInvalid as refusal:
        return _problems_told(refusal)
    assert parse_profile(document_of(found)) == found
    if found.channel is None or found.money is None:
        return "no orders"
    value = (CORPUS / "bases" / "shopify.json").read_bytes().replace(b"@ID@", b"1")
    try:
        _checked(FORMATS["shopify_order"].read(record_of("shop", value), found))
    except Rejected as refusal:
        return told(refusal)
    return "accepted"


def _problems_told(refusal: ProfileInvalid) -> str:
    assert refusal.problems
    assert "secret 7" not in str(refusal).casefold()
    return "invalid"


TARGETS: Final[dict[str, Target]] = {
    "json": json_payload,
    "x12": x12_payload,
    "edifact": edifact_payload,
    "avro": avro_body,
    "report_file": file_targets.report_file,
    "xml": file_targets.xml,
    "key": key,
    "profile": profile,
}
