# ruff: noqa: E501  # texts as they are sent, one line each
"""Useful information (资讯): pieces of the library, two sent as notices, one notice under way, one that waits, and what
managers passed on by WeCom."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.customers.models import Holding
from guanxi.crm.interactions.models import Contact
from guanxi.crm.messaging.models import (
    ChannelAccount,
    Handed,
    Message,
    Notice,
    Piece,
    Template,
    TemplateVersion,
    Volume,
)
from guanxi.crm.messaging.notices import content_hash as notice_hash
from guanxi.crm.messaging.wording import About, content_hash
from guanxi.crm.organisation.models import Post, Staff
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.contact import lexicon
from guanxi.pipeline.demo.past._message_texts import SIGN

USING = "pipeline"
HANDED, LASTS = 36, 40
FRAUD = "{name}您好，近期有人冒充银行客服，以“注销校园贷”“调整额度”为名诈骗。我行不会索要密码和验证码，也不会要求转账到“安全账户”。有疑问请到{branch}或联系客户经理{manager}。"
RATES = "尊敬的{name}，12月1日起我行定期存款挂牌利率有调整，已存入的定期按原利率执行至到期。各期限利率见网点公示与手机银行，详询{branch}。"
RECORD = "尊敬的{name}，为保障您的账户正常使用，请于12月15日前带身份证到{branch}更新即将到期的证件和联系方式，也可在手机银行办理。我行不会索要密码和验证码。"
HOURS = "尊敬的{name}，元旦假期{branch}1月1日休息，1月2日至3日9:00至16:00营业，手机银行与自助设备照常服务。"
MARKET = "{name}您好，近期债市波动，净值型理财的净值会随市场涨跌。持有期、风险等级与您的资金用途是否匹配，可约我一起看一看，{branch}{manager}。理财非存款，产品有风险，投资须谨慎。"
TEXTS = (
    (About("fraud-sms", "防冒充客服诈骗（短信）", "sms", "service", "notice", ""), SIGN + FRAUD),
    (About("fraud-wecom", "防冒充客服诈骗（企微）", "wecom", "service", "notice", ""), FRAUD),
    (About("rates-sms", "挂牌利率调整说明", "sms", "service", "notice", ""), SIGN + RATES),
    (About("record-sms", "证件到期更新提醒", "sms", "service", "notice", ""), SIGN + RECORD),
    (About("hours-sms", "元旦营业安排", "sms", "service", "notice", ""), SIGN + HOURS),
    (About("market-wecom", "净值波动怎么看（企微）", "wecom", "marketing", "greeting", "wealth"), MARKET),
)


def tell(*, today: date) -> int:
    """Up to the morning of `today`; rows written, 0 when told before or where no texts of messages were."""
    people = _people(today)
    account = ChannelAccount.objects.using(USING).filter(code="sms-service").first()
    if account is None or len(people) < 3 or Piece.objects.using(USING).exists():
        return 0
    author, checker, compliance = people
    versions = {about.code: _text(about, text, author, compliance, today) for about, text in TEXTS}
    fraud = _piece(
        "防范冒充客服诈骗",
        "safety",
        versions,
        ("fraud-sms", "fraud-wecom"),
        author,
        today,
        stages=["mature", "growing"],
    )
    rates = _piece(
        "存款挂牌利率调整说明", "deposits", versions, ("rates-sms",), author, today, families=["cd"]
    )
    high = [one.key for one in tier_names(today).choices() if one.scheme == "person"][:4]
    _piece("净值波动怎么看", "wealth", versions, ("market-wecom",), author, today, families=["wealth"])
    chance = random.Random("information")  # noqa: S311  # a made-up bank, the same each time
    sent = [
        _sent(_notice("防范冒充客服诈骗", versions["fraud-sms"], author, checker, today, -12, fraud, tiers=high), account, _of_tiers(high), chance),
        _sent(_notice("存款挂牌利率调整说明", versions["rates-sms"], author, checker, today, -5, rates), account, _holders("cd"), chance),
        _sent(_notice("证件到期更新提醒", versions["record-sms"], author, checker, today, 0, None, tiers=high), account, _of_tiers(high), chance, share=0.6),
    ]  # fmt: skip
    _notice(
        "年末网点营业安排",
        versions["hours-sms"],
        author,
        None,
        today,
        (_new_year(today) - today).days,
        None,
        tiers=high,
    )
    return len(versions) + sum(sent) + _handed(fraud, versions["fraud-wecom"], today)


def _people(today: date) -> list[Staff]:
    """Who writes, who approves notices, who approves texts: of the head office, by role."""
    found: dict[str, Staff] = {}
    posts = Post.objects.using(USING).filter(role__in=("analyst", "supervisor", "compliance"), valid_to=None)
    for post in posts.select_related("staff").order_by("-pk"):
        if post.valid_from <= today:
            found[post.role] = post.staff
    return [found[role] for role in ("analyst", "supervisor", "compliance") if role in found]


def _text(about: About, text: str, author: Staff, approver: Staff, today: date) -> TemplateVersion:
    at = _at(today - timedelta(days=20), 10)
    template = Template.objects.using(USING).create(**vars(about), made_by=author, made_at=at)
    told = {"zh": {"subject": "", "text": text}}
    return TemplateVersion.objects.using(USING).create(
        template=template, number=1, texts=told, content_hash=content_hash(template, told), state="approved",
        lexicon=lexicon.VERSION, written_by=author, written_at=at, decided_by=approver, decided_at=at + timedelta(hours=5),
    )  # fmt: skip


def _piece(
    title: str, topic: str, versions: dict[str, TemplateVersion], codes: Sequence[str], author: Staff, today: date,
    **aimed: list[str],
) -> Piece:  # fmt: skip
    templates = [versions[code].template for code in codes]
    piece = Piece.objects.using(USING).create(
        title=title, topic=topic, purpose=templates[0].purpose, valid_from=today - timedelta(days=15),
        valid_until=today + timedelta(days=75), written_by=author, written_at=_at(today - timedelta(days=15), 11), **aimed,
    )  # fmt: skip
    piece.templates.set(templates)
    return piece


def _notice(
    title: str, version: TemplateVersion, author: Staff, checker: Staff | None, today: date, ahead: int,
    piece: Piece | None, **aimed: list[str],
) -> Notice:  # fmt: skip
    """A notice from so many days ahead on; with `checker` approved the evening before it began."""
    begins = _at(today + timedelta(days=ahead), 8)
    whom = aimed or ({"stages": piece.stages, "families": piece.families} if piece else {})
    notice = Notice(
        title=title, piece=piece, version=version, planned_at=begins, expires_at=begins + timedelta(days=LASTS),
        written_by=author, written_at=min(begins, _at(today, 8)) - timedelta(hours=18), **whom,
    )  # fmt: skip
    if checker is not None:
        notice.state, notice.decided_by, notice.decided_at = "approved", checker, begins - timedelta(hours=15)
    notice.content_hash = notice_hash(notice)
    notice.save(using=USING, force_insert=True)
    return notice


def _new_year(today: date) -> date:
    """Four days before the next New Year: its notice still waits for approval."""
    return max(date(today.year, 12, 27), today + timedelta(days=1))


def _of_tiers(keys: Sequence[str]) -> list[PartyScore]:
    ranks = [key.rpartition(".") for key in keys]
    rows = PartyScore.objects.using(USING).filter(party__state="active", party__merged_into=None)
    found = [rows.filter(tier_scheme=scheme, tier_rank=int(rank)) for scheme, _dot, rank in ranks]
    return [score for some in found for score in some.order_by("party")]


def _holders(family: str) -> list[PartyScore]:
    held = (
        Holding.objects.using(USING)
        .filter(family=family, role__in=("holder", "joint"))
        .exclude(state="closed")
    )
    rows = PartyScore.objects.using(USING).filter(party__in=held.values("party"), party__merged_into=None)
    return list(rows.filter(party__state="active").order_by("party"))


def _sent(
    notice: Notice,
    account: ChannelAccount,
    scores: Sequence[PartyScore],
    chance: random.Random,
    share: float = 1,
) -> int:
    """Its messages: of the first `share` with what came of them, the others still planned; rows written."""
    done = int(len(scores) * share)
    rows = [
        _message(notice, account, score, place, place < done, chance) for place, score in enumerate(scores)
    ]
    Message.objects.using(USING).bulk_create(rows)
    Volume.objects.using(USING).create(
        origin="service", ref=notice.ref, channel="sms", planned=len(rows),
        submitted=sum(row.submitted_at is not None for row in rows),
    )  # fmt: skip
    notice.queued = len(rows)
    notice.save(using=USING, update_fields=["queued"])
    return len(rows) + 1


def _message(
    notice: Notice, account: ChannelAccount, score: PartyScore, place: int, done: bool, chance: random.Random
) -> Message:
    at = notice.planned_at + timedelta(seconds=place // 50)
    row = Message(
        uuid=uuid.uuid5(uuid.NAMESPACE_OID, f"{notice.ref}|{score.party_id}"), party_id=score.party_id,
        unit_id=score.unit_id, keeper_id=score.keeper_id, channel="sms", purpose="service",
        template_version=notice.version_id, origin="service", ref=notice.ref, fields={}, planned_at=notice.planned_at,
        ready_at=notice.planned_at, expires_at=notice.expires_at, state="planned", account=account if done else None,
    )  # fmt: skip
    if not done:
        return row
    row.state = chance.choices(["delivered", "failed", "accepted"], [93, 4, 3])[0]
    row.submitted_at, row.accepted_at = at, at + timedelta(seconds=1)
    row.vendor_id, row.parts, row.cost_fen = uuid.uuid5(row.uuid, "vendor").hex[:16], 2, 10
    if row.state != "accepted":
        row.ended_at, row.code = (
            at + timedelta(seconds=chance.randrange(4, 200)),
            "UNDELIV" if row.state == "failed" else "",
        )
    return row


def _handed(piece: Piece, version: TemplateVersion, today: date) -> int:
    """Managers passed the piece on by WeCom to some of their customers; each is a contact."""
    rows = PartyScore.objects.using(USING).filter(
        keeper__isnull=False,
        kind="person",
        stage__in=piece.stages,
        party__state="active",
        party__merged_into=None,
    )
    scores = list(rows.order_by("-aum_fen", "party")[:HANDED])
    names = dict(Staff.objects.using(USING).values_list("pk", "name"))
    contacts, handed = [], []
    for place, score in enumerate(scores):
        day = today - timedelta(days=1 + place % 9)
        copies = {"party_id": score.party_id, "unit_id": score.unit_id, "keeper_id": score.keeper_id}
        contacts.append(Contact(
            **copies, staff_id=score.keeper_id, author_name=names.get(score.keeper_id or 0, ""), channel="wecom",
            at=_at(day, 9 + place % 8), day=day, outcome="done", note=f"转发资讯：{piece.title}",
            client_key=uuid.uuid5(uuid.NAMESPACE_OID, f"handed|{score.party_id}"), logged_at=_at(day, 9 + place % 8),
        ))  # fmt: skip
        handed.append(Handed(**copies, piece=piece, version=version.pk, day=day))
    for row, contact in zip(handed, Contact.objects.using(USING).bulk_create(contacts), strict=True):
        row.contact = contact
    Handed.objects.using(USING).bulk_create(handed)
    return 2 * len(handed)


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
