"""The demo bank's impact assessments: one behind all that runs, one that ends soon, one that waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from guanxi.crm.assessments.activities import API, CAMPAIGN, MODEL
from guanxi.crm.assessments.models import Assessment, State
from guanxi.crm.assessments.rules import months_later, years_later
from guanxi.crm.assessments.services import content_hash
from guanxi.crm.organisation.models import Post, Staff

MONTHS, YEARS = 12, 3  # as the demo bank's policy says
APPROVED: tuple[Mapping[str, Any], ...] = (
    {
        "title": "营销触达（短信、邮件、企业微信、推送）", "risk": "medium", "ago": 200,
        "activities": sorted(f"{CAMPAIGN}.{one}" for one in ("sms", "email", "wecom", "push")),
        "data": ["assessment", "consent", "contact_point", "outreach"],
        "purpose": "向已同意接收的客户介绍与其持有产品相关的服务；不以同意营销作为办理业务的条件，只取名单所需字段。",
        "impact": "打扰客户；号码外泄会带来骚扰和诈骗风险；名单口径有误会使同类客户待遇不一。",
        "measures": "发送瞬间核对授权与次数上限，静默时段不发；号码加密保存；每次活动留对照组并复核口径。",
    },
    {
        "title": "客户经理名单（电话、面访、信函）", "risk": "low", "ago": 340,
        "activities": sorted(f"{CAMPAIGN}.{one}" for one in ("call", "letter", "people")),
        "data": ["assessment", "contact_point", "talk"],
        "purpose": "由管户经理联系其名下客户，提示到期与服务事项；名单只含管户范围内的客户。",
        "impact": "打扰客户；名单可能被抄走。",
        "measures": "拨号前显示剩余联系次数；导出带水印并记录用途；无人能看出谁在对照组。",
    },
    {
        "title": "流失预警模型", "risk": "medium", "ago": 120,
        "activities": sorted(f"{MODEL}.{one}" for one in ("asset_loss", "dormant", "exit", "tier_drop")),
        "data": ["account", "assets", "behaviour", "transaction"],
        "purpose": "提前发现资产流失，供客户经理决定是否联系；结果不用于定价，也不据此拒绝服务。",
        "impact": "评分有误会使部分客户少受关注；年龄与地区分组之间可能有差异。",
        "measures": "须跑赢单行规则才启用；按等级和年龄段逐月公布效果；客户可拒绝画像；可随时停用并回到规则。",
    },
    {
        "title": "下一需求模型", "risk": "medium", "ago": 120,
        "activities": [f"{MODEL}.need"],
        "data": ["account", "assets", "suitability"],
        "purpose": "在适当性允许的产品中排序，供客户经理参考。",
        "impact": "可能反复推荐同类产品。",
        "measures": "不适当的产品不进入候选；每位客户至多三项并附理由；一成以内随机探索。",
    },
    {
        "title": "开放接口", "risk": "medium", "ago": 60,
        "activities": [API],
        "data": ["assessment", "identity", "number"],
        "purpose": "供行内系统按令牌读取客户与评分，用途写明在令牌上。",
        "impact": "令牌外泄会使名单外流。",
        "measures": "令牌与人同权并有期限，批量读取须复核，每次读取留痕，泄露后可按令牌查出受影响客户。",
    },
)  # fmt: skip
WAITING: Mapping[str, Any] = {
    "title": "流失预警模型（年度复评）", "risk": "medium", "ago": 2,
    "activities": sorted(f"{MODEL}.{one}" for one in ("asset_loss", "dormant", "exit", "tier_drop")),
    "data": ["account", "assets", "behaviour", "transaction"],
    "purpose": "新增渠道行为特征，用途不变。",
    "impact": "行为数据更细，误用时更易识别个人。",
    "measures": "只用汇总次数，不用内容；保留期按渠道事件政策。",
}  # fmt: skip


def tell(*, today: date) -> int:
    """Assessments by the administrator, approved by compliance; rows written, 0 without them or when told before."""
    posts = Post.objects.using("pipeline").filter(
        role__in=("administrator", "compliance"), valid_to=None, valid_from__lte=today
    )
    people = {post.role: post.staff for post in posts.select_related("staff").order_by("-pk")}
    if len(people) < 2 or Assessment.objects.using("pipeline").exists():
        return 0
    for told in APPROVED:
        made = _written(told, people["administrator"], today)
        since = timezone.localtime(made.written_at).date()
        made.state, made.decided_by = State.APPROVED, people["compliance"]
        made.decided_at = made.written_at + timedelta(hours=5)
        made.valid_from, made.valid_until = since, months_later(since, MONTHS)
        made.kept_until = years_later(made.valid_until, YEARS)
        made.save(using="pipeline", force_insert=True)
    _written(WAITING, people["administrator"], today).save(using="pipeline", force_insert=True)
    return len(APPROVED) + 1


def _written(told: Mapping[str, Any], author: Staff, today: date) -> Assessment:
    day = today - timedelta(days=told["ago"])
    said = {name: value for name, value in told.items() if name != "ago"}
    made = Assessment(
        **said, written_by=author, written_at=timezone.make_aware(datetime.combine(day, time(10))),
        kept_until=years_later(day, YEARS),
    )  # fmt: skip
    made.content_hash = content_hash(made)
    return made
