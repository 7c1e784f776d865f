"""An offer made before our time, as the call log knows it: why the call came to this agent, how long it waited."""

from __future__ import annotations

import json
from collections.abc import Iterable

from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import AgentId
from crm_core.kernel.messages import from_json
from cti.events import CallOffered


def last_offer(logged: Iterable[LoggedEvent], agent: AgentId) -> CallOffered | None:
    """The offer that `logged` (the events of one call, in order of time) ends with for this agent."""
    found: CallOffered | None = None
    for line in logged:
        if line.topic == CallOffered.topic and line.body.get("agent") == agent:
            event = from_json(line.topic, json.dumps(line.body))
            found = event if isinstance(event, CallOffered) else found
    return found
