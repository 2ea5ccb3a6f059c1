"""Why a task is there and what to say: each reason's code with its sentence in Chinese and English.

A reason is {"code": …, parameters}. In a sentence `{amount}` stands for the parameter `amount_fen` as money, `{day}`
for `day_on` as a day, `{name}` for `name` or for `name_zh` / `name_en` by language; a parameter not given is said to be
unknown. A room that opens tasks puts its sentences here; a warning's are those of the signals.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.foresight.reasons import UNKNOWN, Pair, SignalFacts, pick, signal_sentence
from guanxi.insight.policies.worklist import FACTS
from guanxi.web.formats import is_chinese, money_words

REASONS: Mapping[str, Pair] = {
    "maturity": (
        "{product} {amount} {day} 到期，未约定转存。",
        "{product}, {amount}, matures on {day} and does not roll over.",
    ),
    "reminder_card": (
        "{product}（尾号 {tail}）的卡片 {day} 到期，提醒换卡。",
        "The card of {product} (ending {tail}) expires on {day}: a new one is needed.",
    ),
    "reminder_short": (
        "{product} {day} 扣款 {amount}，扣款账户余额不足，尚缺 {short}。",
        "{product}: {amount} is debited on {day}; the paying account lacks {short}.",
    ),
    "birthday": ("{day} 是客户 {age} 岁生日。", "Turns {age} on {day}."),
    "date_birthday": ("{day} 是客户生日（{name}）。", "Birthday on {day} ({name})."),
    "date_birthday_years": ("{day} 是客户 {years} 岁生日（{name}）。", "Turns {years} on {day} ({name})."),
    "date_wedding": ("{day} 是客户结婚纪念日（{name}）。", "Wedding day on {day} ({name})."),
    "date_wedding_years": (
        "{day} 是客户结婚 {years} 周年（{name}）。",
        "{day} ({name}): married, in years: {years}.",
    ),
    "date_opening": (
        "{day} 是客户与本行结缘的日子（{name}）。",
        "{day} ({name}): the day it began with the bank.",
    ),
    "date_opening_years": (
        "{day} 是客户与本行结缘 {years} 周年（{name}）。",
        "{day} ({name}): with the bank, in years: {years}.",
    ),
    "date_founding": ("{day} 是企业成立纪念日（{name}）。", "{day} ({name}): the company was founded."),
    "date_founding_years": (
        "{day} 是企业成立 {years} 周年（{name}）。",
        "{day} ({name}): the company's age in years: {years}.",
    ),
    "date_other": ("{day}：{text}（{name}）。", "{day}: {text} ({name})."),
    "date_other_years": (
        "{day}：{text}，{years} 周年（{name}）。",
        "{day}: {text}, in years: {years} ({name}).",
    ),
    "festival": ("{day} {name}，按等级须问候。", "{name} is on {day}; this tier is greeted."),
    "promise": ("承诺“{text}”，{day} 到期。", "Promised “{text}” by {day}."),
    "promise_broken": (
        "承诺“{text}”已于 {day} 到期，尚未兑现。",
        "Promised “{text}” by {day}; not kept yet.",
    ),
    "contact_due": (
        "按等级每 {days} 天至少联系一次，上次联系 {day}。",
        "To be contacted every {days} days; last on {day}.",
    ),
    "contact_first": (
        "按等级每 {days} 天至少联系一次，管户以来尚未联系。",
        "To be contacted every {days} days; not yet since kept.",
    ),
    "visit_due": (
        "按等级每 {days} 天至少面访一次，上次面访 {day}。",
        "To be met every {days} days; last on {day}.",
    ),
    "visit_first": (
        "按等级每 {days} 天至少面访一次，管户以来尚未面访。",
        "To be met every {days} days; not yet since kept.",
    ),
    "sponsor_due": (
        "高层联络人每 {days} 天联系一次，上次联系 {day}。",
        "Executive sponsor, in touch every {days} days; last on {day}.",
    ),
    "sponsor_first": (
        "高层联络人每 {days} 天联系一次，指定以来尚未联系。",
        "Executive sponsor, in touch every {days} days; not yet since named.",
    ),
    "complaint": (
        "{day} 投诉：{place}，未办结 {open} 件，须回访。",
        "Complained on {day}: {place}; {open} open. Call back.",
    ),
    "complaint_settled": (
        "{day} 投诉：{place}，已办结，须回访满意度。",
        "Complained on {day}: {place}; settled. Ask whether it is well.",
    ),
    "profile": ("资料待补：{facts}。", "To be completed: {facts}."),
    "playbook": ("{name}，第 {on} 天：{do}。", "{name}, day {on}: {do}."),
    "campaign": ("营销活动“{name}”：{text}", "Campaign “{name}”: {text}"),
    "offer_maturing": (
        "推荐“{product}”：{amount} {day} 起到期，未约定转存。",
        "Suggested: {product}. {amount} matures from {day} on and does not roll over.",
    ),
    "offer_idle": (
        "推荐“{product}”：活期闲置 {amount}。",
        "Suggested: {product}. {amount} lie idle on demand.",
    ),
    "offer_alike": ("推荐“{product}”：同类客户多有办理。", "Suggested: {product}. Customers alike took one."),
    "segment": ("客群“{name}”名单客户。", "On the list of segment “{name}”."),
    "handover_tell": (
        "由{giver}移交，须致电告知客户新的管户人并约定首次面谈。",
        "Taken over from {giver}: call, say who keeps them now, agree on a first meeting.",
    ),
    "handover_visit": (
        "由{giver}移交，须与移交人联合拜访。",
        "Taken over from {giver}: visit together with them.",
    ),
    "handover_bring": (
        "已移交{taker}，须陪同联合拜访一次。",
        "Handed over to {taker}: go along to one visit.",
    ),
    "lead_known": (
        "同事提交的线索 {lead} 是您管户的客户，请联系了解需求。",
        "A colleague's lead {lead} is a customer you keep: ask what is needed.",
    ),
    "lead_feedback": (
        "线索 {lead} 已认领，须反馈有无金融资源及三类关键人。",
        "Lead {lead} is yours: say whether there are resources and who the three key persons are.",
    ),
    "lead_repair": (
        "线索 {lead} 反馈不完整，须补充。",
        "Feedback on lead {lead} lacks something: supply it.",
    ),
    "lead_convert": (
        "线索 {lead} 反馈完整，须制定公关作战图并进入转化。",
        "Feedback on lead {lead} is complete: draw the battle map.",
    ),
    "lead_step": ("公关作战图 {lead}：{what}（{whom}）。", "Battle map {lead}: {what} ({whom})."),
    "lead_plan": ("线索 {lead} 前 90 天计划：{name}。", "Lead {lead}, first 90 days: {name}."),
    "manual": ("{text}", "{text}"),
    "decision": ("例会决议：{text}", "Decided in the weekly meeting: {text}"),
    "dispute": (
        "{name}对一项考核指标提出申诉，待答复。",
        "{name} disputes a figure and waits for an answer.",
    ),
    "licence": (
        "{kind}将于 {day} 到期，到期后不得推介相关产品，请续办后报备登记。",
        "{kind} expires on {day}; after it these products may not be offered. Renew it and have it recorded.",
    ),
    "joint_visit": ("与{with}联合拜访客户。", "Visit a customer together with {with}."),
    "retention_case": (
        "挽留任务：涉及 {amount}，{day} 前办结。",
        "Retention case about {amount}, to end by {day}.",
    ),
    "retention_offer": (
        "{by} 申请挽留优惠，超出其权限，待审批。",
        "{by} asks for an offer above the own authority.",
    ),
    "counter_closing": (
        "客户在柜面要求销户（{amount}），{author} 受理，当日联系。",
        "Asked at the counter to close an account ({amount}); {author} served. Call today.",
    ),
    "counter_early_withdrawal": (
        "客户在柜面提前支取 {amount}，{author} 受理，当日联系。",
        "Withdrew {amount} early at the counter; {author} served. Call today.",
    ),
    "counter_large_cash": (
        "客户在柜面大额取现 {amount}，{author} 受理，当日联系。",
        "Drew {amount} in cash at the counter; {author} served. Call today.",
    ),
    "counter_interested": (
        "到店时对“{text}”感兴趣，{author} 转介，请跟进。",
        "At the counter interested in “{text}”; from {author}.",
    ),
    "visit_planned": ("{time} 上门拜访，地点：{place}。", "Visit at {time}, {place}."),
    "plan_step": ("维护方案：{text}", "Maintenance plan: {text}"),
    "planning_asked": ("{by} 请理财师共同规划：{text}", "{by} asks the planner to join: {text}"),
    "planning_step": ("理财规划约定的下一步：{text}", "Next step agreed in the planning: {text}"),
    "behaviour": (
        "{name} {times} 次（最近 {day}）。{say}",
        "{name}, times: {times} (last on {day}). {say}",
    ),
    "salon_invite": (
        "{day} 沙龙“{name}”，致电邀约并登记是否参加。",
        "Salon “{name}” on {day}: call, invite, note the answer.",
    ),
    "salon_seat": (
        "沙龙“{name}”（{day}）有空位，候补转为正式，请告知客户。",
        "Salon “{name}” on {day}: a seat became free; tell the customer.",
    ),
    "salon_off": (
        "沙龙“{name}”（{day}）取消，请告知已报名客户。",
        "Salon “{name}” on {day} is called off: tell who had signed up.",
    ),
    "salon_came": (
        "客户参加了 {day} 沙龙“{name}”，请回访感受与需求。",
        "Came to the salon “{name}” on {day}: ask how it was and what is needed.",
    ),
    "survey_low": (
        "{day} 答卷评分低（{score}），须当日起一个工作日内回访。",
        "Low score ({score}) in a survey on {day}: call within a working day.",
    ),
    "survey_low_branch": (
        "{day} 网点扫码匿名答卷评分低（{score}），请查看意见并改进。",
        "Low score ({score}) by the branch's code on {day}, nobody named: read it and act.",
    ),
    "care_gift": (
        "{author} 登记礼品“{text}” {amount}，超过单件限额，请审批。",
        "{author} asks to give “{text}”, {amount}: decide.",
    ),
    "care_news": ("{day} {what}。{say}", "{day}: {what}. {say}"),
    "care_leader": (
        "{author} 报告客户{what}（{day}），请以网点名义问候。",
        "{what} on {day}, told by {author}: greet for the bank.",
    ),
    "care_answer": (
        "总行已答复客户建议，请转告：{text}",
        "Head office has answered the customer's suggestion; tell them: {text}",
    ),
    "counter_referral": ("{author} 到店转介：{text}", "Referred at the counter by {author}: {text}"),
}
"""Add a room's sentences here."""

