"""A call as the tracker sees it: legs with an owner, one of which is the customer's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from crm_core.kernel.ids import CallId
from cti.ami.vocabulary import UserEvent
from cti.calls.channel import Leg
from cti.calls.facts import Waiting
from cti.events import Direction, HungUpBy


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    id: CallId
    began: datetime
    direction: Direction = Direction.INBOUND
    told: bool = False
    """Whether others have heard of it; until then it is only a leg that came into being."""
    over: bool = False
    customer: Leg | None = None
    """The leg the call is about: the caller's, or of an outbound call the one called outside."""
    legs: dict[str, Leg] = field(default_factory=dict)
    present: dict[str, Leg] = field(default_factory=dict)
    """Those the customer talks with now."""
    connected: bool = False
    """Somebody has talked with the customer."""
    waiting: Waiting | None = None
    """What the customer waits for, from being queued to being connected."""
    in_safety: bool = False
    """Asterisk's own queue looks after him."""
    last_step: UserEvent | None = None
    hung_up_by: HungUpBy | None = None
    """Who said good-bye first, once somebody did."""
    cause: int = 0
    """Q.850, of the customer's leg."""

    def falls_to_safety(self) -> None:
        """Should he come back from there, he is queued once more."""
        self.in_safety, self.waiting = True, None

    def of_extension(self, extension: str) -> Iterator[Leg]:
        return (leg for leg in self.legs.values() if leg.extension == extension)

    def concerns(self, leg: Leg) -> bool:
        """Whether this leg takes part in the conversation."""
        return leg is self.customer or leg.uniqueid in self.present

    def says_goodbye(self, leg: Leg) -> None:
        """The first to hang up counts, if that can end the call: the customer, his last partner, or who began it."""
        if self.hung_up_by is not None:
            return
        if leg is self.customer:
            self.hung_up_by = HungUpBy.CALLER
        elif list(self.present) == [leg.uniqueid] or not (leg.dialled or self.present):
            self.hung_up_by = HungUpBy.AGENT
