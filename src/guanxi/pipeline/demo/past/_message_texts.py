# ruff: noqa: E501  # texts as they are sent, one line each
"""The demo bank's templates: what a rural bank writes, read by the linter as everybody else's."""

from __future__ import annotations

from guanxi.crm.messaging.wording import About

SIGN = "【江城农商银行】"
BANK_EN = "Jiangcheng Rural Commercial Bank"
TEMPLATES: tuple[tuple[About, dict[str, tuple[str, str]]], ...] = (
    (
        About("maturity-offer", "定期到期承接", "sms", "marketing", "maturity", "deposits"),
        {
            "zh": ("", SIGN + "尊敬的{name}，您的{product}{amount}将于{maturity_day}到期，可到{branch}或手机银行办理续存，客户经理{manager}为您服务。拒收请回复R"),
            "en": ("", SIGN + "Dear {name}, your {product} of {amount} matures on {maturity_day}. {manager} at {branch} will help you renew it. 拒收请回复R"),
        },
    ),
    (
        About("maturity-short", "定期到期承接（短）", "sms", "marketing", "maturity", "deposits"),
        {
            "zh": ("", SIGN + "{name}，您有{amount}定期将于{maturity_day}到期，续存事宜可到{branch}找{manager}办理。拒收请回复R"),
            "en": ("", SIGN + "{name}, {amount} of yours matures on {maturity_day}; {manager} at {branch} will help you renew it. 拒收请回复R"),
        },
    ),
    (
        About("cd-booking", "大额存单预约", "sms", "marketing", "offer", "deposits"),
        {
            "zh": ("", SIGN + "尊敬的{name}，年末大额存单开始预约，20万元起存，{day}前可到{branch}或手机银行登记，客户经理{manager}为您服务。拒收请回复R"),
            "en": ("", SIGN + "Dear {name}, year-end certificates of deposit can be booked until {day} at {branch} or in the mobile bank; ask {manager}. 拒收请回复R"),
        },
    ),
    (
        About("cd-booking-short", "大额存单预约（短）", "sms", "marketing", "offer", "deposits"),
        {
            "zh": ("", SIGN + "{name}，年末大额存单{day}前可预约，详询{branch}{manager}。拒收请回复R"),
            "en": ("", SIGN + "{name}, certificates of deposit can be booked until {day}; ask {manager}, {branch}. 拒收请回复R"),
        },
    ),
    (
        About("maturity-notice", "定期到期提醒（服务）", "sms", "service", "maturity", ""),
        {
            "zh": ("", SIGN + "尊敬的{name}，您的{product}{amount}将于{maturity_day}到期。如未约定转存，到期后按活期计息。详询{branch}。"),
            "en": ("", SIGN + "Dear {name}, your {product} of {amount} matures on {maturity_day}. Without a standing order it earns the demand rate afterwards. {branch}."),
        },
    ),
    (
        About("card-notice", "卡片到期提醒（服务）", "sms", "service", "notice", ""),
        {
            "zh": ("", SIGN + "尊敬的{name}，您的{product}卡片将于{day}到期，请带身份证到{branch}换卡。我行不会索要密码和验证码，详询{phone}。"),
            "en": ("", SIGN + "Dear {name}, the card of your {product} expires on {day}. Please renew it at {branch} with your identity card; we never ask for passwords. {phone}"),
        },
    ),
    (
        About("debit-notice", "扣款余额不足提醒（服务）", "sms", "service", "notice", ""),
        {
            "zh": ("", SIGN + "尊敬的{name}，您的{product}将于{day}扣款{amount}，目前扣款账户余额不足，请于扣款日前存入。如有疑问请到{branch}或致电{phone}。"),
            "en": ("", SIGN + "Dear {name}, {amount} will be debited for your {product} on {day} and the paying account does not cover it yet. Please pay in before. {branch}, {phone}"),
        },
    ),
    (
        About("salon-invitation", "理财沙龙邀请", "sms", "marketing", "event", "events", True),
        {
            "zh": ("", SIGN + "尊敬的{name}，诚邀您参加{event_day}{event_time}在{place}举办的{event}，席位有限，报名：{link} 或联系客户经理{manager}。理财非存款，产品有风险，投资须谨慎。拒收请回复R"),
            "en": ("", SIGN + "Dear {name}, you are invited to {event} on {event_day} at {event_time}, {place}. Sign up: {link} or with {manager}. 拒收请回复R"),
        },
    ),
    (
        About("birthday", "生日祝福", "sms", "marketing", "greeting", "greetings"),
        {
            "zh": ("", SIGN + "尊敬的{name}，生日快乐！愿您平安喜乐、万事顺意。{branch}客户经理{manager}敬贺。拒收请回复R"),
            "en": ("", SIGN + "Happy birthday, {name}! With best wishes from {manager}, {branch}. 拒收请回复R"),
        },
    ),
    (
        About("waking", "睡眠户唤醒", "sms", "marketing", "waking", "deposits"),
        {
            "zh": ("", SIGN + "尊敬的{name}，好久不见。您的账户已有一段时间未使用，{day}前到{branch}或登录手机银行可核对账户、更新资料，有疑问请联系我们。拒收请回复R"),
            "en": ("", SIGN + "Dear {name}, it has been a while. Before {day} you can check your account at {branch} or in the mobile bank. 拒收请回复R"),
        },
    ),
    (
        About("wealth-letter", "理财月报（邮件）", "email", "marketing", "offer", "wealth", True),
        {
            "zh": ("广告 · 江城农商银行本月理财资讯", "尊敬的{name}：\n\n{product}（风险等级{grade}，业绩比较基准{rate}，不代表未来表现和实际收益）正在发售。理财非存款，产品有风险，投资须谨慎。请先完成风险测评，产品等级不得高于您的风险承受能力。\n\n江城农商银行 {branch}\n不想再收到此类邮件：{preferences}"),
            "en": ("AD · Wealth products this month", "Dear {name},\n\n{product} (grade {grade}, benchmark {rate}, which says nothing about actual results) is on sale. Wealth products are not deposits and carry risk.\n\n江城农商银行 " + BANK_EN + ", {branch}\nNo more of these: {preferences}"),
        },
    ),
    (
        About("survey", "服务满意度调查", "sms", "service", "survey", ""),
        {
            "zh": ("", SIGN + "尊敬的{name}，感谢您{day}办理{matter}。请用一分钟评价我们的服务：{link}"),
            "en": ("", SIGN + "Dear {name}, thank you for your visit on {day} ({matter}). One minute to tell us how it was: {link}"),
        },
    ),
)  # fmt: skip
REPLIES = (
    "TD", "R", "退订", "T", "请问三年期现在利率多少？", "不要再发了，谢谢", "到期我自己来柜台办", "可以带家人一起参加吗？",
    "收到，谢谢", "退訂", "明天上午有人在吗", "你们科技园支行周六开门吗",
)  # fmt: skip
ANSWERS = (
    "好的，我来柜台登记", "三年期利率多少？", "退订", "可以，周一上午过来", "让客户经理给我打个电话", "TD", "暂时不需要，谢谢",
    "可以提前支取吗？", "R", "知道了", "手机上能直接预约吗", "下周出差，回来再办",
)  # fmt: skip
EVENT = {
    "event": "家庭资产配置沙龙", "place": "中心支行二楼", "event_time": "14:30",
    "link": "https://b.example.cn/s/1z.2k.Xb7Qm0Kd3vTn9wLp",
}  # fmt: skip
