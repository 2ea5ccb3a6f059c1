"""The demo bank's register of processors: a contract behind each channel, one that ends soon, one that waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from guanxi.crm.organisation.models import Post, Staff
from guanxi.crm.processors.models import Processor, Supervision
from guanxi.crm.processors.services import content_hash

ENTRIES: tuple[Mapping[str, Any], ...] = (
    {
        "vendor": "江城云信通信有限公司", "connectors": ["sms-marketing", "sms-service"], "purpose": "短信下发与回执",
        "fields": ["content", "mobile", "name"], "contract_no": "JC-2024-017", "ends": 410,
    },
    {
        "vendor": "江城农商银行信息科技部", "is_own": True, "connectors": ["email"], "purpose": "行内邮件系统发送通知",
        "fields": ["content", "email", "name"], "contract_no": "", "ends": None,
    },
    {
        "vendor": "企联协同软件有限公司", "connectors": ["wecom"], "purpose": "企业微信客户群发",
        "fields": ["content", "wecom"], "contract_no": "JC-2023-088", "ends": 38,
    },
    {
        "vendor": "掌讯推送技术有限公司", "connectors": ["push"], "purpose": "手机银行消息推送",
        "fields": ["content", "device"], "contract_no": "JC-2025-006", "ends": 690,
    },
)  # fmt: skip
WAITING: Mapping[str, Any] = {
    "vendor": "江城印务有限公司", "connectors": ["letter"], "purpose": "对账信函打印与寄送",
    "fields": ["address", "content", "name"], "contract_no": "JC-2026-031", "ends": 700,
}  # fmt: skip
FOUND = "抽查接口日志与删除记录，未见超范围使用；子账号已按约定停用。"


def tell(*, today: date) -> int:
    """Entries by the administrator, approved by compliance; rows written, 0 without them or when it was told before."""
    posts = Post.objects.using("pipeline").filter(
        role__in=("administrator", "compliance"), valid_to=None, valid_from__lte=today
    )
    people = {post.role: post.staff for post in posts.select_related("staff").order_by("-pk")}
    if len(people) < 2 or Processor.objects.using("pipeline").filter(state="approved").exists():
        return 0
    author, approver = people["administrator"], people["compliance"]
    for told in ENTRIES:
        made = _entry(told, author, today - timedelta(days=420), today)
        made.state, made.decided_by, made.decided_at = (
            "approved",
            approver,
            made.written_at + timedelta(hours=4),
        )
        made.save(using="pipeline", force_insert=True)
        if not made.is_own:
            at = today - timedelta(days=190 if made.connectors != ["push"] else 400)
            Supervision.objects.using("pipeline").create(
                processor=made, on=at, by=author, finding=FOUND, at=_at(at)
            )
    waiting = _entry(WAITING, author, today - timedelta(days=1), today)
    waiting.save(using="pipeline", force_insert=True)
    return len(ENTRIES) * 2


def _entry(told: Mapping[str, Any], author: Staff, since: date, today: date) -> Processor:
    said = {name: value for name, value in told.items() if name != "ends"}
    until = None if told["ends"] is None else today + timedelta(days=told["ends"])
    made = Processor(
        **said, country="CN", contract_from=since, contract_until=until, supervisor=author, written_by=author,
        written_at=_at(since),
    )  # fmt: skip
    made.content_hash = content_hash(made)
    return made


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10)))
