"""What the theory of queues says of a line before equal agents: Erlang B, C and A, exactly.

Erlang (1917); Palm (1957) for impatient callers; Garnett, Mandelbaum and Reiman, "Designing a call center with
impatient customers" (2002), for the form used here. All are the same birth-and-death chain: callers come at one rate,
each busy agent ends calls at another, each who waits gives up at a third, and who finds every place taken is turned
away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_NOTHING = math.log(1e-18)
"""States rarer than this, beside the most likely one, add nothing to a sum."""
_TOO_LONG = 1e6
"""So many in a line is none any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    """The long run of one line. Shares are of all calls that come; waits are of those that were let in."""

    waits: float
    """Share that finds no free agent but a place."""
    blocked: float
    abandoned: float
    mean_wait_s: float
    """Of everybody let in, whoever gave up included."""
    occupancy: float


def erlang_b(load: float, agents: int) -> float:
    """Share of calls turned away where nobody can wait, by the recursion that never overflows."""
    share = 1.0
    for number in range(1, agents + 1):
        share = load * share / (number + load * share)
    return share


def erlang_c(load: float, agents: int) -> float:
    """Share of calls that wait where everybody waits; 1 when the load is too much for so few."""
    if load >= agents:
        return 1.0
    lost = erlang_b(load, agents)
    return lost / (1 - load / agents * (1 - lost))


def mean_wait_c(load: float, agents: int, service_s: float) -> float:
    """Of all calls; infinite when the load is too much."""
    return math.inf if load >= agents else erlang_c(load, agents) * service_s / (agents - load)


def within_c(load: float, agents: int, service_s: float, seconds: float) -> float:
    """Share answered within so many seconds."""
    if load >= agents:
        return 0.0
    return 1 - erlang_c(load, agents) * math.exp(-(agents - load) * seconds / service_s)


def wait_quantile_c(load: float, agents: int, service_s: float, share: float) -> float:
    """So long waits at most this share of the calls."""
    if load >= agents:
        return math.inf
    waits = erlang_c(load, agents)
    if waits <= 1 - share:
        return 0.0
    return math.log(waits / (1 - share)) * service_s / (agents - load)


def steady(
    load: float, agents: int, service_s: float, *, patience_s: float | None = None, places: int | None = None
) -> Steady | None:
    """Erlang A with `patience_s`, M/M/c/K with `places`, both with both; None where there is no call, no agent, or the
    line would grow for ever, or so long that nobody would wait to see it.
    """
    if load <= 0 or agents < 1 or (places is None and _endless(load, agents, service_s, patience_s)):
        return None
    coming, ending = load / service_s, 1 / service_s
    giving_up = 1 / patience_s if patience_s is not None else 0.0
    logs = _line(coming, agents * ending, giving_up, places)
    # All in units of the likeliest state of the line, so that no number is too large.
    top = max(logs)
    line = [math.exp(one - top) for one in logs]
    whole = math.exp(math.log(_somebody_free(load, agents)) - top) + sum(line)
    full = line[-1] / whole if places is not None else 0.0
    let_in = coming * (1 - full)
    waiting = sum(number * weight for number, weight in enumerate(line)) / whole
    left = giving_up * waiting
    return Steady(
        waits=sum(line) / whole - full,
        blocked=full,
        abandoned=left / coming,
        mean_wait_s=waiting / let_in,
        occupancy=(let_in - left) * service_s / agents,
    )


def _endless(load: float, agents: int, service_s: float, patience_s: float | None) -> bool:
    return load >= agents and (patience_s is None or load / service_s * patience_s > _TOO_LONG)


def _somebody_free(load: float, agents: int) -> float:
    """How likely that is, beside that all are busy and nobody waits: what Erlang B leaves, turned over."""
    turned = 1.0
    for number in range(1, agents + 1):
        turned = 1 + number / load * turned
    return turned - 1


def _line(coming: float, ending: float, giving_up: float, places: int | None) -> list[float]:
    """How likely it is that 0, 1, 2 … wait, beside that nobody does while all agents are busy; as logarithms."""
    logs, most = [0.0], 0.0
    while places is None or len(logs) <= places:
        logs.append(logs[-1] + math.log(coming / (ending + len(logs) * giving_up)))
        most = max(most, logs[-1])
        if places is None and logs[-1] < most + _NOTHING:
            break
    return logs


def shares(loads: list[float], agents: int) -> list[int]:
    """So many agents to each, in proportion to the loads; the largest remainders are rounded up."""
    whole = sum(loads)
    if whole <= 0:
        return [0] * len(loads)
    exact = [load / whole * agents for load in loads]
    given = [int(one) for one in exact]
    rest = sorted(range(len(loads)), key=lambda number: given[number] - exact[number])
    for number in rest[: agents - sum(given)]:
        given[number] += 1
    return given
