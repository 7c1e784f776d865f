"""What can be agreed for a queue, in the groups of its page: the form, the history and the list follow from here. Pure.

A field of `Queue` that is one value needs no more than its line here; of the others `forms` and `said` know how they
are written and told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent_console.words import Sentence, say
from crm_core.domain.floor import Paperwork, Sticky, Strategy
from routing.together import AT_MOST, MISSES


class Kind(StrEnum):
    """How a field is written. The value names the piece of the template."""

    NAMES = "names"
    DEPARTMENT = "department"
    WISH = "wish"
    COUNT = "count"
    CHOICE = "choice"
    YES_NO = "yes_no"
    LEVELS = "levels"
    ORDER = "order"
    ANNOUNCED = "announced"
    PROMPT = "prompt"
    MENU = "menu"
    KEY = "key"
    PROMPTS = "prompts"
    REASONS = "reasons"
    HOURS = "hours"
    CALENDAR = "calendar"
    CHAIN = "chain"
    STEPS = "steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    field: str
    """Of `Queue`."""
    label: Sentence
    kind: Kind = Kind.COUNT
    hint: Sentence | None = None
    lowest: int = 0
    highest: int = 3600
    """Of a count."""
    choices: type[StrEnum] | None = None

    @property
    def wide(self) -> bool:
        """Needs the whole breadth of the form."""
        return self.kind in (
            Kind.WISH,
            Kind.PROMPTS,
            Kind.NAMES,
            Kind.LEVELS,
            Kind.ANNOUNCED,
            Kind.REASONS,
            Kind.HOURS,
            Kind.CHAIN,
            Kind.STEPS,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    key: str
    title: Sentence
    terms: tuple[Term, ...]
    hint: Sentence | None = None


GROUPS: Final = (
    Group(
        key="queue",
        title=say("The queue"),
        terms=(
            Term(field="names", label=say("Name"), kind=Kind.NAMES),
            Term(
                field="department",
                label=say("Department"),
                kind=Kind.DEPARTMENT,
                hint=say("Its supervisors may change the queue. Without one every supervisor may."),
            ),
            Term(field="recorded", label=say("Conversations are recorded"), kind=Kind.YES_NO),
        ),
    ),
    Group(
        key="who",
        title=say("Who gets the call"),
        terms=(
            Term(
                field="asks",
                label=say("What a call asks for"),
                kind=Kind.WISH,
                hint=say("For example: repair >= 3 and (zh >= 2 or en >= 3) prefer zh >= 4. Nothing: everybody may."),
            ),
            Term(
                field="skills",
                label=say("… and of each of these at least"),
                kind=Kind.LEVELS,
            ),
            Term(
                field="strategy",
                label=say("Of several who are free"),
                kind=Kind.CHOICE,
                choices=Strategy,
                hint=say(
                    "Ring all is good for small teams: all phones ring, and the first to answer has the call. At most "
                    "%(most)s ring for one caller, those free longest; the others take the next caller.",
                    most=AT_MOST,
                ),
            ),
            Term(
                field="ring_order",
                label=say("Fixed order"),
                kind=Kind.ORDER,
                hint=say("Extensions, such as 1003, 1001. Whoever is not named comes after them."),
            ),
            Term(field="sticky", label=say("Whoever knows the customer"), kind=Kind.CHOICE, choices=Sticky),
            Term(
                field="sticky_s",
                label=say("Wait for them, seconds"),
                hint=say("0: they are asked only when they are free."),
            ),
            Term(field="ring_s", label=say("A phone rings for, seconds"), lowest=1),
            Term(
                field="misses_to_pause",
                label=say("Calls missed in a row until somebody is put on pause"),
                hint=say(
                    "Whoever missed a call is asked for it again only when nobody else is free. In ring all it takes "
                    "at least %(misses)s calls that nobody answered.",
                    misses=MISSES,
                ),
                lowest=1,
                highest=10,
            ),
        ),
    ),
    Group(
        key="turn",
        title=say("Whose turn it is"),
        terms=(
            Term(
                field="priority",
                label=say("Priority"),
                hint=say("Whoever has more goes before others."),
                lowest=-100,
                highest=100,
            ),
            Term(
                field="ageing_s",
                label=say("Waiting makes up for one level of priority after, seconds"),
                hint=say("0: it never does, and whoever has little priority may wait for ever."),
            ),
            Term(
                field="weight",
                label=say("Weight between queues"),
                hint=say("While callers wait in several queues, they share the agents in this proportion."),
                lowest=1,
                highest=100,
            ),
            Term(
                field="crowd_s",
                label=say("Each caller in the line makes its first more urgent by, seconds"),
                hint=say("0: only waiting counts."),
            ),
            Term(field="service_level_percent", label=say("To be answered in time, percent"), lowest=1, highest=100),
            Term(field="service_level_s", label=say("In time is within, seconds"), lowest=1),
        ),
    ),
    Group(
        key="limits",
        title=say("Who cannot wait here, and where callers go then"),
        terms=(
            Term(
                field="max_waiting",
                label=say("Callers in the line at most"),
                hint=say("0: no limit."),
                highest=10_000,
            ),
            Term(
                field="max_per_hour",
                label=say("Callers answered within an hour at most"),
                hint=say("0: no limit. Whoever comes when it is reached goes on; who waits already is answered."),
                highest=10_000,
            ),
            Term(field="max_wait_s", label=say("Wait at most, seconds"), hint=say("0: no limit.")),
            Term(
                field="place_back_s",
                label=say("Who was cut off has his place back for, seconds"),
                hint=say("0: whoever calls again is the last in the line."),
            ),
            Term(field="overflow_when", label=say("Callers go on as well"), kind=Kind.REASONS),
            Term(field="calendar", label=say("Opens by"), kind=Kind.CALENDAR),
            Term(
                field="open_hours",
                label=say("Opening hours"),
                kind=Kind.HOURS,
                hint=say("With nothing here it is always open. Whoever waits when the queue closes is served."),
            ),
            Term(
                field="overflow",
                label=say("Where callers go on"),
                kind=Kind.CHAIN,
                hint=say("The first step that is able to take the caller does."),
            ),
        ),
    ),
    Group(
        key="announcements",
        title=say("What callers hear while they wait"),
        terms=(
            Term(
                field="music",
                label=say("Music"),
                kind=Kind.PROMPTS,
                hint=say(
                    "Names of prompts that were uploaded, such as piano, spring_song, one after the other. Nothing: the"
                    " music of the house."
                ),
            ),
            Term(field="announce", label=say("They are told"), kind=Kind.ANNOUNCED),
            Term(
                field="comfort",
                label=say("And hear the announcement"),
                kind=Kind.PROMPT,
                hint=say("The name of a prompt, such as thank_you_for_waiting. Nothing: only music."),
            ),
            Term(field="announce_first_s", label=say("For the first time after, seconds"), lowest=5),
            Term(field="announce_every_s", label=say("And then every, seconds"), lowest=15),
        ),
    ),
    Group(
        key="callbacks",
        title=say("Instead of waiting on the phone"),
        hint=say("Whoever asks for it may hang up, keeps the place in the line, and is called when it is their turn."),
        terms=(
            Term(
                field="callback_tries",
                label=say("Called back until reached, times at most"),
                hint=say("0: nobody is called back. Whoever was not reached stays among the callbacks that are due."),
                highest=10,
            ),
            Term(field="callback_retry_s", label=say("From one try to the next, seconds"), lowest=30),
            Term(
                field="callback_key",
                label=say("Key to be called back"),
                kind=Kind.KEY,
                hint=say("Callers are told of it while they wait. Nothing: no key."),
            ),
            Term(
                field="message_key",
                label=say("Key to leave a message"),
                kind=Kind.KEY,
                hint=say("Another digit. The message becomes a ticket."),
            ),
        ),
    ),
    Group(
        key="longer",
        title=say("When somebody waits for long"),
        terms=(
            Term(
                field="relaxing",
                label=say("Less is asked for"),
                kind=Kind.STEPS,
                hint=say("Seconds count from when the caller began to wait. His place stays."),
            ),
        ),
    ),
    Group(
        key="tickets",
        title=say("Tickets in the line"),
        hint=say("Tickets of this queue that nobody has go to whoever is free and has room for one."),
        terms=(
            Term(
                field="ticket_yield_s",
                label=say("Calls go before a ticket until it has waited, seconds"),
                hint=say("From then on it stands among the callers. 14400 is four hours."),
                highest=2_592_000,
            ),
            Term(
                field="tickets_undisturbed",
                label=say("Whoever works on a ticket gets no calls meanwhile"),
                kind=Kind.YES_NO,
            ),
        ),
    ),
    Group(
        key="after",
        title=say("After the call"),
        terms=(
            Term(
                field="wrap_up",
                label=say("Paperwork after a call"),
                kind=Kind.CHOICE,
                choices=Paperwork,
            ),
            Term(
                field="wrap_up_s",
                label=say("How long it should take, seconds"),
                hint=say("Shown beside the clock. 0, where it is left to the agent: there is none."),
            ),
            Term(
                field="wrap_up_limit_s",
                label=say("Where it has to be done: free at the latest after, seconds"),
                hint=say("0: only when it is done. What was typed by then can still be saved."),
            ),
            Term(
                field="after_call",
                label=say("Menu after the conversation"),
                kind=Kind.MENU,
                hint=say(
                    "Whoever stays on the line when the agent has hung up goes through it, such as to rate the call."
                ),
            ),
        ),
    ),
)
TERMS: Final = tuple(term for group in GROUPS for term in group.terms)
