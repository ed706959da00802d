"""Fuzzing for a stated time: `make fuzz`, or `python -m tests.hostile.fuzz.run --seconds 600 json x12 avro`.

Each target runs in a process of its own, so that a crash or an endless loop is a finding like any other.
With atheris installed the code under test is instrumented and coverage leads; otherwise hypothesis draws new
inputs until the time is up. A finding is printed, its input kept in a file, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

TOKENIZERS = ("json", "x12", "edifact", "avro", "report_file", "xml")
OTHERS = ("key", "profile")
_ONE_INPUT_SECONDS_MAX = 60
_ROUND = 500
_INSTRUMENTED = ["crossdock.canonical", "crossdock.formats", "crossdock.normalize", "crossdock.streaming"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=[*TOKENIZERS, *OTHERS])
    parser.add_argument(
        "--seconds", type=int, default=600, help="per tokenizer; keys and profiles take a fifth"
    )
    parser.add_argument("--engine", choices=("auto", "hypothesis", "atheris"), default="auto")
    parser.add_argument("--seed", type=int, default=secrets.randbits(31))
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    engine = said.engine
    if engine == "auto":
        engine = "atheris" if find_spec("atheris") else "hypothesis"
    if said.alone:
        return _ENGINES[engine](said.targets[0], said.seconds, said.seed)
    failed = [name for name in said.targets if not _in_a_process(name, engine, said.seconds, said.seed)]
    click.echo(f"findings in: {', '.join(failed)}" if failed else "no finding")
    return 1 if failed else 0


def _in_a_process(name: str, engine: str, seconds: int, seed: int) -> bool:
    wanted = seconds if name in TOKENIZERS else max(1, seconds // 5)
    click.echo(f"{name}: {engine}, {wanted} s, seed {seed}")
    command = [sys.executable, "-m", "tests.hostile.fuzz.run", name, "--alone", "--engine", engine]
    command += ["--seconds", str(wanted), "--seed", str(seed)]
    return subprocess.run(command, check=False).returncode == 0


def _watched(target: Callable[[bytes], str], seen: Counter[str]) -> Callable[[bytes], None]:
    """The target with an alarm per input that ends the process with its stack."""

    def one(data: bytes) -> None:
        faulthandler.dump_traceback_later(_ONE_INPUT_SECONDS_MAX, exit=True)
        try:
            seen[target(data)] += 1
        except BaseException:
            kept = Path(tempfile.gettempdir()) / f"crossdock-fuzz-{os.getpid()}.bin"
            kept.write_bytes(data)
            click.echo(f"the input is kept in {kept}", err=True)
            raise
        finally:
            faulthandler.cancel_dump_traceback_later()

    return one


def _hypothesis(name: str, seconds: int, seed: int) -> int:
    """Rounds of new inputs, each from the next seed, until the time is up."""
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415 - not before instrumentation
    from hypothesis import seed as seeded  # noqa: PLC0415

    inputs: Any = importlib.import_module("tests.hostile.fuzz.inputs")  # its functions are called by name
    targets: Any = importlib.import_module("tests.hostile.fuzz.targets")
    seen: Counter[str] = Counter()
    watched = _watched(targets.TARGETS[name], seen)
    quiet = settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        strategy = getattr(inputs, f"{name}_inputs")()
        seeded(seed)(quiet(given(data=strategy)(watched)))()
        seed += 1
    _tell(seen, seconds)
    return 0


def _atheris(name: str, seconds: int, seed: int) -> int:
    """libFuzzer, led by coverage, from the payloads that hypothesis starts from too."""
    atheris: Any = importlib.import_module("atheris")  # is not among our dependencies
    with atheris.instrument_imports(include=_INSTRUMENTED):
        targets: Any = importlib.import_module("tests.hostile.fuzz.targets")
        inputs: Any = importlib.import_module("tests.hostile.fuzz.inputs")
    folder = Path(tempfile.mkdtemp(prefix=f"crossdock-fuzz-{name}-"))
    for number, data in enumerate(inputs.seeds_of(name)):
        (folder / str(number)).write_bytes(data)
    seen: Counter[str] = Counter()
    options = [f"-max_total_time={seconds}", f"-seed={seed % 2**31}", "-max_len=8192", "-rss_limit_mb=1500"]
    options += [f"-timeout={_ONE_INPUT_SECONDS_MAX}", f"-artifact_prefix={folder}/finding-", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, str(folder)], _watched(targets.TARGETS[name], seen))
    atheris.Fuzz()
    return 0


def _tell(seen: Counter[str], seconds: int) -> None:
    total = sum(seen.values())
    words = ", ".join(f"{word} {number}" for word, number in seen.most_common())
    click.echo(f"  {total} inputs, {total // max(1, seconds)}/s: {words}")


_ENGINES = {"hypothesis": _hypothesis, "atheris": _atheris}

if __name__ == "__main__":
    sys.exit(main())
