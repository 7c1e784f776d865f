"""A caller is told what the house knows: heard, begun once more by a key, or not there; what publishing looks at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_core.domain.articles import LONGEST_SPOKEN, ArticleState, Readable, Reading, Side, readable, reading
from crm_core.kernel.language import Language
from ivr.articles import article_problems, articles_used
from ivr.flow.asked import Answered, ReadArticle
from ivr.flow.loader import examine
from ivr.flow.messages import Failed, Heard, Input, PlaySounds
from ivr.flow.model import Flow
from ivr.flow.validator import find_problems
from ivr.prompts.catalogue import load_catalogue
from ivr.rehearsal.deeds import only_reads
from ivr.rehearsal.heard import Spoken, spoken
from ivr.used import AtNode
from tests.unit.ivr.flows import SOUNDS, small_flow
from tests.unit.ivr.test_errands import QUEUES, asked, end, play, said, steps

TOLD = Answered(way="told", values={"sound": "articles/K-0007-ab", "language": "en", "text": "Pull the plug."})
QUESTION = ReadArticle(article="K-0007", language="zh")


def telling(**changes: Any) -> Flow:
    node = {"kind": "article", "article": "K-0007", "again": "*", "told": "yes", "error": "house", **changes}
    return small_flow(start="known", nodes={"known": node, **{name: QUEUES[name] for name in ("yes", "house")}})


def test_it_is_heard_in_the_language_there_is() -> None:
    effects = play(telling(), TOLD, "")
    assert asked(effects) == [QUESTION]
    (heard,) = [one for one in effects if isinstance(one, PlaySounds)]
    assert [(one.language, one.key) for one in heard.sounds] == [(Language.EN, "articles/K-0007-ab")]
    assert steps(effects) == [("known", "", "article_told")]
    assert end(effects) == "yes"


def test_a_key_begins_it_once_more_but_not_for_ever() -> None:
    effects = play(telling(tries=2), TOLD, "*", TOLD, "*")
    assert said(effects) == [["articles/K-0007-ab"]] * 2
    assert steps(effects) == [("known", "", "article_told"), ("known", "*", "article_again")]
    assert end(effects) == "yes"


def test_without_such_a_key_any_key_goes_on() -> None:
    assert asked(play(telling(again=""), TOLD, "*")) == [QUESTION]


def test_another_key_is_kept_for_what_comes_next() -> None:
    menu = {
        "kind": "menu",
        "prompts": ["ask"],
        "choices": {"1": {"to": "yes", "label": "one"}},
        "exhausted": "house",
        "error": "house",
    }
    node = {"kind": "article", "article": "K-0007", "told": "menu", "error": "house"}
    nodes = {"known": node, "menu": menu, **{name: QUEUES[name] for name in ("yes", "house")}}
    effects = play(small_flow(start="known", nodes=nodes), TOLD, "1")
    assert end(effects) == "yes"
    assert said(effects) == [["articles/K-0007-ab"]]


@pytest.mark.parametrize(
    "answer", [Failed(), Heard(), Answered(way="error"), Answered(way="told"), Answered(way="found")]
)
def test_what_cannot_be_heard_leaves_by_the_error(answer: Input) -> None:
    effects = play(telling(), answer)
    assert steps(effects) == [("known", "", "not_answered")]
    assert end(effects) == "house"


def test_a_sound_that_is_gone_leaves_by_the_error() -> None:
    assert end(play(telling(), TOLD, Failed())) == "house"


def test_it_is_sound_and_ends() -> None:
    assert find_problems(telling(), SOUNDS) == ()


@pytest.mark.parametrize(("field", "value"), [("article", "K7"), ("article", ""), ("again", "12"), ("tries", 10)])
def test_fields_of_another_form_are_named(field: str, value: object) -> None:
    _, problems = examine(_document(**{field: value}), "main")
    assert [(one.node, one.field) for one in problems] == [("known", field)]


def _document(**changes: Any) -> str:
    known = {"kind": "article", "article": "K-0007", "told": "person", "error": "person", **changes}
    nodes = {"known": known, "person": {"kind": "queue"}}
    return json.dumps({"start": "known", "language": "zh", "languages": ["zh"], "apology": "trouble", "nodes": nodes})


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({}, "there is no article “K-0007”"),
        ({"K-0007": Readable(published=False, spoken=frozenset({Language.ZH}))}, "is not published"),
        ({"K-0007": Readable(published=True)}, "too long to be heard"),
    ],
)
def test_publishing_a_menu_names_the_node_whose_article_cannot_be_heard(found: Any, says: str) -> None:
    (problem,) = article_problems("main", _document(), found)
    assert (problem.node, problem.field) == ("known", "article")
    assert says in problem.says


def test_a_published_article_is_no_problem() -> None:
    known = {"K-0007": Readable(published=True, spoken=frozenset({Language.EN}))}
    assert article_problems("main", _document(), known) == ()


def test_where_callers_hear_it() -> None:
    used = articles_used({"main": _document()}, {"main": _document(), "new": _document()})
    here, drawn = AtNode(menu="main", node="known"), AtNode(menu="new", node="known", draft=True)
    assert used == {"K-0007": (here, drawn)}


def test_the_simulator_reads_its_words() -> None:
    assert only_reads(QUESTION)
    (heard,) = [one for one in play(telling(), TOLD) if isinstance(one, PlaySounds)]
    said_ = list(spoken(heard.sounds, load_catalogue()))
    assert said_ == [Spoken(language=Language.EN, text="Pull the plug.")]


# What is told ---------------------------------------------------------------------------------------------------------

LONG = "字" * (LONGEST_SPOKEN[Language.ZH] + 1)


def test_his_language_then_the_other() -> None:
    both = {
        Language.ZH: Side(title="重启", body="先拔电源。"),
        Language.EN: Side(title="Reset", body="Pull\nthe plug."),
    }
    assert reading(both, Language.EN) == Reading(language=Language.EN, text="Pull the plug.")
    assert reading({Language.EN: both[Language.EN]}, Language.ZH) == Reading(
        language=Language.EN, text="Pull the plug."
    )


def test_its_own_words_for_the_telephone_go_before_the_body() -> None:
    side = Side(title="重启", body=LONG, spoken="请拔电源。")
    assert reading({Language.ZH: side}, Language.ZH) == Reading(language=Language.ZH, text="请拔电源。")


def test_what_is_too_long_is_not_told() -> None:
    sides = {Language.ZH: Side(title="重启", body=LONG)}
    assert reading(sides, Language.ZH) is None
    assert readable(sides, ArticleState.PUBLISHED) == Readable(published=True)
