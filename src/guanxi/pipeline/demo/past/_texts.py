"""What the demo bank's people wrote down, and how often they did which."""

from __future__ import annotations

import random
from collections.abc import Mapping

BY_MANAGER: Mapping[str, int] = {"call": 56, "wecom": 20, "branch": 14, "visit": 8, "letter": 1, "email": 1}
AT_COUNTER: Mapping[str, int] = {"branch": 60, "call": 30, "wecom": 10}
OUTCOMES: Mapping[str, int] = {
    "reached_interested": 18,
    "reached_later": 22,
    "reached_refused": 14,
    "met_interested": 26,
    "met_no_need": 18,
    "done": 16,
    "care": 18,
    "not_reached": 20,
    "not_met": 10,
    "wrong_number": 3,
}
FAMILIES: Mapping[str, int] = {"time": 46, "cd": 14, "wealth": 26, "fund": 4, "insurance": 6, "loan": 4}
_NOTES: Mapping[str, tuple[str, ...]] = {
    "reached_later": (
        "在外地进货，下周回来再联系",
        "正在开会，说下周再聊",
        "想和老伴商量一下再定",
        "等年底货款回来再考虑",
    ),
    "reached_refused": ("近期要用钱，暂不考虑", "已在他行买了理财，暂无资金", "表示暂时没有需要", ""),
    "met_no_need": ("来办转账，顺便问候，暂无需求", "拜访时正忙，留了名片和产品单页"),
    "done": (
        "已协助开通手机银行大额转账",
        "到期转存手续已办妥",
        "社保卡补换已办好",
        "已告知新利率并完成转存",
    ),
    "care": ("生日问候，客户很高兴", "降温提醒和节日问候", "电话回访服务情况，客户满意", ""),
    "not_reached": ("无人接听", "关机", "响铃未接，已发企业微信留言", ""),
    "not_met": ("店门未开，邻居说下午才来", "家中无人，留了便条"),
    "wrong_number": ("接电话的不是本人，号码需核实", "空号"),
}
_WANTED: Mapping[str, tuple[str, ...]] = {
    "time": (
        "定期快到期，想比较三年期利率",
        "想把活期里的一部分转成定期",
        "孩子明年上大学，想把学费单独存起来",
    ),
    "cd": ("听说大额存单还有额度，让先帮留意", "问三年期大额存单能不能按月付息"),
    "wealth": ("有一笔闲钱，问有没有短一点、稳一点的理财", "对一年期理财感兴趣，要书面方案"),
    "fund": ("问指数基金定投怎么做，已提示风险", "想了解债券基金近一年的波动"),
    "insurance": ("问年金险的领取方式", "想给家里补一份医疗险"),
    "loan": ("店里要备货，问经营贷的额度和利率", "问房子装修能不能办消费贷"),
}
_PROMISES: Mapping[str, tuple[str, ...]] = {
    "call_again": ("下周再联系", "忙完后回电", "月底前再问一次"),
    "invite": ("约到网点当面谈", "请来网点看产品方案", "约好来网点办理"),
    "send_offer": ("发送产品对比方案", "发收益测算表", "整理好方案当面讲"),
    "get_number": ("向家属核实新手机号",),
}


def note(outcome: str, family: str, chance: random.Random) -> str:
    """What was written down beside this outcome, and about the product family wanted."""
    return chance.choice(_WANTED.get(family) or _NOTES.get(outcome, ("",)))


def promise(step: str, label: str, chance: random.Random) -> str:
    """What the customer was told."""
    return chance.choice(_PROMISES.get(step, (label,)))
