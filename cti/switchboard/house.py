"""What the parts of the switchboard know together: the floor, the calls, the offers, the lines to Asterisk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from crm_core.kernel.ids import AgentId, CallId, OfferId, QueueKey, ServerId, SkillKey
from cti.calls.call import Call
from cti.calls.facts import Joined
from cti.calls.story import Story
from cti.calls.tracker import Tracker
from cti.effects import Publish
from cti.events import CallEvent
from cti.floor import Seating
from routing.engine import Engine
from routing.messages import CallWaits


@dataclass(slots=True, kw_only=True, eq=False)
class Offer:
    """One attempt to give one call to one agent, from the decision until it is taken or has failed."""

    id: OfferId
    call: CallId
    agent: AgentId
    extension: str
    queue: QueueKey
    ring_s: float
    rang: bool = False
    answered: bool = False
    """The phone was picked up; the conversation is about to begin."""
    crossed: Joined | None = None
    """While our Redirect is on its way to fetch the caller, somebody of a former offer has answered after all."""


class OpenOffers:
    """All offers under way: a call has one at most, and so has an agent."""

    def __init__(self) -> None:
        self._of_call: dict[CallId, Offer] = {}
        self._to_agent: dict[AgentId, Offer] = {}
        self._made = 0

    def __iter__(self) -> Iterator[Offer]:
        return iter(list(self._of_call.values()))

    def open(self, offer: Offer) -> None:
        self._of_call[offer.call] = self._to_agent[offer.agent] = offer

    def close(self, offer: Offer) -> bool:
        """False when it was closed already."""
        if self._of_call.get(offer.call) is not offer:
            return False
        del self._of_call[offer.call]
        self._to_agent.pop(offer.agent, None)
        return True

    def of_call(self, call: CallId) -> Offer | None:
        return self._of_call.get(call)

    def to(self, agent: AgentId | None, call: CallId | None = None) -> Offer | None:
        """The open offer to this agent (of this call)."""
        offer = self._to_agent.get(agent) if agent is not None else None
        return offer if offer is not None and call in (None, offer.call) else None

    def new_id(self, now: datetime) -> OfferId:
        """Unique over restarts without a random source: the time, and a count of our own."""
        self._made += 1
        return OfferId(f"{int(now.timestamp() * 1000):x}x{self._made:x}")


class House:
    def __init__(self, seating: Seating, now: datetime) -> None:
        self.seating = seating
        self.engine = Engine(seating.floor, now)
        self.trackers: dict[ServerId, Tracker] = {}
        self.stories: dict[CallId, Story] = {}
        self.offers = OpenOffers()
        self.lines: dict[ServerId, bool] = {}
        """Server -> whether we hear and are heard."""
        self.registered: dict[tuple[ServerId, str], bool] = {}
        """Server and endpoint -> whether its phone is registered there, as that Asterisk said last."""

    def tracker(self, server: ServerId) -> Tracker:
        if server not in self.trackers:
            self.trackers[server] = Tracker(server, self.is_phone)
        return self.trackers[server]

    def is_phone(self, endpoint: str) -> bool:
        return endpoint in self.seating.agents

    def agent_at(self, extension: str | None) -> AgentId | None:
        return self.seating.agents.get(extension) if extension is not None else None

    def line_up(self, server: ServerId) -> bool:
        return self.lines.get(server, False)

    def is_registered(self, extension: str) -> bool:
        """At any Asterisk of ours."""
        return any(self.registered.get((server, extension), False) for server in self.trackers)

    def is_known_to_be_gone(self, extension: str) -> bool:
        """Asterisk spoke of this phone, and nowhere is it registered."""
        heard_of = any((server, extension) in self.registered for server in self.trackers)
        return heard_of and not self.is_registered(extension)

    def tell(self, event: CallEvent) -> Publish:
        """Adds to the story of the call and tells everybody."""
        story = self.stories.get(event.call)
        if story is not None:
            story.hear(event)
        return Publish(event=event)

    def tracked(self, call: CallId) -> Call | None:
        """The legs of a call, as long as it lives."""
        story = self.stories.get(call)
        tracker = self.trackers.get(story.server) if story is not None else None
        return tracker.calls.get(call) if tracker is not None else None

    def customers_channel(self, call: CallId) -> str | None:
        tracked = self.tracked(call)
        return tracked.customer.name if tracked is not None and tracked.customer is not None else None

    def legs_at(self, extension: str, call: CallId) -> list[str]:
        """The channels by which this phone has to do with the call."""
        story = self.stories.get(call)
        tracker = self.trackers.get(story.server) if story is not None else None
        return tracker.legs_at(extension, call) if tracker is not None else []


def wish_of(story: Story) -> CallWaits | None:
    """What the caller waits for, in the engine's words; None when it is not known."""
    queued = story.queued
    if queued is None:
        return None
    return CallWaits(
        call=story.call,
        queue=queued.queue,
        requires={SkillKey(skill): level for skill, level in queued.requires.items()},
        priority=queued.priority,
        since=queued.since or queued.at,
    )
