"""A case as the desk's screens are told of it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent_console.live.case import DeskCase
from agent_console.live.protocol import About, Case, CaseCallback, CaseNote, CaseTransfer, Names, Party, PathStep
from agent_console.live.screen_pop import ScreenPop
from crm_core.domain.customers import Certainty
from crm_core.kernel.ids import AgentId
from cti.events import CallTransferred, Direction
from routing.reasons import Because

Shown = Callable[[str], Names]
"""Writes a number for people."""


def case_message(
    case: DeskCase,
    *,
    shown: Shown,
    pop: ScreenPop | None,
    draft: dict[str, Any] | None,
    notes: tuple[CaseNote, ...],
    about: About | None = None,
) -> Case:
    facts = case.facts
    return Case(
        call=case.call,
        phase=case.phase.value,
        since=case.since,
        ani=facts.ani,
        ani_name=facts.ani_name if facts.direction is Direction.INBOUND else "",
        shown=shown(_other_number(case)),
        dnis=facts.dnis,
        offer=case.offer,
        queue=facts.queue,
        language=facts.language,
        intent=facts.intent,
        because=_for_him(case.because),
        path=tuple(PathStep(node=one.node, entered=one.entered, label=one.label) for one in facts.path),
        arrived_at=facts.arrived_at,
        offered_at=case.offered_at,
        connected_at=case.connected_at,
        ended_at=case.ended_at,
        why_missed=case.why_missed,
        unreached=facts.unreached,
        taken_by=case.taken_by,
        by_safety_queue=case.by_safety_queue,
        direction=facts.direction.value,
        colleague=case.colleague,
        about=about,
        rings_for=case.rings_for.value,
        sent_by=_party(case.sent_by, case.sent_by_agent, shown) if case.sent_by else None,
        callback=_callback(case),
        advice=case.advice,
        transfer=_transfer(case.transfer, shown) if case.transfer else None,
        notes=notes,
        pop=pop,
        draft=draft,
    )


def about_customer(case: DeskCase, pop: ScreenPop | None, shown: Shown) -> About:
    """Whom a colleague asks about: by name when it is certain who he is."""
    known = pop.customer if pop is not None and pop.certainty is Certainty.KNOWN else None
    return About(
        call=case.call,
        customer=known.id if known is not None else None,
        names=known.names if known is not None else {},
        shown=shown(_other_number(case)),
        queue=case.facts.queue,
        intent=case.facts.intent,
    )


def _for_him(because: Because | None) -> Because | None:
    """How others stood beside him is none of his desk's business."""
    return replace(because, compared=()) if because is not None else None


def _callback(case: DeskCase) -> CaseCallback | None:
    asked = case.facts.callback
    return CaseCallback(of=asked.of, promised_at=asked.promised_at, tries=asked.tries) if asked is not None else None


def _other_number(case: DeskCase) -> str:
    """Of whoever is at the other end for this desk."""
    facts = case.facts
    if facts.direction is not Direction.INTERNAL:
        return facts.customers_number
    return facts.dnis if case.agent == facts.made_by else facts.ani


def _transfer(event: CallTransferred, shown: Shown) -> CaseTransfer:
    return CaseTransfer(
        kind=event.kind.value,
        outcome=event.outcome.value,
        by=_party(event.by, event.by_agent, shown),
        to=_party(event.to, event.to_agent, shown),
    )


def _party(number: str, agent: AgentId | None, shown: Shown) -> Party:
    return Party(number=number, agent=agent, shown=shown(number))
