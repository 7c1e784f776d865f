"""English: two hundred and five; November twenty-eighth, twenty twenty-six; nine oh five a.m.; one yuan."""

from __future__ import annotations

from datetime import date as Date
from datetime import time as Time
from decimal import Decimal

_SCALES = ((1_000_000_000, "n_billion"), (1_000_000, "n_million"), (1000, "n_thousand"))


def number(value: Decimal) -> tuple[str, ...]:
    fraction = f"{abs(value):f}".partition(".")[2]
    said = _whole(int(abs(value)))
    return _sign(value) + said + (("point", *digits(fraction)) if fraction else ())


def digits(value: str) -> tuple[str, ...]:
    return tuple(_SIGNS.get(key, f"n_{key}") for key in value)


def date(value: Date) -> tuple[str, ...]:
    tens = (f"n_{value.day // 10 * 10}",) if value.day > 20 and value.day % 10 else ()
    nth = value.day % 10 if tens else value.day
    return (f"month_{value.month}", *tens, f"nth_{nth}", *_year(value.year))


def time(value: Time) -> tuple[str, ...]:
    if not value.minute and value.hour % 12 == 0:
        return ("noon" if value.hour else "midnight",)
    hour = (f"n_{value.hour % 12 or 12}",)
    minute = ("oh",) if 0 < value.minute < 10 else ()
    said = _below_100(value.minute) if value.minute else ()
    return (*hour, *minute, *said, "am" if value.hour < 12 else "pm")


def money(value: Decimal) -> tuple[str, ...]:
    yuan, fen = divmod(int(abs(value) * 100), 100)
    said = (*_whole(yuan), "yuan") if yuan or not fen else ()
    if fen:
        said += (*(("and",) if said else ()), *_below_100(fen), "fen")
    return _sign(value) + said


def _sign(value: Decimal) -> tuple[str, ...]:
    return ("minus",) if value < 0 else ()


def _year(value: int) -> tuple[str, ...]:
    """Twenty twenty-six, nineteen oh five, nineteen hundred; but two thousand and five."""
    century, rest = divmod(value, 100)
    if century % 10 == 0 and rest < 10:
        return _whole(value)
    if rest == 0:
        return (*_below_100(century), "n_hundred")
    return (*_below_100(century), *(("oh",) if rest < 10 else ()), *_below_100(rest))


def _whole(value: int) -> tuple[str, ...]:
    if value == 0:
        return ("n_0",)
    said: tuple[str, ...] = ()
    for size, name in _SCALES:
        if value >= size:
            said += (*_below_1000(value // size), name)
            value %= size
    if 0 < value < 100 and said:
        said += ("and",)
    return said + _below_1000(value)


def _below_1000(value: int) -> tuple[str, ...]:
    hundreds, rest = divmod(value, 100)
    said = (f"n_{hundreds}", "n_hundred") if hundreds else ()
    if not rest:
        return said
    return (*said, *(("and",) if said else ()), *_below_100(rest))


def _below_100(value: int) -> tuple[str, ...]:
    if value < 20:
        return (f"n_{value}",)
    return (f"n_{value // 10 * 10}", *((f"n_{value % 10}",) if value % 10 else ()))


_SIGNS = {"*": "star", "#": "hash"}
_FIGURES = frozenset(f"n_{figure}" for figure in range(10))
_SMALL = frozenset(f"n_{value}" for value in (*range(20), *range(20, 100, 10)))
_WHOLE = _SMALL | {"n_hundred", "n_thousand", "n_million", "n_billion", "and"}

PIECES = {
    "number": _WHOLE | {"minus", "point"},
    "digits": _FIGURES | set(_SIGNS.values()),
    "date": _SMALL
    | {"n_hundred", "n_thousand", "and", "oh"}
    | {f"month_{month}" for month in range(1, 13)}
    | {f"nth_{day}" for day in (*range(1, 21), 30)},
    "time": _SMALL | {"oh", "am", "pm", "noon", "midnight"},
    "money": _WHOLE | {"minus", "yuan", "fen", "and"},
}
