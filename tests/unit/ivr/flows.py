"""Flows for tests: small ones written out, and arbitrary ones for hypothesis."""

from __future__ import annotations

import json
from datetime import time
from functools import cache
from typing import Any

from hypothesis import strategies as st

from crm_core.domain.hours import Calendar, Span
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from ivr.flow.asked import Answered, Matter, Method
from ivr.flow.conditions import OF_NUMBERS, Comparison, Relation
from ivr.flow.errands import (
    ORDER_WORDS,
    TICKET_WORDS,
    CheckPin,
    Errand,
    Http,
    LeaveMessage,
    LookUp,
    OfferCallback,
    OpenTicket,
    PlayArticle,
    Survey,
    TellOrder,
    TellTicket,
    Transfer,
)
from ivr.flow.loader import parse_flow
from ivr.flow.model import Flow, Node, linked
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
    Needs,
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
from ivr.flow.saying import Kind, pieces
from ivr.flow.wording import read

SENTENCES = frozenset({"hello", "ask", "wrong", "silent", "sorry", "bye", *TICKET_WORDS, *ORDER_WORDS})
SOUNDS = {language: SENTENCES.union(*(pieces(kind, language) for kind in Kind)) for language in Language}
NAMES = ("account", "until", "ani", "language")
"""Values that flows of these tests give and read."""


def document(**changes: Any) -> dict[str, Any]:
    """The JSON of a small flow: a greeting, one menu, a queue."""
    return {
        "start": "hello",
        "apology": "sorry",
        "error": "person",
        "defaults": {"queue": "service"},
        "nodes": {
            "hello": {"kind": "play", "prompts": ["hello"], "next": "menu"},
            "menu": {
                "kind": "menu",
                "prompts": ["ask"],
                "choices": {"1": {"to": "person", "label": "one"}, "9": "menu"},
                "wrong": ["wrong"],
                "silent": ["silent"],
                "exhausted": {"to": "person", "label": "nothing"},
            },
            "person": {"kind": "queue"},
        },
        **changes,
    }


def with_node(name: str, node: dict[str, Any]) -> dict[str, Any]:
    raw = document()
    raw["nodes"][name] = node
    return raw


def small_flow(**changes: Any) -> Flow:
    return parse_flow(json.dumps(document(**changes)), "small")


@cache
def _prompts() -> st.SearchStrategy[tuple[Prompt, ...]]:
    languages = st.sampled_from((None, *Language))
    one = st.builds(Prompt, key=st.sampled_from(sorted(SENTENCES)), language=languages)
    return st.lists(one, min_size=1, max_size=2).map(tuple)


@cache
def _needs() -> st.SearchStrategy[Needs]:
    return st.builds(
        Needs,
        queue=st.sampled_from((None, QueueKey("service"), QueueKey("repair"))),
        skills=st.dictionaries(st.sampled_from((SkillKey("repair"), SkillKey("consult"))), st.integers(1, 5)),
        priority=st.none() | st.integers(0, 9),
        intent=st.sampled_from((None, "repair")),
    )


@cache
def _confirms() -> st.SearchStrategy[Confirm]:
    return st.builds(Confirm, before=_prompts(), after=_prompts(), key=st.sampled_from("01*"))


@cache
def _comparisons() -> st.SearchStrategy[tuple[Comparison, ...]]:
    one = st.builds(
        Comparison,
        value=st.sampled_from(NAMES),
        relation=st.sampled_from(Relation),
        against=st.lists(st.sampled_from(("", "1", "12", "99")), min_size=1, max_size=2).map(tuple),
        negated=st.booleans(),
    ).filter(lambda made: made.relation not in OF_NUMBERS or "" not in made.against)
    return st.lists(one, min_size=1, max_size=2).map(tuple)


