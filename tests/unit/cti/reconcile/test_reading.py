"""Rows of Asterisk's CDR in each of its forms; what is none is refused with its line and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from callwright.asterisk.render import CDR_COLUMNS
from cti.reconcile import CdrUnreadable, Row, read_rows
from cti.reconcile.reading import OURS

OUR_ROW = (
    '"1795764591.599895","1795764591.601226","1795764611.605793",""""" <13911110002>","13911110002","1001-1a21x7",'
    '"{context}","PJSIP/trunk-00000017","{party}","Dial","20","20","{disposition}","pbx-1795764591.23","pbx-1795764591.23","23",'
    '"pbx-1795764591-23"'
)
MASTER_ROW = (
    '"","13911110002","1001","from-trunk","""张伟"" <13911110002>","PJSIP/trunk-17","PJSIP/1001-18","Dial",'
    '"PJSIP/1001,20","2026-11-26 17:29:51","2026-11-26 17:29:51","2026-11-26 17:30:11",20,20,"ANSWERED","DOCUMENTATION"'
)


def rows(*lines: str) -> list[Row]:
    return list(read_rows(lines, file="calls.csv", timezone=UTC))


def ours(*, party: str = "PJSIP/1001-18", disposition: str = "ANSWERED", context: str = "cw-offer") -> str:
    return OUR_ROW.format(party=party, disposition=disposition, context=context)


def test_the_columns_are_those_that_we_have_asterisk_write() -> None:
    assert OURS == CDR_COLUMNS


def test_a_row_of_ours() -> None:
    assert rows(ours()) == [
        Row(
            call="pbx-1795764591-23",
            server="pbx",
            start=1795764591.599895,
            end=1795764611.605793,
            answered=True,
            channel="PJSIP/trunk-00000017",
            caller="13911110002",
            first="pbx-1795764591-23",
            party="1001",
            asked=True,
        )
    ]


@pytest.mark.parametrize(
    ("party", "disposition"), [("", "ANSWERED"), ("PJSIP/1001-1", "NO ANSWER"), ("PJSIP/1001-1", "BUSY")]
)
def test_music_is_no_party_and_a_phone_that_only_rang_is_none(party: str, disposition: str) -> None:
    assert not rows(ours(party=party, disposition=disposition))[0].answered


@pytest.mark.parametrize(
    ("context", "asked"), [("cw-say", True), ("cw-menu-agent", True), ("cw-menu-number", True), ("cw-ivr", False)]
)
def test_who_waits_and_whom_a_menu_leads_to_a_phone_has_asked_for_a_person(context: str, asked: bool) -> None:
    assert rows(ours(party="", context=context))[0].asked is asked


def test_master_csv_with_its_columns_behind() -> None:
    with_id = rows(MASTER_ROW + ',"pbx-1795764591.23"')
    whole = rows(MASTER_ROW + ',"pbx-1795764591.23","pbx-1795764591-23"')
    newer = rows(MASTER_ROW + ',"pbx-1795764591.23","pbx-1795764591-23","","pbx-1795764591.23",7')
    assert with_id == whole == [replace(newer[0], first="")]
    assert newer[0].first == "pbx-1795764591-23"
    assert (whole[0].call, whole[0].server, whole[0].start) == ("pbx-1795764591-23", "pbx", 1795714191.0)
    assert (whole[0].end, whole[0].answered) == (1795714211.0, True)


def test_columns_named_by_a_heading() -> None:
    heading = "userfield,start,end,channel,dstchannel,disposition"
    found = rows(heading, "pbx-1-2,10.5,11.5,PJSIP/trunk-1,,NO ANSWER")
    assert [(row.call, row.start, row.end, row.answered) for row in found] == [("pbx-1-2", 10.5, 11.5, False)]


def test_an_empty_file_and_empty_lines_have_no_rows() -> None:
    assert rows() == rows("", "") == []
    assert len(rows("", ours(), "", ours())) == 2


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("one,two,three",), "it has 3 columns"),
        (("start,end,channel",), "it has no column disposition, dstchannel, userfield"),
        (("\x7fELF\x02\x01",), "it has 1 columns"),
        ((MASTER_ROW,), "loguserfield=yes"),
        ((ours(), "one,two,three"), "it has 3 columns, the first line has 17"),
        ((ours(), ours().replace("1795764611.605793", "yesterday")), "'yesterday' is no time"),
        ((ours(), ours().replace("1795764611.605793", "nan")), "'nan' is no time"),
        ((ours(), '"open'), "unexpected end of data"),
    ],
)
def test_what_is_no_account_is_refused_with_its_line(lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(CdrUnreadable) as refused:
        rows(*lines)
    assert refused.value.sentence().startswith("calls.csv is no account of Asterisk's calls (CDR), line ")
    assert why in refused.value.sentence()
