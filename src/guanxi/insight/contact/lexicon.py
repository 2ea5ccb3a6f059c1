# ruff: noqa: E501  # one word list a class: broken lines would hide where a class ends
"""Words that may not stand in what a bank sends (禁用词库), by class, each with why and what to say instead.

Sources: 银发〔2019〕316 号 (no guarantees, no misleading), 金融产品网络营销管理办法 (低风险、低门槛、秒到账、高收益 and
the like), 资管新规 (no expected yield), 广告法 9 (absolute words). The list carries its version: an approval says with
which one a text was read. It is a floor: a person still reads what is approved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from guanxi.insight.contact.letters import bare

VERSION = "2026.11"


@dataclass(frozen=True)
class BannedClass:
    """Words of one kind; `words` are patterns over letters without spaces and punctuation."""

    code: str
    label_zh: str
    label_en: str
    why_zh: str
    why_en: str
    words: tuple[str, ...]


CLASSES = (
    BannedClass(
        "guarantee", "承诺保本保收益", "Guarantees",
        "不得承诺或暗示保本、保收益；应提示“理财非存款，产品有风险，投资须谨慎”。",
        "Nothing may promise principal or yield; say that the product carries risk.",
        ("保本", "保息", "保收益", "保底", "兜底", "刚性兑付", "刚兑", "稳赚", "包赚", "只赚不", "赚定", "稳赢", "必赚", "躺赚", "躺赢",
         "(?:零|0|无|没有|没|毫无|不存在|不担)(?:任何|一点|丝毫)?风险", "旱涝保收", "本金(?:无忧|安全|绝对|不受损|零损失|不会亏|有保障|万无一失)",
         "(?:保证|承诺|确保|担保)(?:您|你|客户)?的?(?:本金|收益|回报|盈利|获利|不亏|赚|年化)", "绝对(?:安全|稳健|保障|可靠)", "(?:不会|不可能|永不|从不|绝不)亏",
         "亏了?(?:我们|本行|银行|算我)(?:赔|补|的)?", "万无一失", "收益(?:有保障|无忧|确定)", "闭眼(?:买|入)", "百分百(?:安全|兑付|收益)",
         "100(?:安全|兑付|保障)", "guaranteed(?:return|yield|profit|income|principal)?", "riskfree", "norisk", "zerorisk",
         "capitalprotected", "principalprotected", "cannotlose", "neverlose"),
    ),
    BannedClass(
        "expected_yield", "预期收益率", "Expected yield",
        "理财产品不得宣传预期收益；净值型产品可展示业绩比较基准并说明其含义。",
        "Wealth products may not be advertised with an expected yield; a benchmark may be shown and explained.",
        ("预(?:期|计|估|测)(?:的)?(?:最高|年化|到期|可达|平均)*(?:收益|回报|利率|收入|盈利|年化)", "年化(?:收益)?(?:率)?(?:高达|可达|最高|超过|突破|稳达|不低于|起步|保持)",
         "收益(?:率)?(?:高达|可达|稳达|不低于|最高可达|轻松破|破\\d)", "预期\\d", "expected(?:return|yield)", "upto\\d+(?:percent|yield|return)"),
    ),
    BannedClass(
        "high_yield", "夸大收益", "Overstated yield",
        "不得使用“高收益”等夸大收益的表述。",
        "A yield may not be praised as high.",
        ("高收益", "高回报", "高利息", "高息(?:揽|存|理财|产品|专享)?", "超高(?:收益|利率|息)", "收益(?:翻番|翻倍|惊人|爆表|超高|飙升|领先同业|秒杀|碾压|远超)",
         "暴利", "暴富", "一夜(?:暴富|致富)", "轻松(?:赚|致富|月入|年入)", "财富自由", "快速致富", "钱生钱不停", "利率(?:全城|全市|同业)?最高", "跑赢(?:一切|所有|通胀)",
         "highreturn", "highyield", "bestrate", "getrich", "doubleyourmoney"),
    ),
    BannedClass(
        "low_risk", "淡化风险", "Played-down risk",
        "不得使用“低风险”等淡化风险的表述，应写明产品风险等级（如 R2）。",
        "Risk may not be played down; state the product's grade.",
        ("低风险", "风险(?:极|很|超|较|非常|更|特别|几乎)?(?:低|小|可忽略|为零|忽略不计)", "微风险", "几乎(?:没有|无)风险", "风险可控无忧", "安全(?:系数)?(?:极高|最高|无虞|零顾虑)",
         "像存款一样安全", "(?:等同|等于|相当于|媲美|如同|堪比|替代)(?:定期)?存款", "lowrisk", "minimalrisk", "safeasadeposit", "assafeas"),
    ),
    BannedClass(
        "easy_credit", "诱导借贷", "Lures into credit",
        "不得使用“低门槛”“秒到账”等诱导借贷的表述，应写明年化利率与还款责任。",
        "Credit may not be made to look effortless; state the yearly rate and the duty to repay.",
        ("低门槛", "零门槛", "0门槛", "无门槛", "(?:没有|没|不设)门槛", "秒(?:到账|到|批|放|过|下款|贷|借|审|拿钱)", "闪(?:到账|批|放|贷到)", "极速(?:放款|到账|下款)",
         "(?:立即|马上|当天|当场|即刻|1分钟|一分钟|三分钟|3分钟|五分钟|5分钟)(?:就)?(?:放款|到账|下款|拿钱|批款)", "(?:免|不看|不查|无需|不用|不要)(?:查)?(?:征信|审核|审批|资质|收入证明|抵押担保)",
         "黑户(?:也|可|能)?", "人人(?:可贷|能贷|有额度|可借)", "(?:百分百|100|必)(?:通过|批|下款|过审)", "有(?:身份证|手机)(?:就|即)(?:能|可)?(?:贷|借)", "想借就借", "随(?:便|意)借",
         "借钱(?:不求人|无压力|消费)", "(?:零|0|无|免)利息", "贷款(?:炒股|买房首付|理财|旅游|整容)", "以贷养贷", "instantapproval", "instantcash", "nocreditcheck", "easyloan",
         "guaranteedapproval"),
    ),
    BannedClass(
        "absolute", "绝对化用语", "Absolute words",
        "广告法禁止“最佳”“第一”等绝对化用语，应给出可核实的事实。",
        "Superlatives are forbidden in advertising; state a fact that can be checked.",
        ("最佳(?:理财|选择|产品|银行|投资|收益)", "最(?:安全|优惠|赚钱|划算|靠谱|稳健|可靠|牛|强|值得|受欢迎|专业|便宜|低价)", "(?:全国|全市|全省|本市|行业|同业|全网|业内|国内)(?:第一|唯一|最低|最高|最好|首选|领先第一)",
         "第一(?:品牌|银行|选择|名)", "国家级", "世界级", "顶级", "极品", "独一无二", "史无前例", "前所未有", "绝无仅有", "万能", "no1bank", "thebestbank", "bestintheworld", "numberone"),
    ),
    BannedClass(
        "backing", "冒用国家或监管信用", "Borrowed authority",
        "不得以国家机关、监管机构名义为产品增信。",
        "Authorities may not be named as backing a product.",
        ("(?:国家|政府|财政|央行|人民银行|银保监|银监会|金融监管|监管(?:部门|机构|总局)?|国务院|证监会|党委)(?:部门|机构|总局|会|局)?(?:背书|担保|兜底|推荐|认可|认证|支持产品|指定|保证|信用|保障收益|兑付|全额)",
         "(?:国家|央行|监管)(?:都|也)?(?:说好|力推|力荐)", "红头文件(?:支持|推荐)", "存款保险(?:保障|覆盖|承保)(?:理财|基金|收益)", "(?:理财|基金|保险)(?:也)?受存款保险", "backedbythe(?:state|government)",
         "approvedbythecentralbank", "governmentguaranteed"),
    ),
    BannedClass(
        "inducement", "不当诱导", "Undue pressure",
        "不得以饥饿营销、返现送礼揽储、捆绑搭售等方式诱导。",
        "No pressure, no gifts for deposits, no tying.",
        ("存款(?:(?:就|即|满额?|立)?(?:送|返|赠)|有礼|抽奖)", "(?:开户|存入|存|转入|买理财|购买理财|购理财)[^不]{0,8}(?:即|就|可|立|再)?(?:送|返现|返|赠)(?:现金|红包|大礼|好礼|豪礼|米|油|金条|手机|话费|家电|\\d)",
         "(?:贴息|返现|返点|补息)(?:揽储|存款|给您|送)?", "手慢无", "错过(?:等|不再|后悔|再等|没有)", "(?:最后|仅剩|只剩)(?:\\d+|一|两|三)(?:天|小时|个名额|席|份|万额度|名|分钟)", "(?:限时|限量)(?:抢|秒杀|疯抢|限额抢购)", "秒杀",
         "抢到(?:就是)?赚到", "不买(?:后悔|亏)", "稍纵即逝", "(?:必须|须|要|需)(?:先)?购买[^,]{0,6}(?:才能|方可)(?:贷款|放款|办)", "贷款(?:须|必须|要|需)(?:先)?(?:买|购)(?:保险|理财|基金)", "跟着(?:经理|我)买",
         "内部(?:消息|渠道|额度)", "lastchance", "hurryup", "dontmissout", "freegift(?:with|for)"),
    ),
    BannedClass(
        "secrets", "索取密码验证码", "Asks for secrets",
        "银行不会索取密码、验证码或要求转账到“安全账户”。",
        "A bank never asks for passwords or codes, nor for a transfer to a safe account.",
        ("(?:提供|告知|回复|发送|输入|填写|报|告诉)(?:我们|客服|您的|你的|下|收到的|短信)*(?:银行卡|登录|交易|取款|支付|手机银行)?(?:密码|验证码|动态码|cvv|口令)", "安全账户", "(?:replywith|sendus|enter|provide)your(?:password|pin|code|otp)",
         "账户(?:即将|已|将)?(?:异常|冻结|失效|注销)[^,]{0,10}(?:点击|登录|链接)", "积分(?:即将)?清零[^,]{0,8}(?:点击|链接|兑换现金)"),
    ),
)  # fmt: skip

# What says the opposite, or warns: it is taken out before reading. The words end where the sentence does.
_DENIED = re.compile(
    "(?:不|非|并不|并非|不是|不得|无法|不能|不会|不予|没有|未|从不|绝不)(?:承诺|保证|确保|提供|等于|等同于?|意味着|代表|构成|属于|视为|作为|作出|做出)*(?:任何|对)*(?:的)?"
    "(?:保本(?:保息|保收益)?(?:[和或及与]保证收益)?|保证(?:本金|收益|最低收益)(?:和收益|及收益|不受损失)?|保收益|刚性兑付|(?:未来|实际)?(?:收益|表现)?(?:的)?(?:保证|承诺|担保)|预期收益|存款|"
    "(?:没有|无)风险|无风险|零风险|本金(?:和|与|及)?收益)"
    "|(?:谨防|警惕|远离|识破|拒绝|抵制|不轻信|勿信|切勿相信|不要相信|不信|莫信|小心|当心|防范|认清|看清|揭穿)[^。!?]{0,40}?(?:骗局|陷阱|诈骗|宣传|话术|诱惑|诱导|承诺|噱头|广告|套路|谎言|圈套|黑中介|贷款|信息|行为|产品)"
    "|(?:请勿|切勿|勿|不要|不|不会|不得|绝不|从不|从未|不应|别|莫)(?:向|要求|将|把|对|通过|以|在)?[^。!?,]{0,16}?(?:提供|告知|透露|泄露|回复|发送|输入|填写|索取|索要|告诉|转发)[^。!?,]{0,12}?(?:密码|验证码|动态码|口令)"
    "|(?:安全账户|刷流水|解冻费|保证金)[^。!?]{0,6}(?:是|都是|均为|属于)(?:诈骗|骗局)|不(?:是|存在)?(?:所谓|什么)?安全账户|(?:不会|不得|绝不|从不)[^。]{0,10}(?:要求|让|请)[^。]{0,14}安全账户"
    "|(?:宣称|声称|自称|号称|鼓吹|凡是|凡|遇到|看到|听到)[^。!?]{0,30}?(?:的)?(?:都是|均为|均是|多为|请|应|一律|务必|要)(?:警惕|诈骗|骗局|举报|拒绝|报警|谨慎|远离|提防|核实|当心)"
    "|no(?:guaranteeof|tguaranteed)|notguarantee[ds]?|isnotguaranteed|donotsharey?our(?:password|pin|code)|neverask(?:s)?foryour(?:password|pin|code|otp)"
)
_ENDS = re.compile("[。!?;\n]")


@dataclass(frozen=True)
class Hit:
    """A banned word found: its class and the letters as they stand in the folded text."""

    banned: BannedClass
    word: str


def banned_in(text: str) -> list[Hit]:
    """Each banned word of a text once, in the order of the classes; denials and warnings do not count."""
    letters = _DENIED.sub("|", _letters(text))
    found: dict[tuple[str, str], Hit] = {}
    for one, pattern in _patterns():
        for match in pattern.finditer(letters):
            found.setdefault((one.code, match.group()), Hit(one, match.group()))
    return list(found.values())


def _letters(text: str) -> str:
    """Letters and digits sentence by sentence: a gap within a word hides nothing, one between sentences divides."""
    marked = (
        text.replace("。", "\n").replace("!", "\n").replace("!", "\n").replace("?", "\n").replace("?", "\n")
    )
    return "。".join(bare(sentence) for sentence in _ENDS.split(marked))


@cache
def _patterns() -> tuple[tuple[BannedClass, re.Pattern[str]], ...]:
    return tuple((one, re.compile("|".join(one.words))) for one in CLASSES)


def classes() -> Iterator[BannedClass]:
    """Every class of the list."""
    yield from CLASSES
