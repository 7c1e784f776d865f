"""Fixtures every test may ask for: real databases and Redis (see tests/support)."""

pytest_plugins = ["tests.support.databases"]
