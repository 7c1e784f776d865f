"""pyst2's verbs with its traps closed, one test for each."""

from __future__ import annotations

import signal
import threading
from typing import Any

import pytest

from ivr.fastagi.errors import CallerHungUp, CommandFailed, CommandRefused, PeerBroken, PeerClosed
from ivr.fastagi.limits import Limits
from ivr.fastagi.verbs import AgiVerbs, Digits
from tests.unit.ivr.fake_asterisk import FakeAsterisk


def verbs(fake: FakeAsterisk, **limits: Any) -> AgiVerbs:
    return AgiVerbs(fake, {}, Limits(**limits))  # type: ignore[arg-type]


class Scripted(FakeAsterisk):
    """Answers each command with the next of these, whatever was asked."""

    def __init__(self, *answers: list[str]) -> None:
        super().__init__()
        self._script = list(answers)

    def _answer(self, line: str) -> list[str]:
        self.commands.append(line)
        return self._script.pop(0)


class Closing(FakeAsterisk):
    """Says these lines whatever it is asked, and closes the line."""

    def __init__(self, *lines: str) -> None:
        super().__init__(strays=lines)

    def _answer(self, line: str) -> list[str]:
        return []

    def readline(self) -> str:
        if not self._answers:
            raise PeerClosed(doing="we were listening")
        return super().readline()


def test_no_signal_handler_and_no_main_thread() -> None:
    before = signal.getsignal(signal.SIGHUP)
    made: list[AgiVerbs] = []
    thread = threading.Thread(target=lambda: made.append(verbs(FakeAsterisk())))
    thread.start()
    thread.join()
    assert made
    assert signal.getsignal(signal.SIGHUP) is before


def test_nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    verbs(FakeAsterisk()).stream_file("/a")
    assert capfd.readouterr() == ("", "")


def test_plays_and_hears() -> None:
    fake = FakeAsterisk(keys=["", "5"])
    agi = verbs(fake)
    assert agi.stream_file("/prompts/zh/welcome", "05") == ""
    assert agi.stream_file("/prompts/zh/welcome", "05", 800) == "5"
    assert agi.endpos == 1600
    assert fake.commands[0] == 'STREAM FILE "/prompts/zh/welcome" "05" 0'


def test_a_path_with_blanks_is_one_word() -> None:
    fake = FakeAsterisk()
    verbs(fake).stream_file('/home/my "own" files/a')
    assert fake.played == ['/home/my "own" files/a']


@pytest.mark.parametrize("value", ['a"b', "a\\", 'a\\" "c', "客户 (维修)", 'x"\t"y'])
def test_a_value_stays_one_value(value: str) -> None:
    fake = FakeAsterisk()
    agi = verbs(fake)
    agi.exec_command("MSet", f"NAME={value}")
    assert fake.variables == {"NAME": value}
    assert agi.get_variable("NAME") == value


@pytest.mark.parametrize("value", ["a\nHANGUP", "a\rb", "a\0b"])
def test_a_line_break_cannot_become_a_command(value: str) -> None:
    fake = FakeAsterisk()
    with pytest.raises(CommandRefused, match="line break"):
        verbs(fake).set_variable("NAME", value)
    assert all("NAME" not in command for command in fake.commands)


def test_a_command_that_asterisk_would_cut_in_two_is_refused() -> None:
    with pytest.raises(CommandRefused, match="too long"):
        verbs(FakeAsterisk()).set_variable("NAME", "客" * 700)


def test_a_missing_file_is_not_a_hang_up() -> None:
    fake = FakeAsterisk(sounds=["/there"])
    agi = verbs(fake)
    with pytest.raises(CommandFailed, match="/missing"):
        agi.stream_file("/missing")
    assert agi.stream_file("/there") == ""


def test_a_hang_up_is_not_a_missing_file() -> None:
    fake = FakeAsterisk(hang_up_at=0)
    agi = verbs(fake)
    with pytest.raises(CallerHungUp):
        agi.stream_file("/there")


