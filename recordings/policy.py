"""Which calls are recorded, and under which name. Pure.

Every answered call is, unless its queue says otherwise. The file is called after the call, flat in the recordings
folder, as `cti` names it when it asks Asterisk for the recording.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_core.kernel.ids import CallId, QueueKey

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    record: bool
    because: str
    """`default`, `queue` or `switched_off`: which rule decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPolicy:
    enabled: bool = True
    """Off: nothing is recorded, whatever a queue says."""
    by_default: bool = True
    queues: Mapping[QueueKey, bool] = field(default_factory=dict)

    def decide(self, queue: QueueKey | None) -> Decision:
        """For a call that was answered; `queue` is None for one that never waited in one."""
        if not self.enabled:
            return Decision(record=False, because="switched_off")
        if queue is not None and queue in self.queues:
            return Decision(record=self.queues[queue], because="queue")
        return Decision(record=self.by_default, because="default")


def file_name(call: CallId) -> str:
    """`<call>.wav`. An id that is no plain name gets one that cannot leave the folder nor meet another call's."""
    plain = _NOT_PLAIN.sub("_", call).lstrip(".-")[:_LONGEST]
    if plain and plain == call:
        return f"{plain}.wav"
    mark = hashlib.sha256(call.encode()).hexdigest()[:12]
    return f"{plain or 'call'}-{mark}.wav"
