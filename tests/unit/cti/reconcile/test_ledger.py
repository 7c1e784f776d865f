"""Which calls of Asterisk's account may be judged, and that in no order of things a call is lost, doubled or cut."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.domain.call_story import Story, retell
from crm_core.domain.calls import CallOutcome
from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import CallId, ServerId
from crm_core.kernel.messages import Event
from crm_core.kernel.phone import ANONYMOUS
from crm_core.persistence.log import logged
from cti import events as e
from cti.reconcile import Known, Ledger, Logged, Row, Site, entries
from cti.reconcile.ledger import GRACE_S


def row(call: str, start: float, end: float, *, server: str = "pbx", answered: bool = False) -> Row:
    return Row(call=call, server=server, start=start, end=end, answered=answered, channel="PJSIP/trunk-1", asked=True)


def over(ledger: Ledger, now: float, *alive: str) -> list[str]:
    site = Site(now=now, alive=frozenset(map(CallId, alive)))
    return [account.call for account in ledger.over(lambda server: site if server == "pbx" else None)]


def test_a_call_is_judged_when_it_lives_no_more_and_is_cold() -> None:
    ledger = Ledger()
    ledger.add([row("a", 1, 10), row("b", 2, 11), row("", 3, 4)])
    assert over(ledger, 10 + GRACE_S - 1) == []
    assert over(ledger, 10 + GRACE_S) == ["a"]
    assert over(ledger, 100, "a") == ["b"]
    assert over(ledger, 100) == ["a", "b"]


def test_all_rows_of_a_call_are_one_and_the_last_counts() -> None:
    ledger = Ledger()
    ledger.add([row("a", 1, 10), row("a", 10, 50, answered=True)])
    assert over(ledger, 40) == []
    [account] = ledger.over(lambda _: Site(now=100, alive=frozenset()))
    assert (account.start, account.end, account.answered, account.rows) == (1, 50, True, 2)


def test_an_asterisk_whose_line_is_down_waits_and_a_strangers_calls_are_none_of_ours() -> None:
    ledger = Ledger()
    ledger.add([row("a", 1, 10, server="hall-2"), row("b", 1, 10)])
    assert over(ledger, 100) == ["b"]
    ledger.keep_only({"pbx"})
    assert len(ledger) == 1


def test_an_asterisk_without_a_name_is_known_as_long_as_it_is_the_only_one() -> None:
    ledger = Ledger()
    ledger.add([row("a", 1, 10, server="")])
    ledger.keep_only({"pbx"})
    assert over(ledger, 100) == ["a"]
    ledger.add([row("b", 1, 10, server="")])
    ledger.keep_only({"pbx", "hall-2"})
    assert over(ledger, 100) == ["a"]


def test_what_was_heard_of_a_call_meanwhile_keeps_it_open() -> None:
    ledger = Ledger()
    ledger.add([row("a", 1, 10)])
    judged = ledger.over(lambda _: Site(now=100, alive=frozenset()))
    ledger.add([row("a", 10, 90)])
    ledger.settle(judged)
    assert len(ledger) == 1
    ledger.settle(ledger.over(lambda _: Site(now=200, alive=frozenset())))
    assert len(ledger) == 0


def test_the_log_is_complete_until_the_first_call_that_is_not_settled() -> None:
    ledger = Ledger()
    assert ledger.complete_until(50) == 50
    ledger.add([row("a", 1, 10), row("b", 2, 20)])
    assert ledger.complete_until(20) == 10


def test_beyond_its_measure_the_oldest_give_way() -> None:
    ledger = Ledger(most=2)
    ledger.add([row(call, 1, 10) for call in "abc"])
    assert (over(ledger, 100), ledger.given_up) == (["b", "c"], 1)


# ---- in any order


@dataclass(slots=True)
class _Call:
    id: CallId
    began: float
    ended: float | None = None
    told: bool = False
    heard_end: bool = False


@dataclass(slots=True)
class _World:
    """Asterisk, telephony with its spool, the journal and the log; `strict`: reconciling waits for the journal."""

    strict: bool
    now: float = 1000.0
    deaf: bool = False
    calls: list[_Call] = field(default_factory=list)
    spool: deque[Event] = field(default_factory=deque)
    log: dict[str, LoggedEvent] = field(default_factory=dict)
    cdr: list[Row] = field(default_factory=list)
    read: int = 0
    ledger: Ledger = field(default_factory=Ledger)

    def does(self, what: str, which: int) -> None:
        self.now += 4
        alive = [call for call in self.calls if call.ended is None]
        match what:
            case "comes":
                call = _Call(CallId(f"pbx-{len(self.calls)}"), self.now)
                self.calls.append(call)
                self.hears()
            case "row" if alive:  # an offer that came to nothing
                call = alive[which % len(alive)]
                self.cdr.append(row(call.id, call.began, self.now))
            case "goes" if alive:
                call = alive[which % len(alive)]
                call.ended = self.now
                self.cdr.append(row(call.id, call.began, self.now))
                self.hears()
            case "dies":
                self.deaf = True
                self.read, self.ledger = 0, Ledger()
            case "returns":
                self.deaf = False
                self.hears(found=True)
            case "journal" if self.spool:
                self.write(self.spool.popleft())
            case "look":
                self.look()
            case _:
                pass

    def hears(self, *, found: bool = False) -> None:
        """Live, or by a snapshot: then what ended unheard has an end that is a guess."""
        for call in self.calls if not self.deaf else ():
            if not call.told and call.ended is None:
                call.told = True
                self.spool.append(
                    e.CallArrived(
                        call=call.id, at=at(call.began), server=ServerId("pbx"), direction=e.Direction.INBOUND, ani="1"
                    )
                )
            if call.told and call.ended is not None and not call.heard_end:
                call.heard_end = True
                self.spool.append(
                    e.CallEnded(
                        call=call.id,
                        at=at(call.began if found else call.ended),
                        outcome=e.Outcome.ABANDONED,
                        hung_up_by=e.HungUpBy.SYSTEM if found else e.HungUpBy.CALLER,
                        closed_by=e.ClosedBy.RECONCILIATION if found else None,
                    )
                )

    def write(self, event: Event) -> None:
        line = logged(event)
        if line.message_id not in self.log:
            position = len(self.log) + 1
            self.log[line.message_id] = LoggedEvent(**{**_fields(line), "position": position})

    def look(self) -> None:
        self.ledger.add(self.cdr[self.read :])
        self.read = len(self.cdr)
        if self.deaf or (self.strict and self.spool):
            return
        alive = frozenset(call.id for call in self.calls if call.ended is None)
        judged = self.ledger.over(lambda _: Site(now=self.now, alive=alive))
        assert not alive.intersection(one.call for one in judged)
        for account in judged:
            for event in entries(account, self.known(account.call), {}):
                self.write(event)
        self.ledger.settle(judged)

    def known(self, call: str) -> Known | None:
        story = self.story(call)
        if story is None:
            return None
        found = story.call
        end = found.ended_at.timestamp() if found.ended_at is not None else None
        last = max(line.at.timestamp() for line in self.lines(call))
        return Known(
            logged=Logged(
                call=call, server="pbx", start=found.started_at.timestamp(), end=end,
                answered=found.outcome is CallOutcome.ANSWERED, guessed=bool(found.closed_by), last=last,
            )
        )  # fmt: skip

    def story(self, call: str) -> Story | None:
        return retell(self.lines(call), lambda _: ANONYMOUS)

    def lines(self, call: str) -> list[LoggedEvent]:
        return [line for line in self.log.values() if line.call == call]

    def comes_to_rest(self) -> None:
        for what in ("returns", *["goes"] * len(self.calls), *["journal"] * 3 * len(self.calls)):
            self.does(what, 0)
        self.now += 2 * GRACE_S
        self.look()


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _fields(line: LoggedEvent) -> dict[str, object]:
    return {name: getattr(line, name) for name in line.__dataclass_fields__}


_DEEDS = ("comes", "comes", "goes", "row", "dies", "returns", "journal", "journal", "look")


@pytest.mark.parametrize("strict", [True, False])
@settings(deadline=None, max_examples=200)
@given(deeds=st.lists(st.tuples(st.sampled_from(_DEEDS), st.integers(0, 5)), max_size=60))
def test_in_no_order_is_a_call_lost_doubled_or_cut(strict: bool, deeds: Sequence[tuple[str, int]]) -> None:
    world = _World(strict)
    for what, which in deeds:
        world.does(what, which)
    world.comes_to_rest()
    for call in world.calls:
        story = world.story(call.id)
        assert story is not None, "it is lost"
        assert (story.call.started_at, story.call.outcome) == (at(call.began), CallOutcome.ABANDONED)
        lines = world.lines(call.id)
        for topic, mark in (("call.arrived", "entered_by"), ("call.ended", "closed_by")):
            told = [line for line in lines if line.topic == topic]
            heard = [line for line in told if not line.body[mark]]
            assert len(heard) <= 1, "it is doubled"
            assert not strict or len(told) == 1, "it was written of although it was heard"
        if any(line.topic == "call.ended" and not line.body["closed_by"] for line in lines):
            assert (story.call.closed_by, story.call.ended_at) == ("", at(call.ended or 0))
        else:
            assert story.call.closed_by == "reconciliation"
    before = dict(world.log)
    world.read, world.ledger = 0, Ledger()
    world.look()
    assert world.log == before, "a second look finds nothing"
