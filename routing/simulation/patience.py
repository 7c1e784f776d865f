"""How long callers would have waited, from a day on which most of them were answered first.

Who gave up tells his patience; who was answered only that it was more than that. So a share of those who were still
there gave up at each moment, and the product of these is how many are left (Kaplan and Meier, "Nonparametric estimation
from incomplete observations", 1958). Behind the longest patience that was seen callers are as impatient as on the whole
of the day: so many gave up in so much time waited (Mandelbaum and Zeltyn, "Service engineering in action", 2007).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from math import inf, log

_NEVER = 1e-12


class Patience:
    """`waits`: how long each was there, and whether he gave up then."""

    def __init__(self, waits: Iterable[tuple[float, bool]]) -> None:
        known = sorted(waits)
        gone = Counter(waited for waited, gave_up in known if gave_up)
        times = [waited for waited, _ in known]
        self._times = sorted(gone)
        self._gone: list[float] = []
        """The share of them that is not there any more after each of these times."""
        left = 1.0
        for at in self._times:
            left *= 1 - gone[at] / (len(times) - bisect_left(times, at))
            self._gone.append(1 - left)
        self._per_s = gone.total() / max(sum(times), 1.0)

    def beyond(self, waited: float, chance: float) -> float:
        """The patience of somebody who was there for so long; `chance` is a number between 0 and 1."""
        if not self._times:
            return inf
        here = bisect_right(self._times, waited)
        left = 1 - (self._gone[here - 1] if here else 0.0)
        found = bisect_left(self._gone, 1 - left * chance, lo=here)
        if found < len(self._times):
            return self._times[found]
        last = 1 - self._gone[-1]
        rest = left * chance / last if last > 0 else chance
        return max(waited, self._times[-1]) - log(min(max(rest, _NEVER), 1.0)) / self._per_s