def test_a_hang_up_while_waiting_for_a_key() -> None:
    with pytest.raises(CallerHungUp):
        verbs(FakeAsterisk(hang_up_at=0)).wait_for_digit(1000)


def test_the_notice_of_a_hang_up_does_not_shift_the_answers() -> None:
    agi = verbs(Scripted(["HANGUP", "200 result=1 (first)"]))
    assert agi.get_variable("A") == "first"
    assert agi.hung_up
    with pytest.raises(CallerHungUp):
        agi.get_variable("B")


@pytest.mark.parametrize("said", [["200 result=-1", "HANGUP"], ["HANGUP"]])
def test_a_line_that_ends_after_the_notice_was_hung_up(said: list[str]) -> None:
    with pytest.raises(CallerHungUp):
        verbs(Closing(*said)).stream_file("/a")
    with pytest.raises(CallerHungUp):
        verbs(Closing(*said)).synchronise()


def test_a_line_that_ends_otherwise_was_closed() -> None:
    with pytest.raises(PeerClosed):
        verbs(Closing("200 result=-1")).stream_file("/a")
    with pytest.raises(PeerClosed):
        verbs(Closing()).synchronise()


def test_a_dead_channel_is_a_hang_up() -> None:
    agi = verbs(Scripted(["511 Command Not Permitted on a dead channel or intercept routine"]))
    with pytest.raises(CallerHungUp):
        agi.answer()


def test_get_data_keeps_its_time_out_mark() -> None:
    agi = verbs(Scripted(["200 result=12 (timeout)"], ["200 result=123"]))
    assert agi.get_data("/ask") == Digits(pressed="12", timed_out=True)
    assert agi.get_data("/ask") == Digits(pressed="123", timed_out=False)


@pytest.mark.parametrize(
    "value", ["result=-1", "x result=5 (hangup)", "hangup", "a=b c=(hangup)", "one\ntwo", "one\n200 result=7 (x)"]
)
def test_whatever_a_variable_holds_is_its_value(value: str) -> None:
    agi = verbs(Scripted(f"200 result=1 ({value})".split("\n"), ["200 result=1 (next)"]))
    assert agi.get_variable("A") == value
    assert agi.get_variable("B") == "next"


def test_wrong_use_is_told_with_asterisks_words() -> None:
    usage = ["520-Invalid command syntax.  Proper usage follows:", "200 result=1 (no answer, but text)", "520 End."]
    agi = verbs(Scripted(usage, ["200 result=6"], ["200 result=1 (next)"]))
    with pytest.raises(CommandRefused):
        agi.noop()
    assert agi.get_variable("B") == "next"


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(CommandRefused, match="Invalid or unknown"):
        verbs(FakeAsterisk()).database_get("a", "b")


def test_progress_is_not_the_answer() -> None:
    assert verbs(Scripted(["100 result=0 Trying...", "200 result=1 (x)"])).get_variable("A") == "x"


def test_a_peer_that_talks_without_answering_is_given_up() -> None:
    with pytest.raises(PeerBroken):
        verbs(Scripted(["blah"] * 10), stray_lines=10).noop()


def test_a_value_without_end_is_given_up() -> None:
    with pytest.raises(PeerBroken):
        verbs(Scripted(["200 result=1 (a"] * 10), stray_lines=10).noop()


def test_made_up_answers_before_the_first_command_are_dropped() -> None:
    fake = FakeAsterisk(strays=["agi_context: x", "", "200 result=50", "HANGUP", "200 result=-1"], keys=["3"])
    agi = verbs(fake)
    agi.synchronise()
    assert agi.stream_file("/a", "0123") == "3"
    assert not agi.hung_up


def test_endless_made_up_answers_are_given_up() -> None:
    with pytest.raises(PeerBroken):
        verbs(FakeAsterisk(strays=["200 result=50"] * 20), stray_lines=20).synchronise()
