"""The board over its live connection: the whole floor once, then only what changed."""

from __future__ import annotations

from crm_core.kernel.ids import QueueKey
from tests.support.live_screens import Message, Somebody
from tests.support.live_stage import LiveStage
from tests.support.waiting import eventually


def is_floor(message: Message) -> bool:
    return bool(message["t"] == "floor")


async def test_the_whole_floor_then_what_changed(stage: LiveStage, person: Somebody) -> None:
    async with (await person("sam")).screen("board") as board:
        first = await board.until(is_floor)
        assert first["full"]
        assert len(first["agents"]) == 3
        call = stage.telephony.arrive("13800138000")
        said = await board.until(lambda one: is_floor(one) and one["waiting"])
        assert (said["full"], said["agents"]) == (False, [])
        assert [row["queue"] for row in said["queues"]] == ["repair"]
        stage.telephony.end(call)
        await board.until(lambda one: is_floor(one) and call in one["gone_waiting"])


async def test_how_soon_callers_were_answered_stands_beside_their_queue(stage: LiveStage, person: Somebody) -> None:
    first, second = (stage.telephony.arrive("13800138000") for _ in range(2))
    stage.telephony.offer(first, stage.people["alice"])
    stage.telephony.connect(first)
    stage.telephony.end(second)

    async def counted() -> bool:
        levels = await stage.services.service_levels.now()
        return QueueKey("repair") in levels and levels[QueueKey("repair")].lately.offered == 2

    await eventually("both calls to be in the log", counted)
    async with (await person("sam")).screen("board") as board:
        rows = {row["queue"]: row["lately"] for row in (await board.until(is_floor))["queues"]}
        assert rows["repair"] == {"percent": 50, "in_time": 1, "offered": 2}
        assert rows["vip"] is None


async def test_a_second_board_gets_the_whole_floor_at_once(stage: LiveStage, person: Somebody) -> None:
    sam = await person("sam")
    async with sam.screen("board") as one:
        await one.until(is_floor)
        async with sam.screen("board") as other:
            assert (await other.until(is_floor))["full"]


async def test_a_line_that_is_down_is_said_at_once(stage: LiveStage, person: Somebody) -> None:
    async with (await person("sam")).screen("board") as board:
        await board.until(is_floor)
        stage.telephony.cut_line()
        assert (await board.until(lambda one: one["t"] == "links"))["links"] == {"stage": False}
        stage.telephony.mend_line()
        assert (await board.until(lambda one: one["t"] == "links"))["links"] == {"stage": True}


async def test_boards_hear_since_when_their_picture_is_old(stage: LiveStage, person: Somebody) -> None:
    """Nobody answers for the floor: what is shown is not of this moment, and that is said; so is its end."""
    sam = await person("sam")
    async with sam.screen("board") as board:
        first = await board.until(is_floor)
        async with stage.telephony.away():
            said = await board.until(lambda one: one["t"] == "floor_away")
            assert said["since"] >= first["at"]
            async with sam.screen("board") as later:
                old = await later.until(is_floor)
                assert (old["full"], old["at"]) == (True, said["since"])
                assert (await later.until(lambda one: one["t"] == "floor_away"))["since"] == said["since"]
        again = await board.until(is_floor)
        assert again["full"]
        assert again["at"] > said["since"]


async def test_a_board_that_never_saw_the_floor_hears_that_nobody_answers(stage: LiveStage, person: Somebody) -> None:
    async with stage.telephony.away(), (await person("sam")).screen("board") as board:
        assert (await board.until(lambda one: one["t"] == "floor_away"))["since"] is None
