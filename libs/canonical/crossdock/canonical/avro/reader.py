"""Readers of Avro bodies, generated per pair of schemas: straight from bytes to a valid model.

Invariant: what a generated reader returns is what the model's own validation would accept; every other
input raises. Each constraint of a field is either guaranteed by the Avro type or checked here; a kind of
constraint that is not known here stops the generation. Why generated: reading to a dict and validating it
takes 4 times as long (an order has some 450 values).
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final, get_args

from crossdock.canonical.avro import values
from crossdock.canonical.avro.constraints import Kind, checks, kind_of
from crossdock.canonical.avro.names import NormalSchema, Schema, matching_field, normal_schema
from crossdock.canonical.avro.values import Broken, Memory, decimal_of, write_text
from crossdock.canonical.models import instances
from crossdock.canonical.models.field_types import Canonical, Member

Reader = Callable[[bytes, int], tuple[Any, int]]
"""(model, next place) of the bytes at a place. Raises ValueError or IndexError where they are no model."""

_RUNTIME: Final = MappingProxyType(
    {
        "skip": values.skip,
        "no_branch": values.no_branch,
        "read_long": values.read_long,
        "read_int": values.read_int,
        "read_text": values.read_text,
        "read_bytes": values.read_bytes,
        "read_count": values.read_count,
        "read_instant": values.read_instant,
        "read_date": values.read_date,
        "Broken": Broken,
        "BOOLEAN": {0: False, 1: True},
        "new": object.__new__,
        "set_values": instances.set_values,
        "set_fields": instances.set_fields,
        "set_extra": instances.set_extra,
        "set_private": instances.set_private,
    }
)
_INLINE_FIELDS_MAX: Final = 6
_RECORDS_MAX: Final = 4096
_INSTANT_BYTES: Final = 8  # of an instant between 1970 and 2041; others take the plain way
_DATE_BYTES: Final = 3  # of a date between 1992 and 4800


def compile_reader(model: type[Canonical], reader: Schema, writer: Schema) -> Reader:
    """Reader of what `writer` wrote into `model`, whose own schema is `reader`; the two are compatible.

    Raises TypeError where the model has a constraint that the generator does not know.
    """
    source = _ReaderSource(normal_schema(reader), normal_schema(writer))
    assert isinstance(source.reader.root, str)
    assert isinstance(source.writer.root, str)
    name = source.function(model, source.reader.root, source.writer.root)
    scope = dict(source.scope)
    # Our own text: whatever a schema states enters as an object of the scope, never as text.
    exec("\n".join(source.lines), scope)
    read: Reader = scope[name]
    return read


class _ReaderSource:
    """Text of the reader functions of one pair of schemas, and the objects they use."""

    def __init__(self, reader: NormalSchema, writer: NormalSchema) -> None:
        self.reader = reader
        self.writer = writer
        self.lines: list[str] = []
        self.functions: dict[tuple[type[Canonical], str], str] = {}
        self.scope: dict[str, Any] = {  # whatever the generated text names
            **_RUNTIME,
            "NAMES": writer.names,
            "INSTANT": (instants := Memory(_never)),
            "DATE": (dates := Memory(_never)),
            "read_instant": values.remembering(values.read_instant, instants, _INSTANT_BYTES),
            "read_date": values.remembering(values.read_date, dates, _DATE_BYTES),
        }
        self.decimals: dict[tuple[int, int], str] = {}
        self.memories: dict[tuple[type[Canonical], str], str] = {}
        self.count = 0

    def name(self, prefix: str) -> str:
        """A name that nothing else in the generated text has."""
        self.count += 1
        return f"{prefix}{self.count}"

    def constant(self, value: object) -> str:
        """Name of an object in the scope of the generated text."""
        name = self.name("K")
        self.scope[name] = value
        return name

    def function(self, model: type[Canonical], reader: str, writer: str) -> str:
        """Name of the function that reads a record; written first where it is new."""
        name = self.functions.get((model, writer))
        if name is None:
            name = self.functions[model, writer] = self.name("read")
            body = self.record(model, reader, writer, "o")
            self.lines += [f"def {name}(b, i):", *_indented(body), "    return o, i"]
        return name

    def record(self, model: type[Canonical], reader: str, writer: str, target: str) -> list[str]:
        """Lines that read the writer's fields in their order and make the model `target`."""
        _refuse_hooks(model)
        own = {field["name"]: field for field in self.reader.names[reader]["fields"]}
        written = {field["name"]: field for field in self.writer.names[writer]["fields"]}
        takes = {name: matching_field(field, written) for name, field in own.items()}
        names = {source["name"]: name for name, source in takes.items() if source is not None}
        lines: list[str] = []
        found: dict[str, str] = {}
        for source in written.values():
            name = names.get(source["name"])
            if name is None:
                lines.append(f"i = skip(b, i, {self.constant(source['type'])}, NAMES)")
            else:
                info = model.model_fields[name]
                found[name] = self.name("v")
                kind = kind_of(info.annotation, tuple(info.metadata), f"{model.__name__}.{name}")
                lines += self.value(kind, own[name]["type"], source["type"], found[name])
        for name in own.keys() - found.keys():
            found[name] = self.constant(model.model_fields[name].get_default())
        return lines + self.instance(model, found, target)

    def instance(self, model: type[Canonical], found: dict[str, str], target: str) -> list[str]:
        """Lines that make a model of variables, in the model's order of fields."""
        items = ", ".join(f"{name!r}: {found[name]}" for name in model.model_fields)
        return [
            f"{target} = new({self.constant(model)})",
            f"set_values({target}, {{{items}}}); set_extra({target}, None)",
            f"set_fields({target}, {self.constant(set(model.model_fields))}); set_private({target}, None)",
        ]

    def value(self, kind: Kind, reader: Schema, writer: Schema, target: str) -> list[str]:
        """Lines that read one value of the writer's type and check what the model demands beyond it."""
        if isinstance(reader, list):
            reader = reader[1]
        if isinstance(writer, list):
            return self.union(kind, reader, writer, target)
        definition = self.writer.definition(writer)
        assert isinstance(definition, dict)
        match definition["type"]:
            case "record":
                lines = self.nested(kind, reader, definition, target)
            case "array":
                lines = self.array(kind, reader, definition, target)
            case "enum":
                lines = self.enum(kind, definition, target)
            case "string" | "bytes" if kind.mark(Member):
                lines = self.member(kind.mark(Member), target)
            case _:
                lines = self.plain(reader, definition, target)
        for condition, problem in checks(kind, target, self.constant):
            text = f"{kind.field}: {problem}"
            lines.append(f"if {condition}: raise Broken({text!r})")
        return lines

    def union(self, kind: Kind, reader: Schema, branches: list[Any], target: str) -> list[str]:
        """Lines that read one of the writer's branches."""
        number = self.name("n")
        lines = [f"{number} = b[i]; i += 1"]
        for place, branch in enumerate(branches):
            is_null = branch == {"type": "null"}
            body = [f"{target} = None"] if is_null else self.value(kind, reader, branch, target)
            lines += [f"{'elif' if place else 'if'} {number} == {2 * place}:", *_indented(body)]
        return [*lines, "else: no_branch()"]

    def nested(self, kind: Kind, reader: Schema, record: dict[str, Any], target: str) -> list[str]:
        """Lines that read a record: in place where it is small, else through its own function."""
        assert isinstance(reader, str)
        if not self.is_small(record):
            return [f"{target}, i = {self.function(kind.type, reader, record['name'])}(b, i)"]
        lines = self.record(kind.type, reader, record["name"], target)
        steps = [self.step(field["type"]) for field in record["fields"]]
        return self.remembered(kind.type, record["name"], lines, steps, target) if all(steps) else lines

    def step(self, kind: Schema) -> str:
        """Text that moves `j` behind a decimal or short text, empty for other types."""
        definition = self.writer.definition(kind)
        assert isinstance(definition, dict)
        return "j += 1 + (b[j] >> 1)" if definition["type"] in ("bytes", "string") else ""

    def remembered(
        self, model: type[Canonical], writer: str, lines: list[str], steps: list[str], target: str
    ) -> list[str]:
        """Lines that look up the bytes of an amount or quantity before they read it."""
        key, memory = self.name("k"), self.memories.get((model, writer))
        if memory is None:
            memory = self.memories[model, writer] = self.constant(Memory(_never, entries_max=_RECORDS_MAX))
        return [
            "j = i",
            "; ".join(steps),
            f"{key} = b[i:j]",
            f"{target} = {memory}.get({key})",
            f"if {target} is None:",
            f"    e{key} = j",
            *_indented(lines),
            f"    if i == e{key}: {memory}.remember({key}, {target})",
            "else: i = j",
        ]

    def is_small(self, record: dict[str, Any]) -> bool:
        """Whether a record has few fields, none of them a record, array or union."""
        definitions = [self.writer.definition(field["type"]) for field in record["fields"]]
        return len(definitions) <= _INLINE_FIELDS_MAX and all(
            isinstance(definition, dict) and definition["type"] not in ("record", "array", "map")
            for definition in definitions
        )

    def array(self, kind: Kind, reader: Schema, array: dict[str, Any], target: str) -> list[str]:
        """Lines that read an array, which may come in several blocks, into a tuple."""
        assert isinstance(reader, dict)
        items, item, count = self.name("a"), self.name("x"), self.name("n")
        inner = kind_of(get_args(kind.type)[0], (), kind.field)
        body = self.value(inner, reader["items"], array["items"], item)
        return [
            f"{target} = ()",
            "if b[i] == 0: i += 1",
            "else:",
            f"    {items} = []",
            f"    {count}, i = read_count(b, i)",
            f"    while {count}:",
            f"        for _ in range({count}):",
            *_indented([*body, f"{items}.append({item})"], 3),
            f"        {count}, i = read_count(b, i)",
            f"    {target} = tuple({items})",
        ]

    def enum(self, kind: Kind, definition: dict[str, Any], target: str) -> list[str]:
        """Lines that read an enum; a symbol that we do not know is `unknown`."""
        members = {member.value: member for member in kind.type}
        known = [members.get(symbol, members.get("unknown")) for symbol in definition["symbols"]]
        if len(known) > 63:
            return [f"n, i = read_long(b, i); {target} = {self.constant(dict(enumerate(known)))}[n]"]
        return [
            f"{target} = {self.constant({2 * n: member for n, member in enumerate(known)})}[b[i]]; i += 1"
        ]

    def member(self, member: Member, target: str) -> list[str]:
        """Lines that read text of a fixed set whose members are equally long."""
        (size,) = {len(write_text(text)) for text in member.members}
        table = self.constant({write_text(text): text for text in member.members})
        return [f"{target} = {table}[b[i:i + {size}]]; i += {size}"]

    def plain(self, reader: Schema, writer: dict[str, Any], target: str) -> list[str]:
        """Lines that read a value of a primitive or logical type."""
        definition = self.reader.definition(reader)
        assert isinstance(definition, dict)
        match definition["type"], writer.get("logicalType"):
            case "string", None:
                return [
                    "n = b[i]",
                    f"if n & 129: {target}, i = read_text(b, i)",
                    f"else: j = i + 1 + (n >> 1); {target} = b[i + 1:j].decode(); i = j",
                ]
            case "bytes", None:
                return [f"{target}, i = read_bytes(b, i)"]
            case "bytes", "decimal":
                decimals = self.decimal(writer["precision"], writer["scale"])
                return [f"j = i + 1 + (b[i] >> 1); {target} = {decimals}[b[i:j]]; i = j"]
            case "boolean", None:
                return [f"{target} = BOOLEAN[b[i]]; i += 1"]
            case "int" | "long", None:
                return [
                    "n = b[i]; i += 1",
                    f"if n > 127: {target}, i = read_{writer['type']}(b, i - 1)",
                    f"else: {target} = (n >> 1) ^ -(n & 1)",
                ]
            case "long", "timestamp-micros":
                return _remembered("INSTANT", "read_instant", _INSTANT_BYTES, target)
            case "int", "date":
                return _remembered("DATE", "read_date", _DATE_BYTES, target)
        raise TypeError(f"no reader for the Avro type {writer}")

    def decimal(self, precision: int, scale: int) -> str:
        """Name of the memory of decimals of a precision and scale."""
        name = self.decimals.get((precision, scale))
        if name is None:
            memory = Memory(decimal_of(precision, scale))
            name = self.decimals[precision, scale] = self.constant(memory)
        return name


def _remembered(memory: str, read: str, size: int, target: str) -> list[str]:
    return [
        f"{target} = {memory}.get(b[i:i + {size}])",
        f"if {target} is None: {target}, i = {read}(b, i)",
        f"else: i += {size}",
    ]


def _indented(lines: list[str], levels: int = 1) -> list[str]:
    return [f"{'    ' * levels}{line}" for line in lines]


def _refuse_hooks(model: type[Canonical]) -> None:
    hooks = model.__pydantic_decorators__
    if hooks.model_validators or hooks.field_validators or hooks.root_validators:
        raise TypeError(f"{model.__name__} has validators, which generated readers do not run")
    if model.__private_attributes__ or model.__pydantic_post_init__:
        raise TypeError(f"{model.__name__} has private attributes, which generated readers do not set")


def _never(key: bytes) -> Any:
    raise KeyError(key)
