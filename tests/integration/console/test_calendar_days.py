"""Days from a file for a calendar: looked at first, then taken, on the screens and by REST."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp import ClientSession, FormData
from aiohttp.test_utils import TestServer

from crm_core.domain.calendars import SharedCalendar
from crm_core.domain.opening import OpeningHours
from crm_core.services.bundle import Services
from tests.integration.console.stage import Api, Browser, NewBrowser, People

OFFICE = SharedCalendar(
    key="office",
    names={"zh": "办公室", "en": "Office"},
    hours=OpeningHours(
        week={"mon": ("09:00-18:00",)},
        holidays={"2026-10-01": "National Day"},
        working_days={"2026-12-06": ("10:00-12:00",)},
    ),
)
TABLE = "date,until,name,hours\n2026-10-01,2026-10-07,National Day,\n2026-10-10,,,09:00-18:00\n2020-01-01,,New Year,\n"
AFTER = OpeningHours(
    week=OFFICE.hours.week,
    holidays={"2026-10-01": "National Day", "2026-10-02/2026-10-07": "National Day"},
    working_days={"2026-10-10": ("09:00-18:00",), "2026-12-06": ("10:00-12:00",)},
)
PAGE = "/floor/calendars/office/days"


@pytest.fixture
async def sam(new_browser: NewBrowser, people: People, services: Services) -> Browser:
    del people  # who are there
    await services.calendars.put(OFFICE)
    browser = new_browser()
    await browser.log_in("sam")
    await browser.get(PAGE)
    return browser


async def choose(browser: Browser, file: str | bytes) -> int:
    """As a browser sends the file that was chosen."""
    form = FormData({"csrf": browser.csrf})
    form.add_field("file", file if isinstance(file, bytes) else file.encode(), filename="days.csv")
    answer = await browser.session.post(browser.server.make_url(f"{PAGE}/preview"), data=form)
    return (await browser.seen(answer)).status


async def test_what_would_change_is_shown_and_taken_when_somebody_says_so(sam: Browser, services: Services) -> None:
    assert await choose(sam, TABLE) == 200
    for shown in (
        "2026-10-02 – 2026-10-07",
        "as on any such day of the week",
        "closed: National Day",
        "open 09:00-18:00",
        "1 day of the file stands in the calendar already.",
        "1 day of the file is over, and is left out.",
    ):
        assert shown in sam.text
    assert (await services.calendars.get("office")).version == 1, "nothing is saved by looking"
    await sam.post(PAGE, sam.form)
    assert "The days are in the calendar" in sam.text
    now = await services.calendars.get("office")
    assert (now.version, now.calendar.hours) == (2, AFTER)
    await sam.get(PAGE)
    assert await choose(sam, TABLE) == 200
    assert "Nothing would change" in sam.text
    assert "Take these days" not in sam.text


async def test_a_calendar_that_changed_meanwhile_is_looked_at_anew_and_the_file_is_not_lost(
    sam: Browser, services: Services
) -> None:
    await choose(sam, TABLE)
    other = replace(OFFICE, hours=replace(OFFICE.hours, holidays={"2026-10-01/2026-10-06": "National Day"}))
    await services.calendars.put(other)
    assert (await sam.post(PAGE, sam.form)).status == 409
    assert "2026-10-07" in sam.text
    assert (await services.calendars.get("office")).calendar == other
    await sam.post(PAGE, sam.form)
    holidays = (await services.calendars.get("office")).calendar.hours.holidays
    assert holidays == {"2026-10-01/2026-10-06": "National Day", "2026-10-07": "National Day"}


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("date,name\n2026-10-01,Fine\nsoon,Easter\n", "Line 3: “soon” is no day. Write it like 2026-10-01."),
        ("when\n2026-10-01\n", "Line 1: the first line must name the columns: date, until, name, hours."),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nRRULE:FREQ=YEARLY\nSUMMARY:Labour Day\nEND:VEVENT\nEND:VCALENDAR\n",
         "Line 3: “Labour Day” repeats itself."),
        (b"\x89PNG\0", "This is no text: choose a table (CSV) or an iCalendar file (.ics)."),
        ("date\n" + "".join(f"{2027 + n // 120}-{n % 12 + 1:02}-{n // 12 % 10 * 2 + 1:02}\n" for n in range(600)),
         "The calendar would have 602 holidays and days of its own, and may have 400. Take away those that are over,"),
        ("date,until\n" + "2027-01-01,2027-12-31\n" * 100,
         "Line 29: up to here the file names more than 10000 days. Take a part of it."),
        (b"x" * 600_000, "At most 500 kB, please."),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told_by_its_line_and_nothing_is_taken(
    sam: Browser, services: Services, file: str | bytes, said: str
) -> None:
    assert await choose(sam, file) == 422
    assert said in sam.text
    assert (await services.calendars.get("office")).version == 1


async def test_agents_take_no_days(new_browser: NewBrowser, people: People, services: Services) -> None:
    await services.calendars.put(OFFICE)
    browser = new_browser()
    await browser.log_in(people.alice.login)
    assert (await browser.get(PAGE)).status == 403
    assert (await browser.post(PAGE, {"days": TABLE, "version": "1"})).status == 403


async def test_a_program_takes_days(server: TestServer, services: Services, people: People) -> None:
    await services.calendars.put(OFFICE)
    made = await services.api_tokens.create("a program", people.sam.id)
    async with ClientSession() as session:
        program, path = Api(server, session, made.token), "/calendars/office/days"
        seen = await program.call("POST", path, json={"version": 1, "file": TABLE, "preview": True})
        told = await seen.json()
        assert (seen.status, told["version"], told["same"], told["past"]) == (200, 1, 1, 1)
        assert told["changes"][0] == {
            "first": "2026-10-02",
            "last": "2026-10-07",
            "before": None,
            "after": {"name": "National Day", "hours": []},
        }
        taken = await (await program.call("POST", path, json={"version": 1, "file": TABLE})).json()
        assert (taken["version"], taken["changes"]) == (2, told["changes"])
        assert (await services.calendars.get("office")).calendar.hours == AFTER
        late = await program.call("POST", path, json={"version": 1, "file": TABLE})
        assert (late.status, (await late.json())["code"]) == (409, "calendar.changed_meanwhile")
        wrong = await program.call("POST", path, json={"version": 2, "file": "date\nsoon\n2026-13-01\n"})
        faults = (await wrong.json())["errors"]
        assert wrong.status == 422
        assert [one["field"] for one in faults] == ["file", "file"]
        assert "Line 3" in faults[1]["detail"]
