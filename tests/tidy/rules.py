"""The tidy rules: what a file of this repository may not do, and what to do in its place.

Invariant: a rule looks at one file and nothing else; its name is the key of its exceptions.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps

from tests.tidy import caps
from tests.tidy.tree import ROOT, Source


@dataclass(frozen=True)
class Offence:
    """A broken rule: where (`file` or `file::function`), what is wrong, how far above a cap."""

    place: str
    message: str
    figure: int = 0


Rule = Callable[[Source], Iterable[Offence]]
RULES: dict[str, Rule] = {}


def rule(check: Rule) -> Rule:
    """Register a rule under its function's name."""

    @wraps(check)
    def checked(source: Source) -> list[Offence]:
        return list(check(source))

    RULES[checked.__name__] = checked
    return checked


# ---- sizes -----------------------------------------------------------------------------------------------


@rule
def long_functions(source: Source) -> Iterator[Offence]:
    if source.is_python:
        for name, function in caps.functions(source):
            figure = caps.lines_of(function)
            if figure > caps.FUNCTION_LINES:
                place = f"{source.path}::{name}"
                yield Offence(place, f"{figure} lines, at most {caps.FUNCTION_LINES}: split it", figure)


@rule
def long_files(source: Source) -> Iterator[Offence]:
    cap = caps.FILE_LINES
    if source.pure_path.name == "topology.py" and source.path.startswith("services/"):
        cap = caps.TOPOLOGY_LINES
    if source.pure_path.name == "__main__.py":
        cap = caps.DUNDER_MAIN_LINES
    if source.is_python and len(source.lines) > cap:
        yield Offence(source.path, f"{len(source.lines)} lines, at most {cap}: split it", len(source.lines))


# ---- names and places ------------------------------------------------------------------------------------

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "tools", "stuff"}
THE_ONE_COMMON = "libs/canonical/crossdock/canonical/models/common.py"
"""The types that canonical-model §2 calls `crossdock.common`."""


@rule
def vague_module_names(source: Source) -> Iterator[Offence]:
    if source.is_python and source.path != THE_ONE_COMMON:
        vague = VAGUE_NAMES.intersection(source.pure_path.with_suffix("").parts)
        for name in vague:
            yield Offence(source.path, f"'{name}' says nothing: name the module after what it holds")


@rule
def namespace_with_init(source: Source) -> Iterator[Offence]:
    if source.path.endswith("crossdock/__init__.py"):
        yield Offence(source.path, "crossdock is a namespace package: this file would hide the other parts")


_MACHINE_PATH = re.compile(r"(?<![\w.}/:-])/(?:root|home|Users|work|tmp/w)/[\w.]")
_REGISTRY_HOST = re.compile(
    r"\b(?:pypi|pythonhosted|maven|npmjs|crates|golang|debian)\.(?:org|io|com|net|apache)\b"
)


@rule
def machine_paths(source: Source) -> Iterator[Offence]:
    yield from _matches(source, _MACHINE_PATH, "a path of one machine: derive it from the file's own place")


@rule
def registry_hosts(source: Source) -> Iterator[Offence]:
    yield from _matches(
        source, _REGISTRY_HOST, "a package registry's host: let the client use its configuration"
    )


def _matches(source: Source, pattern: re.Pattern[str], message: str) -> Iterator[Offence]:
    for number, line in enumerate(source.lines, 1):
        if pattern.search(line):
            yield Offence(source.path, f"line {number}: {message}")


_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")


@rule
def broken_links(source: Source) -> Iterator[Offence]:
    """A relative link of a Markdown page leads to a file of the repository."""
    if source.path.endswith(".md"):
        for match in _LINK.finditer(source.text):
            target = match["target"].split("#")[0]
            if (
                target
                and "://" not in target
                and not target.startswith("mailto:")
                and not _exists(source, target)
            ):
                yield Offence(source.path, f"the link to {target} leads nowhere")


