"""How many callers each queue has had answered within the last hour."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from crm_core.kernel.ids import QueueKey
from routing.messages import Waited

_HOUR: Final = timedelta(hours=1)


class Hourly:
    def __init__(self) -> None:
        self._answered: defaultdict[QueueKey, deque[datetime]] = defaultdict(deque)

    def answered(self, queue: QueueKey, at: datetime) -> None:
        """To be told in the order of time; what is older than an hour is forgotten on the way."""
        kept = self._answered[queue]
        kept.append(at)
        _forget(kept, at)

    def remember(self, waited: Iterable[Waited]) -> None:
        """Of before a restart of ours, instead of what was told until now."""
        self._answered.clear()
        for one in sorted(waited, key=lambda one: one.until):
            if not one.left:
                self.answered(one.queue, one.until)

    def count(self, queue: QueueKey, now: datetime) -> int:
        kept = self._answered.get(queue)
        if kept is None:
            return 0
        _forget(kept, now)
        return len(kept)


def _forget(kept: deque[datetime], now: datetime) -> None:
    while kept and now - kept[0] >= _HOUR:
        kept.popleft()
