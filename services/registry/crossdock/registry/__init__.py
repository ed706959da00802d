"""The built-in schema registry: the part of the Confluent REST API that clients, converters and UIs use.

Invariant: an id names one schema for ever; what was answered with 2xx is in the compacted log.
"""