SAY: Mapping[str, tuple[Pair, ...]] = {
    "warning": (
        (
            "先问近况与用款安排，不急于推荐产品。",
            "Ask how things are and what the money is for; do not offer yet.",
        ),
        (
            "问清是否对服务、利率或渠道不满意，当场能办的当场办。",
            "Ask whether service, rate or channel disappoint; do at once what can be done.",
        ),
    ),
    "maturity": (
        ("提醒到期日与到期金额，问资金用途。", "Name the day and the amount, ask what the money is for."),
        (
            "无急用的，按风险等级介绍续存或承接产品。",
            "If it is not needed, speak of renewing or of what fits the risk grade.",
        ),
    ),
    "reminder": (
        (
            "说明只为账户提醒，不推销；不索要卡号、密码和验证码。",
            "Say it is about the account only, sell nothing; never ask for card numbers, passwords or codes.",
        ),
        (
            "卡片到期：带身份证到网点或在手机银行换卡，核对绑定的代扣与第三方支付。",
            "A card: it is renewed at the outlet with the identity card, or in the mobile bank; what is bound to it "
            "is to be checked.",
        ),
        (
            "余额不足：扣款日前存入或转入即可；还款有困难的，记下原因并转客户经理协商。",
            "A debit: pay in before the day; who cannot is heard and helped to an arrangement.",
        ),
    ),
    "birthday": (
        (
            "祝福为先，不谈销售；客户主动问起再约时间。",
            "Wish well and sell nothing; agree a time if the customer asks.",
        ),
    ),
    "anniversary": (
        (
            "祝贺为先，不谈销售；称呼和日子先核对一遍。",
            "Congratulate and sell nothing; check name and day first.",
        ),
    ),
    "festival": (
        ("节日问候为先，顺带告知假期营业安排。", "Greet first; say how the outlet opens over the holidays."),
    ),
    "promise": (
        (
            "先说承诺事项的结果；办不成的说明原因和新的时间。",
            "Say first what came of it; if nothing, why, and by when it will.",
        ),
    ),
    "visit": (
        ("问近期资金安排与家庭、经营变化。", "Ask about plans for money, and news of family or business."),
        ("回顾上次所谈事项，说明进展。", "Take up what was spoken of last time and say how it stands."),
    ),
    "campaign": (("说明活动内容与期限，不适合的不勉强。", "Say what it is and until when; do not press."),),
    "offer": (
        (
            "先问资金安排，再说产品；不合需要就不推荐。",
            "Ask about plans first, then the product; drop it if it does not fit.",
        ),
        ("说明风险等级、期限与费用，不承诺收益。", "Say its risk grade, term and costs; promise no return."),
    ),
    "complaint": (
        ("先致歉并听完，再说处理进度。", "Apologise and hear them out, then say where it stands."),
        (
            "未办结的给出明确答复时间，并记为承诺。",
            "If it is open, name a day for the answer and keep it as a promise.",
        ),
    ),
    "profile": (
        ("说明用途后补录，一次只问缺的这几项。", "Say what it is for; ask only for what is missing."),
    ),
}
"""What to say, by the task's origin (话术要点)."""

