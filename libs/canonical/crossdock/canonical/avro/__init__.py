"""Avro bodies of canonical models: names, values, generated writers and readers."""
