"""Each tidy rule is red on a planted offender and green on its decent twin."""

from __future__ import annotations

import pytest

from tests.tidy.ratchet import Allowance, judge
from tests.tidy.rules import RULES
from tests.tidy.tree import Source

PURE = "libs/formats/crossdock/formats/planted.py"
SERVICE = "services/planted/crossdock/planted/worker.py"
TEST = "tests/unit/test_planted.py"
DOMAIN = "services/planted/crossdock/planted/domain.py"
SLASH = "/"  # keeps the planted paths from being real ones to the rule that reads this file

LONG = "def f() -> None:\n" + "    x = 1\n" * 40
DECENT = "def f() -> None:\n" + "    x = 1\n" * 39

OFFENDERS = [
    ("long_functions", SERVICE, LONG, DECENT),
    (
        "long_functions",
        SERVICE,
        "class C:\n" + "".join(f"    {line}\n" for line in LONG.splitlines()),
        DECENT,
    ),
    ("long_files", SERVICE, "x = 1\n" * 401, "x = 1\n" * 400),
    ("long_files", "services/planted/crossdock/planted/topology.py", "x = 1\n" * 121, "x = 1\n" * 120),
    ("long_files", "services/planted/crossdock/planted/__main__.py", "x = 1\n" * 16, "x = 1\n" * 15),
    ("vague_module_names", "libs/formats/crossdock/formats/utils.py", "", ""),
    ("vague_module_names", "services/planted/crossdock/planted/helpers/text.py", "", ""),
    ("namespace_with_init", "cli/crossdock/__init__.py", "", ""),
    ("machine_paths", "docs/planted.md", f"see {SLASH}root/project", "see /etc/hosts"),
    ("machine_paths", "Makefile", f"X := {SLASH}home/someone/x", "X := $(HOME)/x"),
    ("registry_hosts", "Makefile", "pip install -i https://files.python" + "hosted.org/x", "pip install x"),
    ("registry_hosts", PURE, "URL = 'https://repo1.m" + "aven.org/maven2'", "ASK = 'maven coordinates'"),
    (
        "broken_links",
        "docs/planted.md",
        "[x](nowhere.md#part)",
        "[x](glossary.md#trade) [y](https://example.com/nowhere)",
    ),
    ("impure_imports", PURE, "import os", "import re"),
    ("impure_imports", DOMAIN, "from time import monotonic", "from datetime import timedelta"),
    (
        "impure_imports",
        "libs/streaming/crossdock/streaming/step.py",
        "import asyncio.queues",
        "import asyncio_like",
    ),
    (
        "impure_imports",
        "libs/canonical/crossdock/canonical/models/base.py",
        "from http import client",
        "import json",
    ),
    ("kafka_client_imports", SERVICE, "from confluent_kafka import Producer", "import json"),
    (
        "kafka_client_imports",
        "libs/streaming/crossdock/streaming/commit.py",
        "import aiokafka.errors",
        "import json",
    ),
    ("banned_imports", TEST, "from unittest.mock import Mock", "from unittest import case"),
    ("banned_imports", SERVICE, "import requests", "import aiohttp"),
    ("banned_calls", TEST, "import time\ntime.sleep(1)", "event.wait(1)"),
    ("banned_calls", SERVICE, "time.sleep(1)", "stopping.wait(1)"),
    (
        "banned_calls",
        TEST,
        "import asyncio\nasync def f(): await asyncio.sleep(1)",
        "async def f(): await event.wait()",
    ),
    ("banned_calls", TEST, "datetime.now(UTC)", "clock.now(UTC) if False else at"),
    ("banned_calls", DOMAIN, "datetime.now(UTC)", "context.time"),
    ("banned_calls", SERVICE, "datetime.datetime.utcnow()", "datetime.now(UTC)"),
    ("banned_calls", DOMAIN, "uuid.uuid4()", "uuid.uuid5(space, name)"),
    ("banned_calls", SERVICE, "pickle.loads(value)", "codec.decode(Order, value)"),
    ("banned_calls", PURE, "float('1.5')", "Decimal('1.5')"),
    ("banned_calls", SERVICE, "producer.produce_batch(rows)", "producer.produce(row)"),
    ("banned_calls", SERVICE, "AIOKafkaProducer(transactional_id='x')", "AIOKafkaProducer(acks='all')"),
    ("banned_calls", SERVICE, "subprocess.run('ls', shell=True)", "subprocess.run(['ls'])"),
    ("floats_in_pure_code", PURE, "RATE = 1.5", "RATE = Decimal('1.5')"),
    ("floats_in_pure_code", DOMAIN, "def f(amount: float | None): ...", "def f(amount: Decimal | None): ..."),
    ("environment_reads", SERVICE, "import os\nhome = os.environ['HOME']", "home = settings.home"),
    ("environment_reads", SERVICE, "class Settings(BaseSettings): ...", "class Limits(BaseModel): ..."),
    (
        "unexplained_suppressions",
        SERVICE,
        "x = 1  # noqa: E741",
        "x = 1  # noqa: E741 - the name of the spec",
    ),
    (
        "unexplained_suppressions",
        SERVICE,
        "x = y()  # type: ignore",
        "x = y()  # type: ignore[misc]  # untyped library",
    ),
    ("unexplained_suppressions", SERVICE, "x = y()  # noqa", "x = y()"),
]
DECENT_PATHS = {
    "vague_module_names": "libs/formats/crossdock/formats/text.py",
    "namespace_with_init": "cli/crossdock/cli/__init__.py",
}


@pytest.mark.parametrize(("name", "path", "offender", "decent"), OFFENDERS)
def test_rule_is_red_on_an_offender_and_green_on_its_twin(
    name: str, path: str, offender: str, decent: str
) -> None:
    assert RULES[name](Source(path, offender))
    assert not RULES[name](Source(DECENT_PATHS.get(name, path), decent))


def test_every_rule_has_a_planted_offender() -> None:
    assert {name for name, *_ in OFFENDERS} == set(RULES)


def test_exception_covers_exactly_the_figure_that_it_names() -> None:
    source = Source(SERVICE, "def f():\n" + "    x = 1\n" * 44)
    place = f"{SERVICE}::f"
    assert judge("long_functions", [source], {place: Allowance("a table of cases", 45)}) == []
    assert "45 lines" in judge("long_functions", [source], {place: Allowance("a table of cases", 44)})[0]
    assert "lowered to 45" in judge("long_functions", [source], {place: Allowance("a table of cases", 50)})[0]


def test_exception_that_is_not_needed_is_an_offence() -> None:
    wrong = judge(
        "long_functions", [Source(SERVICE, "def f(): ...")], {f"{SERVICE}::f": Allowance("was long once", 50)}
    )
    assert "not needed" in wrong[0]
