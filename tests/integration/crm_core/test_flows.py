"""Voice menus as documents: drafts two people write in, versions that stay, and the numbers that lead into them."""

from __future__ import annotations

import pytest

from crm_core.domain.floor import Did, DidTarget
from crm_core.domain.opening import OpeningHours
from crm_core.domain.users import User
from crm_core.errors import (
    DidNotFound,
    FlowDraftChanged,
    FlowDraftNotFound,
    FlowNameUnusable,
    FlowNotFound,
    FlowNotPublished,
    FlowsChanged,
    FlowTaken,
    FlowVersionNotFound,
    OpeningUnreadable,
)
from crm_core.kernel.clock import ManualClock
from crm_core.services.bundle import Services
from crm_core.services.flows import Flows

OURS, NEWER, THEIRS = '{"ours": 1, "a": 2}', '{"ours": 2}', '{"theirs": 1}'
HOURS = OpeningHours(week={"mon": ("09:00-18:00",)}, holidays={"2026-10-01": "National Day"})


@pytest.fixture
def flows(services: Services) -> Flows:
    return services.flows


async def test_what_comes_with_the_product_is_the_first_version_and_may_be_renewed(flows: Flows) -> None:
    await flows.furnish("main", OURS)
    await flows.furnish("main", OURS)
    assert [(one.number, one.document, one.by) for one in await flows.versions("main")] == [(1, OURS, None)]
    await flows.furnish("main", NEWER)
    assert await flows.published() == {"main": NEWER}


async def test_what_somebody_published_is_never_overwritten(flows: Flows, alice: User) -> None:
    await flows.furnish("main", OURS)
    draft = await flows.save_draft("main", THEIRS, revision=0, by=alice.id)
    await flows.furnish("main", NEWER)  # nobody heard the draft yet
    made = await flows.publish("main", revision=draft.revision, note=" why ", by=alice.id)
    assert (made.number, made.note, made.by) == (3, "why", alice.id)
    await flows.furnish("main", OURS)
    assert await flows.published() == {"main": THEIRS}


async def test_what_the_command_line_imported_stays_too(flows: Flows) -> None:
    await flows.furnish("main", OURS)
    draft = await flows.save_draft("main", THEIRS, revision=0)
    await flows.publish("main", revision=draft.revision)
    await flows.furnish("main", NEWER)
    assert await flows.published() == {"main": THEIRS}


async def test_of_two_who_write_the_second_is_told(flows: Flows, alice: User) -> None:
    first = await flows.save_draft("main", OURS, revision=0, by=alice.id)
    again = await flows.save_draft("main", NEWER, revision=first.revision, by=alice.id)
    for revision in (0, first.revision):
        with pytest.raises(FlowDraftChanged):
            await flows.save_draft("main", THEIRS, revision=revision)
    with pytest.raises(FlowDraftChanged):
        await flows.publish("main", revision=first.revision)
    assert await flows.draft("main") == again
    assert await flows.published() == {}


async def test_who_began_before_another_published_does_not_take_that_back_unseen(flows: Flows) -> None:
    await flows.furnish("main", OURS)
    theirs = await flows.save_draft("main", THEIRS, revision=0, based_on=1)
    await flows.publish("main", revision=theirs.revision)
    with pytest.raises(FlowDraftChanged):
        await flows.save_draft("main", NEWER, revision=0, based_on=1)
    next_one = await flows.save_draft("main", THEIRS, revision=0, based_on=2)
    with pytest.raises(FlowDraftChanged):
        await flows.save_draft("main", NEWER, revision=theirs.revision, based_on=theirs.based_on)
    assert await flows.draft("main") == next_one


async def test_what_was_proved_beside_others_than_there_are_by_now_is_not_published(flows: Flows) -> None:
    await flows.furnish("main", OURS)
    await flows.furnish("night", OURS)
    proved = (await flows.standing()).versions
    theirs = await flows.save_draft("night", THEIRS, revision=0)
    ours = await flows.save_draft("main", NEWER, revision=0)
    await flows.publish("night", revision=theirs.revision, beside=proved)
    with pytest.raises(FlowsChanged):
        await flows.publish("main", revision=ours.revision, beside=proved)
    with pytest.raises(FlowsChanged):
        await flows.publish_again("main", 1, beside=proved)
    assert await flows.draft("main") == ours
    made = await flows.publish("main", revision=ours.revision, beside=(await flows.standing()).versions)
    assert made.number == 2


