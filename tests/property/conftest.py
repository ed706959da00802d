"""Hypothesis runs without deadlines: a shared machine says nothing about speed."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "crossdock", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
settings.load_profile("crossdock")
