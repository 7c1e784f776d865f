"""How true the waits were that callers of a queue were told, as sentences on its page. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agent_console.words import Duration, Sentence, say
from crm_core.domain.told_waits import ToldWait, WaitAccuracy, minutes_told

_NEXT_TO_NOTHING_S: Final = 0.5
"""Shown in whole seconds, it would be 0."""


def how_true(found: WaitAccuracy) -> Iterator[Sentence]:
    if found.typical_error_s is None or found.bias_s is None or found.last is None:
        yield say("Nobody who was told how long it will take has been answered within the last seven days.")
        return
    error = Duration(seconds=found.typical_error_s)
    if found.answered == 1:
        yield say(
            "Within the last seven days one caller who was told how long it will take was answered. The estimate was "
            "off by %(error)s.",
            error=error,
        )
    else:
        yield say(
            "Of the last %(callers)s callers who were told how long it will take and were answered, half had an "
            "estimate that was off by %(error)s at most.",
            callers=found.answered,
            error=error,
        )
        yield _lean(found.bias_s)
    yield _last(found.last)


def _lean(bias_s: float) -> Sentence:
    time = Duration(seconds=abs(bias_s))
    if abs(bias_s) < _NEXT_TO_NOTHING_S:
        return say("On average the estimates were neither too long nor too short.")
    if bias_s > 0:
        return say("On average the estimates were %(time)s too long.", time=time)
    return say("On average the estimates were %(time)s too short.", time=time)


def _last(one: ToldWait) -> Sentence:
    told = Duration(seconds=60 * minutes_told(one.told_wait_s))
    return say(
        "The last of them was told about %(told)s (estimated: %(estimated)s), and waited %(waited)s more.",
        told=told,
        estimated=Duration(seconds=one.told_wait_s),
        waited=Duration(seconds=one.waited_s),
    )
