"""Flows for tests: small ones written out, and arbitrary ones for hypothesis."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from ivr.flow.loader import parse_flow
from ivr.flow.model import (
    Answer,
    Exit,
    Flow,
    Goodbye,
    HangUp,
    Menu,
    Needs,
    Node,
    NodeId,
    Play,
    Prompt,
    Queue,
    Set,
    SetLanguage,
)

SOUNDS = {language: frozenset({"hello", "ask", "wrong", "silent", "sorry", "bye"}) for language in Language}


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


def _prompts() -> st.SearchStrategy[tuple[Prompt, ...]]:
    languages = st.sampled_from((None, *Language))
    one = st.builds(Prompt, key=st.sampled_from(sorted(SOUNDS[Language.ZH])), language=languages)
    return st.lists(one, min_size=1, max_size=2).map(tuple)


def _needs() -> st.SearchStrategy[Needs]:
    return st.builds(
        Needs,
        queue=st.sampled_from((None, QueueKey("service"), QueueKey("repair"))),
        skills=st.dictionaries(st.sampled_from((SkillKey("repair"), SkillKey("consult"))), st.integers(1, 5)),
        priority=st.none() | st.integers(0, 9),
        intent=st.sampled_from((None, "repair")),
    )


@st.composite
def _node(  # noqa: PLR0911 - one for each kind of node
    draw: st.DrawFn, node: NodeId, everywhere: list[NodeId], later: list[NodeId]
) -> Node:
    """Unasked ways lead only to later nodes, asked ones anywhere: so the flow is valid by construction."""
    kinds = ["queue", "hangup"] if not later else ["answer", "play", "menu", "language", "set", "goodbye", "queue"]
    ahead = st.sampled_from(later) if later else st.nothing()
    match draw(st.sampled_from(kinds)):
        case "answer":
            return Answer(id=node, next=draw(ahead), error=draw(ahead))
        case "play":
            return Play(
                id=node, prompts=draw(_prompts()), next=draw(ahead), error=draw(ahead), barge_in=draw(st.booleans())
            )
        case "menu":
            ways = st.builds(Exit, to=st.sampled_from(everywhere), label=st.sampled_from(("", "a")))
            return Menu(
                id=node,
                prompts=draw(_prompts()),
                choices=draw(st.dictionaries(st.sampled_from("0123456789*#"), ways, min_size=1, max_size=4)),
                exhausted=Exit(to=draw(ahead)),
                error=draw(ahead),
                tries=draw(st.integers(1, 4)),
                wrong=draw(_prompts()),
                on_silence=draw(st.none() | st.builds(Exit, to=ahead)),
            )
        case "language":
            return SetLanguage(id=node, language=draw(st.sampled_from(Language)), next=draw(ahead), error=draw(ahead))
        case "set":
            return Set(id=node, needs=draw(_needs()), next=draw(ahead))
        case "goodbye":
            return Goodbye(id=node, prompts=draw(_prompts()), error=draw(ahead))
        case "queue":
            return Queue(id=node, needs=draw(_needs()))
        case _:
            return HangUp(id=node)


@st.composite
def ending_flows(draw: st.DrawFn) -> Flow:
    names = [NodeId(f"n{number}") for number in range(draw(st.integers(1, 8)))]
    nodes = {node: draw(_node(node, names, names[place + 1 :])) for place, node in enumerate(names)}
    return Flow(
        name="any",
        start=names[0],
        nodes=nodes,
        language=Language.ZH,
        languages=tuple(Language),
        apology=Prompt(key="sorry"),
        max_steps=draw(st.integers(5, 40)),
    )
