"""What the console's processes tell each other about log-ins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crm_core.kernel.ids import UserId
from crm_core.kernel.messages import Event, registered


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class LoginChanged(Event):
    """Somebody logged out, was locked out or let in, or may do other things from now on: his open screens ask again."""

    topic: ClassVar[str] = "console.login_changed"
    user: UserId
