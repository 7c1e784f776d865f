"""Which conversations are recorded, and when a recording must begin anew: a customer's new peer would not be heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_core.kernel.ids import CallId
from cti.calls.story import Story
from cti.effects import (
    Done,
    Effect,
    Failed,
    Failure,
    RecordingEffect,
    RestartRecording,
    StartRecording,
    StopRecording,
    WakeMeAt,
)
from cti.events import Direction, RecordingStarted, RecordingStopped
from cti.switchboard.house import House

ONCE_MORE_S = 2.0
"""How long after a failure a recording is tried once more."""
_MAY_PASS = (Failure.REFUSED, Failure.TIMED_OUT)


class Recordings:
    def __init__(self, house: House) -> None:
        self._house = house
        self._begun: set[CallId] = set()
        """Calls that have a file already, as far as we know: it is only ever added to."""
        self._asked: set[CallId] = set()
        """Calls whose recording Asterisk was asked to begin and has not answered yet."""
        self._failed: set[CallId] = set()
        """Calls whose recording could not begin; it gets one more chance for each peer."""

    def may_have_begun(self, call: CallId) -> None:
        """The call was there before us: a file may be there as well."""
        self._begun.add(call)

    def joined(self, story: Story) -> list[Effect]:
        """The customer has a (new) peer."""
        self._failed.discard(story.call)
        return self._begin(story)

    def must_run(self, story: Story | None) -> list[Effect]:
        """The customer is (still) talking: nothing to do unless nothing is recorded."""
        if story is None or not story.talking or story.recording is not None or story.call in self._asked:
            return []
        return self._begin(story)

    def _begin(self, story: Story) -> list[Effect]:
        channel = self._house.customers_channel(story.call)
        if channel is None or not self._may_be_kept(story):
            return []
        anew = story.call in self._begun
        self._begun.add(story.call)
        self._asked.add(story.call)
        server, file = story.server, f"{story.call}.wav"
        if not anew:
            return [StartRecording(server=server, channel=channel, call=story.call, file=file)]
        paused = story.paused is not None
        return [RestartRecording(server=server, channel=channel, call=story.call, file=file, muted=paused)]

    def _may_be_kept(self, story: Story) -> bool:
        """While we do not know by which queue a caller came, it may be one whose conversations nobody hears again."""
        if story.direction is Direction.INTERNAL or story.queue_is_unheard_of:
            return False
        seating = self._house.seating
        if story.direction is Direction.OUTBOUND and story.queue is None:
            return seating.outbound_recorded
        return story.queue not in seating.unrecorded

    def waits_again(self, story: Story, at: datetime) -> list[Effect]:
        """The conversation is over and the customer in a line, or in a menu, once more: that is not recorded."""
        channel = self._house.customers_channel(story.call)
        if story.recording is None or channel is None:
            return []
        stop = StopRecording(server=story.server, channel=channel, call=story.call, file=story.recording)
        return [stop, self._house.tell(RecordingStopped(call=story.call, at=at, file=story.recording))]

    def ended(self, story: Story, at: datetime) -> list[Effect]:
        for known in (self._begun, self._asked, self._failed):
            known.discard(story.call)
        if story.recording is None:
            return []
        return [self._house.tell(RecordingStopped(call=story.call, at=at, file=story.recording))]

    def done(self, done: Done, effect: RecordingEffect, now: datetime) -> list[Effect]:
        """Asterisk writes to the file now. A very short conversation may be over already, and the call with it."""
        if isinstance(effect, StopRecording):
            return []
        self._asked.discard(effect.call)
        story = self._house.stories.get(effect.call)
        if story is not None and story.recording is not None:
            return []
        mix_id = done.answer.get("MixMonitorID", "")
        started = RecordingStarted(call=effect.call, at=now, file=effect.file, mix_id=mix_id)
        effects: list[Effect] = [self._house.tell(started)]
        if story is None:
            effects.append(self._house.tell(RecordingStopped(call=effect.call, at=now, file=effect.file)))
        elif not story.talking:
            effects += self.waits_again(story, now)
        return effects

    def failed(self, failed: Failed, effect: RecordingEffect, now: datetime) -> list[Effect]:
        """A refusal may pass. After a lost line the snapshot looks; a channel that has gone needs none."""
        story = self._house.stories.get(effect.call)
        if isinstance(effect, StopRecording) or story is None:
            return []
        self._asked.discard(effect.call)
        effects: list[Effect] = []
        if story.recording is not None:
            effects.append(self._house.tell(RecordingStopped(call=effect.call, at=now, file=effect.file)))
        if failed.why in _MAY_PASS and effect.call not in self._failed:
            self._failed.add(effect.call)
            effects.append(WakeMeAt(when=now + timedelta(seconds=ONCE_MORE_S), token=f"record:{effect.call}"))
        return effects
