"""The menus' book on a real database: what is published holds for the next call, and no trouble keeps a caller."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callwright.furnishing import furnish_menus
from callwright.menu_book import MenuBook
from crm_core.domain.articles import Side
from crm_core.domain.calendars import SharedCalendar
from crm_core.domain.floor import Did, DidTarget
from crm_core.domain.flows import FlowsStanding
from crm_core.domain.hours import standing
from crm_core.domain.opening import OpeningHours
from crm_core.errors import CalendarUsed
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.language import Language
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from crm_core.services.flows import Flows
from ivr.errors import FlowRefused, FlowsUnreadable, FlowUnknown
from ivr.prompts.catalogue import Words, prompts_in
from ivr.prompts.files import write_whole
from ivr.prompts.house_words import keep_words
from ivr.prompts.wordings import sounds_in, stamp_of
from ivr.service import our_documents

NUMBER = "4008000"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON, EVENING = datetime(2026, 11, 30, 12, tzinfo=SHANGHAI), datetime(2026, 11, 30, 20, tzinfo=SHANGHAI)


def one_node(prompt: str) -> str:
    nodes = {"only": {"kind": "goodbye", "prompts": [prompt], "error": "end"}, "end": {"kind": "hangup"}}
    return json.dumps({"start": "only", "apology": "trouble", "nodes": nodes})


@pytest.fixture
def services(database: Database) -> Services:
    return make_services(database, ManualClock())


@pytest.fixture
def book(services: Services, tmp_path: Path) -> MenuBook:
    return MenuBook(services.flows, partial(prompts_in, tmp_path), patience_s=30)


async def publish(flows: Flows, name: str, document: str) -> None:
    draft = await flows.save_draft(name, document, revision=0)
    await flows.publish(name, revision=draft.revision)


async def test_what_comes_with_the_product_is_there_at_once(services: Services, book: MenuBook) -> None:
    await furnish_menus(services)
    assert "welcome" in (await book.open("main", NUMBER, NOON)).nodes


async def test_the_hotline_leans_on_a_calendar_and_an_article_of_the_house(services: Services, book: MenuBook) -> None:
    """They come with it once; what the house has made of them stays."""
    await furnish_menus(services)
    assert "hotline" in (await book.open("main", NUMBER, NOON)).calendars
    with pytest.raises(CalendarUsed):
        await services.calendars.delete("hotline", version=1)
    told = (await services.articles.readable())["K-0000"]
    assert (told.published, set(told.spoken)) == (True, set(Language))
    mine = {Language.EN: Side(title="Parking", body="Behind the house.")}
    assert (await services.articles.write(sides=mine)).number == "K-0001", "it takes no number of the house's"
    await services.articles.rewrite("K-0000", sides=mine, seen=1)
    await furnish_menus(services)
    assert (await services.articles.get("K-0000")).version == 2


async def test_a_house_with_a_hotline_of_its_own_is_left_alone(services: Services) -> None:
    for name in our_documents():
        await publish(services.flows, name, one_node("goodbye"))
    await furnish_menus(services)
    assert await services.calendars.all() == {}
    assert await services.articles.readable() == {}


async def test_what_is_published_holds_for_the_next_call_and_not_for_this_one(
    services: Services, book: MenuBook
) -> None:
    await furnish_menus(services)
    before = await book.open("main", NUMBER, NOON)
    await services.flows.save_draft("main", one_node("goodbye"), revision=0)
    assert await book.open("main", NUMBER, NOON) is before  # a draft is nobody's business
    await services.flows.publish("main", revision=1)
    after = await book.open("main", NUMBER, NOON)
    assert (set(after.nodes), "welcome" in before.nodes) == ({"only", "end"}, True)
    await services.flows.publish_again("main", 1)
    assert (await book.open("main", NUMBER, NOON)).nodes == before.nodes


async def test_a_number_leads_by_the_table_and_its_hours(services: Services, book: MenuBook) -> None:
    for name in ("main", "day", "night"):
        await publish(services.flows, name, one_node("goodbye"))
    await services.floor_plans.put_did(Did(number=NUMBER, target=DidTarget.IVR, to="main"))
    assert (await book.open("main", NUMBER, NOON)).name == "main"
    hours = OpeningHours(week={"mon": ("09:00-18:00",)})
    await services.flows.lead(NUMBER, "day", open_hours=hours, closed_to="night")
    assert [(await book.open("main", NUMBER, at)).name for at in (NOON, EVENING)] == ["day", "night"]
    assert (await book.open("main", "4009999", EVENING)).name == "main"


async def test_a_calendar_of_the_house_holds_for_the_next_caller_as_it_was_changed(
    services: Services, book: MenuBook
) -> None:
    office = SharedCalendar(key="office", names={"en": "Office"}, hours=OpeningHours(week={"mon": ("09:00-18:00",)}))
    await services.calendars.put(office)
    for name in ("main", "day", "night"):
        await publish(services.flows, name, one_node("goodbye"))
    await services.floor_plans.put_did(Did(number=NUMBER, target=DidTarget.IVR, to="main"))
    await services.flows.lead(NUMBER, "day", calendar="office", closed_to="night")
    assert (await book.open("main", NUMBER, NOON)).name == "day"
    assert standing((await book.open("main", "", NOON)).calendars["office"], NOON).open
    closed = OpeningHours(week=office.hours.week, holidays={NOON.date().isoformat(): "Founders' day"})
    await services.calendars.put(replace(office, hours=closed))
    assert (await book.open("main", NUMBER, NOON)).name == "night"
    assert not standing((await book.open("main", "", NOON)).calendars["office"], NOON).open


async def test_what_cannot_be_used_is_told_and_harms_no_other(services: Services, book: MenuBook) -> None:
    await furnish_menus(services)
    await publish(services.flows, "mute", one_node("nobody_spoke_it"))
    with pytest.raises(FlowRefused, match="nobody_spoke_it"):
        await book.open("mute", "", NOON)
    with pytest.raises(FlowUnknown):
        await book.open("gone", "", NOON)
    assert (await book.open("main", "", NOON)).name == "main"


class Hanging(Flows):
    """The real documents behind a database that can be made to hang."""

    hangs = False

    async def standing(self) -> FlowsStanding:
        if self.hangs:
            await asyncio.Event().wait()
        return await super().standing()


async def test_a_recording_that_comes_back_makes_its_menu_hold_again(
    services: Services, book: MenuBook, tmp_path: Path
) -> None:
    await publish(services.flows, "main", one_node("spoken_by_us"))
    with pytest.raises(FlowRefused):
        await book.open("main", NUMBER, NOON)
    for language in ("zh", "en"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "spoken_by_us.wav").touch()
    assert (await book.open("main", NUMBER, NOON)).name == "main"


async def test_other_words_hold_for_the_next_caller_and_a_call_keeps_those_it_began_with(
    services: Services, tmp_path: Path
) -> None:
    for language in Language:
        (tmp_path / language).mkdir()
        (tmp_path / language / "greeting.wav").write_bytes(b"somebody's")
    book = MenuBook(services.flows, partial(sounds_in, tmp_path), stamp=partial(stamp_of, tmp_path), patience_s=30)
    await publish(services.flows, "main", one_node("greeting"))
    before = await book.open("main", NUMBER, NOON)
    assert await book.open("main", NUMBER, NOON) is before, "nothing has changed"
    keep_words(tmp_path, "greeting", Language.ZH, Words(text="您好 {ani|}", say="您好 {ani|}"))
    recorded = await book.open("main", NUMBER, NOON)
    assert "greeting" not in recorded.texts[Language.ZH], "a recording is heard as it is"
    manifest = {"zh/greeting": {"words": "", "sound": sha256(b"ours").hexdigest(), "voice": "v", "speaks": True}}
    (tmp_path / "made.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_whole(tmp_path / "zh" / "greeting.wav", b"ours")
    after = await book.open("main", NUMBER, NOON)
    assert [place.value for place in after.texts[Language.ZH]["greeting"].places] == ["ani"]
    assert "greeting" not in before.texts[Language.ZH]


async def test_a_database_that_hangs_leaves_callers_what_was_known(database: Database, tmp_path: Path) -> None:
    flows = Hanging(database, ManualClock())
    await furnish_menus(make_services(database, ManualClock()))
    hurried = MenuBook(flows, partial(prompts_in, tmp_path), patience_s=0.01)
    flows.hangs = True
    with pytest.raises(FlowsUnreadable):
        await hurried.open("main", NUMBER, NOON)
    flows.hangs = False
    patient = MenuBook(flows, partial(prompts_in, tmp_path), patience_s=30)
    known = await patient.open("main", NUMBER, NOON)
    flows.hangs = True
    patient._patience_s = 0.01
    assert await patient.open("main", NUMBER, NOON) is known


async def test_a_database_that_is_away_leaves_callers_what_was_known(
    services: Services, book: MenuBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    await furnish_menus(services)
    known = await book.open("main", NUMBER, NOON)

    async def away(_self: Flows) -> FlowsStanding:
        raise OSError("the database has gone")

    monkeypatch.setattr(Flows, "standing", away)
    assert await book.open("main", NUMBER, NOON) is known
