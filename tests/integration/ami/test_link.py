"""The line to Asterisk against a fake one that fails on demand: every trap of panoramisk 1.4 is closed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from cti.ami import vocabulary as ami
from cti.ami.connection import LinkState
from cti.ami.session import Patience
from cti.errors import LineDown, NoSuchChannel, Refused, Unanswered, UnsafeValue
from cti.events import LinkLost
from tests.integration.ami.line import IMPATIENT, Ear, line_to, link_to
from tests.support.cuttable import CuttableLine
from tests.support.fake_asterisk import FakeAsterisk
from tests.support.waiting import eventually


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as running:
        yield running


@pytest.fixture
def ear() -> Ear:
    return Ear()


# --- coming up


async def test_the_first_word_is_a_snapshot_of_everything_that_lives(asterisk: FakeAsterisk, ear: Ear) -> None:
    caller = asterisk.new_channel("PJSIP/trunk-1", variables={"CW_CALL": "c1"}, application="Dial")
    agent = asterisk.dial(caller, "PJSIP/1001-2")
    asterisk.answer(caller, agent)
    asterisk.device("PJSIP/1001", "INUSE")
    async with line_to(asterisk, ear) as link:
        [snapshot] = ear.heard
    assert isinstance(snapshot, ami.Snapshot)
    assert (link.server, snapshot.server, snapshot.asterisk_version) == ("fake", "fake", "22.10.1-fake")
    assert [live.channel.name for live in snapshot.channels] == ["PJSIP/trunk-1", "PJSIP/1001-2"]
    assert {live.bridge for live in snapshot.channels} == {snapshot.bridges[0].id}
    assert {live.channel.call for live in snapshot.channels} == {"c1"}
    assert (snapshot.channels[0].application, snapshot.channels[0].age_s) == ("Dial", 65)
    assert snapshot.devices == {"PJSIP/1001": ami.DeviceState.IN_USE}
    assert not snapshot.restarted


async def test_what_happens_while_the_lists_are_made_is_told_after_them_once(asterisk: FakeAsterisk, ear: Ear) -> None:
    def meanwhile(_: object) -> None:
        asterisk.device("PJSIP/1001", "RINGING")
        asterisk.say("DeviceStateChange", Device="PJSIP/old", State="INUSE", Timestamp="1000000000.000000")

    asterisk.before_answer["CoreShowChannels"] = meanwhile
    async with line_to(asterisk, ear):
        asterisk.device("PJSIP/1001", "INUSE")
        await eventually("the live event", lambda: len(ear.all(ami.DeviceStateChange)) > 1)
    assert isinstance(ear.heard[0], ami.Snapshot)
    assert [(event.device, event.state) for event in ear.all(ami.DeviceStateChange)] == [
        ("PJSIP/1001", ami.DeviceState.RINGING),
        ("PJSIP/1001", ami.DeviceState.IN_USE),
    ]


async def test_an_asterisk_that_is_still_starting_is_waited_for(asterisk: FakeAsterisk, ear: Ear) -> None:
    asterisk.booted = False
    async with link_to(asterisk, ear, patience=replace(IMPATIENT, boot=0.3)) as link:
        await eventually("a second attempt", lambda: asterisk.connections > 1)
        assert not ear.heard
        assert "FullyBooted" in link.status.why
        asterisk.booted = True
        await link.wait_up()


async def test_missing_rights_are_named(asterisk: FakeAsterisk, ear: Ear) -> None:
    asterisk.refusals["DeviceStateList"] = "Permission denied"
    async with link_to(asterisk, ear) as link:
        await eventually("the trouble", lambda: "DeviceStateList: Permission denied" in link.status.why)
    assert not ear.heard


async def test_one_that_is_too_old_is_refused_and_asked_again_slowly(asterisk: FakeAsterisk, ear: Ear) -> None:
    asterisk.version = "16.28.0"
    async with link_to(asterisk, ear) as link:
        await eventually("the refusal", lambda: link.status.state is LinkState.REFUSED)
        assert "Asterisk 16.28.0" in link.status.why
        assert "version 18 or newer" in link.status.why
        assert not ear.heard
        asterisk.version = "18.0.0"
        await link.wait_up()


async def test_two_asterisks_with_one_name_are_not_mixed_up(asterisk: FakeAsterisk, ear: Ear) -> None:
    link = link_to(asterisk, ear, claim=lambda server: server != "fake")
    async with link:
        await eventually("the refusal", lambda: link.status.state is LinkState.REFUSED)
        assert "calls itself fake" in link.status.why


# --- events


async def test_a_callback_that_raises_closes_nothing_and_loses_only_its_own_event(asterisk: FakeAsterisk) -> None:
    heard: list[object] = []

    def picky(event: object) -> None:
        if isinstance(event, ami.DeviceStateChange) and event.device == "PJSIP/13":
            raise ZeroDivisionError
        heard.append(event)

    async with line_to(asterisk, picky):
        for number in (12, 13, 14):
            asterisk.device(f"PJSIP/{number}", "INUSE")
        await eventually("the other two", lambda: len(heard) == 3)
        assert asterisk.connections == 1


async def test_a_thousand_events_come_in_the_order_they_were_said(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear):
        for number in range(1000):
            asterisk.device(f"PJSIP/{number}", "INUSE")
        await eventually("all of them", lambda: len(ear.all(ami.DeviceStateChange)) == 1000)
    assert [event.device for event in ear.all(ami.DeviceStateChange)] == [f"PJSIP/{n}" for n in range(1000)]


async def test_text_in_pieces_and_odd_bytes(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear):
        said = "Event: UserEvent\r\nUserEvent: CwMenu\r\nLabel: 张伟 🦊\r\nEmpty:\r\n\r\n".encode()
        for byte in said:
            asterisk.say_raw(bytes([byte]))
            await asyncio.sleep(0)
        asterisk.say_raw(b"Event: UserEvent\r\nUserEvent: Zo\xeb\r\n\r\n")
        first, second = await eventually("both", lambda: len(ear.all(ami.UserEvent)) == 2 and ear.all(ami.UserEvent))
    assert (first.fields["Label"], first.fields["Empty"]) == ("张伟 🦊", "")
    assert second.name == "Zo\ufffd"


async def test_nonsense_on_the_wire_is_survived(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear) as link:
        asterisk.say_raw(
            b"\xff\xfe\x00garbage\r\n\r\nEvent: \r\n\r\nEvent: Hangup\r\nnothing\r\n\r\nResponse: ?\r\n\r\n"
        )
        assert await link.getvar("X") == ""
        assert [strange.name for strange in ear.all(ami.Unknown)] == ["\ufffd\ufffd\0garbage", "Hangup"]


async def test_events_of_no_interest_never_arrive(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear) as link:
        asterisk.say("VarSet", Variable="X", Value="Y")
        asterisk.say("Newexten", Extension="s")
        assert await link.getvar("X") == ""
    assert len(ear.heard) == 1


# --- actions


async def test_actions_and_their_answers(asterisk: FakeAsterisk, ear: Ear) -> None:
    caller = asterisk.new_channel("PJSIP/trunk-1", variables={"CW_WAIT": "queue=service"})
    async with line_to(asterisk, ear) as link:
        assert (await link.redirect("PJSIP/trunk-1", "cw-offer", "1001-ofr_1")).success
        assert (caller.context, caller.exten) == ("cw-offer", "1001-ofr_1")
        assert await link.getvar("CW_WAIT", "PJSIP/trunk-1") == "queue=service"
        await link.setvar("CW_HEARTBEAT", "1")
        assert asterisk.globals == {"CW_HEARTBEAT": "1"}
        mix = await link.mixmonitor("PJSIP/trunk-1", "/rec/c1.wav")
        assert mix.headers["MixMonitorID"].startswith("0x")
        await link.stop_mixmonitor("PJSIP/trunk-1", mix.headers["MixMonitorID"])
        assert await link.command("core show uptime") == "ran core show uptime"
        assert [live.channel.name for live in (await link.snapshot()).channels] == ["PJSIP/trunk-1"]
        await link.hangup("PJSIP/trunk-1", cause=17)
        assert [event.cause for event in ear.all(ami.Hangup)] == [17]


async def test_a_refused_action_says_why(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear) as link:
        with pytest.raises(NoSuchChannel):
            await link.redirect("PJSIP/gone-1", "cw-hold", "s")
        with pytest.raises(NoSuchChannel):
            await link.getvar("CW_WAIT", "PJSIP/gone-1")
        with pytest.raises(Refused, match="unknown command"):
            await link.send("Nonsense")


async def test_a_line_break_in_a_value_is_refused_here(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear) as link:
        with pytest.raises(UnsafeValue):
            await link.setvar("X", "1\r\n\r\nAction: Command\r\nCommand: core stop now")
        assert await link.getvar("X") == ""
    assert not asterisk.sent("Command")


async def test_no_answer_is_an_error_in_time_and_a_late_one_harms_nobody(asterisk: FakeAsterisk, ear: Ear) -> None:
    asterisk.new_channel("PJSIP/trunk-1")
    async with line_to(asterisk, ear, patience=replace(IMPATIENT, answer=1.0)) as link:
        asterisk.unanswered.add("Redirect")
        with pytest.raises(Unanswered):
            await link.redirect("PJSIP/trunk-1", "cw-hold", "s")
        asterisk.say_raw(f"Response: Success\r\nActionID: {asterisk.sent('Redirect')[0]['ActionID']}\r\n\r\n".encode())
        assert await link.getvar("X") == ""


async def test_a_list_given_up_does_not_turn_into_events(asterisk: FakeAsterisk, ear: Ear) -> None:
    asterisk.device("PJSIP/1001", "INUSE")
    async with line_to(asterisk, ear, patience=replace(IMPATIENT, answer=1.0)) as link:
        asterisk.unanswered.add("DeviceStateList")
        answer = link.send("DeviceStateList")
        await eventually("the action", lambda: len(asterisk.sent("DeviceStateList")) == 2)
        mine = f"ActionID: {asterisk.sent('DeviceStateList')[1]['ActionID']}"
        asterisk.say_raw(f"Response: Success\r\n{mine}\r\nEventList: start\r\n\r\n".encode())
        with pytest.raises(Unanswered):
            await answer
        asterisk.say_raw(f"Event: DeviceStateChange\r\n{mine}\r\nDevice: PJSIP/1001\r\nState: INUSE\r\n\r\n".encode())
        asterisk.say_raw(f"Event: DeviceStateListComplete\r\n{mine}\r\nEventList: Complete\r\n\r\n".encode())
        assert await link.getvar("X") == ""
    assert not ear.all(ami.DeviceStateChange)


async def test_news_that_carries_an_action_id_is_still_news(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear) as link:
        await link.originate("PJSIP/1001", channel_id="cw-a", context="cw-hold", exten="s", variables={"A": "1"})
        [action] = asterisk.sent("Originate")
        said = {"Response": "Failure", "Channel": "PJSIP/1001", "Reason": "5"}
        asterisk.say("OriginateResponse", ActionID=action["ActionID"], **said)
        [event] = await eventually("the event", lambda: ear.all(ami.OriginateResponse))
    assert (event.action_id, event.reason) == (action["ActionID"], 5)


async def test_an_originate_never_blocks_the_line(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear) as link:
        await link.originate(
            "PJSIP/1001", channel_id="cw-a", other_channel_id="cw-b", application="Echo", ring_s=1.5, caller_id="x <1>"
        )
    [action] = asterisk.sent("Originate")
    assert (action["Async"], action["ChannelId"], action["OtherChannelId"]) == ("true", "cw-a", "cw-b")
    assert (action["Application"], action["Timeout"], action["CallerID"]) == ("Echo", "1500", "x <1>")
    assert "Context" not in action


async def test_ten_thousand_channels_are_listed_before_patience_ends(asterisk: FakeAsterisk, ear: Ear) -> None:
    """The product's own patience; both ends of the line work on one loop here, and others on this machine."""
    for number in range(10_000):
        asterisk.new_channel(f"PJSIP/trunk-{number}")
    async with line_to(asterisk, ear, patience=Patience()) as link:
        assert len(ear.snapshots[0].channels) == 10_000
        assert len((await link.snapshot()).channels) == 10_000


