"""A call as the tracker sees it: legs with an owner, one of which is the customer's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from crm_core.kernel.ids import CallId
from cti.ami.vocabulary import DialStatus, UserEvent
from cti.calls.channel import Leg
from cti.calls.facts import Waiting
from cti.events import Direction, HungUpBy, TransferKind


@dataclass(slots=True, kw_only=True)
class Transfer:
    """A transfer under way: nobody knows yet whether it brings anybody together."""

    kind: TransferKind
    by: str
    to: str
    tried: DialStatus | None = None
    """How the last phone reacted that was called for it."""


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    id: CallId
    began: datetime
    direction: Direction = Direction.INBOUND
    dnis: str = ""
    """What was dialled."""
    asked_for: str = ""
    """What was dialled in the consultation that became a part of it last."""
    told: bool = False
    """Whether others have heard of it; until then it is only a leg that came into being."""
    over: bool = False
    customer: Leg | None = None
    """The leg the call is about: the caller's, or of an outbound call the one called outside."""
    legs: dict[str, Leg] = field(default_factory=dict)
    """Of people; wires between them are not counted."""
    present: dict[str, Leg] = field(default_factory=dict)
    """Those the customer talks with now."""
    aside: dict[str, Leg] = field(default_factory=dict)
    """Those who left him in his bridge, alone with the music, to talk with somebody else, and are expected back."""
    on_second_line: set[str] = field(default_factory=set)
    """Parties who hold him and call somebody on another line of their phone meanwhile."""
    answered: bool = False
    """The customer's line was up when it ended; by a menu, if nobody spoke with him."""
    picked_up: bool = False
    """A phone that was called for it was answered."""
    connected: bool = False
    """Somebody has talked with the customer."""
    waiting: Waiting | None = None
    """What the customer waits for, from being queued to being connected."""
    in_safety: bool = False
    """Asterisk's own queue looks after him."""
    in_queue: str = ""
    """… or a queue that is none of ours did so last."""
    last_step: UserEvent | None = None
    parked: str | None = None
    """The number of the place where the customer was put aside last …"""
    unparked: bool = False
    """… from where he came back by himself."""
    transfer: Transfer | None = None
    attended: bool = False
    """An attended transfer of it was told …"""
    brought_together: bool = False
    """… or must have been: it shares its people with another call, or the one consulted is with the customer."""
    consulted: Leg | None = None
    """Whom a feature of Asterisk's called last for somebody who had stepped aside."""
    threesome: Transfer | None = None
    """Somebody joined the colleague he had asked to the conversation; if he goes now, he has given the call away."""
    advice: DialStatus | None = None
    """How his phone reacted."""
    taken_back: str = ""
    """Who is back with the customer although the phone he called still rings."""
    hung_up_by: HungUpBy | None = None
    """Who said good-bye first, once somebody did."""
    cause: int = 0
    """Q.850, of the customer's leg …"""
    sip_cause: int = 0
    """… and the status of SIP behind it."""
    refused: int = 0
    """Status of SIP with which the phone said no that was called last, as long as nobody else took the call."""

    def falls_to_safety(self) -> None:
        """Should he come back from there, he is queued once more."""
        self.in_safety, self.waiting = True, None

    def of_extension(self, extension: str) -> Iterator[Leg]:
        return (leg for leg in self.legs.values() if leg.extension == extension)

    def why_over(self, by: HungUpBy) -> int:
        """Status of SIP. A customer who goes by himself has his own; else the phone's that turned him down comes before
        what Asterisk made of it for him."""
        return self.sip_cause if by is HungUpBy.CALLER else self.refused or self.sip_cause

    def concerns(self, leg: Leg) -> bool:
        """Whether this leg takes part in the conversation."""
        return leg is self.customer or leg.uniqueid in self.present

    def says_goodbye(self, leg: Leg) -> None:
        """The first to hang up counts, if that can end the call: the customer, his last partner, or who began it."""
        if self.hung_up_by is not None:
            return
        if leg is self.customer:
            ours = leg.extension is not None and (leg.summoned or self.direction is Direction.OUTBOUND)
            self.hung_up_by = HungUpBy.AGENT if ours else HungUpBy.CALLER  # nobody outside is there yet
        elif [*self.present, *self.aside] == [leg.uniqueid] or not (leg.dialled or self.present):
            self.hung_up_by = HungUpBy.AGENT
