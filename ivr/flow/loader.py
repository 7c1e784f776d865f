"""Reads a flow from its JSON file. Everything that is wrong with the document is found in one go, by node and field.

The makers below are the one source of what a document may hold: `ivr.flow.schema` puts them the same questions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Any

from crm_core.domain.hours import END_OF_DAY, WEEKDAYS, Calendar, Span
from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from ivr.errors import FlowRefused
from ivr.flow.conditions import OF_NUMBERS, Comparison, Relation, as_number
from ivr.flow.errand_loader import ERRAND_MAKERS
from ivr.flow.fields import MOST_TEXT, WORD, Fields
from ivr.flow.model import Flow, Node
from ivr.flow.names import NodeId
from ivr.flow.nodes import (
    Answer,
    Case,
    Collect,
    Condition,
    Confirm,
    Exit,
    Goodbye,
    HangUp,
    Menu,
    OpenHours,
    Part,
    Play,
    Prompt,
    Queue,
    Return,
    Say,
    Set,
    SetLanguage,
    SubFlow,
)
from ivr.flow.problems import Problem, told
from ivr.flow.saying import Kind

Maker = Callable[[Fields, NodeId, NodeId], Node]
"""Takes the fields of a node, its name, and where it goes when it fails unless it says so itself."""

KEYS = "0123456789*#"
MOST_DIGITS = 20
ENTERED = "entered"
KEY = re.compile(r"[0-9*#]")
TERMINATOR = re.compile(r"[*#]?")
WEEKDAY = re.compile("|".join(WEEKDAYS))
_TEXT = re.compile(rf"[^\x00-\x1f]{{0,{MOST_TEXT}}}")
SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")
DAYS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?")
_LONGEST_HOLIDAY = 92
_NAME = re.compile(r"[^\x00-\x1f]{0,60}")
_DEEPEST = 30
_TOO_DEEP = told("is nested too deeply")
_UNNAMED = told("must be a line of 60 characters at most")
_NO_NODE = told("a node is called by a word of small letters, digits and _, beginning with a letter")


def load_flow(path: Path) -> Flow:
    """The flow in this file. Raises FlowRefused with every problem found."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FlowRefused(flow=path.stem, problems=f"{path} cannot be read ({error})") from None
    return parse_flow(text, path.stem)


def parse_flow(text: str, name: str) -> Flow:
    flow, problems = examine(text, name)
    if problems:
        raise FlowRefused(flow=name, problems="; ".join(map(str, problems)))
    return flow


def examine(text: str, name: str) -> tuple[Flow, tuple[Problem, ...]]:
    """The flow in this text as far as it can be read, and everything that is wrong with it."""
    document = document_in(text)
    if isinstance(document, Problem):
        return _nothing(name), (document,)
    problems: list[Problem] = []
    flow = read_flow(Fields(document, problems), name)
    return flow, tuple(problems)


def _nothing(name: str) -> Flow:
    return read_flow(Fields({}, []), name)


def document_in(text: str) -> Any:
    """The JSON value in this text; a Problem where there is none, or none that every program could read alike."""
    try:
        document = json.loads(text, object_pairs_hook=_no_doubles)
    except _Twice as error:
        return Problem(says=told("“%(name)s” is there twice", name=error))
    except json.JSONDecodeError as error:
        return Problem(
            says=told("not valid JSON: line %(line)s, column %(column)s", line=error.lineno, column=error.colno)
        )
    except RecursionError:
        return Problem(says=_TOO_DEEP)
    except ValueError as error:
        return Problem(says=told("not valid JSON (%(why)s)", why=error))
    return document if is_shallow(document) else Problem(says=_TOO_DEEP)


class _Twice(ValueError):
    """This name."""


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [key for key, _ in pairs]
        raise _Twice(next(key for key in names if names.count(key) > 1))
    return found


