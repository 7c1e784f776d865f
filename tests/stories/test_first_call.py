"""The first call, whole: the menu, the screen pop, two people who hear each other, hold, and the paperwork."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from callwright.demo.phones import PhoneProcess, PhoneState
from tests.stories.conftest import AGENTS_TONE, CALLERS_TONE
from tests.support.agent import agent_at_desk
from tests.support.browser import Chromium
from tests.support.phones import wait_until_heard, wait_until_not_heard
from tests.support.product import Product
from tests.support.story import (
    HOTLINE,
    call_of,
    calls_of,
    ended,
    events,
    legs,
    presses_when_spoken_to,
    somebody_calls,
    sound_of,
    topics,
    user_id,
)
from tests.support.tones import seconds_of

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("quiet_house"),
]

ZHANG_WEI = "13800138000"


async def test_the_first_call(
    product: Product, browser: Chromium, phones: PhoneProcess, callers_voice: Path, tmp_path: Path
) -> None:
    async with agent_at_desk(product, browser, "alice", trace=tmp_path / "trace.zip") as alice:
        await alice.become_ready()

        before = calls_of(product, ZHANG_WEI)
        caller = await somebody_calls(phones, product, number=ZHANG_WEI, name="W. Zhang", dnis=HOTLINE)
        call = await call_of(product, ZHANG_WEI, but=before)
        await presses_when_spoken_to(caller, product, call, {"zh": "1", "repair": "2"})

        # The screen has popped while it still rings.
        await alice.certainty_is("known")
        await alice.shows("Wei Zhang")
        await alice.state_is("ringing")
        assert "call.connected" not in topics(product, call)

        await caller.play(callers_voice)
        await alice.answer()
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)

        await alice.press("Hold")
        await wait_until_not_heard(caller, AGENTS_TONE)
        await alice.desk.wait_until_not_heard(CALLERS_TONE)
        await alice.press("Resume")
        await alice.desk.wait_until_heard(CALLERS_TONE)
        await wait_until_heard(caller, AGENTS_TONE)

        await alice.press("Hang up")
        await caller.wait_for(PhoneState.ENDED)
        await alice.state_is("wrap_up")
        await alice.write_up(
            note="Boiler makes a noise",
            ticket="Boiler is noisy",
            callback="Tell him when the technician comes",
        )
        await alice.finish()
        await alice.state_is("ready")
        assert alice.desk.complaints == []
        await alice.go_offline()

    await _the_call_log_is_right(product, call)
    await _ticket_and_callback_are_there(product, call)
    sound = await sound_of(product, call, tmp_path)
    assert seconds_of(sound, CALLERS_TONE, at_least=0.25) > 1
    assert seconds_of(sound, AGENTS_TONE, at_least=0.25) > 1


async def _the_call_log_is_right(product: Product, call: str) -> None:
    row = await ended(product, call)
    assert (row["direction"], row["outcome"], row["hung_up_by"]) == ("inbound", "answered", "agent")
    assert (row["ani"], row["ani_name"], row["dnis"]) == (ZHANG_WEI, "W. Zhang", HOTLINE)
    assert (row["language"], row["intent"], row["queue"]) == ("zh", "repair", "repair")
    assert row["certainty"] == "known"
    (connected,), (over,) = (events(product, call, topic) for topic in ("call.connected", "call.ended"))
    together = datetime.fromisoformat(over["at"]) - datetime.fromisoformat(connected["at"])
    assert row["talk_s"] > 0
    assert row["hold_s"] > 0
    assert row["talk_s"] + row["hold_s"] == pytest.approx(together.total_seconds(), abs=0.05)
    assert row["disposition"]
    assert row["note"] == "Boiler makes a noise"
    customer = product.rows("select name from customer where id = ?", row["customer_id"])
    assert customer == [{"name": "张伟"}]
    (leg,) = legs(product, call)
    assert (leg["agent"], leg["failure"], bool(leg["by_safety_queue"])) == (user_id(product, "alice"), "", False)
    story = topics(product, call)
    in_order = ("call.arrived", "call.queued", "call.offered", "call.ringing", "call.connected", "call.ended")
    assert sorted(in_order, key=story.index) == list(in_order), story
    assert [step["entered"] for step in events(product, call, "call.stepped")] == ["1", "2"]
    (walked,) = events(product, call, "call.walked")
    assert [one["entered"] for one in walked["visits"] if one["entered"]] == [["1"], ["2"]]
    assert (walked["visits"][0]["version"], walked["visits"][-1]["way"]) == (1, "queue")
    assert {"call.held", "call.resumed", "recording.started"} <= set(story)
    told = await product.api("GET", f"/calls/{call}")
    assert (told["call"]["outcome"], told["call"]["queue"]) == ("answered", "repair")
    assert [leg["agent"] for leg in told["legs"]] == [user_id(product, "alice")]


async def _ticket_and_callback_are_there(product: Product, call: str) -> None:
    (ticket,) = product.rows("select * from ticket where call_id = ?", call)
    assert ticket["subject"] == "Boiler is noisy"
    assert ticket["number"].startswith("T-")
    (callback,) = product.rows("select * from callback where call_id = ?", call)
    assert (callback["why"], callback["state"]) == ("Tell him when the technician comes", "scheduled")
    told = await product.api("GET", f"/tickets/{ticket['id']}")
    assert told["number"] == ticket["number"]
    found = await product.api("GET", "/callbacks")
    due = {one["id"]: datetime.fromisoformat(one["due_at"]) for one in found["items"]}
    assert due[callback["id"]].tzinfo is not None
