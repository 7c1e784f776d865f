"""A recording that is paused, so that nobody's card is kept: by whom, until when, and what lets it go on.

It is the pause of who asked for it: it outlasts a hold, a consultation and a third who joins, and ends when he leaves.
The file goes on with silence of equal length, so its times stay true.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_core.kernel.ids import AgentId, CallId, ServerId
from cti import commands as c
from cti.calls.story import Story
from cti.effects import Effect, Failed, Failure, MuteRecording, WakeMeAt
from cti.events import RecordingPaused, RecordingResumed, ResumedBy
from cti.switchboard.conversing import not_his
from cti.switchboard.house import House
from cti.switchboard.obey import Deeds
from cti.switchboard.promises import Answer, Promises, done, refused
from routing.agents import AtWork

AGAIN_S = 2.0
"""How long after Asterisk did not let a recording go on it is asked once more."""


class Pausing:
    def __init__(self, house: House, promises: Promises) -> None:
        self._house = house
        self._promises = promises
        self.deeds: Deeds = {c.PauseRecording: self._pause, c.ResumeRecording: self._resume}

    # --- commands

    def _pause(self, command: c.PauseRecording, agent: AtWork, now: datetime) -> Answer:
        story = self._house.stories.get(command.call)
        refusal = not_his(self._house, agent.id, command.call)
        if refusal is not None or story is None:
            return refusal or refused("call.unknown", call=command.call)
        if story.paused is not None:
            return done([])
        mute = self._mute(story, muted=True, by=agent.id)
        return refused("recording.none") if mute is None else self._promises.make([mute], now, call=story.call)

    def _resume(self, command: c.ResumeRecording, agent: AtWork, now: datetime) -> Answer:
        story = self._house.stories.get(command.call)
        refusal = not_his(self._house, agent.id, command.call)
        if refusal is not None or story is None:
            return refusal or refused("call.unknown", call=command.call)
        unmute = self._mute(story, muted=False, by=agent.id, why=ResumedBy.AGENT)
        if unmute is None:
            return refused("recording.none")
        return done([]) if story.paused is None else self._promises.make([unmute], now, call=story.call)

    # --- what lets it go on

    def left(self, story: Story, agent: AgentId | None) -> list[Effect]:
        """Who had paused it is no longer in the conversation."""
        paused = story.paused
        if paused is None or agent != paused.agent or agent in story.talking.values():
            return []
        return self._go_on(story, ResumedBy.CONVERSATION)

    def time_over(self, call: CallId, now: datetime) -> list[Effect]:
        story = self._house.stories.get(call)
        if story is None or story.paused is None or now < story.paused.until:
            return []
        return self._go_on(story, ResumedBy.TIME)

    def line_up(self, server: ServerId, now: datetime) -> list[Effect]:
        """Time may have run out while we were away; nobody else would let it go on."""
        stories = [story for story in self._house.stories.values() if story.server == server]
        return [effect for story in stories for effect in self.time_over(story.call, now)]

    def restored(self) -> list[Effect]:
        """Pauses of our former life."""
        return [self._wake(story.paused) for story in self._house.stories.values() if story.paused is not None]

    def ended(self, story: Story, at: datetime) -> list[Effect]:
        """The call is over, and so is the pause."""
        return [] if story.paused is None else [self._tell_resumed(story, at, ResumedBy.CONVERSATION)]

    # --- what became of it

    def done(self, effect: MuteRecording, now: datetime) -> list[Effect]:
        story = self._house.stories.get(effect.call)
        if story is None:
            return []
        if not effect.muted:
            return [] if story.paused is None else [self._tell_resumed(story, now, effect.why or ResumedBy.AGENT)]
        if story.paused is not None or effect.by is None:
            return []
        until = now + timedelta(seconds=self._house.seating.recording_pause_s)
        paused = RecordingPaused(call=effect.call, at=now, agent=effect.by, until=until)
        return [self._house.tell(paused), self._wake(paused), *self._gone_meanwhile(story)]

    def _gone_meanwhile(self, story: Story) -> list[Effect]:
        return self.left(story, story.paused.agent) if story.paused is not None else []

    def failed(self, failed: Failed, effect: MuteRecording, now: datetime) -> list[Effect]:
        """Of a pause nobody knows about the recording goes on; one that should end is tried again, if there is any."""
        story = self._house.stories.get(effect.call)
        if story is None or failed.why is Failure.LINE_DOWN:
            return []
        if effect.muted:
            return self._go_on(story, ResumedBy.AGENT) if failed.why is Failure.TIMED_OUT else []
        if story.paused is None:
            return []
        if story.recording is None or failed.why is Failure.NO_CHANNEL:
            return [self._tell_resumed(story, now, effect.why or ResumedBy.CONVERSATION)]
        return [WakeMeAt(when=now + timedelta(seconds=AGAIN_S), token=f"unmute:{effect.call}")]

    def again(self, call: CallId) -> list[Effect]:
        """The recording that would not go on."""
        story = self._house.stories.get(call)
        return [] if story is None or story.paused is None else self._go_on(story, ResumedBy.TIME)

    # --- details

    def _go_on(self, story: Story, why: ResumedBy) -> list[Effect]:
        unmute = self._mute(story, muted=False, why=why)
        return [] if unmute is None else [unmute]

    def _mute(
        self, story: Story, *, muted: bool, by: AgentId | None = None, why: ResumedBy | None = None
    ) -> MuteRecording | None:
        channel = self._house.customers_channel(story.call)
        if channel is None or story.recording is None:
            return None
        return MuteRecording(
            server=story.server, channel=channel, call=story.call, file=story.recording, muted=muted, by=by, why=why
        )

    def _tell_resumed(self, story: Story, at: datetime, why: ResumedBy) -> Effect:
        agent = story.paused.agent if story.paused is not None else None
        return self._house.tell(RecordingResumed(call=story.call, at=at, by=why, agent=agent))

    def _wake(self, paused: RecordingPaused) -> Effect:
        return WakeMeAt(when=paused.until, token=f"pause:{paused.call}")