# --- breaking


async def test_a_broken_line_is_told_and_comes_back_with_a_new_snapshot(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear) as link:
        asterisk.cut()
        await eventually("the loss", lambda: ear.all(LinkLost))
        await eventually("the new snapshot", lambda: len(ear.snapshots) == 2)
        assert link.status.state is LinkState.UP
    assert [type(event) for event in ear.heard] == [ami.Snapshot, LinkLost, ami.Snapshot]
    assert not ear.snapshots[1].restarted


async def test_a_restart_of_asterisk_is_told_from_a_cut_line(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear):
        await asterisk.restart()
        await eventually("the new snapshot", lambda: len(ear.snapshots) == 2)
    assert [snapshot.restarted for snapshot in ear.snapshots] == [False, True]


async def test_nothing_is_sent_again_on_the_next_connection(asterisk: FakeAsterisk, ear: Ear) -> None:
    asterisk.cut_on = {"Originate", "Redirect", "Command"}
    asterisk.new_channel("PJSIP/trunk-1")
    async with line_to(asterisk, ear) as link:
        with pytest.raises(Unanswered, match="may have happened"):
            await link.originate("PJSIP/1001", channel_id="cw-a", context="cw-hold", exten="s")
        await eventually("the second connection", lambda: len(ear.snapshots) == 2)
        with pytest.raises(Unanswered):
            await link.redirect("PJSIP/trunk-1", "cw-offer", "1001-ofr_1")
        await eventually("the third connection", lambda: len(ear.snapshots) == 3)
        with pytest.raises(Unanswered):
            await link.command("core restart now")
        await eventually("the fourth connection", lambda: len(ear.snapshots) == 4)
        await link.getvar("X")
    assert [len(asterisk.sent(action)) for action in ("Originate", "Redirect", "Command")] == [1, 1, 1]


