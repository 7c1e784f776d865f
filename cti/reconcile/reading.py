"""Rows out of a CDR file: our own `calls.csv`, or Asterisk's `Master.csv` with or without its newer columns.

Which it is, is told by the first line: a heading, or the number of columns and what stands in them. Lines are read one
after the other, so a file may be of any size.
"""

from __future__ import annotations

import csv
import re
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
"""Contexts of our dialplan that a colleague's phone begins in …"""
_OUTSIDE = ("cw-outbound", "cw-callback")
"""… and by which it calls somebody outside."""
_SAFETY = "cw-safety"
_BY_MENU = ("cw-menu-agent", "cw-menu-number")
_IN_LINE = ("cw-queue", "cw-hold", "cw-say", "cw-offer", _SAFETY)
_TO_A_PERSON = (*_IN_LINE, *_BY_MENU, "cw-left", "cw-after", "cw-recall", "cw-to-queue", "cw-park")
"""Where a caller is who asked for a person."""
_NEEDED = {"start", "end", "channel", "dstchannel", "disposition"}
_NAMES = {*OURS, *MASTER, *_BEHIND, *_NEWER}

_PHONE = re.compile(r"(?!Local/)\w+/(\d{1,8})-[0-9a-f]+$")

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


class LineReader:
    """The same for a file that grows: one whole line after the other, each by itself, so that one that is no row spoils
    nothing but itself. Of a file with a heading the first line must be among them."""

    def __init__(self, file: str, *, timezone: tzinfo | None = None) -> None:
        self._file, self._timezone = file, timezone
        self._heading: _Shape | None = None

    def row(self, line: str) -> Row | None:
        """None: the line has none. Raises CdrUnreadable."""
        try:
            fields = next(csv.reader((line,), strict=True), [])
            shape = self._shape_for(fields) if fields else None
            return _row(fields, shape.columns, self._timezone) if shape is not None else None
        except (csv.Error, ValueError) as error:
            raise CdrUnreadable(file=self._file, line="unknown", why=error) from None

    def _shape_for(self, fields: Sequence[str]) -> _Shape | None:
        """None for the heading itself."""
        if self._heading is not None and self._heading.width == len(fields) and not _is_heading(fields):
            return self._heading
        shape = _shape_of(fields, self._file, 1)
        if not shape.has_heading:
            return shape
        self._heading = shape
        return None


def _shape_of(fields: Sequence[str], file: str, line: int) -> _Shape:
    if _is_heading(fields):
        return _named([field.strip().lower() for field in fields], file, line, has_heading=True)
    names = _MASTERS.get(len(fields))
    if names is not None and _is_time(fields[names.index("start")]):
        return _named(names, file, line)
    if len(fields) == len(OURS) and _is_time(fields[0]):
        return _named(OURS, file, line)
    why = f"it has {len(fields)} columns; calls.csv has {len(OURS)}, Master.csv 17 or more, or a heading names them"
    if len(fields) == len(MASTER):
        why = "no column tells which call it was; set loguniqueid=yes and loguserfield=yes in cdr.conf"
    raise CdrUnreadable(file=file, line=line, why=why)


def _is_heading(fields: Sequence[str]) -> bool:
    return len(fields) > 1 and _NAMES.issuperset(field.strip().lower() for field in fields)


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
    call = (of("userfield") if "userfield" in columns else (first or own).replace(".", "-")).strip()
    began_it = not own or own.replace(".", "-") == call
    answered = of("disposition") == "ANSWERED" and bool(of("dstchannel"))
    context, phone = of("dcontext"), _phone(of("channel"))
    internal, outbound = context in _OF_COLLEAGUES and began_it, context in _OUTSIDE and began_it and bool(phone)
    return Row(
        call=call,
        server=(own or first).rpartition("-")[0],
        start=start,
        end=_seconds(of("end"), timezone) if of("end") else start,
        answered=answered,
        channel=of("channel"),
        caller=of("src") if began_it else "",
        internal=internal,
        outbound=outbound,
        first=first.replace(".", "-"),
        dialled=of("dst") if internal or outbound else "",
        party=(phone if outbound else _phone(of("dstchannel"))) if answered and began_it else "",
        asked=context in _TO_A_PERSON,
        safety=context == _SAFETY,
        talked_from=_seconds(of("answer"), timezone) if answered and (internal or outbound) and of("answer") else None,
    )


def _phone(channel: str) -> str:
    """`PJSIP/1001-00000018` is the phone 1001; a line, or a wire within Asterisk, is none."""
    found = _PHONE.match(channel)
    return found[1] if found is not None else ""


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
