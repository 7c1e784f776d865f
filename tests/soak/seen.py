"""What the telephones saw of each call: the first witness. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Talk:
    """A caller and an agent with each other, as the agent's phone saw it."""

    agent: str
    began_at: float
    conversation: str
    """`X-CW-Call` of the agent's INVITE; empty when Asterisk's own queue rang him."""
    ended_at: float = 0.0
    agent_hung_up: bool = False
    lingered: bool = False
    """The caller was gone long since and nobody had told the agent."""
    heard: int = 0
    """Packets of sound that came in."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """One call, as its caller's phone saw it."""

    number: str
    dialled: str
    patient: bool
    placed_at: float
    answered_at: float = 0.0
    ended_at: float = 0.0
    status: int = 0
    """The last SIP status of his INVITE; 0 when nobody answered at all."""
    hung_up: bool = False
    """By himself."""
    lingered: bool = False
    """His agent had hung up long since and nobody had told him."""
    talks: list[Talk] = field(default_factory=list)
    crossed: int = 0
    """Agents who took his call in the moment it was taken from them."""

    @property
    def talked(self) -> bool:
        return bool(self.talks)

    @property
    def waited_s(self) -> float:
        """From dialling to a person or to the end, menu included."""
        return (self.talks[0].began_at if self.talks else self.ended_at) - self.placed_at

    @property
    def cut(self) -> Talk | None:
        """A conversation that ended although neither of the two had hung up."""
        return next((talk for talk in self.talks if talk.ended_at and not self._was_ended(talk)), None)

    def _was_ended(self, talk: Talk) -> bool:
        return talk.agent_hung_up or (self.hung_up and self.ended_at <= talk.ended_at)

    @property
    def sent_away(self) -> bool:
        """The house hung up, or did not take the call, and he had spoken with nobody."""
        return not self.talked and not self.hung_up

    @property
    def gave_up(self) -> bool:
        """A patient caller to whom nobody came."""
        return not self.talked and self.hung_up and self.patient

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
