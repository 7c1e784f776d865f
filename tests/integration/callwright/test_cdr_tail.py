"""Asterisk's CDR file while it grows, is moved away, cut short, half written, full of rubbish, or not there."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from callwright.cdr_tail import CdrTail

NOW = 1767603600.0


def line(number: int, end: float) -> bytes:
    """As Asterisk writes it for us."""
    begun, over, unique, call = NOW, NOW + end, f"pbx-1767603600.{number}", f"pbx-1767603600-{number}"
    fields = (
        f"{begun:.6f}", f"{begun:.6f}", f"{over:.6f}", '"" <139>', "139", "s", "cw-hold", "PJSIP/trunk-1", "",
        "Dial", "1", "1", "ANSWERED", unique, unique, "1", call,
    )  # fmt: skip
    return (",".join('"' + field.replace('"', '""') + '"' for field in fields) + "\n").encode()


def news(tail: CdrTail) -> tuple[list[int], int]:
    """Numbers of the calls, and how many lines were rubbish."""
    pieces = list(tail.read())
    numbers = [int(row.call.rpartition("-")[2]) for piece in pieces for row in piece.rows]
    return numbers, sum(piece.rubbish for piece in pieces)


def append(path: Path, *content: bytes) -> None:
    with path.open("ab") as file:
        file.write(b"".join(content))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.csv"


def test_each_look_gives_what_is_new_and_no_half_lines(path: Path) -> None:
    tail = CdrTail(path)
    whole = line(3, 30)
    append(path, line(1, 10), line(2, 20), whole[:40])
    assert news(tail) == ([1, 2], 0)
    assert news(tail) == ([], 0)
    append(path, whole[40:])
    assert news(tail) == ([3], 0)


def test_a_file_that_is_not_there_yet_comes_later_but_its_folder_must_be_there(path: Path) -> None:
    tail = CdrTail(path)
    assert news(tail) == ([], 0)
    append(path, line(1, 10))
    assert news(tail) == ([1], 0)
    with pytest.raises(FileNotFoundError):
        news(CdrTail(path.parent / "none" / "calls.csv"))


def test_rubbish_spoils_nothing_but_itself(path: Path) -> None:
    append(
        path,
        b"\xff\xfe\x00rubbish\n",
        line(1, 10),
        b"one,two\n",
        b'"open\n',
        b"\n",
        line(2, 20).replace(b"17676", b"x", 1),
    )
    append(path, b"x" * 200_000, b"\n", line(3, 30))
    tail = CdrTail(path)
    numbers, rubbish = news(tail)
    assert numbers == [1, 3]
    assert rubbish >= 5


def test_what_is_moved_away_is_read_to_its_end_first(path: Path) -> None:
    append(path, line(1, 10))
    tail = CdrTail(path)
    assert news(tail) == ([1], 0)
    append(path, line(2, 20))
    path.rename(path.with_name("calls.csv.1"))
    assert news(tail) == ([2], 0)
    append(path.with_name("calls.csv.1"), line(3, 30))
    append(path, line(4, 40))
    assert news(tail) == ([3, 4], 0)


@pytest.mark.parametrize("left", [0, 1])
def test_what_is_cut_short_or_written_anew_is_begun_anew(path: Path, left: int) -> None:
    append(path, line(1, 10), line(2, 20))
    tail = CdrTail(path)
    assert news(tail) == ([1, 2], 0)
    path.write_bytes(b"".join([line(9, 10)] * left))
    assert news(tail) == ([9] * left, 0)
    append(path, line(3, 30), line(4, 40), line(5, 50))
    assert news(tail) == ([3, 4, 5], 0)


def test_what_was_moved_away_while_we_were_dead_is_looked_for(path: Path) -> None:
    since = NOW + 15
    old, packed, last = (path.with_name(f"calls.csv{end}") for end in (".3", ".2.gz", ".1"))
    append(old, line(1, 10))
    packed.write_bytes(gzip.compress(line(2, 12) + line(3, 20)))
    append(last, line(4, 30))
    append(path, line(5, 40))
    for file, at in ((old, NOW + 10), (packed, NOW + 21), (last, NOW + 31)):
        os.utime(file, (at, at))
    assert news(CdrTail(path, since=since)) == ([3, 4, 5], 0)


def test_one_that_cannot_be_unpacked_is_given_up_where_it_breaks(path: Path) -> None:
    path.with_name("calls.csv.1.gz").write_bytes(gzip.compress(line(1, 10))[:-12])
    append(path, line(2, 20))
    numbers, rubbish = news(CdrTail(path))
    assert numbers[-1] == 2
    assert rubbish == 1


def test_of_a_large_file_only_the_end_is_read(path: Path) -> None:
    append(path, *(line(number, number) for number in range(5000)))
    assert news(CdrTail(path, since=NOW + 4990)) == (list(range(4990, 5000)), 0)
    assert news(CdrTail(path, since=NOW + 9999)) == ([], 0)
    assert news(CdrTail(path, since=NOW - 1)) == (list(range(5000)), 0)


def test_columns_named_by_a_heading(path: Path) -> None:
    append(path, b"userfield,start,end,channel,dstchannel,disposition\n")
    append(path, *(b"pbx-1-%d,%d.5,%d.5,PJSIP/trunk-1,,NO ANSWER\n" % (n, n, n) for n in range(1, 4000)))
    numbers, rubbish = news(CdrTail(path, since=3990.0))
    assert (numbers, rubbish) == (list(range(3990, 4000)), 0)
