"""The raw material of the demo world: names, places, products and what people say, in Chinese and English.

Everything is invented. Foreign numbers come from ranges set aside for fiction where there are any.
"""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[str, str]
"""Chinese, English."""

SURNAMES: tuple[Pair, ...] = (
    ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("刘", "Liu"), ("陈", "Chen"), ("杨", "Yang"), ("黄", "Huang"),
    ("赵", "Zhao"), ("吴", "Wu"), ("周", "Zhou"), ("徐", "Xu"), ("孙", "Sun"), ("马", "Ma"), ("朱", "Zhu"),
    ("胡", "Hu"), ("郭", "Guo"), ("何", "He"), ("林", "Lin"), ("罗", "Luo"), ("高", "Gao"), ("郑", "Zheng"),
    ("梁", "Liang"), ("谢", "Xie"), ("宋", "Song"), ("唐", "Tang"), ("韩", "Han"), ("冯", "Feng"), ("曹", "Cao"),
    ("彭", "Peng"), ("曾", "Zeng"), ("萧", "Xiao"), ("田", "Tian"), ("董", "Dong"), ("潘", "Pan"), ("袁", "Yuan"),
    ("欧阳", "Ouyang"), ("司马", "Sima"), ("诸葛", "Zhuge"),
)  # fmt: skip

GIVEN: tuple[Pair, ...] = (
    ("伟", "Wei"), ("芳", "Fang"), ("娜", "Na"), ("敏", "Min"), ("静", "Jing"), ("强", "Qiang"), ("磊", "Lei"),
    ("洋", "Yang"), ("勇", "Yong"), ("艳", "Yan"), ("杰", "Jie"), ("娟", "Juan"), ("涛", "Tao"), ("明", "Ming"),
    ("超", "Chao"), ("霞", "Xia"), ("平", "Ping"), ("刚", "Gang"), ("桂英", "Guiying"), ("秀兰", "Xiulan"),
    ("建国", "Jianguo"), ("志强", "Zhiqiang"), ("晓明", "Xiaoming"), ("海燕", "Haiyan"), ("文博", "Wenbo"),
    ("雨桐", "Yutong"), ("子涵", "Zihan"), ("思远", "Siyuan"), ("佳怡", "Jiayi"), ("浩然", "Haoran"),
    ("梓萱", "Zixuan"), ("俊杰", "Junjie"), ("欣怡", "Xinyi"), ("国栋", "Guodong"), ("丽华", "Lihua"),
)  # fmt: skip

BRANDS: tuple[Pair, ...] = (
    ("华茂", "Huamao"), ("金桥", "Jinqiao"), ("宏达", "Hongda"), ("东升", "Dongsheng"),
    ("恒信", "Hengxin"), ("瑞丰", "Ruifeng"), ("天成", "Tiancheng"), ("鼎新", "Dingxin"), ("安泰", "Antai"),
    ("云帆", "Yunfan"), ("百川", "Baichuan"), ("长风", "Changfeng"), ("晨光谷", "Chenguanggu"), ("盛景", "Shengjing"),
    ("九州", "Jiuzhou"), ("明德", "Mingde"), ("博远", "Boyuan"), ("同济堂", "Tongjitang"), ("蓝海湾", "Lanhaiwan"),
)  # fmt: skip

TRADES: tuple[Pair, ...] = (
    ("机电", "Electromechanical"), ("物业管理", "Property Management"), ("餐饮", "Catering"), ("酒店", "Hotel"),
    ("贸易", "Trading"), ("建筑工程", "Construction"), ("医疗器械", "Medical Devices"), ("教育科技", "Education"),
    ("物流", "Logistics"), ("食品", "Foods"), ("纺织", "Textiles"), ("软件", "Software"), ("装饰", "Interiors"),
)  # fmt: skip

