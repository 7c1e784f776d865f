"""Knowledge articles on the screens and for programs: who writes, who reads, and what a menu that tells one forbids."""

from __future__ import annotations

import json

import pytest

from crm_core.domain.articles import ArticleState, Side
from crm_core.kernel.language import Language
from crm_core.services.bundle import Services
from tests.integration.console.stage import Api, Browser, NewBrowser, People

TYPED = {"title_en": "How to reset the router", "body_en": "Pull the plug.\nWait.", "category": "Network"}
MENU = {
    "start": "known",
    "language": "zh",
    "languages": ["zh", "en"],
    "apology": "trouble",
    "nodes": {
        "known": {"kind": "article", "article": "K-0001", "told": "person", "error": "person"},
        "person": {"kind": "queue"},
    },
}


@pytest.fixture
async def sam(new_browser: NewBrowser, people: People) -> Browser:
    browser = new_browser()
    await browser.log_in("sam")
    await browser.get("/articles")
    return browser


async def _router(services: Services, *, published: bool = True) -> None:
    await services.articles.write(sides={Language.EN: Side(title="Reset the router", body="Pull the plug.")})
    if published:
        await services.articles.put("K-0001", ArticleState.PUBLISHED)


async def _told_by_a_menu(services: Services) -> None:
    draft = await services.flows.save_draft("help", json.dumps(MENU), revision=0, by=None, new=True)
    beside = (await services.flows.standing()).versions
    await services.flows.publish("help", revision=draft.revision, beside=beside, note="", by=None)


async def test_it_is_written_published_changed_compared_and_taken_back(sam: Browser, services: Services) -> None:
    assert "Nothing is written here yet" in sam.text
    await sam.get("/articles/new")
    await sam.post("/articles/new", TYPED)
    assert "The draft is kept." in sam.text
    await sam.post("/articles/K-0001/publish", {})
    assert "Agents find it now" in sam.text
    await sam.get("/articles/K-0001/edit")
    await sam.post("/articles/K-0001/edit", {**TYPED, "body_en": "Pull the plug.\nWait a minute.", "version": "1"})
    assert "Wait a minute." in sam.text
    await sam.get("/articles/K-0001/compare?b=2")
    for shown in ("version 1 → version 2", "Wait.", "Wait a minute.", "Text in English"):
        assert shown in sam.text
    await sam.get("/articles/K-0001")
    await sam.post("/articles/K-0001/versions/1/again", {"version": "2"})
    assert "It says again what version 1 said." in sam.text
    found = await services.articles.get("K-0001")
    assert (found.version, found.state) == (3, ArticleState.PUBLISHED)
    assert (await sam.get("/articles/K-0001/compare?b=77")).status == 404


async def test_nothing_that_was_typed_is_lost(sam: Browser, services: Services) -> None:
    await sam.get("/articles/new")
    answer = await sam.post("/articles/new", {**TYPED, "title_en": "", "title_zh": "重启", "review_on": "soon"})
    assert answer.status == 422
    for shown in ("Please fill this in.", "This should be a day", "Pull the plug.", "重启"):
        assert shown in sam.text
    assert (await sam.post("/articles/new", {"category": "Network"})).status == 422
    assert "Please write it in Chinese, in English, or in both." in sam.text
    assert (await services.articles.search()).items == ()


async def test_whoever_was_slower_keeps_his_text(sam: Browser, services: Services) -> None:
    await _router(services)
    await services.articles.rewrite("K-0001", sides={Language.EN: Side(title="Other", body="Other.")}, seen=1)
    await sam.get("/articles/K-0001/edit")
    assert (await sam.post("/articles/K-0001/edit", {**TYPED, "version": "1"})).status == 409
    assert "A colleague changed this article" in sam.text
    assert "Pull the plug.\nWait." in sam.text


async def test_agents_read_what_is_published_and_write_nothing(alice: Browser, services: Services) -> None:
    await _router(services, published=False)
    await alice.get("/articles")
    assert "Reset the router" not in alice.text
    assert (await alice.get("/articles/K-0001")).status == 404
    await services.articles.put("K-0001", ArticleState.PUBLISHED)
    assert (await alice.get("/articles?q=plug")).status == 200
    assert "Reset the router" in alice.text
    assert (await alice.get("/articles/K-0001")).status == 200
    assert "/edit" not in alice.text
    await alice.post("/articles/K-0001/helped", {})
    assert "Thank you" in alice.text
    assert (await services.articles.get("K-0001")).helped == 1
    for address in ("/articles/new", "/articles/K-0001/edit", "/articles/K-0001/compare"):
        assert (await alice.get(address)).status == 403
    assert (await alice.post("/articles/K-0001/withdraw", {})).status == 403


