"""From a declarative mapping to Python source, compiled once per mapping.

Invariant: no text of the partner stands in the source: names, paths and literals are constants that it
refers to by number. What a rule cannot read is refused with the place in the payload and the rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models.mapping import MappingCondition, MappingRule, MappingSection
from crossdock.formats.declarative.functions import Unreadable, function_named, plain
from crossdock.formats.declarative.grouping import LINE, gathered
from crossdock.formats.json_document import Inexact, Node

Compiled = Callable[[Node], dict[str, Any]]
"""Makes the canonical content of a source document; raises Rejected, Inexact."""
_STEP: Final = re.compile(r"([^.\[\]]+)(?:\[([^\[\]*]+)\])?")
_TEXT: Final = "#text"
POSITION: Final = "#position"
"""Path of an element's own place in its list, from 1."""
Choice = tuple[str, str]
"""The first element of a list whose member of this name has this value."""
Steps = list[str | int | Choice]
Tree = dict[str, "MappingRule | Tree"]
_Where = tuple[str, tuple[int, ...], Node]
"""A place in the payload with `{}` per index, the indices, and the object that it is in."""


def compiled(spec: MappingSection) -> Compiled:
    """The mapping as a function."""
    writer = _Writer(spec.lookups)
    writer.line("def mapping(D, C, F, L, S, pick, gather, refuse, unlisted):")
    with writer.indented():
        writer.line("o = {}")
        _tree(writer, _nested(spec.fields), "o", _Scope("D", "$", (), ""))
        writer.line("return o")
    space: dict[str, Any] = {}
    exec(compile(writer.source, "<mapping>", "exec"), {"Unreadable": Unreadable}, space)
    function = space["mapping"]
    constants, functions = tuple(writer.constants), tuple(writer.functions)
    tables = tuple(spec.lookups.values())

    def mapping(document: Node) -> dict[str, Any]:
        content: dict[str, Any] = function(
            document, constants, functions, tables, _scalar, chosen, _gathered, _refusal, _unlisted
        )
        return content

    return mapping


