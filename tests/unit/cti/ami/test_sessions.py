"""Whose sessions at Asterisk's manager are ended by one who takes over, and beside whose he does not begin."""

from __future__ import annotations

from cti.ami.sessions import sessions_of

_HEAD = (
    f"  {'Username':<15}  {'IP Address':<55}  {'Start':<10}  {'Elapsed':<10}  FileDes   HttpCnt   ReadPerms  WritePerms"
)


def shown(*sessions: tuple[str, int, int]) -> str:
    """As Asterisk 22 prints it. Of each its user, for how many seconds, file descriptor."""
    lines = [
        f"  {user[:15]:<15}  {'127.0.0.1':<55}  1795341784  {seconds:<10}  {number:<8}  0         01023      01023"
        for user, seconds, number in sessions
    ]
    return "\n".join([_HEAD, *lines, f"{len(sessions)} users connected.", ""])


def test_one_alone() -> None:
    found = sessions_of("callwright", shown(("callwright", 0, 31)))
    assert (found.old, found.ours_alone) == ((), True)


def test_those_that_were_there_before_are_ended_and_other_users_left_alone() -> None:
    found = sessions_of("callwright", shown(("callwright", 812, 27), ("monitor", 90, 28), ("callwright", 1, 31)))
    assert (found.old, found.ours_alone) == (("27",), True)


def test_one_that_came_right_before_us_may_be_another() -> None:
    found = sessions_of("callwright", shown(("callwright", 1, 27), ("callwright", 0, 31)))
    assert (found.old, found.ours_alone) == ((), False)


def test_a_long_name_is_shown_cut_off() -> None:
    found = sessions_of("callwright-engine-one", shown(("callwright-engine-one", 60, 27)))
    assert found.old == ("27",)
