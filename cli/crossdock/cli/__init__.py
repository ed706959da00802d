"""The `crossdock` command; nothing is imported here, so that it starts at once."""