def steps_of(path: str) -> tuple[bool, Steps]:
    """Whether a path starts at the document, and its names, indices and choices."""
    is_absolute = path.startswith("$")
    steps: Steps = []
    for name, index in _STEP.findall(path.removeprefix("$").removeprefix(".").removesuffix("[*]")):
        steps.append(name)
        member, is_choice, wanted = index.partition("=")
        if is_choice:
            steps.append((member, wanted))
        elif index:
            steps.append(int(index))
    return is_absolute, steps


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where relative paths start: variable, place in the payload (`{}` per index), index variables, rule."""

    base: str
    place: str
    indices: tuple[str, ...]
    rule: str

    def of(self, path: str) -> tuple[str, str]:
        """Variable that a path starts from, and its whole place; braces of names are no indices."""
        plain_path = path.replace("{", "{{").replace("}", "}}")
        if path.startswith("$"):
            return "D", plain_path
        return self.base, f"{self.place}.{plain_path}"

    def named(self, name: str) -> _Scope:
        """The scope with a longer rule."""
        return _Scope(self.base, self.place, self.indices, f"{self.rule}.{name}" if self.rule else name)


@dataclass(slots=True)
class _Writer:
    lookups: Mapping[str, Mapping[str, str]]
    constants: list[object] = field(default_factory=list)
    functions: list[Callable[[object], object]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    depth: int = 0
    variables: int = 0

    @property
    def source(self) -> str:
        """All of it."""
        return "\n".join(self.lines) + "\n"

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def indented(self) -> Any:  # a generator that contextmanager turns into one
        self.depth += 1
        yield
        self.depth -= 1

    def constant(self, value: object) -> str:
        for number, known in enumerate(self.constants):
            if type(known) is type(value) and known == value:
                return f"C[{number}]"
        self.constants.append(value)
        return f"C[{len(self.constants) - 1}]"

    def variable(self) -> str:
        self.variables += 1
        return f"v{self.variables}"


def _nested(fields: Mapping[str, MappingRule]) -> Tree:
    tree: Tree = {}
    for path, rule in fields.items():
        *way, last = path.split(".")
        node = tree
        for step in way:
            inner = node.setdefault(step, {})
            assert isinstance(inner, dict), (
                "the grammar refuses a field that is mapped as a whole and in part"
            )
            node = inner
        node[last] = rule
    return tree


def _tree(writer: _Writer, tree: Tree, target: str, scope: _Scope) -> None:
    """Statements that fill one object; its constants stand only where something else does."""
    constants = {name: one for name, one in tree.items() if _is_constant(one)}
    for name, one in sorted(tree.items(), key=lambda member: _has_position(member[1])):
        if name not in constants:
            _member(writer, name, one, target, scope.named(name))
    for name, one in tree.items():
        if isinstance(one, MappingRule) and one.otherwise is not None:
            _otherwise(writer, name, one, target, scope)
    if not constants:
        return
    if len(constants) < len(tree) and scope.rule:
        writer.line(f"if {target}:")
        with writer.indented():
            _constants(writer, constants, target)
    else:
        _constants(writer, constants, target)


def _is_constant(one: MappingRule | Tree) -> bool:
    return isinstance(one, MappingRule) and one.literal is not None and one.when is None


def _has_position(one: MappingRule | Tree) -> bool:
    """Positions come last: an element that has nothing else is none."""
    return isinstance(one, MappingRule) and POSITION in (one.path, *(one.first_of or ()), *(one.all_of or ()))


def _constants(writer: _Writer, constants: Mapping[str, MappingRule | Tree], target: str) -> None:
    for name, one in constants.items():
        assert isinstance(one, MappingRule)
        writer.line(f"{target}[{writer.constant(name)}] = {writer.constant(one.literal)}")


def _otherwise(writer: _Writer, name: str, rule: MappingRule, target: str, scope: _Scope) -> None:
    member = writer.constant(name)
    writer.line(f"if {target} and {member} not in {target}:")
    with writer.indented():
        if rule.when is not None:
            _condition(writer, rule.when, scope)
            writer.depth += 1
        writer.line(f"{target}[{member}] = {writer.constant(rule.otherwise)}")
        writer.depth -= rule.when is not None


def _member(writer: _Writer, name: str, one: MappingRule | Tree, target: str, scope: _Scope) -> None:
    if isinstance(one, dict):
        inner = writer.variable()
        writer.line(f"{inner} = {{}}")
        _tree(writer, one, inner, scope)
        writer.line(f"if {inner}:")
        with writer.indented():
            writer.line(f"{target}[{writer.constant(name)}] = {inner}")
    elif one.when is not None:
        _condition(writer, one.when, scope)
        with writer.indented():
            _rule(writer, name, one, target, scope)
    else:
        _rule(writer, name, one, target, scope)


def _condition(writer: _Writer, when: MappingCondition, scope: _Scope) -> None:
    value = _read(writer, when.path, scope)
    if when.is_present is not None:
        test = f"{value} is not None" if when.is_present else f"{value} is None"
    elif when.equals is not None:
        test = f"S({value}) == {writer.constant(when.equals)}"
    elif when.one_of is not None:
        test = f"S({value}) in {writer.constant(frozenset(when.one_of))}"
    else:
        test = f"S({value}) not in {writer.constant(frozenset(when.not_one_of or ()))}"
    writer.line(f"if {test}:")


def _rule(writer: _Writer, name: str, rule: MappingRule, target: str, scope: _Scope) -> None:
    if rule.each is not None:
        _each(writer, name, rule, target, scope)
        return
    if rule.literal is not None:
        writer.line(f"{target}[{writer.constant(name)}] = {writer.constant(rule.literal)}")
        return
    paths = rule.first_of or rule.all_of or (rule.path or "",)
    value = _read(writer, paths[0], scope, target)
    for path in paths[1:]:
        writer.line(f"if {value} is {'None' if rule.all_of is None else 'not None'}:")
        with writer.indented():
            other = _read(writer, path, scope, target)
            joined = f'f"{{{value}}} {{{other}}}" if {other} is not None else None'
            writer.line(f"{value} = {other if rule.all_of is None else joined}")
    writer.line(f"if {value} is not None:")
    with writer.indented():
        _converted(writer, rule, value, scope, scope.of(paths[0]))
        writer.line(f"if {value} is not None: {target}[{writer.constant(name)}] = {value}")


def _converted(
    writer: _Writer, rule: MappingRule, value: str, scope: _Scope, source: tuple[str, str]
) -> None:
    base, place = source
    where = f"({writer.constant(place)}, ({''.join(f'{index}, ' for index in scope.indices)}), {base})"
    rule_name = writer.constant(scope.rule)
    if rule.functions:
        expression = value
        for call in rule.functions:
            writer.functions.append(function_named(call))
            expression = f"F[{len(writer.functions) - 1}]({expression})"
        writer.line("try:")
        with writer.indented():
            writer.line(f"{value} = {expression}")
        writer.line("except Unreadable as fault:")
        with writer.indented():
            writer.line(f"raise refuse(fault, {rule_name}, {where}) from None")
    if rule.lookup is not None:
        table = f"L[{list(writer.lookups).index(rule.lookup)}]"
        found = writer.variable()
        writer.line(f"{found} = {table}.get(S({value}))")
        if rule.otherwise is None:
            writer.line(f"if {found} is None:")
            with writer.indented():
                name = writer.constant(rule.lookup)
                writer.line(f"raise unlisted({value}, {name}, {rule_name}, {where})")
        writer.line(f"{value} = {found}")


def _each(writer: _Writer, name: str, rule: MappingRule, target: str, scope: _Scope) -> None:
    path = rule.each or ""
    base, place = scope.of(path)
    source, found = writer.variable(), writer.variable()
    _walk(writer, source, base, steps_of(path)[1])
    writer.line(f"if {source} is not None:")
    with writer.indented():
        if rule.group_by:
            writer.line(f"{source} = gather({source}, {writer.constant(rule.group_by)})")
        writer.line(f"{found} = []")
        index, element, inner = f"i{source}", f"e{source}", writer.variable()
        writer.line(
            f"for {index}, {element} in enumerate({source} if type({source}) is list else [{source}]):"
        )
        with writer.indented():
            writer.line(f"if type({element}) is not dict:")
            with writer.indented():
                writer.line(f"{element} = {{{writer.constant(_TEXT)}: {element}}}")
            writer.line(f"{inner} = {{}}")
            place = place.removesuffix("[*]") + "[{}]"
            _tree(
                writer,
                _nested(rule.fields),
                inner,
                _Scope(element, place, (*scope.indices, index), scope.rule),
            )
            writer.line(f"if {inner}:")
            with writer.indented():
                writer.line(f"{found}.append({inner})")
        writer.line(f"if {found}:")
        with writer.indented():
            writer.line(f"{target}[{writer.constant(name)}] = {found}")


def _read(writer: _Writer, path: str, scope: _Scope, target: str = "True") -> str:
    """Statements that read a scalar, empty text as absent; the variable that holds it."""
    value = writer.variable()
    if path == POSITION:
        position = f"str({scope.indices[-1]} + 1) if {target} else None" if scope.indices else None
        writer.line(f"{value} = {position}")
        return value
    _walk(writer, value, scope.of(path)[0], steps_of(path)[1])
    writer.line(f"if type({value}) is str: {value} = {value}.strip() or None")
    writer.line(f"elif {value} is not None: {value} = S({value})")
    return value


def _walk(writer: _Writer, value: str, base: str, steps: Steps) -> None:
    if not steps:
        writer.line(f"{value} = {base}")
        return
    first, *rest = steps
    writer.line(f"{value} = {base}.get({writer.constant(first)})")
    for step in rest:
        if isinstance(step, tuple):
            member, wanted = map(writer.constant, step)
            writer.line(f"{value} = pick({value}, {member}, {wanted})")
        elif isinstance(step, int):
            writer.line(
                f"if type({value}) is list: {value} = {value}[{step}] if len({value}) > {step} else None"
            )
            if step > 0:  # one element alone is its own first
                writer.line(f"else: {value} = None")
        else:
            writer.line(f"{value} = {value}.get({writer.constant(step)}) if type({value}) is dict else None")


def chosen(value: object, member: str, wanted: str) -> object:
    """The first object of a list, or a lone one, whose member has this value as text; None for none."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            found = _scalar(one.get(member))
            if found is not None and plain(found) == wanted:
                return one
    return None


