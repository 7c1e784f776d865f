"""What comes with the product beside its menus, for they lean on it: the hotline's opening hours, as a calendar of the
house, and what key 7 tells. A house changes both in its console, as it does the menus."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crm_core.domain.articles import Side
from crm_core.domain.calendars import SharedCalendar, by_key
from crm_core.domain.hours import WEEKDAYS, Calendar
from crm_core.domain.opening import OpeningHours
from crm_core.kernel.language import Language

_USUAL = ("09:00-18:00",)

OUR_CALENDARS: Mapping[str, SharedCalendar] = MappingProxyType(
    {
        "hotline": SharedCalendar(
            key="hotline",
            names={"zh": "热线营业时间", "en": "Hours of the hotline"},
            hours=OpeningHours(
                week=dict.fromkeys(WEEKDAYS[:5], _USUAL),
                holidays={
                    "2026-01-01/2026-01-03": "元旦 New Year",
                    "2026-02-15/2026-02-23": "春节 Spring Festival",
                    "2026-04-04/2026-04-06": "清明节 Qingming Festival",
                    "2026-05-01/2026-05-05": "劳动节 Labour Day",
                    "2026-06-19/2026-06-21": "端午节 Dragon Boat Festival",
                    "2026-09-25/2026-09-27": "中秋节 Mid-Autumn Festival",
                    "2026-10-01/2026-10-07": "国庆节 National Day",
                    "2027-01-01": "元旦 New Year",
                },
                working_days=dict.fromkeys(
                    ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"), _USUAL
                ),
            ),
        )
    }
)
"""By their keys."""

OUR_ARTICLES: Mapping[str, Mapping[Language, Side]] = MappingProxyType(
    {
        "K-0000": {
            Language.ZH: Side(
                title="本热线常见问题",
                body="查询工单进度，请准备好工单号，在主菜单按 4。不想等待，可以按 8 预约回电，"
                "我们在营业时间内给您回电；也可以按 6 留言，我们的同事会处理您的留言。在主菜单按 0，由人工为您服务。",
            ),
            Language.EN: Side(
                title="Common questions about this hotline",
                body="To hear how your ticket stands, have its number at hand, and press 4 in the main menu. If you "
                "would rather not wait, press 8, and we call you back during our opening hours; or press 6 and leave "
                "a message, which a colleague will look after. With 0 in the main menu you reach an operator.",
            ),
        }
    }
)
"""By their numbers, which are none of those that a house gives. Whoever wants callers to hear something else writes it
there, or lets the menu tell another article."""


def our_calendars() -> dict[str, Calendar]:
    """As menus look at them."""
    return by_key(OUR_CALENDARS)
