"""What a customer's reply asks for (退订识别): to stop, or nothing that a program may decide.

A word of refusal must never be missed and ordinary talk must never silence a customer who wants to hear: short codes
count only alone or with courtesies around them, words of refusal anywhere in a short text, unless what they refuse is
something else (an order, a deposit, a refund) or they are a question about it.
"""

from __future__ import annotations

import re

from guanxi.insight.contact.letters import bare, plain

STOP, TALK = "stop", "talk"
LONGEST = 60
"""Letters of a reply in which a word of refusal counts: longer ones tell a story and are read by a person."""

_CODES = (
    "r|t|td|n|no|qx|jd|tuiding|quxiao|jushou|stop|stopall|end|quit|cancel|remove|optout|unsub|unsubscribe"
    "|unsubscribeall"
)
_POLITE = (
    "请|麻烦|谢谢|多谢|谢|了|吧|啊|哦|呀|好的|您好|你好|回复|发送|回|我要|我想|我|本人|要|给我|帮我|立即"
    "|马上|全部|所有|短信|拜托"
)
_CODE = re.compile(f"(?:{_POLITE})*(?:(?:{_CODES})(?:{_POLITE})*)+")
_ASKS = re.compile(
    "退订|退定短信|退阅|取消订阅|取消短信|取消推送|取消接收|取消营销|取消通知|拒收|拒绝接收|拒绝短信|拒绝营销|拒绝推送|拒绝广告|拒接短信"
    "|停止(?:发送|推送|发|短信|接收|营销|广告|骚扰|订阅|通知)|停发|停止吧|关闭(?:短信|推送|通知|提醒|营销)|屏蔽(?:你|了|短信|掉)"
    "|(?:不要|别|勿|请勿|不用|莫|甭|不许|不准|禁止|停止|少|不必|不需要)(?:再|老|总|老是|总是|给我|向我|往我|跟我|一直|天天|乱|随便|继续)*"
    "(?:发|推送|打扰|骚扰|群发|寄|推销|推荐|来信)"
    "|(?:不想|不愿|不愿意|不希望|不要|不接受|不需要|无需|不用|不同意|谢绝|拒绝)(?:再|继续|看到|收到|接收|接受|收|你们的|贵行|任何|这种|这类|此类|的|"
    "该|这些|您|你|银行)*(?:短信|信息|广告|推广|营销|消息|推送|邮件|通知|骚扰|推销|提醒|订阅|收到|接收)"
    "|(?:短信|信息|广告|推广|消息|邮件|推送)(?:不要|别|勿)(?:再)?(?:发|来)|骚扰短信|垃圾短信|别烦|不要烦|别来烦|不要再来|别再来"
    "|从(?:名单|列表)(?:中|里)?(?:删除|移除|去掉)|把我(?:删|移除|移出|拉黑)|删除我的(?:号码|手机号|电话|联系方式)|移出名单|加入黑名单"
    "|donotsend|dontsend|donotcontact|dontcontact|stopsending|stopmessaging|stoptexting|stopemail|nomore(?:messages|sms|texts|emails)"
    "|removeme|takemeoff|unsubscribe|optout|donottext|donttext|donotemail|leavemealone"
)
_ELSEWHERE = re.compile(
    "(?:酒店|机票|车票|门票|房间|会员|课程|保险|基金|产品|理财|订单)退订|退订(?:单|金|货|票|房|酒店|机票|车票|理财|产品|存款|服务费|会员费|业务)"
    "|(?:不要|别|没有|没|不想|不会|不是要|误|错误|点错)退订|(?:误|点错|按错|发错).{0,6}(?:退订|td)|(?:恢复|重新|撤销|取消).{0,4}(?:退订|拒收)"
    "|(?:取消|撤销)退订|(?:不用|不要|别)(?:再)?发(?:票|快递|货|现金|卡)|别(?:老)?发愁|发(?:烧|财|工资|货|票|现)了?没"
    "|(?:不要|别)(?:再)?(?:打扰|推荐)(?:别人|他|她|我爸|我妈|朋友)(?:了)?可以"
)
_QUESTION = re.compile(
    "是(?:什么|啥|不是)|什么意思|啥意思|为什么(?:要)?(?:退订|拒收)|会(?:不会)?影响|有影响吗|whatis|whatdoes"
)


_QUOTED = re.compile(
    r"(?m)^\s*>.*$|^-{2,}\s*(?:original|原始邮件)(?s:.*)|^on .{4,80}wrote:(?s:.*)|^发件人[::](?s:.*)",
    re.IGNORECASE,
)


def asks(text: str) -> str:
    """STOP or TALK. Width, case, spaces, punctuation, traditional letters and unseen signs make no difference.

    What a mail program quotes of our own message is none of the customer's words.
    """
    text = _QUOTED.sub("", text)
    letters = bare(text)
    if not letters:
        return TALK
    if _CODE.fullmatch(letters):
        return STOP
    if len(letters) > LONGEST or _QUESTION.search(letters):
        return TALK
    rest = _ELSEWHERE.sub("", letters)
    if _ASKS.search(rest):
        return STOP
    return STOP if _coded(text) else TALK


def _coded(text: str) -> bool:
    """A code standing alone at the begin of a reply, before whatever else was said ("TD, 打扰了")."""
    first = re.split(r"[\s,.;:!?,。;:!?、~…\-]+", plain(text).strip(), maxsplit=1)
    return (
        len(first) > 1
        and re.fullmatch("td|tuiding|unsubscribe|stop", first[0]) is not None
        and len(text) <= LONGEST
    )
