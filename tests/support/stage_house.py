"""The house of the live stage: its queues and skills, four people, and a few customers."""

from __future__ import annotations

from crm_core.domain.customers import CustomerKind, CustomerLevel
from crm_core.domain.floor import Department, Did, DidTarget, Queue, Skill
from crm_core.domain.users import PhoneKind, Role, User
from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import Language
from crm_core.services.bundle import Services

PASSWORD = "correct horse"


QUEUES = {"service": ("客户服务", "Service"), "repair": ("报修", "Repair"), "vip": ("贵宾", "VIP")}


SKILLS = {
    "zh": ("中文", "Chinese"),
    "en": ("英语", "English"),
    "repair": ("维修", "Repair"),
    "consult": ("咨询", "Advice"),
}


def named(words: tuple[str, str]) -> dict[str, str]:
    return {"zh": words[0], "en": words[1]}


async def furnish(services: Services) -> dict[str, User]:
    """Queues, skills, dispositions, four people and a few customers."""
    await services.floor_plans.put_department(Department(key="service", names={"zh": "服务部", "en": "Service"}))
    for skill, words in SKILLS.items():
        await services.floor_plans.put_skill(Skill(key=SkillKey(skill), names=named(words)))
    for queue, words in QUEUES.items():
        await services.floor_plans.put_queue(Queue(key=QueueKey(queue), names=named(words), department="service"))
    hotline = Did(number="4008000", target=DidTarget.IVR, to="main", names={"zh": "服务热线", "en": "Service hotline"})
    await services.floor_plans.put_did(hotline)
    for code, zh, en in (("repair", "报修", "Repair"), ("consultation", "咨询", "Consultation")):
        await services.dispositions.create(code, {"zh": zh, "en": en})
    for code, parent, zh, en in (
        ("repair.booked", "repair", "已安排上门", "Visit booked"),
        ("repair.solved", "repair", "电话中解决", "Solved on the phone"),
        ("consultation.answered", "consultation", "已答复", "Answered"),
    ):
        await services.dispositions.create(code, {"zh": zh, "en": en}, parent=parent)
    people = {}
    for login, zh, en, extension, role, kind in (
        ("alice", "李爱丽", "Alice Li", "1001", Role.AGENT, PhoneKind.WEBRTC),
        ("bob", "王博", "Bob Wang", "1002", Role.AGENT, PhoneKind.SIP),
        ("carol", "陈可", "Carol Chen", "1003", Role.AGENT, PhoneKind.SIP),
        ("sam", "孙思明", "Sam Sun", None, Role.SUPERVISOR, PhoneKind.SIP),
    ):
        people[login] = await services.users.create(
            login=login,
            password=PASSWORD,
            name=zh,
            name_en=en,
            role=role,
            extension=extension,
            phone_kind=kind,
            department="service",
            skills={SkillKey("zh"): 5, SkillKey("en"): 3, SkillKey("repair"): 4} if extension else {},
            queues=tuple(QueueKey(key) for key in QUEUES) if extension else (),
        )
    await _customers(services)
    return people


async def _customers(services: Services) -> None:
    zhang = await services.customers.create(
        name="张伟", name_en="Zhang Wei", level=CustomerLevel.GOLD, city="上海", address="浦东新区张杨路 500 号 12 楼",
        language=Language.ZH, number="13800138000", note="喜欢上午联系",
    )  # fmt: skip
    await services.tickets.create(subject="空调不制冷,需要上门检查", customer=zhang.id)
    company = await services.customers.create(
        name="上海恒达贸易有限公司", name_en="Hengda Trading Shanghai", kind=CustomerKind.COMPANY,
        level=CustomerLevel.VIP, city="上海", number="02164881234",
    )  # fmt: skip
    for name, name_en, title in (
        ("刘芳", "Liu Fang", "采购"),
        ("赵强", "Zhao Qiang", "仓库"),
        ("周敏", "Zhou Min", "财务"),
    ):
        await services.customers.add_contact(company.id, name=name, name_en=name_en, title=title)
    await services.customers.create(name="王秀英", name_en="Wang Xiuying", city="杭州")
    one = await services.customers.create(name="陈建国", name_en="Chen Jianguo", city="南京")
    other = await services.customers.create(name="陈小雨", name_en="Chen Xiaoyu", city="南京")
    for customer in (one, other):
        await services.customers.add_number(customer.id, "13912340000", label="home")
    abroad = await services.customers.create(name="James Whitmore", city="London", language=Language.EN)
    await services.customers.add_number(abroad.id, "+442079460123", label="office")
