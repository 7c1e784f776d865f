"""A message that a caller left is heard where its ticket is, and in the call, by everybody who works there."""

from __future__ import annotations

import pytest

from agent_console.settings import ConsoleSettings
from crm_core.domain.recordings import Recording
from crm_core.domain.tickets import Ticket
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId
from crm_core.services.bundle import Services
from tests.integration.console.stage import Browser, NewBrowser

FILE = "messages/test-1.1-1.wav"
SOUND = b"RIFF" + bytes(200)


@pytest.fixture
async def message(
    services: Services, settings: ConsoleSettings, clock: ManualClock, a_call: CallId
) -> tuple[Ticket, Recording]:
    path = settings.recordings / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(SOUND)
    ticket = await services.tickets.create(subject="留言", call=a_call)
    await services.recordings.start(a_call, FILE, clock.now())
    return ticket, await services.recordings.belongs_to(FILE, ticket.id)


async def test_who_works_on_tickets_hears_it(
    new_browser: NewBrowser, message: tuple[Ticket, Recording], a_call: CallId
) -> None:
    """Bob took no part in the call: its conversation is not for him, the message is."""
    ticket, kept = message
    address = f"/recordings/{kept.id}"
    bob = new_browser()
    await bob.log_in("bob")
    for page in (f"/tickets/{ticket.number}", f"/calls/{a_call}"):
        await bob.get(page)
        assert f'src="{address}"' in bob.text, page
        assert "Voice message" in bob.text
    heard = await bob.get(address)
    assert (heard.status, await heard.read()) == (200, SOUND)


async def test_a_message_that_is_gone_is_said_so(
    alice: Browser, message: tuple[Ticket, Recording], settings: ConsoleSettings
) -> None:
    (settings.recordings / FILE).unlink()
    assert (await alice.get(f"/recordings/{message[1].id}")).status == 404


async def test_a_ticket_without_one_has_no_player(alice: Browser, services: Services) -> None:
    ticket = await services.tickets.create(subject="漏水")
    await alice.get(f"/tickets/{ticket.number}")
    assert "Voice message" not in alice.text


@pytest.fixture
async def comment(services: Services, settings: ConsoleSettings, clock: ManualClock, a_call: CallId) -> Recording:
    file = "comments/test-1.1-101.wav"
    path = settings.recordings / file
    path.parent.mkdir(parents=True)
    path.write_bytes(SOUND)
    return await services.recordings.start(a_call, file, clock.now(), comment=True)


async def test_a_comment_is_heard_by_those_who_may_hear_its_call(
    alice: Browser,
    new_browser: NewBrowser,
    comment: Recording,
    a_call: CallId,
) -> None:
    """Alice took part in the call, Bob did not; and it is no recording of the conversation."""
    address = f"/recordings/{comment.id}"
    bob = new_browser()
    await bob.log_in("bob")
    await bob.get(f"/calls/{a_call}")
    assert "What the customer says of it" not in bob.text
    assert (await bob.get(address)).status == 403
    await alice.get(f"/calls/{a_call}")
    assert "What the customer says of it" in alice.text
    assert alice.page.count(f'src="{address}"') == 1
    heard = await alice.get(address)
    assert (heard.status, await heard.read()) == (200, SOUND)
