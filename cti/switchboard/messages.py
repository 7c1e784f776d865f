"""What the runner tells the switchboard beside Asterisk's events and the fate of effects."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.domain.floor import FloorPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorLoaded:
    """The answer to the effect LoadFloor."""

    plan: FloorPlan
