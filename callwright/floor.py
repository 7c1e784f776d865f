"""From the plan of the floor, as the database keeps it, to the Asterisk that shall serve it."""

from __future__ import annotations

from collections.abc import Mapping

from callwright.asterisk import plan as asterisk
from crm_core.domain.floor import Did, DidTarget, FloorAgent, FloorPlan, Queue
from crm_core.domain.users import PhoneKind
from crm_core.kernel.ids import QueueKey
from crm_core.kernel.requirements import packed


def phones(floor: FloorPlan) -> tuple[asterisk.Agent, ...]:
    return tuple(_phone(agent) for agent in floor.agents)


def safety_queues(floor: FloorPlan) -> tuple[asterisk.Queue, ...]:
    return tuple(
        asterisk.Queue(key=queue.key, names=queue.names, ring_s=queue.ring_s, music=queue.music)
        for queue in floor.queues
    )


def numbers(floor: FloorPlan) -> tuple[asterisk.Did, ...]:
    queues = {queue.key: queue for queue in floor.queues}
    return tuple(_number(did, queues) for did in floor.dids)


def _phone(agent: FloorAgent) -> asterisk.Agent:
    return asterisk.Agent(
        extension=agent.extension,
        name=agent.name_en or agent.name,
        sip_secret=agent.sip_secret,
        kind=asterisk.PhoneKind.WEBRTC if agent.phone_kind is PhoneKind.WEBRTC else asterisk.PhoneKind.SIP,
        queues=tuple(agent.queues),
    )


def _number(did: Did, queues: Mapping[QueueKey, Queue]) -> asterisk.Did:
    """The queue's own priority is no concern of the number: the engine adds it to what each call brings along."""
    if did.target is DidTarget.IVR:
        return asterisk.Did(number=did.number, flow=did.to)
    queue = queues[QueueKey(did.to)]
    return asterisk.Did(number=did.number, queue=queue.key, skills=packed(queue.wish), answer=did.answer)
