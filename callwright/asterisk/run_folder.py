"""The folder of Asterisk's control socket: whoever may write there speaks in Asterisk's name, and names any process."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Collection
from pathlib import Path

from callwright.asterisk.errors import RunFolderUnsafe
from callwright.asterisk.plan import Directories


def check_run_folder(places: Directories) -> None:
    """Raises RunFolderUnsafe. One that is not there yet is safe, if it is made for us alone."""
    try:
        found = (places.run.lstat(), places.run.stat())  # a link, and what it leads to
    except FileNotFoundError:
        return
    owners = {os.geteuid(), *_owner_of(places.home)}  # root looks after the Asterisk of a user's home, too
    if why := why_unsafe([one.st_uid for one in found], found[1].st_mode, owners):
        raise RunFolderUnsafe(folder=places.run, why=why)


def why_unsafe(found_owners: Collection[int], mode: int, owners: Collection[int]) -> str:
    """Empty when it is safe."""
    for owner in found_owners:
        if owner not in owners:
            return f"belongs to {_name_of(owner)}"
    if not stat.S_ISDIR(mode):
        return "is no folder"
    return "may be written by others" if mode & (stat.S_IWGRP | stat.S_IWOTH) else ""


def _owner_of(folder: Path) -> tuple[int, ...]:
    try:
        return (folder.stat().st_uid,)
    except FileNotFoundError:
        return ()


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
