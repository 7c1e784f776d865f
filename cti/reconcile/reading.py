"""Rows out of a CDR file: our own `calls.csv`, or Asterisk's `Master.csv` with or without its newer columns.

Which it is, is told by the first line: a heading, or the number of columns and what stands in them. Lines are read one
after the other, so a file may be of any size.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from cti.reconcile.accounts import Row
from cti.reconcile.errors import CdrUnreadable

OURS = (
    *("start", "answer", "end", "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "duration"),
    *("billsec", "disposition", "uniqueid", "linkedid", "sequence", "userfield"),
)
"""Columns of `calls.csv` (`callwright.asterisk.render.CDR_COLUMNS`; a test holds the two together)."""
MASTER = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start"),
    *("answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
"""Of `Master.csv`; behind them, as cdr.conf wants: `uniqueid`, `userfield`, and the newer three."""
_BEHIND = ("uniqueid", "userfield")
_NEWER = ("peeraccount", "linkedid", "sequence")
_MASTERS = {len(MASTER) + len(more): (*MASTER, *more) for more in (("uniqueid",), _BEHIND, (*_BEHIND, *_NEWER))}
_OF_COLLEAGUES = ("cw-agents", "cw-colleague")
"""Contexts of our dialplan that a colleague's phone begins in."""
_NEEDED = {"start", "end", "channel", "dstchannel", "disposition"}
_NAMES = {*OURS, *MASTER, *_BEHIND, *_NEWER}

csv.field_size_limit(1 << 20)


@dataclass(frozen=True, slots=True)
class _Shape:
    columns: Mapping[str, int]
    width: int
    has_heading: bool = False


def read_rows(lines: Iterable[str], *, file: str, timezone: tzinfo | None = None) -> Iterator[Row]:
    """`timezone`: of times that are written out (None: this machine's). Raises CdrUnreadable."""
    reader = csv.reader(lines, strict=True)
    shape: _Shape | None = None
    try:
        for fields in reader:
            if not fields:
                continue
            if shape is None:
                shape = _shape_of(fields, file, reader.line_num)
                if shape.has_heading:
                    continue
            if len(fields) != shape.width:
                why = f"it has {len(fields)} columns, the first line has {shape.width}"
                raise CdrUnreadable(file=file, line=reader.line_num, why=why)
            try:
                yield _row(fields, shape.columns, timezone)
            except ValueError as error:
                raise CdrUnreadable(file=file, line=reader.line_num, why=error) from None
    except csv.Error as error:
        raise CdrUnreadable(file=file, line=reader.line_num, why=error) from None
    except UnicodeDecodeError:
        raise CdrUnreadable(file=file, line=reader.line_num + 1, why="it is no text") from None


def _shape_of(fields: Sequence[str], file: str, line: int) -> _Shape:
    heading = [field.strip().lower() for field in fields]
    if _NAMES.issuperset(heading) and len(heading) > 1:
        return _named(heading, file, line, has_heading=True)
    names = _MASTERS.get(len(fields))
    if names is not None and _is_time(fields[names.index("start")]):
        return _named(names, file, line)
    if len(fields) == len(OURS) and _is_time(fields[0]):
        return _named(OURS, file, line)
    why = f"it has {len(fields)} columns; calls.csv has {len(OURS)}, Master.csv 17 or more, or a heading names them"
    if len(fields) == len(MASTER):
        why = "no column tells which call it was; set loguniqueid=yes and loguserfield=yes in cdr.conf"
    raise CdrUnreadable(file=file, line=line, why=why)


def _named(names: Sequence[str], file: str, line: int, *, has_heading: bool = False) -> _Shape:
    columns = {name: place for place, name in enumerate(names)}
    missing = sorted(_NEEDED - columns.keys())
    if not {"userfield", "uniqueid", "linkedid"} & columns.keys():
        missing.append("userfield")
    if missing:
        raise CdrUnreadable(file=file, line=line, why=f"it has no column {', '.join(missing)}")
    return _Shape(columns, len(names), has_heading)


def _row(fields: Sequence[str], columns: Mapping[str, int], timezone: tzinfo | None) -> Row:
    def of(name: str) -> str:
        place = columns.get(name)
        return fields[place] if place is not None else ""

    start = _seconds(of("start"), timezone)
    own, first = of("uniqueid"), of("linkedid")
    call = of("userfield") if "userfield" in columns else (first or own).replace(".", "-")
    return Row(
        call=call.strip(),
        server=(own or first).rpartition("-")[0],
        start=start,
        end=_seconds(of("end"), timezone) if of("end") else start,
        answered=of("disposition") == "ANSWERED" and bool(of("dstchannel")),
        channel=of("channel"),
        caller=of("src"),
        internal=of("dcontext") in _OF_COLLEAGUES,
        first=first.replace(".", "-"),
    )


_EARLIEST, _LATEST = 0.0, 4102444800.0
"""1970 to 2100: what is outside, or none at all, is no time of a call."""


def _seconds(text: str, timezone: tzinfo | None) -> float:
    """Since the epoch, from either way of writing it."""
    for read in _WAYS:
        try:
            seconds = read(text, timezone)
        except (ValueError, OverflowError):
            continue
        if _EARLIEST < seconds < _LATEST:
            return seconds
    raise ValueError(f"{text[:40]!r} is no time")


def _written_out(text: str, timezone: tzinfo | None) -> float:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone).timestamp()


_WAYS: tuple[Callable[[str, tzinfo | None], float], ...] = (lambda text, _: float(text), _written_out)


def _is_time(text: str) -> bool:
    try:
        _seconds(text, None)
    except ValueError:
        return False
    return True
