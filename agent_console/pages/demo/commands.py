"""What the demo's panel asks of the demo's callers; served by the composition of the demo.

Refusal codes: `demo.busy` (all phones in use), `demo.no_callers` (they are not running), `demo.bad_number`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crm_core.kernel.ids import CallId
from crm_core.kernel.messages import Command, CommandResult, registered


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTestCall(Command):
    """Somebody calls us now, by a real SIP call to the trunk."""

    topic: ClassVar[str] = "demo.place_test_call"
    caller: str = ""
    """The number shown; empty: withheld."""
    name: str = ""
    """The display name the line sends along."""
    dnis: str = "4008000"
    language: str = "zh"
    """What he presses first in the menu."""
    choice: str = "repair"
    """`consultation`, `repair`, `complaint`, `operator`; anything else: presses nothing."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class TestCallPlaced(CommandResult):
    """The answer to PlaceTestCall."""

    topic: ClassVar[str] = "demo.test_call_placed"
    __test__: ClassVar[bool] = False
    call: CallId | None = None
    """Our conversation id; None when the house had not told of the call within a few seconds."""


@registered
@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpTestCall(Command):
    """The caller has had enough."""

    topic: ClassVar[str] = "demo.hang_up_test_call"
    call: CallId
