"""The spool: whatever happens to it, what was written comes out, in order, and nobody who is done gets it again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from structlog.testing import capture_logs

from crm_core.runtime.spool import Spool, SpoolInUse, SpoolUnusable, look_at
from crm_core.runtime.spool.files import PIECE
from crm_core.runtime.spool.lines import entries_in, entry_of, line_of
from tests.support.limits import no_file_larger_than

READERS = ("journal", "recordings")


@contextmanager
def opened(folder: Path, **options: int) -> Iterator[Spool]:
    spool = Spool(folder, READERS, **options)  # type: ignore[arg-type]
    spool.open()
    try:
        yield spool
    finally:
        spool.close()


def append(spool: Spool, *numbers: int) -> None:
    for number in numbers:
        spool.append("test.said", b"%d" % number)


def take(spool: Spool, reader: str = "journal", most: int = 1000) -> list[int]:
    """Reads and is done with them."""
    batch = spool.read(reader, most)
    spool.done(reader, batch)
    return [int(entry.body) for entry in batch.entries]


@settings(deadline=None)
@given(st.binary().filter(lambda body: b"\n" not in body))
def test_a_line_is_what_was_put_in(body: bytes) -> None:
    entry = entry_of(line_of(1767603600.125, "call.ended", body)[:-1])
    assert entry is not None
    assert (entry.at, entry.topic, entry.body) == (1767603600.125, "call.ended", body)


@settings(deadline=None)
@given(st.data())
def test_of_a_line_that_is_cut_or_spoilt_nothing_is_believed_and_the_others_are(data: st.DataObject) -> None:
    lines = [line_of(1, "test.said", b'{"number":%d}' % number) for number in range(3)]
    torn = data.draw(st.integers(0, 2))
    place = data.draw(st.integers(0, len(lines[torn]) - 2))
    sign = data.draw(st.integers(0, 255).filter(lambda one: one not in (10, lines[torn][place])))
    spoilt = lines[torn][:place] + bytes([sign]) + lines[torn][place + 1 :]
    found, taken, count = entries_in(b"".join([*lines[:torn], spoilt, *lines[torn + 1 :]]), 10)
    assert [entry.body for entry in found] == [b'{"number":%d}' % number for number in range(3) if number != torn]
    assert (taken, count) == (sum(map(len, lines)), 1)


def test_each_reader_goes_on_where_he_was(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        append(spool, 1, 2, 3)
        assert take(spool, "journal", 2) == [1, 2]
        assert (spool.waiting("journal"), spool.waiting("recordings")) == (1, 3)
    with opened(tmp_path) as spool:
        append(spool, 4)
        assert (spool.waiting("journal"), spool.waiting("recordings")) == (2, 4)
        assert take(spool, "journal") == [3, 4]
        assert take(spool, "recordings") == [1, 2, 3, 4]
        assert (spool.waiting("journal"), spool.place("journal")) == (0, spool.end)


def test_a_long_line_is_read_too(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        spool.append("test.said", b"1" * PIECE * 5)
        append(spool, 2)
        assert [len(entry.body) for entry in spool.read("journal", 10).entries] == [PIECE * 5, 1]


def test_what_everybody_has_taken_leaves_the_disk(tmp_path: Path) -> None:
    with opened(tmp_path, segment_bytes=100) as spool:
        append(spool, *range(100))
        assert len(list(tmp_path.glob("*.events"))) > 20
        take(spool, "journal")
        assert len(list(tmp_path.glob("*.events"))) > 20
        take(spool, "recordings")
        assert len(list(tmp_path.glob("*.events"))) == 2


def test_two_do_not_keep_one_spool(tmp_path: Path) -> None:
    with opened(tmp_path):
        with pytest.raises(SpoolInUse) as refused:
            Spool(tmp_path, READERS).open()
        assert str(tmp_path) in refused.value.sentence()
    with opened(tmp_path):
        pass


def test_what_is_said_after_the_end_is_not_kept_and_hurts_nobody(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        append(spool, 1)
    with capture_logs() as lines:
        append(spool, 2)
    assert [line["log_level"] for line in lines] == ["error"]
    with opened(tmp_path) as spool:
        assert take(spool) == [1]


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpoolUnusable):
        Spool(tmp_path / "file" / "spool", READERS).open()


def test_a_spool_that_is_full_keeps_events_in_memory_and_on_disk_once_there_is_room(tmp_path: Path) -> None:
    with capture_logs() as lines, opened(tmp_path, segment_bytes=50, most_bytes=300) as spool:
        append(spool, *range(20))
        assert spool.held > 0
        assert "holds" in spool.refusal()
        assert take(spool, "journal", 15) == list(range(15))
        assert take(spool, "recordings", 15) == list(range(15))
        spool.make_good()
        assert (spool.held, spool.refusal()) == (0, "")
        append(spool, 20)
        assert take(spool, "journal") == [15, 16, 17, 18, 19, 20]
    assert [line["log_level"] for line in lines] == ["error", "info"]
    with opened(tmp_path) as spool:
        assert take(spool, "recordings") == [15, 16, 17, 18, 19, 20]


def test_what_is_taken_out_of_memory_never_needs_the_disk(tmp_path: Path) -> None:
    with opened(tmp_path, segment_bytes=50, most_bytes=200) as spool, capture_logs():
        append(spool, *range(20))
        for reader in READERS:
            assert take(spool, reader) == list(range(20))
        assert spool.held == 0
        append(spool, 20)
    with opened(tmp_path) as spool:
        assert take(spool) == [20]


def test_without_room_anywhere_the_oldest_in_memory_give_way_and_are_counted(tmp_path: Path) -> None:
    with capture_logs() as lines, opened(tmp_path, segment_bytes=50, most_bytes=50, most_held=3) as spool:
        append(spool, *range(10))
        assert (take(spool), spool.lost) == ([0, 1, 7, 8, 9], 5)
    assert "error" in {line["log_level"] for line in lines if "lost" in line["event"]}


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """By a limit of the operating system: a line does not fit whole, and nothing of it stays."""
    with opened(tmp_path) as spool, capture_logs():
        append(spool, 1)
        with no_file_larger_than(100):
            append(spool, *range(2, 10))
            assert spool.refusal() == "No space left on device"
            assert 0 < spool.held < 8
            assert spool.size <= 100
            assert take(spool, most=5) == [1, 2, 3, 4, 5]
        spool.make_good()
        assert (spool.held, spool.refusal()) == (0, "")
        assert take(spool) == [6, 7, 8, 9]
    with opened(tmp_path) as spool:
        assert take(spool, "recordings") == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_who_only_looks_sees_what_waits(tmp_path: Path) -> None:
    assert look_at(tmp_path / "none", "journal").events == 0
    with opened(tmp_path, segment_bytes=100) as spool:
        append(spool, *range(30))
        take(spool, most=10)
        seen = look_at(tmp_path, "journal")
        assert (seen.events, seen.oldest_at) == (20, spool.read("journal", 1).entries[0].at)
        take(spool)
        assert (look_at(tmp_path, "journal").events, look_at(tmp_path, "recordings").events) == (0, 30)


def test_after_a_power_cut_what_is_still_there_is_told_once_more(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        append(spool, 1, 2)
        take(spool)
    (tmp_path / "boot").write_text("another life of this machine")
    with opened(tmp_path) as spool:
        assert take(spool) == [1, 2]


class AnyLife(RuleBasedStateMachine):
    """Appended, taken by either reader, killed at any byte of what is being written, begun again, full or not."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._said = 0
        self._written: set[int] = set()
        self._forgotten: set[int] = set()
        """Said, never written, and we were killed since."""
        self._log: dict[str, list[int]] = {reader: [] for reader in READERS}
        self._begin()

    def _begin(self) -> None:
        self.spool = Spool(Path(self._folder.name), READERS, segment_bytes=120, most_bytes=600, most_held=10**6)
        self.spool.open()

    @rule(count=st.integers(1, 12))
    def append(self, count: int) -> None:
        with capture_logs():
            for _ in range(count):
                append(self.spool, self._said)
                if not self.spool.held:
                    self._written.add(self._said)
                self._said += 1

    @rule(reader=st.sampled_from(READERS), most=st.integers(1, 20), dies=st.booleans())
    def take(self, reader: str, most: int, dies: bool) -> None:
        """`dies`: the database has it, and we are killed before that is noted."""
        batch = self.spool.read(reader, most)
        self._log[reader] += [int(entry.body) for entry in batch.entries]
        if dies:
            self.killed(b"")
        else:
            self.spool.done(reader, batch)

    @rule()
    def make_good(self) -> None:
        with capture_logs():
            self.spool.make_good()
        if not self.spool.held:
            self._written |= set(range(self._said)) - self._forgotten

    @rule(torn=st.integers(0, 60).map(lambda cut: line_of(1, "test.said", b"99999999")[:cut]))
    def killed(self, torn: bytes) -> None:
        with capture_logs():
            self.spool.close()
            segments = sorted(Path(self._folder.name).glob("*.events"))
            if segments and not torn.endswith(b"\n"):
                with segments[-1].open("ab") as file:
                    file.write(torn)
            self._forgotten = self._forgotten | (set(range(self._said)) - self._written)
            self._begin()

    @rule(cut=st.integers(0, 19))
    def killed_while_a_place_was_written(self, cut: int) -> None:
        place = Path(self._folder.name) / "journal.place"
        self.killed(b"")
        self.spool.close()
        place.write_bytes(place.read_bytes()[:cut])
        self._begin()

    @precondition(lambda self: self.spool.held == 0)
    @invariant()
    def nothing_written_is_lost(self) -> None:
        for reader in READERS:
            with capture_logs():
                left = {int(entry.body) for entry in self.spool.read(reader, 10**6).entries}
            assert self._written <= left | set(self._log[reader])

    @invariant()
    def in_order_and_no_sooner_again_than_after_a_death(self) -> None:
        for reader in READERS:
            with capture_logs():
                left = [int(entry.body) for entry in self.spool.read(reader, 10**6).entries]
            assert left == sorted(set(left))

    def teardown(self) -> None:
        with capture_logs():
            self.spool.close()
        self._folder.cleanup()


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    with opened(tmp_path / "spool") as spool:
        append(spool, 1)
    assert [oct(file.stat().st_mode & 0o077) for file in (tmp_path / "spool").glob("*.events")] == ["0o0"]
    assert oct(os.stat(tmp_path / "spool").st_mode & 0o077) == "0o0"
