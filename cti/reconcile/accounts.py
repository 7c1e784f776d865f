"""A row of Asterisk's CDR, and all rows of one call together: a call with several offers has a row each."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    call: str
    """Our conversation id; empty when the row has none."""
    server: str
    """The Asterisk's system name, which its unique ids begin with; empty when they do not."""
    start: float
    end: float
    answered: bool
    """Two parties were connected: a menu or music that answered is no party."""
    channel: str
    caller: str = ""
    """Of the leg the call began with."""
    internal: bool = False
    """A colleague called, by our dialplan."""
    outbound: bool = False
    """… and somebody outside."""
    first: str = ""
    """The conversation that Asterisk says it belongs to (Linkedid); the helpers of a consultation have only this."""
    dialled: str = ""
    """Whom a colleague called."""
    party: str = ""
    """The phone that the leg the call began with was connected with."""
    asked: bool = False
    """He was on his way to a person: what he did in a menu came before."""
    safety: bool = False
    """Asterisk's own queue had him."""
    talked_from: float | None = None
    """When the called party answered, where that is known: a menu or a queue answers before anybody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What Asterisk says of one call."""

    call: str
    server: str
    start: float
    end: float
    answered: bool
    caller: str = ""
    internal: bool = False
    outbound: bool = False
    dialled: str = ""
    parties: tuple[str, ...] = ()
    """Phones the customer was connected with, in their order."""
    asked: bool = False
    safety: bool = False
    talked_from: float | None = None
    rows: int = 1

    @staticmethod
    def of(row: Row) -> Account:
        return Account(
            call=row.call,
            server=row.server,
            start=row.start,
            end=row.end,
            answered=row.answered,
            caller=row.caller,
            internal=row.internal,
            outbound=row.outbound,
            dialled=row.dialled,
            parties=(row.party,) if row.party else (),
            asked=row.asked,
            safety=row.safety,
            talked_from=row.talked_from,
        )

    def plus(self, other: Account) -> Account:
        """With what came to the file after it."""
        return replace(
            self,
            start=min(self.start, other.start),
            end=max(self.end, other.end),
            answered=self.answered or other.answered,
            caller=self.caller or other.caller,
            internal=self.internal or other.internal,
            outbound=self.outbound or other.outbound,
            dialled=self.dialled or other.dialled,
            parties=(*self.parties, *(party for party in other.parties if party not in self.parties)),
            asked=self.asked or other.asked,
            safety=self.safety or other.safety,
            talked_from=self.talked_from if self.talked_from is not None else other.talked_from,
            rows=self.rows + other.rows,
        )
