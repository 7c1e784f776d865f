"""Who may call in the demo: some customers everybody can tell apart, and strangers of every kind."""

from __future__ import annotations

from typing import Any, Final

from agent_console.words import Words
from crm_core.domain.customers import Certainty, Match
from crm_core.services.bundle import Services

_WELL_KNOWN: Final = ("13800138000", "02164881234", "+442079460123")
"""Of the demo's world: a regular, a company with three contacts, a caller from abroad."""
_MORE: Final = 4


async def known_callers(services: Services, words: Words) -> list[dict[str, Any]]:
    """Numbers with the names the house will find for them; in the reader's language."""
    found = [await _caller(services, words, number) for number in _WELL_KNOWN]
    seen = {one["shown"] for one in found if one}
    page = await services.customers.search("", limit=40)
    for customer in page:
        if len(seen) >= len(_WELL_KNOWN) + _MORE:
            break
        details = await services.customers.details(customer.id)
        for link in details.numbers[:1]:
            one = await _caller(services, words, link.number.dialable)
            if one and one["shown"] not in seen:
                seen.add(one["shown"])
                found.append(one)
    return [one for one in found if one]


async def _caller(services: Services, words: Words, number: str) -> dict[str, Any] | None:
    match = await services.customers.who_is(number)
    if match.certainty in (Certainty.NEW, Certainty.ANONYMOUS):
        return None
    return {
        "number": number,
        "shown": words.phone(match.number),
        "name": _name(match, words),
        "level": match.candidates[0].level.value,
        "kind": match.candidates[0].kind.value,
        "certainty": match.certainty.value,
    }


def _name(match: Match, words: Words) -> str:
    first = match.candidates[0]
    return (first.name_en or first.name) if words.language.value == "en" else first.name
