"""What the demo's house knows: some articles, as agents read them and a menu may tell them."""

from __future__ import annotations

from crm_core.domain.articles import ArticleState, Side
from crm_core.kernel.language import Language
from crm_core.services.articles import Articles

_KNOWN = (
    (
        ("产品使用", "重启 复位 断网 reboot offline"),
        Side(
            title="如何重启路由器",
            body="先拔掉路由器的电源，等三十秒，再插上。等两分钟，直到指示灯变绿。如果仍然不能上网，请检查网线两端是否插紧。",
        ),
        Side(
            title="How to reset the router",
            body="Pull the plug of the router, wait for half a minute, and plug it in again. Wait two minutes, until "
            "the lamp is green. If you are still offline, look whether both ends of the cable sit well.",
        ),
    ),
    (
        ("售后", "退款 退换 refund exchange"),
        Side(
            title="七天无理由退货",
            body="自签收之日起七天内，商品完好、配件齐全，可以无理由退货。请保留订单号，运费由客户承担；质量问题由我们承担。",
        ),
        Side(
            title="Return within 7 days",
            body="Within seven days of delivery, goods that are complete and undamaged may be returned without any "
            "reason. Keep the order number at hand. You pay for the way back, we pay when something was wrong with it.",
        ),
    ),
    (
        ("售后", "质保 维修 repair"),
        Side(title="保修期多长", body="整机保修一年，主要部件保修三年，自购买之日起计算。维修时请出示发票或订单号。"),
        Side(
            title="How long the warranty holds",
            body="The whole device has one year of warranty, its main parts have three, from the day it was bought. "
            "Have the invoice or the order number ready when it is repaired.",
        ),
    ),
)


_ASKED_MOST = {
    Language.ZH: Side(
        title="保修与退货",
        body="整机保修一年，主要部件保修三年，自购买之日起计算。自签收之日起七天内，商品完好、配件齐全，可以退货；"
        "质量问题由我们承担运费。维修时请出示发票或订单号。",
    ),
    Language.EN: Side(
        title="Warranty and returns",
        body="The whole device has one year of warranty, its main parts have three, from the day it was bought. Within "
        "seven days of delivery, what is complete and undamaged may be returned; we pay for the way back when "
        "something was wrong with it. Have the invoice or the order number ready when it is repaired.",
    ),
}
"""What callers hear by key 7."""


async def write_articles(articles: Articles) -> None:
    """Unless somebody has written some already."""
    if (await articles.search(limit=1)).items:
        return
    await articles.furnish("K-0000", _ASKED_MOST)
    for (category, keywords), chinese, english in _KNOWN:
        sides = {Language.ZH: chinese, Language.EN: english}
        made = await articles.write(sides=sides, category=category, keywords=keywords)
        await articles.put(made.number, ArticleState.PUBLISHED)
