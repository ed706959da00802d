"""The demo: a trading morning on a real Kafka, from webhooks to closed accounts.

Invariant: every figure that it shows was read from the log or from an answer; what must come out is worked
out elsewhere, by who sends it.
"""
