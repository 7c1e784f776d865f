"""What a log-in opens it also closes: screens, calls and rights end with it, at once and everywhere."""

from __future__ import annotations

from agent_console.auth.leaving import look_again
from crm_core.domain.users import Role
from crm_core.kernel.ids import AgentId
from tests.support.live_screens import Screen, Somebody
from tests.support.live_stage import PASSWORD, LiveStage
from tests.support.waiting import eventually

LOGGED_OUT, COMES_BACK = 1008, 1001


def state_of(stage: LiveStage, login: str) -> str:
    return stage.telephony.agents[AgentId(stage.people[login].id)].state.value


async def offline(stage: LiveStage, login: str) -> None:
    await eventually(f"{login} to be offline", lambda: state_of(stage, login) == "offline")


async def ready(stage: LiveStage, desk: Screen) -> None:
    await desk.hello()
    assert (await desk.ask(do="set_ready"))["ok"]


async def test_who_logs_out_is_offline_and_his_screens_are_closed(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    async with alice.screen() as desk, alice.screen("demo") as panel:
        await ready(stage, desk)
        told = len(desk.heard)
        await alice.log_out()
        assert state_of(stage, "alice") == "offline"
        await desk.send(do="search_customers", text="张伟")
        stage.telephony.offer(stage.telephony.arrive("13800138000"), stage.people["alice"])
        assert await desk.closed() == LOGGED_OUT
        assert await panel.closed() == LOGGED_OUT
    assert not [one for one in desk.heard[told:] if one["t"] in ("case", "answer")]


async def test_another_browser_stays_open(stage: LiveStage, person: Somebody) -> None:
    home, office = await person("alice"), await person("alice")
    async with home.screen() as left, office.screen() as desk:
        await left.hello()
        await desk.hello()
        await home.log_out()
        assert await left.closed() == LOGGED_OUT
        assert (await desk.ask(do="set_ready"))["ok"]


async def test_a_call_in_hand_is_not_cut_by_logging_out(stage: LiveStage, person: Somebody) -> None:
    """Telephony refuses to sign off in a call, and is told what shall be after it."""
    alice = await person("alice")
    async with alice.screen() as desk:
        await desk.hello()
        call = stage.telephony.arrive("13800138000")
        stage.telephony.offer(call, stage.people["alice"])
        stage.telephony.connect(call)
        await desk.case("talking")
        await alice.log_out()
    assert call in stage.telephony.calls
    assert stage.telephony.forced == [(AgentId(stage.people["alice"].id), "offline")]


async def test_who_is_locked_out_is_out_everywhere_at_once(stage: LiveStage, person: Somebody) -> None:
    await stage.services.users.create(login="ada", password=PASSWORD, name="Ada", role=Role.ADMIN)
    ada, bob = await person("ada"), await person("bob")
    async with bob.screen() as desk:
        await ready(stage, desk)
        await ada.send(f"/admin/users/{stage.people['bob'].id}/disabled", disabled="1")
        assert await desk.closed() == LOGGED_OUT
    assert state_of(stage, "bob") == "offline"


async def test_a_lock_from_the_command_line_is_noticed_and_signs_off(stage: LiveStage, person: Somebody) -> None:
    """It cannot reach this process; the next look at the log-in does."""
    bob = await person("bob")
    async with bob.screen() as desk:
        await ready(stage, desk)
        await stage.services.users.set_disabled(stage.people["bob"].id, True)
        look_again(stage.bus, stage.clock, stage.people["bob"].id)
        assert await desk.closed() == LOGGED_OUT
    await offline(stage, "bob")


async def test_a_new_password_closes_every_screen(stage: LiveStage, person: Somebody) -> None:
    alice = await person("alice")
    async with alice.screen() as desk:
        await desk.hello()
        await alice.send("/password", present=PASSWORD, wanted="another horse", again="another horse")
        assert await desk.closed() == LOGGED_OUT


async def test_another_role_takes_hold_at_once(stage: LiveStage, person: Somebody) -> None:
    await stage.services.users.create(login="ada", password=PASSWORD, name="Ada", role=Role.ADMIN)
    ada, sam = await person("ada"), await person("sam")
    wish = {"do": "force_state", "agent": stage.people["bob"].id, "state": "ready"}
    async with sam.screen("board") as board:
        await board.hello()
        form = {"name": "孙思明", "role": "agent", "phone_kind": "sip", "language": "en"}
        await ada.send(f"/admin/users/{stage.people['sam'].id}", **form)
        await board.send(**wish)
        assert await board.closed() == COMES_BACK
    async with sam.screen() as desk:
        await desk.hello()
        assert (await desk.ask(**wish))["code"] == "auth.forbidden"
    assert state_of(stage, "bob") == "offline"
