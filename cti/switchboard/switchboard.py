"""The switchboard: everything that is heard goes in, in order; events and effects come out, in order.

It knows no clock and talks to nobody. The runner feeds it and carries out what it answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import CallId, ServerId
from crm_core.kernel.messages import Command, Event
from cti import effects as fx
from cti.ami.vocabulary import AmiEvent, Snapshot
from cti.dialling import DialRules
from cti.events import CallStepped, LinkLost
from cti.floor import Seating
from cti.switchboard.aftermath import Aftermath
from cti.switchboard.announcing import Announcing
from cti.switchboard.callbacks import Callbacks
from cti.switchboard.calls import Calls
from cti.switchboard.control import Control
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.himself import Himself
from cti.switchboard.house import House
from cti.switchboard.in_call import InCall
from cti.switchboard.lines import Lines
from cti.switchboard.listening import Listening
from cti.switchboard.messages import FloorLoaded, LinesNamed, Trusted, WhoKnows
from cti.switchboard.obey import Obey
from cti.switchboard.offers import Offers
from cti.switchboard.overflow import Overflows
from cti.switchboard.parking import Parking
from cti.switchboard.pausing import Pausing
from cti.switchboard.places import Places
from cti.switchboard.placing import Placing
from cti.switchboard.promises import Answer, Promises
from cti.switchboard.prompt_calls import TIMER, PromptCalls
from cti.switchboard.reach import Reach
from cti.switchboard.recording import Recordings
from cti.switchboard.reservations import Reservations
from cti.switchboard.restore import restore
from cti.switchboard.safety import Safety
from cti.switchboard.targets import Targets
from cti.switchboard.tickets import TicketLine
from cti.switchboard.waiting import Waiting
from routing import messages as m

Heard = (
    AmiEvent | CallStepped | LinkLost | fx.Done | fx.Failed | fx.Woken | FloorLoaded | WhoKnows | LinesNamed | Trusted
)
"""Everything the runner hands over. The switchboard itself publishes LinkLost, and LinkUp after each Snapshot."""


class Switchboard:
    """`restore` (once, first), then `handle` and `obey` for ever. Offers are made over lines that had a Snapshot."""

    def __init__(self, plan: FloorPlan, now: datetime, rules: DialRules | None = None) -> None:
        rules = rules or DialRules()
        self._plan = plan
        self._house = house = House(Seating.of(plan), now)
        self._dispatch = dispatch = Dispatch(house)
        self._reach = reach = Reach(house, dispatch)
        self._safety = safety = Safety(house)
        self._promises = promises = Promises(house)
        self._tickets = tickets = TicketLine(house, dispatch)
        reservations = Reservations(house, dispatch)
        offers, recordings = Offers(house, dispatch), Recordings(house)
        self._overflows = overflows = Overflows(house, dispatch, rules)
        himself = Himself(house, dispatch, offers, rules)
        self._places = places = Places(house, himself)
        self._announcing = announcing = Announcing(house)
        self._waiting = waiting = Waiting(
            house, dispatch, recordings=recordings, overflows=overflows, places=places, announcing=announcing
        )
        self._pausing = pausing = Pausing(house, promises)
        parking, in_call = Parking(house, promises, reservations), InCall(house, promises)
        listening = Listening(house, promises, recordings, reservations)
        self._callbacks = callbacks = Callbacks(house, dispatch, offers, rules, himself)
        self._calls = Calls(
            house,
            dispatch=dispatch,
            offers=offers,
            recordings=recordings,
            waiting=waiting,
            places=places,
            reach=reach,
            pausing=pausing,
            parking=parking,
            listening=listening,
            callbacks=callbacks,
            overflows=overflows,
        )
        self._lines = Lines(
            house,
            dispatch=dispatch,
            offers=offers,
            recordings=recordings,
            waiting=waiting,
            reach=reach,
            calls=self._calls,
            pausing=pausing,
            parking=parking,
            listening=listening,
            callbacks=callbacks,
        )
        self._aftermath = Aftermath(
            house,
            dispatch=dispatch,
            offers=offers,
            recordings=recordings,
            safety=safety,
            reach=reach,
            lines=self._lines,
            calls=self._calls,
            promises=promises,
            reservations=reservations,
            pausing=pausing,
            in_call=in_call,
            overflows=overflows,
            announcing=announcing,
            callbacks=callbacks,
        )
        control = Control(house, promises, reservations, Targets(house, rules, overflows))
        placing = Placing(house, promises, reservations, rules)
        self._prompt_calls = prompt_calls = PromptCalls(
            house, promises, reservations, rules, lambda: next((did.number for did in self._plan.dids), "")
        )
        deeds = (control.deeds, placing.deeds, pausing.deeds, in_call.deeds, parking.deeds, listening.deeds)
        self._obey = Obey(
            house, dispatch, offers, promises, *deeds, callbacks=callbacks, tickets=tickets, prompt_calls=prompt_calls
        )

    def restore(
        self, told: Iterable[Event], now: datetime, lately: m.Remembered = m.NOTHING_REMEMBERED
    ) -> list[fx.Effect]:
        """What the event log knows, in its order: the last AgentStateChanged of each agent, and of every call that has
        not ended (or that an agent still wraps up) all its events; and what was told of places kept and of callbacks.
        `lately`: how work went in the hours before. Nothing of it is published again."""
        told = tuple(told)
        restored = restore(self._house, self._dispatch, told, lately, now)
        self._places.restored(told)
        restored += self._callbacks.restored(told, now)
        return [*restored, *self._pausing.restored(), *_read_tomorrow(self._plan)]

    def handle(self, heard: Heard, now: datetime) -> list[fx.Effect]:
        effects = self._overflows.look(self._hear(heard, now), now)
        effects += [*self._promises.look(now), *self._callbacks.look(now), *self._prompt_calls.look(now)]
        return [*effects, *self._move_out(now)]

    def obey(self, command: Command, now: datetime) -> Answer:
        """The answer to a command of cti/commands.py, or the promise of one, and what follows from it."""
        result, effects = self._obey(command, now)
        return result, [*self._overflows.look(effects, now), *self._callbacks.look(now), *self._move_out(now)]

    def alive(self, server: ServerId) -> frozenset[CallId] | None:
        """Every call there that is not over; None while nobody can tell, for the line is down."""
        if not self._house.line_up(server):
            return None
        told = (story.call for story in self._house.stories.values() if story.server == server)
        return frozenset((*self._house.tracker(server).calls, *told))

    def knows(self, call: CallId) -> bool:
        """Whether the call was told of and is not over."""
        return call in self._house.stories

    def _hear(self, heard: Heard, now: datetime) -> list[fx.Effect]:  # noqa: PLR0911, PLR0912 - a table
        match heard:
            case Snapshot():
                return [*self._lines.up(heard, now), *self._prompt_calls.line_up(heard.server)]
            case LinkLost():
                return [*self._lines.lost(heard, now), *self._promises.lost(heard, now)]
            case CallStepped():
                return [self._house.tell(heard)] if self.knows(heard.call) else []
            case fx.Done():
                return self._aftermath.done(heard, now)
            case fx.Failed():
                return self._aftermath.failed(heard, now)
            case fx.Woken(token=token) if token.startswith("day:"):
                return self._day_over(token)
            case fx.Woken(token=token) if token.startswith(f"{TIMER}:"):
                return self._prompt_calls.not_there(token.removeprefix(f"{TIMER}:"), now)
            case fx.Woken(token=token) if token.startswith("ticket:"):
                return self._tickets.not_answered(token, now)
            case fx.Woken(token=token) if token.startswith("known:"):
                return self._waiting.nobody_knows_in_time(CallId(token.removeprefix("known:")), now)
            case fx.Woken():
                return self._aftermath.woken(heard, now)
            case FloorLoaded():
                return self._floor_loaded(heard.plan, now)
            case WhoKnows():
                return self._waiting.who_knows(heard.call, heard.found, now)
            case LinesNamed():
                return self._lines.named(heard.servers, now)
            case Trusted():
                return self._safety.trusted(heard.server)
            case _:
                return self._from_asterisk(heard, now)

    def _from_asterisk(self, event: AmiEvent, now: datetime) -> list[fx.Effect]:
        facts = self._house.tracker(event.server).hear(event)
        effects = [effect for fact in facts for effect in self._calls.hear(event.server, fact, now)]
        return [*effects, *self._safety.look()]

    def _floor_loaded(self, plan: FloorPlan, now: datetime) -> list[fx.Effect]:
        """Who stays keeps his state and his call; phones of newcomers were heard of already."""
        seating = Seating.of(plan)
        self._plan = plan
        self._house.reseat(seating)
        self._callbacks.line_changed()  # its queue may open at other hours
        effects = self._dispatch.tell(m.FloorChanged(floor=seating.floor), now)
        effects += [*self._reach.look_again(now), *self._overflows.drawn_anew(now)]
        effects += [*self._announcing.drawn_anew(now), *self._tickets.drawn_anew(now)]
        return [*effects, *_read_tomorrow(plan)]

    def _day_over(self, token: str) -> list[fx.Effect]:
        """A timer of a floor that was read anew since means nothing."""
        current = self._plan.until is not None and token == f"day:{self._plan.until.isoformat()}"
        return [fx.LoadFloor()] if current else []

    def _move_out(self, now: datetime) -> list[fx.Effect]:
        """A former seat whose last call is over belongs to whoever sits there now."""
        if not self._house.former or not self._house.clear_former():
            return []
        return self._reach.look_again(now)


def _read_tomorrow(plan: FloorPlan) -> list[fx.Effect]:
    """With another day other skills hold."""
    return [] if plan.until is None else [fx.WakeMeAt(when=plan.until, token=f"day:{plan.until.isoformat()}")]


__all__ = ["FloorLoaded", "Heard", "LinesNamed", "Switchboard", "Trusted", "WhoKnows"]
