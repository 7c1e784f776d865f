"""How far an errand has come: there is something to do yet, or its node is left."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.flow.messages import State, Turn
from ivr.flow.nodes import Needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The node is done with."""

    state: State
    way: str
    told: bool = False
    """The house knows already how it went."""
    label: str = ""
    """… or is told so in this word, and not in that of the way."""
    needs: Needs | None = None
    """He goes on to a person with this."""


Outcome = Turn | Left
