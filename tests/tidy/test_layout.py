"""The tree is the one of docs/architecture.md: each kind of file has one place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import pytest

from tests.tidy import caps
from tests.tidy.rules import suppressions
from tests.tidy.tree import Source, sources, tracked_paths

TOP = {
    *(
        "pyproject.toml",
        "requirements.txt",
        "requirements-dev.txt",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
    ),
    *(
        "SECURITY.md",
        "LICENSE",
        "Makefile",
        "docker-compose.yml",
        ".gitignore",
        ".dockerignore",
        ".gitattributes",
    ),
    *(
        ".ci",
        "docs",
        "schemas",
        "libs",
        "services",
        "cli",
        "testbed",
        "deploy",
        "examples",
        "tests",
        "benchmarks",
    ),
}
PLACES = (
    r"libs/(?P<lib>[a-z]+)/(pyproject\.toml|README\.md|crossdock/(?P=lib)/.+)",
    r"services/[a-z][a-z-]*/(README\.md|crossdock/[a-z_]+/.+)",
    r"cli/(README\.md|crossdock/(cli|embedded)/.+)",
    r"testbed/(README\.md|crossdock/testbed/.+|real/.+)",
    r"tests/(conftest\.py|kit/.+|(unit|contract|scenario|property|golden|hostile|broker|tidy|docs)/.+)",
    r"schemas/topics/[a-z0-9.-]+\.yaml",
    r"schemas/cdc/[a-z0-9_-]+\.yaml",
    r"schemas/avro/crossdock(\.[a-z]+)+\.[A-Z][A-Za-z]+\.avsc",
    r"schemas/(examples|released)/.+",
    r"docs/([a-z-]+\.md|generate\.py|(operations|reference)/[a-z-]+\.md|.+\.(svg|png))",
    r"examples/.+",
    r"(benchmarks|deploy|\.ci)/.+",
    r"[^/]+",
)
STREAMING = "libs/streaming/crossdock/streaming/"
STREAMING_LINES = 3_570


def misplaced(paths: Iterable[str]) -> list[str]:
    """Paths that the layout has no place for."""
    place = re.compile("|".join(f"(?:{one})" for one in PLACES))
    return [path for path in paths if path.split("/")[0] not in TOP or not place.fullmatch(path)]


def incomplete_services(paths: Iterable[str]) -> list[str]:
    """Services whose package is not named after them or that lack a part."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        if match := re.fullmatch(r"services/([a-z-]+)/crossdock/([a-z_]+)/(.+)", path):
            service, package, rest = match.groups()
            found[service].add(rest if package == service.replace("-", "_") else f"!{package}")
    return [
        name
        for name, parts in found.items()
        if any(part.startswith("!") for part in parts) or not _is_whole(parts)
    ]


def _is_whole(parts: set[str]) -> bool:
    return {"__init__.py", "__main__.py", "settings.py"} <= parts and ("topology.py" in parts) == (
        "domain.py" in parts
    )


def lines_of_streaming(files: Iterable[Source]) -> int:
    """Lines of code of the runtime, its memory backend and test kit apart."""
    apart = (f"{STREAMING}testing", f"{STREAMING}backends/memory")
    counted = (one for one in files if one.is_python and one.path.startswith(STREAMING))
    return sum(caps.lines_of_code(one) for one in counted if not one.path.startswith(apart))


def readers_of_the_environment(files: Iterable[Source]) -> dict[str, list[str]]:
    """Settings modules by process; libraries have none of their own, only bases for them."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in files:
        if one.is_product and one.pure_path.name == "settings.py" and not one.path.startswith("libs/"):
            found["/".join(one.module[:2])].append(one.path)
    return found


def ignores_per_thousand_lines(files: Iterable[Source]) -> float:
    """How often product code tells mypy to look away, per thousand lines."""
    product = [one for one in files if one.is_product]
    count = sum("type:" in match[0] for one in product for _, match in suppressions(one))
    return 1_000 * count / max(1, sum(len(one.lines) for one in product))


def test_every_tracked_file_stands_in_its_place() -> None:
    assert misplaced(tracked_paths()) == []


@pytest.mark.parametrize(
    "path",
    [
        "notes.txt",
        "scripts/run.sh",
        "libs/canonical/crossdock/formats/x.py",
        "services/erp_posting/x.py",
        "schemas/avro/Order.avsc",
        "tests/test_x.py",
        "docs/reference/settings.txt",
    ],
)
def test_stray_file_is_seen(path: str) -> None:
    assert misplaced([path]) == [path]


def test_every_service_is_a_package_of_its_name_with_entry_and_settings() -> None:
    assert incomplete_services(tracked_paths()) == []


def test_half_a_service_is_seen() -> None:
    package = "services/stock-count/crossdock/stock_count/"
    whole = [package + part for part in ("__init__.py", "__main__.py", "settings.py")]
    assert incomplete_services(whole) == []
    assert incomplete_services(whole[:2]) == ["stock-count"]
    assert incomplete_services([*whole, package + "topology.py"]) == ["stock-count"]
    assert incomplete_services([*whole, "services/stock-count/crossdock/stock/x.py"]) == ["stock-count"]


def test_streaming_stays_small_enough_to_be_read() -> None:
    assert lines_of_streaming(sources()) <= STREAMING_LINES


def test_streaming_is_counted_without_memory_and_test_kit() -> None:
    names = ("a.py", "backends/kafka.py", "backends/memory.py", "testing/x.py")
    text = '"""Doc."""\n\n# why\nx = """\nkept\n"""\n'
    assert lines_of_streaming([Source(STREAMING + name, text) for name in names]) == 6


def test_each_process_reads_its_environment_in_one_file() -> None:
    assert {
        process: paths for process, paths in readers_of_the_environment(sources()).items() if len(paths) > 1
    } == {}


def test_second_settings_module_of_a_process_is_seen() -> None:
    paths = ["services/x/crossdock/x/settings.py", "services/x/crossdock/x/deep/settings.py"]
    assert readers_of_the_environment([Source(path, "") for path in paths]) == {"crossdock/x": paths}


def test_mypy_is_silenced_at_most_once_per_thousand_lines() -> None:
    assert ignores_per_thousand_lines(sources()) <= 1


def test_silenced_lines_are_counted_in_comments_only() -> None:
    text = "x = f()  # type: ignore[misc]  # untyped\ny = '# type: ignore[misc]'\n"
    assert ignores_per_thousand_lines([Source("cli/crossdock/cli/x.py", text)]) == 500
