"""After a restart of ours: agents and calls as the event log knew them; a snapshot then says what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from crm_core.kernel.ids import AgentId, CallId, QueueKey
from crm_core.kernel.messages import Event
from cti import events as e
from cti.calls.story import Story
from cti.effects import Effect, WakeMeAt
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House
from routing import messages as m
from routing.agents import Wish
from routing.states import AgentState

_AT_IT = (AgentState.TALKING, AgentState.WRAP_UP)


def restore(
    house: House, dispatch: Dispatch, told: Iterable[Event], lately: m.Remembered, now: datetime
) -> list[Effect]:
    states: dict[AgentId, e.AgentStateChanged] = {}
    queues: dict[CallId, QueueKey] = {}
    for event in told:
        house.remembered_until = max(house.remembered_until or event.at, event.at)
        match event:
            case e.AgentStateChanged():
                states[event.agent] = event
            case e.CallArrived():
                house.stories[event.call] = Story.begins(event)
            case e.CallEnded():
                house.stories.pop(event.call, None)
            case e.CallEvent():
                if isinstance(event, e.CallQueued | e.CallbackBegan):
                    queues[event.call] = event.queue
                house.tell(event)
            case _:
                pass
    house.remember_former()
    house.hourly.remember(lately.waited)
    effects = dispatch.tell(_as_it_stands(lately, states), now)
    for state in sorted(states.values(), key=lambda state: state.at):
        effects += _take_up(house, dispatch, state, queues, now)
    return effects


def _as_it_stands(lately: m.Remembered, states: Mapping[AgentId, e.AgentStateChanged]) -> m.Remembered:
    """Who is at it still, paperwork included, says his state; of whom it does not, nobody told us when he was done."""
    worked: list[m.Worked] = []
    for one in lately.worked:
        state = states.get(one.agent)
        busy = state is not None and state.state in _AT_IT and state.call == one.call
        worked.append(
            replace(one, until=None) if busy else one if one.until is not None else replace(one, until=one.at)
        )
    return replace(lately, worked=tuple(worked))


def _take_up(
    house: House,
    dispatch: Dispatch,
    known: e.AgentStateChanged,
    queues: dict[CallId, QueueKey],
    now: datetime,
) -> list[Effect]:
    """A conversation beside the queue is found again by the snapshot; only a queue call is in the agent's hands."""
    queue = queues.get(known.call) if known.call is not None else None
    if known.state is AgentState.WRAP_UP and known.call is not None:
        house.wrapping_up[known.agent] = (known.call, known.at)
    in_hand = known.state is AgentState.WRAP_UP or (known.state is AgentState.TALKING and queue is not None)
    effects = dispatch.tell(
        m.Restored(
            agent=known.agent,
            state=known.state,
            reason=known.reason,
            since=known.at,
            call=known.call if in_hand else None,
            queue=queue if queue is not None else QueueKey(""),
            wish=known.wish,
            wish_reason=known.wish_reason,
        ),
        now,
    )
    at_work = house.engine.agents.get(known.agent)
    if at_work is not None and at_work.wrap_up_until is not None:
        effects.append(WakeMeAt(when=at_work.wrap_up_until, token=f"wrap_up:{known.agent}"))
    if at_work is None:
        return effects
    expected = at_work.wish is Wish.READY or at_work.state is AgentState.WRAP_UP
    return effects + house.out_of_reach.look(known.agent, now, expected=expected, reachable=at_work.reachable)
