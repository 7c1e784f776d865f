"""Workers share one suite (`make test`): who waits for a call leaves the processor to the others.

What takes long begins first, evenly mixed of those that wait and those that work, and a test marked `alone` has the
machine for itself.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_WAITING = ("integration/asterisk", "integration/ami", "integration/ivr", "stories")
"""Folders of tests that wait for calls. Stories come last, as their product stays until the end."""
_WORKING = ("integration", "browser")
"""Folders of tests that keep the processor busy. All others are small: at the end they leave no worker without work."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whoever is alone comes before all: later the others would wait with lines open that nobody serves meanwhile."""
    if _is_worker(config):
        places = in_turn(_file(item) for item in items)
        items.sort(key=lambda item: (not _is_alone(item), places[_file(item)]))


def in_turn(files: Iterable[str]) -> dict[str, float]:
    """The place of each file, below `tests`: at any time some of those that are under way wait and others work."""
    waiting, working, small = list[str](), list[str](), list[str]()
    for file in dict.fromkeys(files):
        kind = waiting if _rank(file, _WAITING) is not None else working if _rank(file, _WORKING) is not None else small
        kind.append(file)
    places = dict.fromkeys(small, 1.0)
    for files_of, folders in ((waiting, _WAITING), (working, _WORKING)):
        files_of.sort(key=lambda file: _rank(file, folders) or 0)
        places |= {file: place / len(files_of) for place, file in enumerate(files_of)}
    return places


def _rank(file: str, folders: Sequence[str]) -> int | None:
    return next((rank for rank, folder in enumerate(folders) if file.startswith(f"{folder}/")), None)


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(item.config.rootpath / "tests").as_posix()


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
