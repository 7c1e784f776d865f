"""The book a menu server looks a call up in: the port, and the one that is printed once and for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from crm_core.domain.calendars import Calendars, hours_by
from crm_core.domain.floor import Did
from crm_core.domain.hours import standing
from ivr.errors import FlowUnknown
from ivr.flow.model import Flow

NO_CALENDARS: Calendars = MappingProxyType({})


class FlowBook(Protocol):
    async def open(self, name: str, dnis: str, now: datetime) -> Flow:
        """The flow for a call that comes in `now` (in the zone of the house), for which the dialplan says `name`.
        Raises an IvrError: the caller hears an apology, and goes to a person."""
        ...


@dataclass(frozen=True, slots=True)
class Printed:
    """Flows that do not change while they are served."""

    flows: Mapping[str, Flow]

    async def open(self, name: str, dnis: str, now: datetime) -> Flow:
        del dnis, now
        return found(self.flows, name)


def found(flows: Mapping[str, Flow], name: str) -> Flow:
    flow = flows.get(name)
    if flow is None:
        raise FlowUnknown(flow=name)
    return flow


def leads_to(number: Did | None, name: str, now: datetime, calendars: Calendars = NO_CALENDARS) -> str:
    """The flow's name for a call to this number; `name` where the number is not known."""
    if number is None:
        return name
    hours = hours_by(number.open_hours, number.calendar, calendars)
    if number.closed_to is None or hours is None:
        return number.to
    return number.to if standing(hours, now).open else number.closed_to
