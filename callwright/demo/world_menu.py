"""How invented callers of the past went through the real menu: it is run as for anybody, only nobody waits. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from crm_core.kernel.ids import CallId
from cti.events import CallStepped, CallWalked
from ivr.flow.asked import Answered, HowIsOrder, HowIsTicket
from ivr.flow.interpreter import advance, begin
from ivr.flow.loader import parse_flow
from ivr.flow.messages import (
    Ask,
    Disconnect,
    Effect,
    EnterQueue,
    Heard,
    HungUp,
    Input,
    Known,
    PlaySounds,
    ReadDigit,
    State,
    Step,
    Turn,
)
from ivr.flow.model import Flow
from ivr.flow.nodes import Collect, Menu
from ivr.flow.place import node_at
from ivr.flow.walking import visits
from ivr.furniture import our_calendars
from ivr.service import our_documents

_A_PROMPT = timedelta(seconds=2)
_WAYS_TO_GO = (
    ((12, "4"), (18, "ticket"), (18, "")),
    ((12, "4"), (14, "12345#"), (9, "")),
    ((14, "5"), (16, "order"), (18, "")),
    ((22, "9"), (20, "")),
    ((14, ""),),
)
"""Within how many seconds he does what: he is told of his ticket, mistypes its number, is told of his order, listens
twice, or has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a caller does, and when."""

    at: datetime
    keys: str = ""
    """Empty: he hangs up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughTheMenu:
    steps: tuple[CallStepped, ...]
    walked: CallWalked
    left_at: datetime


@cache
def hotline() -> Flow:
    """As it is published first."""
    return replace(parse_flow(our_documents()["main"], "main"), version=1, calendars=our_calendars())


def through_the_menu(call: CallId, began: datetime, deeds: Sequence[Deed], zone: ZoneInfo) -> ThroughTheMenu:
    flow, ahead, steps = hotline(), list(deeds), list[CallStepped]()
    turn = begin(flow, Known(at=began.astimezone(zone)))
    while True:
        steps += _told(call, flow, turn)
        if not turn.effects or isinstance(turn.effects[-1], EnterQueue | Disconnect):
            break
        turn = advance(flow, turn.state, _happens(flow, turn.state, turn.effects[-1], ahead, zone))
    left_at = (turn.state.at or began).astimezone(UTC)
    walked = CallWalked(at=left_at, call=call, visits=visits(flow, turn.state))
    return ThroughTheMenu(steps=tuple(steps), walked=walked, left_at=left_at)


def _told(call: CallId, flow: Flow, turn: Turn) -> list[CallStepped]:
    at = (turn.state.at or datetime.now(UTC)).astimezone(UTC)
    return [
        CallStepped(at=at, call=call, flow=one.flow or flow.name, node=one.node, entered=one.entered, label=one.label)
        for one in turn.effects
        if isinstance(one, Step)
    ]


def _happens(flow: Flow, state: State, effect: Effect, ahead: list[Deed], zone: ZoneInfo) -> Input:
    now = state.at or datetime.now(zone)
    asks = isinstance(node_at(flow, state), Menu | Collect)
    if isinstance(effect, Ask):
        return _told_of(effect, now)
    if isinstance(effect, ReadDigit) or (isinstance(effect, PlaySounds) and asks):
        return _does(ahead, zone, now)
    if isinstance(effect, PlaySounds):
        over = now + _A_PROMPT * len(effect.sounds)
        return Heard(at=min(over, max(now, ahead[0].at.astimezone(zone))) if ahead else over)
    return Heard(at=now)


def _told_of(asked: Ask, now: datetime) -> Answered:
    """Invented callers know the numbers of what is theirs."""
    match asked.question:
        case HowIsTicket():
            return Answered(way="told", values={"status": "open"}, at=now)
        case HowIsOrder():
            return Answered(way="told", values={"kind": "sale", "state": "shipped"}, at=now)
        case _:
            return Answered(way="error", at=now)


def _does(ahead: list[Deed], zone: ZoneInfo, now: datetime) -> Input:
    """Who does nothing more has gone."""
    if not ahead:
        return HungUp(at=now)
    deed = ahead.pop(0)
    at = max(now, deed.at.astimezone(zone))
    return Heard(digits=deed.keys, at=at) if deed.keys else HungUp(at=at)


def wrong_key_before(chosen: datetime, since: datetime, dice: random.Random) -> list[Deed]:
    """Some press what means nothing first."""
    if dice.random() > 0.12:
        return []
    return [Deed(at=since + (chosen - since) * dice.uniform(0.4, 0.8), keys="#")]


def serves_himself(at: datetime, dice: random.Random) -> list[Deed]:
    """He has chosen his language, and goes before he has reached anybody."""
    deeds = []
    for longest_s, keys in dice.choices(_WAYS_TO_GO, (40, 12, 15, 14, 19))[0]:
        at += timedelta(seconds=dice.uniform(longest_s / 2, longest_s))
        deeds.append(Deed(at=at, keys=_digits(keys, at, dice)))
    return deeds


def _digits(keys: str, at: datetime, dice: random.Random) -> str:
    match keys:
        case "ticket":
            return _ticket(at, dice)
        case "order":
            return f"{dice.randrange(10**9, 10**10)}#"
        case _:
            return keys


def _ticket(at: datetime, dice: random.Random) -> str:
    opened = at - timedelta(days=dice.randint(1, 12))
    return f"{opened:%Y%m%d}{dice.randint(1, 14):04}#"
