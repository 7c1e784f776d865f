"""The folder in which Asterisk leaves recordings. Nothing outside of it is ever read, whatever a name says."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from recordings.errors import SoundNotFound, UnsafeName
from recordings.wav import HEAD_BYTES, read_head

_NAME = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._@+=-]*/)*[A-Za-z0-9_][A-Za-z0-9._@+=-]*\.wav", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What is known of a file without listening to it."""

    path: Path
    size_bytes: int
    duration_s: float | None
    """None when it is no wav file."""
    complete: bool
    """False while it is being written."""


class RecordingFolder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def look(self, file: str) -> Sound:
        """Raises UnsafeName or SoundNotFound."""
        with self._open(file) as opened:
            status = os.fstat(opened.fileno())
            facts = read_head(opened.read(HEAD_BYTES), status.st_size)
            return Sound(
                path=self._root.resolve() / file,
                size_bytes=status.st_size,
                duration_s=None if facts is None else round(facts.duration_s, 3),
                complete=facts is not None and facts.complete,
            )

    def forget(self, file: str) -> None:
        """Raises UnsafeName or SoundNotFound."""
        self.look(file).path.unlink(missing_ok=True)

    def files_within(self, folder: str, since: datetime, until: datetime) -> list[str]:
        """Those of one folder in it that were written to last between these."""
        first, last = since.timestamp(), until.timestamp()
        found = (self._root / folder).glob("*.wav")
        return sorted(f"{folder}/{one.name}" for one in found if first <= one.stat().st_mtime < last)

    def _open(self, file: str) -> BinaryIO:
        """A regular file within the folder, or nothing: no links out of it, no pipes that never end."""
        if not _NAME.fullmatch(file):
            raise UnsafeName(file=repr(file[:200]))
        root = self._root.resolve()
        path = Path(os.path.realpath(root / file))
        if not path.is_relative_to(root):
            raise UnsafeName(file=repr(file[:200]))
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            raise SoundNotFound(file=file) from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise SoundNotFound(file=file)
        return os.fdopen(handle, "rb")
