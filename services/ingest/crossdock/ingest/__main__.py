"""`python -m crossdock.ingest`: the ingest service; settings come from the environment."""

from crossdock.ingest.service import main

if __name__ == "__main__":
    raise SystemExit(main())
