"""What one of several who want a lease knows of it, and may do. Pure: `now` is any clock that only goes forward, in
seconds; the talk with Redis is in `redis_lease`.

Redis may forget a lease that still runs: it was started anew without its memory, its clock was put forward, a replica
took over. So a lease that is gone is no proof that its holder is. Whoever saw it running, or was out of touch, waits
for as long as it could have lasted; the holder himself takes it again at once.
"""

from __future__ import annotations

_TO_THE_END_S = 0.01
"""So much later than we reckon a lease may end."""


class Standing:
    def __init__(self, lasts_s: float) -> None:
        self.lasts_s = lasts_s
        self.somebody_elses = False
        """As we were told last; silence gives it to nobody."""
        self.asked_at = 0.0
        """When the question began that was answered last, or could not be."""
        self._ours_until = 0.0
        """Whoever hangs for longer than the lease lasts has lost it, before anybody tells him."""
        self._others_until = 0.0
        """So long it may be somebody's, whatever Redis remembers."""
        self._not_before = 0.0
        self._was_ours = False
        """We had it last, as far as we know."""
        self._out_of_touch = False
        """Others may have had it since we were told anything."""
        self._awake_at: float | None = None

    def held(self, now: float) -> bool:
        return now < self._ours_until

    def may_ask(self, now: float) -> bool:
        """Called each time before we would; who has not been here for long was asleep, and others may have had it."""
        if self._awake_at is not None and now - self._awake_at >= self.lasts_s * 2 / 3:
            self._was_ours, self._out_of_touch = False, True
        self._awake_at = now
        return now >= self._not_before

    def may_take_what_is_gone(self, now: float) -> bool:
        return self._was_ours or not (self._out_of_touch or now < self._others_until)

    def told(self, asked: float, now: float, *, ours: bool, left_s: float | None) -> None:
        """`left_s`: for how long it is somebody else's; None when it is gone, and not ours yet."""
        self.asked_at, self._awake_at = asked, now
        self.somebody_elses = not ours and left_s is not None
        self._ours_until = asked + self.lasts_s if ours else 0.0
        if left_s is not None and not ours:
            self._others_until = now + left_s
        elif not ours and self._out_of_touch:
            self._others_until = now + self.lasts_s
        self._was_ours, self._out_of_touch = ours, False

    def told_nothing(self, asked: float, now: float) -> None:
        """Redis does not answer. That we had it is still the last we know."""
        self.asked_at, self._awake_at = asked, now
        self._ours_until, self._out_of_touch = 0.0, True

    def given_back(self) -> None:
        self._ours_until, self._was_ours = 0.0, False

    def rests(self, now: float) -> None:
        """Others shall have it, if anybody wants it."""
        self._not_before = now + self.lasts_s

    def pause_s(self, now: float) -> float:
        """Until we should ask again: whoever waits more often than he who has it, and at once when it may be free."""
        if self.held(now):
            return self.lasts_s / 3
        until_free = self._others_until - now
        return min(self.lasts_s / 6, until_free + _TO_THE_END_S) if until_free > 0 else self.lasts_s / 6
