"""Crossdock's streaming runtime: what a service needs to state its topology.

The life of a record (poll → decode → admit → step → encode → commit) is in `runtime.py` and `engine.py`.
"""

from crossdock.streaming.context import Context, ReferenceTable
from crossdock.streaming.errors import Rejected, RejectionCode, Waiting
from crossdock.streaming.step import Emit, Step, emit
from crossdock.streaming.topology import Handler, Marking, Ordering, Store, Topology, handle, translate

__all__ = [
    "Context",
    "Emit",
    "Handler",
    "Marking",
    "Ordering",
    "ReferenceTable",
    "Rejected",
    "RejectionCode",
    "Step",
    "Store",
    "Topology",
    "Waiting",
    "emit",
    "handle",
    "translate",
]
