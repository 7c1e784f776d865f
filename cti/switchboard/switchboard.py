"""The switchboard: everything that is heard goes in, in order; events and effects come out, in order.

It knows no clock and talks to nobody. The runner feeds it and carries out what it answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm_core.domain.floor import FloorPlan
from crm_core.kernel.messages import Command, CommandResult, Event
from cti import effects as fx
from cti.ami.vocabulary import AmiEvent, Snapshot
from cti.events import LinkLost
from cti.floor import Seating
from cti.switchboard.aftermath import Aftermath
from cti.switchboard.calls import Calls
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House
from cti.switchboard.lines import Lines
from cti.switchboard.messages import FloorLoaded
from cti.switchboard.obey import Obey
from cti.switchboard.offers import Offers
from cti.switchboard.recording import Recordings
from cti.switchboard.restore import restore
from routing import messages as m

Heard = AmiEvent | LinkLost | fx.Done | fx.Failed | fx.Woken | FloorLoaded
"""Everything the runner hands over. The switchboard itself publishes LinkLost, and LinkUp after each Snapshot."""


class Switchboard:
    """`restore` (once, first), then `handle` and `obey` for ever. Offers are made over lines that had a Snapshot."""

    def __init__(self, plan: FloorPlan, now: datetime) -> None:
        self._house = House(Seating.of(plan), now)
        self._dispatch = Dispatch(self._house)
        offers = Offers(self._house, self._dispatch)
        recordings = Recordings(self._house)
        self._calls = Calls(self._house, self._dispatch, offers, recordings)
        self._lines = Lines(self._house, self._dispatch, offers, recordings, self._calls)
        self._aftermath = Aftermath(
            self._house,
            dispatch=self._dispatch,
            offers=offers,
            recordings=recordings,
            lines=self._lines,
            calls=self._calls,
        )
        self._obey = Obey(self._house, self._dispatch, offers)

    def restore(self, told: Iterable[Event], now: datetime) -> list[fx.Effect]:
        """What the event log knows, in its order: the last AgentStateChanged of each agent, and of every call that has
        not ended (or that an agent still wraps up) all its events. Nothing of it is published again."""
        return restore(self._house, self._dispatch, told, now)

    def handle(self, heard: Heard, now: datetime) -> list[fx.Effect]:  # noqa: PLR0911 - a table
        match heard:
            case Snapshot():
                return self._lines.up(heard, now)
            case LinkLost():
                return self._lines.lost(heard, now)
            case fx.Done():
                return self._aftermath.done(heard, now)
            case fx.Failed():
                return self._aftermath.failed(heard, now)
            case fx.Woken():
                return self._aftermath.woken(heard, now)
            case FloorLoaded():
                return self._floor_loaded(heard.plan, now)
            case _:
                return self._from_asterisk(heard, now)

    def obey(self, command: Command, now: datetime) -> tuple[CommandResult, list[fx.Effect]]:
        """The answer to a command of cti/commands.py, and what follows from it."""
        return self._obey(command, now)

    def _from_asterisk(self, event: AmiEvent, now: datetime) -> list[fx.Effect]:
        facts = self._house.tracker(event.server).hear(event)
        return [effect for fact in facts for effect in self._calls.hear(event.server, fact, now)]

    def _floor_loaded(self, plan: FloorPlan, now: datetime) -> list[fx.Effect]:
        """Who stays keeps his state and his call; phones of newcomers were heard of already."""
        house = self._house
        seating, former = Seating.of(plan), house.seating
        kept = [agent.id for agent in house.engine.agents.values() if agent.hand is not None]
        house.seating = seating.with_leavers(former, kept)
        effects = self._dispatch.tell(m.FloorChanged(floor=seating.floor), now)
        for agent, extension in seating.extensions.items():
            reachable = house.is_registered(extension)
            if house.engine.agents[agent].reachable is not reachable:
                effects += self._dispatch.tell((m.Reachable if reachable else m.Unreachable)(agent=agent), now)
        return effects


__all__ = ["FloorLoaded", "Heard", "Switchboard"]