async def test_without_a_line_nothing_is_sent_and_that_is_said(asterisk: FakeAsterisk, ear: Ear) -> None:
    link = link_to(asterisk, ear)
    with pytest.raises(LineDown):
        await link.redirect("PJSIP/trunk-1", "cw-hold", "s")
    with pytest.raises(LineDown):
        await link.snapshot()
    async with link:
        await link.wait_up()
        await asterisk.stop()
        await eventually("the loss", lambda: ear.all(LinkLost))
        with pytest.raises(LineDown):
            await link.redirect("PJSIP/trunk-1", "cw-hold", "s")
        await asterisk.start()
        await eventually("the line", lambda: len(ear.snapshots) == 2)
    assert not asterisk.sent("Redirect")


async def test_a_dead_peer_is_noticed(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with link_to(asterisk, ear, patience=replace(IMPATIENT, silence=0.4)) as link:
        await link.wait_up()
        asterisk.deaf = True
        [lost] = await eventually("the loss", lambda: ear.all(LinkLost))
        assert "nothing was heard" in lost.why
        asterisk.deaf = False
        await eventually("the line", lambda: link.status.state is LinkState.UP)


async def test_a_quiet_peer_that_answers_pings_is_alive(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear):
        await eventually("many pings", lambda: len(asterisk.sent("Ping")) > 8)
    assert asterisk.connections == 1


async def test_while_we_are_busy_for_a_moment_nobody_is_dead(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear):
        for _ in range(3):
            asked = len(asterisk.sent("Ping"))
            time.sleep(5 * IMPATIENT.ping)  # noqa: ASYNC251 - nobody else on this loop does anything meanwhile
            await eventually("a ping", lambda asked=asked: len(asterisk.sent("Ping")) > asked)
    assert asterisk.connections == 1
    assert not ear.all(LinkLost)


async def test_what_came_while_we_were_busy_for_too_long_is_old(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with link_to(asterisk, ear, patience=replace(IMPATIENT, silence=0.4)) as link:
        await link.wait_up()
        asterisk.device("PJSIP/1001", "RINGING")
        time.sleep(0.6)  # noqa: ASYNC251 - nobody else on this loop does anything meanwhile
        await eventually("a second snapshot", lambda: len(ear.snapshots) > 1)
    assert ear.snapshots[1].devices == {"PJSIP/1001": ami.DeviceState.RINGING}
    assert not ear.all(ami.DeviceStateChange)


async def test_old_news_is_no_news(asterisk: FakeAsterisk, ear: Ear) -> None:
    """Held up on the way for too long: what is now counts."""
    patient = replace(IMPATIENT, silence=0.4)
    async with (
        CuttableLine(asterisk.port) as between,
        link_to(asterisk, ear, port=between.port, patience=patient) as link,
    ):
        await link.wait_up()
        between.stall()
        asterisk.device("PJSIP/1001", "RINGING")
        asterisk.device("PJSIP/1001", "INUSE")
        [lost] = await eventually("the loss", lambda: ear.all(LinkLost))
        await between.mend()
        await eventually("a second snapshot", lambda: len(ear.snapshots) > 1)
    assert "nothing was heard" in lost.why
    assert ear.snapshots[1].devices == {"PJSIP/1001": ami.DeviceState.IN_USE}
    assert not ear.all(ami.DeviceStateChange)


async def test_what_was_written_into_a_silent_line_is_never_carried_out(asterisk: FakeAsterisk, ear: Ear) -> None:
    """The caller may be in a conversation by the time the line flows again."""
    caller = asterisk.new_channel("PJSIP/trunk-1")
    where = (caller.context, caller.exten)
    async with (
        CuttableLine(asterisk.port) as between,
        link_to(asterisk, ear, port=between.port, patience=replace(IMPATIENT, answer=60.0, silence=0.4)) as link,
    ):
        await link.wait_up()
        between.stall()
        with pytest.raises(Unanswered, match="the line broke"):
            await link.redirect("PJSIP/trunk-1", "cw-offer", "1001-ofr_1")
        with pytest.raises(LineDown):
            await link.redirect("PJSIP/trunk-1", "cw-offer", "1001-ofr_2")
        await eventually("another attempt", lambda: between.connections == 2)
        await between.mend()
        await eventually("a second snapshot", lambda: len(ear.snapshots) > 1)
        assert await link.getvar("X") == ""
    assert not asterisk.sent("Redirect")
    assert (caller.context, caller.exten) == where


async def test_a_wrong_password_is_shown_and_tried_slowly(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with link_to(asterisk, ear, secret="wrong", patience=replace(IMPATIENT, retry_refused=1.0)) as link:
        await eventually("the refusal", lambda: link.status.state is LinkState.REFUSED)
        assert "Authentication failed" in link.status.why
        assert "wrong" not in link.status.why
        asterisk.secret = "wrong"
        await link.wait_up()
    assert asterisk.connections == 2


async def test_somebody_else_on_the_port_is_named(asterisk: FakeAsterisk, ear: Ear) -> None:
    asterisk.banner = "SSH-2.0-OpenSSH_9.2\r\n"
    async with link_to(asterisk, ear) as link:
        await eventually("the trouble", lambda: "SSH-2.0" in link.status.why)


async def test_nobody_on_the_port(asterisk: FakeAsterisk, ear: Ear) -> None:
    await asterisk.stop()
    async with link_to(asterisk, ear) as link:
        await eventually("the trouble", lambda: "No Asterisk answers" in link.status.why)
        await asterisk.start()
        await link.wait_up()


async def test_a_shutdown_is_told_before_the_loss(asterisk: FakeAsterisk, ear: Ear) -> None:
    async with line_to(asterisk, ear):
        asterisk.say("Shutdown", Shutdown="Cleanly", Restart="False")
        await asyncio.sleep(0)
        await eventually("the word", lambda: ear.all(ami.Shutdown))
        await asterisk.stop()
        await eventually("the loss", lambda: ear.all(LinkLost))
    assert [type(event) for event in ear.heard] == [ami.Snapshot, ami.Shutdown, LinkLost]


# --- closing


@pytest.mark.parametrize("moment", ["up", "reconnecting", "refused", "silent"])
async def test_a_closed_line_stays_closed(asterisk: FakeAsterisk, ear: Ear, moment: str) -> None:
    link = link_to(asterisk, ear, secret="wrong" if moment == "refused" else asterisk.secret)
    if moment == "silent":
        asterisk.deaf = True
    async with link:
        if moment == "refused":
            await eventually("the refusal", lambda: link.status.state is LinkState.REFUSED)
        elif moment == "silent":
            await eventually("the attempt", lambda: asterisk.connections == 1)
        else:
            await link.wait_up()
        if moment == "reconnecting":
            await asterisk.stop()
            await eventually("the wait", lambda: link.status.state is LinkState.WAITING)
            await asterisk.start()
    before = asterisk.connections
    await asyncio.sleep(0.3)
    assert asterisk.connections == before
    assert link.status.state is LinkState.CLOSED
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("ami ")]