async def test_no_number_leads_to_what_was_never_published(services: Services, flows: Flows) -> None:
    await flows.furnish("main", OURS)
    await flows.save_draft("night", OURS, revision=0)
    await services.floor_plans.put_did(Did(number="4008000", target=DidTarget.IVR, to="main"))
    for to, closed_to in (("night", None), ("main", "night")):
        with pytest.raises(FlowNotPublished):
            await flows.lead("4008000", to, open_hours=HOURS, closed_to=closed_to)
    assert (await flows.standing()).numbers["4008000"].to == "main"


async def test_published_and_discarded_drafts_are_gone(flows: Flows) -> None:
    draft = await flows.save_draft("main", OURS, revision=0)
    await flows.publish("main", revision=draft.revision)
    assert await flows.draft("main") is None
    with pytest.raises(FlowDraftNotFound):
        await flows.publish("main", revision=draft.revision)
    draft = await flows.save_draft("main", NEWER, revision=0)
    assert draft.based_on == 1
    await flows.discard_draft("main", revision=draft.revision)
    assert [one.draft_at for one in await flows.list()] == [None]


async def test_a_flow_that_was_never_published_goes_with_its_draft(flows: Flows) -> None:
    draft = await flows.save_draft("night", OURS, revision=0, new=True)
    with pytest.raises(FlowTaken):
        await flows.save_draft("night", OURS, revision=0, new=True)
    await flows.discard_draft("night", revision=draft.revision)
    assert await flows.list() == ()


async def test_an_earlier_version_comes_back_as_the_newest(flows: Flows, clock: ManualClock, alice: User) -> None:
    await flows.furnish("main", OURS)
    clock.advance(60)
    draft = await flows.save_draft("main", THEIRS, revision=0)
    await flows.publish("main", revision=draft.revision)
    made = await flows.publish_again("main", 1, note="too long", by=alice.id)
    assert (made.number, made.document) == (3, OURS)
    assert [one.number for one in await flows.versions("main")] == [3, 2, 1]
    entry = await flows.get("main")
    assert (entry.published, entry.published_at) == (3, clock.now())


async def test_what_is_not_there_or_has_no_name(flows: Flows) -> None:
    for nobody in (flows.get("main"), flows.versions("main"), flows.draft("main")):
        with pytest.raises(FlowNotFound):
            await nobody
    with pytest.raises(FlowVersionNotFound):
        await flows.version("main", 1)
    for name in ("", "Main", "x" * 33, "a-b", "1"):
        with pytest.raises(FlowNameUnusable):
            await flows.save_draft(name, OURS, revision=0)


async def test_a_number_leads_elsewhere_from_the_next_call_on(services: Services, flows: Flows, alice: User) -> None:
    assert alice.queues == ("service",)
    await flows.furnish("main", OURS)
    await flows.furnish("night", OURS)
    await services.floor_plans.put_did(Did(number="4008000", target=DidTarget.IVR, to="main"))
    await services.floor_plans.put_did(Did(number="4008001", target=DidTarget.QUEUE, to="service"))
    await flows.lead("4008000", "main", open_hours=HOURS, closed_to="night")
    standing = await flows.standing()
    assert standing.versions == {"main": 1, "night": 1}
    assert standing.numbers == {
        "4008000": Did(number="4008000", target=DidTarget.IVR, to="main", open_hours=HOURS, closed_to="night")
    }
    assert standing.numbers["4008000"] in (await services.floor_plans.load()).dids
    with pytest.raises(FlowNotFound):
        await flows.lead("4008000", "elsewhere")
    with pytest.raises(DidNotFound):
        await flows.lead("4008001", "main")
    with pytest.raises(OpeningUnreadable):
        await flows.lead("4008000", "main", open_hours=OpeningHours(week={"mon": ("9-18",)}), closed_to="night")