def _gathered(value: object, members: tuple[str, ...]) -> list[Node]:
    listed = value if isinstance(value, list) else [value]
    return gathered([one if isinstance(one, dict) else {_TEXT: one} for one in listed], members)


def _scalar(value: object) -> object:
    """A scalar as text, a yes or no as it is; of an XML element its text, of a list of one that one."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        raise Inexact
    if isinstance(value, list):
        return _scalar(value[0]) if len(value) == 1 else None
    if isinstance(value, dict):
        return _scalar(value.get(_TEXT)) or None
    if value is None or isinstance(value, bool):
        return value
    return plain(value) if isinstance(value, int | Decimal) else None


def _refusal(fault: Unreadable, rule: str, where: _Where) -> Rejected:
    detail = f"mapping field {rule} expects {fault}; correct the payload, or the functions of the mapping"
    return Rejected(fault.code, detail, _placed(where))


def _unlisted(value: object, table: str, rule: str, where: _Where) -> Rejected:
    found = shown(str(value))
    detail = f"mapping field {rule}: lookups.{table} has no entry for {found}; add it to the mapping"
    return Rejected(RejectionCode.FIELD_INVALID, detail, _placed(where))


def _placed(where: _Where) -> str:
    """The place in the payload; of a file of rows its line and column."""
    place, indices, around = where
    found, line = place.format(*indices), around.get(LINE)
    return f"line {line} column {found.rpartition('.')[2]}" if type(line) is int else found
