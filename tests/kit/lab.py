"""Clusters that a scenario can also damage: what operators, retention and deletions do to a real one."""

from __future__ import annotations

from typing import Protocol

from crossdock.streaming.backend import Committed, Place
from crossdock.streaming.testing import Cluster, MemoryCluster
from crossdock.streaming.topology import Topology


class Lab(Cluster, Protocol):
    """A cluster of a scenario."""

    def shrink(self, topic: str, bytes_max: int) -> None:
        """From now on a topic takes no larger records."""

    def shorten(self, place: Place, start: int) -> None:
        """Let retention take everything before an offset."""

    def move_offset(self, topology: Topology, place: Place, offset: int) -> None:
        """Change what a group without members has committed."""

    def forget_offsets(self, topology: Topology) -> None:
        """Delete what a group without members has committed."""

    def replace_topic(self, topic: str) -> None:
        """Delete a topic and make it again, empty."""

    def await_leave(self, topology: Topology) -> None:
        """Wait until the sessions of members that ended are over."""

    def close(self) -> None:
        """Close its clients."""


class MemoryLab(MemoryCluster):
    """The in-memory broker as a Lab."""

    def shrink(self, topic: str, bytes_max: int) -> None:
        """See Lab."""
        self.broker.value_bytes_max[topic] = bytes_max

    def shorten(self, place: Place, start: int) -> None:
        """See Lab."""
        self.broker.shorten(place, start)

    def move_offset(self, topology: Topology, place: Place, offset: int) -> None:
        """See Lab."""
        self.broker.group(topology.group).offsets[place] = Committed(offset, "")

    def forget_offsets(self, topology: Topology) -> None:
        """See Lab."""
        self.broker.group(topology.group).offsets.clear()

    def replace_topic(self, topic: str) -> None:
        """See Lab."""
        self.broker.replace(topic)

    def await_leave(self, topology: Topology) -> None:
        """See Lab."""

    def close(self) -> None:
        """See Lab."""
