"""Whom the demo bank's people hand in as leads, and what they find out about them."""

WHO = (
    ("person", "沈玉兰", "trade", "在观前街开丝绸店，常有货款进出，想找家近的银行", 40),
    ("company", "苏州恒润精密机械有限公司", "manufacture", "新厂房六月投产，工资在他行代发，约 120 人", 300),
    ("person", "陆建平", "catering", "面馆老板，准备开第二家店，问装修贷款", 30),
    ("company", "平江区惠民副食批发部", "trade", "每天现金多，想上门收款", 80),
    ("person", "顾海燕", "", "朋友推荐，他行大额存单下月到期", 50),
    ("company", "吴门建筑装饰工程有限公司", "building", "中标学校修缮项目，需要保函", 200),
    ("person", "钱大伟", "logistics", "有六辆货车，想换车", 60),
    ("company", "柳溪镇绿源蔬果专业合作社", "farming", "社员 85 户，收购季要周转", 150),
    ("person", "许雯", "", "拆迁款月底到账，尚未定存哪里", 120),
    ("company", "苏州锦程物流有限公司", "logistics", "司机工资想代发，用油卡", 160),
    ("person", "俞志强", "farming", "承包鱼塘 40 亩，秋后要买鱼苗", 20),
    ("company", "双塔社区卫生服务中心", "public", "预算单位账户年底重新比选", 260),
    ("person", "唐晓蕾", "trade", "做电商，流水大，还没有收单商户", 35),
    ("company", "苏州晨光电子科技有限公司", "manufacture", "高新企业，缺流动资金，主要结算在他行", 500),
    ("person", "朱明华", "", "儿子结婚要买房，问按揭", 90),
    ("company", "县城东门农贸市场管理有限公司", "trade", "摊位 230 个，想统一聚合收款", 180),
    ("person", "范秀英", "", "退休教师，他行理财到期想换一家", 45),
    ("company", "姑苏家宴餐饮管理有限公司", "catering", "四家门店，想统一归集", 70),
)
RESOURCES = (
    "代发工资、对公结算，他行流贷明年一季度到期",
    "个人存款约五十万，店铺收单",
    "日均流水较大，有保函与票据需求",
)
PERSONS = (
    ("总经理 张先生", "同学 周老师", "财务主管 刘女士"),
    ("老板娘 陈女士", "隔壁茶店 吴老板", "收银 小杨"),
    ("理事长 徐先生", "镇农技站 钱站长", "会计 孙女士"),
)
STEPS = ("上门拜访，了解结算与代发安排", "提交综合服务方案", "演示企业网银并预约开户")
DEALS = (
    ("流动资金贷款", "loan", 300, "found"),
    ("工资代发与结算户", "demand", 120, "proposal"),
    ("三年期大额存单", "cd", 80, "terms"),
    ("稳健理财", "wealth", 50, "found"),
    ("厂房按揭", "loan", 450, "signing"),
    ("单位定期存款", "time", 200, "proposal"),
)
ENDED = (("综合授信", "loan", 260, "won", "service"), ("聚合收单", "demand", 30, "lost", "price"))
SURNAMES = "邵汪戴严华冯邱秦江翁卫薛"


def renamed(kind: str, name: str, turn: int) -> str:
    """The same story of somebody else: in its second turn a person has another surname, a firm another name."""
    if not turn:
        return name
    if kind == "person":
        return f"{SURNAMES[(ord(name[1]) + turn) % len(SURNAMES)]}{name[1:]}"
    return f"江城{name.removeprefix('苏州')}" if name.startswith("苏州") else f"新{name}"
