"""A message nobody made a ticket of becomes one, once, when nobody can be at it any more."""

from __future__ import annotations

import os
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from callwright.elsewhere import Elsewhere
from callwright.lost_messages import LONG_AGO, OVER, LostMessages
from callwright.menu_desk import MenuDesk
from crm_core.domain.tickets import Ticket, TicketType
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, ServerId
from crm_core.persistence.database import Database
from crm_core.services.bundle import Services, make_services
from cti.dialling import DialRules
from cti.events import CallArrived, Direction
from ivr.desk import comment_file, message_file, message_of
from ivr.fastagi.limits import Limits
from recordings.storage import RecordingFolder
from tests.support.tones import make_tone

CALL = CallId("pbx-17-4")
MOBILE = "13800138000"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def services(database: Database, clock: ManualClock) -> Services:
    return make_services(database, clock)


@pytest.fixture
def lost(services: Services, clock: ManualClock, tmp_path: Path) -> LostMessages:
    folder = RecordingFolder(tmp_path)
    desk = MenuDesk(services, clock, UTC, Elsewhere(()), DialRules(), recordings=folder)
    return LostMessages(services, folder, desk, clock)


def said(folder: Path, clock: ManualClock, seconds: float = 3, *, call: CallId = CALL) -> Path:
    file = folder / message_file(call, 1)
    file.parent.mkdir(exist_ok=True)
    make_tone(file, 600, seconds=seconds)
    os.utime(file, (clock.now().timestamp(),) * 2)
    return file


async def tickets(services: Services) -> tuple[Ticket, ...]:
    return (await services.tickets.search()).items


async def test_what_nobody_kept_becomes_a_ticket_of_its_customer_once(
    services: Services, clock: ManualClock, lost: LostMessages, tmp_path: Path
) -> None:
    customer = await services.customers.create(name="张伟")
    await services.customers.add_number(customer.id, MOBILE, confirmed=True)
    at, inbound = clock.now(), Direction.INBOUND
    await services.calls.apply(
        CallArrived(
            call=CALL, at=at, server=ServerId("pbx"), direction=inbound, ani=MOBILE, ani_name="", dnis="4008000"
        )
    )
    said(tmp_path, clock)
    await lost.look()
    assert await tickets(services) == (), "he may be speaking still"
    clock.advance(OVER.total_seconds() + 1)
    await lost.look()
    await lost.look()
    (ticket,) = await tickets(services)
    assert (ticket.call, ticket.customer, ticket.type) == (CALL, customer.id, TicketType.OTHER)
    (kept,) = await services.recordings.of_ticket(ticket.id)
    assert kept.file == message_file(CALL, 1)


async def test_of_a_call_nobody_knows_it_is_a_ticket_all_the_same(
    services: Services, clock: ManualClock, lost: LostMessages, tmp_path: Path
) -> None:
    said(tmp_path, clock)
    clock.advance(2 * OVER.total_seconds())
    await lost.look()
    (ticket,) = await tickets(services)
    assert (ticket.call, ticket.customer) == (CALL, None)


async def test_one_that_cannot_be_kept_does_not_stand_in_the_way_of_others(
    services: Services, clock: ManualClock, lost: LostMessages, tmp_path: Path
) -> None:
    short = said(tmp_path, clock, 1, call=CallId("pbx-17-2"))
    (tmp_path / "messages" / "a note.wav").write_bytes(b"no sound")
    said(tmp_path, clock)
    os.utime(tmp_path / "messages" / "a note.wav", (clock.now().timestamp(),) * 2)
    clock.advance(2 * OVER.total_seconds())
    await lost.look()
    assert not short.exists()
    assert [ticket.call for ticket in await tickets(services)] == [CALL]


async def test_what_is_of_long_ago_is_left_alone(
    services: Services, clock: ManualClock, lost: LostMessages, tmp_path: Path
) -> None:
    said(tmp_path, clock)
    clock.advance(LONG_AGO.total_seconds() + 1)
    await lost.look()
    assert await tickets(services) == ()


async def test_a_comment_nobody_kept_belongs_to_its_call_and_is_no_ticket(
    services: Services, clock: ManualClock, lost: LostMessages, tmp_path: Path
) -> None:
    said(tmp_path, clock).rename(file := _folder(tmp_path, comment_file(CALL, 101)))
    clock.advance(2 * OVER.total_seconds())
    await lost.look()
    await lost.look()
    assert await tickets(services) == ()
    (kept,) = await services.recordings.of_call(CALL)
    assert (kept.comment, tmp_path / kept.file) == (True, file)


def _folder(root: Path, name: str) -> Path:
    (root / name).parent.mkdir(exist_ok=True)
    return root / name


async def test_without_any_message_nothing_happens(services: Services, lost: LostMessages) -> None:
    await lost.look()
    assert await tickets(services) == ()


def test_a_message_tells_its_call() -> None:
    assert message_of(message_file(CALL, 12)) == (CALL, 12)
    assert message_of(comment_file(CALL, 101)) == (CALL, 101)
    assert message_of("messages/tone.wav") is None
    assert message_of("pbx-17-4.wav") is None
    assert timedelta(seconds=Limits().session_s) < OVER
