"""What is said of numbers, dates, times and money, read back by somebody who knows only how people speak."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_core.kernel.language import Language
from ivr.flow.saying import Kind, pieces, speak
from ivr.prompts.catalogue import load_catalogue

CATALOGUE = load_catalogue()
FIGURES = {figure: value for value, figure in enumerate("零一二三四五六七八九")} | {"两": 2, "幺": 1}
UNITS = {"十": 10, "百": 100, "千": 1000}
WORDS = {CATALOGUE.prompts[f"n_{value}"][Language.EN].text: value for value in (*range(20), *range(20, 100, 10))}
SCALES = {"thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}

numbers = (
    st.integers(0, 10**12 - 1)
    | st.integers(0, 12_000)
    | st.builds(lambda figure, noughts: figure * 10**noughts, st.integers(1, 9), st.integers(0, 11))
)
cents = st.integers(0, 10**9) | st.integers(0, 300)


def chinese(kind: Kind, text: str) -> str:
    keys = speak(kind, text, Language.ZH)
    assert keys is not None
    return "".join(CATALOGUE.prompts[key][Language.ZH].text for key in keys)


def english(kind: Kind, text: str) -> str:
    keys = speak(kind, text, Language.EN)
    assert keys is not None
    return " ".join(CATALOGUE.prompts[key][Language.EN].text for key in keys)


def read_chinese(said: str) -> int:
    """The naive way: figures wait for their unit, units for 万 and 亿."""
    total = group = figure = 0
    for character in said:
        if character in FIGURES:
            figure = FIGURES[character]
        elif character in UNITS:
            group += (figure or (1 if character == "十" else 0)) * UNITS[character]
            figure = 0
        else:
            total += (group + figure) * {"万": 10**4, "亿": 10**8}[character]
            group = figure = 0
    return total + group + figure


def read_english(said: str) -> int:
    total = group = 0
    for word in said.split():
        if word in WORDS:
            group += WORDS[word]
        elif word == "hundred":
            group *= 100
        elif word in SCALES:
            total += group * SCALES[word]
            group = 0
        else:
            assert word == "and"
    return total + group


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("0", "零", "zero"),
        ("2", "二", "two"),
        ("10", "十", "ten"),
        ("22", "二十二", "twenty two"),
        ("115", "一百一十五", "one hundred and fifteen"),
        ("205", "两百零五", "two hundred and five"),
        ("210", "两百一十", "two hundred and ten"),
        ("1005", "一千零五", "one thousand and five"),
        ("2022", "两千零二十二", "two thousand and twenty two"),
        ("10010", "一万零一十", "ten thousand and ten"),
        ("20000", "两万", "twenty thousand"),
        ("120500", "十二万零五百", "one hundred and twenty thousand five hundred"),
        ("100005000", "一亿零五千", "one hundred million five thousand"),
        ("1000000005", "十亿零五", "one billion and five"),
        ("-3.50", "负三点五零", "minus three point five zero"),
    ],
)
def test_numbers(text: str, zh: str, en: str) -> None:
    assert (chinese(Kind.NUMBER, text), english(Kind.NUMBER, text)) == (zh, en)


@given(numbers)
@example(10**8)
@example(10**8 + 10)
def test_every_number_is_understood(number: int) -> None:
    said = chinese(Kind.NUMBER, str(number))
    assert read_chinese(said) == number
    assert "零零" not in said
    assert not (number and said.endswith("零"))
    assert read_english(english(Kind.NUMBER, str(number))) == number


@given(st.text("0123456789*#", min_size=1, max_size=20))
def test_digits_one_by_one(text: str) -> None:
    back = {"星号": "*", "井号": "#"} | {figure: str(value) for figure, value in FIGURES.items()}
    assert "".join(back[one] for one in re.findall("星号|井号|.", chinese(Kind.DIGITS, text))) == text
    back = {"star": "*", "hash": "#"} | {word: str(value) for word, value in WORDS.items()}
    assert "".join(back[one] for one in english(Kind.DIGITS, text).split()) == text


def test_in_a_number_read_out_one_is_no_seven() -> None:
    assert chinese(Kind.DIGITS, "110") == "幺幺零"


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("2026-11-28T09:00", "二零二六年十一月二十八日", "November twenty eighth twenty twenty six"),
        ("20051001", "二零零五年十月一日", "October first two thousand and five"),
        ("1905-01-30", "一九零五年一月三十日", "January thirtieth nineteen oh five"),
        ("1900-02-12", "一九零零年二月十二日", "February twelfth nineteen hundred"),
    ],
)
def test_dates(text: str, zh: str, en: str) -> None:
    assert (chinese(Kind.DATE, text), english(Kind.DATE, text)) == (zh, en)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_date_is_understood(day: date) -> None:
    year, month, number = re.fullmatch("(.*)年(.*)月(.*)日", chinese(Kind.DATE, day.isoformat())).groups()  # type: ignore[union-attr]
    figures = int("".join(str(FIGURES[one]) for one in year))
    assert date(figures, read_chinese(month), read_chinese(number)) == day
    assert _read_english_date(english(Kind.DATE, day.isoformat())) == day
    assert speak(Kind.DATE, day.strftime("%Y%m%d"), Language.EN) == speak(Kind.DATE, day.isoformat(), Language.EN)


def _read_english_date(said: str) -> date:
    month, *rest = said.split()
    nths = {CATALOGUE.prompts[f"nth_{n}"][Language.EN].text: n for n in (*range(1, 21), 30)}
    months = {CATALOGUE.prompts[f"month_{n}"][Language.EN].text: n for n in range(1, 13)}
    day = 0
    while rest[0] not in nths:
        day += WORDS[rest.pop(0)]
    day += nths[rest.pop(0)]
    return date(_read_english_year(rest), months[month], day)


def _read_english_year(words: list[str]) -> int:
    if "thousand" in words or words[-1] == "hundred":
        return read_english(" ".join(words))
    for split in range(1, len(words)):
        century, rest = words[:split], [word for word in words[split:] if word != "oh"]
        high, low = read_english(" ".join(century)), read_english(" ".join(rest))
        if low < 100 and (low >= 10 or "oh" in words[split]) and high >= 10 and not _goes_on(century, words[split]):
            return high * 100 + low
    raise AssertionError(words)


def _goes_on(century: list[str], word: str) -> bool:
    """Twenty | six … is rather twenty-six."""
    return WORDS[century[-1]] >= 20 and WORDS.get(word, 10) < 10 and word != "oh"


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("00:00", "零点", "midnight"),
        ("12:00", "十二点", "noon"),
        ("0205", "两点零五分", "two oh five a.m."),
        ("12:30", "十二点三十分", "twelve thirty p.m."),
        ("2026-11-28T22:45", "二十二点四十五分", "ten forty five p.m."),
    ],
)
def test_times(text: str, zh: str, en: str) -> None:
    assert (chinese(Kind.TIME, text), english(Kind.TIME, text)) == (zh, en)


@given(st.times())
def test_every_time_is_understood(moment: time) -> None:
    text = moment.strftime("%H:%M")
    hour, minute = re.fullmatch("(.*)点(?:(.*)分)?", chinese(Kind.TIME, text)).groups()  # type: ignore[union-attr]
    assert (read_chinese(hour), read_chinese(minute or "")) == (moment.hour, moment.minute)
    named = {"midnight": "twelve a.m.", "noon": "twelve p.m."}
    hour, *rest, half = named.get(english(Kind.TIME, text), english(Kind.TIME, text)).split()
    hours = WORDS[hour] % 12 + (12 if half == "p.m." else 0)
    assert (hours, read_english(" ".join(rest).removeprefix("oh "))) == (moment.hour, moment.minute)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("0", "零元", "zero yuan"),
        ("2", "两元", "two yuan"),
        ("205.5", "两百零五元五角", "two hundred and five yuan and fifty fen"),
        ("5.05", "五元零五分", "five yuan and five fen"),
        ("0.02", "两分", "two fen"),
        ("-1.22", "负一元两角二分", "minus one yuan and twenty two fen"),
    ],
)
def test_money(text: str, zh: str, en: str) -> None:
    assert (chinese(Kind.MONEY, text), english(Kind.MONEY, text)) == (zh, en)


@given(cents)
def test_every_sum_is_understood(amount: int) -> None:
    text = f"{Decimal(amount) / 100:.2f}"
    found = re.fullmatch("(?:(.*)元)?(?:(.)角)?(?:零?(.)分)?", chinese(Kind.MONEY, text))
    assert found is not None
    yuan, jiao, fen = (read_chinese(part or "") for part in found.groups())
    assert yuan * 100 + jiao * 10 + fen == amount
    found = re.fullmatch(r"(?:(.*) yuan)?(?: and )?(?:(.*) fen)?", english(Kind.MONEY, text))
    assert found is not None
    yuan, fen = (read_english(part or "") for part in found.groups())
    assert yuan * 100 + fen == amount


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (Kind.NUMBER, ["", "x", "1e3", "٣", "1" * 13, "1.1234567", "--1", "1,000"]),
        (Kind.DIGITS, ["", "1a", "１"]),
        (Kind.DATE, ["", "2026-02-30", "0026-01-01", "28.11.2026", "2026-1-1"]),
        (Kind.TIME, ["", "24:00", "9:00", "12:60", "noon"]),
        (Kind.MONEY, ["", "1.234", "¥5"]),
    ],
)
def test_what_is_nothing_of_the_kind_is_not_said(kind: Kind, texts: list[str]) -> None:
    for text in texts:
        assert [speak(kind, text, language) for language in Language] == [None, None], text


@given(kind=st.sampled_from(Kind), text=st.text("0123456789-.:T*#", max_size=16))
def test_only_prompts_that_were_proved_are_said(kind: Kind, text: str) -> None:
    for language in Language:
        assert set(speak(kind, text, language) or ()) <= pieces(kind, language)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", Language)
def test_there_is_a_prompt_for_each_piece(kind: Kind, language: Language) -> None:
    assert pieces(kind, language) <= CATALOGUE.keys()[language]
