"""What a tried day says, in rows and sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent_console.pages.calls.cast import Cast
from agent_console.trials.trying import Tried
from agent_console.words import N_, Duration, Named, Sentence, say, say_n
from crm_core.kernel.ids import QueueKey
from routing.simulation.comparing import Pair


class Form(StrEnum):
    """How a measure is written."""

    COUNT = "count"
    TIME = "time"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    name: str
    label: Sentence
    form: Form
    good: int = 0
    """1: the more the better, -1: the less; 0: neither."""


MEASURES: Final = (
    Measure(name="offered", label=say("Came"), form=Form.COUNT),
    Measure(name="answered", label=say("Answered"), form=Form.COUNT, good=1),
    Measure(name="abandoned", label=say("Gave up"), form=Form.COUNT, good=-1),
    Measure(name="moved_on", label=say("Went on to another queue"), form=Form.COUNT),
    Measure(name="sent_away", label=say("Sent on or told good-bye"), form=Form.COUNT),
    Measure(name="left_waiting", label=say("Never served"), form=Form.COUNT, good=-1),
    Measure(name="mean_time_in_line_s", label=say("Mean wait"), form=Form.TIME, good=-1),
    Measure(name="p95_wait_s", label=say("95 of 100 answered within"), form=Form.TIME, good=-1),
    Measure(name="service_level", label=say("In time"), form=Form.SHARE, good=1),
)
_ONLY_IF_ANY: Final = frozenset({"moved_on", "sent_away", "left_waiting"})
_TOLD: Final = {
    "mean_time_in_line_s": N_("%(queue)s: callers would have waited for %(draft)s on average instead of %(now)s."),
    "abandoned": N_("%(queue)s: %(draft)s would have given up instead of %(now)s."),
    "sent_away": N_("%(queue)s: %(draft)s would have been sent on or told good-bye instead of %(now)s."),
    "service_level": N_(
        "%(queue)s: of a hundred callers %(draft)s would have been answered in time instead of %(now)s."
    ),
}
_NOTHING: Final = Sentence(text="–")
_BUSY: Final = Measure(name="busy", label=say("Busy"), form=Form.SHARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    text: Sentence
    mark: str = ""
    """Of the draft, where it differs: `better`, `worse` or `other` …"""
    up: bool = False
    """… and whether it is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: Sentence
    now: tuple[Cell, ...]
    draft: tuple[Cell, ...]


def columns(found: Tried) -> tuple[Measure, ...]:
    """Those of which there is something to say."""
    return tuple(one for one in MEASURES if one.name not in _ONLY_IF_ANY or _any(found.comparison.total, one.name))


def _any(measures: Mapping[str, Pair], name: str) -> bool:
    pair = measures.get(name)
    return pair is not None and (pair.now > 0 or pair.draft > 0)


def queue_rows(found: Tried, names: Cast) -> Iterator[Row]:
    """Each queue into which somebody came, and all of them together."""
    wanted = columns(found)
    came = {key: one for key, one in found.comparison.queues.items() if _any(one, "offered")}
    for key, measures in came.items():
        yield _row(_as_it_is(names.queue(key)), measures, wanted)
    if len(came) > 1:
        yield _row(say("All together"), found.comparison.total, wanted)


def people_rows(found: Tried, names: Cast) -> Iterator[Row]:
    """How busy everybody was who was there, and all of them together."""
    for agent, pair in found.comparison.agents.items():
        yield _row(_as_it_is(names.agent(agent)), {_BUSY.name: pair}, (_BUSY,))
    if (mean := found.comparison.occupancy.get("mean_share")) is not None:
        yield _row(say("On average"), {_BUSY.name: mean}, (_BUSY,))


def _row(name: Sentence, measures: Mapping[str, Pair], wanted: tuple[Measure, ...]) -> Row:
    pairs = [(one, measures.get(one.name)) for one in wanted]
    return Row(
        name=name,
        now=tuple(Cell(text=_written(one, pair.now) if pair else _NOTHING) for one, pair in pairs),
        draft=tuple(_draft(one, pair) for one, pair in pairs),
    )


