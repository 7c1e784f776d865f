"""Which conversations are recorded, and when a recording must begin anew: a customer's new peer would not be heard."""

from __future__ import annotations

from datetime import datetime

from crm_core.kernel.ids import CallId
from cti.calls.story import Story
from cti.effects import Done, Effect, RecordingEffect, RestartRecording, StartRecording, StopRecording
from cti.events import Direction, RecordingStarted, RecordingStopped
from cti.switchboard.house import House


class Recordings:
    def __init__(self, house: House) -> None:
        self._house = house
        self._begun: set[CallId] = set()
        """Calls that have a file already, as far as we know: it is only ever added to."""

    def may_have_begun(self, call: CallId) -> None:
        """The call was there before us: a file may be there as well."""
        self._begun.add(call)

    def joined(self, story: Story) -> list[Effect]:
        """The customer has a (new) peer."""
        channel = self._house.customers_channel(story.call)
        if channel is None or story.direction is Direction.INTERNAL:
            return []
        kind = RestartRecording if story.call in self._begun else StartRecording
        self._begun.add(story.call)
        return [kind(server=story.server, channel=channel, call=story.call, file=f"{story.call}.wav")]

    def waits_again(self, story: Story, at: datetime) -> list[Effect]:
        """The conversation is over and the customer in a line once more: music is not recorded."""
        channel = self._house.customers_channel(story.call)
        if story.recording is None or channel is None:
            return []
        stop = StopRecording(server=story.server, channel=channel, call=story.call, file=story.recording)
        return [stop, self._house.tell(RecordingStopped(call=story.call, at=at, file=story.recording))]

    def ended(self, story: Story, at: datetime) -> list[Effect]:
        self._begun.discard(story.call)
        if story.recording is None:
            return []
        return [self._house.tell(RecordingStopped(call=story.call, at=at, file=story.recording))]

    def done(self, done: Done, effect: RecordingEffect, now: datetime) -> list[Effect]:
        """Asterisk writes to the file now. A very short conversation may be over already, and the call with it."""
        if isinstance(effect, StopRecording):
            return []
        story = self._house.stories.get(effect.call)
        if story is not None and story.recording is not None:
            return []
        mix_id = done.answer.get("MixMonitorID", "")
        started = RecordingStarted(call=effect.call, at=now, file=effect.file, mix_id=mix_id)
        effects: list[Effect] = [self._house.tell(started)]
        if story is None:
            effects.append(self._house.tell(RecordingStopped(call=effect.call, at=now, file=effect.file)))
        elif story.wait.since is not None:
            effects += self.waits_again(story, now)
        return effects
