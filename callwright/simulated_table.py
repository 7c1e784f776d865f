"""The report of `callwright simulate` as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_SHOWN = {
    "offered": "offered",
    "answered": "answered",
    "abandoned_share": "gave up %",
    "blocked_share": "blocked %",
    "mean_wait_s": "mean wait s",
    "p50_wait_s": "p50",
    "p95_wait_s": "p95",
    "p99_wait_s": "p99",
    "service_level": "in time %",
}
_SHARES = frozenset({"abandoned_share", "blocked_share", "service_level"})
Figures = Mapping[str, Any]


def table(found: Figures) -> str:
    rows = [("", *_SHOWN.values())]
    rows += [(name, *_cells(figures)) for name, figures in [*found["types"].items(), ("total", found["total"])]]
    return "\n".join(
        [f"{found['name']}: {found['runs']} runs, {found['agents']} agents", "", *_aligned(rows), "", *_below(found)]
    )


def _cells(figures: Figures) -> Iterator[str]:
    for name in _SHOWN:
        yield _said(figures[name], 100 if name in _SHARES else 1) if name in figures else "–"


def _said(figure: Figures, times: int = 1) -> str:
    mean, high = figure["mean"] * times, figure["high"]
    digits = 0 if abs(mean) >= 1000 else 1
    sure = f" ±{high * times - mean:.{digits}f}" if high is not None else ""
    return f"{mean:.{digits}f}{sure}"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def _below(found: Figures) -> Iterator[str]:
    busy = found["occupancy"]
    if busy:
        least, mean, most = (_said(busy[name], 100) for name in ("min", "mean", "max"))
        yield f"Agents are busy {mean} % of their time at work (the least {least}, the most {most})."
    theory = found["bounds"]
    if not theory["applies"]:
        yield f"No formula to compare with: {theory['why']}."
        return
    near = (
        "" if theory["exact"] else " (near: the formulas know callers all alike, and lengths that vary exponentially)"
    )
    yield f"In theory, {theory['load_erlang']:.1f} erlang{near}:"
    yield f"  everybody able to do everything: {_formulas(theory['pooled'])}"
    for key, one in theory["separate"].items():
        yield f"  {key} alone with {one['agents']} agents: {_formulas(one)}"


def _formulas(one: Figures) -> str:
    said = [f"Erlang B turns away {one['erlang_b']['blocked'] * 100:.1f} %"]
    if "erlang_c" in one:
        c = one["erlang_c"]
        said.append(f"Erlang C waits {c['mean_wait_s']:.1f} s, p95 {c['p95_wait_s']:.0f} s")
    for name, formula in (("erlang_a", "Erlang A"), ("with_places", "with these places")):
        if name in one:
            a = one[name]
            said.append(
                f"{formula}: waits {a['mean_wait_s']:.1f} s, gave up {a['abandoned'] * 100:.1f} %, "
                f"blocked {a['blocked'] * 100:.1f} %"
            )
    return "; ".join(said)
