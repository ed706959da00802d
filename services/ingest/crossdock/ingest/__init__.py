"""Intake from outside: webhooks, the ingest API and dropped files become raw records, bytes untouched."""
