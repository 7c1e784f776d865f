"""Each change of a queue is kept, and nobody overwrites one he has not seen."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from crm_core.domain.floor import Paperwork, Queue, QueueVersion, Relaxation, RelaxationKind, Skill, Strategy
from crm_core.domain.opening import OpeningHours
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.domain.users import User
from crm_core.errors import QueueChangedMeanwhile, QueueNeeded, QueueNotFound, QueueTaken
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.persistence import tables as t
from crm_core.services.bundle import Services

SERVICE = QueueKey("service")
FULL = Queue(
    key=SERVICE,
    names={"zh": "客服", "en": "Service"},
    strategy=Strategy.FIXED_ORDER,
    ring_order=("1003", "1001"),
    skills={SkillKey("zh"): 2},
    relaxing=(Relaxation(after_s=30, kind=RelaxationKind.DROP, skill=SkillKey("zh")),),
    open_hours=OpeningHours(week={"mon": ("09:00-12:00", "13:00-18:00")}, holidays={"2026-10-01": "国庆节"}),
    overflow_when=(OverflowWhy.NOBODY,),
    overflow=(Overflow(kind=OverflowKind.MESSAGE, to="closed", when=()),),
)


async def test_each_change_is_kept_with_who_made_it(services: Services, alice: User, clock: ManualClock) -> None:
    plans, clock_then = services.floor_plans, clock.now()
    first = (await plans.queue(SERVICE)).queue
    clock.advance(60)
    assert await plans.put_queue(FULL, by=alice.id) == 2
    assert await plans.put_queue(FULL, by=alice.id) == 2  # nothing is different
    assert await plans.queue_versions(SERVICE) == (
        QueueVersion(version=2, queue=FULL, at=clock.now(), by=alice.id),
        QueueVersion(version=1, queue=first, at=clock_then),
    )
    assert await plans.queue(SERVICE) == QueueVersion(version=2, queue=FULL)


async def test_what_was_there_before_changes_were_kept_is_kept_at_the_first_change(
    services: Services, alice: User
) -> None:
    first = (await services.floor_plans.queue(SERVICE)).queue
    async with services.database.session() as connection:
        await connection.execute(t.queue_version.delete())
    assert await services.floor_plans.queue_versions(SERVICE) == (QueueVersion(version=1, queue=first),)
    await services.floor_plans.put_queue(replace(first, priority=2), version=1)
    newest, oldest = await services.floor_plans.queue_versions(SERVICE)
    assert (newest.version, newest.queue.priority) == (2, 2)
    assert oldest == QueueVersion(version=1, queue=first)


@pytest.mark.parametrize(("seconds", "then"), [(60, Paperwork.MANDATORY), (0, Paperwork.OPTIONAL)])
async def test_before_paperwork_could_be_optional_it_had_to_be_done(
    services: Services, alice: User, seconds: int, then: Paperwork
) -> None:
    async with services.database.session() as connection:
        content = {"names": {"en": "Service"}, "wrap_up_s": seconds}
        await connection.execute(t.queue_version.update().values(content=content))
    [only] = await services.floor_plans.queue_versions(SERVICE)
    assert only.queue.wrap_up is then


async def test_who_saves_what_another_has_changed_meanwhile_is_told(services: Services, alice: User) -> None:
    plans = services.floor_plans
    seen = await plans.queue(SERVICE)
    await plans.put_queue(replace(seen.queue, priority=1), version=seen.version)
    with pytest.raises(QueueChangedMeanwhile):
        await plans.put_queue(replace(seen.queue, weight=5), version=seen.version)
    assert (await plans.queue(SERVICE)).queue == replace(seen.queue, priority=1)


async def test_of_several_at_once_one_saves(services: Services, alice: User) -> None:
    plans = services.floor_plans
    seen = await plans.queue(SERVICE)
    wanted = [plans.put_queue(replace(seen.queue, priority=number), version=1) for number in range(1, 6)]
    came = await asyncio.gather(*wanted, return_exceptions=True)
    assert sorted(str(one) if isinstance(one, int) else type(one).__name__ for one in came) == [
        "2",
        *["QueueChangedMeanwhile"] * 4,
    ]
    assert len(await plans.queue_versions(SERVICE)) == 2


async def test_a_new_queue_is_none_that_is_there(services: Services, alice: User) -> None:
    plans = services.floor_plans
    with pytest.raises(QueueTaken):
        await plans.put_queue(FULL, version=0)
    with pytest.raises(QueueChangedMeanwhile):
        await plans.put_queue(replace(FULL, key=QueueKey("gone")), version=3)
    assert await plans.put_queue(Queue(key=QueueKey("new"), names={"en": "New"}), version=0) == 1
    with pytest.raises(QueueNotFound):
        await plans.queue(QueueKey("gone"))


async def test_the_plan_has_another_revision_after_each_change(services: Services, alice: User) -> None:
    plans = services.floor_plans
    before = (await plans.load()).revision
    assert await plans.revision() == before != ""
    await plans.put_skill(Skill(key=SkillKey("fr"), names={"en": "French"}))
    assert await plans.revision() == (await plans.load()).revision != before


async def test_a_queue_is_taken_away_with_all_that_was_agreed_for_it(services: Services, alice: User) -> None:
    plans, spare = services.floor_plans, Queue(key=QueueKey("spare"), names={"en": "Spare"})
    await plans.put_queue(spare)
    await plans.put_queue(replace(spare, priority=1))
    await services.users.update(alice.id, queues=[SERVICE, spare.key])
    revision = await plans.revision()
    with pytest.raises(QueueChangedMeanwhile):
        await plans.delete_queue(spare.key, version=1)
    await plans.delete_queue(spare.key, version=2, by=alice.id)
    assert [queue.key for queue in (await plans.load()).queues] == [SERVICE]
    assert (await services.users.get(alice.id)).queues == (SERVICE,)
    assert await plans.revision() != revision
    with pytest.raises(QueueNotFound):
        await plans.queue_versions(spare.key)
    told = (await services.event_log.of_subject(spare.key))[-1]
    assert (told.body["action"], told.body["by"]) == ("queue.deleted", alice.id)
    assert await plans.put_queue(spare, version=0) == 1  # the key is free again


async def test_what_is_needed_stays(services: Services, alice: User) -> None:
    spare = Queue(key=QueueKey("spare"), names={"en": "Spare"})
    await services.floor_plans.put_queue(spare)
    await services.floor_plans.put_queue(
        replace(spare, key=SERVICE, overflow=(Overflow(kind=OverflowKind.QUEUE, to="spare"),))
    )
    with pytest.raises(QueueNeeded, match="spare is still needed: chain service"):
        await services.floor_plans.delete_queue(spare.key, version=1)
    assert (await services.floor_plans.queue(spare.key)).queue == spare
