"""A prompt spoken into a phone: what is said and done there, whatever he presses and whenever he hangs up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.takes.commands import TakeState
from ivr.takes.machine import (
    MOST_TAKES,
    TRIES,
    AwaitKey,
    Effect,
    Gone,
    Input,
    Keep,
    Kept,
    PlayBack,
    Pressed,
    Record,
    Say,
    Spoken,
    Turn,
    advance,
    begun,
)

SPOKEN, SILENT = Spoken(heard=True), Spoken(heard=False)


def after(*happened: Input) -> Turn:
    turn = begun()
    for one in happened:
        assert turn.effects, f"it was over before {one}"
        turn = advance(turn.state, one)
    return turn


def said(turn: Turn) -> list[str]:
    return [one.prompt for one in turn.effects if isinstance(one, Say)]


def test_he_is_told_what_to_do_speaks_hears_it_and_keeps_it() -> None:
    assert said(begun()) == ["take_begin"]
    assert after(Pressed()).effects == (Record(),)
    heard = after(Pressed(), SPOKEN)
    assert heard.effects == (PlayBack(), Say(prompt="take_choice"), AwaitKey())
    assert after(Pressed(), SPOKEN, Pressed(key="1")).effects == (Keep(),)
    kept = after(Pressed(), SPOKEN, Pressed(key="1"), Kept())
    assert (kept.state.at, said(kept)) == (TakeState.KEPT, ["take_kept"])


def test_two_records_it_again_and_star_gives_up_at_any_question() -> None:
    assert after(Pressed(), SPOKEN, Pressed(key="2")).effects == (Record(),)
    for before in ((), (Pressed(), SPOKEN), (Pressed(), SPOKEN, Pressed(key="2"), SPOKEN)):
        turn = after(*before, Pressed(key="*"))
        assert (turn.state.at, said(turn)) == (TakeState.GIVEN_UP, ["take_given_up"])


def test_a_key_before_the_tone_ends_the_words_and_the_tone_comes() -> None:
    assert after(Pressed(key="5")).effects == (Record(),)


def test_silence_is_told_and_tried_again_so_many_times() -> None:
    turn = after(Pressed(), SILENT)
    assert turn.effects == (Say(prompt="take_silent"), Record())
    turn = after(Pressed(), *[SILENT] * TRIES)
    assert (turn.state.at, said(turn)) == (TakeState.NOTHING_HEARD, ["take_given_up"])


def test_what_the_limit_ended_is_told_as_such_before_he_decides() -> None:
    assert said(after(Pressed(), Spoken(heard=True, too_long=True))) == ["take_too_long", "take_choice"]


@pytest.mark.parametrize("key", ["", "7", "#"])
def test_who_does_not_decide_keeps_nothing(key: str) -> None:
    turn = after(Pressed(), SPOKEN, *[Pressed(key=key)] * (TRIES - 1))
    assert said(turn) == ["take_choice"]
    turn = after(Pressed(), SPOKEN, *[Pressed(key=key)] * TRIES)
    assert (turn.state.at, said(turn)) == (TakeState.UNDECIDED, ["take_given_up"])


@pytest.mark.parametrize("before", [(), (Pressed(),), (Pressed(), SPOKEN)], ids=["guided", "speaking", "deciding"])
def test_who_hangs_up_before_he_has_decided_keeps_nothing(before: tuple[Input, ...]) -> None:
    turn = after(*before, Gone())
    assert (turn.state.at, turn.effects) == (TakeState.HUNG_UP, ())


def test_what_cannot_be_a_prompt_is_told_with_its_reason() -> None:
    turn = after(Pressed(), SPOKEN, Pressed(key="1"), Kept(reason="silent"))
    assert (turn.state.at, turn.state.reason, said(turn)) == (TakeState.REFUSED, "silent", ["take_not_kept"])


def _answers(effect: Effect) -> st.SearchStrategy[Input]:
    match effect:
        case Record():
            spoken: st.SearchStrategy[Input] = st.builds(Spoken, heard=st.booleans(), too_long=st.booleans())
        case Keep():
            spoken = st.builds(Kept, reason=st.sampled_from(["", "failed"]))
        case _:
            spoken = st.builds(Pressed, key=st.sampled_from([*"0123456789*#", ""]))
    return st.one_of(spoken, spoken, spoken, st.just(Gone()))


@given(data=st.data())
def test_it_ends_whatever_he_does_and_nothing_is_kept_but_by_the_key(data: st.DataObject) -> None:
    turn, happened = begun(), list[Input]()
    for _ in range(4 * MOST_TAKES * TRIES):
        if turn.state.over:
            break
        happened.append(data.draw(_answers(turn.effects[-1])))
        turn = advance(turn.state, happened[-1])
    assert turn.state.over
    assert advance(turn.state, Pressed(key="1")).effects == ()
    assert (turn.state.at is TakeState.KEPT) == (happened[-2:] == [Pressed(key="1"), Kept()])
