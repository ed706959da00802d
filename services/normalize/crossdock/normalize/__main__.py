"""Run a normalize worker: `python -m crossdock.normalize`."""

from __future__ import annotations

import sys

from crossdock.normalize.settings import Settings
from crossdock.normalize.topology import topology
from crossdock.streaming.service import run

if __name__ == "__main__":
    sys.exit(run(topology, Settings))
