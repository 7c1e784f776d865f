"""Lets synchronous code wait on the event loop, so that pyst2 needs no thread per caller.

`call_waiting(f)` runs `f` in a greenlet of its own; whatever `f` calls may, at any depth, `wait_for` an awaitable. The
wait happens in the task that called us, so time-outs and cancelling work as in any other coroutine: they arrive in `f`
as exceptions at the place where it waits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

import greenlet  # type: ignore[import-untyped]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class _Waiter(greenlet.greenlet):  # type: ignore[misc]
    """Runs the synchronous code; its parent is the greenlet in which the event loop runs."""

    def __init__(self, run: Callable[[], Any]) -> None:
        here = greenlet.getcurrent()
        super().__init__(run, here)
        self.gr_context = here.gr_context  # the same context variables as the task that called


async def call_waiting(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    waiter = _Waiter(lambda: function(*args, **kwargs))
    result = waiter.switch()
    while not waiter.dead:
        try:
            value = await result
        except BaseException as error:
            result = waiter.throw(error)
        else:
            result = waiter.switch(value)
    done: _T = result
    return done


def wait_for(awaitable: Awaitable[_T]) -> _T:
    """The result of `awaitable`, as if this were a coroutine. Only below `call_waiting`."""
    here = greenlet.getcurrent()
    if not isinstance(here, _Waiter):
        raise RuntimeError("wait_for() outside of call_waiting()")
    value: _T = here.parent.switch(awaitable)
    return value
