"""When an Asterisk trusts us: what it answers to our beats, after a silence, a refusal, a lost line, a sickness."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import ServerId
from cti.ami.connection import AmiLink
from cti.heartbeat import BEAT_S, SICK_AFTER, SICK_FOR_S, SILENCE_S, Heart
from tests.integration.ami.line import line_to
from tests.support.fake_asterisk import FakeAsterisk
from tests.support.waiting import eventually


@dataclass(slots=True)
class Chest:
    asterisk: FakeAsterisk
    link: AmiLink
    heart: Heart
    clock: ManualClock
    trusted: list[ServerId]

    async def beats(self, after_s: float = 0.0) -> None:
        """One beat, and its answer."""
        self.clock.advance(after_s)
        before = len(self.asterisk.sent("Setvar"))
        self.heart.beat(self.link)
        await eventually("the beat", lambda: len(self.asterisk.sent("Setvar")) > before)
        await self.link.send("Ping")


@asynccontextmanager
async def chest() -> AsyncIterator[Chest]:
    clock, trusted = ManualClock(), list[ServerId]()
    async with FakeAsterisk() as asterisk, line_to(asterisk, lambda _: None) as link:
        yield Chest(asterisk, link, Heart(clock, trusted.append), clock, trusted)


async def test_it_is_told_once_after_a_second() -> None:
    async with chest() as ours:
        await ours.beats()
        await ours.beats(BEAT_S / 2)
        assert ours.trusted == []
        await ours.beats(BEAT_S / 2)
        for _ in range(5):
            await ours.beats(BEAT_S)
        assert ours.trusted == ["fake"]


async def test_it_is_felt_from_the_first_beat_that_is_taken_after_a_snapshot() -> None:
    async with chest() as ours:
        assert not ours.heart.is_felt(ours.link)
        await ours.beats()
        assert ours.heart.is_felt(ours.link)
        ours.heart.understood(ours.link)
        assert not ours.heart.is_felt(ours.link)
        await ours.beats()
        assert ours.heart.is_felt(ours.link)


async def test_it_is_told_again_after_a_silence() -> None:
    async with chest() as ours:
        await ours.beats()
        await ours.beats(BEAT_S)
        await ours.beats(SILENCE_S + 1)
        assert len(ours.trusted) == 1
        await ours.beats(BEAT_S)
        assert len(ours.trusted) == 2


async def test_it_is_told_again_after_a_snapshot() -> None:
    async with chest() as ours:
        await ours.beats()
        await ours.beats(BEAT_S)
        ours.heart.understood(ours.link)
        await ours.beats()
        await ours.beats(BEAT_S)
        assert len(ours.trusted) == 2


async def test_beats_that_are_refused_are_not_felt() -> None:
    async with chest() as ours:
        ours.asterisk.refusals["Setvar"] = "Permission denied"
        for _ in range(5):
            await ours.beats(BEAT_S)
        assert ours.trusted == []
        del ours.asterisk.refusals["Setvar"]
        await ours.beats(BEAT_S)
        await ours.beats(BEAT_S)
        assert len(ours.trusted) == 1


async def test_a_sick_heart_is_not_trusted_until_it_is_well() -> None:
    async with chest() as ours:
        await ours.beats()
        await ours.beats(BEAT_S)
        for _ in range(SICK_AFTER):
            ours.heart.stumbled()
        ours.heart.beat(ours.link)
        await ours.link.send("Ping")
        assert len(ours.asterisk.sent("Setvar")) == 2
        await ours.beats(SICK_FOR_S)
        await ours.beats(BEAT_S)
        assert len(ours.trusted) == 2
