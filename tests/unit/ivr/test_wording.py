"""Words with values in them: read, written again, led in their pronunciation, and refused with a named problem."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.saying import Kind
from ivr.flow.wording import (
    FIXED,
    LONGEST_VALUE,
    MOST_VALUES,
    Fault,
    Literal,
    Miswritten,
    Place,
    Wording,
    read,
    sentence,
    spoken_value,
    without_values,
    wording,
    written,
)

TEXTS = st.one_of(st.text(), st.text(alphabet="{}ab:|_ 1，、", max_size=30))


def lit(text: str) -> Literal:
    return Literal(text=text, say=text)


def test_words_and_values_come_one_after_the_other() -> None:
    assert read("您的工单 {ticket:digits} 现在的状态是 {status}，预计 {due:date} 完成。").pieces == (
        lit("您的工单 "),
        Place(value="ticket", kind=Kind.DIGITS),
        lit(" 现在的状态是 "),
        Place(value="status"),
        lit("，预计 "),
        Place(value="due", kind=Kind.DATE),
        lit(" 完成。"),
    )


@pytest.mark.parametrize("kind", Kind)
def test_every_way_of_saying_is_known(kind: Kind) -> None:
    assert read(f"{{it:{kind}}}").places == (Place(value="it", kind=kind),)


def test_other_words_for_a_value_that_is_not_known() -> None:
    assert read("Hello {name|dear  customer}!").places == (Place(value="name", otherwise=lit("dear customer")),)
    assert read("Hello {name|}!").places == (Place(value="name", otherwise=lit("")),)
    assert read("{sum:money|some money}").places[0].otherwise == lit("some money")


def test_as_a_chinese_keyboard_writes_it() -> None:
    assert read("预计 ｛due：date｜近日｝ 完成") == read("预计 {due:date|近日} 完成")


def test_braces_are_written_twice() -> None:
    assert read("a {{b}} c").pieces == (lit("a {b} c"),)
    assert read("{{{name}}}").pieces == (lit("{"), Place(value="name"), lit("}"))
    assert wording("a {{b}} c") == FIXED


@pytest.mark.parametrize(
    ("text", "fault", "what"),
    [
        ("Hello {name", Fault.OPEN, ""),
        ("Hello {na{me}", Fault.OPEN, ""),
        ("Hello name}", Fault.CLOSE, ""),
        ("Hello {}", Fault.NAME, ""),
        ("Hello {Name}", Fault.NAME, "Name"),
        ("Hello {the name}", Fault.NAME, "the name"),
        ("Hello {:date}", Fault.NAME, ":date"),
        ("on {due:day}", Fault.KIND, "day"),
        ("on {due:}", Fault.KIND, ""),
        ("{a}" * (MOST_VALUES + 1), Fault.MANY, ""),
    ],
)
def test_what_cannot_be_read_has_a_name(text: str, fault: Fault, what: str) -> None:
    with pytest.raises(Miswritten) as refused:
        read(text)
    assert (refused.value.fault, refused.value.what) == (fault, what)
    assert wording(text) == Wording(fault=fault, what=what)
    assert str(sentence(fault, what))


def test_the_synthesiser_is_led_between_the_values() -> None:
    found = read("您好，{name|客户}，还重。", "nin2hao3 {name|ke4hu4} hai2 chong2")
    assert [one.say for one in found.literals] == ["nin2hao3 ", "ke4hu4", " hai2 chong2"]
    assert [one.text for one in found.literals] == ["您好，", "客户", "，还重。"]


@pytest.mark.parametrize("say", ["nin2hao3", "{other} hao3", "{name:digits} hao3", "{name|x} hao3", "{name} {name}"])
def test_led_with_other_values_it_is_refused(say: str) -> None:
    with pytest.raises(Miswritten) as refused:
        read("{name} 您好", say)
    assert refused.value.fault is Fault.LED


def test_what_is_only_a_comma_is_not_spoken() -> None:
    assert [one.spoken for one in read("{a}, {b}, and {c}.").literals] == ["and"]


def test_what_is_said_when_nothing_is_known() -> None:
    assert without_values("Hello {name|there}, it is {sum:money} now.") == "Hello there, it is now."
    assert without_values("Hello {name") == "Hello name"
    assert without_values("no values") == "no values"


@given(TEXTS)
def test_any_text_is_read_and_written_again_or_refused_with_a_name(text: str) -> None:
    found = wording(text)
    if found.fault is not None:
        assert sentence(found.fault, found.what)
        return
    assert written(read(written(read(text)))) == written(read(text))
    assert read(written(read(text))) == read(text)


@given(TEXTS, TEXTS)
def test_nothing_is_raised_of_what_stands_somewhere_already(text: str, say: str) -> None:
    found = wording(text, say)
    assert found.fault is None or found.pieces == ()
    assert "{" not in without_values(text) or "{{" in text or "｛｛" in text or "{｛" in text or "｛{" in text


@given(st.text(max_size=1000))
def test_any_value_is_one_short_line_or_nothing(text: str) -> None:
    said = spoken_value(text)
    assert len(said) <= LONGEST_VALUE
    assert said == "" or any(sign.isalnum() for sign in said)
    assert not any(sign in said for sign in "[]<>{}\\\n\r\0\u202e\ud800")
    assert spoken_value(said) == said


def test_a_name_stays_a_name() -> None:
    assert spoken_value(" 张\t伟\n") == "张 伟"
    assert spoken_value("O'Neill & Sons, Ltd.") == "O'Neill & Sons, Ltd."
    assert spoken_value("[[w'Vld]] <break/>") == "w'Vld break/"
    assert spoken_value("…—!") == ""
