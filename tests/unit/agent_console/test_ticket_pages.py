"""Ticket forms and the words of a ticket's history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent_console.errors import Invalid
from agent_console.faults import by_field
from agent_console.pages.customers.timeline import timeline
from agent_console.pages.tickets.forms import draft, read_change, read_new
from agent_console.pages.tickets.history import changes_of
from agent_console.words import load_words
from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import CallRecord
from crm_core.domain.tickets import EntryKind, Ticket, TicketEntry, TicketPriority, TicketStatus, TicketType
from crm_core.domain.users import User
from crm_core.kernel.ids import CallbackId, CallId, TicketId, UserId
from crm_core.kernel.language import Language
from crm_core.kernel.phone import normalise

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_a_new_ticket() -> None:
    values = read_new({"subject": " 空调不制冷 ", "type": "repair", "assignee": "", "csrf": "x"})
    assert (values.subject, values.type, values.assignee) == ("空调不制冷", TicketType.REPAIR, None)


def test_faults_are_sentences_beside_the_field_and_nothing_is_lost() -> None:
    form = {"subject": "", "description": "a long story", "priority": "immediately"}
    with pytest.raises(Invalid) as caught:
        read_new(form)
    assert set(by_field(caught.value.faults)) == {"subject", "priority"}
    assert draft(form)["description"] == "a long story"


def test_a_change_holds_only_what_the_form_had() -> None:
    assert read_change({"status": "solved", "assignee": "", "version": "4"}) == {
        "status": TicketStatus.SOLVED,
        "assignee": None,
        "version": 4,
    }


def test_history_tells_what_became_what_in_words() -> None:
    people = {UserId("u1"): User(id=UserId("u1"), login="alice", name="王爱丽", name_en="Alice", created_at=AT)}
    entry = TicketEntry(
        id="e",
        ticket=TicketId("t"),
        at=AT,
        kind=EntryKind.CHANGED,
        changes={
            "status": ("new", "open"),
            "assignee": (None, "u1"),
            "topic": ("", "KFR-35"),
            "description": ("a", "b"),
            "version": (1, 2),
        },
    )
    words = load_words(timezone="Asia/Shanghai", home_region="CN")[Language.EN]
    told = [
        (words.speak(one.field), one.before and words.speak(one.before), one.after and words.speak(one.after))
        for one in changes_of(entry, people)
    ]
    assert told == [
        ("Status", "New", "In progress"),
        ("Assigned to", "nobody", "Alice"),
        ("Topic", "–", "KFR-35"),
        ("Description", None, None),
    ]


def test_a_customers_timeline_begins_with_the_newest() -> None:
    def day(number: int) -> datetime:
        return AT.replace(day=number)

    number = normalise("13800138000")
    moments = timeline(
        [CallRecord(id=CallId("c"), number=number, started_at=day(2))],
        [Ticket(id=TicketId("t"), number="T-1", subject="s", created_at=day(3), updated_at=day(9))],
        [
            Callback(id=CallbackId("b1"), number=number, due_at=day(8), why="", created_at=day(1)),
            Callback(id=CallbackId("b2"), number=number, due_at=day(8), why="", created_at=day(1), done_at=day(7)),
        ],
    )
    assert [moment.at.day for moment in moments] == [7, 3, 2, 1]
    assert [moment.kind for moment in moments] == ["callback", "ticket", "call", "callback"]


@pytest.mark.parametrize("priority", list(TicketPriority))
def test_every_priority_can_be_chosen(priority: TicketPriority) -> None:
    assert read_new({"subject": "s", "priority": priority.value}).priority is priority
