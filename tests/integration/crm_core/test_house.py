"""The floor's plan, dispositions, recordings, settings, idempotency keys and the event log."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

import pytest

from crm_core.domain.dispositions import DispositionEntry
from crm_core.domain.floor import (
    Announced,
    Did,
    DidTarget,
    HouseRules,
    Paperwork,
    Queue,
    Relaxation,
    RelaxationKind,
    Sticky,
    Strategy,
)
from crm_core.domain.opening import OpeningHours
from crm_core.domain.overflow import Overflow, OverflowKind, OverflowWhy
from crm_core.domain.settings import MISSED_CALLBACK_AFTER_S, SettingKey
from crm_core.domain.users import User
from crm_core.errors import (
    DepartmentNotFound,
    DispositionNotFound,
    DispositionParentWrong,
    DispositionTaken,
    ExtensionUnusable,
    FieldInvalid,
    FieldOutOfRange,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    OpeningUnreadable,
    OverflowLoop,
    OverflowMissing,
    OverflowUnusable,
    PromptUnusable,
    QueueNotFound,
    RecordingNotFound,
    RelaxationUnusable,
    SkillNotFound,
    WishTooLarge,
    WishUnreadable,
)
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, MessageId, QueueKey, RecordingId, SkillKey
from crm_core.kernel.messages import Event
from crm_core.kernel.requirements import written
from crm_core.services.bundle import Services
from crm_core.services.idempotency import KeptAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(Event):
    topic: ClassVar[str] = "test.rang"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RangTwice(Rang):
    topic: ClassVar[str] = "test.rang_twice"


async def test_rules_of_the_house_are_usual_until_they_are_set(services: Services) -> None:
    plans = services.floor_plans
    assert (await plans.load()).rules == HouseRules(recording_pause_s=60, parking_s=60)
    ours = HouseRules(recording_pause_s=300, outbound_recorded=False, parking_s=45, parking_first=801, parking_last=810)
    await plans.put_rules(ours)
    assert (await plans.load()).rules == ours


@pytest.mark.parametrize(
    "rules",
    [
        HouseRules(recording_pause_s=301),
        HouseRules(recording_pause_s=0),
        HouseRules(parking_s=1),
        HouseRules(parking_first=720, parking_last=701),
        HouseRules(parking_first=701, parking_last=999),
    ],
)
async def test_rules_that_cannot_be_are_refused(services: Services, rules: HouseRules) -> None:
    with pytest.raises(FieldOutOfRange):
        await services.floor_plans.put_rules(rules)
    assert (await services.floor_plans.load()).rules == HouseRules()


async def test_the_floor_in_one_reading(services: Services, alice: User) -> None:
    plans = services.floor_plans
    await plans.put_queue(
        Queue(key=QueueKey("vip"), names={"zh": "贵宾", "en": "VIP"}, priority=10, skills={SkillKey("zh"): 1})
    )
    await plans.put_queue(Queue(key=QueueKey("vip"), names={"zh": "贵宾", "en": "Gold"}, ring_s=15, recorded=False))
    await plans.put_did(Did(number="4008001", target=DidTarget.QUEUE, to="vip"))
    await plans.put_did(Did(number="4008002", target=DidTarget.QUEUE, to="vip", answer=False))
    await services.users.create(login="desk", password="correct horse", name="No phone")
    gone = await services.users.create(login="gone", password="correct horse", name="Gone", extension="1009")
    await services.users.set_disabled(gone.id, True)
    floor = await plans.load()
    assert [(agent.login, agent.extension, agent.skills, agent.queues) for agent in floor.agents] == [
        ("alice", "1001", {"zh": 5, "en": 4}, ("service",))
    ]
    assert floor.agents[0].sip_secret == alice.sip_secret
    assert [(queue.key, queue.names["en"], queue.ring_s, queue.recorded) for queue in floor.queues] == [
        ("service", "Service", 20, True), ("vip", "Gold", 15, False)
    ]  # fmt: skip
    assert floor.dids == (
        Did(number="4008001", target=DidTarget.QUEUE, to="vip"),
        Did(number="4008002", target=DidTarget.QUEUE, to="vip", answer=False),
    )
    assert [skill.key for skill in floor.skills] == ["en", "repair", "zh"]
    assert [department.key for department in floor.departments] == ["service"]


async def test_what_a_queue_asks_for_and_how_it_is_relaxed(services: Services, alice: User) -> None:
    steps = (
        Relaxation(after_s=30, kind=RelaxationKind.LOWER, skill=SkillKey("zh"), level=1),
        Relaxation(after_s=60, kind=RelaxationKind.CALL_IN, department="service"),
    )
    vip = Queue(key=QueueKey("vip"), names={"en": "VIP"}, asks=" zh >= 4 or en >= 5 ", relaxing=steps)
    await services.floor_plans.put_queue(vip)
    kept = (await services.floor_plans.load()).queues[-1]
    assert (kept.asks, kept.relaxing) == ("zh >= 4 or en >= 5", steps)
    assert written(kept.wish) == "en >= 5 or zh >= 4"


async def test_who_of_a_queue_gets_the_call(services: Services, alice: User) -> None:
    key = QueueKey("service")
    assert (await services.floor_plans.load()).queues[0].strategy is Strategy.BEST_SKILL
    wanted = Queue(
        key=key, names={"en": "S"}, strategy=Strategy.FIXED_ORDER, ring_order=("1009", "1001"), crowd_s=20,
        sticky=Sticky.OWNER, sticky_s=45,
    )  # fmt: skip
    await services.floor_plans.put_queue(wanted)
    assert (await services.floor_plans.load()).queues == (wanted,)
    with pytest.raises(ExtensionUnusable):
        await services.floor_plans.put_queue(replace(wanted, ring_order=("alice",)))
    with pytest.raises(FieldOutOfRange):
        await services.floor_plans.put_queue(replace(wanted, crowd_s=-1))
    with pytest.raises(FieldOutOfRange):
        await services.floor_plans.put_queue(replace(wanted, sticky_s=-1))


async def test_what_waiting_and_the_queue_itself_are_worth(services: Services) -> None:
    vip = Queue(key=QueueKey("vip"), names={"en": "VIP"}, ageing_s=0, weight=3, service_level_percent=90)
    await services.floor_plans.put_queue(vip)
    kept = (await services.floor_plans.load()).queues[-1]
    assert (kept.ageing_s, kept.weight, kept.service_level_percent) == (0, 3, 90)
    with pytest.raises(FieldOutOfRange, match="weight"):
        await services.floor_plans.put_queue(replace(vip, weight=0))


async def test_what_callers_hear_while_they_wait(services: Services) -> None:
    told = (Announced.POSITION, Announced.WAIT)
    drawn = Queue(key=SERVICE, names={"en": "S"}, announce=told, comfort="thank_you_for_waiting", misses_to_pause=3)
    await services.floor_plans.put_queue(drawn)
    assert (await services.floor_plans.load()).queues[-1] == drawn
    for wrong in ({"misses_to_pause": 0}, {"announce_first_s": 1}, {"announce_every_s": 5}):
        with pytest.raises(FieldOutOfRange):
            await services.floor_plans.put_queue(replace(drawn, **wrong))
    for unusable in ({"comfort": "Thank you!"}, {"music": ("song", "../song")}):
        with pytest.raises(PromptUnusable):
            await services.floor_plans.put_queue(replace(drawn, **unusable))


async def test_music_and_paperwork_are_kept(services: Services) -> None:
    drawn = Queue(key=SERVICE, names={"en": "S"}, wrap_up=Paperwork.MANDATORY, wrap_up_limit_s=90)
    await services.floor_plans.put_queue(replace(drawn, music=("b_song", "a_song", "b_song")))
    assert (await services.floor_plans.load()).queues[-1] == replace(drawn, music=("b_song", "a_song"))
    with pytest.raises(FieldOutOfRange, match="wrap_up_limit_s"):
        await services.floor_plans.put_queue(replace(drawn, music=(), wrap_up_limit_s=3601))


async def test_hours_that_cannot_be_read_are_refused(services: Services) -> None:
    hours = OpeningHours(week={"mon": ("9-18",)})
    with pytest.raises(OpeningUnreadable, match="mon: 9-18 must be such as 09:00-18:00"):
        await services.floor_plans.put_queue(
            Queue(key=SERVICE, names={"en": "Service"}, open_hours=hours, overflow=(TO_MESSAGE,))
        )


SERVICE, BACKUP = QueueKey("service"), QueueKey("backup")
TO_BACKUP = Overflow(kind=OverflowKind.QUEUE, to=BACKUP, when=(OverflowWhy.FULL,))
TO_MESSAGE = Overflow(kind=OverflowKind.MESSAGE, to="all_busy")


async def test_where_callers_go_who_cannot_wait(services: Services) -> None:
    await services.floor_plans.put_queue(Queue(key=BACKUP, names={"en": "Backup"}))
    hours = OpeningHours(week={"mon": ("09:00-18:00",)}, holidays={"2026-10-01": "国庆节"})
    limits = {
        "open_hours": hours,
        "max_waiting": 5,
        "max_wait_s": 300,
        "place_back_s": 240,
        "overflow_when": (OverflowWhy.NOBODY,),
    }
    chain = (TO_BACKUP, Overflow(kind=OverflowKind.NUMBER, to="+862150001234"), TO_MESSAGE)
    service = replace(Queue(key=SERVICE, names={"en": "Service"}, overflow=chain), **limits)
    await services.floor_plans.put_queue(service)
    assert (await services.floor_plans.load()).queues[-1] == service


@pytest.mark.parametrize(
    ("chain", "error", "says"),
    [
        ((Overflow(kind=OverflowKind.QUEUE, to="nowhere"),), QueueNotFound, "nowhere"),
        ((TO_MESSAGE, Overflow(kind=OverflowKind.NUMBER, to="ring me")), OverflowUnusable, "Step 2 .*ring me"),
        ((Overflow(kind=OverflowKind.MESSAGE, to="All busy!"),), OverflowUnusable, "Step 1 .*All busy!"),
        ((TO_BACKUP,), OverflowMissing, r"callers of service shall go on \(too_long\)|\(too_long\)"),
        ((TO_BACKUP, TO_MESSAGE), OverflowLoop, "backup → service → backup"),
    ],
)
async def test_a_chain_that_leads_nowhere_is_refused(
    services: Services, chain: tuple[Overflow, ...], error: type[Exception], says: str
) -> None:
    back = Overflow(kind=OverflowKind.QUEUE, to=SERVICE)
    await services.floor_plans.put_queue(Queue(key=SERVICE, names={"en": "Service"}))
    await services.floor_plans.put_queue(Queue(key=BACKUP, names={"en": "Backup"}, overflow=(back,)))
    with pytest.raises(error, match=says):
        await services.floor_plans.put_queue(Queue(key=SERVICE, names={"en": "Service"}, max_wait_s=60, overflow=chain))


@pytest.mark.parametrize(
    ("asks", "error", "says"),
    [
        ("zh >= 4 or", WishUnreadable, "At sign 11 of what is asked for"),
        (" or ".join(["zh"] * 500), WishTooLarge, "too many things"),
        ("zh >= 4 prefer swedish", SkillNotFound, "swedish"),
    ],
)
async def test_what_no_queue_can_ask_for_is_refused(
    services: Services, alice: User, asks: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        await services.floor_plans.put_queue(Queue(key=QueueKey("q"), names={"en": "Q"}, asks=asks))


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (Relaxation(after_s=30, kind=RelaxationKind.LOWER, skill=SkillKey("zh")), RelaxationUnusable),
        (Relaxation(after_s=30, kind=RelaxationKind.LOWER, skill=SkillKey("zh"), level=6), RelaxationUnusable),
        (Relaxation(after_s=30, kind=RelaxationKind.DROP, skill=SkillKey("zh"), level=1), RelaxationUnusable),
        (Relaxation(after_s=30, kind=RelaxationKind.WIDEN, queue=QueueKey("q")), RelaxationUnusable),
        (Relaxation(after_s=30, kind=RelaxationKind.WIDEN, queue=QueueKey("nowhere")), QueueNotFound),
        (Relaxation(after_s=30, kind=RelaxationKind.DROP, skill=SkillKey("swedish")), SkillNotFound),
        (Relaxation(after_s=30, kind=RelaxationKind.CALL_IN, department="moon"), DepartmentNotFound),
        (Relaxation(after_s=0, kind=RelaxationKind.CALL_IN, department="service"), FieldOutOfRange),
    ],
)
async def test_steps_that_lead_nowhere_are_refused(
    services: Services, alice: User, step: Relaxation, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await services.floor_plans.put_queue(Queue(key=QueueKey("q"), names={"en": "Q"}, relaxing=(step,)))


async def test_a_plan_that_leads_nowhere_is_refused(services: Services) -> None:
    with pytest.raises(QueueNotFound):
        await services.floor_plans.put_did(Did(number="4008001", target=DidTarget.QUEUE, to="none"))
    with pytest.raises(SkillNotFound):
        await services.floor_plans.put_queue(Queue(key=QueueKey("q"), names={"en": "Q"}, skills={SkillKey("x"): 1}))
    with pytest.raises(FieldInvalid):
        await services.floor_plans.put_queue(Queue(key=QueueKey("two words"), names={"en": "Q"}))
    with pytest.raises(FieldInvalid):
        await services.floor_plans.put_did(Did(number="exten => s", target=DidTarget.IVR, to="main"))
    with pytest.raises(FieldInvalid):
        await services.floor_plans.put_did(Did(number="４００８０００", target=DidTarget.IVR, to="main"))
    for level in (0, 6):
        asks = Queue(key=QueueKey("q"), names={"en": "Q"}, skills={SkillKey("zh"): level})
        with pytest.raises(FieldInvalid):
            await services.floor_plans.put_queue(asks)


async def test_many_dispositions_come_at_once_or_not_at_all(services: Services) -> None:
    def one(code: str, parent: str | None = None, **more: object) -> DispositionEntry:
        return DispositionEntry(code=code, names={"zh": code, "en": code}, parent=parent, **more)  # type: ignore[arg-type]

    async def shown() -> list[tuple[str, str | None]]:
        tree = await services.dispositions.tree(include_retired=True)
        return [(found.code, found.parent) for root in tree for found in root.walk()]

    await services.dispositions.put([one("b.two", "b"), one("b.one", "b"), one("b"), one("a")])
    assert await shown() == [("b", None), ("b.two", "b"), ("b.one", "b"), ("a", None)]
    await services.dispositions.put([one("b.one", "b", position=-1), one("b.two", "a"), one("c", "b.one")])
    assert await shown() == [("b", None), ("b.one", "b"), ("c", "b.one"), ("a", None), ("b.two", "a")]
    for wrong, error in (
        ([one("fresh"), one("x", "none")], DispositionNotFound),
        ([one("fresh"), one("b", "c")], DispositionParentWrong),
        ([one("fresh"), one("x", "y"), one("y", "x")], DispositionParentWrong),
        ([one("fresh"), one("No")], FieldInvalid),
    ):
        with pytest.raises(error):
            await services.dispositions.put(wrong)
    assert "fresh" not in dict(await shown())


async def test_dispositions_are_a_tree(services: Services) -> None:
    names = {"zh": "维修", "en": "Repair"}
    await services.dispositions.create("repair", names)
    await services.dispositions.create("repair.second", names, parent="repair")
    await services.dispositions.create("repair.first", names, parent="repair", position=-1)
    await services.dispositions.create("other", {"zh": "其他", "en": "Other"})
    tree = await services.dispositions.tree()
    codes = [[one.code for one in root.walk()] for root in tree]
    assert codes == [["repair", "repair.first", "repair.second"], ["other"]]
    retired = DispositionEntry(code="other", names={"en": "Other"}, retired=True)
    await services.dispositions.put([retired])
    assert [root.code for root in await services.dispositions.tree()] == ["repair"]
    assert len(await services.dispositions.tree(include_retired=True)) == 2
    with pytest.raises(DispositionTaken):
        await services.dispositions.create("repair", names)
    with pytest.raises(DispositionNotFound):
        await services.dispositions.create("x", names, parent="none")
    with pytest.raises(FieldInvalid):
        await services.dispositions.create("no blanks", names)


async def test_recordings_are_catalogued(services: Services, clock: ManualClock) -> None:
    first = await services.recordings.start(CallId("c1"), "2026/01/c1.wav", clock.now())
    assert await services.recordings.start(CallId("c1"), "2026/01/c1.wav", clock.now()) == first
    end = clock.now() + timedelta(seconds=30)
    done = await services.recordings.finish("2026/01/c1.wav", end, duration_s=30.0, size_bytes=5_000_000_000)
    assert (done.id, done.duration_s, done.size_bytes, done.ended_at) == (first.id, 30.0, 5_000_000_000, end)
    assert await services.recordings.of_call(CallId("c1")) == (done,)
    assert await services.recordings.get(first.id) == done
    for missing in (services.recordings.get(RecordingId("none")), services.recordings.finish("none.wav", end)):
        with pytest.raises(RecordingNotFound):
            await missing


async def test_settings_have_types_and_defaults(services: Services) -> None:
    switch = SettingKey(name="test.switch", kind=bool, default=True)
    motto = SettingKey(name="test.motto", kind=str, default="")
    assert await services.settings.get(switch) is True
    await services.settings.set(switch, False)
    await services.settings.set(motto, "上海电梯")
    assert await services.settings.get(switch) is False
    assert await services.settings.get(motto) == "上海电梯"
    with pytest.raises(FieldInvalid):
        await services.settings.set(MISSED_CALLBACK_AFTER_S, "soon")  # type: ignore[misc]
    outgrown = SettingKey(name=motto.name, kind=int, default=7)
    assert await services.settings.get(outgrown) == 7


async def test_a_write_sent_twice_is_done_once(services: Services, clock: ManualClock, alice: User) -> None:
    answer = KeptAnswer(status=201, headers={"Location": "/x"}, body='{"名": 1}')
    keys = services.idempotency
    assert await keys.claim(alice.id, "k1", "a") is None
    with pytest.raises(IdempotencyInProgress):
        await keys.claim(alice.id, "k1", "a")
    await keys.keep(alice.id, "k1", answer)
    assert await keys.claim(alice.id, "k1", "a") == answer
    with pytest.raises(IdempotencyKeyReused):
        await keys.claim(alice.id, "k1", "b")
    await keys.release(alice.id, "k1")
    assert await keys.claim(alice.id, "k1", "a") == answer
    clock.advance(timedelta(hours=25).total_seconds())
    assert await keys.forget_expired() == 1
    assert await keys.claim(alice.id, "k1", "b") is None


async def test_a_key_whose_request_died_is_free_again(services: Services, clock: ManualClock, alice: User) -> None:
    assert await services.idempotency.claim(alice.id, "k1", "a") is None
    await services.idempotency.release(alice.id, "k1")
    assert await services.idempotency.claim(alice.id, "k1", "a") is None
    clock.advance(180)
    assert await services.idempotency.claim(alice.id, "k1", "a") is None
    with pytest.raises(FieldInvalid):
        await services.idempotency.claim(alice.id, "", "a")


async def test_one_of_many_at_once_gets_the_key(services: Services, alice: User) -> None:
    tries = [services.idempotency.claim(alice.id, "k1", "a") for _ in range(8)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, IdempotencyInProgress) for outcome in outcomes) == 7


async def test_the_log_keeps_each_message_once_and_in_order(services: Services, clock: ManualClock) -> None:
    log, now = services.event_log, clock.now()
    assert await log.append(Rang(at=now, what="door"))
    assert not await log.append(Rang(at=now, what="door"))
    assert await log.append(Rang(at=now, what="door"), message_id=MessageId("m2"))
    assert not await log.append(Rang(at=now, what="phone"), message_id=MessageId("m2"))
    assert await log.append(RangTwice(at=now, what="door"))
    lines = await log.read()
    assert [line.topic for line in lines] == ["test.rang", "test.rang", "test.rang_twice"]
    assert lines[0].body == {"at": now.isoformat().replace("+00:00", "Z"), "what": "door"}
    assert lines[0].at == now
    assert [line.position for line in lines] == sorted(line.position for line in lines)
    assert await log.read(after=lines[0].position, limit=1) == lines[1:2]
    assert len(await log.read(topic="test.rang")) == 2
    assert len(await log.read(topic="test.*")) == 3
    assert await log.read(topic="test_*") == ()


async def test_the_last_line_of_each_is_found_by_the_database(services: Services, clock: ManualClock) -> None:
    log, now = services.event_log, clock.now()
    for number, what in enumerate(("door", "phone", "door", "bell")):
        await log.append(Rang(at=now + timedelta(seconds=number), what=what))
    await log.append(RangTwice(at=now, what="door"))
    first, *_ = await log.read()
    assert [line.body["what"] for line in await log.latest_of_each("test.rang", "what")] == ["phone", "door", "bell"]
    assert [line.at for line in await log.latest_of_each("test.rang", "what", after=first.position + 1)] == [
        now + timedelta(seconds=2),
        now + timedelta(seconds=3),
    ]
    assert await log.latest_of_each("test.nothing", "what") == ()
    assert len(await log.latest_of_each("test.rang", "unheard_of")) == 1


async def test_a_reader_who_follows_the_log_misses_nothing(services: Services, clock: ManualClock) -> None:
    seen: list[str] = []

    async def follow() -> None:
        after = 0
        while len(seen) < 60:
            for line in await services.event_log.read(after=after, topic="test.rang"):
                seen.append(line.body["what"])
                after = line.position
            await asyncio.sleep(0)

    writers = [services.event_log.append(Rang(at=clock.now(), what=str(number))) for number in range(60)]
    async with asyncio.timeout(30):
        await asyncio.gather(follow(), *writers)
    assert sorted(seen, key=int) == [str(number) for number in range(60)]


async def test_an_attempt_that_comes_to_nothing_while_others_ask_is_no_trouble_of_theirs(
    services: Services, alice: User
) -> None:
    async def attempt() -> None:
        for _ in range(12):
            try:
                await services.idempotency.claim(alice.id, "k", "same")
            except IdempotencyInProgress:
                continue
            await services.idempotency.release(alice.id, "k")

    await asyncio.gather(*(attempt() for _ in range(8)))
    assert await services.idempotency.claim(alice.id, "k", "same") is None
