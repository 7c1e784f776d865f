"""A stream of events on local disk: appended at once, read in order by each of its readers, gone when all are done.

The stream is one sequence of bytes, and a place in it is a number. The disk holds it in segments; what finds no room
there stays in memory, behind them, at the very places it will have on the disk. Nothing here waits for anybody.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from crm_core.kernel.errors import CallwrightError
from crm_core.runtime.spool.files import Place, Segment, first_from, segments_in
from crm_core.runtime.spool.lines import Entry, entry_of, line_of

SEGMENT_BYTES = 4 * 1024 * 1024
MOST_BYTES = 4 * 1024**3
"""On disk: some twelve million events, or six hours of forty calls a second."""
MOST_HELD = 100_000
"""In memory, while the disk takes nothing; then the oldest give way."""
_TELL_EVERY = 10_000
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

_log = structlog.get_logger(__name__)


class SpoolInUse(CallwrightError):
    """Another telephony process works in {folder}: end it, or give this one a CALLWRIGHT_SPOOL of its own."""

    code = "spool.in_use"


class SpoolUnusable(CallwrightError):
    """The call log's spool cannot be kept in {folder}: {why}."""

    code = "spool.unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    entries: tuple[Entry, ...]
    end: int
    """The place behind them."""


class Spool:
    """`open` it, `append`; each reader goes on with `read` and says `done`. One process a folder."""

    def __init__(
        self,
        folder: Path,
        readers: Sequence[str],
        *,
        now: Callable[[], float] = time.time,
        segment_bytes: int = SEGMENT_BYTES,
        most_bytes: int = MOST_BYTES,
        most_held: int = MOST_HELD,
    ) -> None:
        self.readers = tuple(readers)
        self.lost = 0
        """Given up because neither disk nor memory had room."""
        self._folder, self._now = folder, now
        self._segment_bytes, self._most_bytes, self._most_held = segment_bytes, most_bytes, most_held
        self._segments: list[Segment] = []
        self._active: Segment | None = None
        self._held: deque[tuple[int, bytes]] = deque()
        """Place and line of what the disk had no room for."""
        self._end = 0
        self._at = dict.fromkeys(self.readers, 0)
        self._waiting = dict.fromkeys(self.readers, 0)
        self._places = {reader: Place(folder, reader) for reader in self.readers}
        self._lock: int | None = None
        self._refusal = ""
        self._unsynced: set[Segment] = set()

    def open(self) -> None:
        """Raises SpoolInUse or SpoolUnusable."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _locked(self._folder / "lock")
            if self._lock is None:
                raise SpoolInUse(folder=self._folder)
            self._find()
        except OSError as error:
            self.close()
            raise SpoolUnusable(folder=self._folder, why=error.strerror or error) from error

    def close(self) -> None:
        """What is in memory only is lost, and said so."""
        if self._held:
            _log.error("events are lost: the disk has no room for them", action="spool.close", count=len(self._held))
        for segment in self._segments:
            segment.close()
        for place in self._places.values():
            place.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # ---- in

    def append(self, topic: str, body: bytes) -> None:
        """Written when this returns, in the kernel's hands: also when we are killed now. Never raises."""
        if self._lock is None:
            _log.error("a closed spool takes no events", action="spool.append", topic=topic)
            return
        line = line_of(self._now(), topic, body)
        if self._held or not self._put(self._end, line):
            self._hold(line)
        self._end += len(line)
        for reader in self.readers:
            self._waiting[reader] += 1

    def make_good(self) -> None:
        """What is in memory goes to the disk, as far as there is room by now."""
        while self._held and self._put(*self._held[0]):
            self._held.popleft()

    def sync(self) -> None:
        """To the disk itself, in case the power fails. May take long: not on the loop. Raises OSError."""
        while self._unsynced:
            with suppress(FileNotFoundError):
                _synced(self._unsynced.pop().path)
                _synced(self._folder)

    # ---- out

    def read(self, reader: str, most: int) -> Batch:
        """The next ones, again and again the same until they are done. Raises OSError."""
        place, found = self._at[reader], list[Entry]()
        for segment in first_from(self._segments, place):
            place = max(place, segment.base)
            while len(found) < most and place < segment.end:
                more, place, torn = segment.read(place, most - len(found))
                found += more
                if torn:
                    _log.error("lines of the spool are torn", action="spool.read", file=segment.path.name, count=torn)
            if len(found) >= most:
                break
        for begin, line in self._held:
            if len(found) >= most:
                break
            if begin >= place and (entry := entry_of(line[:-1])) is not None:
                found.append(entry)
                place = begin + len(line)
        return Batch(entries=tuple(found), end=place)

    def done(self, reader: str, batch: Batch) -> None:
        """This reader needs them no more."""
        self._at[reader] = batch.end
        left = self._waiting[reader] - len(batch.entries)
        self._waiting[reader] = max(left, 0) if batch.end < self._end else 0
        self._keep_place(reader)
        self._let_go()

    # ---- how it is

    @property
    def end(self) -> int:
        """The place behind everything."""
        return self._end

    @property
    def held(self) -> int:
        """Events in memory only."""
        return len(self._held)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for segment in self._segments)

    def place(self, reader: str) -> int:
        return self._at[reader]

    def waiting(self, reader: str) -> int:
        return self._waiting[reader]

    def behind_s(self, reader: str) -> float:
        """For how long the next event has been waiting for this reader. Raises OSError."""
        entries = self.read(reader, 1).entries if self._waiting[reader] else ()
        return max(self._now() - entries[0].at, 0.0) if entries else 0.0

    def refusal(self) -> str:
        """Why the disk takes nothing; empty when it does."""
        return self._refusal

    # ---- within

    def _find(self) -> None:
        """What our former life has left. Everything is begun anew behind it, so that nobody writes into a torn line."""
        self._segments = segments_in(self._folder)
        oldest = self._segments[0].base if self._segments else 0
        known = {reader: place.read() for reader, place in self._places.items()}
        again = _power_failed(self._folder / "boot")
        places = [place for place in known.values() if place is not None]
        self._end = max([segment.end for segment in self._segments] + places, default=0)
        for reader, place in known.items():
            self._at[reader] = oldest if place is None or again else place
            left = first_from(self._segments, self._at[reader])
            self._waiting[reader] = sum(segment.lines_from(self._at[reader]) for segment in left)
            self._keep_place(reader)
        self._let_go()

    def _keep_place(self, reader: str) -> None:
        """Where that fails, a later life of ours gives this reader some of it twice."""
        try:
            self._places[reader].write(self._at[reader])
        except OSError as error:
            _log.warning("a place in the spool cannot be kept", action="spool.done", reader=reader, why=str(error))

    def _put(self, place: int, line: bytes) -> bool:
        try:
            segment = self._segment_for(place)
            segment.append(line)
        except OSError as error:
            self._refuse(error.strerror or str(error))
            return False
        self._unsynced.add(segment)
        if self._refusal:
            _log.info("the spool has room again", action="spool.append", held=len(self._held))
            self._refusal = ""
        return True

    def _segment_for(self, place: int) -> Segment:
        active = self._active
        if active is not None and active.end == place and active.size < self._segment_bytes:
            return active
        if self.size >= self._most_bytes:
            raise OSError(0, f"it holds {self._most_bytes / 1024**3:g} GB already")
        if active is not None:
            active.close()
        self._active = begun = Segment.begin(self._folder, place)
        self._segments = [segment for segment in self._segments if segment.base != place] + [begun]
        return begun

    def _refuse(self, why: str) -> None:
        if not self._refusal:
            _log.error("the spool has no room: events stay in memory", action="spool.append", why=why)
        self._refusal = why

    def _hold(self, line: bytes) -> None:
        if len(self._held) >= self._most_held:
            self._held.popleft()
            if self.lost % _TELL_EVERY == 0:
                _log.error("events are lost: no room on disk nor in memory", action="spool.append", before=self.lost)
            self.lost += 1
        self._held.append((self._end, line))

    def _let_go(self) -> None:
        """What everybody has taken. The segment before the one that is written to stays: see `_power_failed`."""
        low = min(self._at.values(), default=self._end)
        while len(self._segments) > 2 and self._segments[1].end <= low:
            self._segments.pop(0).path.unlink(missing_ok=True)
        while self._held and self._held[0][0] + len(self._held[0][1]) <= low:
            self._held.popleft()


def _locked(path: Path) -> int | None:
    """None when somebody else has it. Given back by the kernel, however we end."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def _synced(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _power_failed(mark: Path) -> bool:
    """Whether this machine was started anew since: a database may then have forgotten what it had taken last (SQLite
    does not wait for the disk at each transaction), so it gets once more what is still here."""
    try:
        now = _BOOT_ID.read_bytes()
    except OSError:
        return False
    try:
        before = mark.read_bytes()
    except FileNotFoundError:
        before = now
    with suppress(OSError):
        mark.write_bytes(now)
    return before != now
