"""The board's messages: all of it once, then only what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent_console.live.board_protocol import BoardAgent, FloorSaid
from agent_console.live.floor import Picture, difference, everything, picture
from crm_core.kernel.ids import AgentId, CallId, QueueKey
from cti.commands import Floor, QueueOnFloor
from cti.events import WaitingCall
from routing.states import AgentState

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def agent(key: str, state: AgentState = AgentState.READY) -> BoardAgent:
    return BoardAgent(
        agent=AgentId(key), extension=key, state=state, since=NOW, reason="", call=None, reachable=True, queues=()
    )


def of_agents(agents: dict[str, BoardAgent]) -> Picture:
    return Picture(queues={}, waiting={}, agents=agents, calls={})


def test_nothing_changed_is_nothing_said() -> None:
    now = of_agents({"a": agent("a")})
    assert difference(now, of_agents({"a": agent("a")}), NOW) is None


def test_only_the_changed_and_the_gone() -> None:
    before = of_agents({"a": agent("a"), "b": agent("b"), "c": agent("c")})
    now = of_agents({"a": agent("a"), "b": agent("b", AgentState.TALKING)})
    said = difference(before, now, NOW)
    assert said is not None
    assert [row.agent for row in said.agents] == ["b"]
    assert said.gone_agents == ("c",)


def applied(rows: dict[str, BoardAgent], said: FloorSaid | None) -> dict[str, BoardAgent]:
    """What a board holds after a message."""
    if said is None:
        return rows
    kept = {} if said.full else {key: row for key, row in rows.items() if key not in said.gone_agents}
    return kept | {str(row.agent): row for row in said.agents}


_PICTURES = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(list(AgentState)), max_size=4), min_size=1, max_size=6
)


@given(_PICTURES)
def test_a_board_that_heard_every_message_shows_the_last_picture(states: list[dict[str, AgentState]]) -> None:
    pictures = [of_agents({key: agent(key, state) for key, state in one.items()}) for one in states]
    board = applied({}, everything(pictures[0], NOW))
    for before, now in pairwise(pictures):
        board = applied(board, difference(before, now, NOW))
    assert board == dict(pictures[-1].agents)


def waiting(call: str, since: datetime) -> WaitingCall:
    return WaitingCall(
        call=CallId(call), queue=QueueKey("repair"), since=since, ani="13800138000", priority=0, requires={"zh": 1}
    )


def queue(longest: float) -> QueueOnFloor:
    return QueueOnFloor(
        queue=QueueKey("repair"), names={}, waiting=2, longest_wait_s=longest, agents_ready=0, agents_signed_in=1
    )


def test_waiting_longer_is_no_change() -> None:
    """A second more of the same wait needs no message: the browser's timer ticks by itself."""
    calls = (waiting("old", NOW - timedelta(seconds=30)), waiting("new", NOW))
    first, later = (
        picture(Floor(ok=True, queues=(queue(longest),), waiting=calls), shown=_shown, caller=_nobody)
        for longest in (30.0, 31.0)
    )
    assert difference(first, later, NOW) is None
    assert first.queues["repair"].oldest == NOW - timedelta(seconds=30)


def test_the_caller_gets_his_name_when_he_is_known() -> None:
    floor = Floor(ok=True, waiting=(waiting("c", NOW),))
    before = picture(floor, shown=_shown, caller=_nobody)
    now = picture(floor, shown=_shown, caller=lambda call: {"en": "Zhang"})
    said = difference(before, now, NOW)
    assert said is not None
    assert said.waiting == (replace(before.waiting["c"], customer={"en": "Zhang"}),)


def _shown(number: str) -> dict[str, str]:
    return {"en": number}


def _nobody(call: CallId) -> dict[str, str]:
    return {}