def _draft(measure: Measure, pair: Pair | None) -> Cell:
    if pair is None:
        return Cell(text=_NOTHING)
    text, off = _written(measure, pair.draft), pair.draft - pair.now
    if not pair.differs or text == _written(measure, pair.now):
        return Cell(text=text)
    mark = "other" if not measure.good else "better" if off * measure.good > 0 else "worse"
    return Cell(text=text, mark=mark, up=off > 0)


def _written(measure: Measure, value: float) -> Sentence:
    said = _said(measure, value)
    return _as_it_is(f"{said} %" if measure.form is Form.SHARE else said)


def _as_it_is(value: object) -> Sentence:
    return Sentence(text="%(value)s", params={"value": value})


def _count(value: float) -> str:
    """A mean over several runs need not be whole."""
    return f"{value:.1f}".removesuffix(".0")


def changes(found: Tried, names: Cast, *, same: bool, of: QueueKey | None = None) -> list[Sentence]:
    """What the draft would have changed, in words. `same`: it is what holds already; `of`: the queue that is tried."""
    if same:
        return [say("The draft is what holds already, so there is nothing that could differ.")]
    if of is not None and not _any(found.comparison.queues.get(of, {}), "offered"):
        none = say(
            "Nobody called %(queue)s on that day, so it was hardly tried. Choose another day, or whose callers shall "
            "come into it.",
            queue=names.queue(of),
        )
        return [none, *_told(found, names)]
    return _told(found, names) or [say("As far as can be told, that day would have gone the same way with the draft.")]


def _told(found: Tried, names: Cast) -> list[Sentence]:
    return [one for key, measures in found.comparison.queues.items() for one in _of_queue(key, measures, names)]


def _of_queue(key: QueueKey, measures: Mapping[str, Pair], names: Cast) -> list[Sentence]:
    """The service level only where nothing else tells what became of it."""
    queue = names.queue(key)
    *first, last = [_otherwise(one, measures, queue) for one in _TOLD]
    return [one for one in first if one is not None] or [one for one in (last,) if one is not None]


def _otherwise(name: str, measures: Mapping[str, Pair], queue: Named) -> Sentence | None:
    pair, measure = measures.get(name), next(one for one in MEASURES if one.name == name)
    if pair is None or not pair.differs or (draft := _said(measure, pair.draft)) == (now := _said(measure, pair.now)):
        return None
    return Sentence(text=_TOLD[name], params={"queue": queue, "draft": draft, "now": now})


def _said(measure: Measure, value: float) -> object:
    match measure.form:
        case Form.COUNT:
            return _count(value)
        case Form.TIME:
            return Duration(seconds=round(value))
        case Form.SHARE:
            return round(value * 100)


def notes(found: Tried, names: Cast) -> Iterator[Sentence]:
    """How it was found, and what it cannot know."""
    yield say(
        "Replayed are the calls of that day and the hours of everybody who was there, with the skills and queues they"
        " have today. “As it is” is the same replay under the rules that hold now, so it need not be what was."
    )
    yield say_n(
        "Of that day's calls %(num)s gave up, so its patience is known. How long the others would have waited nobody"
        " knows: it is drawn from how long callers waited and who of them gave up (Kaplan and Meier), anew in each of"
        " %(runs)s runs.",
        "Of that day's calls %(num)s gave up, so their patience is known. How long the others would have waited nobody"
        " knows: it is drawn from how long callers waited and who of them gave up (Kaplan and Meier), anew in each of"
        " %(runs)s runs.",
        found.gave_up,
        runs=found.comparison.runs,
    )
    yield say(
        "The mean wait counts those who gave up, too: else it would look short where only the lucky are answered."
    )
    yield say(
        "Marked is what differs by more than this luck. Missed calls are not replayed: whose phone rings answers."
    )
    for queue, slow in found.slow.items():
        yield say_n(
            "%(queue)s: that day %(num)s call was answered only after its phone would have stopped ringing by now.",
            "%(queue)s: that day %(num)s calls were answered only after their phone would have stopped ringing by now.",
            slow,
            queue=names.queue(queue),
        )
    if found.gone:
        yield say_n(
            "%(num)s person who was there does not work here any more and is left out.",
            "%(num)s people who were there do not work here any more and are left out.",
            len(found.gone),
        )
    if found.sticky:
        yield say("Who knows which caller is not replayed: nobody is kept for the agent who knows him.")
