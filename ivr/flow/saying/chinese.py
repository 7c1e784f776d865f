"""Chinese: 两百零五, 二零二六年十一月二十八日, 两点零五分, 五元零五分."""

from __future__ import annotations

from datetime import date as Date
from datetime import time as Time
from decimal import Decimal

_TEN_THOUSAND = 10_000
_GROUPS = ("", "n_wan", "n_yi")
_TWO = 2


def number(value: Decimal) -> tuple[str, ...]:
    """A number by itself: two is 二, though 两百."""
    whole = int(abs(value))
    said = ("n_2",) if whole == _TWO else _whole(whole)
    fraction = f"{abs(value):f}".partition(".")[2]
    return _sign(value) + said + (("point", *_named(fraction)) if fraction else ())


def digits(value: str) -> tuple[str, ...]:
    """One is 幺, so that nobody takes it for seven."""
    return tuple(_DIGIT.get(key, f"n_{key}") for key in value)


def date(value: Date) -> tuple[str, ...]:
    return (*_named(f"{value.year}"), "year", *_below_100(value.month), "month", *_below_100(value.day), "day")


def time(value: Time) -> tuple[str, ...]:
    hour = (*_of(value.hour), "hour")
    if value.minute == 0:
        return hour
    return (*hour, *(("n_0",) if value.minute < 10 else ()), *_below_100(value.minute), "minute")


def money(value: Decimal) -> tuple[str, ...]:
    cents = int(abs(value) * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    said: tuple[str, ...] = ()
    if yuan or not cents:
        said += (*_of(yuan), "yuan")
    if jiao:
        said += (*_of(jiao), "jiao")
    if fen:
        between = ("n_0",) if yuan and not jiao else ()
        said += (*between, *(_of(fen) if not said else (f"n_{fen}",)), "fen")
    return _sign(value) + said


def _sign(value: Decimal) -> tuple[str, ...]:
    return ("minus",) if value < 0 else ()


def _named(figures: str) -> tuple[str, ...]:
    return tuple(f"n_{figure}" for figure in figures)


def _of(count: int) -> tuple[str, ...]:
    """So many of something: 两元, 两点."""
    return ("n_liang",) if count == _TWO else _whole(count)


def _whole(value: int) -> tuple[str, ...]:
    """In groups of ten thousand; a gap of noughts, however wide, is one 零."""
    if value == 0:
        return ("n_0",)
    said: tuple[str, ...] = ()
    gap = False
    for power in (2, 1, 0):
        group = value // _TEN_THOUSAND**power % _TEN_THOUSAND
        if group == 0:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += ("n_0",)
        gap = False
        if power and group == _TWO:
            said += ("n_liang", _GROUPS[power])
        else:
            said += (*_group(group, begins=not said), *((_GROUPS[power],) if power else ()))
    return said


def _group(value: int, *, begins: bool) -> tuple[str, ...]:
    thousands, hundreds, rest = value // 1000, value // 100 % 10, value % 100
    said = _many(thousands, "n_thousand") + _many(hundreds, "n_hundred")
    if (thousands and not hundreds and rest) or (hundreds and 0 < rest < 10):
        said += ("n_0",)
    if 10 <= rest < 20 and (said or not begins):
        said += ("n_1",)  # 一百一十五, but 十五
    return said + (_below_100(rest) if rest else ())


def _many(figure: int, unit: str) -> tuple[str, ...]:
    if not figure:
        return ()
    return ("n_liang" if figure == _TWO else f"n_{figure}", unit)


def _below_100(value: int) -> tuple[str, ...]:
    if value < 20:
        return (f"n_{value}",)
    return (f"n_{value // 10 * 10}", *((f"n_{value % 10}",) if value % 10 else ()))


_DIGIT = {"1": "digit_1", "*": "star", "#": "hash"}
_FIGURES = frozenset(f"n_{figure}" for figure in range(10))
_SMALL = frozenset(f"n_{value}" for value in (*range(20), *range(20, 100, 10)))
_WHOLE = _SMALL | {"n_liang", "n_hundred", "n_thousand", "n_wan", "n_yi"}

PIECES = {
    "number": _WHOLE | {"minus", "point"},
    "digits": _FIGURES - {"n_1"} | set(_DIGIT.values()),
    "date": _SMALL | {"year", "month", "day"},
    "time": _SMALL | {"n_liang", "hour", "minute"},
    "money": _WHOLE | {"minus", "yuan", "jiao", "fen"},
}
