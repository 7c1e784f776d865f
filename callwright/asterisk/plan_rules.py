"""What a plan may hold. Its values go into configuration text as they are, so their form is checked here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callwright.asterisk.plan import AsteriskPlan

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SOUND = re.compile(r"[a-z][a-z0-9_]{1,40}")
_SYSTEM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")
_EXTENSION = re.compile(r"[0-9]{1,20}")
_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_SECRET = re.compile(r"[A-Za-z0-9._~+/=-]{8,128}")
_LEVEL = r"[A-Za-z0-9_-]+:[1-5]"
_SKILLS = re.compile(rf"({_LEVEL}([/|]{_LEVEL})*)?(~{_LEVEL})*")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_PLACE = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")
_CALLER_ID = re.compile(r"\+?[0-9]{1,20}|anonymous")
_PREFIX = re.compile(r"[0-9]{1,15}")
_NETWORK = re.compile(r"[A-Za-z0-9._:-]{1,253}(/[0-9]{1,3})?")


def complaints(plan: AsteriskPlan) -> Iterator[str]:
    """Everything that would break a file or the dialplan."""
    yield from _mismatches(_SYSTEM_NAME, "system name", [plan.system_name])
    yield from _mismatches(_KEY, "AMI user", [plan.ami_user])
    yield from _mismatches(_KEY, "language", [plan.default_language])
    yield from _mismatches(_HOST, "host of the voice menus", [plan.ports.fastagi_host])
    yield from _secrets(plan)
    yield from _queues(plan)
    yield from _agents(plan)
    yield from _numbers(plan)
    yield from _lines(plan)
    yield from _parking(plan)


def _secrets(plan: AsteriskPlan) -> Iterator[str]:
    """Named by their owner: a secret is never repeated in an error."""
    owners = {f"AMI user {plan.ami_user}": plan.secrets.ami}
    owners |= {f"extension {agent.extension}": agent.sip_secret for agent in plan.agents}
    for owner, secret in owners.items():
        if not _SECRET.fullmatch(secret):
            yield f"the secret of {owner} should be 8 to 128 letters, digits and signs of ._~+/=-"


def _queues(plan: AsteriskPlan) -> Iterator[str]:
    keys = [queue.key for queue in plan.queues]
    yield from _mismatches(_KEY, "queue", keys)
    yield from _mismatches(_SOUND, "sound", [name for queue in plan.queues for name in queue.music])
    yield from _doubles("queue", keys)
    if plan.default_queue not in keys:
        yield f"the default queue {plan.default_queue} is not among the queues"


def _agents(plan: AsteriskPlan) -> Iterator[str]:
    queues = {queue.key for queue in plan.queues}
    extensions = [agent.extension for agent in plan.agents]
    yield from _mismatches(_EXTENSION, "extension", extensions)
    yield from _doubles("extension", extensions)
    for agent in plan.agents:
        for key in agent.queues:
            if key not in queues:
                yield f"extension {agent.extension} is in the unknown queue {key}"


def _numbers(plan: AsteriskPlan) -> Iterator[str]:
    queues = {queue.key for queue in plan.queues}
    yield from _mismatches(_NUMBER, "number", [did.number for did in plan.dids])
    yield from _doubles("number", [did.number for did in plan.dids])
    for did in plan.dids:
        yield from _mismatches(_KEY, "language", [did.language])
        yield from _mismatches(_KEY, "flow or intent", [word for word in (did.flow, did.intent) if word])
        yield from _mismatches(_SKILLS, "skills", [did.skills])
        if not did.flow and not did.queue:
            yield f"number {did.number} leads nowhere: give it a flow or a queue"
        if did.queue and did.queue not in queues:
            yield f"number {did.number} leads to the unknown queue {did.queue}"


def _lines(plan: AsteriskPlan) -> Iterator[str]:
    names = [trunk.name for trunk in plan.trunks]
    yield from _mismatches(_KEY, "line", names)
    yield from _mismatches(_NETWORK, "address", plan.trunk_addresses)
    yield from _mismatches(_PLACE, "line to the outside", [plan.outside] if plan.outside else [])
    yield from _mismatches(_CALLER_ID, "caller id", [plan.caller_id])
    yield from _mismatches(_PREFIX, "forbidden number", plan.forbidden_numbers)
    yield from _doubles("endpoint", [*plan.lines, "global", "system", *(agent.extension for agent in plan.agents)])
    for trunk in plan.trunks:
        yield from _mismatches(_HOST, "host", [trunk.host])
        yield from _mismatches(_NETWORK, "address", trunk.match)
        yield from _mismatches(_KEY, "codec", trunk.codecs)
        if trunk.register and not trunk.username:
            yield f"line {trunk.name} cannot register without a user name"


def _parking(plan: AsteriskPlan) -> Iterator[str]:
    first, last = plan.parking_first, plan.parking_last
    if not 10 <= first <= last <= first + 199:
        yield f"the parking lot from {first} to {last} should have 1 to 200 places with numbers of two digits or more"
        return
    if plan.parking_s < 1:
        yield "nobody can be parked for less than a second"
    places = {str(place) for place in plan.parking_places}
    for extension in sorted(places & {agent.extension for agent in plan.agents}):
        yield f"{extension} is an extension and a parking place"


def _mismatches(form: re.Pattern[str], what: str, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        if not form.fullmatch(value):
            yield f"{what} {value!r} is not of the form {form.pattern}"


def _doubles(what: str, values: list[str]) -> Iterator[str]:
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield f"{what} {value} is there twice"
