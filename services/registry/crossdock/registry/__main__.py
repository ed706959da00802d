"""`python -m crossdock.registry`: serve the schema registry; settings come from the environment."""

import sys

from crossdock.registry.server import main

if __name__ == "__main__":
    sys.exit(main())
