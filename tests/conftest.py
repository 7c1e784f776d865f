"""Fixtures every test may ask for: real databases and Redis (see tests/support)."""

from hypothesis import settings

pytest_plugins = ["tests.support.databases"]

settings.register_profile("house", deadline=None)  # how fast a busy machine is says nothing about the code
settings.load_profile("house")
