"""Two kinds of order: callers waiting in a line, and idle agents on a bench. Both give their first at once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush

from crm_core.kernel.ids import AgentId, CallId, QueueKey, ServerId
from routing.reasons import StepKind, StepTaken, Tie
from routing.skills import Requirements
from routing.strategies import Rank

ONE_SERVER = ServerId("")
"""The server of a house that has only one and gives it no name."""

ANYWHERE = ServerId("*")
"""Of a callback: no server holds anybody, so it can be given to every phone that is registered somewhere."""

DESK = ServerId("#")
"""Of a ticket: no server holds it and no phone rings for it; it is given to whoever has room for one on his desk."""

Place = tuple[float, float, int]
"""A caller's place: (class, epoch seconds since when he would wait had he no priority, order of coming). The smallest
goes first; `urgency.py` says how it comes about."""


_FINE, _ORDERS = 2**22, 64
"""As many parts of a second as a float tells of one today; so many bits are left for the order of coming."""


def in_one(place: Place) -> int:
    """A place in one number, the smaller the sooner: a freed agent compares a hundred of them."""
    level, since, order = place
    return (int(level) << 2 * _ORDERS) + seconds(since) + order


def seconds(waited: float) -> int:
    """So many seconds in that number."""
    return int(waited * _FINE) << _ORDERS


Circle = tuple[tuple[str, str], ...]
"""Who may serve a caller beside the agents of his queue: `(("queue" or "department", key), …)`, sorted. Of a ticket:
who of them handed it back, `(("without", agent), …)`."""


@dataclass(slots=True, kw_only=True, eq=False)
class Caller:
    """One call that asks for a person, as the engine keeps it until he got one or is gone; or one who is to be called
    back, who waits as if he were still there; or a ticket, which has its own id for a call's."""

    call: CallId
    queue: QueueKey
    asked: Requirements
    """What he came with …"""
    requires: Requirements
    """… and what he asks for now that he has waited."""
    priority: int
    since: datetime
    place: Place
    server: ServerId = ONE_SERVER
    """Who holds him: only a phone that is registered there can be given to him."""
    offered_to: AgentId | None = None
    """For whom a phone rings, or is to ring, for him …"""
    others: tuple[AgentId, ...] = ()
    """… and for whom else at once."""
    missed_by: list[AgentId] = field(default_factory=list)
    together: bool = False
    """Several phones ring, or rang, for him at once, the last time …"""
    rang_out: list[AgentId] = field(default_factory=list)
    """… and whose of them have rung in vain."""
    circle: Circle = ()
    steps: tuple[StepTaken, ...] = ()
    """How he was relaxed so far."""
    passed: int = 0
    """How many steps of his queue are behind him, those that meant nothing to him included."""
    due: datetime | None = None
    """When the next one is due."""
    familiar: AgentId | None = None
    """Who knows him …"""
    tie: Tie | None = None
    """… and why."""
    kept_for: AgentId | None = None
    """The same, while only he may take the call …"""
    kept_until: datetime | None = None
    """… which is until then."""
    turn: int = field(init=False)
    """His place in one number."""

    def __post_init__(self) -> None:
        self.turn = in_one(self.place)

    def goes_to(self, place: Place) -> None:
        """The floor was changed, and what his priority is worth with it."""
        self.place, self.turn = place, in_one(place)

    @property
    def is_callback(self) -> bool:
        return self.server == ANYWHERE

    @property
    def is_ticket(self) -> bool:
        return self.server == DESK

    @property
    def offered(self) -> tuple[AgentId, ...]:
        """Everybody for whom it rings, or is to ring."""
        return () if self.offered_to is None else (self.offered_to, *self.others)

    def offer_to(self, agents: Iterable[AgentId]) -> None:
        asked = tuple(agents)
        self.offered_to, self.others = (asked[0], asked[1:]) if asked else (None, ())

    def not_taken_by(self, agent: AgentId) -> None:
        """It rings for him no more; for others it may."""
        self.offer_to([one for one in self.offered if one != agent])

    def as_he_came(self) -> None:
        """As if he had not waited yet. For whom he has waited is not taken back, nor what place he brought."""
        self.requires, self.circle = self.asked, ()
        self.steps = tuple([step for step in self.steps if step.agent is not None or step.kind is StepKind.PLACE_BACK])
        self.passed, self.due = 0, None

    @property
    def wish(self) -> tuple[QueueKey, Requirements, ServerId, Circle, AgentId | None]:
        """What he has in common with those who wait in the same line."""
        return (self.queue, self.requires, self.server, self.circle, self.kept_for)


class Line:
    """Callers in the order of their places. Leaving from the middle costs nothing: the gap closes later."""

    __slots__ = ("_heap", "_here", "first")

    def __init__(self) -> None:
        self._heap: list[tuple[int, CallId]] = []
        self._here: dict[CallId, Caller] = {}
        self.first: Caller | None = None
        """Who is served next; kept at hand because every agent who becomes free looks at it."""

    def __len__(self) -> int:
        return len(self._here)

    def __contains__(self, call: object) -> bool:
        return call in self._here

    def join(self, caller: Caller) -> None:
        self._here[caller.call] = caller
        heappush(self._heap, (caller.turn, caller.call))
        if self.first is None or caller.turn < self.first.turn:
            self.first = caller

    def leave(self, call: CallId) -> None:
        caller = self._here.pop(call, None)
        if caller is None:
            return
        if len(self._heap) > 2 * len(self._here) + 64:
            self._heap = [(other.turn, other.call) for other in self._here.values()]
            heapify(self._heap)
        if caller is self.first:
            self.first = self._next()

    def before(self, caller: Caller) -> int:
        """How many are served before him."""
        return sum(other.turn < caller.turn for other in self._here.values())

    def _next(self) -> Caller | None:
        while self._heap:
            turn, call = self._heap[0]
            caller = self._here.get(call)
            if caller is not None and caller.turn == turn:
                return caller
            heappop(self._heap)
        return None


Seat = tuple[Rank, AgentId]


class Bench:
    """Idle agents, sorted by their strategy's rank; equal ranks by id, so that the same story ends the same way."""

    __slots__ = ("_seats",)

    def __init__(self) -> None:
        self._seats: list[Seat] = []

    def __len__(self) -> int:
        return len(self._seats)

    def sit(self, rank: Rank, agent: AgentId) -> None:
        insort(self._seats, (rank, agent))

    def rise(self, rank: Rank, agent: AgentId) -> None:
        seat = bisect_left(self._seats, (rank, agent))
        if seat < len(self._seats) and self._seats[seat] == (rank, agent):
            del self._seats[seat]

    def first(self) -> Seat | None:
        return self._seats[0] if self._seats else None

    def some(self, most: int) -> list[Seat]:
        """The first of them."""
        return self._seats[:most]

    def second(self) -> Seat | None:
        return self._seats[1] if len(self._seats) > 1 else None

    def alike(self, begins: Rank, spared: Sequence[AgentId]) -> int:
        """How many of those who are not spared have a rank that begins so."""
        length = len(begins)
        first = bisect_left(self._seats, begins, key=lambda seat: seat[0][:length])
        behind = bisect_right(self._seats, begins, first, key=lambda seat: seat[0][:length])
        return behind - first - (sum(seat[1] in spared for seat in self._seats[first:behind]) if spared else 0)

    def but(self, spared: Sequence[AgentId]) -> list[Seat]:
        """The first two beside those to be spared; of these the first, if there is nobody else."""
        some = self._seats[: 2 + len(spared)]
        return [seat for seat in some if seat[1] not in spared][:2] or some[:1]
