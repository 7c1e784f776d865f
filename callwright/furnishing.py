"""What a new house begins with, so that it can work before anybody has set it up: the results an agent chooses from."""

from __future__ import annotations

from crm_core.domain.dispositions import DispositionEntry
from crm_core.services.bundle import Services
from crm_core.services.flows import Flows
from ivr.service import our_documents

FIRST_DISPOSITIONS = tuple(
    DispositionEntry(code=code, names={"zh": zh, "en": en}, parent=code.rpartition(".")[0] or None)
    for code, zh, en in (
        ("consultation", "咨询", "Consultation"),
        ("consultation.answered", "已答复", "Answered"),
        ("consultation.follow_up", "需要跟进", "Needs a follow-up"),
        ("repair", "维修", "Repair"),
        ("repair.solved", "电话解决", "Solved on the phone"),
        ("repair.visit", "安排上门", "Needs a visit"),
        ("complaint", "投诉", "Complaint"),
        ("complaint.settled", "已解决", "Settled"),
        ("complaint.passed_on", "已转交", "Passed on"),
        ("other", "其他", "Other"),
        ("other.wrong_number", "打错电话", "Wrong number"),
        ("other.silent", "无声电话", "Nobody spoke"),
        ("other.else", "其他", "Something else"),
    )
)


async def furnish(services: Services) -> None:
    """Once: a house that has codes of its own, be they retired, is left as it is; so are menus that were changed."""
    await furnish_menus(services.flows)
    dispositions = services.dispositions
    if not await dispositions.tree(include_retired=True):
        await dispositions.put(FIRST_DISPOSITIONS)


async def furnish_menus(flows: Flows) -> None:
    """The menus that come with the product, as long as nobody here has published others."""
    for name, document in our_documents().items():
        await flows.furnish(name, document)
