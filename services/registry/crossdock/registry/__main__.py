"""`python -m crossdock.registry`: serve the schema registry."""

from __future__ import annotations

import sys

from crossdock.registry.server import run
from crossdock.registry.settings import RegistrySettings

if __name__ == "__main__":
    sys.exit(run(RegistrySettings()))
