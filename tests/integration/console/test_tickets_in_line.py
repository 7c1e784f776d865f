"""Tickets in the line of a queue, over REST and on their page."""

from __future__ import annotations

from datetime import timedelta

from crm_core.domain.tickets import EntryKind
from crm_core.kernel.bus import Bus
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import AgentId, CallId, QueueKey, TicketId
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from cti.commands import ExplainWait, PutTickets, WaitExplained
from cti.events import TicketOffered, TicketOfferEnd, TicketOfferEnded
from routing.explaining import WaitReason
from routing.reasons import Because, Candidate, Exclusion, WhyWaiting
from tests.integration.console.stage import Api, Browser, People

SERVICE = QueueKey("service")


async def test_over_rest_it_is_taken_once_and_telephony_is_told(api: Api, services: Services, bus: Bus) -> None:
    told: list[tuple[str, bool]] = []

    async def obey(command: Command) -> CommandResult:
        assert isinstance(command, PutTickets)
        told.extend((one.number, one.assignee is None) for one in command.tickets)
        return CommandResult(ok=True)

    async with bus.serve(obey, PutTickets):
        made = await (await api.call("POST", "/tickets", json={"subject": "x", "queue": "service"})).json()
        taken = await (await api.call("POST", f"/tickets/{made['id']}/take")).json()
        assert (made["queue"], made["assignee"], taken["status"]) == ("service", None, "open")
        body = {"reason": "Not my field"}
        back = await (await api.call("POST", f"/tickets/{made['number']}/hand-back", json=body)).json()
        assert (back["assignee"], back["queue"]) == (None, "service")
    number = made["number"]
    assert told == [(number, True), (number, False), (number, True)]
    kinds = [entry.kind for entry in await services.tickets.history(TicketId(made["id"]))]
    assert kinds[-1] is EntryKind.HANDED_BACK


async def test_refusals_have_their_codes(api: Api, services: Services, people: People) -> None:
    ticket = await services.tickets.create(subject="x", queue=SERVICE)
    await services.tickets.take(ticket.id, by=people.bob.id)
    late = await api.call("POST", f"/tickets/{ticket.id}/take")
    assert (late.status, (await late.json())["code"]) == (409, "ticket.taken")
    nowhere = await api.call("POST", f"/tickets/{ticket.id}/to-line", json={"queue": "nowhere"})
    assert (nowhere.status, (await nowhere.json())["code"]) == (404, "queue.not_found")
    outside = await services.tickets.create(subject="y")
    no_line = await api.call("POST", f"/tickets/{outside.id}/hand-back", json={"reason": "why"})
    assert (no_line.status, (await no_line.json())["code"]) == (409, "ticket.not_in_line")


async def test_why_it_waits_and_who_was_asked(  # noqa: PLR0917 - fixtures
    api: Api, program: Api, alice: Browser, services: Services, bus: Bus, people: People, clock: ManualClock
) -> None:
    ticket = await services.tickets.create(subject="x", queue=SERVICE)
    asked = AgentId(people.alice.id)
    full = Exclusion(agent=AgentId(people.bob.id), why="desk_full", has=1)
    there = (Candidate(agent=asked, idle_s=60, skill=5), Candidate(agent=AgentId(people.sam.id), idle_s=70, skill=4))
    because = Because(rule="best_skill", candidates=2, excluded=(full,), compared=there)
    until = clock.now() + timedelta(seconds=90)
    await services.event_log.append(
        TicketOffered(at=clock.now(), ticket=ticket.id, agent=asked, queue=SERVICE, because=because, until=until)
    )
    await services.event_log.append(
        TicketOfferEnded(at=until, ticket=ticket.id, agent=asked, why=TicketOfferEnd.MISSED)
    )
    [for_an_agent] = (await (await api.call("GET", f"/tickets/{ticket.id}/offers")).json())["items"]
    [offer] = (await (await program.call("GET", f"/tickets/{ticket.id}/offers")).json())["items"]
    assert for_an_agent == {**offer, "compared": []}
    assert (offer["agent"], offer["rule"], offer["end"]) == (asked, "best_skill", "missed")
    assert [(one["agent"], one["skill"]) for one in offer["compared"]] == [(one.agent, one.skill) for one in there]
    said = [one["en"] for one in offer["sentences"]]
    assert said[-2:] == ["Not Bob Chen: has 1 ticket on the desk", "Did not answer in time."]

    async def explain(command: Command) -> CommandResult:
        assert isinstance(command, ExplainWait)
        assert command.call == CallId(ticket.id)
        return WaitExplained(ok=True, reason=WaitReason(code=WhyWaiting.DESKS_FULL, ahead=2, able=1))

    async with bus.serve(explain, ExplainWait):
        why = await (await api.call("GET", f"/tickets/{ticket.id}/why-waiting")).json()
        await alice.get(f"/tickets/{ticket.number}")
    assert why["code"] == "desks_full"
    assert why["sentences"][1]["en"] == "2 tickets that ask for the same come before."
    assert "Those who can help have as many tickets as they may" in alice.text
    assert "Did not answer in time." in alice.text
    assert "1 other colleague was free" in alice.text
    assert "Levels in what is asked for" not in alice.text


async def test_on_its_page_it_is_taken_and_put_into_the_line_again(
    alice: Browser, services: Services, people: People
) -> None:
    ticket = await services.tickets.create(subject="x", queue=SERVICE)
    address = f"/tickets/{ticket.number}"
    await alice.post(f"{address}/take")
    assert "is yours" in alice.text
    assert (await services.tickets.get(ticket.id)).assignee == people.alice.id
    no_reason = await alice.post(f"{address}/to-line", {"queue": "service", "reason": ""})
    assert no_reason.status == 422
    await alice.post(f"{address}/to-line", {"queue": "service", "reason": "On leave"})
    [work] = await services.tickets.in_line()
    assert (work.assignee, work.without) == (None, (people.alice.id,))
    assert "On leave" in alice.text


async def test_away_telephony_is_said_and_keeps_nobody_from_a_ticket(alice: Browser, services: Services) -> None:
    ticket = await services.tickets.create(subject="x", queue=SERVICE)
    await alice.get(f"/tickets/{ticket.number}")
    assert "nobody is asked meanwhile" in alice.text
