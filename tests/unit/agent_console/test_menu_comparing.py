"""Two versions of a voice menu compared, and the hours of a number as they are typed."""

from __future__ import annotations

import json

import pytest

from agent_console.errors import Invalid
from agent_console.menus import placed, told
from agent_console.pages.menus.comparing import Change, FieldChange, PlaceChange, compared
from agent_console.pages.menus.forms import hours_text, read_hours
from agent_console.pages.menus.names import FIELDS, KINDS, field_name, kind_name
from agent_console.words import load_words
from crm_core.kernel.language import Language
from ivr.flow import problems
from ivr.flow.loader import examine
from ivr.flow.schema import flow_schema

WORDS = load_words(timezone="Asia/Shanghai", home_region="CN")
OLD = {"start": "a", "nodes": {"a": {"kind": "play", "prompts": ["x", "y"]}, "b": {"kind": "hangup"}}}
NEW = {"start": "a", "about": "new", "layout": {"a": [1, 2]}, "nodes": {"a": {"kind": "play", "prompts": ["x"]}}}


def test_what_nobody_can_read_has_nothing_in_it() -> None:
    assert compared("[" * 100_000, '{"nodes": {"a": 1, "a": 2}}') == ()


def test_what_changed_is_told_by_node_and_field() -> None:
    assert compared(json.dumps(OLD), json.dumps(NEW)) == (
        PlaceChange(node="", kind="", change=Change.CHANGED, fields=(FieldChange(field="about", after="new"),)),
        PlaceChange(
            node="a",
            kind="play",
            change=Change.CHANGED,
            fields=(FieldChange(field="prompts", before="x, y", after="x"),),
        ),
        PlaceChange(
            node="b", kind="hangup", change=Change.REMOVED, fields=(FieldChange(field="kind", before="hangup"),)
        ),
    )


@pytest.mark.parametrize("text", ["", "[]", "{", '{"nodes": []}', '{"nodes": {"a": 1}}'])
def test_whatever_a_file_holds_can_be_compared(text: str) -> None:
    assert compared(text, text) == ()
    assert compared(text, json.dumps(OLD))


def test_another_place_on_the_drawing_is_no_difference() -> None:
    assert compared(json.dumps(OLD), json.dumps(OLD | {"layout": {"a": [9, 9]}})) == ()


def test_hours_come_out_as_they_went_in() -> None:
    text = "mon 09:00-12:00 13:00-18:00\n2026-10-01/2026-10-07 National Day\n2026-10-10 09:00-18:00"
    hours = read_hours(text)
    assert hours_text(hours, Language.EN) == text
    chinese = hours_text(hours, Language.ZH)
    assert chinese.startswith("周一 09:00-12:00 13:00-18:00\n")
    assert read_hours(chinese) == hours
    assert read_hours(" \n") is None


def test_a_day_on_two_lines_is_open_at_both() -> None:
    hours = read_hours("mon 09:00-12:00\nMon 13:00-18:00，19:00-20:00\nsun")
    assert hours is not None
    assert hours.week == {"mon": ("09:00-12:00", "13:00-18:00", "19:00-20:00"), "sun": ()}
    assert hours_text(hours, Language.EN) == "mon 09:00-12:00 13:00-18:00 19:00-20:00\nsun"


@pytest.mark.parametrize("text", ["mon 9-18", "monday 09:00-18:00", "2026-13-01"])
def test_hours_that_cannot_be_read_are_told(text: str) -> None:
    with pytest.raises(Invalid):
        read_hours(text)


def test_findings_are_said_in_the_readers_language() -> None:
    finding = problems.Problem(node="a", field="next", says=problems.told("there is no node “%(name)s”", name="b"))
    assert WORDS[Language.EN].speak(told(finding)) == "there is no node “b”"
    assert WORDS[Language.ZH].speak(placed(finding)) == "a，下一步：没有节点“b”"
    beside = problems.Problem(
        says=problems.told("“%(flow)s” could not be used any more beside it: %(why)s", flow="main", why=finding)
    )
    assert WORDS[Language.ZH].speak(placed(beside)) == "发布后菜单“main”将无法使用：a，下一步：没有节点“b”"
    assert WORDS[Language.ZH].speak(told(problems.Problem(says="100% new"))) == "100% new"
    _, found = examine('{"defaults": {"asks": "repair >= 9"}}', "main")
    (wish,) = (WORDS[Language.ZH].speak(told(one)) for one in found if one.field == "defaults.asks")
    assert wish.startswith("无法识别：")
    assert "at sign" not in wish
    assert "“9”" in wish


def test_what_has_no_word_yet_is_called_by_its_name() -> None:
    english = WORDS[Language.EN]
    assert (english.speak(kind_name("play")), english.speak(kind_name("brand_new"))) == ("Play prompts", "brand_new")
    assert english.speak(field_name("confirm.before.1")) == "Repeat it and let it be confirmed, Said before it, 1"


def test_every_kind_of_node_and_every_field_of_it_has_a_word() -> None:
    forms = flow_schema()["properties"]["nodes"]["additionalProperties"]["oneOf"]
    assert {form["properties"]["kind"]["const"] for form in forms} == set(KINDS)
    assert {field for form in forms for field in form["properties"]} <= set(FIELDS)
