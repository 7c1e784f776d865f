"""The words events are told in: what kinds of calls, ends, offers and transfers there are."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class Outcome(StrEnum):
    ANSWERED = "answered"
    """The caller spoke with a person."""
    ABANDONED = "abandoned"
    """Hung up while waiting or ringing."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CALLBACK = "callback"
    """The caller was promised to be called back, and hung up."""
    SELF_SERVICE = "self_service"
    """Ended inside the menu, without ever asking for a person."""


class OfferFailure(StrEnum):
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    """The phone could not be called: it is not registered, or does not answer on its line."""
    PHONE_GONE = "phone_gone"
    """It was there and went while it was to ring: the browser was closed, or its network is gone."""
    CALLER_GONE = "caller_gone"
    LINE_LOST = "line_lost"
    """The line to Asterisk broke while it rang."""
    FAILED = "failed"
    ELSEWHERE = "elsewhere"
    """Somebody took the call at another phone."""


class RingFor(StrEnum):
    """For what a phone rings that nothing was offered to."""

    CALL = "call"
    """It was dialled."""
    TRANSFER = "transfer"
    """The call was given away to it."""
    CONSULTATION = "consultation"
    """Somebody who speaks with the customer asks for advice, or will hand over."""
    RECALL = "recall"
    """Nobody took the call that was given away from here: it comes back."""


class TransferKind(StrEnum):
    BLIND = "blind"
    """Sent there without a word."""
    ATTENDED = "attended"
    """The two colleagues had spoken before."""
    BLOND = "blond"
    """Handed over while the colleague's phone still rang."""


class TransferOutcome(StrEnum):
    COMPLETED = "completed"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    """… or turned down."""
    CANCELLED = "cancelled"
    """Taken back, or the customer hung up before anybody answered."""
    FAILED = "failed"
    """There was no such number, or its phone could not be called."""


class ResumedBy(StrEnum):
    """What let a recording go on."""

    AGENT = "agent"
    TIME = "time"
    """By itself, after the time a pause may last."""
    CONVERSATION = "conversation"
    """Who had paused it left the conversation."""


class UnparkedBy(StrEnum):
    AGENT = "agent"
    """Somebody fetched him."""
    TIME = "time"
    """Nobody did: he goes back to who parked him, then into his line."""
    ELSEWHERE = "elsewhere"
    """He was found elsewhere; nobody told us how he got there."""


class MonitorMode(StrEnum):
    LISTEN = "listen"
    WHISPER = "whisper"
    """The agent hears the supervisor, the customer does not."""
    BARGE = "barge"
    """Both hear him."""


class HungUpBy(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


class ClosedBy(StrEnum):
    RECONCILIATION = "reconciliation"
    """Nobody heard the end: the call was there before and is no more, or Asterisk's own account (CDR) says so."""
