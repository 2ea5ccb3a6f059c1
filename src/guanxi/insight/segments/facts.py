"""The facts a segment may ask for: what each is called, what kind of value it has, and the column that holds it.

A fact whose table a run did not make is simply not offered (`offered`): a bank without signals has no rules on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from guanxi.insight.segments import codes

WIDE = "score.segment_fact"
Words = tuple[str, str]  # Chinese, English


class Kind(StrEnum):
    """What a fact's values are, which decides what may be asked of it."""

    CODE = "code"  # one of declared words
    TEXT = "text"  # one of the bank's own words (a village, an industry, a keeper's number)
    UNIT = "unit"  # a unit's number; asking for a unit asks for everything below it too
    TIER = "tier"  # scheme.rank, ordered within the scheme
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    FLAG = "flag"
    SET = "set"  # several of declared words at once, a column each
    EVENT = "event"  # the last day something was done


@dataclass(frozen=True)
class Fact:
    """One fact of the wide table, or of one of `sources`; a SET has a column for each of its words (`members`)."""

    code: str
    kind: Kind
    zh: str
    en: str
    group: str
    values: Mapping[str, Words] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    unit: Words = ("", "")
    source: str = WIDE

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold it."""
        if self.kind is Kind.TIER:
            return (f"{self.code}_scheme", f"{self.code}_rank")
        return tuple(self.members.values()) or (self.code,)

    def name(self, language: str) -> str:
        """What it is called."""
        return self.zh if language.startswith("zh") else self.en

    def word(self, code: str, language: str) -> str:
        """What one of its values is called; the value itself when it has no name here."""
        zh, en = self.values.get(code, (code, code))
        return zh if language.startswith("zh") else en


GROUPS: Mapping[str, Words] = {
    "person": ("基本情况", "Who they are"),
    "place": ("归属", "Where they belong"),
    "tier": ("等级与阶段", "Tier and stage"),
    "money": ("资产与贡献", "Money and contribution"),
    "product": ("产品与到期", "Products and dates"),
    "credit": ("评级授信", "Rating and credit line"),
    "ahead": ("预警与潜力", "Warning and potential"),
    "channel": ("渠道与行为", "Channels and behaviour"),
    "event": ("近期做过", "What they did"),
    "relation": ("关系与触达", "Relations and consent"),
}
YEARS, MONTHS, TIMES, PIECES = ("岁", "years"), ("个月", "months"), ("次", "times"), ("个", "")
DAYS, PEOPLE, POINTS = ("天", "days"), ("人", "people"), ("分", "points")
PERCENT, NONE = ("%", "%"), ("", "")


def _code(code: str, zh: str, en: str, group: str, values: Mapping[str, Words]) -> Fact:
    return Fact(code, Kind.CODE, zh, en, group, values)


def _plain(kind: Kind, group: str, *facts: tuple[str, str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(code, kind, zh, en, group) for code, zh, en in facts)


def _numbers(group: str, *facts: tuple[str, str, str, Words]) -> tuple[Fact, ...]:
    return tuple(Fact(code, Kind.NUMBER, zh, en, group, unit=unit) for code, zh, en, unit in facts)


def _set(
    code: str, zh: str, en: str, group: str, prefix: str, values: Mapping[str, Words], source: str = WIDE
) -> Fact:
    columns = {value: f"{prefix}_{value}" for value in values}
    return Fact(code, Kind.SET, zh, en, group, values, columns, source=source)


def _beside(source: str, kind: Kind, group: str, *facts: tuple[str, str, str, Words]) -> tuple[Fact, ...]:
    return tuple(Fact(code, kind, zh, en, group, unit=unit, source=source) for code, zh, en, unit in facts)


FACTS: tuple[Fact, ...] = (
    _code("kind", "客户类型", "Kind of customer", "person", codes.KINDS),
    _code("state", "客户状态", "State", "person", codes.STATES),
    _code("sex", "性别", "Sex", "person", codes.SEXES),
    *_numbers(
        "person", ("age", "年龄", "Age", YEARS), ("birth_month", "生日月份", "Month of birth", ("月", ""))
    ),
    *_plain(Kind.DAY, "person", ("since", "开户日期", "Customer since")),
    _code("resident_type", "居民类型", "Type of resident", "person", codes.RESIDENTS),
    _code("size_class", "企业规模", "Size of company", "person", codes.SIZES),
    *_plain(Kind.TEXT, "person", ("industry", "行业", "Industry")),
    _code("renown_kind", "知名人士", "Renown", "person", codes.RENOWNS),
    _code("risk_grade", "风险承受能力", "Risk grade", "person", codes.RISKS),
    *_plain(Kind.DAY, "person", ("risk_expires_on", "风评到期日", "Risk grade valid until")),
    *_plain(Kind.FLAG, "person", ("is_owner", "有本人账户", "Owns an account")),
    Fact("unit_no", Kind.UNIT, "归属机构", "Managing outlet", "place"),
    *_plain(Kind.TEXT, "place", ("keeper_no", "管户人", "Keeper"), ("village", "村 / 社区", "Village")),
    _code("area", "城乡", "Urban or rural", "place", codes.AREAS),
    Fact("tier", Kind.TIER, "等级", "Tier", "tier"),
    _code("tier_move", "等级变动 (较上月)", "Tier against last month", "tier", codes.MOVES),
    *_plain(Kind.FLAG, "tier", ("tier_watch", "处于观察期", "On watch")),
    *_numbers("tier", ("tier_months", "已持有等级", "Tier held for", MONTHS)),
    *_plain(Kind.MONEY, "tier", ("next_gap", "距上一级", "To the next tier")),
    _code("stage", "生命周期阶段", "Stage", "tier", codes.STAGES),
    *_numbers("tier", ("months_in_stage", "处于本阶段", "In this stage for", MONTHS)),
    *_plain(
        Kind.MONEY,
        "money",
        ("aum", "资产 (AUM)", "AUM"),
        ("daily_average", "月日均", "Daily average of the month"),
        ("aum_change_1m", "资产较上月末", "AUM since last month's end"),
        ("aum_change_3m", "资产较 3 个月前", "AUM against 3 months ago"),
        ("aum_change_12m", "资产较 12 个月前", "AUM against 12 months ago"),
        ("demand_balance", "活期余额", "Demand deposits"),
        ("time_balance", "定期余额", "Time deposits"),
        ("wealth_balance", "理财余额", "Wealth products"),
        ("fund_balance", "基金余额", "Funds"),
        ("insurance_balance", "保险", "Insurance"),
        ("deposits", "存款", "Deposits"),
        ("loans", "贷款", "Loans"),
        ("contribution_12m", "近 12 个月贡献", "Contribution, 12 months"),
    ),
    *_numbers("money", ("value_score", "综合价值", "Value score", POINTS)),
    _code("risk_level", "风险程度", "Risk level", "money", codes.LEVELS),
    _set("products", "持有产品", "Holds", "product", "holds", codes.FAMILIES),
    *_numbers(
        "product",
        ("families_held", "持有产品类数", "Product families held", PIECES),
        ("accounts_open", "账户数", "Open accounts", PIECES),
        ("overdue_days", "逾期天数", "Days overdue", DAYS),
    ),
    *_plain(
        Kind.DAY,
        "product",
        ("matures_on", "最近到期日", "Next maturity"),
        ("loan_ends_on", "贷款到期日", "Loan ends"),
        ("last_opened_on", "最近开立账户", "Last account opened"),
        ("last_closed_on", "最近销户", "Last account closed"),
    ),
    *_beside(
        "credit",
        Kind.FLAG,
        "credit",
        ("credit_rated", "已评级", "Rated", NONE),
        ("credit_granted", "有有效授信", "Has a credit line", NONE),
    ),
    *_beside(
        "credit",
        Kind.MONEY,
        "credit",
        ("credit_line", "授信额度", "Credit line", NONE),
        ("credit_used", "用信余额", "Drawn on the line", NONE),
    ),
    *_beside("credit", Kind.DAY, "credit", ("credit_expires_on", "授信到期日", "Credit line ends", NONE)),
    _set("signals", "先行信号", "Signals", "ahead", "signals", codes.SIGNALS, "signals"),
    *_beside("warning", Kind.NUMBER, "ahead", ("urgency", "预警紧急度", "Urgency of the warning", POINTS)),
    *_beside("warning", Kind.MONEY, "ahead", ("at_stake", "预警涉及金额", "Money at stake", NONE)),
    *_beside("leaving", Kind.NUMBER, "ahead", ("leaving_percent", "流失概率", "Chance of leaving", PERCENT)),
    _set("needs", "下一需求", "May need next", "ahead", "needs", codes.FAMILIES, "needs"),
    *_beside(
        "potential",
        Kind.MONEY,
        "ahead",
        ("gap_middle", "低于同类中位", "Below the middle of peers by", NONE),
        ("sent_elsewhere", "12 个月转往本人他行", "Sent to own accounts elsewhere, 12 months", NONE),
    ),
    *_beside("lifetime", Kind.MONEY, "ahead", ("lifetime_value", "客户终身价值", "Lifetime value", NONE)),
    _set("channels", "使用渠道", "Uses", "channel", "uses", codes.CHANNELS),
    _code("channel_profile", "主要渠道", "Main channel", "channel", codes.PROFILES),
    _code("preference", "偏好类型", "Preference", "channel", codes.PREFERENCES),
    *_numbers(
        "channel",
        ("recency_rank", "近度 R", "Recency R", POINTS),
        ("frequency_rank", "频度 F", "Frequency F", POINTS),
        ("money_rank", "额度 M", "Money M", POINTS),
        ("postings", "近月本人交易", "Own transactions lately", TIMES),
        ("log_ins", "近月登录", "Log-ins lately", TIMES),
    ),
    *_plain(
        Kind.MONEY,
        "channel",
        ("inflow", "近月流入", "Inflow lately"),
        ("outflow", "近月流出", "Outflow lately"),
    ),
    *_plain(
        Kind.EVENT,
        "event",
        ("last_initiated_on", "本人交易", "Made a transaction"),
        ("salary_on", "收到工资", "Received a salary"),
        ("transfer_out_on", "转出", "Transferred money out"),
        ("own_name_out_on", "转往本人他行账户", "Sent money to own account elsewhere"),
        ("cash_out_on", "取现", "Drew cash"),
        ("cash_in_on", "存现", "Paid in cash"),
        ("payment_on", "消费支付", "Paid"),
        ("invested_on", "购买投资产品", "Bought an investment"),
        ("loan_drawn_on", "贷款放款", "Drew a loan"),
        ("counter_on", "到柜台", "Came to the counter"),
        ("mobile_on", "使用手机银行", "Used mobile banking"),
        ("web_on", "使用网上银行", "Used online banking"),
        ("log_in_on", "登录电子渠道", "Logged in"),
        ("sign_up_on", "签约电子渠道", "Signed up for a channel"),
        ("cancel_on", "解约电子渠道", "Cancelled a channel"),
    ),
    *_beside(
        "behaviour", Kind.NUMBER, "channel", ("online_events", "近月线上行为", "Events online lately", TIMES)
    ),
    *_beside(
        "behaviour",
        Kind.EVENT,
        "event",
        ("interest_on", "线上查看产品", "Viewed a product online", NONE),
        ("left_on", "线上办理中途放弃", "Left something half-way online", NONE),
        ("redeem_on", "线上查看赎回", "Looked at redeeming online", NONE),
        ("borrow_on", "使用贷款计算器", "Used the loan calculator", NONE),
    ),
    _set("relations", "关系 (是他人的)", "Is, to another customer", "relation", "knows", codes.RELATIONS),
    *_numbers("relation", ("employees_count", "本行客户中的员工", "Employees who bank with us", PEOPLE)),
    *_plain(
        Kind.FLAG,
        "relation",
        ("has_mobile", "有手机号", "Has a mobile number"),
        ("agreed_marketing", "同意营销", "Agreed to marketing"),
    ),
)
BY_CODE: Mapping[str, Fact] = {fact.code: fact for fact in FACTS}


def offered(columns: Iterable[str]) -> Mapping[str, Fact]:
    """Those facts, by code and in order, whose columns all stand in a facts table with these columns."""
    there = set(columns)
    return {fact.code: fact for fact in FACTS if there.issuperset(fact.columns)}