WHY_NOT: Mapping[str, Promise] = {
    "beyond": _("Beyond what fits into the day; comes up as rows above are done or tomorrow."),
    "snoozed": _("Put off"),
    "not_yet": _("Not due yet"),
}
ICONS: Mapping[str, str] = {
    "warning": "alert-triangle",
    "maturity": "calendar-due",
    "reminder": "bell",
    "birthday": "gift",
    "anniversary": "heart-handshake",
    "festival": "star",
    "promise": "heart-handshake",
    "visit": "map-pin",
    "playbook": "stairs-up",
    "campaign": "target-arrow",
    "offer": "pig-money",
    "complaint": "message-circle",
    "profile": "id-badge-2",
    "retention": "shield-check",
    "lead": "user-plus",
    "handover": "users",
    "planning": "chart-pie",
    "coaching": "user-check",
    "manual": "edit",
}


def sentence(reason: Mapping[str, Any], language: str) -> str:
    """A task's reason as one full sentence; a code nobody has put here is said as it is."""
    code = str(reason.get("code", ""))
    if code == "warning":
        return signal_sentence(_signal_facts(reason), language)
    if code not in REASONS:
        return code
    return pick(REASONS[code], language).format_map(
        _Told(_parameters(reason, language), pick(UNKNOWN, language))
    )