def _exists(source: Source, target: str) -> bool:
    return (ROOT / source.pure_path.parent / target).exists()


# ---- imports ---------------------------------------------------------------------------------------------


def imported(source: Source) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, with its line; `from x import y` gives `x.y`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _is_under(module: str, parents: Iterable[str]) -> bool:
    return any(module == parent or module.startswith(parent + ".") for parent in parents)


KAFKA_CLIENTS = ("confluent_kafka", "aiokafka", "kafka")
IMPURE = (
    *("os", "time", "random", "secrets", "asyncio", "threading", "subprocess", "multiprocessing", "signal"),
    *("socket", "socketserver", "ssl", "selectors", "http", "urllib.request", "ftplib", "smtplib"),
    *("aiohttp", "requests", "httpx", "starlette", "uvicorn", "pydantic_settings"),
    *("logging", "structlog", "opentelemetry", "prometheus_client"),
    *KAFKA_CLIENTS,
)
PURE_STREAMING = ("topology", "step", "context", "errors")


def is_pure(source: Source) -> bool:
    """Canonical, formats, the pure half of streaming, and each service's topology and domain."""
    module = source.module
    if not source.is_product or len(module) < 3:
        return False
    if module[1] in {"canonical", "formats"}:
        return True
    if module[1] == "streaming":
        return len(module) == 3 and module[2] in PURE_STREAMING
    return module[-1] in {"topology", "domain"}


@rule
def impure_imports(source: Source) -> Iterator[Offence]:
    if is_pure(source):
        for line, module in imported(source):
            if _is_under(module, IMPURE):
                yield Offence(
                    source.path, f"line {line}: pure code imports {module}: take it from the context"
                )


_CLIENT_HOME = re.compile(
    r"libs/streaming/crossdock/streaming/backends/kafka.*|cli/crossdock/cli/kafka/.*|"
    r"cli/crossdock/embedded/broker\.py|services/[^/]+/crossdock/[^/]+/kafka(_log)?\.py|(tests|benchmarks)/.*"
)
"""The backend, and the one place of each other process."""


@rule
def kafka_client_imports(source: Source) -> Iterator[Offence]:
    if source.is_python and not _CLIENT_HOME.fullmatch(source.path):
        clients = sorted({module.split(".")[0] for _, module in imported(source)} & set(KAFKA_CLIENTS))
        if clients:
            message = f"imports {', '.join(clients)}: go through this process's one client module"
            yield Offence(source.path, message)


DORMANT = {
    "httpx": "aiohttp (asyncio) or http.client",
    "requests": "http.client or aiohttp",
    "unittest.mock": "the fakes that the libraries ship",
    "mock": "the fakes that the libraries ship",
    "pkg_resources": "importlib.metadata",
}


@rule
def banned_imports(source: Source) -> Iterator[Offence]:
    if source.is_python:
        for line, module in imported(source):
            for banned, instead in DORMANT.items():
                if _is_under(module, (banned,)):
                    yield Offence(source.path, f"line {line}: {module} is banned: use {instead}")


# ---- calls -----------------------------------------------------------------------------------------------


def _everywhere(source: Source) -> bool:
    return source.is_python


def _in_product(source: Source) -> bool:
    return source.is_product


def _where_time_is_given(source: Source) -> bool:
    return is_pure(source) or (
        source.is_test and not source.path.startswith(("tests/broker/", "tests/conftest"))
    )


def _in_tests(source: Source) -> bool:
    return source.is_test


@dataclass(frozen=True)
class Ban:
    """A call that is banned where `applies`, and its replacement."""

    applies: Callable[[Source], bool]
    instead: str


