"""Prompts with values in their words: heard piece by piece, left by `error` where they cannot be; what is proved."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_core.kernel.language import Language
from ivr.flow.asked import Answered
from ivr.flow.messages import Effect, Failed, Known, PlaySounds
from ivr.flow.model import Flow, reads
from ivr.flow.wording import FIXED, Wording, read, wording
from ivr.shelf import doubts, findings, shelf, wording_findings
from tests.unit.ivr.flows import SOUNDS, document, small_flow
from tests.unit.ivr.test_errands import QUEUES, ZHANG, end, play, steps

ZH, EN = Language.ZH, Language.EN
GREETS = {"hello": "您好，{customer_name}。", "ask": "余额 {sum:money}，请按键。"}


def knowing(flow: Flow, **texts: str) -> Flow:
    return replace(flow, texts={ZH: {key: read(text) for key, text in texts.items()}})


def greeting(**changes: Any) -> Flow:
    """Who calls is looked up and greeted."""
    look_up = {"kind": "look_up", "found": "hello", "several": "several", "unknown": "hello", "error": "hello"}
    hello = {"kind": "play", "prompts": ["hello", "ask"], "next": "yes", "error": "house", **changes}
    return small_flow(start="who", nodes={"who": look_up, "hello": hello, **QUEUES})


def heard(effects: list[Effect]) -> list[str]:
    """What is spoken in brackets, `~` before a caller's value; prompts by their keys."""
    rows = [one.sounds for one in effects if isinstance(one, PlaySounds)]
    return [
        one.key if one.spoken is None else f"[{'~' if one.spoken.value else ''}{one.spoken.say}]"
        for row in rows
        for one in row
    ]


def test_it_is_heard_piece_by_piece_with_what_is_known_by_then() -> None:
    effects = play(knowing(greeting(), hello="您好，{customer_name}。"), ZHANG, "")
    assert heard(effects) == ["[您好，]", "[~张伟]", "ask"]
    assert end(effects) == "yes"


def test_a_value_of_a_kind_is_said_by_the_small_prompts() -> None:
    flow = small_flow(
        start="set",
        nodes={
            "set": {"kind": "set", "values": {"sum": "12.50", "due": "20261128"}, "next": "say"},
            "say": {"kind": "play", "prompts": ["hello"], "next": "yes", "error": "house"},
            **{name: QUEUES[name] for name in ("yes", "house")},
        },
    )
    effects = play(knowing(flow, hello="余额 {sum:money}，{due:date}"), "")
    assert heard(effects)[:4] == ["[余额]", "n_12", "yuan", "n_5"]
    assert heard(effects)[-4:] == ["month", "n_20", "n_8", "day"]
    assert end(effects) == "yes"


@pytest.mark.parametrize("text", ["您好，{customer_name}。", "您好，{customer_level:number}。"])
def test_without_the_value_the_node_is_left_by_error(text: str) -> None:
    effects = play(knowing(greeting(), hello=text), Answered(way="unknown"), "")
    assert (heard(effects), end(effects)) == ([], "house")


def test_a_value_that_is_nothing_of_its_kind_is_not_said() -> None:
    assert end(play(knowing(greeting(), hello="您好，{customer_name:date}。"), ZHANG)) == "house"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("您好，{customer_name|尊敬的客户}。", ["[您好，]", "[尊敬的客户]", "ask"]),
        ("您好，{customer_name|}。", ["[您好，]", "ask"]),
        ("您好，{customer_level:date|改日}。", ["[您好，]", "[改日]", "ask"]),
    ],
)
def test_other_words_stand_in_for_it(text: str, expected: list[str]) -> None:
    effects = play(knowing(greeting(), hello=text), Answered(way="unknown"), "")
    assert (heard(effects), end(effects)) == (expected, "yes")


def test_what_stands_in_is_there_too_should_no_voice_speak_in_time() -> None:
    (row,) = [
        one.sounds
        for one in play(knowing(greeting(), hello="{customer_name|客户}您好，{ani}"), ZHANG)
        if isinstance(one, PlaySounds)
    ]
    name, _, number, _ = row
    assert name.spoken is not None
    assert name.spoken.instead is not None
    assert [one.text for one in name.spoken.instead] == ["客户"]
    assert number.spoken is not None
    assert number.spoken.instead is None