TITLES: tuple[Pair, ...] = (
    ("总经理", "General manager"), ("采购经理", "Purchasing manager"), ("行政主管", "Office manager"),
    ("工程部", "Engineering"), ("财务", "Accounts"), ("前台", "Reception"), ("设备科", "Facilities"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    zh: str
    en: str
    area: str
    """With its leading zero."""
    digits: int = 8
    """Of a subscriber's number."""
    streets: tuple[str, ...] = ("人民路", "解放路", "建设路", "中山路")


CITIES: tuple[City, ...] = (
    City(zh="上海", en="Shanghai", area="021", streets=("漕溪北路", "淮海中路", "四平路", "张杨路")),
    City(zh="北京", en="Beijing", area="010", streets=("朝阳门外大街", "学院路", "西直门北大街")),
    City(zh="广州", en="Guangzhou", area="020", streets=("天河路", "中山大道", "北京路")),
    City(zh="深圳", en="Shenzhen", area="0755", streets=("深南大道", "科苑路", "福华路")),
    City(zh="杭州", en="Hangzhou", area="0571", streets=("文三路", "庆春路", "江南大道")),
    City(zh="南京", en="Nanjing", area="025", streets=("中山东路", "汉中路")),
    City(zh="成都", en="Chengdu", area="028", streets=("人民南路", "天府大道")),
    City(zh="武汉", en="Wuhan", area="027", streets=("珞喻路", "建设大道")),
    City(zh="苏州", en="Suzhou", area="0512", streets=("干将路", "星湖街")),
    City(zh="绍兴", en="Shaoxing", area="0575"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abroad:
    city: str
    names: tuple[str, ...]
    number: str
    """With x for a random digit."""


ABROAD: tuple[Abroad, ...] = (
    Abroad(
        city="London",
        names=("Oliver Bennett", "Priya Sharma", "Harriet Cole", "George Whitfield"),
        number="+4420794604xx",
    ),
    Abroad(city="New York", names=("Michael Torres", "Dana Feldman", "Grace O'Neill"), number="+1212555014x"),
    Abroad(city="Berlin", names=("Jürgen Groß", "Anke Schäfer", "Lukas Weiß"), number="+493023125xxx"),
    Abroad(city="Paris", names=("Élodie Lefèvre", "Noël Garçon", "Zoé Marchand"), number="+33199001xxx"),
    Abroad(city="Sydney", names=("Lachlan Murray", "Isla Nguyen"), number="+61255501xxx"),
    Abroad(city="Singapore", names=("Tan Wei Ling", "Rajesh Kumar", "Nurul Aisyah"), number="+6565501xxx"),
    Abroad(city="Stockholm", names=("Åsa Lindström", "Björn Ek"), number="+4684650xxxx"),
)

PRODUCTS: tuple[Pair, ...] = (
    ("清风 35 空调", "Breeze 35 air conditioner"), ("暖泉 60 热水器", "Warmspring 60 water heater"),
    ("碧泉净水器", "Clearspring water purifier"), ("轻舟 8 洗衣机", "Skiff 8 washing machine"),
    ("冰川 320 冰箱", "Glacier 320 refrigerator"), ("小扫地机器人 S2", "Tidy S2 robot vacuum"),
    ("静音油烟机", "Hush range hood"), ("守望智能门锁", "Watch smart lock"),
)  # fmt: skip

SUBJECTS: dict[str, tuple[Pair, ...]] = {
    "consultation": (
        ("{}保修期咨询", "How long is the {} under warranty?"),
        ("{}报价", "Price of the {}"),
        ("{}安装条件", "What does the {} need for installation?"),
        ("{}与旧型号的区别", "{}: what is new about it?"),
    ),
    "repair": (
        ("{}不启动", "{} does not start"),
        ("{}噪音大", "{} is noisy"),
        ("{}漏水", "{} leaks"),
        ("{}显示故障代码 E4", "{} shows error E4"),
        ("{}需要上门检修", "{} needs a technician"),
    ),
    "complaint": (
        ("{}维修后再次损坏", "{} broke again after the repair"),
        ("{}送货延误", "{} was delivered late"),
        ("{}安装师傅迟到", "{}: the fitter came late"),
    ),
    "other": (("{}发票补开", "Invoice for the {}"), ("{}地址变更", "{}: new delivery address")),
}

COMMENTS: tuple[Pair, ...] = (
    ("已联系维修师傅，预约明天上午上门。", "Technician booked for tomorrow morning."),
    ("客户要求周末上门，已备注。", "The customer asks for a visit at the weekend; noted."),
    ("配件缺货，预计三天后到。", "Spare part is out of stock, expected in three days."),
    ("已发送报价单到客户邮箱。", "Quotation sent by e-mail."),
    ("电话无人接听，稍后再试。", "No answer, will try again later."),
    ("客户确认问题已解决，表示满意。", "The customer confirms that it works and is content."),
    ("已转交销售部跟进。", "Passed on to Sales."),
    ("照片已收到，判断为主板故障。", "Got the photos; it is the main board."),
)

NOTES: tuple[Pair, ...] = (
    ("客户说话很客气，问题已说明。", "Friendly; explained."),
    ("已建工单，等回访。", "Ticket written, will call back."),
    ("客户着急，请优先处理。", "In a hurry, please treat first."),
    ("答疑完毕，无需跟进。", "Answered, nothing to follow up."),
    ("", ""),
)

REASONS: tuple[Pair, ...] = (
    ("确认上门时间", "Agree on a time for the visit"),
    ("回复报价", "Answer about the price"),
    ("维修后回访", "Ask whether the repair holds"),
    ("配件到货通知", "Tell that the spare part has come"),
    ("投诉处理结果反馈", "Tell what came of the complaint"),
)

GOODS: tuple[tuple[Pair, int], ...] = tuple(
    zip(PRODUCTS, (3299, 2199, 1580, 2899, 3699, 1999, 2480, 1299), strict=True)
)
"""What is sold, and its price in yuan."""

CARRIER: Pair = ("迅达快运", "Xunda Express")

REPAIR_NOTES: dict[str, tuple[Pair, ...]] = {
    "diagnosed": (
        ("电容损坏，需更换。", "The capacitor is dead and has to be replaced."),
        ("主板故障，已报价，客户同意。", "It is the main board; the customer has agreed to the price."),
        ("排水管堵塞，可当场修复。", "The drain is blocked, easily mended."),
    ),
    "waiting_for_parts": (
        ("配件已订货，预计一周内到。", "The part is ordered and should come within a week."),
        ("供应商通知延期三天。", "The supplier needs three days more."),
    ),
    "ready": (("已通电测试两小时，正常。", "Tested under power for two hours, works."), ("", "")),
}
"""What is written at a step of a repair."""

TAKEN_BACK: tuple[Pair, ...] = (
    ("客户改主意，不需要了。", "The customer has changed their mind."),
    ("重复下单，取消这一张。", "Ordered twice; this one is cancelled."),
)
