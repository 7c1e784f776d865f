"""Two workers share one suite (`make test`): who waits for a call leaves the processor to the other.

What takes long begins first, and a test marked `alone` has the machine for itself.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_FIRST = ("integration/asterisk", "integration/ami", "integration", "browser", "stories")
"""Folders of tests whose files take long, and then all others: the small ones at the end leave no worker without work.
Stories come after what has an Asterisk for a test only, as their product stays until the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whoever is alone comes before all: later the others would wait with lines open that nobody serves meanwhile."""
    if _is_worker(config):
        items.sort(key=lambda item: (not _is_alone(item), _place(item)))


def _place(item: pytest.Item) -> int:
    file = item.path.relative_to(item.config.rootpath / "tests").as_posix()
    return next((place for place, folder in enumerate(_FIRST) if file.startswith(f"{folder}/")), len(_FIRST))


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around the time a test is given
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    if not _is_worker(item.config):
        return (yield)
    with _turn(item.config, alone=_is_alone(item)):
        return (yield)


@contextmanager
def _turn(config: pytest.Config, *, alone: bool) -> Iterator[None]:
    """Whoever waits to be alone holds the door, so that the other's next test does not slip in before him."""
    folder = _shared_folder(config)
    with _locked(folder / "room", fcntl.LOCK_EX if alone else fcntl.LOCK_SH, door=folder / "door"):
        yield


@contextmanager
def _locked(file: Path, how: int, *, door: Path | None = None) -> Iterator[None]:
    ours = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if door is None:
            fcntl.lockf(ours, how)
        else:
            with _locked(door, fcntl.LOCK_EX):
                fcntl.lockf(ours, how)
        yield
    finally:
        os.close(ours)


def _is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _shared_folder(config: pytest.Config) -> Path:
    """Of all workers of this run."""
    factory: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]
    return factory.getbasetemp().parent