_CLOCK = "context.time, or a clock that is passed in"
BANS = {
    "time.sleep": Ban(_everywhere, "a condition with a deadline (Event.wait, poll), or an injected clock"),
    "asyncio.sleep": Ban(_in_tests, "the event or queue that the test waits for"),
    "datetime.utcnow": Ban(_everywhere, "datetime.now(UTC)"),
    "datetime.now": Ban(_where_time_is_given, _CLOCK),
    "datetime.today": Ban(_everywhere, _CLOCK),
    "date.today": Ban(_everywhere, _CLOCK),
    "time.time": Ban(_where_time_is_given, _CLOCK),
    "uuid.uuid4": Ban(is_pure, "uuid5 of the source coordinates"),
    "uuid4": Ban(is_pure, "uuid5 of the source coordinates"),
    "pickle.loads": Ban(_in_product, "Avro through crossdock.canonical.codec"),
    "eval": Ban(_everywhere, "a parser"),
    "exec": Ban(_everywhere, "an import"),
    "os.system": Ban(_everywhere, "subprocess.run with a list"),
    "float": Ban(is_pure, "Decimal: a float never touches money or quantity"),
    "produce_batch": Ban(_everywhere, "produce() in a loop: produce_batch drops headers silently"),
}


@rule
def banned_calls(source: Source) -> Iterator[Offence]:
    if source.is_python:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                yield from _banned(source, node)


def _banned(source: Source, call: ast.Call) -> Iterator[Offence]:
    name = ast.unparse(call.func)
    for banned, ban in BANS.items():
        if (name == banned or name.endswith("." + banned)) and ban.applies(source):
            yield Offence(source.path, f"line {call.lineno}: {banned}() is banned here: use {ban.instead}")
    for option, message in _BANNED_OPTIONS.items():
        if name.endswith(option[0]) and any(keyword.arg == option[1] for keyword in call.keywords):
            yield Offence(source.path, f"line {call.lineno}: {message}")


_BANNED_OPTIONS = {
    (
        "AIOKafkaProducer",
        "transactional_id",
    ): "aiokafka's transactions commit failed sends: use confluent-kafka",
    ("Popen", "shell"): "a shell reads names as commands: pass a list",
    ("subprocess.run", "shell"): "a shell reads names as commands: pass a list",
}


@rule
def floats_in_pure_code(source: Source) -> Iterator[Offence]:
    """No float literal and no float annotation where money and quantities are computed."""
    if is_pure(source):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                yield Offence(source.path, f"line {node.lineno}: the float {node.value}: use Decimal")
            if (
                isinstance(node, ast.AnnAssign | ast.arg)
                and node.annotation is not None
                and _names_float(node.annotation)
            ):
                yield Offence(source.path, f"line {node.lineno}: annotated as float: use Decimal")


def _names_float(annotation: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "float" for node in ast.walk(annotation))


# ---- environment and suppressions ------------------------------------------------------------------------

_ENVIRONMENT = re.compile(r"\bos\.(?:environ|getenv)\b|\(BaseSettings\)|\benvvar=|\bauto_envvar_prefix=")


@rule
def environment_reads(source: Source) -> Iterator[Offence]:
    """Only a process's settings module reads its environment."""
    if source.is_product and source.pure_path.name != "settings.py":
        yield from list(_matches(source, _ENVIRONMENT, "reads the environment: do it in settings.py"))[:1]


_CODES = r"(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[\w\s,-]+\])"
_SUPPRESSION = re.compile(rf"#\s*(?:noqa|type:\s*ignore)(?P<codes>{_CODES})?(?P<reason>.*)$")


def suppressions(source: Source) -> Iterator[tuple[int, re.Match[str]]]:
    """Comments that silence ruff or mypy, with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and (match := _SUPPRESSION.search(token.string)):
            yield token.start[0], match


@rule
def unexplained_suppressions(source: Source) -> Iterator[Offence]:
    """In product code; in tests the line before says what is provoked."""
    if source.is_product:
        for line, match in suppressions(source):
            if not (match["codes"] and re.search(r"\w{3}", match["reason"])):
                how = "`# noqa: CODE - reason` or `# type: ignore[code]  # reason`"
                yield Offence(source.path, f"line {line}: a suppression says why: {how}")