def _errands(node: NodeId, ahead: st.SearchStrategy[NodeId]) -> st.SearchStrategy[Errand]:
    look_ups = st.builds(
        LookUp,
        id=st.just(node),
        by=st.sampled_from(("ani", "account")),
        found=ahead,
        several=ahead,
        unknown=ahead,
        error=ahead,
    )
    proofs = st.builds(
        CheckPin,
        id=st.just(node),
        account=st.just("ani"),
        pin=st.just("ani"),
        found=ahead,
        wrong=ahead,
        locked=ahead,
        error=ahead,
    )
    tickets = st.builds(
        TellTicket, id=st.just(node), number=st.sampled_from(("ani", "account")), told=ahead, unknown=ahead, error=ahead
    )
    orders = st.builds(
        TellOrder, id=st.just(node), number=st.sampled_from(("ani", "account")), told=ahead, unknown=ahead, error=ahead
    )
    new_tickets = st.builds(
        OpenTicket,
        id=st.just(node),
        matter=st.sampled_from(Matter),
        subject=st.just("leaking"),
        values=st.sampled_from(((), ("ani",))),
        into=st.sampled_from((None, "until")),
        opened=ahead,
        error=ahead,
    )
    callbacks = st.builds(
        OfferCallback,
        id=st.just(node),
        number=st.sampled_from(("ani", "account")),
        why=st.just("asked for"),
        within_min=st.integers(1, 2000),
        calendar=st.sampled_from((None, "house")),
        into=st.sampled_from((None, "until")),
        promised=ahead,
        unusable=ahead,
        error=ahead,
    )
    requests = st.builds(
        Http,
        id=st.just(node),
        method=st.sampled_from(Method),
        url=st.just("https://crm.example.com/{ani}"),
        send=st.just({}),
        take=st.sampled_from(({}, {"account": "a.b"})),
        answered=ahead,
        refused=ahead,
        error=ahead,
    )
    transfers = st.builds(
        Transfer, id=st.just(node), number=st.sampled_from(("ani", "account")), unusable=ahead, error=ahead
    )
    messages = st.builds(
        LeaveMessage,
        id=st.just(node),
        prompts=_prompts(),
        matter=st.sampled_from(Matter),
        subject=st.just("a message"),
        kept=ahead,
        empty=ahead,
        error=ahead,
        review=st.just(()) | _prompts(),
        tries=st.integers(1, 4),
        into=st.sampled_from((None, "until")),
    )
    surveys = st.builds(
        Survey,
        id=st.just(node),
        prompts=_prompts(),
        rated=ahead,
        declined=ahead,
        error=ahead,
        tries=st.integers(1, 4),
        wrong=_prompts(),
        comment=st.just(()) | _prompts(),
    )
    articles = st.builds(
        PlayArticle,
        id=st.just(node),
        article=st.just("K-0001"),
        told=ahead,
        error=ahead,
        again=st.sampled_from(("", "1", "*")),
        tries=st.integers(1, 4),
        barge_in=st.booleans(),
    )
    return st.one_of(
        look_ups, proofs, tickets, orders, new_tickets, callbacks, requests, transfers, messages, surveys, articles
    )


@cache
def answers() -> st.SearchStrategy[Answered]:
    """Whatever a desk might say, sensible or not."""
    return st.builds(
        Answered,
        way=st.sampled_from(
            (
                "found",
                "several",
                "unknown",
                "wrong",
                "locked",
                "told",
                "opened",
                "promised",
                "unusable",
                "answered",
                "refused",
                "agent",
                "queue",
                "number",
                "kept",
                "empty",
                "rated",
                "declined",
                "commented",
                "error",
                "elsewhere",
            )
        ),
        values=st.dictionaries(
            st.sampled_from(("name", "status", "due", "to", "asks")),
            st.sampled_from(("", "open", "2026-11-28T09:00", "zh:1")),
        ),
        customer=st.sampled_from(("", "cus_1")),
    )


_ENDS = ("queue", "hangup", "return")
# an errand as often as there are kinds of them
_WAYS = (
    *("answer", "play", "say", "menu", "collect", "language", "condition", "set", "open_hours", "goodbye"),
    *["errand"] * 9,
)


