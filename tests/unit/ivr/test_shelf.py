"""Documents side by side: one that is wrong is named, and takes only those with it that go through it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_core.domain.calendars import CalendarUse, SharedCalendar, UsedBy
from crm_core.domain.floor import Did, DidTarget, Queue
from crm_core.domain.opening import OpeningHours
from crm_core.kernel.ids import QueueKey
from crm_core.kernel.language import Language
from ivr.book import Printed, leads_to
from ivr.errors import FlowUnknown
from ivr.flow.problems import Told, told
from ivr.flow.validator import Sounds
from ivr.shelf import findings, shelf
from ivr.used import calendars_of, opened_by

SOUNDS: Sounds = dict.fromkeys(Language, ("hello", "trouble"))


def document(start: dict[str, Any], *, end: str = "return") -> str:
    nodes = {"start": start, "end": {"kind": end}}
    return json.dumps({"start": "start", "apology": "trouble", "error": "end", "nodes": nodes})


SAYS = document({"kind": "play", "prompts": ["hello"], "next": "end"})
MUTE = document({"kind": "play", "prompts": ["nobody_spoke_it"], "next": "end"})


def calling(flow: str) -> str:
    return document({"kind": "sub_flow", "flow": flow, "next": "end"})


def test_what_holds_stays_whatever_is_wrong_with_the_others() -> None:
    found = shelf(
        {"good": SAYS, "mute": MUTE, "garbage": "{", "calls": calling("mute"), "top": calling("calls")}, SOUNDS
    )
    assert set(found.flows) == {"good"}
    assert {name: str(problems[0]) for name, problems in found.wrong.items()} == {
        "garbage": "not valid JSON: line 1, column 2",
        "mute": "node “start”, field “prompts”: there is no prompt “nobody_spoke_it” in “zh”",
        "calls": "node “start”, field “flow”: there is no flow “mute”",
        "top": "node “start”, field “flow”: there is no flow “calls”",
    }


def test_what_can_be_known_of_a_document_with_faults_is_told_with_them() -> None:
    raw = json.loads(document({"kind": "play", "prompts": ["hello"], "next": "start", "barge_in": 7}))
    raw["nodes"]["island"] = {"kind": "return"}
    (fault, *more) = findings("main", json.dumps(raw), {}, SOUNDS)
    assert fault.field == "barge_in"
    assert [(one.node, one.says[:18]) for one in more] == [
        ("island", "no way leads here"),
        ("start", "a caller who press"),
    ]
    raw["nodes"]["strange"] = {"kind": "?"}
    assert "island" not in [one.node for one in findings("main", json.dumps(raw), {}, SOUNDS)], "it may lead there"


def test_who_would_not_come_to_the_end_of_it_is_told_before_it_is_published() -> None:
    ask = {"kind": "menu", "prompts": ["hello"], "choices": {"1": "end"}, "exhausted": "end", "tries": 9}
    slow = document(ask | {"timeout_s": 60})
    assert [(one.node, one.field) for one in findings("main", slow, {}, SOUNDS)] == [("start", "timeout_s")]
    assert not shelf({"main": slow}, SOUNDS).wrong, "what is published already is heard as before"


def test_each_has_the_flows_it_goes_through() -> None:
    found = shelf({"sub": SAYS, "calls": calling("sub")}, SOUNDS)
    assert set(found.flows["calls"].called) == {"sub"}


def test_nothing_is_wrong_with_what_may_be_published() -> None:
    assert findings("main", SAYS, {"main": MUTE, "other": calling("main")}, SOUNDS) == ()


def test_a_document_is_judged_among_the_published_ones() -> None:
    assert [one.node for one in findings("main", MUTE, {"sub": SAYS}, SOUNDS)] == ["start", "start"]
    assert [one.field for one in findings("main", calling("gone"), {"sub": SAYS}, SOUNDS)] == ["flow"]


def test_what_would_break_another_menu_is_told_with_its_name() -> None:
    without_return = document({"kind": "play", "prompts": ["hello"], "next": "end"}, end="queue")
    (problem,) = findings("sub", without_return, {"sub": SAYS, "main": calling("sub")}, SOUNDS)
    assert str(problem) == (
        "“main” could not be used any more beside it: node “start”, field “flow”: "
        "“sub” never returns, so that “next” leads nowhere"
    )


def test_a_finding_remembers_what_it_was_made_of() -> None:
    says = told("there is no node “%(name)s”", name="gone")
    assert (says, says.template, says.values) == (
        "there is no node “gone”",
        "there is no node “%(name)s”",
        {"name": "gone"},
    )
    assert told("100%") == "100%"
    (problem, _) = findings("main", MUTE, {}, SOUNDS)
    assert isinstance(problem.says, Told)


WORK = OpeningHours(week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-18:00",)))
BY_HOURS = Did(number="4008000", target=DidTarget.IVR, to="main", open_hours=WORK, closed_to="night")


@pytest.mark.parametrize(
    ("number", "hour", "flow"),
    [
        (None, 12, "said"),
        (Did(number="4008000", target=DidTarget.IVR, to="main"), 3, "main"),
        (BY_HOURS, 12, "main"),
        (BY_HOURS, 20, "night"),
    ],
)
def test_where_a_number_leads(number: Did | None, hour: int, flow: str) -> None:
    monday = datetime(2026, 11, 30, hour, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert leads_to(number, "said", monday) == flow


async def test_a_printed_book_knows_its_flows_and_no_others() -> None:
    found = shelf({"main": SAYS}, SOUNDS)
    book, now = Printed(found.flows), datetime.now(tz=ZoneInfo("UTC"))
    assert await book.open("main", "4008000", now) is found.flows["main"]
    with pytest.raises(FlowUnknown):
        await book.open("gone", "4008000", now)


OFFICE = SharedCalendar(key="office", names={}, hours=WORK)
ASKS = document({"kind": "open_hours", "calendar": "office", "open": "end", "closed": "end"})


def test_a_calendar_of_the_house_is_found_by_its_name_and_missed_by_it() -> None:
    assert findings("main", ASKS, {}, SOUNDS, {"office": WORK.calendar()}) == ()
    (missing,) = findings("main", ASKS, {}, SOUNDS)
    assert str(missing) == "node “start”, field “calendar”: neither this menu nor the house has a calendar “office”"


def test_a_calendar_of_the_menu_goes_before_one_of_the_house() -> None:
    own = json.dumps({**json.loads(ASKS), "calendars": {"office": {"week": {"sun": ["10:00-11:00"]}}}})
    found = shelf({"own": own, "shared": ASKS}, SOUNDS, calendars={"office": WORK.calendar()}).flows
    assert "sun" in found["own"].calendars["office"].week
    assert "mon" in found["shared"].calendars["office"].week
    assert (calendars_of(own), calendars_of(ASKS), calendars_of("{")) == (frozenset(), {"office"}, frozenset())


def test_who_opens_by_a_calendar() -> None:
    number = Did(number="4008000", target=DidTarget.IVR, to="main", calendar="office", closed_to="night")
    queue = Queue(key=QueueKey("service"), names={}, calendar="office")
    assert opened_by({"main": ASKS}, {"draft": ASKS}, [number, BY_HOURS], [queue]) == {
        "office": (
            CalendarUse(by=UsedBy.NUMBER, name="4008000"),
            CalendarUse(by=UsedBy.QUEUE, name="service"),
            CalendarUse(by=UsedBy.MENU, name="main", node="start"),
            CalendarUse(by=UsedBy.DRAFT, name="draft", node="start"),
        )
    }


@pytest.mark.parametrize(("hour", "flow"), [(12, "main"), (20, "night")])
def test_where_a_number_leads_that_opens_by_a_calendar(hour: int, flow: str) -> None:
    monday = datetime(2026, 11, 30, hour, tzinfo=ZoneInfo("Asia/Shanghai"))
    number = Did(number="4008000", target=DidTarget.IVR, to="main", calendar="office", closed_to="night")
    assert leads_to(number, "said", monday, {"office": OFFICE}) == flow