async def test_what_callers_hear_is_not_withdrawn(sam: Browser, program: Api, services: Services) -> None:
    await _router(services)
    await _told_by_a_menu(services)
    await sam.get("/articles/K-0001")
    assert "Where callers hear it" in sam.text
    assert (await sam.post("/articles/K-0001/withdraw", {})).status == 409
    assert "Callers still hear this article, and it stays: help." in sam.text
    too_long = {**TYPED, "body_en": "word " * 400, "version": "1"}
    assert (await sam.post("/articles/K-0001/edit", too_long)).status == 409
    assert "give it a text for the telephone" in sam.text
    assert (await services.articles.get("K-0001")).state is ArticleState.PUBLISHED


async def test_a_menu_is_published_only_with_articles_that_can_be_heard(sam: Browser, services: Services) -> None:
    draft = await services.flows.save_draft("help", json.dumps(MENU), revision=0, by=None, new=True)
    await sam.get("/menus/help")
    assert "there is no article “K-0001”" in sam.text
    await _router(services, published=False)
    await sam.get("/menus/help")
    assert "the article “K-0001” is not published" in sam.text
    await services.articles.put("K-0001", ArticleState.PUBLISHED)
    await sam.get("/menus/help")
    assert "K-0001" not in sam.text
    assert draft.revision == 1


async def test_one_is_attached_to_a_ticket_by_its_number(alice: Browser, services: Services) -> None:
    await _router(services)
    ticket = await services.tickets.create(subject="No internet")
    here = f"/tickets/{ticket.number}"
    await alice.get(here)
    await alice.post(f"{here}/articles", {"article": " k-0001 "})
    assert 'href="/articles/K-0001"' in alice.text
    await alice.post(f"{here}/articles", {"article": "K-0001", "remove": "1"})
    assert 'href="/articles/K-0001"' not in alice.text
    await alice.post(f"{here}/articles", {"article": "K-0042"})
    assert "There is no knowledge article K-0042." in alice.text


async def test_a_menu_that_is_taken_back_speaks_its_article_as_publishing_does(
    sam: Browser, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _router(services)
    await _told_by_a_menu(services)
    asked: list[str] = []

    async def speak_for(_: object, menu: str, document: str) -> None:
        asked.append(json.loads(document)["nodes"]["known"]["article"])

    monkeypatch.setattr("agent_console.menus.speak_for", speak_for)
    await sam.post("/menus/help/versions/1/again", {})
    assert asked == ["K-0001"]


async def test_agents_see_no_draft_on_a_ticket(alice: Browser, services: Services) -> None:
    await _router(services, published=False)
    ticket = await services.tickets.create(subject="No internet")
    here = f"/tickets/{ticket.number}"
    await alice.get(here)
    await alice.post(f"{here}/articles", {"article": "K-0001"})
    assert "There is no knowledge article K-0001." in alice.text
    await services.articles.attach("K-0001", ticket.id)  # by whoever writes it
    await alice.get(here)
    assert "Reset the router" not in alice.text


async def test_agents_are_told_no_category_of_drafts(alice: Browser, services: Services) -> None:
    await services.articles.write(sides={Language.EN: Side(title="a", body="b")}, category="Lay-offs")
    await alice.get("/articles")
    assert "Lay-offs" not in alice.text


async def test_who_looked_at_an_older_version_is_told_and_nothing_happens(sam: Browser, services: Services) -> None:
    await _router(services, published=False)
    other = {Language.EN: Side(title="Reset the router", body="Press the button.")}
    await services.articles.rewrite("K-0001", sides=other, seen=1)
    await sam.get("/articles/K-0001")
    await sam.post("/articles/K-0001/publish", {"version": "1"})
    assert "Somebody else has changed article K-0001" in sam.text
    assert "Press the button." in sam.text
    assert (await services.articles.get("K-0001")).state is ArticleState.DRAFT
    await sam.post("/articles/K-0001/publish", {"version": "2"})
    assert "Agents find it now" in sam.text