@cache  # making strategies takes ten times as long as drawing from them
def _kinds_of_node(
    node: NodeId, everywhere: tuple[NodeId, ...], later: tuple[NodeId, ...], callable_: tuple[str, ...]
) -> dict[str, st.SearchStrategy[Node]]:
    """Unasked ways lead only to later nodes, asked ones anywhere: so the flow is valid by construction."""
    me, prompts = st.just(node), _prompts()
    kinds: dict[str, st.SearchStrategy[Node]] = {
        "queue": st.builds(Queue, id=me, needs=_needs()),
        "hangup": st.builds(HangUp, id=me),
        "return": st.builds(Return, id=me),
    }
    if not later:
        return kinds
    ahead, anywhere = st.sampled_from(later), st.sampled_from(everywhere)
    ways = st.builds(Exit, to=anywhere, label=st.sampled_from(("", "a")))
    parts = st.builds(Part, kind=st.sampled_from(Kind), value=st.sampled_from(NAMES))
    cases = st.builds(Case, when=_comparisons(), to=ahead)
    on: dict[str, Any] = {"id": me, "next": ahead}
    failing: dict[str, Any] = {"id": me, "error": ahead}
    if callable_:
        kinds["sub_flow"] = st.builds(SubFlow, id=me, next=ahead, error=ahead, flow=st.sampled_from(callable_))
    return kinds | {
        "answer": st.builds(Answer, **on, error=ahead),
        "play": st.builds(Play, **on, error=ahead, prompts=prompts, barge_in=st.booleans()),
        "menu": st.builds(
            Menu,
            **failing,
            prompts=prompts,
            choices=st.dictionaries(st.sampled_from("0123456789*#"), ways, min_size=1, max_size=4),
            exhausted=st.builds(Exit, to=ahead),
            tries=st.integers(1, 4),
            wrong=prompts,
            on_silence=st.none() | st.builds(Exit, to=ahead),
        ),
        "language": st.builds(SetLanguage, **on, error=ahead, language=st.sampled_from(Language)),
        "say": st.builds(
            Say,
            **on,
            error=ahead,
            parts=st.tuples(prompts, parts).map(lambda said: (*said[0], said[1])),
            barge_in=st.booleans(),
        ),
        "collect": st.builds(
            _collect,
            **failing,
            into=st.just("account"),
            prompts=prompts,
            shortest=st.integers(1, 4),
            more=st.integers(0, 3),
            next=st.builds(Exit, to=anywhere),
            exhausted=st.builds(Exit, to=ahead),
            terminator=st.sampled_from(("", "#", "*")),
            highest=st.none() | st.integers(0, 5000),
            secret=st.booleans(),
            confirm=st.none() | _confirms(),
            tries=st.integers(1, 4),
            wrong=prompts,
        ),
        "condition": st.builds(
            Condition, id=me, cases=st.lists(cases, min_size=1, max_size=3).map(tuple), otherwise=ahead
        ),
        "open_hours": st.builds(
            OpenHours,
            **failing,
            calendar=st.sampled_from(("house", "gone")),
            open=ahead,
            closed=ahead,
            until=st.sampled_from((None, "until")),
        ),
        "errand": _errands(node, ahead),
        "set": st.builds(
            Set,
            **on,
            needs=_needs(),
            values=st.dictionaries(st.just("account"), st.sampled_from(("", "1", "x"))),
        ),
        "goodbye": st.builds(Goodbye, **failing, prompts=prompts),
    }


def _collect(*, shortest: int, more: int, secret: bool, confirm: Confirm | None, **rest: Any) -> Collect:
    return Collect(
        shortest=shortest, longest=shortest + more, secret=secret, confirm=None if secret else confirm, **rest
    )


@cache
def _kinds(*, last: bool, calls: bool) -> st.SearchStrategy[str]:
    return st.sampled_from(_ENDS if last else (*_WAYS, *_ENDS, *(["sub_flow"] * 3 if calls else [])))


HOUSE = Calendar(week={"mon": (Span(begins=time(9), ends=time(18)),)})


_SIZES, _STEPS = st.integers(1, 8), st.integers(5, 40)
_WORDS = ("Hello {account|there}.", "It is {account:number}.", "{until:date|soon}, {ani}", "{customer_name}")
_TEXTS = st.sampled_from(
    (
        {},
        {Language.ZH: {"hello": read(_WORDS[0]), "ask": read(_WORDS[2])}},
        {language: dict.fromkeys(SENTENCES, read(_WORDS[1])) for language in Language},
        {Language.EN: {"ask": read(_WORDS[3])}, Language.ZH: {"wrong": read(_WORDS[3]), "bye": read(_WORDS[1])}},
    )
)
"""Values in the words of none, some or all prompts, known or not."""


def _drawn_flow(draw: st.DrawFn, name: str, callable_: tuple[str, ...]) -> Flow:
    names = tuple(NodeId(f"n{number}") for number in range(draw(_SIZES)))
    nodes = dict[NodeId, Node]()
    for place, node in enumerate(names, 1):
        later = names[place:]
        kind = draw(_kinds(last=not later, calls=bool(callable_)))
        nodes[node] = draw(_kinds_of_node(node, names, later, callable_)[kind])
    return Flow(
        name=name,
        start=names[0],
        nodes=nodes,
        language=Language.ZH,
        languages=tuple(Language),
        apology=Prompt(key="sorry"),
        max_steps=draw(_STEPS),
        calendars={"house": HOUSE},
        texts=draw(_TEXTS),
    )


_OTHERS = st.integers(0, 2)


@st.composite
def ending_flows(draw: st.DrawFn) -> Flow:
    """A flow and up to two others, each of which calls only later ones."""
    names = ("any", *("once", "twice")[: draw(_OTHERS)])
    flows = {name: _drawn_flow(draw, name, names[place:]) for place, name in enumerate(names, 1)}
    return linked(flows)["any"]
