"""What carriers and tracking services say about parcels: one module per API, one table of codes per carrier.

Invariant: a code that no table knows stays raw with status `unknown`; nothing is read from prose.
"""
