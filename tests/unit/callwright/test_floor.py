"""What the plan of the floor becomes in the dialplan."""

from __future__ import annotations

from callwright.asterisk.plan import Did
from callwright.floor import numbers
from crm_core.domain import floor as plans
from crm_core.kernel.ids import QueueKey, SkillKey

FLOOR = plans.FloorPlan(
    agents=(),
    skills=(),
    queues=(plans.Queue(key=QueueKey("vip"), names={"en": "VIP"}, priority=5, skills={SkillKey("zh"): 1}),),
    dids=(
        plans.Did(number="4008000", target=plans.DidTarget.IVR, to="main"),
        plans.Did(number="4008001", target=plans.DidTarget.QUEUE, to="vip"),
    ),
    departments=(),
)


def test_a_number_leads_to_a_menu_or_a_queue_and_the_queues_priority_is_left_to_the_engine() -> None:
    """Which adds it to the call's own: rendered here as well, it would count twice."""
    assert numbers(FLOOR) == (
        Did(number="4008000", flow="main"),
        Did(number="4008001", queue="vip", skills="zh:1", priority=0),
    )