def test_every_node_that_has_prompts_says_them_so() -> None:
    menu = {"kind": "menu", "prompts": ["ask"], "choices": {"1": "yes"}, "wrong": ["wrong"], "exhausted": "yes"}
    flow = small_flow(
        start="menu", nodes={"menu": menu | {"error": "house"}, "yes": QUEUES["yes"], "house": QUEUES["house"]}
    )
    flow = knowing(flow, ask="您的号码 {ani:digits}", wrong="{ani:digits} 按错了")
    effects = play(flow, "", "7", known=Known(ani="12"))
    assert heard(effects) == [
        "[您的号码]",
        "digit_1",
        "n_2",
        "digit_1",
        "n_2",
        "[按错了]",
        "[您的号码]",
        "digit_1",
        "n_2",
    ]


def test_what_was_pressed_is_told_also_where_the_words_cannot_be_said() -> None:
    menu = {"kind": "menu", "prompts": ["ask"], "choices": {"1": {"to": "hello", "label": "one"}}, "exhausted": "yes"}
    hello = {"kind": "play", "prompts": ["hello"], "next": "yes", "error": "house"}
    nodes = {"menu": menu | {"error": "house"}, "hello": hello, "yes": QUEUES["yes"], "house": QUEUES["house"]}
    effects = play(knowing(small_flow(start="menu", nodes=nodes), hello="{customer_name}"), "", "1")
    assert steps(effects) == [("menu", "1", "one")]
    assert end(effects) == "house"


def test_who_types_ahead_is_not_kept_by_words_that_cannot_be_said() -> None:
    assert end(play(knowing(greeting(), hello="{customer_level:date}"), replace(ZHANG, digits="5"))) == "yes"


def test_what_is_secret_is_never_said_whatever_the_words_ask_for() -> None:
    collect = {"kind": "collect", "into": "pin", "prompts": ["ask"], "longest": 4, "secret": True, "next": "hello"}
    nodes = {
        "pin": {**collect, "exhausted": "house", "error": "house"},
        "hello": {"kind": "play", "prompts": ["hello"], "next": "yes", "error": "house"},
        **{name: QUEUES[name] for name in ("yes", "house")},
    }
    flow = small_flow(start="pin", nodes=nodes)
    for text, way, said in (("{pin:digits}", "house", []), ("{pin}", "house", []), ("您好{pin|}", "yes", ["[您好]"])):
        effects = play(knowing(flow, hello=text), "", "1234#", "")
        assert (heard(effects)[1:], end(effects)) == (said, way)