def is_shallow(value: object, left: int = _DEEPEST) -> bool:
    """What is nested without end is no menu, and no program is to fall over it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left > 0 and all(is_shallow(one, left - 1) for one in inner)


def read_flow(fields: Fields, name: str) -> Flow:
    """The document as a whole; harmless where something is missing, which `fields` has noted."""
    default_error = NodeId(fields.word("error", ""))
    nodes = fields.table(
        "nodes",
        lambda inner, one: _node(inner.inner(one, node=one), default_error),
        or_else="",
        empty=told("must hold at least one node"),
    )
    defaults = fields.inner("defaults")
    flow = Flow(
        name=name,
        names=_names(fields.inner("names")),
        start=NodeId(fields.word("start")),
        nodes={NodeId(node_id): node for node_id, node in nodes.items() if node is not None},
        language=fields.language("language", DEFAULT_LANGUAGE),
        languages=fields.languages("languages"),
        apology=fields.prompt("apology"),
        needs=defaults.needs(),
        language_level=fields.whole("language_level", 1, 5, 1),
        max_steps=fields.whole("max_steps", 5, 200, 100),
        calendars=fields.table("calendars", lambda inner, one: _calendar(inner.inner(one))),
        unread=tuple(NodeId(node_id) for node_id, node in nodes.items() if node is None),
    )
    fields.about()
    fields.remark("$schema")
    fields.remark("layout")
    defaults.done()
    fields.done()
    return flow


def _names(fields: Fields) -> dict[str, str]:
    found = {one.value: fields.text(one, _NAME, _UNNAMED, "").strip() for one in Language}
    fields.done()
    return {language: name for language, name in found.items() if name}


def names_in(text: str) -> dict[str, str]:
    """What the menu in this text is called, by language; of what is no menu, nothing."""
    document = document_in(text)
    if not isinstance(document, dict):
        return {}
    return _names(Fields(document, []).inner("names"))


def kinds_in(text: str) -> dict[str, str]:
    """Of which kind the nodes in this text are, as far as it says."""
    document = document_in(text)
    nodes = document.get("nodes") if isinstance(document, dict) else None
    listed = nodes.items() if isinstance(nodes, dict) else ()
    kinds = ((name, node.get("kind")) for name, node in listed if isinstance(node, dict))
    return {name: kind for name, kind in kinds if isinstance(kind, str)}


def _node(fields: Fields, default_error: NodeId) -> Node | None:
    if not WORD.fullmatch(fields.node):
        fields.complain("", _NO_NODE)
    makers = {kind: partial(_made, make, default_error) for kind, make in _MAKERS.items()}
    return fields.variant("kind", makers, "node")


def _made(make: Maker, error: NodeId, fields: Fields) -> Node:
    return make(fields, NodeId(fields.node), error)


def _answer(fields: Fields, node: NodeId, error: NodeId) -> Node:
    return Answer(id=node, next=NodeId(fields.word("next")), error=fields.error(error))


def _play(fields: Fields, node: NodeId, error: NodeId) -> Node:
    return Play(
        id=node,
        prompts=fields.prompts("prompts"),
        next=NodeId(fields.word("next")),
        error=fields.error(error),
        barge_in=fields.flag("barge_in", True),
    )


def _say(fields: Fields, node: NodeId, error: NodeId) -> Node:
    return Say(
        id=node,
        parts=fields.rows("parts", lambda inner, at: inner.either(at, inner.prompt, _part)),
        next=NodeId(fields.word("next")),
        error=fields.error(error),
        barge_in=fields.flag("barge_in", True),
    )


def _part(fields: Fields) -> Prompt | Part:
    """`{"say": "date", "value": "reopens"}`."""
    return Part(kind=fields.one_of("say", Kind), value=fields.word("value"))


def _menu(fields: Fields, node: NodeId, error: NodeId) -> Node:
    return Menu(
        id=node,
        prompts=fields.prompts("prompts"),
        choices=fields.table(
            "choices",
            lambda inner, key: inner.exit(key),
            KEY,
            or_else=told("is no key of a telephone (%(keys)s)", keys=KEYS),
            empty=told("must offer at least one key"),
        ),
        exhausted=fields.exit("exhausted"),
        error=fields.error(error),
        tries=fields.whole("tries", 1, 9, 3),
        timeout_s=fields.number("timeout_s", 0.5, 60, 5),
        wrong=fields.prompts("wrong", optional=True),
        silent=fields.prompts("silent", optional=True),
        on_silence=fields.optional_exit("on_silence"),
    )


def _collect(fields: Fields, node: NodeId, error: NodeId) -> Node:
    made = Collect(
        id=node,
        into=fields.word("into"),
        prompts=fields.prompts("prompts"),
        shortest=fields.whole("shortest", 1, MOST_DIGITS, 1),
        longest=fields.whole("longest", 1, MOST_DIGITS),
        next=_labelled(fields.exit("next")),
        exhausted=fields.exit("exhausted"),
        error=fields.error(error),
        terminator=fields.text("terminator", TERMINATOR, told("must be #, * or nothing"), "#"),
        lowest=fields.optional_whole("lowest", 0, 10**MOST_DIGITS),
        highest=fields.optional_whole("highest", 0, 10**MOST_DIGITS),
        secret=fields.flag("secret", False),
        confirm=_confirm(fields.inner("confirm")) if fields.has("confirm") else None,
        tries=fields.whole("tries", 1, 9, 3),
        timeout_s=fields.number("timeout_s", 0.5, 60, 5),
        between_s=fields.number("between_s", 0.5, 60, 3),
        wrong=fields.prompts("wrong", optional=True),
        silent=fields.prompts("silent", optional=True),
    )
    if made.shortest > made.longest:
        fields.complain("shortest", told("is more than “longest”"))
    if made.lowest is not None and made.highest is not None and made.lowest > made.highest:
        fields.complain("lowest", told("is more than “highest”"))
    if made.lowest is not None and made.lowest >= 10**made.longest:
        fields.complain("lowest", told("has more digits than “longest” lets him type"))
    if made.secret and made.confirm is not None:
        fields.complain("confirm", told("would say aloud what is secret"))
    return made


def _labelled(way: Exit) -> Exit:
    """Without a label it would be told as an entry that was refused."""
    return replace(way, label=way.label or ENTERED)


def _confirm(fields: Fields) -> Confirm:
    made = Confirm(
        before=fields.prompts("before", optional=True),
        after=fields.prompts("after"),
        key=fields.text("key", KEY, told("is no key of a telephone (%(keys)s)", keys=KEYS), "1"),
    )
    fields.done()
    return made


def _language(fields: Fields, node: NodeId, error: NodeId) -> Node:
    return SetLanguage(
        id=node, language=fields.language("language"), next=NodeId(fields.word("next")), error=fields.error(error)
    )


def _condition(fields: Fields, node: NodeId, _error: NodeId) -> Node:
    return Condition(
        id=node,
        cases=fields.rows("cases", lambda inner, at: _case(inner.inner(at))),
        otherwise=NodeId(fields.word("otherwise")),
    )


def _case(fields: Fields) -> Case:
    made = Case(when=fields.rows("when", lambda inner, at: _comparison(inner.inner(at))), to=NodeId(fields.word("to")))
    fields.done()
    return made


def _comparison(fields: Fields) -> Comparison:
    """`{"value": "ani", "is": "begins_with", "this": ["021"]}`, with `"not": true` the other way round."""
    made = Comparison(
        value=fields.word("value"),
        relation=fields.one_of("is", Relation),
        against=fields.rows("this", lambda inner, at: inner.text(at, _TEXT, told("must be a text")), optional=True),
        negated=fields.flag("not", False),
    )
    if made.relation is Relation.KNOWN and made.against:
        fields.complain("this", told("is compared with nothing"))
    if made.relation is not Relation.KNOWN and not made.against and not fields.has("this"):
        fields.complain("this", told("is missing"))
    if made.relation in OF_NUMBERS and any(as_number(one) is None for one in made.against):
        fields.complain("this", told("must hold numbers"))
    fields.done()
    return made


def _set(fields: Fields, node: NodeId, _error: NodeId) -> Node:
    return Set(
        id=node,
        needs=fields.needs(),
        next=NodeId(fields.word("next")),
        values=fields.table("values", lambda inner, name: inner.text(name, _TEXT, told("must be a text"))),
    )


def _open_hours(fields: Fields, node: NodeId, error: NodeId) -> Node:
    return OpenHours(
        id=node,
        calendar=fields.word("calendar"),
        open=NodeId(fields.word("open")),
        closed=NodeId(fields.word("closed")),
        error=fields.error(error),
        until=fields.optional_word("until"),
    )


def _calendar(fields: Fields) -> Calendar:
    week = fields.table(
        "week",
        _spans,
        WEEKDAY,
        or_else=told("must be one of %(these)s", these=", ".join(WEEKDAYS)),
    )
    holidays = fields.table("holidays", lambda inner, days: inner.remark(days), DAYS, or_else=_NO_DAYS)
    worked = fields.table("working_days", _spans, DAYS, or_else=_NO_DAYS)
    days: dict[date, tuple[Span, ...]] = {}
    for written, spans in (*((one, ()) for one in holidays), *worked.items()):
        days |= dict.fromkeys(_days(fields, written), spans)
    fields.done()
    return Calendar(week=week, days=days)


_NO_DAYS = told("must be a day, 2026-10-01, or the first and the last, 2026-10-01/2026-10-07")


def _spans(fields: Fields, day: str) -> tuple[Span, ...]:
    written = fields.rows(day, lambda inner, at: inner.text(at, SPAN, told("must be such as 09:00-18:00")))
    spans = tuple(_span(one) for one in written if one)
    if any(span.begins >= span.ends for span in spans):
        fields.complain(day, told("ends before it begins; a night is two days, until 24:00 and from 00:00"))
    return spans


def _span(text: str) -> Span:
    begins, _, ends = text.partition("-")
    return Span(begins=time.fromisoformat(begins), ends=END_OF_DAY if ends == "24:00" else time.fromisoformat(ends))


def _days(fields: Fields, written: str) -> tuple[date, ...]:
    if not DAYS.fullmatch(written):
        return ()
    first, _, last = written.partition("/")
    try:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        fields.complain(written, told("there is no such day"))
        return ()
    if not 0 <= (ends - begins).days < _LONGEST_HOLIDAY:
        fields.complain(written, told("must be 1 to %(most)s days, the first one first", most=_LONGEST_HOLIDAY))
        return ()
    return tuple(date.fromordinal(day) for day in range(begins.toordinal(), ends.toordinal() + 1))


def _sub_flow(fields: Fields, node: NodeId, error: NodeId) -> Node:
    return SubFlow(id=node, flow=fields.word("flow"), next=NodeId(fields.word("next")), error=fields.error(error))


def _return(_fields: Fields, node: NodeId, _error: NodeId) -> Node:
    return Return(id=node)


def _queue(fields: Fields, node: NodeId, _error: NodeId) -> Node:
    return Queue(id=node, needs=fields.needs())


def _goodbye(fields: Fields, node: NodeId, error: NodeId) -> Node:
    return Goodbye(id=node, prompts=fields.prompts("prompts"), error=fields.error(error))


def _hangup(_fields: Fields, node: NodeId, _error: NodeId) -> Node:
    return HangUp(id=node)


_MAKERS: Mapping[str, Maker] = {
    "answer": _answer,
    "play": _play,
    "menu": _menu,
    "say": _say,
    "collect": _collect,
    "language": _language,
    "condition": _condition,
    "set": _set,
    "open_hours": _open_hours,
    "sub_flow": _sub_flow,
    **ERRAND_MAKERS,
    "return": _return,
    "queue": _queue,
    "goodbye": _goodbye,
    "hangup": _hangup,
}
