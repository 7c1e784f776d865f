"""Callers who cannot wait in their queue, or not any longer: when they go on, and to which step of its chain."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_core.domain.hours import standing
from crm_core.domain.overflow import MENUS, Overflow, OverflowKind, OverflowWhy
from crm_core.kernel.ids import CallId, QueueKey, ServerId
from crm_core.kernel.requirements import Requirements, packed
from cti import effects as fx
from cti import events as e
from cti.calls.story import Phase, Story
from cti.dialling import DialRules
from cti.floor import QueueLimits
from cti.switchboard.dispatch import Dispatch
from cti.switchboard.house import House, place_back_of
from routing import messages as m
from routing.agents import AtWork, Stage, Wish

AGAIN_S = 5.0
"""How soon it is looked again whether a step takes him, when none did."""
MOMENT_S = 1.0
"""Who came longer ago than it takes to ask who knows him was in his line before."""
BACK_S = 1.0
"""So soon after a phone rang for him he may still be on his way back: two Redirects at once might lose him."""
MOST_ASKED = 20
"""So often a key leads him out of his line in one call; whoever goes in and out for ever is not followed any more."""
SKILLS = "CW_TO_SKILLS"
"""What he asks for in the other queue."""


_MAY_COME_BACK = (OverflowKind.NUMBER, OverflowKind.CALLBACK, OverflowKind.VOICEMAIL)
_NO_ROOM = (OverflowWhy.FULL, OverflowWhy.HOUR_FULL)
_IN_LINE = (Phase.WAITING, Phase.OFFERED, Phase.RINGING)


class Overflows:
    def __init__(self, house: House, dispatch: Dispatch, rules: DialRules) -> None:
        self._house = house
        self._dispatch = dispatch
        self._rules = rules
        self._due: dict[CallId, None] = {}
        """Who has waited for too long, to go on as soon as no phone rings for him."""
        self._asked: dict[CallId, OverflowKind] = {}
        """Who wants something else than to wait, by a key of his queue: likewise."""

    def came(self, story: Story, before: e.CallOverflowed | None, now: datetime) -> list[fx.Effect]:
        """He has just come into this queue, or (`before`) is back from a step that came to nothing."""
        if before is not None and before.queue == story.queue:
            if before.why is OverflowWhy.ASKED:
                return []  # he would rather wait after all
            if before.kind not in _MAY_COME_BACK:  # from nowhere else does one come back: he never got there
                story.steps_on = before.step - 1
            return self._go_on(story, before.why, now)
        if story.queued is None:
            return []
        why = self._why_not_taken(story.queued.queue, story.queued.wish, story.server, now)
        if why in _NO_ROOM and place_back_of(story) is not None:
            return []  # one place in it is his
        return [] if why is None else self._go_on(story, why, now)

    def came_late(self, story: Story, now: datetime) -> list[fx.Effect]:
        """It took a moment until he can stand in his line: others may have filled it meanwhile. (Who stood there before
        a restart of ours has his place.)"""
        asked, since = story.queued, story.in_queue_since
        if asked is None or since is None or now - since > timedelta(seconds=MOMENT_S):
            return []
        why = self._no_room(asked.queue, asked.wish, story.server, now)
        return [] if why is None or place_back_of(story) is not None else self._go_on(story, why, now)

    def drawn_anew(self, now: datetime) -> list[fx.Effect]:
        """Other limits may hold from now on, also of those who wait already."""
        self._house.look_who_is_served = True
        waiting = [self._house.stories.get(call) for call in self._house.engine.callers]
        return [effect for story in waiting if story is not None for effect in self.watch(story, now)]

    def watch(self, story: Story, now: datetime) -> list[fx.Effect]:
        """The end of his patience is ours: when he has waited in this queue for as long as anybody shall."""
        limit_s = self._limits(story.queue).max_wait_s
        if not limit_s or story.in_queue_since is None:
            return []
        when = story.in_queue_since + timedelta(seconds=limit_s)
        return [fx.WakeMeAt(when=when, token=f"overflow:{story.call}")]

    def too_long(self, call: CallId, now: datetime) -> list[fx.Effect]:
        """A timer of a queue he has left since means nothing."""
        story = self._house.stories.get(call)
        limit_s = self._limits(story.queue).max_wait_s if story is not None else 0
        if story is None or not limit_s or story.in_queue_since is None:
            return []
        if now >= story.in_queue_since + timedelta(seconds=limit_s):
            self._due[call] = None
        return []

    def pressed(self, story: Story, key: str) -> None:
        """A key of his queue, while he waits. Who is on his way elsewhere, or talks, means somebody else."""
        wanted = self._house.seating.keys.get(story.queue or QueueKey(""), {}).get(key)
        if wanted is None or story.phase not in _IN_LINE or story.gone_on is not None:
            return
        if sum(one.why is OverflowWhy.ASKED for one in story.overflowed) < MOST_ASKED:
            self._asked[story.call] = wanted

    def look(self, effects: list[fx.Effect], now: datetime) -> list[fx.Effect]:
        """After everything that was heard, and led to these effects: who is to go on now? That calls off the phone that
        rings for him as well: of two Redirects the second might meet the jump of the first, and lose him."""
        going = self._who_goes_on(now)
        calls = {effect.call for effect in going if isinstance(effect, fx.GoOn)}
        kept = [one for one in effects if not (isinstance(one, fx.WithdrawOffer) and one.call in calls)]
        return [*kept, *going]

    def _who_goes_on(self, now: datetime) -> list[fx.Effect]:
        effects = [effect for call in list(self._asked) for effect in self._wants(call, now)]
        effects += [effect for call in list(self._due) for effect in self._waited_too_long(call, now)]
        if self._house.look_who_is_served:
            self._house.look_who_is_served = False
            effects += self._left_alone(now)
        return effects

    def not_sent(self, failed: fx.GoOn, now: datetime) -> list[fx.Effect]:
        """Asterisk did not do it, or did not say: he is looked at again in a moment."""
        story = self._house.stories.get(failed.call)
        if story is not None and story.gone_on is not None:
            story.steps_on, story.gone_on = max(story.gone_on.step - 1, 0), None
        return [self._dispatch.try_again(failed.call, now)]

    def why_lost(self, queue: QueueKey, asks: Requirements, server: ServerId, now: datetime) -> OverflowWhy | None:
        """Why whoever is sent into this queue would hear good-bye instead of somebody, or wait where nobody is."""
        why = self._why_not_taken(queue, asks, server, now)
        steps = (one for one in self._limits(queue).chain if why is not None and one.holds_for(why))
        step = next((one for one in steps if self._takes(one, queue, server, now)), None)
        if step is not None:
            return why if step.kind is OverflowKind.MESSAGE else None
        serving = [a for a in self._house.engine.agents.values() if queue in a.profile.queues]
        there = any(a.wish is Wish.PAUSED or self._is_there(a, now) for a in serving)
        return None if there else why or OverflowWhy.NOBODY

    # --- when

    def _limits(self, queue: QueueKey | None) -> QueueLimits:
        return self._house.seating.limits.get(queue or QueueKey(""), QueueLimits())

    def _waited_too_long(self, call: CallId, now: datetime) -> list[fx.Effect]:
        story, caller = self._house.stories.get(call), self._house.engine.callers.get(call)
        if story is not None and caller is not None and caller.offered_to is not None:
            return []
        del self._due[call]
        if story is None or caller is None:
            return []
        again = fx.WakeMeAt(when=now + timedelta(seconds=AGAIN_S), token=f"overflow:{call}")
        return self._go_on(story, OverflowWhy.TOO_LONG, now) or [again]

    def _wants(self, call: CallId, now: datetime) -> list[fx.Effect]:
        """As soon as no phone rings for him any more, and he is back from the last."""
        story, caller = self._house.stories.get(call), self._house.engine.callers.get(call)
        if story is None or story.phase not in _IN_LINE or story.gone_on is not None:
            del self._asked[call]
            return []
        if caller is None or caller.offered_to is not None or not self._house.line_up(story.server):
            return []
        back_at = (story.offer_over_at or story.since) + timedelta(seconds=BACK_S)
        if now < back_at:
            return [fx.WakeMeAt(when=back_at, token=f"asked:{call}")]
        kind = self._asked.pop(call)
        step = Overflow(kind=kind, to=MENUS[kind])
        return self._send(story, OverflowWhy.ASKED, 0, step, now)

    def _left_alone(self, now: datetime) -> list[fx.Effect]:
        """Whoever served these queues has gone, or is on pause."""
        effects: list[fx.Effect] = []
        for queue in [queue for queue, limits in self._house.seating.limits.items() if limits.leaves_when]:
            why = self._why_not_served(queue, now)
            if why is not None:
                waiting = [c for c in self._house.engine.line() if c.queue == queue and c.offered_to is None]
                stories = [story for c in waiting if (story := self._house.stories.get(c.call)) is not None]
                effects += [effect for story in stories for effect in self._go_on(story, why, now)]
        return effects

    def _why_not_served(self, queue: QueueKey, now: datetime) -> OverflowWhy | None:
        """… as far as this queue's callers do not wait all the same."""
        asked = self._limits(queue).leaves_when
        if not asked:
            return None
        serving = [a for a in self._house.engine.agents.values() if queue in a.profile.queues]
        if any(self._is_there(a, now) for a in serving):
            return None
        why = OverflowWhy.PAUSED if any(a.wish is Wish.PAUSED for a in serving) else OverflowWhy.NOBODY
        return why if why in asked else None

    def _is_there(self, agent: AtWork, now: datetime) -> bool:
        """Takes calls, or will when what he is at is over. Paperwork keeps nobody there whose phone is gone."""
        gone = self._house.out_of_reach.for_long(agent.id, now)
        if agent.hand is not None:
            return agent.hand.stage is not Stage.WRAP_UP or not gone
        return agent.wish is Wish.READY and (bool(agent.beside) or not gone)

    def _why_not_taken(
        self, queue: QueueKey, asks: Requirements, server: ServerId, now: datetime
    ) -> OverflowWhy | None:
        """Of whoever comes and asks for this. (Who waits when it closes is served.)"""
        hours = self._limits(queue).hours
        if hours is not None and not standing(hours, now.astimezone(self._house.seating.zone)).open:
            return OverflowWhy.CLOSED
        return self._why_not_served(queue, now) or self._no_room(queue, asks, server, now)

    def _no_room(self, queue: QueueKey, asks: Requirements, server: ServerId, now: datetime) -> OverflowWhy | None:
        """Whoever was sent there counts already. In the line counts for whom no phone rings, and who need not wait has
        a place in any; of this hour are those who were answered, and all who will be."""
        limits, engine = self._limits(queue), self._house.engine
        if not limits.max_waiting and not limits.max_per_hour:
            return None
        there = [c for c in engine.callers.values() if c.queue == queue and not c.is_callback]
        coming = sum(_is_on_his_way_to(queue, story) for story in self._house.stories.values())
        if limits.max_per_hour:
            answered = self._house.hourly.count(queue, now)
            if answered + len(there) + coming >= limits.max_per_hour:
                return OverflowWhy.HOUR_FULL
        waiting = sum(c.offered_to is None for c in there)
        if not limits.max_waiting or waiting + coming < limits.max_waiting:
            return None
        return None if engine.is_somebody_free(queue, asks, server) else OverflowWhy.FULL

    # --- where to

    def _go_on(self, story: Story, why: OverflowWhy, now: datetime) -> list[fx.Effect]:
        found = self._next_step(story, why, now)
        return [] if found is None else self._send(story, why, *found, now)

    def _send(self, story: Story, why: OverflowWhy, number: int, step: Overflow, now: datetime) -> list[fx.Effect]:
        channel, queue = self._house.customers_channel(story.call), story.queue
        if channel is None or queue is None or story.phase is not Phase.WAITING:
            return []
        self._due.pop(story.call, None)
        told = e.CallOverflowed(
            call=story.call,
            at=now,
            queue=queue,
            why=why,
            kind=step.kind,
            to=step.to,
            step=number,
            waited_s=round(max((now - (story.in_queue_since or now)).total_seconds(), 0.0), 3),
        )
        place = self._rules.digits(step.to) if step.kind is OverflowKind.NUMBER else step.to
        asked = why is OverflowWhy.ASKED  # of his patience that tells nothing
        gone = self._dispatch.tell(m.CallGone(call=story.call, set_aside=asked), now)
        send = fx.GoOn(server=story.server, channel=channel, call=story.call, kind=step.kind, place=place)
        return [*gone, self._house.tell(told), *self._skills(story, channel, step), send]

    def _next_step(self, story: Story, why: OverflowWhy, now: datetime) -> tuple[int, Overflow] | None:
        """Its number in the chain, from 1. Those he has behind him are not tried again."""
        queue = story.queue
        if queue is None or not self._house.line_up(story.server):
            return None
        chain = enumerate(self._limits(queue).chain, start=1)
        left = [(number, step) for number, step in chain if number > story.steps_on and step.holds_for(why)]
        found = ((number, step) for number, step in left if self._takes(step, queue, story.server, now))
        return next(found, None)

    def _takes(self, step: Overflow, of: QueueKey, server: ServerId, now: datetime) -> bool:
        match step.kind:
            case OverflowKind.QUEUE:
                queue = QueueKey(step.to)
                if queue not in self._house.seating.floor.queues:
                    return False
                return self._why_not_taken(queue, self._house.seating.asks[queue], server, now) is None
            case OverflowKind.NUMBER:
                return self._rules.refusal(self._rules.digits(step.to)) is None
            case OverflowKind.CALLBACK:
                return of in self._house.seating.callbacks
            case OverflowKind.MESSAGE | OverflowKind.VOICEMAIL:
                return True

    def _skills(self, story: Story, channel: str, step: Overflow) -> list[fx.Effect]:
        if step.kind is not OverflowKind.QUEUE:
            return []
        asks = packed(self._house.seating.asks[QueueKey(step.to)])
        return [fx.SetVariables(server=story.server, channel=channel, call=story.call, values={SKILLS: asks})]


def _is_on_his_way_to(queue: QueueKey, story: Story) -> bool:
    step = story.gone_on
    return step is not None and step.kind is OverflowKind.QUEUE and step.to == queue
