"""A small floor for tests that need no database: three agents, one queue."""

from __future__ import annotations

from crm_core.domain.floor import FloorAgent, FloorPlan, Queue
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.ids import AgentId, QueueKey, SkillKey

ALICE, BOB, CAROL = AgentId("alice"), AgentId("bob"), AgentId("carol")
EXTENSIONS = {ALICE: "1001", BOB: "1002", CAROL: "1003"}


def small_floor(*, ring_s: int = 20) -> FloorPlan:
    return FloorPlan(
        agents=tuple(
            FloorAgent(
                id=agent,
                login=agent,
                name=agent,
                name_en=agent,
                role=Role.AGENT,
                extension=extension,
                sip_secret="",
                phone_kind=PhoneKind.SIP,
                department=None,
                skills={SkillKey("zh"): 5},
                queues=(QueueKey("service"),),
            )
            for agent, extension in EXTENSIONS.items()
        ),
        skills=(),
        queues=(Queue(key=QueueKey("service"), names={"zh": "服务", "en": "Service"}, ring_s=ring_s, wrap_up_s=60),),
        dids=(),
        departments=(),
    )
