"""Kafka's jars come by locked coordinates and digests, from the network once and then from the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from crossdock.embedded.errors import JarMismatch, JarsUnavailable
from crossdock.embedded.jars import Fetch, Jar, broker_jars, class_path, read_lock

CONTENTS = {f"part-{n}-1.0.jar": b"jar %d" % n for n in range(20)}
JARS = tuple(
    Jar("broker", "org.example", f"part-{n}", "1.0", "-", hashlib.sha256(b"jar %d" % n).hexdigest())
    for n in range(20)
)


class Origin:
    """Where jars are fetched from; counts, and can be told to misbehave."""

    def __init__(self, damage: Callable[[str, int], bytes | None] = lambda name, times: None) -> None:
        self.times: dict[str, int] = {}
        self._damage = damage

    def __call__(self, jar: Jar, repository: Path) -> Path:
        target = repository / jar.name
        if not target.exists():
            self.times[jar.name] = self.times.get(jar.name, 0) + 1
            damaged = self._damage(jar.name, self.times[jar.name])
            repository.mkdir(parents=True, exist_ok=True)
            target.write_bytes(CONTENTS[jar.name] if damaged is None else damaged)
        return target


def offline(jar: Jar, repository: Path) -> Path:
    raise ConnectionError("no network")


def without_jgo(jar: Jar, repository: Path) -> Path:
    raise ModuleNotFoundError("No module named 'jgo'", name="jgo")


def test_lock_names_every_jar_of_the_broker_once() -> None:
    jars = broker_jars()
    names = {jar.artifact for jar in jars}
    assert len(jars) == len(names) == 46
    assert {"kafka_2.13", "kafka-clients", "kafka-metadata", "log4j-slf4j-impl", "zstd-jni"} <= names
    assert {jar.version for jar in jars if jar.group == "org.apache.kafka"} == {"4.3.1"}


DIGEST = "0" * 64


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("broker g a 1 -", "line 2"),
        (f"broker g a 1 - {DIGEST} more", "line 2"),
        (f"broker g a 1 - {DIGEST[1:]}", "line 2"),
        (f"broker g a 1 - {DIGEST.replace('0', 'G')}", "line 2"),
        (f"broker other first 1 - {DIGEST}", "second time"),
    ],
)
def test_lock_that_is_damaged_is_refused(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_lock(f"broker g first 1 - {DIGEST}\n{line}\n")


def test_lock_may_hold_comments_and_classifiers() -> None:
    (jar,) = read_lock(f"# why\n\nbroker g a 1 linux {DIGEST}\n")
    assert jar.name == "a-1-linux.jar"


def test_class_path_holds_the_locked_jars_and_nothing_else(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "stranger-1.0.jar").write_bytes(b"not locked")
    paths = class_path(tmp_path, jars=JARS, fetch=Origin(), progress=lambda *counts: told.append(counts))
    assert [path.name for path in paths] == [jar.name for jar in JARS]
    assert {path.name: path.read_bytes() for path in paths} == CONTENTS
    assert told[-1] == (20, 20)


def test_filled_cache_needs_no_network(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    first = class_path(tmp_path, jars=JARS, fetch=Origin())
    again = class_path(tmp_path, jars=JARS, fetch=offline, progress=lambda *counts: told.append(counts))
    assert again == first
    assert told == []


def test_jar_changed_in_the_cache_is_replaced(tmp_path: Path) -> None:
    class_path(tmp_path, jars=JARS, fetch=Origin())
    target = tmp_path / "jars" / JARS[3].name
    target.unlink()
    target.write_bytes(b"evil")
    class_path(tmp_path, jars=JARS, fetch=Origin())
    assert target.read_bytes() == CONTENTS[JARS[3].name]


def test_half_a_download_is_fetched_again(tmp_path: Path) -> None:
    name = JARS[7].name
    origin = Origin(lambda jar, times: b"ja" if (jar, times) == (name, 1) else None)
    class_path(tmp_path, jars=JARS, fetch=origin)
    assert origin.times[name] == 2


def test_jar_that_is_not_the_locked_one_is_refused_and_not_kept(tmp_path: Path) -> None:
    name = JARS[7].name
    origin = Origin(lambda jar, times: b"another" if jar == name else None)
    with pytest.raises(JarMismatch, match=f"{name}.*{JARS[7].sha256}"):
        class_path(tmp_path, jars=JARS, fetch=origin)
    assert not (tmp_path / "jars" / name).exists()
    assert not (tmp_path / "repository" / name).exists()


def test_short_outage_is_bridged(tmp_path: Path) -> None:
    origin, failed = Origin(), set()

    def shaky(jar: Jar, repository: Path) -> Path:
        if jar.name not in failed:
            failed.add(jar.name)
            raise TimeoutError
        return origin(jar, repository)

    assert len(class_path(tmp_path, jars=JARS, fetch=shaky)) == 20


@pytest.mark.parametrize(
    ("fetch", "reason"), [(offline, "no connection"), (without_jgo, "pip install 'crossdock")]
)
def test_what_is_missing_is_said_with_three_ways_out(tmp_path: Path, fetch: Fetch, reason: str) -> None:
    class_path(tmp_path, jars=JARS[:15], fetch=Origin())
    with pytest.raises(JarsUnavailable, match=reason) as raised:
        class_path(tmp_path, jars=JARS, fetch=fetch)
    assert sorted(raised.value.missing) == sorted(jar.name for jar in JARS[15:])
    for way in ("with a network", "CROSSDOCK_CACHE_DIR", "CROSSDOCK_BOOTSTRAP_SERVERS"):
        assert way in str(raised.value)
