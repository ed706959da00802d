"""The import contracts of pyproject.toml hold, and each is red when an offending import is planted."""

from __future__ import annotations

import tomllib
from typing import Any

import grimp
import pytest
from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

from tests.tidy.tree import ROOT

configure()
OPTIONS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in OPTIONS["contracts"]}
KINDS: dict[str, type[Contract]] = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "acyclic_siblings": AcyclicSiblingsContract,
}
PARTS = ("cli", "embedded", "testbed", "ingest", "normalize", "registry", "streaming", "formats", "canonical")
PURE = ("topology", "step", "context", "errors", "backends", "commit")
OUTSIDE = {name for contract in CONTRACTS.values() for name in contract.get("forbidden_modules", ())}


def is_kept(name: str, *imports: tuple[str, str]) -> bool:
    """What the contract says of a tree with these imports and no others."""
    graph = grimp.ImportGraph()
    graph.add_module("crossdock")
    for part in PARTS:
        graph.add_module(f"crossdock.{part}")
    for module in PURE:
        graph.add_module(f"crossdock.streaming.{module}")
    for module in sorted(one for one in OUTSIDE if not one.startswith("crossdock")):
        graph.add_module(module, is_squashed=True)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    options = {key: value for key, value in CONTRACTS[name].items() if key not in {"id", "name", "type"}}
    kind = KINDS[CONTRACTS[name]["type"]]
    session = {key: value for key, value in OPTIONS.items() if key != "contracts"}
    return kind(CONTRACTS[name]["name"], session, options).check(graph, verbose=False).kept


PLANTED = [
    ("layers", [("crossdock.canonical", "crossdock.streaming")]),
    ("layers", [("crossdock.streaming", "crossdock.normalize")]),
    ("layers", [("crossdock.formats", "crossdock.streaming")]),
    ("layers", [("crossdock.ingest", "crossdock.normalize")]),
    ("layers", [("crossdock.normalize", "crossdock.cli")]),
    ("libraries", [("crossdock.canonical", "confluent_kafka")]),
    ("libraries", [("crossdock.formats", "structlog")]),
    ("testbed", [("crossdock.testbed", "crossdock.ingest")]),
    ("pure-streaming", [("crossdock.streaming.step", "asyncio")]),
    (
        "pure-streaming",
        [
            ("crossdock.streaming.context", "crossdock.streaming.commit"),
            ("crossdock.streaming.commit", "structlog"),
        ],
    ),
    (
        "cycles",
        [
            ("crossdock.streaming.step", "crossdock.streaming.context"),
            ("crossdock.streaming.context", "crossdock.streaming.step"),
        ],
    ),
]


@pytest.mark.parametrize(("name", "imports"), PLANTED)
def test_contract_is_broken_by_a_planted_import(name: str, imports: list[tuple[str, str]]) -> None:
    assert is_kept(name)
    assert not is_kept(name, *imports)


def test_every_contract_has_a_planted_offender() -> None:
    assert {name for name, _ in PLANTED} == set(CONTRACTS)


def test_the_tree_keeps_every_contract() -> None:
    assert lint_imports(str(ROOT / "pyproject.toml"), cache_dir=None, no_logo=True, is_debug_mode=True)
