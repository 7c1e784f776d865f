"""Asterisk's answer lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.fastagi.answers import Answer, Kind, parse_answer


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("200 result=0 endpos=6920", Answer(kind=Kind.DONE, result="0", endpos=6920)),
        ("200 result=-1 endpos=0", Answer(kind=Kind.FAILED, result="-1")),
        ("200 result=50", Answer(kind=Kind.DONE, result="50")),
        ('200 result=1 (a(b)=c"d\\e)', Answer(kind=Kind.DONE, result="1", data='a(b)=c"d\\e')),
        ("200 result=1 (x result=-1 (hangup))", Answer(kind=Kind.DONE, result="1", data="x result=-1 (hangup)")),
        ("200 result=1 ()", Answer(kind=Kind.DONE, result="1")),
        ("200 result=12 (timeout)", Answer(kind=Kind.DONE, result="12", data="timeout")),
        ("200 result= (timeout)", Answer(kind=Kind.DONE, data="timeout")),
        ("200 result=-2", Answer(kind=Kind.DONE, result="-2")),
        ("HANGUP", Answer(kind=Kind.HANGUP)),
        ("100 result=0 Trying...", Answer(kind=Kind.PROGRESS, data="result=0 Trying...")),
        ("510 Invalid or unknown command", Answer(kind=Kind.REFUSED, data="Invalid or unknown command")),
        ("520-Invalid command syntax.", Answer(kind=Kind.USAGE_BEGINS, data="Invalid command syntax.")),
        ("520 End of proper usage.", Answer(kind=Kind.REFUSED, data="End of proper usage.")),
        ("200 result=1 (first", Answer(kind=Kind.UNFINISHED)),
        ("200 result=1 (first\nsecond)", Answer(kind=Kind.DONE, result="1", data="first\nsecond")),
        ("200 nothing", Answer(kind=Kind.NOT_AN_ANSWER)),
        ("agi_callerid: 123", Answer(kind=Kind.NOT_AN_ANSWER)),
        ("", Answer(kind=Kind.NOT_AN_ANSWER)),
    ],
)
def test_answers(line: str, answer: Answer) -> None:
    assert parse_answer(line) == answer


def test_a_dead_channel() -> None:
    assert parse_answer("511 Command Not Permitted on a dead channel").kind is Kind.DEAD


@given(st.text())
def test_any_line_is_understood_somehow(line: str) -> None:
    assert parse_answer(line).kind in Kind