def talking_points(origin: str, language: str) -> list[str]:
    """What to say on a task of this origin."""
    return [pick(pair, language) for pair in SAY.get(origin, ())]


def own_words(reason: Mapping[str, Any], language: str) -> str:
    """What to say on this very task, where its opener wrote it down (a playbook's script); else nothing."""
    return str(reason.get("say_zh" if is_chinese(language) else "say_en") or "")


class _Told(dict[str, str]):
    """Parameters by name; one not given is said to be unknown."""

    def __init__(self, told: Mapping[str, str], unknown: str) -> None:
        super().__init__(told)
        self._unknown = unknown

    def __missing__(self, name: str) -> str:
        return self._unknown


def _parameters(reason: Mapping[str, Any], language: str) -> dict[str, str]:
    """Money, days and codes in the reader's words."""
    told: dict[str, str] = {}
    for name, value in reason.items():
        if value is None or name == "code":
            continue
        if name.endswith("_fen"):
            told[name[:-4]] = money_words(int(value), language)
        elif name.endswith("_on"):
            told[name[:-3]] = str(value)
        elif name == "facts":
            told[name] = _facts(value, language)
        else:
            told[name] = str(value)
    own = "_zh" if is_chinese(language) else "_en"
    return told | {name.removesuffix(own): text for name, text in told.items() if name.endswith(own)}


def _facts(codes: list[str], language: str) -> str:
    comma = "、" if is_chinese(language) else ", "
    return comma.join(pick(FACTS.get(code, (code, code)), language) for code in codes)


def _signal_facts(reason: Mapping[str, Any]) -> SignalFacts:
    day = reason.get("day")
    return SignalFacts(
        signal=str(reason.get("signal", "")), amount_fen=reason.get("amount_fen"), usual_fen=reason.get("usual_fen"),
        share=reason.get("share"), times=reason.get("times"), usual_times=reason.get("usual_times"),
        day=date.fromisoformat(day) if day else None, place=reason.get("place"), destination=reason.get("destination"),
    )  # fmt: skip
