"""A whole local installation as child processes: a real Apache Kafka, the registry, the services.

Invariant: everything listens on the loopback interface only, and nothing outlives its parent.
"""
