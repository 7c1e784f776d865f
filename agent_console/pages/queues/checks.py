"""What is wrong with a queue beside the others, and what its writer should know before he saves it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from agent_console.auth.permissions import may_shape
from agent_console.faults import Fault
from agent_console.labels import LABELS
from agent_console.pages.calls.cast import Cast
from agent_console.words import N_, Sentence, say
from crm_core.domain.floor import FloorPlan, Queue
from crm_core.domain.overflow import OverflowWhy, loop_in
from crm_core.domain.queue_review import Doubt, Finding, reasons_to_go_on, review
from crm_core.domain.users import User
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from ivr.flow.validator import Sounds
from ivr.flow.worded import texts_in

_DOUBTS: Final = {
    Doubt.NOBODY_SERVES: N_("Nobody serves this queue yet. Who does is said at Skills of people."),
    Doubt.SKILL_OF_NOBODY: N_("Nobody who serves this queue has %(skill)s at level %(level)s or better today."),
    Doubt.NOBODY_ABLE: N_("Nobody who serves this queue has all that is asked for at once."),
    Doubt.ONWARD_TO_NOBODY: N_("Callers go on to %(queue)s, which nobody serves."),
    Doubt.ORDER_EMPTY: N_("The fixed order names nobody: the lowest extension comes first."),
    Doubt.ORDER_OF_NOBODY: N_("The extension %(extension)s of the fixed order is nobody's who serves this queue."),
    Doubt.STEP_IN_VAIN: N_(
        "Step %(number)s of what is asked less for helps only callers whose menu asks for more: the queue itself does "
        "not ask for %(skill)s so high."
    ),
    Doubt.ONWARD_IN_VAIN: N_(
        "Step %(number)s of where callers go on never comes: no limit, hours or absence set here sends anybody there."
    ),
    Doubt.STEP_TOO_LATE: N_("Step %(number)s of what is asked less for never comes: nobody waits for so long here."),
    Doubt.PROMPT_MISSING: N_(
        "There is no prompt “%(prompt)s” in %(language)s: callers who speak it hear nothing there."
    ),
    Doubt.PROMPT_VALUED: N_(
        "The words of the prompt “%(prompt)s” have values in them: who waits here hears the words without the values."
    ),
    Doubt.MUSIC_MISSING: N_("There is no recording “%(prompt)s” for the music."),
}


def doubts_among(queue: Queue, plan: FloorPlan, sounds: Sounds) -> tuple[Finding, ...]:
    return review(queue, plan, sounds, {key for there in texts_in(sounds).values() for key in there})


def faults_among(queue: Queue, plan: FloorPlan, names: Cast, writer: User) -> Iterator[Fault]:
    if not may_shape(writer, queue.department):
        own = say("You can give the queue to your own department only.")
        yield Fault(field="department", code="auth.forbidden", sentence=own)
    for why in reasons_to_go_on(queue):
        if not any(step.holds_for(why) for step in queue.overflow):
            missing = say(
                "Callers shall go on (%(why)s), but no step here is for that. Add one.", why=LABELS[OverflowWhy][why]
            )
            yield Fault(field="overflow", code="queue.overflow_missing", sentence=missing)
    chains = {one.key: one.overflow for one in plan.queues}
    if loop := loop_in({**chains, queue.key: queue.overflow}):
        circle = say("Callers would go round in a circle: %(way)s.", way=_way(loop, names))
        yield Fault(field="overflow", code="queue.overflow_loop", sentence=circle)


def _way(loop: Iterable[QueueKey], names: Cast) -> Sentence:
    first, *others = loop
    way = Sentence(text="%(queue)s", params={"queue": names.queue(first)})
    for other in others:
        way = say("%(before)s → %(after)s", before=way, after=names.queue(other))
    return way


def doubt(found: Finding, names: Cast) -> Sentence:
    return Sentence(
        text=_DOUBTS[found.doubt],
        params={
            "skill": names.skill(found.skill or SkillKey("")),
            "level": found.level,
            "queue": names.queue(found.queue or QueueKey("")),
            "extension": found.extension,
            "number": found.number,
            "prompt": found.prompt,
            "language": LABELS[Language][found.language] if found.language is not None else "",
        },
    )


def seal(found: Iterable[Finding]) -> str:
    """What the form carries along when its writer has read these and saves all the same."""
    written = "\n".join(sorted(repr(one) for one in found))
    return hashlib.sha256(written.encode()).hexdigest()[:16] if written else ""
