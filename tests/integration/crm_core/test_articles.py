"""Knowledge articles: written, found, published, taken back; on both databases."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import date

import pytest

from crm_core.domain.articles import Article, ArticleFilter, ArticleState, Reading, Side
from crm_core.domain.users import User
from crm_core.errors import (
    ArticleChangedMeanwhile,
    ArticleGone,
    ArticleNotFound,
    FieldEmpty,
    FlowDraftChanged,
    FlowsChanged,
    TicketNotFound,
)
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import TicketId
from crm_core.kernel.language import Language
from crm_core.services.bundle import Services

ROUTER = {
    Language.ZH: Side(title="如何重启路由器", body="先拔掉电源，等三十秒。"),
    Language.EN: Side(title="How to reset the router", body="Pull the plug, and wait for half a minute."),
}
RETURNS = {Language.ZH: Side(title="七天无理由退货", body="路由器也可以在七天内退货。")}


@pytest.fixture
async def router(services: Services, alice: User) -> Article:
    return await services.articles.write(sides=ROUTER, category="网络", keywords="modem", by=alice.id)


async def _a_menu(services: Services) -> int:
    """Of its draft."""
    return (await services.flows.save_draft("help", "{}", revision=0, new=True)).revision


async def test_what_a_menu_published_meanwhile_may_tell_is_not_withdrawn(services: Services, router: Article) -> None:
    await services.articles.put(router.number, ArticleState.PUBLISHED)
    looked_at = (await services.flows.standing()).versions
    await services.flows.publish("help", revision=await _a_menu(services), articles=[router.number])
    with pytest.raises(FlowsChanged):
        await services.articles.put(router.number, ArticleState.WITHDRAWN, beside=looked_at)
    long = {Language.EN: Side(title="Reset", body="Wait. " * 500)}
    with pytest.raises(FlowsChanged):
        await services.articles.rewrite(router.number, sides=long, seen=1, beside=looked_at)
    with pytest.raises(FlowsChanged):
        await services.articles.roll_back(router.number, 1, seen=1, beside=looked_at)
    assert (await services.articles.get(router.number)).state is ArticleState.PUBLISHED


async def test_a_menu_is_not_published_with_what_callers_cannot_hear(services: Services, router: Article) -> None:
    revision = await _a_menu(services)
    for articles in ([router.number], ["K-0099"]):  # a draft, and none
        with pytest.raises(ArticleGone):
            await services.flows.publish("help", revision=revision, articles=articles)
    await services.articles.put(router.number, ArticleState.PUBLISHED)
    long = {Language.EN: Side(title="Reset", body="Wait. " * 500)}
    await services.articles.rewrite(router.number, sides=long, seen=1)
    with pytest.raises(ArticleGone):
        await services.flows.publish("help", revision=revision, articles=[router.number])
    await services.articles.roll_back(router.number, 1, seen=2)
    assert (await services.flows.publish("help", revision=revision, articles=[router.number])).number == 1
    await services.articles.put(router.number, ArticleState.WITHDRAWN)
    with pytest.raises(ArticleGone):
        await services.flows.publish_again("help", 1, articles=[router.number])


async def test_of_a_menu_and_a_withdrawal_in_one_moment_one_comes_to_nothing(
    services: Services, router: Article
) -> None:
    for _ in range(8):
        await services.articles.put(router.number, ArticleState.PUBLISHED)
        looked_at = (await services.flows.standing()).versions
        with contextlib.suppress(FlowDraftChanged):  # one is left of a menu that came to nothing
            await services.flows.save_draft("help", "{}", revision=0)
        told = services.flows.publish("help", revision=1, beside=looked_at, articles=[router.number])
        gone = services.articles.put(router.number, ArticleState.WITHDRAWN, beside=looked_at)
        menu, article = await asyncio.gather(told, gone, return_exceptions=True)
        assert isinstance(menu, ArticleGone) is not isinstance(article, FlowsChanged)


async def test_who_publishes_has_read_what_he_publishes(services: Services, router: Article) -> None:
    await services.articles.rewrite(router.number, sides=RETURNS, seen=1)
    for state in (ArticleState.PUBLISHED, ArticleState.WITHDRAWN):
        with pytest.raises(ArticleChangedMeanwhile):
            await services.articles.put(router.number, state, seen=1)
        assert (await services.articles.put(router.number, state, seen=2)).state is state


async def numbers(services: Services, **wanted: object) -> list[str]:
    return [one.number for one in await services.articles.search(ArticleFilter(**wanted))]  # type: ignore[arg-type]


async def test_a_new_one_is_a_draft_with_the_next_number(services: Services, router: Article, alice: User) -> None:
    other = await services.articles.write(sides=RETURNS)
    assert (router.number, other.number) == ("K-0001", "K-0002")
    assert (router.state, router.version, router.updated_by) == (ArticleState.DRAFT, 1, alice.id)
    assert await services.articles.get("K-0001") == await services.articles.get(router.id) == router


async def test_many_written_at_once_have_different_numbers(services: Services) -> None:
    made = await asyncio.gather(*(services.articles.write(sides=RETURNS) for _ in range(5)))
    assert sorted(one.number for one in made) == [f"K-000{number}" for number in range(1, 6)]


async def test_a_title_goes_before_a_text_and_two_characters_are_enough(services: Services, router: Article) -> None:
    await services.articles.write(sides=RETURNS)
    assert await numbers(services, text="路由") == ["K-0001", "K-0002"]
    assert await numbers(services, text="退货") == ["K-0002"]
    assert await numbers(services, text="HALF minute") == ["K-0001"]
    assert await numbers(services, text="modem") == ["K-0001"]
    assert await numbers(services, text="%") == []


async def test_pages_go_on_where_the_one_before_ended(services: Services, router: Article) -> None:
    for _ in range(3):
        await services.articles.write(sides=RETURNS)
    first = await services.articles.search(ArticleFilter(text="路由"), limit=2)
    rest = await services.articles.search(ArticleFilter(text="路由"), limit=2, cursor=first.next_cursor)
    assert [one.number for one in (*first, *rest)] == ["K-0001", "K-0004", "K-0003", "K-0002"]
    assert (first.total, rest.next_cursor) == (4, None)


async def test_filters(services: Services, router: Article) -> None:
    await services.articles.write(sides=RETURNS, review_on=date(2026, 3, 1))
    await services.articles.put("K-0001", ArticleState.PUBLISHED)
    assert await numbers(services, states=(ArticleState.PUBLISHED,)) == ["K-0001"]
    assert await numbers(services, category="网络") == ["K-0001"]
    assert await numbers(services, review_before=date(2026, 3, 1)) == ["K-0002"]
    assert await numbers(services, review_before=date(2026, 2, 28)) == []
    assert await services.articles.categories() == ("网络",)


async def test_each_change_is_a_version_that_can_be_taken_back(
    services: Services, router: Article, alice: User, clock: ManualClock
) -> None:
    clock.advance(60)
    other = {Language.EN: Side(title="Reset", body="Press the small button.")}
    changed = await services.articles.rewrite("K-0001", sides=other, seen=1, by=alice.id)
    assert (changed.version, changed.sides, changed.updated_at) == (2, other, clock.now())
    assert await services.articles.rewrite("K-0001", sides=other, seen=2) == changed  # nothing is different
    back = await services.articles.roll_back("K-0001", 1, seen=2, by=alice.id)
    assert (back.version, back.sides, back.category, back.keywords) == (3, ROUTER, "网络", "modem")
    versions = await services.articles.versions("K-0001")
    assert [(one.version, one.sides) for one in versions] == [(3, ROUTER), (2, other), (1, ROUTER)]


async def test_nobody_overwrites_what_he_has_not_seen(services: Services, router: Article) -> None:
    await services.articles.rewrite("K-0001", sides=RETURNS, seen=1)
    with pytest.raises(ArticleChangedMeanwhile):
        await services.articles.rewrite("K-0001", sides=ROUTER, seen=1)
    with pytest.raises(ArticleChangedMeanwhile):
        await services.articles.roll_back("K-0001", 1, seen=1)
    with pytest.raises(ArticleNotFound):
        await services.articles.roll_back("K-0001", 9, seen=2)
    assert (await services.articles.get("K-0001")).sides == RETURNS


async def test_what_is_missing_is_said_beside_its_field(services: Services) -> None:
    with pytest.raises(FieldEmpty) as without:
        await services.articles.write(sides={Language.EN: Side(title=" ", body="x")})
    assert without.value.params["field"] == "title_en"
    with pytest.raises(FieldEmpty):
        await services.articles.write(sides={})


async def test_callers_hear_only_what_is_published(services: Services, router: Article) -> None:
    articles = services.articles
    assert await articles.reading("K-0001", Language.EN) is None
    await articles.put("K-0001", ArticleState.PUBLISHED)
    heard = Reading(language=Language.EN, text="Pull the plug, and wait for half a minute.")
    assert await articles.reading("K-0001", Language.EN) == heard
    assert (await articles.readable())["K-0001"].spoken == {Language.ZH, Language.EN}
    await articles.put("K-0001", ArticleState.WITHDRAWN)
    assert await articles.reading("K-0001", Language.EN) is None
    assert await articles.reading("K-0099", Language.EN) is None


async def test_one_is_attached_to_a_ticket_once(services: Services, router: Article, alice: User) -> None:
    ticket = await services.tickets.create(subject="No internet")
    for _ in range(2):
        await services.articles.attach("K-0001", ticket.id, by=alice.id)
    assert await numbers(services, ticket=ticket.id) == ["K-0001"]
    await services.articles.detach("K-0001", ticket.id, by=alice.id)
    assert await numbers(services, ticket=ticket.id) == []
    with pytest.raises(TicketNotFound):
        await services.articles.attach("K-0001", TicketId("tkt_none"))


async def test_who_did_what_stands_in_the_log(services: Services, router: Article, alice: User) -> None:
    await services.articles.put("K-0001", ArticleState.PUBLISHED, by=alice.id)
    assert (await services.articles.helped("K-0001", by=alice.id)).helped == 1
    logged = await services.event_log.of_subject(router.id)
    done = ["article.written", "article.published", "article.helped"]
    assert [(one.body["action"], one.body["by"]) for one in logged] == [(action, alice.id) for action in done]
