"""What a soak finds wrong, by three witnesses: each story is one call as telephones, Asterisk and log tell it."""

from __future__ import annotations

from collections.abc import Sequence

from tests.soak.accounts import Accounts, AsterisksCall, LoggedCall
from tests.soak.plan import Done, Kind
from tests.soak.seen import Seen, Talk
from tests.soak.verdict import Goal, Verdict, verdict

CALL, NUMBER = "callwright-1-1", "13900000001"


def talk(**changes: object) -> Talk:
    told: dict[str, object] = {
        "agent": "2001", "began_at": 105.0, "conversation": CALL, "ended_at": 110.0, "agent_hung_up": True, "heard": 90,
    }  # fmt: skip
    return Talk(**{**told, **changes})  # type: ignore[arg-type]


def seen(*talks: Talk, **changes: object) -> Seen:
    told: dict[str, object] = {
        "number": NUMBER, "dialled": "4008001", "patient": True, "placed_at": 100.0, "answered_at": 100.1,
        "ended_at": 110.0, "status": 200,
    }  # fmt: skip
    return Seen(talks=list(talks), **{**told, **changes})  # type: ignore[arg-type]


def logged(**changes: object) -> LoggedCall:
    told: dict[str, object] = {
        "call": CALL, "number": NUMBER, "outcome": "answered", "hung_up_by": "agent", "arrivals": 1, "ends": 1,
        "talked_with": frozenset({"2001", "2002"}),
    }  # fmt: skip
    return LoggedCall(**{**told, **changes})  # type: ignore[arg-type]


def judged(saw: Seen, *log: LoggedCall, asterisk: Sequence[str] = (CALL,), done: Sequence[Done] = ()) -> Verdict:
    accounts = Accounts(
        asterisk={call: AsterisksCall(call=call, number=NUMBER) for call in asterisk},
        log={one.call: one for one in log},
    )
    return verdict([saw], accounts, done)


def goals(found: Verdict) -> list[tuple[Goal, str]]:
    return [(one.goal, one.words) for one in found.findings]


def test_a_call_that_all_three_tell_alike_is_well() -> None:
    found = judged(seen(talk()), logged())
    assert found.findings == ()
    assert (found.offered, found.known_to_asterisk, found.talked, found.longest_wait_s) == (1, 1, 1, 5.0)


def test_a_call_that_the_log_does_not_know_or_not_to_its_end_is_lost() -> None:
    assert goals(judged(seen(talk()))) == [(Goal.LOST, "not there")]
    assert goals(judged(seen(talk()), logged(outcome=""))) == [(Goal.LOST, "not over there")]


def test_a_call_that_neither_asterisk_nor_the_log_knows_is_lost() -> None:
    assert goals(judged(seen(talk()), asterisk=())) == [(Goal.LOST, "nobody wrote it down")]
    never_there = seen(answered_at=0.0, status=480, hung_up=True, patient=False)
    assert goals(judged(never_there, asterisk=())) == []


def test_what_was_lost_while_nobody_of_ours_could_hear_is_said_so() -> None:
    kill = Done(kind=Kind.KILL_TELEPHONY, began_at=95.0, ended_at=100.0)
    (finding,) = judged(seen(talk()), done=[kill]).findings
    assert (finding.near, finding.unheard) == ("telephony process killed (-9)", True)
    elsewhere = Done(kind=Kind.STOP_DATABASE, began_at=109.0, ended_at=111.0)
    (finding,) = judged(seen(talk()), done=[elsewhere]).findings
    assert (finding.near, finding.unheard) == ("database stopped", False)


def test_a_call_told_twice_is_doubled() -> None:
    assert goals(judged(seen(talk()), logged(ends=2))) == [(Goal.DOUBLED, "came 1 times, ended 2 times")]
    twins = judged(seen(talk()), logged(), logged(call="other"), asterisk=(CALL, "other"))
    assert goals(twins) == [(Goal.DOUBLED, "under 2 ids")]


def test_a_call_that_asterisk_does_not_know_is_invented() -> None:
    assert goals(judged(seen(talk()), logged(), asterisk=())) == [(Goal.INVENTED, "")]


def test_a_conversation_that_nobody_ended_was_cut() -> None:
    cut = seen(talk(agent_hung_up=False))
    assert goals(judged(cut, logged(hung_up_by="system"))) == [(Goal.CUT, "after 5.0 s with 2001")]
    his_own = seen(talk(agent_hung_up=False), hung_up=True, ended_at=109.9)
    assert goals(judged(his_own, logged(hung_up_by="caller"))) == []
    too_late = seen(talk(agent_hung_up=False), hung_up=True, ended_at=112.0)
    assert Goal.CUT in dict(goals(judged(too_late, logged(hung_up_by="caller"))))


def test_the_log_tells_another_story_than_the_telephones() -> None:
    assert goals(judged(seen(talk()), logged(outcome="abandoned"))) == [
        (Goal.TOLD_WRONG, "abandoned, and he spoke with 2001")
    ]
    assert goals(judged(seen(talk()), logged(hung_up_by="system"))) == [
        (Goal.TOLD_WRONG, "ended by system, and it was the agent")
    ]


def test_an_agent_who_talked_stands_in_the_log() -> None:
    assert goals(judged(seen(talk()), logged(talked_with=frozenset({"2002"})))) == [
        (Goal.TOLD_WRONG, "spoke with 2001, and the log does not say so")
    ]


def test_who_hung_up_while_nobody_heard_it_need_not_be_told() -> None:
    cut = Done(kind=Kind.CUT_LINE, began_at=108.0, ended_at=112.0)
    assert goals(judged(seen(talk()), logged(hung_up_by="system"), done=[cut])) == []
    assert goals(judged(seen(talk()), logged(hung_up_by="caller"), done=[cut])) == [
        (Goal.TOLD_WRONG, "ended by caller, and it was the agent")
    ]


def test_who_is_sent_away_or_waits_in_vain_was_not_served() -> None:
    away = judged(seen(status=503, ended_at=101.0), logged(outcome="failed"))
    assert goals(away) == [(Goal.UNSERVED, "SIP status 503 after 1.0 s")]
    in_vain = judged(seen(hung_up=True, ended_at=280.0), logged(outcome="abandoned"))
    assert goals(in_vain) == [(Goal.UNSERVED, "nobody came for 180 s")]
    hurried = judged(seen(hung_up=True, patient=False, ended_at=103.0), logged(outcome="abandoned"))
    assert (goals(hurried), hurried.hurried) == ([], 1)


def test_an_answer_that_crossed_with_the_end_of_its_offer_is_no_conversation() -> None:
    crossed = talk(agent_hung_up=False, ended_at=105.05, heard=0)
    second = talk(began_at=107.0, agent="2002")
    found = judged(seen(crossed, second), logged())
    assert (goals(found), found.crossed, found.longest_wait_s) == ([], 1, 7.0)


def test_a_conversation_without_sound_and_a_phone_nobody_told_are_found() -> None:
    assert goals(judged(seen(talk(heard=0)), logged())) == [(Goal.SILENT, "")]
    assert goals(judged(seen(talk(), lingered=True), logged())) == [(Goal.LINGERED, "")]
