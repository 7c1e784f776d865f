"""What the tracker finds out about calls: Asterisk's events in the words of a call centre.

A fact is told once, however often Asterisk says it. Parties are named by extension (our phones) or number (outside).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crm_core.kernel.ids import CallId, OfferId, QueueKey, SkillKey
from cti.ami.vocabulary import DialStatus
from cti.events import Direction, HungUpBy, RingFor, TransferKind, TransferOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCall:
    """Root of what concerns one call."""

    call: CallId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(OfCall):
    """A call we have not told of before. `found`: it was already there when the line came up."""

    direction: Direction
    ani: str
    ani_name: str = ""
    dnis: str = ""
    found: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped(OfCall):
    flow: str
    node: str
    entered: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a caller waits for, as the dialplan packed it."""

    queue: QueueKey
    requires: dict[SkillKey, int] = field(default_factory=dict)
    """Skill -> lowest level."""
    priority: int = 0
    language: str = ""
    intent: str = ""
    since: datetime
    """His place in the line."""
    asks: str = ""
    """What he asks for when that is more than `requires` can say, in its shortest form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued(OfCall):
    waiting: Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class InQueue(OfCall):
    """A queue of Asterisk's own has him, which is none of ours."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing(OfCall):
    """A phone rings for this call."""

    party: str
    extension: str | None
    """None when it is no phone of ours."""
    offer: OfferId | None = None
    """The offer it rings for; empty when it is called otherwise, None when nobody said."""
    ring_for: RingFor = RingFor.CALL
    by: str = ""
    """The party who sent the call there, or who asks for advice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEnded(OfCall):
    """That phone rings no more. After ANSWER the conversation begins with `Joined`."""

    party: str
    extension: str | None
    status: DialStatus
    cause: int = 0
    offer: OfferId | None = None
    """The offer it rang for."""
    sip_cause: int = 0
    """Status of SIP with which the phone said no; 0 when it said nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEnded(OfCall):
    """The dialplan took the caller back from an offer that nobody answered."""

    offer: OfferId
    status: DialStatus
    cause: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(OfCall):
    """The customer can talk with this party now."""

    party: str
    extension: str | None
    in_safety: bool = False
    """Asterisk's own queue brought them together."""
    offer: OfferId | None = None
    """The offer this phone was called for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(OfCall):
    """This party no longer talks with the customer."""

    party: str
    extension: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(OfCall):
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(OfCall):
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consults(OfCall):
    """This party stepped aside: the customer hears music and is still his."""

    party: str
    extension: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(OfCall):
    """… and is back."""

    party: str
    extension: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred(OfCall):
    """What became of a transfer."""

    kind: TransferKind
    by: str
    to: str
    outcome: TransferOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked(OfCall):
    """The customer was put aside."""

    place: str
    by: str
    """The extension that did it; empty when our dialplan did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparked(OfCall):
    """Nobody fetched him in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Barged(OfCall):
    """A supervisor can be heard in the conversation, or no longer."""

    extension: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(OfCall):
    """The customer pressed a key."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRings(OfCall):
    """A phone of ours rings that was called by ourselves, to be connected with the outside."""

    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedUp(OfCall):
    """Such a phone was answered, and waits to be led on to the number of whoever is to be called back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FellToSafety(OfCall):
    queue: QueueKey


class Where(StrEnum):
    """Where the dialplan has a customer."""

    MENU = "menu"
    WAITING = "waiting"
    OFFERED = "offered"
    SAFETY = "safety"
    TALKING = "talking"
    PARKED = "parked"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands(OfCall):
    """After the line came up: where this customer was found. What happened unheard in between is made good from it."""

    where: Where
    offer: OfferId | None = None
    """The offer that is just being made, and to whom."""
    extension: str | None = None
    """… or who parked him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(OfCall):
    hung_up_by: HungUpBy
    cause: int
    """Q.850 cause of the customer's leg."""
    cut: bool = False
    """Asterisk itself was started anew: nobody hung up."""
    answered: bool = False
    """The line was answered, be it by a menu."""
    into: CallId | None = None
    """Nobody hung up either: it was a consultation, and its people went over into this call."""
    unheard: bool = False
    """It was gone when the line came up."""
    sip_cause: int = 0
    """Status of SIP behind the cause; 0: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegBegan(OfCall):
    """A phone of ours has to do with this call."""

    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegGone(OfCall):
    """… and no longer has, with any leg."""

    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summoned:
    """What became of a phone we called by ourselves."""

    at: datetime
    leg: str
    """The unique id we gave it."""
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneReachable:
    at: datetime
    extension: str
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactGone:
    """The phone took back a registration. While it is being called, nothing else tells that it will never answer."""

    at: datetime
    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSeen:
    """A phone is registered under this name of its own, which a browser makes anew each time it opens."""

    at: datetime
    extension: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """Asterisk said something that does not fit what we know."""

    at: datetime
    what: str
    """A stable code, e.g. `unknown_event`, `word_without_call`."""
    raw: str = ""
    call: CallId | None = None


OfStory = (
    Stepped
    | Queued
    | InQueue
    | Ringing
    | DialEnded
    | OfferEnded
    | Joined
    | Left
    | Held
    | Resumed
    | Consults
    | Returned
    | Transferred
    | Parked
    | Unparked
    | Barged
    | Pressed
    | PhoneRings
    | PickedUp
    | FellToSafety
    | Ended
)
"""How a call that has arrived goes on."""

Fact = Arrived | OfStory | Stands | LegBegan | LegGone | Summoned | PhoneReachable | ContactGone | ContactSeen | Odd
