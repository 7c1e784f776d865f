"""Who was asked to take a ticket, read out of its log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent_console.pages.tickets.line import asked
from crm_core.domain.log import LoggedEvent
from crm_core.kernel.ids import AgentId, MessageId, QueueKey, TicketId
from crm_core.kernel.messages import Event, to_dict
from cti.events import TicketOffered, TicketOfferEnd, TicketOfferEnded
from routing.reasons import Because

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ONE = TicketId("tkt_one")


def line(event: Event) -> LoggedEvent:
    return LoggedEvent(
        position=1,
        message_id=MessageId("m"),
        topic=event.topic,
        at=event.at,
        call=None,
        subject=ONE,
        body=to_dict(event),
    )


def offered(agent: str, after_s: int) -> TicketOffered:
    at = NOW + timedelta(seconds=after_s)
    return TicketOffered(
        at=at, ticket=ONE, agent=AgentId(agent), queue=QueueKey("service"), because=Because(rule="only_one"), until=at
    )


def ended(agent: str, after_s: int, why: TicketOfferEnd) -> TicketOfferEnded:
    return TicketOfferEnded(at=NOW + timedelta(seconds=after_s), ticket=ONE, agent=AgentId(agent), why=why)


def test_the_last_who_was_asked_comes_first_with_what_he_did() -> None:
    told = [offered("alice", 0), ended("alice", 5, TicketOfferEnd.HANDED_BACK), offered("bob", 5)]
    found = [(one.agent, one.end) for one in asked(map(line, told))]
    assert found == [("bob", None), ("alice", TicketOfferEnd.HANDED_BACK)]


def test_of_whom_no_end_was_told_he_is_not_asked_any_more_once_another_is() -> None:
    """Telephony was begun anew while alice was being asked."""
    found = [(one.agent, one.end) for one in asked(map(line, [offered("alice", 0), offered("bob", 60)]))]
    assert found == [("bob", None), ("alice", TicketOfferEnd.WITHDRAWN)]
