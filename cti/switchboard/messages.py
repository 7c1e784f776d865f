"""What the runner tells the switchboard beside Asterisk's events and the fate of effects."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.domain.acquaintances import Acquaintance
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.ids import CallId, ServerId


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorLoaded:
    """The answer to the effect LoadFloor."""

    plan: FloorPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoKnows:
    """The answer to the effect AskWhoKnows."""

    call: CallId
    found: Acquaintance


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """This Asterisk feels our heart (again): it leaves callers to us, and all whom it did not were heard of before."""

    server: ServerId


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesNamed:
    """Every line has been up once: these are all the Asterisks there are."""

    servers: frozenset[ServerId]
