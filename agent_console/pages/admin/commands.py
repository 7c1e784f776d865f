"""What an administrator's change asks of whoever looks after the Asterisk of this installation.

Refusal codes: `asterisk.not_ours` (none of this home runs here), else the code of what went wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crm_core.kernel.messages import Command, registered


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class TellAsterisk(Command):
    """Phones, or the queues that ring them, were changed: Asterisk shall know them as they are now. Calls go on."""

    topic: ClassVar[str] = "asterisk.tell"
