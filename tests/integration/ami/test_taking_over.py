"""Whoever takes over from another process ends the sessions that one has at Asterisk, and it does not come back."""

from __future__ import annotations

from pathlib import Path

from crm_core.kernel.clock import SystemClock
from cti.ami.connection import AmiLink, LinkState
from cti.ami.vocabulary import Snapshot
from cti.events import LinkLost
from tests.integration.ami.line import Ear
from tests.support.asterisk import PrivateAsterisk, private_asterisk
from tests.support.seat import GivenSeat
from tests.support.waiting import eventually


def link_to(asterisk: PrivateAsterisk, ear: Ear, seat: GivenSeat) -> AmiLink:
    plan = asterisk.plan
    return AmiLink(
        host="127.0.0.1", port=plan.ports.ami, user=plan.ami_user, secret=plan.secrets.ami, clock=SystemClock(),
        on_event=ear, seat=seat,
    )  # fmt: skip


async def test_the_one_before_is_cut_off_and_stays_so_until_it_is_his_turn(tmp_path: Path) -> None:
    (before, after), (his, ours) = (Ear(), Ear()), (GivenSeat(held=True), GivenSeat())
    async with (
        private_asterisk(tmp_path) as asterisk,
        link_to(asterisk, before, his) as old,
        link_to(asterisk, after, ours) as new,
    ):
        await old.wait_up()
        assert new.status.state is LinkState.CLOSED

        async def has_been_there_for_a_while() -> bool:
            return any(int(line.split()[3]) >= 2 for line in await sessions(old, asterisk))

        await eventually("the old session to be seen as old", has_been_there_for_a_while)
        assert old.status.state is LinkState.UP
        his.goes()
        ours.comes()
        await new.wait_up()
        await eventually("the old one to notice", lambda: before.all(LinkLost))
        assert isinstance(after.heard[0], Snapshot)

        async def one_is_left() -> bool:
            return len(await sessions(new, asterisk)) == 1

        await eventually("the old session to be gone", one_is_left)
        assert old.status.state is not LinkState.UP
        ours.goes()
        his.comes()
        await old.wait_up()


async def test_nobody_begins_beside_one_who_logged_in_right_before_him(tmp_path: Path) -> None:
    """Two who could not know of each other: the later one comes again when the other can be told from himself."""
    (before, after), (his, ours) = (Ear(), Ear()), (GivenSeat(held=True), GivenSeat(held=True))
    async with private_asterisk(tmp_path) as asterisk, link_to(asterisk, before, his) as old:
        await old.wait_up()
        his.goes()
        async with link_to(asterisk, after, ours) as new:
            await new.wait_up()
            await eventually("the old one to notice", lambda: before.all(LinkLost))
            assert len(await sessions(new, asterisk)) == 1
            assert [type(heard) for heard in after.heard[:1]] == [Snapshot]


async def test_whose_clock_stood_still_asks_before_he_ends_anybodys_session(tmp_path: Path) -> None:
    class Stale(GivenSeat):
        """Ours, by a clock that knows nothing of the time that has passed."""

        asked = 0

        async def sure(self) -> bool:
            self.asked += 1
            return False

    (before, after), stale = (Ear(), Ear()), Stale(held=True)
    async with (
        private_asterisk(tmp_path) as asterisk,
        link_to(asterisk, before, GivenSeat(held=True)) as rightful,
    ):
        await rightful.wait_up()
        async with link_to(asterisk, after, stale):
            await eventually("the stale one to have tried again", lambda: stale.asked >= 2)
            assert (after.heard, before.all(LinkLost)) == ([], [])
            assert rightful.status.state is LinkState.UP


async def sessions(link: AmiLink, asterisk: PrivateAsterisk) -> list[str]:
    shown = await link.command("manager show connected")
    return [line for line in shown.splitlines() if line.split()[:1] == [asterisk.plan.ami_user]]