def test_another_systems_moment_is_said_in_the_time_of_the_house() -> None:
    flow = small_flow(
        start="set",
        nodes={
            "set": {"kind": "set", "values": {"due": "2026-11-28T01:30:00Z"}, "next": "say"},
            "say": {"kind": "play", "prompts": ["hello"], "next": "yes", "error": "house"},
            **{name: QUEUES[name] for name in ("yes", "house")},
        },
    )
    now = Known(at=datetime(2026, 11, 28, 12, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert heard(play(knowing(flow, hello="{due:time}"), known=now))[:2] == ["n_9", "hour"]


def test_in_another_language_it_has_its_own_words() -> None:
    flow = replace(
        knowing(greeting(prompts=["en:hello"]), hello="{ani}"), texts={EN: {"hello": read("Hi {customer_name}")}}
    )
    effects = play(flow, ZHANG)
    (row,) = [one.sounds for one in effects if isinstance(one, PlaySounds)]
    assert [(one.language, one.text) for one in row] == [(EN, "Hi "), (EN, "张伟")]


def test_who_calls_is_asked_of_the_line_when_words_name_him() -> None:
    flow = small_flow()
    assert "ani" not in reads(flow)
    assert "ani" in reads(knowing(flow, ask="您的号码 {ani}"))


def test_a_voice_that_fails_leads_on_as_a_prompt_that_is_not_there() -> None:
    assert end(play(knowing(greeting(), hello="您好 {customer_name}"), ZHANG, Failed())) == "house"


# Proofs ---------------------------------------------------------------------------------------------------------------


def sounds(**texts: str | tuple[str, str]) -> dict[Language, dict[str, Wording]]:
    """With these words in both languages, or Chinese and English ones."""
    both = {key: (text, text) if isinstance(text, str) else text for key, text in texts.items()}
    return {
        language: {
            **dict.fromkeys(SOUNDS[language], FIXED),
            **{key: wording(pair[place]) for key, pair in both.items()},
        }
        for place, language in enumerate((ZH, EN))
    }


def found(raw: dict[str, Any], there: dict[Language, dict[str, Wording]]) -> list[str]:
    return [str(one) for one in findings("main", json.dumps(raw), {}, there)]


def test_words_whose_values_are_given_hold() -> None:
    assert found(document(), sounds(hello="您好 {ani|}", ask="{dnis:digits}")) == []


def test_a_value_that_nothing_gives_is_told_at_the_node_that_says_it() -> None:
    assert found(document(), sounds(hello=("您好 {customer_name}", "Hello"))) == [
        "node “hello”, field “prompts”: nothing gives the value “customer_name”, which the words of “hello” name"
    ]


def test_words_that_cannot_be_read_are_told() -> None:
    (told,) = found(document(), sounds(wrong=("按错了", "wrong {key:animal}")))
    assert (
        "node “menu”, field “wrong”: the words of “wrong” in “en” cannot be read: nothing is said as “animal”" in told
    )


def test_a_secret_is_not_said() -> None:
    raw = document()
    raw["nodes"]["hello"]["next"] = "pin"
    raw["nodes"]["pin"] = {
        "kind": "collect", "into": "pin", "prompts": ["ask"], "longest": 4, "secret": True, "next": "menu",
        "exhausted": "menu",
    }  # fmt: skip
    assert (
        found(raw, sounds(hello="{pin:digits}"))
        == ["node “hello”, field “prompts”: “pin” is secret and is not said, though the words of “hello” name it"] * 2
    )


def test_the_pieces_of_a_kind_must_be_there() -> None:
    there = sounds(hello="{ani:money}")
    del there[EN]["yuan"]
    assert found(document(), there) == [
        "node “hello”, field “prompts”: no money can be said in “en”: there is no prompt “yuan”"
    ]


def test_an_apology_has_no_values() -> None:
    assert found(document(), sounds(sorry="对不起 {ani}"))[0].startswith("field “apology”: the words of “sorry”")


def test_words_take_no_published_menu_from_its_callers() -> None:
    there = sounds(hello="您好 {customer_name}")
    standing = shelf({"main": json.dumps(document())}, there)
    assert not standing.wrong
    assert standing.flows["main"].texts[ZH]["hello"].places
    assert list(wording_findings({"main": json.dumps(document())}, there)) == ["main"]


def test_a_menu_whose_words_lean_on_another_is_told_when_that_gives_a_value_no_more() -> None:
    gives = document()
    gives["nodes"]["hello"] = {"kind": "set", "values": {"colour": "red"}, "next": "menu"}
    published = {"other": json.dumps(document()), "main": json.dumps(gives)}
    there = sounds(hello="{colour}")
    assert findings("main", json.dumps(gives), published, there) == ()
    gives["nodes"]["hello"]["values"] = {"color": "red"}
    (problem,) = findings("main", json.dumps(gives), published, there)
    assert "“other” could not be used any more beside it" in str(problem)


def test_other_values_in_the_other_language_are_a_doubt() -> None:
    there = sounds(hello=("您好 {ani|}", "Hello"), ask=("{ani}", "{ani:digits}"))
    (doubt,) = doubts("main", json.dumps(document()), there)
    assert str(doubt) == "node “hello”, field “prompts”: the words of “hello” name “ani” in “zh” only"
