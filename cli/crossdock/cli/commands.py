"""The table of commands: name, place, one-line help.

Invariant: each line's help equals the first line of the command's own (a test imports them all).
"""

from __future__ import annotations

from typing import Final

from crossdock.cli.lazy import Lazy

_RUN: Final = "Run"
_LOOK: Final = "Look"
_REPAIR: Final = "Repair and prove"
_ONBOARD: Final = "Onboard"


def _lazy(name: str, section: str, summary: str, module: str = "", attribute: str = "") -> Lazy:
    stem = name.replace("-", "_")
    module = module or f"crossdock.cli.{stem}_command"
    return Lazy(name, f"{module}:{attribute or stem}", summary, section)


COMMANDS: Final = (
    _lazy("up", _RUN, "Run the whole stack here, until Ctrl-C."),
    _lazy("run", _RUN, "Run one service."),
    _lazy("demo", _RUN, "Play a trading morning and prove that the accounts close."),
    _lazy("doctor", _RUN, "Check this machine and the installation."),
    _lazy("topics", _RUN, "Create, check and list the declared topics."),
    _lazy("describe", _LOOK, "Show what a service reads, keeps and writes."),
    _lazy("tail", _LOOK, "Show the records of a topic, decoded."),
    _lazy("groups", _LOOK, "List, describe and reset consumer groups."),
    _lazy(
        "dead-letters",
        _REPAIR,
        "Find, retry, edit and discard what was rejected.",
        "crossdock.cli.deadletters_command",
    ),
    _lazy("audit", _REPAIR, "Add up the receipts and say whether the accounts close."),
    _lazy("try", _ONBOARD, "Run payloads through a format, without a broker.", attribute="try_"),
    _lazy("formats", _ONBOARD, "List and show wire formats, check a mapping against samples."),
    _lazy("partners", _ONBOARD, "Apply, check, list and show partner profiles."),
    _lazy("tokens", _ONBOARD, "Make, list and revoke API tokens of ingest."),
    _lazy("completion", _ONBOARD, "Print the shell completion script."),
)
