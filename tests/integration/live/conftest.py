"""A stage for the live screens on a fresh database, and people to look at it."""

from tests.support.live_fixtures import person, stage

__all__ = ["person", "stage"]
