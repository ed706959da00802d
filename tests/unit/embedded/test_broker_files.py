"""What is written for the broker: its settings, its identity, its lock, its ports."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.embedded import formatting
from crossdock.embedded.archive import ClassArchive
from crossdock.embedded.errors import AlreadyRunning
from crossdock.embedded.java import Java
from crossdock.embedded.lock import DirectoryLock, description
from crossdock.embedded.ports import free_port, is_free
from crossdock.embedded.properties import Listeners, render, server_properties

LISTENERS = Listeners(client=20001, controller=20002)


def test_every_listener_is_on_the_loopback_interface() -> None:
    properties = server_properties(LISTENERS, Path("logs"), {})
    for name in ("listeners", "advertised.listeners"):
        assert all("://127.0.0.1:" in part for part in properties[name].split(","))
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:20002"


def test_given_settings_win_over_ours() -> None:
    properties = server_properties(LISTENERS, Path("logs"), {"num.io.threads": "9", "new.one": "x"})
    assert (properties["num.io.threads"], properties["new.one"]) == ("9", "x")


def test_backslashes_survive_the_properties_format() -> None:
    assert render({"log.dirs": "C:\\data"}) == "log.dirs=C:\\\\data\n"


def test_clusters_made_from_one_template_have_ids_of_their_own(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    (template / "bootstrap.checkpoint").write_bytes(b"features")
    logs = [tmp_path / name for name in ("one", "two")]
    ids = [formatting.format_directory(directory, template, ["must-not-run"]) for directory in logs]
    assert ids[0] != ids[1]
    assert [formatting.cluster_id(directory) for directory in logs] == ids
    assert all(formatting.is_formatted(directory) for directory in logs)
    assert (logs[1] / "bootstrap.checkpoint").read_bytes() == b"features"


def test_lock_is_held_by_one_process_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "instance.lock"
    script = (
        "import sys, pathlib; from crossdock.embedded.lock import DirectoryLock\n"
        "lock = DirectoryLock(pathlib.Path(sys.argv[1])); lock.acquire(); lock.describe({'port': 7})\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert description(path) == {"pid": holder.pid, "port": 7}
        with pytest.raises(AlreadyRunning) as refused:
            DirectoryLock(path).acquire()
        assert refused.value.pid == holder.pid
    finally:
        holder.kill()
        holder.communicate()
    assert description(path) is None
    lock = DirectoryLock(path)
    lock.acquire()
    lock.release()
    lock.release()


def test_description_of_a_directory_without_lock_is_none(tmp_path: Path) -> None:
    assert description(tmp_path / "instance.lock") is None


def test_free_port_is_outside_the_range_for_outgoing_connections() -> None:
    ports = {free_port() for _ in range(20)}
    assert all(20_000 <= port < 32_000 and is_free(port) for port in ports)


def test_preferred_port_is_taken_only_where_it_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        busy = listener.getsockname()[1]
        assert free_port(busy) != busy
    preferred = free_port()
    assert free_port(preferred) == preferred
    assert free_port(preferred, taken={preferred}) != preferred


@pytest.mark.parametrize(
    ("major", "makes", "uses"),
    [
        (25, "-XX:AOTCacheOutput=", "-XX:AOTCache="),
        (17, "-XX:ArchiveClassesAtExit=", "-XX:SharedArchiveFile="),
    ],
)
def test_archive_is_used_only_after_a_run_that_ended_well(
    tmp_path: Path, major: int, makes: str, uses: str
) -> None:
    java = Java(Path(sys.executable), major, "test")
    archive = ClassArchive.of(tmp_path, java, [Path("a.jar")], ["-Xmx1g"])
    assert archive.flags() == [f"{makes}{archive.fresh}"]
    archive.fresh.write_bytes(b"half")
    archive.fresh.with_name(archive.fresh.name + ".config").write_bytes(b"x")
    archive.discard()
    assert list(archive.path.parent.iterdir()) == []
    archive.fresh.write_bytes(b"whole")
    archive.keep()
    assert archive.flags() == [f"{uses}{archive.path}"]


def test_archive_belongs_to_one_java_class_path_and_set_of_flags(tmp_path: Path) -> None:
    java = Java(Path(sys.executable), 25, "test")
    variants = [
        ([Path("a.jar")], ["-Xmx1g"]),
        ([Path("b.jar")], ["-Xmx1g"]),
        ([Path("a.jar")], ["-Xmx2g"]),
        ([Path("a.jar")], []),
    ]
    paths = {ClassArchive.of(tmp_path, java, classes, flags).path for classes, flags in variants}
    assert len(paths) == len(variants)
