"""Carries out the commands of cti/commands.py: each is done, or refused with a stable code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Command
from cti import commands as c
from cti.effects import Effect, HangUpChannel, LoadFloor
from cti.events import OfferFailure
from cti.switchboard.callbacks import Callbacks
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.floor_view import floor_now
from cti.switchboard.house import House, Offer
from cti.switchboard.offers import Offers
from cti.switchboard.promises import Answer, Promises
from cti.switchboard.promises import done as _done
from cti.switchboard.promises import refused as _refused
from cti.switchboard.prompt_calls import PromptCalls
from cti.switchboard.tickets import TicketLine
from routing import messages as m
from routing.agents import AtWork, Hand, Stage
from routing.queues import WrapUpKind
from routing.states import AgentState

Deeds = Mapping[type[Command], Callable[[Any, AtWork, datetime], Answer]]
"""How the commands of one subject are carried out, by their kind; each of them is an agent's."""

_CALL_IN_HAND = (Stage.RESERVED, Stage.RINGING, Stage.TALKING)


class Obey:
    def __init__(
        self,
        house: House,
        dispatch: Dispatch,
        offers: Offers,
        promises: Promises,
        *subjects: Deeds,
        callbacks: Callbacks,
        tickets: TicketLine,
        prompt_calls: PromptCalls,
    ) -> None:
        self._house = house
        self._callbacks = callbacks
        self._tickets = tickets
        self._prompt_calls = prompt_calls
        self._promises = promises
        self._dispatch = dispatch
        self._offers = offers
        self._deeds = {kind: deed for deeds in subjects for kind, deed in deeds.items()}

    def __call__(self, command: Command, now: datetime) -> Answer:  # noqa: PLR0911 - a table
        match command:
            case c.GetFloor():
                return floor_now(self._house, now), []
            case c.ReloadFloor():
                return _done([LoadFloor()])
            case c.PromiseCallback():
                return self._callbacks.promise(command, now)
            case c.CallForPrompt():
                return self._prompt_calls.call(command, now)
            case c.EndPromptCall():
                return self._prompt_calls.end(command, now)
            case c.PutTickets():
                return _done(self._tickets.stand(command.tickets, now, whole=command.whole))
            case c.ExplainWait():
                waits = self._house.engine.explain_wait(command.call)
                return _refused("call.not_waiting") if waits is None else (c.WaitExplained(ok=True, reason=waits), [])
            case c.ExplainIdle():
                idle = self._house.engine.explain_idle(command.agent)
                return _refused("agent.unknown") if idle is None else (c.IdleExplained(ok=True, reason=idle), [])
            case (
                c.SetReady()
                | c.SetPaused()
                | c.SignOff()
                | c.FinishWrapUp()
                | c.HangUp()
                | c.RejectOffer()
                | c.ForceAgentState()
            ):
                agent = self._house.engine.agents.get(command.agent)
                if agent is None:
                    return _refused("agent.unknown", agent=command.agent)
                return self._of_agent(command, agent, now)
            case _:
                return self._other(command, now)

    def _other(self, command: Command, now: datetime) -> Answer:
        deed = self._deeds.get(type(command))
        if deed is None:
            return _refused("command.unknown", topic=command.topic)
        agent = self._house.engine.agents.get(getattr(command, "agent", AgentId("")))
        return _refused("agent.unknown") if agent is None else deed(command, agent, now)

    def _of_agent(  # noqa: PLR0911 - a table
        self,
        command: c.SetReady | c.SetPaused | c.SignOff | c.FinishWrapUp | c.HangUp | c.RejectOffer | c.ForceAgentState,
        agent: AtWork,
        now: datetime,
    ) -> Answer:
        match command:
            case c.SetReady():
                return self._ready(agent, now)
            case c.SetPaused():
                return self._paused(agent, command.reason, now)
            case c.SignOff():
                return self._sign_off(agent, now)
            case c.FinishWrapUp():
                return self._finish_wrap_up(agent, command.call, now)
            case c.HangUp():
                return self._hang_up(agent, command.call, now)
            case c.RejectOffer():
                return self._reject(agent, command.call, now)
            case c.ForceAgentState():
                return self._force(agent, command, now)

    # --- states

    def _ready(self, agent: AtWork, now: datetime) -> Answer:
        extension = self._house.seating.extensions.get(agent.id, "")
        if self._house.is_known_to_be_gone(extension):
            return _refused("phone.unreachable", extension=extension)
        return _done(self._dispatch.tell(m.Ready(agent=agent.id), now))

    def _paused(self, agent: AtWork, reason: str, now: datetime) -> Answer:
        if not reason.strip():
            return _refused("reason.missing")
        return _done(self._dispatch.tell(m.Paused(agent=agent.id, reason=reason.strip()), now))

    def _sign_off(self, agent: AtWork, now: datetime) -> Answer:
        lost = self._lost_offer(agent)
        in_hand = agent.hand is not None and agent.hand.stage in _CALL_IN_HAND and lost is None
        if agent.beside or in_hand:
            return _refused("agent.has_call", call=agent.call or "")
        if unwritten := next((hand for hand in agent.wrap_ups if self._must_be_written(hand)), None):
            return _refused("agent.paperwork_first", call=unwritten.call)
        effects = [*self._dispatch.tell(m.SignedOff(agent=agent.id), now), *self._let_go_of_offer(agent, now)]
        return _done(effects + self._end_wrap_ups(agent, now))

    def _must_be_written(self, hand: Hand) -> bool:
        queue = self._house.seating.floor.queues.get(hand.queue)
        return queue is not None and queue.wrap_up.kind is WrapUpKind.MANDATORY

    def _finish_wrap_up(self, agent: AtWork, call: CallId, now: datetime) -> Answer:
        if not agent.wraps_up(call):
            return _refused("agent.not_in_wrap_up", call=call)
        return _done(self._dispatch.tell(m.WrapUpFinished(agent=agent.id, call=call), now))

    def _force(self, agent: AtWork, command: c.ForceAgentState, now: datetime) -> Answer:
        """What a supervisor sets holds now, paperwork or not; a call in hand is never cut, unless its line is lost."""
        match command.state:
            case AgentState.READY:
                wish: m.AgentFact = m.Ready(agent=agent.id)
            case AgentState.PAUSED if command.reason.strip():
                wish = m.Paused(agent=agent.id, reason=command.reason.strip())
            case AgentState.PAUSED:
                return _refused("reason.missing")
            case AgentState.OFFLINE:
                wish = m.SignedOff(agent=agent.id)
            case _:
                return _refused("state.unknown", state=command.state)
        effects = self._dispatch.tell(wish, now) + self._let_go(agent, now)
        return _done(effects + self._end_wrap_ups(agent, now))

    def _let_go(self, agent: AtWork, now: datetime) -> list[Effect]:
        """Of all beyond a lost line: we can neither end it nor hear its end. A line that returns knows better."""
        effects = self._let_go_of_offer(agent, now)
        in_hand = () if agent.hand is None else (agent.hand.call,)
        for call in (*in_hand, *sorted(agent.beside)):
            if self._is_out_of_reach(call):
                effects += self._let_go_of(agent, call, now)
        return effects

    def _lost_offer(self, agent: AtWork) -> Offer | None:
        """The offer to him that is being made beyond a lost line."""
        offer = self._house.offers.to(agent.id)
        return offer if offer is not None and self._is_out_of_reach(offer.call) else None

    def _let_go_of_offer(self, agent: AtWork, now: datetime) -> list[Effect]:
        lost = self._lost_offer(agent)
        return [] if lost is None else self._offers.fail(lost, OfferFailure.LINE_LOST, now, now, call_stays=False)

    def _let_go_of(self, agent: AtWork, call: CallId, now: datetime) -> list[Effect]:
        effects = self._dispatch.tell(m.OwnCallEnded(agent=agent.id, call=call), now)
        return effects + self._dispatch.tell(m.CallFinished(agent=agent.id, call=call), now)

    def _is_out_of_reach(self, call: CallId) -> bool:
        story = self._house.stories.get(call)
        return story is None or not self._house.line_up(story.server)

    def _end_wrap_ups(self, agent: AtWork, now: datetime) -> list[Effect]:
        effects: list[Effect] = []
        for hand in agent.wrap_ups:
            effects += self._dispatch.tell(m.WrapUpFinished(agent=agent.id, call=hand.call), now)
        return effects

    # --- calls

    def _hang_up(self, agent: AtWork, call: CallId, now: datetime) -> Answer:
        if self._is_out_of_reach(call) and (agent.holds(call, *_CALL_IN_HAND) or call in agent.beside):
            return _done([*self._let_go_of_offer(agent, now), *self._let_go_of(agent, call, now)])
        refusal = self._cannot_touch(call)
        if refusal is not None:
            return refusal
        offer = self._house.offers.to(agent.id, call)
        if offer is not None and not offer.answered:
            return self._turn_down(offer, now)
        legs = self._house.legs_of(agent.id, call)
        if not legs:
            return _refused("call.not_yours", call=call)
        server = self._house.stories[call].server
        return self._promises.make([HangUpChannel(server=server, channel=leg) for leg in legs], now)

    def _reject(self, agent: AtWork, call: CallId, now: datetime) -> Answer:
        lost = self._lost_offer(agent)
        if lost is not None and lost.call == call:
            return _done(self._let_go_of_offer(agent, now))
        refusal = self._cannot_touch(call)
        if refusal is not None:
            return refusal
        offer = self._house.offers.to(agent.id, call)
        if offer is None or offer.answered:
            return _refused("call.not_yours", call=call)
        return self._turn_down(offer, now)

    def _turn_down(self, offer: Offer, now: datetime) -> Answer:
        return _done(self._offers.fail(offer, OfferFailure.REJECTED, now, now, withdraw=True))

    def _cannot_touch(self, call: CallId) -> Answer | None:
        story = self._house.stories.get(call)
        if story is None:
            return _refused("call.unknown", call=call)
        if not self._house.line_up(story.server):
            return _refused("link.down", server=story.server)
        return None
