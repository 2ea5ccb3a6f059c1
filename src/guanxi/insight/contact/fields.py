# ruff: noqa: E501  # a table of fields: one line each
"""What a template may have filled in (模板字段), by what it is for; and what customers may choose to hear about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """What may be filled in: its kind says how it is written, `longest` stands for it when length is measured.

    `given`: the program knows it of every customer; the others come with the message. `hidden`: a person who sees
    customers masked sees the form of it only.
    """

    code: str
    label_zh: str
    label_en: str
    kind: str  # text, money (fen), day, link
    longest: str
    example: Mapping[str, str]
    given: bool = False
    hidden: bool = False


FIELDS: Mapping[str, Field] = {
    one.code: one
    for one in (
        Field("name", "客户称呼", "Name", "text", "阿不都热合曼先生", {"zh": "王女士", "en": "Ms Wang"}, True, True),
        Field("tier", "客户等级", "Tier", "text", "私行尊享", {"zh": "金卡", "en": "Gold"}, True),
        Field("branch", "归属网点", "Outlet", "text", "江城农商银行科技园支行", {"zh": "观前支行", "en": "Guanqian Branch"}, True),
        Field("manager", "客户经理", "Manager", "text", "欧阳明珠", {"zh": "李敏", "en": "Li Min"}, True),
        Field("preferences", "偏好设置链接", "Preference link", "link", "https://b.example.cn/p/0000000.0000.0000000000000000",
              {"zh": "https://b.example.cn/p/…", "en": "https://b.example.cn/p/…"}, True),
        Field("product", "产品名称", "Product", "text", "稳享固收增强封闭式2026年第128期", {"zh": "三年期整存整取", "en": "3-year time deposit"}),
        Field("grade", "产品风险等级", "Product grade", "text", "R2", {"zh": "R2", "en": "R2"}),
        Field("amount", "金额", "Amount", "money", "12,345,678.90元", {"zh": "50,000.00元", "en": "CNY 50,000.00"}, False, True),
        Field("maturity_day", "到期日", "Matures on", "day", "12月31日", {"zh": "11月30日", "en": "30 November"}),
        Field("rate", "利率或业绩比较基准", "Rate or benchmark", "text", "3.25%-4.15%", {"zh": "2.15%", "en": "2.15%"}),
        Field("event", "活动名称", "Event", "text", "“稳健投资与家庭资产配置”理财沙龙", {"zh": "家庭资产配置沙龙", "en": "Salon on household assets"}),
        Field("event_day", "活动日期", "Day of the event", "day", "12月31日", {"zh": "12月6日", "en": "6 December"}),
        Field("event_time", "活动时间", "Time of the event", "text", "14:30", {"zh": "14:30", "en": "14:30"}),
        Field("place", "地点", "Place", "text", "科技园支行二楼贵宾理财中心", {"zh": "观前支行二楼", "en": "Guanqian Branch, 2nd floor"}),
        Field("link", "链接", "Link", "link", "https://b.example.cn/s/0000000.0000.0000000000000000",
              {"zh": "https://b.example.cn/s/…", "en": "https://b.example.cn/s/…"}),
        Field("day", "日期", "Day", "day", "12月31日", {"zh": "11月20日", "en": "20 November"}),
        Field("matter", "事项", "Matter", "text", "手机银行转账限额调整", {"zh": "账户资料更新", "en": "an update of your record"}),
        Field("phone", "网点电话", "Phone of the outlet", "text", "0512-12345678", {"zh": "0512-12345678", "en": "0512-12345678"}),
    )
}  # fmt: skip
_GIVEN = ("name", "tier", "branch", "manager", "preferences")
USES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "maturity": ("到期承接", "Money that matures", ("product", "grade", "amount", "maturity_day", "rate", "phone", "link")),
    "offer": ("产品推介", "Offer", ("product", "grade", "rate", "amount", "day", "phone", "link")),
    "event": ("活动邀请", "Invitation", ("event", "event_day", "event_time", "place", "phone", "link")),
    "greeting": ("问候", "Greeting", ("day", "phone")),
    "waking": ("睡眠户唤醒", "Waking", ("product", "day", "phone", "link")),
    "survey": ("满意度调查", "Survey", ("matter", "day", "link")),
    "notice": ("服务通知", "Service notice", ("matter", "product", "amount", "maturity_day", "day", "phone", "link")),
}  # fmt: skip
TOPICS: Mapping[str, tuple[str, str]] = {
    "deposits": ("存款与到期", "Deposits"),
    "wealth": ("理财与基金", "Wealth products"),
    "loans": ("贷款与信用卡", "Loans and cards"),
    "events": ("沙龙与活动", "Events"),
    "greetings": ("节日与生日问候", "Greetings"),
    "surveys": ("满意度调查", "Surveys"),
}


def fields_of(use: str) -> tuple[Field, ...]:
    """The fields a template of this use may have; none for an unknown use."""
    own = USES[use][2] if use in USES else ()
    return tuple(FIELDS[code] for code in (*_GIVEN, *own)) if use in USES else ()
