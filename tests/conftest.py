"""Fixtures every test may ask for: real databases and Redis (see tests/support)."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.databases", "tests.support.side_by_side"]

# How fast a busy machine is says nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
