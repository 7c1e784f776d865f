"""Who says that he is ready, or has paperwork left, while his phone is registered nowhere: a laptop was closed, a desk
phone broke. After a moment's grace his queues do not count on him any more; when his phone is back they do at once.

His state stays what he said it is. A phone that only registers anew, or changes networks, is back within the grace.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_core.kernel.ids import AgentId
from cti.effects import Effect, WakeMeAt

GRACE_S = 60.0
WAKE = "unreached"
"""Kind of the timers after which the queues are looked at again."""


class OutOfReach:
    def __init__(self) -> None:
        self._since: dict[AgentId, datetime] = {}

    def look(self, agent: AgentId, now: datetime, *, expected: bool, reachable: bool) -> list[Effect]:
        """`expected`: he would be given calls, now or after his paperwork."""
        if reachable or not expected:
            self._since.pop(agent, None)
            return []
        if agent in self._since:
            return []
        return self._begins(agent, now)

    def hears_again(self, now: datetime) -> list[Effect]:
        """While no line to any Asterisk was up, nobody could say where a phone is: the grace begins anew."""
        return [effect for agent in self._since for effect in self._begins(agent, now)]

    def for_long(self, agent: AgentId, now: datetime) -> bool:
        since = self._since.get(agent)
        return since is not None and now - since >= timedelta(seconds=GRACE_S)

    def _begins(self, agent: AgentId, now: datetime) -> list[Effect]:
        self._since[agent] = now
        return [WakeMeAt(when=now + timedelta(seconds=GRACE_S), token=f"{WAKE}:{agent}")]
