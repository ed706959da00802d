"""`crossdock describe`: what a service reads, keeps and writes, from its own topology.

Invariant: nothing is written down twice: the answer is the value that the service runs.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec

import click

import crossdock
from crossdock.cli.output import json_option, print_json
from crossdock.streaming.topology import Handler, Topology


def services() -> dict[str, list[Topology]]:
    """Topologies by service (kebab-case), for every installed part that has some."""
    names = sorted(module.name for module in pkgutil.iter_modules(crossdock.__path__) if module.ispkg)
    found = {name.replace("_", "-"): _topologies(name) for name in names}
    return {name: topologies for name, topologies in found.items() if topologies}


def _topologies(package: str) -> list[Topology]:
    place = f"crossdock.{package}.topology"
    if find_spec(place) is None:
        return []
    return [value for value in vars(import_module(place)).values() if isinstance(value, Topology)]


@click.command("describe", short_help="Show what a service reads, keeps and writes.")
@click.argument("service", required=False)
@click.option("--mermaid", is_flag=True, help="Print a Mermaid flowchart instead of text.")
@json_option
def describe(*, service: str | None, mermaid: bool, is_json: bool) -> None:
    """Show what a service reads, keeps and writes; without SERVICE, all of them.

    A line reads: topic -> step[store] -> topics.
    """
    known = services()
    if service is not None and service not in known:
        raise click.UsageError(f"'{service}' has no topology; these have: {', '.join(known) or 'none'}.")
    chosen = {name: known[name] for name in known if service in (None, name)}
    if is_json:
        print_json({name: [_document(one) for one in topologies] for name, topologies in chosen.items()})
        return
    flat = [one for topologies in chosen.values() for one in topologies]
    click.echo(_mermaid(flat) if mermaid else "\n\n".join(one.describe() for one in flat))


def _document(topology: Topology) -> dict[str, object]:
    return {
        "group": topology.group,
        "handlers": [_handler(topology, one) for one in topology.handlers],
        "references": [table.topic.name for table in topology.references],
        "changelog": topology.changelog,
        "replay_lane": topology.lane,
        "whatif": topology.whatif,
    }


def _handler(topology: Topology, handler: Handler) -> dict[str, object]:
    return {
        "topic": handler.topic.name,
        "step": handler.name,
        "store": handler.store.name,
        "scope_segments": handler.store.segments,
        "ordering": handler.ordering,
        "emits": [topic.name for topic in handler.emits],
        "dead_letters": topology.dead_letters(handler.topic.name),
    }


def _mermaid(topologies: list[Topology]) -> str:
    """Topics as stadiums, steps as boxes, references dotted."""
    lines = ["flowchart LR"]
    for topology in topologies:
        lines.append(f"  subgraph {topology.group}")
        lines += [f"    {_step(topology, one)}[{one.name}]" for one in topology.handlers]
        lines.append("  end")
        for one in topology.handlers:
            lines.append(f"  {_topic(one.topic.name)} --> {_step(topology, one)}")
            lines += [f"  {_step(topology, one)} --> {_topic(target.name)}" for target in one.emits]
        for table in topology.references:
            lines.append(f"  {_topic(table.topic.name)} -.-> {topology.group}")
    return "\n".join(lines)


def _step(topology: Topology, handler: Handler) -> str:
    return f"{topology.group}_{handler.name}".replace("-", "_")


def _topic(name: str) -> str:
    return f"{name.replace('.', '_').replace('-', '_')}([{name}])"
